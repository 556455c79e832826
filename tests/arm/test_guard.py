import numpy as np
import pytest

from proprionet.arm.guard import find_jumps, rejection_reason


@pytest.fixture
def movement():
    """Joint angles (deg) and lengths (mm) of three muscles with moment arms of 80, -30 and 5 mm at the elbow."""
    angles = np.zeros((100, 4))
    angles[:, 3] = 60 + 40 * np.sin(np.linspace(0, 2 * np.pi, 100))
    return angles, 200 + np.radians(angles[:, 3:]) * [80, -30, 5]


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
