"""The published architectures: layer sizes, weights, normalisation, causality, recurrence, seeds."""

import keras
import numpy as np
import pytest
from small_networks import SMALL

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks import activations, backbones, storage
from proprionet.networks.blocks import CausalNormalisation
from proprionet.networks.families import Spatiotemporal
from proprionet.networks.settings import PRESETS
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import layer_times

BEST = PRESETS["spatial_temporal_best"]
RECOGNITION, DECODING = TASKS["action_recognition"], TASKS["trajectory_decoding"]


SIZES = {
    "spatial_temporal_best": [
        (25, 320, 2), (13, 320, 8), (7, 320, 16), (4, 320, 16), (2, 320, 32),
        (2, 107, 32), (2, 36, 32), (2, 12, 64), (2, 4, 64),
    ],
    "spatiotemporal_best": [(25, 320, 2), (13, 160, 8), (7, 80, 8), (4, 40, 32), (2, 20, 64)],
    "lstm_best": [(25, 320, 2), (25, 320, 8), (25, 320, 16), (25, 320, 16), (256, 320, 1)],
}  # fmt: skip


def build(settings, task, seed=0, input_shape=(25, 320, 2), n_outputs=None):
    return backbones.build(settings, task, seed, input_shape, n_outputs or {"action_recognition": 20}.get(task.name, 3))


def recorder(model):
    """The model's recorded layers, (movement, layer_time, space, channel), computed at once without a graph."""
    names = activations.layer_names(model)
    outputs = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    return lambda inputs: {
        name: keras.ops.convert_to_numpy(values).swapaxes(1, 2)
        for name, values in zip(names, outputs([inputs]), strict=True)
    }


@pytest.mark.parametrize(("preset", "units"), list(zip(SIZES, (778, 466, 1306), strict=True)))
def test_sizes_of_table_3(preset, units):
    settings = PRESETS[preset]
    model = build(settings, RECOGNITION, seed=0)
    shapes = activations.layer_shapes(model)
    assert list(shapes) == ["input", *(layer.name for layer in settings.layers())]
    assert list(shapes.values()) == [(step, space, channel) for space, step, channel in SIZES[preset]]
    assert [model.get_layer(name).output.shape[1:] for name in shapes] == SIZES[preset]
    assert sum(space * channel for _, space, channel in shapes.values()) == units


@pytest.mark.parametrize(
    ("preset", "channels", "expected"),
    [
        ("spatial_temporal_best", 2, 80_112),
        ("spatial_temporal_best", 1, 80_056),
        ("spatiotemporal_best", 2, 116_816),
        ("lstm_best", 2, 675_792),
    ],
)
def test_number_of_weights(preset, channels, expected):
    """As published without head and normaliser; cuDNN's LSTM has two biases, of which Keras keeps the sum."""
    weights = storage.weights(build(PRESETS[preset], RECOGNITION, seed=0, input_shape=(25, 320, channels)))
    sizes = {name: array.size for name, array in weights.items() if "convolution" in name or "recurrent" in name}
    assert sum(sizes.values()) + sizes.get("recurrent0_lstm/bias", 0) == expected


@pytest.mark.parametrize("family", SMALL)
@pytest.mark.parametrize("shape", [(39, 50, 10), (4, 37, 1)])
def test_any_input_shape(family, shape):
    """Another arm with populations of afferents; joints as input."""
    settings = SMALL[family]
    model = build(settings, DECODING, seed=0, input_shape=shape, n_outputs=6)
    times = layer_times(settings, shape[1])
    shapes = activations.layer_shapes(model)
    assert list(shapes) == list(times)
    assert all(len(times[name]) == step for name, (step, _, _) in shapes.items())
    assert shapes["input"] == (shape[1], shape[0], shape[2])
    assert model.output_shape == (None, len(list(times.values())[-1]), 6)


def test_a_stride_for_each_layer():
    settings = Spatiotemporal(
        spatiotemporal_filters=(2,) * 5,
        spatial_kernel=3,
        temporal_kernel=3,
        spatial_stride=(2, 1, 2, 1, 2),
        temporal_stride=(1, 2, 2, 1, 1),
    )
    shapes = activations.layer_shapes(build(settings, RECOGNITION, seed=0, input_shape=(39, 400, 2)))
    assert list(shapes.values())[1:] == [(400, 20, 2), (200, 20, 2), (100, 10, 2), (100, 10, 2), (100, 5, 2)]


