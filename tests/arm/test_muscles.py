import pickle
import subprocess
import sys

import numpy as np
import pytest
from curves import write

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm

from proprionet.arm import muscles
from proprionet.arm.guard import find_jumps
from proprionet.arm.inverse import solve
from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.profiles import HUMAN, choose
from proprionet.errors import InputError


def random_postures(n, seed=0):
    """Joint angles in the middle of the workspace, degrees."""
    return np.random.default_rng(seed).uniform([0, 20, -60, 20], [90, 100, 20, 120], (n, 4))


def assembled(model_path, coordinates, names, joint_angles, signs=(1, 1, 1, 1)):
    """Lengths of every kind by the published loop: the model assembled for every angle, all muscles equilibrated."""
    model = opensim.Model(str(model_path))
    state = model.initSystem()
    lengths = {"path": [], "fibre": [], "fibre_tendon": []}
    for posture in signs * np.radians(joint_angles):
        for name, angle in zip(coordinates, posture, strict=True):
            model.getCoordinateSet().get(name).setValue(state, float(angle))
        model.equilibrateMuscles(state)
        chosen = [model.getMuscles().get(name) for name in names]
        fibre, tendon = ([getattr(m, f"get{part}Length")(state) for m in chosen] for part in ("Fiber", "Tendon"))
        lengths["path"].append([muscle.getLength(state) for muscle in chosen])
        lengths["fibre"].append(fibre)
        lengths["fibre_tendon"].append(np.add(fibre, tendon))
    return {kind: 1e3 * np.array(values) for kind, values in lengths.items()}


def changed(path, change):
    """File of the tiny arm after ``change(model)``."""
    model = tiny_arm.build()
    change(model)
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def coupled(function):
    """A change: the clavicle follows the elevation of the shoulder by this function."""

    def change(model):
        constraints = model.getConstraintSet()
        for i in range(constraints.getSize()):
            coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraints.get(i))
            if coupler.getDependentCoordinateName() == "clavicle_r":
                coupler.setFunction(function)
        model.updCoordinateSet().get("shoulder_elv").setRangeMin(0)
        model.updCoordinateSet().get("shoulder_elv").setRangeMax(1)

    return change


def moved(*place):
    """A change: the first point of BRA is there (m)."""

    def change(model):
        muscle = opensim.Muscle.safeDownCast(model.updForceSet().get("BRA"))
        points = opensim.GeometryPath.safeDownCast(muscle.updPath()).updPathPointSet()
        opensim.PathPoint.safeDownCast(points.get(0)).setLocation(opensim.Vec3(*place))

    return change


@pytest.fixture(scope="module")
def engine(tiny_model):
    return MuscleEngine(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES)


def test_equals_assembled_model(engine, tiny_model):
    postures = random_postures(30)
    expected = assembled(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES, postures)
    np.testing.assert_allclose(engine.path_lengths(postures), expected["path"], atol=1e-6)
    np.testing.assert_allclose(engine.fibre_lengths(postures), expected["fibre"], atol=1e-6)
    both = MuscleEngine(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES, length_kind="fibre_tendon")
    np.testing.assert_allclose(both.lengths(postures), expected["fibre_tendon"], atol=1e-6)
    columns = [3, 0]
    np.testing.assert_allclose(engine.path_lengths(postures, columns), expected["path"][:, columns], atol=1e-6)


def bent_at(*points):
    function = opensim.PiecewiseLinearFunction()
    for point in points:
        function.addPoint(*point)
    return function


