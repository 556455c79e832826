"""How well linear classifiers and networks of every shape read letters and the hand's place from the arm.

Source of the figures and of the published numbers: Sandbrink et al. 2023, Fig. 3 and its supplement.
"""

import itertools
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from proprionet.errors import InputError
from proprionet.plotting import style, tables

INPUTS = {
    "hand": ("hand path", style.COLOURS[0], "o"),
    "joints": ("joint angles", style.COLOURS[1], "s"),
    "muscle_length": ("muscle lengths", style.COLOURS[2], "^"),
    "spindle": ("spindle inputs", style.COLOURS[3], "D"),
}
"""What a linear model sees: its name, colour and mark."""

FAMILIES = {
    "spatial_temporal": ("spatial-temporal", "#1f77b4", "o"),
    "spatiotemporal": ("spatiotemporal", "#2ca02c", "s"),
    "recurrent": ("recurrent", "#9467bd", "^"),
    "temporal_spatial": ("temporal-spatial", "#E69F00", "D"),
    "affine": ("affine", "#555555", "v"),
}
"""Families of networks: name, colour (the first three as published) and mark."""

MEASURES = {
    "action_recognition": ("accuracy", 100.0, "action recognition:\ntest accuracy (%)"),
    "trajectory_decoding": ("error", 1.0, "trajectory decoding:\ntest error (cm)"),
}
"""Of each task its metric, the factor to the unit of the figure, and what the axis says."""

PUBLISHED_BEST = {
    "action_recognition": {"spatial_temporal": 98.86, "spatiotemporal": 97.93, "recurrent": 99.56},
    "trajectory_decoding": {"spatial_temporal": 0.22, "spatiotemporal": 0.13, "recurrent": 0.05},
}
"""Mean over five seeds of the best architecture of each family, % and cm (text of the paper)."""

PUBLISHED_PAIRS = {"hand": 88.7, "joints": 85.0, "muscle_length": 86.0, "spindle": 86.6}
"""Mean over pairs on all movements, %: of spindles as in the paper, of the others from the notebooks of its code."""

PUBLISHED_VOTE = {
    "none": {"hand": (37.1, 0), "joints": (31.3, 0), "muscle_length": (31.9, 0), "spindle": (23.4, 0)},
    "size": {"hand": (41.1, 7.2), "joints": (33.8, 6.3), "muscle_length": (34.3, 7.5), "spindle": (25.7, 5.9)},
    "plane": {"hand": (37.2, 0.9), "joints": (34.0, 0.1), "muscle_length": (34.0, 2.4), "spindle": (24.3, 0.4)},
    "speed": {"hand": (37.3, 5.2), "joints": (31.1, 3.7), "muscle_length": (29.8, 3.4), "spindle": (24.3, 3.7)},
    "size × plane": {"hand": (40.9, 6.9), "joints": (37.2, 6.7), "muscle_length": (36.2, 6.8), "spindle": (28.9, 6.6)},
}
"""Mean and deviation of subsets, %, from the notebooks of the code, whose spindles were one channel of noisy rates."""

PUBLISHED_DECODING = 1.72
"""Linear decoding of the hand from what the muscles say, cm (text of the paper)."""


@style.styled
def by_depth(networks: pd.DataFrame) -> Figure:
    """Accuracy and error of all networks by depth, lines through the medians; the one against the other.

    The best network of each family has a black edge, dashed lines are the published best. The last panel has the
    networks that were trained on both tasks from the same seed, and Spearman's rank correlation over them.

    Parameters
    ----------
    networks : DataFrame
        As :func:`proprionet.plotting.tables.networks` makes it; other tasks, untrained networks and inputs other than
        spindles (where any sees these) are left out.

    Raises
    ------
    InputError
        If none is left.

    Source: Sandbrink et al. 2023, Fig. 3E.
    """
    measured, tasks, families = _measured(networks)
    figure = style.new_figure(style.WIDE_CM, 7.4)
    panels = figure.subplots(1, 3 if len(tasks) == 2 else 1, squeeze=False)[0]
    deepest = max(networks["n_layers"])
    for axes, task in zip(panels, tasks, strict=False):
        for index, family in enumerate(families):
            rows = measured[task, family]
            aside = 0.8 * style.dodge(index, len(families))
            median = rows.groupby("n_layers")["value"].median()
            axes.plot(median.index + aside, median, color=FAMILIES[family][1], linewidth=0.8, zorder=1)
            _points(axes, rows["n_layers"].to_numpy() + aside, rows["value"].to_numpy(), task, family)
        axes.set(xlabel="layers (count)", xticks=range(1, deepest + 1), xlim=(0.4, deepest + 0.6))
        _finish(axes, task, families)
    if len(tasks) == 2:
        _each_against_other(panels[2], {family: [measured[task, family] for task in tasks] for family in families})
    _legend(figure, families)
    return figure


