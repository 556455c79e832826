"""How alike layers represent the same stimuli: CKA, CCA, SVCCA and Procrustes distance, within and between networks.

No measure depends on the order or a rotation of the units, nor on the scale or the mean of a layer. CKA takes layers as
arrays or HDF5 datasets; the others take principal components of layers, since with more units than stimuli any two
layers are perfectly correlated.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from proprionet.analysis.layers import gram
from proprionet.analysis.layers.components import Centred, principal_components
from proprionet.errors import InputError

SINGLE_FROM = 1000
"""Stimuli from which on CKA multiplies single-precision responses in single precision, in half the time, and adds up
in double: over so many pairs it changes by less than 1e-8."""

Watch = Callable[[list[Any], str], Iterable[Any]]
Kernel = Callable[[slice, slice, np.ndarray], np.ndarray]
"""Rows, columns and products of their patterns -> a block of the kernel matrix."""


def _unwatched(items: list[Any], about: str) -> Iterable[Any]:
    return items


@dataclass(frozen=True)
class Kernels:
    """What CKA needs of the kernel matrices of layers, stimulus by stimulus; no matrix is ever held whole."""

    overlap: np.ndarray
    """(layer, layer): sum over all pairs of different stimuli of the product of the kernels of two layers."""
    row_sum: np.ndarray
    """(layer, stimulus): sum of the row of a stimulus, but for the diagonal."""
    diagonal: np.ndarray
    """(layer, stimulus)"""
    alive: np.ndarray
    """(layer,) of bool: whether any unit of the layer varies; if not, nothing is like it."""


def kernels(
    layers: Sequence[Any],
    bandwidth: float | None = None,
    n_jobs: int = 1,
    watch: Watch = _unwatched,
) -> Kernels:
    """Multiply the kernel matrices of all layers, block by block: each Gram matrix is computed once.

    Memory does not grow with the stimuli: :func:`memory_bytes`.

    Parameters
    ----------
    layers : sequence of arrays or HDF5 datasets, shape (stimulus, unit, ...)
        Responses of layers of one network or of several to the same stimuli (any scale).
    bandwidth : float, optional
        Makes the kernel Gaussian, exp(-d^2 / (2 s^2)) of the distance d, with s this share of the median distance in
        the layer. That takes each Gram matrix twice, and memory for the distances of one layer. Linear if not given.
    n_jobs : int
        Threads; the result does not depend on them.
    watch : callable
        Goes through a list of what is to be done, and its name, to show progress.

    Raises
    ------
    InputError
        If layers have different numbers of stimuli or fewer than four, or responses that are not finite.
    """
    parts, n = gram.blocks(*layers), _n_stimuli(layers)
    centred = [Centred(layer, single=layer.dtype == np.float32 and n >= SINGLE_FROM) for layer in layers]
    overlap, row_sum, diagonal = np.zeros((len(layers),) * 2), np.zeros((len(layers), n)), np.zeros((len(layers), n))
    with gram.threads(n_jobs) as pool:
        kernel = [_gaussian(layer, parts, bandwidth, pool) if bandwidth else _linear for layer in centred]
        blocks_to_do = [(rows, columns) for i, rows in enumerate(parts) for columns in parts[i:]]
        for rows, columns in watch(blocks_to_do, "blocks of stimuli"):
            blocks = np.empty((len(layers), rows.stop - rows.start, columns.stop - columns.start))
            for layer, (kernel_of, patterns) in enumerate(zip(kernel, centred, strict=True)):
                block = kernel_of(rows, columns, _products(patterns, rows, columns, pool))
                if rows == columns:
                    diagonal[layer, rows] = np.diagonal(block)
                    block = np.triu(block, 1)
                blocks[layer] = block
            row_sum[:, rows] += blocks.sum(axis=2)
            row_sum[:, columns] += blocks.sum(axis=1)
            flat = blocks.reshape(len(layers), -1)
            overlap += 2 * (flat @ flat.T)
    return Kernels(overlap, row_sum, diagonal, np.array([layer.alive for layer in centred]))


def cka(kernels: Kernels, debiased: bool = True) -> np.ndarray:
    """Centred kernel alignment of every two layers: the cosine of their centred kernel matrices.

    Parameters
    ----------
    kernels : Kernels
        From :func:`kernels`.
    debiased : bool
        From the unbiased estimator of HSIC (Song et al. 2012; Nguyen, Raghu & Kornblith 2021), which is 0 on average
        where layers are independent. The biased one, as published, grows to 1 with the number of units.

    Returns
    -------
    array, shape (layer, layer)
        1 is the same representation, 0 an unrelated one. NaN where no unit of a layer varies.

    Source: Kornblith et al. 2019, eq. 3; Sandbrink et al. 2023, Fig. 4.
    """
    n = kernels.diagonal.shape[1]
    if debiased:
        row_sum, overlap = kernels.row_sum, kernels.overlap
        total, per_row, per_pair = row_sum.sum(axis=1), 2 / (n - 2), 1 / ((n - 1) * (n - 2))
    else:
        row_sum = kernels.row_sum + kernels.diagonal
        overlap = kernels.overlap + kernels.diagonal @ kernels.diagonal.T
        total, per_row, per_pair = row_sum.sum(axis=1), 2 / n, 1 / n**2
    hsic = overlap - per_row * row_sum @ row_sum.T + per_pair * np.outer(total, total)
    own = np.where(kernels.alive & (np.diagonal(hsic) > 0), np.diagonal(hsic), np.nan)
    return hsic / np.sqrt(np.outer(own, own))


def compare(
    layers_a: Sequence[Any],
    layers_b: Sequence[Any],
    measures: Iterable[str],
    *,
    dimension: int = 20,
    bandwidth: float = 0.5,
    n_jobs: int = 1,
    watch: Watch = _unwatched,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Every layer of one network with every layer of another, by one or more measures.

    Parameters
    ----------
    layers_a, layers_b : sequences of arrays or HDF5 datasets, shape (stimulus, unit, ...)
        Responses to the same stimuli (any scale).
    measures : names of :data:`MEASURES`
    dimension : int
        Principal components of a layer, for those measures that take them.
    bandwidth, n_jobs, watch
        As of :func:`kernels`.

    Returns
    -------
    dict of array, shape (layer_a, layer_b)
        By name of the measure; NaN where no unit of a layer varies.
    array of bool, shape (layer_a + layer_b,)
        Whether any unit of a layer varies.

    Raises
    ------
    InputError
        As :func:`kernels` and :func:`canonical_correlations`.
    """
    layers = [*layers_a, *layers_b]
    between = slice(0, len(layers_a)), slice(len(layers_a), None)
    alive = np.ones(len(layers), bool)
    found: dict[str, np.ndarray] = {}
    for kind, width in (("linear", None), ("gaussian", bandwidth)):
        if wanted := [name for name in measures if name in CKA and CKA[name][0] == kind]:
            sums = kernels(layers, width, n_jobs, watch)
            alive = sums.alive
            found |= {name: cka(sums, debiased=CKA[name][1])[between] for name in wanted}
    if wanted := [name for name in measures if name in OF_COMPONENTS]:
        components = []
        for layer in watch(layers, "layers"):
            try:
                components.append(principal_components(layer, dimension, n_jobs)[0])
            except gram.UndefinedError:
                components.append(None)
        alive = np.array([one is not None for one in components])
        pairs = [(a, b) for a in components[between[0]] for b in components[between[1]]]
        for name in wanted:
            values = [OF_COMPONENTS[name](a, b) if a is not None and b is not None else np.nan for a, b in pairs]
            found[name] = np.reshape(values, (len(layers_a), len(layers_b)))
    return found, alive


