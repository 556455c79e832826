"""Forward kinematics of the two-link arm: from joint angles to the elbow and the hand.

Two right-handed frames have their origin at the right shoulder. The *world*, in which every position of this project
is given, has x forward, y to the left, z up. The *shoulder frame* has x to the right, y up, z backward; its
coordinates of a world point are ``(-y, z, -x)``.

With the arm hanging down, all joint angles 0, upper arm and forearm point along -y of the shoulder frame. For the
angles q1 (plane of elevation), q2 (elevation), q3 (axial rotation) and q4 (elbow flexion)::

    shoulder  R = Ry(q1) Rz(q2) Ry(-q1) Ry(q3)
    elbow     R (0, -upper_arm, 0)
    hand      R ((0, -upper_arm, 0) + Rx(q4) (0, -forearm, 0))

Source: Sandbrink et al. 2023, Methods, "Inverse kinematics", with the rotations in the order of the published code.
"""

import numpy as np

from proprionet.arm.profiles import ArmProfile


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
    along_upper_arm, _ = _upper_arm_axes(joint_angles)
    return _world(profile.upper_arm_cm * along_upper_arm)


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
    along_upper_arm, backward = _upper_arm_axes(joint_angles)
    elbow = np.radians(joint_angles)[..., 3:]
    along = profile.upper_arm_cm + profile.forearm_cm * np.cos(elbow)
    return _world(along * along_upper_arm - profile.forearm_cm * np.sin(elbow) * backward)


def _upper_arm_axes(joint_angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two axes of the upper arm in the shoulder frame: from shoulder to elbow (R times -y) and R times z."""
    plane, elevation, rotation, _ = np.moveaxis(np.radians(joint_angles), -1, 0)
    twist = rotation - plane
    cos_plane, sin_plane = np.cos(plane), np.sin(plane)
    cos_elevation, sin_elevation = np.cos(elevation), np.sin(elevation)
    x, y, z = cos_elevation * np.sin(twist), sin_elevation * np.sin(twist), np.cos(twist)
    along = np.stack([sin_elevation * cos_plane, -cos_elevation, -sin_elevation * sin_plane], axis=-1)
    backward = np.stack([cos_plane * x + sin_plane * z, y, cos_plane * z - sin_plane * x], axis=-1)
    return along, backward


def _world(shoulder_frame: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(shoulder_frame, -1, 0)
    return np.stack([-z, -x, y], axis=-1)
