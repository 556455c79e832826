"""Every format gives the same session; what cannot be used is left out or refused, by name."""

import h5py
import numpy as np
import pytest
import recording_files as files

from proprionet import store
from proprionet.errors import InputError
from proprionet.neural import session_files
from proprionet.neural.recordings import read_session
from proprionet.neural.recordings.onset import movement_onset
from proprionet.neural.session import EVENTS, NAMES, PER_BIN, PER_TRIAL
from proprionet.neural.windows import windows

pytest.importorskip("pynwb", reason="the extra 'recordings' is not installed")

FORMATS = {
    "area2_bump": lambda folder: files.write_area2_bump(folder / "han.nwb"),
    "neurotask": lambda folder: files.write_neurotask(folder / "CObump.nwb"),
    "version_5": lambda folder: files.write_version_5(folder / "td.mat", files.structs()),
    "struct_array": lambda folder: files.write_struct_array(folder / "td.mat", files.structs()),
    "version_7.3": lambda folder: files.write_version_73(folder / "td.mat", files.structs()),
    "not_split": lambda folder: files.write_version_5(folder / "td.mat", files.one_record()),
    "not_split_7.3": lambda folder: files.write_version_73(folder / "td.mat", files.one_record()),
    "hdf5": lambda folder: files.write_hdf5(folder / "mine.h5"),
}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    return {name: read_session(write(tmp_path_factory.mktemp(name))) for name, write in FORMATS.items()}


def joined(signal):
    return np.concatenate([trial[signal] for trial in files.truth()])


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_the_recording(sessions, name):
    found = sessions[name]
    assert found.bin_width_s == pytest.approx(files.STEP_S)
    np.testing.assert_array_equal(found.n_bins, files.N_BINS)
    np.testing.assert_array_equal(found.spike_count, joined("spikes")[:, :3])
    np.testing.assert_allclose(found.hand, joined("hand"), atol=1e-6)
    np.testing.assert_allclose(found.target_direction, files.TARGETS_DEG, atol=1e-6)
    np.testing.assert_array_equal(found.passive, files.PASSIVE)
    np.testing.assert_allclose(found.bump_direction, np.where(files.PASSIVE, 90, np.nan))
    np.testing.assert_array_equal(found.trial_id, np.arange(4) + (0 if name == "area2_bump" else 11))
    events = {event: bins.tolist() for event, bins in found.events.items()}
    assert events["go_cue"] == [files.GO] * 4
    assert events["bump"] == [-1, -1, files.BUMP, -1]
    assert events["end"] == [n - 1 for n in files.N_BINS]
    stored = not name.startswith(("not_split", "neurotask"))
    assert np.ptp([events["movement_onset"][i] for i in (0, 1, 3)]) == 0
    assert events["movement_onset"][2] == -1
    assert events["movement_onset"][0] == (files.ONSET if stored else pytest.approx(files.ONSET, abs=6))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "neurotask"])
def test_joints_and_muscles_are_named_and_in_our_units(sessions, name):
    found = sessions[name]
    assert (found.joint_names, found.muscle_names) == (files.JOINTS, files.MUSCLES)
    np.testing.assert_allclose(found.joints, joined("joints"), atol=1e-5)
    np.testing.assert_allclose(found.muscle_length, joined("muscle_length"), atol=1e-4)
    order = ("brachialis", "tricep_lat")
    np.testing.assert_allclose(found.muscles(order), joined("muscle_length")[:, [2, 0]], atol=1e-4)
    with pytest.raises(InputError, match=r"'muscle_length' holds no muscle 'anconeus' \(its muscles: tricep_lat, "):
        found.muscles(["brachialis", "anconeus"])


@pytest.mark.parametrize("name", ["version_5", "version_7.3", "hdf5"])
def test_markers_have_a_name_for_three_columns(sessions, name):
    assert sessions[name].marker_names == files.MARKERS
    np.testing.assert_allclose(sessions[name].markers, joined("markers"), atol=1e-5)


