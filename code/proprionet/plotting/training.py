"""How networks learned."""

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
