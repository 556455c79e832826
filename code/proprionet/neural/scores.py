"""How well predicted responses agree with observed ones, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from proprionet import seeds

SMALLEST_RATE = 0.01
"""Share of a neuron's mean response below which a prediction is cut off before its Poisson deviance is taken."""
N_DRAWS = 1000
ROUNDING = 1e-9
"""Share of a variance that sums in double precision cannot tell from zero."""


@dataclass(frozen=True)
class Scores:
    """Agreement of predicted with observed responses, each (neuron,); NaN for a neuron whose response is constant."""

    explained_variance: np.ndarray
    """1 - Var(y - prediction) / Var(y): forgives a constant offset."""
    r2: np.ndarray
    """1 - sum (y - prediction)^2 / sum (y - mean y)^2: does not."""
    correlation: np.ndarray
    """Pearson correlation; 0 for a constant prediction."""
    deviance_explained: np.ndarray
    """1 - D(prediction) / D(mean y), with D the Poisson deviance; NaN also for responses below 0."""


def score(observed: np.ndarray, predicted: np.ndarray) -> Scores:
    """Agreement over all bins, neuron by neuron.

    Parameters
    ----------
    observed, predicted : array, shape (bin, neuron)
        In one unit.
    """
    y = observed.astype(float)
    variance, spread = _variance(y), np.where(np.ptp(predicted, axis=0) > 0, predicted.std(axis=0), np.inf)
    covariance = ((y - y.mean(axis=0)) * (predicted - predicted.mean(axis=0))).mean(axis=0)
    return Scores(
        explained_variance=explained_variance(y, predicted),
        r2=1 - np.square(y - predicted).mean(axis=0) / variance,
        correlation=covariance / (np.sqrt(variance) * spread),
        deviance_explained=_deviance_explained(y, predicted),
    )


def explained_variance(observed: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """1 - Var(y - prediction) / Var(y) over bins, (neuron,), for arrays (bin, neuron); NaN where y is constant."""
    return 1 - (observed - predicted).var(axis=0) / _variance(observed)


def explained_variance_interval(
    observed: np.ndarray, predicted: np.ndarray, trial: np.ndarray, seed: int, confidence: float = 0.95
) -> np.ndarray:
    """Percentile-bootstrap interval of explained variance over trials; predictions stay as they are.

    Parameters
    ----------
    observed, predicted : array, shape (bin, neuron)
    trial : array of int, shape (bin,)
        Which trial each bin belongs to, from 0. Trials are drawn whole, since bins of one trial are alike.
    seed : int
        Seed of the 1,000 draws, which are the same for all predictions of the same trials.

    Returns
    -------
    array, shape (bound, neuron)
        Low and high; NaN for a neuron whose response is constant.
    """
    n_bins = np.bincount(trial)
    each = np.full(len(n_bins), 1 / len(n_bins))
    drawn = seeds.generator(seed, "trials drawn").multinomial(len(n_bins), each, N_DRAWS)
    total = drawn @ n_bins

    def variance(values: np.ndarray) -> np.ndarray:
        """Of every draw, (draw, neuron), from the sums of each trial."""
        centred = values - values.mean(axis=0)
        first, second = (_sums(power, trial, len(n_bins)) for power in (centred, centred**2))
        return (drawn @ second) / total[:, None] - ((drawn @ first) / total[:, None]) ** 2

    of_response = variance(observed)
    told_apart = of_response > ROUNDING * observed.var(axis=0)  # in some draws a neuron may not fire at all
    share = variance(observed - predicted) / np.where(told_apart, of_response, np.nan)
    bounds = np.full((2, observed.shape[1]), np.nan)
    defined = np.ptp(observed, axis=0) > 0
    tails = (0.5 - confidence / 2, 0.5 + confidence / 2)
    bounds[:, defined] = np.nanquantile(1 - share[:, defined], tails, axis=0)
    return bounds


def _sums(values: np.ndarray, trial: np.ndarray, n_trials: int) -> np.ndarray:
    """Sum over the bins of each trial, (trial, neuron)."""
    order = np.argsort(trial, kind="stable")
    starts = np.searchsorted(trial[order], np.arange(n_trials))
    return np.add.reduceat(values[order], starts, axis=0)


def _variance(values: np.ndarray) -> np.ndarray:
    """Over bins, (neuron,); NaN where it is zero."""
    return np.where(np.ptp(values, axis=0) > 0, values.var(axis=0, dtype=float), np.nan)


def _deviance_explained(y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    mean = np.where((y.min(axis=0) >= 0) & (np.ptp(y, axis=0) > 0), y.mean(axis=0), np.nan)
    rate = np.maximum(predicted, SMALLEST_RATE * mean)
    deviance = (xlogy(y, y / rate) - (y - rate)).sum(axis=0)
    return 1 - deviance / xlogy(y, y / mean).sum(axis=0)
