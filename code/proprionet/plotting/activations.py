"""How the layers of networks respond while the arm writes one letter."""

from collections.abc import Mapping

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from proprionet.plotting import style


@style.styled
def responses(
    values: Mapping[str, Mapping[str, np.ndarray]], times_s: Mapping[str, Mapping[str, np.ndarray]]
) -> Figure:
    """Responses of all units of some layers to one movement, one row of panels a network.

    Parameters
    ----------
    values : mapping of network to mapping of layer to array, shape (layer_time, unit)
        Responses of every unit; each is shown relative to its own range in this movement.
    times_s : mapping of network to mapping of layer to array, shape (layer_time,)
        Time stamps of the layer's steps, in s.
    """
    n_layers = max(len(layers) for layers in values.values())
    figure = style.new_figure(style.WIDE_CM, 1.5 + 3.8 * len(values))
    norm = Normalize(0, 1)
    panels = figure.subplots(len(values), n_layers, squeeze=False)
    for row, (network, layers) in zip(panels, values.items(), strict=True):
        for axes, (layer, response) in zip(row, layers.items(), strict=False):
            low, high = response.min(axis=0), response.max(axis=0)
            relative = (response - low) / np.where(high > low, high - low, 1)
            time = times_s[network][layer]
            axes.pcolormesh(
                time, np.arange(relative.shape[1]), relative.T, norm=norm, shading="nearest", rasterized=True
            )
            axes.set_title(layer)
            axes.set_xlabel("time (s)")
        row[0].set_ylabel(f"{network}\nunit")
        for axes in row[len(layers) :]:
            axes.set_visible(False)
    figure.colorbar(ScalarMappable(norm), ax=panels, label="response (share of the unit's range)", shrink=0.6)
    return figure
