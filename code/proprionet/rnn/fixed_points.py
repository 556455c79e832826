"""Fixed points of recurrent networks: where they are, how sure it is that none is missing, and how inputs move them.

A point is fixed under a constant input u where F(x, u) = x. The speed q = |F(x, u) - x|^2 / 2 is brought to zero from
many starts at once by Levenberg-Marquardt, a second-order method: one of first order stops in the flat valleys around
nearly marginal points and never reaches the saddles.

Source: Sussillo & Barak 2013; Golub & Sussillo 2018 (the question); Marquardt 1963 (the method).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.rnn.dynamics import Checked, Dynamics

FROZEN_BELOW = 1e-22
"""Speed q at which a start has arrived."""
FIXED_BELOW = 1e-16
"""Speed q of a fixed point, if Newton's step to the exact one is no longer than the distance of points that are one."""
SLOW_BELOW = 1e-6
"""Speed q of a slow point."""
MERGED_WITHIN = 1e-4
"""Distance of points that are one."""
FAR = 3.0
"""Points farther than this times the largest radius of the visited states are no part of the network's work."""
MOST_BENT = 0.375
"""Length of the acceleration over that of the step, up to which it is trusted; 0 makes all steps straight."""
N_ITERATIONS = 600

_NUMBERS_AT_ONCE = 200_000  # of the Jacobians of some starts: what fits into the cache
_STARTS_AT_ONCE = 64  # between two looks at the progress
_HOPELESS = 1e14
"""Damping of a start from which no step leads down: it lies in the valley of a slow point."""
_LEAST_DAMPING = 1e-24
_PROBED = 0.1
"""Share of a step at which the curvature is felt."""

Watch = Callable[[list[np.ndarray], str], Iterable[np.ndarray]]


def _unwatched(items: list[np.ndarray], about: str) -> Iterable[np.ndarray]:
    return items


@dataclass(frozen=True)
class Ends:
    """Where the starts of a search ended."""

    states: np.ndarray
    """(start, state)"""
    q: np.ndarray
    """(start,): |F(x, u) - x|^2 / 2"""
    n_iterations: int
    """Of the slowest start."""


@dataclass(frozen=True)
class FixedPoints:
    """Fixed and slow points under one constant input, and what became of every start of every search."""

    states: np.ndarray
    """(point, state), the most frequently found first"""
    q: np.ndarray
    """(point,)"""
    merged: np.ndarray
    """(point, search): starts that ended here"""
    slow_states: np.ndarray
    """(slow_point, state)"""
    slow_q: np.ndarray
    """(slow_point,)"""
    slow_merged: np.ndarray
    """(slow_point, search)"""
    starts: dict[str, list[int]]
    """Of each search, how many starts ended ``fixed``, ``slow``, ``far`` or ``failed``."""

    @property
    def agree(self) -> bool:
        """Whether every search found every point."""
        return bool((self.merged > 0).all())