def test_heads():
    recognition, decoding = build(BEST, RECOGNITION, seed=0), build(BEST, DECODING, seed=0)
    assert recognition.output_shape == (None, 20)
    assert recognition.get_layer("score").kernel.shape == (2 * 4 * 64, 20)
    assert recognition.get_layer("head_dropout").rate == 0.3
    assert decoding.output_shape == (None, 4, 3)
    assert decoding.get_layer("score").kernel.shape == (2 * 64, 3)
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in decoding.layers)


def test_decoding_head_answers_each_step_from_that_step_alone():
    model = build(BEST, DECODING, seed=0)
    head = keras.Model(model.get_layer("temporal3").output, model.output)
    features = np.random.default_rng(0).normal(size=(1, 2, 4, 64)).astype(np.float32)
    score = model.get_layer("score")
    expected = np.einsum("sc,sco->o", features[0, :, 2], np.reshape(score.kernel, (2, 64, 3)))
    np.testing.assert_allclose(head.predict_on_batch(features)[0, 2], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(25, 320), (25, 0, 2)])
def test_bad_input_shape_is_refused(shape):
    with pytest.raises(InputError, match="expected \\(muscle, step, channel\\)"):
        build(BEST, RECOGNITION, seed=0, input_shape=shape)


def test_normalisation_formula():
    """One mean and variance a sample over space, time and channels; gain and offset a channel; then ReLU."""
    model = build(BEST, RECOGNITION, seed=0)
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
    model = build(BEST, RECOGNITION, seed=0)
    inputs = np.random.default_rng(2).normal(size=(1, 25, 320, 2)).astype(np.float32)
    convolved = keras.Model(model.input, model.get_layer("spatial0_convolution").output).predict_on_batch(inputs)
    padded = np.pad(inputs[0], ((3, 3), (0, 0), (0, 0)))
    kernel = storage.weights(model)["spatial0_convolution/kernel"][:, 0]
    expected = np.stack([np.einsum("ktc,kcf->tf", padded[2 * s : 2 * s + 7], kernel) for s in range(13)])
    np.testing.assert_allclose(convolved[0], expected, atol=1e-5)


def test_causal_normaliser_is_the_published_one_of_the_steps_so_far():
    random = np.random.default_rng(3)
    inputs = random.normal(50, 2, size=(2, 4, 30, 3)).astype(np.float32)
    ours = keras.ops.convert_to_numpy(CausalNormalisation()(inputs))
    for step in (0, 7, 29):
        so_far = inputs[:, :, : step + 1].astype(np.float64)
        mean, deviation = (f(so_far, axis=(1, 2, 3), keepdims=True) for f in (np.mean, np.std))
        np.testing.assert_allclose(ours[:, :, step], ((so_far - mean) / deviation)[:, :, -1], atol=2e-5)


@pytest.mark.parametrize("family", SMALL)
def test_causal_layers_do_not_look_ahead(family):
    """Input that changes from step 14 on changes what layers say from that time on, and nothing before it."""
    settings, shape, changed = SMALL[family].model_copy(update={"causal": True}), (6, 26, 2), 14
    model = build(settings, DECODING, 1, shape)
    times = layer_times(settings, shape[1])
    inputs = np.random.default_rng(4).normal(size=(3, *shape)).astype(np.float32)
    other = inputs.copy()
    other[:, :, changed:] += 1
    layers, others = recorder(model)(inputs), recorder(model)(other)
    for name, values in layers.items():
        before = times[name] < changed
        np.testing.assert_array_equal(values[:, before], others[name][:, before], err_msg=name)
        differs = (values != others[name]).any(axis=(0, 2, 3))
        assert np.flatnonzero(differs)[0] == np.count_nonzero(before), name


