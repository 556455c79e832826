"""Systems of which theory says everything: fixed points, eigenvalues, distances. For tests, documents and floors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import root_scalar

from proprionet import seeds
from proprionet.rnn.twins import Gru


def orthogonal(random: np.random.Generator, n: int) -> np.ndarray:
    """A random orthogonal matrix (Haar), shape (n, n)."""
    q, r = np.linalg.qr(random.normal(size=(n, n)))
    return q * np.sign(np.diagonal(r))


@dataclass(frozen=True)
class FlipFlop:
    """A memory of several bits with all its fixed points known, turned at random in a larger space.

    With z = P'x the bits and w = Q'x the rest of the space,

        x' = P [z + rate (-z + tanh(gain z)) + u] + leak Q w.

    With no input, each bit is still at -z*, 0 or z* (:attr:`level`): 3^n points, of which 2^n are stable.
    """

    n_bits: int = 3
    n_states: int = 64
    gain: float = 2.0
    rate: float = 0.1
    leak: float = 0.8
    seed: int = 0
    axes: np.ndarray = field(init=False)
    """(state, state): first those of the bits, then the rest."""

    def __post_init__(self) -> None:
        random = seeds.generator(self.seed, "flip-flop map", self.n_states)
        object.__setattr__(self, "axes", orthogonal(random, self.n_states))

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        z, w = np.split(x @ self.axes, [self.n_bits], axis=1)
        z = z + self.rate * (np.tanh(self.gain * z) - z) + u
        return np.concatenate([z, self.leak * w], axis=1) @ self.axes.T

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        z = x @ self.axes[:, : self.n_bits]
        slope = np.full(x.shape, self.leak)
        slope[:, : self.n_bits] = 1 + self.rate * (self.gain / np.cosh(self.gain * z) ** 2 - 1)
        return (self.axes * slope[:, None]) @ self.axes.T

    @property
    def level(self) -> float:
        """z*, where tanh(gain z) = z: a bit that is set."""
        return root_scalar(lambda z: np.tanh(self.gain * z) - z, bracket=(1e-3, 1.0), xtol=1e-15).root

    def readout(self, x: np.ndarray) -> np.ndarray:
        """The bits, 0 to 1: (..., state) to (..., bit)."""
        return x @ self.axes[:, : self.n_bits] / (2 * self.level) + 0.5

    def fixed_points(self) -> np.ndarray:
        """All of them without input, shape (3^n_bits, state)."""
        bits = np.meshgrid(*[[-self.level, 0, self.level]] * self.n_bits, indexing="ij")
        return np.stack([bit.ravel() for bit in bits], axis=1) @ self.axes[:, : self.n_bits].T


@dataclass(frozen=True)
class Linear:
    """x' = A x + u."""

    matrix: np.ndarray
    """(state, state)"""

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return x @ self.matrix.T + u

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.matrix, (len(x), *self.matrix.shape))


def rotations(modes: Sequence[tuple[float, float]]) -> Linear:
    """A normal linear system of independent oscillators, each by its decay and angle (radian) in a step."""
    turned = [
        decay * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) for decay, angle in modes
    ]
    return Linear(np.asarray(block_diag(*turned)))


@dataclass(frozen=True)
class Ring:
    """A ring of states in the plane, along which nothing moves, or all turn slowly.

    x' = R(drift) [x + rate (-x + tanh(gain |x|) x / |x|)]: with no drift every point of the ring is fixed; with a
    little, none is, though all are slow: q = (drift radius)^2 / 2. The middle is fixed, and unstable.
    """

    gain: float = 2.0
    rate: float = 0.1
    drift: float = 0.0

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        radius = np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
        moved = x + self.rate * (np.tanh(self.gain * radius) / radius - 1) * x
        return moved @ rotations([(1.0, self.drift)]).matrix.T


def forgetful_gru(n_states: int, n_inputs: int, seed: int, gain: float = 0.5) -> Gru:
    """A gated network with random weights so small that it forgets everything: one fixed point, and that stable.

    Parameters
    ----------
    gain : float
        Spectral norm of the recurrent weights of each gate.
    """
    random = seeds.generator(seed, "forgetful gru")
    recurrent = np.concatenate([gain * orthogonal(random, n_states) for _ in range(3)], axis=1)
    kernel = random.normal(size=(n_inputs, 3 * n_states)) / np.sqrt(n_states)
    return Gru(kernel, recurrent, 0.1 * random.normal(size=(2, 3 * n_states)))
