import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import Ridge
from sklearn.metrics import explained_variance_score, r2_score

from proprionet.errors import InputError
from proprionet.neural.regression import fit_ridge, noise_ceiling, predict, score, trial_folds
from proprionet.neural.simulation import simulate_population


@pytest.fixture
def layer():
    """Activations (trial, bin, unit) of 30 units that follow 6 slow signals."""
    random = np.random.default_rng(0)
    signals = np.cumsum(random.normal(size=(60, 100, 6)), axis=1)
    return signals @ random.normal(size=(6, 30)) + random.normal(size=(60, 100, 30))


def planted(layer, share, n_neurons=8):
    """Responses of which the layer explains a known share."""
    random = np.random.default_rng(1)
    signal = layer @ random.normal(size=(layer.shape[-1], n_neurons))
    return signal + random.normal(size=signal.shape) * signal.std(axis=(0, 1)) * np.sqrt(1 / share - 1)


@pytest.mark.parametrize("alpha", [0.01, 30.0, 1e5])
def test_ridge_equals_scikit_learn(alpha):
    random = np.random.default_rng(0)
    features, responses = random.normal(3, 2, size=(300, 20)), random.normal(50, 5, size=(300, 7))
    slopes, intercept = fit_ridge(features, responses, alpha)
    expected = Ridge(alpha=alpha).fit(features, responses)
    np.testing.assert_allclose(slopes, expected.coef_.T, atol=1e-8)
    np.testing.assert_allclose(intercept, expected.intercept_, atol=1e-8)


