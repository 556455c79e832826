"""The data set: how many movements of which letter, and how long they are."""

import numpy as np
from matplotlib.figure import Figure

from proprionet.dataset import SPLITS
from proprionet.plotting import style

SPLIT_COLOURS = ("midnightblue", "#E69F00", "#56B4E9")


@style.styled
def overview(label: np.ndarray, split: np.ndarray, duration_s: np.ndarray, alphabet: str) -> Figure:
    """Movements of each letter (of all, if there is but one) by part of the split, and how long movements last.

    Parameters
    ----------
    label : array, shape (movement,)
        Index of each movement's letter in ``alphabet``.
    split : array, shape (movement,)
        0 train, 1 validation, 2 test.
    duration_s : array, shape (movement,)
        Length of the movement itself, without padding, in s.
    """
    figure = style.new_figure(style.WIDE_CM, 6.0)
    counts, durations = figure.subplots(1, 2, width_ratios=(3, 2))
    parts = [np.flatnonzero(split == part) for part in range(len(SPLITS))]
    bottom, several = np.zeros(len(alphabet), dtype=int), len(alphabet) > 1
    for name, colour, rows in zip(SPLITS, SPLIT_COLOURS, parts, strict=True):
        n_movements = np.bincount(label[rows], minlength=len(alphabet))
        counts.bar(
            list(alphabet) if several else ["all"],
            n_movements,
            bottom=bottom,
            color=colour,
            label=f"{name} ({len(rows)})",
        )
        bottom += n_movements
    counts.set(xlabel="letter" if several else "", ylabel="movements (count)")
    figure.legend(loc="outside upper center", ncols=len(SPLITS))
    durations.hist([duration_s[rows] for rows in parts], bins=24, stacked=True, color=SPLIT_COLOURS)
    durations.set(xlabel="duration of the movement (s)", ylabel="movements (count)")
    return figure
