"""Neurons of a session predicted from what the arm does, and read out; on made recordings and on the real ones."""

import fake_results
import numpy as np
import pytest
import stages
from scipy.ndimage import gaussian_filter1d

from proprionet import store
from proprionet.neural import baselines, recordings, regression, session_files
from proprionet.neural.session import Session
from proprionet.neural.windows import Windows, bins, windows
from proprionet.plotting.gather import gather
from proprionet.plotting.sections import sections

FIT = "neural_prediction/fit_baselines.py"
DECODE = "neural_prediction/decode_kinematics.py"
DRIVERS = ("position", "velocity", "muscle_length", "speed")


@pytest.fixture(scope="module")
def reaches():
    """Session of 80 trials, a quarter of them passive; two neurons each are driven by what DRIVERS names."""
    random = np.random.default_rng(0)
    n_bins = random.integers(60, 90, 80)
    offsets = np.concatenate([[0], np.cumsum(n_bins)])
    hand, muscles = (
        np.concatenate([gaussian_filter1d(random.normal(size=(n, width)), 3, axis=0) for n in n_bins]) * 10
        for width in (2, 3)
    )
    passive = np.arange(80) % 4 == 0
    events = {"movement_onset": np.full(80, 10), "end": n_bins - 5, "bump": np.where(passive, 20, -1)}
    about = {"hand": hand, "muscle_length": muscles, "muscle_names": ("a", "b", "c"), "events": events}
    about |= {"passive": passive, "target_direction": 90.0 * (np.arange(80) % 3), "area": "S1"}
    empty = Session("made", 0.01, offsets, np.zeros((len(hand), 8), int), **about)
    every = bins(empty, Windows(np.arange(80), offsets[:-1], n_bins))
    drives = [baselines.features(empty, every, name)[:, [0]] for name in DRIVERS]
    signal = np.repeat(np.concatenate([(d - d.mean()) / d.std() for d in drives], axis=1), 2, axis=1)
    rate = np.clip(10 + 3 * signal, 0, None)
    late = np.concatenate([rate[:1], rate[:-1]])  # neurons answer one bin late
    return Session("made", 0.01, offsets, random.poisson(late), **about)


@pytest.fixture(scope="module")
def session_file(reaches, tmp_path_factory):
    return save(reaches, tmp_path_factory.mktemp("session") / "session.h5")


def save(session, path):
    with store.create(path, "session", settings={}, seed=0) as out:
        session_files.save(out, session)
        out.set(headline={}, elapsed_s=0.0)
    return path


def read(path):
    with store.read(path, "prediction", finite=True) as file:
        return file.attributes(), {name: file[name] for name in file.shapes()}


def test_each_neuron_is_found_at_what_drives_it(session_file, tmp_path):
    options = ("--smoothing-ms", 0, "--latency", "neuron", "--latency-ms", 40)
    made = stages.make(FIT, tmp_path / "b.h5", session_file, *options)
    about, arrays = read(made)
    single = [about["layers"].index(name) for name in baselines.FEATURE_SETS if name in DRIVERS]
    names = [about["layers"][index] for index in single]
    best = [names[index] for index in np.argmax(arrays["validation"][single], axis=0)]
    assert best == list(np.repeat(DRIVERS, 2))
    layer = [about["layers"].index(name) for name in best]
    np.testing.assert_allclose(arrays["latency_s"][layer, range(8)], 0.01, atol=0.0101)  # within one bin
    share = arrays["explained_variance"][layer, range(8)] / arrays["ceiling_poisson"]
    np.testing.assert_allclose(share.mean(), 1, atol=0.1)
    assert (about["model"], about["network"], about["trained"], about["area"]) == ("baseline", "baseline", True, "S1")
    assert about["undefined"]["joints"] == "the session holds no joints"
    np.testing.assert_array_equal(arrays["trial_id"], np.flatnonzero(np.arange(80) % 4))
    (section,) = sections(gather([made]))
    assert [drawing.name for drawing in section.drawings] == ["baselines"]


def test_controls_and_passive_windows(session_file, tmp_path):
    true, shuffled, passive = (
        read(stages.make(FIT, tmp_path / f"{index}.h5", session_file, *options))
        for index, options in enumerate(((), ("--control", "shuffled_bins"), ("--movement", "passive")))
    )
    layer = true[0]["layers"].index("velocity")
    assert true[1]["explained_variance"][layer, 2:4].min() > 0.2
    assert shuffled[1]["explained_variance"][layer, 2:4].max() < 0.1
    assert (shuffled[0]["control"], passive[0]["movement"]) == ("shuffled_bins", "passive")
    np.testing.assert_array_equal(passive[1]["trial_id"], np.arange(0, 80, 4))


