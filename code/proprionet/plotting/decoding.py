"""What can be decoded from whole layers."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from proprionet.analysis.single_units.decoding import DIRECTIONS
from proprionet.plotting import style


@style.styled
def by_layer(
    r2: Mapping[str, Mapping[str, np.ndarray]],
    distance: Mapping[str, np.ndarray],
    layers: Mapping[str, Sequence[str]],
) -> Figure:
    """Direction, speed and position of the hand as they are decoded from each layer, a line for each network.

    Parameters
    ----------
    r2 : mapping of network to mapping of target to array, shape (layer,)
        Explained variance on held-out movements; that of direction is the mean over its numbers.
    distance : mapping of network to array, shape (layer,)
        Mean distance of the decoded from the true position, cm.
    layers : mapping of network to names of its layers

    Source: Sandbrink et al. 2023, Fig. 6 and 4E.
    """
    figure = style.new_figure(style.WIDE_CM, 7.0)
    panels = figure.subplots(1, 3)
    for colour, network in zip(style.network_colours(list(r2)), r2, strict=True):
        targets = r2[network]
        of_direction = next(names for names in DIRECTIONS.values() if names[0] in targets)
        direction = np.mean([targets[name] for name in of_direction], axis=0)
        line = "--" if network.startswith("untrained") else "-"
        for axes, values in zip(panels, (direction, targets["speed"], distance[network]), strict=True):
            axes.plot(range(len(values)), values, line, marker="o", color=colour, label=network)
    names = ("direction (R²)", "speed (R²)", "error of position (cm)")
    for axes, name in zip(panels, names, strict=True):
        axes.axhline(0, color="black", linewidth=0.5)
        axes.set_ylabel(name)
        style.label_layers(axes, list(layers.values()))
    for axes in panels[:2]:
        axes.set_ylim(max(axes.get_ylim()[0], -0.5), 1)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(r2))
    return figure
