"""Compiled kernels of the inverse kinematics: the nearest posture on the circle of the elbow for a place of the hand.

A vector is a tuple (x, y, z) in the shoulder frame; angles are in radians. An ``arm`` is (upper arm, forearm, whether
the shoulder is flexion-adduction-rotation, middle of the range of each angle, half the width of each range). A
``circle`` holds the places of the elbow for one place of the hand: the direction of the hand, two directions across it
(swivel 0 and a quarter turn), and cosine and sine of the angle between the direction of the hand and the upper arm. A
``posture`` is the three shoulder angles, each within half a turn of the middle of its range, and their three rates, in
radians per radian of swivel.

All kernels are in this one file, since numba's cache does not see when a kernel of another file has changed.
"""

import numpy as np
from numba import njit

_STRIDE = np.pi / 45  # rad; longest step of the scan over swivels
_FINEST = 1e-13  # rad; shortest
_TURN = 0.2  # rad; steps over which an angle changes more are shortened: near a pole, angles swing round in no time
_NEARBY = 0.1  # rad; where the elbow is looked for first
_ZOOM = 8  # swivels tried on either side of the best in every refinement
_LAST_STEP = 1e-7  # rad; over a step as small as this the angles change linearly
_STEPS = 15  # of Newton's method, at most
_LIMIT_TOLERANCE = 1e-11  # rad; rounding allowed beyond a limit before the angle is clipped to it
_BEYOND_LIMITS = 1e6  # added to the cost of a posture beyond its limits
_FAR = 0.0025  # rad^2; a posture farther from the previous one than this is compared with all others
_POLE_TOLERANCE = 1e-11  # distance of the circle of the elbow from a pole, in lengths of the arm

_NOWHERE = (np.inf,) * 6  # posture where there is none: infinitely far from every other

_kernel = njit(cache=True, error_model="numpy")  # x / 0 is infinite, as in NumPy


@_kernel
def solve(hand, offsets, start, arm):
    """Nearest postures along many paths: (n, 4), NaN out of reach.

    ``hand`` is (n, 3) in the world frame, ``offsets`` (movement + 1,), ``start`` (movement, 4).
    """
    angles = np.full((len(hand), 4), np.nan)
    for movement in range(len(offsets) - 1):
        previous = (start[movement, 0], start[movement, 1], start[movement, 2], 0.0, 0.0, 0.0)
        outward, drift = (1.0, 0.0, 0.0), np.nan
        for t in range(offsets[movement], offsets[movement + 1]):
            elbow = _elbow(hand[t], arm)
            if np.isnan(elbow):
                continue
            circle = _circle(hand[t], elbow, outward, arm)
            swivel, posture = _nearest(drift, circle, previous, arm)
            if np.isnan(swivel):
                continue
            previous, outward, drift = posture, _outward(swivel, circle), swivel if abs(swivel) < _NEARBY else 0.0
            angles[t, 0], angles[t, 1], angles[t, 2], angles[t, 3] = posture[0], posture[1], posture[2], elbow
    return angles


@_kernel
def reachable(hand, arm):
    """Whether the hand can be brought to each place (n, 3) of the world frame."""
    within = np.zeros(len(hand), dtype=np.bool_)
    for i in range(len(hand)):
        elbow = _elbow(hand[i], arm)
        if not np.isnan(elbow):
            within[i] = _within(_circle(hand[i], elbow, (1.0, 0.0, 0.0), arm), arm)
    return within


@_kernel
def with_elbow(hand, outward, arm):
    """Angles (4,) that bring the hand to a place (world frame) with the elbow as far out in a direction (shoulder
    frame) as it can be, within the limits or not; NaN out of reach.
    """
    angles = np.full(4, np.nan)
    elbow = _elbow(hand, arm)
    if not np.isnan(elbow):
        posture = _posture(0.0, _circle(hand, elbow, outward, arm), arm)
        angles[0], angles[1], angles[2], angles[3] = posture[0], posture[1], posture[2], elbow
    return angles


@_kernel
def _within(circle, arm):
    """Whether any swivel brings all angles within their limits."""
    for swivel in np.arange(-np.pi, np.pi, _STRIDE):  # most places are found reachable within a few steps
        if _beyond(_posture(swivel, circle, arm), arm) <= _LIMIT_TOLERANCE:
            return True
    middle = (arm[3][0], arm[3][1], arm[3][2], 0.0, 0.0, 0.0)
    return not (np.isnan(_search(np.pi, circle, middle, arm)[0]) and np.isnan(_at_pole(circle, middle, arm)[0]))


