"""Inverse kinematics of the two-link arm: joint angles that bring the hand along a path.

The distance of the hand from the shoulder gives the elbow angle (law of cosines). What is left free is one angle, the
*swivel* of the elbow about the line from shoulder to hand; for every swivel the shoulder angles are closed form (Y-Z-Y
Euler angles, since Ry(q1) Rz(q2) Ry(-q1) Ry(q3) = Ry(q1) Rz(q2) Ry(q3 - q1)). So the published problem, the posture
nearest to the previous one that brings the hand to its place within the joint limits, is a search along one line: by
Gauss-Newton from the previous swivel, or, where that ends outside the limits, by a scan over the whole turn.

Source of the problem: Sandbrink et al. 2023, Methods, "Inverse kinematics"; there it is solved by SLSQP.
"""

from collections.abc import Iterable

import numpy as np
from numba import njit

from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import ArmProfile

_SCAN = 180  # swivels tried on either side of the previous one, over the whole turn
_ZOOM = 8  # and in every refinement
_NEARBY = 0.1  # rad; where the elbow is looked for first
_SWIVEL_TOLERANCE = 1e-12  # rad
_DESCENT_TOLERANCE = 1e-9  # rad
_LIMIT_TOLERANCE = 1e-11  # rad; rounding allowed beyond a limit before the angle is clipped to it
_BEYOND_LIMITS = 1e6  # added to the cost of a posture beyond its limits


