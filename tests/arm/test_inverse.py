from itertools import pairwise

import numpy as np
import pytest
from curves import write
from scipy.optimize import minimize

from proprionet.arm.inverse import jerks, joint_jerk, reachable, solve, solve_flat, tracing_error, tracing_errors
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, choose

MACAQUE = choose("macaque").model_copy(update={"upper_arm_cm": 12.58, "forearm_cm": 16.0})
LOWER, UPPER = np.array(HUMAN.lower_limit_deg), np.array(HUMAN.upper_limit_deg)
HUMAN_CENTRES = [(30, -15, -20), (36, -6, 0), (24, -27, 6), (30, 0, -6), (42, -12, 0), (27, -21, -12)]
MACAQUE_CENTRES = [(16, -2, -8), (12, -14, 4), (18, 6, -6), (8, 10, -14), (20, -8, 4), (4, -18, -2)]


@pytest.fixture(scope="module", params=[HUMAN, MACAQUE], ids=lambda profile: profile.name)
def profile(request):
    return request.param


@pytest.fixture(scope="module")
def paths(profile):
    centres, size = (HUMAN_CENTRES, 4.0) if profile is HUMAN else (MACAQUE_CENTRES, 2.0)
    return [
        write(seed, centre, plane=plane, size=size)
        for seed, centre in enumerate(centres * 5)
        for plane in ("horizontal", "vertical")
    ]


@pytest.fixture(scope="module")
def movements(profile, paths):
    return solve(profile, paths)


def test_hand_is_on_its_path(profile, paths, movements):
    assert max(tracing_error(profile, angles, path) for angles, path in zip(movements, paths, strict=True)) < 1e-8


def test_limits_hold(profile, movements):
    angles = np.concatenate(movements)
    assert (angles >= profile.lower_limit_deg).all()
    assert (angles <= profile.upper_limit_deg).all()


def test_some_limits_are_reached():
    angles = np.concatenate(solve(HUMAN, [write(seed, centre) for seed, centre in enumerate(HUMAN_CENTRES)]))
    assert (angles[:, 2] == UPPER[2]).mean() > 0.01


def test_movements_are_smooth(movements):
    steps = [np.abs(np.diff(angles, axis=0)).max() for angles in movements]
    assert max(steps) < 10


def nearest_by_slsqp(profile, hand, previous):
    """The published problem with a smooth objective, started where it should end, so that SLSQP is at its best."""
    result = minimize(
        lambda q: np.sum((q - previous) ** 2),
        previous,
        method="SLSQP",
        bounds=list(zip(profile.lower_limit_deg, profile.upper_limit_deg, strict=True)),
        constraints={"type": "eq", "fun": lambda q: hand_position(profile, q) - hand},
        options={"ftol": 1e-12, "maxiter": 200},
    )
    found = result.success and np.abs(hand_position(profile, result.x) - hand).max() < 1e-6
    return result.x if found else None


def test_every_posture_is_the_nearest_to_the_one_before(profile, paths, movements):
    compared = 0
    for path, angles in zip(paths[::6], movements[::6], strict=True):
        for t in range(5, len(path), 20):
            expected = nearest_by_slsqp(profile, path[t], angles[t - 1])
            if expected is not None:
                np.testing.assert_allclose(angles[t], expected, atol=1e-3)
                compared += 1
    assert compared > 50


