"""Representational dissimilarity matrices (RDMs): how differently a layer responds to every pair of stimuli.

An RDM is held condensed: its upper triangle, row by row, in the order of ``scipy.spatial.distance.pdist``
(``scipy.spatial.distance.squareform`` makes the square). Responses may be arrays or HDF5 datasets, which are read in
blocks; whatever follows the stimulus in their shape counts as units.

Source: Kriegeskorte, Mur & Bandettini 2008; Sandbrink et al. 2023, Fig. 4C, D.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import kendalltau, rankdata

from proprionet.analysis.layers import gram
from proprionet.errors import InputError

KINEMATICS = ("hand", "joints", "muscle_length")
"""What the spindle input comes from; compared as layers before the first."""

NUMBERS_AT_ONCE = 2**20


class ConstantPatternError(gram.UndefinedError):
    """A stimulus evokes the same response in every unit, so its correlation is undefined."""


def correlation_rdm(responses: Any, units: np.ndarray | None = None, n_jobs: int = 1) -> np.ndarray:
    """Correlation distance, 1 - r, between the response patterns of every pair of stimuli.

    Products of the normalised patterns give all pairs at once, in double precision.

    Parameters
    ----------
    responses : array or HDF5 dataset, shape (stimulus, unit, ...)
        Activation of every unit for every stimulus (any scale; each pattern is centred here).
    units : array of bool, shape (unit,), optional
        Units that count, of the flattened layer; all if not given. Dead units count too: leave them out with
        :func:`proprionet.analysis.units.varies` if they should not.
    n_jobs : int
        Threads; the result does not depend on them.

    Returns
    -------
    array, shape (stimulus * (stimulus - 1) / 2,)
        Condensed RDM; 0 is the same pattern, 2 its opposite.

    Raises
    ------
    ConstantPatternError
        If a pattern has no variance over units; names the first such stimulus.
    InputError
        If there are fewer than two stimuli, or responses that are not finite.
    """
    _check_units(units)

    def normalised(rows: slice) -> np.ndarray:
        patterns = gram.read(responses, rows, units)
        if (constant := np.flatnonzero(np.ptp(patterns, axis=1) == 0)).size:
            raise ConstantPatternError(
                f"stimulus {rows.start + constant[0]}: all {patterns.shape[1]} units respond alike"
            )
        patterns = patterns - patterns.mean(axis=1, keepdims=True, dtype=float)
        patterns /= np.sqrt(np.einsum("ij,ij->i", patterns, patterns))[:, None]
        return patterns

    with gram.threads(n_jobs) as pool:
        rdm, _ = gram.condensed(gram.blocks(responses), normalised, pool)
    np.subtract(1, rdm, out=rdm)
    return np.clip(rdm, 0, 2, out=rdm)


def spearman_rdm(responses: Any, units: np.ndarray | None = None, n_jobs: int = 1) -> np.ndarray:
    """Rank correlation distance, 1 - Spearman's rho, between the response patterns of every pair of stimuli.

    Takes, gives and raises the same as :func:`correlation_rdm`. The ranks of the whole layer are held in memory.
    """
    _check_units(units)
    parts = gram.blocks(responses)
    n_units = int(np.prod(responses.shape[1:])) if units is None else int(units.sum())
    ranks = np.empty((len(responses), n_units), np.float32)  # holds halves exactly up to 8 million units

    def rank(rows: slice) -> None:
        ranks[rows] = rankdata(patterns[rows.start - block.start : rows.stop - block.start], axis=1)

    with gram.threads(n_jobs) as pool:
        for block in parts:
            patterns = gram.read(responses, block, units)
            pieces = gram.split(len(patterns), gram.ROWS_AT_ONCE)
            list(pool.map(rank, [slice(block.start + piece.start, block.start + piece.stop) for piece in pieces]))
    return correlation_rdm(ranks, n_jobs=n_jobs)


def euclidean_rdm(responses: Any, units: np.ndarray | None = None, n_jobs: int = 1) -> np.ndarray:
    """Euclidean distance between the response patterns of every pair of stimuli.

    From products of patterns, |a - b|^2 = |a|^2 + |b|^2 - 2 ab: distances below about 1e-8 of the largest are lost in
    rounding.

    Parameters
    ----------
    responses : array or HDF5 dataset, shape (stimulus, unit, ...)
        Activation of every unit for every stimulus (any scale).
    units : array of bool, shape (unit,), optional
        Units that count, of the flattened layer; all if not given.
    n_jobs : int
        Threads; the result does not depend on them.

    Returns
    -------
    array, shape (stimulus * (stimulus - 1) / 2,)
        Condensed RDM in the unit of the responses.

    Raises
    ------
    InputError
        If there are fewer than two stimuli, or responses that are not finite.
    """
    _check_units(units)
    mean, _ = gram.unit_moments(responses)  # a shift moves no distance and keeps the products small
    mean = mean if units is None else mean[units]
    with gram.threads(n_jobs) as pool:
        products, own = gram.condensed(
            gram.blocks(responses), lambda rows: gram.read(responses, rows, units) - mean, pool
        )
    squared = gram.squared_distances(products, own)
    return np.sqrt(squared, out=squared)


METRICS: dict[str, Callable[..., np.ndarray]] = {
    "correlation": correlation_rdm,
    "euclidean": euclidean_rdm,
    "spearman": spearman_rdm,
}
"""Functions of (responses, units, n_jobs) by the name of their metric."""


def memory_bytes(n_stimuli: int, n_units: int, metric: str = "correlation") -> int:
    """About what an RDM of a layer and its comparison with the ideal observer need at most."""
    ranks = 4 * n_stimuli * n_units if metric == "spearman" else 0
    return gram.memory_bytes(n_stimuli, n_units) + ranks + 10 * n_stimuli**2


def ideal_observer(labels: np.ndarray) -> np.ndarray:
    """RDM of an observer that only sees the letter: 0 within a letter, 1 between letters.

    Parameters
    ----------
    labels : array, shape (stimulus,)
        Letter of every stimulus, as numbers or text.

    Returns
    -------
    array of bool, shape (stimulus * (stimulus - 1) / 2,)
        Condensed RDM: whether the letters differ.
    """
    labels = np.asarray(labels)
    return np.concatenate([labels[row + 1 :] != label for row, label in enumerate(labels)])


def compare(rdm_a: np.ndarray, rdm_b: np.ndarray) -> dict[str, float]:
    """Agreement of two condensed RDMs of the same stimuli.

    Parameters
    ----------
    rdm_a, rdm_b : array, shape (pair,)
        Condensed RDMs; either may be the ideal observer's.

    Returns
    -------
    dict
        ``pearson``, the correlation of the two RDMs, and ``kendall``, their rank correlation tau-b (corrected for
        ties). Both lie in -1..1.

    Raises
    ------
    InputError
        If the RDMs differ in length, or one of them is the same for all pairs.
    """
    if rdm_a.ndim != 1 or rdm_a.shape != rdm_b.shape:
        raise InputError(f"RDMs of shapes {rdm_a.shape} and {rdm_b.shape}: expected two condensed RDMs of one length")
    for name, rdm in (("first", rdm_a), ("second", rdm_b)):
        if rdm.min() == rdm.max():
            raise gram.UndefinedError(
                f"{name} RDM: all {rdm.size} pairs are equally dissimilar, so nothing correlates with it"
            )
    return {"pearson": _pearson(rdm_a, rdm_b), "kendall": _kendall(rdm_a, rdm_b)}


def percentile(rdm: np.ndarray) -> np.ndarray:
    """Percentile rank of every pair, for display: the share of pairs that are more alike, ties counting half.

    Parameters
    ----------
    rdm : array, shape (pair,)
        Condensed RDM.

    Returns
    -------
    array, shape (pair,)
        Percent, above 0 and below 100.
    """
    return 100 * (rankdata(rdm) - 0.5) / rdm.size


def _check_units(units: np.ndarray | None) -> None:
    if units is not None and not units.any():
        raise gram.UndefinedError(gram.NO_VARIATION)


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation in blocks, since RDMs may be a large part of the memory."""
    mean_a, mean_b = a.mean(dtype=float), b.mean(dtype=float)
    covariance = np.zeros((2, 2))
    for part in gram.split(a.size, NUMBERS_AT_ONCE):
        both = np.stack([a[part] - mean_a, b[part] - mean_b])
        covariance += both @ both.T
    return float(np.clip(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), -1, 1))


