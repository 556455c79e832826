"""Start points: where the box of a letter fits into the workspace of the arm."""

from math import ceil

import numpy as np

from proprionet.arm.inverse import reachable
from proprionet.arm.kinematics import links
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError

_IN_PLANE = {"horizontal": (0, 1), "vertical": (1, 2)}  # axes (x, y, z) along which the letter is written


def find_start_points(profile: ArmProfile, spacing_cm: float | None = None) -> dict[str, np.ndarray]:
    """Points of a grid around which the hand can write a letter, in a horizontal and in a vertical plane.

    The grid covers the front of the body: x from 0 to the reach of the arm, y and z from the reach below 0 to a part of
    it above (human: half, macaque: all). A point is taken if the corners around it (10 cm or 2 cm away along both axes,
    rounded up to the grid) are points of the grid within reach, and so are all places, 1 cm apart, of the square around
    it (from -7 to 7 cm, or from -3 to 2 cm). These numbers are the profile's ``workspace``.

    Parameters
    ----------
    profile : ArmProfile
        With known link lengths.
    spacing_cm : float, optional
        Spacing of the grid, larger than 0; the profile's own if not given.

    Returns
    -------
    dict of arrays, each of shape (point, 3)
        ``"horizontal"`` and ``"vertical"``; world frame, cm; sorted by plane, then by the place in it.

    Raises
    ------
    InputError
        If the hand reaches no point of the grid at all.

    Source: Sandbrink et al. 2023, Methods, and Marin Vargas et al. 2024; their code, `generate_startpoints.py` and
    `generate_startpoints5.py`, with the link lengths given there. All published points are found, and more:

    ========================  ============  ============  =====================
    horizontal / vertical     published     found         published box of grid
    ========================  ============  ============  =====================
    human                     539 / 1442    899 / 1959    as here
    macaque, Butter           3614 / 4225   3890 / 4232   beyond reach
    macaque, Chips            8878 / 9917   11499 / 12178 x, y, z up to 30 cm
    ========================  ============  ============  =====================

    The human points lie in 27 horizontal planes instead of 26, and in 19 vertical ones as published. The grid of the
    published file of Chips ends at 30 cm, short of the reach of 39 cm; within that box 9334 and 9955 points are found.
    The other points more have one reason: the published code asked an optimiser at every place whether the hand gets
    there; it stopped short at some places that can be reached, each of which takes all points away whose square holds
    it. Every additional point has a place in its square that no published point has (human: 199 such places explain all
    of them). For the macaque nine of ten of these places are at x = -1 cm, just behind the shoulder.
    """
    workspace, reach = profile.workspace, sum(links(profile))
    spacing = workspace.spacing_cm if spacing_cm is None else spacing_cm
    far, above = ceil(reach / spacing), ceil(workspace.left_and_up * reach / spacing)
    steps = (np.arange(far + 1), np.arange(-far, above + 1), np.arange(-far, above + 1))
    grid = spacing * np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1)
    within = reachable(profile, grid)
    if not within.any():
        raise InputError(
            f"arm '{profile.name}': within its joint limits the hand reaches no place in front of the body"
        )
    corner = ceil(workspace.corner_cm / spacing)
    return {plane: _fitting(profile, grid, within, axes, corner) for plane, axes in _IN_PLANE.items()}


def _fitting(
    profile: ArmProfile, grid: np.ndarray, within: np.ndarray, axes: tuple[int, int], corner: int
) -> np.ndarray:
    """Points of the grid around which the corners, ``corner`` steps away, and the square are within reach."""
    fits = np.ones_like(within)
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        fits &= _shifted(within, axes, [sign * corner for sign in signs])
    points = grid[fits]
    lowest, highest = profile.workspace.square_cm
    side = np.arange(lowest, highest + 1)
    offset = np.zeros((len(side), len(side), 3))
    offset[..., axes] = np.stack(np.meshgrid(side, side), axis=-1)
    places, which = np.unique((points[:, None] + offset.reshape(-1, 3)).reshape(-1, 3), axis=0, return_inverse=True)
    points = points[reachable(profile, places)[which].reshape(len(points), len(side) ** 2).all(axis=1)]
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
