import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.neural.simulation import simulate_population


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(3, 2, size=(60, 80, 7))


def test_rates_have_the_mean_and_modulation_asked_for(features):
    found = simulate_population(features, 4, seed=1, mean_rate_hz=np.array([5, 10, 20, 40]), modulation=0.7)
    samples = found.rates.reshape(-1, 4)
    np.testing.assert_allclose(samples.mean(axis=0), [5, 10, 20, 40])
    np.testing.assert_allclose(np.log(samples).std(axis=0), 0.7)


def test_log_rate_is_the_mixture_of_standardised_features(features):
    found = simulate_population(features, 3, seed=1)
    standard = ((features - features.mean(axis=(0, 1))) / features.std(axis=(0, 1))).reshape(-1, 7)
    log_rate = np.log(found.rates.reshape(-1, 3))
    np.testing.assert_allclose(log_rate - log_rate.mean(axis=0), standard @ found.weights, atol=1e-10)


def test_counts_are_poisson_of_the_rate(features):
    found = simulate_population(features, 20, seed=2, mean_rate_hz=100, bin_width_s=0.02)
    expected = found.rates * 0.02
    surprise = (found.counts - expected) / np.sqrt(expected)
    assert found.counts.dtype.kind == "i"
    assert surprise.mean() == pytest.approx(0, abs=0.02)
    assert surprise.var() == pytest.approx(1, abs=0.02)


def test_more_neurons_leave_the_first_ones_alone(features):
    few, many = (simulate_population(features, n, seed=3) for n in (2, 5))
    np.testing.assert_array_equal(few.counts, many.counts[..., :2])
    assert (simulate_population(features, 2, seed=4).counts != few.counts).any()


def test_dead_features_drive_nothing(features):
    features[..., 2] = 0.1
    found = simulate_population(features, 3, seed=0)
    assert (found.weights[2] == 0).all()
    with pytest.raises(InputError, match="none of the 7 features varies"):
        simulate_population(np.ones_like(features), 3, seed=0)


def test_undriven_neuron_has_a_flat_rate(features):
    found = simulate_population(features, 2, seed=0, modulation=np.array([0.0, 0.5]))
    assert np.ptp(found.rates[..., 0]) == pytest.approx(0, abs=1e-9)


def test_bad_settings(features):
    with pytest.raises(InputError, match="both must be positive"):
        simulate_population(features, 2, seed=0, mean_rate_hz=-1)
    with pytest.raises(InputError, match=r"expected \(trial, bin, feature\)"):
        simulate_population(features[0], 2, seed=0)


def test_groups_of_features_drive_in_equal_parts(features):
    group = np.array([0, 0, 0, 0, 0, 1, 1])
    found = simulate_population(features, 400, seed=1, group=group)
    power = [(found.weights[group == number] ** 2).sum(axis=0) for number in (0, 1)]
    # Of two chi-squared means the one of five exceeds that of two in 0.61; if features had equal parts, in 0.85.
    assert np.mean(power[0] > power[1]) == pytest.approx(0.61, abs=0.07)
