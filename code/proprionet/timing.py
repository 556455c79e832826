"""Layers, movements and neurons run on different clocks; here they meet."""

import numpy as np

from proprionet.errors import InputError


def align(values: np.ndarray, times: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Signals at other times, by linear interpolation; beyond the ends they keep their first or last value.

    Parameters
    ----------
    values : array, shape (trial, time, unit)
        Signals, e.g. the activations of a layer or the position of the hand.
    times : array, shape (time,)
        True time stamp of every sample, rising; a strided layer's need not be whole numbers.
    at : array, shape (bin,)
        Times wanted, in the unit of ``times`` (s, or input samples).

    Returns
    -------
    array, shape (trial, bin, unit)
        Same type and unit as ``values`` (whole numbers become float64).

    Raises
    ------
    InputError
        If times do not rise, or do not match the values.
    """
    if values.ndim != 3 or times.shape != values.shape[1:2]:
        raise InputError(f"values of shape {values.shape} and {times.size} times: expected (trial, time, unit)")
    if (np.diff(times) <= 0).any():
        raise InputError("times must rise from each sample to the next")
    position = np.interp(at, times, np.arange(times.size))
    before = position.astype(int)
    after = np.minimum(before + 1, times.size - 1)
    share = (position - before)[:, None].astype(np.result_type(values, np.float32))
    return values[:, before] * (1 - share) + values[:, after] * share
