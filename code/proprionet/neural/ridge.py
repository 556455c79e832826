"""Ridge regression of many responses at once: one eigendecomposition serves all penalties and responses."""

import numpy as np

from proprionet.analysis.moments import Moments, moments

ALPHAS = np.logspace(-2, 5, 15)
"""Published penalties, for z-scored features and summed squared error."""


SMALLEST_COMPONENT = 1e-10
"""Share of the first component's variance below which one is rounding error."""


def fit(
    features: np.ndarray, responses: np.ndarray, alpha: float | np.ndarray, n_components: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression with a free intercept: slopes that minimise sum (y - x . b - a)^2 + alpha |b|^2.

    Parameters
    ----------
    features : array, shape (bin, feature)
    responses : array, shape (bin, neuron)
    alpha : float or array, shape (neuron,)
        Penalty above 0, one for all or one a neuron.
    n_components : int, optional
        The regression is on so many principal components of the features, z-scored (then |b|^2 is of these); the slopes
        are still of the features.

    Returns
    -------
    slopes : array, shape (feature, neuron)
    intercept : array, shape (neuron,)
    """
    return _solve(moments(features, responses), np.broadcast_to(alpha, responses.shape[1]), n_components)


def choose_alpha(
    features: np.ndarray,
    responses: np.ndarray,
    fold: np.ndarray,
    alphas: np.ndarray = ALPHAS,
    n_components: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Penalty of each neuron with the smallest squared error in cross-validation.

    Parameters
    ----------
    features : array, shape (bin, feature)
    responses : array, shape (bin, neuron)
    fold : array of int, shape (bin,)
        Part that each bin belongs to, from 0; each part is predicted from all others.
    alphas : array, shape (alpha,)
    n_components : int, optional
        As for :func:`fit`, of the parts that are fitted: what is left out has no say in the components either.

    Returns
    -------
    alpha : array, shape (neuron,)
    explained_variance : array, shape (neuron,)
        With that penalty, over the bins of all parts; NaN for a neuron whose response is constant.
    """
    parts = [moments(features[fold == i], responses[fold == i]) for i in range(fold.max() + 1)]
    squared, summed = 0.0, 0.0
    for i, part in enumerate(parts):
        slopes, intercept = _solve(_total(parts[:i] + parts[i + 1 :]), np.asarray(alphas)[:, None], n_components)
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


def _solve(train: Moments, alpha: np.ndarray, n_components: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (..., feature, neuron) and intercepts (..., neuron) for penalties (..., neuron), or (..., 1) for all."""
    eigenvalues, axes = np.linalg.eigh(train.xx)
    penalty = alpha[..., None, :]
    if n_components is not None:
        kept = eigenvalues > SMALLEST_COMPONENT * eigenvalues[-1]
        kept[:-n_components] = False
        eigenvalues, axes = eigenvalues[kept], axes[:, kept]
        penalty = penalty * (eigenvalues / train.n)[:, None]
    slopes = axes @ ((axes.T @ train.xy) / (eigenvalues[:, None] + penalty))
    return slopes, train.mean_y - train.mean_x @ slopes
