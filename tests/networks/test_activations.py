"""Recording every layer, and weights by name."""

import h5py
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks import activations, backbones, storage
from proprionet.networks.families import SpatialTemporal
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import layer_times

TINY = SpatialTemporal(
    spatial_filters=(3,),
    temporal_filters=(4, 5),
    spatial_kernel=3,
    temporal_kernel=5,
    spatial_stride=2,
    temporal_stride=2,
)
SHAPE = (6, 30, 2)


@pytest.fixture(scope="module")
def model():
    return backbones.build(TINY, TASKS["action_recognition"], 1, SHAPE, 20)


@pytest.fixture(scope="module")
def inputs():
    return np.random.default_rng(0).normal(size=(11, *SHAPE)).astype(np.float32)


def test_recorded_layers_have_the_stated_shapes(model, inputs):
    blocks = list(activations.record(model, inputs, batch_size=4))
    assert [len(block["input"]) for block in blocks] == [4, 4, 3]
    assert list(blocks[0]) == activations.layer_names(model) == list(layer_times(TINY, 30))
    for name, shape in activations.layer_shapes(model).items():
        assert blocks[0][name].shape == (4, *shape)
        assert blocks[0][name].dtype == np.float32
        assert len(layer_times(TINY, 30)[name]) == shape[0]


def test_recorded_values(model, inputs):
    recorded = [
        np.concatenate(layer) for layer in zip(*(b.values() for b in activations.record(model, inputs, 4)), strict=True)
    ]
    np.testing.assert_array_equal(recorded[0], inputs.swapaxes(1, 2))
    assert all(layer.min() == 0 and layer.max() > 0 for layer in recorded[1:])
    weights = storage.weights(model)
    last = recorded[-1].swapaxes(1, 2).reshape(11, -1)
    logits = last @ weights["score/kernel"] + weights["score/bias"]
    np.testing.assert_allclose(model.predict_on_batch(inputs), logits, atol=1e-5)


def test_recording_does_not_depend_on_batches_or_storage(model, inputs, tmp_path):
    with h5py.File(tmp_path / "inputs.h5", "w") as file:
        file["inputs"] = inputs
        stored = [block["temporal1"] for block in activations.record(model, file["inputs"], batch_size=5)]
    (whole,) = activations.record(model, inputs)
    np.testing.assert_allclose(np.concatenate(stored), whole["temporal1"], atol=1e-6)


def test_weights_move_to_a_fresh_network(model, inputs):
    twin = backbones.build(TINY, TASKS["action_recognition"], 2, SHAPE, 20)
    storage.set_weights(twin, storage.weights(model))
    np.testing.assert_array_equal(twin.predict_on_batch(inputs), model.predict_on_batch(inputs))
    assert "spatial0_convolution/kernel" in storage.weights(twin)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("score/bias"), "score/bias is missing"),
        (
            lambda w: w.update({"score/bias": np.zeros(3)}),
            r"score/bias has shape \(3,\), but the network expects \(20,\)",
        ),
        (lambda w: w.update({"lstm/kernel": np.zeros(3)}), "the network has no lstm/kernel"),
    ],
)
def test_foreign_weights_are_refused_and_change_nothing(model, change, message):
    before = storage.weights(model)
    foreign = {name: array + 1 for name, array in before.items()}
    change(foreign)
    with pytest.raises(InputError, match=message):
        storage.set_weights(model, foreign)
    for name, array in storage.weights(model).items():
        np.testing.assert_array_equal(array, before[name])
