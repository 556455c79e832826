"""How well networks of every task predict neurons: by area, against untrained twins, and by layer.

Source of the figures and of the published numbers: Marin Vargas et al. 2024 and the notebooks of its code.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from proprionet.analysis.comparison.instances import UNTRAINED
from proprionet.analysis.statistics import instance_interval
from proprionet.errors import InputError
from proprionet.neural.predictivity.comparisons import ordered
from proprionet.neural.predictivity.models import groups, networks, no_control
from proprionet.neural.predictivity.table import BASELINE
from proprionet.plotting import style
from proprionet.plotting.models_of_neurons import HYPOTHESES, bars, colour_of, hypothesis_of, label_of, need, where

PUBLISHED_BEST_LAYERS = (0.5, 0.9)
"""Medians over networks of the best layer relative to the last, over the tasks: layers 5 to 9 of 10."""

EXPLAINED = "explained variance (share)"
MOVEMENTS = {"active": style.COLOURS[0], "passive": style.COLOURS[3], "active_as_passive": style.COLOURS[5]}
"""Colours of movements; active trials cut to the length of passive ones are the fair control of these."""

ROW_CM = 0.46
"""Height of a task's row."""


@style.styled
def by_task(scores: pd.DataFrame, movement: str = "active") -> Figure:
    """Explained variance of every network by task: a panel for each area.

    A dot is a network, mean over its neurons in one session. Marks above the dots are means over architectures, with
    95 % t-intervals where there are three or more; the grey band is that of the untrained twins; dashed the best
    baseline. Tasks from the best to the worst; all areas have one scale.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`proprionet.neural.predictivity.models.model_scores`.

    Raises
    ------
    InputError
        If there are no networks of this movement.

    Source: Marin Vargas et al. 2024.
    """
    rows = networks(scores).query("movement == @movement")
    trained = rows.loc[rows["trained"]]
    need(trained, f"trained networks in {movement} movements")
    tasks = list(trained.groupby("task")["explained_variance"].mean().sort_values().index)
    figure, panels = _panels_of_areas(rows, tasks, row_cm=0.75)
    for area, axes in panels.items():
        of_area = rows.loc[rows["area"] == area]
        axes.grid(axis="x", color="0.92", linewidth=0.6)
        _band(axes, of_area.loc[of_area["condition"] == UNTRAINED])
        _baseline(axes, no_control(scores).query("movement == @movement and area == @area"))
        for place, task in enumerate(tasks):
            _strip(axes, of_area.loc[of_area["condition"] == task], place, colour_of(task))
        axes.set_title(f"{area or 'neurons'}\n{_count(of_area)}")
    figure.legend(handles=_key(tasks), loc="outside upper center", ncols=5)
    return figure


@style.styled
def active_and_passive(scores: pd.DataFrame) -> Figure:
    """Mean explained variance of each task, and of untrained twins, in active and in passive movements, by area.

    Marks are means over architectures, with 95 % t-intervals where there are three or more.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`proprionet.neural.predictivity.models.model_scores`.

    Raises
    ------
    InputError
        If there are no networks, or not of active and of passive movements.

    Source: Marin Vargas et al. 2024.
    """
    rows = networks(scores)
    need(rows, "networks")
    movements = [name for name in MOVEMENTS if name in set(rows["movement"])]
    if "passive" not in movements or len(movements) < 2:
        only = " and ".join(movements).replace("_", " ")
        raise InputError(f"active and passive movements are not compared: networks predict neurons in {only} ones only")
    conditions = ordered(rows["condition"])[::-1]
    figure, panels = _panels_of_areas(rows, conditions)
    for area, axes in panels.items():
        for index, movement in enumerate(movements):
            of = rows.query("area == @area and movement == @movement")
            found = [_over_architectures(of.loc[of["condition"] == name]) for name in conditions]
            mean, low, high = np.array([(one.mean, one.low, one.high) for one in found]).T
            y = np.arange(len(conditions)) - style.dodge(index, len(movements)) * 0.7
            axes.errorbar(mean, y, xerr=bars(mean, low, high), fmt="o", color=MOVEMENTS[movement], elinewidth=1)
        axes.axvline(0, color="black", linewidth=0.5)
        axes.set_title(area or "neurons")
    handles = [_dot(MOVEMENTS[name], name.replace("_", " ")) for name in movements]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


