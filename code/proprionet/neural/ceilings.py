"""The most that a model of a neuron's rate can explain of single trials, whose spikes are noisy.

A model's explained variance over the ceiling is its normalised score: 1 for the true rate, in expectation.
"""

from dataclasses import dataclass

import numpy as np

from proprionet import seeds
from proprionet.neural.scores import explained_variance

N_SPLITS = 100
FEWEST_TRIALS = 4
SMALLEST = 0.01
"""Share of the variance below which a ceiling is as good as none: what is divided by it is noise."""


@dataclass(frozen=True)
class Ceiling:
    """Highest explained variance to be expected of single trials, and why some neurons have none."""

    explained_variance: np.ndarray
    """(neuron,): 0.01 or more, NaN where undefined."""
    undefined: dict[int, str]
    """Reason by neuron."""


def true_rate(responses: np.ndarray, expected: np.ndarray) -> Ceiling:
    """Explained variance of the expected response itself, which only simulated neurons have: (bin, neuron) both."""
    return _defined(explained_variance(responses, expected), responses, "its true rate explains less than 1 %")


def split_half(
    responses: np.ndarray, trial: np.ndarray, place: np.ndarray, condition: np.ndarray, seed: int = 0
) -> Ceiling:
    """Ceiling from repeats: what two halves of the trials of a condition have in common, by Spearman and Brown.

    Trials of a condition are aligned at the start of their windows. Random halves of them have mean responses with
    correlation r over conditions and bins (mean over 100 splits). The mean over all trials then has reliability
    2 r / (1 + r): the share of its variance that new trials would repeat (Spearman 1910; Brown 1910). A model of what
    repeats is expected to explain of single trials

        2 r / (1 + r) * Var(mean over trials) / Var(single trials),

    which is 2 r / (1 + r) stepped down from all trials to one. Bins weigh as many trials as reach them; bins that
    fewer than four reach are left out. Expected are repeats: where movements to one target differ, a model that knows
    the single movement may explain more than this, and score above 1.

    Parameters
    ----------
    responses : array, shape (bin, neuron)
        Smoothed or not.
    trial : array of int, shape (bin,)
        Trial of each bin, as a place in ``condition``.
    place : array of int, shape (bin,)
        Bins since the start of the trial's window.
    condition : array, shape (trial,)
        What trials repeat, e.g. the direction of the target; NaN for those that repeat nothing.
    seed : int
        Draws the halves.
    """
    parts = [
        _halves(responses, trial, place, np.flatnonzero(condition == value), seed, index)
        for index, value in enumerate(np.unique(condition[np.isfinite(condition)]))
    ]
    parts = [part for part in parts if part is not None]
    if not parts:
        about = f"no direction has {FEWEST_TRIALS} trials that can be compared"
        nothing = np.full(responses.shape[1], np.nan)
        return Ceiling(nothing, dict.fromkeys(range(len(nothing)), about))
    joined = (np.concatenate(arrays, axis=-2) for arrays in zip(*parts, strict=True))
    first, second, weight, mean, n_trials, single = joined
    spread = np.sqrt(_covariance(first, first, weight) * _covariance(second, second, weight))
    r = (_covariance(first, second, weight) / np.where(spread > 0, spread, np.inf)).mean(axis=0)
    variance = single.var(axis=0)
    share = _covariance(mean, mean, n_trials) / np.where(variance > 0, variance, np.inf)
    return _defined(2 * r / (1 + r) * share, responses, "halves of its trials have less than 1 % in common")


def poisson(responses: np.ndarray, n_smoothed: np.ndarray | int = 1) -> Ceiling:
    """Ceiling from the noise that Poisson spikes have: 1 - E[noise variance] / Var(response).

    A count has the variance of its mean; the mean of m counts one m-th of it. So the noise variance of a bin is
    estimated by its own response over m. Neurons that fire more regularly than Poisson may be explained beyond this;
    what makes others fire less regularly counts here as if a model could explain it.

    Parameters
    ----------
    responses : array, shape (bin, neuron)
        Spike counts of the bins, or their means over neighbouring bins.
    n_smoothed : array of int, shape (bin,), or int
        Over how many bins each response is the mean; see :meth:`.Session.n_smoothed`.
    """
    noise = (responses / np.reshape(n_smoothed, (-1, 1))).mean(axis=0)
    varies = np.ptp(responses, axis=0) > 0
    ceiling = 1 - noise / np.where(varies, responses.var(axis=0), np.nan)
    return _defined(ceiling, responses, "it varies no more than Poisson spikes of a constant rate do, to within 1 %")


def _halves(
    responses: np.ndarray, trial: np.ndarray, place: np.ndarray, trials: np.ndarray, seed: int, condition: int
) -> tuple[np.ndarray, ...] | None:
    """Means over halves of one condition's trials, (split, bin, neuron) each, and what they are weighed with."""
    members = np.isin(trial, trials)
    row, at, y = np.searchsorted(trials, trial[members]), place[members], responses[members].astype(float)
    n_bins, n_neurons = at.max(initial=-1) + 1, y.shape[1]
    n_trials = np.bincount(at, minlength=n_bins)
    kept = n_trials >= FEWEST_TRIALS
    if not kept.any():
        return None
    padded, there = np.zeros((len(trials), n_bins, n_neurons)), np.zeros((len(trials), n_bins))
    padded[row, at], there[row, at] = y, 1
    random = seeds.generator(seed, "halves", condition)
    half = np.argsort(random.random((N_SPLITS, len(trials))), axis=1) < len(trials) // 2
    sums, counts = np.tensordot(half, padded[:, kept], 1), half @ there[:, kept]
    total, n_trials = padded[:, kept].sum(axis=0), n_trials[kept]
    others = n_trials - counts
    weight = np.where((counts > 0) & (others > 0), n_trials, 0)[..., None]
    first, second = sums / np.maximum(counts, 1)[..., None], (total - sums) / np.maximum(others, 1)[..., None]
    return first, second, weight, total / n_trials[:, None], n_trials[:, None], y[kept[at]]


def _covariance(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted over bins, the last axis but one."""
    weight = weight / weight.sum(axis=-2, keepdims=True)
    apart = [values - (weight * values).sum(axis=-2, keepdims=True) for values in (first, second)]
    return (weight * apart[0] * apart[1]).sum(axis=-2)


def _defined(ceiling: np.ndarray, responses: np.ndarray, otherwise: str) -> Ceiling:
    """The ceilings that are high enough, and why the others are none."""
    varies = np.ptp(responses, axis=0) > 0
    good = varies & (np.nan_to_num(ceiling) >= SMALLEST)
    reasons = {int(i): otherwise if varies[i] else "its response never changes" for i in np.flatnonzero(~good)}
    return Ceiling(np.where(good, ceiling, np.nan), reasons)
