"""Wrap objects of an OpenSim model: which muscles bend around which, how far they go around, and where they are."""

from pathlib import Path
from typing import Any

import numpy as np
import opensim

from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError

_SIZES = {
    "WrapCylinder": lambda wrap: [wrap.get_radius(), wrap.get_length()],
    "WrapEllipsoid": lambda wrap: wrap.get_dimensions().to_numpy(),
    "WrapSphere": lambda wrap: [wrap.get_radius()],
    "WrapTorus": lambda wrap: [wrap.get_inner_radius(), wrap.get_outer_radius()],
}

_POINTS_APART = 2e-3  # m, on an arc


def wraps_of(engine: MuscleEngine) -> list[tuple[str, ...]]:
    """Names of the wrap objects of every muscle, in the order of its path."""
    return [tuple(wrap.getName() for wrap in wrap_objects(muscle)) for muscle in engine._muscles]


def longest_arcs(engine: MuscleEngine, joint_angles: np.ndarray) -> np.ndarray:
    """How far around one of its wrap objects each muscle goes: the largest turn of its path along one of them.

    Parameters
    ----------
    joint_angles : array, shape (time, coordinate)
        Degrees.

    Returns
    -------
    array, shape (time, muscle)
        Degrees; 0 where a muscle touches no wrap object, or over less than 4 mm; NaN where OpenSim finds no posture.
    """

    def longest(muscle: Any) -> float:
        return max((_turn(arc) for arc in _arcs(muscle, engine._state)), default=0.0)

    return 1e-3 * engine._measure(joint_angles, longest, engine._muscles)  # it takes them for metres


def wrap_geometry(
    model_path: Path, profile: ArmProfile, joint_angles: np.ndarray, muscle: str
) -> dict[str, np.ndarray]:
    """Where a muscle, its wrap objects and the arm are in one posture, to draw them. The geometry is raw.

    Parameters
    ----------
    joint_angles : array, shape (4,)
        Degrees.
    muscle : str
        Any muscle of the model.

    Returns
    -------
    dict of arrays
        Places are in the ground frame of the model, cm.

        * ``path`` (point, 3), from end to end with the points of the arcs, and ``path_wrap`` (point,): the name of the
          wrap object that a point lies on, or "".
        * ``bodies`` (body, 3) and ``body_names`` (body,): origins of the bodies.
        * ``shoulder``, ``elbow``, ``hand`` (3,): the points of the profile; NaN where it names none.
        * ``wrap_names``, ``wrap_types`` (wrap,), ``wrap_centre`` (wrap, 3), ``wrap_axes`` (wrap, 3, 3), whose columns
          are the x, y and z axes of a wrap object (z runs along a cylinder, and through the hole of a torus), and
          ``wrap_size`` (wrap, 3): radius and length of a cylinder, semi-axes of an ellipsoid, radius of a sphere, the
          radii of the tube and of the ring of a torus; then NaN.

    Raises
    ------
    InputError
        If the model or the muscle cannot be used, or OpenSim finds no path in this posture.
    """
    engine = EngineSettings(model_path, profile.coordinates, (muscle,), (), "path", profile.model_signs).load()
    if not np.isfinite(engine.path_lengths(np.asarray(joint_angles, dtype=float)[None])).all():
        raise InputError(f"{model_path}: muscle '{muscle}' has no path at joint angles {np.round(joint_angles, 1)}")
    model, state, actuator = engine._model, engine._state, engine._muscles[0]
    path, path_wrap = _path_points(actuator, state)
    bodies = [model.getBodySet().get(i) for i in range(model.getBodySet().getSize())]
    places = {body.getName(): body.getPositionInGround(state).to_numpy() for body in bodies}
    markers = [model.getMarkerSet().get(i) for i in range(model.getMarkerSet().getSize())]
    known = places | {marker.getName(): marker.getLocationInGround(state).to_numpy() for marker in markers}
    points = {joint: 100 * known.get(name, np.full(3, np.nan)) for joint, name in dict(profile.points).items()}
    wraps = wrap_objects(actuator)
    poses = [_pose(wrap, state) for wrap in wraps]
    return points | {
        "path": 100 * path,
        "path_wrap": path_wrap,
        "bodies": 100 * np.array([*places.values()]),
        "body_names": np.array([*places]),
        "wrap_names": np.array([wrap.getName() for wrap in wraps], dtype=str),
        "wrap_types": np.array([wrap.getConcreteClassName() for wrap in wraps], dtype=str),
        "wrap_centre": 100 * np.array([centre for centre, _ in poses]).reshape(-1, 3),
        "wrap_axes": np.array([axes for _, axes in poses]).reshape(-1, 3, 3),
        "wrap_size": 100 * np.array([_size(wrap) for wrap in wraps]).reshape(-1, 3),
    }