@style.styled
def trained_against_untrained(scores: pd.DataFrame) -> Figure:
    """Explained variance of every trained network against that of its untrained twin, a panel an area and movement.

    Above the line training helped; the share of such networks stands in each panel.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`proprionet.neural.predictivity.models.model_scores`.

    Raises
    ------
    InputError
        If no network has a twin.

    Source: Marin Vargas et al. 2024.
    """
    rows, who = networks(scores), ["session", "movement", "name", "instance"]
    twins = rows.loc[rows["condition"] == UNTRAINED, [*who, "explained_variance"]]
    pairs = rows.loc[rows["trained"]].merge(twins, on=who, suffixes=("", "_twin"))
    need(pairs, "trained networks with an untrained twin")
    parts = list(pairs.groupby(["area", "movement"], sort=False))
    columns = min(4, len(parts))
    n_rows = -(-len(parts) // columns)
    figure = style.new_figure(
        style.WIDE_CM if columns > 1 else 9, 2.2 + n_rows * ((17.0 if columns > 1 else 8.0) / columns + 0.6)
    )
    panels = figure.subplots(n_rows, columns, squeeze=False).ravel()
    for axes, ((area, movement), of) in zip(panels, parts, strict=False):
        colours = of["task"].map(colour_of)
        axes.scatter(of["explained_variance_twin"], of["explained_variance"], s=10, c=colours, alpha=0.7, linewidths=0)
        unity(axes, of[["explained_variance_twin", "explained_variance"]].to_numpy())
        above = (of["explained_variance"] > of["explained_variance_twin"]).mean()
        axes.set_title(f"{where(area, movement)}\n{above:.0%} of {len(of)} above", fontsize=7)
    for axes in panels[len(parts) :]:
        axes.remove()
    figure.supxlabel("explained variance of the untrained twin (share)", fontsize=8)
    figure.supylabel(f"trained: {EXPLAINED}", fontsize=8)
    figure.legend(handles=_hypotheses(pairs["task"]), loc="outside upper center", ncols=4)
    return figure


@style.styled
def best_layers(scores: pd.DataFrame) -> Figure:
    """At which depth the best layer lies: a histogram for each hypothesis, a panel for each session and movement.

    A bar as high as its row is all networks of the hypothesis; beside it is their number. Published medians lie in the
    grey band.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`proprionet.neural.predictivity.models.model_scores`.

    Raises
    ------
    InputError
        If there are no networks.

    Source: Marin Vargas et al. 2024, its notebook Figure_correlation.
    """
    rows = networks(scores)
    need(rows, "networks")
    rows = rows.assign(group=rows["task"].map(hypothesis_of).where(rows["trained"], UNTRAINED))
    names = [name for name in (*HYPOTHESES, UNTRAINED) if name in set(rows["group"])][::-1]
    panels_of = list(groups(rows, ["area", "session", "movement"]))
    columns = min(3, len(panels_of))
    n_rows = -(-len(panels_of) // columns)
    height = 1.6 + (ROW_CM + 0.2) * len(names)
    figure = style.new_figure(4 + (style.WIDE_CM - 4) * columns / 3, 1.8 + n_rows * height)
    panels = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, (about, of) in zip(panels, panels_of, strict=False):
        axes.axvspan(*PUBLISHED_BEST_LAYERS, color="0.9", linewidth=0, zorder=0)
        for place, name in enumerate(names):
            _depths(axes, of.loc[of["group"] == name], place, name)
        axes.set_title(f"{about.pop('session')}\n{where(**about)}", fontsize=7)
        axes.set_xticks([0, 0.5, 1])
        axes.tick_params(labelbottom=True)
    panels[0].set(xlim=(0, 1.02), ylim=(-0.1, len(names)))
    panels[0].set_yticks(np.arange(len(names)) + 0.4, names)
    for axes in panels[len(panels_of) :]:
        axes.remove()
    figure.supxlabel("best layer, relative to the last (1)", fontsize=8)
    published = Patch(color="0.9", label="published medians (networks of 10 layers)")
    figure.legend(
        handles=[published, Line2D([], [], color="black", label="median")], loc="outside upper center", ncols=2
    )
    return figure


def _depths(axes: Axes, rows: pd.DataFrame, place: int, name: str) -> None:
    """Histogram of relative depths on a row, its median, and how many networks there are."""
    axes.axhline(place, color="0.8", linewidth=0.5)
    axes.text(1.04, place + 0.4, f"n = {len(rows)}", fontsize=6, va="center")
    if rows.empty:
        return
    depth = (rows["layer_number"] / rows["n_layers"]).to_numpy(float)
    share, edges = np.histogram(depth, np.linspace(0, 1, 11) + 1e-9)
    colour = colour_of(UNTRAINED) if name == UNTRAINED else HYPOTHESES[name][1]
    axes.bar(edges[:-1], 0.8 * share / depth.size, 0.1, place, align="edge", color=colour, alpha=0.8)
    axes.vlines(np.median(depth), place, place + 0.8, color="black", linewidth=1)


def unity(axes: Axes, values: np.ndarray) -> None:
    """The line on which both are the same, and one scale for both."""
    low, high = np.nanmin(values), np.nanmax(values)
    room = 0.05 * (high - low) or 0.05
    ends = (low - room, high + room)
    axes.plot(ends, ends, color="0.5", linewidth=0.8, zorder=0)
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4))


