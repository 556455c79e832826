"""Is a difference more than chance: paired tests over instances, corrected for layers, and shuffle nulls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from proprionet import seeds
from proprionet.analysis.statistics import instance_interval
from proprionet.errors import InputError

ALTERNATIVES = ("two-sided", "less", "greater")


@dataclass(frozen=True)
class PairedTests:
    """Paired t-tests, one a column; each field is (column,), NaN where it is not defined."""

    difference: np.ndarray
    """Mean over pairs, first less second."""
    low: np.ndarray
    high: np.ndarray
    """Ends of its confidence interval."""
    t: np.ndarray
    p: np.ndarray
    n: np.ndarray
    """Pairs in which both values are defined; a test has n - 1 degrees of freedom."""


def paired_tests(first: np.ndarray, second: np.ndarray, confidence: float = 0.95) -> PairedTests:
    """Student's paired t-test of every column (layer), two-sided, with the confidence interval of the difference.

    A test with fewer than two pairs, or whose differences are all the same, is not defined.

    Parameters
    ----------
    first, second : array, shape (instance, column)
        Paired by row; pairs with NaN are left out, column by column.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    if first.shape != second.shape or first.ndim != 2:
        raise InputError(f"values of shapes {first.shape} and {second.shape}: expected (instance, column) of both")
    rows = [_paired_test(difference[~np.isnan(difference)], confidence) for difference in (first - second).T]
    return PairedTests(*np.reshape(rows, (-1, 6)).T)


def _paired_test(differences: np.ndarray, confidence: float) -> tuple[float, ...]:
    found = instance_interval(differences, confidence)
    t = p = np.nan
    if found.n > 1 and np.ptp(differences) > 1e-12 * np.abs(differences).max():
        t = found.mean * np.sqrt(found.n) / differences.std(ddof=1)
        p = 2 * stats.t.sf(abs(t), found.n - 1)
    return found.mean, found.low, found.high, float(t), float(p), found.n


def bonferroni(p: np.ndarray) -> np.ndarray:
    """p-values times their number, 1 at most; NaN is kept and not counted."""
    return np.minimum(p * np.count_nonzero(~np.isnan(p)), 1)


def holm(p: np.ndarray) -> np.ndarray:
    """p-values by Holm's step-down rule: as safe as Bonferroni's, never larger; NaN is kept and not counted.

    Source: Holm 1979.
    """
    defined = ~np.isnan(p)
    values = p[defined]
    order = np.argsort(values)
    raised = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.full(p.shape, np.nan)
    adjusted[np.flatnonzero(defined)[order]] = np.minimum(raised, 1)
    return adjusted


def false_discovery(p: np.ndarray) -> np.ndarray:
    """p-values by Benjamini & Hochberg's rule (false discovery rate); NaN is kept and not counted."""
    adjusted = np.full(p.shape, np.nan)
    defined = ~np.isnan(p)
    if defined.any():
        adjusted[defined] = stats.false_discovery_control(p[defined])
    return adjusted


CORRECTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bonferroni": bonferroni,
    "holm": holm,
    "fdr": false_discovery,
}
"""Corrections of p-values for the number of tests, by name."""


def score_distributions(first: np.ndarray, second: np.ndarray) -> dict[str, tuple[float, float]]:
    """Kolmogorov-Smirnov tests of two samples of scores: statistic and p-value for each of :data:`ALTERNATIVES`.

    ``"greater"`` asks whether the first has more of the small scores (its distribution function lies above),
    ``"less"`` whether it has more of the large ones. NaN scores are left out; both NaN where a sample is empty.

    Source: the analysis of Sandbrink et al. in its state of 2020.
    """
    samples = [values[~np.isnan(values)] for values in (first, second)]
    if not all(sample.size for sample in samples):
        return dict.fromkeys(ALTERNATIVES, (np.nan, np.nan))
    found: dict[str, Any] = {name: stats.ks_2samp(*samples, alternative=name) for name in ALTERNATIVES}
    return {name: (float(test.statistic), float(test.pvalue)) for name, test in found.items()}


@dataclass(frozen=True)
class ShuffleNull:
    """A statistic beside its values on shuffled pairs."""

    statistic: float
    p: float
    """Share of shuffles, the data among them, with at least this statistic (or one as far from the middle)."""
    shuffled: np.ndarray
    """(shuffle,)"""


def shuffle_null(
    statistic: Callable[[Any, Any], float],
    first: np.ndarray,
    second: np.ndarray,
    seed: int,
    n_shuffles: int = 1000,
    alternative: str = "greater",
) -> ShuffleNull:
    """How large a statistic of paired samples is when they are paired at random.

    Parameters
    ----------
    statistic : function
        Of both arrays, one number.
    first, second : array, shape (sample,)
        E.g. preferred directions in two planes, or responses and labels. ``first`` is shuffled.
    alternative : str
        One of :data:`ALTERNATIVES`.
    """
    found = stats.permutation_test(
        (first,),
        lambda shuffled: statistic(shuffled, second),
        permutation_type="pairings",
        n_resamples=n_shuffles,
        alternative=alternative,
        rng=seeds.generator(seed, "shuffle null"),
        vectorized=False,
    )
    return ShuffleNull(float(found.statistic), float(found.pvalue), np.asarray(found.null_distribution))


def signed_ranks(differences: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's signed-rank test that differences lie around 0: statistic and two-sided p-value.

    Both are NaN where no difference is defined and other than 0.

    Parameters
    ----------
    differences : array, shape (pair,)
        NaN is left out.

    Source: Wilcoxon 1945.
    """
    differences = differences[~np.isnan(differences)]
    if not differences.any():
        return np.nan, np.nan
    found: Any = stats.wilcoxon(differences)
    return float(found.statistic), float(found.pvalue)
