"""Layer times against the receptive fields of real Keras convolutions."""

import keras
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks.families import Affine, Recurrent, Spatiotemporal, TemporalSpatial
from proprionet.networks.settings import PRESETS
from proprionet.networks.timestamps import layer_times, target_times

BEST = PRESETS["spatial_temporal_best"]


def with_time(kernel, strides, n_layers, causal=False):
    update = {"temporal_kernel": kernel, "temporal_filters": (1,) * n_layers, "causal": causal}
    return BEST.model_copy(update={**update, "temporal_stride": strides})


def receptive_fields(settings, n_steps):
    """(first, last) input step that reaches each unit of each layer: impulses through convolutions of ones."""
    response = np.eye(n_steps)[..., None]
    for layer in settings.layers():
        padding = "causal" if settings.causal else "same"
        convolution = keras.layers.Conv1D(1, layer.kernel[1], layer.stride[1], padding=padding, use_bias=False)
        convolution.build(response.shape)
        convolution.kernel.assign(np.ones(convolution.kernel.shape))
        response = np.minimum(keras.ops.convert_to_numpy(convolution(response)), 1)
        reached = response[..., 0] > 0
        yield reached.argmax(axis=0), n_steps - 1 - reached[::-1].argmax(axis=0)


@pytest.mark.parametrize(
    ("kernel", "strides", "n_layers", "n_steps"),
    [
        (9, (3,), 4, 320 + 8 * 81),
        (9, (3,), 3, 320),
        (7, (2,), 3, 400),
        (8, (2,), 2, 101),
        (5, (1,), 2, 50),
        (2, (1,), 3, 40),
        (3, (3,), 2, 64),
        (5, (2, 1, 2, 1, 1), 5, 400),
    ],
)
def test_times_are_the_centres_of_receptive_fields(kernel, strides, n_layers, n_steps):
    settings = with_time(kernel, strides, n_layers)
    times = list(layer_times(settings, n_steps).values())[1:]
    width = spacing = 1
    fields = receptive_fields(settings, n_steps)
    for layer, centre, (first, last) in zip(settings.layers(), times, fields, strict=True):
        width += (layer.kernel[1] - 1) * spacing
        spacing *= layer.stride[1]
        whole = last - first + 1 == width
        assert whole.any()
        np.testing.assert_array_equal(centre[whole], ((first + last) / 2)[whole])


@pytest.mark.parametrize(("kernel", "strides", "n_layers"), [(9, (3,), 4), (8, (2, 1, 3), 3)])
def test_causal_times_are_the_last_steps_seen(kernel, strides, n_layers):
    settings = with_time(kernel, strides, n_layers, causal=True)
    for centre, (_, last) in zip(
        list(layer_times(settings, 320).values())[1:], receptive_fields(settings, 320), strict=True
    ):
        np.testing.assert_array_equal(centre, last)


def test_best_network_at_320_steps():
    times = layer_times(BEST, 320)
    assert list(times) == ["input", *(f"spatial{i}" for i in range(4)), *(f"temporal{i}" for i in range(4))]
    np.testing.assert_array_equal(times["spatial3"], np.arange(320))
    np.testing.assert_array_equal(times["temporal0"], 3 * np.arange(107) + 1)
    np.testing.assert_array_equal(times["temporal3"], [40, 121, 202, 283])
    np.testing.assert_array_equal(target_times(BEST, 320), [40, 121, 202, 283])
    np.testing.assert_array_equal(target_times(BEST, 320, "published"), [0, 106, 212, 318])


def test_times_of_the_other_families():
    time = {"temporal_filters": (1, 1), "temporal_kernel": 3, "temporal_stride": 3}
    space = {"spatial_filters": (1, 1), "spatial_kernel": 3, "spatial_stride": 1}
    third, ninth = 3 * np.arange(9) + 1, 9 * np.arange(3) + 4
    both = {name: value for name, value in {**space, **time}.items() if "filters" not in name}
    expected = {
        TemporalSpatial(**space, **time): ("temporal", third, "temporal", ninth, "spatial", ninth, "spatial", ninth),
        Affine(spatial_units=(4,), **time): ("spatial", np.arange(27), "temporal", third, "temporal", ninth),
        Spatiotemporal(spatiotemporal_filters=(1, 1), **both): ("spatiotemporal", third, "spatiotemporal", ninth),
        Recurrent(spatial_filters=(1,), spatial_kernel=3, spatial_stride=1, recurrent_units=(4,)): (
            *("spatial", np.arange(27)),
            *("recurrent", np.arange(27)),
        ),
    }
    for settings, layers in expected.items():
        times = layer_times(settings, 27)
        assert [name.rstrip("0123456789") for name in times] == ["input", *layers[::2]]
        for found, wanted in zip(list(times.values())[1:], layers[1::2], strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_targets_stay_within_the_movement():
    """An even kernel looks half a step ahead."""
    settings = with_time(2, (1,), 3)
    np.testing.assert_array_equal(layer_times(settings, 40)["temporal2"], np.arange(40) + 1.5)
    np.testing.assert_array_equal(target_times(settings, 40)[-3:], [38.5, 39, 39])


def test_published_grid_that_leaves_the_movement_is_refused():
    with pytest.raises(InputError, match="step 12 lies beyond a movement of 12 steps"):
        target_times(with_time(4, (4,), 1), 12, "published")
