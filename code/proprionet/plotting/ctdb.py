"""Figures of networks compared: fixed points, eigenvalues, dimensions, and similarity with its floors and ceilings."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import Axes3D

from proprionet.plotting import style

STABILITY_COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#CC79A7")
"""Of points with 0, 1, 2, and 3 or more unstable directions."""

GUIDES = (50, 90, 95, 99)
COMPONENTS = ("PC 1", "PC 2", "PC 3")
SHARES = ("R²", "accuracy", "success")
"""Metrics of which the best value is 1."""

MEASURES = {
    "affine_r2": "affine R² (column from row)",
    "cka": "CKA",
    "cca": "mean squared CCA",
    "svcca": "SVCCA",
    "procrustes": "Procrustes distance",
    "dsa_wasserstein": "DSA, Wasserstein",
    "dsa_angular": "DSA, angle (radian)",
}
"""Measures as figures call them."""


@style.styled
def learning(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], metric: str) -> Figure:
    """How networks came to do their task.

    Parameters
    ----------
    curves : mapping of network to two arrays, shape (validation,)
        Training steps, and the metric on validation trials then.
    metric : str
        What it is.
    """
    figure = style.new_figure(style.NARROW_CM, 6.5)
    axes = figure.subplots()
    for (network, (updates, values)), colour in zip(curves.items(), itertools.cycle(style.COLOURS), strict=False):
        axes.plot(updates, values, color=colour, label=network)
    axes.set(xlabel="training steps", ylabel=metric, xlim=(0, None))
    if metric.split(" ")[0] in SHARES:  # an R² may begin below -100
        axes.set_ylim(max(axes.get_ylim()[0], -0.2), 1.02)
    axes.legend()
    return figure


@style.styled
def trial(
    inputs: np.ndarray,
    targets: np.ndarray,
    outputs: np.ndarray,
    input_labels: Sequence[str],
    output_labels: Sequence[str],
) -> Figure:
    """One trial of a task: what a network sees, what is wanted, and what it says.

    Parameters
    ----------
    inputs : array, shape (step, input)
    targets, outputs : array, shape (step, output)
    input_labels, output_labels : sequence of str
    """
    of_inputs = max(1.6, 0.22 * len(input_labels))
    figure = style.new_figure(style.WIDE_CM, 1.9 + 1.6 * (of_inputs / 1.6 + len(output_labels)))
    seen, *said = figure.subplots(
        1 + len(output_labels), 1, sharex=True, height_ratios=[of_inputs] + [1] * len(output_labels)
    )
    spread = 1.2 * max(float(np.ptp(inputs, axis=0).max()), 1e-9)
    places = -spread * np.arange(len(input_labels))
    seen.plot(inputs + places, color="0.3", linewidth=0.7)
    seen.set_yticks(places, input_labels, fontsize=6)
    for axes, label, wanted, answer in zip(said, output_labels, targets.T, outputs.T, strict=True):
        axes.plot(wanted, color="0.6", linewidth=2, label="wanted")
        axes.plot(answer, color=style.COLOURS[3], label="said")
        axes.set_ylabel(label, rotation=0, ha="right", va="center")
    figure.legend(*said[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    figure.supxlabel("time step", fontsize=8)
    return figure


@style.styled
def fixed_points(
    points: Mapping[str, np.ndarray],
    n_unstable: Mapping[str, np.ndarray],
    trajectories: Mapping[str, np.ndarray],
    axes_names: Sequence[str] = COMPONENTS,
) -> Figure:
    """Fixed points of networks in three dimensions, by the number of directions in which they are unstable.

    Parameters
    ----------
    points : mapping of network to array, shape (point, 3)
        In the first principal components of the states, or in three outputs.
    n_unstable : mapping of network to array of int, shape (point,)
    trajectories : mapping of network to array, shape (trial, step, 3)
        Some trials in the same space, drawn beneath.
    axes_names : sequence of str
        What the three axes are.

    Source: Sussillo & Barak 2013, Fig. 3.
    """
    figure = style.new_figure(min(style.WIDE_CM, 9.0 * len(points)), 9.0)
    for place, (name, states) in enumerate(points.items(), 1):
        axes: Axes3D = figure.add_subplot(1, len(points), place, projection="3d")
        for trial in trajectories[name]:
            axes.plot(*trial.T, color="0.75", linewidth=0.4, zorder=1)
        for index, colour in enumerate(STABILITY_COLOURS):
            chosen = states[np.minimum(n_unstable[name], len(STABILITY_COLOURS) - 1) == index]
            label = _directions(index, len(chosen))
            axes.scatter(*chosen.T, color=colour, s=22, depthshade=False, label=label, edgecolor="white", linewidth=0.3)
        _name_axes(axes, axes_names)
        axes.set_title(name, y=0.95)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.1), ncols=2, handletextpad=0.1)
    return figure


def _name_axes(axes: Axes3D, names: Sequence[str]) -> None:
    """Name the axes, with few and small numbers."""
    for name, axis in zip(names, (axes.xaxis, axes.yaxis, axes.zaxis), strict=True):
        axis.set_label_text(name)
        axis.labelpad = -5
        axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        axis.set_tick_params(labelsize=6, pad=-3)
    axes.set_box_aspect(None, zoom=0.86)  # pyright: ignore[reportArgumentType]
    axes.grid(False)


def _directions(index: int, count: int) -> str:
    return f"{count} with {_number_of_directions(index)} unstable" if index else f"{count} stable"


def _number_of_directions(index: int) -> str:
    return f"{index} or more" if index == len(STABILITY_COLOURS) - 1 else str(index)


@style.styled
def eigenvalues(spectra: Mapping[str, np.ndarray], n_unstable: Mapping[str, np.ndarray]) -> Figure:
    """Eigenvalues of the Jacobian at the fixed points of networks, with the circle beyond which modes grow.

    Parameters
    ----------
    spectra : mapping of network to array of complex, shape (point, mode)
    n_unstable : mapping of network to array of int, shape (point,)
    """
    figure = style.new_figure(min(style.WIDE_CM, 8.0 * len(spectra)), 7.0)
    panels = figure.subplots(1, len(spectra), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (name, found) in zip(panels, spectra.items(), strict=True):
        axes.add_patch(Circle((0, 0), 1, fill=False, color="black", linewidth=0.5))
        for index, colour in enumerate(STABILITY_COLOURS):
            chosen = found[np.minimum(n_unstable[name], len(STABILITY_COLOURS) - 1) == index].ravel()
            axes.plot(np.real(chosen), np.imag(chosen), ".", color=colour, label=str(index), markersize=3)
        axes.set(title=name, xlabel="real part", aspect="equal")
        axes.margins(0.08)
    panels[0].set_ylabel("imaginary part")
    panels[-1].legend(title="unstable\ndirections", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@style.styled
def followed(
    outputs: Mapping[str, np.ndarray], n_unstable: Mapping[str, np.ndarray], output_labels: Sequence[str]
) -> Figure:
    """Where fixed points go while a constant input goes over to another, a row for each network.

    Parameters
    ----------
    outputs : mapping of network to array, shape (place, point, output)
        What the network says at each point, at places that lie evenly on the way; NaN from where the point is gone.
    n_unstable : mapping of network to array of int, shape (place, point)
    output_labels : sequence of str
    """
    figure = style.new_figure(min(style.WIDE_CM, 2 + 5.3 * len(output_labels)), 1.5 + 4.5 * len(outputs))
    panels = figure.subplots(len(outputs), len(output_labels), squeeze=False, sharex=True, sharey="row")
    for row, (name, said) in zip(panels, outputs.items(), strict=True):
        way = np.broadcast_to(np.linspace(0, 1, len(said))[:, None], said.shape[:2])
        unstable = np.minimum(n_unstable[name], len(STABILITY_COLOURS) - 1)
        for axes, output, values in zip(row, output_labels, np.moveaxis(said, 2, 0), strict=True):
            axes.plot(way, values, color="0.8", linewidth=0.6, zorder=1)
            for index in np.flatnonzero(np.bincount(unstable.ravel(), minlength=len(STABILITY_COLOURS)))[::-1]:
                chosen = (unstable == index) & np.isfinite(values)
                colour, label = STABILITY_COLOURS[index], _number_of_directions(index)
                axes.plot(way[chosen], values[chosen], ".", color=colour, markersize=4, label=label, zorder=2)
            axes.set_title(f"{name}: {output}")
        row[0].set_ylabel("output at the point")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], title="unstable\ndirections", loc="outside right upper")
    figure.supxlabel("share of the way to the other input", fontsize=8)
    return figure


@style.styled
def scree(shares: Mapping[str, np.ndarray]) -> Figure:
    """Variance that principal components of states hold: each, and all up to it.

    Parameters
    ----------
    shares : mapping of network to array, shape (component,)
        0 to 1, the largest first; networks may differ in length, NaN at the end is left out.
    """
    figure = style.new_figure(style.WIDE_CM, 6.0)
    each, total = figure.subplots(1, 2)
    for network, values in shares.items():
        percent = 100 * values[np.isfinite(values)]
        number = np.arange(1, len(percent) + 1)
        each.plot(number, percent, "o-", label=network)
        total.plot(number, np.cumsum(percent), "o-")
    for guide in GUIDES:
        total.axhline(guide, color="0.8", linewidth=0.5, zorder=0)
    total.set_yticks(GUIDES)
    each.set_ylim(bottom=0)
    for axes, what in ((each, "variance (%)"), (total, "cumulative variance (%)")):
        axes.set(xlabel="principal component", ylabel=what)
        axes.xaxis.get_major_locator().set_params(integer=True)
    each.legend()
    return figure


@style.styled
def similarity(
    matrices: Mapping[str, np.ndarray],
    names: Sequence[str],
    floors: Mapping[str, np.ndarray],
    ceilings: Mapping[str, np.ndarray],
) -> Figure:
    """How alike every two networks are, a panel a measure; beside it what noise and lost order in time would give.

    Parameters
    ----------
    matrices : mapping of measure to array, shape (one, other)
    names : sequence of str
        Of the networks.
    floors : mapping of measure to array, shape (network,)
        Distance between halves of a network's own trials; measures without one have no such column.
    ceilings : mapping of measure to array, shape (network,)
        Each network with its own states, time shuffled.
    """
    columns = min(len(matrices), 3)
    rows = -(-len(matrices) // columns)
    figure = style.new_figure(style.WIDE_CM, rows * (2.4 + 3.0 * len(names) / (len(names) + 2)))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (measure, matrix) in zip(panels, matrices.items(), strict=False):
        beside = {"halves": floors.get(measure), "shuffled": ceilings[measure]}
        _matrix_with_margins(axes, matrix, names, {name: one for name, one in beside.items() if one is not None})
        axes.set_title(MEASURES.get(measure, measure))
    for axes in panels[len(matrices) :]:
        axes.set_visible(False)
    return figure


@style.styled
def layers_alike(
    matrices: Mapping[str, np.ndarray],
    networks: Sequence[str],
    layers: Sequence[str],
    floors: Mapping[str, np.ndarray],
    ceilings: Mapping[str, np.ndarray],
) -> Figure:
    """How alike layers of several networks are, a panel a measure; layers of one network stand together.

    Parameters
    ----------
    matrices, floors, ceilings
        As in :func:`similarity`.
    networks, layers : sequence of str
        Of each row: the network (those of one next to each other), and its layer.
    """
    size = 0.38 * len(layers)
    figure = style.new_figure(style.WIDE_CM, (4.0 + min(size, 6.0)) * -(-len(matrices) // 2))
    panels = figure.subplots(-(-len(matrices) // 2), 2, squeeze=False)
    begins = [place for place, name in enumerate(networks) if place == 0 or name != networks[place - 1]]
    for axes, (measure, matrix) in zip(panels.ravel(), matrices.items(), strict=False):
        beside = {"halves": floors.get(measure), "shuffled": ceilings[measure]}
        _matrix_with_margins(axes, matrix, layers, {name: one for name, one in beside.items() if one is not None})
        axes.tick_params(labelsize=5)
        axes.tick_params(axis="x", rotation=90)
        axes.set_xlabel(MEASURES[measure])
        for begin, end in zip(begins, [*begins[1:], len(networks)], strict=True):
            middle = (begin + end - 1) / 2
            axes.hlines(begin - 0.5, -0.5, len(layers) - 0.5, color="white")
            axes.vlines(begin - 0.5, -0.5, len(layers) - 0.5, color="white")
            axes.text(middle, -0.8, networks[begin], rotation=40, rotation_mode="anchor", fontsize=5.5)
    for axes in panels.ravel()[len(matrices) :]:
        axes.set_visible(False)
    return figure


def _matrix_with_margins(
    axes: Axes, matrix: np.ndarray, names: Sequence[str], margins: Mapping[str, np.ndarray]
) -> None:
    """A matrix, and columns of its own beside it, in one scale; numbers are written where they can be read."""
    gap = np.full((len(names), 1), np.nan)
    shown = np.column_stack([matrix, gap, *margins.values()])
    lowest, highest = min(0.0, float(np.nanmin(shown))), float(np.nanmax(shown))
    image = axes.imshow(shown, interpolation="nearest", vmin=lowest, vmax=highest)
    places = [*range(len(names)), *range(len(names) + 1, shown.shape[1])]
    axes.set_xticks(places, [*names, *margins], rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if len(names) > 6:
        axes.figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02)
        return
    for (row, column), value in np.ndenumerate(shown):
        if np.isfinite(value):
            text = f"{value:.2f}" if abs(value) >= 0.005 or abs(value) < 1e-9 else "<.01"
            colour = "black" if value > (lowest + highest) / 2 else "white"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=6)


@style.styled
def aligned(trajectories: Mapping[str, np.ndarray], target: np.ndarray, target_name: str) -> Figure:
    """Trials of networks, laid by affine maps onto those of one network, in its first three principal components.

    Parameters
    ----------
    trajectories : mapping of network to array, shape (trial, step, 3)
        Mapped states of each network.
    target : array, shape (trial, step, 3)
        States of the network that they are mapped to, in the same trials; grey.
    target_name : str
    """
    figure = style.new_figure(min(style.WIDE_CM, 9.0 * len(trajectories)), 8.0)
    for place, (name, states) in enumerate(trajectories.items(), 1):
        axes: Axes3D = figure.add_subplot(1, len(trajectories), place, projection="3d")
        for trial in target:
            axes.plot(*trial.T, color="0.7", linewidth=0.6)
        for trial, colour in zip(states, itertools.cycle(style.COLOURS), strict=False):
            axes.plot(*trial.T, color=colour, linewidth=0.8)
        _name_axes(axes, COMPONENTS)
        axes.set_title(f"{name} onto {target_name}", y=0.97)
    return figure
