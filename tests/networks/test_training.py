"""Training: it learns, it resumes to the bit, it schedules as described, it refuses what does not fit."""

import dataclasses

import h5py
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks import backbones, storage
from proprionet.networks.families import SpatialTemporal
from proprionet.networks.scaling import input_scaling
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import target_times
from proprionet.networks.training import History, TrainingData, evaluate, fit_scaling, sample_order, train

TINY = SpatialTemporal(
    spatial_filters=(4,),
    temporal_filters=(8, 8),
    spatial_kernel=3,
    temporal_kernel=7,
    spatial_stride=2,
    temporal_stride=3,
)
SHAPE = (5, 40, 2)
RECIPE = Recipe(learning_rate=5e-3, batch_size=16, epochs=6)


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
    return np.stack([length, np.gradient(length, 0.015, axis=2)], -1).astype(np.float32), {
        "letter": letter,
        "hand_position": hand,
    }


def problem(name, n=192, n_validation=48):
    task = TASKS[name]
    (inputs, fields), (validation, validation_fields) = movements(n, 1), movements(n_validation, 2)
    times = target_times(TINY, SHAPE[1])
    data = TrainingData(inputs, task.targets(fields, times), validation, task.targets(validation_fields, times))
    return task, data


def fresh(task, seed=0):
    return backbones.build(TINY, task, seed, input_shape=SHAPE)


def assert_same_weights(left, right):
    left, right = storage.weights(left), storage.weights(right)
    assert list(left) == list(right)
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.fixture(scope="module")
def uninterrupted():
    """Networks trained in one go, with every state on the way, by task."""
    runs = {}
    for name in TASKS:
        task, data = problem(name)
        model, states = fresh(task), []
        history = train(model, task, data, RECIPE, 7, checkpoint=states.append)
        runs[name] = (task, data, model, states, history)
    return runs


def test_recognises_phases_of_new_movements(uninterrupted):
    task, _, model, _, history = uninterrupted["action_recognition"]
    inputs, fields = movements(200, 3)
    result = evaluate(model, task, inputs, fields["letter"])
    assert result["accuracy"] > 0.9
    assert result["loss"] < history.rows[0]["validation_loss"]


def test_decodes_hand_position_of_new_movements(uninterrupted):
    task, data, model, _, _ = uninterrupted["trajectory_decoding"]
    inputs, fields = movements(200, 3)
    targets = task.targets(fields, target_times(TINY, SHAPE[1]))
    guess = np.linalg.norm(targets - data.targets.mean(axis=(0, 1)), axis=-1).mean()
    assert evaluate(model, task, inputs, targets)["error"] < 0.5 * guess


@pytest.mark.parametrize("name", TASKS)
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
    best = states[history.best_epoch]
    for name, array in storage.weights(model).items():
        np.testing.assert_array_equal(array, best[f"weights/{name}"])
    validation = evaluate(model, task, data.validation_inputs, data.validation_targets)
    assert validation["loss"] == history.rows[history.best_epoch]["validation_loss"]


def test_files_and_arrays_give_the_same_network(uninterrupted, tmp_path):
    task, data, _, states, _ = uninterrupted["action_recognition"]
    with h5py.File(tmp_path / "data.h5", "w") as file:
        for name, values in vars(data).items():
            if values is not None:
                file[name] = values
        stored = TrainingData(**{name: file[name] for name in file})
        from_file = []
        train(fresh(task), task, stored, RECIPE.model_copy(update={"epochs": 1}), 7, checkpoint=from_file.append)
    for key in states[0]:
        np.testing.assert_array_equal(from_file[0][key], states[0][key], err_msg=key)


def test_seed_matters(uninterrupted):
    task, data, _, states, _ = uninterrupted["action_recognition"]
    other = []
    train(fresh(task), task, data, RECIPE.model_copy(update={"epochs": 1}), 8, checkpoint=other.append)
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
    assert history_of([3, 1, 2, 1]).best_epoch == 1