def _kendall(a: np.ndarray, b: np.ndarray) -> float:
    for binary, other in ((a, b), (b, a)):
        low = binary == binary.min()
        if (low | (binary == binary.max())).all():
            return _kendall_of_two_levels(low, other)
    return float(np.asarray(kendalltau(a, b, method="asymptotic"))[0])


def _kendall_of_two_levels(low: np.ndarray, values: np.ndarray) -> float:
    """Exact tau-b with a variable of two levels: its concordant pairs are the Mann-Whitney U, a sum of ranks."""
    few = low if 2 * low.sum() < low.size else ~low
    n_few, n = int(few.sum()), low.size
    ordered, chosen = np.sort(values), np.sort(values[few])
    rank = (np.searchsorted(ordered, chosen) + np.searchsorted(ordered, chosen, side="right") + 1) / 2
    below = float(rank.sum()) - n_few * (n_few + 1) / 2  # pairs in which the few are higher; a tie counts half
    between = n_few * (n - n_few)
    untied = n * (n - 1) // 2 - _tied_pairs(ordered)
    return (-1 if few is low else 1) * (2 * below - between) / (between * untied) ** 0.5


def _tied_pairs(ordered: np.ndarray) -> int:
    equal = np.concatenate([[False], ordered[1:] == ordered[:-1], [False]])
    edges = np.flatnonzero(equal[1:] != equal[:-1])
    more = edges[1::2] - edges[::2]  # values that equal the first of their run
    return int((more * (more + 1) // 2).sum())
