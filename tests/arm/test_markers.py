import numpy as np
import pytest

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm

from proprionet.arm import axes, markers
from proprionet.errors import InputError

ARM26_MARKERS = ("r_acromion", "r_humerus_epicondyle", "r_radius_styloid")
MACAQUE_ANGLES = ("shoulder_flexion", "shoulder_adduction", "shoulder_rotation", "elbow_flexion")
MACAQUE_MARKERS = (
    "Shoulder_JC",
    "Marker_6",
    "Pronation_Pt1",
    "Marker_5",
    "Marker_4",
    "Marker_3",
    "Marker_2",
    "Marker_1",
)
HUMAN_MARKERS = ("R.Shoulder", "R.Bicep", "R.Elbow.Lateral", "R.Elbow.Medial", "R.Forearm", "R.Radius", "R.Ulna")
TINY_MARKERS = {  # body, place in it (m)
    "acromion": ("scapula", 0, 0.02, 0.03),
    "upper_arm": ("humerus", 0.04, -0.15, 0.02),
    "elbow": ("humerus", 0.0, -0.33, 0.05),
    "forearm": ("forearm", 0.03, -0.12, -0.04),
    "wrist": ("forearm", 0.0, -0.26, 0.02),
}


@pytest.fixture(scope="module")
def marked_arm(tmp_path_factory):
    """The tiny arm with markers."""
    model = tiny_arm.build()
    for name, (body, *place) in TINY_MARKERS.items():
        model.addMarker(opensim.Marker(name, model.getBodySet().get(body), opensim.Vec3(*place)))
    path = tmp_path_factory.mktemp("markers") / "marked_arm.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def smooth_postures(n, centre, width, seed=0):
    random = np.random.default_rng(seed)
    time, size = np.linspace(0, n / 100, n)[:, None], len(centre)
    return centre + np.array(width) * np.sin(time * random.uniform(1, 3, size) + random.uniform(0, 6, size))


def tiny_postures(n=60):
    return smooth_postures(n, [40, 60, -20, 70], [30, 20, 25, 40])


def test_positions_equal_geometry_by_hand(marked_arm):
    flexion = np.array([0.0, 30, 90])
    (wrist,) = np.moveaxis(markers.positions(marked_arm, flexion[:, None], ["elbow_flexion"], ["wrist"]), 1, 0)
    sine, cosine = np.sin(np.radians(flexion)), np.cos(np.radians(flexion))
    np.testing.assert_allclose(wrist, np.stack([26 * sine, -33 - 26 * cosine, np.full(3, 19)], axis=1), atol=1e-9)


def test_angles_come_back_through_followers(marked_arm):
    angles = tiny_postures()
    seen = markers.positions(marked_arm, angles, tiny_arm.COORDINATES, list(TINY_MARKERS))
    solution = markers.solve(marked_arm, seen, list(TINY_MARKERS), 100, coordinates=tiny_arm.COORDINATES)
    assert solution.coordinates == tiny_arm.COORDINATES
    np.testing.assert_allclose(solution.joint_angles, angles, atol=0.01)
    assert solution.max_error.max() < 0.01


def test_order_of_coordinates_and_markers_is_free(marked_arm):
    angles, names = tiny_postures(10), list(TINY_MARKERS)
    seen = markers.positions(marked_arm, angles, tiny_arm.COORDINATES, names)
    reversed_seen = markers.positions(marked_arm, angles[:, ::-1], tiny_arm.COORDINATES[::-1], names[::-1])
    np.testing.assert_array_equal(reversed_seen[:, ::-1], seen)
    solution = markers.solve(marked_arm, reversed_seen, names[::-1], 100, coordinates=tiny_arm.COORDINATES[::-1])
    np.testing.assert_allclose(solution.joint_angles[:, ::-1], angles, atol=0.01)


def test_a_start_far_from_the_default_posture(marked_arm):
    names, angles = list(TINY_MARKERS), np.array([[40.0, 77, -6, 74], [41, 78, -6, 73]])
    seen = markers.positions(marked_arm, angles, tiny_arm.COORDINATES, names)
    found = markers.solve(marked_arm, seen, names, 100, coordinates=tiny_arm.COORDINATES, start=(50, 60, -20, 75))
    np.testing.assert_allclose(found.joint_angles, angles, atol=0.01)


