"""Exact muscle lengths of an OpenSim arm model (OpenSim 4.6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import opensim

from proprionet.arm.fetch import is_reference_model
from proprionet.arm.opensim_model import (
    couplers,
    free_coordinate,
    initialise,
    open_model,
    remove_other_muscles,
    remove_wrap,
)
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError

LengthKind = Literal["fibre", "path", "fibre_tendon"]
Geometry = Literal["patched", "raw"]
_Measure = Callable[[Any], float]

_SHORTEST_M, _LONGEST_M = 1e-3, 3.0  # muscle path at the default posture
_SCAN = 361  # places over the range of a coordinate at which its followers are looked at
_STRAIGHT = 1e-10  # radians or metres by which they may be off a straight line


@dataclass(frozen=True)
class EngineSettings:
    """All that makes a muscle engine. OpenSim models do not pickle, so every worker process loads its own from this.

    ``length_kind`` is "fibre" (in equilibrium with the tendon, as in Sandbrink et al. 2023), "fibre_tendon" (fibre and
    tendon in equilibrium, one behind the other, as in Marin Vargas et al. 2024) or "path" (the way of the muscle from
    end to end, shorter than these where the fibres are pennate). Angle of the model = sign * joint angle given.
    """

    model_path: Path
    coordinates: tuple[str, ...]
    muscles: tuple[str, ...]
    patches: tuple[tuple[str, str], ...] = ()
    length_kind: LengthKind = "fibre"
    signs: tuple[int, ...] = (1, 1, 1, 1)

    @classmethod
    def of(
        cls, profile: ArmProfile, model_path: Path, geometry: Geometry = "patched", length_kind: LengthKind = "fibre"
    ) -> "EngineSettings":
        """Settings of an arm, with its muscle paths as in the file (raw) or without the wraps of its patch list."""
        patches = profile.patches if geometry == "patched" else ()
        return cls(model_path, profile.coordinates, profile.muscles, patches, length_kind, profile.model_signs)

    def load(self) -> "MuscleEngine":
        """Load the model; for errors see :class:`MuscleEngine`."""
        return MuscleEngine(self.model_path, self.coordinates, self.muscles, self.patches, self.length_kind, self.signs)


class MuscleEngine:
    """Muscle lengths of an OpenSim model for given joint angles, a function of the posture alone.

    They equal those of the model assembled by OpenSim at every frame, faster: other muscles are removed, and
    coordinates that follow one other (clavicle and scapula) are set from their coupling function; where these functions
    are straight lines over the ranges of the model, all coordinates are set at once. A model with constraints of
    another kind is assembled; there the same call gives the same bits, other orders agree to 1e-6 mm.

    Parameters
    ----------
    model_path : path of an .osim file
    coordinates : names of the coordinates that are given as joint angles; all others keep their default.
    muscles : names of the muscles, in the order wanted.
    patches : (muscle, wrap object) pairs to leave out of the muscles' paths.
    length_kind : what :meth:`lengths` gives, "fibre", "path" or "fibre_tendon".
    signs : +1 or -1 for each coordinate, angle of the model = sign * joint angle given; all +1 if not given.

    Attributes
    ----------
    ignored_patches : tuple of those pairs of the chosen muscles that the model does not have.

    Raises
    ------
    InputError
        If the file is no OpenSim model, or one in other units than metres, or a coordinate or muscle is not in it or
        cannot be used; for the reference arm also if a patch is not in it.
    """

    def __init__(
        self,
        model_path: str | Path,
        coordinates: Iterable[str],
        muscles: Iterable[str],
        patches: Iterable[tuple[str, str]] = (),
        length_kind: LengthKind = "fibre",
        signs: Iterable[int] | None = None,
    ):
        coordinates, muscles, path = tuple(coordinates), tuple(muscles), Path(model_path)
        model = open_model(path)
        remove_other_muscles(path, model, muscles)
        self.length_kind: LengthKind = length_kind
        self.ignored_patches = tuple(pair for pair in patches if pair[0] in muscles and not remove_wrap(model, *pair))
        if self.ignored_patches and is_reference_model(path):
            muscle, wrap = self.ignored_patches[0]
            raise InputError(f"{path}: muscle '{muscle}' has no wrap object '{wrap}' that its patch could leave out")
        self._model = model
        self._state = initialise(path, model)
        self._coordinates = [free_coordinate(path, model, self._state, name) for name in coordinates]
        self._signs = np.ones(len(coordinates)) if signs is None else np.array([*signs], float)
        self._couplers = couplers(model)
        self._muscles = [model.getMuscles().get(name) for name in muscles]
        self._default_position = opensim.Vector(self._state.getQ())
        self._default_muscle_state = opensim.Vector(self._state.getZ())
        self._measures: dict[LengthKind, _Measure] = {
            "fibre": self._fibre_length,
            "path": self._path_length,
            "fibre_tendon": self._fibre_tendon_length,
        }
        self._check_paths(path)
        self._straight = self._find_straight()

    def lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Lengths of every muscle, of the kind ``length_kind``.

        Parameters
        ----------
        joint_angles : array, shape (time, coordinate)
            Degrees, in the order of ``coordinates``; they may lie outside the ranges of the model.

        Returns
        -------
        array, shape (time, muscle)
            mm; NaN where a joint angle is NaN or OpenSim finds no path or no equilibrium. Fibre and tendon are in
            equilibrium at the model's default activation.
        """
        return self._measure(joint_angles, self._measures[self.length_kind], self._muscles)

    def path_lengths(self, joint_angles: np.ndarray, columns: Iterable[int] | None = None) -> np.ndarray:
        """Path lengths, whatever the ``length_kind``; of those muscles alone whose places ``columns`` names."""
        chosen = self._muscles if columns is None else [self._muscles[column] for column in columns]
        return self._measure(joint_angles, self._path_length, chosen)

    def fibre_lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Fibre lengths, whatever the ``length_kind``."""
        return self._measure(joint_angles, self._fibre_length, self._muscles)

    def lengths_on_paths(self, path_lengths: np.ndarray) -> np.ndarray:
        """Lengths of the kind ``length_kind`` that muscles have when their paths have given lengths.

        Parameters
        ----------
        path_lengths : array, shape (length, muscle)
            mm.

        Returns
        -------
        array, shape (length, muscle)
            mm; NaN where OpenSim finds no equilibrium.

        Raises
        ------
        InputError
            If the path of a muscle is not one of points and wrap objects.
        """
        state, lengths = self._state, np.full(np.shape(path_lengths), np.nan)
        self._take(np.array([coordinate.getDefaultValue() for coordinate in self._coordinates]))
        for column, muscle in enumerate(self._muscles):
            path = opensim.GeometryPath.safeDownCast(muscle.updPath())
            if path is None:
                raise InputError(
                    f"muscle '{muscle.getName()}' has no path of points and wrap objects that can be tabulated"
                )
            muscle.getLength(state)  # only a length that is known can be replaced
            for row, length in enumerate(1e-3 * path_lengths[:, column]):
                state.setZ(self._default_muscle_state)
                path.setLength(state, float(length))
                lengths[row, column] = 1e3 * self._measures[self.length_kind](muscle)
        return lengths

    def _measure(self, joint_angles: np.ndarray, length_of: _Measure, muscles: list[Any]) -> np.ndarray:
        if self._couplers is None:
            self._state = self._model.initSystem()  # the assembly solver remembers what it did before
        lengths = np.full((len(joint_angles), len(muscles)), np.nan)
        for t, posture in enumerate(self._signs * np.radians(joint_angles)):
            if np.isfinite(posture).all() and self._take(posture):
                lengths[t] = [length_of(muscle) for muscle in muscles]
        return 1e3 * lengths

    def _take(self, posture: np.ndarray) -> bool:
        """Bring the model into a posture (radians); False if OpenSim cannot assemble it."""
        state = self._state
        state.setZ(self._default_muscle_state)  # so that no fibre length depends on the posture before
        try:
            if self._straight is not None and self._straight.covers(posture):
                state.setQ(opensim.Vector.createFromMat(self._straight.position(posture)))
            else:
                self._follow(posture)
            self._model.realizePosition(state)
        except RuntimeError:
            return False
        return True

    def _follow(self, posture: np.ndarray) -> None:
        """Set the given coordinates, and bring all others where the constraints want them."""
        state = self._state
        state.setQ(self._default_position)
        for coordinate, angle in zip(self._coordinates, posture, strict=True):
            coordinate.setValue(state, float(angle), False)
        if self._couplers is None:
            self._assemble()
        for follower, leader, position in self._couplers or ():
            follower.setValue(state, position(leader.getValue(state)), False)

    def _assemble(self) -> None:
        """Let OpenSim satisfy the constraints by moving the coordinates that are not given."""
        for coordinate in self._coordinates:
            coordinate.setLocked(self._state, True)
        try:
            self._model.assemble(self._state)
        finally:
            for coordinate in self._coordinates:
                coordinate.setLocked(self._state, False)

    def _find_straight(self) -> "_Straight | None":
        """The straight lines along which the model moves within the ranges of its coordinates; None where it does not.

        Every coordinate follows one other, so that it is enough to move one given coordinate at a time.
        """
        if self._couplers is None:
            return None
        if not self._couplers:  # straight everywhere; any two postures give the lines
            lower, upper = -np.ones(len(self._coordinates)), np.ones(len(self._coordinates))
        else:
            lower = np.array([coordinate.getRangeMin() for coordinate in self._coordinates])
            upper = np.array([coordinate.getRangeMax() for coordinate in self._coordinates])
        if not (np.isfinite(upper - lower) & (lower < upper)).all():
            return None
        slopes = []
        for joint, (low, high) in enumerate(zip(lower, upper, strict=True)):
            postures = np.tile(lower, (_SCAN, 1))
            postures[:, joint] = np.linspace(low, high, _SCAN)
            positions = np.array([self._position(posture) for posture in postures])
            slopes.append((positions[-1] - positions[0]) / (high - low))
            straight = positions[0] + np.outer(postures[:, joint] - low, slopes[-1])
            if np.abs(positions - straight).max() > _STRAIGHT:
                return None
        slopes = np.array(slopes).T
        offset = self._position(lower) - slopes @ lower
        beyond = np.inf if not self._couplers else 0
        return _Straight((lower - beyond).tolist(), (upper + beyond).tolist(), offset, slopes)

    def _position(self, posture: np.ndarray) -> np.ndarray:
        self._follow(posture)
        return self._state.getQ().to_numpy().copy()

    def _check_paths(self, model_path: Path) -> None:
        """Make sure that every muscle has a sensible path at the default posture."""
        self._model.realizePosition(self._state)
        for muscle in self._muscles:
            length = self._path_length(muscle)
            if not np.isfinite(length):
                raise InputError(
                    f"{model_path}: muscle '{muscle.getName()}' has no finite length at the default posture; "
                    "look at its path points and wrap objects"
                )
            if not _SHORTEST_M <= length <= _LONGEST_M:
                raise InputError(
                    f"{model_path}: muscle '{muscle.getName()}' is {length:.3g} m long at the default posture; "
                    "is the model in metres?"
                )

    def _path_length(self, muscle: Any) -> float:
        return muscle.getLength(self._state)

    def _fibre_length(self, muscle: Any) -> float:
        return muscle.getFiberLength(self._state) if self._equilibrate(muscle) else np.nan

    def _fibre_tendon_length(self, muscle: Any) -> float:
        if not self._equilibrate(muscle):
            return np.nan
        return muscle.getFiberLength(self._state) + muscle.getTendonLength(self._state)

    def _equilibrate(self, muscle: Any) -> bool:
        """Bring the fibres of a muscle into equilibrium with its tendon; False if there is none."""
        try:
            if not np.isfinite(muscle.getLength(self._state)):
                return False
            muscle.computeEquilibrium(self._state)
        except RuntimeError:
            return False
        return True


@dataclass(frozen=True)
class _Straight:
    """Positions of all coordinates of a model, linear in the posture (radians) between ``lower`` and ``upper``."""

    lower: list[float]
    upper: list[float]
    offset: np.ndarray
    slopes: np.ndarray

    def covers(self, posture: np.ndarray) -> bool:
        return all(low <= angle <= high for low, angle, high in zip(self.lower, posture, self.upper, strict=True))

    def position(self, posture: np.ndarray) -> np.ndarray:
        return self.offset + self.slopes @ posture
