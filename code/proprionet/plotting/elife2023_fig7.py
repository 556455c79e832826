"""Preferred directions: how they are spread, and whether they stay the same from plane to plane.

Source of the figures and of the published numbers: Sandbrink et al. 2023, Fig. 7 and its supplement (numbers of the
spatial-temporal network read off the notebooks of its code).
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from proprionet.analysis.comparison.instances import RECOGNITION, UNTRAINED
from proprionet.analysis.single_units.planes import ORIENTATIONS
from proprionet.analysis.single_units.populations import tuned
from proprionet.plotting import depth, style, tuning

_NONE = np.nan
_S = "spatial_temporal"

PUBLISHED_UNIFORMITY = {
    (_S, RECOGNITION, "uniformity_tad_horizontal"): (1.12, 0.76, 0.70, 0.62, 0.49, 0.60, 0.65, 1.72),
    (_S, UNTRAINED, "uniformity_tad_horizontal"): (1.12, 0.80, 0.87, 0.98, 0.91, 1.11, 1.34, 1.70),
}
"""Total absolute deviation from the input on; deeper layers have no units that are tuned to direction."""

PUBLISHED_INVARIANCE = {
    (_S, RECOGNITION, "invariance_mad_horizontal"): (0.295, _NONE, _NONE, 0.235, 0.17, 0.135, 0.165),
    (_S, UNTRAINED, "invariance_mad_horizontal"): (0.295, _NONE, _NONE, 0.265, 0.265, 0.235, 0.235),
    (_S, RECOGNITION, "invariance_mad_vertical"): (0.439,),
}
"""Mean absolute deviation (radians) from the input on; of vertical planes the input alone (text of the paper)."""

_TITLES = {plane: f"{plane} planes" for plane in ORIENTATIONS}


def preferred_directions(units: pd.DataFrame, plane: str) -> Figure:
    """Histograms of the preferred directions of the units that are tuned to direction; a circle for every layer.

    Parameters
    ----------
    units : DataFrame
        As :func:`proprionet.plotting.representation_tables.units` makes it, of one architecture; seeds are pooled.
    plane : str
        The orientation that they are of: "horizontal" or "vertical".

    Raises
    ------
    InputError
        If there are no units.

    Source: Sandbrink et al. 2023, Fig. 7B, C.
    """
    kind, *_ = depth.kinds_of_network(units)
    conditions = depth.conditions_of(units)
    rows = {condition: units.loc[units["condition"] == condition] for condition in conditions}
    is_tuned = {name: tuned(of["direction"].to_numpy()) for name, of in rows.items()}
    directions = {name: of["preferred_direction"].where(is_tuned[name]).to_numpy() for name, of in rows.items()}
    return tuning.preferred_directions(
        directions,
        {name: of["depth"].to_numpy() for name, of in rows.items()},
        {name: [_name(index) for index in range(depth.last_layer(units) + 1)] for name in conditions},
        plane,
        [style.condition_colour(kind[0], condition) for condition in conditions],
    )


def _name(layer: int) -> str:
    return f"layer {layer}" if layer else "spindles"


def uniformity(statistics: pd.DataFrame) -> Figure:
    """How far preferred directions are from uniform (0 uniform, 1.89 all alike), as :func:`.depth.by_layer` draws it.

    Parameters
    ----------
    statistics : DataFrame
        As :func:`proprionet.analysis.comparison.instances.gather` makes it.

    Source: Sandbrink et al. 2023, Fig. 7D and 6-s3D.
    """
    titles = {f"uniformity_tad_{plane}": title for plane, title in _TITLES.items()}
    return depth.by_layer(statistics, titles, "deviation from uniform\n(TAD, 0 = uniform)", PUBLISHED_UNIFORMITY)


def invariance(statistics: pd.DataFrame) -> Figure:
    """How much preferred directions change from the central plane to others, as :func:`.depth.by_layer` draws it.

    Parameters
    ----------
    statistics : DataFrame
        As :func:`proprionet.analysis.comparison.instances.gather` makes it.

    Source: Sandbrink et al. 2023, Fig. 7E and supplement 1A.
    """
    titles = {f"invariance_mad_{plane}": title for plane, title in _TITLES.items()}
    return depth.by_layer(statistics, titles, "change of preferred\ndirection (MAD, rad)", PUBLISHED_INVARIANCE)


@style.styled
def directions_across_planes(directions: pd.DataFrame, plane: str) -> Figure:
    """How the preferred direction of every unit changes over planes: a row for each condition, a panel for each layer.

    Parameters
    ----------
    directions : DataFrame
        As :func:`proprionet.plotting.representation_tables.directions_by_plane` makes it, of one network and seed.
    plane : str
        The orientation that they are of: "horizontal" or "vertical".

    Raises
    ------
    InputError
        If no unit is tuned to direction in two planes.

    Source: Sandbrink et al. 2023, Fig. 7, figure supplement 1B to E.
    """
    kind, *_ = depth.kinds_of_network(directions)
    conditions = depth.conditions_of(directions)
    layers = range(depth.last_layer(directions) + 1)
    figure = style.new_figure(style.WIDE_CM, 1.5 + 3.4 * len(conditions))
    panels = figure.subplots(len(conditions), len(layers), sharex=True, sharey=True, squeeze=False)
    for condition, row in zip(conditions, panels, strict=True):
        rows = directions.loc[directions["condition"] == condition]
        for axes, layer in zip(row, layers, strict=True):
            by_unit = rows.loc[rows["depth"] == layer].pivot(index="level", columns="unit", values="difference")
            colour = style.condition_colour(kind[0], condition)
            axes.plot(by_unit.index, by_unit, color=colour, linewidth=0.4, alpha=0.4)
            axes.set_title(f"{_name(layer)}\nn = {by_unit.shape[1]}", fontsize=7)
            axes.set_ylim(-180, 180)
            axes.yaxis.set_major_locator(MultipleLocator(90))
        row[0].set_ylabel(condition)
    where = "height" if plane == "horizontal" else "depth"
    figure.supxlabel(f"{where} of the {plane} plane (cm)", fontsize=8)
    figure.supylabel("change of preferred direction\nfrom the central plane (degrees)", fontsize=8)
    return figure
