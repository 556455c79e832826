"""Means and centred products of two sets of signals: all that least squares needs to know of its samples.

Moments of two sets of samples add up to the moments of both, so that large arrays are passed once, in blocks that fit
the processor's cache, and every fold of a cross-validation is a sum of parts.
"""

from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

NUMBERS_AT_ONCE = 2**18


@dataclass(frozen=True)
class Moments:
    """Features x and responses y of ``n`` samples; products are of the signals less their means."""

    n: int
    mean_x: np.ndarray
    """(feature,)"""
    mean_y: np.ndarray
    """(response,)"""
    xx: np.ndarray
    """(feature, feature): sum of products over samples."""
    xy: np.ndarray
    """(feature, response)"""
    yy: np.ndarray
    """(response,): sum of squares."""

    def __add__(self, other: "Moments") -> "Moments":
        """Moments of both sets of samples; Chan, Golub & LeVeque 1983."""
        n = self.n + other.n
        apart_x, apart_y = other.mean_x - self.mean_x, other.mean_y - self.mean_y
        weight = self.n * other.n / n
        return Moments(
            n,
            self.mean_x + apart_x * (other.n / n),
            self.mean_y + apart_y * (other.n / n),
            self.xx + other.xx + weight * np.outer(apart_x, apart_x),
            self.xy + other.xy + weight * np.outer(apart_x, apart_y),
            self.yy + other.yy + weight * apart_y**2,
        )

    def of(self, features: slice) -> "Moments":
        """Moments of some of the features."""
        return replace(self, mean_x=self.mean_x[features], xx=self.xx[features, features], xy=self.xy[features])

    def squared_error(self, slopes: np.ndarray, intercept: np.ndarray) -> np.ndarray:
        """Sum over samples of (y - x . slopes - intercept)^2, (..., response), for slopes (..., feature, response)."""
        spread = self.yy + (slopes * (self.xx @ slopes - 2 * self.xy)).sum(axis=-2)
        return spread + self.n * (self.mean_y - self.mean_x @ slopes - intercept) ** 2


def moments(features: np.ndarray, responses: np.ndarray) -> Moments:
    """Moments of one set of samples, in double precision.

    Parameters
    ----------
    features : array, shape (sample, feature)
    responses : array, shape (sample, response)
        Of any type; no double-precision copy of the whole is made.
    """
    rows = max(NUMBERS_AT_ONCE // responses.shape[1], 2)
    starts = range(0, len(features), rows)
    return reduce(add, (_of_block(features[at : at + rows], responses[at : at + rows]) for at in starts))


def _of_block(features: np.ndarray, responses: np.ndarray) -> Moments:
    mean_x, mean_y = features.mean(axis=0, dtype=float), responses.mean(axis=0, dtype=float)
    x, y = features - mean_x, responses - mean_y
    return Moments(len(x), mean_x, mean_y, x.T @ x, x.T @ y, np.einsum("ij,ij->j", y, y))
