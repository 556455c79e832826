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


def doubtful(values: np.ndarray, axes: int, tolerance: float) -> np.ndarray:
    """Cells of a grid in which splines through its values cannot be trusted, because the values jump nearby.

    Along each line of the grid two estimates of the error must stay within the tolerance: the distance of the spline
    from the cubic through the four nearest values, half way between grid points, which shows where a spline swings
    beside a jump; and the error that this cubic has by the fourth difference of five values, which shows the jump.

    Parameters
    ----------
    values : array, shape (n_1, ..., n_axes, muscle)
        As :func:`fit` takes them.
    tolerance : float
        In the unit of the values.

    Returns
    -------
    array of bool, shape (n_1 - 1, ..., n_axes - 1)
    """
    cells = np.zeros([n - 1 for n in values.shape[:axes]], bool)
    for axis in range(axes):
        bad = _line_errors(np.moveaxis(values, axis, 0)).max(axis=-1) > tolerance
        for other in range(axes - 1):  # a cell is bad if any of its edges along this axis is
            bad = np.moveaxis(bad, 1 + other, -1)
            bad = np.moveaxis(bad[..., :-1] | bad[..., 1:], -1, 1 + other)
        cells |= np.moveaxis(bad, 0, axis)
    return cells


def _line_errors(values: np.ndarray) -> np.ndarray:
    """Estimated errors (n - 1, ...) of splines between values (n, ...) along the first axis."""
    n = len(values)
    c = np.tensordot(_interpolation(n), values, axes=(1, 0))
    spline = (c[:-3] + 23 * c[1:-2] + 23 * c[2:-1] + c[3:]) / 48
    cubic = np.empty_like(spline)
    cubic[1:-1] = (9 * (values[1:-2] + values[2:-1]) - values[:-3] - values[3:]) / 16
    for end, v in ((0, values[:4]), (-1, values[:-5:-1])):
        cubic[end] = (5 * v[0] + 15 * v[1] - 5 * v[2] + v[3]) / 16
    error = np.abs(spline - cubic)
    fourth = 3 / 128 * np.abs(np.diff(values, n=4, axis=0))
    for shift in range(4):
        part = error[shift : shift + len(fourth)]
        np.maximum(part, fourth, out=part)
    return error


class Tables(NamedTuple):
    """Path length as a sum of tables, one for every group of joints.

    ``lower`` and ``upper`` (joint,) in degrees and ``intervals`` (joint,) are the grid. ``axes`` (group, 3) are the
    joints of each group; the first are -1 where it has fewer than three. ``spans`` (group, muscle) is 1 for the muscles
    that a group moves. ``coefficients`` (coefficient,) in mm are those of all tables one after another, each with one
    axis a joint and a last one for the muscles that it moves. ``constant`` (muscle,) in mm is added. ``doubtful``
    (cell,) is 1 where splines do not follow the muscles' paths, cell after cell of all tables (see :func:`doubtful`).
    """

    lower: np.ndarray
    upper: np.ndarray
    intervals: np.ndarray
    axes: np.ndarray
    spans: np.ndarray
    coefficients: np.ndarray
    constant: np.ndarray
    doubtful: np.ndarray


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
    shapes |= {name: (getattr(tables, name).size,) for name in ("coefficients", "doubtful")}
    types = {"intervals": "int64", "axes": "int64", "spans": "uint8", "coefficients": "float32", "doubtful": "uint8"}
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
    n_cells = np.where(tables.axes < 0, 1, tables.intervals[tables.axes]).prod(axis=1).sum()
    knots = curves.curve.shape[1:]
    return (
        tables.doubtful.size == n_cells
        and tables.coefficients.size == sizes @ tables.spans.astype(bool).sum(axis=1)
        and curves.curve.dtype == curves.shortest.dtype == curves.longest.dtype == np.float64
        and curves.curve.shape == (n_muscles, *knots)
        and curves.shortest.shape == curves.longest.shape == (n_muscles,)
        and len(knots) == 1
        and (knots[0] == 0 or knots[0] >= FEWEST + 2)
    )


@njit(cache=True)
def evaluate(joint_angles, tables, curves, lengths):
    """Fill ``lengths`` (time, muscle) for ``joint_angles`` (time, joint), float64 both.

    NaN where an angle is NaN, and where the cell is doubtful.

    Returns
    -------
    int
        The first time at which an angle is outside the grid, where it stops; -1 if there is none.
    """
    n_joints = len(tables.lower)
    muscles, counts = _moved(tables.spans)
    sizes, starts, cells = _layout(tables, counts)
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
        if _any_doubtful(tables, cells, first):
            lengths[t] = np.nan
            continue
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
    """Coefficients along the three axes of each table, where its coefficients start, and where its cells do."""
    sizes, starts = np.ones((len(tables.axes), 3), np.int64), np.zeros(len(tables.axes) + 1, np.int64)
    cells = np.zeros(len(tables.axes) + 1, np.int64)
    for group in range(len(sizes)):
        for axis in range(3):
            if tables.axes[group, axis] >= 0:
                sizes[group, axis] = tables.intervals[tables.axes[group, axis]] + 3
        starts[group + 1] = starts[group] + sizes[group].prod() * counts[group]
        cells[group + 1] = cells[group] + np.maximum(sizes[group] - 3, 1).prod()
    return sizes, starts, cells


@njit(cache=True)
def _any_doubtful(tables, cells, first):
    """Whether the cell of any table is doubtful at the place that ``first`` (joint + 1,) says."""
    for group in range(len(tables.axes)):
        cell = 0
        for axis in range(3):
            joint = tables.axes[group, axis]
            if joint >= 0:
                cell = cell * tables.intervals[joint] + first[joint]
        if tables.doubtful[cells[group] + cell]:
            return True
    return False


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
