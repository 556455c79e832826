import h5py
import numpy as np
import pytest

from proprionet.arm.inverse import solve
from proprionet.arm.profiles import HUMAN, ArmProfile
from proprionet.arm.start_points import find_start_points

IN_PLANE = {"horizontal": [0, 1], "vertical": [1, 2]}


@pytest.fixture(scope="module")
def coarse():
    return find_start_points(HUMAN, spacing_cm=6)


def box(point, plane):
    """Places that the published code tried around a point: 15 x 15, and the corners at 12 cm."""
    steps = [(i, j) for i in range(-7, 8) for j in range(-7, 8)] + [(i, j) for i in (-12, 12) for j in (-12, 12)]
    places = np.tile(point, (len(steps), 1))
    places[:, IN_PLANE[plane]] += steps
    return places


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_the_whole_square_can_be_written_in(coarse, plane):
    assert len(coarse[plane]) > 50
    for point in coarse[plane][::10]:
        assert np.isfinite(solve(HUMAN, [box(point, plane)])[0]).all()


def test_grid_and_order(coarse):
    for plane, across in (("horizontal", 2), ("vertical", 0)):
        assert (coarse[plane] % 6 == 0).all()
        assert (np.diff(coarse[plane][:, across]) >= 0).all()
        assert len(np.unique(coarse[plane], axis=0)) == len(coarse[plane])


def test_a_longer_arm_reaches_farther(coarse):
    longer = find_start_points(ArmProfile(name="long", upper_arm_cm=40, forearm_cm=32), spacing_cm=6)
    assert len(longer["vertical"]) > len(coarse["vertical"])
    assert longer["vertical"][:, 0].max() > coarse["vertical"][:, 0].max()


def test_an_arm_too_short_to_write_has_none():
    points = find_start_points(ArmProfile(name="short", upper_arm_cm=6, forearm_cm=5), spacing_cm=3)
    assert {plane: found.shape for plane, found in points.items()} == {"horizontal": (0, 3), "vertical": (0, 3)}


def test_published_points_are_found_and_others_explained(shared):
    with h5py.File(shared / "models" / "start_points" / "pcr_startingpoints_human.hdf5") as file:
        published = {plane: file[plane][()] for plane in IN_PLANE}
    ours = find_start_points(HUMAN)
    reached_by_published = {
        tuple(place) for plane in IN_PLANE for point in published[plane] for place in box(point, plane)
    }
    for plane, n_more in (("horizontal", 360), ("vertical", 517)):
        known = set(map(tuple, published[plane]))
        assert known <= set(map(tuple, ours[plane]))
        more = [point for point in ours[plane] if tuple(point) not in known]
        assert len(more) == n_more
        assert all({tuple(place) for place in box(point, plane)} - reached_by_published for point in more)
