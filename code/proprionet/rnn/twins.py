"""The recurrent cells once more in NumPy, float64, with exact Jacobians: what analyses of trained networks step.

Equations and weights are those of Keras (gates, their order and orientation); noise is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from proprionet.errors import InputError
from proprionet.rnn.dynamics import Differentiable


def _rows(scale: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """diag(scale) kernel' for each point: (point, state) and (state, state) to (point, state, state)."""
    return scale[:, :, None] * kernel.T


def _add_diagonal(jacobian: np.ndarray, values: np.ndarray | float) -> np.ndarray:
    np.einsum("pii->pi", jacobian)[...] += values
    return jacobian


@dataclass(frozen=True)
class Gru:
    """Gated recurrent unit, the reset gate after the product (Keras' ``reset_after``); gates z, r, h."""

    kernel: np.ndarray
    """(input, 3 state)"""
    recurrent_kernel: np.ndarray
    """(state, 3 state)"""
    bias: np.ndarray
    """(2, 3 state): of the inputs, of the state"""

    def _gates(self, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, ...]:
        """Update gate, reset gate, candidate, and what the state says to the candidate before its reset."""
        z, r, n = np.split(u @ self.kernel + self.bias[0], 3, axis=1)
        state_z, state_r, state_n = np.split(x @ self.recurrent_kernel + self.bias[1], 3, axis=1)
        reset = expit(r + state_r)
        return expit(z + state_z), reset, np.tanh(n + reset * state_n), state_n

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        z, _, n, _ = self._gates(x, u)
        return z * x + (1 - z) * n

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        z, r, n, state_n = self._gates(x, u)
        of_z, of_r, of_n = np.split(self.recurrent_kernel, 3, axis=1)
        by_candidate = (1 - z) * (1 - n**2)
        found = _rows((x - n) * z * (1 - z), of_z)
        found += _rows(by_candidate * r * (1 - r) * state_n, of_r)
        found += _rows(by_candidate * r, of_n)
        return _add_diagonal(found, z)


