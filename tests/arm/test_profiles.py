import numpy as np
import pytest

from proprionet.arm.profiles import HUMAN, SHIPPED, ArmProfile, choose, fitted, kinematics_of, read_profile
from proprionet.errors import InputError

MACAQUE = choose("macaque")


def read(tmp_path, text):
    path = tmp_path / "arm.yaml"
    path.write_text(text)
    return read_profile(path)


def test_human_arm_is_the_published_one():
    assert choose(None) == HUMAN
    assert (HUMAN.upper_arm_cm, HUMAN.forearm_cm) == (33, 26)
    assert len(HUMAN.muscles) == 25
    assert (HUMAN.muscles[0], HUMAN.muscles[14], HUMAN.muscles[-1]) == ("CORB", "TMIN", "TRImed")


def test_macaque_arm_is_the_published_one():
    assert MACAQUE.coordinates == ("shoulder_flexion", "shoulder_adduction", "shoulder_rotation", "elbow_flexion")
    assert MACAQUE.model_signs == (1, -1, 1, 1)
    assert (MACAQUE.upper_arm_cm, MACAQUE.forearm_cm, MACAQUE.time_step_s, MACAQUE.letter_cm) == (None, None, 0.01, 5)
    assert len(MACAQUE.muscles) == 39
    assert (MACAQUE.muscles[0], MACAQUE.muscles[22], MACAQUE.muscles[-1]) == (
        "abd_poll_longus",
        "infraspinatus",
        "tricep_sho",
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_arm_says_all_about_itself(name):
    profile = choose(name)
    assert profile.name == name
    assert profile.licence
    assert profile.citation
    assert profile.model_source
    assert {muscle for muscle, _ in profile.patches} <= set(profile.muscles)
    assert len(set(profile.patches)) == len(profile.patches)


def test_file_states_what_differs_from_the_human_arm(tmp_path):
    text = "name: child\nupper_arm_cm: 20\nmuscles: [BRA]\npatches: []\nupper_limit_deg: [130, 180, 20, 140]\n"
    child = read(tmp_path, text)
    changes = {
        "name": "child",
        "upper_arm_cm": 20.0,
        "muscles": ("BRA",),
        "patches": (),
        "upper_limit_deg": (130.0, 180.0, 20.0, 140.0),
        "licence": "",  # that of the human arm is not that of another
        "citation": "",
        "model_source": "",
    }
    assert child == HUMAN.model_copy(update=changes)


def test_file_may_be_based_on_the_macaque(tmp_path):
    text = "name: baboon\nbased_on: macaque\nforearm_cm: 24\nworkspace: {spacing_cm: 1}\npoints: {hand: palm}"
    baboon = read(tmp_path, text)
    assert baboon.shoulder == MACAQUE.shoulder
    assert baboon.workspace == MACAQUE.workspace.model_copy(update={"spacing_cm": 1.0})
    assert baboon.points == MACAQUE.points.model_copy(update={"hand": "palm"})
    assert (baboon.upper_arm_cm, baboon.forearm_cm) == (None, 24)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nforearm: 20", r"arm.yaml: unknown setting 'forearm'; did you mean 'forearm_cm'\?"),
        ("name: a\nworkspace: {spacing: 2}", r"unknown setting 'workspace.spacing'; did you mean 'spacing_cm'\?"),
        ("name: a\nworkspace: {square_cm: [2, 1]}", "its lowest offset, 2, is above its highest, 1"),
        ("forearm_cm: 20", "arm.yaml: 'name'"),
        ("name: a\nbased_on: gibbon", "'based_on' is 'gibbon': input should be 'human' or 'macaque'"),
        ("name: a\nforearm_cm: -1", "'forearm_cm' is -1: .*greater than 0"),
        ("name: a\nforearm_cm: .nan", "'forearm_cm' is not a number"),
        ("name: a\nmodel_signs: [1, 2, 1, 1]", "'model_signs.1' is 2"),
        ("name: a\nlower_limit_deg: [0, 0, 30, 0]", "limits of shoulder_rot: 30 to 20 degrees"),
        ("name: a\nlower_limit_deg: [0, 0, .nan, 0]", "limits of shoulder_rot: nan to 20 degrees"),
        ("name: a\nlower_limit_deg: [-90, -10, -90, 0]", "limits of shoulder_elv: -10 to 180 degrees must lie within"),
        ("name: a\nbased_on: macaque\nupper_limit_deg: [180, 150, 95, 140]", "shoulder_rotation.* within -90 to 90"),
        ("name: a\nstart_posture_deg: [140, 40, 20, 75]", "elv_angle 140 is outside its limits -90 to 130"),
        ("name: a\nmuscles: [BRA, PT, BRA]", "muscles: 'BRA' is there twice"),
        ("[1, 2]", "arm.yaml: expected keys and values .* found list"),
        ("a: [", "is not valid YAML"),
    ],
)
def test_wrong_file_is_explained(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(No such file"):
        choose(tmp_path / "none.yaml")


def test_unknown_name_is_explained():
    with pytest.raises(InputError, match="arm 'monkey' is not known; give one of human, macaque, or a YAML file"):
        choose("monkey")


def test_profile_with_lengths_needs_no_model():
    assert fitted(HUMAN, None) == HUMAN


@pytest.mark.parametrize(("profile", "limits"), [(MACAQUE, "profile"), (HUMAN, "model")])
def test_missing_model_is_asked_for(profile, limits):
    with pytest.raises(InputError, match="are taken from the model; give one: --model"):
        fitted(profile, None, limits)


def test_kinematics_are_what_decides_on_start_points():
    assert kinematics_of(HUMAN.model_copy(update={"name": "twin", "muscles": ("BRA",)})) == kinematics_of(HUMAN)
    for change in ({"forearm_cm": 25.0}, {"lower_limit_deg": (-80.0, 0.0, -90.0, 0.0)}):
        assert kinematics_of(HUMAN.model_copy(update=change)) != kinematics_of(HUMAN)


def tiny(**changes) -> ArmProfile:
    """Profile of the tiny arm, whose links, to a marker that stands for the hand, are 33 and 5 cm long."""
    lengths = {"name": "tiny", "upper_arm_cm": None, "forearm_cm": None}
    points = {"shoulder": "humerus", "elbow": "forearm", "hand": "hand"}
    return ArmProfile(**({"points": points} | lengths | changes))


@pytest.fixture
def model_with_hand(tmp_path):
    """File of the tiny arm with a marker for the hand at (0, -length, 0) of its forearm (m), changed by a function."""
    opensim = pytest.importorskip("opensim", reason="opensim is not installed")
    import tiny_arm

    def make(length=0.05, change=lambda _model: None):
        model = tiny_arm.build()
        model.addMarker(opensim.Marker("hand", model.getBodySet().get("forearm"), opensim.Vec3(0, -length, 0)))
        change(model)
        model.finalizeConnections()
        model.printToXML(str(tmp_path / "arm.osim"))
        return tmp_path / "arm.osim"

    return make


def test_links_are_measured_in_the_model(model_with_hand):
    found = fitted(tiny(), model_with_hand())
    assert (found.upper_arm_cm, found.forearm_cm) == pytest.approx((33, 5))
    assert found.lower_limit_deg == HUMAN.lower_limit_deg
    assert fitted(tiny(upper_arm_cm=30), model_with_hand()).upper_arm_cm == 30


def test_limits_of_the_model_have_the_signs_of_the_profile(model_with_hand):
    def narrow(model):
        for name, lower, upper in (("elv_angle", -40, 70), ("shoulder_rot", -10, 80), ("elbow_flexion", -5, 150)):
            coordinate = model.getCoordinateSet().get(name)
            coordinate.setRangeMin(np.radians(lower))
            coordinate.setRangeMax(np.radians(upper))

    path = model_with_hand(change=narrow)
    found = fitted(tiny(model_signs=(1, 1, -1, 1)), path, limits="model")
    np.testing.assert_allclose(found.lower_limit_deg, [-40, 0, -80, 0])  # neither elevation nor elbow goes below 0
    np.testing.assert_allclose(found.upper_limit_deg, [70, np.degrees(3), 10, 150], atol=1e-6)
    assert found.start_posture_deg == (50, 40, 10, 75)


def lock(model):
    model.getCoordinateSet().get("shoulder_rot").set_locked(True)


@pytest.mark.parametrize(
    ("changes", "model", "message"),
    [
        (
            {"points": {"elbow": "humrus"}},
            {},
            r"has no marker or body 'humrus' for the elbow; did you mean 'humerus'\?",
        ),
        ({"points": {"hand": None}}, {}, "arm 'tiny': 'points.hand' is missing, so that its links cannot be measured"),
        ({"points": {"elbow": "humerus"}}, {}, "shoulder and elbow are at the same place; name others under 'points'"),
        ({}, {"length": 50}, r"elbow and hand are 5e\+03 cm apart; is the model in metres\?"),
        ({}, {"length": 0.0005}, r"elbow and hand are 0.05 cm apart; is the model in metres\?"),
        ({"coordinates": ("elv_angle", "elevation", "shoulder_rot", "elbow_flexion")}, {}, "has no coordinate 'elevat"),
        ({}, {"change": lock}, "coordinate 'shoulder_rot' is locked"),
    ],
)
def test_model_that_does_not_fit_is_explained(changes, model, message, model_with_hand):
    path = model_with_hand(**model)
    points = {"shoulder": "humerus", "elbow": "forearm", "hand": "hand"} | changes.get("points", {})
    with pytest.raises(InputError, match=message):
        fitted(tiny(**(changes | {"points": points})), path, limits="model")


@pytest.mark.parametrize(
    ("file", "links"),
    [
        ("ButterScaledArm_ale", (12.51, 16.03)),
        ("ChipsScaledArm_ale", (16.83, 22.18)),
        ("ButterScaledArm", (9.45, 11.59)),
    ],
)
def test_any_macaque_can_be_measured(shared, file, links):
    pytest.importorskip("opensim", reason="opensim is not installed")
    path = shared / "models" / "macaque" / f"{file}.osim"
    found = fitted(MACAQUE, path)
    np.testing.assert_allclose([found.upper_arm_cm, found.forearm_cm], links, atol=0.006)
    found = fitted(MACAQUE, path, limits="model")
    assert found.lower_limit_deg == (-75, -50, -80, 20)
    assert found.upper_limit_deg == (90, 100, 90, 140)


def test_human_links_can_be_measured(mobl_model):
    found = fitted(HUMAN.model_copy(update={"upper_arm_cm": None, "forearm_cm": None}), mobl_model, limits="model")
    np.testing.assert_allclose([found.upper_arm_cm, found.forearm_cm], [29.1, 27.4], atol=0.1)
    assert (found.lower_limit_deg, found.upper_limit_deg) == (HUMAN.lower_limit_deg, HUMAN.upper_limit_deg)
