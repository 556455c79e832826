"""Predict the spikes of recorded neurons from the activations of a network's layer.

Principal components of the layer, then one ridge regression a neuron; every trial is predicted by a model that has not
seen it.

Source: Marin Vargas et al. 2024, Methods "Neural predictions". Differences: components are fitted on training trials
only, every trial is held out once, and alpha is chosen by squared error.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from proprionet import seeds
from proprionet.analysis.moments import Moments, moments
from proprionet.analysis.units import living_units
from proprionet.errors import InputError
from proprionet.timing import align

__all__ = ["ALPHAS", "Prediction", "Scores", "align", "fit_ridge", "noise_ceiling", "predict", "score", "trial_folds"]

ALPHAS = np.logspace(-2, 5, 15)
SMALLEST_COMPONENT = 1e-10  # share of the first component's variance below which one is rounding error


@dataclass(frozen=True)
class Scores:
    """Agreement of predicted with observed responses, each (neuron,); NaN for a neuron whose response is constant."""

    explained_variance: np.ndarray
    """1 - Var(y - prediction) / Var(y): forgives a constant offset."""
    r2: np.ndarray
    """1 - sum (y - prediction)^2 / sum (y - mean y)^2: does not."""
    correlation: np.ndarray
    """Pearson correlation; 0 for a constant prediction."""


@dataclass(frozen=True)
class Prediction:
    """Held-out predictions of every neuron."""

    predicted: np.ndarray
    """(trial, bin, neuron): in the unit of the responses."""
    scores: Scores
    """Over all bins of all trials."""
    alpha: np.ndarray
    """(fold, neuron): chosen penalty."""
    fold: np.ndarray
    """(trial,): fold in which each trial was held out."""


def predict(
    activations: np.ndarray,
    responses: np.ndarray,
    *,
    n_components: int = 75,
    alphas: np.ndarray = ALPHAS,
    n_folds: int = 5,
    seed: int = 0,
) -> Prediction:
    """Predict every neuron from a layer: components, z-scores and ridge, fitted on training trials only.

    For each fold of trials, the other trials give the components and their scale, and, by an inner cross-validation of
    as many folds of trials, each neuron's alpha: the one with the smallest squared error on trials left out. One
    eigendecomposition a fold serves all alphas and neurons.

    Parameters
    ----------
    activations : array, shape (trial, bin, unit)
        Responses of the layer at the times of the bins; see :func:`align`.
    responses : array, shape (trial, bin, neuron)
        Spike counts, or rates in Hz.
    n_components : int
        Principal components of the layer; fewer if it has fewer.
    alphas : array, shape (alpha,)
        Penalties to choose from, for z-scored components and summed squared error.
    n_folds : int
        Parts that the trials are dealt into, outer and inner.
    seed : int
        Deals them.

    Raises
    ------
    InputError
        If shapes disagree, values are not finite, trials are too few for the folds, or no unit varies.
    """
    _check(activations, responses, n_folds)
    n_trials, n_bins, n_neurons = responses.shape
    fold = trial_folds(n_trials, n_folds, seed)
    predicted = np.empty((n_trials, n_bins, n_neurons))
    alpha = np.empty((n_folds, n_neurons))
    for number in range(n_folds):
        test = fold == number
        train_x, test_x = _components(activations[~test], activations[test], n_components, seed)
        inner = trial_folds(int((~test).sum()), n_folds, seed, "inner", number)
        parts = [_trial_moments(train_x[inner == i], responses[~test][inner == i]) for i in range(n_folds)]
        alpha[number] = _choose_alpha(parts, alphas)
        slopes, intercept = _solve(_total(parts), alpha[number])
        predicted[test] = test_x @ slopes + intercept
    return Prediction(predicted, score(responses, predicted), alpha, fold)


def fit_ridge(features: np.ndarray, responses: np.ndarray, alpha: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression with a free intercept: slopes that minimise sum (y - x . b - a)^2 + alpha |b|^2.

    Parameters
    ----------
    features : array, shape (sample, feature)
    responses : array, shape (sample, neuron)
    alpha : float or array, shape (neuron,)
        Penalty above 0, one for all or one a neuron.

    Returns
    -------
    slopes : array, shape (feature, neuron)
    intercept : array, shape (neuron,)
    """
    return _solve(moments(features, responses), np.broadcast_to(alpha, responses.shape[1]))


