import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import explained_variance_score
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from proprionet.errors import InputError
from proprionet.neural import ceilings, ridge
from proprionet.neural.regression import predict, shuffled_in_trials, trial_folds
from proprionet.neural.simulation import simulate_population

TRIAL = np.repeat(np.arange(60), 100)


@pytest.fixture
def layer():
    """Activations (bin, unit) of 30 units that follow 6 slow signals, in 60 trials of 100 bins."""
    random = np.random.default_rng(0)
    signals = np.cumsum(random.normal(size=(60, 100, 6)), axis=1)
    return (signals @ random.normal(size=(6, 30)) + random.normal(size=(60, 100, 30))).reshape(-1, 30)


def planted(layer, share, n_neurons=8):
    """Responses of which the layer explains a known share."""
    random = np.random.default_rng(1)
    signal = layer @ random.normal(size=(layer.shape[-1], n_neurons))
    return signal + random.normal(size=signal.shape) * signal.std(axis=0) * np.sqrt(1 / share - 1)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_planted_linear_model_reaches_theory(layer, share):
    found = predict(layer, planted(layer, share), TRIAL)
    np.testing.assert_allclose(found.scores.explained_variance.mean(), share, atol=0.01)
    np.testing.assert_allclose(found.scores.r2.mean(), share, atol=0.01)
    np.testing.assert_allclose(found.scores.correlation.mean(), np.sqrt(share), atol=0.02)
    np.testing.assert_allclose([found.validation.mean(), found.training.mean()], share, atol=0.015)
    assert (found.training > found.scores.explained_variance).all()


def test_intervals_hold_the_truth(layer):
    found = predict(layer, planted(layer, 0.5, 60), TRIAL)
    low, high = found.interval
    assert (low < found.scores.explained_variance).all()
    assert (found.scores.explained_variance < high).all()
    assert np.mean((low < 0.5) & (high > 0.5)) > 0.8
    assert np.median(high - low) < 0.2


def test_trials_of_any_length_and_number(layer):
    """Only which bins share a trial matters: neither the numbers of trials, nor that they have one length."""
    kept = np.arange(len(TRIAL)) % 100 < 40 + TRIAL
    responses = planted(layer[kept], 0.5)
    found = predict(layer[kept], responses, TRIAL[kept])
    np.testing.assert_allclose(found.scores.explained_variance.mean(), 0.5, atol=0.015)
    again = predict(layer[kept], responses, 1000 + 7 * TRIAL[kept])
    np.testing.assert_array_equal(again.predicted, found.predicted)


def test_alphas_and_scores_equal_the_grid_search_of_scikit_learn(layer):
    """On the same folds, for features that are z-scored already."""
    layer, trial = layer[:5000], TRIAL[:5000]  # 50 trials make equal folds, whose mean error is that of their bins
    responses = planted(layer[:, :5], 0.05, 2) + planted(layer, 0.05, 2)
    found = predict(layer, responses, trial, n_components=None)
    for number in range(5):
        train = (found.fold != number)[trial]
        x = (layer - layer[train].mean(axis=0)) / layer[train].std(axis=0)
        inner = np.full(50, -1)
        inner[found.fold != number] = trial_folds(40, 5, 0, "inner", number)
        for neuron in range(2):
            search = GridSearchCV(
                Ridge(),
                {"alpha": ridge.ALPHAS},
                cv=PredefinedSplit(inner[trial][train]),
                scoring="neg_mean_squared_error",
            ).fit(x[train], responses[train, neuron])
            assert search.best_params_["alpha"] == found.alpha[number, neuron]
            np.testing.assert_allclose(search.predict(x[~train]), found.predicted[~train, neuron], rtol=1e-9, atol=1e-9)


def test_validation_is_the_score_of_inner_folds(layer):
    x, y = layer - layer.mean(axis=0), planted(layer, 0.3, 2)
    fold = trial_folds(60, 5, 3)[TRIAL]
    alpha, explained = ridge.choose_alpha(x, y, fold, np.array([10.0]))
    held_out = np.empty_like(y)
    for number in range(5):
        held_out[fold == number] = Ridge(10.0).fit(x[fold != number], y[fold != number]).predict(x[fold == number])
    expected = explained_variance_score(y, held_out, multioutput="raw_values")
    np.testing.assert_allclose(explained, expected, rtol=1e-9)
    np.testing.assert_array_equal(alpha, 10)


@pytest.mark.parametrize("common", [False, True])
def test_lag_is_recovered(layer, common):
    """Neurons that answer 3 bins before to 4 bins after the layer; only the right lag explains their share."""
    lags, true = np.arange(-5, 6), np.full(8, 2) if common else np.arange(-3, 5)
    longer = np.concatenate([layer, layer[:10]])
    answers = planted(longer, 0.5)
    bins, numbers = np.arange(10, len(layer) - 10), TRIAL[10:-10]
    responses = np.stack([[answers[bins + lag - late, i] for i, late in enumerate(true)] for lag in lags])
    found = predict(layer[bins], responses.transpose(2, 0, 1), numbers, common_lag=common)
    np.testing.assert_array_equal(lags[found.lag], true)
    np.testing.assert_allclose(found.scores.explained_variance.mean(), 0.5, atol=0.015)
    shift = np.stack([answers[bins, i] for i in range(8)], axis=1)
    np.testing.assert_array_equal(found.observed, shift)


