"""Training: it learns, it resumes to the bit, it schedules as described, it refuses what does not fit."""

import dataclasses

import h5py
import numpy as np
import pytest
from small_networks import TINY

from proprionet.errors import InputError
from proprionet.networks import backbones, evaluation, storage
from proprionet.networks.checkpoints import History
from proprionet.networks.evaluation import evaluate
from proprionet.networks.samples import Answer, of_arrays
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import target_times
from proprionet.networks.training import TrainingData, fit_scaling, sample_order, train
from proprionet.timing import align

SHAPE = (5, 40, 2)
RECIPE = Recipe(learning_rate=5e-3, batch_size=16, epochs=6)
TASK_NAMES = ("action_recognition", "trajectory_decoding", "redundancy_reduction")
HAND = (Answer("hand", "cm", 3),)


def movements(n, seed):
    """Sinusoids of three phases: the phase is the letter; muscles follow the hand with random gains, in noise."""
    random = np.random.default_rng(seed)
    letter = random.integers(0, 3, n)
    angle = np.linspace(0, 4 * np.pi, SHAPE[1]) + 2 * np.pi / 3 * letter[:, None] + random.normal(0, 0.3, (n, 1))
    size = random.uniform(5, 10, (n, 1))
    hand = np.stack([size * np.cos(angle), size * np.sin(angle), np.tile(size, SHAPE[1])], axis=-1) + np.array(
        [10, -20, 0]
    )
    gain = np.random.default_rng(99).normal(size=(SHAPE[0], 3))
    length = 100 + np.einsum("ntd,md->nmt", hand, gain) + random.normal(0, 0.1, (n, SHAPE[0], SHAPE[1]))
    return np.stack([length, np.gradient(length, 0.015, axis=2)], -1).astype(np.float32), letter, hand


def samples(task, n, seed):
    inputs, letter, hand = movements(n, seed)
    if task.name == "action_recognition":
        return of_arrays(inputs, letter.astype(np.int32))
    if task.name == "redundancy_reduction":
        return of_arrays(inputs, np.zeros((n, 256), np.float32))
    targets = align(hand.astype(np.float32), np.arange(SHAPE[1]), target_times(TINY, SHAPE[1]))
    return of_arrays(inputs, targets, HAND)


def problem(name, n=192, n_validation=48):
    task = TASKS[name]
    return task, TrainingData(samples(task, n, 1), samples(task, n_validation, 2))


def whole(samples):
    return samples.read(np.arange(len(samples)))


def changed(samples, **arrays):
    """Samples with other inputs or targets."""
    batch = whole(samples)._replace(**arrays)
    return of_arrays(batch.inputs, batch.targets, samples.answers)


def fresh(task, seed=0, data=None, recipe=RECIPE):
    model = backbones.build(TINY, task, seed, SHAPE, task.n_outputs(HAND))
    if data is not None:
        fit_scaling(model, task, data.training, recipe)
    return model


def assert_same_weights(left, right):
    left, right = storage.weights(left), storage.weights(right)
    assert list(left) == list(right)
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.fixture(scope="module")
def uninterrupted():
    """Networks trained in one go, with every state on the way, by task."""
    runs = {}
    for name in TASK_NAMES:
        task, data = problem(name)
        model, states = fresh(task, data=data), []
        history = train(model, task, data, RECIPE, 7, checkpoint=states.append)
        runs[name] = (task, data, model, states, history)
    return runs


def test_recognises_phases_of_new_movements(uninterrupted):
    task, _, model, _, history = uninterrupted["action_recognition"]
    result = evaluate(model, task, samples(task, 200, 3))
    assert result["accuracy"] > 0.9
    assert result["loss"] < history.rows[0]["validation_loss"]


def test_decodes_hand_position_of_new_movements(uninterrupted):
    task, data, model, *_ = uninterrupted["trajectory_decoding"]
    mean = whole(data.training).targets.mean(axis=(0, 1))
    result = evaluate(model, task, samples(task, 200, 3), trivial=mean)
    assert result["error"] < 0.5 * result["trivial_error"]
    assert result["explained_variance"] > 0.6


def test_a_target_that_never_changes_has_no_share_in_the_explained_variance():
    random = np.random.default_rng(0)
    targets = np.stack([random.normal(size=(4, 500_000)), np.full((4, 500_000), 32.88135528564453)], axis=-1)
    errors = evaluation._Errors((Answer("hand", "cm", 2),), np.ones(2), None)
    for part in targets[:, None]:
        errors.add(part + random.normal(0, 0.5, part.shape), part)
    assert errors.metrics()["explained_variance"] == pytest.approx(0.75, abs=0.01)


def test_redundancy_is_reduced_on_new_movements(uninterrupted):
    task, data, model, *_ = uninterrupted["redundancy_reduction"]
    new = samples(task, 200, 3)
    assert evaluate(model, task, new)["redundancy"] < 0.8 * evaluate(fresh(task, data=data), task, new)["redundancy"]


