import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet.arm.guard import REASONS, faults, find_jumps


@pytest.fixture
def movement():
    """Joint angles (deg) and lengths (mm) of three muscles with moment arms of 80, -30 and 5 mm at the elbow."""
    angles = np.zeros((100, 4))
    angles[:, 3] = 60 + 40 * np.sin(np.linspace(0, 2 * np.pi, 100))
    return angles, 200 + np.radians(angles[:, 3:]) * [80, -30, 5]


def rejection_reason(lengths, joint_angles):
    """Why one movement is rejected; None if it is not."""
    (fault,) = faults(lengths, joint_angles, np.array([0, len(lengths)]))
    return None if fault < 0 else REASONS[fault]


def test_smooth_movement_passes(movement):
    angles, lengths = movement
    assert not find_jumps(lengths, angles).any()
    assert rejection_reason(lengths, angles) is None


def test_jump_is_found_where_it_is(movement):
    angles, lengths = movement
    lengths[40:, 1] += 12
    jumps = find_jumps(lengths, angles)
    assert jumps.shape == (99, 3)
    assert list(zip(*np.nonzero(jumps), strict=True)) == [(39, 1)]
    assert rejection_reason(lengths, angles) == "jump"


def test_small_step_is_no_jump(movement):
    angles, lengths = movement
    lengths[50:, 2] += 2.5
    assert rejection_reason(lengths, angles) is None


def test_fast_joint_explains_a_large_step():
    angles = np.array([[0, 0, 0, 0.0], [0, 0, 0, 10.0]])
    assert rejection_reason(np.array([[100.0], [125.0]]), angles) is None  # 143 mm/rad
    assert rejection_reason(np.array([[100.0], [128.0]]), angles) == "jump"  # 160 mm/rad


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "not_finite"), (np.inf, "not_finite"), (701.0, "too_long")])
def test_impossible_lengths(movement, value, reason):
    angles, lengths = movement
    lengths[:, 0] = value
    assert rejection_reason(lengths, angles) == reason


def test_posture_out_of_reach(movement):
    angles, lengths = movement
    angles[3] = np.nan
    assert rejection_reason(lengths, angles) == "not_finite"


@given(seed=st.integers(0, 500))
def test_many_movements_are_judged_as_each_would_be_alone(seed):
    """Against the rules applied to whole movements with NumPy, the gravest fault first."""
    random = np.random.default_rng(seed)
    offsets = np.cumsum([0, *random.integers(1, 12, 20)])
    angles = random.normal(size=(offsets[-1], 4)).cumsum(axis=0)
    lengths = 300 + 2.0 * random.normal(size=(offsets[-1], 3)).cumsum(axis=0)
    for value in (np.nan, np.inf, -np.inf, 701.0, 900.0):
        lengths[random.integers(len(lengths)), random.integers(3)] = value
    angles[random.integers(len(angles)), random.integers(4)] = np.nan

    def expected(length, angle):
        if not (np.isfinite(length).all() and np.isfinite(angle).all()):
            return "not_finite"
        if (length > 700).any():
            return "too_long"
        return "jump" if find_jumps(length, angle).any() else None

    found = faults(lengths, angles, offsets)
    for i, fault in enumerate(found):
        movement = lengths[offsets[i] : offsets[i + 1]], angles[offsets[i] : offsets[i + 1]]
        assert expected(*movement) == rejection_reason(*movement) == (None if fault < 0 else REASONS[fault])


def test_from_one_movement_to_the_next_is_no_jump(movement):
    angles, lengths = movement
    found = faults(np.concatenate([lengths, lengths + 50]), np.concatenate([angles, angles]), np.array([0, 100, 200]))
    np.testing.assert_array_equal(found, [-1, -1])