@pytest.mark.parametrize("name", ["version_5", "not_split_7.3", "hdf5"])
def test_units_that_are_not_sorted_are_left_out_and_listed(sessions, name):
    assert sessions[name].left_out == {"units not sorted": ["8-0"]}
    np.testing.assert_array_equal(sessions[name].electrode, [3, 3, 7])
    np.testing.assert_array_equal(sessions[name].unit_number, [1, 2, 1])


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_survives_its_file(sessions, tmp_path, name):
    session, path = sessions[name], tmp_path / "session.h5"
    with store.create(path, "session") as file:
        session_files.save(file, session)
    with store.read(path, "session", finite=True) as file:
        again = session_files.load(file)
    for field in (*PER_BIN, *PER_TRIAL, "offsets", "electrode", "unit_number"):
        mine, theirs = getattr(session, field), getattr(again, field)
        assert (mine is None) == (theirs is None), field
        if mine is not None and mine.dtype.kind == "f":
            np.testing.assert_allclose(theirs, mine, rtol=1e-6, atol=1e-4)
        elif mine is not None:
            np.testing.assert_array_equal(theirs, mine)
    for event in EVENTS:
        np.testing.assert_array_equal(again.events[event], session.events[event])
    for field in ("name", "area", "monkey", "bin_width_s", "left_out", "force_unit", *NAMES.values()):
        assert getattr(again, field) == getattr(session, field)


def test_lengths_in_mm_and_in_m_are_the_same_session(tmp_path):
    found = [read_session(files.write_area2_bump(tmp_path / f"{unit}.nwb", lengths=unit)) for unit in ("m", "mm")]
    np.testing.assert_allclose(found[0].muscle_length, found[1].muscle_length)
    other = read_session(files.write_version_5(tmp_path / "td.mat", files.structs(in_metres=False)))
    np.testing.assert_allclose(other.muscle_length, joined("muscle_length"))


def test_hands_in_m_and_joints_in_radians_are_converted(tmp_path):
    records = files.structs()
    for record in records:
        record["pos"], record["vel"] = record["pos"] / 100, record["vel"] / 100
        record["opensim"][:, :2] = np.radians(record["opensim"][:, :2])
    found = read_session(files.write_version_5(tmp_path / "td.mat", records))
    np.testing.assert_allclose(found.hand, joined("hand"))
    np.testing.assert_allclose(found.velocity(), np.concatenate([files.velocity(trial) for trial in files.truth()]))
    np.testing.assert_allclose(found.joints, joined("joints"))


def test_bins_are_as_wide_as_asked_for(tmp_path):
    fine = read_session(files.write_area2_bump(tmp_path / "han.nwb"), bin_width_s=0.05)
    wide = read_session(files.write_hdf5(tmp_path / "mine.h5"), bin_width_s=0.05)
    np.testing.assert_array_equal(fine.spike_count, wide.spike_count)
    np.testing.assert_allclose(fine.hand, wide.hand, atol=1e-6)
    for event in ("go_cue", "movement_onset", "bump", "end"):
        np.testing.assert_array_equal(fine.events[event], wide.events[event])
    with pytest.raises(InputError, match=r"has bins of 0\.01 s, which cannot be joined to bins of 0.025 s"):
        read_session(tmp_path / "mine.h5", bin_width_s=0.025)
    with pytest.raises(InputError, match="'hand_pos' has 100 samples a second, too few for bins of 5 ms"):
        read_session(files.write_area2_bump(tmp_path / "slow.nwb", rate=100.0), bin_width_s=0.005)


def test_a_file_of_several_sessions_is_asked_for_one(tmp_path):
    path = files.write_neurotask(tmp_path / "CObump.nwb", sessions=("1", "2"))
    with pytest.raises(InputError, match="holds 2 sessions; choose one with --session: Han-1, Han-2"):
        read_session(path)
    with pytest.raises(InputError, match="holds no session 'Han-3'"):
        read_session(path, session="Han-3")
    np.testing.assert_array_equal(read_session(path, session="Han-2").spike_count, joined("spikes")[:, :3])


# --------------------------------------------------------------------------------------------- what cannot be used


