"""Ridge regression of many responses at once: one eigendecomposition serves all penalties and responses."""

import numpy as np

from proprionet.analysis.moments import Moments, moments

ALPHAS = np.logspace(-2, 5, 15)
"""Published penalties, for z-scored features and summed squared error."""


def fit(features: np.ndarray, responses: np.ndarray, alpha: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression with a free intercept: slopes that minimise sum (y - x . b - a)^2 + alpha |b|^2.

    Parameters
    ----------
    features : array, shape (bin, feature)
    responses : array, shape (bin, neuron)
    alpha : float or array, shape (neuron,)
        Penalty above 0, one for all or one a neuron.

    Returns
    -------
    slopes : array, shape (feature, neuron)
    intercept : array, shape (neuron,)
    """
    return _solve(moments(features, responses), np.broadcast_to(alpha, responses.shape[1]))


def choose_alpha(
    features: np.ndarray, responses: np.ndarray, fold: np.ndarray, alphas: np.ndarray = ALPHAS
) -> tuple[np.ndarray, np.ndarray]:
    """Penalty of each neuron with the smallest squared error in cross-validation.

    Parameters
    ----------
    features : array, shape (bin, feature)
    responses : array, shape (bin, neuron)
    fold : array of int, shape (bin,)
        Part that each bin belongs to, from 0; each part is predicted from all others.
    alphas : array, shape (alpha,)

    Returns
    -------
    alpha : array, shape (neuron,)
    explained_variance : array, shape (neuron,)
        With that penalty, over the bins of all parts; NaN for a neuron whose response is constant.
    """
    parts = [moments(features[fold == i], responses[fold == i]) for i in range(fold.max() + 1)]
    squared, summed = 0.0, 0.0
    for i, part in enumerate(parts):
        slopes, intercept = _solve(_total(parts[:i] + parts[i + 1 :]), np.asarray(alphas)[:, None])
        squared = squared + part.squared_error(slopes, intercept)
        summed = summed + part.n * (part.mean_y - part.mean_x @ slopes - intercept)
    best = np.argmin(squared, axis=0)[None]
    squared, summed = (np.take_along_axis(np.asarray(error), best, axis=0)[0] for error in (squared, summed))
    spread = _total(parts).yy
    varies = np.ptp(responses, axis=0) > 0
    explained = 1 - (squared - summed**2 / len(features)) / np.where(varies, spread, np.nan)
    return np.asarray(alphas)[best[0]], explained


def _total(parts: list[Moments]) -> Moments:
    return sum(parts[1:], start=parts[0])


def _solve(train: Moments, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (..., feature, neuron) and intercepts (..., neuron) for penalties (..., neuron), or (..., 1) for all."""
    eigenvalues, axes = np.linalg.eigh(train.xx)
    slopes = axes @ ((axes.T @ train.xy) / (eigenvalues[:, None] + alpha[..., None, :]))
    return slopes, train.mean_y - train.mean_x @ slopes
