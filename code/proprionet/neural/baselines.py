"""Feature sets of what the arm does, for linear models of neurons beside the networks.

Source: Marin Vargas et al. 2024, baselines of their published code.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from proprionet.neural.session import Session
from proprionet.neural.windows import Bins

PassivePosition = Literal["absolute", "relative"]
FORCES = 3
"""Axes of a recorded force; any further are moments."""

FEATURE_SETS: dict[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in (
            *("direction", "position", "distance", "velocity", "speed", "acceleration", "acceleration_magnitude"),
            *("force", "force_magnitude", "joints", "joint_velocity", "muscle_length", "muscle_velocity"),
        )
    },
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

_NEEDS = dict.fromkeys(
    ("direction", "position", "distance", "velocity", "speed", "acceleration", "acceleration_magnitude"), "hand"
)
_NEEDS |= {"force": "force", "force_magnitude": "force", "joints": "joints", "joint_velocity": "joints"}
_NEEDS |= {"muscle_length": "muscle_length", "muscle_velocity": "muscle_length"}


def missing(session: Session, name: str) -> str | None:
    """Which signal the session lacks for a feature set; None if it has all."""
    needed = (_NEEDS[part] for part in FEATURE_SETS[name])
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
    """
    parts = [_PARTS[part](session, bins, passive_position) for part in FEATURE_SETS[name]]
    return np.concatenate(parts, axis=1)


def _displacement(session: Session, bins: Bins) -> np.ndarray:
    """Of the hand since the bin before its window, or since the first bin of the trial if that is the window's."""
    before = np.maximum(bins.row - bins.place - 1, session.offsets[bins.trial])
    return session.hand[bins.row] - session.hand[before]


def _direction(session: Session, bins: Bins, _: PassivePosition) -> np.ndarray:
    away = _displacement(session, bins)
    angle = np.arctan2(away[:, 1], away[:, 0])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _position(session: Session, bins: Bins, passive_position: PassivePosition) -> np.ndarray:
    if passive_position == "absolute":
        return session.hand[bins.row]
    passive = session.passive[bins.trial][:, None]
    return np.where(passive, _displacement(session, bins), session.hand[bins.row])


def _magnitude(part: Callable[[Session, Bins, PassivePosition], np.ndarray]):
    return lambda *arguments: np.linalg.norm(part(*arguments), axis=1, keepdims=True)


def _velocity(session: Session, bins: Bins, _: PassivePosition) -> np.ndarray:
    return session.velocity()[bins.row]


def _acceleration(session: Session, bins: Bins, _: PassivePosition) -> np.ndarray:
    return session.rate_of_change(session.velocity())[bins.row]


def _recorded(name: str, *, rate: bool = False):
    def part(session: Session, bins: Bins, _: PassivePosition) -> np.ndarray:
        values = getattr(session, name)
        return (session.rate_of_change(values) if rate else values)[bins.row]

    return part


_PARTS: dict[str, Callable[[Session, Bins, PassivePosition], np.ndarray]] = {
    "direction": _direction,
    "position": _position,
    "distance": _magnitude(_position),
    "velocity": _velocity,
    "speed": _magnitude(_velocity),
    "acceleration": _acceleration,
    "acceleration_magnitude": _magnitude(_acceleration),
    "force": _recorded("force"),
    "force_magnitude": _magnitude(lambda session, bins, _: session.force[bins.row, :FORCES]),
    "joints": _recorded("joints"),
    "joint_velocity": _recorded("joints", rate=True),
    "muscle_length": _recorded("muscle_length"),
    "muscle_velocity": _recorded("muscle_length", rate=True),
}
