"""A tiny arm of our own, so that tests need no model of others: two coupled joints, shoulder, elbow and muscles."""

import opensim
from opensim import ArrayStr, CoordinateCouplerConstraint, Vec3

COORDINATES = ("elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion")
MUSCLES = ("DELT2", "BIClong", "BRA", "TRIlat")
PATCHES = (("TRIlat", "elbow"),)


def build(leaders: tuple[str, ...] = ("shoulder_elv",)) -> opensim.Model:
    """Clavicle and scapula follow: the scapula the clavicle, and the clavicle the first of the ``leaders``.

    A second leader is a constraint that only OpenSim's assembly can solve, though it has no effect here.
    """
    opensim.Logger.setLevelString("off")
    opensim.Logger.removeFileSink()
    model = opensim.Model()
    model.setName("tiny_arm")
    clavicle = _add(model, model.getGround(), "clavicle", Vec3(0), ["clavicle_r"])
    scapula = _add(model, clavicle, "scapula", Vec3(0, 0, 0.15), ["scapula_r"])
    humerus = _add(model, scapula, "humerus", Vec3(0, 0, 0.02), COORDINATES[:3])
    forearm = _add(model, humerus, "forearm", Vec3(0, -0.33, 0), COORDINATES[3:])
    wrap = opensim.WrapCylinder()
    wrap.setName("elbow")
    wrap.set_radius(0.02)
    wrap.set_length(1)
    wrap.set_translation(Vec3(0, -0.33, 0))
    humerus.addWrapObject(wrap)

    _muscle(model, "DELT2", 0.12, 0.05, [(scapula, 0.02, 0.03, 0.02), (humerus, 0.01, -0.14, 0.01)])
    _muscle(model, "BIClong", 0.16, 0.20, [(scapula, 0.03, 0, 0), (humerus, 0.03, -0.2, 0), (forearm, 0.02, -0.05, 0)])
    _muscle(model, "LAT1", 0.25, 0.05, [(model.getGround(), -0.05, -0.25, 0.02), (humerus, 0, -0.06, 0)])
    _muscle(model, "BRA", 0.09, 0.05, [(humerus, 0.02, -0.2, 0), (forearm, 0.02, -0.03, 0)])
    triceps = _muscle(model, "TRIlat", 0.1, 0.08, [(humerus, -0.02, -0.15, 0), (forearm, -0.02, -0.02, 0)])
    triceps.updGeometryPath().addPathWrap(wrap)
    _couple(model, ["clavicle_r"], "scapula_r", [-0.5, 0])  # before its leader's own, to be put in order
    _couple(model, leaders, "clavicle_r", [0.2] + [0] * len(leaders))
    model.finalizeConnections()
    return model


def _add(model, parent, name, place, coordinates):
    body = opensim.Body(name, 1, Vec3(0), opensim.Inertia(0.01, 0.01, 0.01))
    motion = opensim.SpatialTransform()
    directions = [Vec3(0, 1, 0), Vec3(1, 0, 0), Vec3(0, 0, 1)] if len(coordinates) == 3 else [Vec3(0, 0, 1)]
    for i in range(3):
        axis = [motion.upd_rotation1(), motion.upd_rotation2(), motion.upd_rotation3()][i]
        axis.set_axis(directions[i] if i < len(coordinates) else [Vec3(1, 0, 0), Vec3(0, 1, 0)][i - 1])
        axis.setCoordinateNames(ArrayStr(coordinates[i], 1) if i < len(coordinates) else ArrayStr())
        axis.set_function(opensim.LinearFunction(1, 0) if i < len(coordinates) else opensim.Constant(0))
    joint = opensim.CustomJoint(f"{name}_joint", parent, place, Vec3(0), body, Vec3(0), Vec3(0), motion)
    for coordinate in coordinates:
        joint.append_coordinates(opensim.Coordinate(coordinate, int(opensim.Coordinate.Rotational), 0, -3, 3))
    model.addBody(body)
    model.addJoint(joint)
    return body


def _muscle(model, name, fibre, tendon, points):
    muscle = opensim.Thelen2003Muscle(name, 500, fibre, tendon, 0.1)
    for i, (body, *place) in enumerate(points):
        muscle.addNewPathPoint(f"{name}-P{i}", body, Vec3(*place))
    model.addForce(muscle)
    return muscle


def _couple(model, leaders, follower, coefficients):
    coupler = CoordinateCouplerConstraint()
    names = ArrayStr()
    for leader in leaders:
        names.append(leader)
    coupler.setIndependentCoordinateNames(names)
    coupler.setDependentCoordinateName(follower)
    array = opensim.ArrayDouble()
    for coefficient in coefficients:
        array.append(coefficient)
    coupler.setFunction(opensim.LinearFunction(array))
    model.addConstraint(coupler)