def test_published_normaliser_sees_the_whole_movement():
    model = build(SMALL["spatial_temporal"], DECODING, 1, (6, 40, 2))
    inputs = np.random.default_rng(4).normal(size=(1, 6, 40, 2)).astype(np.float32)
    other = inputs.copy()
    other[:, :, -1] += 1
    layers, others = recorder(model)(inputs), recorder(model)(other)
    assert not np.array_equal(layers["spatial0"][:, 0], others["spatial0"][:, 0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_lstm_formula_and_decision_at_the_last_step():
    model = build(SMALL["lstm"], RECOGNITION, 2, (6, 12, 2))
    weights = {name: array.astype(np.float64) for name, array in storage.weights(model).items()}
    inputs = np.random.default_rng(5).normal(size=(2, 6, 12, 2)).astype(np.float32)
    layers = recorder(model)(inputs)
    below = layers["spatial1"].reshape(2, 12, -1)
    for name in ("recurrent0", "recurrent1"):
        kernel, recurrent, bias = (weights[f"{name}_lstm/{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        output = cell = np.zeros((2, recurrent.shape[0]))
        expected = []
        for step in range(12):
            gates = below[:, step] @ kernel + output @ recurrent + bias
            enter, forget, new, leave = np.split(gates, 4, axis=1)
            cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
            output = sigmoid(leave) * np.tanh(cell)
            expected.append(output)
        np.testing.assert_allclose(layers[name][..., 0], np.stack(expected, axis=1), atol=1e-5)
        below = layers[name][..., 0]
    logits = below[:, -1] @ weights["score/kernel"] + weights["score/bias"]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(inputs)), logits, atol=1e-5)


def test_recurrent_layers_start_as_cudnn_but_remember():
    """Glorot limits of each gate; biases are 0, the forget gate's 1."""
    weights = storage.weights(build(PRESETS["lstm_best"], RECOGNITION, seed=0))
    for part, n_inputs in (("kernel", 400), ("recurrent_kernel", 256)):
        limit = np.sqrt(6 / (n_inputs + 256))
        assert 0.99 * limit < np.abs(weights[f"recurrent0_lstm/{part}"]).max() <= limit
    np.testing.assert_array_equal(weights["recurrent0_lstm/bias"].reshape(4, 256)[:, 0], [0, 1, 0, 0])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_long_memory_fades_as_slowly_as_it_was_asked_to(cell):
    """Without input, units start with time constants spread over 2 to 50 steps; else an LSTM has lost all after 20."""
    kept = {}
    for memory in (None, 50):
        settings = SMALL["lstm"].model_copy(update={"cell": cell, "recurrent_units": (200,), "memory": memory})
        weights = storage.weights(build(settings, RECOGNITION, 0, (6, 12, 2)))
        bias = np.atleast_2d(weights[f"recurrent0_{cell}/bias"])[0]
        kept[memory] = sigmoid(bias.reshape({"lstm": 4, "gru": 3}[cell], 200)[1 if cell == "lstm" else 0])
    steps = 1 / (1 - kept[50])
    np.testing.assert_allclose(np.quantile(steps, [0, 0.5, 1]), [2, 26, 50], atol=2)
    assert (1 / (1 - kept[None])).max() < 4
    assert settings.name.endswith(f"{cell}200_m50")


def test_affine_layer_takes_all_muscles_of_a_step():
    model = build(SMALL["affine"], DECODING, 2, (6, 12, 2))
    inputs = np.random.default_rng(6).normal(size=(2, 6, 12, 2)).astype(np.float32)
    summed = np.einsum("bmtc,mcu->btu", inputs, storage.weights(model)["spatial0_dense/kernel"].reshape(6, 2, 7))
    mean, variance = summed.mean(axis=(1, 2), keepdims=True), summed.var(axis=(1, 2), keepdims=True)
    expected = np.maximum((summed - mean) / np.sqrt(variance), 0)
    np.testing.assert_allclose(recorder(model)(inputs)["spatial0"][..., 0], expected, atol=1e-5)
    rates = {layer.name: layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)}
    assert rates == {"spatial0_dropout": 0.3, "spatial1_dropout": 0.3}


@pytest.mark.parametrize("family", ["temporal_spatial", "lstm", "affine"])
def test_initial_backbone_depends_on_seed_and_architecture_not_on_the_task(family):
    def initial(settings, task, seed):
        weights = storage.weights(build(settings, task, seed, (6, 20, 2)))
        return {name: array for name, array in weights.items() if array.ndim > 1 and "scaling" not in name}

    settings = SMALL[family]
    recognition, decoding = initial(settings, RECOGNITION, 3), initial(settings, DECODING, 3)
    seed, architecture = (
        initial(settings, DECODING, 4),
        initial(settings.model_copy(update={"dropout": 0.5}), DECODING, 3),
    )
    assert recognition.keys() == decoding.keys()
    for name in recognition.keys() - {"score/kernel"}:
        np.testing.assert_array_equal(recognition[name], decoding[name], err_msg=name)
        assert not np.array_equal(decoding[name], seed[name])
        assert not np.array_equal(decoding[name], architecture[name])


def test_initial_weights_are_the_same_on_every_backend():
    """They are NumPy's: Glorot's limit over kernel, inputs and outputs."""
    kernel = storage.weights(build(BEST, RECOGNITION, seed=3))["spatial0_convolution/kernel"]
    limit = np.sqrt(6 / (7 * 2 + 7 * 8))
    random = seeds.generator(3, "weights", BEST.name, "spatial0")
    np.testing.assert_array_equal(kernel, random.uniform(-limit, limit, (7, 1, 2, 8)).astype(np.float32))
