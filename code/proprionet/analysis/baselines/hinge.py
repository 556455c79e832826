"""Linear support vector machines from products of movements alone, exact, for a whole row of regularisations.

A machine with slope w and intercept b has the least |w|²/2 + b²/2 + C Σ max(0, 1 - y (w x + b)), as scikit-learn's
``LinearSVC(loss="hinge")``. Its dual is a quadratic in one coefficient a movement, 0 <= a <= C. At the solution each
coefficient is at 0, at C, or free in between, and the free ones solve a linear system. The sides are found by a
primal-dual active set method, which jumps from guess to guess; where movements are nearly dependent on each other, as
smooth ones are, guesses would jump for ever, so that each problem is approached through proximal points: coefficients
are held near the last ones by a force that fades.

Source: Hintermüller, Ito & Kunisch 2002, SIAM J Optim 13:865 (active set); Rockafellar 1976, SIAM J Control Optim
14:877 (proximal points); Fan et al. 2008, JMLR 9:1871 (the machine and its dual).
"""

from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import cho_factor, cho_solve

TOLERANCE = 1e-5

_ZERO, _FREE, _BOUND = -1, 0, 1
_FIRST_FORCE, _WEAKER, _STRONGER = 1e-3, 0.5, 5.0
_PATIENCE = 4  # guesses without progress before the force is raised
_MOST_POINTS = 300
_MOST_IDLE, _IDLE = 10, 1e-2  # points in a row that bring less than this share of the tolerance: rounding


@dataclass(frozen=True)
class Machines:
    """Machines of rising C: a movement's distance from the boundary is the sum of ``weight * product`` with it."""

    weight: np.ndarray
    """(C, movement): dual coefficient times the sign of the class."""
    gap: np.ndarray
    """(C,): relative duality gap; the loss is larger than its minimum by no more than this share."""


def fit(
    products: np.ndarray, is_first: np.ndarray, regularisation: tuple[float, ...], tolerance: float = TOLERANCE
) -> Machines:
    """Solve for every C, each from the solution of the last.

    Parameters
    ----------
    products : array, shape (movement, movement)
        Scalar product of every two movements, plus 1 for the intercept, which is regularised too.
    is_first : array of bool, shape (movement,)
        Class of each movement; distances are above 0 for the first.
    regularisation : sequence of float
        Values of C, rising.
    tolerance : float
        Relative duality gap to reach, if rounding allows.
    """
    sign = np.where(is_first, 1.0, -1.0)
    side = np.full(len(sign), _BOUND)
    dual, slack, gap = np.zeros(len(sign)), np.ones(len(sign)), 1.0
    size = np.trace(products) / len(sign)
    force = _FIRST_FORCE * (size - products.mean() + 1e-6 * size)
    rounding = np.finfo(float).eps * size
    found = []
    for C in regularisation:
        if not found or (side == _BOUND).any():  # else C bounds no coefficient any more, and the solution stays
            dual = np.where(side == _BOUND, C, dual)
            slack = 1 - sign * (products @ (sign * dual))
            loss, bound = _bounds(dual, slack, C)
            highest, idle = bound, 0
            for _ in range(_MOST_POINTS):
                if loss - bound <= tolerance * loss or idle == _MOST_IDLE:
                    break
                point = _proximal_point(products, sign, C, dual, slack, force, side)
                if point is None:
                    force *= _STRONGER
                    continue
                dual, side = point
                force = max(_WEAKER * force, rounding)
                slack = 1 - sign * (products @ (sign * dual))
                loss, bound = _bounds(dual, slack, C)
                idle = 0 if bound > highest + _IDLE * tolerance * loss else idle + 1
                highest = max(bound, highest)
            gap = (loss - bound) / loss
        found.append((sign * dual, gap))
    weight, gaps = zip(*found, strict=True)
    return Machines(np.array(weight), np.array(gaps))


def _bounds(dual: np.ndarray, slack: np.ndarray, C: float) -> tuple[float, float]:
    """The loss, and the value of the dual, which no loss is below; ``slack`` is 1 - signed distance."""
    length = dual @ (1 - slack)
    return float(0.5 * length + C * np.maximum(slack, 0).sum()), float(dual.sum() - 0.5 * length)


def _proximal_point(
    products: np.ndarray,
    sign: np.ndarray,
    C: float,
    centre: np.ndarray,
    slack: np.ndarray,
    force: float,
    side: np.ndarray,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Solution of the problem with coefficients held near ``centre``, and their sides; None if guesses do not settle.

    ``uphill`` is the gradient of the dual with the force; a coefficient at 0 belongs there if it points below.
    """
    dual, uphill = centre.copy(), slack.copy()
    fewest, left = len(sign) + 1, _PATIENCE
    while left:
        step = np.where(side == _FREE, dual, np.where(side == _BOUND, C, 0.0)) - dual
        uphill -= sign * (products @ (sign * step)) + force * step
        free = np.flatnonzero(side == _FREE)
        system = products[np.ix_(free, free)] * sign[free] * sign[free, None]
        system[np.diag_indices_from(system)] += force
        try:
            factor = cho_factor(system, overwrite_a=True, check_finite=False)
        except LinAlgError:
            return None
        more = np.zeros(len(sign))
        more[free] = cho_solve(factor, uphill[free], check_finite=False)
        dual += step + more
        uphill -= sign * (products @ (sign * more)) + force * more
        inside = np.where(dual <= 0, _ZERO, np.where(dual >= C, _BOUND, _FREE))
        better = np.where(side == _FREE, inside, np.where(uphill * side < 0, _FREE, side))
        wrong = np.count_nonzero(better != side)
        side = better
        if not wrong:
            return np.clip(dual, 0, C), side
        fewest, left = (wrong, _PATIENCE) if wrong < fewest else (fewest, left - 1)
    return None
