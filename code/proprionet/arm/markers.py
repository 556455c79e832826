"""Marker inverse kinematics: the joint angles of an OpenSim model that bring its markers to those of a recording."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from proprionet.arm.opensim_model import open_model
from proprionet.arm.skeleton import Skeleton
from proprionet.arm.trc import Markers, read_trc, write_trc
from proprionet.config import nearest
from proprionet.errors import InputError

__all__ = ["MarkerSolution", "Markers", "known", "positions", "read_trc", "solve", "write_trc"]

_ACCURACY = 1e-7  # OpenSim's tool takes 1e-5, which leaves joint angles up to a degree off
_STEP_DEG = 0.01  # change of posture that shows what it moves
_LEAST_CM = 0.05  # by which every change of posture, per radian, must move the markers seen


@dataclass(frozen=True)
class MarkerSolution:
    """Joint angles found from markers.

    ``joint_angles`` (time, coordinate) in degrees, in the sign of the model; ``rms_error`` and ``max_error`` (time,) in
    cm, over the markers seen in a frame. All NaN in frames whose markers do not determine the posture.
    """

    joint_angles: np.ndarray
    coordinates: tuple[str, ...]
    rms_error: np.ndarray
    max_error: np.ndarray


def solve(
    model_path: str | Path,
    markers: np.ndarray,
    names: Sequence[str],
    rate_hz: float,
    weights: Sequence[float] | None = None,
    coordinates: Iterable[str] | None = None,
    start: Sequence[float] | None = None,
) -> MarkerSolution:
    """Least-squares joint angles of a model for recorded markers, frame by frame from those of the frame before.

    Parameters
    ----------
    model_path : path of an .osim file
    markers : array, shape (time, marker, 3)
        cm, in the ground frame of the model; NaN where a marker was not seen.
    names : names of the markers in the model
    rate_hz : samples a second
    weights : weight of each marker's squared error; all 1, as published, if not given.
    coordinates : names of the coordinates to find, in the order wanted; all that are free if not given. Others keep
        their default.
    start : posture from which the first frame is looked for, degrees; the model's default if not given.

    Returns
    -------
    MarkerSolution

    Raises
    ------
    InputError
        If the model does not have a marker or coordinate, or all markers together do not determine the coordinates.

    Source: Marin Vargas et al. 2024, Methods; OpenSim's InverseKinematicsSolver.
    """
    skeleton = Skeleton(model_path, coordinates)
    in_model = _markers(skeleton, names)
    markers = np.where(np.isfinite(markers).all(axis=2, keepdims=True), markers, np.nan)
    frames = _determined(skeleton, in_model, ~np.isnan(markers[:, :, 0]))
    weights = [1.0] * len(names) if weights is None else weights
    skeleton.lock_others()
    if start is not None:
        skeleton.take(skeleton.follow(np.radians(start)[None, None])[0, 0])
    solver, _alive = _solver(skeleton, markers[frames], names, rate_hz, weights)
    angles = np.full((len(markers), len(skeleton.coordinates)), np.nan)
    errors = np.full(markers.shape[:2], np.nan)
    tracking = False
    for step, frame in enumerate(frames):
        skeleton.state.setTime(step / rate_hz)
        try:
            (solver.track if tracking else solver.assemble)(skeleton.state)
        except RuntimeError:  # no posture found
            tracking = False
            continue
        tracking = True
        angles[frame] = np.degrees(skeleton.angles())
        errors[frame] = np.linalg.norm(_in_ground(skeleton, in_model) - markers[frame], axis=1)
    found = np.flatnonzero(~np.isnan(angles[:, 0]))
    rms, largest = np.full((2, len(markers)), np.nan)
    rms[found] = np.sqrt(np.nanmean(errors[found] ** 2, axis=1))
    largest[found] = np.nanmax(errors[found], axis=1)
    return MarkerSolution(angles, skeleton.coordinates, rms, largest)


def known(model_path: str | Path, names: Sequence[str]) -> list[int]:
    """Which of some markers a model has, by their place; InputError if it has none of them."""
    model = open_model(Path(model_path))
    in_model = model.getMarkerSet()
    found = [place for place, name in enumerate(names) if in_model.contains(name)]
    if not found:
        has = ", ".join(in_model.get(i).getName() for i in range(in_model.getSize()))
        raise InputError(f"{model_path}: has none of the markers {', '.join(names)} (its markers: {has})")
    return found


def _solver(
    skeleton: Skeleton, markers: np.ndarray, names: Sequence[str], rate_hz: float, weights: Sequence[float]
) -> tuple[Any, Any]:
    """OpenSim's solver for markers (time, marker, 3) in cm, the first at time 0, and what must live as long as it."""
    table = opensim.TimeSeriesTableVec3()
    table.setColumnLabels(list(names))
    for step, frame in enumerate(markers / 100):
        row = opensim.RowVectorVec3(len(names))
        for i, place in enumerate(frame):
            row[i] = opensim.Vec3(*place)
        table.appendRow(step / rate_hz, row)
    chosen = opensim.SetMarkerWeights()
    for name, weight in zip(names, weights, strict=True):
        chosen.cloneAndAppend(opensim.MarkerWeight(name, float(weight)))
    alive = opensim.MarkersReference(table, chosen), opensim.SimTKArrayCoordinateReference()
    # Locked coordinates hold anyway. A finite weight spares them the solver for constraints, three times as slow.
    solver = opensim.InverseKinematicsSolver(skeleton.model, *alive, np.inf if skeleton.followers else 1.0)
    solver.setAccuracy(_ACCURACY)
    return solver, alive


