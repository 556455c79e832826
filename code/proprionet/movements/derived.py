"""Hand, elbow and muscle lengths from the joint angles of a compact file."""

import numpy as np

from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import Kinematics
from proprionet.arm.tables import engine_from
from proprionet.config import check
from proprionet.errors import InputError
from proprionet.store import Reader, StoreError


def derive(file: Reader, name: str, joint_angles: np.ndarray) -> np.ndarray:
    """What a file of movements, or a data set, does not hold but implies.

    Parameters
    ----------
    name : "hand", "elbow" or "muscle_length"
    joint_angles : array, shape (sample, 4)
        Degrees.

    Returns
    -------
    array, shape (sample, 3) in cm, or (sample, muscle) in mm, float32

    Raises
    ------
    InputError
        If the file says nothing about it.
    """
    if name in ("hand", "elbow"):
        arm = check(Kinematics, file.attribute("arm_kinematics"), f"{file.path.name}, arm_kinematics")
        position = hand_position if name == "hand" else elbow_position
        return position(arm, joint_angles).astype(np.float32)
    tables = file.family("tables")
    if name != "muscle_length" or not tables:
        raise InputError(f"{file.path.name}: holds no '{name}', nor what it could be derived from")
    try:
        engine = engine_from(tables, file.attribute("joint_names"))
    except StoreError as error:
        raise InputError(f"{file.path.name}: {error}") from None
    return engine.lengths(joint_angles).astype(np.float32)
