"""Features of a movement that a unit may be tuned to, at the times of a network's layer."""

from dataclasses import dataclass

import numpy as np

from proprionet.analysis.single_units.planes import AXES
from proprionet.errors import InputError
from proprionet.timing import align

SLOWEST_MOVING_CM_S = 1e-3  # slower is the rounding of a hand that is held still
NEAREST_DISPLACED_CM = 1e-3

FEATURES = {
    "direction": "moving",
    "speed": "all",
    "velocity": "moving",
    "acceleration": "all",
    "position": "all",
    "polar_position": "displaced",
    "joint_angle": "all",
    "joint_velocity": "all",
    "muscle_length": "all",
}
"""Every feature and the samples that it is fitted on: all, or those where the hand moves, or is away from its start.

Direction (cos, sin), velocity (cm/s), position (cm) and polar position (displacement from the start of the movement,
cm) have two coordinates, along the axes of the movement's plane. Speed (cm/s) and acceleration (its size, cm/s^2) have
one; angles (degrees), their velocities (degrees/s) and lengths (mm) have one for each joint or muscle.

Source: Sandbrink et al. 2023, Methods "Single-unit analysis"; the samples are as published.
"""
SAMPLES = ("all", "moving", "displaced")


@dataclass(frozen=True)
class Movements:
    """Movements that a network was shown.

    Raises
    ------
    InputError
        If shapes disagree, a number is not finite, or a label is none of the letters.
    """

    hand: np.ndarray
    """(movement, time, 3): cm"""
    joints: np.ndarray
    """(movement, time, joint): degrees"""
    muscle_length: np.ndarray
    """(movement, time, muscle): mm"""
    label: np.ndarray
    """(movement,): letter, from 0"""
    n_letters: int
    row: np.ndarray
    """(movement,): which movement of the data set it is; one may have been shown more than once."""
    time_step_s: float

    def __post_init__(self) -> None:
        if self.hand.ndim != 3 or self.hand.shape[2] != 3:
            raise InputError(f"hand of shape {self.hand.shape}: expected (movement, time, 3)")
        for name in ("hand", "joints", "muscle_length"):
            values = getattr(self, name)
            if values.ndim != 3 or values.shape[:2] != self.hand.shape[:2]:
                raise InputError(f"{name} of shape {values.shape}: expected {self.hand.shape[:2]} movements and times")
            if not (good := np.isfinite(values).all(axis=(1, 2))).all():
                raise InputError(f"{name} of movement {good.argmin()} holds NaN or infinity")
        for name in ("label", "row"):
            if getattr(self, name).shape != (len(self.hand),):
                raise InputError(f"{name} of shape {getattr(self, name).shape}: expected ({len(self.hand)},)")
        if len(self.label) and not 0 <= self.label.min() <= self.label.max() < self.n_letters:
            raise InputError(f"a label is none of the {self.n_letters} letters")

    @property
    def coordinates(self) -> list[list[str]]:
        """Feature and name of every coordinate, in order."""
        names = {feature: ["first", "second"] for feature in FEATURES} | {"direction": ["cos", "sin"]}
        names |= {name: ["size"] for name in ("speed", "acceleration")}
        names |= {name: list(map(str, range(self.joints.shape[2]))) for name in ("joint_angle", "joint_velocity")}
        names["muscle_length"] = list(map(str, range(self.muscle_length.shape[2])))
        return [[feature, name] for feature in FEATURES for name in names[feature]]


def features_at(
    movements: Movements, rows: slice | np.ndarray, orientation: np.ndarray, times: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Features of some movements at the times of a layer: central differences of samples, then linear interpolation.

    Parameters
    ----------
    movements : Movements
    rows : slice or array of int
        Those wanted.
    orientation : array, shape (movement wanted,)
        Index into ``planes.ORIENTATIONS`` of each.
    times : array, shape (layer_time,)
        Time stamps in input samples; they need not be whole numbers.

    Returns
    -------
    features : dict of array, shape (movement, layer_time, coordinate)
        Every one of ``FEATURES``, in their order and units.
    samples : dict of boolean array, shape (movement, layer_time)
        Which samples belong to each of ``SAMPLES``.
    """
    hand = movements.hand[rows].astype(float)
    hand = np.where((orientation == 0)[:, None, None], hand[:, :, AXES[0]], hand[:, :, AXES[1]])
    joints = movements.joints[rows].astype(float)
    velocity, joint_velocity = (np.gradient(signal, movements.time_step_s, axis=1) for signal in (hand, joints))
    acceleration = np.gradient(velocity, movements.time_step_s, axis=1)
    start, samples = hand[:, :1], np.arange(hand.shape[1])
    signals = [hand, velocity, acceleration, joints, joint_velocity, movements.muscle_length[rows].astype(float)]
    hand, velocity, acceleration, joints, joint_velocity, muscle_length = (
        align(signal, samples, times) for signal in signals
    )
    speed, displacement = _lengths(velocity), hand - start
    features = {
        "direction": velocity / np.maximum(speed, SLOWEST_MOVING_CM_S),
        "speed": speed,
        "velocity": velocity,
        "acceleration": _lengths(acceleration),
        "position": hand,
        "polar_position": displacement,
        "joint_angle": joints,
        "joint_velocity": joint_velocity,
        "muscle_length": muscle_length,
    }
    return features, {
        "all": np.ones(speed.shape[:2], dtype=bool),
        "moving": speed[..., 0] > SLOWEST_MOVING_CM_S,
        "displaced": _lengths(displacement)[..., 0] > NEAREST_DISPLACED_CM,
    }


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1, keepdims=True)