def test_rate_falls_at_the_first_plateau_and_training_stops_at_the_second():
    """Validation answers that contradict the training set get worse from the start."""
    task, data = problem("action_recognition")
    data = dataclasses.replace(data, validation_targets=(data.validation_targets + 1) % 3)
    model = fresh(task)
    history = train(model, task, data, RECIPE.model_copy(update={"patience": 2, "epochs": 50}), 7)
    rates = [row["learning_rate"] for row in history.rows]
    assert history.plateaus(2) == 2
    assert len(rates) < 50
    assert set(rates) == {5e-3, 1.25e-3}
    assert rates == sorted(rates, reverse=True)
    assert rates.count(1.25e-3) >= 2


def test_inputs_are_standardised_inside_the_network():
    task, data = problem("trajectory_decoding")
    scaled, raw = fresh(task), fresh(task)
    fit_scaling(scaled, task, data, RECIPE)
    fit_scaling(raw, task, data, Recipe(input_scaling="none", target_scaling="none"))
    mean, scale = input_scaling(data.inputs)
    assert mean.shape == scale.shape == (5, 2)
    weights = storage.weights(scaled)
    np.testing.assert_allclose(weights["input_scaling/mean"][:, 0], data.inputs.mean(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(weights["input_scaling/scale"][:, 0], data.inputs.std(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(weights["output_scaling/scale"], data.targets.std(axis=(0, 1)), rtol=1e-5)
    by_hand = (data.inputs - mean[:, None]) / scale[:, None]
    answers = raw.predict_on_batch(by_hand.astype(np.float32))
    answers = answers * data.targets.std(axis=(0, 1)) + data.targets.mean(axis=(0, 1))
    np.testing.assert_allclose(scaled.predict_on_batch(data.inputs), answers, rtol=1e-4, atol=1e-3)


def test_constant_muscle_is_only_centred():
    inputs = np.full((3, 2, 4, 1), 0.1, dtype=np.float32)
    inputs[:, 1] = np.arange(4)[:, None]
    mean, scale = input_scaling(inputs)
    assert scale[0, 0] == 1
    assert mean[:, 0] == pytest.approx([0.1, 1.5])


def test_decoding_error_is_in_centimetres():
    task, data = problem("trajectory_decoding")
    model = fresh(task)
    fit_scaling(model, task, data, RECIPE)
    answers = model.predict_on_batch(data.inputs)
    shifted = answers + np.array([3, 0, 4])
    assert evaluate(model, task, data.inputs, shifted)["error"] == pytest.approx(5, rel=1e-4)
    expected = np.mean(np.array([9, 0, 16]) / data.targets.var(axis=(0, 1)))
    assert evaluate(model, task, data.inputs, shifted)["loss"] == pytest.approx(expected, rel=1e-3)


def test_reported_loss_is_the_mean_of_the_epoch():
    """Without learning, it is the loss of the whole training set."""
    task, data = problem("trajectory_decoding")
    model = fresh(task)
    history = train(model, task, data, Recipe(learning_rate=1e-12, batch_size=16, epochs=1), 7)
    expected = evaluate(model, task, data.inputs, data.targets)["loss"]
    assert history.rows[0]["loss"] == pytest.approx(expected, rel=1e-5)


def test_data_that_do_not_fit_are_refused(uninterrupted):
    task, data, *_, states, _ = uninterrupted["action_recognition"]
    cases = {
        r"inputs: movements of shape \(4, 40, 2\)": {"inputs": data.inputs[:, :4]},
        "inputs: 10 movements, but 192 targets": {"inputs": data.inputs[:10]},
        r"validation_targets: shape \(1,\)": {"validation_targets": data.validation_targets[:, None]},
        "inputs: movement 3 has values that are not finite": {
            "inputs": np.where(np.arange(192)[:, None, None, None] == 3, np.nan, data.inputs)
        },
    }
    for message, change in cases.items():
        with pytest.raises(InputError, match=message):
            train(fresh(task), task, dataclasses.replace(data, **change), RECIPE, 7)
    broken = {key: values for key, values in states[0].items() if not key.startswith("optimizer/")}
    with pytest.raises(InputError, match="checkpoint: the optimizer's state"):
        train(fresh(task), task, data, RECIPE, 7, resume=broken)


def test_a_loss_that_explodes_is_reported():
    task, data = problem("trajectory_decoding", n=32)
    data = dataclasses.replace(data, targets=data.targets * np.float32(1e30))
    with pytest.raises(InputError, match="epoch 0: the loss is no longer finite"):
        train(fresh(task), task, data, Recipe(batch_size=16, target_scaling="none"), 7)
