import numpy as np
import pytest

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm
from opensim import ArrayStr, Vec3

from proprionet.arm.dynamics import PHYSIOLOGICAL_PEAK_TORQUE_NM, InverseDynamics, torque_ranges
from proprionet.errors import InputError

HUMAN = ("elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion")
MACAQUE = ("shoulder_flexion", "shoulder_adduction", "shoulder_rotation", "elbow_flexion")
MACAQUE_SIGNS = (1, -1, 1, 1)
MASS_KG, LENGTH_M, INERTIA = 2.0, 0.3, 0.05
GRAVITY = 9.80665


def link(model, parent, name, place):
    """A bar that turns about z, its centre of mass hanging down."""
    body = opensim.Body(name, MASS_KG, Vec3(0, -LENGTH_M, 0), opensim.Inertia(0.01, 0.01, INERTIA))
    joint = opensim.PinJoint(f"{name}_joint", parent, place, Vec3(0), body, Vec3(0), Vec3(0))
    joint.updCoordinate().setName(f"{name}_angle")
    joint.updCoordinate().setRangeMin(-3)
    joint.updCoordinate().setRangeMax(3)
    model.addBody(body)
    model.addJoint(joint)
    return body


def chain(folder, coefficients=None):
    """One bar, or two of which the second follows the first by a polynomial."""
    model = opensim.Model()
    upper = link(model, model.getGround(), "upper", Vec3(0))
    if coefficients:
        link(model, upper, "lower", Vec3(0, -0.5, 0))
        coupler = opensim.CoordinateCouplerConstraint()
        coupler.setIndependentCoordinateNames(ArrayStr("upper_angle", 1))
        coupler.setDependentCoordinateName("lower_angle")
        coupler.setFunction(opensim.PolynomialFunction(opensim.Vector.createFromMat(np.array(coefficients))))
        model.addConstraint(coupler)
    model.finalizeConnections()
    model.printToXML(str(folder / "chain.osim"))
    return folder / "chain.osim"


class Energies:
    """Mechanical energy of a model that OpenSim itself assembles, all forces but gravity off."""

    def __init__(self, path, coordinates, signs=(1, 1, 1, 1), placeholders=()):
        self.model = opensim.Model(str(path))
        for i in range(self.model.getForceSet().getSize()):
            self.model.updForceSet().get(i).set_appliesForce(False)
        for name in placeholders:
            self.model.updBodySet().get(name).set_inertia(opensim.Vec6(0))
        self.state = self.model.initSystem()
        self.coordinates = [self.model.getCoordinateSet().get(name) for name in coordinates]
        self.signs = signs

    def take(self, degrees):
        for coordinate, sign, angle in zip(self.coordinates, self.signs, np.radians(degrees), strict=False):
            coordinate.setValue(self.state, float(sign * angle), False)
        self.model.assemble(self.state)

    def potential(self, degrees):
        self.take(degrees)
        self.model.realizePosition(self.state)
        return self.model.calcPotentialEnergy(self.state)

    def total(self, degrees, per_second):
        step, positions = 1e-4, []
        for side in (-step, step):
            self.take(degrees + side * per_second)
            positions.append(self.state.getQ().to_numpy())
        self.take(degrees)
        self.state.setU(opensim.Vector.createFromMat((positions[1] - positions[0]) / (2 * step)))
        self.model.realizeDynamics(self.state)
        return self.model.calcPotentialEnergy(self.state) + self.model.calcKineticEnergy(self.state)


def slope_of_potential(energies, posture, step=0.01):
    """N m, by each joint angle."""
    steps = step * np.eye(len(posture))
    differences = [energies.potential(posture + s) - energies.potential(posture - s) for s in steps]
    return np.array(differences) / (2 * np.radians(step))


def swing(time, centre, width, seed=0):
    """Smooth joint angles and their velocities, degrees and degrees/s."""
    random = np.random.default_rng(seed)
    pace, phase = random.uniform(2, 6, len(centre)), random.uniform(0, 6, len(centre))
    turn = pace * time[:, None] + phase
    return centre + width * np.sin(turn), width * pace * np.cos(turn)


@pytest.fixture
def models(request):
    """Path, coordinates, signs and middle posture of a model."""
    if request.param == "tiny":
        return request.getfixturevalue("tiny_model"), tiny_arm.COORDINATES, (1, -1, 1, 1), [30, 40, -20, 70]
    if request.param == "human":
        return request.getfixturevalue("mobl_model"), HUMAN, (1, 1, 1, 1), [50, 60, -30, 70]
    shared = request.getfixturevalue("shared")
    return shared / "models" / "macaque" / "ChipsScaledArm_ale.osim", MACAQUE, MACAQUE_SIGNS, [30, 10, 5, 70]