@pytest.mark.parametrize("name", TASK_NAMES)
@pytest.mark.parametrize("stopped_after", [1, 4])
def test_resumed_training_ends_with_the_same_bits(uninterrupted, name, stopped_after):
    task, data, model, states, history = uninterrupted[name]
    resumed, later = fresh(task, seed=5), []
    again = train(resumed, task, data, RECIPE, 7, resume=states[stopped_after - 1], checkpoint=later.append)
    assert again == history
    assert_same_weights(resumed, model)
    for state, expected in zip(later, states[stopped_after:], strict=True):
        assert state.keys() == expected.keys()
        for key in state:
            np.testing.assert_array_equal(state[key], expected[key], err_msg=key)


def test_checkpoint_survives_a_file(uninterrupted, tmp_path):
    task, data, model, states, history = uninterrupted["action_recognition"]
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for key, values in states[1].items():
            file[key] = values
    with h5py.File(tmp_path / "state.h5") as file:
        state = {key: file[key][()] for key in states[1]}
    resumed = fresh(task)
    assert train(resumed, task, data, RECIPE, 7, resume=state) == history
    assert_same_weights(resumed, model)


def test_finished_training_is_left_with_its_best_weights(uninterrupted):
    task, data, model, states, history = uninterrupted["action_recognition"]
    resumed = fresh(task)
    assert train(resumed, task, data, RECIPE, 7, resume=states[-1]) == history
    assert_same_weights(resumed, model)
    best = states[history.best]
    for name, array in storage.weights(model).items():
        np.testing.assert_array_equal(array, best[f"weights/{name}"])
    validation = evaluate(model, task, data.validation)
    assert validation["loss"] == history.rows[history.best]["validation_loss"]


def test_seed_matters(uninterrupted):
    task, data, _, states, _ = uninterrupted["action_recognition"]
    other = []
    train(fresh(task, data=data), task, data, RECIPE.model_copy(update={"epochs": 1}), 8, checkpoint=other.append)
    assert not np.array_equal(other[0]["weights/score/kernel"], states[0]["weights/score/kernel"])


@pytest.mark.parametrize("n_samples", [5, 100, 9000])
def test_every_movement_comes_once_an_epoch(n_samples):
    first, second = (np.concatenate(sample_order(n_samples, 64, 0, epoch)) for epoch in (0, 1))
    np.testing.assert_array_equal(np.sort(first), np.arange(n_samples))
    assert not np.array_equal(first, second)
    assert all(len(pool) % 64 == 0 for pool in sample_order(n_samples, 64, 0, 0)[:-1])


def test_order_mixes_the_whole_set():
    first_pool = sample_order(20_000, 64, 0, 0)[0]
    assert len(first_pool) == 4096
    assert abs(first_pool.mean() / 20_000 - 0.5) < 0.05


def history_of(losses):
    return History([{"validation_loss": loss} for loss in losses])


def test_plateaus_are_counted_in_validations():
    assert history_of([5, 4, 3, 2]).plateaus(2) == 0
    assert history_of([5, 4, 4, 4.5]).plateaus(2) == 1
    assert history_of([5, 4, 4, 4.5, 3, 3]).plateaus(2) == 1
    assert history_of([5, 4, 4, 4.5, 4.2, 4]).plateaus(2) == 2
    assert history_of([5] * 100).plateaus(None) == 0
    assert history_of([3, 1, 2, 1]).best == 1


def test_rate_falls_at_the_first_plateau_and_training_stops_at_the_second():
    """Validation answers that contradict the training set get worse from the start."""
    task, data = problem("action_recognition")
    wrong = changed(data.validation, targets=(whole(data.validation).targets + 1) % 3)
    data = dataclasses.replace(data, validation=wrong)
    model = fresh(task, data=data)
    history = train(model, task, data, RECIPE.model_copy(update={"patience": 2, "epochs": 50}), 7)
    rates = [row["learning_rate"] for row in history.rows]
    assert history.plateaus(2) == 2
    assert len(rates) < 50
    assert set(rates) == {5e-3, 1.25e-3}
    assert rates == sorted(rates, reverse=True)
    assert rates.count(1.25e-3) >= 2


def test_one_cycle_goes_on_over_all_epochs_and_over_a_kill():
    """At its highest 30 % into the training, and lower at the end of each epoch after that."""
    task, data = problem("action_recognition")
    model = fresh(task, data=data)
    quick = RECIPE.model_copy(update={"schedule": "one_cycle", "patience": None, "epochs": 10})
    states = []
    history = train(model, task, data, quick, 7, checkpoint=states.append)
    resumed = fresh(task, seed=5)
    assert train(resumed, task, data, quick, 7, resume=states[3]) == history
    assert_same_weights(resumed, model)
    rates = [row["learning_rate"] for row in history.rows]
    assert np.argmax(rates) == 2
    assert max(rates) == pytest.approx(5e-3)
    assert rates[-1] < 1e-6
    assert history.rows[-1]["loss"] < 0.5 * history.rows[0]["loss"]