def positions(
    model_path: str | Path, joint_angles: np.ndarray, coordinates: Sequence[str], names: Sequence[str]
) -> np.ndarray:
    """Where the markers of a model are in given postures; all other coordinates keep their default.

    Parameters
    ----------
    model_path : path of an .osim file
    joint_angles : array, shape (time, coordinate)
        Degrees, in the sign of the model.
    coordinates, names : names of the coordinates and of the markers

    Returns
    -------
    array, shape (time, marker, 3)
        cm, in the ground frame of the model; NaN where a joint angle is NaN.

    Raises
    ------
    InputError
        If the model does not have a marker or coordinate, or has constraints other than coordinates that follow one
        other.
    """
    skeleton = Skeleton(model_path, coordinates)
    return _positions(skeleton, joint_angles, _markers(skeleton, names))


def _positions(skeleton: Skeleton, joint_angles: np.ndarray, markers: list[Any]) -> np.ndarray:
    found = np.full((len(joint_angles), len(markers), 3), np.nan)
    given = np.flatnonzero(np.isfinite(joint_angles).all(axis=1))
    for t, posture in zip(given, skeleton.follow(np.radians(joint_angles[given])[None])[0], strict=True):
        skeleton.take(posture)
        found[t] = _in_ground(skeleton, markers)
    return found


def _in_ground(skeleton: Skeleton, markers: list[Any]) -> np.ndarray:
    """Markers in the posture of the state: cm, shape (marker, 3)."""
    skeleton.model.realizePosition(skeleton.state)
    return 100 * np.array([marker.getLocationInGround(skeleton.state).to_numpy() for marker in markers])


def _markers(skeleton: Skeleton, names: Sequence[str]) -> list[Any]:
    known = skeleton.model.getMarkerSet()
    for name in names:
        if not known.contains(name):
            all_names = [known.get(i).getName() for i in range(known.getSize())]
            raise InputError(f"{skeleton.path}: has no marker '{name}'; {nearest(name, all_names)}")
    if len(set(names)) < len(names):
        raise InputError(f"the markers {', '.join(names)} are not all different")
    return [known.get(name) for name in names]


def _determined(skeleton: Skeleton, markers: list[Any], seen: np.ndarray) -> np.ndarray:
    """Frames in which every change of the posture moves some of the markers that are ``seen``, (time, marker)."""
    posture = np.degrees(skeleton.ranges().mean(axis=0))
    steps = _STEP_DEG * np.eye(len(posture))
    moved = _positions(skeleton, posture + steps, markers) - _positions(skeleton, posture - steps, markers)
    per_radian = moved / (2 * np.radians(_STEP_DEG))
    least, change = _least_moving(per_radian)
    if least < _LEAST_CM:
        raise InputError(
            f"{skeleton.path}: its markers {', '.join(marker.getName() for marker in markers)} do not determine "
            f"coordinate '{skeleton.coordinates[np.abs(change).argmax()]}'; leave it out or add markers that it moves"
        )
    patterns, of_frame = np.unique(seen, axis=0, return_inverse=True)
    enough = np.array([_least_moving(per_radian[:, pattern])[0] >= _LEAST_CM for pattern in patterns])
    return np.flatnonzero(enough[of_frame])


def _least_moving(per_radian: np.ndarray) -> tuple[float, np.ndarray]:
    """The change of posture that moves markers (coordinate, marker, 3) the least, and by how much."""
    _, changes = np.linalg.eigh(np.einsum("imx,jmx->ij", per_radian, per_radian))
    change = changes[:, 0]
    return float(np.linalg.norm(np.tensordot(change, per_radian, 1))), change