every_model = pytest.mark.parametrize("models", ["tiny", "human", "macaque"], indirect=True)


@every_model
def test_at_rest_torques_are_the_slope_of_the_potential_energy(models):
    path, coordinates, signs, middle = models
    dynamics = InverseDynamics(path, coordinates, signs)
    energies = Energies(path, coordinates, signs)
    for posture in middle + np.random.default_rng(0).uniform(-25, 25, (3, 4)):
        held = dynamics.torques(np.tile(posture, (9, 1)), 0.01)
        expected = slope_of_potential(energies, posture)
        np.testing.assert_allclose(held, np.tile(expected, (9, 1)), atol=1e-5 + 1e-4 * np.abs(expected).max())


@every_model
def test_work_of_torques_is_the_change_of_energy(models):
    path, coordinates, signs, middle = models
    dynamics = InverseDynamics(path, coordinates, signs)
    energies = Energies(path, coordinates, signs, dynamics.placeholders)
    time = np.linspace(0, 0.6, 301)
    angles, velocity = swing(time, np.array(middle), np.array([20, 15, 15, 25]))
    power = (dynamics.torques(angles, time[1]) * np.radians(velocity)).sum(axis=1)
    for start, end in ((0, 300), (40, 150)):
        work = np.trapezoid(power[start : end + 1], time[start : end + 1])
        gain = energies.total(angles[end], velocity[end]) - energies.total(angles[start], velocity[start])
        assert work == pytest.approx(gain, rel=1e-3, abs=1e-4 * np.abs(power).max())


@pytest.mark.parametrize("sign", [1, -1])
def test_pendulum(tmp_path, sign):
    dynamics = InverseDynamics(chain(tmp_path), ["upper_angle"], [sign])
    time = np.arange(60) * 0.015
    angle, acceleration = 40 * np.sin(5 * time), -25 * np.radians(40) * np.sin(5 * time)
    expected = (INERTIA + MASS_KG * LENGTH_M**2) * acceleration + MASS_KG * GRAVITY * LENGTH_M * np.sin(
        np.radians(angle)
    )
    torques = dynamics.torques(angle[:, None], 0.015)
    np.testing.assert_allclose(torques[:, 0], expected, atol=6e-3)  # of 4 N m each
    assert dynamics.arm_mass_kg == MASS_KG


def test_a_follower_on_a_curve_does_its_part(tmp_path):
    path = chain(tmp_path, coefficients=[0.6, -0.4, 0.1])  # 0.6 q^2 - 0.4 q + 0.1
    dynamics = InverseDynamics(path, ["upper_angle"], [1])
    energies = Energies(path, ["upper_angle"])
    posture = np.array([35.0])
    held = dynamics.torques(np.tile(posture, (7, 1)), 0.01)
    np.testing.assert_allclose(held[0], slope_of_potential(energies, posture), rtol=1e-5)
    time = np.linspace(0, 0.5, 501)
    angles, velocity = swing(time, np.array([20.0]), np.array([50.0]))
    power = (dynamics.torques(angles, time[1]) * np.radians(velocity))[:, 0]
    gain = energies.total(angles[-1], velocity[-1]) - energies.total(angles[0], velocity[0])
    assert np.trapezoid(power, time) == pytest.approx(gain, rel=1e-4)


def test_a_follower_beyond_the_range_of_its_leader(tiny_model):
    angles = np.tile([10.0, 250.0, 0.0, 30.0], (7, 1))
    dynamics, energies = InverseDynamics(tiny_model, tiny_arm.COORDINATES), Energies(tiny_model, tiny_arm.COORDINATES)
    np.testing.assert_allclose(
        dynamics.torques(angles, 0.01)[0], slope_of_potential(energies, angles[0]), rtol=1e-4, atol=1e-4
    )


def test_torques_change_sign_with_the_angle(tiny_model):
    angles, _ = swing(np.arange(20) * 0.01, np.array([30, 40, -20, 70]), np.full(4, 20))
    signs = np.array([1, -1, -1, 1])
    plain = InverseDynamics(tiny_model, tiny_arm.COORDINATES).torques(angles, 0.01)
    turned = InverseDynamics(tiny_model, tiny_arm.COORDINATES, signs).torques(signs * angles, 0.01)
    np.testing.assert_allclose(turned, signs * plain, atol=1e-9)


