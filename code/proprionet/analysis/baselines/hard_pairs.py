"""Pairs of letters that a linear classifier hardly tells apart."""

import numpy as np

HARD = 0.7
"""Pairs that are told apart less often than this are called hard (Sandbrink et al. 2023, Fig. 3)."""


def hard_pairs(accuracy: np.ndarray, limit: float = HARD) -> list[tuple[int, int]]:
    """Pairs of letters, as indices, that are told apart less often than ``limit``, the hardest first.

    Parameters
    ----------
    accuracy : array, shape (letter, letter)
        Symmetric; only what is above the diagonal counts.
    """
    first, second = np.triu_indices(len(accuracy), k=1)
    of_pair = accuracy[first, second]
    order = np.argsort(of_pair, kind="stable")
    return [(int(first[i]), int(second[i])) for i in order if of_pair[i] < limit]