def _panels_of_areas(
    rows: pd.DataFrame, conditions: Sequence[str], row_cm: float = ROW_CM
) -> tuple[Figure, dict[str, Axes]]:
    """A figure of explained variance with a panel for each area, and a row in it for each condition."""
    names = list(dict.fromkeys(rows["area"]))
    figure = style.new_figure(style.WIDE_CM, 2.6 + row_cm * len(conditions))
    panels = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    panels[0].set_yticks(range(len(conditions)), [label_of(name) for name in conditions])
    panels[0].set_ylim(-0.7, len(conditions) - 0.3)
    for axes in panels:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    figure.supxlabel(EXPLAINED, fontsize=8)
    return figure, dict(zip(names, panels, strict=True))


def _over_architectures(rows: pd.DataFrame) -> Any:
    """Mean over architectures of the mean over sessions and instances, and t-interval: that of two says nothing."""
    found = instance_interval(np.asarray(rows.groupby("name")["explained_variance"].mean(), float))
    return found if found.n > 2 else replace(found, low=np.nan, high=np.nan)


def _strip(axes: Axes, rows: pd.DataFrame, place: int, colour: str) -> None:
    """The mean of networks, and below it their dots, a line of them for each session."""
    if rows.empty:
        return
    sessions = list(dict.fromkeys(rows["session"]))
    y = place - 0.12 - rows["session"].map(lambda name: 0.3 * (sessions.index(name) + 0.5) / len(sessions))
    axes.scatter(rows["explained_variance"], y, s=8, color=colour, alpha=0.7, linewidths=0, zorder=2)
    found = _over_architectures(rows)
    lengths = bars(*np.array([[found.mean], [found.low], [found.high]]))
    mark = {"markersize": 5, "markeredgecolor": "black", "markeredgewidth": 0.6, "elinewidth": 1}
    axes.errorbar(found.mean, place + 0.15, xerr=lengths, fmt="o", color=colour, ecolor="black", zorder=3, **mark)


def _band(axes: Axes, untrained: pd.DataFrame) -> None:
    if untrained.empty:
        return
    found = _over_architectures(untrained)
    if np.isfinite(found.low):
        axes.axvspan(found.low, found.high, color=colour_of(UNTRAINED), alpha=0.15, linewidth=0, zorder=0)
    axes.axvline(found.mean, color=colour_of(UNTRAINED), zorder=0)


def _baseline(axes: Axes, rows: pd.DataFrame) -> None:
    """Of the set of features that explains most, mean over sessions."""
    of_sets = rows.loc[rows["model"] == BASELINE].groupby("name")["explained_variance"].mean()
    if len(of_sets):
        axes.axvline(of_sets.max(), color=colour_of(BASELINE), linestyle="--", linewidth=1, zorder=0)


def _count(rows: pd.DataFrame) -> str:
    neurons = sum(of["n_neurons"].to_numpy().max() for _, of in rows.groupby("session"))
    sessions, n = len(set(rows["session"])), len(rows[["name", "condition", "instance"]].drop_duplicates())
    return f"{neurons} neurons, {sessions} session{'s' * (sessions > 1)}, {n} networks"


def _dot(colour: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker="o", color=colour, label=label)


def _hypotheses(tasks: Sequence[str] | pd.Series) -> list[Line2D]:
    found = {hypothesis_of(task) for task in tasks}
    return [_dot(colour, name) for name, (_, colour) in HYPOTHESES.items() if name in found]


def _key(tasks: Sequence[str]) -> list[Any]:
    grey, brown = colour_of(UNTRAINED), colour_of(BASELINE)
    lines = [Patch(color=grey, alpha=0.4, label="untrained twins")]
    return [*_hypotheses(tasks), *lines, Line2D([], [], color=brown, linestyle="--", label="best baseline")]
