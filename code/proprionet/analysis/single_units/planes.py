"""Planes that letters are written in: which movements lie in which."""

from dataclasses import dataclass

import numpy as np

ORIENTATIONS = ("horizontal", "vertical")
AXES = ((0, 1), (1, 2))
"""Of each orientation: the axes of the hand that letters are written along."""
_STILL = [2, 0]  # and the one that stays put

PLANE_THICKNESS_CM = 0.1


@dataclass(frozen=True)
class Planes:
    """Sets of planes: all horizontal ones, all vertical ones, then each single plane with movements, from below."""

    orientation: np.ndarray
    """(plane,): index into ``ORIENTATIONS``."""
    level: np.ndarray
    """(plane,): height of a horizontal, depth of a vertical plane, cm; NaN for all planes of an orientation."""
    of_movement: np.ndarray
    """(movement,): the single plane that each movement is written in, -1 if it leaves every plane."""

    def members(self, plane: int) -> np.ndarray:
        """Mask of the movements of a plane, or of all planes of an orientation; shape (movement,)."""
        if plane >= len(ORIENTATIONS):
            return self.of_movement == plane
        return (self.of_movement >= 0) & (self.orientation[self.of_movement] == plane)


def find_planes(hand: np.ndarray) -> Planes:
    """Planes of movements, told by the coordinate of the hand that stays put.

    Two movements are of one plane if no more than ``PLANE_THICKNESS_CM`` lies between them. A straight line that is
    both horizontal and vertical counts as horizontal.

    Parameters
    ----------
    hand : array, shape (movement, time, 3)
        Hand position in cm.
    """
    flat = np.ptp(hand[:, :, _STILL], axis=1) < PLANE_THICKNESS_CM
    written_in = np.where(flat.any(axis=1), flat.argmax(axis=1), -1)
    of_movement = np.full(len(hand), -1)
    orientation, level = list(range(len(ORIENTATIONS))), [np.nan] * len(ORIENTATIONS)
    for index, axis in enumerate(_STILL):
        rows = np.flatnonzero(written_in == index)
        place = hand[rows, :, axis].mean(axis=1, dtype=float)
        order = np.argsort(place)
        apart = np.flatnonzero(np.diff(place[order]) > PLANE_THICKNESS_CM) + 1
        for group in np.split(order, apart) if rows.size else ():
            of_movement[rows[group]] = len(level)
            orientation.append(index)
            level.append(round(place[group].mean(), 3))
    return Planes(np.array(orientation), np.array(level), of_movement)
