"""The arm of a recorded session: planted joints, markers and hands come back, and what is wrong is named."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.arm import planar_hand
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, choose, fitted
from proprionet.errors import InputError
from proprionet.neural import reconstruction, session_files
from proprionet.neural.recordings import read_session
from proprionet.neural.session import Session

sys.path.append(str(Path(__file__).parents[1] / "arm"))

SCRIPT = "neural_prediction/reconstruct_arm.py"
ARM = HUMAN.model_copy(update={"name": "tiny", "muscles": stages.MUSCLES, "model_signs": (1, -1, 1, 1)})
N_BINS = 25
OFFSETS = N_BINS * np.arange(4)


@dataclass(frozen=True)
class Sums:
    """Stands for OpenSim: a muscle is the sum of some joints; negative sums have no length."""

    def load(self):
        return self

    def lengths(self, joints):
        lengths = 100 + joints @ np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 1]]).T * 0.1
        return np.where(joints[:, 3:] < 0, np.nan, lengths)


def postures():
    """Three trials of planted joints in the order and signs of the profile: (bin, 4)."""
    time = np.linspace(0, 3, 3 * N_BINS)[:, None]
    return np.array([40, 60, -20, 70]) + np.array([15, 20, 15, 25]) * np.sin(time + np.arange(4))


def session(**changes):
    """A session with those joints, as a recording has them: other order, signs of the model, other joints too."""
    names = ("wrist", *ARM.coordinates[::-1])
    joints = np.column_stack([np.zeros(len(postures())), (postures() * ARM.model_signs)[:, ::-1]])
    about = {"joints": joints, "joint_names": names, "trial_id": np.array([4, 7, 9])}
    counts = np.zeros((len(joints), 2), int)
    return Session("Han", 0.01, OFFSETS, counts, **{**about, **changes})


def rebuilt(session, posture, engine=None):
    lengths = reconstruction.muscle_lengths(engine or Sums(), posture.joints)
    return reconstruction.rebuilt(session, posture, ARM, lengths, {"arm": "tiny"})


def test_joints_are_matched_by_name_and_lengths_are_those_of_the_engine():
    recorded = session()
    posture = reconstruction.from_joints(recorded, ARM)
    np.testing.assert_allclose(posture.joints, postures())
    found = rebuilt(recorded, posture)
    np.testing.assert_allclose(found.muscles(ARM.muscles), Sums().lengths(postures()))
    np.testing.assert_array_equal(found.joints, recorded.joints)
    assert (found.joint_names, found.left_out, found.arm) == (recorded.joint_names, {}, {"arm": "tiny"})
    again = rebuilt(found, reconstruction.from_joints(found, ARM))
    np.testing.assert_array_equal(again.muscle_length, found.muscle_length)


def test_the_best_that_was_recorded_is_taken():
    markers = {"markers": np.zeros((75, 1, 3)), "marker_names": ("Marker_1",)}
    hand = {"hand": np.zeros((75, 2))}
    none = {"joints": None, "joint_names": ()}
    assert reconstruction.best_source(session(**markers, **hand), ARM) == "joints"
    others = {"joints": np.zeros((75, 1)), "joint_names": ("wrist",)}
    assert reconstruction.best_source(session(**markers, **hand, **others), ARM) == "markers"
    assert reconstruction.best_source(session(**hand, **none), ARM) == "hand"
    with pytest.raises(
        InputError, match=r"Han: holds no hand, no markers, and not the joints of the arm 'tiny', elv_a"
    ):
        reconstruction.best_source(session(**others), ARM)


def test_trials_without_a_posture_or_length_are_left_out_and_listed():
    recorded = session()
    joints = recorded.joints.copy()
    joints[30, 2] = np.nan
    joints[60, 1] = -20  # the elbow, for which there are no lengths
    recorded = replace(recorded, joints=joints, left_out={"trials not rewarded": [1], "trials with NaN in joints": [2]})
    found = rebuilt(recorded, reconstruction.from_joints(recorded, ARM))
    assert found.trial_id.tolist() == [4]
    assert found.left_out == {
        "trials not rewarded": [1],
        "trials with NaN in joints": [2, 7],
        "trials with a muscle fault (not finite)": [9],
    }
    np.testing.assert_array_equal(found.joints, recorded.joints[:N_BINS])


def test_bins_within_limits_are_counted():
    recorded = session()
    joints = recorded.joints.copy()
    joints[:15, 1] = 131  # the elbow goes to 130
    joints[15, 1] = np.nan
    posture = reconstruction.from_joints(replace(recorded, joints=joints), ARM)
    np.testing.assert_array_equal(posture.within_limits(ARM), np.arange(75) > 15)


def test_a_hand_alone_gives_postures_that_bring_it_back():
    hand = np.column_stack([6 * np.sin(np.linspace(0, 6, 75)), -32 + 5 * np.cos(np.linspace(0, 4, 75))])
    hand[30, 0] = np.nan
    hand[60] += 100
    recorded = session(hand=hand)
    placement = planar_hand.place(ARM, np.delete(hand, 60, axis=0))
    posture = reconstruction.from_hand(recorded, ARM, placement, 45)
    assert np.nanmax(posture.error) < 1e-9
    found = rebuilt(recorded, posture)
    assert found.left_out == {"trials with the hand NaN or out of reach": [7, 9]}
    joints = found.joints * ARM.model_signs
    np.testing.assert_allclose(hand_position(ARM, joints), placement.world(hand[:N_BINS]), atol=1e-9)
    np.testing.assert_allclose(found.muscle_length, Sums().lengths(joints), atol=1e-9)
    assert found.joint_names == ARM.coordinates


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joints": None, "joint_names": ()}, "Han: holds no joints"),
        (
            {"joint_names": ("wrist", "elbow_flexoin", *ARM.coordinates[2::-1])},
            "Han: 'joints' holds no 'elbow_flexion'.*'elbow_flexoin'",
        ),
    ],
)
def test_joints_that_are_not_there_are_named(change, message):
    with pytest.raises(InputError, match=message):
        reconstruction.from_joints(session(**change), ARM)


def test_a_session_of_which_nothing_is_left_says_why():
    hand = np.tile([1.0, -32], (75, 1))
    hand[[0, 1, 40, 60]] = [[100, 0], [100, 0], [100, 0], [100, 0]]
    recorded = session(hand=hand)
    placement = planar_hand.Placement((1.0, -72.0), -33.0)
    posture = reconstruction.from_hand(recorded, ARM, placement, 45)
    message = (
        r"no trial can be used \(3 trials with the hand NaN or out of reach\); the first is trial 4, 'hand' in bin 0"
    )
    with pytest.raises(InputError, match=f"Han: {message}"):
        rebuilt(recorded, posture)
    with pytest.raises(InputError, match=r"Han: arm 'tiny': the middle of the hand's places, 90\.0, 0\.0, -33\.0 cm"):
        reconstruction.from_hand(recorded, ARM, planar_hand.Placement((1.0, -122.0), -33.0), 45)
    with pytest.raises(InputError, match="Han: holds no hand"):
        reconstruction.hand_of(session(hand=np.full((75, 2), np.nan)))
    with pytest.raises(InputError, match="Han: holds no markers"):
        reconstruction.from_markers(session(), ARM, Path("arm.osim"))


# ------------------------------------------------------------------------------------------------- with OpenSim


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    """Experiment with the tiny arm, its folder, and a session of planted postures of which only markers are known."""
    opensim = pytest.importorskip("opensim", reason="opensim is not installed")
    from test_markers import TINY_MARKERS

    from proprionet.arm import markers

    folder = tmp_path_factory.mktemp("arm")
    settings = stages.experiment(folder)
    model = opensim.Model(str(folder / "tiny_arm.osim"))
    for name, (body, *place) in TINY_MARKERS.items():
        model.addMarker(opensim.Marker(name, model.getBodySet().get(body), opensim.Vec3(*place)))
    model.finalizeConnections()
    model.printToXML(str(folder / "tiny_arm.osim"))
    names = list(TINY_MARKERS)
    seen = markers.positions(folder / "tiny_arm.osim", postures(), HUMAN.coordinates, names)
    seen = np.column_stack([seen, np.zeros((75, 1, 3))])[..., [2, 0, 1]]  # recorded right, forward, up
    recorded = session(markers=seen, marker_names=(*names, "on the head"), joints=None, joint_names=())
    return settings, folder, recorded


def save(path, session):
    with store.create(path, "session") as file:
        session_files.save(file, session)
    return path


def load(path):
    with store.read(path, "session", finite=True) as file:
        return session_files.load(file)


def engine(folder):
    from proprionet.arm.muscles import EngineSettings

    patches = (("TRIlat", "elbow"),)
    return EngineSettings(folder / "tiny_arm.osim", HUMAN.coordinates, stages.MUSCLES, patches).load()


def test_the_stage_finds_joints_and_muscles_from_markers_and_again_from_those_joints(arm, tmp_path):
    settings, folder, recorded = arm
    path = save(tmp_path / "session.h5", recorded)
    words = [path, "--config", settings, "--marker-axes", "y,z,x"]
    result = stages.run(SCRIPT, *words, "--out", tmp_path / "arm.h5", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "trials 3, trials_left_out 0 trials, within_limits 1 of bins, marker_error" in result.stderr
    found = load(tmp_path / "arm.h5")
    np.testing.assert_allclose(found.joints, postures(), atol=0.2)
    lengths = engine(folder).lengths(found.joints)
    np.testing.assert_allclose(found.muscles(stages.MUSCLES), lengths, atol=1e-3)
    np.testing.assert_allclose(lengths, engine(folder).lengths(postures()), atol=0.1)
    assert {name: found.arm[name] for name in ("posture_from", "length_kind", "geometry", "engine")} == {
        "posture_from": "markers",
        "length_kind": "fibre",
        "geometry": "patched",
        "engine": "exact",
    }
    again = stages.make(SCRIPT, tmp_path / "again.h5", tmp_path / "arm.h5", "--config", settings)
    again = load(again)
    assert again.arm["posture_from"] == "joints"
    np.testing.assert_allclose(again.muscle_length, found.muscle_length, atol=1e-4)
    np.testing.assert_array_equal(again.joints, found.joints)


def test_the_stage_takes_the_hand_alone_and_raw_paths(arm, tmp_path):
    settings, _, recorded = arm
    hand = np.column_stack([6 * np.sin(np.linspace(0, 6, 75)), 5 * np.cos(np.linspace(0, 4, 75))])
    hand[60] += 100
    left = {"trials with the hand NaN or out of reach": [1]}
    path = save(tmp_path / "session.h5", replace(recorded, hand=hand, left_out=left))
    words = [path, "--config", settings, "--posture-from", "hand", "--geometry", "raw", "--length-kind", "path"]
    where = ["--shoulder-x-cm", 2, "--shoulder-y-cm", -35, "--height-cm", -20]
    result = stages.run(SCRIPT, *words, *where, "--out", tmp_path / "arm.h5", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "arm: tiny (tiny_arm.osim, SHA-256 " in result.stderr
    assert "shoulder at 2.0, -35.0 cm of the hand's frame, hand -20.0 cm above it" in result.stderr
    assert "left out 1 trials with the hand NaN or out of reach: 9\n" in result.stderr
    found, hand = load(tmp_path / "arm.h5"), hand[:50]
    assert found.trial_id.tolist() == [4, 7]
    world = np.column_stack([hand[:, 1] + 35, 2 - hand[:, 0], np.full(50, -20)])
    np.testing.assert_allclose(hand_position(HUMAN, found.joints.astype(float)), world, atol=1e-4)
    assert found.arm["shoulder_cm"] == [2, -35]
    assert (found.arm["geometry"], found.arm["hand_above_shoulder_cm"]) == ("raw", -20)


def test_the_human_arm_is_not_taken_for_a_monkey(arm, tmp_path):
    path = save(tmp_path / "session.h5", replace(arm[2], monkey="Han"))
    result = stages.run(SCRIPT, path, "--out", tmp_path / "arm.h5")
    message = (
        "Han: was recorded from monkey Han, whose arm is not the human one; give its arm: --profile macaque --model"
    )
    assert (result.exit_code, message in result.stderr) == (2, True), result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--marker-axes", "q,y"), "marker axes 'q,y': expected x, y and z in some order"),
        (("--posture-from", "joints"), "Han: holds no joints"),
        (("--posture-from", "hand"), "Han: holds no hand"),
        (("--shoulder-x-cm", "3"), "shoulder_x_cm and shoulder_y_cm belong together"),
        (("--marker-axes", "y,x,z"), "marker axes y,x,z: turn a right hand into a left one"),
        (("--geometry", "raw", "--engine", "fast"), "raw geometry jumps"),
    ],
)
def test_the_stage_says_what_is_wrong_and_leaves_nothing(arm, tmp_path, options, message):
    path = save(tmp_path / "session.h5", arm[2])
    result = stages.run(SCRIPT, path, "--config", arm[0], *options, "--out", tmp_path / "arm.h5", "--jobs", 1)
    assert (result.exit_code, message in result.stderr) == (2, True), result.output
    assert not (tmp_path / "arm.h5").exists()


def test_reaches_of_a_monkey_are_in_reach_of_its_arm(shared):
    pytest.importorskip("opensim", reason="opensim is not installed")
    from proprionet.arm.muscles import EngineSettings

    model = shared / "models" / "macaque" / "ChipsScaledArm_ale.osim"
    profile = fitted(choose("macaque"), model)
    recorded = read_session(shared / "data" / "s1_area2_chips" / "s1_area2_chips_shared.h5")
    placement = planar_hand.place(profile, recorded.hand)
    posture = reconstruction.from_hand(recorded, profile, placement, 45)
    assert posture.error.max() < 0.1
    assert posture.within_limits(profile).all()
    speed = [
        np.abs(np.gradient(trial, 0.01, axis=0)).max() for trial in np.split(posture.joints, recorded.offsets[1:-1])
    ]
    assert max(speed) < 400  # degrees/s, where the hand is at most 80 cm/s fast
    first = recorded.select(np.arange(2))
    posture = reconstruction.Posture(posture.joints[: len(first.hand)], "hand", "", None)
    lengths = reconstruction.muscle_lengths(EngineSettings.of(profile, model, length_kind="path"), posture.joints)
    found = reconstruction.rebuilt(first, posture, profile, lengths, {})
    assert found.n_trials == 2
    assert np.ptp(found.muscles(["bicep_lh", "tricep_lat"]), axis=0).min() > 1
