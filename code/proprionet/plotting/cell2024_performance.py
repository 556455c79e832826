"""Do networks that do their task better predict neurons better?

Source of the figures and of the published numbers: Marin Vargas et al. 2024 and the notebooks of its code.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proprionet.networks.tasks import TASKS
from proprionet.neural.predictivity.comparisons import ordered
from proprionet.neural.predictivity.models import groups
from proprionet.neural.predictivity.performance import LEAST, PUBLISHED_MONKEYS, PUBLISHED_R
from proprionet.plotting import style
from proprionet.plotting.cell2024_predictivity import EXPLAINED, ROW_CM
from proprionet.plotting.models_of_neurons import bars, colour_of, label_of, need


@style.styled
def performance_against_predictivity(performing: pd.DataFrame, session: str, movement: str) -> Figure:
    """Explained variance of every network against its task performance, a panel a task of two networks or more.

    Above it the number of networks, and Pearson's r of five or more (:data:`.performance.LEAST`).

    Parameters
    ----------
    performing : DataFrame
        Of :func:`proprionet.neural.predictivity.performance.with_performance`.
    session, movement : str
        Of which neurons.

    Raises
    ------
    InputError
        If there are no networks of them, or of no task two.

    Source: Marin Vargas et al. 2024, its notebook Figure_correlation.
    """
    rows = performing.query("session == @session and movement == @movement")
    need(rows, f"evaluated networks that predict {session} ({movement})")
    rows = rows.loc[rows.duplicated("task", keep=False)]
    need(rows, f"tasks with two or more evaluated networks that predict {session} ({movement})")
    tasks = ordered(rows["task"])
    columns = min(4, len(tasks))
    n_rows = -(-len(tasks) // columns)
    figure = style.new_figure(0.5 + (style.WIDE_CM - 0.5) * max(columns, 2) / 4, 1.5 + 3.6 * n_rows)
    panels = figure.subplots(n_rows, columns, sharey=True, squeeze=False).ravel()
    for axes, task in zip(panels, tasks, strict=False):
        of = rows.loc[rows["task"] == task]
        axes.scatter(of["performance"], of["explained_variance"], s=10, color=colour_of(task), alpha=0.7, linewidths=0)
        varied = len(of) >= LEAST and np.ptp(of["performance"]) > 0 and np.ptp(of["explained_variance"]) > 0
        r = f"r = {np.corrcoef(of['performance'], of['explained_variance'])[0, 1]:.2f}, " if varied else ""
        axes.set_title(f"{_short(task)}\n{r}n = {len(of)}", fontsize=7)
        unit = of["unit"].iloc[0]
        axes.set_xlabel(TASKS[task].metric + (f" ({unit})" if unit not in ("", "1") else ""), fontsize=7)
        axes.xaxis.set_major_locator(MaxNLocator(3))
    for axes in panels[len(tasks) :]:
        axes.remove()
    figure.supylabel(EXPLAINED, fontsize=8)
    return figure


@style.styled
def correlations(found: pd.DataFrame) -> Figure:
    """Pearson's r of task performance and explained variance, each session a mark with its 95 % interval, by task.

    Beside it the number of networks; of fewer than five there is no mark (:data:`.performance.LEAST`). Open marks are
    published, of some 300 networks each and of passive movements. Where performance is an error, better networks have
    a smaller one: negative r says that they predict better.

    Parameters
    ----------
    found : DataFrame
        Of :func:`proprionet.neural.predictivity.performance.correlations`.

    Raises
    ------
    InputError
        If no r is defined.

    Source: Marin Vargas et al. 2024, its notebook Figure_correlation.
    """
    need(found.loc[found["r"].notna()], f"tasks with {LEAST} or more evaluated networks")
    tasks = ordered(found["task"])[::-1]
    sessions = list(groups(found, ["session", "movement"]))
    figure = style.new_figure(14, 3.0 + (ROW_CM + 0.25 * len(sessions)) * len(tasks))
    axes = figure.subplots()
    rows = np.arange(len(tasks))
    for monkey, mark in zip(PUBLISHED_MONKEYS, "os^", strict=True):
        r = [PUBLISHED_R.get(task, (np.nan,) * 3)[PUBLISHED_MONKEYS.index(monkey)] for task in tasks]
        y = rows - style.dodge(0, len(sessions) + 1)
        axes.plot(r, y, mark, color="0.6", markerfacecolor="none", label=f"published, {monkey} (n about 300)")
    for index, (about, of) in enumerate(sessions):
        of = of.set_index("task").reindex(tasks)
        r, low, high = (of[name].to_numpy(float) for name in ("r", "low", "high"))
        y = rows - style.dodge(index + 1, len(sessions) + 1)
        colour, label = style.COLOURS[index % len(style.COLOURS)], ", ".join(about.values()).replace("_", " ")
        axes.errorbar(r, y, xerr=bars(r, low, high), fmt="D", color=colour, elinewidth=1, markersize=3, label=label)
        for place, n in zip(y, of["n"].fillna(0), strict=True):
            axes.text(1.08, place, f"n = {n:.0f}", color=colour, fontsize=6, va="center")
    axes.axvline(0, color="black", linewidth=0.5)
    axes.set_yticks(range(len(tasks)), [f"{label_of(task)} ({TASKS[task].metric})" for task in tasks])
    axes.set(xlim=(-1.05, 1.05), ylim=(-0.7, len(tasks) - 0.3), xlabel="Pearson's r with explained variance")
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _short(task: str) -> str:
    return label_of(task).replace("localization", "loc.").replace("movements", "mov.").replace("acceleration", "acc.")
