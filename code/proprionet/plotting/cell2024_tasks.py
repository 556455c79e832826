"""How well networks do each of the sixteen tasks, beside what needs no learning and what was published.

Source of the figure and of the published levels: Marin Vargas et al. 2024 and the notebooks of its code.
"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from proprionet.errors import InputError
from proprionet.networks.tasks import EMBEDDING, N_LETTERS, TASKS, Task
from proprionet.plotting import style
from proprionet.plotting.elife2023_fig3 import FAMILIES

SIXTEEN = tuple(task for task in TASKS.values() if task.name != "neurons")
"""Tasks of the paper; networks that are trained on recorded neurons have no task of the arm."""

PUBLISHED = {
    "action_recognition": (0.9, 0.98),
    "trajectory_decoding": (0.20, 0.25),
    "hand_velocity": (0.25, 0.25),
    "hand_position_velocity": (0.6, 0.8),
    "hand_position_velocity_acceleration": (5.0, 5.0),
    "limb_position": (0.35, 0.35),
    "limb_velocity": (0.4, 0.4),
    "limb_position_velocity": (0.8, 0.8),
    "limb_position_velocity_acceleration": (7.5, 7.5),
    "joint_position": (4.0, 4.0),
    "joint_velocity": (0.9, 0.9),
    "joint_position_velocity": (5.5, 5.5),
    "joint_position_velocity_acceleration": (21.0, 21.0),
    "torque": (0.10, 0.10),
    "autoencoder": (1.8, 1.8),
}
"""From where to where the best convolutional networks are, in the units of the metric, read off the figure of the
notebook: macaque arm with 39 muscles, letters of 5 cm at 100 Hz, test movements that share letters with training.
Redundancy is not among them: the published one divides by variances, ours by standard deviations."""

COLUMNS = 4
TITLE = 26  # letters in a line of a title
MARGIN = 1.5  # factor between the outermost of what is shown and the ends of a logarithmic axis


@style.styled
def task_performance(networks: pd.DataFrame) -> Figure:
    """A panel for each task with its first metric on the test part, a mark for each network by its number of layers.

    The best network of each family has a black edge. Dashed lines are what needs no learning (:func:`task_table`), bands
    the published best. Tasks without a trained network have no panel.

    Parameters
    ----------
    networks : DataFrame
        As :func:`proprionet.plotting.tables.networks` makes it. Untrained networks are left out, and those whose metric
        is not finite, as their training diverged.

    Raises
    ------
    InputError
        If none is left, or networks of one task answer in different units.

    Source: Marin Vargas et al. 2024, task performance.
    """
    of_task = _by_task(networks)
    shown = pd.concat(of_task.values())
    families = [family for family in FAMILIES if family in set(shown["family"])]
    deepest = int(shown["n_layers"].max())
    n_rows = -(-len(of_task) // COLUMNS)
    figure = style.new_figure(style.WIDE_CM, 1.8 + 4.1 * n_rows)
    panels = figure.subplots(n_rows, min(COLUMNS, len(of_task)), squeeze=False).ravel()
    for axes, (name, rows) in zip(panels, of_task.items(), strict=False):
        for index, family in enumerate(families):
            _marks(axes, TASKS[name], rows.loc[rows["family"] == family], style.dodge(index, len(families)))
        _finish(axes, TASKS[name], rows)
        axes.set_xlim(0.3, deepest + 0.7)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    for axes in panels[len(of_task) :]:
        axes.remove()
    figure.supxlabel("layers (count)", fontsize=8)
    _legend(figure, families)
    return figure


def task_table(networks: pd.DataFrame) -> pd.DataFrame:
    """The tasks side by side.

    Parameters
    ----------
    networks : as for :func:`task_performance`, and the same errors.

    Returns
    -------
    DataFrame
        ``task`` (as the paper calls it), ``metric``, its ``unit``, ``best`` and ``median`` of ``n_networks``, and what
        needs no learning, ``trivial``: a letter by chance, the mean target of training, or an embedding that is the same
        for all movements. The best is ``times_better``.
    """
    rows = []
    for name, found in _by_task(networks).items():
        task = TASKS[name]
        best, trivial = found["value"].loc[_best(task, found)], _trivial(task, found)
        rows.append(
            {
                "task": task.label,
                "metric": task.metric,
                "unit": found["unit"].iloc[0],
                "best": best,
                "median": found["value"].median(),
                "n_networks": len(found),
                "trivial": trivial,
                "times_better": best / trivial if task.metric == "accuracy" else trivial / best,
            }
        )
    return pd.DataFrame(rows)


def _by_task(networks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Trained networks of each task that has some, with their first metric as ``value``."""
    trained = networks.loc[networks["trained"]].reset_index(drop=True)
    found = {}
    for task in SIXTEEN:
        rows = trained.loc[trained["task"] == task.name]
        if len(rows):
            rows = rows.assign(value=rows[task.metric])
            found[task.name] = rows.loc[np.isfinite(rows["value"])]
        if len(units := rows["unit"].unique()) > 1:
            raise InputError(f"{task.name}: errors in {' and in '.join(units)} cannot be compared; draw them apart")
    found = {name: rows for name, rows in found.items() if len(rows)}
    if not found:
        raise InputError("no network was trained on any of the sixteen tasks; train some with snakemake")
    return found


