"""Poisson regression: the logarithm of a neuron's rate is linear in the features. Fitted neuron by neuron, so slow."""

from collections.abc import Iterator

import numpy as np
from scipy.special import xlogy
from sklearn.linear_model import PoissonRegressor

from proprionet.neural.scores import explained_variance

ALPHAS = np.logspace(5, -2, 8)
"""Every other of the published penalties of ridge regression, the strongest first: each fit starts from the last."""
TOLERANCE = 1e-6
HIGHEST_LOG_RATE = 20.0


def fit(features: np.ndarray, responses: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and intercepts that minimise sum (rate - y log rate) + alpha / 2 |b|^2, with log rate = x . b + a.

    Parameters
    ----------
    features : array, shape (bin, feature)
    responses : array, shape (bin, neuron)
        Spike counts or their means, 0 or more.
    alpha : array, shape (neuron,)

    Returns
    -------
    slopes : array, shape (feature, neuron)
    intercept : array, shape (neuron,)
        -inf for a silent neuron.
    """
    of_neurons = [next(_path(features, y, [a])) for y, a in zip(responses.T, alpha, strict=True)]
    slopes, intercept = zip(*of_neurons, strict=True)
    return np.stack(slopes, axis=1), np.array(intercept)


def rate(log_rate: np.ndarray) -> np.ndarray:
    """The response that slopes and intercepts stand for; a held-out bin far from all others gets e^20 at most."""
    return np.exp(np.minimum(log_rate, HIGHEST_LOG_RATE))


def choose_alpha(
    features: np.ndarray, responses: np.ndarray, fold: np.ndarray, alphas: np.ndarray = ALPHAS
) -> tuple[np.ndarray, np.ndarray]:
    """Penalty of each neuron with the smallest deviance in cross-validation; as :func:`.ridge.choose_alpha`.

    Parameters
    ----------
    alphas : array, shape (alpha,)
        Falling, so that every fit starts near its end.
    """
    predicted = np.empty((len(alphas), *responses.shape))
    for part in range(fold.max() + 1):
        held_out = fold == part
        for neuron, y in enumerate(responses[~held_out].T):
            for index, (slopes, intercept) in enumerate(_path(features[~held_out], y, alphas)):
                predicted[index, held_out, neuron] = rate(features[held_out] @ slopes + intercept)
    deviance = (predicted - xlogy(responses, predicted)).sum(axis=1)
    best = np.argmin(deviance, axis=0)
    chosen = np.take_along_axis(predicted, best[None, None], axis=0)[0]
    return np.asarray(alphas)[best], explained_variance(responses, chosen)


def _path(features: np.ndarray, y: np.ndarray, alphas: np.ndarray | list) -> Iterator[tuple[np.ndarray, float]]:
    """Slopes and intercept of one neuron for every penalty."""
    model = PoissonRegressor(warm_start=True, max_iter=1000, tol=TOLERANCE)
    for alpha in alphas:
        if not y.any():
            yield np.zeros(features.shape[1]), -np.inf
            continue
        found = model.set_params(alpha=alpha / len(y)).fit(features, y)
        yield found.coef_.copy(), float(found.intercept_)
