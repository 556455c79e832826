"""What a muscle spindle senses: length, velocity and acceleration of its muscle, and how much they vary."""

from collections.abc import Iterable, Iterator

import numpy as np
from numba import njit

from proprionet.errors import InputError

# Rate of a Ia afferent: 4.3 sign(v) |v|^0.6 + 2 d + 82; Prochazka & Gorassini 1998, J Physiol 507:277-291.
RATE_AT_REST_HZ = 82.0
RATE_OF_STRETCH = 2.0  # Hz/mm
RATE_OF_VELOCITY = 4.3  # Hz/(mm/s)^0.6
VELOCITY_EXPONENT = 0.6

_MOVEMENTS_AT_ONCE = 256


def kinematic(muscle_length: np.ndarray, time_step_s: float) -> np.ndarray:
    """Length and velocity of every muscle, the input of the published networks.

    Velocity is the central difference along time, so that it need not be stored.

    Parameters
    ----------
    muscle_length : array, shape (movement, muscle, time)
        Muscle length in mm.
    time_step_s : float
        Time between samples in s.

    Returns
    -------
    array, shape (movement, muscle, time, 2), float32
        Length (mm) and velocity (mm/s).

    Raises
    ------
    InputError
        If a movement has fewer than 2 samples.

    Source: Sandbrink et al. 2023, Methods, "Proprioceptive inputs".
    """
    signals = np.empty((*muscle_length.shape, 2), np.float32)
    n_steps = muscle_length.shape[-1]
    if n_steps < 2:
        raise InputError("a movement needs at least 2 samples to have a velocity")
    _kinematic(np.ascontiguousarray(muscle_length).reshape(-1, n_steps), time_step_s, signals.reshape(-1, n_steps, 2))
    return signals


def signed_power(values: np.ndarray, exponent: float) -> np.ndarray:
    """sign(x) |x|^exponent."""
    return values if exponent == 1 else np.copysign(np.abs(values) ** exponent, values)


def ensemble_rate(stretch: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Rate (Hz) above that at rest for a stretch (mm) and a velocity (mm/s); Prochazka & Gorassini 1998."""
    return RATE_OF_STRETCH * stretch + RATE_OF_VELOCITY * signed_power(velocity, VELOCITY_EXPONENT)


def statistics(muscle_length: np.ndarray | Iterable[np.ndarray], time_step_s: float) -> dict[str, np.ndarray]:
    """How long each muscle is, and how much its signals vary; taken once, over the padded training part.

    Parameters
    ----------
    muscle_length : array, shape (movement, muscle, time), or several such arrays one after another
        mm. Sums are taken in double precision over blocks, so that the whole need never be in memory.
    time_step_s : float
        Time between samples in s.

    Returns
    -------
    dict of arrays, each of shape (muscle,)
        ``length_mean_mm``, ``length_sd_mm``, ``velocity_sd_mm_s``, ``acceleration_sd_mm_s2``, and ``rate_sd_hz`` of the
        rate of Prochazka & Gorassini before it is cut off at 0.

    Raises
    ------
    InputError
        If there are no movements.
    """
    n, mean, squares = 0, np.zeros(()), np.zeros(())
    for block in _blocks(muscle_length):
        signals = _signals(block, time_step_s)
        count = block.shape[0] * block.shape[2]
        centre = signals.mean(axis=(1, 3))
        spread = ((signals - centre[:, None, :, None]) ** 2).sum(axis=(1, 3))
        apart, n = centre - mean, n + count
        squares = squares + spread + apart**2 * (count * (n - count) / n)  # Chan, Golub & LeVeque 1983
        mean = mean + apart * (count / n)
    if not n:
        raise InputError("there are no movements to take spindle statistics of")
    names = ("length_sd_mm", "velocity_sd_mm_s", "acceleration_sd_mm_s2", "rate_sd_hz")
    return {"length_mean_mm": mean[0], **dict(zip(names, np.sqrt(squares / n), strict=True))}


def _blocks(muscle_length: np.ndarray | Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    arrays = [muscle_length] if isinstance(muscle_length, np.ndarray) else muscle_length
    for array in arrays:
        for start in range(0, len(array), _MOVEMENTS_AT_ONCE):
            yield array[start : start + _MOVEMENTS_AT_ONCE]


def _signals(muscle_length: np.ndarray, time_step_s: float) -> np.ndarray:
    """Length, velocity, acceleration and rate; shape (4, movement, muscle, time)."""
    length = muscle_length.astype(float)
    velocity = np.gradient(length, time_step_s, axis=-1)
    acceleration = np.gradient(velocity, time_step_s, axis=-1)
    return np.stack([length, velocity, acceleration, ensemble_rate(length, velocity)])


@njit(cache=True)
def _kinematic(length, time_step_s, signals):
    """Length and velocity in one pass over memory, which is what takes the time."""
    last = length.shape[1] - 1
    for row in range(len(length)):
        for t in range(last + 1):
            before, after = max(t - 1, 0), min(t + 1, last)
            signals[row, t, 0] = length[row, t]
            signals[row, t, 1] = (length[row, after] - length[row, before]) / ((after - before) * time_step_s)