def test_ridge_takes_an_alpha_a_neuron():
    random = np.random.default_rng(0)
    features, responses, alpha = random.normal(size=(90, 5)), random.normal(size=(90, 3)), np.array([0.1, 10, 1000])
    slopes, _ = fit_ridge(features, responses, alpha)
    expected = [Ridge(alpha=a).fit(features, responses[:, i]).coef_ for i, a in enumerate(alpha)]
    np.testing.assert_allclose(slopes.T, expected, atol=1e-8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_planted_linear_model_reaches_theory(layer, share):
    found = predict(layer, planted(layer, share)).scores
    np.testing.assert_allclose(found.explained_variance.mean(), share, atol=0.01)
    np.testing.assert_allclose(found.r2.mean(), share, atol=0.01)
    np.testing.assert_allclose(found.correlation.mean(), np.sqrt(share), atol=0.02)


def test_poisson_neurons_come_near_their_ceiling(layer):
    neurons = simulate_population(layer, 6, seed=0, mean_rate_hz=60, modulation=0.3)
    found = predict(layer, neurons.counts).scores.explained_variance
    ceiling = noise_ceiling(neurons.counts, neurons.rates, 0.015)
    assert (found < ceiling).all()
    assert found.mean() / ceiling.mean() > 0.85


def test_ceiling_of_poisson_neurons_equals_theory(layer):
    neurons = simulate_population(layer, 6, seed=0, mean_rate_hz=60)
    expected = neurons.rates * 0.015
    signal, noise = expected.var(axis=(0, 1)), expected.mean(axis=(0, 1))
    np.testing.assert_allclose(
        noise_ceiling(neurons.counts, neurons.rates, 0.015), signal / (signal + noise), atol=0.02
    )


def test_shuffled_trials_are_not_predicted(layer):
    found = predict(layer, planted(layer, 0.9)[np.random.default_rng(0).permutation(60)]).scores
    assert found.explained_variance.max() < 0.02
    assert found.r2.max() < 0.02


def test_nothing_leaks_from_a_trial_to_itself():
    """Activations tell trials apart and nothing else: only a leak could predict a trial's own constant response."""
    random = np.random.default_rng(0)
    layer = random.normal(size=(40, 1, 30)) + 0.01 * random.normal(size=(40, 20, 30))
    responses = random.normal(size=(40, 1, 5)) + 0.01 * random.normal(size=(40, 20, 5))
    assert predict(layer, responses).scores.explained_variance.max() < 0.1


def test_every_trial_is_predicted_by_a_model_of_the_others(layer):
    """Changing a trial's responses must leave its own prediction, and its fold's, as they were."""
    responses = planted(layer, 0.5)
    before = predict(layer, responses)
    assert sorted(np.bincount(before.fold)) == [12] * 5
    changed = responses.copy()
    changed[before.fold == 2] += np.random.default_rng(0).normal(size=changed[before.fold == 2].shape) * 100
    after = predict(layer, changed)
    np.testing.assert_array_equal(after.predicted[after.fold == 2], before.predicted[before.fold == 2])
    assert (after.predicted[after.fold != 2] != before.predicted[before.fold != 2]).any()


def test_components_are_those_of_the_training_trials(layer):
    """A held-out trial with wild activations must not turn the components that the other folds' models see."""
    responses = planted(layer, 0.5)
    before = predict(layer, responses, n_components=3)
    wild = layer.copy()
    trial = np.flatnonzero(before.fold == 0)[0]
    wild[trial] *= 1000
    after = predict(wild, responses, n_components=3)
    others = (before.fold == 0) & (np.arange(60) != trial)
    np.testing.assert_array_equal(after.predicted[others], before.predicted[others])


def test_constant_neuron_has_no_score(layer):
    responses = planted(layer, 0.5)
    responses[..., 3] = 2
    found = predict(layer, responses)
    for values in (found.scores.explained_variance, found.scores.r2, found.scores.correlation):
        np.testing.assert_array_equal(np.isnan(values), np.arange(8) == 3)
    np.testing.assert_allclose(found.predicted[..., 3], 2)


def test_neuron_that_fires_in_one_trial_only_is_scored(layer):
    responses = np.zeros((60, 100, 1))
    responses[5, ::3] = 1
    assert predict(layer, responses).scores.explained_variance[0] < 0.02


def test_fewer_units_than_components_and_copies_of_units(layer):
    responses = planted(layer, 0.5)
    once = predict(layer, responses).scores.explained_variance
    twice = predict(layer[..., [*range(30), *range(30)]], responses).scores.explained_variance
    np.testing.assert_allclose(twice, once, atol=1e-6)


def test_scale_of_the_layer_does_not_matter(layer):
    responses = planted(layer, 0.5)
    found, scaled = (predict(gain * layer + gain, responses).predicted for gain in (1, 1e-3))
    np.testing.assert_allclose(scaled, found, rtol=1e-6, atol=1e-6)


def test_scores_equal_scikit_learn_and_scipy():
    random = np.random.default_rng(0)
    observed, predicted = random.poisson(3, size=(4, 50, 3)), random.normal(3.5, 1, size=(4, 50, 3))
    found = score(observed, predicted)
    for neuron in range(3):
        y, guess = observed[..., neuron].ravel(), predicted[..., neuron].ravel()
        assert found.explained_variance[neuron] == pytest.approx(explained_variance_score(y, guess))
        assert found.r2[neuron] == pytest.approx(r2_score(y, guess))
        assert found.correlation[neuron] == pytest.approx(pearsonr(y, guess).statistic)
    assert (score(observed, np.ones_like(predicted)).correlation == 0).all()


def test_folds_are_even_and_seeded():
    fold = trial_folds(23, 5, seed=1)
    assert set(np.bincount(fold)) == {4, 5}
    np.testing.assert_array_equal(fold, trial_folds(23, 5, seed=1))
    assert (fold != trial_folds(23, 5, seed=2)).any()


def test_errors_say_what_is_wrong(layer):
    responses = planted(layer, 0.5)
    with pytest.raises(InputError, match=r"expected \(trial, bin, unit\) and \(trial, bin, neuron\)"):
        predict(layer[:, 1:], responses)
    with pytest.raises(InputError, match="9 trials cannot be dealt into 5 folds"):
        predict(layer[:9], responses[:9])
    with pytest.raises(InputError, match="none of the 30 units varies"):
        predict(np.ones_like(layer), responses)
    responses[7, 0, 0] = np.nan
    with pytest.raises(InputError, match="responses: trial 7 holds a value that is not finite"):
        predict(layer, responses)
