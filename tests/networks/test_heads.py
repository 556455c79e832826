"""Heads: sizes in every family, what each answer depends on, weights, learning."""

import keras
import numpy as np
import pytest
from keras import ops
from small_networks import SMALL

from proprionet.networks import activations, backbones, redundancy
from proprionet.networks.blocks import InitialWeights
from proprionet.networks.heads import HEADS, HeadContext

SHAPES = [(39, 400, 2), (25, 320, 2), (7, 41, 1), (4, 50, 2)]
CONVOLUTIONS = SMALL["spatial_temporal"]


def network(head, settings=CONVOLUTIONS, input_shape=(7, 41, 1), n_outputs=3, given=0, seed=0):
    """Backbone and head, without scaling."""
    initial = InitialWeights(seed, settings.name)
    inputs = keras.Input(input_shape, name="input")
    told = keras.Input((given,), name="given") if given else None
    context = HeadContext(settings, input_shape, n_outputs, initial, told)
    outputs = HEADS[head](backbones.backbone(inputs, settings, initial), context)
    return keras.Model(inputs if told is None else [inputs, told], outputs)


def run(model, *inputs):
    return ops.convert_to_numpy(model(inputs if len(inputs) > 1 else inputs[0]))


@pytest.fixture
def inputs():
    return np.random.default_rng(0).normal(size=(6, 7, 41, 1)).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", SMALL)
def test_sizes_of_answers(family, shape):
    settings = SMALL[family]
    muscle, step, channel = shape
    models = {
        head: network(head, settings, shape, n_outputs, given=3 if head == "driven_step" else 0)
        for head, n_outputs in [("movement", 20), ("step", 6), ("driven_step", 4), ("decoder", muscle * channel)]
    }
    last = settings.layers()[-1].name
    layer_time = models["step"].get_layer(last).output.shape[2]
    assert {head: model.output_shape[1:] for head, model in models.items()} == {
        "movement": (20,),
        "step": (layer_time, 6),
        "driven_step": (layer_time, 4),
        "decoder": (step, muscle * channel),
    }
    assert [tuple(given.shape) for given in models["driven_step"].inputs] == [(None, *shape), (None, 3)]
    for model in models.values():
        assert activations.layer_names(model) == ["input", *(layer.name for layer in settings.layers())]


@pytest.mark.parametrize("family", SMALL)
def test_size_of_the_projector(family):
    model = network("projector", SMALL[family], n_outputs=256)
    n_units = np.prod(model.get_layer(SMALL[family].layers()[-1].name).output.shape[1:])
    assert model.output_shape == (None, 256)
    kernels = [model.get_layer(name).kernel.shape for name in ("head_hidden0_dense", "head_hidden1_dense", "score")]
    assert kernels == [(n_units, 256), (256, 256), (256, 256)]


@pytest.mark.parametrize("head", HEADS)
def test_answers_are_linear_and_start_without_offset(head):
    model = network(head)
    assert model.layers[-1].name == "score"
    assert not ops.convert_to_numpy(model.layers[-1].bias).any()
    assert ops.convert_to_numpy(model.layers[-1].kernel).any()
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == ([0.3] if head in ("movement", "decoder", "projector") else [])


@pytest.mark.parametrize("head", HEADS)
def test_the_seed_decides_the_weights(head):
    first, again, other = (network(head, seed=seed).get_weights() for seed in (0, 0, 1))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first[-2] != other[-2]).any()


def test_a_driven_head_answers_each_step_from_its_features_and_what_is_given(inputs):
    """By hand: one hidden layer on features and values given, normalised over units and steps, then a linear one."""
    model = network("driven_step", given=3)
    given = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    last = keras.Model(model.inputs, model.get_layer("temporal1").output)
    features = np.moveaxis(run(last, inputs, given), 2, 1).reshape(6, 7, -1)
    told = np.concatenate([features, np.repeat(given[:, None], 7, axis=1)], axis=-1)
    hidden = told @ ops.convert_to_numpy(model.get_layer("head_hidden_dense").kernel)
    assert hidden.shape == (6, 7, 128)
    hidden -= hidden.mean(axis=(1, 2), keepdims=True)
    hidden = np.maximum(hidden / hidden.std(axis=(1, 2), keepdims=True), 0)
    expected = hidden @ ops.convert_to_numpy(model.get_layer("score").kernel)
    np.testing.assert_allclose(run(model, inputs, given), expected, atol=1e-4)
    changed = np.abs(run(model, inputs, given + np.eye(3)[1]) - expected).max(axis=-1)
    assert changed.min() > 1e-3
    other = run(model, inputs, np.concatenate([given[:5], given[5:] + 1]))
    np.testing.assert_allclose(other[:5], expected[:5], atol=1e-4)


def test_a_driven_head_with_nothing_given():
    assert network("driven_step").output_shape == (None, 7, 3)


def test_a_causal_driven_head_does_not_look_ahead(inputs):
    settings = CONVOLUTIONS.model_copy(update={"causal": True})
    model = network("driven_step", settings)
    later = inputs.copy()
    later[:, :, 30:] += 1
    before, after = run(model, inputs), run(model, later)
    np.testing.assert_allclose(after[:, :5], before[:, :5], atol=1e-5)  # steps 0, 6, ..., 24
    assert np.abs(after[:, 5:] - before[:, 5:]).max() > 1e-3


def test_the_projector_normalises_over_the_batch(inputs):
    model = network("projector", n_outputs=256)
    hidden = keras.Model(model.input, model.get_layer("head_hidden0_normalisation").output)
    normalised = ops.convert_to_numpy(hidden(inputs, training=True))
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(run(hidden, inputs[:1]), run(hidden, inputs)[:1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("head", "loss"), [("driven_step", "mse"), ("projector", redundancy.loss)])
def test_learns_down_to_the_first_layer(inputs, head, loss):
    """A few steps of Adam reduce the loss and move the first kernel."""
    settings = SMALL["spatiotemporal"].model_copy(update={"dropout": 0.0})
    driven = head == "driven_step"
    model = network(head, settings, given=3 if driven else 0)
    known = [inputs, inputs[:, :3, 0, 0]] if driven else inputs
    targets = np.random.default_rng(2).normal(size=(6, *model.output_shape[1:]))
    kernel = model.get_layer("spatiotemporal0_convolution").kernel
    before = ops.convert_to_numpy(kernel).copy()
    model.compile(keras.optimizers.Adam(0.01), loss)
    losses = [float(model.train_on_batch(known, targets)) for _ in range(20)]
    assert losses[-1] < 0.8 * losses[0]
    assert np.abs(ops.convert_to_numpy(kernel) - before).max() > 1e-3


@pytest.mark.parametrize("head", HEADS)
def test_answers_are_float32_whatever_the_precision(head):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert network(head).output.dtype == "float32"
    finally:
        keras.config.set_dtype_policy(policy)
