"""The stage that reads recordings, and what the report and other stages make of its file."""

import fake_results
import numpy as np
import recording_files as files
import stages

from proprionet import store
from proprionet.neural import session_files
from proprionet.plotting.gather import gather
from proprionet.plotting.sections import sections

READ = "neural_prediction/read_session.py"


def load(path):
    with store.read(path, "session", finite=True) as file:
        return session_files.load(file)


def test_a_recording_becomes_a_session_file_that_the_report_shows(tmp_path):
    records = files.structs()
    records.append({**records[0], "trial_id": 15, "result": "F"})
    recording = files.write_version_5(tmp_path / "td.mat", records)
    result = stages.run(READ, recording, "--bin-width-s", 0.02, "--out", tmp_path / "session.h5")
    assert result.exit_code == 0, result.output
    name = "Chips 2017-09-13 CO"
    assert f"{name}: left out 1 trials not rewarded: 15\n{name}: left out 1 units not sorted: 8-0\n" in result.stderr
    assert "trials 4, passive_trials 1, neurons 3" in result.stderr
    found = load(tmp_path / "session.h5")
    assert (found.name, found.bin_width_s, found.left_out["trials not rewarded"]) == (name, 0.02, [15])
    (section,) = sections(gather([tmp_path / "session.h5"]))
    counts = "Spike counts of 3 neurons in 4 trials of 45 to 55 bins, each 20 ms wide."
    assert section.about == f"{counts} Recorded: {name}, S1, Chips."
    assert [drawing.name for drawing in section.drawings] == ["recording"]


def test_movement_onsets_that_are_not_recorded_are_said_to_be_computed(tmp_path):
    recording = files.write_version_5(tmp_path / "td.mat", files.structs(idx_movement_on=np.nan))
    result = stages.run(READ, recording, "--out", tmp_path / "session.h5")
    said = "Chips 2017-09-13 CO: movement_onset is not recorded, found from the speed of the hand in 3 trials\n"
    assert said in result.stderr
    assert load(tmp_path / "session.h5").computed == {"movement_onset": [11, 12, 14]}


def test_what_cannot_be_read_leaves_nothing_behind(tmp_path):
    (tmp_path / "td.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(300))
    result = stages.run(READ, tmp_path / "td.mat", "--out", tmp_path / "session.h5")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: td.mat: ")
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["td.mat"]


def test_a_simulated_session_is_one_too(tmp_path):
    found = load(fake_results.session(tmp_path / "session.h5"))
    assert found.driven_by == ("muscle_length",)
    assert found.spike_count.shape == (5 * 4, 3)
    np.testing.assert_array_equal(found.bin_time, np.tile(np.arange(4), 5))


def test_a_recording_without_movements_of_a_data_set_is_refused_where_those_are_needed(tmp_path):
    session = fake_results.session(tmp_path / "session.h5", movement=None, bin_time=None, driven_by=())
    data = stages.write_dataset(tmp_path / "dataset.h5")
    words = ["nn-training/train.py", data, "--session", session, "--task", "neurons"]
    settings = stages.experiment(tmp_path)
    result = stages.run(*words, "--config", settings, "--out", tmp_path / "out.h5", "--jobs", 1)
    assert (result.exit_code, "session.h5: its trials are no movements of a data set" in result.stderr) == (2, True)
