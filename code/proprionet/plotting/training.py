"""How networks learned, and what they confuse."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proprionet.plotting import style

CURVES = ("epoch", "train_loss", "validation_loss")


@style.styled
def losses(history: Mapping[str, Mapping[str, np.ndarray]], remarks: Mapping[str, str]) -> Figure:
    """Loss on the training and validation parts over epochs, one panel per trained network.

    Parameters
    ----------
    history : mapping of network to mapping
        Each with the ``CURVES``, arrays of shape (epoch,).
    remarks : mapping of network to str
        What to say below the network's name, such as its score on the test part.
    """
    columns = min(len(history), 3)
    rows = -(-len(history) // columns)
    figure = style.new_figure(style.NARROW_CM if len(history) == 1 else style.WIDE_CM, 6.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, colour, (network, curves) in zip(
        panels, style.network_colours(list(history)), history.items(), strict=False
    ):
        marker = "o" if len(curves["epoch"]) < 10 else ""
        axes.plot(curves["epoch"], curves["train_loss"], marker=marker, color=colour, label="train")
        axes.plot(curves["epoch"], curves["validation_loss"], "--", marker=marker, color="#D55E00", label="validation")
        axes.set(xlabel="epoch", ylabel="loss", title=f"{network}\n{remarks.get(network, '')}".strip())
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    for axes in panels[len(history) :]:
        axes.set_visible(False)
    return figure


@style.styled
def confusions(counts: np.ndarray, alphabet: str) -> Figure:
    """Share of the movements of each letter that are taken for each letter.

    Parameters
    ----------
    counts : array, shape (letter, predicted_letter)
        Movements; the share of a letter without any is left blank.
    """
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, where=total > 0, out=np.full(counts.shape, np.nan))
    figure = style.new_figure(11.0, 9.0)
    axes = figure.subplots()
    image = axes.imshow(shares, vmin=0, vmax=1, interpolation="nearest")
    style.label_letters(axes, alphabet)
    axes.set(xlabel="letter that the network says", ylabel="letter")
    figure.colorbar(image, ax=axes, label="share of the letter's movements", shrink=0.8)
    return figure
