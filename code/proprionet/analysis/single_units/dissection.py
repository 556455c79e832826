"""Network dissection: which muscles and times the strongest responses of every feature map lie over.

The published code draws the masks over the input and looks at them; here they are also scored.

Source: Bau, Zhou, Khosla, Oliva & Torralba 2017, CVPR; code of Sandbrink et al. 2023 (not shown in the paper).
"""

from dataclasses import dataclass

import numpy as np

from proprionet.errors import InputError
from proprionet.timing import align

THRESHOLDS = (0.3, 0.5)
"""Shares of the largest response that a mask begins at, as published."""

MOVEMENTS_AT_ONCE = 64


@dataclass(frozen=True)
class Dissection:
    """Strongest responses of each feature map of a layer to each letter, and what their masks lie over."""

    movement: np.ndarray
    """(map, letter, rank): which movement, strongest response first; -1 where a letter has fewer movements.

    A map that never varies has none.
    """
    peak: np.ndarray
    """(map, letter, rank): largest response to it, NaN where there is none."""
    overlap: np.ndarray
    """(map, letter, threshold): intersection over union with where muscles move, mean over ranks, 0..1.

    A muscle moves where the speed of its length is above the same share of the largest speed of that movement. NaN
    where no response of the map is above 0.
    """
    inside: np.ndarray
    """(map, letter, threshold): share of the mask that lies within the movement, not before or after; NaN as above."""


def dissect(
    responses: np.ndarray,
    layer_times: np.ndarray,
    muscle_length: np.ndarray,
    first: np.ndarray,
    n_samples: np.ndarray,
    label: np.ndarray,
    n_letters: int,
    *,
    top: int = 5,
) -> Dissection:
    """Find and score the strongest responses of every feature map of a layer.

    Parameters
    ----------
    responses : array or h5py dataset, shape (movement, layer_time, space, map)
        Activations (any scale), read in blocks.
    layer_times : array, shape (layer_time,)
        True time stamp of each layer step in input samples.
    muscle_length : array, shape (movement, muscle, time)
        In the order of the network's input (mm).
    first, n_samples : array of int, shape (movement,)
        First time step and length of the movement itself within the padded record.
    label : array of int, shape (movement,)
        Letter of each movement, below ``n_letters``.
    top : int
        Movements of each letter that are looked at (published: 5).

    Raises
    ------
    InputError
        If a label is no letter.
    """
    if label.min() < 0 or label.max() >= n_letters:
        raise InputError(f"labels reach from {label.min()} to {label.max()}: expected 0 to {n_letters - 1}")
    blocks = (responses[at : at + MOVEMENTS_AT_ONCE] for at in range(0, len(label), MOVEMENTS_AT_ONCE))
    extremes = [(block.max(axis=(1, 2)), block.min(axis=(1, 2))) for block in blocks]
    peaks, lowest = (np.concatenate(values) for values in zip(*extremes, strict=True))
    movement = strongest(peaks, label, n_letters, top)
    movement[peaks.max(axis=0) == lowest.min(axis=0)] = -1
    scores = np.full((2, *movement.shape, len(THRESHOLDS)), np.nan)
    for row in np.unique(movement[movement >= 0]):
        place = np.nonzero(movement == row)
        heat = heat_maps(responses[row][..., place[0]], layer_times, *muscle_length.shape[1:])
        speed = np.abs(np.gradient(muscle_length[row].astype(float), axis=1))
        live = slice(first[row], first[row] + n_samples[row])
        scores[(slice(None), *place)] = _scores(heat, speed, live)
    overlap, inside = (_mean_of_ranks(score) for score in scores)
    peak = np.where(movement < 0, np.nan, peaks[movement, np.arange(movement.shape[0])[:, None, None]])
    return Dissection(movement, peak, overlap, inside)


def strongest(peaks: np.ndarray, label: np.ndarray, n_letters: int, top: int) -> np.ndarray:
    """Movements of each letter with the largest response of each map.

    Parameters
    ----------
    peaks : array, shape (movement, map)
        Largest response of each map to each movement.

    Returns
    -------
    array of int, shape (map, letter, rank)
        Strongest first, the earlier movement first among equals; -1 where a letter has fewer than ``top`` movements.
    """
    movement = np.full((peaks.shape[1], n_letters, top), -1)
    for letter in range(n_letters):
        rows = np.flatnonzero(label == letter)
        order = np.argsort(-peaks[rows], axis=0, kind="stable")[:top]
        movement[:, letter, : len(order)] = rows[order].T
    return movement


def share_of_record(n_samples: np.ndarray, label: np.ndarray, n_letters: int, n_times: int) -> np.ndarray:
    """Share of the padded record that the movements of each letter take, (letter,): what ``inside`` is by chance.

    NaN for a letter without movements.
    """
    count = np.bincount(label, minlength=n_letters)
    total = np.bincount(label, weights=n_samples / n_times, minlength=n_letters)
    return np.divide(total, count, out=np.full(n_letters, np.nan), where=count > 0)


def heat_maps(maps: np.ndarray, layer_times: np.ndarray, n_muscles: int, n_times: int) -> np.ndarray:
    """Feature maps at the size of the input, by linear interpolation at the true time stamps.

    Places along the muscle axis are taken to divide it evenly.

    Parameters
    ----------
    maps : array, shape (layer_time, space, map)

    Returns
    -------
    array, shape (map, muscle, time)
    """
    in_time = align(maps.transpose(2, 0, 1), layer_times, np.arange(n_times))
    n_places = maps.shape[1]
    muscle_at = (np.arange(n_muscles) + 0.5) * n_places / n_muscles - 0.5
    return align(in_time.transpose(0, 2, 1), np.arange(n_places), muscle_at)


def _scores(heat: np.ndarray, speed: np.ndarray, live: slice) -> np.ndarray:
    """Overlap and share inside of the masks of one movement, (score, map, threshold); NaN where nothing is above 0."""
    highest = heat.max(axis=(1, 2))
    scores = np.full((2, len(heat), len(THRESHOLDS)), np.nan)
    shown = highest > 0
    for column, share in enumerate(THRESHOLDS):
        mask = heat[shown] > share * highest[shown, None, None]
        moves = speed > share * speed.max()
        size = mask.sum(axis=(1, 2))
        scores[0, shown, column] = (mask & moves).sum(axis=(1, 2)) / (mask | moves).sum(axis=(1, 2))
        scores[1, shown, column] = mask[:, :, live].sum(axis=(1, 2)) / size
    return scores


def _mean_of_ranks(scores: np.ndarray) -> np.ndarray:
    """Mean over the ranks that are there, (map, letter, threshold)."""
    there = ~np.isnan(scores)
    count = there.sum(axis=2)
    return np.divide(np.where(there, scores, 0).sum(axis=2), count, out=np.full(count.shape, np.nan), where=count > 0)
