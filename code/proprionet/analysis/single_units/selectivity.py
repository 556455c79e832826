"""How well single units tell each letter from the rest."""

import numpy as np

from proprionet.analysis.units import living_units


def auroc(responses: np.ndarray, label: np.ndarray, n_letters: int) -> np.ndarray:
    """Area under the ROC curve of each unit for each letter against all others, as a rank statistic.

    The probability that a sample of the letter evokes a larger response than a sample of the others, where ties count
    half (Mann & Whitney 1947). One sort of a unit's responses serves all letters.

    Parameters
    ----------
    responses : array, shape (sample, unit)
    label : array, shape (sample,)
        Letter of each sample, from 0.
    n_letters : int

    Returns
    -------
    array, shape (letter, unit)
        0.5 tells nothing, below it the unit is quieter for the letter. NaN for a dead unit, for a letter without
        samples, and for the only letter.
    """
    area = np.full((n_letters, responses.shape[1]), np.nan)
    inside = np.bincount(label, minlength=n_letters)
    outside = len(label) - inside
    letters = np.flatnonzero((inside > 0) & (outside > 0))
    if letters.size:
        for unit in np.flatnonzero(living_units(responses)):
            lower = _rank_sums(responses[:, unit], label, n_letters) - inside * (inside + 1) / 2
            area[letters, unit] = lower[letters] / (inside * outside)[letters]
    return area


def _rank_sums(values: np.ndarray, label: np.ndarray, n_letters: int) -> np.ndarray:
    """Sum of the ranks of each letter's samples; equal values share the mean of their ranks."""
    order = np.argsort(values)
    ascending = values[order]
    edges = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
    edges = np.concatenate([[0], edges, [len(values)]])
    rank = np.repeat((edges[:-1] + edges[1:] + 1) / 2, np.diff(edges))
    return np.bincount(label[order], weights=rank, minlength=n_letters)


def mean_selectivity(area: np.ndarray) -> np.ndarray:
    """Selectivity index 2 |auROC - 0.5| averaged over letters, as in the published code.

    Parameters
    ----------
    area : array, shape (..., letter, unit)
        From :func:`auroc`; undefined letters do not count.

    Returns
    -------
    array, shape (..., unit)
        0 tells no letter from the rest, 1 each of them; NaN where nothing is defined.

    Source: Sandbrink et al. 2023, Fig. 5E, code.
    """
    index, defined = _index(area)
    count = defined.sum(axis=-2)
    return np.where(count > 0, index.sum(axis=-2) / np.maximum(count, 1), np.nan)


def max_selectivity(area: np.ndarray) -> np.ndarray:
    """Selectivity index for the letter that the unit tells best, as in the paper's text; see :func:`mean_selectivity`.

    Source: Sandbrink et al. 2023, Methods.
    """
    index, defined = _index(area)
    return np.where(defined.any(axis=-2), index.max(axis=-2), np.nan)


def _index(area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Selectivity index, 0 where it is undefined, and where it is defined."""
    defined = ~np.isnan(area)
    return np.where(defined, 2 * np.abs(area - 0.5), 0), defined
