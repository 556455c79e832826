import h5py
import numpy as np
import pytest

from proprionet.arm.inverse import solve_flat
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, choose
from proprionet.arm.start_points import find_start_points
from proprionet.errors import InputError

IN_PLANE = {"horizontal": [0, 1], "vertical": [1, 2]}


def macaque(upper_arm_cm, forearm_cm):
    return choose("macaque").model_copy(update={"upper_arm_cm": upper_arm_cm, "forearm_cm": forearm_cm})


BUTTER, CHIPS = macaque(12.58, 16.0), macaque(17.2, 22.1)  # the published lengths


@pytest.fixture(scope="module")
def coarse():
    return find_start_points(HUMAN, spacing_cm=6)


def box(profile, points, plane):
    """Places that the published code tried around each point: a square, and corners (12 cm or 2 cm off)."""
    lowest, highest = profile.workspace.square_cm
    corner = 12 if profile is HUMAN else 2
    steps = [(i, j) for i in range(lowest, highest + 1) for j in range(lowest, highest + 1)]
    steps += [(i, j) for i in (-corner, corner) for j in (-corner, corner)]
    places = np.repeat(np.asarray(points)[:, None], len(steps), axis=1)
    places[..., IN_PLANE[plane]] += steps
    return places


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_the_whole_square_can_be_written_in(coarse, plane):
    assert len(coarse[plane]) > 50
    assert can_be_reached(HUMAN, box(HUMAN, coarse[plane][::10], plane).reshape(-1, 3))


def can_be_reached(profile, places):
    """Whether there is a posture within the limits for each place, by forward kinematics."""
    postures = solve_flat(profile, places, np.arange(len(places) + 1))
    within = (postures >= profile.lower_limit_deg).all() and (postures <= profile.upper_limit_deg).all()
    return within and np.abs(hand_position(profile, postures) - places).max() < 1e-8


def test_grid_and_order(coarse):
    for plane, across in (("horizontal", 2), ("vertical", 0)):
        assert (coarse[plane] % 6 == 0).all()
        assert (np.diff(coarse[plane][:, across]) >= 0).all()
        assert len(np.unique(coarse[plane], axis=0)) == len(coarse[plane])


def test_a_longer_arm_reaches_farther(coarse):
    longer = find_start_points(HUMAN.model_copy(update={"upper_arm_cm": 40.0, "forearm_cm": 32.0}), spacing_cm=6)
    assert len(longer["vertical"]) > len(coarse["vertical"])
    assert longer["vertical"][:, 0].max() > coarse["vertical"][:, 0].max()


def test_an_arm_too_short_to_write_has_none():
    points = find_start_points(HUMAN.model_copy(update={"upper_arm_cm": 6.0, "forearm_cm": 5.0}))
    assert {plane: found.shape for plane, found in points.items()} == {"horizontal": (0, 3), "vertical": (0, 3)}


def test_limits_that_keep_the_hand_behind_the_body_are_explained():
    limits = {"lower_limit_deg": (-90.0, 60.0, -1.0, 0.0), "upper_limit_deg": (-80.0, 80.0, 1.0, 5.0)}
    with pytest.raises(InputError, match="arm 'human': within its joint limits the hand reaches no place in front"):
        find_start_points(HUMAN.model_copy(update=limits))


@pytest.mark.parametrize(
    ("profile", "file", "end_cm", "more"),
    [
        (HUMAN, "human", np.inf, {"horizontal": 360, "vertical": 517}),
        (BUTTER, "butter_scaled_5", np.inf, {"horizontal": 276, "vertical": 7}),
        (CHIPS, "chips_scaled_5", 30, {"horizontal": 456, "vertical": 38}),
    ],
    ids=["human", "butter", "chips"],
)
def test_published_points_are_found_and_others_explained(shared, profile, file, end_cm, more):
    """``end_cm`` is where the published grid ends, so that no corner of a square lies beyond it."""
    with h5py.File(shared / "models" / "start_points" / f"pcr_startingpoints_{file}.hdf5") as stored:
        published = {plane: stored[plane][()] for plane in IN_PLANE}
    reached_by_published = np.concatenate([key(box(profile, published[plane], plane)).ravel() for plane in IN_PLANE])
    ours = find_start_points(profile)
    for plane, points in published.items():
        assert np.isin(key(points), key(ours[plane])).all()
        on_grid = (np.abs(box(profile, ours[plane], plane)[:, -4:]) <= end_cm).all(axis=(1, 2))
        additional = ours[plane][on_grid & ~np.isin(key(ours[plane]), key(points))]
        assert len(additional) == more[plane]
        places = box(profile, additional, plane)
        assert not np.isin(key(places), reached_by_published).all(axis=1).any()
        assert can_be_reached(profile, places.reshape(-1, 3)[::20])


def key(places):
    """A number for each place on the centimetre."""
    return places @ [1e6, 1e3, 1]
