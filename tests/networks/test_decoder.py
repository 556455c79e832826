"""The decoder: sizes in every family, exact mirrors of convolutions, steps apart in dense mirrors, gradients, seeds."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from small_networks import SMALL

from proprionet.networks import backbones
from proprionet.networks.blocks import InitialWeights
from proprionet.networks.decoder import mirrored
from proprionet.networks.families import Affine, SpatialTemporal

FAMILIES = SMALL | {
    "temporal_spatial": SMALL["temporal_spatial"].model_copy(update={"causal": True, "temporal_kernel": 6}),
    "spatiotemporal": SMALL["spatiotemporal"].model_copy(update={"spatial_stride": (1, 2)}),
    "causal_affine": Affine(
        spatial_units=(7,), temporal_filters=(3,), temporal_kernel=5, temporal_stride=5, causal=True
    ),
}
SHAPES = [(39, 400, 2), (25, 320, 2), (7, 41, 1), (4, 50, 2)]


def autoencoder(settings, input_shape, seed=0):
    """Backbone and decoder without the linear layer at the end."""
    initial = InitialWeights(seed, settings.name)
    inputs = keras.Input(input_shape, name="input")
    return keras.Model(inputs, mirrored(backbones.backbone(inputs, settings, initial), settings, input_shape, initial))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_mirror_has_the_size_of_the_layer_below(family, shape):
    settings = FAMILIES[family]
    model = autoencoder(settings, shape)
    names = ["input", *(layer.name for layer in settings.layers())]
    sizes = [tuple(model.get_layer(name).output.shape[1:]) for name in names]
    mirrors = [tuple(model.get_layer(f"decoder_{name}").output.shape[1:]) for name in names[1:]]
    assert mirrors[1:] == sizes[1:-1]
    channel = shape[2] if "affine" in family else settings.layers()[0].size
    assert mirrors[0] == model.output_shape[1:] == (*shape[:2], channel)


def test_weights_of_the_published_network():
    """Transposed kernels as large as the kernels they mirror, but for the first, whose input has 2 channels."""
    settings = SpatialTemporal(
        spatial_filters=(8, 16, 16, 32),
        temporal_filters=(32, 32, 64, 64),
        spatial_kernel=7,
        spatial_stride=2,
        temporal_kernel=9,
        temporal_stride=3,
    )
    model = autoencoder(settings, (25, 320, 2))
    for below, layer in pairwise(settings.layers()):
        kernel = model.get_layer(f"decoder_{layer.name}_convolution").kernel
        assert kernel.shape == model.get_layer(f"{layer.name}_convolution").kernel.shape
        assert kernel.shape == (*layer.kernel, below.size, layer.size)
    assert model.get_layer("decoder_spatial0_convolution").kernel.shape == (7, 1, 8, 8)
    assert {len(layer.weights) for layer in model.layers if layer.name.endswith("_convolution")} == {1}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("family", "name"),
    [("spatial_temporal", "spatial1"), ("spatial_temporal", "temporal0"), ("spatiotemporal", "spatiotemporal1")],
)
def test_mirror_of_a_convolution_is_its_adjoint(family, name, shape):
    """For the same kernel <convolution(x), y> = <x, mirror(y)>: it reaches the places that the unit had looked at."""
    settings = FAMILIES[family]
    model = autoencoder(settings, shape)
    below = {layer.name: below for below, layer in pairwise(settings.layers())}[name].name
    convolution = keras.Model(model.get_layer(below).output, model.get_layer(f"{name}_convolution").output)
    mirror_input = model.get_layer(f"decoder_{name}_convolution").input
    mirror = keras.Model(mirror_input, model.get_layer(f"decoder_{name}_crop").output)
    kernel = model.get_layer(f"{name}_convolution").kernel
    model.get_layer(f"decoder_{name}_convolution").kernel.assign(kernel)
    random = np.random.default_rng(0)
    x = random.normal(size=(1, *convolution.input_shape[1:])).astype(np.float32)
    y = random.normal(size=(1, *mirror.input_shape[1:])).astype(np.float32)
    forward, back = (keras.ops.convert_to_numpy(values) for values in (convolution(x), mirror(y)))
    assert np.vdot(forward, y) == pytest.approx(np.vdot(x, back), rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(("family", "name"), [("lstm", "recurrent0"), ("affine", "spatial0")])
def test_mirror_of_a_dense_layer_keeps_time_steps_apart(family, name):
    model = autoencoder(FAMILIES[family], (25, 320, 2))
    below = {"recurrent0": "decoder_recurrent1", "spatial0": "decoder_spatial1"}[name]
    mirror = keras.Model(model.get_layer(below).output, model.get_layer(f"decoder_{name}_space_first").output)
    features = np.random.default_rng(0).normal(size=(2, *mirror.input_shape[1:])).astype(np.float32)
    kernel = keras.ops.convert_to_numpy(model.get_layer(f"decoder_{name}_dense").kernel)
    _, space, _, channel = mirror.output_shape
    expected = np.einsum("bst,szc->bztc", features[..., 0], kernel.reshape(-1, space, channel))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(mirror(features)), expected, atol=1e-5)


def test_seed_and_architecture_decide_the_weights():
    settings = FAMILIES["spatial_temporal"]
    kernels = {
        (seed, shape): autoencoder(settings, shape, seed).get_layer("decoder_temporal0_convolution").kernel.numpy()
        for seed, shape in [(0, (25, 320, 2)), (0, (39, 400, 2)), (1, (25, 320, 2))]
    }
    same, other_input, other_seed = kernels.values()
    np.testing.assert_array_equal(same, other_input)
    assert (same != other_seed).any()


@pytest.mark.parametrize("family", ["spatiotemporal", "gru"])
def test_learns_down_to_the_first_layer(family):
    """A few steps of Adam bring the decoder's answer nearer to random images, and move the first kernel."""
    settings = FAMILIES[family]
    model = autoencoder(settings, (7, 41, 1))
    first = settings.layers()[0].name
    kernel = model.get_layer(f"{first}_convolution").kernel
    before = keras.ops.convert_to_numpy(kernel).copy()
    random = np.random.default_rng(0)
    inputs = random.normal(size=(4, 7, 41, 1)).astype(np.float32)
    targets = random.uniform(size=(4, *model.output_shape[1:])).astype(np.float32)
    model.compile(keras.optimizers.Adam(0.02), "mse")
    losses = [float(model.train_on_batch(inputs, targets)) for _ in range(15)]
    assert losses[-1] < 0.7 * losses[0]
    assert np.abs(keras.ops.convert_to_numpy(kernel) - before).max() > 1e-3
