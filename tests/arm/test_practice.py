import numpy as np
import pytest

from proprionet.arm.kinematics import hand_position
from proprionet.arm.practice import letter_movements
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError
from proprionet.letters.strokes import Letters


def pieces(joints, offsets):
    return np.split(joints, offsets[1:-1])


def test_movements_are_letters_within_the_limits_half_of_them_in_each_plane():
    joints, offsets = letter_movements(HUMAN, 40, seed=1)
    assert offsets[0] == 0
    assert offsets[-1] == len(joints)
    assert 30 < len(offsets) - 1 <= 40
    assert np.isfinite(joints).all()
    assert (joints >= HUMAN.lower_limit_deg).all()
    assert (joints <= HUMAN.upper_limit_deg).all()
    flat = []
    for movement in pieces(joints, offsets):
        extent = np.ptp(hand_position(HUMAN, movement), axis=0)
        flat.append(int(extent[2] > 1e-6))
        assert extent[0 if flat[-1] else 2] < 1e-6
        assert 3 < extent.max() < 30
    assert 15 <= sum(flat) <= 20


def test_the_seed_decides():
    joints, offsets = letter_movements(HUMAN, 6, seed=1)
    again, offsets_again = letter_movements(HUMAN, 6, seed=1)
    other, _ = letter_movements(HUMAN, 6, seed=2)
    np.testing.assert_array_equal(joints, again)
    np.testing.assert_array_equal(offsets, offsets_again)
    assert joints.shape != other.shape or (joints != other).any()


def test_movements_may_come_from_any_posture():
    usual, offsets = letter_movements(HUMAN, 20, seed=1)
    other, other_offsets = letter_movements(HUMAN, 20, seed=1, random_posture=True)
    assert not np.array_equal(usual, other)
    first, other_first = (hand_position(HUMAN, q[o[:-1]]) for q, o in ((usual, offsets), (other, other_offsets)))
    assert len(first) == len(other_first)
    np.testing.assert_allclose(first, other_first, atol=1e-5)  # the same letters at the same places


def test_letters_of_ones_own_are_written_in_the_size_of_the_arm():
    path = np.column_stack([np.linspace(-5, 5, 40), np.zeros(40)])
    stroke = Letters([path], np.array([0]), np.array([0]))
    small = HUMAN.model_copy(update={"letter_cm": 2.0})
    for movement in pieces(*letter_movements(small, 10, seed=1, letters=stroke)):
        hand = hand_position(HUMAN, movement)
        assert np.linalg.norm(hand[-1] - hand[0]) < 2 * 1.3 * 1.3  # the largest size and shear
    lengths = [np.linalg.norm(np.ptp(hand_position(HUMAN, m), axis=0)) for m in pieces(*letter_movements(HUMAN, 10, 1))]
    assert max(lengths) > 8


def test_an_arm_that_can_write_nowhere_is_named():
    stump = HUMAN.model_copy(update={"name": "stump", "upper_arm_cm": 8.0, "forearm_cm": 8.0})
    with pytest.raises(InputError, match="arm 'stump': there is no place in horizontal planes where it could write"):
        letter_movements(stump, 4, seed=1)
