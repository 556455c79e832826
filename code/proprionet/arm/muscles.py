"""Exact muscle lengths of an OpenSim arm model (OpenSim 4.6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Literal

import numpy as np
import opensim

from proprionet.arm.fetch import is_reference_model
from proprionet.arm.model_file import check_model_file
from proprionet.arm.profiles import ArmProfile
from proprionet.config import nearest
from proprionet.errors import InputError

LengthKind = Literal["fibre", "path"]
Geometry = Literal["patched", "raw"]

opensim.Logger.setLevelString("off")  # missing bone meshes and upgrades of old files do not concern lengths
opensim.Logger.removeFileSink()  # opensim.log in the working folder


@dataclass(frozen=True)
class EngineSettings:
    """All that makes a muscle engine. OpenSim models do not pickle, so every worker process loads its own from this.

    ``length_kind`` is "fibre" (in equilibrium with the tendon, as in Sandbrink et al. 2023) or "path" (the muscle with
    its tendon).
    """

    model_path: Path
    coordinates: tuple[str, ...]
    muscles: tuple[str, ...]
    patches: tuple[tuple[str, str], ...] = ()
    length_kind: LengthKind = "fibre"

    @classmethod
    def of(
        cls, profile: ArmProfile, model_path: Path, geometry: Geometry = "patched", length_kind: LengthKind = "fibre"
    ) -> "EngineSettings":
        """Settings of an arm, with its muscle paths as in the file (raw) or without the wraps of its patch list."""
        patches = profile.patches if geometry == "patched" else ()
        return cls(model_path, profile.coordinates, profile.muscles, patches, length_kind)

    def load(self) -> "MuscleEngine":
        """Load the model; for errors see :class:`MuscleEngine`."""
        return MuscleEngine(self.model_path, self.coordinates, self.muscles, self.patches, self.length_kind)


class MuscleEngine:
    """Muscle lengths of an OpenSim model for given joint angles, a function of the posture alone.

    They equal those of the model assembled by OpenSim at every frame, faster: other muscles are removed, and
    coordinates that follow one other (clavicle and scapula) are set from their coupling function. A model with
    constraints of another kind is assembled; there the same call gives the same bits, other orders agree to 1e-6 mm.
    Once another model has been used in the same process, the last bits may differ: use one model a process.

    Parameters
    ----------
    model_path : path of an .osim file
    coordinates : names of the coordinates that are given as joint angles; all others keep their default.
    muscles : names of the muscles, in the order wanted.
    patches : (muscle, wrap object) pairs to leave out of the muscles' paths.
    length_kind : what :meth:`lengths` gives, "fibre" or "path".

    Attributes
    ----------
    ignored_patches : tuple of those pairs of the chosen muscles that the model does not have.

    Raises
    ------
    InputError
        If the file is no OpenSim model, or a coordinate or muscle is not in it or cannot be used; for the reference
        arm also if a patch is not in it.
    """

    def __init__(
        self,
        model_path: str | Path,
        coordinates: Iterable[str],
        muscles: Iterable[str],
        patches: Iterable[tuple[str, str]] = (),
        length_kind: LengthKind = "fibre",
    ):
        muscles, path = tuple(muscles), Path(model_path)
        model = _open(path)
        _remove_other_muscles(path, model, muscles)
        self.length_kind: LengthKind = length_kind
        self.ignored_patches = tuple(pair for pair in patches if pair[0] in muscles and not _remove_wrap(model, *pair))
        if self.ignored_patches and is_reference_model(path):
            muscle, wrap = self.ignored_patches[0]
            raise InputError(f"{path}: muscle '{muscle}' has no wrap object '{wrap}' that its patch could leave out")
        self._model = model
        self._state = _initialise(path, model)
        self._coordinates = [_free_coordinate(path, model, self._state, name) for name in coordinates]
        self._couplers = _couplers(model)
        self._muscles = [model.getMuscles().get(name) for name in muscles]
        self._default_position = opensim.Vector(self._state.getQ())
        self._default_muscle_state = opensim.Vector(self._state.getZ())

    def lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Fibre or path lengths, by ``length_kind``: mm, shape (time, muscle)."""
        return self.fibre_lengths(joint_angles) if self.length_kind == "fibre" else self.path_lengths(joint_angles)

    def path_lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Length of every muscle with its tendon.

        Parameters
        ----------
        joint_angles : array, shape (time, coordinate)
            Degrees, in the order of ``coordinates``; they may lie outside the ranges of the model.

        Returns
        -------
        array, shape (time, muscle)
            mm; NaN where a joint angle is NaN or OpenSim finds no path.
        """
        return self._measure(joint_angles, lambda muscle: muscle.getLength(self._state))

    def fibre_lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Length of the fibres of every muscle in equilibrium with its tendon, at the model's default activation.

        Parameters
        ----------
        joint_angles : array, shape (time, coordinate)
            Degrees, in the order of ``coordinates``; they may lie outside the ranges of the model.

        Returns
        -------
        array, shape (time, muscle)
            mm; NaN where a joint angle is NaN or OpenSim finds no path or no equilibrium.
        """
        return self._measure(joint_angles, self._fibre_length)

    def _measure(self, joint_angles: np.ndarray, length_of: Callable[[Any], float]) -> np.ndarray:
        if self._couplers is None:
            self._state = self._model.initSystem()  # the assembly solver remembers what it did before
        lengths = np.full((len(joint_angles), len(self._muscles)), np.nan)
        for t, posture in enumerate(np.radians(joint_angles)):
            if np.isfinite(posture).all() and self._take(posture):
                lengths[t] = [length_of(muscle) for muscle in self._muscles]
        return 1e3 * lengths

    def _take(self, posture: np.ndarray) -> bool:
        """Bring the model into a posture (radians); False if OpenSim cannot assemble it."""
        state = self._state
        state.setQ(self._default_position)
        state.setZ(self._default_muscle_state)  # so that no fibre length depends on the posture before
        for coordinate, angle in zip(self._coordinates, posture, strict=True):
            coordinate.setValue(state, float(angle), False)
        try:
            if self._couplers is None:
                self._assemble()
            for follower, leader, position in self._couplers or ():
                follower.setValue(state, position(leader.getValue(state)), False)
            self._model.realizePosition(state)
        except RuntimeError:
            return False
        return True

    def _assemble(self) -> None:
        """Let OpenSim satisfy the constraints by moving the coordinates that are not given."""
        for coordinate in self._coordinates:
            coordinate.setLocked(self._state, True)
        try:
            self._model.assemble(self._state)
        finally:
            for coordinate in self._coordinates:
                coordinate.setLocked(self._state, False)

    def _fibre_length(self, muscle: Any) -> float:
        try:
            if not np.isfinite(muscle.getLength(self._state)):
                return np.nan
            muscle.computeEquilibrium(self._state)
            return muscle.getFiberLength(self._state)
        except RuntimeError:
            return np.nan