def test_a_marker_without_weight_does_not_count(marked_arm):
    angles = tiny_postures(10)
    names = list(TINY_MARKERS)
    seen = markers.positions(marked_arm, angles, tiny_arm.COORDINATES, names)
    seen[:, names.index("forearm")] += 3
    off = markers.solve(marked_arm, seen, names, 100, coordinates=tiny_arm.COORDINATES)
    assert np.abs(off.joint_angles - angles).max() > 1
    weights = [0 if name == "forearm" else 1 for name in names]
    solution = markers.solve(marked_arm, seen, names, 100, weights, tiny_arm.COORDINATES)
    np.testing.assert_allclose(solution.joint_angles, angles, atol=0.01)
    np.testing.assert_allclose(solution.max_error, np.sqrt(27), atol=0.01)
    np.testing.assert_allclose(solution.rms_error, np.sqrt(27 / 5), atol=0.01)


def test_frames_are_left_out_where_too_few_markers_are_seen(marked_arm):
    angles, names = tiny_postures(), list(TINY_MARKERS)
    seen = markers.positions(marked_arm, angles, tiny_arm.COORDINATES, names)
    seen[5:9, names.index("upper_arm")] = np.nan  # the others suffice
    seen[10:20, names.index("elbow"), 1] = np.nan  # half a marker is none
    seen[30:33, [names.index("forearm"), names.index("wrist")]] = np.nan  # the forearm could be anywhere
    seen[[0, 40, -1]] = np.nan
    solution = markers.solve(marked_arm, seen, names, 100, coordinates=tiny_arm.COORDINATES)
    missing = [0, 30, 31, 32, 40, 59]
    for values in (solution.joint_angles[:, 0], solution.rms_error, solution.max_error):
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(values)), missing)
    found = np.delete(np.arange(60), missing)
    np.testing.assert_allclose(solution.joint_angles[found], angles[found], atol=0.01)


def test_no_marker_seen_at_all(marked_arm):
    seen = np.full((3, len(TINY_MARKERS), 3), np.nan)
    solution = markers.solve(marked_arm, seen, list(TINY_MARKERS), 100, coordinates=tiny_arm.COORDINATES)
    assert np.isnan(solution.joint_angles).all()
    assert solution.joint_angles.shape == (3, 4)


@pytest.mark.parametrize(
    ("names", "coordinates", "message"),
    [
        (["acromion", "elbo"], tiny_arm.COORDINATES, "has no marker 'elbo'.*'elbow'"),
        (["elbow", "elbow"], tiny_arm.COORDINATES, "not all different"),
        (["elbow", "wrist"], ("elbow_flexoin",), "has no coordinate 'elbow_flexoin'.*'elbow_flexion'"),
        (["elbow", "wrist"], ("scapula_r",), "'scapula_r' is not free"),
        (["acromion", "upper_arm", "elbow"], tiny_arm.COORDINATES, "do not determine coordinate 'elbow_flexion'"),
    ],
)
def test_what_cannot_be_solved_is_named(marked_arm, names, coordinates, message):
    with pytest.raises(InputError, match=message):
        markers.solve(marked_arm, np.zeros((2, len(names), 3)), names, 100, coordinates=coordinates)


def test_equals_the_reference_of_a_recorded_flexion(shared):
    folder = shared / "data" / "arm26_elbow_flex"
    recorded = markers.read_trc(folder / "arm26_elbow_flex.trc")
    assert recorded.names == ARM26_MARKERS
    reference = np.loadtxt(folder / "arm26_InverseKinematics_reference.mot", skiprows=11)
    model = shared / "models" / "arm26.osim"
    solution = markers.solve(model, recorded.positions, recorded.names, recorded.rate_hz)
    assert solution.coordinates == ("r_shoulder_elev", "r_elbow_flex")
    np.testing.assert_allclose(solution.joint_angles, reference[:, 1:], atol=0.02)
    assert solution.rms_error.max() < 0.1
    gaps = recorded.positions.copy()
    gaps[30:40, 0] = np.nan  # on the thorax: tells nothing of the arm
    gaps[50:60, 1] = np.nan
    solution = markers.solve(model, gaps, recorded.names, recorded.rate_hz)
    np.testing.assert_allclose(solution.joint_angles, reference[:, 1:], atol=0.1)


