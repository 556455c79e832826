"""What the hand does, decoded from the layers of networks: Figures 6 and 4E of Sandbrink et al. 2023.

Every function takes a table as :func:`.instances.gather` makes it of decoding files, and draws what
networks it holds: leave out conditions for the figure supplements. Lines are means over instances, bands their 95 %
t-intervals; one instance has no band. Other statistics in the table are left out.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from proprionet.plotting import depth, style

LOWEST_R2 = -0.25  # worse fits than that fall off the axis

_R2 = "decoding_r2_"
_VELOCITY = {"direction": ("direction_cos", "direction_sin", "direction_angle"), "speed": ("speed",)}
_LINES = ("-", "--")


@style.styled
def decoding(table: pd.DataFrame) -> Figure:
    """Explained variance of direction and speed (above), and of the two axes of position (below), along the layers.

    Direction is the mean of its cosine and sine, or the raw angle where that was decoded. R2 is over the steps of
    held-out movements.

    Raises
    ------
    InputError
        If the table has no decoding.

    Source: Sandbrink et al. 2023, Fig. 6 and its supplements 1, 2 and 3C.
    """
    rows = table.loc[table["statistic"].str.startswith(_R2)]
    rows = rows.assign(target=rows["statistic"].str.removeprefix(_R2)).query("target != 'acceleration'")
    kinds = depth.kinds_of_network(rows)
    axis_names = sorted(set(rows["target"]) & set("xyz"))
    figure = style.new_figure(_width(kinds), 12.5)
    panels = figure.subplots(2, len(kinds), sharey=True, squeeze=False)
    for column, kind in enumerate(kinds):
        of_kind = depth.of_kind(rows, kind)
        for axes, shown in zip(panels[:, column], (_VELOCITY, {name: (name,) for name in axis_names}), strict=True):
            _curves(axes, of_kind, kind[0], shown)
            axes.axhline(0, color="0.8", linewidth=0.6, zorder=0)
        panels[0, column].set_title(depth.title_of(kind, kinds))
        panels[1, column].set_xlabel(depth.LAYER)
    for axes, names in zip(panels[:, 0], (tuple(_VELOCITY), axis_names), strict=True):
        axes.set_ylabel(f"decoding of {names[0]} and {names[1]} (R²)")
        axes.set_ylim(max(LOWEST_R2, min(0.0, rows["value"].min()) - 0.03), 1.02)
        styles = zip(_LINES, names, strict=True)
        marks = [Line2D([], [], color="black", linestyle=line, label=name) for line, name in styles]
        axes.legend(handles=marks, loc="lower left", frameon=True, edgecolor="none")
    _legend(figure, rows, kinds)
    return figure


@style.styled
def position_error(table: pd.DataFrame) -> Figure:
    """How far the decoded position of the hand is from the true one, along the layers of each family.

    Raises
    ------
    InputError
        If the table has no decoding.

    Source: Sandbrink et al. 2023, Fig. 4E (trajectory decoding and untrained networks).
    """
    rows = table.loc[table["statistic"] == "decoding_distance"].assign(target="distance")
    kinds = depth.kinds_of_network(rows)
    figure = style.new_figure(_width(kinds), 7.0)
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        of_kind = depth.of_kind(rows, kind)
        _curves(axes, of_kind, kind[0], {"distance": ("distance",)})
        axes.set(title=depth.title_of(kind, kinds), xlabel=depth.LAYER)
    panels[0].set_ylabel("error of decoded position (cm)")
    panels[0].set_ylim(bottom=0)
    _legend(figure, rows, kinds)
    return figure


def _width(kinds: Sequence[object]) -> float:
    return min(style.WIDE_CM, 2.5 + 6 * len(kinds))


def _curves(axes: Axes, rows: pd.DataFrame, family: str, shown: Mapping[str, Sequence[str]]) -> None:
    """Each of ``shown``, the mean of the targets it consists of, for every condition."""
    for condition in depth.conditions_of(rows):
        for line, targets in zip(_LINES, shown.values(), strict=False):
            parts = rows.loc[(rows["condition"] == condition) & rows["target"].isin(targets)]
            score = parts.groupby(["instance", "depth"])["value"].mean().reset_index()
            if len(score):
                depth.over_seeds(axes, score, style.condition_colour(family, condition))
                axes.lines[-1].set_linestyle(line)
    axes.set_xticks(sorted(set(rows["depth"])))


def _legend(figure: Figure, rows: pd.DataFrame, kinds: list[tuple[str, str]]) -> None:
    """Name the colours above the panels, which differ from family to family: a column for each."""
    handles = []
    for kind in kinds:
        name = f"{depth.title_of(kind, kinds)}: " if len(kinds) > 1 else ""
        for condition in depth.conditions_of(depth.of_kind(rows, kind)):
            colour = style.condition_colour(kind[0], condition)
            handles.append(Line2D([], [], color=colour, label=f"{name}{condition}"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(kinds))
