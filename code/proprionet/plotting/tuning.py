"""What single units are tuned to."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from proprionet.analysis.single_units.tuning import MISFIT, TUNED
from proprionet.plotting import style

BINS = 18
COMPASS = {"horizontal": ("N", 1, "from above, forward is up"), "vertical": ("W", -1, "from behind, up is up")}
"""Of each plane: where 0 degrees lies on the page, which way angles grow, and how the page is to be read."""


@style.styled
def r2_by_layer(
    r2: Mapping[str, Mapping[str, np.ndarray]], layer: Mapping[str, np.ndarray], layers: Mapping[str, Sequence[str]]
) -> Figure:
    """Distribution of R² over the units of each layer, one panel per feature; the upper whisker is the 90 % quantile.

    Parameters
    ----------
    r2 : mapping of feature to mapping of network to array, shape (unit,)
        Explained variance on held-out movements; NaN for dead units, which are left out like misfits.
    layer : mapping of network to array, shape (unit,)
        Index of each unit's layer.
    layers : mapping of network to names of its layers

    Source: Sandbrink et al. 2023, Fig. 5E, F.
    """
    figure = style.new_figure(style.WIDE_CM, 1.5 + 3.5 * len(r2))
    panels = figure.subplots(len(r2), 1, sharex=True, squeeze=False)[:, 0]
    colours = style.network_colours(list(layers))
    for axes, (feature, networks) in zip(panels, r2.items(), strict=True):
        for index, (network, values) in enumerate(networks.items()):
            good = values >= MISFIT
            units = [values[good & (layer[network] == depth)] for depth in range(len(layers[network]))]
            axes.boxplot(
                units,
                positions=np.arange(len(units)) + style.dodge(index, len(networks)),
                widths=0.7 * 0.8 / len(networks),
                whis=(10, 90),
                showfliers=False,
                patch_artist=True,
                boxprops={"facecolor": colours[index], "linewidth": 0.5},
                medianprops={"color": "white"},
                label=network,
            )
        axes.axhline(TUNED, color="black", linestyle=":", linewidth=0.7)
        axes.set(ylabel=f"{feature} (R²)", ylim=(-0.1, 1.0))
    style.label_layers(panels[-1], list(layers.values()))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(layers))
    return figure


@style.styled
def preferred_directions(
    direction: Mapping[str, np.ndarray],
    layer: Mapping[str, np.ndarray],
    layers: Mapping[str, Sequence[str]],
    plane: str,
    colours: Sequence[str] | None = None,
) -> Figure:
    """Histogram of the preferred directions of the tuned units, a circle for every layer of every network.

    The thin circle is the mean count, where all bars would end if directions were uniform.

    Parameters
    ----------
    direction : mapping of network to array, shape (unit,)
        Degrees; NaN for units that are not tuned to direction.
    layer : mapping of network to array, shape (unit,)
        Index of each unit's layer.
    layers : mapping of network to names of its layers
    plane : str
        "horizontal" (seen from above) or "vertical" (seen from behind).
    colours : sequence of str, optional
        One for each network; chosen by what it learned if not given.

    Source: Sandbrink et al. 2023, Fig. 7B, C.
    """
    zero, sense, view = COMPASS[plane]
    columns = max(map(len, layers.values()))
    figure = style.new_figure(style.WIDE_CM, 1.2 + (style.WIDE_CM / columns + 0.9) * len(direction))
    panels = figure.subplots(len(direction), columns, squeeze=False, subplot_kw={"projection": "polar"})
    edges = np.linspace(-np.pi, np.pi, BINS + 1)
    colours = colours or style.network_colours(list(direction))
    for colour, row, network in zip(colours, panels, direction, strict=True):
        for axes in row[len(layers[network]) :]:
            axes.set_visible(False)
        for depth, (axes, name) in enumerate(zip(row, layers[network], strict=False)):
            inside = (layer[network] == depth) & np.isfinite(direction[network])
            count, _ = np.histogram(np.radians(direction[network][inside]), edges)
            axes.bar(edges[:-1], count, width=np.diff(edges), align="edge", color=colour)
            if count.any():
                axes.plot(np.linspace(-np.pi, np.pi, 100), np.full(100, count.mean()), color="black", linewidth=0.5)
            axes.set_ylim(0, max(count.max(), 1))
            axes.spines["polar"].set_color("0.8")
            axes.set_theta_zero_location(zero)
            axes.set_theta_direction(sense)
            axes.set_xticks(np.radians([0, 90, 180, 270]), [""] * 4)
            axes.set_yticks([])
            axes.set_title(f"{name}\nn = {inside.sum()}", fontsize=7, pad=2)
        row[0].set_ylabel(textwrap.fill(network, 16), labelpad=8)
    figure.supxlabel(f"preferred direction ({view}); radius: share of the fullest bin of each panel", fontsize=8)
    return figure
