"""Predict the spikes of recorded neurons from features: the activations of a layer, or what the arm does.

Principal components of the features, then one regression a neuron; every trial is predicted by a model that has not
seen it.

Source: Marin Vargas et al. 2024, Methods "Neural predictions". Differences: components are fitted on training trials
only, every trial is held out once, and alpha is chosen by squared error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.decomposition import PCA

from proprionet import seeds
from proprionet.analysis.units import living_units
from proprionet.errors import InputError
from proprionet.neural import poisson, ridge
from proprionet.neural.scores import Scores, explained_variance, explained_variance_interval, score

WIDER = 4
"""So many times the wanted components span the space in which inner folds find their own."""
OUTLIER_SD = 10
NEAR_BINS = 5

Fit = Literal["training", "published"]


@dataclass(frozen=True)
class Estimator:
    """A regression of many neurons; what its functions take and return is said in :mod:`.ridge`."""

    choose_alpha: Callable[..., tuple[np.ndarray, np.ndarray]]
    fit: Callable[..., tuple[np.ndarray, np.ndarray]]
    response: Callable[[np.ndarray], np.ndarray]
    """Of features @ slopes + intercept."""
    alphas: np.ndarray
    own_components: bool
    """Whether every inner fold is fitted on components of its own; the other takes those of the outer fold."""


ESTIMATORS = {
    "ridge": Estimator(ridge.choose_alpha, ridge.fit, np.asarray, ridge.ALPHAS, True),
    "poisson": Estimator(poisson.choose_alpha, poisson.fit, poisson.rate, poisson.ALPHAS, False),
}


@dataclass(frozen=True)
class Prediction:
    """Held-out predictions of every neuron, and how good they are."""

    predicted: np.ndarray
    """(bin, neuron): in the unit of the responses."""
    observed: np.ndarray
    """(bin, neuron): the responses, each at the lag that was chosen for its neuron and fold."""
    scores: Scores
    """Over all bins of all trials."""
    interval: np.ndarray
    """(bound, neuron): 95 % bootstrap over trials of the explained variance."""
    validation: np.ndarray
    """(neuron,): explained variance in the inner folds of the training trials, mean over outer folds."""
    training: np.ndarray
    """(neuron,): explained variance of the training trials by the model that was fitted to them, mean over folds."""
    alpha: np.ndarray
    """(fold, neuron): chosen penalty."""
    lag: np.ndarray
    """(neuron,): place of the lag with the best validation, mean over outer folds."""
    fold: np.ndarray
    """(trial,): fold in which each trial was held out, in the order of their numbers."""


def predict(
    features: np.ndarray,
    responses: np.ndarray,
    trial: np.ndarray,
    *,
    estimator: Literal["ridge", "poisson"] = "ridge",
    n_components: int | None = 75,
    fit: Fit = "training",
    common_lag: bool = False,
    alphas: np.ndarray | None = None,
    n_folds: int = 5,
    seed: int = 0,
) -> Prediction:
    """Predict every neuron: components, z-scores and a regression, fitted on training trials only.

    For each fold of trials, the other trials give the components and their scale, and, by an inner cross-validation
    of as many folds of trials, each neuron's alpha: the one with the smallest squared error (deviance) on trials
    left out, of which the components of ridge know nothing either: the last ones of a layer fit the trials at hand.
    Of several lags the one that explains most on those trials is taken. One eigendecomposition a fold serves all
    alphas, neurons and lags.

    Parameters
    ----------
    features : array, shape (bin, unit)
        What the neurons are predicted from, in the bins that count, trial after trial.
    responses : array, shape (bin, neuron) or (bin, lag, neuron)
        Spike counts, or rates in Hz; with lags, those of the same neurons in an earlier or later bin.
    trial : array of int, shape (bin,)
        Number of the trial of each bin. Trials may differ in length.
    estimator : "ridge" or "poisson"
        The latter is slow: about a minute a neuron for the components of a layer.
    n_components : int, optional
        Principal components of the features; fewer if it has fewer. None: the features themselves.
    fit : "training" or "published"
        Components of the training trials, or of all, with components beyond 10 standard deviations replaced by the
        median of the bins around them (5 to either side, in the same trial).
    common_lag : bool
        One lag for all neurons, that with the best mean; else each neuron has its own.
    alphas : array, shape (alpha,)
        Penalties to choose from; by default those of the estimator.
    n_folds : int
        Parts that the trials are dealt into, outer and inner.
    seed : int
        Deals them.

    Raises
    ------
    InputError
        If shapes disagree, values are not finite, or trials are too few for the folds.
    """
    lagged = responses if responses.ndim == 3 else responses[:, None]
    _check(features, lagged, trial, n_folds)
    numbers, place = np.unique(trial, return_inverse=True)
    fold = trial_folds(len(numbers), n_folds, seed)
    if fit == "published":
        of_all = _components(features, np.ones(len(trial), bool), n_components, seed)
        features, n_components = _without_outliers(of_all, place), None
    model = ESTIMATORS[estimator]
    alphas = model.alphas if alphas is None else alphas
    parts = []
    for number in range(n_folds):
        train = fold != number
        inner = np.full_like(fold, -1)
        inner[train] = trial_folds(int(train.sum()), n_folds, seed, "inner", number)
        if n_components is not None and model.own_components:
            x, how = _components(features, train[place], WIDER * n_components, seed), {"n_components": n_components}
        else:
            x, how = _standardised(_components(features, train[place], n_components, seed), train[place]), {}
        parts.append(_fit_fold(model, x, lagged, inner[place], alphas, common_lag, how))
    held_out = fold[place]
    predicted, observed = np.empty(lagged[:, 0].shape), np.empty(lagged[:, 0].shape)
    for number, part in enumerate(parts):
        predicted[held_out == number], observed[held_out == number] = part.predicted, part.observed
    validation = np.mean([part.validation for part in parts], axis=0)
    lag = _best_lag(validation, common_lag)
    return Prediction(
        predicted,
        observed,
        score(observed, predicted),
        explained_variance_interval(observed, predicted, place, seed),
        validation=validation[lag, np.arange(len(lag))],
        training=np.mean([part.training for part in parts], axis=0),
        alpha=np.stack([part.alpha for part in parts]),
        lag=lag,
        fold=fold,
    )


def trial_folds(n_trials: int, n_folds: int, seed: int, *key: int | str) -> np.ndarray:
    """Deal trials at random into folds of equal size (but for one): fold of each trial, shape (trial,)."""
    fold = np.empty(n_trials, dtype=int)
    fold[seeds.generator(seed, "trial folds", *key).permutation(n_trials)] = np.arange(n_trials) % n_folds
    return fold


def shuffled_in_trials(values: np.ndarray, trial: np.ndarray, seed: int) -> np.ndarray:
    """The same (bin, ...) with the bins of each trial in random order: a control that keeps what trials differ in.

    Source: the published control "shuffle".
    """
    random = seeds.generator(seed, "shuffled bins").random(len(trial))
    shuffled = np.empty_like(values)
    shuffled[np.argsort(trial, kind="stable")] = values[np.lexsort((random, trial))]
    return shuffled


@dataclass(frozen=True)
class _Fold:
    """What one fold adds to a :class:`Prediction`: held-out bins only, and validation of every lag."""

    predicted: np.ndarray
    observed: np.ndarray
    alpha: np.ndarray
    validation: np.ndarray
    training: np.ndarray


def _fit_fold(
    model: Estimator,
    x: np.ndarray,
    lagged: np.ndarray,
    inner: np.ndarray,
    alphas: np.ndarray,
    common_lag: bool,
    how: dict[str, int],
) -> _Fold:
    """Choose alphas and lags on the bins whose inner fold is 0 or more, fit to those, and predict the others (-1)."""
    train = inner >= 0
    n_lags, n_neurons = lagged.shape[1:]
    columns = lagged.reshape(len(x), -1)
    alpha, explained = model.choose_alpha(x[train], columns[train], inner[train], alphas, **how)
    validation = explained.reshape(n_lags, n_neurons)
    taken = _best_lag(validation, common_lag) * n_neurons + np.arange(n_neurons)
    y = columns[:, taken].astype(float)
    slopes, intercept = model.fit(x[train], y[train], alpha[taken], **how)
    predicted = model.response(x @ slopes + intercept)
    training = explained_variance(y[train], predicted[train])
    return _Fold(predicted[~train], y[~train], alpha[taken], validation, training)


def _best_lag(validation: np.ndarray, common: bool) -> np.ndarray:
    """Place of the lag that explains most, (neuron,), from (lag, neuron)."""
    if common:
        defined = np.isfinite(validation).all(axis=0)
        return np.full(validation.shape[1], np.argmax(validation[:, defined].sum(axis=1)))
    return np.argmax(np.nan_to_num(validation, nan=-np.inf), axis=0)


def _components(features: np.ndarray, train: np.ndarray, n_components: int | None, seed: int) -> np.ndarray:
    """Principal components (bin, component) as the bins in ``train`` define them; the features if none are wanted."""
    samples = features[train].astype(float)
    if n_components is None or not living_units(samples).any():
        return features
    analysis = PCA(min(n_components, *samples.shape), random_state=seeds.integer(seed, "components")).fit(samples)
    variance = np.asarray(analysis.explained_variance_)
    kept = variance > ridge.SMALLEST_COMPONENT * variance[0]
    return (features - analysis.mean_) @ np.asarray(analysis.components_)[kept].T


def _standardised(values: np.ndarray, train: np.ndarray) -> np.ndarray:
    """z-scored as the bins in ``train`` define it; without what does not vary there."""
    samples = values[train]
    alive = living_units(samples)
    return (values[:, alive] - samples[:, alive].mean(axis=0, dtype=float)) / samples[:, alive].std(axis=0, dtype=float)


def _without_outliers(values: np.ndarray, trial: np.ndarray) -> np.ndarray:
    """Values beyond 10 standard deviations of their column replaced by the median around them in their trial."""
    cleaned = values.copy()
    far = np.abs(values - values.mean(axis=0)) > OUTLIER_SD * values.std(axis=0)
    for bin, column in np.argwhere(far):
        near = slice(max(bin - NEAR_BINS, 0), bin + NEAR_BINS + 1)
        cleaned[bin, column] = np.median(values[near, column][trial[near] == trial[bin]])
    return cleaned


def _check(features: np.ndarray, responses: np.ndarray, trial: np.ndarray, n_folds: int) -> None:
    n_bins = len(trial)
    if features.ndim != 2 or len(features) != n_bins or responses.ndim != 3 or len(responses) != n_bins:
        raise InputError(
            f"features of shape {features.shape}, responses of shape {responses.shape} and trials of {n_bins} bins: "
            "expected (bin, unit) and (bin, neuron)"
        )
    for name, values in (("features", features), ("responses", responses)):
        if not (finite := np.isfinite(values).reshape(n_bins, -1).all(axis=1)).all():
            raise InputError(f"{name}: trial {trial[np.argmin(finite)]} holds a value that is not finite")
    check_folds(trial, n_folds)


def check_folds(trial: np.ndarray, n_folds: int, where: str = "") -> None:
    """Refuse folds that would hold fewer than two trials; ``where`` begins the sentence."""
    if (n_trials := len(np.unique(trial))) < 2 * n_folds or n_folds < 2:
        raise InputError(
            f"{where}{n_trials} trials cannot be dealt into {n_folds} folds of two or more; choose a smaller --n-folds"
        )
