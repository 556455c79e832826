"""Tests over instances: equal to SciPy and worked examples, calibrated, and honest about what is not defined."""

import numpy as np
import pytest
from scipy import stats

from proprionet.analysis.comparison import comparisons
from proprionet.errors import InputError


@pytest.fixture
def random():
    return np.random.default_rng(9)


def test_paired_tests_are_scipy_s(random):
    first, second = random.normal(0.5, 1, (6, 4)), random.normal(0, 1, (6, 4))
    first[2, 1] = np.nan
    found, expected = comparisons.paired_tests(first, second), stats.ttest_rel(first, second, nan_policy="omit")
    np.testing.assert_allclose(found.t, expected.statistic)
    np.testing.assert_allclose(found.p, expected.pvalue)
    interval = expected.confidence_interval(0.95)
    np.testing.assert_allclose([found.low, found.high], [interval.low, interval.high])
    np.testing.assert_array_equal(found.n, [6, 5, 6, 6])


def test_no_difference_alarms_as_rarely_as_it_should(random):
    found = comparisons.paired_tests(random.normal(size=(5, 2000)), random.normal(size=(5, 2000)))
    assert np.mean(found.p < 0.05) == pytest.approx(0.05, abs=0.015)


def test_one_pair_or_one_difference_has_no_test():
    one = comparisons.paired_tests(np.array([[1.0, np.nan]]), np.array([[0.5, 1.0]]))
    np.testing.assert_array_equal(one.n, [1, 0])
    np.testing.assert_array_equal(one.difference, [0.5, np.nan])
    same = comparisons.paired_tests(np.array([[1.3], [2.3], [0.4]]), np.array([[1.0], [2.0], [0.1]]))
    assert (same.n, np.isnan(same.p)) == (3, True)
    assert same.low == pytest.approx(0.3)
    with pytest.raises(InputError, match=r"expected \(instance, column\) of both"):
        comparisons.paired_tests(np.ones((3, 2)), np.ones((2, 2)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bonferroni", [0.04, 0.16, 0.12, 0.02, 1.0]),
        ("holm", [0.03, 0.06, 0.06, 0.02, 1.0]),
        ("fdr", [0.02, 0.04, 0.04, 0.02, 0.5]),
    ],
)
def test_corrections_of_a_worked_example(name, expected, random):
    """By hand: four tests of 0.005 to 0.04, and two of 0.5; NaN is no test."""
    correct = comparisons.CORRECTIONS[name]
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.005])
    np.testing.assert_allclose(correct(p), np.insert(expected[:4], 2, np.nan))
    assert correct(np.full(2, 0.5))[0] == pytest.approx(expected[4])
    assert np.isnan(correct(np.full(3, np.nan))).all()