@pytest.mark.parametrize("name", ["ButterScaledArm", "ButterScaledArm_ale", "ChipsScaledArm_ale"])
def test_angles_of_macaques_come_back(shared, name):
    model = shared / "models" / "macaque" / f"{name}.osim"
    angles = smooth_postures(150, [30, 5, 5, 70], [30, 25, 30, 40])
    seen = markers.positions(model, angles, MACAQUE_ANGLES, MACAQUE_MARKERS)
    solution = markers.solve(model, seen, MACAQUE_MARKERS, 100, coordinates=MACAQUE_ANGLES)
    np.testing.assert_allclose(solution.joint_angles, angles, atol=0.01)
    noisy = seen + np.random.default_rng(1).normal(0, 0.05, seen.shape)
    solution = markers.solve(model, noisy, MACAQUE_MARKERS, 100, coordinates=MACAQUE_ANGLES)
    assert np.sqrt(np.mean((solution.joint_angles - angles) ** 2, axis=0)).max() < 0.5
    np.testing.assert_allclose(solution.rms_error.mean(), 0.08, atol=0.02)


def test_angles_of_the_human_arm_come_back(mobl_model):
    angles = smooth_postures(30, [50, 60, -30, 70], [30, 25, 30, 40])
    coordinates = ("elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion")
    seen = markers.positions(mobl_model, angles, coordinates, HUMAN_MARKERS)
    solution = markers.solve(mobl_model, seen, HUMAN_MARKERS, 100, coordinates=coordinates)
    np.testing.assert_allclose(solution.joint_angles, angles, atol=0.01)


@pytest.mark.parametrize("unit", ["m", "cm", "mm"])
def test_files_keep_markers(tmp_path, unit):
    positions = np.random.default_rng(0).normal(0, 30, (7, 3, 3))
    positions[2, 1] = np.nan
    positions[6, 2] = np.nan  # the last cells of the file
    markers.write_trc(tmp_path / "a.trc", positions, ARM26_MARKERS, 120, unit)
    read = markers.read_trc(tmp_path / "a.trc")
    np.testing.assert_allclose(read.positions, positions, rtol=1e-9)
    assert (read.names, read.rate_hz) == (ARM26_MARKERS, 120)


@pytest.mark.parametrize("written", [True, False])
def test_opensim_reads_the_same(shared, tmp_path, written):
    path = shared / "data" / "arm26_elbow_flex" / "arm26_elbow_flex.trc"
    ours = markers.read_trc(path)
    if written:
        path = tmp_path / "ours.trc"
        markers.write_trc(path, ours.positions, ours.names, ours.rate_hz)
    table = opensim.TimeSeriesTableVec3(str(path))
    assert table.getColumnLabels() == ours.names
    assert float(table.getTableMetaDataString("DataRate")) == ours.rate_hz
    theirs = [[table.getRowAtIndex(t)[i].to_numpy() for i in range(3)] for t in range(table.getNumRows())]
    np.testing.assert_allclose(ours.positions, np.array(theirs) / 10, rtol=1e-9)


GOOD = (
    "PathFileType\t4\t(X/Y/Z)\ta.trc\n"
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
    "100\t100\t3\t2\tmm\t100\t1\t3\n"
    "Frame#\tTime\thand\t\t\telbow\t\t\n"
    "\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n"
    "\n"
    "1\t0.00\t10\t20\t30\t40\t50\t60\n"
    "2\t0.01\t10\t\tnan\t40\t50\t60\t\n"
    "3\t0.02\t10\t20\t30\n"
)


