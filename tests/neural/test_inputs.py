"""What a network sees of a session, and the controls of it."""

import fake_results
import numpy as np
import pytest
import stages

from proprionet import dataset, spindles, store
from proprionet.errors import InputError
from proprionet.neural import inputs
from proprionet.neural.session import Session
from proprionet.neural.windows import active_as_passive, windows

MUSCLES = ("a", "b", "c")
N_BINS = np.array([60, 80, 70, 75])
OFFSETS = np.concatenate([[0], np.cumsum(N_BINS)])
ONSET, END = np.array([10, 20, 15, -1]), np.array([50, 70, 60, 70])


def session(**changes):
    random = np.random.default_rng(0)
    total = OFFSETS[-1]
    about = {
        "bin_width_s": 0.01,
        "offsets": OFFSETS,
        "spike_count": random.poisson(1, (total, 2)),
        "muscle_length": 100 + np.cumsum(random.normal(size=(total, 3)), axis=0),
        "muscle_names": MUSCLES,
        "trial_id": np.array([5, 6, 9, 12]),
        "passive": np.array([False, False, False, True]),
        "events": {"movement_onset": ONSET, "end": END, "bump": np.array([-1, -1, -1, 30])},
    }
    return Session("Han", **{**about, **changes})


def sight(n_steps=400, time_step_s=0.01, muscles=MUSCLES, model="kinematic", statistics=None):
    made = spindles.make(model, 3, statistics)
    return inputs.Sight("network.h5", muscles, n_steps, time_step_s, "path", made)


def test_windows_begin_at_step_100_of_400_and_keep_still_outside():
    recorded = session()
    chosen = windows(recorded)
    seen = inputs.network_inputs(recorded, chosen, sight())
    assert seen.shape == (3, 3, 400, 2)
    assert seen.dtype == np.float32
    for place, trial in enumerate(chosen.trial):
        rows = OFFSETS[trial] + np.arange(ONSET[trial], END[trial] + 1)
        length = recorded.muscle_length[rows].astype(np.float32).T
        last = 100 + len(rows)
        np.testing.assert_array_equal(seen[place, :, 100:last, 0], length)
        np.testing.assert_array_equal(seen[place, :, :100, 0], length[:, :1].repeat(100, axis=1))
        np.testing.assert_array_equal(seen[place, :, last:, 0], length[:, -1:].repeat(400 - last, axis=1))
        inside = np.gradient(length, 0.01, axis=1)[:, 1:-1]
        np.testing.assert_allclose(seen[place, :, 101 : last - 1, 1], inside, rtol=1e-4, atol=0.01)
        np.testing.assert_array_equal(seen[place][:, [*range(99), *range(last + 1, 400)], 1], 0)


def test_passive_windows_are_13_bins_from_the_bump():
    recorded = session()
    chosen = windows(recorded, "passive")
    seen = inputs.network_inputs(recorded, chosen, sight())
    rows = OFFSETS[3] + 30 + np.arange(13)
    np.testing.assert_array_equal(seen[0, :, 100:113, 0], recorded.muscle_length[rows].astype(np.float32).T)
    assert sight().steps_in(recorded, chosen).tolist() == [13]


def test_a_movement_of_a_data_set_is_seen_as_it_was_trained_on(tmp_path):
    """The same lengths as a session and as a data set make the same inputs, whatever the spindle model."""
    lengths = 100 + np.cumsum(np.random.default_rng(1).normal(size=(120 * 40, 4)), axis=0)
    first, ends = np.full(120, 24), 40 * np.arange(121)
    padded = dataset.pad(lengths, ends, first, 96)
    statistics = spindles.statistics(padded, stages.TIME_STEP_S)
    for model in ("kinematic", "afferents_linear"):
        path = stages.write_dataset(
            tmp_path / f"{model}.h5",
            spindle={"spindle": model},
            muscle_length=padded,
            first=first,
            n_samples=np.full(120, 40),
            **{f"statistics/{name}": values for name, values in statistics.items()},
        )
        network = stages.make(
            "nn-training/train.py", tmp_path / f"{model}_network.h5", path, "--untrained",
            "--config", stages.experiment(tmp_path),
        )  # fmt: skip
        with store.read(path, "dataset") as data, store.read(network, "network") as file:
            expected = dataset.spindle_inputs(data, np.arange(120))
            seen = inputs.Sight.of(file)
        recorded = Session(
            "made", stages.TIME_STEP_S, ends, np.zeros((len(lengths), 1), int),
            muscle_length=lengths.astype(np.float32)[:, ::-1], muscle_names=stages.MUSCLES[::-1],
            events={"movement_onset": np.zeros(120, int), "end": np.full(120, 39)}, arm={"length_kind": "fibre"},
        )  # fmt: skip
        found = inputs.network_inputs(recorded, windows(recorded), seen)
        np.testing.assert_array_equal(found, expected)


