"""Muscle lengths of a recorded session: its postures, from whatever was recorded, put into an arm model.

Joints of a session have the names and signs of the OpenSim model, those of a profile its own order and signs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from proprionet import workers
from proprionet.arm import guard, planar_hand
from proprionet.arm.kinematics import hand_position
from proprionet.arm.planar_hand import Placement
from proprionet.arm.profiles import HUMAN, ArmProfile
from proprionet.config import nearest
from proprionet.errors import InputError
from proprionet.neural.session import Session

Source = Literal["joints", "markers", "hand"]
Progress = Callable[..., Iterable[Any]]

_PIECE = 1000  # bins that a process takes at once
_TOLERANCE_DEG = 1e-3  # of joint angles stored in single precision
_SAME = np.eye(3)


def _silent(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items


@dataclass(frozen=True, eq=False)
class Posture:
    """Joint angles of every bin of a session: (bin, 4), degrees, in order and signs of a profile.

    ``error`` (bin,) is how far hand or markers are from where they were recorded, cm; None where they were not used.
    Bins without a posture are NaN, and ``unknown`` says what is wrong with trials that have some.
    """

    joints: np.ndarray
    source: Source
    unknown: str
    error: np.ndarray | None = None

    def within_limits(self, profile: ArmProfile) -> np.ndarray:
        """Whether all angles of a bin are within the joint limits of a profile: (bin,); False where unknown."""
        lower, upper = np.array(profile.lower_limit_deg), np.array(profile.upper_limit_deg)
        return np.all((self.joints >= lower - _TOLERANCE_DEG) & (self.joints <= upper + _TOLERANCE_DEG), axis=1)


def check_species(session: Session, profile: ArmProfile) -> None:
    """Refuse the human arm, the default, where the recording is of a monkey.

    Raises
    ------
    InputError
        Naming the monkey.
    """
    if session.monkey and profile.name == HUMAN.name:
        raise InputError(
            f"{session.name}: was recorded from monkey {session.monkey}, whose arm is not the {profile.name} one; give "
            "its arm: --profile macaque --model PATH.osim, or the YAML profile of your own"
        )


def best_source(session: Session, profile: ArmProfile) -> Source:
    """What of a session tells most about its postures: joints, else markers, else the hand.

    Raises
    ------
    InputError
        If it holds none of them.
    """
    if session.joints is not None and set(profile.coordinates) <= set(session.joint_names):
        return "joints"
    if session.markers is not None:
        return "markers"
    if session.hand is not None:
        return "hand"
    held = f"its joints are {', '.join(session.joint_names)}" if session.joint_names else "no joints"
    raise InputError(
        f"{session.name}: holds no hand, no markers, and not the joints of the arm '{profile.name}', "
        f"{', '.join(profile.coordinates)} ({held})"
    )


def from_joints(session: Session, profile: ArmProfile) -> Posture:
    """Recorded joint angles, matched to those of the profile by name.

    Raises
    ------
    InputError
        If the session lacks one of them; names it.
    """
    if session.joints is None:
        raise InputError(f"{session.name}: holds no joints")
    names = session.joint_names
    for name in profile.coordinates:
        if name not in names:
            raise InputError(f"{session.name}: 'joints' holds no '{name}'; {nearest(name, list(names))}")
    columns = [names.index(name) for name in profile.coordinates]
    return Posture(session.joints[:, columns] * profile.model_signs, "joints", "with NaN in joints")


def from_hand(session: Session, profile: ArmProfile, placement: Placement, elbow_out_deg: float) -> Posture:
    """Joint angles that bring the hand where it was recorded; see :mod:`proprionet.arm.planar_hand`.

    Raises
    ------
    InputError
        If the session has no hand, or the middle of its places is out of reach.
    """
    hand = placement.world(hand_of(session))
    try:
        joints = planar_hand.postures(profile, hand, session.offsets, elbow_out_deg)
    except InputError as error:
        raise InputError(f"{session.name}: {error}") from None
    error = np.linalg.norm(hand_position(profile, joints) - hand, axis=1)
    return Posture(joints, "hand", "with the hand NaN or out of reach", error)


def hand_of(session: Session) -> np.ndarray:
    """The hand of a session: (bin, 2 or 3), cm; InputError if it has none, or NaN in all bins."""
    if session.hand is None or not np.isfinite(session.hand).all(axis=1).any():
        raise InputError(f"{session.name}: holds no hand")
    return session.hand


def from_markers(
    session: Session,
    profile: ArmProfile,
    model: Path,
    rotation: np.ndarray = _SAME,
    jobs: int = 1,
    progress: Progress = _silent,
) -> Posture:
    """Joint angles that bring the markers of a model to those recorded, all weights 1.

    Parameters
    ----------
    model : path of an .osim file
    rotation : from the frame of the recording to that of the model; see :func:`proprionet.arm.axes.rotation`
    jobs : number of processes
    progress : ``progress(items, total=..., about=...)`` goes through items and shows how far it is.

    Raises
    ------
    InputError
        If the session has no markers, or the model none of them; or they do not determine the angles.

    Source: Marin Vargas et al. 2024, published code.
    """
    from proprionet.arm import markers

    if session.markers is None:
        raise InputError(f"{session.name}: holds no markers")
    chosen = markers.known(model, session.marker_names)
    seen = session.markers[:, chosen] @ rotation.T
    names = [session.marker_names[i] for i in chosen]
    pieces = np.split(seen, np.arange(_PIECE, len(seen), _PIECE))
    start = tuple(np.multiply(profile.start_posture_deg, profile.model_signs))
    solve = partial(_solve_markers, model, names, 1 / session.bin_width_s, profile.coordinates, start)
    found = _in_order(workers.run(_nothing, solve, pieces, jobs), len(pieces), progress)
    joints, error = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Posture(joints * profile.model_signs, "markers", "with markers that do not tell the posture", error)


def muscle_lengths(engine: Any, joints: np.ndarray, jobs: int = 1, progress: Progress = _silent) -> np.ndarray:
    """Muscle lengths of postures by several processes: (bin, muscle), mm; NaN where there are none.

    Parameters
    ----------
    engine : settings of a muscle engine, as :class:`proprionet.arm.muscles.EngineSettings`
    joints : array, shape (bin, 4)
        Degrees, in order and signs of the profile.
    """
    pieces = np.split(joints, np.arange(_PIECE, len(joints), _PIECE))
    return np.concatenate(_in_order(workers.run(engine.load, _lengths, pieces, jobs), len(pieces), progress))


def rebuilt(session: Session, posture: Posture, profile: ArmProfile, lengths: np.ndarray, arm: dict) -> Session:
    """A session with the joints and muscle lengths of an arm, without the trials for which there are none.

    Recorded joints stay as they are; those found replace what was there. Trials are left out, and listed in
    ``left_out``, that have bins without a posture, or muscle lengths that no arm has
    (:func:`proprionet.arm.guard.faults`).

    Parameters
    ----------
    lengths : array, shape (bin, muscle)
        mm, in the order of ``profile.muscles``.
    arm : dict
        What is kept about the arm as ``Session.arm``.

    Raises
    ------
    InputError
        If no trial is left; names the first bin that is at fault.
    """
    known = np.all(np.isfinite(posture.joints), axis=1)
    fault = guard.faults(lengths, posture.joints, session.offsets)
    unknown = np.logical_or.reduceat(~known, session.offsets[:-1])
    bad = {posture.unknown: unknown}
    for code, reason in enumerate(guard.REASONS):
        bad[f"with a muscle fault ({reason.replace('_', ' ')})"] = ~unknown & (fault == code)
    left_out = {f"trials {reason}": session.trial_id[which].tolist() for reason, which in bad.items() if which.any()}
    kept = np.flatnonzero(~np.any(list(bad.values()), axis=0))
    if not kept.size:
        reasons = ", ".join(f"{len(which)} {reason}" for reason, which in left_out.items())
        raise InputError(f"{session.name}: no trial can be used ({reasons}){_first_unknown(session, posture, known)}")
    changes: dict[str, Any] = {"muscle_length": lengths, "muscle_names": profile.muscles, "arm": arm}
    if posture.source != "joints":
        changes |= {"joints": posture.joints * profile.model_signs, "joint_names": profile.coordinates}
    left_out = {reason: [*session.left_out.get(reason, []), *which] for reason, which in left_out.items()}
    return replace(session, **changes, left_out=session.left_out | left_out).select(kept)


def _first_unknown(session: Session, posture: Posture, known: np.ndarray) -> str:
    if known.all():
        return ""
    row = int(np.argmin(known))
    trial = int(np.searchsorted(session.offsets, row, side="right")) - 1
    where = f"'{posture.source}' in bin {row - session.offsets[trial]}"
    return f"; the first is trial {session.trial_id[trial]}, {where}"


def _solve_markers(
    model: Path,
    names: Sequence[str],
    rate_hz: float,
    coordinates: Sequence[str],
    start: Sequence[float],
    _: None,
    seen: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    from proprionet.arm import markers

    found = markers.solve(model, seen, names, rate_hz, coordinates=coordinates, start=start)
    return found.joint_angles, found.rms_error


def _lengths(engine: Any, joints: np.ndarray) -> np.ndarray:
    return engine.lengths(joints)


def _nothing() -> None:
    """What processes load that need nothing."""


def _in_order(done: Iterable[tuple[int, Any]], total: int, progress: Progress) -> list[Any]:
    found = dict(progress(done, total=total, about=f"pieces of about {_PIECE} bins"))
    return [found[index] for index in range(total)]
