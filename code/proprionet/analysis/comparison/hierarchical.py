"""Means over networks and neurons, with intervals for other architectures, instances of them, and neurons."""

import functools

import numpy as np

from proprionet import seeds
from proprionet.analysis.statistics import MeanInterval
from proprionet.errors import InputError

RESAMPLES = 2000


def architecture_shares(architectures: np.ndarray) -> np.ndarray:
    """Weight of every network in a mean over instances, then over architectures; they sum to 1.

    Parameters
    ----------
    architectures : array, shape (network,)
        Name of the architecture that each network is an instance of.
    """
    _, which, count = np.unique(architectures, return_inverse=True, return_counts=True)
    return 1 / (count.size * count[which])


def hierarchical_interval(
    values: np.ndarray,
    architectures: np.ndarray,
    seed: int,
    *,
    weights: np.ndarray | None = None,
    confidence: float = 0.95,
) -> MeanInterval:
    """Mean over instances, architectures and neurons, and its hierarchical-bootstrap confidence interval.

    A resample draws architectures, of each drawn one its instances, and neurons. Neurons are drawn once for all
    networks, as all networks predict the same ones. One draw less than there are architectures or neurons makes the
    variance of the resamples that of the mean. A single architecture, instance or neuron is kept as it is: the interval
    then does not speak of others. Of two or three architectures intervals are too narrow.

    Parameters
    ----------
    values : array, shape (network, neuron)
        Scores, or differences of paired scores; NaN is left out.
    architectures : array, shape (network,)
        Name of the architecture that each network is an instance of. Each counts alike, whatever its instances.
    seed : int
        Of the resamples.
    weights : array, shape (network, neuron), optional
        Of each value; with ratios and their denominators, the mean is the ratio of the sums.
    confidence : float
        Share of intervals that hold the true mean.

    Returns
    -------
    MeanInterval
        Of ``n`` values; all NaN where none is defined.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Source: Saravanan, Berman & Sober 2020; for crossed neurons Owen 2007; for the number of draws McCarthy & Snowden
    1985.
    """
    weights = np.ones_like(values) if weights is None else weights
    if values.ndim != 2 or weights.shape != values.shape or np.shape(architectures) != values.shape[:1]:
        raise InputError(
            f"values of shape {values.shape}, weights {weights.shape}, architectures {np.shape(architectures)}: "
            "expected (network, neuron) twice and (network,)"
        )
    defined = ~np.isnan(values)
    if not defined.any():
        return MeanInterval(np.nan, np.nan, np.nan, 0)
    weights = np.where(defined, weights, 0.0)
    weighted = np.where(defined, values, 0.0) * weights
    shares = architecture_shares(architectures)
    mean = float((shares @ weighted).sum() / (shares @ weights).sum())
    order = np.argsort(architectures, kind="stable")
    instances = np.unique(architectures, return_counts=True)[1]
    networks, neurons = _draws(seed, tuple(instances.tolist()), values.shape[1])
    weighted, weights = weighted[order], weights[order]
    sums, totals = (((networks @ part) * neurons).sum(axis=1) for part in (weighted, weights))
    resampled = sums[totals > 0] / totals[totals > 0]
    low, high = np.quantile(resampled, ((1 - confidence) / 2, (1 + confidence) / 2))
    return MeanInterval(mean, float(low), float(high), int(defined.sum()))


@functools.lru_cache(maxsize=8)
def _draws(seed: int, instances: tuple[int, ...], n_neurons: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of networks, (resample, network), architecture after architecture; how often neurons are drawn."""
    random = seeds.generator(seed, "hierarchical bootstrap")
    drawn = _drawn(random, len(instances))
    weights = []
    for times, count in zip(drawn.T, instances, strict=True):
        weights.append(random.multinomial(times * count, np.full(count, 1 / count)) / count)
    return np.concatenate(weights, axis=1), _drawn(random, n_neurons)


def _drawn(random: np.random.Generator, n_items: int) -> np.ndarray:
    """How often each item is drawn, shape (resample, item)."""
    return random.multinomial(max(n_items - 1, 1), np.full(n_items, 1 / n_items), size=RESAMPLES)
