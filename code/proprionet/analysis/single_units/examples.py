"""Tuning curves of single units to look at: the best-tuned ones, and how their activity depends on the hand's velocity.

Source: Sandbrink et al. 2023, Fig. 5A, B.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import griddata
from scipy.ndimage import gaussian_filter

from proprionet import seeds
from proprionet.errors import InputError

N_BEST = 5
N_POINTS = 2000
"""Published: units of a layer that are shown, and samples of each."""
REACH = 0.99
"""Share of samples that lie within a contour: faster ones are too few to be more than speckles at its rim."""


@dataclass(frozen=True)
class Example:
    """A unit at moments of movement chosen at random."""

    name: str
    r2: float
    """Of the fit that it was chosen by, on held-out movements."""
    velocity: np.ndarray
    """(sample, 2): cm/s, along the axes of the movement's plane."""
    activity: np.ndarray
    """(sample,)"""


def best_units(r2: np.ndarray, layer: np.ndarray, index: int, count: int = N_BEST) -> np.ndarray:
    """Units of a layer that are tuned best, best first; dead units (NaN) never are among them.

    Parameters
    ----------
    r2 : array, shape (unit,)
        Explained variance by one feature.
    layer : array of int, shape (unit,)
        Layer of each unit.
    index : int
        The layer wanted.

    Returns
    -------
    array of int, shape (at most ``count``,)
        Places in ``r2``.
    """
    units = np.flatnonzero((layer == index) & ~np.isnan(r2))
    return units[np.argsort(-r2[units], kind="stable")[:count]]


def moments_of_movement(moving: np.ndarray, seed: int, count: int = N_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Movement and step of up to ``count`` samples of the moving hand, chosen at random without replacement.

    Parameters
    ----------
    moving : boolean array, shape (movement, step)

    Raises
    ------
    InputError
        If the hand never moves.
    """
    movement, step = np.nonzero(moving)
    if not movement.size:
        raise InputError("the hand never moves, so there is no tuning curve to show")
    chosen = seeds.generator(seed, "examples").permutation(movement.size)[:count]
    return movement[chosen], step[chosen]


def contour(
    velocity: np.ndarray, activity: np.ndarray, n_points: int = 100, blur: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Activity of a unit over the plane of velocities, on a square grid.

    Linear between samples, the nearest sample beyond them, then blurred by a Gaussian; NaN at speeds that only 1 % of
    the samples exceed. Published on a grid of angle and speed, which tears the map at 180 degrees.

    Parameters
    ----------
    velocity : array, shape (sample, 2)
        cm/s.
    activity : array, shape (sample,)
    n_points : int
        Points along each side (published: 100).
    blur : float
        Standard deviation of the Gaussian in steps of the grid.

    Returns
    -------
    grid : array, shape (n_points,)
        Velocity along either axis, from the negative of the largest speed that is shown up to it, cm/s.
    smooth : array, shape (n_points, n_points)
        Activity at (first axis, second axis).

    Raises
    ------
    InputError
        If the velocities do not span a plane.
    """
    if np.linalg.matrix_rank(velocity - velocity.mean(axis=0)) < 2:
        raise InputError(f"the velocities of {len(velocity)} samples do not span a plane, so they have no contour")
    fastest = np.quantile(np.linalg.norm(velocity, axis=1), REACH)
    grid = np.linspace(-fastest, fastest, n_points)
    wanted = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    linear, nearest = (griddata(velocity, activity, wanted, method) for method in ("linear", "nearest"))
    smooth = gaussian_filter(np.where(np.isnan(linear), nearest, linear), blur, mode="nearest")
    return grid, np.where(np.linalg.norm(wanted, axis=-1) <= fastest, smooth, np.nan)