@pytest.mark.parametrize("how", ["standardise", "range"])
def test_inputs_and_targets_are_scaled_inside_the_network(how):
    task, data = problem("trajectory_decoding")
    inputs, _, targets = whole(data.training)
    raw = fresh(task)
    scaled = fresh(task, data=data, recipe=Recipe(target_scaling=how))
    offset, scale = targets.mean(axis=(0, 1)), targets.std(axis=(0, 1))
    if how == "range":
        offset, scale = targets.min(axis=(0, 1)), np.ptp(targets, axis=(0, 1))
    weights = storage.weights(scaled)
    np.testing.assert_allclose(weights["input_scaling/mean"][:, 0], inputs.mean(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(weights["input_scaling/scale"][:, 0], inputs.std(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(weights["output_scaling/scale"], scale, rtol=1e-5)
    by_hand = (inputs - inputs.mean(axis=(0, 2), keepdims=True)) / inputs.std(axis=(0, 2), keepdims=True)
    answers = raw.predict_on_batch(by_hand) * scale + offset
    np.testing.assert_allclose(scaled.predict_on_batch(inputs), answers, rtol=1e-4, atol=1e-3)


def test_scaling_none_leaves_all_as_it_is():
    task, data = problem("trajectory_decoding")
    none = Recipe(input_scaling="none", target_scaling="none")
    assert_same_weights(fresh(task, data=data, recipe=none), fresh(task))


def test_constant_muscle_is_only_centred():
    task, data = problem("trajectory_decoding", n=3)
    inputs = whole(data.training).inputs.copy()
    inputs[:, 1] = 0.1
    constant = TrainingData(changed(data.training, inputs=inputs), data.validation)
    weights = storage.weights(fresh(task, data=constant))
    assert (weights["input_scaling/scale"][1] == 1).all()
    assert weights["input_scaling/mean"][1] == pytest.approx(0.1)


def test_decoding_error_is_in_centimetres():
    task, data = problem("trajectory_decoding")
    model = fresh(task, data=data)
    inputs, _, targets = whole(data.training)
    shifted = changed(data.training, targets=model.predict_on_batch(inputs) + np.array([3, 0, 4], np.float32))
    result = evaluate(model, task, shifted)
    assert result["error"] == pytest.approx(5, rel=1e-4)
    assert result["loss"] == pytest.approx(np.mean(np.array([9, 0, 16]) / targets.var(axis=(0, 1))), rel=1e-3)


def test_reported_loss_is_the_mean_of_the_epoch():
    """Without learning, it is the loss of the whole training set."""
    task, data = problem("trajectory_decoding")
    model = fresh(task, data=data)
    history = train(model, task, data, Recipe(learning_rate=1e-12, batch_size=16, epochs=1), 7)
    assert history.rows[0]["loss"] == pytest.approx(evaluate(model, task, data.training)["loss"], rel=1e-5)


def test_targets_that_are_not_asked_for_do_not_count():
    """Where targets are missing, a network learns the same from any number of movements without a target."""
    task, data = problem("trajectory_decoding", n=64)
    inputs, _, targets = whole(data.training)
    missing = targets.copy()
    missing[:, ::2] = np.nan
    some = TrainingData(changed(data.training, targets=missing), data.validation)
    model = fresh(task, data=some)
    history = train(model, task, some, RECIPE.model_copy(update={"epochs": 2}), 7)
    assert np.isfinite([row["loss"] for row in history.rows]).all()
    asked = evaluate(model, task, some.training)["error"]
    answers = model.predict_on_batch(inputs)
    assert asked == pytest.approx(np.linalg.norm(answers - targets, axis=-1)[:, 1::2].mean(), rel=1e-5)


def test_data_that_do_not_fit_are_refused(uninterrupted):
    task, data, *_, states, _ = uninterrupted["action_recognition"]
    inputs, _, targets = whole(data.training)
    model = fresh(task, data=data)
    cases = {
        r"training: movements of shape \(4, 40, 2\)": {"training": changed(data.training, inputs=inputs[:, :4])},
        r"validation: targets of shape \(1,\)": {"validation": changed(data.training, targets=targets[:, None])},
        "the validation part is empty": {"validation": of_arrays(inputs[:0], targets[:0])},
    }
    for message, change in cases.items():
        with pytest.raises(InputError, match=message):
            train(model, task, dataclasses.replace(data, **change), RECIPE, 7)
    infinite = np.where(np.arange(192)[:, None, None, None] == 3, np.inf, inputs)
    with pytest.raises(InputError, match="inputs: movement 3 has values that are not finite"):
        fit_scaling(model, task, changed(data.training, inputs=infinite), RECIPE)
    broken = {key: values for key, values in states[0].items() if not key.startswith("optimizer/")}
    with pytest.raises(InputError, match="checkpoint: the optimizer's state"):
        train(model, task, data, RECIPE, 7, resume=broken)


def test_a_loss_that_explodes_is_reported():
    task, data = problem("trajectory_decoding", n=32)
    huge = changed(data.training, targets=whole(data.training).targets * np.float32(1e30))
    data = dataclasses.replace(data, training=huge)
    recipe = Recipe(batch_size=16, target_scaling="none")
    with pytest.raises(InputError, match="epoch 1: the loss is no longer finite"):
        train(fresh(task, data=data, recipe=recipe), task, data, recipe, 7)
