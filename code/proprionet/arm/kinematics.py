"""Forward kinematics of the two-link arm: from joint angles to the elbow and the hand.

Two right-handed frames have their origin at the right shoulder. The *world*, in which every position of this project
is given, has x forward, y to the left, z up. The *shoulder frame* has x to the right, y up, z backward; its
coordinates of a world point are ``(-y, z, -x)``.

With the arm hanging down, all joint angles 0, upper arm and forearm point along -y of the shoulder frame. For the
angles q1, q2, q3 of the shoulder and q4 of the elbow::

    elbow     R (0, -upper_arm, 0)
    hand      R ((0, -upper_arm, 0) + Rx(q4) (0, -forearm, 0))

where, by ``profile.shoulder``::

    plane_elevation_rotation      R = Ry(q1) Rz(q2) Ry(-q1) Ry(q3)     human
    flexion_adduction_rotation    R = Rz(q2) Ry(q3) Rx(q1)             macaque

Source: Sandbrink et al. 2023, Methods, "Inverse kinematics", with the rotations in the order of the published code;
Marin Vargas et al. 2024, published code.
"""

import numpy as np

from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError


def links(profile: ArmProfile) -> tuple[float, float]:
    """Lengths of upper arm and forearm in cm.

    Raises
    ------
    InputError
        If they are not known yet; see :func:`proprionet.arm.profiles.fitted`.
    """
    if profile.upper_arm_cm is None or profile.forearm_cm is None:
        raise InputError(f"arm '{profile.name}': its link lengths are not known; measure them in its OpenSim model")
    return profile.upper_arm_cm, profile.forearm_cm


def elbow_position(profile: ArmProfile, joint_angles: np.ndarray) -> np.ndarray:
    """Position of the elbow.

    Parameters
    ----------
    joint_angles : array, shape (..., 4)
        Degrees, in the order of ``profile.coordinates``.

    Returns
    -------
    array, shape (..., 3)
        World frame, cm.
    """
    along_upper_arm, _ = _upper_arm_axes(profile, joint_angles)
    return _world(links(profile)[0] * along_upper_arm)


def hand_position(profile: ArmProfile, joint_angles: np.ndarray) -> np.ndarray:
    """Position of the hand.

    Parameters
    ----------
    joint_angles : array, shape (..., 4)
        Degrees, in the order of ``profile.coordinates``.

    Returns
    -------
    array, shape (..., 3)
        World frame, cm.
    """
    along_upper_arm, backward = _upper_arm_axes(profile, joint_angles)
    upper_arm, forearm = links(profile)
    elbow = np.radians(joint_angles)[..., 3:]
    return _world((upper_arm + forearm * np.cos(elbow)) * along_upper_arm - forearm * np.sin(elbow) * backward)


def _upper_arm_axes(profile: ArmProfile, joint_angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two axes of the upper arm in the shoulder frame: from shoulder to elbow (R times -y) and R times z."""
    first, second, third, _ = np.moveaxis(np.radians(joint_angles), -1, 0)
    if profile.shoulder == "plane_elevation_rotation":
        return _axes_of_plane_and_elevation(first, second, third)
    return _axes_of_flexion_and_adduction(first, second, third)


def _axes_of_plane_and_elevation(plane, elevation, rotation) -> tuple[np.ndarray, np.ndarray]:
    twist = rotation - plane
    cos_plane, sin_plane = np.cos(plane), np.sin(plane)
    cos_elevation, sin_elevation = np.cos(elevation), np.sin(elevation)
    x, y, z = cos_elevation * np.sin(twist), sin_elevation * np.sin(twist), np.cos(twist)
    along = np.stack([sin_elevation * cos_plane, -cos_elevation, -sin_elevation * sin_plane], axis=-1)
    backward = np.stack([cos_plane * x + sin_plane * z, y, cos_plane * z - sin_plane * x], axis=-1)
    return along, backward


def _axes_of_flexion_and_adduction(flexion, adduction, rotation) -> tuple[np.ndarray, np.ndarray]:
    cos_rotation, sin_rotation = np.cos(rotation), np.sin(rotation)

    def turned(y, z):  # (0, y, z) by rotation, then by adduction
        x, cos_adduction, sin_adduction = sin_rotation * z, np.cos(adduction), np.sin(adduction)
        return np.stack(
            [cos_adduction * x - sin_adduction * y, sin_adduction * x + cos_adduction * y, cos_rotation * z], axis=-1
        )

    return turned(-np.cos(flexion), -np.sin(flexion)), turned(-np.sin(flexion), np.cos(flexion))


def _world(shoulder_frame: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(shoulder_frame, -1, 0)
    return np.stack([-z, -x, y], axis=-1)
