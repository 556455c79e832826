"""Arm profiles: everything that makes one arm different from another, besides its OpenSim model."""

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from proprionet.config import Section, check, nearest, read_yaml
from proprionet.errors import InputError

Angles = tuple[float, float, float, float]
Sign = Literal[-1, 1]
Shipped = Literal["human", "macaque"]
Limits = Literal["profile", "model"]

SHIPPED: tuple[Shipped, ...] = ("human", "macaque")
_FOLDER = Path(__file__).parent / "shipped"
_OWN = ("name", "licence", "citation", "model_source")  # what an arm does not take over from the one it is based on
_LINK_CM = (3.0, 100.0)  # shortest and longest upper arm or forearm that a model in metres can have
_DOMAIN = {  # of the angles; beyond it the same posture has other angles
    "plane_elevation_rotation": ((-np.inf, np.inf), (0, 180), (-np.inf, np.inf), (0, 180)),
    "flexion_adduction_rotation": ((-np.inf, np.inf), (-np.inf, np.inf), (-90, 90), (0, 180)),
}


class Points(Section):
    """Where shoulder, elbow and hand are in the model: each a marker, or a body (its origin)."""

    shoulder: str | None = None
    elbow: str | None = None
    hand: str | None = None


class Workspace(Section):
    """Where it is tried whether a letter fits; see :mod:`proprionet.arm.start_points`."""

    spacing_cm: float = Field(gt=0, description="spacing of the grid of candidate places")
    left_and_up: float = Field(ge=0, le=1, description="how far the grid goes to the left and up, in arm lengths")
    corner_cm: float = Field(gt=0, description="how far off, along both axes, the corners tried first are")
    square_cm: tuple[int, int] = Field(description="lowest and highest offset of the places tried then, 1 cm apart")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        lowest, highest = self.square_cm
        if lowest > highest:
            raise ValueError(f"square_cm: its lowest offset, {lowest}, is above its highest, {highest}")
        return self


class Kinematics(Section):
    """What the reach of an arm depends on: the shape of an arm profile, and all that is left of it in a file."""

    shoulder: Literal["plane_elevation_rotation", "flexion_adduction_rotation"]
    upper_arm_cm: float | None = Field(gt=0, description="shoulder to elbow; null: measured from the model")
    forearm_cm: float | None = Field(gt=0, description="elbow to hand; null: measured from the model")
    lower_limit_deg: Angles
    upper_limit_deg: Angles


class ArmProfile(Kinematics):
    """A right arm of two links and four joint angles, and the part of its OpenSim model that is used.

    What the four angles are is said by ``shoulder``; see :mod:`proprionet.arm.kinematics`:

    * ``plane_elevation_rotation``: plane of elevation (0 is sideways, 90 is forward), elevation and axial rotation of
      the shoulder, flexion of the elbow;
    * ``flexion_adduction_rotation``: flexion, adduction and rotation of the shoulder, flexion of the elbow.

    What is not given is that of the arm named by ``based_on``, apart from name, licence and citation.
    """

    based_on: Shipped = Field(default="human", description="shipped arm that gives what is not given here")
    name: str = Field(min_length=1)
    licence: str = Field(default="", description="terms of the model")
    citation: str = Field(default="", description="works to cite")
    model_source: str = Field(default="", description="how to get the model")
    points: Points
    coordinates: tuple[str, str, str, str] = Field(description="names in the model, in the order of the angles")
    model_signs: tuple[Sign, Sign, Sign, Sign] = Field(description="angle of the model = sign * angle of the profile")
    start_posture_deg: Angles = Field(description="posture before a movement")
    muscles: tuple[str, ...] = Field(min_length=1, description="names, in the order of files")
    patches: tuple[tuple[str, str], ...] = Field(
        description="(muscle, wrap object) pairs that patched muscle geometry leaves out"
    )
    arm_mass_kg: float | None = Field(
        default=None, gt=0, description="mass that torques are scaled to; null: that of the moving bodies of the model"
    )
    time_step_s: float = Field(gt=0, description="time between the samples of a movement")
    letter_cm: float = Field(gt=0, description="side of the box of a letter of size 1")
    workspace: Workspace

    @model_validator(mode="before")
    @classmethod
    def _take_over(cls, given: Any) -> Any:
        """Fill in what is not given from the arm that this one is based on."""
        if not isinstance(given, dict):
            return given
        base = given.get("based_on")
        file = _FOLDER / f"{base if base in SHIPPED else 'human'}.yaml"
        inherited = {key: value for key, value in read_yaml(file).items() if key not in _OWN}
        for section in ("points", "workspace"):
            if isinstance(part := given.get(section), dict):
                given = given | {section: inherited[section] | part}
        return inherited | given

    @model_validator(mode="after")
    def _check_angles(self) -> Self:
        angles = zip(
            self.coordinates,
            self.lower_limit_deg,
            self.upper_limit_deg,
            self.start_posture_deg,
            _DOMAIN[self.shoulder],
            strict=True,
        )
        for name, lower, upper, start, (lowest, highest) in angles:
            if not lower < upper <= lower + 360:
                raise ValueError(f"limits of {name}: {lower:g} to {upper:g} degrees is not a range within one turn")
            if lower < lowest or upper > highest:
                raise ValueError(
                    f"limits of {name}: {lower:g} to {upper:g} degrees must lie within {lowest} to {highest}"
                )
            if not lower <= start <= upper:
                raise ValueError(f"start_posture_deg: {name} {start:g} is outside its limits {lower:g} to {upper:g}")
        low, high = self.workspace.square_cm
        if self.letter_cm > high - low:
            raise ValueError(
                f"letter_cm: a letter of {self.letter_cm:g} cm does not fit the square of {high - low} cm that is "
                "tried at every place; raise workspace.square_cm and workspace.corner_cm too"
            )
        for field, names in (("coordinates", self.coordinates), ("muscles", self.muscles)):
            if unfilled := [name for name in names if name.startswith("FILL_IN")]:
                raise ValueError(f"{field}: '{unfilled[0]}' is still to be filled in")
            if repeated := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{field}: '{min(repeated)}' is there twice")
        return self


