"""How well layers predict recorded neurons."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from proprionet.plotting import style


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


def _quartiles(values: np.ndarray) -> np.ndarray:
    """25, 50 and 75 % quantiles of each row, shape (3, row), over what is defined; NaN where nothing is."""
    rows = [row[np.isfinite(row)] for row in values]
    return np.array([np.percentile(row, (25, 50, 75)) if row.size else [np.nan] * 3 for row in rows]).T
