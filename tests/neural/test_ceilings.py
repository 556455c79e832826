import numpy as np
import pytest

from proprionet.neural import ceilings
from proprionet.neural.scores import explained_variance
from proprionet.neural.session import Session


@pytest.fixture(scope="module")
def repeats():
    """Session of 10 Poisson neurons in 480 trials of 40 to 60 bins; rates depend on direction and time alone."""
    random = np.random.default_rng(0)
    n_bins = random.integers(40, 61, 480)
    place = np.concatenate([np.arange(n) for n in n_bins])
    direction = np.tile([0.0, 90, 180, 270], 120)
    phase, speed = random.uniform(0, 6, (4, 10)), random.uniform(0.05, 0.3, 10)
    rate = 3 * np.exp(
        0.5 * np.sin(place[:, None] * speed + np.repeat(phase[(direction // 90).astype(int)], n_bins, axis=0))
    )
    offsets = np.concatenate([[0], np.cumsum(n_bins)])
    counts = random.poisson(rate)
    return Session("repeats", 0.01, offsets, counts, true_rate=rate * 100, target_direction=direction), place


@pytest.mark.parametrize("smoothing_s", [0.01, 0.05])
def test_true_rate_scores_one(repeats, smoothing_s):
    session, place = repeats
    trial = np.repeat(np.arange(480), session.n_bins)
    y, expected = session.smoothed(smoothing_s), session.smoothed(smoothing_s, session.true_rate) / 100
    explained = explained_variance(y, expected)
    halves = ceilings.split_half(y, trial, place, session.target_direction)
    poisson = ceilings.poisson(y, session.n_smoothed(smoothing_s))
    np.testing.assert_allclose(explained, ceilings.true_rate(y, expected).explained_variance)
    for ceiling in (halves, poisson):
        assert not ceiling.undefined
        assert np.mean(explained / ceiling.explained_variance) == pytest.approx(1, abs=0.02)
        np.testing.assert_allclose(explained / ceiling.explained_variance, 1, atol=0.08)


def test_true_rate_of_unsmoothed_poisson_equals_theory(repeats):
    session, _ = repeats
    expected = session.true_rate / 100
    theory = expected.var(axis=0) / (expected.var(axis=0) + expected.mean(axis=0))
    found = ceilings.true_rate(session.spike_count, expected).explained_variance
    np.testing.assert_allclose(found, theory, atol=0.02)


def test_two_equal_halves_give_the_formula_of_spearman_and_brown():
    """Gaussian neurons of known signal and noise in one direction, four trials each: the share of the signal."""
    random = np.random.default_rng(1)
    n_bins = 5000
    signal = random.normal(size=(n_bins, 3)) * np.sqrt([0.2, 0.5, 2])
    y = np.tile(signal, (4, 1)) + random.normal(size=(4 * n_bins, 3))
    found = ceilings.split_half(y, np.repeat(np.arange(4), n_bins), np.tile(np.arange(n_bins), 4), np.zeros(4))
    np.testing.assert_allclose(found.explained_variance, np.array([0.2, 0.5, 2]) / np.array([1.2, 1.5, 3]), atol=0.02)


def test_neurons_without_a_ceiling_have_a_reason(repeats):
    session, place = repeats
    trial = np.repeat(np.arange(480), session.n_bins)
    y = session.spike_count[:, :3].astype(float)
    y[:, 0] = 1
    y[:, 1] = np.random.default_rng(0).permutation(y[:, 1]).clip(max=4)
    halves, poisson = ceilings.split_half(y, trial, place, session.target_direction), ceilings.poisson(y)
    for found, why in ((halves, "less than 1 % in common"), (poisson, "no more than Poisson spikes")):
        np.testing.assert_array_equal(np.isnan(found.explained_variance), [True, True, False])
        assert found.undefined[0] == "its response never changes"
        assert why in found.undefined[1]
    unknown = ceilings.split_half(y, trial, place, np.full(480, np.nan))
    assert np.isnan(unknown.explained_variance).all()
    assert unknown.undefined[2] == "no direction has 4 trials that can be compared"
