"""Tests of directions: published values, exact limits, invariance to turning, and their rate of false alarms."""

import numpy as np
import pytest
from scipy.stats import binom

from proprionet.analysis.single_units import circular
from proprionet.errors import InputError

EVEN = np.arange(18) * 20 - 170.0  # one in the middle of each bin
NONE = np.array([])
ASTROPY = {"rayleigh": 0.324139, "kuiper": (0.219444, 0.758399), "two": (0.55, 0.0034535)}


@pytest.fixture
def random():
    return np.random.default_rng(5)


def von_mises(random, n, concentration):
    return np.degrees(random.vonmises(0.4, concentration, n))


def test_deviation_from_uniformity_runs_from_0_to_its_limit():
    assert circular.total_absolute_deviation(EVEN) == 0
    assert circular.total_absolute_deviation(np.full(7, 33.0)) == pytest.approx(17 / 9)
    assert circular.total_absolute_deviation(np.tile([-5.0, 175.0], 9)) == pytest.approx(16 / 9)
    assert np.isnan(circular.total_absolute_deviation(NONE))


def test_deviation_does_not_care_in_which_turn_an_angle_is_given(random):
    angles = von_mises(random, 40, 1)
    assert circular.total_absolute_deviation(angles + 360) == circular.total_absolute_deviation(angles)
    assert circular.total_absolute_deviation(np.array([180.0, -180.0])) == pytest.approx(17 / 9)


@pytest.mark.parametrize("n", [1, 5, 17, 18, 40, 700])
def test_expected_deviation_is_that_of_binomial_counts(n):
    counts = np.arange(n + 1)
    exact = 18 / n * np.sum(np.abs(counts - n / 18) * binom.pmf(counts, n, 1 / 18))
    assert circular.expected_deviation(n) == pytest.approx(exact)


def test_expected_deviation_is_met_on_average(random):
    drawn = [circular.total_absolute_deviation(angles) for angles in random.uniform(0, 360, (2000, 30))]
    assert np.mean(drawn) == pytest.approx(circular.expected_deviation(30), rel=0.02)
    assert np.isnan(circular.expected_deviation(0))


def test_resultant_of_known_directions():
    assert circular.resultant(np.array([80.0, 100.0])) == pytest.approx((90, np.cos(np.radians(10))))
    assert circular.resultant(np.array([170.0, -170.0]))[0] == pytest.approx(180)
    assert circular.resultant(EVEN)[1] == pytest.approx(0, abs=1e-12)
    assert np.isnan(circular.resultant(NONE)).all()


def test_p_values_equal_astropy():
    """Twenty directions and forty others, by astropy.stats 8.0: rayleightest, kuiper and kuiper_two."""
    angles = np.array([3, 11, 25, 31, 47, 58, 63, 80, 92, 118, 131, 150, 177, 201, 214, 246, 290, 305, 330, 351.0])
    others = np.arange(40) * 3.1 + 20
    assert circular.rayleigh_test(angles).p == pytest.approx(ASTROPY["rayleigh"], abs=1e-3)
    assert circular.kuiper_test(angles).statistic == pytest.approx(ASTROPY["kuiper"][0], abs=1e-6)
    assert circular.kuiper_test(angles).p == pytest.approx(ASTROPY["kuiper"][1], abs=0.04)
    assert circular.kuiper_test(angles, others).statistic == pytest.approx(ASTROPY["two"][0], abs=1e-6)
    assert circular.kuiper_test(angles, others).p == pytest.approx(ASTROPY["two"][1], rel=0.3)


