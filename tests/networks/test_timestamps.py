"""Layer times against the receptive fields of real Keras convolutions."""

import keras
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks.settings import PRESETS
from proprionet.networks.timestamps import layer_times, target_times

BEST = PRESETS["spatial_temporal_best"]


def with_time(kernel, stride, n_layers):
    return BEST.model_copy(
        update={"temporal_kernel": kernel, "temporal_stride": stride, "temporal_filters": (1,) * n_layers}
    )


def receptive_fields(settings, n_steps):
    """(first, last) input step that reaches each unit of each layer: impulses through convolutions of ones."""
    response = np.eye(n_steps)[..., None]
    for _ in settings.temporal_filters:
        convolution = keras.layers.Conv1D(
            1, settings.temporal_kernel, settings.temporal_stride, padding="same", use_bias=False
        )
        convolution.build(response.shape)
        convolution.kernel.assign(np.ones(convolution.kernel.shape))
        response = np.minimum(keras.ops.convert_to_numpy(convolution(response)), 1)
        reached = response[..., 0] > 0
        yield reached.argmax(axis=0), n_steps - 1 - reached[::-1].argmax(axis=0)


@pytest.mark.parametrize(
    ("kernel", "stride", "n_layers", "n_steps"),
    [
        (9, 3, 4, 320 + 8 * 81),
        (9, 3, 3, 320),
        (7, 2, 3, 400),
        (8, 2, 2, 101),
        (5, 1, 2, 50),
        (2, 1, 3, 40),
        (3, 3, 2, 64),
    ],
)
def test_times_are_the_centres_of_receptive_fields(kernel, stride, n_layers, n_steps):
    settings = with_time(kernel, stride, n_layers)
    times = list(layer_times(settings, n_steps).values())[-n_layers:]
    for layer, (centre, (first, last)) in enumerate(zip(times, receptive_fields(settings, n_steps), strict=True)):
        width = 1 + (kernel - 1) * sum(stride**below for below in range(layer + 1))
        whole = last - first + 1 == width
        assert whole.any()
        np.testing.assert_array_equal(centre[whole], ((first + last) / 2)[whole])


def test_best_network_at_320_steps():
    times = layer_times(BEST, 320)
    assert list(times) == ["input", *(f"spatial{i}" for i in range(4)), *(f"temporal{i}" for i in range(4))]
    np.testing.assert_array_equal(times["spatial3"], np.arange(320))
    np.testing.assert_array_equal(times["temporal0"], 3 * np.arange(107) + 1)
    np.testing.assert_array_equal(times["temporal3"], [40, 121, 202, 283])
    np.testing.assert_array_equal(target_times(BEST, 320), [40, 121, 202, 283])
    np.testing.assert_array_equal(target_times(BEST, 320, "published"), [0, 106, 212, 318])


def test_targets_stay_within_the_movement():
    """An even kernel looks half a step ahead."""
    settings = with_time(2, 1, 3)
    np.testing.assert_array_equal(layer_times(settings, 40)["temporal2"], np.arange(40) + 1.5)
    np.testing.assert_array_equal(target_times(settings, 40)[-3:], [38.5, 39, 39])


def test_published_grid_that_leaves_the_movement_is_refused():
    with pytest.raises(InputError, match="step 12 lies beyond a movement of 12 steps"):
        target_times(with_time(4, 4, 1), 12, "published")
