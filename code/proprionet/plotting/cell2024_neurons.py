"""Single neurons that networks predict: how near to their noise ceiling, examples, and where tasks help.

Source of the figures and of the published gains: Marin Vargas et al. 2024 and the notebooks of its code.
"""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from proprionet.errors import InputError
from proprionet.neural.predictivity import gains
from proprionet.plotting import style
from proprionet.plotting.cell2024_predictivity import EXPLAINED, unity
from proprionet.plotting.models_of_neurons import HYPOTHESES, colour_of, hypothesis_of, label_of

PUBLISHED_GAINS = {
    **dict.fromkeys(("hand_position_velocity", "limb_position_velocity", "joint_position_velocity"), (0.5, 1.5)),
    **dict.fromkeys(
        ("trajectory_decoding", "hand_velocity", "limb_position", "limb_velocity", "joint_position", "joint_velocity"),
        (0.0, 0.5),
    ),
    **dict.fromkeys(("autoencoder", "torque"), (-0.1, 0.1)),
    "action_recognition": (-1.0, -0.5),
    **dict.fromkeys((f"{part}_position_velocity_acceleration" for part in ("hand", "limb", "joint")), (-1.0, -0.5)),
    "redundancy_reduction": (-1.6, -1.4),
}
"""From where to where the mean standardised gain is published to lie, active movements, read off the figure of the
notebook (of the first three it says that they are above 0.5)."""


