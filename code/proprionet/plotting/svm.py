"""Linear classifiers of pairs of letters."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from proprionet.analysis.baselines import hard_pairs as hard
from proprionet.plotting import style


@style.styled
def pairwise_accuracy(accuracy: np.ndarray, alphabet: str, title: str = "") -> Figure:
    """Test accuracy of the classifier of every pair of letters, lower triangle.

    Parameters
    ----------
    accuracy : array, shape (letter, other_letter)
        Share of held-out movements that are classified right, 0.5 by chance; only the lower triangle is drawn.
    title : str
        What the classifiers saw.

    Source: Sandbrink et al. 2023, Fig. 3B.
    """
    lower = np.where(np.tri(len(alphabet), k=-1, dtype=bool), accuracy, np.nan)
    figure = style.new_figure(11.0, 9.0)
    axes = figure.subplots()
    image = axes.imshow(lower, vmin=0.5, vmax=1.0, interpolation="nearest")
    style.label_letters(axes, alphabet)
    axes.set(xlabel="letter", ylabel="other letter", title=title)
    below = bool((lower < 0.5).any())
    extend = "min" if below else "neither"
    bar = figure.colorbar(image, ax=axes, label="test accuracy (share of movements)", extend=extend, shrink=0.8)
    bar.set_ticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], labels=["0.5\nchance", "0.6", "0.7", "0.8", "0.9", "1.0"])
    return figure


@style.styled
def hard_pairs(accuracy: np.ndarray, alphabet: str, title: str = "", limit: float = hard.HARD) -> Figure:
    """Letters on a circle, joined where their classifier is right less often than ``limit``, darkest where at chance.

    Parameters
    ----------
    accuracy : array, shape (letter, other_letter)
        Share of held-out movements that are classified right; symmetric.
    title : str
        What the classifiers saw.

    Source: Sandbrink et al. 2023, Fig. 3B, C: about one pair in eight of the published inputs.
    """
    figure = style.new_figure(style.NARROW_CM, style.NARROW_CM)
    axes = figure.subplots()
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(alphabet)) / len(alphabet)
    place = np.column_stack([np.cos(angle), np.sin(angle)])
    pairs = hard.hard_pairs(accuracy, limit)
    ease = [(accuracy[pair] - 0.5) / (limit - 0.5) for pair in pairs]
    for pair, easy in zip(pairs, np.clip(ease, 0, 1), strict=True):
        axes.plot(*place[list(pair)].T, **_darkness(easy))
    joined = np.isin(np.arange(len(alphabet)), pairs)
    axes.scatter(
        *place.T,
        s=90,
        color="white",
        edgecolors=["black" if tied else "0.75" for tied in joined],
        linewidths=0.8,
        zorder=2,
    )
    for letter, (x, y), tied in zip(alphabet, place, joined, strict=True):
        axes.text(x, y, letter, ha="center", va="center_baseline", color="black" if tied else "0.6")
    scale = [Line2D([], [], **_darkness(easy), label=f"{50 + easy * (100 * limit - 50):.0f} %") for easy in (0, 0.5, 1)]
    figure.legend(handles=scale, loc="outside lower center", ncols=len(scale))
    count = f"{len(pairs)} of {len(alphabet) * (len(alphabet) - 1) // 2} pairs below {100 * limit:.0f} %"
    axes.set_title(f"{title}\n{count}".strip())
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure


def _darkness(ease: float) -> dict[str, Any]:
    """Look of a line between two letters: from 0, told apart by chance, to 1, not hard any more."""
    return {"color": "black", "alpha": 1 - 0.85 * ease, "linewidth": 2.5 - 2 * ease, "zorder": 1}
