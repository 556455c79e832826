"""Layers as populations: shares, quantiles, what is left out, and intervals over instances."""

import numpy as np
import pytest
from scipy import stats

from proprionet.analysis.single_units import populations
from proprionet.analysis.statistics import instance_interval
from proprionet.errors import InputError

R2 = np.array([np.nan, -0.5, -0.05, 0.2, 0.21, 0.9, 1.0])


def test_dead_and_misfitted_units_are_left_out():
    np.testing.assert_array_equal(populations.excluded(R2), [True, True, False, False, False, False, False])
    np.testing.assert_array_equal(populations.excluded(R2, "published"), [True, True, False, False, False, False, True])
    with pytest.raises(InputError, match="rules 'other' are not known; choose corrected or published"):
        populations.excluded(R2, "other")


def test_tuned_shares_are_of_all_units():
    assert populations.tuned_share(R2) == pytest.approx(3 / 7)
    assert populations.tuned_share(R2, "published") == pytest.approx(2 / 7)
    assert np.isnan(populations.tuned_share(np.array([])))


def test_score_statistics_are_those_of_numpy():
    scores = np.random.default_rng(0).normal(size=101)
    found = populations.score_statistics(scores)
    assert found["q90"] == np.quantile(scores, 0.9)
    assert found["q10"] == np.quantile(scores, 0.1)
    assert (found["median"], found["mean"]) == (np.median(scores), scores.mean())
    assert (found["min"], found["max"]) == (scores.min(), scores.max())
    assert np.isnan(list(populations.score_statistics(scores[:0]).values())).all()


def test_exclusive_classes_share_out_all_units():
    r2 = np.array([[0.5, 0.1, 0.5, np.nan], [0.1, 0.1, 0.3, 0.6], [0.0, 0.1, 0.9, np.nan]])
    shares = populations.exclusive_shares(r2)
    assert len(shares) == 8
    assert sum(shares.values()) == 1
    planted = {"direction": 0.25, "none": 0.25, "direction_velocity_acceleration": 0.25, "velocity": 0.25}
    assert {name: share for name, share in shares.items() if share} == planted


def test_interval_over_instances_is_student_s():
    values = np.random.default_rng(1).normal(3, 2, 5)
    found = instance_interval(np.append(values, np.nan))
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.mean, found.n) == (pytest.approx(values.mean()), 5)
    half = 2.7764 * values.std(ddof=1) / np.sqrt(5)  # t of 4 degrees of freedom, as published
    assert found.high - found.mean == pytest.approx(half, rel=1e-4)


def test_intervals_hold_the_true_mean_as_often_as_they_say():
    random = np.random.default_rng(2)
    found = [instance_interval(random.normal(1, 1, 4), 0.8) for _ in range(2000)]
    assert np.mean([each.low < 1 < each.high for each in found]) == pytest.approx(0.8, abs=0.03)


def test_one_instance_has_no_interval():
    one, none = (instance_interval(np.array(values)) for values in ([0.3, np.nan], [np.nan]))
    assert (one.mean, one.n, none.n) == (0.3, 1, 0)
    assert np.isnan([one.low, one.high, none.mean, none.low]).all()