FUNCTIONS = {
    "straight": opensim.LinearFunction(0.2, 0.1),
    "bent": opensim.PolynomialFunction(opensim.Vector.createFromMat(np.array([0.1, 0.1, 0.05]))),
    "bent beyond the range": bent_at((-4, 0.3), (0, 0), (1, 0.2), (4, 0.2)),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_followers_of_any_shape(tmp_path, function):
    path = changed(tmp_path / "arm.osim", coupled(function))
    postures = np.random.default_rng(0).uniform([-60, -40, -60, 0], [120, 110, 60, 120], (20, 4))
    expected = assembled(path, tiny_arm.COORDINATES, tiny_arm.MUSCLES, postures)["path"]
    found = MuscleEngine(path, tiny_arm.COORDINATES, tiny_arm.MUSCLES).path_lengths(postures)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_signs_turn_joint_angles_into_those_of_the_model(engine, tiny_model):
    postures, signs = random_postures(3), (1, -1, 1, -1)
    turned = MuscleEngine(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES, signs=signs)
    np.testing.assert_array_equal(turned.path_lengths(postures), engine.path_lengths(postures * signs))


@pytest.mark.parametrize("kind", ["fibre", "path", "fibre_tendon"])
def test_lengths_on_given_paths(tiny_model, kind):
    engine = MuscleEngine(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES, length_kind=kind)
    postures = random_postures(10)
    found = engine.lengths_on_paths(engine.path_lengths(postures))
    np.testing.assert_allclose(found, engine.lengths(postures), atol=1e-9)


def test_equals_geometry_by_hand(engine):
    flexion = np.linspace(0, 120, 7)
    postures = np.zeros((7, 4))
    postures[:, 3] = flexion
    x, y = np.cos(np.radians(flexion)), np.sin(np.radians(flexion))
    insertion = np.stack([20 * x + 30 * y, -330 + 20 * y - 30 * x], axis=1)  # of BRA, in the frame of the upper arm
    expected = np.linalg.norm(insertion - [20, -200], axis=1)
    np.testing.assert_allclose(engine.path_lengths(postures)[:, tiny_arm.MUSCLES.index("BRA")], expected, atol=1e-9)


def test_other_constraints_are_left_to_opensim(engine, tmp_path):
    path = tmp_path / "two_leaders.osim"
    tiny_arm.build(leaders=("shoulder_elv", "elv_angle")).printToXML(str(path))
    postures = random_postures(20)
    other = MuscleEngine(path, tiny_arm.COORDINATES, tiny_arm.MUSCLES)
    lengths = other.path_lengths(postures)
    np.testing.assert_allclose(lengths, engine.path_lengths(postures), atol=1e-6)
    np.testing.assert_array_equal(other.path_lengths(postures), lengths)
    np.testing.assert_allclose(other.path_lengths(postures[::-1])[::-1], lengths, atol=1e-6)


def test_a_length_depends_on_the_posture_alone(engine, tiny_model):
    postures = random_postures(40)
    fibres = engine.fibre_lengths(postures)
    np.testing.assert_array_equal(engine.fibre_lengths(postures), fibres)
    np.testing.assert_array_equal(engine.fibre_lengths(postures[::-1])[::-1], fibres)
    fewer = MuscleEngine(tiny_model, tiny_arm.COORDINATES, ["TRIlat", "DELT2"])
    np.testing.assert_array_equal(fewer.fibre_lengths(postures), fibres[:, [3, 0]])


def test_nan_passes_through(engine):
    postures = random_postures(3)
    whole = engine.fibre_lengths(postures)
    postures[1, 2] = np.nan
    found = engine.fibre_lengths(postures)
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(found[[0, 2]], whole[[0, 2]])


def test_patch_leaves_the_wrap_out(tiny_model):
    profile = HUMAN.model_copy(update={"muscles": tiny_arm.MUSCLES, "patches": (*tiny_arm.PATCHES, ("BRA", "torus"))})
    raw, patched = (EngineSettings.of(profile, tiny_model, geometry).load() for geometry in ("raw", "patched"))
    change = patched.path_lengths(random_postures(5)) - raw.path_lengths(random_postures(5))
    assert (change[:, 3] < -0.1).all()
    np.testing.assert_array_equal(change[:, :3], 0)
    assert raw.ignored_patches == ()
    assert patched.ignored_patches == (("BRA", "torus"),)


def test_patch_of_the_reference_arm_must_be_there(tiny_model, monkeypatch):
    monkeypatch.setattr(muscles, "is_reference_model", lambda path: True)
    with pytest.raises(InputError, match="muscle 'BRA' has no wrap object 'torus'"):
        MuscleEngine(tiny_model, tiny_arm.COORDINATES, ["BRA"], [("BRA", "torus"), ("PT", "of a muscle not chosen")])


def test_settings_travel_to_workers(engine, tiny_model):
    postures = random_postures(3)
    profile = HUMAN.model_copy(update={"muscles": tiny_arm.MUSCLES})
    for kind, expected in (("fibre", engine.fibre_lengths(postures)), ("path", engine.path_lengths(postures))):
        settings = pickle.loads(pickle.dumps(EngineSettings.of(profile, tiny_model, "raw", kind)))
        np.testing.assert_array_equal(settings.load().lengths(postures), expected)


@pytest.mark.parametrize(
    ("coordinates", "names", "message"),
    [
        (["elbow_flex"], ["BRA"], r"has no coordinate 'elbow_flex'; did you mean 'elbow_flexion'\?"),
        (["clavicle_r"], ["BRA"], "coordinate 'clavicle_r' is not free"),
        (["elbow_flexion"], ["DELT1"], r"has no muscle 'DELT1'; did you mean 'DELT2'\?"),
    ],
)
def test_unknown_name_is_explained(tiny_model, coordinates, names, message):
    with pytest.raises(InputError, match=f"tiny_arm.osim: {message}"):
        MuscleEngine(tiny_model, coordinates, names)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((20, -200, 0), r"muscle 'BRA' is \d+ m long at the default posture; is the model in metres\?"),
        ((np.nan, 0, 0), "muscle 'BRA' has no finite length at the default posture"),
    ],
)
def test_impossible_muscle_is_explained(tmp_path, place, message):
    path = changed(tmp_path / "arm.osim", moved(*place))
    with pytest.raises(InputError, match=rf"arm\.osim: {message}"):
        MuscleEngine(path, tiny_arm.COORDINATES, tiny_arm.MUSCLES)


