"""Pen letters."""

import numpy as np
from matplotlib.figure import Figure

from proprionet.plotting import style

COLUMNS = 10
OVERLAID = 6


@style.styled
def examples(samples: np.ndarray, offsets: np.ndarray, label: np.ndarray, alphabet: str) -> Figure:
    """The first letter of each kind, over a few more of it, one panel per letter of the alphabet.

    Parameters
    ----------
    samples : array, shape (sample, 2)
        Pen positions in cm, one letter after another.
    offsets : array, shape (letter + 1,)
        Letter i is ``samples[offsets[i]:offsets[i + 1]]``.
    label : array, shape (letter,)
        Index of each letter in ``alphabet``.

    Source: Sandbrink et al. 2023, Fig. 2A.
    """
    written = np.unique(label)
    rows = -(-len(written) // COLUMNS)
    figure = style.new_figure(style.WIDE_CM, 0.8 + 2.3 * rows)
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, letter in zip(panels, written, strict=False):
        for index in np.flatnonzero(label == letter)[:OVERLAID][::-1]:
            path = samples[offsets[index] : offsets[index + 1]]
            axes.plot(*path.T, linewidth=0.6, color="#9aa6c8")
        axes.lines[-1].set(color="midnightblue", linewidth=1.2)
        axes.set_title(alphabet[letter], pad=2)
        axes.set_aspect("equal")
    for axes in panels[len(written) :]:
        axes.set_visible(False)
    figure.supxlabel("x (cm)", fontsize=8)
    figure.supylabel("y (cm)", fontsize=8)
    return figure
