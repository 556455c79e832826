import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.timing import align


def test_equals_numpy_signal_by_signal():
    random = np.random.default_rng(0)
    values, times = random.normal(size=(3, 9, 4)), np.cumsum(random.uniform(0.1, 2, 9))
    at = random.uniform(-3, 15, 50)
    expected = [[np.interp(at, times, values[trial, :, unit]) for unit in range(4)] for trial in range(3)]
    np.testing.assert_allclose(align(values, times, at), np.moveaxis(expected, 2, 1), atol=1e-12)


def test_straight_lines_stay_straight_and_ends_stay_put():
    times = np.array([0.5, 3.5, 6.5])
    line = np.array([1, 4, 7])[None, :, None]
    found = align(line, times, np.array([-9, 0.5, 1.0, 5.25, 6.5, 80]))
    np.testing.assert_allclose(found[0, :, 0], [1, 1, 1.5, 5.75, 7, 7])


def test_keeps_float32_and_takes_a_single_time():
    found = align(np.full((1, 1, 2), 3, dtype=np.float32), np.array([4.0]), np.array([0.0, 9.0]))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.full((1, 2, 2), 3))


def test_bad_clocks():
    with pytest.raises(InputError, match="times must rise"):
        align(np.zeros((1, 3, 1)), np.array([0.0, 1, 1]), np.array([0.5]))
    with pytest.raises(InputError, match=r"shape \(1, 3, 1\) and 2 times"):
        align(np.zeros((1, 3, 1)), np.array([0.0, 1]), np.array([0.5]))
