"""Places where the arm can write."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proprionet.plotting import style

VIEWS = {"horizontal": ("forward", 0, "from above"), "vertical": ("up", 2, "from behind")}
"""Of each kind of plane: what points up on the page, its axis in the world frame, and where one looks from."""


@style.styled
def workspace(points: Mapping[str, np.ndarray]) -> Figure:
    """Where the letter's box can lie, and in how many parallel planes; the shoulder is a cross.

    Parameters
    ----------
    points : mapping of plane to array, shape (point, 3)
        Centres of the box in "horizontal" and "vertical" planes: world frame in cm (x forward, y left, z up), origin
        at the shoulder.

    Source: Sandbrink et al. 2023, Fig. 2D.
    """
    figure = style.new_figure(style.WIDE_CM, 7.0)
    panels = figure.subplots(1, len(points), squeeze=False)[0]
    for axes, (plane, centres) in zip(panels, points.items(), strict=True):
        name, axis, seen = VIEWS[plane]
        places, n_planes = np.unique(centres[:, [1, axis]], axis=0, return_counts=True)
        dots = axes.scatter(-places[:, 0], places[:, 1], c=n_planes, s=9, linewidths=0, cmap="cividis", vmin=0)
        axes.plot(0, 0, "x", color="black", markersize=6)
        axes.set(xlabel="right (cm)", ylabel=f"{name} (cm)", title=f"{plane} planes, {seen}")
        axes.set_aspect("equal", adjustable="datalim")
        figure.colorbar(
            dots, ax=axes, label="planes in reach (count)", shrink=0.8, ticks=MaxNLocator(nbins=6, integer=True)
        )
    return figure
