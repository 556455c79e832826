"""Pen letters."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from proprionet.errors import InputError
from proprionet.plotting import style

COLUMNS = 10
OVERLAID = 6
TRACES = 30  # as published


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
    figure, panels = _panels(label, alphabet)
    for letter, axes in panels.items():
        for index in np.flatnonzero(label == letter)[:OVERLAID][::-1]:
            path = samples[offsets[index] : offsets[index + 1]]
            axes.plot(*path.T, linewidth=0.6, color="#9aa6c8")
        axes.lines[-1].set(color="midnightblue", linewidth=1.2)
    return figure


@style.styled
def traces(samples: np.ndarray, offsets: np.ndarray, label: np.ndarray, alphabet: str) -> Figure:
    """Up to 30 pen letters of every kind, and their mean over normalised time.

    Parameters
    ----------
    samples, offsets, label : as for :func:`examples`.

    Source: Sandbrink et al. 2023, Fig. 2A.
    """
    figure, panels = _panels(label, alphabet)
    for letter, axes in panels.items():
        paths = _paths(samples, offsets, np.flatnonzero(label == letter))
        for path in paths:
            axes.plot(*path.T, linewidth=0.4, color="#b9c2dd")
        axes.plot(*_mean_path(paths).T, color="midnightblue")
    return figure


@style.styled
def over_time(
    samples: np.ndarray, offsets: np.ndarray, label: np.ndarray, alphabet: str, time_step_s: float, letters: str
) -> Figure:
    """Pen position over time, x above and y below, of some kinds of letters.

    Parameters
    ----------
    samples, offsets, label : as for :func:`examples`.
    time_step_s : float
        Between two samples, s.
    letters : str
        The kinds that are shown, of ``alphabet``.

    Raises
    ------
    InputError
        If there is no such letter.

    Source: Sandbrink et al. 2023, Fig. 2B.
    """
    figure = style.new_figure(style.WIDE_CM, 6.5)
    panels = figure.subplots(2, len(letters), sharex=True, sharey=True, squeeze=False)
    for column, letter in zip(panels.T, letters, strict=True):
        paths = _paths(samples, offsets, rows_of(letter, label, alphabet))
        for axis, axes in enumerate(column):
            for path in paths:
                axes.plot(time_step_s * np.arange(len(path)), path[:, axis], linewidth=0.4, color="#b9c2dd")
            mean = _mean_path(paths)
            axes.plot(time_step_s * np.arange(len(mean)), mean[:, axis], color="midnightblue")
        column[0].set_title(letter, pad=2)
        column[1].set_xlabel("time (s)")
    for axes, name in zip(panels[:, 0], ("x (cm)", "y (cm)"), strict=True):
        axes.set_ylabel(name)
    return figure


def rows_of(letter: str, label: np.ndarray, alphabet: str) -> np.ndarray:
    """Where in ``label`` (places in the alphabet) a letter is.

    Raises
    ------
    InputError
        If it is nowhere.
    """
    rows = np.flatnonzero(label == alphabet.find(letter))
    if not rows.size:
        there = "".join(alphabet[code] for code in np.unique(label))
        raise InputError(f"there is no letter '{letter}'; choose some of {there}")
    return rows


def _paths(samples: np.ndarray, offsets: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    return [samples[offsets[index] : offsets[index + 1]] for index in rows[:TRACES]]


def _mean_path(paths: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of paths that are stretched to their median number of samples."""
    share = np.linspace(0, 1, int(np.median([len(path) for path in paths])))
    stretched = [[np.interp(share, np.linspace(0, 1, len(path)), axis) for axis in path.T] for path in paths]
    return np.mean(stretched, axis=0).T


def _panels(label: np.ndarray, alphabet: str) -> tuple[Figure, dict[int, Axes]]:
    """A figure with a panel for each letter there is, by its place in the alphabet."""
    written = np.unique(label)
    rows = -(-len(written) // COLUMNS)
    figure = style.new_figure(style.WIDE_CM, 0.8 + 2.3 * rows)
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, letter in zip(panels, written, strict=False):
        axes.set_title(alphabet[letter], pad=2)
        axes.set_aspect("equal")
    for axes in panels[len(written) :]:
        axes.set_visible(False)
    figure.supxlabel("x (cm)", fontsize=8)
    figure.supylabel("y (cm)", fontsize=8)
    return figure, dict(zip(written.tolist(), panels, strict=False))