def test_features_are_what_they_are_called(reaches):
    counted = bins(reaches, windows(reaches))
    found = {name: baselines.features(reaches, counted, name) for name in (*DRIVERS, "direction", "distance")}
    first = counted.place == 0
    trial = np.flatnonzero(~reaches.passive)[0]
    start = reaches.offsets[trial] + 9
    step = reaches.hand[start + 1] - reaches.hand[start]
    np.testing.assert_allclose(found["direction"][first][0], step / np.linalg.norm(step))
    np.testing.assert_allclose(found["distance"][:, 0], np.hypot(*found["position"].T))
    np.testing.assert_allclose(found["speed"][:, 0], np.hypot(*found["velocity"].T))
    np.testing.assert_allclose(found["velocity"][5], (reaches.hand[start + 7] - reaches.hand[start + 5]) / 0.02)
    both = baselines.features(reaches, counted, "position_velocity")
    np.testing.assert_array_equal(both, np.concatenate([found["position"], found["velocity"]], axis=1))


def test_passive_position_is_relative_if_asked(reaches):
    counted = bins(reaches, windows(reaches, "passive"))
    absolute, relative = (baselines.features(reaches, counted, "position", how) for how in ("absolute", "relative"))
    before = reaches.hand[reaches.offsets[counted.trial] + 19]
    np.testing.assert_allclose(absolute - relative, before)
    active = bins(reaches, windows(reaches))
    np.testing.assert_array_equal(
        *(baselines.features(reaches, active, "position", how) for how in ("absolute", "relative"))
    )


def test_lags_stay_in_their_trial(reaches):
    of = windows(reaches)
    counted = bins(reaches, of, [-20, 0, 20])
    assert counted.n_dropped == of.n_bins.sum() - len(counted.row)
    assert (counted.row - 20 >= reaches.offsets[counted.trial]).all()
    assert (counted.row + 20 < reaches.offsets[counted.trial + 1]).all()
    message = "made: in no trial is a bin recorded -100 to 100 bins from its window"
    with pytest.raises(ValueError, match=message):
        bins(reaches, of, [-100, 100])


def test_velocity_is_read_from_neurons(session_file, tmp_path):
    made = stages.make(DECODE, tmp_path / "d.h5", session_file)
    with store.read(made, "kinematic_decoding", finite=True) as file:
        r2, about = file["r2"], file.attributes()
    assert about["targets"] == ["velocity_x", "velocity_y"]
    assert r2[0] > 0.5 > r2[1]  # neurons are driven by the first axis


def test_sessions_that_cannot_be_fitted_are_refused(tmp_path):
    session = fake_results.session(tmp_path / "session.h5")
    result = stages.run(FIT, session, "--n-folds", 2, "--out", tmp_path / "out.h5")
    assert result.exit_code == 2
    assert "session.h5: holds nothing of hand, force, joints or muscles to predict neurons from" in result.stderr
    result = stages.run(DECODE, session, "--out", tmp_path / "out.h5")
    assert (result.exit_code, "simulated: holds no hand" in result.stderr) == (2, True)


# ---------------------------------------------------------------------------------------------------- real recordings


def around_onset(session, before, after):
    """Windows of so many bins before and after movement onset, cut at the ends of trials."""
    first = np.maximum(session.events["movement_onset"] - before, 0)
    stop = np.minimum(session.events["movement_onset"] + after, session.n_bins)
    return Windows(np.arange(session.n_trials), session.offsets[:-1] + first, stop - first)


def test_real_s1_neurons_are_explained_as_published_with_them(shared):
    """The README of the recording gives 0.42, 0.29, 0.23, 0.22, 0.20 for all its trials, of which 380 are here.

    They come out 100 ms before to 300 ms after onset for spikes that are averaged over 50 ms to either side.
    """
    session = recordings.read_session(shared / "data/s1_area2_chips/s1_area2_chips_shared.h5")
    counted = bins(session, around_onset(session, 10, 30))
    features = baselines.features(session, counted, "position_velocity_acceleration_speed")
    found = regression.predict(features, session.smoothed(0.11)[counted.row], counted.trial, n_components=None)
    best = np.sort(found.scores.r2)[:-6:-1]
    np.testing.assert_allclose(best, [0.42, 0.29, 0.23, 0.22, 0.20], atol=0.04)


def test_real_s1_neurons_tell_the_velocity(shared):
    """The README gives 0.58, 0.50, from spikes of -50 to 100 ms; here 100 ms before to 500 ms after onset."""
    session = recordings.read_session(shared / "data/s1_area2_chips/s1_area2_chips_shared.h5")
    lags = np.arange(-5, 11, 3)
    counted = bins(session, around_onset(session, 10, 50), lags)
    spikes = session.smoothed(0.05)[counted.row[:, None] + lags].reshape(len(counted.row), -1)
    found = regression.predict(spikes, session.velocity()[counted.row], counted.trial, n_components=None)
    np.testing.assert_allclose(found.scores.r2, [0.58, 0.50], atol=0.04)


def test_real_m1_neurons_tell_the_velocity(shared):
    """The README gives 0.60, 0.49 for all 159 trials, of which 111 are here."""
    session = recordings.read_session(shared / "data/m1_chewie_reach/m1_chewie_reach_shared.h5")
    trial = np.repeat(np.arange(session.n_trials), session.n_bins)
    found = regression.predict(session.spike_count, session.velocity(), trial, n_components=None)
    np.testing.assert_allclose(found.scores.r2, [0.60, 0.49], atol=0.04)