@style.styled
def ceilings(best: pd.DataFrame, title: str = "") -> Figure:
    """Explained variance of every neuron against its noise ceilings, a panel a session: on the line all is explained.

    Parameters
    ----------
    best : DataFrame
        Of :func:`proprionet.neural.predictivity.models.best_layers`, of one network or baseline, movement and control.
    title : str
        Heads the figure.

    Raises
    ------
    InputError
        If no neuron has a ceiling.
    """
    names = {
        "ceiling_split_half": ("halves of trials", style.COLOURS[0], "o"),
        "ceiling_poisson": ("Poisson counts", style.COLOURS[1], "s"),
        "ceiling_true_rate": ("true rate", style.COLOURS[2], "^"),
    }
    known = {name: look for name, look in names.items() if np.isfinite(best[name]).any()}
    if not known:
        raise InputError("nothing to draw: no neuron has a noise ceiling")
    groups = list(best.groupby("session", sort=False))
    columns = min(4, len(groups))
    n_rows = -(-len(groups) // columns)
    width = style.WIDE_CM if columns > 2 else 7.0 * columns + 2
    figure = style.new_figure(width, 2.6 + n_rows * (width - 1) / columns)
    panels = figure.subplots(n_rows, columns, squeeze=False).ravel()
    for axes, (session, of) in zip(panels, groups, strict=False):
        for name, (_, colour, mark) in known.items():
            axes.scatter(of[name], of["explained_variance"], s=12, color=colour, marker=mark, alpha=0.7, linewidths=0)
        unity(axes, of[[*known, "explained_variance"]].to_numpy(float))
        axes.axhline(0, color="black", linewidth=0.5, zorder=0)
        axes.set_title(f"{session}\n{len(of)} neurons")
    for axes in panels[len(groups) :]:
        axes.remove()
    figure.supxlabel("noise ceiling (share of variance)", fontsize=8)
    figure.supylabel(EXPLAINED, fontsize=8)
    handles = [
        Line2D([], [], linestyle="", marker=mark, color=colour, label=f"ceiling of {label}")
        for label, colour, mark in known.values()
    ]
    figure.legend(
        handles=handles, loc="outside upper center", ncols=3, title=textwrap.fill(title, round(5 * width)) or None
    )
    return figure


@style.styled
def example_neurons(
    observed: np.ndarray,
    predicted: np.ndarray,
    explained_variance: np.ndarray,
    bin_width_s: float | None = None,
    names: Sequence[str] | None = None,
    n_neurons: int = 4,
    n_bins: int = 400,
) -> Figure:
    """Recorded and predicted rates of the neurons that are predicted best, in the first held-out bins.

    Parameters
    ----------
    observed, predicted : array, shape (neuron, bin)
        Hz.
    explained_variance : array, shape (neuron,)
        Orders the neurons, and stands beside each.
    bin_width_s : float, optional
        Width of a bin, s; without it time is counted in bins.
    names : sequence of str, optional
        Of the neurons.
    n_neurons, n_bins : int
        How many are drawn.

    Raises
    ------
    InputError
        If the shapes do not fit, or no neuron has a score.
    """
    if observed.shape != predicted.shape or observed.shape[:1] != explained_variance.shape:
        raise InputError(
            f"observed rates {observed.shape}, predicted {predicted.shape}, explained variance "
            f"{explained_variance.shape}: expected (neuron, bin) twice and (neuron,)"
        )
    order = np.argsort(-np.nan_to_num(explained_variance, nan=-np.inf), kind="stable")
    shown = [neuron for neuron in order if np.isfinite(explained_variance[neuron])][:n_neurons]
    if not shown:
        raise InputError("nothing to draw: no neuron has a score")
    time = np.arange(min(n_bins, observed.shape[1])) * (bin_width_s or 1)
    figure = style.new_figure(style.WIDE_CM, 1.8 + 2.4 * len(shown))
    panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, neuron in zip(panels, shown, strict=True):
        axes.plot(time, observed[neuron, : time.size], color="0.6", linewidth=0.8, label="recorded")
        axes.plot(time, predicted[neuron, : time.size], color=style.COLOURS[3], label="predicted")
        name = names[neuron] if names is not None else f"neuron {neuron}"
        axes.set_title(f"{name}: explained variance {explained_variance[neuron]:.2f}", loc="left", fontsize=7)
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.set_xlim(time[0], time[-1])
        axes.set_ylim(bottom=min(0, np.nanmin(predicted[neuron, : time.size])))
    panels[-1].set_xlabel("time in held-out trials, one after another" + (" (s)" if bin_width_s else " (bins)"))
    figure.supylabel("rate (Hz)", fontsize=8)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


@style.styled
def gain_maps(standardised: pd.DataFrame, found: gains.GainMap, umap: np.ndarray | None = None) -> Figure:
    """Tasks on a map by what training on them adds where: principal components, UMAP, and the mean gain of each task.

    Parameters
    ----------
    standardised : DataFrame
        Of :func:`proprionet.neural.predictivity.gains.standardise`.
    found : GainMap
        Of :func:`proprionet.neural.predictivity.gains.gain_points`.
    umap : array, shape (point, 2), optional
        Its map by :func:`proprionet.neural.predictivity.gains.umap`.

    Raises
    ------
    InputError
        If the points are too few for a map.

    Source: Marin Vargas et al. 2024, its notebook Figure_umap.
    """
    components, shares = gains.principal_map(found.points)
    known = f"{shares.sum():.0%} of variance"
    if np.linalg.matrix_rank(found.points - found.points.mean(axis=0)) <= 2:
        known = "all variance: the points span no more"
    maps = {f"principal components\n({known})": (components, "PC 1", "PC 2")}
    if umap is not None:
        maps["UMAP"] = (umap, "UMAP 1", "UMAP 2")
    n_tasks = standardised.shape[1]
    figure = style.new_figure(style.WIDE_CM, max(7.0, 2.6 + 0.42 * n_tasks))
    *panels, means = figure.subplots(1, len(maps) + 1, width_ratios=[1] * len(maps) + [0.8])
    for axes, (title, (points, x, y)) in zip(panels, maps.items(), strict=True):
        axes.scatter(*points.T, s=14, c=[colour_of(task) for task in found.tasks], alpha=0.8, linewidths=0)
        axes.set(title=title, xlabel=x, ylabel=y, xticks=[], yticks=[])
    _mean_gains(means, standardised)
    present = {hypothesis_of(task) for task in found.tasks}
    handles = [
        Line2D([], [], linestyle="", marker="o", color=colour, label=name)
        for name, (_, colour) in HYPOTHESES.items()
        if name in present
    ]
    handles.append(Line2D([], [], color="0.85", linewidth=5, label="published, active"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    return figure


def _mean_gains(axes: Axes, standardised: pd.DataFrame) -> None:
    """Mean over networks and sessions, largest first, with the published ranges behind."""
    order = standardised.mean().sort_values()
    for place, (task, value) in enumerate(order.items()):
        if str(task) in PUBLISHED_GAINS:
            axes.plot(
                PUBLISHED_GAINS[str(task)], (place, place), color="0.85", linewidth=5, solid_capstyle="butt", zorder=0
            )
        axes.plot(value, place, "o", color=colour_of(str(task)))
    axes.axvline(0, color="black", linewidth=0.5, zorder=0)
    axes.set_yticks(range(len(order)), [label_of(str(task)) for task in order.index], fontsize=6)
    axes.yaxis.tick_right()
    axes.spines[["left", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set(title="mean standardised gain", xlabel="z-score over tasks", ylim=(-0.7, len(order) - 0.3))
