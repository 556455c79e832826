"""Axes of a recording that are those of an arm model."""

import numpy as np

from proprionet.errors import InputError, brief


def rotation(axes: str) -> np.ndarray:
    """Matrix (3, 3) that turns places of a recording into the frame of a model: ``places @ matrix.T``.

    Parameters
    ----------
    axes : str
        Which axis of the recording each axis of the model is (those of OpenSim arms are x forward, y up, z to the
        right), such as ``y,z,x`` for a recording with x to the right, y forward and z up.

    Raises
    ------
    InputError
        If these are not x, y and z, each once, perhaps with a minus, or mirror the arm.
    """
    words = [word.strip() for word in axes.split(",")]
    letters = [word.removeprefix("-") for word in words]
    if sorted(letters) != ["x", "y", "z"]:
        raise InputError(f"marker axes {brief(axes)}: expected x, y and z in some order, as y,z,x or x,z,-y")
    signs = [-1 if word.startswith("-") else 1 for word in words]
    matrix = np.eye(3)[["xyz".index(letter) for letter in letters]] * np.array(signs)[:, None]
    if np.linalg.det(matrix) < 0:
        raise InputError(f"marker axes {axes}: turn a right hand into a left one; change one sign or two axes")
    return matrix
