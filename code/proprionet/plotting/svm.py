"""Linear classifiers of pairs of letters."""

import numpy as np
from matplotlib.figure import Figure

from proprionet.plotting import style


@style.styled
def pairwise_accuracy(accuracy: np.ndarray, alphabet: str) -> Figure:
    """Test accuracy of the classifier of every pair of letters, lower triangle.

    Parameters
    ----------
    accuracy : array, shape (letter, other_letter)
        Share of held-out movements that are classified right, 0.5 by chance; only the lower triangle is drawn.

    Source: Sandbrink et al. 2023, Fig. 3B.
    """
    lower = np.where(np.tri(len(alphabet), k=-1, dtype=bool), accuracy, np.nan)
    figure = style.new_figure(11.0, 9.0)
    axes = figure.subplots()
    image = axes.imshow(lower, vmin=0.5, vmax=1.0, interpolation="nearest")
    ticks = range(len(alphabet))
    axes.set_xticks(ticks, list(alphabet))
    axes.set_yticks(ticks, list(alphabet))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="letter", ylabel="other letter")
    below = bool((lower < 0.5).any())
    extend = "min" if below else "neither"
    bar = figure.colorbar(image, ax=axes, label="test accuracy (share of movements)", extend=extend, shrink=0.8)
    bar.set_ticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], labels=["0.5\nchance", "0.6", "0.7", "0.8", "0.9", "1.0"])
    return figure
