"""How well layers predict recorded neurons."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from proprionet.neural.predictivity.models import groups
from proprionet.neural.predictivity.ranking import OF_CEILING
from proprionet.plotting import style
from proprionet.plotting.models_of_neurons import colour_of, label_of, where


@style.styled
def explained_variance(
    values: Mapping[str, np.ndarray], layers: Mapping[str, Sequence[str]], ceiling: np.ndarray | None = None
) -> Figure:
    """Explained variance of every neuron by layer: median and quartiles of each network over dots, one a neuron.

    Parameters
    ----------
    values : mapping of network to array, shape (layer, neuron)
        Explained variance on held-out trials.
    layers : mapping of network to names of its layers
    ceiling : array, shape (neuron,), optional
        Explained variance that the neurons' true rates reach: the best that a model can do with these noisy counts.

    Source: Marin Vargas et al. 2024.
    """
    figure = style.new_figure(style.WIDE_CM, 7.5)
    axes = figure.subplots()
    if ceiling is not None:
        low, middle, high = _quartiles(ceiling[None])[:, 0]
        axes.axhspan(low, high, color="#E69F00", alpha=0.2, linewidth=0)
        axes.axhline(middle, color="#E69F00", linestyle="--", label="noise ceiling (median, quartiles)")
    lowest = 0.0
    colours = style.network_colours(list(values))
    for index, (network, variance) in enumerate(values.items()):
        x = np.arange(len(variance)) + style.dodge(index, len(values))
        low, middle, high = _quartiles(variance)
        axes.plot(x, variance, ".", color=colours[index], alpha=0.3, markersize=3.5, markeredgewidth=0)
        axes.errorbar(
            x, middle, (middle - low, high - middle), fmt="o-", color=colours[index], capsize=2, label=network
        )
        lowest = min(lowest, np.nanmin(low, initial=0.0))
    axes.axhline(0, color="black", linewidth=0.5)
    axes.set_ylim(bottom=1.1 * lowest - 0.05)
    axes.set_ylabel("explained variance (share)")
    style.label_layers(axes, list(layers.values()))
    figure.legend(loc="outside upper center", ncols=len(values) + 1)
    return figure


@style.styled
def feature_sets(
    values: Mapping[str, np.ndarray], sets: Mapping[str, Sequence[str]], ceiling: np.ndarray | None = None
) -> Figure:
    """Explained variance of every neuron by set of features: median and quartiles over dots, one a neuron.

    Parameters
    ----------
    values : mapping of baseline to array, shape (set, neuron)
        Explained variance on held-out trials.
    sets : mapping of baseline to names of its sets, in words
    ceiling : array, shape (neuron,), optional
        As of :func:`explained_variance`.

    Source: Marin Vargas et al. 2024.
    """
    names = list(dict.fromkeys(name for listed in sets.values() for name in listed))
    figure = style.new_figure(style.WIDE_CM, 2 + 0.5 * len(names))
    axes = figure.subplots()
    if ceiling is not None:
        low, middle, high = _quartiles(ceiling[None])[:, 0]
        axes.axvspan(low, high, color="#E69F00", alpha=0.2, linewidth=0)
        axes.axvline(middle, color="#E69F00", linestyle="--", label="noise ceiling (median, quartiles)")
    for index, (baseline, variance) in enumerate(values.items()):
        y = np.array([names.index(name) for name in sets[baseline]]) + style.dodge(index, len(values))
        low, middle, high = _quartiles(variance)
        colour = style.COLOURS[index % len(style.COLOURS)]
        axes.plot(variance, y, ".", color=colour, alpha=0.3, markersize=4, markeredgewidth=0)
        bars = (middle - low, high - middle)
        axes.errorbar(middle, y, xerr=bars, fmt="o", color=colour, capsize=2, label=baseline)
    axes.axvline(0, color="black", linewidth=0.5)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set(xlabel="explained variance (share)", ylabel="set of features")
    figure.legend(loc="outside upper center", ncols=len(values) + 1)
    return figure


@style.styled
def ranking(ranked: pd.DataFrame, most: int = 15) -> Figure:
    """The best models, a panel for each area and movement: score with its interval, coloured by hypothesis.

    Parameters
    ----------
    ranked : DataFrame
        Of :func:`proprionet.neural.predictivity.ranking.rank`: ``area``, ``movement``, ``condition``, ``family``,
        ``name``, ``unit``, ``score``, ``low`` and ``high``, best first.
    most : int
        Models that a panel shows.

    Source: after Schrimpf et al. 2018.
    """
    shown = [(about, rows.head(most)) for about, rows in groups(ranked, ["area", "movement"])]
    heights = [1.2 + 0.45 * len(rows) for _, rows in shown]
    figure = style.new_figure(14, 0.8 + sum(heights))
    panels = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (about, rows) in zip(panels, shown, strict=True):
        place = np.arange(len(rows))
        score, low, high = (rows[name].to_numpy(float) for name in ("score", "low", "high"))
        colours = [colour_of(condition) for condition in rows["condition"]]
        axes.hlines(place, np.where(np.isfinite(low), low, score), np.where(np.isfinite(high), high, score), colours)
        axes.scatter(score, place, s=14, c=colours, zorder=3)
        axes.axvline(0, color="black", linewidth=0.5)
        if rows["unit"].iloc[0] == OF_CEILING:
            axes.axvline(1, color="black", linewidth=0.5, linestyle=":")
        labels = [
            label_of(row["condition"], row["name"]) + (f" ({row['family'].replace('_', '-')})" * (not row["name"]))
            for row in rows.to_dict("records")
        ]
        axes.set_yticks(place, labels, fontsize=7)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_title(where(**about), fontsize=8)
        axes.set_xlabel(f"explained variance (share {rows['unit'].iloc[0]})")
    return figure


def _quartiles(values: np.ndarray) -> np.ndarray:
    """25, 50 and 75 % quantiles of each row, shape (3, row), over what is defined; NaN where nothing is."""
    rows = [row[np.isfinite(row)] for row in values]
    return np.array([np.percentile(row, (25, 50, 75)) if row.size else [np.nan] * 3 for row in rows]).T