def choose(profile: str | Path | None) -> ArmProfile:
    """A shipped arm by its name (the human arm for None), or the arm in a YAML file.

    Raises
    ------
    InputError
        If it is neither the name of a shipped arm nor a good file.
    """
    name = "human" if profile is None else str(profile)
    if name in SHIPPED:
        return check(ArmProfile, read_yaml(_FOLDER / f"{name}.yaml") | {"based_on": name}, name)
    if not name.endswith((".yaml", ".yml")) and not Path(name).exists():
        raise InputError(f"arm '{name}' is not known; give one of {', '.join(SHIPPED)}, or a YAML file of your own arm")
    return read_profile(name)


def read_profile(path: str | Path) -> ArmProfile:
    """Read the profile of a user's own arm from a YAML file.

    The keys are the fields of :class:`ArmProfile`; ``name`` is needed, what else is left out is that of the arm named
    by ``based_on``, the human arm if that is not given (give ``patches: []`` for a model without its wrap objects).

    Raises
    ------
    InputError
        If the file is missing or is not YAML, or a key or value is wrong; names the file, the key and the remedy.
    """
    return check(ArmProfile, read_yaml(Path(path)), str(path))


def fitted(profile: ArmProfile, model_path: Path | None, limits: Limits = "profile") -> ArmProfile:
    """The profile with the link lengths, and if wanted the joint limits, of a model.

    Link lengths that the profile does not give are measured between its ``points`` in the model's default posture.

    Parameters
    ----------
    model_path : path of an .osim file; None is enough where nothing is taken from the model.
    limits : joint limits of the profile (as published), or the ranges of the model's coordinates, as far as the angles
        of the profile can go (an elbow does not bend backwards); the start posture is then brought into them.

    Returns
    -------
    ArmProfile
        With numbers for ``upper_arm_cm`` and ``forearm_cm``.

    Raises
    ------
    InputError
        If no model is given where one is needed; it has no such marker, body or coordinate; a coordinate is locked, a
        range is no joint limit, or a link has no length, or one that no arm in metres has.
    """
    if limits == "profile" and profile.upper_arm_cm is not None and profile.forearm_cm is not None:
        return profile
    if model_path is None:
        wanted = "joint limits" if limits == "model" else "link lengths"
        raise InputError(f"arm '{profile.name}': its {wanted} are taken from the model; give one: --model PATH.osim")
    model, state = _open(Path(model_path))
    changes = _link_lengths(profile, model, state, model_path)
    if limits == "model":
        changes |= _model_limits(profile, model, state, model_path)
    return check(ArmProfile, profile.model_dump() | changes, str(model_path))