def test_held_out_trials_do_not_choose_the_lag(layer):
    """Responses of one fold that would prefer another lag change nothing of how that fold is predicted."""
    responses = np.stack([planted(layer, 0.5), np.random.default_rng(2).normal(size=(len(layer), 8))], axis=1)
    before = predict(layer, responses, TRIAL)
    tempting = responses.copy()
    held_out = (before.fold == 1)[TRIAL]
    tempting[held_out] = responses[held_out][:, ::-1]
    after = predict(layer, tempting, TRIAL)
    np.testing.assert_array_equal(after.predicted[held_out], before.predicted[held_out])


def test_best_set_of_features_is_the_one_that_drives_a_neuron():
    random = np.random.default_rng(3)
    sets = [np.cumsum(random.normal(size=(60, 100, 20)), axis=1).reshape(-1, 20) for _ in range(4)]
    responses = np.concatenate([planted(features, 0.2, 5) for features in sets], axis=1)
    validation = [predict(features, responses, TRIAL, n_components=10).validation for features in sets]
    np.testing.assert_array_equal(np.argmax(validation, axis=0), np.repeat(np.arange(4), 5))


def test_true_rate_scores_one_of_the_ceiling():
    features = np.random.default_rng(4).normal(size=(200, 100, 3))
    neurons = simulate_population(features, 12, seed=0, mean_rate_hz=150, modulation=0.5)
    counts, rates = neurons.counts.reshape(-1, 12), neurons.rates.reshape(-1, 12)
    trial = np.repeat(np.arange(200), 100)
    found = predict(rates, counts, trial).scores.explained_variance
    for ceiling in (ceilings.true_rate(counts, rates * 0.015), ceilings.poisson(counts)):
        np.testing.assert_allclose(np.mean(found / ceiling.explained_variance), 1, atol=0.02)


def test_shuffled_bins_explain_nothing(layer):
    layer = layer.reshape(60, 100, -1)
    layer = (layer - layer.mean(axis=1, keepdims=True)).reshape(-1, 30)
    responses, shuffled = planted(layer, 0.9), shuffled_in_trials(layer, TRIAL, seed=0)
    assert np.abs(predict(shuffled, responses, TRIAL).scores.explained_variance).max() < 0.02
    for number in (0, 59):
        np.testing.assert_array_equal(
            np.sort(shuffled[number == TRIAL], axis=0), np.sort(layer[number == TRIAL], axis=0)
        )
    assert (shuffled != layer).any(axis=1).mean() > 0.9


def test_nothing_leaks_from_a_trial_to_itself():
    """Features tell trials apart and nothing else: only a leak could predict a trial's own constant response."""
    random = np.random.default_rng(0)
    trial = np.repeat(np.arange(40), 20)
    features = (random.normal(size=(40, 1, 30)) + 0.01 * random.normal(size=(40, 20, 30))).reshape(-1, 30)
    responses = (random.normal(size=(40, 1, 20)) + 0.01 * random.normal(size=(40, 20, 20))).reshape(-1, 20)
    found = predict(features, responses, trial)
    assert found.scores.explained_variance.mean() <= 0
    assert found.scores.explained_variance.max() < 0.1
    assert found.validation.mean() <= 0


def test_every_trial_is_predicted_by_a_model_of_the_others(layer):
    """Changing a trial's responses must leave its own prediction, and its fold's, as they were."""
    responses = planted(layer, 0.5)
    before = predict(layer, responses, TRIAL)
    assert sorted(np.bincount(before.fold)) == [12] * 5
    changed, held_out = responses.copy(), (before.fold == 2)[TRIAL]
    changed[held_out] += np.random.default_rng(0).normal(size=changed[held_out].shape) * 100
    after = predict(layer, changed, TRIAL)
    np.testing.assert_array_equal(after.predicted[held_out], before.predicted[held_out])
    assert (after.predicted[~held_out] != before.predicted[~held_out]).any()


@pytest.mark.parametrize("fit", ["training", "published"])
def test_components_are_those_of_the_training_trials_unless_published(layer, fit):
    """A held-out trial with other activations must not turn the components that its fold's model sees."""
    responses = planted(layer, 0.5)
    before = predict(layer, responses, TRIAL, n_components=3, fit=fit)
    wild, trial = layer.copy(), np.flatnonzero(before.fold == 0)[0]
    wild[trial == TRIAL] = wild[trial == TRIAL][:, ::-1] * 5
    after = predict(wild, responses, TRIAL, n_components=3, fit=fit)
    others = (before.fold == 0)[TRIAL] & (trial != TRIAL)
    assert np.array_equal(after.predicted[others], before.predicted[others]) == (fit == "training")


