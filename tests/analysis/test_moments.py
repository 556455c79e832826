import numpy as np
import pytest

from proprionet.analysis import moments as module
from proprionet.analysis.moments import moments


@pytest.fixture
def samples():
    random = np.random.default_rng(0)
    return random.normal(1e4, 1, size=(200, 3)), random.normal(-1e4, 2, size=(200, 5))


def test_equal_definition_even_far_from_zero(samples, monkeypatch):
    monkeypatch.setattr(module, "NUMBERS_AT_ONCE", 35)  # many blocks, the last one ragged
    x, y = samples
    found = moments(x, y)
    centred_x, centred_y = x - x.mean(axis=0), y - y.mean(axis=0)
    assert found.n == 200
    np.testing.assert_allclose(found.mean_x, x.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.mean_y, y.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.xx, centred_x.T @ centred_x, atol=1e-8)
    np.testing.assert_allclose(found.xy, centred_x.T @ centred_y, atol=1e-8)
    np.testing.assert_allclose(found.yy, np.square(centred_y).sum(axis=0), atol=1e-8)


def test_parts_add_up(samples):
    x, y = samples
    whole, parts = moments(x, y), moments(x[:30], y[:30]) + moments(x[30:], y[30:])
    for name in ("n", "mean_x", "mean_y", "xx", "xy", "yy"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12, atol=1e-8)


def test_squared_error_of_any_line(samples):
    x, y = samples
    random = np.random.default_rng(1)
    slopes, intercept = random.normal(size=(4, 3, 5)), random.normal(size=(4, 5))
    expected = np.square(y - x @ slopes - intercept[:, None]).sum(axis=1)
    np.testing.assert_allclose(moments(x, y).squared_error(slopes, intercept), expected, rtol=1e-10)


def test_moments_of_some_features(samples):
    x, y = samples
    some, alone = moments(x, y).of(slice(1, 3)), moments(x[:, 1:3], y)
    for name in ("n", "mean_x", "mean_y", "xx", "xy", "yy"):
        np.testing.assert_allclose(getattr(some, name), getattr(alone, name), rtol=1e-12, atol=1e-8)