@style.styled
def by_parameters(networks: pd.DataFrame) -> Figure:
    """Accuracy and error of all networks by the number of their weights; marks as for :func:`by_depth`.

    Parameters
    ----------
    networks : as for :func:`by_depth`, and the same error.

    Source: Sandbrink et al. 2023, Fig. 3, figure supplement 1.
    """
    measured, tasks, families = _measured(networks)
    figure = style.new_figure(style.WIDE_CM, 7.4)
    lowest, highest = np.log10(networks["n_parameters"].agg(["min", "max"]))
    decades = np.array([np.ceil(lowest - 1), np.floor(highest + 1)])
    for axes, task in zip(figure.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        for family in families:
            rows = measured[task, family]
            _points(axes, rows["n_parameters"].to_numpy(), rows["value"].to_numpy(), task, family)
        axes.set(xlabel="weights of the layers (count)", xscale="log", xlim=10.0**decades)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        _finish(axes, task, families)
    _legend(figure, families)
    return figure


def best(networks: pd.DataFrame) -> pd.DataFrame:
    """The best network of each family on each task, beside the published one.

    Parameters
    ----------
    networks : as for :func:`by_depth`, and the same error.

    Returns
    -------
    DataFrame
        ``task``, ``family``, ``name``, ``n_layers``, ``n_parameters``, ``seed``, ``value`` and ``published`` (% or cm).
    """
    measured, _, _ = _measured(networks)
    columns = ["task", "family", "name", "n_layers", "n_parameters", "seed", "value"]
    rows = [
        {**found.iloc[_best(found["value"].to_numpy(), task)][columns], "published": PUBLISHED_BEST[task].get(family)}
        for (task, family), found in measured.items()
        if len(found)
    ]
    return pd.DataFrame(rows)


def _measured(networks: pd.DataFrame) -> tuple[dict[tuple[str, str], pd.DataFrame], list[str], list[str]]:
    """Trained networks by task and family, with their ``value`` in the unit of the figures; the tasks and families."""
    trained = tables.comparable(networks)
    there = set(zip(trained["task"], trained["family"], strict=True))
    tasks = [task for task in MEASURES if any(of == task for of, _ in there)]
    families = [family for family in FAMILIES if any((task, family) in there for task in tasks)]
    if not tasks:
        raise InputError("none of the networks was trained on action recognition or trajectory decoding")
    measured = {}
    for task, family in itertools.product(tasks, families):
        metric, factor, _ = MEASURES[task]
        group = trained.loc[(trained["task"] == task) & (trained["family"] == family)]
        measured[task, family] = group.assign(value=factor * group[metric])
    return measured, tasks, families


def _best(values: np.ndarray, task: str) -> int:
    """Index of the best value: the highest accuracy, the least error."""
    return int(values.argmax() if MEASURES[task][0] == "accuracy" else values.argmin())


def _points(axes: Axes, x: np.ndarray, values: np.ndarray, task: str, family: str) -> None:
    """One mark a network, and the best of the family again, larger."""
    _, colour, mark = FAMILIES[family]
    axes.scatter(x, values, s=12, marker=mark, color=colour, alpha=0.5, linewidths=0, zorder=2)
    if values.size:
        chosen = _best(values, task)
        axes.scatter(x[chosen], values[chosen], s=45, marker=mark, color=colour, edgecolors="black", zorder=3)


def _finish(axes: Axes, task: str, families: list[str]) -> None:
    """Name and scale of the axis of a task, and the published best as lines."""
    axes.set_ylabel(MEASURES[task][2])
    if task == "trajectory_decoding":
        _log_errors(axes)
    for family in families:
        if family in PUBLISHED_BEST[task]:
            colour = FAMILIES[family][1]
            axes.axhline(PUBLISHED_BEST[task][family], color=colour, linestyle="--", linewidth=0.8, zorder=0)


def _log_errors(axes: Axes) -> None:
    """Errors spread over orders of magnitude, so their axis is logarithmic, with plain numbers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _each_against_other(axes: Axes, of_family: dict[str, list[pd.DataFrame]]) -> None:
    """Accuracy and error of the same network."""
    every = []
    for family, (recognition, decoding) in of_family.items():
        pair = recognition.merge(decoding, on=["name", "seed"], suffixes=("", "_decoding"))
        _, colour, mark = FAMILIES[family]
        axes.scatter(pair["value"], pair["value_decoding"], s=12, marker=mark, color=colour, alpha=0.5, linewidths=0)
        every.append(pair[["value", "value_decoding"]])
    both = pd.concat(every)
    axes.set(xlabel="test accuracy (%)", ylabel="test error (cm)")
    if not len(both):
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "no network of one\nseed did both", transform=axes.transAxes, fontsize=7, ha="center")
        return
    _log_errors(axes)
    if len(both) > 2:
        rank = f"{both.corr('spearman').iloc[0, 1]:.2f}".replace("-", "−")
        axes.text(0.04, 0.03, f"ρ = {rank}\nn = {len(both)} networks", transform=axes.transAxes, fontsize=7)


def _mark(label: str, colour: str, mark: str, **look: Any) -> Line2D:
    """A mark of the legend."""
    return Line2D([], [], linestyle="", marker=mark, color=colour, label=label, **look)


def _legend(figure: Figure, families: list[str]) -> None:
    edge = {"markersize": 6, "markeredgecolor": "black"}
    published = Line2D([], [], linestyle="--", linewidth=0.8, color="0.4", label="published best (mean of 5 seeds)")
    marks = [_mark(*FAMILIES[family]) for family in families]
    marks += [_mark("best of its family", "0.8", "o", **edge), published]
    figure.legend(handles=marks, loc="outside upper center", ncols=5 if len(marks) <= 5 else 4)


@style.styled
def classifiers(fitted: pd.DataFrame) -> Figure:
    """Accuracy of pairwise classifiers by what they see and which latents are held: of pairs, and of the vote of all.

    Small marks are subsets, large ones their mean; open marks and bars are the published mean and its deviation over
    subsets, dotted lines chance. Only classifiers that were fitted in one way are drawn, that of most of them; the
    figure says which, and how many it leaves out.

    Parameters
    ----------
    fitted : DataFrame
        As :func:`proprionet.plotting.tables.classifiers` makes it.

    Source: Sandbrink et al. 2023, Fig. 3C and supplement.
    """
    figure = style.new_figure(style.WIDE_CM, 10.5)
    panels = figure.subplots(2, 1, sharex=True)
    n_all, ways = len(fitted), fitted.groupby(list(tables.FITTED_BY), dropna=False)
    _, fitted = max(ways, key=lambda group: len(group[1]))
    inputs, latents = (np.asarray(fitted[name]) for name in ("input", "held"))
    seen = [name for name in INPUTS if name in inputs]
    held = [name for name in dict.fromkeys([*PUBLISHED_VOTE, *latents]) if name in latents]
    pairs = {"none": {name: (value, 0.0) for name, value in PUBLISHED_PAIRS.items()}}
    shown = (("pair_accuracy", pairs, 2, "mean of pairs"),
             ("vote_accuracy", PUBLISHED_VOTE, fitted["n_letters"].max(), "vote of all pairs"))  # fmt: skip
    for axes, (measure, published, n_letters, about) in zip(panels, shown, strict=True):
        for (index, name), (place, kept) in itertools.product(enumerate(seen), enumerate(held)):
            values = 100 * np.asarray(fitted[measure])[(inputs == name) & (latents == kept)]
            if values.size:
                x = place + style.dodge(index, len(seen))
                _subsets(axes, x, values, published.get(kept, {}).get(name), name)
        axes.axhline(100 / n_letters, color="black", linestyle=":", linewidth=0.7)
        axes.text(
            1, 100 / n_letters, "chance", transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=7
        )
        axes.set_ylabel(f"{about}:\ntest accuracy (%)")
    panels[1].set_xticks(range(len(held)), held)
    panels[1].set_xlim(-0.5, len(held) - 0.5)
    panels[1].set_xlabel("latents held")
    left_out = f"; {n_all - len(fitted)} fitted otherwise left out" if n_all > len(fitted) else ""
    figure.supxlabel(_fitted_by(fitted.to_dict("records")[0]) + left_out, fontsize=7)
    marks = [_mark(*INPUTS[name]) for name in seen]
    marks.append(_mark("published (± SD)", "0.4", "o", markerfacecolor="white"))
    figure.legend(handles=marks, loc="outside upper center", ncols=len(marks))
    return figure


def _fitted_by(classifier: Mapping[Hashable, Any]) -> str:
    inputs = "standardised" if classifier["standardise"] else "raw"
    grouped = classifier["validation"] == "grouped"
    chosen = "by grouped cross-validation" if grouped else "on the last tenth as published"
    most = classifier["most_movements"]
    few = f", up to {most:.0f} training movements of each letter" if pd.notna(most) else ""
    return f"{inputs} inputs, C of {classifier['c_values']} values {chosen}{few}"


def _subsets(axes: Axes, x: float, values: np.ndarray, published: tuple[float, float] | None, seen: str) -> None:
    """One input under one suppression: every subset, their mean, and the published mean beside them."""
    _, colour, mark = INPUTS[seen]
    axes.scatter(np.full(len(values), x - 0.04), values, s=6, marker=mark, color=colour, alpha=0.6, linewidths=0)
    axes.scatter(x - 0.04, values.mean(), s=28, marker=mark, color=colour, zorder=3)
    if published:
        look = {"marker": mark, "markersize": 4.5, "color": colour, "markerfacecolor": "white", "elinewidth": 0.8}
        axes.errorbar(x + 0.04, published[0], published[1] or None, linestyle="", **look)


@style.styled
def linear_decoding(errors: pd.DataFrame) -> Figure:
    """How far the hand is from where linear regression places it, over the test movements.

    Boxes are median and quartiles, whiskers 10 and 90 %, white marks means, to be compared with the published mean.

    Parameters
    ----------
    errors : DataFrame
        As :func:`proprionet.plotting.tables.decoding_errors` makes it.

    Source: Sandbrink et al. 2023, Fig. 3C.
    """
    figure = style.new_figure(style.NARROW_CM, 7.0)
    axes = figure.subplots()
    seen = [name for name in INPUTS if name in set(errors["input"])]
    white = {"marker": "o", "markersize": 4, "markerfacecolor": "white", "markeredgecolor": "black"}
    for index, (fit, alpha) in enumerate((("error", 1.0), ("exact_error", 0.4))):
        boxes = axes.boxplot(
            [errors.loc[errors["input"] == name, fit] for name in seen],
            positions=np.arange(len(seen)) + style.dodge(index, 2),
            widths=0.3,
            whis=(10, 90),
            showfliers=False,
            patch_artist=True,
            medianprops={"color": "black"},
            boxprops={"linewidth": 0.6},
            showmeans=True,
            meanprops=white,
        )
        for box, name in zip(boxes["boxes"], seen, strict=True):
            box.set(facecolor=INPUTS[name][1], alpha=alpha)
    line = axes.axhline(PUBLISHED_DECODING, color="black", linestyle="--", linewidth=0.8, label="published mean")
    axes.set_xticks(range(len(seen)), [INPUTS[name][0].replace(" ", "\n") for name in seen])
    axes.set(ylabel="distance from the hand (cm)", ylim=(0, None))
    greys = [Patch(facecolor="0.4", label="gradient descent"), Patch(facecolor="0.8", label="exact least squares")]
    mean = Line2D([], [], linestyle="", **white, label="mean")
    figure.legend(handles=[*greys, mean, line], loc="outside upper center", ncols=2)
    return figure
