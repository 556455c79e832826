"""Numbers that a reader would quote, with their uncertainty."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import bootstrap, t

from proprionet import seeds
from proprionet.errors import InputError


@dataclass(frozen=True)
class MeanInterval:
    """A mean with its confidence interval; ``n`` is the number of values that are defined (not NaN)."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: np.ndarray, seed: int, confidence: float = 0.95) -> MeanInterval:
    """Mean of the defined values and its percentile-bootstrap confidence interval.

    Parameters
    ----------
    values : array
        One number an item (letter pair, unit, neuron); NaN where it is not defined, and then left out.
    seed : int
        Seed of the 9,999 resamples.
    confidence : float
        Share of intervals that hold the true mean.

    Raises
    ------
    InputError
        If fewer than two values are defined.
    """
    values = values[~np.isnan(values)]
    if values.size < 2:
        raise InputError(f"{values.size} defined values: a confidence interval of a mean needs two or more")
    random = seeds.generator(seed, "mean interval")
    found = bootstrap((values,), np.mean, confidence_level=confidence, method="percentile", rng=random, batch=100)
    low, high = found.confidence_interval
    return MeanInterval(mean=float(values.mean()), low=float(low), high=float(high), n=values.size)


def instance_interval(values: np.ndarray, confidence: float = 0.95) -> MeanInterval:
    """Mean over the instances of a network, and its confidence interval by Student's t: mean ± t sd / sqrt(n).

    Parameters
    ----------
    values : array, shape (instance,)
        NaN where not defined, and then left out. One value has no interval (NaN), none has no mean either.
    confidence : float
        Share of intervals that hold the true mean.

    Source: Sandbrink et al. 2023, Fig. 5F (there t of 4 degrees of freedom).
    """
    values = values[~np.isnan(values)]
    if values.size < 2:
        return MeanInterval(float(values[0]) if values.size else np.nan, np.nan, np.nan, values.size)
    mean = float(values.mean())
    half = float(t.ppf((1 + confidence) / 2, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size))
    return MeanInterval(mean, mean - half, mean + half, values.size)
