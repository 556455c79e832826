"""What the analyses of dynamics need of a system: one step of its state, and the Jacobian of that step.

Any object with a method ``step(x, u)`` will do, whatever framework it comes from; ``jacobian(x, u)`` is optional. The
twins of our own networks are in :mod:`proprionet.rnn.twins`.
"""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from proprionet.errors import InputError


class Dynamics(Protocol):
    """A map from the state and input of one time step to the next state, for many points at once."""

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """(point, state) and (point, input) to (point, state)."""
        ...


@runtime_checkable
class Differentiable(Dynamics, Protocol):
    """Dynamics that know their derivative."""

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Derivative of the next state by the state: (point, state, state); row i is that of next state i."""
        ...


class Checked:
    """Any dynamics, checked at every call and with a Jacobian: its own, or differences of fourth order.

    Differences are accurate to about 1e-12 for a step in double precision, and to 1e-6 for one in single.
    """

    def __init__(self, system: Dynamics):
        self.system = system

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Next states, float64.

        Raises
        ------
        InputError
            If the system gives states of another shape.
        """
        return self._fitting(self.system.step(x, u), x.shape, "step").astype(np.float64, copy=False)

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Jacobians, float64; raises as :meth:`step`."""
        n_points, n_states = x.shape
        if isinstance(self.system, Differentiable):
            return self._fitting(self.system.jacobian(x, u), (n_points, n_states, n_states), "jacobian")
        precision = self._fitting(self.system.step(x, u), x.shape, "step").dtype
        width = np.finfo(precision if precision.kind == "f" else np.float64).eps ** 0.2
        moves = width * np.array([2, 1, -1, -2])
        moved = x[:, None, None] + moves[:, None, None] * np.eye(n_states)
        states = moved.reshape(-1, n_states)
        next_states = self.step(states, np.repeat(u, 4 * n_states, axis=0))
        weights = np.array([-1, 8, -8, 1]) / (12 * width)
        return np.einsum("m,pmji->pij", weights, next_states.reshape(n_points, 4, n_states, n_states))

    def _fitting(self, found: Any, expected: tuple[int, ...], method: str) -> np.ndarray:
        found = np.asarray(found)
        if found.shape != expected:
            raise InputError(
                f"{method}(x, u) of {type(self.system).__name__} gives shape {found.shape} for {expected[0]} states of "
                f"{expected[1]} numbers, expected {expected}"
            )
        return found


def free_run(system: Dynamics, start: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Let a system run from many states at once.

    Parameters
    ----------
    start : array, shape (point, state)
    inputs : array, shape (point, step, input)

    Returns
    -------
    array, shape (point, step, state)
        States after each step, the start left out.

    Raises
    ------
    InputError
        If the system's step gives another shape.
    """
    system, states = Checked(system), np.empty((*inputs.shape[:2], start.shape[1]))
    state = np.asarray(start, dtype=np.float64)
    for moment in range(inputs.shape[1]):
        state = system.step(state, inputs[:, moment])
        states[:, moment] = state
    return states