def trial_folds(n_trials: int, n_folds: int, seed: int, *key: int | str) -> np.ndarray:
    """Deal trials at random into folds of equal size (but for one): fold of each trial, shape (trial,)."""
    fold = np.empty(n_trials, dtype=int)
    fold[seeds.generator(seed, "trial folds", *key).permutation(n_trials)] = np.arange(n_trials) % n_folds
    return fold


def score(observed: np.ndarray, predicted: np.ndarray) -> Scores:
    """Agreement over all bins of all trials, neuron by neuron.

    Parameters
    ----------
    observed, predicted : array, shape (trial, bin, neuron)
        In one unit.
    """
    y = observed.reshape(-1, observed.shape[-1]).astype(float)
    guess = predicted.reshape(y.shape)
    residual = y - guess
    variance = np.where(np.ptp(y, axis=0) > 0, y.var(axis=0), np.nan)
    spread = np.where(np.ptp(guess, axis=0) > 0, guess.std(axis=0), np.inf)
    covariance = ((y - y.mean(axis=0)) * (guess - guess.mean(axis=0))).mean(axis=0)
    return Scores(
        explained_variance=1 - residual.var(axis=0) / variance,
        r2=1 - np.square(residual).mean(axis=0) / variance,
        correlation=covariance / (np.sqrt(variance) * spread),
    )


def noise_ceiling(counts: np.ndarray, rates: np.ndarray, bin_width_s: float) -> np.ndarray:
    """Explained variance of the true rate itself, the most that any model of the rate can expect.

    Parameters
    ----------
    counts : array, shape (trial, bin, neuron)
        Spikes in each bin.
    rates : array, shape (trial, bin, neuron)
        True rates, Hz.
    bin_width_s : float
        Width of a bin, s.

    Returns
    -------
    array, shape (neuron,)
        NaN for a neuron whose count is constant.
    """
    return score(counts, rates * bin_width_s).explained_variance


def _components(train: np.ndarray, test: np.ndarray, n_components: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """z-scored principal components of both, (trial, bin, component), as the training trials define them."""
    samples = train.reshape(-1, train.shape[-1]).astype(float)
    if not living_units(samples).any():
        raise InputError(f"none of the {train.shape[-1]} units varies over the training trials")
    analysis = PCA(min(n_components, *samples.shape), random_state=seeds.integer(seed, "components"))
    analysis.fit(samples)
    variance = np.asarray(analysis.explained_variance_)
    kept = variance > SMALLEST_COMPONENT * variance[0]
    to_scores = (np.asarray(analysis.components_)[kept] / np.sqrt(variance[kept, None])).T
    return (train - analysis.mean_) @ to_scores, (test - analysis.mean_) @ to_scores


def _trial_moments(features: np.ndarray, responses: np.ndarray) -> Moments:
    return moments(features.reshape(-1, features.shape[-1]), responses.reshape(-1, responses.shape[-1]))


def _total(parts: list[Moments]) -> Moments:
    return sum(parts[1:], start=parts[0])


def _solve(train: Moments, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (..., feature, neuron) and intercepts (..., neuron) for penalties (..., neuron), or (..., 1) for all."""
    eigenvalues, axes = np.linalg.eigh(train.xx)
    slopes = axes @ ((axes.T @ train.xy) / (eigenvalues[:, None] + alpha[..., None, :]))
    return slopes, train.mean_y - train.mean_x @ slopes


def _choose_alpha(parts: list[Moments], alphas: np.ndarray) -> np.ndarray:
    """Penalty of each neuron with the smallest squared error over the parts, each predicted from the others."""
    error = 0
    for i, part in enumerate(parts):
        others = _total(parts[:i] + parts[i + 1 :])
        error = error + part.squared_error(*_solve(others, np.asarray(alphas)[:, None]))
    return np.asarray(alphas)[np.argmin(error, axis=0)]


def _check(activations: np.ndarray, responses: np.ndarray, n_folds: int) -> None:
    if activations.ndim != 3 or responses.ndim != 3 or activations.shape[:2] != responses.shape[:2]:
        raise InputError(
            f"activations of shape {activations.shape}, responses of shape {responses.shape}: "
            "expected (trial, bin, unit) and (trial, bin, neuron)"
        )
    for name, values in (("activations", activations), ("responses", responses)):
        if not np.isfinite(values).all():
            trial = np.flatnonzero(~np.isfinite(values).all(axis=(1, 2)))[0]
            raise InputError(f"{name}: trial {trial} holds a value that is not finite")
    if n_folds < 2 or len(responses) < 2 * n_folds:
        raise InputError(
            f"{len(responses)} trials cannot be dealt into {n_folds} folds of two or more; choose a smaller n_folds"
        )