def test_trials_that_cannot_be_used_are_left_out_and_listed(tmp_path):
    records = files.structs()
    records.append({**records[0], "trial_id": 15, "result": "F"})
    records.append({**records[0], "trial_id": 16, "idx_movement_on": np.nan})
    records.append({**records[2], "trial_id": 17, "idx_bumpTime": np.nan})
    records.append({**records[0], "trial_id": 18, "idx_endTime": np.nan})
    records.append(
        {**records[0], "trial_id": 19, "pos": np.where(np.arange(90)[:, None] == 4, np.nan, records[0]["pos"])}
    )
    records.append({**records[0], "trial_id": 20, "idx_endTime": 91.0})
    for record in records:
        record["S1_spikes"] = np.where(np.arange(4) == 1, 0, record["S1_spikes"])
    found = read_session(files.write_version_5(tmp_path / "td.mat", records))
    np.testing.assert_array_equal(found.trial_id, [11, 12, 13, 14])
    assert found.left_out == {
        "trials not rewarded": [15],
        "trials without movement_onset": [16],
        "trials without bump": [17],
        "trials without end": [18, 20],
        "trials with NaN in hand": [19],
        "units not sorted": ["8-0"],
        "units without spikes": ["3-2"],
    }


def test_trials_with_events_out_of_order_are_left_out_by_name(tmp_path):
    records = files.structs()
    records[0] |= {"idx_tgtOnTime": files.GO + 2.0}
    records[1] |= {"idx_goCueTime": files.ONSET + 9.0}
    records[2] |= {"idx_bumpTime": files.BUMP + 1.0, "idx_startTime": files.BUMP + 9.0}
    records.append({**records[2], "trial_id": 15, "idx_startTime": 1.0, "idx_movement_on": 3.0})
    found = read_session(files.write_version_5(tmp_path / "td.mat", records))
    assert found.trial_id.tolist() == [14, 15]
    assert {reason: trials for reason, trials in found.left_out.items() if reason.startswith("trials")} == {
        "trials with go_cue before target_on": [11],
        "trials with movement_onset before go_cue": [12],
        "trials with go_cue before start": [13],
    }


def test_a_unit_counts_once(tmp_path):
    records = files.structs()
    for record in records:
        record["S1_spikes"] = record["S1_spikes"][:, [0, 1, 0, 3]]
    found = read_session(files.write_version_5(tmp_path / "td.mat", records))
    assert (found.n_neurons, found.left_out["units with the spikes of another"]) == (2, ["7-1"])
    twice = files.structs(S1_unit_guide=files.GUIDE[[0, 1, 0, 3]].astype(float))
    with pytest.raises(InputError, match="unit 1 of electrode 3 is there twice"):
        read_session(files.write_version_5(tmp_path / "twice.mat", twice))


def test_one_of_several_is_not_chosen_where_there_is_one(tmp_path):
    path = files.write_hdf5(tmp_path / "mine.h5")
    with pytest.raises(InputError, match=r"mine\.h5: .* one array without a name, not 'S1'; leave out --array"):
        read_session(path, array="S1")
    with pytest.raises(InputError, match=r"mine\.h5: .* one session .*; leave out --session"):
        read_session(path, session="Han-1")


def test_a_human_is_no_monkey(tmp_path):
    path = files.write_area2_bump(tmp_path / "han.nwb")
    monkey = read_session(path).monkey
    with h5py.File(path, "a") as file:
        del file["general/subject/species"]
        file["general/subject/species"] = "Homo sapiens"
    assert (monkey, read_session(path).monkey) == ("Han", "")


def test_a_signal_that_was_not_recorded_costs_no_trial(tmp_path):
    records = files.structs()
    for record in records:
        record["markers"] = np.full_like(record["markers"], np.nan)
    found = read_session(files.write_version_5(tmp_path / "td.mat", records))
    assert (found.n_trials, found.markers) == (4, None)


