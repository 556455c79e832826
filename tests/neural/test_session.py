"""Sessions in memory: bins joined, spikes smoothed, trials chosen, and the windows that are analysed."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet.errors import InputError
from proprionet.neural.session import Session
from proprionet.neural.windows import windows

N_BINS = np.array([30, 41, 35])
OFFSETS = np.concatenate([[0], np.cumsum(N_BINS)])


def session(**changes):
    rng = np.random.default_rng(0)
    total = OFFSETS[-1]
    about = {
        "bin_width_s": 0.01,
        "offsets": OFFSETS,
        "spike_count": rng.poisson(2, (total, 3)),
        "hand": np.cumsum(rng.normal(size=(total, 2)), axis=0),
        "passive": np.array([False, True, False]),
        "trial_id": np.array([5, 6, 9]),
        "events": {
            "start": np.zeros(3, int),
            "movement_onset": np.array([10, -1, 12]),
            "bump": np.array([-1, 20, -1]),
            "end": N_BINS - 1,
        },
    }
    return Session("Han", **{**about, **changes})


def test_joining_bins_sums_spikes_and_averages_the_rest():
    fine = session()
    wide = fine.rebinned(4)
    assert wide.bin_width_s == pytest.approx(0.04)
    np.testing.assert_array_equal(wide.n_bins, N_BINS // 4)
    for trial, (a, b) in enumerate(zip(wide.offsets[:-1], wide.offsets[1:], strict=True)):
        rows = slice(OFFSETS[trial], OFFSETS[trial] + 4 * (N_BINS[trial] // 4))
        np.testing.assert_array_equal(wide.spike_count[a:b], fine.spike_count[rows].reshape(-1, 4, 3).sum(axis=1))
        np.testing.assert_allclose(wide.hand[a:b], fine.hand[rows].reshape(-1, 4, 2).mean(axis=1))
    assert wide.events["movement_onset"].tolist() == [2, -1, 3]
    assert wide.events["bump"].tolist() == [-1, 5, -1]
    assert wide.events["end"].tolist() == [6, 9, 7]  # that of trials 0 and 2 was in a bin that is not full
    with pytest.raises(InputError, match="Han: trial 5 is shorter than a bin of 31 bins"):
        fine.rebinned(31)


def test_spikes_are_smoothed_within_their_trial():
    fine = session()
    found = fine.smoothed()
    for a, b in itertools.pairwise(OFFSETS):
        counts = fine.spike_count[a:b]
        here = np.ones(len(counts))
        for neuron in range(3):
            published = np.convolve(counts[:, neuron], np.ones(5) / 5, mode="same")
            share = np.convolve(here, np.ones(5) / 5, mode="same")  # of the window that is in the trial
            np.testing.assert_allclose(found[a:b, neuron], published / share, atol=1e-12)
    np.testing.assert_array_equal(fine.smoothed(0.01), fine.spike_count)


@given(st.permutations([0, 1, 2]), st.integers(1, 3))
def test_trials_are_chosen_with_all_that_is_theirs(order, n_kept):
    fine, chosen = session(), np.array(order[:n_kept])
    found = fine.select(chosen)
    np.testing.assert_array_equal(found.trial_id, fine.trial_id[chosen])
    for place, trial in enumerate(chosen):
        mine, theirs = (slice(*s.offsets[[i, i + 1]]) for s, i in ((found, place), (fine, trial)))
        np.testing.assert_array_equal(found.hand[mine], fine.hand[theirs])
        assert found.events["bump"][place] == fine.events["bump"][trial]


def test_velocity_is_recorded_or_the_gradient_of_each_trial():
    fine = session()
    np.testing.assert_allclose(fine.velocity()[30:71], np.gradient(fine.hand[30:71], 0.01, axis=0))
    recorded = session(hand_velocity=np.ones((106, 2)))
    assert recorded.velocity() is recorded.hand_velocity
    with pytest.raises(InputError, match="Han: holds no hand"):
        session(hand=None).velocity()


def test_active_and_passive_windows_are_one_path():
    fine = session()
    active, passive = windows(fine, "active"), windows(fine, "passive")
    assert (active.trial.tolist(), active.n_bins.tolist(), active.first.tolist()) == ([0, 2], [20, 23], [10, 83])
    assert (passive.trial.tolist(), passive.n_bins.tolist(), passive.first.tolist()) == ([1], [13], [50])
    assert windows(fine.rebinned(2), "passive").n_bins.tolist() == [6]
    np.testing.assert_array_equal(active.mask.sum(axis=1), [20, 23])
    np.testing.assert_array_equal(active.bins, [*range(10, 30), *range(83, 106)])


def test_windows_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="Han: none of its 3 trials is passive, with a bump"):
        windows(session(passive=np.zeros(3, bool)), "passive")
    late = session(events={"bump": np.array([-1, 35, -1])})
    with pytest.raises(InputError, match="none of its 3 trials is passive"):
        windows(late, "passive")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hand": np.zeros((5, 2))}, "Han: 'hand' has 5 rows, expected 106"),
        ({"passive": np.zeros(2, bool)}, "Han: 'passive' has 2 rows, expected 3"),
        ({"electrode": np.zeros(2, int)}, "Han: 'electrode' has 2 rows, expected 3"),
        ({"offsets": np.array([0, 30, 30, 106])}, "Han: 'offsets' must rise from 0 to the 106 bins"),
        ({"joints": np.zeros((106, 2)), "joint_names": ("a",)}, "Han: 'joints' needs one name of its own for each"),
        ({"joints": np.zeros((106, 2)), "joint_names": ("a", "a")}, "Han: 'joints' needs one name of its own"),
        ({"events": {"bump": np.array([-1, 41, -1])}}, "Han: 'bump' of trial 6 is bin 41, but the trial has 41 bins"),
        ({"bin_width_s": 0.0}, "Han: expected spikes .bin, neuron. in bins of positive width"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    with pytest.raises(InputError, match=message):
        session(**change)
