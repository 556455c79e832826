"""How layers tell letters apart: agreement with the ideal observer, and dissimilarity matrices."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.spatial.distance import squareform

from proprionet.analysis.layers.rdm import KINEMATICS, percentile
from proprionet.plotting import style

MEASURES = {
    "cka": "CKA (linear, debiased)",
    "cka_biased": "CKA (linear, biased)",
    "cka_rbf": "CKA (RBF kernel)",
    "cca": "mean squared CCA",
    "svcca": "SVCCA",
    "procrustes": "Procrustes distance",
}
"""Measures of similarity as figures call them."""


@style.styled
def oracle_by_depth(correlation: Mapping[str, np.ndarray], layers: Mapping[str, Sequence[str]]) -> Figure:
    """Correlation of each layer's RDM with the ideal observer's, layer by layer.

    Parameters
    ----------
    correlation : mapping of network to array, shape (layer,)
        Pearson correlation, -1 to 1.
    layers : mapping of network to names of its layers; hand, joints and muscle lengths may come first

    Source: Sandbrink et al. 2023, Fig. 4D.
    """
    figure = style.new_figure(12.0, 6.5)
    axes = figure.subplots()
    for colour, (network, values) in zip(style.network_colours(list(correlation)), correlation.items(), strict=True):
        line = "--" if network.startswith("untrained") else "-"
        before = sum(name in KINEMATICS for name in layers[network])
        axes.plot(range(before), values[:before], "o", color=colour)
        axes.plot(range(before, len(values)), values[before:], line, marker="o", color=colour, label=network)
    axes.axhline(0, color="black", linewidth=0.5)
    style.label_layers(axes, list(layers.values()))
    axes.set_ylabel("RDM correlation with\nthe ideal observer (r)")
    axes.legend()
    return figure


@style.styled
def layer_similarity(
    matrices: Mapping[tuple[str, str], np.ndarray], layers: Mapping[str, Sequence[str]], measure: str
) -> Figure:
    """Similarity of every layer of one network to every layer of another, a panel for each pair.

    Parameters
    ----------
    matrices : mapping of pair of networks to array, shape (layer, other_layer)
        NaN for layers without variance is left blank.
    layers : mapping of network to names of its layers
    measure : str
        What the colours are.

    Source: Kornblith et al. 2019; Sandbrink et al. 2023, Fig. 4A shows the diagonals.
    """
    columns = min(len(matrices), 3)
    rows = -(-len(matrices) // columns)
    figure = style.new_figure(style.WIDE_CM if columns > 1 else style.NARROW_CM, 1 + 6.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    lowest = min(0.0, *(np.nanmin(matrix) for matrix in matrices.values()))
    highest = max(1.0, *(np.nanmax(matrix) for matrix in matrices.values()))
    for axes, ((one, other), matrix) in zip(panels, matrices.items(), strict=False):
        axes.imshow(matrix, vmin=lowest, vmax=highest, origin="lower", interpolation="nearest")
        axes.set_xticks(range(matrix.shape[1]), layers[other], rotation=90)
        axes.set_yticks(range(matrix.shape[0]), layers[one])
        axes.tick_params(length=0)
        axes.set(xlabel=other, ylabel=one)
    for axes in panels[len(matrices) :]:
        axes.set_visible(False)
    figure.colorbar(panels[0].images[0], ax=panels, label=measure, shrink=0.7)
    return figure


@style.styled
def percentile_rdms(rdms: Sequence[np.ndarray], names: Sequence[str], label: np.ndarray, alphabet: str) -> Figure:
    """Percentile RDMs of some layers of a network side by side, stimuli sorted by letter.

    Parameters
    ----------
    rdms : sequence of arrays, shape (pair,)
        Condensed RDM of each layer.
    names : sequence of str
        Name of each layer.
    label : array, shape (stimulus,)
        Index of each stimulus' letter in ``alphabet``.

    Source: Sandbrink et al. 2023, Fig. 4C.
    """
    figure = style.new_figure(style.WIDE_CM, 0.5 + (style.WIDE_CM - 2) / len(rdms))
    panels = figure.subplots(1, len(rdms), squeeze=False)[0]
    for axes, rdm, name in zip(panels, rdms, names, strict=True):
        _matrix(axes, percentile(rdm), label, alphabet)
        axes.set_title(name)
    figure.colorbar(panels[0].images[0], ax=panels, label="dissimilarity (percentile of pairs)", shrink=0.8)
    return figure


def _matrix(axes: Axes, condensed: np.ndarray, label: np.ndarray, alphabet: str) -> None:
    """One RDM, with each letter named at the middle of its stimuli."""
    order = np.argsort(label, kind="stable")
    square = squareform(condensed)[np.ix_(order, order)]
    np.fill_diagonal(square, np.nan)
    axes.imshow(square, vmin=0, vmax=100, interpolation="nearest")
    letters, first, count = np.unique(label[order], return_index=True, return_counts=True)
    middles = first + (count - 1) / 2
    axes.set_xticks(middles, [alphabet[letter] for letter in letters])
    axes.set_yticks(middles, [alphabet[letter] for letter in letters])
    axes.tick_params(length=0, pad=1)
    axes.set(xlabel="stimulus (by letter)", ylabel="stimulus (by letter)")
