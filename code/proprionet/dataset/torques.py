"""Torques at the joints along the movements of a data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from proprionet.arm.dynamics import InverseDynamics
from proprionet.dataset.assembly import pad


class Padded(NamedTuple):
    """Some rows of a data set: joint angles (movement, joint, time), and where each begins and how long it is."""

    rows: slice
    joints: np.ndarray
    first: np.ndarray
    n_samples: np.ndarray


@dataclass(frozen=True)
class TorqueSettings:
    """All that a process needs to find torques; for the fields see :class:`proprionet.arm.dynamics.InverseDynamics`."""

    model_path: Path
    coordinates: tuple[str, ...]
    signs: tuple[int, ...]
    arm_mass_kg: float | None
    time_step_s: float

    def load(self) -> "TorqueFinder":
        """Load the OpenSim model, once in each process."""
        arm = InverseDynamics(self.model_path, self.coordinates, self.signs, self.arm_mass_kg)
        return TorqueFinder(arm, self.time_step_s)


class TorqueFinder:
    """Inverse dynamics of padded movements."""

    def __init__(self, arm: InverseDynamics, time_step_s: float):
        self.arm = arm
        self._time_step_s = time_step_s

    def find(self, padded: Padded) -> tuple[slice, np.ndarray]:
        """Torques of each movement from its own samples; those at its ends are held while the arm is.

        Parameters
        ----------
        padded : Padded
            Degrees.

        Returns
        -------
        rows : slice
            As given.
        torque : array, shape (movement, joint, time), float32
            N m.
        """
        ends = np.concatenate([[0], np.cumsum(padded.n_samples)])
        live = [
            self.arm.torques(joints[:, first : first + length].T.astype(float), self._time_step_s)
            for joints, first, length in zip(padded.joints, padded.first, padded.n_samples, strict=True)
        ]
        return padded.rows, pad(np.concatenate(live).astype(np.float32), ends, padded.first, padded.joints.shape[2])
