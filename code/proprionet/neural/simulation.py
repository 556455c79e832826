"""Simulated neurons whose rates are known, to learn what an analysis of recorded ones can find."""

from dataclasses import dataclass

import numpy as np

from proprionet import seeds
from proprionet.analysis.units import living_units
from proprionet.errors import InputError


@dataclass(frozen=True)
class SimulatedPopulation:
    """Spike counts with the truth behind them."""

    counts: np.ndarray
    """(trial, bin, neuron): spikes in each bin."""
    rates: np.ndarray
    """(trial, bin, neuron): rate in Hz that the counts were drawn from."""
    weights: np.ndarray
    """(feature, neuron): change of the log rate per standard deviation of the feature."""


def simulate_population(
    features: np.ndarray,
    n_neurons: int,
    seed: int,
    *,
    mean_rate_hz: float | np.ndarray = 20.0,
    modulation: float | np.ndarray = 0.5,
    bin_width_s: float = 0.015,
    group: np.ndarray | None = None,
) -> SimulatedPopulation:
    """Poisson neurons, each driven by its own random mixture of features through an exponential link.

    rate = mean_rate exp(z . w) / <exp(z . w)>, with z the standardised features and w drawn from a normal distribution,
    scaled so that the log rate has standard deviation ``modulation``; < > is the mean over all bins, so that every
    neuron fires at its mean rate. Each neuron has its own random stream: more neurons do not change the first ones.

    Parameters
    ----------
    features : array, shape (trial, bin, feature)
        What drives the neurons (any scale), e.g. the activations of a layer; constant features drive nothing.
    n_neurons : int
    seed : int
    mean_rate_hz : float or array, shape (neuron,)
        Mean rate over all trials, Hz.
    modulation : float or array, shape (neuron,)
        Standard deviation of the log rate; 0 is a neuron that the features do not drive.
    bin_width_s : float
        Width of a bin, s.
    group : array, shape (feature,), optional
        Groups that drive in equal parts, however many features they have.

    Raises
    ------
    InputError
        If no feature varies, features are not finite, or a rate or width is not positive.
    """
    if features.ndim != 3 or not np.isfinite(features).all():
        raise InputError(f"features of shape {features.shape}: expected (trial, bin, feature), all finite")
    if np.min(mean_rate_hz) <= 0 or bin_width_s <= 0:
        raise InputError(f"mean rate {mean_rate_hz} Hz, bins of {bin_width_s} s: both must be positive")
    n_trials, n_bins, n_features = features.shape
    samples = features.reshape(-1, n_features)
    alive = living_units(samples)
    if not alive.any():
        raise InputError(f"none of the {n_features} features varies: nothing can drive the neurons")
    standard = samples - samples.mean(axis=0, dtype=float)
    standard /= np.where(alive, standard.std(axis=0), np.inf)

    streams = [seeds.generator(seed, "neuron", neuron) for neuron in range(n_neurons)]
    weights = np.stack([random.normal(size=n_features) for random in streams], axis=1) * alive[:, None]
    if group is not None:
        of_group = [alive[group == number].sum() for number in group]
        weights /= np.sqrt(np.maximum(of_group, 1))[:, None]
    weights *= modulation / (standard @ weights).std(axis=0)
    log_rate = standard @ weights
    rates = np.exp(log_rate - log_rate.max(axis=0))
    rates *= mean_rate_hz / rates.mean(axis=0)
    expected = (rates * bin_width_s).T
    counts = np.stack([random.poisson(mean) for random, mean in zip(streams, expected, strict=True)], axis=1)
    shape = (n_trials, n_bins, n_neurons)
    return SimulatedPopulation(counts.reshape(shape), rates.reshape(shape), weights)