def nearest_of_many(profile, hand, previous, n_swivels=50_000):
    """Least distance from a posture to all postures that bring the hand to a place, on a dense circle of the elbow."""
    upper, lower = profile.upper_arm_cm, profile.forearm_cm
    x, y, z = hand
    distance, axis = np.linalg.norm(hand), np.array([-y, z, -x]) / np.linalg.norm(hand)  # shoulder frame
    elbow = np.arccos((distance**2 - upper**2 - lower**2) / (2 * upper * lower))
    first = np.cross(axis, [1, 0, 0])
    first /= np.linalg.norm(first)
    swivel = np.linspace(0, 2 * np.pi, n_swivels)[:, None]
    outward = np.cos(swivel) * first + np.sin(swivel) * np.cross(axis, first)
    cosine, sine = (upper + lower * np.cos(elbow)) / distance, lower * np.sin(elbow) / distance
    along, back = cosine * axis + sine * outward, cosine * outward - sine * axis
    aside = np.cross(back, along)
    if profile is HUMAN:
        plane, elevation = np.arctan2(-along[:, 2], along[:, 0]), np.arccos(-along[:, 1])
        angles = np.stack([plane, elevation, plane + np.arctan2(back[:, 1], aside[:, 1])], axis=1)
    else:
        flexion, adduction = np.arctan2(-along[:, 2], back[:, 2]), np.arctan2(aside[:, 1], aside[:, 0])
        angles = np.stack([flexion, adduction, np.arcsin(-aside[:, 2])], axis=1)
    low, high = np.array(profile.lower_limit_deg[:3]), np.array(profile.upper_limit_deg[:3])
    middle = (low + high) / 2
    angles = middle + (np.degrees(angles) - middle + 180) % 360 - 180
    within = ((angles >= low) & (angles <= high)).all(axis=1)
    return np.linalg.norm(angles[within] - previous[:3], axis=1).min(initial=np.inf)


def test_nothing_is_nearer_anywhere_on_the_circle_of_the_elbow(profile):
    """The first posture from any start posture, and the next one after a jump of the hand to anywhere."""
    random = np.random.default_rng(3)
    start, *others = (random.uniform(profile.lower_limit_deg, profile.upper_limit_deg, (60, 4)) for _ in range(3))
    paths = hand_position(profile, np.stack(others, axis=1))
    for path, before, (first, second) in zip(paths, start, solve(profile, list(paths), start), strict=True):
        for hand, previous, found in ((path[0], before, first), (path[1], first, second)):
            assert np.linalg.norm(found[:3] - previous[:3]) <= nearest_of_many(profile, hand, previous) + 1e-6


def test_start_posture_of_each_movement_is_taken_up(profile):
    start = np.random.default_rng(4).uniform(profile.lower_limit_deg, profile.upper_limit_deg, (300, 4))
    hand = hand_position(profile, start)
    np.testing.assert_allclose(solve_flat(profile, hand, np.arange(301), start), start, atol=1e-6)


def test_first_posture_is_the_nearest_to_the_start_posture(profile):
    start = hand_position(profile, np.array(profile.start_posture_deg))
    np.testing.assert_allclose(solve(profile, [start[None]])[0], [profile.start_posture_deg], atol=1e-6)
    beside = start + np.array([1, -2, 1])
    expected = nearest_by_slsqp(profile, beside, np.array(profile.start_posture_deg))
    np.testing.assert_allclose(solve(profile, [beside[None]])[0], [expected], atol=1e-3)


def test_movements_do_not_depend_on_each_other(profile, paths, movements):
    np.testing.assert_array_equal(solve(profile, paths[3:4])[0], movements[3])
    offsets = np.cumsum([0, *map(len, paths)])
    np.testing.assert_array_equal(solve_flat(profile, np.concatenate(paths), offsets), np.concatenate(movements))


time = np.linspace(0, 1, 100)
POLES = {  # two angles are about one axis: a movement with one of them, and how it is shared between both
    "arm hanging": (HUMAN, [0, 0, -60 + 75 * time, 90], (0, 0, 15, 90)),
    "plane without effect": (HUMAN, [75 * time - 60, 0, -60 + 75 * time, 90], (-60, 0, 15, 90)),
    "arm up": (HUMAN, [30 * time, 180, 0, 90], (24, 180, -12, 90)),
    "inward": (MACAQUE, [60 * time, 0, 90, 60], (30, -30, 90, 60)),
    "inward, to a limit": (MACAQUE, [0, -40 + 140 * time, 90, 60], (-50, 50, 90, 60)),
    "outward": (MACAQUE, [0, -40 + 140 * time, -90, 60], (70, 30, -90, 60)),
    "nearly outward": (MACAQUE, [0, -40 + 140 * time, -89.9999, 60], (70, 30, -90, 60)),
}


