"""What single units are tuned to, layer by layer, in networks of different tasks.

Source of the figures and of the published numbers: Sandbrink et al. 2023, Fig. 5 and its supplements (numbers read off
the notebooks of its code).
"""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from proprionet.analysis.comparison.instances import RECOGNITION, UNTRAINED
from proprionet.analysis.single_units.populations import MISFIT, TUNED, excluded, tuned
from proprionet.plotting import depth, style

FEATURES = {
    "direction": "direction",
    "speed": "speed",
    "velocity": "velocity",
    "acceleration": "acceleration",
    "position": "position (Cartesian)",
    "polar_position": "position (polar)",
    "joint_angle": "joint angles",
    "joint_velocity": "joint velocities",
    "muscle_length": "muscle lengths",
    "label_mean": "letter (mean)",
    "label_max": "letter (best)",
}
"""What units may be tuned to, as figures call it: features by explained variance, letters by selectivity, which is the
mean over letters or that of the letter that a unit tells best."""

PUBLISHED_FEATURES = ("direction", "speed", "velocity", "acceleration", "position", "polar_position", "label_mean")
"""Those of the paper's bubbles."""

IN_VIOLINS = ("direction", "speed", "position", "polar_position", "label_mean")
"""Those of the paper's violins."""

PUBLISHED_Q90 = {
    ("spatial_temporal", RECOGNITION, "q90_direction"): (0.66, 0.60, 0.58, 0.60, 0.63, 0.57, 0.35, 0.12, 0.02),
    ("spatial_temporal", UNTRAINED, "q90_direction"): (0.66, 0.58, 0.56, 0.53, 0.48, 0.49, 0.26, 0.14, 0.03),
    ("spatial_temporal", RECOGNITION, "q90_acceleration"): (0.04, 0.06, 0.10, 0.12, 0.14, 0.17, 0.19, 0.13, 0.04),
    ("spatial_temporal", UNTRAINED, "q90_acceleration"): (0.04, 0.03, 0.06, 0.06, 0.07, 0.06, 0.07, 0.05, 0.01),
}
"""90 % quantiles of explained variance, mean over five seeds, from the input on."""


@style.styled
def tuned_shares(units: pd.DataFrame, features: Sequence[str] = PUBLISHED_FEATURES) -> Figure:
    """Share of the units of each layer that are tuned to each feature (R² or selectivity above 0.2), mean over seeds.

    A unit counts for every feature that it is tuned to; areas are shares. A panel for each condition, a row of panels
    for each architecture.

    Parameters
    ----------
    units : DataFrame
        As :func:`proprionet.plotting.representation_tables.units` makes it.
    features : sequence of str
        Keys of :data:`FEATURES`, from top to bottom; those that were not fitted are left out.

    Raises
    ------
    InputError
        If there are no units.

    Source: Sandbrink et al. 2023, Fig. 5C, D and 6-s3A.
    """
    kinds, conditions = depth.kinds_of_network(units), depth.conditions_of(units)
    features = [name for name in features if name in units]
    figure = style.new_figure(style.WIDE_CM, 1.6 + len(kinds) * (1.4 + 0.5 * len(features)))
    panels = figure.subplots(len(kinds), len(conditions), sharey=True, squeeze=False)
    widest = (style.WIDE_CM - 3.0) / len(conditions) / (depth.last_layer(units) + 2)  # room of a bubble, in cm
    largest = (min(widest, 0.5) / 2.54 * 72) ** 2
    for kind, row in zip(kinds, panels, strict=True):
        rows = depth.of_kind(units, kind)
        for axes, condition in zip(row, conditions, strict=True):
            chosen = rows.loc[rows["condition"] == condition]
            if len(chosen):
                share = _shares(chosen, features)
                layer, feature = np.indices(share.shape).reshape(2, -1)
                colour = style.condition_colour(kind[0], condition)
                axes.scatter(layer, feature, s=largest * share.ravel(), color=colour, linewidths=0)
            family = [depth.title_of(kind, kinds)] if len(kinds) > 1 else []
            axes.set_title("\n".join([*family, *textwrap.wrap(condition, 20)]))
            depth.place_layers(axes, depth.last_layer(rows))
            axes.set_yticks(range(len(features)), [FEATURES[name] for name in features])
            axes.set_ylim(len(features) - 0.5, -0.5)
    figure.supxlabel(depth.LAYER, fontsize=8)
    look = {"linestyle": "", "marker": "o", "color": "0.5", "markeredgewidth": 0}
    diameters = {f"{share} %": (largest * share / 100) ** 0.5 for share in (10, 25, 50, 100)}
    sizes = [Line2D([], [], markersize=diameter, label=share, **look) for share, diameter in diameters.items()]
    figure.legend(handles=sizes, loc="outside upper center", ncols=4, title="tuned units", title_fontsize=7)
    return figure