def test_broken_model_is_explained(tmp_path, tiny_model):
    path = tmp_path / "broken.osim"
    path.write_text(tiny_model.read_text().replace("/bodyset/forearm", "/bodyset/tail"))
    with pytest.raises(InputError, match=r"broken\.osim: OpenSim cannot use this model"):
        MuscleEngine(path, tiny_arm.COORDINATES, tiny_arm.MUSCLES)
    with pytest.raises(InputError, match="cannot be read"):
        MuscleEngine(tmp_path / "none.osim", tiny_arm.COORDINATES, tiny_arm.MUSCLES)


def test_opensim_is_silent(tiny_model, tmp_path):
    program = (
        "from proprionet.arm.muscles import MuscleEngine\n"
        f"MuscleEngine({str(tiny_model)!r}, ['elbow_flexion'], ['BRA']).fibre_lengths([[90.0]])"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("", "")
    assert not list(tmp_path.iterdir())


def test_published_lengths_of_the_start_posture(mobl_model):
    found = EngineSettings.of(HUMAN, mobl_model, "raw").load().lengths(np.array([HUMAN.start_posture_deg]))
    known = {"CORB": 72.09, "DELT1": 99.40, "LAT1": 180.97, "ANC": 18.63}
    known |= {"BIClong": 116.34, "BRD": 148.53, "TRIlong": 183.11, "TRImed": 94.58}
    lengths = dict(zip(HUMAN.muscles, found[0], strict=True))
    assert {name: lengths[name] for name in known} == pytest.approx(known, abs=0.005)


PUBLISHED = {
    "human": "MoBL_ARMS_module5_scaleIK.osim",
    "Butter": "macaque/ButterScaledArm_ale.osim",
    "Chips": "macaque/ChipsScaledArm_ale.osim",
}


@pytest.mark.parametrize("arm", PUBLISHED)
def test_published_arms_equal_the_assembled_model(shared, arm):
    path = shared / "models" / PUBLISHED[arm]
    profile = choose("human" if arm == "human" else "macaque")
    limits = (profile.lower_limit_deg, profile.upper_limit_deg)
    postures = np.random.default_rng(1).uniform(*limits, (36, 4))
    expected = assembled(path, profile.coordinates, profile.muscles, postures, profile.model_signs)
    engine = EngineSettings.of(profile, path, "raw", "fibre_tendon").load()
    found = {
        "path": engine.path_lengths(postures),
        "fibre": engine.fibre_lengths(postures),
        "fibre_tendon": engine.lengths(postures),
    }
    for kind, lengths in expected.items():
        assert np.isfinite(lengths).all()
        np.testing.assert_allclose(found[kind], lengths, atol=1e-6, err_msg=kind)


def test_patches_remove_the_jumps_of_the_published_arm(mobl_model):
    paths = [write(0, (33, -6, 21), time=60), write(1, (24, -27, -9), time=60, plane="vertical")]
    for angles in solve(HUMAN, paths):
        lengths = {
            geometry: EngineSettings.of(HUMAN, mobl_model, geometry).load().lengths(angles)
            for geometry in ("raw", "patched")
        }
        assert find_jumps(lengths["raw"], angles).any()
        assert not find_jumps(lengths["patched"], angles).any()


def test_a_model_opened_before_changes_nothing(tiny_model, mobl_model):
    """The reference arm's file sets defaults of muscles, which OpenSim would keep for every model after it."""

    def lengths():
        return MuscleEngine(tiny_model, tiny_arm.COORDINATES, tiny_arm.MUSCLES).fibre_lengths(
            np.array([[20.0, 30.0, 10.0, 60.0]])
        )

    before = lengths()
    MuscleEngine(mobl_model, ["elv_angle"], ["CORB"])
    np.testing.assert_array_equal(lengths(), before)
