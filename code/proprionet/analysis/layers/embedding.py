"""Maps of the stimuli in two dimensions, in which neighbours are those that a layer responds to alike.

All start from principal components (:func:`proprionet.analysis.layers.components.principal_components`): 50 of them in
Sandbrink et al. 2023, Fig. 4B.
"""

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import pdist, squareform

from proprionet import seeds
from proprionet.analysis.layers import gram
from proprionet.errors import InputError


def tsne(components: np.ndarray, perplexity: int = 40, seed: int = 1, n_jobs: int = 1) -> np.ndarray:
    """t-SNE by openTSNE: keeps neighbours together, distances between groups mean little.

    Parameters
    ----------
    components : array, shape (stimulus, component)
        Principal components of a layer (any scale).
    perplexity : int
        About how many neighbours of a stimulus count.
    seed : int
        Of all randomness; the map does not depend on anything else.
    n_jobs : int
        Threads; the map does not depend on them.

    Returns
    -------
    array, shape (stimulus, 2)

    Raises
    ------
    InputError
        If there are not more than three stimuli for each unit of perplexity, or openTSNE is not installed.
    UndefinedError
        If all stimuli lie at one place.

    Source: van der Maaten & Hinton 2008; Poličar, Stražar & Zupan 2024.
    """
    _check(components)
    if len(components) <= 3 * perplexity:
        raise InputError(
            f"{len(components)} stimuli are too few for a perplexity of {perplexity}: "
            f"choose one below {len(components) / 3:g}"
        )
    try:
        from openTSNE import TSNE
    except ModuleNotFoundError as error:
        raise InputError("t-SNE needs openTSNE: pip install 'proprionet[analysis]'") from error
    neighbours = "exact" if len(components) < 20_000 else "auto"
    method = TSNE(perplexity=perplexity, neighbors=neighbours, n_jobs=n_jobs, random_state=_random_state(seed, "tsne"))
    return np.asarray(method.fit(components))


def umap(components: np.ndarray, seed: int = 1, n_jobs: int = 1) -> np.ndarray:
    """UMAP by umap-learn, with its own settings (15 neighbours); arguments, result and errors as of :func:`tsne`.

    Runs on one thread, as it depends on the seed alone only then.

    Source: McInnes, Healy & Melville 2018.
    """
    _check(components)
    if len(components) <= 15:
        raise InputError(f"{len(components)} stimuli are too few for UMAP: at least 16")
    try:
        from umap import UMAP  # pyright: ignore[reportMissingImports] (an extra)
    except ModuleNotFoundError as error:
        raise InputError("UMAP needs umap-learn: pip install 'proprionet[umap]'") from error
    return np.asarray(UMAP(n_jobs=1, random_state=_random_state(seed, "umap")).fit_transform(components))


def mds(components: np.ndarray, seed: int = 1, n_jobs: int = 1) -> np.ndarray:
    """Metric multidimensional scaling (SMACOF): keeps all distances as well as two dimensions can.

    Starts from the first two components, which are the classical solution. Arguments, result and errors as of
    :func:`tsne`; needs memory for a few matrices of stimulus by stimulus.

    Source: de Leeuw 1977; Kruskal 1964.
    """
    from sklearn.manifold import smacof

    _check(components)
    start = np.zeros((len(components), 2))
    start[:, : min(2, components.shape[1])] = components[:, :2]
    found = smacof(squareform(pdist(components)), init=start, n_init=1, random_state=_random_state(seed, "mds"))
    return np.asarray(found[0])


METHODS: dict[str, Callable[..., np.ndarray]] = {"tsne": tsne, "umap": umap, "mds": mds}
"""Functions of (components, seed=, n_jobs=) by the name of the method."""


def memory_bytes(n_stimuli: int, n_units: int) -> int:
    """About what the components of a layer and their map need: four matrices of stimulus by stimulus."""
    return max(gram.memory_bytes(n_stimuli, n_units), 32 * n_stimuli**2)


def _check(components: np.ndarray) -> None:
    if not np.isfinite(components).all():
        raise InputError("a component is not finite")
    if not np.ptp(components, axis=0).any():
        raise gram.UndefinedError("all stimuli lie at one place, so that there is nothing to map")


def _random_state(seed: int, method: str) -> int:
    return seeds.integer(seed, "embedding", method)