@_kernel
def _nearest(drift, circle, previous, arm):
    """Swivel and posture nearest to the previous one: down the slope or at a pole, else nearby, else anywhere.

    The slope is followed from where the elbow would be if it drifted on; NaN where there is no posture before.
    """
    swivel, posture = _at_pole(circle, previous, arm)
    other, other_posture = _follow(drift, circle, previous, arm)
    if _distance(other_posture, previous) < _distance(posture, previous):
        swivel, posture = other, other_posture
    for half_width in (_NEARBY, np.pi):
        if _distance(posture, previous) < _FAR or (np.isnan(drift) and half_width < np.pi):
            continue
        other, other_posture = _search(half_width, circle, previous, arm)
        if _distance(other_posture, previous) < _distance(posture, previous):
            swivel, posture = other, other_posture
    return swivel, posture


@_kernel
def _at_pole(circle, previous, arm):
    """Swivel and posture nearest to the previous one if the circle passes through a pole, else nowhere.

    At a pole (elevation 0 or 180 degrees, rotation 90 or -90) two angles are about one axis, so that a whole range of
    postures has the same swivel: those along ``free``.
    """
    axis, first, second, cosine, _ = circle
    best, nearest = np.nan, _NOWHERE
    for sign in (-1.0, 1.0):
        if abs(axis[2] if arm[2] else cosine - sign * axis[1]) > _POLE_TOLERANCE:
            continue
        if arm[2]:
            swivel, free = np.arctan2(sign * first[2], -sign * second[2]), (1.0, -sign, 0.0)
        else:
            swivel, free = np.arctan2(sign * second[1], sign * first[1]), (1.0, 0.0, 1.0 + sign)
        posture = _posture(swivel, circle, arm)
        for turns in (-1, 0, 1):
            turned = _slid(posture, free, previous, turns, arm)
            if _distance(turned, previous) < _distance(nearest, previous):
                best, nearest = swivel, turned
    return best, nearest


@_kernel
def _slid(posture, free, previous, turns, arm):
    """Posture nearest to the previous one along ``free``, within the limits; nowhere if none is."""
    turn = 2 * np.pi * turns
    start = (posture[0] + turn, posture[1], posture[2]) if arm[2] else (posture[0], posture[1], posture[2] + turn)
    low, high, along, length = -np.inf, np.inf, 0.0, 0.0
    for joint in range(3):
        along += free[joint] * (previous[joint] - start[joint])
        length += free[joint] ** 2
        ends = arm[3][joint] - start[joint] - arm[4][joint], arm[3][joint] - start[joint] + arm[4][joint]
        if free[joint] > 0:
            low, high = max(low, ends[0] / free[joint]), min(high, ends[1] / free[joint])
        elif free[joint] < 0:
            low, high = max(low, ends[1] / free[joint]), min(high, ends[0] / free[joint])
        elif ends[0] > _LIMIT_TOLERANCE or ends[1] < -_LIMIT_TOLERANCE:
            return _NOWHERE
    if low > high:
        return _NOWHERE
    slide = min(max(along / length, low), high)
    return (start[0] + slide * free[0], start[1] + slide * free[1], start[2] + slide * free[2], 0.0, 0.0, 0.0)


@_kernel
def _follow(swivel, circle, previous, arm):
    """Swivel and posture of the least distance near a swivel: down the slope, then back to the limits; else nowhere."""
    swivel, posture = _descend(swivel, circle, previous, arm)
    if np.isnan(swivel) or _beyond(posture, arm) <= _LIMIT_TOLERANCE:
        return swivel, posture
    return _to_limit(swivel, posture, circle, previous, arm)


@_kernel
def _descend(swivel, circle, previous, arm):
    """Swivel and posture of the least distance near a swivel, without regard to the limits, or NaN.

    The first step is Gauss-Newton's, the others are those of the secant method.
    """
    posture = _posture(swivel, circle, arm)
    slope = _slope(posture, previous)
    step = -slope / _steepness(posture)
    for _ in range(_STEPS):
        if step**2 * _steepness(posture) < _LAST_STEP**2:
            return swivel + step, _moved(posture, step)
        swivel += step
        posture = _posture(swivel, circle, arm)
        curvature = (_slope(posture, previous) - slope) / step
        slope = _slope(posture, previous)
        step = -slope / max(curvature, 0.2 * _steepness(posture))
    return np.nan, _NOWHERE


@_kernel
def _to_limit(swivel, posture, circle, previous, arm):
    """Swivel and posture on the limit that is passed, by Newton's method; nowhere if that is not nearest."""
    joint, side = _worst(posture, arm)
    for _ in range(_STEPS):
        step = (arm[3][joint] + side * arm[4][joint] - posture[joint]) / posture[3 + joint]
        if not abs(step) < _NEARBY:
            break
        swivel += step
        if step**2 * _steepness(posture) > _LAST_STEP**2:
            posture = _posture(swivel, circle, arm)
            continue
        posture = _moved(posture, step)
        if _beyond(posture, arm) <= _LIMIT_TOLERANCE:
            if side * posture[3 + joint] * _slope(posture, previous) <= 0:  # downhill is outward
                return swivel, posture
            break
        joint, side = _worst(posture, arm)
    return np.nan, _NOWHERE


