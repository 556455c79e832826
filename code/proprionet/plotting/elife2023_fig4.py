"""How networks see the movements as a whole: similarity of networks, embeddings, agreement with the ideal observer.

Source of the figures and of the published numbers: Sandbrink et al. 2023, Fig. 4 and its supplement (numbers of the
spatial-temporal and spatiotemporal networks read off the notebooks of its code).
"""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from proprionet.analysis.comparison.instances import RECOGNITION, UNTRAINED, rank_of_condition
from proprionet.errors import InputError
from proprionet.plotting import depth, style
from proprionet.plotting.representation import MEASURES

PUBLISHED_ORACLE = {
    ("spatial_temporal", RECOGNITION, "oracle_pearson"): (
        0.015,
        0.013,
        0.011,
        0.012,
        0.013,
        0.014,
        0.025,
        0.050,
        0.214,
    ),
    ("spatial_temporal", UNTRAINED, "oracle_pearson"): (0.015, 0.013, *[np.nan] * 6, 0.0055),
    ("spatiotemporal", RECOGNITION, "oracle_pearson"): (0.015, 0.013, 0.014, 0.038, 0.181),
    ("spatiotemporal", UNTRAINED, "oracle_pearson"): (0.015, 0.013, np.nan, np.nan, 0.0068),
}
"""Correlation with the ideal observer, from the input on; of untrained networks the input, first and last layer."""

PUBLISHED_CKA = (
    (1.0, 0.83, 0.78, 0.52, 0.15, 0.08, 0.05, 0.04, 0.02),
    (1.0, 0.91, 0.87, 0.73, 0.37, 0.25, 0.25, 0.20, 0.10),
)
"""Least and largest CKA of the trained with the untrained spatial-temporal network over five seeds, layer by layer."""


@style.styled
def similarity_heatmaps(similarities: pd.DataFrame, measure: str = "cka") -> Figure:
    """Similarity of two networks, layer by layer and seed by seed: a row of panels for each architecture.

    Parameters
    ----------
    similarities : DataFrame
        As :func:`proprionet.plotting.representation_tables.similarities` makes it.
    measure : str
        A key of :data:`proprionet.plotting.representation.MEASURES`.

    Raises
    ------
    InputError
        If no similarity was measured so.

    Source: Sandbrink et al. 2023, Fig. 4A.
    """
    same = _same_layers(similarities, measure)
    kinds, pairs = depth.kinds_of_network(same), _pairs(same)
    seeds = len(set(same["instance"]))
    figure = style.new_figure(style.WIDE_CM, 1.2 + len(kinds) * (1.8 + 0.42 * seeds))
    panels = figure.subplots(len(kinds), len(pairs), squeeze=False)
    top = max(1.0, same["value"].max())
    for kind, row in zip(kinds, panels, strict=True):
        for axes, pair in zip(row, pairs, strict=True):
            rows = _of_pair(depth.of_kind(same, kind), pair)
            if rows.empty:
                axes.set_visible(False)
                continue
            by_seed = rows.pivot(index="instance", columns="depth", values="value")
            axes.imshow(by_seed, vmin=min(0, same["value"].min()), vmax=top, aspect="auto", interpolation="nearest")
            axes.set_title(" –\n".join(pair))
            axes.set_xticks(range(by_seed.shape[1]), by_seed.columns)
            axes.set_yticks(range(len(by_seed)), by_seed.index)
            axes.tick_params(length=0)
        row[0].set_ylabel("seed" if len(kinds) == 1 else f"{depth.title_of(kind, kinds)}\nseed")
    drawn = next(axes for axes in panels.flat if axes.images)
    figure.colorbar(drawn.images[0], ax=panels, label=MEASURES[measure], shrink=0.9, aspect=12 * len(kinds))
    figure.supxlabel(depth.LAYER, fontsize=8)
    return figure


@style.styled
def similarity_by_depth(similarities: pd.DataFrame, measure: str = "cka") -> Figure:
    """Similarity of two networks by relative depth: a panel for each pair, a line for each architecture.

    Lines are means over seeds, bands their 95 % t-intervals; the hatched band is the range of the published CKA.

    Parameters
    ----------
    similarities, measure : as for :func:`similarity_heatmaps`, and the same error.

    Source: Sandbrink et al. 2023, Fig. 4F and supplement.
    """
    same = _same_layers(similarities, measure)
    kinds, pairs = depth.kinds_of_network(same), _pairs(same)
    figure = style.new_figure(style.WIDE_CM if len(pairs) > 1 else style.NARROW_CM, 6.5)
    panels = figure.subplots(1, len(pairs), sharey=True, squeeze=False)[0]
    colours = {kind: style.condition_colour(kind[0], RECOGNITION) for kind in kinds}
    handles = {depth.name_of_family(family): Line2D([], [], color=colour) for (family, _), colour in colours.items()}
    for axes, pair in zip(panels, pairs, strict=True):
        for kind in kinds:
            rows = _of_pair(depth.of_kind(same, kind), pair)
            if len(rows):
                depth.over_seeds(axes, rows, colours[kind], depth.last_layer(rows))
            if measure.startswith("cka") and (kind[0], pair) == ("spatial_temporal", (RECOGNITION, UNTRAINED)):
                place = np.linspace(0, 1, len(PUBLISHED_CKA[0]))
                look = {"facecolor": "none", "edgecolor": colours[kind], "alpha": 0.4, "hatch": "////", "linewidth": 0}
                handles["published range (read off, biased)"] = axes.fill_between(place, *PUBLISHED_CKA, **look)
        depth.place_layers(axes, 0, relative=True)
        axes.set_title(" –\n".join(pair))
    figure.supxlabel(depth.RELATIVE, fontsize=8)
    panels[0].set(ylabel=MEASURES[measure], ylim=(min(0, same["value"].min()), None))
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=len(handles))
    return figure


