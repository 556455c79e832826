"""Curves over the layers of networks: mean and interval over seeds, published values faintly behind."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from proprionet.analysis.comparison.instances import ordered
from proprionet.analysis.statistics import instance_interval
from proprionet.errors import InputError
from proprionet.plotting import style
from proprionet.plotting.elife2023_fig3 import FAMILIES

LAYER = "layer (0 = spindle inputs)"
RELATIVE = "relative depth (0 = spindle inputs)"

_FAINT = 0.4
_OPEN = {"linestyle": ":", "linewidth": 0.8, "marker": "o", "markersize": 5, "markerfacecolor": "none"}
_MOST_COLUMNS = 5


@style.styled
def by_layer(
    table: pd.DataFrame,
    titles: Mapping[str, str],
    ylabel: str,
    published: Mapping[tuple[str, str, str], Sequence[float]],
    *,
    relative: bool = False,
) -> Figure:
    """Statistics of networks layer by layer: a panel for each architecture and statistic, a line for what was learned.

    Lines are means over seeds, bands their 95 % t-intervals where there are three or more; open marks are published.

    Parameters
    ----------
    table : DataFrame
        One row a network, seed, layer and statistic, as :func:`.instances.gather` makes it.
    titles : mapping of statistic to title
        What is drawn; a statistic without any value is left out.
    published : mapping of (family, condition, statistic) to values
        Layer by layer from the input on, NaN where nothing is known.
    relative : bool
        Place layers by their depth relative to the last.

    Raises
    ------
    InputError
        If nothing is left to draw.
    """
    shown = table.loc[table["statistic"].isin(titles) & np.isfinite(table["value"])]
    kinds, statistics = kinds_of_network(shown), [name for name in titles if (shown["statistic"] == name).any()]
    figure, panels = _grid(len(kinds), len(statistics))
    lines: dict[str, list[str]] = {}
    any_published = False
    for axes, (kind, statistic) in zip(panels, itertools.product(kinds, statistics), strict=True):
        rows = of_kind(shown, kind).query("statistic == @statistic")
        last = last_layer(of_kind(table, kind))
        for condition in conditions_of(rows):
            colour = style.condition_colour(kind[0], condition)
            over_seeds(axes, rows.loc[rows["condition"] == condition], colour, last if relative else 1)
            lines.setdefault(condition, []).append(colour)
            if known := published.get((kind[0], condition, statistic)):
                draw_published(axes, np.arange(len(known)) / (last if relative else 1), known, colour)
                any_published = True
        place_layers(axes, last, relative=relative)
        axes.set_title("\n".join(filter(None, (title_of(kind, kinds) if len(kinds) > 1 else "", titles[statistic]))))
    panels[0].set_ylim(bottom=min(0, shown["value"].min()))
    figure.supxlabel(RELATIVE if relative else LAYER, fontsize=8)
    figure.supylabel(ylabel, fontsize=8)
    legend(figure, lines, with_published=any_published)
    return figure


def _grid(n_kinds: int, n_statistics: int) -> tuple[Figure, list[Axes]]:
    """A figure, and a panel for each kind of network and statistic; one statistic alone has all kinds in a row."""
    one_row = n_statistics == 1
    columns = n_kinds if one_row else -(-n_statistics // -(-n_statistics // _MOST_COLUMNS))
    n_rows = 1 if one_row else n_kinds * -(-n_statistics // columns)
    figure = style.new_figure(10.5 if columns == 1 else style.WIDE_CM, 2.6 + 4.2 * n_rows)
    grid = figure.subplots(n_rows, columns, sharey=True, squeeze=False)
    if one_row:
        return figure, list(grid[0])
    panels = []
    for block in np.array_split(grid, n_kinds):
        for axes in block.flat[n_statistics:]:
            axes.remove()
        panels += list(block.flat[:n_statistics])
    return figure, panels


def kinds_of_network(table: pd.DataFrame) -> list[tuple[str, str]]:
    """(family, name) of each architecture in a table, the published families first.

    Raises
    ------
    InputError
        If the table is empty.
    """
    if table.empty:
        raise InputError("nothing to draw: no result is of the networks, statistics and planes that were asked for")
    found, order = dict.fromkeys(zip(table["family"], table["network"], strict=True)), list(FAMILIES)
    return sorted(found, key=lambda kind: order.index(kind[0]) if kind[0] in order else len(order))


def of_kind(table: pd.DataFrame, kind: tuple[str, str]) -> pd.DataFrame:
    """The rows of one architecture."""
    return table.loc[(table["family"] == kind[0]) & (table["network"] == kind[1])]


def last_layer(table: pd.DataFrame) -> int:
    """Depth of the deepest layer."""
    return int(table["depth"].to_numpy().max())


def title_of(kind: tuple[str, str], kinds: Sequence[tuple[str, str]]) -> str:
    """The family, and the name of the architecture instead where several are of one family."""
    alone = [family for family, _ in kinds].count(kind[0]) == 1
    return name_of_family(kind[0]) if alone else kind[1]


def name_of_family(family: str) -> str:
    """What figures call a family of networks."""
    return FAMILIES[family][0] if family in FAMILIES else family.replace("_", " ")


def conditions_of(table: pd.DataFrame) -> list[str]:
    """What the networks of a table learned, in the order of the paper; untrained last."""
    return ordered(table["condition"])


def over_seeds(axes: Axes, rows: pd.DataFrame, colour: str, last: int = 1) -> None:
    """Draw the mean ``value`` over seeds by layer as a line, and its 95 % t-interval as a band.

    Fewer than three seeds have no band: with two it is twenty times as wide as they are apart.

    Parameters
    ----------
    rows : DataFrame
        One row a seed and layer (``depth``).
    last : int
        Divides the depth: that of the last layer for relative depth.
    """
    by_place = [(place, instance_interval(group.to_numpy(float))) for place, group in rows.groupby("depth")["value"]]
    places = np.array([place for place, _ in by_place]) / last
    mean, low, high, n = np.array([(found.mean, found.low, found.high, found.n) for _, found in by_place]).T
    axes.plot(places, mean, marker="o", markersize=2.5, color=colour, zorder=3)
    axes.fill_between(
        places,
        np.where(n > 2, low, np.nan),
        np.where(n > 2, high, np.nan),
        color=colour,
        alpha=0.2,
        linewidth=0,
        zorder=2,
    )


def draw_published(axes: Axes, x: Sequence[float] | np.ndarray, y: Sequence[float], colour: str) -> None:
    """Draw published values faintly, with open marks; NaN leaves a gap."""
    axes.plot(x, y, color=colour, alpha=_FAINT, zorder=1, **_OPEN)


def place_layers(axes: Axes, last: int, *, relative: bool = False) -> None:
    """Ticks at the number of each layer up to the ``last``, or room for relative depth."""
    if relative:
        axes.set(xticks=[0, 0.5, 1], xlim=(-0.04, 1.04))
    else:
        axes.set(xticks=range(last + 1), xlim=(-0.5, last + 0.5))


def legend(figure: Figure, lines: Mapping[str, Sequence[str]], *, with_published: bool = False) -> None:
    """Name lines by their colours above the panels of a figure, and say what open marks are.

    Parameters
    ----------
    lines : mapping of name to colours
        Several where families have colours of their own; their panels say which is whose.
    with_published : bool
        Also name the open marks of :func:`draw_published`.
    """
    handles: dict[str, Any] = {
        name: tuple(Line2D([], [], color=colour, marker="o", markersize=2.5) for colour in dict.fromkeys(colours))
        for name, colours in lines.items()
    }
    if with_published:
        handles["published (read off)"] = Line2D([], [], color="0.4", alpha=2 * _FAINT, **_OPEN)
    widest_cm = 1.4 + 0.125 * max(map(len, handles))
    columns = min(len(handles), max(1, int(2.54 * figure.get_figwidth() / widest_cm)))
    wide = {"handlelength": 2 + max(len(set(colours)) for colours in lines.values())} if lines else {}
    beside = {tuple: HandlerTuple(ndivide=None, pad=0.3)}
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=columns, handler_map=beside, **wide)