def test_the_order_of_muscles_in_a_session_does_not_matter():
    recorded, order = session(), [2, 0, 1]
    other = session(muscle_length=recorded.muscle_length[:, order], muscle_names=tuple(MUSCLES[i] for i in order))
    np.testing.assert_array_equal(
        inputs.network_inputs(other, windows(other), sight()),
        inputs.network_inputs(recorded, windows(recorded), sight()),
    )
    two = inputs.network_inputs(recorded, windows(recorded), sight(muscles=("c", "a")))
    np.testing.assert_array_equal(two, inputs.network_inputs(recorded, windows(recorded), sight())[:, [2, 0]])


@pytest.mark.parametrize("time_step_s", [0.005, 0.0125, 0.015, 0.02])
def test_other_time_steps_see_the_same_movement(time_step_s):
    time = 0.01 * np.concatenate([np.arange(n) for n in N_BINS])
    ramps = 100 + time[:, None] * [20, -30, 0]
    recorded = session(muscle_length=ramps)
    chosen, seen = windows(recorded), sight(time_step_s=time_step_s)
    found = inputs.network_inputs(recorded, chosen, seen)
    for place, trial in enumerate(chosen.trial):
        lasts = 0.01 * (END[trial] - ONSET[trial])
        since = np.clip((np.arange(400) - 100) * time_step_s, 0, lasts)
        expected = 100 + (0.01 * ONSET[trial] + since) * np.array([[20], [-30], [0]])
        np.testing.assert_allclose(found[place, :, :, 0], expected, atol=1e-4)
        middle = 100 + int(lasts / time_step_s / 2)
        np.testing.assert_allclose(found[place, :, middle, 1], [20, -30, 0], atol=0.05)
        assert seen.steps_in(recorded, chosen)[place] == int(lasts / time_step_s + 1e-9) + 1
    np.testing.assert_allclose(np.diff(seen.steps_of_bins(recorded, chosen)), 0.01 / time_step_s)


def test_windows_that_do_not_fit_are_set_apart():
    recorded, small = session(), sight(n_steps=60)  # 45 steps from step 15 on, for 41, 51 and 46 bins
    fitting, left_out = inputs.fitting(recorded, windows(recorded), small)
    assert (fitting.trial.tolist(), left_out) == ([0], [6, 9])
    assert inputs.network_inputs(recorded, fitting, small).shape == (1, 3, 60, 2)
    with pytest.raises(InputError, match=r"Han: the window of trial 6 does not fit into the input of network\.h5"):
        inputs.network_inputs(recorded, windows(recorded), small)
    with pytest.raises(InputError, match=r"shortest window takes 0\.41 s, but network\.h5 sees 0\.15 s from step 5"):
        inputs.fitting(recorded, windows(recorded), sight(n_steps=20))


# ----------------------------------------------------------------------------------------------------- controls


def controlled(control, seed=1, recorded=None, **seen):
    recorded = recorded or session()
    return inputs.network_inputs(recorded, windows(recorded), sight(**seen), control=control, seed=seed)


def test_permuted_muscles_are_the_same_signals_elsewhere():
    plain = controlled("none")
    orders = set()
    for seed in range(8):
        found = controlled("permuted_muscles", seed)
        order = [next(i for i in range(3) if (plain[0, i] == found[0, j]).all()) for j in range(3)]
        np.testing.assert_array_equal(found, plain[:, order])
        orders.add(tuple(order))
    assert len(orders) > 2
    np.testing.assert_array_equal(controlled("permuted_muscles"), controlled("permuted_muscles"))


def test_permuted_time_keeps_moments_together_and_padding_in_place():
    plain, found = controlled("none"), controlled("permuted_time")
    for place, n in enumerate((41, 51, 46)):
        inside = slice(100, 100 + n)
        moments = [{tuple(step.ravel()) for step in np.moveaxis(x[place, :, inside], 1, 0)} for x in (plain, found)]
        assert moments[0] == moments[1]
        assert (plain[place, :, inside] != found[place, :, inside]).any()
        outside = [*range(100), *range(100 + n, 400)]
        np.testing.assert_array_equal(found[place][:, outside], plain[place][:, outside])
    last = session().select(np.array([2]))
    np.testing.assert_array_equal(controlled("permuted_time", recorded=last)[0], found[2])
    assert (controlled("permuted_time", seed=2) != found).any()


