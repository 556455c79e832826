import numpy as np
import pytest
from curves import write
from scipy.optimize import minimize

from proprionet.arm.inverse import joint_jerk, reachable, solve, tracing_error
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, ArmProfile

LOWER, UPPER = np.array(HUMAN.lower_limit_deg), np.array(HUMAN.upper_limit_deg)
CENTRES = [(30, -15, -20), (36, -6, 0), (24, -27, 6), (30, 0, -6), (42, -12, 0), (27, -21, -12)]


@pytest.fixture(scope="module")
def paths():
    return [
        write(seed, centre, plane=plane)
        for seed, centre in enumerate(CENTRES * 5)
        for plane in ("horizontal", "vertical")
    ]


@pytest.fixture(scope="module")
def movements(paths):
    return solve(HUMAN, paths)


def test_hand_is_on_its_path(paths, movements):
    assert max(tracing_error(HUMAN, angles, path) for angles, path in zip(movements, paths, strict=True)) < 1e-6


def test_limits_hold_and_some_are_reached(movements):
    angles = np.concatenate(movements)
    assert (angles >= LOWER).all()
    assert (angles <= UPPER).all()
    assert (angles[:, 2] == UPPER[2]).mean() > 0.01


def test_movements_are_smooth(movements):
    steps = [np.abs(np.diff(angles, axis=0)).max() for angles in movements]
    assert max(steps) < 10


def nearest_by_slsqp(hand, previous):
    """The published problem with a smooth objective, started where it should end, so that SLSQP is at its best."""
    result = minimize(
        lambda q: np.sum((q - previous) ** 2),
        previous,
        method="SLSQP",
        bounds=list(zip(LOWER, UPPER, strict=True)),
        constraints={"type": "eq", "fun": lambda q: hand_position(HUMAN, q) - hand},
        options={"ftol": 1e-12, "maxiter": 200},
    )
    found = result.success and np.abs(hand_position(HUMAN, result.x) - hand).max() < 1e-6
    return result.x if found else None


def test_every_posture_is_the_nearest_to_the_one_before(paths, movements):
    compared = 0
    for path, angles in zip(paths[::6], movements[::6], strict=True):
        for t in range(5, len(path), 20):
            expected = nearest_by_slsqp(path[t], angles[t - 1])
            if expected is not None:
                np.testing.assert_allclose(angles[t], expected, atol=1e-3)
                compared += 1
    assert compared > 50


def test_first_posture_is_the_nearest_to_the_start_posture():
    start = hand_position(HUMAN, np.array(HUMAN.start_posture_deg))
    np.testing.assert_allclose(solve(HUMAN, [start[None]])[0], [HUMAN.start_posture_deg], atol=1e-6)
    beside = start + np.array([1, -2, 1])
    expected = nearest_by_slsqp(beside, np.array(HUMAN.start_posture_deg))
    np.testing.assert_allclose(solve(HUMAN, [beside[None]])[0], [expected], atol=1e-3)


def test_movements_do_not_depend_on_each_other(paths, movements):
    np.testing.assert_array_equal(solve(HUMAN, paths[3:4])[0], movements[3])


def test_out_of_reach_is_nan_and_the_rest_goes_on():
    path = write(0, (30, -15, -20), time=20)
    path[[0, 10]] = [100, 0, 0]
    angles = solve(HUMAN, [path])[0]
    np.testing.assert_array_equal(np.isnan(angles).all(axis=1), np.isin(np.arange(20), [0, 10]))
    assert tracing_error(HUMAN, np.delete(angles, [0, 10], 0), np.delete(path, [0, 10], 0)) < 1e-6
    assert np.isnan(tracing_error(HUMAN, angles, path))
    assert np.isnan(solve(HUMAN, [np.full((2, 3), np.nan)])[0]).all()


def test_straight_arm_is_no_special_case():
    posture = np.array([[60.0, 70.0, -10.0, 0.0]])
    angles = solve(HUMAN, [hand_position(HUMAN, posture)])[0]
    assert tracing_error(HUMAN, angles, hand_position(HUMAN, posture)) < 1e-6
    assert angles[0, 3] == pytest.approx(0, abs=1e-4)


def test_hand_of_any_posture_is_reachable():
    postures = np.random.default_rng(0).uniform(LOWER, UPPER, (20, 50, 4))
    assert reachable(HUMAN, hand_position(HUMAN, postures)).all()


def test_beyond_the_limits_is_not_reachable():
    stiff = ArmProfile(
        name="stiff",
        lower_limit_deg=(40, 30, 0, 60),
        upper_limit_deg=(60, 50, 20, 90),
        start_posture_deg=(50, 40, 20, 75),
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
    assert within.sum() > 20
    np.testing.assert_array_equal(~within, [np.isnan(solve(stiff, [point[None]])[0]).all() for point in points])


def test_joint_jerk_of_known_movements():
    time = np.arange(50.0)
    assert joint_jerk(np.stack([time, -2 * time], axis=1)) == pytest.approx(0, abs=1e-12)
    blip = np.zeros((50, 4))
    blip[25, 2] = 8
    assert joint_jerk(blip) == pytest.approx(np.sqrt(1 + 9 + 9 + 1))  # third power of [1/2, 0, -1/2]
