"""One look for all figures: fonts that are legible at print width, colours that the colour-blind can tell apart."""

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from proprionet.store import replacing

WIDE_CM = 18.0  # two columns of a journal
NARROW_CM = 8.5  # one column
SCREEN_DPI = 200

# What has no published colour takes those of Okabe & Ito 2008.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")

FAMILY_COLOURS = {
    "spatial_temporal": {"action recognition": "midnightblue", "trajectory decoding": "darkturquoise"},
    "spatiotemporal": {"action recognition": "darkgreen", "trajectory decoding": "yellowgreen"},
    "recurrent": {"action recognition": "indigo", "trajectory decoding": "orchid"},
}
"""Colours of trained networks by family and task, as published."""
NETWORK_COLOURS = {**FAMILY_COLOURS["spatial_temporal"], "untrained": "#8c8c8c"}

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.formatter.use_mathtext": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "image.cmap": "viridis",
    "pdf.fonttype": 42,  # text stays text in editors
    "text.parse_math": False,  # names come from files and may hold a dollar sign
}

styled = mpl.rc_context(STYLE)
"""Decorator of every figure function: draw in this style, whatever the session's own."""


def new_figure(width_cm: float, height_cm: float) -> Figure:
    """An empty figure of a printed size, which belongs to no window and no global list."""
    return Figure(figsize=(width_cm / 2.54, height_cm / 2.54), layout="constrained")


def network_colours(networks: Sequence[str]) -> list[str]:
    """A colour for each network: the published one of its task, or the next free one.

    Parameters
    ----------
    networks : sequence of str
        Names such as "action recognition" or "untrained (seed_2)"; what is in brackets does not count.
    """
    free = itertools.cycle(COLOURS)
    chosen: list[str] = []
    for network in networks:
        published = NETWORK_COLOURS.get(network.split(" (")[0])
        chosen.append(published if published and published not in chosen else next(free))
    return chosen


def condition_colour(family: str, condition: str) -> str:
    """Colour of the networks of a family that learned one task, or none; other families take those of the first.

    Parameters
    ----------
    family : str
        Such as "spatial_temporal".
    condition : str
        One of :data:`proprionet.analysis.comparison.instances.CONDITIONS`.
    """
    return {**NETWORK_COLOURS, **FAMILY_COLOURS.get(family, {})}.get(condition, COLOURS[3])


def label_layers(axes: Axes, layers: Sequence[Sequence[str]]) -> None:
    """Name the layers along x; networks of different layers share only their depth, counted from 0."""
    deepest = max(layers, key=len)
    if all(names == layers[0] for names in layers):
        axes.set_xticks(range(len(deepest)), deepest, rotation=30, ha="right", rotation_mode="anchor")
        axes.set_xlabel("layer")
    else:
        axes.set_xticks(range(len(deepest)))
        axes.set_xlabel("depth of the layer (first = 0)")
    axes.set_xlim(-0.6, len(deepest) - 0.4)


def label_letters(axes: Axes, alphabet: str) -> None:
    """Name the letters along both axes of a matrix, without ticks and frame."""
    axes.set_xticks(range(len(alphabet)), list(alphabet))
    axes.set_yticks(range(len(alphabet)), list(alphabet))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def dodge(index: int, count: int) -> float:
    """How far to move the marks of one of ``count`` networks aside, so that all fit side by side within a layer."""
    return 0.8 * ((index + 0.5) / count - 0.5)


def save(figure: Figure, folder: Path, name: str) -> Path:
    """Write ``name.pdf`` and ``name.png`` into ``folder``, the same bytes for the same figure; returns the PNG.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    pdf = {"Creator": None, "Producer": None, "CreationDate": None}
    for suffix, metadata in (("pdf", pdf), ("png", {"Software": None})):
        image = io.BytesIO()
        with mpl.rc_context(STYLE):
            figure.savefig(image, format=suffix, dpi=SCREEN_DPI, metadata=metadata)
        figure.set_layout_engine("none")  # places stay; to find them again takes as long as all the rest
        with replacing(folder / f"{name}.{suffix}") as temporary:
            temporary.write_bytes(image.getvalue())
    return folder / f"{name}.png"
