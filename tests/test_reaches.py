from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed")

from proprionet import reaches
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError
from proprionet.movements.writing import Limits

PLACES = 3.0 * np.stack(np.meshgrid(range(9, 14), range(-2, 6), range(-8, 1)), axis=-1).reshape(-1, 3)  # before the arm


@pytest.fixture(scope="module")
def written():
    return reaches.write(HUMAN, PLACES, np.arange(60), seed=3)


def each(made):
    return [slice(*ends) for ends in pairwise(made.offsets)]


def same(some, others):
    for name in vars(some):
        np.testing.assert_array_equal(getattr(some, name), getattr(others, name), err_msg=name)


def test_smoothest_way_from_rest_to_rest():
    """Flash & Hogan 1985: the jerk of least square integral has no sixth derivative, and all ends are at rest."""
    time = np.linspace(0, 1, 21)
    covered = np.polynomial.Polynomial.fit(time, reaches.minimum_jerk(time), 5, domain=[0, 1], window=[0, 1])
    np.testing.assert_allclose(reaches.minimum_jerk(time), covered(time), atol=1e-12)
    for order, (start, end) in enumerate([(0, 1), (0, 0), (0, 0)]):
        np.testing.assert_allclose(covered.deriv(order)([0, 1]), [start, end], atol=1e-10)
    assert covered.deriv()(0.5) == pytest.approx(1.875)
    np.testing.assert_array_equal(reaches.minimum_jerk(np.array([-0.5, 0, 1, 7])), [0, 0, 1, 1])


def test_the_hand_goes_straight_to_the_target_and_rests(written):
    made, _ = written
    for i, samples in enumerate(each(made)):
        hand, way = made.hand[samples], round(made.duration_s[i] / HUMAN.time_step_s)
        np.testing.assert_allclose(hand[0], made.start[i])
        np.testing.assert_allclose(hand[way:], np.tile(made.target[i], (len(hand) - way, 1)))
        along = made.target[i] - made.start[i]
        peak = 1.875 * np.linalg.norm(along) / made.duration_s[i]
        speed = np.diff(hand, axis=0) @ along / np.linalg.norm(along)
        np.testing.assert_allclose(np.cross(hand - made.start[i], along), 0, atol=1e-9)
        assert (speed[:way] > 0).all()
        np.testing.assert_allclose(speed[:way], speed[:way][::-1], atol=1e-9)
        assert speed.max() / HUMAN.time_step_s == pytest.approx(peak, rel=0.02)


def test_the_arm_follows_within_its_limits(written):
    made, _ = written
    np.testing.assert_allclose(hand_position(HUMAN, made.joints), made.hand, atol=1e-6)
    assert (made.joints >= HUMAN.lower_limit_deg).all()
    assert (made.joints <= HUMAN.upper_limit_deg).all()
    assert made.joint_jerk.max() <= 1
    assert made.tracing_error.max() < 1e-6


def test_reaches_differ_as_drawn(written):
    made, _ = written
    lengths = np.diff(made.offsets)
    assert len(np.unique(made.start, axis=0)) == len(np.unique(made.target, axis=0)) == len(made) == 60
    assert 0.4 <= made.duration_s.min() < 0.5
    assert 1.1 < made.duration_s.max() <= 1.205
    rest_s = (lengths - 1) * HUMAN.time_step_s - made.duration_s
    assert -1e-9 < rest_s.min() < 0.1
    assert 0.7 < rest_s.max() < 0.81
    nearest = np.abs(made.target[:, None] - PLACES).max(axis=2).min(axis=1)
    assert 1 < nearest.max() <= 1.5  # places are 3 cm apart


def test_a_reach_depends_on_its_number_and_the_seed_alone(written):
    made, _ = written
    index = np.array([4, 5, 17, 59])
    some, _ = reaches.write(HUMAN, PLACES, index, seed=3)
    same(some, made.take(index))
    others, _ = reaches.write(HUMAN, PLACES, index, seed=4)
    assert (others.target != some.target).all()


def test_posture_before_a_reach_changes_joints_only():
    other, _ = reaches.write(
        HUMAN, PLACES, np.arange(60), seed=3, limits=Limits(joint_jerk=np.inf), random_posture=True
    )
    plain, _ = reaches.write(HUMAN, PLACES, np.arange(60), seed=3, limits=Limits(joint_jerk=np.inf))
    np.testing.assert_array_equal(other.hand, plain.hand)
    first = other.offsets[:-1]
    assert (np.abs(other.joints[first] - plain.joints[first]).max(axis=1) > 1).mean() > 0.5


def test_what_is_rejected_is_drawn_anew():
    far = np.concatenate([PLACES, PLACES + np.array([60, 0, 0])])
    made, rejections = reaches.write(HUMAN, far, np.arange(40), seed=1, limits=Limits(joint_jerk=0.2))
    assert len(made) == 40
    assert (np.diff(made.index) == 1).all()
    assert rejections.keys() == {"out_of_reach", "joint_jerk"}
    assert np.linalg.norm(made.target, axis=1).max() < 59
    assert made.joint_jerk.max() <= 0.2
    fewer, rejections = reaches.write(HUMAN, far, np.arange(40), seed=1, limits=Limits(joint_jerk=0.2, max_attempts=1))
    assert rejections["given_up"] == 40 - len(fewer) > 0
    same(fewer, made.take(np.searchsorted(made.index, fewer.index)))


def test_a_reach_keeps_the_limit_of_the_tracing_error():
    _, rejections = reaches.write(HUMAN, PLACES, np.arange(60), seed=3)
    assert "tracing_error" not in rejections
    with pytest.raises(InputError, match=r"could be made \(.*tracing_error [1-9]\d* times"):
        reaches.write(HUMAN, PLACES, np.arange(9), seed=3, limits=Limits(tracing_error_cm=1e-300, max_attempts=2))


def test_what_cannot_be_made_is_refused():
    with pytest.raises(InputError, match="there are no places to reach for"):
        reaches.write(HUMAN, np.empty((0, 3)), np.arange(3), seed=0)
    with pytest.raises(InputError, match=r"none of 3 reaches could be made \(out_of_reach 6 times, given_up 3 times\)"):
        reaches.write(HUMAN, np.full((4, 3), 90.0), np.arange(3), seed=0, limits=Limits(max_attempts=2))
