import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import HUMAN, choose
from proprionet.errors import InputError

MACAQUE = choose("macaque").model_copy(update={"upper_arm_cm": 12.58, "forearm_cm": 16.0})
TO_WORLD = np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])  # from the shoulder frame


def turn(axis, angle):
    return Rotation.from_euler(axis, angle, degrees=True)


def published_shoulder(profile, joint_angles):
    """The shoulder by the published product of rotations."""
    first, second, third, _ = joint_angles
    if profile is HUMAN:
        return turn("y", first) * turn("z", second) * turn("y", -first) * turn("y", third)
    return turn("z", second) * turn("y", third) * turn("x", first)


@pytest.mark.parametrize("profile", [HUMAN, MACAQUE], ids=lambda profile: profile.name)
def test_equals_published_rotations(profile):
    postures = np.random.default_rng(0).uniform(profile.lower_limit_deg, profile.upper_limit_deg, (50, 4))
    elbow = np.array([0, -profile.upper_arm_cm, 0])
    for posture in postures:
        shoulder = published_shoulder(profile, posture)
        hand = elbow + turn("x", posture[3]).apply([0, -profile.forearm_cm, 0])
        np.testing.assert_allclose(elbow_position(profile, posture), TO_WORLD @ shoulder.apply(elbow), atol=1e-12)
        np.testing.assert_allclose(hand_position(profile, posture), TO_WORLD @ shoulder.apply(hand), atol=1e-12)


@pytest.mark.parametrize(
    ("profile", "posture", "hand"),
    [
        (HUMAN, (0, 0, 0, 0), (0, 0, -59)),  # hanging down
        (HUMAN, (0, 0, 0, 90), (26, 0, -33)),  # forearm forward
        (HUMAN, (90, 90, 0, 0), (59, 0, 0)),  # arm forward
        (HUMAN, (0, 90, 0, 0), (0, -59, 0)),  # arm to the right
        (HUMAN, (0, 180, 0, 0), (0, 0, 59)),  # arm up
        (MACAQUE, (0, 0, 0, 0), (0, 0, -28.58)),  # hanging down
        (MACAQUE, (0, 0, 0, 90), (16, 0, -12.58)),  # forearm forward
        (MACAQUE, (90, 0, 0, 0), (28.58, 0, 0)),  # arm forward
        (MACAQUE, (0, 90, 0, 0), (0, -28.58, 0)),  # arm to the right: this adduction leads away from the body
        (MACAQUE, (0, 0, 90, 90), (0, 16, -12.58)),  # forearm to the left
    ],
)
def test_known_postures(profile, posture, hand):
    np.testing.assert_allclose(hand_position(profile, np.array(posture)), hand, atol=1e-12)


@pytest.mark.parametrize("profile", [HUMAN, MACAQUE], ids=lambda profile: profile.name)
def test_any_leading_shape(profile):
    postures = np.random.default_rng(1).uniform(0, 20, (2, 3, 5, 4))
    assert hand_position(profile, postures).shape == (2, 3, 5, 3)
    np.testing.assert_array_equal(hand_position(profile, postures)[1, 2, 4], hand_position(profile, postures[1, 2, 4]))


def test_unmeasured_arm_is_refused():
    with pytest.raises(InputError, match="arm 'macaque': its link lengths are not known"):
        hand_position(choose("macaque"), np.zeros(4))
