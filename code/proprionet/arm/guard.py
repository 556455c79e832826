"""Guard against muscle lengths that no arm could have.

The wrapping of a muscle's path around bones can flip between neighbouring postures, so that its length jumps by
centimetres; it can also run the wrong way round, or fail. A movement with such lengths is rejected.
"""

import numpy as np

LONGEST_MM = 700.0
SMALLEST_JUMP_MM = 3.0
LARGEST_MOMENT_ARM_MM = 150.0  # mm/rad; larger than that of any muscle of an arm


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


def rejection_reason(lengths: np.ndarray, joint_angles: np.ndarray) -> str | None:
    """Why a movement must not be used; None if it may.

    Parameters
    ----------
    lengths : array, shape (time, muscle)
        mm.
    joint_angles : array, shape (time, joint)
        Degrees.

    Returns
    -------
    str or None
        "not_finite" (a length or joint angle is NaN or infinite), "too_long" (a length above 700 mm), "jump" (see
        :func:`find_jumps`), or None.
    """
    if not (np.isfinite(lengths).all() and np.isfinite(joint_angles).all()):
        return "not_finite"
    if (lengths > LONGEST_MM).any():
        return "too_long"
    if find_jumps(lengths, joint_angles).any():
        return "jump"
    return None