@pytest.mark.parametrize(
    ("n", "limits"), [(4, [221.14, 186.45, 168.02]), (5, [211.93, 183.44, 168.66])], ids=["four", "five"]
)
def test_rao_meets_the_table_of_russell_and_levitin(n, limits):
    """Critical values of U for p = .01, .05 and .10."""
    for limit, p in zip(limits, (0.01, 0.05, 0.1), strict=True):
        gap = (limit + 360 / n) / 360  # one wide gap, the others alike: U = 360 gap - 360 / n
        angles = 360 * np.append(0, np.arange(1, n) * (1 - gap) / (n - 1))
        test = circular.rao_test(angles)
        assert test.statistic == pytest.approx(limit)
        assert test.p == pytest.approx(p, abs=0.01)


@pytest.mark.parametrize("name", ["rayleigh_test", "rao_test", "kuiper_test"])
def test_uniform_directions_rarely_alarm_and_others_do(name, random):
    test = getattr(circular, name)
    false = np.mean([test(angles).p < 0.05 for angles in random.uniform(0, 360, (1000, 30))])
    assert 0.02 < false < 0.07
    assert np.mean([test(von_mises(random, 60, 1.5)).p < 0.05 for _ in range(50)]) > 0.95


def test_only_rao_and_kuiper_see_two_opposite_clusters(random):
    angles = von_mises(random, 200, 6) + 180 * (np.arange(200) % 2)
    assert circular.rayleigh_test(angles).p > 0.05
    assert circular.rayleigh_test(2 * angles).p < 1e-6
    assert circular.rao_test(angles).p < 1e-3
    assert circular.kuiper_test(angles).p < 1e-3


def test_two_samples_of_one_distribution_rarely_alarm(random):
    draws = [(von_mises(random, 40, 1), von_mises(random, 60, 1)) for _ in range(500)]
    assert 0.01 < np.mean([circular.kuiper_test(*draw).p < 0.05 for draw in draws]) < 0.07
    assert circular.kuiper_test(von_mises(random, 80, 1), von_mises(random, 80, 1) + 90).p < 0.001


@pytest.mark.parametrize("turn", [17.0, 190.0, 720.0])
def test_turning_the_circle_changes_no_test(turn, random):
    angles, others = von_mises(random, 25, 1), von_mises(random, 31, 2)
    for test in (circular.rayleigh_test, circular.rao_test, circular.kuiper_test):
        assert vars(test(angles + turn)) == pytest.approx(vars(test(angles)))
    assert vars(circular.kuiper_test(angles + turn, others + turn)) == pytest.approx(
        vars(circular.kuiper_test(angles, others))
    )


def test_too_few_directions_have_no_p_value():
    for test, too_few in ((circular.rayleigh_test, 1), (circular.rao_test, 3), (circular.kuiper_test, 1)):
        assert np.isnan(test(EVEN[:too_few]).p)
        assert np.isfinite(test(EVEN[: too_few + 1]).p)
    assert np.isnan(circular.kuiper_test(EVEN, EVEN[:1]).p)


def test_circular_correlation_is_that_of_all_pairs(random):
    first = random.uniform(0, 360, 30)
    second = first + random.normal(0, 40, 30)
    i, j = np.triu_indices(30, 1)
    a, b = (np.sin(np.radians(angles[i] - angles[j])) for angles in (first, second))
    assert circular.circular_correlation(first, second) == pytest.approx((a @ b) / np.sqrt((a @ a) * (b @ b)))


def test_circular_correlation_of_turned_mirrored_and_unrelated_directions(random):
    first = random.uniform(0, 360, 2000)
    assert circular.circular_correlation(first, first + 123) == pytest.approx(1)
    assert circular.circular_correlation(first, 40 - first) == pytest.approx(-1)
    assert circular.circular_correlation(first, random.uniform(0, 360, 2000)) == pytest.approx(0, abs=0.05)
    assert np.isnan(circular.circular_correlation(first[:2], first[:2]))
    assert np.isnan(circular.circular_correlation(first[:4], np.array([10.0, 190, 10, 190])))
    with pytest.raises(InputError, match="4 and 3 directions: a correlation needs pairs"):
        circular.circular_correlation(first[:4], first[:3])