@_kernel
def _search(half_width, circle, previous, arm):
    """Best swivel within the limits and ``half_width`` of 0, and its posture: a scan, then refined; NaN if none."""
    best, best_posture, least = np.nan, _NOWHERE, np.inf
    swivel, step = -half_width, _STRIDE
    posture = _posture(swivel, circle, arm)
    low, low_cost, cost = swivel, np.inf, _cost(posture, previous, arm)
    while low < half_width:
        high, high_posture, high_cost = min(swivel + step, half_width), posture, np.inf
        if swivel < half_width:
            high_posture = _posture(high, circle, arm)
            high_cost = _cost(high_posture, previous, arm)
            if step > _FINEST and _change(posture, high_posture) > _TURN:
                step /= 2
                continue
        near = _beyond(posture, arm) < _TURN and _distance(posture, previous) ** 0.5 < least**0.5 + 2 * _TURN
        if near and cost <= low_cost and cost < high_cost:
            found, found_posture = _refine(low, swivel, high, circle, previous, arm)
            if _cost(found_posture, previous, arm) < min(least, _BEYOND_LIMITS):
                best, best_posture, least = found, found_posture, _cost(found_posture, previous, arm)
        low, low_cost, swivel, posture, cost = swivel, cost, high, high_posture, high_cost
        step = min(2 * step, _STRIDE)
    return best, best_posture


@_kernel
def _refine(low, best, high, circle, previous, arm):
    """Best swivel between two others, and its posture: by Newton's method, else by zooming in."""
    posture = _posture(best, circle, arm)
    half_width = max(best - low, high - best)
    while half_width > 1e-15:
        swivel, moved = _follow(best, circle, previous, arm)
        if low <= swivel <= high and _cost(moved, previous, arm) <= _cost(posture, previous, arm):
            return swivel, moved
        centre = best
        for step in range(-_ZOOM, _ZOOM + 1):
            swivel = min(max(centre + step * half_width / _ZOOM, low), high)
            moved = _posture(swivel, circle, arm)
            if _cost(moved, previous, arm) < _cost(posture, previous, arm):
                best, posture = swivel, moved
        half_width /= _ZOOM
    return best, posture


@_kernel
def _change(posture, other):
    """Largest change of an angle, whole turns apart."""
    largest = 0.0
    for joint in range(3):
        largest = max(largest, abs(_near(other[joint] - posture[joint], 0.0)))
    return largest


@_kernel
def _cost(posture, previous, arm):
    """Squared distance to the previous posture; beyond the limits a large number that falls towards them."""
    beyond = _beyond(posture, arm)
    if beyond > _LIMIT_TOLERANCE:
        return _BEYOND_LIMITS + beyond
    return _distance(posture, previous)


@_kernel
def _distance(posture, previous):
    """Squared distance between two postures."""
    return (posture[0] - previous[0]) ** 2 + (posture[1] - previous[1]) ** 2 + (posture[2] - previous[2]) ** 2


@_kernel
def _beyond(posture, arm):
    """How far the angle farthest beyond its limits is beyond them; negative within."""
    joint, side = _worst(posture, arm)
    return side * (posture[joint] - arm[3][joint]) - arm[4][joint]


@_kernel
def _worst(posture, arm):
    """The angle farthest beyond its limits, or nearest to them, and on which side: 1 is the upper limit."""
    worst, most, side = 0, -np.inf, 1.0
    for joint in range(3):
        offset = posture[joint] - arm[3][joint]
        if not abs(offset) - arm[4][joint] <= most:
            worst, most, side = joint, abs(offset) - arm[4][joint], np.sign(offset)
    return worst, side


@_kernel
def _slope(posture, previous):
    """Half the derivative of the squared distance to the previous posture."""
    return (
        posture[3] * (posture[0] - previous[0])
        + posture[4] * (posture[1] - previous[1])
        + posture[5] * (posture[2] - previous[2])
    )


@_kernel
def _steepness(posture):
    return posture[3] ** 2 + posture[4] ** 2 + posture[5] ** 2


@_kernel
def _moved(posture, step):
    d_first, d_second, d_third = posture[3:]
    return (
        posture[0] + step * d_first,
        posture[1] + step * d_second,
        posture[2] + step * d_third,
        d_first,
        d_second,
        d_third,
    )