def _path(muscle: Any) -> Any | None:
    """The path of a muscle; None if it is not one of points and wrap objects."""
    return opensim.GeometryPath.safeDownCast(muscle.getPath())


def wrap_objects(muscle: Any) -> list[Any]:
    """The wrap objects of a muscle of OpenSim, in the order of its path."""
    path = _path(muscle)
    wraps = path.getWrapSet() if path is not None else None
    return [wraps.get(i).getWrapObject() for i in range(wraps.getSize())] if wraps is not None else []


def _points(muscle: Any, state: Any) -> list[Any]:
    """The points of a path now, from end to end."""
    path = _path(muscle)
    if path is None:
        return []
    current = path.getCurrentPath(state)
    return [current.get(i) for i in range(current.getSize())]


def _arcs(muscle: Any, state: Any) -> list[np.ndarray]:
    """Where a muscle lies on wrap objects now: for each, points (n, 3) in the frame of the object's body."""
    ends = [opensim.PathWrapPoint.safeDownCast(point) for point in _points(muscle, state)]
    return [_arc(end, state) for end in ends if end is not None and end.getWrapLength(state) > 0]


def _arc(end: Any, state: Any) -> np.ndarray:
    """The points of an arc, which OpenSim keeps with the point at its end."""
    between = end.getWrapPath(state)
    points = [between.get(i) for i in range(between.getSize())] + [end.getLocation(state)]
    arc = np.array([point.to_numpy() for point in points])
    wrap = opensim.WrapSphere.safeDownCast(end.getWrapObject())
    return arc if wrap is None else _on_sphere(arc[0], arc[-1], end.getWrapLength(state), wrap)


def _on_sphere(start: np.ndarray, end: np.ndarray, length: float, sphere: Any) -> np.ndarray:
    """The points of an arc on a sphere; OpenSim's own, unlike its ends and its length, lie elsewhere."""
    centre, radius = sphere.getTransform().p().to_numpy(), sphere.get_radius()
    outward = (start - centre) / radius
    ahead = end - centre - (end - centre) @ outward * outward
    ahead *= (1 if length <= np.pi * radius else -1) / max(np.linalg.norm(ahead), 1e-12)
    angles = np.linspace(0, length / radius, 3 + int(length / _POINTS_APART))[:, None]
    return centre + radius * (np.cos(angles) * outward + np.sin(angles) * ahead)


def _turn(points: np.ndarray) -> float:
    """Angle, degrees, by which an arc turns that is given by points (n, 3) on it."""
    chords = np.diff(points, axis=0)
    lengths = np.linalg.norm(chords, axis=1)
    apart = lengths > 1e-6  # m; the last point may be there twice
    directions = chords[apart] / lengths[apart, None]
    if len(directions) < 2:
        return 0.0
    turns = np.arccos(np.clip((directions[1:] * directions[:-1]).sum(axis=1), -1, 1))
    return float(np.degrees(turns.mean() * len(directions)))  # half a chord turns at either end


def _path_points(muscle: Any, state: Any) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) of a path in the ground (m), and the wrap object that each lies on, or ""."""
    places, names = [], []
    for point in _points(muscle, state):
        end = opensim.PathWrapPoint.safeDownCast(point)
        if end is not None and end.getWrapLength(state) > 0:
            arc = [_in_ground(end, place, state) for place in _arc(end, state)[1:-1]]
            places += arc
            names += [end.getWrapObject().getName()] * len(arc)
        places.append(_in_ground(point, point.getLocation(state).to_numpy(), state))
        names.append("" if end is None else end.getWrapObject().getName())
    return np.array(places).reshape(-1, 3), np.array(names, dtype=str)


def _in_ground(part: Any, place: np.ndarray, state: Any) -> np.ndarray:
    """Place in the ground of a place in the frame of a point's body, m; what OpenSim keeps of it may be out of date."""
    return part.getParentFrame().findStationLocationInGround(state, opensim.Vec3(*place)).to_numpy()


def _pose(wrap: Any, state: Any) -> tuple[np.ndarray, np.ndarray]:
    """Centre (3,) of a wrap object in the ground, m, and its axes, the columns of an array (3, 3)."""
    body, within = wrap.getFrame(), wrap.getTransform()
    axes = [body.expressVectorInGround(state, within.xformFrameVecToBase(opensim.Vec3(*axis))) for axis in np.eye(3)]
    centre = body.findStationLocationInGround(state, within.p())
    return centre.to_numpy(), np.stack([axis.to_numpy() for axis in axes], axis=1)


def _size(wrap: Any) -> np.ndarray:
    """Dimensions of a wrap object (m), padded with NaN to (3,)."""
    kind = wrap.getConcreteClassName()
    size = _SIZES[kind](getattr(opensim, kind).safeDownCast(wrap))
    return np.pad(np.asarray(size, dtype=float), (0, 3 - len(size)), constant_values=np.nan)
