import numpy as np
import pytest

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm

from proprionet.arm import profiles
from proprionet.arm.describe import draft
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError


def load(text, tmp_path):
    path = tmp_path / "draft.yaml"
    path.write_text(text)
    return profiles.read_profile(path)


def test_published_human_arm_is_recognised(mobl_model, tmp_path):
    text = draft(mobl_model)
    profile = profiles.fitted(load(text, tmp_path), mobl_model)
    assert not text.startswith("# NOT COMPLETE")
    for field in ("shoulder", "coordinates", "model_signs", "lower_limit_deg", "upper_limit_deg"):
        assert getattr(profile, field) == getattr(HUMAN, field)
    assert {*HUMAN.muscles} <= {*profile.muscles}
    assert profile.patches == ()
    assert (profile.upper_arm_cm, profile.forearm_cm) == pytest.approx((29.07, 27.36), abs=0.01)
    assert "#   BIClong: Elbow_BIC_BRD (WrapEllipsoid), BIClong (WrapEllipsoid)" in text
    assert "do not move: SUP, PQ" in text


@pytest.mark.parametrize("name", ["ButterScaledArm_ale", "ChipsScaledArm_ale"])
def test_published_macaque_arms_are_recognised(shared, tmp_path, name):
    """The sign of adduction follows from where the hand of the model goes."""
    model = shared / "models" / "macaque" / f"{name}.osim"
    profile = profiles.fitted(load(draft(model), tmp_path), model)
    macaque = profiles.choose("macaque")
    for field in ("shoulder", "coordinates", "model_signs", "time_step_s", "letter_cm"):
        assert getattr(profile, field) == getattr(macaque, field)
    assert profile.lower_limit_deg == (-75, -50, -80, 20)
    assert profile.upper_limit_deg == (90, 100, 90, 140)
    assert profile.start_posture_deg == (36, -5, 5, 50)


def test_what_is_missing_is_said(tiny_model, tmp_path):
    text = draft(tiny_model)
    assert text.startswith("# NOT COMPLETE: tiny_arm.osim does not show the place of the hand.")
    profile = load(text, tmp_path)
    assert profile.coordinates == tiny_arm.COORDINATES
    assert profile.muscles == ("DELT2", "BIClong", "LAT1", "BRA", "TRIlat")
    assert profile.points.model_dump() == {"shoulder": "humerus", "elbow": "forearm", "hand": None}
    with pytest.raises(InputError, match=r"points\.hand"):
        profiles.fitted(profile, tiny_model)


def test_two_joints_are_too_few(shared, tmp_path):
    model = shared / "models" / "arm26.osim"
    text = draft(model)
    first, second = text.splitlines()[:2]
    assert first == "# NOT COMPLETE: arm26.osim does not show the plane of elevation, the rotation of the shoulder."
    assert "this model has r_shoulder_elev, r_elbow_flex" in second
    assert "coordinates: [FILL_IN_1, r_shoulder_elev, FILL_IN_3, r_elbow_flex]" in text
    with pytest.raises(InputError, match="coordinates: 'FILL_IN_1' is still to be filled in"):
        load(text, tmp_path)


def test_reversed_joint_has_its_sign(shared, tmp_path):
    """A model with an elbow that flexes towards negative angles."""
    model = opensim.Model(str(shared / "models" / "macaque" / "ButterScaledArm_ale.osim"))
    elbow = model.updCoordinateSet().get("elbow_flexion")
    axes = opensim.CustomJoint.safeDownCast(elbow.getJoint()).upd_SpatialTransform()
    for axis in (axes.upd_rotation1(), axes.upd_rotation2(), axes.upd_rotation3()):
        if axis.getCoordinateNames().size():
            axis.set_axis(opensim.Vec3(*-axis.get_axis().to_numpy()))
    elbow.setRangeMin(np.radians(-140))
    elbow.setRangeMax(np.radians(-20))
    elbow.setDefaultValue(np.radians(-50))
    path = tmp_path / "reversed.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    profile = load(draft(path), tmp_path)
    assert profile.model_signs == (1, -1, 1, -1)
    assert (profile.lower_limit_deg[3], profile.upper_limit_deg[3]) == (20, 140)


def test_bad_model_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"none\.osim: cannot be read"):
        draft(tmp_path / "none.osim")
    text = tmp_path / "text.osim"
    text.write_text("not a model")
    with pytest.raises(InputError, match="is not an OpenSim model"):
        draft(text)
    empty = opensim.Model()
    empty.printToXML(str(tmp_path / "empty.osim"))
    with pytest.raises(InputError, match=r"empty\.osim: has no muscles"):
        draft(tmp_path / "empty.osim")
