"""What the tasks ask of a data set and of a recording, and that every one of them can be learnt."""

import typing

import fake_results
import numpy as np
import pytest
import small_networks
import stages

from proprionet import config, dataset, store
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError
from proprionet.letters.strokes import TIME_STEP_S
from proprionet.networks import backbones, samples
from proprionet.networks.evaluation import evaluate, evaluate_each
from proprionet.networks.questions import Question, parts, unit_of
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import target_times
from proprionet.networks.training import TrainingData, fit_scaling, train

TINY = small_networks.TINY.model_copy(update={"spatial_stride": (1,), "temporal_stride": (2, 2)})
ROWS = np.array([3, 40, 119])
TIMES = target_times(TINY, 96)
N_NEURONS = 5


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A small set of one arm: hand and muscles follow the joints; with torques, and where the hand ends as target."""
    random = np.random.default_rng(0)
    label = np.repeat(np.arange(20), 6)[:, None, None]
    phase = 2 * np.pi * label / 20 + random.normal(0, 0.2, (120, 4, 1)) + np.arange(4)[:, None]
    joints = 60 + random.uniform(10, 20, (120, 4, 1)) * np.sin(np.linspace(0, 5, 96) + phase)
    hand = hand_position(HUMAN, joints.transpose(0, 2, 1).reshape(-1, 4)).reshape(120, 96, 3).transpose(0, 2, 1)
    muscles = 100 + np.einsum("mj,njt->nmt", random.normal(size=(4, 4)), joints - 60)
    torque = np.gradient(np.gradient(joints, axis=-1), axis=-1) + 0.1 * joints + hand[:, 2:, -1:] / 10
    return stages.write_dataset(
        tmp_path_factory.mktemp("dataset") / "dataset.h5",
        joints=joints,
        hand=hand,
        muscle_length=muscles,
        torque=torque,
        target=hand[:, :, -1],
    )


@pytest.fixture(scope="module")
def session(tmp_path_factory, path):
    """Neurons that count spikes with the length of a muscle, in the middle of some movements."""
    rows = np.arange(0, 120, 2)
    bin_time = np.arange(20.0, 80, 4)
    with store.read(path, "dataset") as data:
        drive = data["muscle_length"][rows][:, :, bin_time.astype(int)]
    rate = np.clip(drive[:, np.arange(N_NEURONS) % 4].transpose(0, 2, 1) - 80, 0, None)
    return fake_results.session(
        tmp_path_factory.mktemp("session") / "session.h5",
        offsets=len(bin_time) * np.arange(len(rows) + 1),
        spike_count=np.random.default_rng(0).poisson(rate * 0.06 * 10).reshape(-1, N_NEURONS),
        bin_time=np.tile(bin_time, len(rows)),
        movement=rows,
    )


def asked(task, data, rows=ROWS, **options):
    return Question(TASKS[task], TIMES, **options).of_dataset(data, rows)


def test_every_task_of_the_settings_is_there():
    assert list(TASKS) == list(typing.get_args(config.Task))
    assert len({task.label for task in TASKS.values()}) == len(TASKS) == 17


def test_targets_are_derivatives_at_the_network_s_time_steps(path):
    with store.read(path, "dataset") as data:
        found = asked("hand_position_velocity_acceleration", data)
        targets = found.read(np.array([2, 0])).targets
        hand = data["hand"][ROWS[[2, 0]]]
    assert [answer.name for answer in found.answers] == ["hand", "hand_velocity", "hand_acceleration"]
    assert [answer.unit for answer in found.answers] == ["cm", "cm/s", "cm/s^2"]
    velocity = np.gradient(hand, TIME_STEP_S, axis=-1)
    expected = np.concatenate([hand, velocity, np.gradient(velocity, TIME_STEP_S, axis=-1)], axis=1)
    at = np.stack([np.apply_along_axis(lambda y: np.interp(TIMES, np.arange(96), y), 1, one).T for one in expected])
    np.testing.assert_allclose(targets, at, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        ("trajectory_decoding", {"hand": 3}),
        ("limb_velocity", {"hand_velocity": 3, "elbow_velocity": 3}),
        ("limb_position_velocity_acceleration", None),
        ("joint_position_velocity", {"joints": 4, "joints_velocity": 4}),
        ("torque", {"torque": 4}),
        ("autoencoder", {"length": 4, "velocity": 4}),
        ("action_recognition", {}),
        ("redundancy_reduction", {}),
    ],
)
def test_answers_have_the_sizes_of_what_is_asked(path, task, sizes):
    with store.read(path, "dataset") as data:
        found = asked(task, data)
        batch = found.read(np.arange(3))
    if sizes is None:
        assert [answer.size for answer in found.answers] == [3] * 6
    else:
        assert {answer.name: answer.size for answer in found.answers} == sizes
    n_outputs = TASKS[task].n_outputs(found.answers)
    assert batch.targets.shape[-1] == (3 if task == "action_recognition" else n_outputs)
    assert (batch.given is not None) == (task == "torque")


def test_an_autoencoder_is_asked_for_its_inputs(path):
    with store.read(path, "dataset") as data:
        inputs, _, targets = asked("autoencoder", data).read(np.arange(3))
        np.testing.assert_array_equal(targets[:, :, :4], data["muscle_length"][ROWS].transpose(0, 2, 1))
    np.testing.assert_array_equal(targets[:, :, 4:], inputs[..., 1].transpose(0, 2, 1))


def test_a_network_may_see_joints_instead_of_spindles(path):
    with store.read(path, "dataset") as data:
        inputs = asked("trajectory_decoding", data, input="joints").read(np.arange(3)).inputs
        np.testing.assert_array_equal(inputs[..., 0], data["joints"][ROWS])
        np.testing.assert_array_equal(inputs[..., 1], dataset.quantity(data, ROWS, "joints_velocity"))


def test_rates_are_asked_for_where_spikes_were_counted(path, session):
    with store.read(path, "dataset") as data, store.read(session, "session") as recording:
        targets = (
            Question(TASKS["neurons"], TIMES).of_trials(data, recording, np.array([4, 1])).read(np.arange(2)).targets
        )
        counts, bin_time = recording["spike_count"].reshape(60, -1, N_NEURONS), recording["bin_time"][:15]
    inside = (TIMES >= 18) & (TIMES <= 78)
    assert np.isnan(targets[:, ~inside]).all()
    expected = [np.interp(TIMES[inside], bin_time, counts[4, :, neuron] / 0.06) for neuron in range(N_NEURONS)]
    np.testing.assert_allclose(targets[0, inside], np.transpose(expected), rtol=1e-5)


def test_trials_are_parted_once_and_by_the_seed(path, session):
    with store.read(path, "dataset") as data, store.read(session, "session") as recording:
        question = Question(TASKS["neurons"], TIMES)
        found = [part.numbers for part in parts(question, data, recording, seed=1)]
        other = [part.numbers for part in parts(question, data, recording, seed=2)]
    assert [len(part) for part in found] == [48, 6, 6]
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.arange(60))
    assert not np.array_equal(found[2], other[2])


# ------------------------------------------------------------------------------------------------------------ reading


def test_large_sets_are_read_again_and_small_ones_kept_and_both_are_the_same(path, monkeypatch):
    with store.read(path, "dataset") as data:
        large = asked("limb_position", data, np.arange(0, 120, 3))
        small = large.in_memory()
        monkeypatch.setattr(samples, "IN_MEMORY", 0)
        assert large.in_memory() is large
        monkeypatch.setattr(samples, "READ_TOGETHER", 7)
        again = list(large.blocks())
        places = np.array([30, 2, 2, 17])
        for name, values in small.read(places)._asdict().items():
            np.testing.assert_array_equal(values, getattr(large.read(places), name))
    assert [len(block.inputs) for block in again] == [7] * 5 + [5]
    inputs = np.concatenate([block.inputs for block in again])
    np.testing.assert_array_equal(inputs, small.read(np.arange(40)).inputs)


def test_a_part_may_be_cut_for_a_learning_curve(path):
    with store.read(path, "dataset") as data:
        whole = asked("trajectory_decoding", data, np.arange(0, 120, 3))
        few, kept = whole.first(7), whole.in_memory().first(7)
        assert (len(few), len(whole.first(None)), len(whole.first(500))) == (7, 40, 40)
        for block in (*few.blocks(), *kept.blocks()):
            np.testing.assert_array_equal(block.targets, whole.read(np.arange(7)).targets)


def test_an_error_in_reading_ahead_reaches_the_user():
    def read(places):
        if places[0]:
            raise InputError("movement 1 is broken")
        return samples.Batch(np.zeros((1, 2, 3, 1)), None, np.zeros((1, 4)))

    found = samples.Samples(np.arange(2), read).pools([np.array([0]), np.array([1])])
    assert len(next(found).inputs) == 1
    with pytest.raises(InputError, match="movement 1 is broken"):
        next(found)


# ----------------------------------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_learnt(path, session, name):
    """On the movements themselves, which is enough for a toy: better than without learning, in physical units."""
    task = TASKS[name]
    recipe = Recipe(learning_rate=1e-2, batch_size=12, epochs=9, patience=None)
    with store.read(path, "dataset") as data, store.read(session, "session") as recording:
        question = Question(task, TIMES)
        known = parts(question, data, recording if name == "neurons" else None, seed=1)[0].in_memory()
    n_outputs = task.n_outputs(known.answers)
    model = backbones.build(TINY, task, 1, known.input_shape, n_outputs, known.n_given)
    mean = fit_scaling(model, task, known, recipe)
    before = evaluate(model, task, known, trivial=mean)
    train(model, task, TrainingData(known, known), recipe, 1)
    after = evaluate(model, task, known, trivial=mean)
    if task.metric == "accuracy":
        assert after["accuracy"] > 4 / 20
    elif task.metric == "redundancy":
        assert after["redundancy"] < 0.7 * before["redundancy"]
    else:
        assert after["explained_variance"] > 0.3
        assert after["error"] < 0.85 * after["trivial_error"]
        errors = evaluate_each(model, task, known)[1]["error"]
        assert errors.shape == (len(known), max(len(known.answers) + (len(known.answers) > 1), 1))
        np.testing.assert_allclose(errors[:, 0].mean(), after["error"], rtol=1e-4)


def test_errors_of_parts_are_in_their_units(path):
    with store.read(path, "dataset") as data:
        found = asked("limb_position_velocity", data, np.arange(50)).in_memory()
    task = TASKS["limb_position_velocity"]
    model = backbones.build(TINY, task, 1, found.input_shape, 12)
    mean = fit_scaling(model, task, found, Recipe())
    targets = found.read(np.arange(50)).targets
    result = evaluate(model, task, found, trivial=mean)
    np.testing.assert_allclose(mean, targets.mean(axis=(0, 1)), rtol=1e-4, atol=1e-4)
    for i, name in enumerate(("hand", "elbow", "hand_velocity", "elbow_velocity")):
        part = slice(3 * i, 3 * i + 3)
        expected = np.linalg.norm(targets[..., part] - mean[part], axis=-1).mean()
        assert result[f"trivial_error_{name}"] == pytest.approx(expected, rel=1e-4)
        assert unit_of(f"error_{name}", found.answers) == ("cm/s" if "velocity" in name else "cm")
    assert unit_of("error", found.answers) == "mixed units"


# ---------------------------------------------------------------------------------------------------------- bad input


def test_what_a_set_does_not_have_is_said(tmp_path, session):
    bare = stages.write_dataset(tmp_path / "bare.h5")
    one = stages.write_dataset(tmp_path / "one.h5", label=np.zeros(120, int))
    without = stages.write_dataset(tmp_path / "without.h5")
    with store.read(without, "dataset") as data:
        split, label = data["split"], data["label"]
    lost = stages.write_dataset(tmp_path / "lost.h5", split=np.where((label == 3) & (split == 2), 0, split))
    empty = stages.write_dataset(tmp_path / "empty.h5", split=np.zeros(120, np.uint8))
    cases = [
        (bare, "torque", None, r"bare\.h5: holds no torques; add them with dataset/add_torques\.py"),
        (bare, "neurons", None, "task neurons needs the recording to train on; give it with --session"),
        (bare, "torque", session, "a session is for --task neurons, not for torque"),
        (one, "action_recognition", None, r"one\.h5: holds one class only"),
        (lost, "action_recognition", None, r"lost\.h5: the test part has no letter '.', which other parts have"),
        (empty, "joint_position", None, r"empty\.h5: the validation part is empty"),
    ]
    for file, task, recording, message in cases:
        with store.read(file, "dataset") as data, store.read(session, "session") as trials:
            given = trials if recording else None
            with pytest.raises(InputError, match=message):
                parts(Question(TASKS[task], TIMES), data, given, seed=1)


def test_a_label_that_is_no_letter_is_named(path):
    with store.read(path, "dataset") as data:
        question = Question(TASKS["action_recognition"], TIMES)
        label = np.where(np.arange(3) == 1, 20, 0)
        with pytest.raises(InputError, match="movement 1: letter 20 is not a whole number"):
            question._targets(np.zeros((3, 4, 96, 2)), label, [])
        assert len(data["label"]) == 120


def test_a_session_of_another_set_is_refused(path, session, tmp_path):
    with store.read(path, "dataset") as data:
        few = {name: data[name][:50] for name in data.shapes() if not name.startswith("statistics/")}
    small = stages.write_dataset(tmp_path / "small.h5", **few)
    with store.read(small, "dataset") as data, store.read(session, "session") as recording:
        question = Question(TASKS["neurons"], TIMES)
        with pytest.raises(InputError, match=r"session\.h5: names movements that small\.h5 does not have"):
            parts(question, data, recording, seed=1)


@pytest.mark.parametrize(
    ("task", "seen"), [("torque", "spindle"), ("neurons", "joints"), ("autoencoder", "muscle_length")]
)
def test_streams_have_no_torques_no_neurons_and_no_muscle_lengths(task, seen):
    missing = "muscle_length" if seen == "muscle_length" else task
    with pytest.raises(InputError, match=f"--stream writes movements without {missing}; train on a stored data set"):
        Question(TASKS[task], TIMES, seen).of_stream(None)
