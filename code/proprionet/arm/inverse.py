"""Inverse kinematics of the two-link arm: joint angles that bring the hand along a path.

The distance of the hand from the shoulder gives the elbow angle (law of cosines). What is left free is one angle, the
*swivel* of the elbow about the line from shoulder to hand; for every swivel the shoulder angles are closed form. So the
published problem, the posture nearest to the previous one that brings the hand to its place within the joint limits, is
a search along one line: Newton's method from the previous swivel, then back to the limit that is passed if one is, or,
where that ends far away, a scan over the whole turn. The kernels are in :mod:`proprionet.arm.swivel`.

Source of the problem: Sandbrink et al. 2023, Methods, "Inverse kinematics"; Marin Vargas et al. 2024, published code;
there it is solved by SLSQP.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numba import njit

from proprionet.arm import swivel
from proprionet.arm.kinematics import hand_position, links
from proprionet.arm.profiles import ArmProfile


def solve(profile: ArmProfile, hand_paths: Sequence[np.ndarray], start: np.ndarray | None = None) -> list[np.ndarray]:
    """Joint angles that bring the hand along each path; see :func:`solve_flat`.

    Parameters
    ----------
    hand_paths : arrays, each of shape (time, 3)
        World frame, cm.
    start : array, shape (movement, 4), optional
        Posture before each movement in degrees; ``profile.start_posture_deg`` if not given.

    Returns
    -------
    list of arrays, each of shape (time, 4)
        Degrees, in the order of ``profile.coordinates``, within the limits; NaN at samples that the hand cannot reach.
    """
    offsets = np.cumsum([0, *(len(path) for path in hand_paths)])
    joint_angles = solve_flat(profile, np.concatenate([np.empty((0, 3)), *hand_paths]), offsets, start)
    return [joint_angles[first:end] for first, end in pairwise(offsets)]


def solve_flat(
    profile: ArmProfile, hand: np.ndarray, offsets: np.ndarray, start: np.ndarray | None = None
) -> np.ndarray:
    """Joint angles of many movements that lie one after another in one array.

    The first posture of a movement is the one nearest to its start posture, every other one the nearest to the posture
    before it, in equal weights of the four angles, among those within the joint limits.

    Parameters
    ----------
    hand : array, shape (n, 3)
        World frame, cm.
    offsets : array of int, shape (movement + 1,)
        Movement i is ``hand[offsets[i]:offsets[i + 1]]``.
    start : array, shape (movement, 4), optional
        Posture before each movement in degrees; ``profile.start_posture_deg`` if not given.

    Returns
    -------
    array, shape (n, 4)
        Degrees, in the order of ``profile.coordinates``, within the limits; NaN at samples that the hand cannot reach.
    """
    offsets = np.asarray(offsets, dtype=np.int64)
    start = np.asarray(profile.start_posture_deg if start is None else start, dtype=float)
    start = np.radians(np.broadcast_to(start, (len(offsets) - 1, 4)))
    angles = np.degrees(swivel.solve(np.asarray(hand, dtype=float), offsets, start, _arm(profile)))
    return np.clip(angles, profile.lower_limit_deg, profile.upper_limit_deg, out=angles)


def with_elbow(profile: ArmProfile, hand: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """The posture that brings the hand to a place with the elbow as far out in a direction as it can be.

    Parameters
    ----------
    hand : array, shape (3,)
        World frame, cm.
    outward : array, shape (3,)
        Direction in the world frame; of any length, not that of the hand.

    Returns
    -------
    array, shape (4,)
        Degrees, in the order of ``profile.coordinates``; the shoulder may be beyond its limits. NaN out of reach.
    """
    forward, left, up = np.asarray(outward, dtype=float) / np.linalg.norm(outward)
    return np.degrees(swivel.with_elbow(np.asarray(hand, dtype=float), (-left, up, -forward), _arm(profile)))


def reachable(profile: ArmProfile, points: np.ndarray) -> np.ndarray:
    """Whether the hand can be brought to each point within the joint limits.

    Parameters
    ----------
    points : array, shape (..., 3)
        World frame, cm.

    Returns
    -------
    array of bool, shape (...)
    """
    points = np.asarray(points, dtype=float)
    return swivel.reachable(points.reshape(-1, 3), _arm(profile)).reshape(points.shape[:-1])


def tracing_error(profile: ArmProfile, joint_angles: np.ndarray, hand_path: np.ndarray) -> float:
    """Distance between the hand of the arm and where it should be, summed over time as published.

    Parameters
    ----------
    joint_angles : array, shape (time, 4)
        Degrees.
    hand_path : array, shape (time, 3)
        World frame, cm.

    Returns
    -------
    float
        cm; NaN if a sample was out of reach.
    """
    return float(np.linalg.norm(hand_position(profile, joint_angles) - hand_path, axis=1).sum())


def tracing_errors(profile: ArmProfile, joint_angles: np.ndarray, hand: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """:func:`tracing_error` of many movements.

    Parameters
    ----------
    joint_angles : array, shape (n, 4)
        Degrees.
    hand : array, shape (n, 3)
        World frame, cm.
    offsets : array of int, shape (movement + 1,)
        Where each movement, of at least one sample, starts.

    Returns
    -------
    array, shape (movement,)
        cm; NaN where a sample was out of reach.
    """
    distance = np.linalg.norm(hand_position(profile, joint_angles) - hand, axis=1)
    return np.add.reduceat(distance, offsets[:-1])


def joint_jerk(joint_angles: np.ndarray) -> float:
    """Jerkiness of a movement; see :func:`jerks`.

    Parameters
    ----------
    joint_angles : array, shape (time, joint)
        Degrees; at least 2 samples.

    Returns
    -------
    float
        Degrees / sample^3.
    """
    return float(jerks(joint_angles, np.array([0, len(joint_angles)]))[0])


def jerks(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Jerkiness of many movements: norm of the third difference of their joint angles or muscle lengths.

    The published measure: Frobenius norm, over time and channels, of three successive ``numpy.gradient`` along time
    with unit spacing.

    Parameters
    ----------
    values : array, shape (n, channel)
        Any unit.
    offsets : array of int, shape (movement + 1,)
        Where each movement, of at least 2 samples, starts.

    Returns
    -------
    array, shape (movement,)
        Unit / sample^3.
    """
    return _jerks(np.ascontiguousarray(values, dtype=float), np.asarray(offsets, dtype=np.int64))


def _arm(profile: ArmProfile) -> tuple:
    """What the compiled kernels need of a profile, in radians."""
    lower, upper = np.radians(profile.lower_limit_deg), np.radians(profile.upper_limit_deg)
    tait_bryan = profile.shoulder == "flexion_adduction_rotation"
    return (*links(profile), tait_bryan, tuple((lower + upper) / 2), tuple((upper - lower) / 2))


@njit(cache=True)
def _jerks(values, offsets):
    norms = np.zeros(len(offsets) - 1)
    for movement in range(len(norms)):
        difference = values[offsets[movement] : offsets[movement + 1]]
        last = len(difference) - 1
        for _ in range(3):
            gradient = np.empty_like(difference)
            for t in range(last + 1):
                before, after = max(t - 1, 0), min(t + 1, last)
                for channel in range(difference.shape[1]):
                    gradient[t, channel] = (difference[after, channel] - difference[before, channel]) / (after - before)
            difference = gradient
        norms[movement] = np.sqrt(np.sum(difference**2))
    return norms
