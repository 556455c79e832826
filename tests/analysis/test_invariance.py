"""Preferred directions across planes: planted turns are found, and only what counts is counted."""

import numpy as np
import pytest

from proprionet.analysis.single_units.invariance import invariance
from proprionet.errors import InputError

HORIZONTAL = np.arange(-45.0, 31.0, 3)  # the published lists of planes
VERTICAL = np.arange(6.0, 55.0, 3)


def planted(level, reference, degrees_per_cm=0.5, n_units=40, jitter=0.0, seed=3):
    """Units whose preferred direction turns with the distance from the reference plane, half of them either way."""
    random = np.random.default_rng(seed)
    own, way = random.uniform(-180, 180, n_units), np.where(np.arange(n_units) % 2, 1, -1)
    turned = own + degrees_per_cm * np.abs(level - reference)[:, None] * way
    return np.full(turned.shape, 0.5), (turned + random.normal(0, jitter, turned.shape) + 180) % 360 - 180


@pytest.mark.parametrize(
    ("orientation", "level", "reference"), [("horizontal", HORIZONTAL, 0), ("vertical", VERTICAL, 30)]
)
def test_a_planted_turn_is_measured(orientation, level, reference):
    r2, direction = planted(level, reference)
    found = invariance(r2, direction, level, orientation)
    assert level[found.reference] == reference
    turn = 0.5 * np.abs(level - reference)
    np.testing.assert_allclose(
        np.abs(np.delete(found.difference, found.reference, 0)).T, [np.delete(turn, found.reference)] * 40
    )
    assert np.isnan(found.difference[found.reference]).all()
    assert found.mean_absolute_deviation == pytest.approx(np.radians(turn[level != reference]).mean())
    assert np.isnan(found.mean_absolute[found.reference])


def test_as_many_planes_count_as_in_the_paper():
    """N = 25 horizontal and 16 vertical planes: Sandbrink et al. 2023, Fig. 7."""
    for orientation, level, n in (("horizontal", HORIZONTAL, 25), ("vertical", VERTICAL, 16)):
        found = invariance(*planted(level, 0), level, orientation)
        assert np.count_nonzero(~np.isnan(found.mean_absolute)) == n


def test_published_rules_leave_out_the_wrong_vertical_plane():
    r2, direction = planted(VERTICAL, 30)
    right, published = (invariance(r2, direction, VERTICAL, "vertical", rules) for rules in ("corrected", "published"))
    assert published.mean_absolute[published.reference] == 0
    assert np.flatnonzero(np.isnan(published.mean_absolute)).tolist() == [15]
    turn = np.radians(0.5 * np.abs(np.delete(VERTICAL, 15) - 30))
    assert published.mean_absolute_deviation == pytest.approx(turn.mean())
    assert published.mean_absolute_deviation < right.mean_absolute_deviation


def test_published_rules_are_right_in_horizontal_planes():
    r2, direction = planted(HORIZONTAL, 0, jitter=10)
    both = [invariance(r2, direction, HORIZONTAL, "horizontal", rules) for rules in ("corrected", "published")]
    assert both[0].mean_absolute_deviation == both[1].mean_absolute_deviation


def test_published_rules_without_the_plane_that_they_leave_out():
    level = VERTICAL[:10]
    found = invariance(*planted(level, 30), level, "vertical", "published")
    assert not np.isnan(found.mean_absolute).any()


def test_unrelated_directions_are_90_degrees_apart_and_uncorrelated():
    random = np.random.default_rng(0)
    direction = random.uniform(-180, 180, (20, 500))
    found = invariance(np.ones((20, 500)), direction, np.arange(20.0), "horizontal")
    assert found.mean_absolute_deviation == pytest.approx(np.pi / 2, rel=0.03)
    assert found.mean_correlation == pytest.approx(0, abs=0.03)


def test_all_units_turning_together_keep_their_correlation():
    direction = np.random.default_rng(1).uniform(-180, 180, 30) + np.array([[0.0], [40], [80]])
    found = invariance(np.ones((3, 30)), direction, np.array([0.0, 3, 6]), "horizontal")
    np.testing.assert_allclose(found.mean_absolute[1:], np.radians([40, 80]))
    np.testing.assert_allclose(found.correlation[1:], 1)


def test_units_count_that_are_tuned_in_both_planes_and_planes_with_three_of_them():
    r2, direction = planted(np.array([0.0, 3, 6]), 0, n_units=5)
    r2[0, 0] = 0.19  # not in the reference plane
    r2[1, 1] = r2[2, 1] = np.nan  # dead
    r2[2, 2] = 0.1
    found = invariance(r2, direction, np.array([0.0, 3, 6]), "horizontal")
    np.testing.assert_array_equal(found.n_units, [0, 3, 2])
    assert np.flatnonzero(~np.isnan(found.mean_absolute)).tolist() == [1]
    assert found.mean_absolute_deviation == pytest.approx(np.radians(1.5))


def test_nothing_tuned_or_one_plane_is_undefined():
    level = np.array([-3.0, 0])
    for found in (
        invariance(np.zeros((2, 9)), np.zeros((2, 9)), level, "horizontal"),
        invariance(np.ones((1, 9)), np.zeros((1, 9)), level[:1], "horizontal"),
    ):
        assert np.isnan(found.mean_absolute_deviation)
        assert np.isnan(found.mean_correlation)


@pytest.mark.parametrize(
    ("changes", "saying"),
    [
        ({"orientation": "slanted"}, "orientation 'slanted' is not known; choose one of horizontal, vertical"),
        ({"rules": "mine"}, "rules 'mine' are not known; choose corrected or published"),
        ({"level": np.zeros(3)}, r"expected \(plane, unit\) and \(plane,\)"),
        ({"level": np.array([np.nan, 0])}, "levels of 2 planes: expected one plane or more, each at a height"),
    ],
)
def test_what_does_not_fit_is_refused(changes, saying):
    arguments = {"r2": np.ones((2, 4)), "preferred_direction": np.ones((2, 4)), "level": np.zeros(2)}
    with pytest.raises(InputError, match=saying):
        invariance(**{**arguments, "orientation": "vertical", **changes})
