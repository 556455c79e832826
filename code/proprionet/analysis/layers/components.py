"""The layer as analyses of stimuli see it: centred patterns of living units, and their principal components."""

from typing import Any

import numpy as np
from scipy.spatial.distance import squareform
from sklearn.decomposition import KernelPCA

from proprionet.analysis.layers import gram
from proprionet.analysis.units import varies

SMALLEST_SHARE = 1e-10
"""Of the largest eigenvalue; what is below is rounding error, and no component."""


class Centred:
    """Patterns of the living units of a layer less the mean pattern: ``centred(rows)`` is (stimulus, living unit).

    ``alive`` says whether there is such a unit at all. ``single`` keeps the patterns in single precision.
    """

    def __init__(self, responses: Any, single: bool = False):
        mean, variance = gram.unit_moments(responses)
        self._responses = responses
        self._units = varies(mean, variance)
        self._mean = mean[self._units].astype(np.float32 if single else np.float64)
        self.alive = bool(self._units.any())

    def __call__(self, rows: slice) -> np.ndarray:
        return gram.read(self._responses, rows, self._units, checked=True) - self._mean


def principal_components(responses: Any, n_components: int, n_jobs: int = 1) -> tuple[np.ndarray, float]:
    """The stimuli in the space of the largest principal components of a layer, by the eigenvectors of its Gram matrix.

    Needs memory for a few matrices of stimulus by stimulus, not for the layer.

    Parameters
    ----------
    responses : array or HDF5 dataset, shape (stimulus, unit, ...)
        Activation of every unit for every stimulus (any scale).
    n_components : int
        At most so many; fewer if the layer has fewer dimensions.
    n_jobs : int
        Threads; the result does not depend on them.

    Returns
    -------
    array, shape (stimulus, component)
        In the unit of the responses, largest component first.
    float
        Share of the layer's variance that they hold.

    Raises
    ------
    proprionet.analysis.layers.gram.UndefinedError
        If no unit varies.
    InputError
        If there are fewer than two stimuli, or responses that are not finite.
    """
    centred, parts = Centred(responses), gram.blocks(responses)
    if not centred.alive:
        raise gram.UndefinedError(gram.NO_VARIATION)
    with gram.threads(n_jobs) as pool:
        products, own = gram.condensed(parts, centred, pool)
        square = squareform(products)
        np.fill_diagonal(square, own)
        few = n_components < len(own) // 4
        pca = KernelPCA(
            min(n_components, len(own) - 1),
            kernel="precomputed",
            eigen_solver="arpack" if few else "dense",
            random_state=0,  # where the iteration starts; it ends at one solution
            copy_X=False,
        )
        scores = pca.fit_transform(square)
    real = pca.eigenvalues_ > SMALLEST_SHARE * pca.eigenvalues_[0]
    return scores[:, real], min(float(pca.eigenvalues_[real].sum() / own.sum()), 1.0)
