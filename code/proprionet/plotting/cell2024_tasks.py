"""How well networks do each of the sixteen tasks, beside what needs no learning and what was published.

Source of the figure and of the published levels: Marin Vargas et al. 2024 and the notebooks of its code.
"""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from proprionet.errors import InputError
from proprionet.networks.tasks import TASKS, Task, without_learning
from proprionet.plotting import style, tables
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
FONT_SIZE = 7  # of titles and names of axes, as panels are small
MARGIN = 1.5  # factor between the outermost of what is shown and the ends of a logarithmic axis


@style.styled
def task_performance(networks: pd.DataFrame) -> Figure:
    """A panel for each task with its first metric on the test part, a mark for each network by its number of layers.

    The best network of each family has a black edge. Dashed lines are what needs no learning (:func:`task_table`), grey
    bands the published best. Tasks without a trained network have no panel.

    Parameters
    ----------
    networks : DataFrame
        As :func:`proprionet.plotting.tables.networks` makes it. Untrained networks are left out, those that see
        other than spindles (where any sees these), and those whose metric is not finite, as their training diverged.

    Raises
    ------
    InputError
        If none is left, or networks of one task answer in different units.

    Source: Marin Vargas et al. 2024, task performance.
    """
    of_task = _by_task(networks)
    shown = pd.concat(of_task.values())
    families = [family for family in FAMILIES if family in set(shown["family"])]
    deepest = shown["n_layers"].to_numpy().max()
    n_rows = -(-len(of_task) // COLUMNS)
    figure = style.new_figure(style.WIDE_CM, 1.8 + 4.1 * n_rows)
    panels = figure.subplots(n_rows, min(COLUMNS, len(of_task)), squeeze=False).ravel()
    for axes, (name, rows) in zip(panels, of_task.items(), strict=False):
        for index, family in enumerate(families):
            of_family = rows.loc[rows["family"] == family]
            if len(of_family):
                _marks(axes, of_family, _best(TASKS[name], of_family), style.dodge(index, len(families)))
        _finish(axes, TASKS[name], rows)
        axes.set_xlim(0.2, deepest + 0.8)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    for axes in panels[len(of_task) :]:
        axes.remove()
    figure.align_ylabels()
    figure.supxlabel("layers (count)", fontsize=FONT_SIZE)
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
        ``task`` (as the paper calls it), ``metric``, its ``unit``, ``best`` and ``median`` of ``n_networks``, and
        ``trivial``, what needs no learning: a letter by chance, the mean target of training, or the redundancy of the
        networks as they are drawn. The best is ``times_better``.
    """
    rows = []
    for name, found in _by_task(networks).items():
        task = TASKS[name]
        best, trivial = found["value"].iloc[_best(task, found)], _trivial(task, found)
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
    trained = tables.comparable(networks)
    found = {}
    for task in SIXTEEN:
        rows = trained.loc[trained["task"] == task.name]
        rows = rows.assign(value=rows.get(task.metric, np.nan))
        rows = rows.loc[np.isfinite(rows["value"])]
        if len(units := rows["unit"].unique()) > 1:
            raise InputError(f"{task.name}: {task.metric}s in {' and in '.join(units)} do not compare; draw them apart")
        if len(rows):
            found[task.name] = rows
    if not found:
        raise InputError("no network was trained on any of the sixteen tasks; train some, or choose another folder")
    return found


def _best(task: Task, rows: pd.DataFrame) -> int:
    """Place of the network with the highest accuracy, or the least error or redundancy."""
    values = rows["value"].to_numpy()
    return int(values.argmax() if task.metric == "accuracy" else values.argmin())


def _trivial(task: Task, rows: pd.DataFrame) -> float:
    """What needs no learning; the median, as networks of one task may be of different data sets."""
    known = [without_learning(task, row) for row in rows.to_dict("records")]
    return float(np.median(np.array(known, float)))


def _marks(axes: Axes, rows: pd.DataFrame, best: int, aside: float) -> None:
    """One mark a network of a family, and the best of them again, larger."""
    _, colour, mark = FAMILIES[rows["family"].iloc[0]]
    small: dict[str, Any] = {"s": 9, "alpha": 0.5, "linewidths": 0}
    large: dict[str, Any] = {"s": 28, "edgecolors": "black", "linewidths": 0.8}
    for chosen, look in ((rows, small), (rows.iloc[[best]], large)):
        axes.scatter(chosen["n_layers"] + aside, chosen["value"], marker=mark, color=colour, zorder=3, **look)


def _finish(axes: Axes, task: Task, rows: pd.DataFrame) -> None:
    """Title and scale of a panel, the published level, and what needs no learning."""
    unit = rows["unit"].iloc[0]
    axes.set_title("\n".join(textwrap.wrap(task.label, TITLE)), fontsize=FONT_SIZE)
    axes.set_ylabel(task.metric if unit == "1" else f"{task.metric} ({unit})", fontsize=FONT_SIZE)
    trivial, published = _trivial(task, rows), PUBLISHED.get(task.name, ())
    axes.axhline(trivial, color="black", linestyle="--", linewidth=0.8, zorder=1)
    if published:
        axes.axhspan(*published, color="0.85", linewidth=2 if published[0] == published[1] else 0, zorder=0)
    if task.metric == "accuracy":
        axes.set_ylim(0, 1.03)
        return
    every = [*rows["value"], trivial, *published]
    axes.set(yscale="log", ylim=(min(every) / MARGIN, max(every) * MARGIN))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _legend(figure: Figure, families: list[str]) -> None:
    marks: list[Artist] = [
        Line2D([], [], linestyle="", marker=mark, color=colour, label=label)
        for label, colour, mark in (FAMILIES[family] for family in families)
    ]
    edge = {"marker": "o", "markersize": 5.5, "markeredgecolor": "black", "linestyle": "", "color": "0.8"}
    marks.append(Line2D([], [], label="best of its family", **edge))
    marks.append(
        Line2D([], [], color="black", linestyle="--", linewidth=0.8, label="nothing learnt (mean target, chance)")
    )
    marks.append(Patch(color="0.85", label="published best, macaque arm"))
    figure.legend(handles=marks, loc="outside upper center", ncols=4)
