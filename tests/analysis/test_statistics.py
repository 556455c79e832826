import numpy as np
import pytest

from proprionet.analysis.statistics import mean_interval
from proprionet.errors import InputError


def test_agrees_with_the_normal_interval():
    values = np.random.default_rng(0).normal(5, 2, size=400)
    found = mean_interval(np.append(values, np.nan), seed=1)
    half_width = 1.96 * values.std(ddof=1) / 20
    assert found.n == 400
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((found.mean - half_width, found.mean + half_width), abs=0.02)
    assert found == mean_interval(values, seed=1)


def test_constant_values_have_no_width():
    assert (found := mean_interval(np.full(5, 0.7), seed=0)).low == found.high == pytest.approx(0.7)


def test_one_value_has_no_interval():
    with pytest.raises(InputError, match="1 defined values"):
        mean_interval(np.array([0.3, np.nan]), seed=0)
