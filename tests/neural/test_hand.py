"""Hand movements: kinematics with known answers, and recordings that are read or refused."""

import h5py
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.neural.hand import HandMovements, read_hand

STEP_S = 0.01


def write(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


def test_circle_has_constant_speed_and_acceleration():
    angle = 2 * np.pi * np.arange(0, 1, STEP_S)
    circle = 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    moves = HandMovements(np.concatenate([circle, circle + 100]), np.array([0, 100, 200]), STEP_S)
    inside = np.r_[2:98, 102:198]
    np.testing.assert_allclose(moves.speed()[inside], 2 * np.pi * 5, rtol=1e-3)
    np.testing.assert_allclose(moves.acceleration()[inside], (2 * np.pi) ** 2 * 5, rtol=2e-3)
    np.testing.assert_allclose(moves.duration(), [1, 1])
    np.testing.assert_allclose(moves.path_length(), 2 * np.pi * 5 * 0.99, rtol=1e-3)
    assert moves.speed().max() < 40  # no speed from one movement to the next


def test_reaches_go_from_onset_to_end_and_unknown_ones_are_left_out(tmp_path):
    position = np.arange(60.0)[:, None] * [1, 2, 0]
    times = {"bin_movement_onset": [3, -1, 5], "bin_end": [12, 10, 30]}
    path = write(tmp_path / "session.h5", kinematics=position, offsets=[0, 20, 40, 60], **times)
    moves = read_hand(path, STEP_S)
    np.testing.assert_array_equal(moves.offsets, [0, 10, 25])
    np.testing.assert_array_equal(moves.position[[0, 9, 10, 24], 0], [3, 12, 45, 59])
    assert moves.position.shape[1] == 2


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"offsets": [0, 5]}, "has no dataset 'kinematics'"),
        ({"kinematics": np.zeros((5, 1)), "offsets": [0, 5]}, "'kinematics' must be finite numbers of shape"),
        ({"kinematics": np.full((5, 2), np.nan), "offsets": [0, 5]}, "'kinematics' must be finite numbers of shape"),
        ({"kinematics": np.zeros((5, 2)), "offsets": [0, 6]}, "'offsets' must rise from 0 to the 5 samples"),
        ({"kinematics": np.zeros((5, 2)), "offsets": [0, 2, 4]}, "holds no movement of at least 3 samples"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path, arrays, problem):
    with pytest.raises(InputError, match=problem):
        read_hand(write(tmp_path / "session.h5", **arrays), STEP_S)


def test_real_reaches_move_as_the_file_says(shared):
    path = shared / "data" / "s1_area2_chips" / "s1_area2_chips_shared.h5"
    moves = read_hand(path, STEP_S)
    assert len(moves.offsets) == 381
    assert 20 < np.median(moves.speed()) < 40
    assert 0.2 < np.median(moves.duration()) < 0.4


def test_velocities_tell_the_time_step(tmp_path):
    position = np.random.default_rng(0).normal(size=(60, 2)).cumsum(axis=0)
    kinematics = np.hstack([position, np.gradient(position, 0.1, axis=0)])
    path = write(tmp_path / "session.h5", kinematics=kinematics, offsets=[0, 30, 60])
    assert len(read_hand(path, 0.1).position) == 60
    with pytest.raises(InputError, match=r"fit a time step of 0\.1\d* s, not 0\.01 s"):
        read_hand(path, 0.01)