REFUSED = [
    ({"bin_size": np.nan}, "trial 12: 'bin_size' is missing"),
    ({"bin_size": 10.0}, "trial 12: 'bin_size' is 10, which is no width in s"),
    ({"bin_size": 0.05}, r"trial 12 has bins of 0.05 s, trial 11 of 0.01 s \('bin_size'\)"),
    ({"vel": np.zeros((7, 2))}, "trial 12 has 7 bins of 'vel', 100 of spikes"),
    ({"pos": "here"}, "trial 12: 'pos' is not numbers"),
    ({"S1_spikes": np.full((100, 4), 0.5)}, "'S1_spikes' of trial 12 are no counts of spikes"),
    ({"opensim": np.ones((100, 3))}, "trial 12: 'opensim' has 3 columns but 7 names"),
    (
        {"opensim_names": np.array([*files.structs()[1]["opensim_names"][:-1], "other_len"], object)},
        "trial 12: 'opensim_names' are not those of trial 11, in any order",
    ),
    ({"S1_unit_guide": files.GUIDE[::-1].astype(float)}, "trial 12: 'S1_unit_guide' is not that of trial 11"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_a_trial_that_does_not_fit_is_named(tmp_path, change, message):
    records = files.structs()
    records[1] |= change
    with pytest.raises(InputError, match=message):
        read_session(files.write_version_5(tmp_path / "td.mat", records))


ALL_REFUSED = [
    ({"S1_unit_guide": np.array([[1.0, 0], [2, 0], [3, 0], [4, 255]])}, "none of its 4 units is sorted and fires"),
    ({"S1_unit_guide": np.ones((3, 2))}, "'S1_unit_guide' is for 3 units, 'S1_spikes' has 4"),
    ({"result": "A"}, r"no trial can be used \(4 trials not rewarded\)"),
    (
        {"opensim_names": np.array([*"ab", "a_ang", "a_ang", "x_len", "y_len", "z_len"], object)},
        "has the name 'a' twice",
    ),
]


@pytest.mark.parametrize(("change", "message"), ALL_REFUSED)
def test_a_recording_of_nothing_is_refused(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        read_session(files.write_version_5(tmp_path / "td.mat", files.structs(**change)))


def test_lengths_that_were_converted_twice_are_refused(tmp_path):
    records = files.structs()
    for record in records:
        record["opensim"][:, 4:] *= 1e6
    with pytest.raises(InputError, match=r"'opensim': its median length is, .* a conversion forgotten, or done twice"):
        read_session(files.write_version_5(tmp_path / "td.mat", records))

    def twice(name, data):
        data *= 1000 if name == "muscle_len" else 1

    with pytest.raises(InputError, match=r"'muscle_len': its median length would be, in the m .* 1.31?e\+05 mm"):
        read_session(files.write_area2_bump(tmp_path / "han.nwb", change=twice))


def test_columns_are_found_by_name_in_every_trial(tmp_path):
    expected = read_session(files.write_version_5(tmp_path / "td.mat", files.structs()))
    records = files.structs()
    markers = records[1]["markers"].reshape(-1, 3)
    n_markers = records[1]["markers"].shape[1] // 3
    records[1] |= {
        "opensim": records[1]["opensim"][:, ::-1],
        "opensim_names": records[1]["opensim_names"][::-1],
        "markers": markers.reshape(-1, n_markers, 3)[:, ::-1].reshape(-1, 3 * n_markers),
        "marker_names": np.reshape(records[1]["marker_names"], (n_markers, -1))[::-1].ravel(),
    }
    found = read_session(files.write_version_5(tmp_path / "turned.mat", records))
    for signal in ("joints", "muscle_length", "markers"):
        np.testing.assert_array_equal(getattr(found, signal), getattr(expected, signal))
    assert found.muscle_names == expected.muscle_names


def test_velocities_in_another_unit_than_positions_are_refused(tmp_path):
    records = files.structs()
    for record in records:
        record["vel"] = record["vel"] / 100
    with pytest.raises(InputError, match=r"'vel': leads 0.01\d* times as far as the hand goes by its positions"):
        read_session(files.write_version_5(tmp_path / "td.mat", records))


def test_directions_in_radians_are_refused(tmp_path):
    path = files.write_hdf5(tmp_path / "mine.h5", target_direction_deg=np.deg2rad([0, 90, 180, 270]))
    with pytest.raises(InputError, match=r"target directions: lie between 0 and 4.71; they look like radians"):
        read_session(path)


def test_a_recording_of_which_no_trial_says_where_it_ends_is_refused(tmp_path):
    records = files.structs()
    for record in records:
        del record["idx_endTime"]
    with pytest.raises(InputError, match="no trial has 'idx_endTime' or 'idx_trial_end', where it ends"):
        read_session(files.write_version_5(tmp_path / "td.mat", records))


def test_arrays_are_chosen_by_name(tmp_path):
    records = files.structs()
    for record in records:
        record |= {"M1_spikes": record["S1_spikes"][:, :1], "M1_unit_guide": np.array([[40.0, 1.0]])}
    path = files.write_version_73(tmp_path / "td.mat", records)
    with pytest.raises(InputError, match="holds spikes of 2 arrays; choose one with --array: M1, S1"):
        read_session(path)
    with pytest.raises(InputError, match="holds no spikes of array 'V1'"):
        read_session(path, array="V1")
    found = read_session(path, array="M1")
    assert (found.n_neurons, found.area, found.electrode.tolist()) == (1, "M1", [40])


def test_files_of_other_kinds_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "old.mat").write_bytes(b"\x00" * 200)
    (tmp_path / "text.h5").write_text("spikes")
    files.write_hdf5(tmp_path / "bare.h5", kinematics=None)
    files.write_area2_bump(tmp_path / "units.nwb", behaviour=False)
    whole = files.write_version_73(tmp_path / "cut.mat", files.structs()).read_bytes()
    (tmp_path / "cut.mat").write_bytes(whole[: len(whole) // 2])
    for name, message in {
        "old.mat": "is no MAT file of version 5 or 7.3; save it again in MATLAB",
        "text.h5": "is neither NWB, nor a MAT file",
        "bare.h5": "has no dataset 'kinematics'; expected spikes",
        "units.nwb": "holds 3 units but no behaviour",
        "cut.mat": "not a readable MAT file of version 7.3",
        "none.nwb": "does not exist, expected a recording",
    }.items():
        with pytest.raises(InputError, match=f"{name}: {message}"):
            read_session(tmp_path / name)


# ------------------------------------------------------------------------------------------------------ real ones


def test_the_shared_session_of_s1(shared):
    found = read_session(shared / "data" / "s1_area2_chips" / "s1_area2_chips_shared.h5")
    assert (found.n_trials, found.n_neurons, len(found.hand)) == (380, 26, 31194)
    assert (found.monkey, found.area, found.bin_width_s, found.left_out) == ("Chips", "left S1 (area 2)", 0.01, {})
    assert set(found.target_direction) == {0, 90, 180, 270}
    assert (found.n_bins.min(), found.n_bins.max()) == (61, 120)
    onset, go, peak = (found.events[name] for name in ("movement_onset", "go_cue", "peak_speed"))
    reaction = (onset - go)[go >= 0]
    assert 10 * np.median(reaction) == pytest.approx(140, abs=10)
    assert 10 * np.median(peak - onset) == pytest.approx(200, abs=10)
    active = windows(found)
    ends = found.hand[active.first + active.n_bins - 1] - found.hand[active.first]
    turned = np.angle(np.exp(1j * (np.arctan2(*ends.T[::-1]) - np.radians(found.target_direction))))
    assert np.median(np.abs(np.degrees(turned))) < 15


def test_the_peak_method_finds_the_onsets_that_the_lab_stored(shared):
    found = read_session(shared / "data" / "s1_area2_chips" / "s1_area2_chips_shared.h5")
    speed = np.split(np.linalg.norm(found.velocity(), axis=1), found.offsets[1:-1])
    go, end = np.maximum(found.events["go_cue"], 0), found.events["end"]
    ours = np.array([movement_onset(*trial) for trial in zip(speed, [0.01] * 380, go, end, strict=True)])
    apart = np.abs(ours[:, 0] - found.events["movement_onset"])
    assert (apart == 0).mean() > 0.85
    assert (apart <= 3).mean() > 0.95
    np.testing.assert_array_equal(ours[:, 1], found.events["peak_speed"])


def test_the_shared_session_of_m1(shared):
    found = read_session(shared / "data" / "m1_chewie_reach" / "m1_chewie_reach_shared.h5")
    assert (found.n_trials, len(found.hand), found.monkey, found.bin_width_s) == (111, 1146, "Chewie", 0.1)
    assert found.n_neurons + len(found.left_out["units without spikes"]) == 174
    assert set(found.target_direction) == set(range(0, 360, 45))
    assert (found.force.shape, found.force_unit) == ((1146, 2), "not stated")
    assert (found.events["movement_onset"] >= 0).all()


def test_the_real_nwb_has_units_and_no_behaviour(shared):
    with pytest.raises(InputError, match=r"A8604-211122.nwb: holds 3 units but no behaviour .* to predict them from"):
        read_session(shared / "data" / "nwb_sample" / "A8604-211122.nwb")
