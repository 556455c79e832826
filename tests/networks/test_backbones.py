"""The published architecture: layer sizes, weights, normalisation, seeds."""

import keras
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks import activations, backbones, storage
from proprionet.networks.settings import PRESETS
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import layer_times

BEST = PRESETS["spatial_temporal_best"]
RECOGNITION, DECODING = TASKS["action_recognition"], TASKS["trajectory_decoding"]


def test_sizes_of_table_3():
    model = backbones.build(BEST, RECOGNITION, seed=0)
    sizes = {
        "input": (25, 320, 2), "spatial0": (13, 320, 8), "spatial1": (7, 320, 16), "spatial2": (4, 320, 16),
        "spatial3": (2, 320, 32), "temporal0": (2, 107, 32), "temporal1": (2, 36, 32), "temporal2": (2, 12, 64),
        "temporal3": (2, 4, 64),
    }  # fmt: skip
    for layer, size in sizes.items():
        assert model.get_layer(layer).output.shape[1:] == size
    shapes = activations.layer_shapes(model)
    assert shapes == {layer: (step, space, channel) for layer, (space, step, channel) in sizes.items()}
    assert sum(space * channel for _, space, channel in shapes.values()) == 778


@pytest.mark.parametrize(("channels", "expected"), [(2, 80_112), (1, 80_056)])
def test_number_of_convolution_weights(channels, expected):
    model = backbones.build(BEST, RECOGNITION, seed=0, input_shape=(25, 320, channels))
    assert sum(w.size for name, w in storage.weights(model).items() if "convolution" in name) == expected


def test_heads():
    recognition, decoding = backbones.build(BEST, RECOGNITION, seed=0), backbones.build(BEST, DECODING, seed=0)
    assert recognition.output_shape == (None, 20)
    assert recognition.get_layer("score").kernel.shape == (2 * 4 * 64, 20)
    assert recognition.get_layer("head_dropout").rate == 0.3
    assert decoding.output_shape == (None, 4, 3)
    assert decoding.get_layer("score").kernel.shape == (2 * 64, 3)
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in decoding.layers)


def test_decoding_head_answers_each_step_from_that_step_alone():
    model = backbones.build(BEST, DECODING, seed=0)
    head = keras.Model(model.get_layer("temporal3").output, model.output)
    features = np.random.default_rng(0).normal(size=(1, 2, 4, 64)).astype(np.float32)
    score = model.get_layer("score")
    expected = np.einsum("sc,sco->o", features[0, :, 2], np.reshape(score.kernel, (2, 64, 3)))
    np.testing.assert_allclose(head.predict_on_batch(features)[0, 2], expected, rtol=1e-4, atol=1e-5)


def test_another_arm_and_duration():
    model = backbones.build(BEST, DECODING, seed=0, input_shape=(39, 400, 2), n_outputs=6)
    assert model.output_shape == (None, len(layer_times(BEST, 400)["temporal3"]), 6)
    assert activations.layer_shapes(model)["spatial0"] == (400, 20, 8)


@pytest.mark.parametrize("shape", [(25, 320), (25, 0, 2)])
def test_bad_input_shape_is_refused(shape):
    with pytest.raises(InputError, match="expected \\(muscle, step, channel\\)"):
        backbones.build(BEST, RECOGNITION, seed=0, input_shape=shape)


def test_normalisation_formula():
    """One mean and variance a sample over space, time and channels; gain and offset a channel; then ReLU."""
    model = backbones.build(BEST, RECOGNITION, seed=0)
    random = np.random.default_rng(1)
    gain, offset = random.normal(size=(2, 8)).astype(np.float32)
    storage.set_weights(
        model,
        storage.weights(model) | {"spatial0_normalisation/gamma": gain, "spatial0_normalisation/beta": offset},
    )
    convolved = model.get_layer("spatial0_convolution").output
    block = keras.Model(model.input, [convolved, model.get_layer("spatial0").output])
    inputs = random.normal(3, 10, size=(3, 25, 320, 2)).astype(np.float32)
    before, after = (output.astype(np.float64) for output in block.predict_on_batch(inputs))
    mean, variance = before.mean(axis=(1, 2, 3), keepdims=True), before.var(axis=(1, 2, 3), keepdims=True)
    expected = np.maximum((before - mean) / np.sqrt(variance + 1e-12) * gain + offset, 0)
    np.testing.assert_allclose(after, expected, atol=2e-5)


def test_first_convolution_is_a_sum_over_muscles():
    """SAME padding of 25 muscles, kernel 7, stride 2: output s looks at muscles 2s - 3 to 2s + 3."""
    model = backbones.build(BEST, RECOGNITION, seed=0)
    inputs = np.random.default_rng(2).normal(size=(1, 25, 320, 2)).astype(np.float32)
    convolved = keras.Model(model.input, model.get_layer("spatial0_convolution").output).predict_on_batch(inputs)
    padded = np.pad(inputs[0], ((3, 3), (0, 0), (0, 0)))
    kernel = storage.weights(model)["spatial0_convolution/kernel"][:, 0]
    expected = np.stack([np.einsum("ktc,kcf->tf", padded[2 * s : 2 * s + 7], kernel) for s in range(13)])
    np.testing.assert_allclose(convolved[0], expected, atol=1e-5)


def test_initial_backbone_depends_on_the_seed_not_on_the_task():
    recognition, again, other = (storage.weights(backbones.build(BEST, RECOGNITION, seed=s)) for s in (3, 3, 4))
    decoding = storage.weights(backbones.build(BEST, DECODING, seed=3))
    for name in recognition:
        np.testing.assert_array_equal(recognition[name], again[name])
        if not name.startswith("score"):
            np.testing.assert_array_equal(recognition[name], decoding[name])
    kernels = [name for name in recognition if name.endswith("convolution/kernel")]
    assert not any(np.array_equal(recognition[name], other[name]) for name in kernels)
    limit = np.sqrt(6 / (7 * 2 + 7 * 8))
    assert 0.9 * limit < np.abs(recognition["spatial0_convolution/kernel"]).max() <= limit