@pytest.mark.parametrize(("profile", "angles", "end"), POLES.values(), ids=POLES)
def test_no_jump_at_a_pole(profile, angles, end):
    postures = np.stack(np.broadcast_arrays(*angles), axis=-1).astype(float)
    hand = hand_position(profile, postures)
    found = solve(profile, [hand], postures[:1])[0]
    assert np.abs(np.diff(found, axis=0)).max() < 1.5
    assert tracing_error(profile, found, hand) < 1e-8
    np.testing.assert_allclose(found[-1], end, atol=1e-3)


def test_out_of_reach_is_nan_and_the_rest_goes_on(profile):
    path = write(0, (16, -10, -12) if profile is MACAQUE else (30, -15, -20), time=20, size=2)
    path[[0, 10]] = [100, 0, 0]
    angles = solve(profile, [path])[0]
    np.testing.assert_array_equal(np.isnan(angles).all(axis=1), np.isin(np.arange(20), [0, 10]))
    assert tracing_error(profile, np.delete(angles, [0, 10], 0), np.delete(path, [0, 10], 0)) < 1e-8
    assert np.isnan(tracing_error(profile, angles, path))
    assert np.isnan(solve(profile, [np.full((2, 3), np.nan)])[0]).all()


def test_no_movement_no_posture(profile):
    assert solve(profile, []) == []
    assert solve_flat(profile, np.empty((0, 3)), [0]).shape == (0, 4)


def test_straight_arm_is_no_special_case(profile):
    posture = np.array([[60.0, 70.0, -10.0, 0.0]])
    angles = solve(profile, [hand_position(profile, posture)])[0]
    assert tracing_error(profile, angles, hand_position(profile, posture)) < 1e-6
    assert angles[0, 3] == pytest.approx(0, abs=1e-4)


def test_hand_of_any_posture_is_reachable(profile):
    postures = np.random.default_rng(0).uniform(profile.lower_limit_deg, profile.upper_limit_deg, (20, 500, 4))
    assert reachable(profile, hand_position(profile, postures)).all()


def test_beyond_the_limits_is_not_reachable(profile):
    half = np.array([10, 10, 10, 15])
    stiff = profile.model_copy(
        update={
            "lower_limit_deg": tuple(np.array([50, 40, 10, 75]) - half),
            "upper_limit_deg": tuple(np.array([50, 40, 10, 75]) + half),
            "start_posture_deg": (50, 40, 10, 75),
        }
    )
    cloud = hand_position(
        stiff, np.random.default_rng(0).uniform(stiff.lower_limit_deg, stiff.upper_limit_deg, (10**5, 4))
    )
    points = np.random.default_rng(1).uniform(cloud.min(0) - 5, cloud.max(0) + 5, (300, 3))
    distance = np.array([np.linalg.norm(cloud - point, axis=1).min() for point in points])
    within = reachable(stiff, points)
    assert (distance[within] < 1).all()
    assert (distance[~within] > 0).all()
    assert not within[distance > 1].any()
    assert within.sum() > 5
    np.testing.assert_array_equal(~within, [np.isnan(solve(stiff, [point[None]])[0]).all() for point in points])


def test_tracing_errors_are_those_of_each_movement(profile, paths, movements):
    offsets = np.cumsum([0, *map(len, paths)])
    away = np.concatenate(movements) + 0.1
    expected = [tracing_error(profile, angles + 0.1, path) for angles, path in zip(movements, paths, strict=True)]
    found = tracing_errors(profile, away, np.concatenate(paths), offsets)
    np.testing.assert_allclose(found, expected)


def test_joint_jerk_of_known_movements():
    time = np.arange(50.0)
    assert joint_jerk(np.stack([time, -2 * time], axis=1)) == pytest.approx(0, abs=1e-12)
    blip = np.zeros((50, 4))
    blip[25, 2] = 8
    assert joint_jerk(blip) == pytest.approx(np.sqrt(1 + 9 + 9 + 1))  # third power of [1/2, 0, -1/2]


def test_jerks_are_three_gradients():
    offsets = np.array([0, 2, 9, 60])
    values = np.random.default_rng(0).normal(size=(60, 25))
    expected = []
    for start, end in pairwise(offsets):
        difference = values[start:end]
        for _ in range(3):
            difference = np.gradient(difference, axis=0)
        expected.append(np.linalg.norm(difference))
    np.testing.assert_allclose(jerks(values, offsets), expected)
