"""Arm models scaled to the markers of an animal."""

import numpy as np
import pytest

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm
from click.testing import CliRunner
from test_markers import MACAQUE_ANGLES, MACAQUE_MARKERS, TINY_MARKERS, smooth_postures, tiny_postures

from proprionet.arm import markers, scaling
from proprionet.arm.muscles import EngineSettings
from proprionet.errors import InputError
from proprionet.main import main

NAMES = list(TINY_MARKERS)
SEGMENTS = [scaling.Segment(("acromion", "elbow"), ("humerus",)), scaling.Segment(("elbow", "wrist"), ("forearm",))]


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    """The tiny arm with markers."""
    model = tiny_arm.build()
    for name, (body, *place) in TINY_MARKERS.items():
        model.addMarker(opensim.Marker(name, model.getBodySet().get(body), opensim.Vec3(*place)))
    path = tmp_path_factory.mktemp("scaling") / "arm.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


@pytest.fixture(scope="module")
def animal(arm):
    """Another arm with other segments, and its markers."""
    path = arm.with_name("animal.osim")
    scaling.write_scaled(arm, path, {"humerus": 1.2, "forearm": 0.85})
    return path, markers.positions(path, tiny_postures(30), tiny_arm.COORDINATES, NAMES)


def test_a_model_twice_as_large_has_muscles_twice_as_long(arm, tmp_path):
    bodies = ("clavicle", "scapula", "humerus", "forearm")
    scaling.write_scaled(arm, tmp_path / "twice.osim", dict.fromkeys(bodies, 2.0))
    muscles = ("DELT2", "BIClong", "BRA", "TRIlat")  # none is on the ground
    small, large = (
        EngineSettings(path, tiny_arm.COORDINATES, muscles, length_kind="path").load().lengths(tiny_postures(5))
        for path in (arm, tmp_path / "twice.osim")
    )
    np.testing.assert_allclose(large, 2 * small, rtol=1e-6)


def test_factors_come_back(arm, animal):
    found = scaling.measure(arm, animal[1], NAMES, SEGMENTS)
    assert found == pytest.approx({"humerus": 1.2, "forearm": 0.85}, rel=0.01)


def test_markers_that_were_not_always_seen_and_given_factors(arm, animal):
    seen = animal[1].copy()
    seen[:10, NAMES.index("elbow")] = np.nan
    seen[20, NAMES.index("upper_arm")] = np.nan
    found = scaling.measure(arm, seen, NAMES, SEGMENTS, {"scapula": 1.0})
    assert found == pytest.approx({"humerus": 1.2, "forearm": 0.85, "scapula": 1.0}, rel=0.01)


@pytest.mark.parametrize("name", ["ButterScaledArm_ale", "ChipsScaledArm_ale"])
def test_factors_of_a_macaque_come_back(shared, tmp_path, name):
    model = shared / "models" / "macaque" / f"{name}.osim"
    forearm = dict.fromkeys(scaling.MACAQUE[1].bodies, 0.92)
    scaling.write_scaled(model, tmp_path / "animal.osim", {"humerus": 1.1, **forearm})
    angles = smooth_postures(40, [30, 5, 5, 70], [30, 25, 30, 40])
    seen = markers.positions(tmp_path / "animal.osim", angles, MACAQUE_ANGLES, MACAQUE_MARKERS)
    seen += np.random.default_rng(0).normal(0, 0.05, seen.shape)
    assert scaling.measure(model, seen, MACAQUE_MARKERS) == pytest.approx({"humerus": 1.1, **forearm}, rel=0.01)


def test_what_cannot_be_measured_is_named(arm, animal, tmp_path):
    seen = animal[1]
    with pytest.raises(InputError, match=r"no marker 'Marker_6'"):
        scaling.measure(arm, seen, NAMES, [scaling.Segment(("acromion", "Marker_6"), ("humerus",))])
    with pytest.raises(InputError, match=r"has no body 'humerous'.*'humerus'"):
        scaling.measure(arm, seen, NAMES, [scaling.Segment(("acromion", "elbow"), ("humerous",))])
    with pytest.raises(InputError, match="no frame has all of the markers acromion, elbow, wrist"):
        scaling.measure(arm, np.full_like(seen, np.nan), NAMES, SEGMENTS)
    with pytest.raises(InputError, match="scale factor of body 'humerus' is -1; it must be above 0"):
        scaling.write_scaled(arm, tmp_path / "none.osim", {"humerus": -1})
    assert not (tmp_path / "none.osim").exists()


def test_the_command_writes_the_scaled_model(arm, animal, tmp_path):
    markers.write_trc(tmp_path / "animal.trc", animal[1][:, :, [2, 0, 1]], NAMES, 100)
    words = ["arm", "scale", arm, tmp_path / "animal.trc", tmp_path / "fitted.osim", "--marker-axes", "y,z,x"]
    options = ["--segment", "humerus=acromion:elbow", "--segment", "forearm=elbow:wrist", "--factor", "scapula=1"]
    result = CliRunner().invoke(main, [*map(str, words), *options])
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["humerus", "forearm", "scapula"]
    ours, theirs = (
        markers.positions(path, tiny_postures(5), tiny_arm.COORDINATES, NAMES)
        for path in (tmp_path / "fitted.osim", animal[0])
    )
    np.testing.assert_allclose(ours, theirs, atol=0.1)
    bad = CliRunner().invoke(main, [*map(str, words[:-2]), "--factor", "scapula:1"])
    assert (bad.exit_code, bad.stderr) == (2, "Error: --factor scapula:1: expected BODY=FACTOR, as clavicle=1.2\n")