def test_published_fit_replaces_outliers(layer):
    fits = ("training", "published")
    responses, wild = planted(layer, 0.5), layer.copy()
    wild[3333] *= 1e3
    errors = [np.abs(predict(wild, responses, TRIAL, fit=fit).scores.explained_variance - 0.5).mean() for fit in fits]
    assert errors[0] > 0.1 > 0.05 > errors[1]


def test_poisson_regression_finds_what_drives_poisson_neurons():
    features = np.random.default_rng(5).normal(size=(50, 40, 3))
    neurons = simulate_population(features, 3, seed=0, mean_rate_hz=60, modulation=1.0)
    counts, rates = neurons.counts.reshape(-1, 3), neurons.rates.reshape(-1, 3) * 0.015
    counts[:, 2] = 0
    trial = np.repeat(np.arange(50), 40)
    how = {"n_folds": 3, "alphas": np.array([1e-3, 1.0])}
    linear, found = (
        predict(features.reshape(-1, 3), counts, trial, estimator=name, **how) for name in ("ridge", "poisson")
    )
    ceiling = ceilings.true_rate(counts, rates).explained_variance
    np.testing.assert_allclose(found.scores.explained_variance[:2], ceiling[:2], atol=0.01)
    np.testing.assert_allclose(found.predicted[:, :2], rates[:, :2], rtol=0.5)
    assert (found.scores.deviance_explained[:2] > linear.scores.deviance_explained[:2] + 0.01).all()
    assert (found.validation[:2] > linear.validation[:2]).all()
    assert np.isnan(found.scores.explained_variance[2])
    assert (found.predicted[:, 2] == 0).all()


def test_constant_neuron_has_no_score(layer):
    responses = planted(layer, 0.5)
    responses[:, 3] = 2
    found = predict(layer, responses, TRIAL)
    scores = (found.scores.explained_variance, found.scores.r2, found.scores.correlation)
    for values in (*scores, *found.interval, found.validation, found.training):
        np.testing.assert_array_equal(np.isnan(values), np.arange(8) == 3)
    np.testing.assert_allclose(found.predicted[:, 3], 2)


def test_neuron_that_fires_in_one_trial_only_is_scored(layer):
    responses = np.zeros((6000, 1))
    responses[500:600:3] = 1
    assert predict(layer, responses, TRIAL).scores.explained_variance[0] < 0.02


def test_fewer_units_than_components_and_copies_of_units(layer):
    responses = planted(layer, 0.5)
    once = predict(layer, responses, TRIAL).scores.explained_variance
    twice = predict(layer[:, [*range(30), *range(30)]], responses, TRIAL).scores.explained_variance
    np.testing.assert_allclose(twice, once, atol=1e-6)


def test_scale_of_the_layer_does_not_matter(layer):
    responses = planted(layer, 0.5)
    found, scaled = (predict(gain * layer + gain, responses, TRIAL).predicted for gain in (1, 1e-3))
    np.testing.assert_allclose(scaled, found, rtol=1e-6, atol=1e-6)


def test_folds_are_even_and_seeded():
    fold = trial_folds(23, 5, seed=1)
    assert set(np.bincount(fold)) == {4, 5}
    np.testing.assert_array_equal(fold, trial_folds(23, 5, seed=1))
    assert (fold != trial_folds(23, 5, seed=2)).any()


def test_features_that_never_vary_explain_nothing(layer):
    found = predict(np.ones_like(layer), planted(layer, 0.5), TRIAL)
    assert np.abs(found.scores.explained_variance).max() < 0.02


def test_errors_say_what_is_wrong(layer):
    responses = planted(layer, 0.5)
    with pytest.raises(InputError, match=r"expected \(bin, unit\) and \(bin, neuron\)"):
        predict(layer[1:], responses, TRIAL)
    few = TRIAL < 9
    with pytest.raises(InputError, match="9 trials cannot be dealt into 5 folds"):
        predict(layer[few], responses[few], TRIAL[few])
    responses[750, 0] = np.nan
    with pytest.raises(InputError, match="responses: trial 7 holds a value that is not finite"):
        predict(layer, responses, TRIAL)


def test_few_independent_samples_promise_no_more_than_they_keep():
    """A layer that changes from trial to trial only, 60 samples of 200 units; neurons with a rate for each trial."""
    random = np.random.default_rng(3)
    trial = np.repeat(np.arange(60), 8)
    features = random.normal(size=(60, 200))[trial] * np.logspace(0, -2, 200)
    responses = random.poisson(3 * np.exp(0.5 * random.normal(size=(60, 20))[trial])).astype(float)
    found = predict(features, responses, trial, n_components=75)
    assert found.scores.explained_variance.mean() > -0.1
    assert abs(found.validation.mean() - found.scores.explained_variance.mean()) < 0.1
