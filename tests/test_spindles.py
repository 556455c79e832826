import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proprionet.spindles import kinematic

STEP_S = 0.015


def test_a_ramp_has_its_slope_everywhere():
    times = STEP_S * np.arange(40)
    slopes = np.array([-30.0, 0.0, 250.0])
    inputs = kinematic(100 + slopes[None, :, None] * times, STEP_S)
    assert inputs.shape == (1, 3, 40, 2)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[0, :, :, 0], 100 + np.outer(slopes, times), rtol=1e-6)
    np.testing.assert_allclose(inputs[0, :, :, 1], np.broadcast_to(slopes[:, None], (3, 40)), atol=1e-3)


def test_a_sine_has_the_velocity_of_a_central_difference():
    times, frequency = STEP_S * np.arange(320), 2 * np.pi * 1.5
    velocity = kinematic(20 * np.sin(frequency * times)[None, None], STEP_S)[0, 0, :, 1]
    expected = 20 * np.cos(frequency * times) * np.sin(frequency * STEP_S) / STEP_S  # exact but for the ends
    np.testing.assert_allclose(velocity[1:-1], expected[1:-1], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(velocity, 20 * frequency * np.cos(frequency * times), atol=14)


@given(first=st.integers(0, 3), count=st.integers(1, 3), length=st.integers(2, 6))
def test_movements_and_muscles_do_not_mix(first, count, length):
    lengths = np.random.default_rng(0).normal(100, 10, (6, 6, length)).astype(np.float32)
    some = slice(first, first + count)
    np.testing.assert_array_equal(kinematic(lengths[some, some], STEP_S), kinematic(lengths, STEP_S)[some, some])