def check_model(profile: ArmProfile, model_path: Path) -> None:
    """Make sure that a model has the coordinates of the profile, free to move, and its muscles.

    Raises
    ------
    InputError
        If the file is no model, or lacks something; names the first, with the nearest name that is there.
    """
    from proprionet.arm.opensim_model import free_coordinate

    model, state = _open(Path(model_path))
    for name in profile.coordinates:
        free_coordinate(model_path, model, state, name)
    muscles = model.getMuscles()
    known = [muscles.get(i).getName() for i in range(muscles.getSize())]
    for name in profile.muscles:
        if name not in known:
            raise InputError(f"{model_path}: has no muscle '{name}'; {nearest(name, known)}")


def kinematics_of(profile: ArmProfile) -> dict[str, Any]:
    """What the reach of an arm depends on, as JSON can hold it: two arms with the same have the same start points."""
    return profile.model_dump(mode="json", include=set(Kinematics.model_fields))


def _open(path: Path) -> tuple[Any, Any]:
    """An OpenSim model and its default state."""
    from proprionet.arm.opensim_model import initialise, open_model

    model = open_model(path)
    state = initialise(path, model)
    model.realizePosition(state)
    return model, state


def _link_lengths(profile: ArmProfile, model: Any, state: Any, path: Path) -> dict[str, float]:
    """Those link lengths, in cm, that the profile does not give."""
    links = {"upper_arm_cm": ("shoulder", "elbow"), "forearm_cm": ("elbow", "hand")}
    measured = {}
    for link, ends in links.items():
        if getattr(profile, link) is not None:
            continue
        start, end = (_position(profile, joint, model, state, path) for joint in ends)
        length = 100 * float(np.linalg.norm(end - start))
        if length == 0:
            raise InputError(f"{path}: {' and '.join(ends)} are at the same place; name others under 'points'")
        if not _LINK_CM[0] <= length <= _LINK_CM[1]:
            raise InputError(f"{path}: {ends[0]} and {ends[1]} are {length:.3g} cm apart; is the model in metres?")
        measured[link] = round(length, 6)
    return measured


def _position(profile: ArmProfile, joint: str, model: Any, state: Any, path: Path) -> np.ndarray:
    """Place of a marker, or of the origin of a body, in the ground (m)."""
    name = getattr(profile.points, joint)
    if name is None:
        raise InputError(f"arm '{profile.name}': 'points.{joint}' is missing, so that its links cannot be measured")
    markers, bodies = model.getMarkerSet(), model.getBodySet()
    if markers.contains(name):
        return markers.get(name).getLocationInGround(state).to_numpy()
    if bodies.contains(name):
        return bodies.get(name).getPositionInGround(state).to_numpy()
    known = [part.get(i).getName() for part in (markers, bodies) for i in range(part.getSize())]
    raise InputError(f"{path}: has no marker or body '{name}' for the {joint}; {nearest(name, known)}")


def _model_limits(profile: ArmProfile, model: Any, state: Any, path: Path) -> dict[str, list[float]]:
    """Joint limits and start posture of the profile from the ranges of the model's coordinates."""
    coordinates = model.getCoordinateSet()
    ranges = []
    for name, sign, domain in zip(profile.coordinates, profile.model_signs, _DOMAIN[profile.shoulder], strict=True):
        if not coordinates.contains(name):
            known = [coordinates.get(i).getName() for i in range(coordinates.getSize())]
            raise InputError(f"{path}: has no coordinate '{name}'; {nearest(name, known)}")
        coordinate = coordinates.get(name)
        if coordinate.getLocked(state):
            raise InputError(f"{path}: coordinate '{name}' is locked, so that its range is no joint limit; free it")
        ends = np.degrees([coordinate.getRangeMin(), coordinate.getRangeMax()]).round(6)
        ranges.append(np.clip(np.sort(sign * ends), *domain).tolist())
    lower, upper = (list(ends) for ends in zip(*ranges, strict=True))
    start = np.clip(profile.start_posture_deg, lower, upper).tolist()
    return {"lower_limit_deg": lower, "upper_limit_deg": upper, "start_posture_deg": start}


HUMAN = choose("human")
