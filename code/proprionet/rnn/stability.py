"""What happens around a fixed point: stable or not, how fast, and what the network's output says there."""

from dataclasses import dataclass

import numpy as np

from proprionet.rnn.dynamics import Checked, Dynamics

MARGINAL_WITHIN = 1e-3
"""Modes of which the size of the eigenvalue is this close to 1 neither grow nor shrink to speak of."""

_POINTS_AT_ONCE = 64


@dataclass(frozen=True)
class Stability:
    """Eigenvalues of the Jacobian at each point, largest first, and what follows from them."""

    eigenvalues: np.ndarray
    """(point, state), complex"""
    sign: np.ndarray
    """(point,): sign of det(1 - J), the index of the point"""

    @property
    def n_unstable(self) -> np.ndarray:
        """(point,): modes that grow, |eigenvalue| > 1."""
        return (np.abs(self.eigenvalues) > 1).sum(axis=1)

    @property
    def n_marginal(self) -> np.ndarray:
        """(point,): modes that keep their size to 0.1 % a step."""
        return (np.abs(np.abs(self.eigenvalues) - 1) < MARGINAL_WITHIN).sum(axis=1)

    @property
    def time_constants(self) -> np.ndarray:
        """(point, state): -1 / ln|eigenvalue|, in steps; below 0 for modes that grow, 0 for those gone at once."""
        with np.errstate(divide="ignore"):
            return -1 / np.log(np.abs(self.eigenvalues))

    @property
    def lefschetz_sum(self) -> int:
        """Sum of the signs of det(1 - J) over all points.

        Where some ball or cube of states maps into itself, as that of every gated or tanh network does, it is 1 for
        the whole set of fixed points (Lefschetz 1926): anything else says that points are missing, or are none. A sum
        of 1 is no proof, since a stable point may be missing together with a saddle.
        """
        return int(self.sign.sum())


def stability(system: Dynamics, states: np.ndarray, inputs: np.ndarray) -> Stability:
    """Linearise a system around points.

    Parameters
    ----------
    system : object with ``step`` and, better, ``jacobian``
    states : array, shape (point, state)
    inputs : array, shape (input,) or (point, input)

    Raises
    ------
    InputError
        If the system's step or Jacobian has another shape.
    """
    inputs = np.broadcast_to(inputs, (len(states), np.shape(inputs)[-1]))
    eigenvalues, sign = np.empty(states.shape, np.complex128), np.empty(len(states), np.int64)
    for first in range(0, len(states), _POINTS_AT_ONCE):
        rows = slice(first, first + _POINTS_AT_ONCE)
        jacobian = Checked(system).jacobian(states[rows], inputs[rows])
        eigenvalues[rows] = np.linalg.eigvals(jacobian)
        sign[rows] = np.linalg.slogdet(np.eye(states.shape[1]) - jacobian)[0]
    order = np.argsort(-np.abs(eigenvalues), axis=1, kind="stable")
    return Stability(np.take_along_axis(eigenvalues, order, axis=1), sign)


def readout_code(outputs: np.ndarray, low: np.ndarray, high: np.ndarray, within: float = 0.25) -> np.ndarray:
    """What each output says at each point: -1 low, 1 high, 0 neither.

    Parameters
    ----------
    outputs : array, shape (point, output)
    low, high : array, shape (output,)
        Levels that the task asks for; where they are one, an output says nothing.
    within : float
        How close to a level counts, as a share of the distance between the two.

    Returns
    -------
    array of int, shape (point, output)
    """
    wide = np.subtract(high, low)
    place = np.divide(outputs - low, wide, out=np.full(outputs.shape, np.nan), where=wide > 0)
    return np.select([np.abs(place) <= within, np.abs(place - 1) <= within], [-1, 1], 0)
