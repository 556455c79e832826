"""How well muscle tables agree with OpenSim, muscle by muscle, along movements that they were not made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from proprionet import workers
from proprionet.arm import guard
from proprionet.arm.practice import letter_movements
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError

if TYPE_CHECKING:  # tables are used without OpenSim
    from proprionet.arm.muscles import EngineSettings, MuscleEngine

MEASURES = {"length_rms": "mm", "length_max": "mm", "velocity_rms": "mm/s", "velocity_max": "mm/s"}

_IN_WORDS = {
    "length_rms": "RMS error of length",
    "length_max": "largest error of length",
    "velocity_rms": "RMS error of velocity",
}
_MOVEMENTS = 160
_SEED = 271  # of letters, latents and places that nothing else is made from
_PIECE = 250  # postures that a process takes at once


class Progress(Protocol):
    """Goes through items and shows how far it is, as :func:`proprionet.progress.track`."""

    def __call__(self, items: Iterable[Any], *, total: int, about: str) -> Iterable[Any]: ...


class _Engine(Protocol):
    def lengths(self, joint_angles: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Bound:
    """Largest errors that tables may have: root mean square and maximum of length (mm), RMS of velocity (mm/s)."""

    length_rms: float
    length_max: float
    velocity_rms: float


@dataclass(frozen=True, eq=False)
class Certificate:
    """Errors of every muscle, arrays of shape (muscle,): of length in mm, of velocity in mm/s."""

    muscle_names: tuple[str, ...]
    length_rms: np.ndarray
    length_max: np.ndarray
    velocity_rms: np.ndarray
    velocity_max: np.ndarray
    n_movements: int
    n_samples: int

    def arrays(self) -> dict[str, np.ndarray]:
        """The errors by name, for :meth:`of`."""
        return {name: getattr(self, name) for name in MEASURES}

    @classmethod
    def of(
        cls, muscle_names: Iterable[str], arrays: Mapping[str, np.ndarray], n_movements: int, n_samples: int
    ) -> Self:
        """A certificate from the arrays of a file."""
        errors = {name: arrays[name] for name in MEASURES}
        return cls(tuple(muscle_names), n_movements=n_movements, n_samples=n_samples, **errors)

    def rows(self) -> list[dict[str, Any]]:
        """One row a muscle: its name and errors, with their units in the keys."""
        keys = {name: f"{name}_{unit.replace('/', '_per_')}" for name, unit in MEASURES.items()}
        return [
            {"muscle": muscle, **{key: float(getattr(self, name)[i]) for name, key in keys.items()}}
            for i, muscle in enumerate(self.muscle_names)
        ]

    def report(self) -> str:
        """A table for people, with the worst of all muscles in its last line."""
        width = max(map(len, (*self.muscle_names, "muscle")))
        lines = [
            f"Errors of the muscle tables against OpenSim along {self.n_movements} movements "
            f"({self.n_samples} samples) that they were not made from:",
            f"{'muscle':<{width}}  length RMS    max (mm)  velocity RMS  max (mm/s)",
        ]
        errors = np.array([getattr(self, name) for name in MEASURES]).T
        for muscle, row in zip((*self.muscle_names, "worst"), [*errors, errors.max(axis=0)], strict=True):
            lines.append(f"{muscle:<{width}}  {row[0]:10.5f}  {row[1]:10.4f}  {row[2]:12.4f}  {row[3]:10.3f}")
        return "\n".join(lines)

    def shortfall(self, bound: Bound) -> str | None:
        """The muscle that misses a bound by most, its error and the bound, in words; None if all keep all bounds."""
        names = [field.name for field in fields(bound)]
        errors = np.array([getattr(self, name) for name in names])
        limits = np.array([getattr(bound, name) for name in names])
        excess = np.nan_to_num(errors / limits[:, None], nan=np.inf)
        which, muscle = np.unravel_index(excess.argmax(), excess.shape)
        if excess[which, muscle] <= 1:
            return None
        name, unit = names[which], MEASURES[names[which]]
        return (
            f"{self.muscle_names[muscle]}: {_IN_WORDS[name]} {errors[which, muscle]:.3g} {unit}, "
            f"bound {limits[which]:g} {unit}"
        )


def certify(
    settings: "EngineSettings",
    engine: _Engine,
    profile: ArmProfile,
    jobs: int = 1,
    progress: Progress | None = None,
    movements: int = _MOVEMENTS,
) -> Certificate:
    """Compare an engine with OpenSim while the arm writes synthetic letters all over its workspace.

    Half of the movements come from the arm's own start posture, half from any. Those for which the engine has no
    lengths, or in which a length jumps, are left out, as they are from any set (:mod:`proprionet.arm.guard`).

    Parameters
    ----------
    settings : EngineSettings
        The exact engine.
    engine : anything with ``lengths(joint_angles)``
        What stands for it.
    profile : ArmProfile
        The arm, with link lengths; its time step makes velocity of length (central differences).
    jobs : int
        Number of processes.
    progress : callable, optional
        ``progress(items, total=..., about=...)`` goes through items and shows how far it is.
    movements : int
        How many are written; those that the arm cannot make are left out.

    Returns
    -------
    Certificate
        An error is NaN where OpenSim has no length, or no movement is left.

    Raises
    ------
    InputError
        If the arm can write nowhere.
    """
    joint_angles, offsets, lengths = _practised(engine, profile, movements)
    pieces = [joint_angles[start : start + _PIECE] for start in range(0, len(joint_angles), _PIECE)]
    done: Iterable[Any] = workers.run(settings.load, _lengths, pieces, jobs)
    if progress is not None:
        done = progress(done, total=len(pieces), about="certificate")
    exact = dict(done)
    error = lengths - np.concatenate([exact[index] for index in range(len(pieces))])
    velocity_error = np.concatenate(
        [np.gradient(part, profile.time_step_s, axis=0) for part in np.split(error, offsets[1:-1])]
    )
    return Certificate(
        settings.muscles,
        np.sqrt((error**2).mean(axis=0)),
        np.abs(error).max(axis=0),
        np.sqrt((velocity_error**2).mean(axis=0)),
        np.abs(velocity_error).max(axis=0),
        len(offsets) - 1,
        len(joint_angles),
    )


def _practised(engine: _Engine, profile: ArmProfile, movements: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Joint angles (sample, joint) of movements, where each starts, and the lengths that the engine has for them."""
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for random_posture in (False, True):
        joint_angles, offsets = letter_movements(profile, movements // 2, _SEED, random_posture=random_posture)
        lengths = engine.lengths(joint_angles)
        good = guard.faults(lengths, joint_angles, offsets) < 0
        parts = (np.split(values, offsets[1:-1]) for values in (joint_angles, lengths))
        kept += [movement for movement, is_good in zip(zip(*parts, strict=True), good, strict=True) if is_good]
    if not kept:
        raise InputError(
            f"arm '{profile.name}': the muscle tables hold for no movement that it could make; choose a smaller "
            "--grid-deg, or use --engine exact"
        )
    joint_angles, lengths = (np.concatenate(values) for values in zip(*kept, strict=True))
    return joint_angles, np.cumsum([0, *(len(movement) for movement, _ in kept)]), lengths


def _lengths(engine: "MuscleEngine", joint_angles: np.ndarray) -> np.ndarray:
    return engine.lengths(joint_angles)
