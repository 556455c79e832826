"""Start points: where the box of a letter fits into the workspace of the arm."""

from math import ceil

import numpy as np

from proprionet.arm.inverse import reachable
from proprionet.arm.profiles import ArmProfile

_IN_PLANE = {"horizontal": (0, 1), "vertical": (1, 2)}  # axes (x, y, z) along which the letter is written


def find_start_points(profile: ArmProfile, spacing_cm: float = 3.0) -> dict[str, np.ndarray]:
    """Points of a grid around which the hand can write a letter, in a horizontal and in a vertical plane.

    The grid covers the front of the body: x from 0 to the reach of the arm, y and z from the reach below 0 to half of
    it above. A point is taken if the corners of the square around it, 10 cm away rounded up to the grid (12 cm), are
    points of the grid within reach, and so are all places, 1 cm apart, of the square of 15 by 15 cm around it.

    Parameters
    ----------
    spacing_cm : float
        Spacing of the grid, larger than 0.

    Returns
    -------
    dict of arrays, each of shape (point, 3)
        ``"horizontal"`` and ``"vertical"``; world frame, cm; sorted by plane, then by the place in it.

    Source: Sandbrink et al. 2023, Methods; their code, `generate_startpoints.py`. For the human arm all 539 horizontal
    and 1442 vertical points of the published file are found, and 360 and 517 more (27 horizontal planes instead of 26,
    19 vertical ones as published). The published code asked an optimiser at every place whether the hand gets there; it
    stopped short at some places that can be reached, each of which takes all points away whose square holds it. Every
    additional point has a place in its square that no published point has; 199 such places explain all of them.
    """
    reach = profile.upper_arm_cm + profile.forearm_cm
    far, half = (ceil(distance / spacing_cm) for distance in (reach, reach / 2))
    steps = (np.arange(far + 1), np.arange(-far, half + 1), np.arange(-far, half + 1))
    grid = spacing_cm * np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1)
    within = reachable(profile, grid)
    return {plane: _fitting(profile, grid, within, axes, ceil(10 / spacing_cm)) for plane, axes in _IN_PLANE.items()}


def _fitting(
    profile: ArmProfile, grid: np.ndarray, within: np.ndarray, axes: tuple[int, int], corner: int
) -> np.ndarray:
    """Points of the grid around which the corners, ``corner`` steps away, and the square of 7 cm are within reach."""
    fits = np.ones_like(within)
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        fits &= _shifted(within, axes, [sign * corner for sign in signs])
    points = grid[fits]
    offset = np.zeros((15, 15, 3))
    offset[..., axes] = np.stack(np.meshgrid(np.arange(-7, 8), np.arange(-7, 8)), axis=-1)
    points = points[reachable(profile, points[:, None, None] + offset).all(axis=(1, 2))]
    across = 3 - sum(axes)
    return points[np.lexsort((points[:, axes[1]], points[:, axes[0]], points[:, across]))]


def _shifted(within: np.ndarray, axes: tuple[int, int], steps: list[int]) -> np.ndarray:
    """Value of the grid point that many steps further along the two axes; False beyond the grid."""
    margin = [(0, 0)] * 3
    window = [slice(None)] * 3
    for axis, step in zip(axes, steps, strict=True):
        margin[axis] = (abs(step), abs(step))
        window[axis] = slice(abs(step) + step, abs(step) + step + within.shape[axis])
    return np.pad(within, margin)[tuple(window)]
