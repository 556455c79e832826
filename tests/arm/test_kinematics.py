import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import HUMAN

TO_WORLD = np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])  # from the shoulder frame


def published(joint_angles):
    """Elbow and hand by the published product of rotation matrices."""
    plane, elevation, rotation, flexion = joint_angles
    shoulder = (
        Rotation.from_euler("y", plane, degrees=True)
        * Rotation.from_euler("z", elevation, degrees=True)
        * Rotation.from_euler("y", -plane, degrees=True)
        * Rotation.from_euler("y", rotation, degrees=True)
    )
    elbow = np.array([0, -33, 0])
    hand = elbow + Rotation.from_euler("x", flexion, degrees=True).apply([0, -26, 0])
    return TO_WORLD @ shoulder.apply(elbow), TO_WORLD @ shoulder.apply(hand)


def test_equals_published_rotations():
    postures = np.random.default_rng(0).uniform(HUMAN.lower_limit_deg, HUMAN.upper_limit_deg, (50, 4))
    elbows, hands = zip(*map(published, postures), strict=True)
    np.testing.assert_allclose(elbow_position(HUMAN, postures), elbows, atol=1e-12)
    np.testing.assert_allclose(hand_position(HUMAN, postures), hands, atol=1e-12)


@pytest.mark.parametrize(
    ("posture", "hand"),
    [
        ((0, 0, 0, 0), (0, 0, -59)),  # hanging down
        ((0, 0, 0, 90), (26, 0, -33)),  # forearm forward
        ((90, 90, 0, 0), (59, 0, 0)),  # arm forward
        ((0, 90, 0, 0), (0, -59, 0)),  # arm to the right
        ((0, 180, 0, 0), (0, 0, 59)),  # arm up
    ],
)
def test_known_postures(posture, hand):
    np.testing.assert_allclose(hand_position(HUMAN, np.array(posture)), hand, atol=1e-12)


def test_any_leading_shape():
    postures = np.random.default_rng(1).uniform(0, 20, (2, 3, 5, 4))
    assert hand_position(HUMAN, postures).shape == (2, 3, 5, 3)
    np.testing.assert_array_equal(hand_position(HUMAN, postures)[1, 2, 4], hand_position(HUMAN, postures[1, 2, 4]))