def test_constant_input_tells_nothing_of_the_movement():
    recorded = session()
    found = controlled("constant_input")
    mean = recorded.muscle_length[windows(recorded).bins].mean(axis=0)
    np.testing.assert_allclose(found[..., 0], np.broadcast_to(mean[:, None], (3, 3, 400)), rtol=1e-6)
    np.testing.assert_array_equal(found[..., 1], 0)


def test_shuffled_bins_leave_inputs():
    np.testing.assert_array_equal(controlled("shuffled_bins"), controlled("none"))


def test_active_as_passive_are_as_many_and_as_short():
    recorded = session(passive=np.array([False, True, False, True]), events={
        "movement_onset": ONSET, "end": END, "bump": np.array([-1, 20, -1, 30])
    })  # fmt: skip
    begins = set()
    for seed in range(20):
        found = active_as_passive(recorded, seed)
        assert found.trial.tolist() == [0, 2]
        np.testing.assert_array_equal(found.n_bins, 13)
        begin = found.first - OFFSETS[found.trial]
        assert (begin >= ONSET[found.trial]).all()
        assert (begin + 12 <= END[found.trial]).all()
        begins.add(tuple(begin))
    assert len(begins) > 15
    one = active_as_passive(session(), 1)
    assert len(one.trial) == 1  # as many as there are passive ones
    with pytest.raises(InputError, match="Han: none of its 4 trials is passive"):
        active_as_passive(session(passive=np.zeros(4, bool)), 1)
    with pytest.raises(InputError, match=r"Han: no active movement is as long as a passive window .60 bins"):
        active_as_passive(session(events={"movement_onset": ONSET, "end": END, "bump": np.full(4, 5)}), 1, 0.6)


def test_windows_as_flat_rows():
    chosen = windows(session())
    assert chosen.trial_of_bins.tolist() == [0] * 41 + [1] * 51 + [2] * 46
    np.testing.assert_array_equal(chosen.bins[:41], np.arange(10, 51))
    np.testing.assert_array_equal(chosen.select(np.array([2])).bins, OFFSETS[2] + np.arange(15, 61))


# ---------------------------------------------------------------------------------------------------- bad input


def test_what_does_not_fit_a_network_is_named():
    recorded = session()
    with pytest.raises(InputError, match=r"Han: 'muscle_length' holds no muscle 'd' .its muscles: a, b, c"):
        inputs.network_inputs(recorded, windows(recorded), sight(muscles=("a", "d")))
    with pytest.raises(InputError, match="Han: holds no muscle lengths"):
        inputs.network_inputs(session(muscle_length=None, muscle_names=()), windows(recorded), sight())
    other = session(arm={"length_kind": "fibre"})
    with pytest.raises(InputError, match=r"are of kind fibre, network.h5 was trained on path; .*--length-kind path"):
        inputs.network_inputs(other, windows(other), sight())
    lengths = recorded.muscle_length.copy()
    lengths[0] = np.nan  # before the window
    inputs.network_inputs(session(muscle_length=lengths), windows(recorded), sight())
    lengths[OFFSETS[1] + 30, 1] = np.nan
    with pytest.raises(InputError, match="Han: 'muscle_length' of b in trial 6 is not finite"):
        inputs.network_inputs(session(muscle_length=lengths), windows(recorded), sight())


def test_networks_that_see_something_else_are_refused(tmp_path):
    about = {"spindle": {"spindle": "kinematic", "seed": 1}, "muscle_names": ["a", "b"], "time_step_s": 0.01}
    good = fake_results.network(tmp_path / "good.h5", "torque", False, length_kind="path", **about)
    with store.read(good, "network") as file:
        found = inputs.Sight.of(file)
    assert (found.muscles, found.n_steps, found.onset, found.time_step_s) == (("a", "b"), 40, 10, 0.01)
    joints = fake_results.network(tmp_path / "joints.h5", "torque", False, input="joints", **about)
    with (
        store.read(joints, "network") as file,
        pytest.raises(InputError, match=r"joints\.h5: sees joints, but sessions"),
    ):
        inputs.Sight.of(file)
    three = fake_results.network(tmp_path / "three.h5", "torque", False, **{**about, "muscle_names": ["a", "b", "c"]})
    with store.read(three, "network") as file, pytest.raises(InputError, match="an input of 2 muscles with 2 channels"):
        inputs.Sight.of(file)
