"""Posture of an arm of which only the hand was recorded, on a handle that moves in a horizontal plane.

The hand fixes three of the four joint angles. What is left open is where the handle is in front of the arm, and how far
out the elbow is. The first is found from the reach of the arm (:func:`place`). For the second there is one posture that
all trials start from (:func:`postures`): the elbow out to the side by a given angle while the hand is in the middle of
its places. From there on every posture is the nearest to the one before, within the joint limits, and the hand is where
it was recorded: least squares in the change of posture, with the hand as a constraint instead of another error.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.ndimage import distance_transform_edt, minimum_filter

from proprionet.arm import inverse
from proprionet.arm.kinematics import links
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError


@dataclass(frozen=True)
class Placement:
    """Where the right shoulder is in the frame of a handle (x to the right, y forward), in cm.

    ``shoulder`` is its x and y; ``height`` is that of the hand's plane above the shoulder, negative below it.
    """

    shoulder: tuple[float, float]
    height: float

    def world(self, hand: np.ndarray) -> np.ndarray:
        """Places of the hand, (n, 2) in the frame of the handle or (n, 3) with z up, in that of the arm: (n, 3)."""
        right, forward = (hand[:, :2] - self.shoulder).T
        up = hand[:, 2] if hand.shape[1] > 2 else np.zeros(len(hand))
        return np.stack([forward, -right, self.height + up], axis=1)


def place(profile: ArmProfile, hand: np.ndarray, height: float | None = None) -> Placement:
    """Put a handle before an arm so that the hand stays as far from the border of the arm's reach as it can.

    All places of the hand, to the centimetre, are moved over the plane, in front of the shoulder; where that leaves
    several placements equal, the middle of the places is the nearest to straight ahead of the shoulder.

    Parameters
    ----------
    profile : ArmProfile
        With link lengths.
    hand : array, shape (n, 2) or (n, 3)
        Frame of the handle, cm; rows with NaN do not count.
    height : float, optional
        Of the middle of the hand's places above the shoulder, cm; that of the elbow of the hanging arm if not given.

    Returns
    -------
    Placement
    """
    height = -links(profile)[0] if height is None else height
    hand = hand[np.isfinite(hand).all(axis=1)]
    middle = np.median(hand, axis=0)
    away = hand[:, :2] - middle[:2]
    cells = np.unique(np.rint(np.stack([away[:, 1], -away[:, 0]], axis=1)), axis=0).astype(int)
    extent, reach = np.abs(cells).max(), ceil(sum(links(profile)))
    axis = np.arange(-reach - extent, reach + extent + 1)
    grid = np.stack(np.meshgrid(axis, axis, [height], indexing="ij"), axis=-1)[:, :, 0]
    within = (grid[..., 0] >= 0) & (np.linalg.norm(grid, axis=-1) <= reach)
    within[within] = inverse.reachable(profile, grid[within])
    margin = np.asarray(distance_transform_edt(within)) - np.asarray(distance_transform_edt(~within))
    taken = np.zeros((2 * extent + 1, 2 * extent + 1), bool)
    taken[tuple((cells + extent).T)] = True
    least = minimum_filter(margin, footprint=taken, mode="constant", cval=-len(axis))
    best = grid[least == least.max()]
    forward, left, _ = best[np.lexsort((best[:, 0], np.abs(best[:, 1])))[0]]
    up = middle[2] if hand.shape[1] > 2 else 0.0
    return Placement((float(middle[0] + left), float(middle[1] - forward)), float(height - up))


def postures(profile: ArmProfile, hand: np.ndarray, offsets: np.ndarray, elbow_out_deg: float) -> np.ndarray:
    """Joint angles of trials of which the hand is known.

    Parameters
    ----------
    profile : ArmProfile
        With link lengths.
    hand : array, shape (n, 3)
        World frame, cm.
    offsets : array of int, shape (trial + 1,)
        Trial i is ``hand[offsets[i]:offsets[i + 1]]``.
    elbow_out_deg : float
        How far the elbow is turned out to the right about the way from shoulder to hand while the hand is in the middle
        (median) of its places; 0 is straight down.

    Returns
    -------
    array, shape (n, 4)
        Degrees, in the order of ``profile.coordinates``, within the limits; NaN at places that the hand cannot reach,
        or that are NaN.

    Raises
    ------
    InputError
        If the middle of the places is out of reach.
    """
    middle, out = np.nanmedian(hand, axis=0), np.radians(elbow_out_deg)
    start = inverse.with_elbow(profile, middle, np.array([0, -np.sin(out), -np.cos(out)]))
    if np.isnan(start).any():
        at = ", ".join(f"{value:.1f}" for value in middle)
        raise InputError(
            f"arm '{profile.name}': the middle of the hand's places, {at} cm from the shoulder (forward, left, up), is "
            "out of its reach"
        )
    return inverse.solve_flat(profile, hand, offsets, start)
