"""Is a difference more than chance: paired tests over instances, corrected for layers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from proprionet.analysis.statistics import instance_interval
from proprionet.errors import InputError


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
