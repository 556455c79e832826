"""State similarity: how well the states of one network say those of another, moment by moment in the same trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from proprionet.analysis.layers import similarity
from proprionet.errors import InputError


class StillError(InputError):
    """States never change, so there is nothing to compare."""


def principal_components(states: np.ndarray, n_components: int | None = None) -> PCA:
    """Principal components of states; as many as there are if not given, or fewer where there are fewer.

    Parameters
    ----------
    states : array, shape (moment, state)

    Raises
    ------
    InputError
        If a state is NaN or infinite.
    StillError
        If none ever changes.
    """
    if not np.isfinite(states).all():
        raise InputError("the states hold NaN or infinity")
    if (states == states[:1]).all():
        raise StillError("the states never change")
    most = min(states.shape)
    return PCA(min(n_components or most, most), svd_solver="covariance_eigh").fit(states)


@dataclass(frozen=True)
class Alignment:
    """The affine map from the principal components of one network to those of another; made by :func:`align`."""

    source: PCA
    target: PCA
    regression: LinearRegression

    def transform(self, states: np.ndarray) -> np.ndarray:
        """States of the source among the components of the target: (..., state) to (..., component)."""
        flat = self.regression.predict(self.source.transform(states.reshape(-1, states.shape[-1])))
        return flat.reshape(*states.shape[:-1], -1)

    def r2(self, source: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
        """How much of the target's states the source's say, on moments that nothing was fitted to.

        Parameters
        ----------
        source, target : array, shape (moment, state)

        Returns
        -------
        float
            Coefficient of determination over all components, each weighted with its variance.
        array, shape (component,)
            Of each component of the target.
        """
        wanted = self.target.transform(target)
        found = self.transform(source)
        weighted = r2_score(wanted, found, multioutput="variance_weighted")
        return float(weighted), np.asarray(r2_score(wanted, found, multioutput="raw_values"))


def align(source: np.ndarray, target: np.ndarray, n_components: int | None = None) -> Alignment:
    """Fit principal components of both networks, and the affine map from those of one to those of the other.

    Parameters
    ----------
    source, target : array, shape (moment, state)
        States of both networks at the same moments of the same trials.
    n_components : int, optional
        Of each network; all if not given.

    Raises
    ------
    InputError
        If moments differ in number, or as :func:`principal_components`.

    Source: Versteeg et al. 2025 (Computation-through-Dynamics Benchmark), state R².
    """
    if len(source) != len(target):
        raise InputError(f"states at {len(source)} and {len(target)} moments cannot be aligned: take the same trials")
    of_source, of_target = (principal_components(states, n_components) for states in (source, target))
    return Alignment(
        of_source, of_target, LinearRegression().fit(of_source.transform(source), of_target.transform(target))
    )


def linear_cka(states: Sequence[np.ndarray]) -> np.ndarray:
    """Debiased linear CKA of every two networks over all moments, without a matrix of moments by moments.

    Parameters
    ----------
    states : sequence of array, shape (moment, component)
        Of each network at the same moments.

    Returns
    -------
    array, shape (network, network)
        See :func:`proprionet.analysis.layers.similarity.cka`.
    """
    centred = [one - one.mean(axis=0) for one in states]
    diagonal = np.stack([np.square(one).sum(axis=1) for one in centred])
    overlap = np.array([[np.square(one.T @ other).sum() for other in centred] for one in centred])
    alive = (diagonal > 0).sum(axis=1) > 0
    return similarity.cka(similarity.Kernels(overlap - diagonal @ diagonal.T, -diagonal, diagonal, alive))
