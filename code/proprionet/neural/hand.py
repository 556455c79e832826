"""Movements of the hand, synthetic or recorded, and the kinematics that both can be compared by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from proprionet.errors import InputError
from proprionet.store import raw_datasets


@dataclass(frozen=True, eq=False)
class HandMovements:
    """Positions of the hand (sample, axis) in cm, one movement after another; movement i starts at ``offsets[i]``."""

    position: np.ndarray
    offsets: np.ndarray
    time_step_s: float

    def speed(self) -> np.ndarray:
        """Speed at every sample: cm/s, shape (sample,)."""
        return np.linalg.norm(self._derivative(self.position), axis=1)

    def acceleration(self) -> np.ndarray:
        """Size of the acceleration at every sample: cm/s^2, shape (sample,)."""
        return np.linalg.norm(self._derivative(self._derivative(self.position)), axis=1)

    def duration(self) -> np.ndarray:
        """Duration of every movement: s, shape (movement,)."""
        return self.time_step_s * np.diff(self.offsets)

    def path_length(self) -> np.ndarray:
        """Length of the way of every movement: cm, shape (movement,)."""
        steps = [np.linalg.norm(np.diff(path, axis=0), axis=1) for path in self._movements(self.position)]
        return np.array([step.sum() for step in steps])

    def _derivative(self, values: np.ndarray) -> np.ndarray:
        pieces = [np.gradient(piece, self.time_step_s, axis=0) for piece in self._movements(values)]
        return np.concatenate(pieces)

    def _movements(self, values: np.ndarray) -> list[np.ndarray]:
        return np.split(values, self.offsets[1:-1])


def read_hand(path: Path, time_step_s: float) -> HandMovements:
    """Read the hand from a recording of reaches in HDF5: from movement onset to the end of each trial.

    The file holds ``kinematics`` (sample, 2 or more), whose first two columns are x (right) and y (forward) in cm, and
    ``offsets`` (trial + 1,); where it holds ``bin_movement_onset`` and ``bin_end`` (trial,), samples outside of the
    movement, and trials for which one of them is not known (-1), are left out. Columns 3 and 4 of ``kinematics``, where
    there are any, are the velocity in cm/s.

    Raises
    ------
    InputError
        If something is missing or does not fit; names it.
    """
    held = raw_datasets(path)
    for name in ("kinematics", "offsets"):
        if name not in held:
            raise InputError(f"{path.name}: has no dataset '{name}'; expected kinematics (sample, 2) and offsets")
    position, ends = np.asarray(held["kinematics"], float), held["offsets"]
    if position.ndim != 2 or position.shape[1] < 2 or not np.isfinite(position[:, :2]).all():
        raise InputError(f"{path.name}: 'kinematics' must be finite numbers of shape (sample, 2 or more)")
    if ends.ndim != 1 or len(ends) < 2 or ends[0] < 0 or ends[-1] > len(position) or (np.diff(ends) < 0).any():
        raise InputError(f"{path.name}: 'offsets' must rise from 0 to the {len(position)} samples")
    _check_step(path, position, ends, time_step_s)
    first, end = ends[:-1], ends[1:]
    if "bin_movement_onset" in held and "bin_end" in held:
        onset, stop = held["bin_movement_onset"], held["bin_end"]
        known = (onset >= 0) & (stop >= 0)
        first, end = (first + onset)[known], np.minimum(first + stop + 1, end)[known]
    long = end - first >= 3  # an acceleration needs as many
    if not long.any():
        raise InputError(f"{path.name}: holds no movement of at least 3 samples")
    pieces = [position[a:b, :2] for a, b in zip(first[long], end[long], strict=True)]
    return HandMovements(np.concatenate(pieces), np.cumsum([0, *map(len, pieces)]), time_step_s)


def _check_step(path: Path, kinematics: np.ndarray, ends: np.ndarray, time_step_s: float) -> None:
    """Columns 3 and 4, where there are any, are the velocity in cm/s, which tells the time step."""
    if kinematics.shape[1] < 4 or not np.isfinite(kinematics[:, 2:4]).all():
        return
    inside = np.setdiff1d(np.arange(1, len(kinematics)), ends)
    moved = np.linalg.norm(np.diff(kinematics[:, :2], axis=0)[inside - 1], axis=1).sum()
    said = np.linalg.norm(kinematics[inside, 2:4], axis=1).sum()
    if said > 0 and not 0.5 < moved / time_step_s / said < 2:
        raise InputError(
            f"{path.name}: its velocities and positions fit a time step of {moved / said:.3g} s, not {time_step_s:g} s"
        )
