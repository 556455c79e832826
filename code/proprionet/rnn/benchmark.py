"""How well a data-driven model recovers the system behind a recording, where the truth is known.

All arrays have shape (trial, step, dimension). Maps between them are fitted on training trials and scored on
validation trials, within trials only.

Source: Computation-through-Dynamics Benchmark (Versteeg et al. 2025), with the definitions of its text where its code
departs from them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from proprionet.errors import InputError
from proprionet.rnn.recordings import SimulatedRecording

KEPT = 0.99
"""Share of the squared singular values of the readout that is inverted for cycle consistency."""


@dataclass(frozen=True)
class Inferred:
    """What a model makes of a recording."""

    log_rates: np.ndarray
    """(trial, step, neuron): of all neurons, held out or not; natural logarithm of expected spikes in a bin."""
    latents: np.ndarray
    """(trial, step, latent)"""
    inputs: np.ndarray | None = None
    """(trial, step, input): where the model infers them."""


def scores(recorded: SimulatedRecording, inferred: Inferred) -> dict[str, float]:
    """All scores of a model, on validation trials; those of held-out neurons where there are any.

    ``rate_r2`` and ``held_out_rate_r2``: of the rates, without a fit. ``state_r2``: how much of the inferred latents
    is an affine function of the true ones; falls with activity that a model invents. ``state_r2_reverse``: how much of
    the true latents is one of the inferred; falls with what a model misses. ``input_r2``: as ``state_r2``, of inputs;
    only where they are inferred. ``co_bps``: bits a spike that the model tells of held-out neurons, and
    ``co_bps_bound``, what the true rates would tell. ``cycle_consistency``: see there. ``task_r2``: how well an affine
    readout of the inferred latents solves the task.

    Raises
    ------
    InputError
        If arrays do not fit each other, or what was inferred is not finite.
    """
    _check(recorded, inferred)
    within = recorded.within
    training, validation = (within & part[:, None] for part in (recorded.training, ~recorded.training))
    out, rates = recorded.held_out, np.exp(inferred.log_rates)

    def affine(source: np.ndarray, target: np.ndarray, counted: np.ndarray = within) -> float:
        fit, test = training & counted, validation & counted
        return affine_r2(source[fit], target[fit], source[test], target[test])

    found = {
        "rate_r2": variance_weighted_r2(recorded.rates[validation], rates[validation]),
        "state_r2": affine(recorded.latents, inferred.latents),
        "state_r2_reverse": affine(inferred.latents, recorded.latents),
        "cycle_consistency": cycle_consistency(
            inferred.latents[training], inferred.log_rates[training], inferred.latents[validation]
        ),
        "task_r2": affine(inferred.latents, recorded.targets, recorded.counted),
    }
    if out.any():
        told, true = rates[validation][:, out], recorded.rates[validation][:, out]
        found["held_out_rate_r2"] = variance_weighted_r2(true, told)
        found["co_bps"] = bits_per_spike(recorded.counts[validation][:, out], told)
        found["co_bps_bound"] = bits_per_spike(true, true)
    if inferred.inputs is not None:
        found["input_r2"] = affine(recorded.inputs, inferred.inputs)
    return found


def variance_weighted_r2(true: np.ndarray, predicted: np.ndarray) -> float:
    """Coefficient of determination, each dimension of (sample, dimension) by its variance; NaN where nothing varies."""
    if not len(true) or (true == true[0]).all():
        return np.nan
    return float(r2_score(true, predicted, multioutput="variance_weighted"))


def affine_r2(
    source: np.ndarray, target: np.ndarray, validation_source: np.ndarray, validation_target: np.ndarray
) -> float:
    """Variance-weighted R2 on validation samples of the affine map from source to target of least squares."""
    return variance_weighted_r2(validation_target, _affine_map(source, target).predict(validation_source))


def bits_per_spike(counts: np.ndarray, rates: np.ndarray) -> float:
    """Poisson log-likelihood of the rates over that of each neuron's mean count, in bits a spike; NaN without spikes.

    With the rates in place of the counts too, it is what is expected of these rates if they are the true ones: the most
    that any model can reach.

    Parameters
    ----------
    counts : array, shape (sample, neuron)
        Spikes in each bin.
    rates : array, shape (sample, neuron)
        Expected spikes in each bin, above 0.
    """
    if not counts.sum() > 0:
        return np.nan
    null = counts.mean(axis=0)
    gain = (xlogy(counts, rates) - rates).sum() - (xlogy(counts, null) - null).sum()
    return float(gain / (counts.sum() * np.log(2)))


def cycle_consistency(latents: np.ndarray, log_rates: np.ndarray, validation_latents: np.ndarray) -> float:
    """How much of the latents can be read back from the log-rates that they make: variance-weighted R2.

    The affine map from latents to log-rates, fitted on training samples, is inverted by its largest singular values, up
    to 99 % of their squared sum, and applied to the log-rates that it predicts on validation samples. What a model does
    without a trace in its rates is lost.

    Parameters
    ----------
    latents : array, shape (sample, latent)
    log_rates : array, shape (sample, neuron)
    validation_latents : array, shape (validation_sample, latent)
    """
    slopes = _affine_map(latents, log_rates).coef_.T
    directions, singular_values, _ = np.linalg.svd(slopes, full_matrices=False)
    power = np.cumsum(singular_values**2)
    kept = directions[:, : np.searchsorted(power, KEPT * power[-1]) + 1]  # map and inverse together project on these
    centred = validation_latents - latents.mean(axis=0)
    return variance_weighted_r2(centred, centred @ kept @ kept.T)


def _affine_map(source: np.ndarray, target: np.ndarray) -> LinearRegression:
    return LinearRegression().fit(source.astype(float), target.astype(float))


def _check(recorded: SimulatedRecording, inferred: Inferred) -> None:
    if inferred.log_rates.shape != recorded.counts.shape or inferred.latents.shape[:2] != recorded.counts.shape[:2]:
        raise InputError(
            f"inferred log-rates {inferred.log_rates.shape} and latents {inferred.latents.shape} do not fit spikes of "
            f"shape {recorded.counts.shape} (trial, step, neuron)"
        )
    for name, values in (("log-rates", inferred.log_rates), ("latents", inferred.latents), ("inputs", inferred.inputs)):
        if values is not None and not np.isfinite(values).all():
            raise InputError(f"inferred {name}: some are not finite, so the model has diverged")
    if not 0 < recorded.training.sum() < len(recorded.training):
        raise InputError("there are no training trials or no validation trials")
