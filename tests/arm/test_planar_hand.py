"""Postures of an arm of which only the hand is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proprionet.arm import inverse, planar_hand, profiles
from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError

MONKEY = profiles.choose("macaque").model_copy(update={"upper_arm_cm": 17.0, "forearm_cm": 22.0})
TIME = np.linspace(0, 1, 60)


def reaches(length=9.0, n_trials=8, middle=(1.0, -32.0)):
    """Straight reaches of a handle in all directions, from its middle out: (bin, 2) and offsets."""
    angle = 2 * np.pi * np.arange(n_trials) / n_trials
    way = length * TIME**3 * (10 - 15 * TIME + 6 * TIME**2)
    hand = np.array(middle) + way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, None]
    return hand.reshape(-1, 2), len(TIME) * np.arange(n_trials + 1)


def r2(ours, theirs):
    return np.corrcoef(ours, theirs)[0, 1] ** 2


def test_axes_of_handle_and_arm():
    placement = planar_hand.Placement((2.0, -50.0), -15.0)
    np.testing.assert_allclose(placement.world(np.array([[5.0, -40.0]])), [[10, -3, -15]])
    np.testing.assert_allclose(placement.world(np.array([[5.0, -40.0, 1.0]])), [[10, -3, -14]])


@pytest.mark.parametrize("arm", [HUMAN, MONKEY], ids=lambda arm: arm.name)
def test_all_places_are_within_reach_and_none_better(arm):
    hand, _ = reaches()
    placement = planar_hand.place(arm, hand)
    assert placement.height == -arm.upper_arm_cm
    assert inverse.reachable(arm, placement.world(hand)).all()

    def room(shift):
        """The longest way, of 0.5 to 12 cm, that all places can go in eight directions and stay in reach."""
        angle = np.pi * np.arange(8) / 4
        ways = np.stack([np.cos(angle), np.sin(angle), np.zeros(8)], axis=1)
        places = placement.world(hand[::6]) + np.array([*shift, 0])
        for way in np.arange(0.5, 12, 0.5):
            moved = places[:, None] + way * ways
            if not (inverse.reachable(arm, moved) & (moved[..., 0] >= 0)).all():
                return way
        return 12

    assert room((0, 0)) >= max(room(shift) for shift in ((3, 0), (-3, 0), (0, 6), (0, -6))) - 1


@settings(max_examples=10)
@given(st.floats(-80, 80), st.floats(-80, 80))
def test_the_origin_of_the_handle_does_not_matter(right, forward):
    hand, _ = reaches(n_trials=4)
    elsewhere = hand + np.array([right, forward])
    here, there = planar_hand.place(MONKEY, hand), planar_hand.place(MONKEY, elsewhere)
    np.testing.assert_allclose(there.world(elsewhere), here.world(hand), atol=1e-9)


def test_height_and_a_hand_with_height():
    hand, _ = reaches()
    flat = planar_hand.place(MONKEY, hand, -12.0)
    lifted = planar_hand.place(MONKEY, np.column_stack([hand, np.full(len(hand), 80.0)]), -12.0)
    assert flat.height == -12
    np.testing.assert_allclose(lifted.world(np.column_stack([hand, np.full(len(hand), 80.0)])), flat.world(hand))
    gaps = np.vstack([hand, np.full((3, 2), np.nan)])
    assert planar_hand.place(MONKEY, gaps, -12.0) == flat


@pytest.mark.parametrize("arm", [HUMAN, MONKEY], ids=lambda arm: arm.name)
def test_the_hand_is_where_it_was_within_the_limits_and_smooth(arm):
    hand, offsets = reaches()
    world = planar_hand.place(arm, hand).world(hand)
    joints = planar_hand.postures(arm, world, offsets, 45)
    np.testing.assert_allclose(hand_position(arm, joints), world, atol=1e-9)
    assert (joints >= arm.lower_limit_deg).all()
    assert (joints <= arm.upper_limit_deg).all()
    assert inverse.jerks(joints, offsets).max() < 0.2
    np.testing.assert_allclose(joints[offsets[:-1]], joints[[0] * 8], atol=1e-6)  # every trial starts alike


@pytest.mark.parametrize("arm", [HUMAN, MONKEY], ids=lambda arm: arm.name)
@pytest.mark.parametrize("out_deg", [30, 50])
def test_the_elbow_is_as_far_out_as_asked(arm, out_deg):
    hand = np.array([0.5 * arm.forearm_cm, 0, -arm.upper_arm_cm])
    outward = np.array([0, -np.sin(np.radians(out_deg)), -np.cos(np.radians(out_deg))])
    posture = inverse.with_elbow(arm, hand, outward)
    np.testing.assert_allclose(hand_position(arm, posture), hand, atol=1e-9)
    starts = np.random.default_rng(0).uniform(arm.lower_limit_deg, arm.upper_limit_deg, (300, 4))
    others = inverse.solve_flat(arm, np.tile(hand, (300, 1)), np.arange(301), starts)
    assert elbow_position(arm, posture) @ outward >= (elbow_position(arm, others) @ outward).max() - 1e-9
    assert np.isnan(inverse.with_elbow(arm, 5 * hand, outward)).all()


def test_what_is_not_known_of_a_hidden_posture():
    """Joints hidden behind the hand come back exactly if the elbow is known, and nearly so if it is 15 degrees off."""
    hand, offsets = reaches()
    world = planar_hand.place(MONKEY, hand).world(hand)
    start = inverse.with_elbow(MONKEY, np.median(world, axis=0), [0, -0.5, -np.sqrt(0.75)])
    hidden = np.concatenate(inverse.solve(MONKEY, np.split(world, offsets[1:-1]), np.tile(start, (8, 1))))
    np.testing.assert_allclose(planar_hand.postures(MONKEY, world, offsets, 30), hidden, atol=1e-6)
    guess = planar_hand.postures(MONKEY, world, offsets, 45)
    agreement = [r2(ours, theirs) for ours, theirs in zip(guess.T, hidden.T, strict=True)]
    assert agreement[3] == pytest.approx(1)
    assert min(agreement) > 0.9


def test_places_out_of_reach_have_no_posture():
    hand, offsets = reaches()
    world = planar_hand.place(MONKEY, hand).world(hand)
    world[70:80, 0] += 60
    world[130] = np.nan
    joints = planar_hand.postures(MONKEY, world, offsets, 45)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(joints).any(axis=1)), [*range(70, 80), 130])
    with pytest.raises(InputError, match=r"arm 'macaque': the middle of the hand's places, .* is out of its reach"):
        planar_hand.postures(MONKEY, world + np.array([60, 0, 0]), offsets, 45)
