import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import d2_tweedie_score, explained_variance_score, r2_score

from proprionet.neural.scores import explained_variance_interval, score


def test_scores_equal_scikit_learn_and_scipy():
    random = np.random.default_rng(0)
    observed, predicted = random.poisson(3, size=(200, 3)), random.normal(3.5, 0.5, size=(200, 3))
    found = score(observed, predicted)
    for neuron in range(3):
        y, guess = observed[:, neuron], predicted[:, neuron]
        assert found.explained_variance[neuron] == pytest.approx(explained_variance_score(y, guess))
        assert found.r2[neuron] == pytest.approx(r2_score(y, guess))
        assert found.correlation[neuron] == pytest.approx(pearsonr(y, guess).statistic)
        assert found.deviance_explained[neuron] == pytest.approx(d2_tweedie_score(y, guess, power=1))
    assert (score(observed, np.ones_like(predicted)).correlation == 0).all()


def test_deviance_needs_rates_and_cuts_off_predictions_below_a_hundredth_of_the_mean():
    observed = np.random.default_rng(0).poisson(2, size=(100, 2)).astype(float)
    low, cut_off = np.full((100, 2), -5.0), 0.01 * np.tile(observed.mean(axis=0), (100, 1))
    np.testing.assert_array_equal(score(observed, low).deviance_explained, score(observed, cut_off).deviance_explained)
    observed[3, 1] = -1
    np.testing.assert_array_equal(np.isnan(score(observed, cut_off).deviance_explained), [False, True])


def test_interval_equals_that_of_drawing_trials_one_by_one():
    """Independent oracle: bins of drawn trials are put together and scored by scikit-learn."""
    random = np.random.default_rng(0)
    trial = np.repeat(np.arange(30), random.integers(5, 30, 30))
    predicted = random.normal(size=(len(trial), 1)) + random.normal(size=30)[trial, None]
    observed = predicted + random.normal(size=(30, 1))[trial] + random.normal(size=predicted.shape)
    drawn = []
    for _ in range(500):
        bins = np.concatenate([np.flatnonzero(trial == chosen) for chosen in random.integers(0, 30, 30)])
        drawn.append(explained_variance_score(observed[bins], predicted[bins]))
    found = explained_variance_interval(observed, predicted, trial, seed=0)
    np.testing.assert_allclose(found[:, 0], np.quantile(drawn, [0.025, 0.975]), atol=0.03)
    order = random.permutation(len(trial))
    again = explained_variance_interval(observed[order], predicted[order], trial[order], seed=0)
    np.testing.assert_allclose(again, found)