def draw_starts(visited: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """Half of them states that the network visits, half random mixtures of two, which lead to the saddles between.

    Parameters
    ----------
    visited : array, shape (sample, state)
    n : int

    Returns
    -------
    array, shape (n, state)
    """
    one, other = visited[random.integers(len(visited), size=(2, n))].astype(np.float64)
    share = random.random((n, 1))
    share[: n // 2] = 1
    return share * one + (1 - share) * other


def minimise(system: Dynamics, starts: np.ndarray, inputs: np.ndarray, n_iterations: int = N_ITERATIONS) -> Ends:
    """Go from every start to where the state moves least, by Levenberg-Marquardt in double precision.

    With r = F(x, u) - x and A = J - 1, a step solves (A'A + damping) d = -A'r; it is taken where q falls (and damping
    falls to 0.3 of it), else damping grows fourfold. Geodesic acceleration bends it along the valleys that the nearly
    marginal modes of trained networks make, in which straight steps creep. A start rests once q is below 1e-22.

    Parameters
    ----------
    system : object with ``step`` and, better, ``jacobian``
    starts : array, shape (start, state)
    inputs : array, shape (input,) or (start, input)
        Held constant.

    Raises
    ------
    InputError
        If the system's step or Jacobian has another shape.

    Source: Transtrum & Sethna 2012 (acceleration).
    """
    states = np.array(starts, dtype=np.float64)
    inputs = np.broadcast_to(np.asarray(inputs, dtype=np.float64), (len(states), np.shape(inputs)[-1]))
    q, most = np.empty(len(states)), 0
    at_once = max(8, _NUMBERS_AT_ONCE // states.shape[1] ** 2)
    for first in range(0, len(states), at_once):
        rows = slice(first, first + at_once)
        states[rows], q[rows], needed = _descend(Checked(system), states[rows], inputs[rows], n_iterations)
        most = max(most, needed)
    return Ends(states, q, most)


def _descend(system: Checked, x: np.ndarray, u: np.ndarray, n_iterations: int) -> tuple[np.ndarray, np.ndarray, int]:
    """States, speeds, and iterations that were needed, of some starts that fit into memory together."""
    residual = system.step(x, u) - x
    q, slope, damping = _speed(residual), _slope(system, x, u), np.ones(len(x))
    for iteration in range(n_iterations):
        active = np.flatnonzero((q >= FROZEN_BELOW) & (damping < _HOPELESS))
        if not active.size:
            return x, q, iteration
        step = _step(system, *(values[active] for values in (x, u, residual, slope, damping)))
        tried = x[active] + step
        tried_residual = system.step(tried, u[active]) - tried
        speed = _speed(tried_residual)
        better = speed < q[active]
        damping[active] = np.maximum(damping[active] * np.where(better, 0.3, 4.0), _LEAST_DAMPING)
        moved = active[better]
        if moved.size:
            x[moved], q[moved], residual[moved] = tried[better], speed[better], tried_residual[better]
            slope[moved] = _slope(system, x[moved], u[moved])
    return x, q, n_iterations


def _step(
    system: Checked, x: np.ndarray, u: np.ndarray, residual: np.ndarray, slope: np.ndarray, damping: np.ndarray
) -> np.ndarray:
    """The damped step of each point, bent by half the geodesic acceleration where that is short beside it."""
    transposed = slope.swapaxes(1, 2)
    damped = transposed @ slope + damping[:, None, None] * np.eye(x.shape[1])
    straight = -np.linalg.solve(damped, transposed @ residual[:, :, None])[:, :, 0]
    probe = x + _PROBED * straight
    change = (system.step(probe, u) - probe - residual) / _PROBED
    curvature = 2 / _PROBED * (change - (slope @ straight[:, :, None])[:, :, 0])
    bend = -np.linalg.solve(damped, transposed @ curvature[:, :, None])[:, :, 0]
    is_short = np.linalg.norm(bend, axis=1) <= MOST_BENT * np.linalg.norm(straight, axis=1)
    return straight + np.where(is_short[:, None], bend / 2, 0)


def _speed(residual: np.ndarray) -> np.ndarray:
    return np.einsum("pi,pi->p", residual, residual) / 2


def _slope(system: Checked, x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """J - 1 of each point."""
    return system.jacobian(x, u) - np.eye(x.shape[1])


def find(
    system: Dynamics,
    visited: np.ndarray,
    inputs: np.ndarray,
    *,
    n_starts: int = 1024,
    seed: int = 0,
    n_searches: int = 2,
    n_iterations: int = N_ITERATIONS,
    merged_within: float = MERGED_WITHIN,
    watch: Watch = _unwatched,
) -> FixedPoints:
    """All fixed points under a constant input that independent searches find.

    Parameters
    ----------
    system : object with ``step`` and, better, ``jacobian``
    visited : array, shape (sample, state)
        States that the network visits while it works; starts are drawn from them (:func:`draw_starts`), and points
        farther than three times their radius are counted as ``far`` and dropped.
    inputs : array, shape (input,)
    n_starts : int
        Of each search.
    n_searches : int
        With starts of their own: points that not every search found say that there may be more.
    merged_within : float
        Points at this distance or less are one: the slowest is kept.
    watch : callable
        ``watch(items, about)`` goes through items and shows progress.

    Raises
    ------
    InputError
        If visited states are not finite, or the system's step or Jacobian has another shape.
    """
    if not np.isfinite(visited).all():
        raise InputError("the visited states hold NaN or infinity, so no search can start from them")
    starts = [
        draw_starts(visited, n_starts, seeds.generator(seed, "fixed points", search)) for search in range(n_searches)
    ]
    blocks = np.array_split(np.concatenate(starts), max(1, n_searches * n_starts // _STARTS_AT_ONCE))
    found = [minimise(system, block, inputs, n_iterations) for block in watch(blocks, "blocks of starts")]
    states, q = np.concatenate([ends.states for ends in found]), np.concatenate([ends.q for ends in found])
    of_search = np.repeat(np.arange(n_searches), n_starts)
    sure = _sure(Checked(system), states, q, np.asarray(inputs, dtype=np.float64), merged_within)
    fates = _fates(states, q, visited, sure)
    fixed, slow = fates == "fixed", fates == "slow"
    kept, merged = merge(states[fixed], q[fixed], of_search[fixed], n_searches, merged_within)
    slow_kept, slow_merged = merge(states[slow], q[slow], of_search[slow], n_searches, merged_within)
    return FixedPoints(
        states[fixed][kept],
        q[fixed][kept],
        merged,
        states[slow][slow_kept],
        q[slow][slow_kept],
        slow_merged,
        {
            fate: [int((fates[of_search == search] == fate).sum()) for search in range(n_searches)]
            for fate in ("fixed", "slow", "far", "failed")
        },
    )


def _sure(system: Checked, states: np.ndarray, q: np.ndarray, inputs: np.ndarray, within: float) -> np.ndarray:
    """Whether each state has arrived, or Newton's step says that the exact point is within reach, shape (start,).

    Around nearly marginal points, states far from any fixed point are as slow as 1e-16.
    """
    sure = q < FROZEN_BELOW
    for row in np.flatnonzero(~sure & (q < FIXED_BELOW)):
        x, u = states[row : row + 1], inputs[None]
        step = np.linalg.pinv(system.jacobian(x, u)[0] - np.eye(x.shape[1])) @ (system.step(x, u) - x)[0]
        sure[row] = np.linalg.norm(step) <= within
    return sure


def _fates(states: np.ndarray, q: np.ndarray, visited: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """What each start ended as, shape (start,)."""
    centre = visited.mean(axis=0, dtype=np.float64)
    radius = np.linalg.norm(visited - centre.astype(visited.dtype), axis=1).max()
    far = ~(np.linalg.norm(states - centre, axis=1) <= FAR * radius)
    return np.select([~(q < SLOW_BELOW), far, sure], ["failed", "far", "fixed"], "slow")


def merge(
    states: np.ndarray, q: np.ndarray, group: np.ndarray, n_groups: int, within: float = MERGED_WITHIN
) -> tuple[np.ndarray, np.ndarray]:
    """Make one of points that are close: the slowest absorbs all within reach, then the slowest of those left.

    Parameters
    ----------
    states : array, shape (start, state)
    q : array, shape (start,)
    group : array of int, shape (start,)
        Search that each belongs to.

    Returns
    -------
    array of int, shape (point,)
        Rows that are kept, those that absorbed most first.
    array of int, shape (point, group)
        Starts that each stands for.
    """
    kept, merged = [], []
    left = np.argsort(q, kind="stable")
    while left.size:
        near = np.linalg.norm(states[left] - states[left[0]], axis=1) <= within
        kept.append(left[0])
        merged.append(np.bincount(group[left[near]], minlength=n_groups))
        left = left[~near]
    counts = np.reshape(merged, (-1, n_groups)).astype(np.int64)
    order = np.argsort(-counts.sum(axis=1), kind="stable")
    return np.array(kept, dtype=np.int64)[order], counts[order]


def follow(system: Dynamics, states: np.ndarray, path: Sequence[np.ndarray] | np.ndarray) -> tuple[np.ndarray, ...]:
    """How points move while the input changes: each search begins where the one before ended.

    Parameters
    ----------
    states : array, shape (point, state)
        Fixed points under the first input of the path, or close to them.
    path : array, shape (place, input)

    Returns
    -------
    array, shape (place, point, state)
    array, shape (place, point)
        Speed q: a point that is gone at a place of the path, as its partner has met it, has a q above 1e-16 there.

    Raises
    ------
    InputError
        If the system's step or Jacobian has another shape.
    """
    at, speed = [], []
    for inputs in np.asarray(path, dtype=np.float64):
        ends = minimise(system, states, inputs)
        states = ends.states
        at.append(ends.states)
        speed.append(ends.q)
    return np.stack(at), np.stack(speed)