def _best(task: Task, rows: pd.DataFrame) -> int:
    """Index of the network with the highest accuracy, or the least error or redundancy."""
    return rows["value"].idxmax() if task.metric == "accuracy" else rows["value"].idxmin()


def _trivial(task: Task, rows: pd.DataFrame) -> float:
    """What needs no learning; an embedding that is always the same correlates with nothing, so each dimension costs 1."""
    known = {"accuracy": 1 / N_LETTERS, "redundancy": float(EMBEDDING)}
    return known[task.metric] if task.metric in known else float(rows["trivial_error"].median())


def _marks(axes: Axes, task: Task, rows: pd.DataFrame, aside: float) -> None:
    """One mark a network of a family, and the best of them again, larger."""
    for chosen, look in (
        (rows, {"s": 9, "alpha": 0.5, "linewidths": 0}),
        (rows.loc[[_best(task, rows)]] if len(rows) else rows, {"s": 28, "edgecolors": "black", "linewidths": 0.8}),
    ):
        for family in chosen["family"].unique():
            _, colour, mark = FAMILIES[family]
            axes.scatter(chosen["n_layers"] + aside, chosen["value"], marker=mark, color=colour, zorder=3, **look)


def _finish(axes: Axes, task: Task, rows: pd.DataFrame) -> None:
    """Title and scale of a panel, the published level, and what needs no learning."""
    unit = {"accuracy": "fraction", "redundancy": ""}.get(task.metric, rows["unit"].iloc[0])
    axes.set(title="\n".join(textwrap.wrap(task.label, TITLE)), ylabel=f"{task.metric} ({unit})" if unit else task.metric)
    trivial, published = _trivial(task, rows), PUBLISHED.get(task.name, ())
    axes.axhline(trivial, color="black", linestyle="--", linewidth=0.8, zorder=1)
    if published:
        axes.axhspan(*published, color="0.85", linewidth=2, zorder=0)
    if task.metric == "accuracy":
        axes.set_ylim(0, 1)
        return
    every = [*rows["value"], trivial, *published]
    axes.set(yscale="log", ylim=(min(every) / MARGIN, max(every) * MARGIN))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _legend(figure: Figure, families: list[str]) -> None:
    marks = [
        Line2D([], [], linestyle="", marker=mark, color=colour, label=label)
        for label, colour, mark in (FAMILIES[family] for family in families)
    ]
    edge = {"marker": "o", "markersize": 5.5, "markeredgecolor": "black", "linestyle": "", "color": "0.8"}
    marks.append(Line2D([], [], label="best of its family", **edge))
    marks.append(Line2D([], [], color="black", linestyle="--", linewidth=0.8, label="nothing learnt"))
    marks.append(Patch(color="0.85", label="published best convolutional networks (macaque arm, read off a figure)"))
    figure.legend(handles=marks, loc="outside upper center", ncols=4)
