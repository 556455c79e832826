import pytest

from proprionet.arm.profiles import HUMAN, ArmProfile, read_profile
from proprionet.errors import InputError


def read(tmp_path, text):
    path = tmp_path / "arm.yaml"
    path.write_text(text)
    return read_profile(path)


def test_human_arm_is_the_published_one():
    assert len(HUMAN.muscles) == 25
    assert (HUMAN.muscles[0], HUMAN.muscles[14], HUMAN.muscles[-1]) == ("CORB", "TMIN", "TRImed")
    assert len(set(HUMAN.patches)) == 17
    assert {muscle for muscle, _ in HUMAN.patches} <= set(HUMAN.muscles)


def test_file_states_what_differs_from_the_human_arm(tmp_path):
    text = "name: child\nupper_arm_cm: 20\nmuscles: [BRA]\npatches: []\nupper_limit_deg: [130, 180, 20, 140]\n"
    expected = ArmProfile(
        name="child", upper_arm_cm=20, muscles=("BRA",), patches=(), upper_limit_deg=(130, 180, 20, 140)
    )
    assert read(tmp_path, text) == expected
    assert expected.forearm_cm == HUMAN.forearm_cm


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nforearm: 20", r"arm.yaml: unknown setting 'forearm'; did you mean 'forearm_cm'\?"),
        ("forearm_cm: 20", "arm.yaml: 'name'"),
        ("name: a\nforearm_cm: -1", "'forearm_cm' is -1: .*greater than 0"),
        ("name: a\nforearm_cm: .nan", "'forearm_cm' is nan"),
        ("name: a\nlower_limit_deg: [0, 0, 30, 0]", "limits of shoulder_rot: 30 to 20 degrees"),
        ("name: a\nlower_limit_deg: [-90, -10, -90, 0]", "limits of shoulder_elv: -10 to 180 degrees must lie within"),
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
        read_profile(tmp_path / "none.yaml")