@dataclass(frozen=True)
class Leaky:
    """x' = (1 - leak) x + leak tanh(u K + x W + b); a leak of 1 is the vanilla network."""

    kernel: np.ndarray
    """(input, state)"""
    recurrent_kernel: np.ndarray
    """(state, state)"""
    bias: np.ndarray
    """(state,)"""
    leak: float = 1.0
    """Time step over time constant."""

    def _rate(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return np.tanh(u @ self.kernel + x @ self.recurrent_kernel + self.bias)

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return (1 - self.leak) * x + self.leak * self._rate(x, u)

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        slope = self.leak * (1 - self._rate(x, u) ** 2)
        return _add_diagonal(_rows(slope, self.recurrent_kernel), 1 - self.leak)


@dataclass(frozen=True)
class Linear:
    """x' = u K + x W + b."""

    kernel: np.ndarray
    """(input, state)"""
    recurrent_kernel: np.ndarray
    """(state, state)"""
    bias: np.ndarray
    """(state,)"""

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return u @ self.kernel + x @ self.recurrent_kernel + self.bias

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return np.tile(self.recurrent_kernel.T, (len(x), 1, 1))


@dataclass(frozen=True)
class Lstm:
    """Long short-term memory; the state is the output h and the memory c, one after the other; gates i, f, c, o."""

    kernel: np.ndarray
    """(input, 4 unit)"""
    recurrent_kernel: np.ndarray
    """(unit, 4 unit)"""
    bias: np.ndarray
    """(4 unit,)"""

    def _gates(self, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, ...]:
        """Input gate, forget gate, candidate, output gate, memory before and after."""
        h, c = np.split(x, 2, axis=1)
        i, f, g, o = np.split(u @ self.kernel + h @ self.recurrent_kernel + self.bias, 4, axis=1)
        i, f, g, o = expit(i), expit(f), np.tanh(g), expit(o)
        return i, f, g, o, c, f * c + i * g

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        *_, o, _, memory = self._gates(x, u)
        return np.concatenate([o * np.tanh(memory), memory], axis=1)

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        i, f, g, o, c, memory = self._gates(x, u)
        of_i, of_f, of_g, of_o = np.split(self.recurrent_kernel, 4, axis=1)
        shown = np.tanh(memory)
        slope = o * (1 - shown**2)
        n_units = c.shape[1]
        found = np.zeros((len(x), 2 * n_units, 2 * n_units))
        by_output = _rows(g * i * (1 - i), of_i) + _rows(c * f * (1 - f), of_f) + _rows(i * (1 - g**2), of_g)
        found[:, n_units:, :n_units] = by_output
        found[:, :n_units, :n_units] = slope[:, :, None] * by_output + _rows(shown * o * (1 - o), of_o)
        _add_diagonal(found[:, n_units:, n_units:], f)
        _add_diagonal(found[:, :n_units, n_units:], slope * f)
        return found


@dataclass(frozen=True)
class Node:
    """Neural ordinary differential equation, dx/dt = f([x, u]) with f a perceptron, over one step of a fixed solver."""

    kernels: tuple[np.ndarray, ...]
    """Of each layer; the first is (state + input, layer_size)."""
    biases: tuple[np.ndarray, ...]
    solver: str = "euler"
    """euler or rk4"""
    duration: float = 0.1
    """Of one step, in the equation's own time."""

    def _flow(self, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """dx/dt, and which units of each hidden layer are active."""
        value, active = np.concatenate([x, u], axis=1), []
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            value = np.maximum(value @ kernel + bias, 0)
            active.append(value > 0)
        return value @ self.kernels[-1] + self.biases[-1], active

    def _stages(self, x: np.ndarray, u: np.ndarray) -> list[tuple[float, float, np.ndarray, list[np.ndarray]]]:
        """Each evaluation of f within a step: how far along the one before, its weight, dx/dt, active units."""
        plan = ((0.0, 1.0),) if self.solver == "euler" else ((0.0, 1 / 6), (0.5, 1 / 3), (0.5, 1 / 3), (1.0, 1 / 6))
        stages, flow = [], np.zeros_like(x)
        for share, weight in plan:
            flow, active = self._flow(x + share * self.duration * flow, u)
            stages.append((share, weight, flow, active))
        return stages

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return x + self.duration * sum(weight * flow for _, weight, flow, _ in self._stages(x, u))

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        n_states = x.shape[1]
        total = by_stage = np.zeros((len(x), n_states, n_states))
        for share, weight, _, active in self._stages(x, u):
            by_stage = self._slope(active) @ _add_diagonal(share * self.duration * by_stage, 1.0)
            total = total + weight * by_stage
        return _add_diagonal(self.duration * total, 1.0)

    def _slope(self, active: list[np.ndarray]) -> np.ndarray:
        """df/dx at each point, from the active units."""
        n_states = self.kernels[-1].shape[1]
        slope = np.broadcast_to(self.kernels[0][:n_states].T, (len(active[0]), *self.kernels[0][:n_states].T.shape))
        for kernel, on in zip(self.kernels[1:], active, strict=True):
            slope = kernel.T @ (on[:, :, None] * slope)
        return slope


@dataclass(frozen=True)
class Network:
    """A trained network as the analyses see it."""

    cell: Differentiable
    readout_kernel: np.ndarray
    """(unit, output); the units of a long short-term memory are its h alone"""
    readout_bias: np.ndarray
    """(output,)"""
    bounded: bool
    """Whether some ball or cube of states maps into itself, so that the Lefschetz sum must be 1."""

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return self.cell.step(x, u)

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return self.cell.jacobian(x, u)

    def readout(self, x: np.ndarray) -> np.ndarray:
        """(..., state) to (..., output)."""
        return x[..., : len(self.readout_kernel)] @ self.readout_kernel + self.readout_bias


def network(settings: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> Network:
    """The twin of a network from the settings and weights in its file.

    Parameters
    ----------
    settings : mapping
        Of the cell, such as ``{"cell": "gru", "n_units": 64}``.
    weights : mapping of name to array
        ``cell/kernel``, ..., ``readout/kernel``, ``readout/bias``.

    Raises
    ------
    InputError
        If the cell is unknown, or a weight is missing.
    """
    kind = settings["cell"]
    if kind not in CELLS:
        raise InputError(f"cell {kind!r} is unknown (known: {', '.join(CELLS)})")
    weights = {name: np.asarray(values, dtype=np.float64) for name, values in weights.items()}
    try:
        cell = CELLS[kind](settings, weights)
        kernel, bias = weights["readout/kernel"], weights["readout/bias"]
    except KeyError as error:
        raise InputError(f"a network with cell {kind!r} needs {error.args[0]!r}, which is missing") from None
    return Network(cell, kernel, bias, bounded=kind not in ("node", "linear"))


def _three(weights: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return weights["cell/kernel"], weights["cell/recurrent_kernel"], weights["cell/bias"]


def _node(settings: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> Node:
    layers = range(settings["n_layers"])
    return Node(
        tuple(weights[f"cell/kernel_{layer}"] for layer in layers),
        tuple(weights[f"cell/bias_{layer}"] for layer in layers),
        settings["solver"],
        settings["step"],
    )


CELLS = {
    "gru": lambda settings, weights: Gru(*_three(weights)),
    "noisy_gru": lambda settings, weights: Gru(*_three(weights)),
    "vanilla": lambda settings, weights: Leaky(*_three(weights)),
    "leaky": lambda settings, weights: Leaky(*_three(weights), leak=settings["leak"]),
    "linear": lambda settings, weights: Linear(*_three(weights)),
    "lstm": lambda settings, weights: Lstm(*_three(weights)),
    "node": _node,
}
"""How to make the twin of each kind of cell."""