def test_gaps_in_a_file(tmp_path):
    (tmp_path / "a.trc").write_text("\ufeff" + GOOD.replace("\n", "\r\n"), encoding="utf-8", newline="")
    read = markers.read_trc(tmp_path / "a.trc")
    nan = np.nan
    expected = [[[1, 2, 3], [4, 5, 6]], [[1, nan, nan], [4, 5, 6]], [[1, 2, 3], [nan, nan, nan]]]
    np.testing.assert_allclose(read.positions, expected)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PathFileType", "Coordinates", "a.trc: is not a marker file"),
        (GOOD, "", "a.trc: is not a marker file"),
        (GOOD, "PathFileType\n\n\n\n\n", "line 3: its unit is ''; expected one of m, cm, mm"),
        ("\tmm\t", "\tinch\t", "line 3: its unit is 'inch'"),
        ("\n100\t", "\nfast\t", "line 3, DataRate: 'fast' is not a number"),
        ("\n100\t", "\nnan\t", "line 3: DataRate nan"),
        ("\n100\t", "\n-100\t", "line 3: DataRate -100"),
        ("\n100\t", "\n200\t", "its times are not those of 200 samples a second"),
        ("\t3\t2\tmm", "\t3\t4\tmm", "line 4: 2 different names for '4' markers"),
        ("\telbow\t", "\thand\t", "line 4: 1 different names for '2' markers"),
        ("\t3\t2\tmm", "\t1000000000000\t2\tmm", "holds 3 frames, where its header says '1000000000000'"),
        ("3\t0.02\t10\t20\t30\n", "", "holds 2 frames, where its header says '3'; is the file whole"),
        ("3\t0.02\t10", "3\t0.02\tten", "line 9: 'ten' is not a number"),
        ("3\t0.02", "3\t", "line 9, time: '' is not a number"),
        ("3\t0.02", "3\t0.01", "its times are not those"),
        ("3\t0.02", "3\tnan", "its times are not those"),
        ("50\t60\n", "50\t60\t70\n", "line 7: has more cells than its markers need"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path, old, new, message):
    (tmp_path / "a.trc").write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=message):
        markers.read_trc(tmp_path / "a.trc")


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.trc").write_bytes(b"PathFileType\xff\xfe\x00")
    with pytest.raises(InputError, match="is not text"):
        markers.read_trc(tmp_path / "a.trc")
    with pytest.raises(InputError, match="cannot be read"):
        markers.read_trc(tmp_path / "none.trc")


@pytest.mark.parametrize(
    ("names", "unit", "message"),
    [
        (("a", "b"), "inch", "unit 'inch'"),
        (("a", "a"), "mm", "2 markers need as many different names"),
        (("a", "b\tc"), "mm", "2 markers need"),
        (("a",), "mm", "2 markers need"),
    ],
)
def test_what_no_file_can_hold_is_not_written(tmp_path, names, unit, message):
    with pytest.raises(InputError, match=message):
        markers.write_trc(tmp_path / "a.trc", np.zeros((1, 2, 3)), names, 100, unit)
    assert not list(tmp_path.iterdir())


def test_axes_of_a_recording_become_those_of_the_model():
    seen = np.arange(6.0).reshape(1, 2, 3)
    np.testing.assert_array_equal(seen @ axes.rotation("x,y,z").T, seen)
    np.testing.assert_array_equal(seen @ axes.rotation("y, z, x").T, seen[..., [1, 2, 0]])
    np.testing.assert_array_equal(seen @ axes.rotation("x,z,-y").T, seen[..., [0, 2, 1]] * [1, 1, -1])
    for words in ("x,y", "x,x,z", "x,y,w", "", "x,y,--z"):
        with pytest.raises(InputError, match="expected x, y and z in some order"):
            axes.rotation(words)
    with pytest.raises(InputError, match="marker axes y,x,z: turn a right hand into a left one"):
        axes.rotation("y,x,z")


def test_markers_that_a_model_has(marked_arm):
    assert markers.known(marked_arm, ["wrist", "Marker_7", "elbow"]) == [0, 2]
    with pytest.raises(InputError, match=r"has none of the markers Marker_7 .its markers: acromion, "):
        markers.known(marked_arm, ["Marker_7"])