def _open(path: Path) -> Any:
    check_model_file(path)
    try:
        return opensim.Model(str(path))
    except RuntimeError as error:
        raise _refused(path, error) from None


def _initialise(path: Path, model: Any) -> Any:
    try:
        model.finalizeFromProperties()
        model.finalizeConnections()
        return model.initSystem()
    except RuntimeError as error:
        raise _refused(path, error) from None


def _refused(path: Path, error: RuntimeError) -> InputError:
    return InputError(f"{path}: OpenSim cannot use this model ({' '.join(str(error).split())})")


def _remove_other_muscles(path: Path, model: Any, muscles: tuple[str, ...]) -> None:
    forces = model.updForceSet()
    places = {forces.get(i).getName(): i for i in range(forces.getSize()) if opensim.Muscle.safeDownCast(forces.get(i))}
    for name in muscles:
        if name not in places:
            raise InputError(f"{path}: has no muscle '{name}'; {nearest(name, list(places))}")
    for name in reversed(places):
        if name not in muscles:
            forces.remove(places[name])


def _remove_wrap(model: Any, muscle: str, wrap: str) -> bool:
    """Leave a wrap object out of the path of a muscle; False if there is no such pair."""
    actuator = opensim.Muscle.safeDownCast(model.updForceSet().get(muscle))
    path = opensim.GeometryPath.safeDownCast(actuator.updPath())
    if path is None:  # a path of polynomials wraps around nothing
        return False
    wraps = path.updWrapSet()
    for i in range(wraps.getSize()):
        if wraps.get(i).getWrapObjectName() == wrap:
            wraps.remove(i)
            return True
    return False


def _free_coordinate(path: Path, model: Any, state: Any, name: str) -> Any:
    """A coordinate that may be given as a joint angle."""
    coordinates = model.getCoordinateSet()
    if not coordinates.contains(name):
        known = [coordinates.get(i).getName() for i in range(coordinates.getSize())]
        raise InputError(f"{path}: has no coordinate '{name}'; {nearest(name, known)}")
    coordinate = coordinates.get(name)
    if coordinate.isConstrained(state):
        raise InputError(
            f"{path}: coordinate '{name}' is not free (it is locked, prescribed or follows another); free it"
        )
    if coordinate.getMotionType() == opensim.Coordinate.Translational:
        raise InputError(f"{path}: coordinate '{name}' is a distance; expected a joint angle")
    return coordinate


def _couplers(model: Any) -> list[tuple[Any, Any, Callable[[float], float]]] | None:
    """Coordinates that follow one other: (follower, leader, position of the follower), leaders first.

    None if the model has a constraint of another kind.
    """
    constraints, coordinates = model.getConstraintSet(), model.getCoordinateSet()
    rules = {}
    for constraint in (constraints.get(i) for i in range(constraints.getSize())):
        if not constraint.get_isEnforced():
            continue
        coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if not coupler or coupler.getIndependentCoordinateNames().getSize() != 1:
            return None
        rules[coupler.getDependentCoordinateName()] = coupler.getIndependentCoordinateNames().get(0), _position(coupler)
    order = TopologicalSorter({follower: [leader] for follower, (leader, _) in rules.items()}).static_order()
    return [(coordinates.get(name), coordinates.get(rules[name][0]), rules[name][1]) for name in order if name in rules]


def _position(coupler: Any) -> Callable[[float], float]:
    scale = opensim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
    function = coupler.getFunction()
    return lambda leader: scale * function.calcValue(opensim.Vector(1, leader))
