"""What an OpenSim model without a profile may be: which joint angles it has, and where shoulder, elbow and hand are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from scipy.spatial.transform import Rotation

from proprionet import seeds
from proprionet.arm.groups import find_groups
from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.opensim_model import initialise, open_model
from proprionet.arm.profiles import Shipped, choose
from proprionet.arm.wraps import wrap_objects
from proprionet.errors import InputError

# What the joint angles of a shipped arm may be called in other models, in their order.
_NAMES: dict[Shipped, tuple[str, str, str, str]] = {
    "human": ("elv_?angle|plane", "shoulder_?ele?v", "(shoulder|arm)_?rot", "elbow"),
    "macaque": ("(shoulder|arm)_?flex", "(shoulder|arm)_?add", "(shoulder|arm)_?rot", "elbow"),
}
ANGLES: dict[Shipped, tuple[str, str, str, str]] = {
    "human": ("plane of elevation", "elevation of the shoulder", "rotation of the shoulder", "flexion of the elbow"),
    "macaque": ("flexion", "adduction", "rotation of the shoulder", "flexion of the elbow"),
}
_WITHIN = {"human": {1: (0, 180), 3: (0, 180)}, "macaque": {2: (-90, 90), 3: (0, 180)}}  # what a profile can hold
_PLACES = {"shoulder": "humerus|shoulder", "elbow": "ulna|elbow", "hand": "hand|wrist|styloid"}
_POSTURES = 50  # at which the two-link arm is compared with the model


@dataclass(frozen=True)
class Angle:
    """A free joint angle of a model: range and default in degrees, and the body that it moves."""

    lower: float
    upper: float
    default: float
    moves: str


class Outline:
    """What a model holds; places of its bodies and markers are in the default posture, cm."""

    def __init__(self, path: Path):
        self.path = path
        model = open_model(path)
        state = initialise(path, model)
        model.realizePosition(state)
        self.credits = " ".join(model.get_credits().split())
        coordinates = _members(model.getCoordinateSet())
        self.angles = {
            one.getName(): _angle(one)
            for one in coordinates
            if one.getMotionType() != opensim.Coordinate.Translational and not one.isConstrained(state)
        }
        self.others = [one.getName() for one in coordinates if one.getName() not in self.angles]
        self.wraps = {
            muscle.getName(): [f"{wrap.getName()} ({wrap.getConcreteClassName()})" for wrap in wrap_objects(muscle)]
            for muscle in _members(model.getMuscles())
        }
        if not self.wraps:
            raise InputError(f"{path}: has no muscles")
        self.bodies = [body.getName() for body in _members(model.getBodySet())]
        self.markers = [marker.getName() for marker in _members(model.getMarkerSet())]
        self.places = places_of(model, state)


def _angle(coordinate: Any) -> Angle:
    ends = coordinate.getRangeMin(), coordinate.getRangeMax(), coordinate.getDefaultValue()
    lower, upper, default = (round(float(np.degrees(end)), 3) for end in ends)
    return Angle(lower, upper, default, coordinate.getJoint().getChildFrame().findBaseFrame().getName())


@dataclass(frozen=True)
class Guess:
    """What a model may be; None for what cannot be guessed.

    ``error_cm`` is the RMS distance between the two-link arm and the model, ``idle`` are muscles that the joint angles
    do not move.
    """

    based_on: Shipped
    names: tuple[str | None, ...]
    points: dict[str, str | None]
    signs: tuple[int, ...] = (1, 1, 1, 1)
    error_cm: float | None = None
    idle: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        angles = [angle for angle, name in zip(ANGLES[self.based_on], self.names, strict=True) if name is None]
        return angles + [f"place of the {joint}" for joint, name in self.points.items() if name is None]


def guess(outline: Outline) -> Guess:
    """Joint angles by their names, points by what these angles move, signs by where the hand goes."""
    found: dict[Shipped, tuple[str | None, ...]] = {arm: _match(names, outline.angles) for arm, names in _NAMES.items()}
    based_on: Shipped = max(found, key=lambda arm: sum(name is not None for name in found[arm]))
    names = found[based_on]
    points = _points_of(outline, names, based_on)
    known = [name for name in names if name is not None]
    if len(known) < len(names):
        return Guess(based_on, names, points)
    engine = EngineSettings(outline.path, tuple(known), tuple(outline.wraps), length_kind="path").load()
    lower, upper = np.clip([(outline.angles[name].lower, outline.angles[name].upper) for name in known], -180, 180).T
    spans = find_groups(engine, lower, upper).spans
    idle = tuple(muscle for place, muscle in enumerate(outline.wraps) if not spans[:, place].any())
    signs = [
        signs
        for signs in product((1, -1), repeat=4)
        if all(limits(outline, based_on, joint, name, signs[joint]) for joint, name in enumerate(known))
    ]
    if not signs or None in points.values():
        return Guess(based_on, names, points, (signs or [(1, 1, 1, 1)])[0], None, idle)
    postures = seeds.generator(0, "draft").uniform(lower, upper, (_POSTURES, 4))
    errors = _errors(engine, postures, based_on, [str(name) for name in points.values()], signs)
    best = int(np.argmin(errors))
    return Guess(based_on, names, points, signs[best], float(errors[best]), idle)


def _match(patterns: Sequence[str], names: Iterable[str]) -> tuple[str | None, ...]:
    """For each pattern the first of the names that fits it, of the right side where there are two."""
    left: list[str] = sorted(names, key=lambda name: name.lower().endswith(("_l", "left")))
    found = []
    for pattern in patterns:
        found.append(next((name for name in left if re.search(pattern, name, re.IGNORECASE)), None))
        left = [name for name in left if name != found[-1]]
    return tuple(found)


def _points_of(outline: Outline, names: Sequence[str | None], based_on: Shipped) -> dict[str, str | None]:
    """Those of the shipped arm where the model has them all, else what the angles move."""
    shipped = choose(based_on).points.model_dump()
    if set(shipped.values()) <= {*outline.bodies, *outline.markers}:
        return shipped
    third, elbow = names[2:]
    points = {
        "shoulder": outline.angles[third].moves if third else None,
        "elbow": outline.angles[elbow].moves if elbow else None,
    }
    for joint, pattern in _PLACES.items():
        if points.get(joint) is None:
            free = [name for name in outline.bodies + outline.markers if name not in points.values()]
            points[joint] = _match([pattern], free)[0]
    return points


def limits(outline: Outline, based_on: Shipped, joint: int, name: str, sign: int) -> tuple[float, float] | None:
    """Limits of a joint in the sign of the profile, cut to what a profile can hold; None if less than half is left."""
    angle = outline.angles[name]
    ends = sorted((sign * angle.lower, sign * angle.upper))
    lowest, highest = _WITHIN[based_on].get(joint, (-180, 180))
    lower, upper = max(ends[0], lowest), min(ends[1], highest)
    return (lower, upper) if upper - lower > 0.5 * min(ends[1] - ends[0], highest - lowest) else None


def _errors(
    engine: MuscleEngine, postures: np.ndarray, based_on: Shipped, points: Sequence[str], signs: Sequence[Sequence[int]]
) -> list[float]:
    """RMS distance (cm) of elbow and hand between model and two-link arm, turned to fit best, for each of the signs."""
    seen = []
    for posture in postures:
        engine.path_lengths(posture[None])  # brings the model into the posture
        places = places_of(engine._model, engine._state)
        seen.append([places[point] for point in points])
    shoulder, elbow, hand = np.moveaxis(np.array(seen), 1, 0)
    links = np.linalg.norm([elbow - shoulder, hand - elbow], axis=-1).mean(axis=1)
    profile = choose(based_on).model_copy(update={"upper_arm_cm": links[0], "forearm_cm": links[1]})
    model = np.concatenate([elbow - shoulder, hand - shoulder])
    errors = []
    for sign in signs:
        angles = postures * sign
        ours = np.concatenate([elbow_position(profile, angles), hand_position(profile, angles)])
        turned = Rotation.align_vectors(model, ours)[0].apply(ours)
        errors.append(float(np.sqrt(((turned - model) ** 2).sum(axis=1).mean())))
    return errors


def places_of(model: Any, state: Any) -> dict[str, np.ndarray]:
    """Places of all bodies (their origins) and markers of a model of OpenSim in the ground: cm, (3,)."""
    places = {body.getName(): body.getPositionInGround(state) for body in _members(model.getBodySet())}
    places |= {marker.getName(): marker.getLocationInGround(state) for marker in _members(model.getMarkerSet())}
    return {name: 100 * place.to_numpy() for name, place in places.items()}


def _members(group: Any) -> list[Any]:
    return [group.get(i) for i in range(group.getSize())]