def _same_layers(similarities: pd.DataFrame, measure: str) -> pd.DataFrame:
    measured = similarities.loc[similarities["measure"] == measure]
    if measured.empty:
        there = ", ".join(dict.fromkeys(similarities["measure"]))
        raise InputError(f"no similarity was measured as '{measure}' (found: {there})")
    return measured.loc[measured["depth"] == measured["depth_b"]]


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Conditions that are compared, trained with untrained networks first."""
    found = set(zip(table["condition"], table["condition_b"], strict=True))
    return sorted(found, key=lambda pair: (pair[1] != UNTRAINED, *map(rank_of_condition, pair)))


def _of_pair(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    return table.loc[(table["condition"] == pair[0]) & (table["condition_b"] == pair[1])]


def oracle_by_depth(statistics: pd.DataFrame, measure: str = "pearson") -> Figure:
    """Agreement of each layer's RDM with the ideal observer's by relative depth, as :func:`.depth.by_layer` draws it.

    Parameters
    ----------
    statistics : DataFrame
        As :func:`proprionet.analysis.comparison.instances.gather` makes it.
    measure : str
        "pearson" or "kendall".

    Source: Sandbrink et al. 2023, Fig. 4D and supplement.
    """
    symbol = {"pearson": "r", "kendall": "τ"}[measure]
    label = f"RDM: agreement with\nthe ideal observer ({symbol})"
    return depth.by_layer(statistics, {f"oracle_{measure}": ""}, label, PUBLISHED_ORACLE, relative=True)


def few_stimuli(label: np.ndarray, n_letters: int = 5, per_letter: int = 5) -> np.ndarray:
    """Indices of the first stimuli of the first letters, sorted by letter, for RDMs that can be read in print."""
    letters = np.unique(label)[:n_letters]
    return np.concatenate([np.flatnonzero(label == letter)[:per_letter] for letter in letters])


def part_of_rdm(rdm: np.ndarray, n_stimuli: int, chosen: np.ndarray) -> np.ndarray:
    """The condensed RDM of some stimuli (indices, ascending or not) out of that of all of them."""
    first, second = chosen[np.transpose(np.triu_indices(len(chosen), k=1))].T
    low, high = np.minimum(first, second), np.maximum(first, second)
    return rdm[low * n_stimuli - low * (low + 1) // 2 + high - low - 1]


@style.styled
def embedding_by_group(points: Mapping[str, np.ndarray], group: np.ndarray, names: Sequence[str]) -> Figure:
    """Stimuli in two dimensions, a panel for each layer, coloured by the group they are of.

    Parameters
    ----------
    points : mapping of layer to array, shape (stimulus, 2)
        Axes have no unit.
    group : array, shape (stimulus,)
        Index into ``names``: of letters, or of the orientations of planes.

    Source: Sandbrink et al. 2023, Fig. 4B and supplement.
    """
    many = len(names) > len(style.COLOURS)
    palette = [mpl.colormaps["tab20"](index % 20) for index in range(len(names))] if many else style.COLOURS
    figure, _ = _scatter(points, np.array([to_rgb(palette[index]) for index in group]), style.WIDE_CM)
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=4, color=palette[index], label=names[index])
        for index in np.unique(group)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(10, len(handles)), handletextpad=0.1)
    return figure


@style.styled
def embedding_by_value(points: Mapping[str, np.ndarray], values: np.ndarray, name: str) -> Figure:
    """The same, coloured by a number such as where the hand was.

    Parameters
    ----------
    points : as for :func:`embedding_by_group`
    values : array, shape (stimulus,)
    name : str
        What it is, with its unit.

    Source: Sandbrink et al. 2023, Fig. 4B.
    """
    figure, drawn = _scatter(points, values, style.WIDE_CM - 2.5)
    figure.colorbar(drawn, ax=figure.axes, label=name, shrink=0.8)
    return figure


def _scatter(points: Mapping[str, np.ndarray], colour: np.ndarray, room_cm: float) -> tuple[Figure, PathCollection]:
    """The panels, five in a row of some width, and the last of their points."""
    columns = min(5, len(points))
    n_rows = -(-len(points) // columns)
    figure = style.new_figure(style.WIDE_CM, 1.3 + n_rows * (room_cm / columns + 0.5))
    panels = [figure.add_subplot(n_rows, columns, index + 1) for index in range(len(points))]
    drawn = [
        axes.scatter(*places.T, c=colour, s=2, linewidths=0, rasterized=True)
        for axes, places in zip(panels, points.values(), strict=True)
    ]
    for axes, layer in zip(panels, points, strict=True):
        axes.set(title=layer, xticks=[], yticks=[], box_aspect=1)
        axes.spines[:].set_visible(True)
    return figure, drawn[-1]
