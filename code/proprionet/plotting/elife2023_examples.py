"""Tuning curves of example units: Figures 5A and 5B of Sandbrink et al. 2023.

Directions are drawn as the arm moves: away from the body (or up) is up, to the left is left.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proprionet.analysis.single_units.examples import Example, contour
from proprionet.errors import InputError
from proprionet.plotting import style

_IN_A_ROW = 5
_NAMES = {"horizontal": ("forward", "left", "back", "right"), "vertical": ("left", "up", "right", "down")}
"""Of each orientation: where 0, 90, 180 and 270 degrees point."""


@style.styled
def polar_scatter(examples: Sequence[Example], plane: str = "horizontal") -> Figure:
    """Activity of units over the direction of the hand, a point a moment; the centre is the least activity shown.

    Parameters
    ----------
    examples : sequence of Example
        Five in a row.
    plane : str
        ``"horizontal"`` or ``"vertical"``: the planes of the movements.

    Raises
    ------
    InputError
        If there is no example.

    Source: Sandbrink et al. 2023, Fig. 5A.
    """

    def draw(axes: Any, example: Example) -> None:
        angle = np.arctan2(example.velocity[:, 1], example.velocity[:, 0])
        axes.scatter(angle, example.activity, s=3, alpha=0.4, linewidths=0, color="midnightblue")
        lowest, highest = example.activity.min(), example.activity.max()
        margin = 0.03 * (highest - lowest) or 1.0
        axes.set_ylim(lowest - margin, highest + margin)
        axes.set_theta_zero_location("N" if plane == "horizontal" else "W")
        axes.set_theta_direction(1 if plane == "horizontal" else -1)
        axes.set_xticks(np.radians([0, 90, 180, 270]), _NAMES[plane], fontsize=6)
        axes.tick_params(pad=-2)
        axes.set_yticks(axes.get_yticks()[1:-1:2], labels=[])
        axes.set_rlabel_position(45)

    return _grid(examples, draw, polar=True)


@style.styled
def velocity_contours(examples: Sequence[Example], plane: str = "horizontal") -> Figure:
    """Activity of units over the velocity of the hand, interpolated and smoothed, without the fastest 1 %.

    Parameters
    ----------
    examples, plane : as for :func:`polar_scatter`, and the same error.

    Source: Sandbrink et al. 2023, Fig. 5B; there over angle and speed.
    """

    first, second = _NAMES[plane][:2]

    def draw(axes: Axes, example: Example) -> None:
        grid, smooth = contour(example.velocity, example.activity)
        shown = axes.contourf(grid, grid, smooth if plane == "horizontal" else smooth.T, levels=12)
        bar = axes.figure.colorbar(shown, ax=axes, location="bottom", ticks=MaxNLocator(3))
        bar.ax.tick_params(labelsize=6)
        axes.invert_xaxis()
        axes.set_aspect("equal")
        upward, leftward = (first, second) if plane == "horizontal" else (second, first)
        axes.set_xlabel(f"{leftward} (cm/s)", fontsize=7)
        axes.set_ylabel(f"{upward} (cm/s)", fontsize=7)

    return _grid(examples, draw, polar=False)


def _grid(examples: Sequence[Example], draw: Callable[[Any, Example], None], *, polar: bool) -> Figure:
    """A panel for each example, five in a row, with its name and explained variance."""
    if not examples:
        raise InputError("no units to show: is any of the layer tuned?")
    n_rows = -(-len(examples) // _IN_A_ROW)
    figure = style.new_figure(style.WIDE_CM, (4.4 if polar else 4.3) * n_rows)
    for index, example in enumerate(examples):
        axes = figure.add_subplot(n_rows, _IN_A_ROW, index + 1, projection="polar" if polar else None)
        draw(axes, example)
        axes.set_title(f"{example.name}\nR² = {example.r2:.2f}", fontsize=7)
    return figure
