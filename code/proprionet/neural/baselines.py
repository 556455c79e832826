"""Feature sets of what the arm does, for linear models of neurons beside the networks.

Source: Marin Vargas et al. 2024, baselines of their published code.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.session import Session
from proprionet.neural.windows import Bins

PassivePosition = Literal["absolute", "relative"]
FORCES = 3
"""Axes of a recorded force; any further are moments."""

_SINGLE = (
    *("direction", "position", "distance", "velocity", "speed", "acceleration", "acceleration_magnitude"),
    *("force", "force_magnitude", "joints", "joint_velocity", "muscle_length", "muscle_velocity"),
)
FEATURE_SETS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in _SINGLE},
    "position_velocity": ("position", "velocity"),
    "position_acceleration": ("position", "acceleration"),
    "position_force": ("position", "force"),
    "velocity_acceleration": ("velocity", "acceleration"),
    "velocity_force": ("velocity", "force"),
    "acceleration_force": ("acceleration", "force"),
    "position_velocity_acceleration": ("position", "velocity", "acceleration"),
    "position_velocity_acceleration_force": ("position", "velocity", "acceleration", "force"),
    "position_velocity_acceleration_speed": ("position", "velocity", "acceleration", "speed"),
    "joints_and_velocity": ("joints", "joint_velocity"),
    "muscles_and_velocity": ("muscle_length", "muscle_velocity"),
    "joints_and_muscles": ("joints", "joint_velocity", "muscle_length", "muscle_velocity"),
}
"""The published sets, by what they are made of, and all of the hand's kinematics."""


def called(name: str) -> str:
    """A feature set in words, as "position, velocity and acceleration"."""
    *others, last = (part.replace("_", " ") for part in FEATURE_SETS.get(name, (name,)))
    return " and ".join(filter(None, (", ".join(others), last)))


def missing(session: Session, name: str) -> str | None:
    """Which signal the session lacks for a feature set; None if it has all."""
    needed = (_PARTS[part][0] for part in FEATURE_SETS[name])
    return next((signal for signal in needed if getattr(session, signal) is None), None)


def features(session: Session, bins: Bins, name: str, passive_position: PassivePosition = "absolute") -> np.ndarray:
    """One feature set in the bins that count, (bin, feature), in the units of the session.

    Parameters
    ----------
    bins : Bins
        See :func:`.windows.bins`.
    name : str
        One of :data:`FEATURE_SETS`. ``direction`` is the cosine and sine of the displacement since the bin before the
        window; ``distance`` is that from the origin of the hand's frame.
    passive_position : "absolute" or "relative"
        Position (and distance) in windows of passive movement: as recorded, or since the bin before the window, as
        published.

    Raises
    ------
    InputError
        If the session lacks a signal for it; see :func:`missing`.
    """
    if signal := missing(session, name):
        raise InputError(f"{session.name}: holds no {signal}, which '{name}' is made of")
    parts = [_PARTS[part] for part in FEATURE_SETS[name]]
    made = [make(session, bins, getattr(session, signal), passive_position) for signal, make in parts]
    return np.concatenate(made, axis=1)


def _displacement(session: Session, bins: Bins, hand: np.ndarray) -> np.ndarray:
    """Of the hand since the bin before its window, or since the first bin of the trial if that is the window's."""
    before = np.maximum(bins.row - bins.place - 1, session.offsets[bins.trial])
    return hand[bins.row] - hand[before]


def _direction(session: Session, bins: Bins, hand: np.ndarray, _: PassivePosition) -> np.ndarray:
    away = _displacement(session, bins, hand)
    angle = np.arctan2(away[:, 1], away[:, 0])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _position(session: Session, bins: Bins, hand: np.ndarray, passive_position: PassivePosition) -> np.ndarray:
    if passive_position == "absolute":
        return hand[bins.row]
    passive = session.passive[bins.trial][:, None]
    return np.where(passive, _displacement(session, bins, hand), hand[bins.row])


def _velocity(session: Session, bins: Bins, *_: object) -> np.ndarray:
    return session.velocity()[bins.row]


def _acceleration(session: Session, bins: Bins, *_: object) -> np.ndarray:
    return session.rate_of_change(session.velocity())[bins.row]


def _as_recorded(session: Session, bins: Bins, values: np.ndarray, _: PassivePosition) -> np.ndarray:
    return values[bins.row]


def _change(session: Session, bins: Bins, values: np.ndarray, _: PassivePosition) -> np.ndarray:
    return session.rate_of_change(values)[bins.row]


def _forces(session: Session, bins: Bins, force: np.ndarray, _: PassivePosition) -> np.ndarray:
    """Without moments."""
    return force[bins.row, :FORCES]


Part = Callable[[Session, Bins, np.ndarray, PassivePosition], np.ndarray]
"""Makes (bin, feature) of a signal (bin of the session, column)."""


def _magnitude(part: Part) -> Part:
    return lambda *arguments: np.linalg.norm(part(*arguments), axis=1, keepdims=True)


_PARTS: dict[str, tuple[str, Part]] = {
    "direction": ("hand", _direction),
    "position": ("hand", _position),
    "distance": ("hand", _magnitude(_position)),
    "velocity": ("hand", _velocity),
    "speed": ("hand", _magnitude(_velocity)),
    "acceleration": ("hand", _acceleration),
    "acceleration_magnitude": ("hand", _magnitude(_acceleration)),
    "force": ("force", _as_recorded),
    "force_magnitude": ("force", _magnitude(_forces)),
    "joints": ("joints", _as_recorded),
    "joint_velocity": ("joints", _change),
    "muscle_length": ("muscle_length", _as_recorded),
    "muscle_velocity": ("muscle_length", _change),
}
"""The signal that each part is made of, and how."""
