"""Numbers that a reader would quote, with their uncertainty."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import bootstrap

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
