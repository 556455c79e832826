"""Representational dissimilarity matrices (RDMs): how differently a layer responds to every pair of stimuli.

An RDM is held condensed: its upper triangle, row by row, in the order of ``scipy.spatial.distance.pdist``
(``scipy.spatial.distance.squareform`` makes the square).

Source: Kriegeskorte, Mur & Bandettini 2008; Sandbrink et al. 2023, Fig. 4C, D.
"""

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, rankdata

from proprionet.errors import InputError

ROWS_AT_ONCE = 256


class ConstantPatternError(InputError):
    """A stimulus evokes the same response in every unit, so its correlation is undefined."""


def correlation_rdm(responses: np.ndarray) -> np.ndarray:
    """Correlation distance, 1 - r, between the response patterns of every pair of stimuli.

    Products of the normalised patterns give all pairs at once, in double precision.

    Parameters
    ----------
    responses : array, shape (stimulus, unit)
        Activation of every unit for every stimulus (any scale; each pattern is centred here). Dead units count:
        drop them first with :func:`proprionet.analysis.units.living_units` if they should not.

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
    responses = _checked(responses)
    if (constant := np.flatnonzero(np.ptp(responses, axis=1) == 0)).size:
        raise ConstantPatternError(f"stimulus {constant[0]}: all {responses.shape[1]} units respond alike")
    pattern = responses - responses.mean(axis=1, keepdims=True)
    pattern /= np.linalg.norm(pattern, axis=1, keepdims=True)
    return np.clip(1 - _upper_products(pattern, pattern), 0, 2)


def euclidean_rdm(responses: np.ndarray) -> np.ndarray:
    """Euclidean distance between the response patterns of every pair of stimuli.

    From products of patterns, |a - b|^2 = |a|^2 + |b|^2 - 2 ab: distances below about 1e-8 of the largest are lost in
    rounding.

    Parameters
    ----------
    responses : array, shape (stimulus, unit)
        Activation of every unit for every stimulus (any scale).

    Returns
    -------
    array, shape (stimulus * (stimulus - 1) / 2,)
        Condensed RDM in the unit of the responses.

    Raises
    ------
    InputError
        If there are fewer than two stimuli, or responses that are not finite.
    """
    responses = _checked(responses)
    pattern = responses - responses.mean(axis=0)  # a shift moves no distance and keeps the products small
    square = np.square(pattern).sum(axis=1, keepdims=True)
    one = np.ones_like(square)
    squared = _upper_products(np.hstack([pattern, square, one]), np.hstack([-2 * pattern, one, square]))
    return np.sqrt(np.maximum(squared, 0))


def ideal_observer(labels: np.ndarray) -> np.ndarray:
    """RDM of an observer that only sees the letter: 0 within a letter, 1 between letters.

    Parameters
    ----------
    labels : array, shape (stimulus,)
        Letter of every stimulus, as numbers or text.

    Returns
    -------
    array, shape (stimulus * (stimulus - 1) / 2,)
        Condensed RDM of zeros and ones.
    """
    _, letter = np.unique(labels, return_inverse=True)
    return pdist(letter[:, None], "hamming")


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
        if np.ptp(rdm) == 0:
            raise InputError(f"{name} RDM: all {rdm.size} pairs are equally dissimilar, so nothing correlates with it")
    return {"pearson": float(np.corrcoef(rdm_a, rdm_b)[0, 1]), "kendall": _kendall(rdm_a, rdm_b)}


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


def _checked(responses: np.ndarray) -> np.ndarray:
    if responses.ndim != 2 or len(responses) < 2:
        raise InputError(f"responses of shape {responses.shape}: expected (stimulus, unit) with two stimuli or more")
    if not np.isfinite(responses).all():
        stimulus = np.flatnonzero(~np.isfinite(responses).all(axis=1))[0]
        raise InputError(f"stimulus {stimulus}: a response is not finite")
    return np.asarray(responses, dtype=float)


def _upper_products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Products left[i] . right[j] of all pairs i < j, by blocks of rows: half the work of the square, little memory."""
    n = len(left)
    products = np.empty(n * (n - 1) // 2)
    end = 0
    for first in range(0, n, ROWS_AT_ONCE):
        for i, row in enumerate(left[first : first + ROWS_AT_ONCE] @ right[first:].T):
            start, end = end, end + n - first - i - 1
            products[start:end] = row[i + 1 :]
    return products


def _kendall(a: np.ndarray, b: np.ndarray) -> float:
    for binary, other in ((a, b), (b, a)):
        high = binary == binary.max()
        if (high | (binary == binary.min())).all():
            return _kendall_of_two_levels(high, other)
    return float(np.asarray(kendalltau(a, b, method="asymptotic"))[0])


def _kendall_of_two_levels(high: np.ndarray, values: np.ndarray) -> float:
    """Exact tau-b with a variable of two levels: its concordant pairs are the Mann-Whitney U, a sum of ranks."""
    _, level, ties = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[level]
    n_high = int(high.sum())
    pairs_between = n_high * (high.size - n_high)
    concordant = float(rank[high].sum()) - n_high * (n_high + 1) / 2  # a tie counts half
    pairs_untied = (high.size**2 - int(np.square(ties).sum())) // 2
    return (2 * concordant - pairs_between) / (pairs_between * pairs_untied) ** 0.5
