"""Guard against muscle lengths that no arm could have.

The wrapping of a muscle's path around bones can flip between neighbouring postures, so that its length jumps by
centimetres; it can also run the wrong way round, or fail. A movement with such lengths is rejected.
"""

import numpy as np
from numba import njit

LONGEST_MM = 700.0
SMALLEST_JUMP_MM = 3.0
LARGEST_MOMENT_ARM_MM = 150.0  # mm/rad; larger than that of any muscle of an arm
REASONS = ("not_finite", "too_long", "jump")


def find_jumps(lengths: np.ndarray, joint_angles: np.ndarray) -> np.ndarray:
    """Steps of muscle length that the joint angles do not explain.

    A length changes by at most moment arm times joint step, here |dL| <= 150 mm/rad |dq|; a step beyond that, and
    beyond 3 mm, is a jump.

    Parameters
    ----------
    lengths : array, shape (time, muscle)
        mm.
    joint_angles : array, shape (time, joint)
        Degrees.

    Returns
    -------
    array of bool, shape (time - 1, muscle)
        Whether the length jumps between a sample and the next; False next to NaN.
    """
    joint_step = np.linalg.norm(np.diff(np.radians(joint_angles), axis=0), axis=1)
    allowed = np.maximum(SMALLEST_JUMP_MM, LARGEST_MOMENT_ARM_MM * joint_step)
    return np.abs(np.diff(lengths, axis=0)) > allowed[:, None]


def faults(lengths: np.ndarray, joint_angles: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Why each movement must not be used, for many at once.

    Parameters
    ----------
    lengths : array, shape (sample, muscle)
        mm, one movement after another.
    joint_angles : array, shape (sample, joint)
        Degrees.
    offsets : array, shape (movement + 1,)
        Where each movement starts, and the end.

    Returns
    -------
    array of int, shape (movement,)
        -1 for a good movement, else an index into ``REASONS``: a length or joint angle is NaN or infinite, a length is
        above 700 mm, or one jumps (see :func:`find_jumps`).
    """
    return _faults(np.ascontiguousarray(lengths), np.ascontiguousarray(joint_angles), offsets)


@njit(cache=True)
def _faults(lengths, joint_angles, offsets):
    found = np.full(len(offsets) - 1, -1)
    for movement in range(len(found)):
        first, end = offsets[movement], offsets[movement + 1]
        worst = 3
        for t in range(first, end):
            step = 0.0
            for joint in range(joint_angles.shape[1]):
                if not np.isfinite(joint_angles[t, joint]):
                    worst = 0
                if t > first:
                    step += np.radians(joint_angles[t, joint] - joint_angles[t - 1, joint]) ** 2
            allowed = max(SMALLEST_JUMP_MM, LARGEST_MOMENT_ARM_MM * np.sqrt(step))
            for muscle in range(lengths.shape[1]):
                length = lengths[t, muscle]
                if not np.isfinite(length):
                    worst = 0
                elif length > LONGEST_MM:
                    worst = min(worst, 1)
                elif t > first and abs(length - lengths[t - 1, muscle]) > allowed:
                    worst = min(worst, 2)
        if worst < 3:
            found[movement] = worst
    return found
