"""The bones of an OpenSim model: motion of all its coordinates from a few joint angles, every force but gravity off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from proprionet.arm.opensim_model import couplers, free_coordinate, initialise, open_model, remove_other_muscles
from proprionet.errors import InputError

_SCAN = 181  # places over the range of a leader at which its follower is looked at
_STRAIGHT = 1e-10  # radians or metres by which a follower may be off a straight line
_STEP = 1e-4  # radians or metres, for the slope of those that are not straight
_WIDEST_M = 1.0  # radius of gyration that no part of an arm has


class Skeleton:
    """An OpenSim model without muscles and other forces, moved by some of its coordinates.

    Coordinates that follow one other (clavicle and scapula) do so, all others keep their default. Within this class
    angles are in radians, in the sign of the model, and arrays over all coordinates are in the order of its mobilities.

    Parameters
    ----------
    model_path : path of an .osim file
    coordinates : names of the coordinates that move it, all of them angles; None for every free angle.

    Attributes
    ----------
    path, model, state, bodies : the file and what OpenSim made of it; keep the skeleton as long as any is used
    coordinates : tuple of names
    placeholders : names of the bodies whose moments of inertia were set to 0, for they are not those of their mass
        (links between two joints, to which MoBL-ARMS gives 1 kg m^2 and 0.1 g)

    Raises
    ------
    InputError
        If the file is no OpenSim model, or a coordinate is not in it or is not a free angle.
    """

    def __init__(self, model_path: str | Path, coordinates: Iterable[str] | None = None):
        self.path = Path(model_path)
        self.model = open_model(self.path)
        remove_other_muscles(self.path, self.model, ())  # quicker than with muscles switched off
        forces = self.model.updForceSet()
        for i in range(forces.getSize()):
            forces.get(i).set_appliesForce(False)
        self.bodies = [self.model.getBodySet().get(i) for i in range(self.model.getBodySet().getSize())]
        self.placeholders = tuple(body.getName() for body in self.bodies if _drop_placeholder(body))
        self.state = initialise(self.path, self.model)
        names = self.model.getCoordinateNamesInMultibodyTreeOrder()
        self._places = {names.getElt(i): i for i in range(names.size())}
        self.coordinates = tuple(self._free_angles() if coordinates is None else coordinates)
        self._moving = [free_coordinate(self.path, self.model, self.state, name) for name in self.coordinates]
        self._given = [self._places[name] for name in self.coordinates]
        self._default = self.state.getQ().to_numpy()
        self._followers: list[_Follower] | None = None

    def ranges(self) -> np.ndarray:
        """Lowest and highest angle of each coordinate in the model: radians, shape (2, coordinate)."""
        return np.array([(angle.getRangeMin(), angle.getRangeMax()) for angle in self._moving]).T

    def follow(self, given: np.ndarray) -> np.ndarray:
        """Motion of all coordinates.

        Parameters
        ----------
        given : array, shape (order, time, coordinate)
            Angles and, where ``order`` is 3, their velocities and accelerations, in radians and seconds.

        Returns
        -------
        array, shape (order, time, all coordinates)

        Raises
        ------
        InputError
            If the model has constraints other than coordinates that follow one other.
        """
        motion = np.zeros((*given.shape[:2], len(self._default)))
        motion[0] = self._default
        motion[:, :, self._given] = given
        for follower in self.followers:
            leader = motion[:, :, follower.leader]
            motion[0, :, follower.place], slope, curvature = follower.derivatives(leader[0])
            motion[1:, :, follower.place] = slope * leader[1:]
            motion[2:, :, follower.place] += curvature * leader[1:2] ** 2
        return motion

    def project(self, forces: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Generalised forces on the given coordinates that do the same work as those on all of them.

        Parameters
        ----------
        forces, angles : arrays, shape (time, all coordinates)

        Returns
        -------
        array, shape (time, coordinate)
        """
        forces = forces.copy()
        for follower in reversed(self.followers):
            _, slope, _ = follower.derivatives(angles[:, follower.leader])
            forces[:, follower.leader] += slope * forces[:, follower.place]
        return forces[:, self._given]

    def take(self, angles: np.ndarray) -> None:
        """Bring the state into a posture: shape (all coordinates,)."""
        self.state.setQ(opensim.Vector.createFromMat(angles))
        self.model.realizePosition(self.state)

    def angles(self) -> np.ndarray:
        """The angles of the given coordinates in the state."""
        return self.state.getQ().to_numpy()[self._given]

    def lock_others(self) -> None:
        """Hold what is free but not given where it is."""
        for name in self._places.keys() - set(self.coordinates):
            coordinate = self._coordinate(name)
            if not coordinate.isConstrained(self.state):
                coordinate.setLocked(self.state, True)

    def _coordinate(self, name: str) -> Any:
        return self.model.getCoordinateSet().get(name)

    def _free_angles(self) -> list[str]:
        found = [(name, self._coordinate(name)) for name in self._places]
        distance = opensim.Coordinate.Translational
        return [
            name
            for name, coordinate in found
            if not coordinate.isConstrained(self.state) and coordinate.getMotionType() != distance
        ]

    @property
    def followers(self) -> list["_Follower"]:
        """Coordinates that follow one other, leaders first; InputError if the model has constraints of another kind."""
        if self._followers is None:
            rules = couplers(self.model)
            if rules is None:
                raise InputError(
                    f"{self.path}: a constraint of the model is not a coordinate that follows one other; "
                    "free the model of it"
                )
            self._followers = [
                _Follower.of(self._places[follower.getName()], self._places[leader.getName()], leader, position)
                for follower, leader, position in rules
            ]
        return self._followers


def _drop_placeholder(body: Any) -> bool:
    moments = body.getInertia().getMoments()
    if max(moments.get(axis) for axis in range(3)) <= body.getMass() * _WIDEST_M**2:
        return False
    body.set_inertia(opensim.Vec6(0))
    return True


@dataclass(frozen=True)
class _Follower:
    """The coordinate at ``place`` is a function of the one at ``leader``; ``line`` is that of the leader's range."""

    place: int
    leader: int
    position: Callable[[float], float]
    line: np.ndarray | None
    line_range: tuple[float, float]

    @classmethod
    def of(cls, place: int, leader: int, coordinate: Any, position: Callable[[float], float]) -> "_Follower":
        ends = coordinate.getRangeMin(), coordinate.getRangeMax()
        scan = np.linspace(*ends, _SCAN)
        values = np.array([position(x) for x in scan])
        line = np.array([(values[-1] - values[0]) / (ends[1] - ends[0] or 1.0), values[0]])
        straight = np.abs(np.polyval(line, scan - ends[0]) - values).max() < _STRAIGHT
        return cls(place, leader, position, line if straight else None, ends)

    def derivatives(self, leader: np.ndarray) -> np.ndarray:
        """Position, and its first and second derivative by that of the leader: shape (3, time)."""
        lowest, highest = self.line_range
        if self.line is not None and ((leader >= lowest) & (leader <= highest)).all():
            slope = np.full_like(leader, self.line[0])
            return np.stack([np.polyval(self.line, leader - lowest), slope, np.zeros_like(leader)])
        places, back = np.unique(leader, return_inverse=True)  # a leader at rest is asked for once
        before, here, after = (np.array([self.position(x + step) for x in places]) for step in (-_STEP, 0, _STEP))
        found = np.stack([here, (after - before) / (2 * _STEP), (after - 2 * here + before) / _STEP**2])
        return found[:, back]
