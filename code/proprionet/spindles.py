"""Muscle-spindle inputs: what the muscles tell the networks."""

import numpy as np


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

    Source: Sandbrink et al. 2023, Methods, "Proprioceptive inputs".
    """
    velocity = np.gradient(muscle_length, time_step_s, axis=-1)
    return np.stack([muscle_length, velocity], axis=-1).astype(np.float32, copy=False)
