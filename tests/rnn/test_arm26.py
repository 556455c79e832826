"""The arm of two joints and six muscles: golden values, physics, and MotorNet where that is installed."""

import numpy as np
import pytest

from proprionet.rnn import arm26
from proprionet.rnn.environments import ArmInTheLoop
from proprionet.rnn.tasks import task
from proprionet.rnn.tasks.random_target import hand_at

START = np.deg2rad(np.array([[67.5, 77.5]], np.float32))
IDLE, FREE = np.zeros((1, 6), np.float32), np.zeros((1, 2), np.float32)


def after(n_steps, drive=IDLE, load=FREE):
    arm = arm26.rest(START)
    for _ in range(n_steps):
        arm = arm26.step(arm, drive, load)
    return arm


def test_golden_values_of_the_geometry_and_the_muscles():
    length = arm26.muscles(START, 0 * START).fibre_length
    np.testing.assert_allclose(arm26.fingertip(START), [[-0.15453, 0.47648]], atol=1e-5)
    np.testing.assert_allclose(length, [[0.9237, 1.1030, 0.9527, 0.8418, 0.7928, 0.8255]], atol=1e-4)
    force_length = [[0.9576, 0.9411, 0.9821, 0.8692, 0.7792, 0.8466]]
    np.testing.assert_allclose(arm26.force_length(length), force_length, atol=1e-4)
    np.testing.assert_allclose(arm26.passive_force(length)[0, 1], 0.01315, atol=1e-5)


def test_golden_values_of_movements():
    pushed = after(20, load=np.array([[5, 0]], np.float32))
    np.testing.assert_allclose(pushed.joints, [[1.03467, 1.32005]], atol=1e-4)
    np.testing.assert_allclose(arm26.fingertip(pushed.joints), [[-0.07728, 0.50146]], atol=1e-4)
    np.testing.assert_allclose(after(50, drive=IDLE + np.float32(0.1)).joints, [[0, 2.57204]], atol=1e-4)


def test_lengths_are_what_the_torques_move():
    """Moment arms are the derivatives of the lengths, so that muscles do the work that the joints get."""
    small, force = 1e-2, np.eye(6, dtype=np.float32)
    torque = np.array(arm26.torque(np.repeat(START, 6, axis=0), force))
    for joint in range(2):
        move = small * np.eye(2, dtype=np.float32)[joint]
        there, here = (np.array(arm26.muscles(START + sign * move, 0 * START).length) for sign in (1, -1))
        np.testing.assert_allclose(-(there - here)[0] / (2 * small), torque[:, joint], atol=1e-4)


def test_muscle_curves_are_continuous_and_bounded():
    at = np.linspace(-1.5, 2, 5000, dtype=np.float32)
    for curve, steepest in ((arm26.force_length, 10), (arm26.force_velocity, 3), (arm26.passive_force, 12)):
        values = np.array(curve(at))
        assert np.abs(np.diff(values)).max() < steepest * (at[1] - at[0])
        assert values.min() >= 0
    assert np.array(arm26.force_length(at)).max() == pytest.approx(1, abs=1e-3)


def test_tasks_know_where_the_arm_is():
    joints = np.deg2rad(np.random.default_rng(0).uniform(30, 100, (50, 2)).astype(np.float32))
    np.testing.assert_allclose(hand_at(joints), arm26.fingertip(joints), atol=1e-6)
    assert task("random_target").output_labels == list(arm26.MUSCLES)


def test_the_past_is_seen_as_late_as_asked_for():
    around, load = ArmInTheLoop(5, 2), np.array([[20, 0]], np.float32)
    state = around.reset(np.concatenate([START, 0 * START], axis=1))
    seen, true = [], []
    for _ in range(12):
        seen.append(np.array(around.observe(state))[0])
        muscles = arm26.muscles(state[0], state[1])
        parts = arm26.fingertip(state[0]), muscles.fibre_length, muscles.fibre_velocity
        true.append(np.concatenate([np.array(part)[0] for part in parts]))
        state = around.step(state, IDLE, load)
    seen, true = np.array(seen), np.array(true)
    np.testing.assert_array_equal(seen[4:, :2], true[:-4, :2])  # a delay of one step is that of the newest state
    np.testing.assert_array_equal(seen[2:, 2:], true[:-2, 2:])  # muscles are those of the start of a step
    assert np.abs(np.diff(true[:, 0])).max() > 0


@pytest.fixture
def motornet():
    pytest.importorskip("torch", reason="torch is not installed (extra torch)")
    return pytest.importorskip("motornet", reason="motornet is not installed (extra torch)")


def test_equals_motornet_step_by_step(motornet):
    import torch

    random = np.random.default_rng(0)
    joints = random.uniform([0, 0], np.deg2rad([135, 155]), (64, 2)).astype(np.float32)
    theirs = motornet.effector.RigidTendonArm26(motornet.muscle.MujocoHillMuscle(), timestep=0.01)
    theirs.reset(options={"joint_state": torch.tensor(np.concatenate([joints, 0 * joints], axis=1))})
    arm = arm26.rest(joints)
    for _ in range(200):
        drive = random.uniform(-0.2, 0.6, (64, 6)).astype(np.float32)
        load = (5 * random.normal(size=(64, 2))).astype(np.float32)
        theirs.step(torch.tensor(drive), endpoint_load=torch.tensor(load))
        arm = arm26.step(arm, drive, load)
        np.testing.assert_allclose(arm26.fingertip(arm.joints), theirs.states["fingertip"], atol=1e-5)
        np.testing.assert_allclose(arm.joints, theirs.states["joint"][:, :2], atol=1e-5)
        np.testing.assert_allclose(arm.activation, theirs.states["muscle"][:, 0], atol=1e-5)


def test_motornets_environment_observes_the_same(motornet):
    import torch

    from proprionet.rnn.motornet_arm import environment

    of = task("random_target,observation_noise=0,action_noise=0")
    theirs, ours = environment(of), of.environment()
    ics = np.concatenate([START, 0 * START], axis=1)
    seen, _ = theirs.reset(options={"joint_state": torch.tensor(ics), "batch_size": 1})
    state = ours.reset(ics)
    assert theirs.observation_space.shape == (14,)
    for step in range(30):
        np.testing.assert_allclose(ours.observe(state), seen, atol=1e-5)
        drive = np.full((1, 6), 0.02 * (step % 7), np.float32)
        seen, *_ = theirs.step(torch.tensor(drive), endpoint_load=torch.zeros(1, 2))
        state = ours.step(state, drive, FREE)
