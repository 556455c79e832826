"""Sessions: which trial of a recording goes with which movement that a network has seen."""

import numpy as np

from proprionet.errors import InputError


def rows_of(wanted: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Row of each wanted movement among those present.

    Parameters
    ----------
    wanted : array, shape (trial,)
        Movement of each trial, as its row in the data set.
    present : array, shape (movement,)
        Movements that activations were recorded for.

    Raises
    ------
    InputError
        If a movement is missing; says how many are.
    """
    order = np.argsort(present)
    found = order[np.searchsorted(present, wanted, sorter=order).clip(max=len(present) - 1)]
    if (missing := present[found] != wanted).any():
        raise InputError(
            f"activations lack {missing.sum()} of the session's {len(wanted)} movements; "
            "record them from the same data set with the same seed and stimuli"
        )
    return found
