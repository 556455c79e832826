"""Inverse dynamics: the torques at the joints of an OpenSim arm that make it move as it does."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import opensim
from scipy.signal import savgol_filter

from proprionet.arm.skeleton import Skeleton
from proprionet.errors import InputError

# Isometric strength of men, 50th percentile (Stobbe 1982, as tabulated by Chaffin, Andersson & Martin, Occupational
# Biomechanics): horizontal flexion and abduction of the shoulder, medial rotation, flexion of the elbow. Flexion of the
# shoulder is the mean of 26 men at 45 degrees (68.6 N m; "Dynamic shoulder flexion strength for use in occupational
# risk analysis and clinical assessment"). A macaque of 10 kg is taken for a man of 75 kg made smaller alike in all
# directions: force grows with the square and lever with the length, so torque with the mass of the body.
_MACAQUE = 10 / 75
PHYSIOLOGICAL_PEAK_TORQUE_NM = {
    "human": (92.0, 71.0, 52.0, 77.0),
    "macaque": (69.0 * _MACAQUE, 71.0 * _MACAQUE, 52.0 * _MACAQUE, 77.0 * _MACAQUE),
}

_STATION = opensim.Vec3(1, 2, 3)  # off every axis that a body may turn about (m)
_WINDOW, _ORDER = 7, 4  # samples and order of the local polynomials that give velocity and acceleration


class InverseDynamics:
    """Net torques at the joints of an arm: what muscles and all that is at the joints give against inertia and gravity.

    Every force of the model but gravity is off. The torque at a joint is the generalised force that does its work, with
    that of the joints that follow it (clavicle and scapula): with angles q of all coordinates and q4 of the given
    ones, tau4 = A^T tau, A = dq / dq4.

    Parameters
    ----------
    model_path : path of an .osim file
    coordinates : names of the coordinates, in the order of the joint angles; all others rest at their default.
    signs : angle of the model = sign * joint angle, for each coordinate; torques follow the joint angles.
    arm_mass_kg : torques are scaled to an arm of this mass, to which they are proportional; as in the model if None.
        The macaque arms as published weigh 0.03 kg, since most of the 0.53 kg of their scaling went to the sternum.

    Attributes
    ----------
    arm_mass_kg : mass of all bodies that the coordinates move.
    placeholders : names of the bodies whose moments of inertia are left out; see :class:`Skeleton`.

    Raises
    ------
    InputError
        If the file is no OpenSim model, a coordinate is not in it or is not a free angle, the model has constraints
        other than coordinates that follow one other, or the mass given is not larger than 0.
    """

    def __init__(
        self,
        model_path: str | Path,
        coordinates: Iterable[str],
        signs: Iterable[int] = (1, 1, 1, 1),
        arm_mass_kg: float | None = None,
    ):
        self._skeleton = Skeleton(model_path, coordinates)
        self._solver = opensim.InverseDynamicsSolver(self._skeleton.model)
        self._signs = np.array([*signs], dtype=float)
        self.placeholders = self._skeleton.placeholders
        if arm_mass_kg is not None and not 0 < arm_mass_kg < np.inf:
            raise InputError(f"an arm of {arm_mass_kg:g} kg has no torques; give a mass larger than 0")
        mass_kg = _moving_mass_kg(self._skeleton)
        self.arm_mass_kg = mass_kg if arm_mass_kg is None else arm_mass_kg
        self._scale = self.arm_mass_kg / mass_kg

    def torques(self, joint_angles: np.ndarray, time_step_s: float) -> np.ndarray:
        """Torques along one movement.

        Velocity and acceleration are those of polynomials of order 4 fitted to 7 samples around each (Savitzky & Golay
        1964). Differences taken twice are wrong by newton metres at both ends of a movement; a spline through all
        samples follows every kink, such as those of letters, which are resampled linearly.

        Parameters
        ----------
        joint_angles : array, shape (time, coordinate)
            Degrees, at least 7 samples.
        time_step_s : float

        Returns
        -------
        array, shape (time, coordinate)
            N m, positive where they pull towards larger joint angles; NaN up to 3 samples around a NaN.

        Raises
        ------
        InputError
            If there are fewer than 7 samples.
        """
        angles = np.radians(joint_angles) * self._signs
        if len(angles) < _WINDOW:
            raise InputError(f"a movement of {len(angles)} samples is too short for torques; give {_WINDOW} or more")
        velocity, acceleration = (
            np.asarray(savgol_filter(angles, _WINDOW, _ORDER, order, time_step_s, axis=0)) for order in (1, 2)
        )
        return self.torques_of_motion(np.stack([angles, velocity, acceleration])) * self._signs

    def torques_of_motion(self, motion: np.ndarray) -> np.ndarray:
        """Torques of given angles, velocities and accelerations, all in radians and in the model's sign.

        Parameters
        ----------
        motion : array, shape (3, time, coordinate)
            rad, rad/s, rad/s^2

        Returns
        -------
        array, shape (time, coordinate)
            N m, in the model's sign.
        """
        skeleton = self._skeleton
        finite = np.flatnonzero(np.isfinite(motion).all(axis=(0, 2)))
        whole = skeleton.follow(motion[:, finite])
        forces = np.empty(whole.shape[1:])
        for t, (position, velocity, acceleration) in enumerate(np.moveaxis(whole, 0, 1)):
            skeleton.state.setQ(opensim.Vector.createFromMat(position))
            skeleton.state.setU(opensim.Vector.createFromMat(velocity))
            forces[t] = self._solver.solve(skeleton.state, opensim.Vector.createFromMat(acceleration)).to_numpy()
        torques = np.full(motion.shape[1:], np.nan)
        torques[finite] = self._scale * skeleton.project(forces, whole[0])
        return torques


class TorqueRange(NamedTuple):
    """Torques at one joint over many movements, in N m, beside what its muscles can give."""

    joint: str
    percentile_1: float
    median: float
    percentile_99: float
    peak: float
    physiological_peak: float
    share: float


def torque_ranges(
    torques: np.ndarray, joints: Sequence[str], physiological_peaks: Sequence[float]
) -> list[TorqueRange]:
    """Table of torques, one row a joint; ``peak`` is the largest magnitude and ``share`` its part of what is possible.

    Parameters
    ----------
    torques : array, shape (sample, joint)
        N m; NaN is left out.
    joints : names
    physiological_peaks : N m, such as ``PHYSIOLOGICAL_PEAK_TORQUE_NM["human"]``.
    """
    rows = []
    for joint, values, possible in zip(joints, np.transpose(torques), physiological_peaks, strict=True):
        lowest, median, highest = np.nanpercentile(values, (1, 50, 99)).tolist()
        peak = float(np.nanmax(np.abs(values)))
        rows.append(TorqueRange(joint, lowest, median, highest, peak, possible, peak / possible))
    return rows


def _moving_mass_kg(skeleton: Skeleton) -> float:
    """Mass of the bodies that are elsewhere, or turned, once all coordinates have changed."""
    middle = skeleton.ranges().mean(axis=0)
    places = []
    for posture in skeleton.follow(np.stack([middle - 0.1, middle + 0.1])[None])[0]:
        skeleton.take(posture)
        places.append([body.findStationLocationInGround(skeleton.state, _STATION) for body in skeleton.bodies])
    moves = [np.abs(here.to_numpy() - there.to_numpy()).max() > 1e-9 for here, there in zip(*places, strict=True)]
    return float(sum(body.getMass() for body, moved in zip(skeleton.bodies, moves, strict=True) if moved))
