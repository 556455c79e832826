"""Opening an OpenSim model, taking out what is not needed, and finding what is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opensim

from proprionet.arm.model_file import check_model_file
from proprionet.config import nearest
from proprionet.errors import InputError

opensim.Logger.setLevelString("off")  # missing bone meshes and upgrades of old files do not concern lengths
opensim.Logger.removeFileSink()  # opensim.log in the working folder


def open_model(path: Path) -> Any:
    """The model in a file, not yet initialised; InputError if OpenSim cannot use it."""
    check_model_file(path)
    try:
        with _defaults_kept(path):
            model = opensim.Model(str(path))
    except RuntimeError as error:
        raise _refused(path, error) from None
    if (unit := model.getLengthUnits().getLabel()) != "meters":
        raise InputError(f"{path}: its lengths are in {unit}, expected meters")
    return model


@contextmanager
def _defaults_kept(path: Path) -> Iterator[None]:
    """Keep what a model file sets as defaults to that model.

    OpenSim takes the ``<defaults>`` of a file, such as the tendon curve of a kind of muscle, for the whole process, so
    that a model opened later would get other fibre lengths (by up to 0.4 mm) than in a process of its own.
    """
    kinds = {element.tag for defaults in ElementTree.parse(path).iter("defaults") for element in defaults}
    before = [opensim.OpenSimObject.getDefaultInstanceOfType(kind) for kind in sorted(kinds)]
    copies = [default.clone() for default in before if default is not None]
    try:
        yield
    finally:
        for copy in copies:
            opensim.OpenSimObject.registerType(copy)


def initialise(path: Path, model: Any) -> Any:
    """Default state of a model that was opened and perhaps changed; InputError if OpenSim cannot use it."""
    try:
        model.finalizeFromProperties()
        model.finalizeConnections()
        return model.initSystem()
    except RuntimeError as error:
        raise _refused(path, error) from None


def _refused(path: Path, error: RuntimeError) -> InputError:
    return InputError(f"{path}: OpenSim cannot use this model ({' '.join(str(error).split())})")


def remove_other_muscles(path: Path, model: Any, muscles: tuple[str, ...]) -> None:
    """Leave out all muscles but these; InputError names the first that is not there."""
    forces = model.updForceSet()
    places = {forces.get(i).getName(): i for i in range(forces.getSize()) if opensim.Muscle.safeDownCast(forces.get(i))}
    for name in muscles:
        if name not in places:
            raise InputError(f"{path}: has no muscle '{name}'; {nearest(name, list(places))}")
    for name in reversed(places):
        if name not in muscles:
            forces.remove(places[name])


def remove_wrap(model: Any, muscle: str, wrap: str) -> bool:
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


def free_coordinate(path: Path, model: Any, state: Any, name: str) -> Any:
    """A coordinate that may be given as a joint angle; InputError if there is none, or it is not free."""
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


def couplers(model: Any) -> list[tuple[Any, Any, Callable[[float], float]]] | None:
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
        leader = coupler.getIndependentCoordinateNames().get(0)
        rules[coupler.getDependentCoordinateName()] = leader, _position_of_follower(coupler)
    order = TopologicalSorter({follower: [leader] for follower, (leader, _) in rules.items()}).static_order()
    return [(coordinates.get(name), coordinates.get(rules[name][0]), rules[name][1]) for name in order if name in rules]


def _position_of_follower(coupler: Any) -> Callable[[float], float]:
    scale = opensim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
    function = coupler.getFunction()
    return lambda leader: scale * function.calcValue(opensim.Vector(1, leader))