def solve(profile: ArmProfile, hand_paths: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Joint angles that bring the hand along each path.

    The first posture is the one nearest to ``profile.start_posture_deg``, every other one the nearest to the posture
    before it, in equal weights of the four angles, among those within the joint limits.

    Parameters
    ----------
    hand_paths : arrays, each of shape (time, 3)
        World frame, cm.

    Returns
    -------
    list of arrays, each of shape (time, 4)
        Degrees, in the order of ``profile.coordinates``, within the limits; NaN at samples that the hand cannot reach.
    """
    arm = _Arm(profile)
    movements = [_solve(_shoulder_frame(path), arm.links, arm.limits, arm.start) for path in hand_paths]
    return [np.clip(np.degrees(angles), profile.lower_limit_deg, profile.upper_limit_deg) for angles in movements]


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
    arm = _Arm(profile)
    return _reachable(_shoulder_frame(points).reshape(-1, 3), arm.links, arm.limits).reshape(np.shape(points)[:-1])


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


def joint_jerk(joint_angles: np.ndarray) -> float:
    """Jerkiness of a movement: norm of the third difference of its joint angles.

    The published measure: Frobenius norm, over time and joints, of three successive ``numpy.gradient`` along time with
    unit spacing.

    Parameters
    ----------
    joint_angles : array, shape (time, joint)
        Degrees; at least 2 samples.

    Returns
    -------
    float
        Degrees / sample^3.
    """
    difference = joint_angles
    for _ in range(3):
        difference = np.gradient(difference, axis=0)
    return float(np.linalg.norm(difference))


class _Arm:
    """What the compiled kernels need of a profile, in radians."""

    def __init__(self, profile: ArmProfile):
        lower, upper = np.radians(profile.lower_limit_deg), np.radians(profile.upper_limit_deg)
        self.links = (profile.upper_arm_cm, profile.forearm_cm)
        self.limits = (tuple((lower + upper) / 2), tuple((upper - lower) / 2))
        self.start = tuple(np.radians(profile.start_posture_deg))


def _shoulder_frame(points: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(np.asarray(points, dtype=float), -1, 0)
    return np.stack([-y, z, -x], axis=-1)


# In the kernels a vector is a tuple (x, y, z) in the shoulder frame, and `limits` are the middle and half the width of
# the range of each angle. A `circle` holds the places of the elbow for one place of the hand: the direction of the
# hand, two directions across it (swivel 0 and a quarter turn), and cosine and sine of the angle between the direction
# of the hand and the upper arm.


@njit(cache=True)
def _solve(hand, links, limits, start):
    angles = np.full((len(hand), 4), np.nan)
    previous, outward, first = start, (1.0, 0.0, 0.0), True
    for t in range(len(hand)):
        elbow = _elbow(hand[t], links, limits)
        if np.isnan(elbow):
            continue
        circle = _circle(hand[t], elbow, links, outward)
        swivel = _zoom(np.pi, _SCAN, circle, previous, limits) if first else _next(circle, previous, limits)
        if np.isnan(swivel):
            continue
        plane, elevation, rotation = _shoulder(swivel, circle, limits)
        previous, outward, first = (plane, elevation, rotation, elbow), _outward(swivel, circle), False
        for joint in range(4):
            angles[t, joint] = previous[joint]
    return angles


@njit(cache=True)
def _reachable(hand, links, limits):
    within = np.zeros(len(hand), dtype=np.bool_)
    for i in range(len(hand)):
        elbow = _elbow(hand[i], links, limits)
        if np.isnan(elbow):
            continue
        circle = _circle(hand[i], elbow, links, (1.0, 0.0, 0.0))
        for step in range(2 * _SCAN):  # most points are found reachable within a few steps
            if _cost(step * np.pi / _SCAN, circle, limits[0], limits) < _BEYOND_LIMITS:
                within[i] = True
                break
        else:
            within[i] = not np.isnan(_zoom(np.pi, _SCAN, circle, limits[0], limits))
    return within


@njit(cache=True)
def _next(circle, previous, limits):
    """Swivel of the posture nearest to the previous one: down the slope, else nearby, else anywhere."""
    swivel = _descend(circle, previous, limits)
    if _cost(swivel, circle, previous, limits) < _BEYOND_LIMITS:  # not so for NaN
        return swivel
    swivel = _zoom(_NEARBY, _ZOOM, circle, previous, limits)
    if abs(swivel) < _NEARBY:
        return swivel
    return _zoom(np.pi, _SCAN, circle, previous, limits)


@njit(cache=True)
def _elbow(hand, links, limits):
    """Elbow angle by the law of cosines; NaN out of reach."""
    upper_arm, forearm = links
    square = hand[0] ** 2 + hand[1] ** 2 + hand[2] ** 2
    cosine = (square - upper_arm**2 - forearm**2) / (2 * upper_arm * forearm)
    if square < 1e-12 or not abs(cosine) <= 1 + 1e-12:
        return np.nan
    angle = np.arccos(min(max(cosine, -1.0), 1.0))
    return angle if abs(angle - limits[0][3]) <= limits[1][3] + _LIMIT_TOLERANCE else np.nan


@njit(cache=True)
def _circle(hand, elbow, links, outward):
    """Circle of the elbow, counted from the place nearest to the direction ``outward``."""
    upper_arm, forearm = links
    distance = np.sqrt(hand[0] ** 2 + hand[1] ** 2 + hand[2] ** 2)
    axis = (hand[0] / distance, hand[1] / distance, hand[2] / distance)
    along = _dot(axis, outward)
    if abs(along) > 0.999:
        outward = (outward[1], outward[2], outward[0])
        along = _dot(axis, outward)
    across = _combine(1.0, outward, -along, axis)
    first = _combine(1 / np.sqrt(_dot(across, across)), across, 0.0, axis)
    second = (
        axis[1] * first[2] - axis[2] * first[1],
        axis[2] * first[0] - axis[0] * first[2],
        axis[0] * first[1] - axis[1] * first[0],
    )
    return axis, first, second, (upper_arm + forearm * np.cos(elbow)) / distance, forearm * np.sin(elbow) / distance


@njit(cache=True)
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True)
def _combine(weight_a, a, weight_b, b):
    return (weight_a * a[0] + weight_b * b[0], weight_a * a[1] + weight_b * b[1], weight_a * a[2] + weight_b * b[2])


@njit(cache=True)
def _outward(swivel, circle):
    """Direction from the line between shoulder and hand to the elbow."""
    _, first, second, _, _ = circle
    return _combine(np.cos(swivel), first, np.sin(swivel), second)


@njit(cache=True)
def _shoulder(swivel, circle, limits):
    """The three shoulder angles for one swivel, each within half a turn of the middle of its range."""
    axis, _, _, cosine, sine = circle
    outward = _outward(swivel, circle)
    x, y, z = _combine(cosine, axis, sine, outward)  # from shoulder to elbow
    back = _combine(cosine, outward, -sine, axis)  # z axis of the upper arm
    aside = np.sqrt(x**2 + z**2)
    cos_plane, sin_plane = (x / aside, -z / aside) if aside > 0 else (1.0, 0.0)
    plane = np.arctan2(sin_plane, cos_plane)
    twist = np.arctan2(
        aside * back[1] - y * (cos_plane * back[0] - sin_plane * back[2]), sin_plane * back[0] + cos_plane * back[2]
    )
    middle = limits[0]
    return _near(plane, middle[0]), _near(np.arctan2(aside, -y), middle[1]), _near(plane + twist, middle[2])


@njit(cache=True)
def _near(angle, middle):
    return angle - 2 * np.pi * np.round((angle - middle) / (2 * np.pi))


@njit(cache=True)
def _cost(swivel, circle, previous, limits):
    """Squared distance to the previous posture; beyond the limits a large number that falls towards them."""
    posture = _shoulder(swivel, circle, limits)
    distance, beyond = 0.0, 0.0
    for joint in range(3):
        distance += (posture[joint] - previous[joint]) ** 2
        beyond = max(beyond, abs(posture[joint] - limits[0][joint]) - limits[1][joint])
    return distance if beyond <= _LIMIT_TOLERANCE else _BEYOND_LIMITS + beyond


@njit(cache=True)
def _zoom(half_width, steps, circle, previous, limits):
    """Best swivel within the limits and ``half_width`` of 0: a scan, refined around the best; NaN if there is none."""
    best, least = 0.0, np.inf
    while half_width > _SWIVEL_TOLERANCE:
        centre = best
        for step in range(-steps, steps + 1):
            swivel = centre + step * half_width / steps
            cost = _cost(swivel, circle, previous, limits)
            if cost < least:
                best, least = swivel, cost
        half_width /= steps
        steps = _ZOOM
    return best if least < _BEYOND_LIMITS else np.nan


@njit(cache=True)
def _descend(circle, previous, limits):
    """Swivel of the nearest posture without regard to the limits, by Gauss-Newton; NaN if it does not converge."""
    swivel = 0.0
    x, y, z = circle[0]
    for _ in range(20):
        plane, elevation, rotation = _shoulder(swivel, circle, limits)
        cos_plane, sin_plane, sin_elevation = np.cos(plane), np.sin(plane), np.sin(elevation)
        if sin_elevation < 1e-9:
            break
        # The arm turns about the direction of the hand, which is resolved along the axes of the three angles.
        tilt = (cos_plane * x - sin_plane * z) / sin_elevation
        d_plane = y + tilt * np.cos(elevation)
        d_elevation = sin_plane * x + cos_plane * z
        d_rotation = d_plane - tilt
        step = d_plane * (plane - previous[0]) + d_elevation * (elevation - previous[1])
        step += d_rotation * (rotation - previous[2])
        step /= d_plane**2 + d_elevation**2 + d_rotation**2
        swivel -= step
        if abs(step) < _DESCENT_TOLERANCE:
            return swivel
    return np.nan
