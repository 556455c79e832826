"""Recordings simulated from the latents of a network: every neuron shows one unit, and its true rate is known."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import expit

from proprionet import seeds
from proprionet.errors import InputError

Link = Literal["exp", "softplus", "sigmoid"]

HIGHEST_RATE = 1e4
"""Spikes in a bin above which a rate is refused: fr_scaling is then too small for a latent with rare outliers."""


@dataclass(frozen=True)
class Electrodes:
    """What turns latents into rates; the same for every data set that is recorded with the same electrodes."""

    readout: np.ndarray
    """(latent, neuron): 1 where a neuron shows a latent, else 0."""
    held_out: np.ndarray
    """(neuron,) of bool: neurons that models must predict without having seen them."""
    mean: float
    sd: float
    """Of all neurons and steps together."""
    fr_scaling: float = 2.0
    """The log rate (of the link "exp") has standard deviation 1 / fr_scaling."""
    link: Link = "exp"
    gain: float = 1.0
    """What rates are multiplied by to have the mean rate asked for."""

    def rates(self, latents: np.ndarray) -> np.ndarray:
        """Expected spikes in each bin, (trial, step, neuron), of latents (trial, step, latent).

        Raises
        ------
        InputError
            If the latents are not finite or not as many as the readout's, or a rate is beyond all reason.
        """
        _check(latents)
        if latents.shape[2] != len(self.readout):
            raise InputError(f"{latents.shape[2]} latents, but the electrodes were made for {len(self.readout)}")
        drive = (latents.astype(float) @ self.readout - self.mean) / (self.sd * self.fr_scaling)
        with np.errstate(over="ignore"):
            rates = self.gain * _through(drive, self.link)
        if rates.max() > HIGHEST_RATE:
            raise InputError(f"a neuron would fire {rates.max():.0g} spikes in a bin; choose a larger fr_scaling")
        return rates


def _through(drive: np.ndarray, link: Link) -> np.ndarray:
    """Rates by the link; under "sigmoid" each neuron has a slope of its own and fires 2 spikes at most."""
    if link == "sigmoid":
        return 2 * expit(np.logspace(0.2, 1, drive.shape[2]) * drive)
    return np.exp(drive) if link == "exp" else np.logaddexp(0, drive)


def implant(
    latents: np.ndarray,
    seed: int,
    *,
    n_held_in: int = 50,
    n_held_out: int = 10,
    fr_scaling: float = 2.0,
    link: Link = "exp",
    mean_rate: float | None = None,
) -> Electrodes:
    """Choose which unit each neuron shows, and how strongly.

    Units are taken in a random order, and a unit again only after all others. One mean and one standard deviation
    scale all neurons, so that units that vary little drive their neurons little.

    Parameters
    ----------
    latents : array, shape (trial, step, latent)
    seed : int
    n_held_in, n_held_out : int
        Neurons that a model may see, and neurons that it must only predict; the latter come last.
    fr_scaling : float
        What the standardised drive is divided by.
    link : {"exp", "softplus", "sigmoid"}
        From drive to rate.
    mean_rate : float, optional
        Spikes in a bin, mean over these latents and all neurons; as the link gives it if not given.

    Raises
    ------
    InputError
        If latents are not finite or none of the chosen ones varies, or a number is not positive.

    Source: Computation-through-Dynamics Benchmark (Versteeg et al. 2025); ``mean_rate`` is ours, as theirs is about
    1.1 spikes in any bin.
    """
    _check(latents)
    if n_held_in < 1 or n_held_out < 0 or fr_scaling <= 0 or (mean_rate is not None and mean_rate <= 0):
        raise InputError("neurons held in, fr_scaling and mean_rate must be positive, neurons held out at least 0")
    n_neurons, n_latents = n_held_in + n_held_out, latents.shape[2]
    random = seeds.generator(seed, "electrodes")
    unit = np.concatenate([random.permutation(n_latents) for _ in range(-(-n_neurons // n_latents))])[:n_neurons]
    readout = np.eye(n_latents)[:, unit]
    shown = latents.astype(float) @ readout
    if not (sd := shown.std()) > 0:
        raise InputError("none of the latents varies: nothing can drive the neurons")
    held_out = np.arange(n_neurons) >= n_held_in
    electrodes = Electrodes(readout, held_out, float(shown.mean()), float(sd), fr_scaling, link)
    if mean_rate is None:
        return electrodes
    return replace(electrodes, gain=float(mean_rate / electrodes.rates(latents).mean()))


def spike_counts(rates: np.ndarray, seed: int, dispersion: float = 1.0) -> np.ndarray:
    """Spikes of every bin, with mean ``rates`` and variance ``dispersion * rates``.

    Poisson at dispersion 1, negative binomial above, binomial below. A binomial of n chances has dispersion
    1 - rate / n; since n is a whole number, two of them are mixed that have the rate as their mean and the dispersion
    on average. Where no binomial is that regular (rates below 1 - dispersion), the most regular one is taken.

    Parameters
    ----------
    rates : array of any shape
        Expected spikes in a bin.
    seed : int
    dispersion : float
        Fano factor, above 0.

    Returns
    -------
    array of int, of the shape of ``rates``

    Source: Computation-through-Dynamics Benchmark (Versteeg et al. 2025), with the dispersion below 1 put right (there
    it came out as 1 - dispersion).
    """
    if dispersion <= 0:
        raise InputError(f"dispersion {dispersion:g}: must be above 0")
    random = seeds.generator(seed, "spikes")
    if dispersion >= 1:
        excess = dispersion - 1
        return random.poisson(random.gamma(rates / excess, excess) if excess else rates)
    chances = rates / (1 - dispersion)
    low = np.maximum(np.floor(chances), np.maximum(np.ceil(rates), 1))
    high = np.maximum(np.ceil(chances), low)
    with np.errstate(divide="ignore", invalid="ignore"):  # where both are one, either will do
        share_of_low = np.nan_to_num((1 / chances - 1 / high) / (1 / low - 1 / high), posinf=1.0)
    n = np.where(random.random(rates.shape) < share_of_low, low, high)
    return random.binomial(n.astype(int), rates / n)


def _check(latents: np.ndarray) -> None:
    if latents.ndim != 3 or not latents.size or not np.isfinite(latents).all():
        raise InputError(f"latents of shape {latents.shape}: expected (trial, step, latent), all finite")
