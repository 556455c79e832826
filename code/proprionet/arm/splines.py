"""Cubic splines on uniform grids: fitted with NumPy, evaluated by a compiled kernel for millions of postures.

A spline with knots at the points of a uniform grid is a sum of shifted copies of one bump (the cubic B-spline). At any
place four of them differ from zero along each axis, so that a value of a table of three joints is a weighted sum of 64
coefficients.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

FEWEST = 4  # points of a grid, along each axis
_ROUNDING = 1e-4  # degrees by which an angle that was stored in single precision may lie outside the grid


def fit(values: np.ndarray, axes: int) -> np.ndarray:
    """Coefficients of the cubic splines through values on a uniform grid.

    The third derivative is continuous across the second and the last but one grid point (not-a-knot).

    Parameters
    ----------
    values : array, shape (n_1, ..., n_axes, ...)
        Values on the grid of the first ``axes`` axes, at least 4 along each; splines along further axes are separate.

    Returns
    -------
    array, shape (n_1 + 2, ..., n_axes + 2, ...)
        Between grid points i and i + 1 the coefficients i to i + 3 count.
    """
    for axis in range(axes):
        fitted = np.tensordot(_interpolation(values.shape[axis]), values, axes=(1, axis))
        values = np.moveaxis(fitted, 0, axis)
    return values


def _interpolation(n: int) -> np.ndarray:
    """Matrix (n + 2, n) that makes coefficients from values."""
    conditions = np.zeros((n + 2, n + 2))
    for row in range(n):
        conditions[row, row : row + 3] = 1 / 6, 4 / 6, 1 / 6
    conditions[n, :5] = conditions[n + 1, -5:] = 1, -4, 6, -4, 1
    return np.linalg.solve(conditions, np.eye(n + 2, n))


class Tables(NamedTuple):
    """Path length as a sum of tables, one for every group of joints.

    ``lower`` and ``upper`` (joint,) in degrees and ``intervals`` (joint,) are the grid. ``axes`` (group, 3) are the
    joints of each group; the first are -1 where it has fewer than three. ``spans`` (group, muscle) is 1 for the muscles
    that a group moves. ``coefficients`` (coefficient,) in mm are those of all tables one after another, each with one
    axis a joint and a last one for the muscles that it moves. ``constant`` (muscle,) in mm is added.
    """

    lower: np.ndarray
    upper: np.ndarray
    intervals: np.ndarray
    axes: np.ndarray
    spans: np.ndarray
    coefficients: np.ndarray
    constant: np.ndarray


class Curves(NamedTuple):
    """What path lengths are turned into, between the ``shortest`` and the ``longest`` (muscle,) in mm.

    ``curve`` (muscle, knot + 2) are coefficients in mm; without any, lengths stay those of the path.
    """

    shortest: np.ndarray
    longest: np.ndarray
    curve: np.ndarray


def consistent(tables: Tables, curves: Curves) -> bool:
    """Whether sizes and types fit each other, so that the kernel stays within its arrays."""
    n_joints, n_muscles = len(tables.lower), len(tables.constant)
    shapes = {"lower": (n_joints,), "upper": (n_joints,), "intervals": (n_joints,), "constant": (n_muscles,)}
    shapes |= {"axes": (len(tables.axes), 3), "spans": (len(tables.axes), n_muscles)}
    shapes |= {"coefficients": (tables.coefficients.size,)}
    types = {"intervals": "int64", "axes": "int64", "spans": "uint8", "coefficients": "float32"}
    if any(
        array.shape != shapes[name] or array.dtype != types.get(name, "float64")
        for name, array in tables._asdict().items()
    ):
        return False
    if not (np.isin(tables.axes, range(-1, n_joints)).all() and (tables.axes[:, 2] >= 0).all()):
        return False
    if not ((tables.intervals >= FEWEST - 1) & (tables.intervals < 10_000) & (tables.lower < tables.upper)).all():
        return False
    sizes = np.where(tables.axes < 0, 1, tables.intervals[tables.axes] + 3).prod(axis=1)
    knots = curves.curve.shape[1:]
    return (
        tables.coefficients.size == sizes @ tables.spans.astype(bool).sum(axis=1)
        and curves.curve.dtype == curves.shortest.dtype == curves.longest.dtype == np.float64
        and curves.curve.shape == (n_muscles, *knots)
        and curves.shortest.shape == curves.longest.shape == (n_muscles,)
        and len(knots) == 1
        and (knots[0] == 0 or knots[0] >= FEWEST + 2)
    )


@njit(cache=True)
def evaluate(joint_angles, tables, curves, lengths):
    """Fill ``lengths`` (time, muscle) for ``joint_angles`` (time, joint), float64 both; NaN where an angle is NaN.

    Returns
    -------
    int
        The first time at which an angle is outside the grid, where it stops; -1 if there is none.
    """
    n_joints = len(tables.lower)
    muscles, counts = _moved(tables.spans)
    sizes, starts = _layout(tables, counts)
    first, weights = np.zeros(n_joints + 1, np.int64), np.zeros((n_joints + 1, 4))
    weights[-1, 0] = 1.0  # along the axes (-1) that a group of fewer joints does not have
    moved, along_curve = np.empty(len(tables.constant)), np.empty(4)
    per_mm = (curves.curve.shape[1] - 3) / (curves.longest - curves.shortest)
    for t in range(len(joint_angles)):
        if np.isnan(joint_angles[t]).any():
            lengths[t] = np.nan
            continue
        for joint in range(n_joints):
            angle, lower, upper = joint_angles[t, joint], tables.lower[joint], tables.upper[joint]
            if not lower - _ROUNDING <= angle <= upper + _ROUNDING:
                return t
            intervals = tables.intervals[joint]
            first[joint] = _locate((angle - lower) / (upper - lower) * intervals, intervals, weights[joint])
        lengths[t] = tables.constant
        for group in range(len(sizes)):
            part = moved[: counts[group]]
            _sum(tables.coefficients[starts[group] :], sizes[group], tables.axes[group], first, weights, part)
            for i in range(len(part)):
                lengths[t, muscles[group, i]] += part[i]
        if curves.curve.shape[1] > 0:
            _follow(curves, per_mm, along_curve, lengths[t])
    return -1


@njit(cache=True)
def _moved(spans):
    """Places of the muscles that each group moves, and how many there are."""
    places, counts = np.zeros(spans.shape, np.int64), np.zeros(len(spans), np.int64)
    for group in range(spans.shape[0]):
        for muscle in range(spans.shape[1]):
            if spans[group, muscle]:
                places[group, counts[group]] = muscle
                counts[group] += 1
    return places, counts


@njit(cache=True)
def _layout(tables, counts):
    """Coefficients along the three axes of each table, and where its coefficients start."""
    sizes, starts = np.ones((len(tables.axes), 3), np.int64), np.zeros(len(tables.axes) + 1, np.int64)
    for group in range(len(sizes)):
        for axis in range(3):
            if tables.axes[group, axis] >= 0:
                sizes[group, axis] = tables.intervals[tables.axes[group, axis]] + 3
        starts[group + 1] = starts[group] + sizes[group].prod() * counts[group]
    return sizes, starts


@njit(cache=True)
def _locate(place, intervals, weights):
    """Number of the interval in which a place of a uniform grid lies; fills the weights of its four coefficients."""
    interval = min(max(int(place), 0), intervals - 1)
    part = min(max(place - interval, 0.0), 1.0)
    rest = 1 - part
    weights[0] = rest**3 / 6
    weights[1] = 2 / 3 - part**2 * (1 - part / 2)
    weights[2] = 2 / 3 - rest**2 * (1 - rest / 2)
    weights[3] = part**3 / 6
    return interval


@njit(cache=True, inline="always")  # a seventh faster
def _sum(coefficients, size, axes, first, weights, part):
    """Weighted sum of the coefficients around one place, for every muscle of a group."""
    x, y, z = axes
    n = len(part)
    part[:] = 0.0
    for i in range(4 if x >= 0 else 1):
        for j in range(4 if y >= 0 else 1):
            start = (((first[x] + i) * size[1] + first[y] + j) * size[2] + first[z]) * n
            w = weights[x, i] * weights[y, j]
            w0, w1, w2, w3 = w * weights[z, 0], w * weights[z, 1], w * weights[z, 2], w * weights[z, 3]
            c0, c1 = coefficients[start : start + n], coefficients[start + n : start + 2 * n]
            c2, c3 = coefficients[start + 2 * n : start + 3 * n], coefficients[start + 3 * n : start + 4 * n]
            for muscle in range(n):  # neighbours in memory, so that this loop is vectorised
                part[muscle] += w0 * c0[muscle] + w1 * c1[muscle] + w2 * c2[muscle] + w3 * c3[muscle]


@njit(cache=True)
def _follow(curves, per_mm, weights, lengths):
    """Replace path lengths (muscle,) by what the curves make of them; NaN beyond their ends."""
    intervals = curves.curve.shape[1] - 3
    for muscle in range(len(lengths)):
        place = (lengths[muscle] - curves.shortest[muscle]) * per_mm[muscle]
        if not 0 <= place <= intervals:
            lengths[muscle] = np.nan
            continue
        i = _locate(place, intervals, weights)
        near = curves.curve[muscle, i : i + 4]
        lengths[muscle] = weights[0] * near[0] + weights[1] * near[1] + weights[2] * near[2] + weights[3] * near[3]
