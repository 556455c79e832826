"""From movements to a data set: which of them, in which order, padded to one length."""

from collections.abc import Mapping
from itertools import product

import numpy as np
from numba import njit

from proprionet import seeds
from proprionet.errors import InputError

CHUNK = 4096  # movements that are shuffled with each other, so that files are read and written in contiguous pieces


def first_of_each(latents: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows of the movements whose hand does not take the path of an earlier one, ascending.

    It does if letter, place and latents are the same; noise is on the spindles alone.
    """
    names = ("source", "plane", "size", "rotation", "shear_x", "shear_y", "speed", "start_point")
    table = np.column_stack([latents[name] for name in names])
    return np.sort(np.unique(table, axis=0, return_index=True)[1])


def smoothest(label: np.ndarray, plane: np.ndarray, muscle_jerk: np.ndarray, count: int) -> np.ndarray:
    """Rows of the ``count`` movements with the least muscle jerk of each letter and plane, ascending.

    Raises
    ------
    InputError
        If a letter has fewer in a plane, which would leave the set unbalanced; names the scarcest.

    Source: Sandbrink et al. 2023, who kept the 5,050 smoothest of each.
    """
    kinds = product(np.unique(label), np.unique(plane))
    groups = [np.flatnonzero((label == letter) & (plane == side)) for letter, side in kinds]
    fewest = min(map(len, groups))
    if fewest < count:
        raise InputError(
            f"smoothest = {count} keeps more movements of each letter and plane than there are ({fewest} of the "
            "scarcest); make more movements or keep fewer"
        )
    return np.sort(np.concatenate([rows[np.argsort(muscle_jerk[rows], kind="stable")[:count]] for rows in groups]))


def shuffled(rows: np.ndarray, seed: int) -> np.ndarray:
    """The rows in the order of the data set: mixed within chunks of 4,096 neighbours."""
    chunks = np.split(rows, np.arange(CHUNK, len(rows), CHUNK))
    return np.concatenate([seeds.generator(seed, "order", i).permutation(chunk) for i, chunk in enumerate(chunks)])


def draw_first(n_samples: np.ndarray, n_steps: int, seed: int, rows: np.ndarray | None = None) -> np.ndarray:
    """Random step at which each movement starts, uniform over where it fits; shape (movement,).

    ``rows`` (movement,) are the numbers of the movements, on which the step depends; 0, 1, 2 ... if not given.

    Raises
    ------
    InputError
        If a movement is longer than ``n_steps``; names the first.
    """
    if (long := np.flatnonzero(n_samples > n_steps)).size:
        raise InputError(
            f"movement {long[0]} has {n_samples[long[0]]} steps, more than n_steps = {n_steps}; raise n_steps"
        )
    rows = np.arange(len(n_samples)) if rows is None else rows
    (uniform,) = seeds.uniform(seed, "first", rows=rows, columns=1).T
    return (uniform * (n_steps - n_samples + 1)).astype(np.int64)


def pad(values: np.ndarray, ends: np.ndarray, first: np.ndarray, n_steps: int) -> np.ndarray:
    """Hold the first and last posture of each movement so that it fills ``n_steps``.

    Parameters
    ----------
    values : array, shape (sample, channel)
        Movements one after another, any unit.
    ends : array, shape (movement + 1,)
        Where each movement starts, and the end.
    first : array, shape (movement,)
        Step at which it starts.

    Returns
    -------
    array, shape (movement, channel, n_steps), of the type of ``values``

    Raises
    ------
    InputError
        If a movement does not fit; names the first.

    Source: Sandbrink et al. 2023, Methods: movements start at a random time and are static before and after.
    """
    lengths = np.diff(ends)
    if (bad := np.flatnonzero((first < 0) | (first + lengths > n_steps))).size:
        one = bad[0]
        raise InputError(f"a movement of {lengths[one]} steps from step {first[one]} does not fit into {n_steps} steps")
    padded = np.empty((len(first), values.shape[1], n_steps), values.dtype)
    _pad(np.ascontiguousarray(values), np.asarray(ends), np.asarray(first), padded)
    return padded


@njit(cache=True)
def _pad(values, ends, first, padded):
    for movement in range(len(padded)):
        start, length = ends[movement], ends[movement + 1] - ends[movement]
        for channel in range(padded.shape[1]):
            row = padded[movement, channel]
            begin = first[movement]
            row[:begin] = values[start, channel]
            for t in range(length):
                row[begin + t] = values[start + t, channel]
            row[begin + length :] = values[start + length - 1, channel]