@_kernel
def _elbow(hand, arm):
    """Elbow angle by the law of cosines; NaN out of reach."""
    upper_arm, forearm, _, middle, half = arm
    square = hand[0] ** 2 + hand[1] ** 2 + hand[2] ** 2
    cosine = (square - upper_arm**2 - forearm**2) / (2 * upper_arm * forearm)
    if square < 1e-12 or not abs(cosine) <= 1 + 1e-12:
        return np.nan
    angle = np.arccos(min(max(cosine, -1.0), 1.0))
    return angle if abs(angle - middle[3]) <= half[3] + _LIMIT_TOLERANCE else np.nan


@_kernel
def _circle(hand, elbow, outward, arm):
    """Circle of the elbow, counted from the place nearest to the direction ``outward``."""
    distance = np.sqrt(hand[0] ** 2 + hand[1] ** 2 + hand[2] ** 2)
    axis = (-hand[1] / distance, hand[2] / distance, -hand[0] / distance)
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
    cosine, sine = (arm[0] + arm[1] * np.cos(elbow)) / distance, arm[1] * np.sin(elbow) / distance
    return axis, first, second, cosine, sine


@_kernel
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@_kernel
def _combine(weight_a, a, weight_b, b):
    return (weight_a * a[0] + weight_b * b[0], weight_a * a[1] + weight_b * b[1], weight_a * a[2] + weight_b * b[2])


@_kernel
def _outward(swivel, circle):
    """Direction from the line between shoulder and hand to the elbow."""
    _, first, second, _, _ = circle
    return _combine(np.cos(swivel), first, np.sin(swivel), second)


@_kernel
def _posture(swivel, circle, arm):
    """Shoulder angles for one swivel, and their rates: the arm turns about the direction of the hand."""
    axis, first, second, cosine, sine = circle
    middle = arm[3]
    cos_swivel, sin_swivel = np.cos(swivel), np.sin(swivel)
    outward = _combine(cos_swivel, first, sin_swivel, second)
    along = _combine(cosine, axis, sine, outward)  # from shoulder to elbow
    back = _combine(cosine, outward, -sine, axis)  # z axis of the upper arm
    if arm[2]:
        aside = _combine(sin_swivel, first, -cos_swivel, second)  # x axis of the upper arm
        return _flexion_adduction_rotation(axis, aside, along, back, middle)
    return _plane_elevation_rotation(axis, along, back, middle)


@_kernel
def _plane_elevation_rotation(axis, along, back, middle):
    """Y-Z-Y Euler angles, since Ry(q1) Rz(q2) Ry(-q1) Ry(q3) = Ry(q1) Rz(q2) Ry(q3 - q1)."""
    x, y, z = along
    sin_elevation = np.sqrt(x * x + z * z)
    cos_plane, sin_plane = (x / sin_elevation, -z / sin_elevation) if sin_elevation > 0 else (1.0, 0.0)
    plane = np.arctan2(sin_plane, cos_plane)
    twist = np.arctan2(
        sin_elevation * back[1] - y * (cos_plane * back[0] - sin_plane * back[2]),
        sin_plane * back[0] + cos_plane * back[2],
    )
    d_twist = -(cos_plane * axis[0] - sin_plane * axis[2]) / sin_elevation if sin_elevation > 0 else np.inf
    d_plane = axis[1] + d_twist * y
    return (
        _near(plane, middle[0]),
        _near(np.arctan2(sin_elevation, -y), middle[1]),
        _near(plane + twist, middle[2]),
        d_plane,
        sin_plane * axis[0] + cos_plane * axis[2],
        d_plane + d_twist,
    )


@_kernel
def _flexion_adduction_rotation(axis, aside, along, back, middle):
    """Tait-Bryan angles of Rz(q2) Ry(q3) Rx(q1), rotation within a quarter turn."""
    x, y, z = aside
    cos_rotation = np.sqrt(x * x + y * y)
    cos_adduction, sin_adduction = (x / cos_rotation, y / cos_rotation) if cos_rotation > 0 else (1.0, 0.0)
    across = cos_adduction * axis[0] + sin_adduction * axis[1]
    d_flexion = across / cos_rotation if cos_rotation > 0 else np.inf
    flexion = np.arctan2(
        sin_adduction * back[0] - cos_adduction * back[1], sin_adduction * along[0] - cos_adduction * along[1]
    )
    return (
        _near(flexion, middle[0]),
        _near(np.arctan2(sin_adduction, cos_adduction), middle[1]),
        _near(np.arctan2(-z, cos_rotation), middle[2]),
        d_flexion,
        axis[2] - z * d_flexion,
        cos_adduction * axis[1] - sin_adduction * axis[0],
    )


@_kernel
def _near(angle, middle):
    return angle - 2 * np.pi * np.round((angle - middle) / (2 * np.pi))