def memory_bytes(n_stimuli: int, n_units: Sequence[int], gaussian: bool = False) -> int:
    """About what :func:`kernels` needs for layers of so many units."""
    largest = gram.memory_bytes(n_stimuli, max(n_units))
    n_rows = min(n_stimuli, gram.STIMULI_AT_ONCE, gram.NUMBERS_AT_ONCE // max(n_units) + 1)
    return largest + 8 * len(n_units) * n_rows**2 + (8 * n_stimuli**2 if gaussian else 0)


def canonical_correlations(components_a: np.ndarray, components_b: np.ndarray) -> np.ndarray:
    """Canonical correlations of two layers, largest first.

    Parameters
    ----------
    components_a, components_b : array, shape (stimulus, component)
        From :func:`proprionet.analysis.layers.components.principal_components`; the number of components is the stated
        dimension of the measure.

    Returns
    -------
    array, shape (smaller number of components,)
        0 to 1.

    Raises
    ------
    InputError
        If the stimuli differ in number, or are too few: with no more stimuli than components of both layers, some
        correlations are 1 whatever the layers are.
    """
    n = _n_stimuli((components_a, components_b))
    n_components = components_a.shape[1] + components_b.shape[1]
    if n <= n_components:
        raise InputError(
            f"{n} stimuli are too few for {n_components} components of two layers: choose a smaller dimension"
        )
    basis_a, basis_b = (np.linalg.qr(one - one.mean(axis=0))[0] for one in (components_a, components_b))
    return np.clip(np.linalg.svd(basis_a.T @ basis_b, compute_uv=False), 0, 1)


def mean_squared_cca(components_a: np.ndarray, components_b: np.ndarray) -> float:
    """Mean squared canonical correlation (Kornblith et al. 2019, R^2 CCA); arguments and errors as of
    :func:`canonical_correlations`."""
    return float(np.square(canonical_correlations(components_a, components_b)).mean())


def svcca(components_a: np.ndarray, components_b: np.ndarray) -> float:
    """Mean canonical correlation of the largest principal components (Raghu et al. 2017); arguments and errors as of
    :func:`canonical_correlations`."""
    return float(canonical_correlations(components_a, components_b).mean())


def procrustes_distance(components_a: np.ndarray, components_b: np.ndarray) -> float:
    """Distance of two layers of unit norm after the best rotation of one onto the other.

    sqrt(2 - 2 |A' B|_*) with the nuclear norm. Arguments as of :func:`canonical_correlations`. 0 is the same shape,
    1.41 an unrelated one; it obeys the triangle inequality.

    Source: Schönemann 1966; Williams et al. 2021; Ding, Denain & Steinhardt 2021.
    """
    _n_stimuli((components_a, components_b))
    a, b = (one - one.mean(axis=0) for one in (components_a, components_b))
    shared = np.linalg.svd(a.T @ b, compute_uv=False).sum() / (np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.sqrt(max(2 - 2 * shared, 0)))


CKA = {"cka": ("linear", True), "cka_biased": ("linear", False), "cka_rbf": ("gaussian", True)}
"""Kernel, and whether it is debiased, of each form of CKA."""

OF_COMPONENTS = {"cca": mean_squared_cca, "svcca": svcca, "procrustes": procrustes_distance}
"""Measures of principal components."""

MEASURES = (*CKA, *OF_COMPONENTS)


def _n_stimuli(layers: Sequence[Any]) -> int:
    counts = {layer.shape[0] for layer in layers}
    if len(counts) > 1:
        raise InputError(f"layers of {' and '.join(map(str, sorted(counts)))} stimuli: all must answer to the same")
    if (n := counts.pop()) < 4:
        raise InputError(f"{n} stimuli are too few to compare layers: at least 4")
    return n


def _products(layer: Centred, rows: slice, columns: slice, pool: ThreadPoolExecutor) -> np.ndarray:
    left = layer(rows)
    return gram.product(left, left if rows == columns else layer(columns), pool)


def _linear(rows: slice, columns: slice, products: np.ndarray) -> np.ndarray:
    return products


def _gaussian(layer: Centred, parts: list[slice], bandwidth: float, pool: ThreadPoolExecutor) -> Kernel:
    if not layer.alive:
        return _linear
    products, square = gram.condensed(parts, layer, pool)
    squared = gram.squared_distances(products, square)
    width = bandwidth * np.median(np.sqrt(squared, out=squared))

    def kernel(rows: slice, columns: slice, products: np.ndarray) -> np.ndarray:
        squared = square[rows, None] + square[columns] - 2 * products
        return np.exp(-np.maximum(squared, 0) / (2 * width**2))

    return kernel