def _shares(units: pd.DataFrame, features: Sequence[str]) -> np.ndarray:
    """(layer, feature); seeds are pooled, as each has as many units."""
    is_tuned, layer = tuned(units[list(features)].to_numpy()), units["depth"].to_numpy()
    return np.array([is_tuned[layer == index].mean(axis=0) for index in range(layer.max() + 1)])


@style.styled
def split_violins(units: pd.DataFrame, left: str, right: str, features: Sequence[str] = IN_VIOLINS) -> Figure:
    """Distribution of tuning over the units of each layer in two networks, back to back: a panel for each feature.

    Widths are shares of the units, largest for the fullest bin of each half; black lines are 90 % quantiles. Dead units
    and misfits (R² below -0.1) are left out, and counted above, left | right.

    Parameters
    ----------
    units : as for :func:`tuned_shares`, of one architecture, and the same error; seeds are pooled.
    left, right : str
        Conditions.
    features : sequence of str
        Keys of :data:`FEATURES`.

    Source: Sandbrink et al. 2023, Fig. 5E and supplements 1 to 4.
    """
    kind, *_ = depth.kinds_of_network(units)
    features = [name for name in features if name in units]
    figure = style.new_figure(style.WIDE_CM, 1.5 + 3.2 * len(features))
    panels = figure.subplots(len(features), 1, sharex=True, squeeze=False)[:, 0]
    for axes, feature in zip(panels, features, strict=True):
        counts = []
        for condition, side in ((left, -1), (right, 1)):
            rows = units.loc[units["condition"] == condition]
            good = ~excluded(rows[feature].to_numpy())
            counts.append(f"{np.count_nonzero(~good)} of {good.size}")
            for place, values in rows.loc[good].groupby("depth")[feature]:
                _half_violin(axes, float(place), side, values.to_numpy(), style.condition_colour(kind[0], condition))
        axes.axhline(TUNED, color="black", linestyle=":", linewidth=0.7)
        axes.set(ylabel="selectivity" if feature.startswith("label") else "R²", ylim=(MISFIT, 1))
        axes.set_title(FEATURES[feature], loc="left", pad=2)
        axes.set_title(f"left out: {' | '.join(counts)} units", loc="right", pad=2, fontsize=7)
    depth.place_layers(panels[-1], depth.last_layer(units))
    panels[-1].set_xlabel(depth.LAYER)
    halves = [Patch(color=style.condition_colour(kind[0], name), label=name) for name in (left, right)]
    dotted = Line2D([], [], color="black", linestyle=":", linewidth=0.7, label=f"tuned (above {TUNED})")
    figure.legend(handles=[*halves, dotted], loc="outside upper center", ncols=3)
    return figure


_EDGES = np.linspace(MISFIT, 1, 34)


def _half_violin(axes: Axes, place: float, side: int, values: np.ndarray, colour: str) -> None:
    """A histogram that grows sideways from ``place``, to the left (-1) or to the right (1)."""
    counts, _ = np.histogram(np.clip(values, MISFIT, 1), _EDGES)
    reach = place + side * 0.45 * counts / counts.max()
    axes.stairs(reach, _EDGES, baseline=place, orientation="horizontal", fill=True, color=colour, linewidth=0)
    quantile = np.quantile(values, 0.9)
    axes.plot([place, place + side * 0.45], [quantile, quantile], color="black", linewidth=0.8)


def quantiles(statistics: pd.DataFrame, features: Sequence[str] = IN_VIOLINS) -> Figure:
    """90 % quantile of tuning over the units of each layer, as :func:`.depth.by_layer` draws it.

    Parameters
    ----------
    statistics : DataFrame
        As :func:`proprionet.analysis.comparison.instances.gather` makes it.
    features : sequence of str
        Keys of :data:`FEATURES`.

    Source: Sandbrink et al. 2023, Fig. 5F and supplements.
    """
    titles = {f"q90_{name}": FEATURES[name] for name in features}
    return depth.by_layer(statistics, titles, "90 % quantile of units\n(R²; letters: selectivity)", PUBLISHED_Q90)