def test_muscles_do_not_count(tiny_model, tmp_path):
    bare = tiny_arm.build()
    bare.updForceSet().clearAndDestroy()
    bare.printToXML(str(tmp_path / "bare.osim"))
    angles, _ = swing(np.arange(20) * 0.01, np.array([30, 40, -20, 70]), np.full(4, 20))
    np.testing.assert_allclose(
        InverseDynamics(tiny_model, tiny_arm.COORDINATES).torques(angles, 0.01),
        InverseDynamics(tmp_path / "bare.osim", tiny_arm.COORDINATES).torques(angles, 0.01),
        rtol=1e-9,
    )


def test_torques_are_those_of_an_arm_of_the_mass_given(tiny_model):
    angles, _ = swing(np.arange(20) * 0.01, np.array([30, 40, -20, 70]), np.full(4, 20))
    own = InverseDynamics(tiny_model, tiny_arm.COORDINATES)
    light = InverseDynamics(tiny_model, tiny_arm.COORDINATES, arm_mass_kg=1)
    assert own.arm_mass_kg == 4  # clavicle, scapula, humerus and forearm
    np.testing.assert_allclose(light.torques(angles, 0.01), own.torques(angles, 0.01) / 4)


def test_placeholders_for_inertia_are_left_out(mobl_model, shared):
    human = InverseDynamics(mobl_model, HUMAN)
    assert human.placeholders == ("clavphant", "scapphant", "humphant", "humphant1")
    assert human.arm_mass_kg == pytest.approx(4.779, abs=0.001)
    macaque = InverseDynamics(shared / "models" / "macaque" / "ChipsScaledArm_ale.osim", MACAQUE, MACAQUE_SIGNS)
    assert macaque.placeholders == ()
    assert macaque.arm_mass_kg == pytest.approx(0.0307, abs=0.0001)


def test_what_is_not_known_spreads_no_further(tiny_model):
    dynamics = InverseDynamics(tiny_model, tiny_arm.COORDINATES)
    angles, _ = swing(np.arange(40) * 0.01, np.array([30, 40, -20, 70]), np.full(4, 20))
    whole = dynamics.torques(angles, 0.01)
    angles[20, 2] = np.nan
    torques = dynamics.torques(angles, 0.01)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(torques[:, 0])), range(17, 24))
    np.testing.assert_allclose(torques[:17], whole[:17])


def test_what_has_no_torques_is_refused(tiny_model, tmp_path):
    dynamics = InverseDynamics(tiny_model, tiny_arm.COORDINATES)
    with pytest.raises(InputError, match="a movement of 6 samples is too short for torques; give 7 or more"):
        dynamics.torques(np.zeros((6, 4)), 0.01)
    with pytest.raises(InputError, match=r"has no coordinate 'shoulder_elf'.*'shoulder_elv'"):
        InverseDynamics(tiny_model, ["shoulder_elf"])
    with pytest.raises(InputError, match="'scapula_r' is not free"):
        InverseDynamics(tiny_model, ["scapula_r"])
    with pytest.raises(InputError, match="an arm of 0 kg has no torques"):
        InverseDynamics(tiny_model, tiny_arm.COORDINATES, arm_mass_kg=0)
    tiny_arm.build(leaders=("shoulder_elv", "elv_angle")).printToXML(str(tmp_path / "two_leaders.osim"))
    with pytest.raises(InputError, match="is not a coordinate that follows one other"):
        InverseDynamics(tmp_path / "two_leaders.osim", tiny_arm.COORDINATES)


def test_table_of_torques():
    torques = np.stack([np.linspace(-10, 10, 201), np.full(201, -3.0)], axis=1)
    torques[0, 1] = np.nan
    first, second = torque_ranges(torques, ["shoulder", "elbow"], [40, 6])
    assert first == ("shoulder", pytest.approx(-9.8), pytest.approx(0), pytest.approx(9.8), 10, 40, 0.25)
    assert second == ("elbow", -3, -3, -3, 3, 6, 0.5)


def test_monkeys_are_weaker_than_men():
    human, macaque = PHYSIOLOGICAL_PEAK_TORQUE_NM["human"], PHYSIOLOGICAL_PEAK_TORQUE_NM["macaque"]
    assert max(macaque) < min(human)
    assert len(human) == len(macaque) == 4
