"""An arm of two joints and six lumped Hill muscles in a horizontal plane, in operations of Keras.

Everything here is in SI units and radians: m, N, s; ``LIMITS`` alone is in degrees.

Source: Nijhof & Kouwenhoven 2000 (links, moment arms, muscles); the muscle curves of MuJoCo's documentation; the order
of what happens within a step is that of MotorNet's RigidTendonArm26 (Codol et al. 2024).
"""

from typing import Any, NamedTuple

import keras
import numpy as np

ops: Any = keras.ops

MUSCLES = ("pectoralis", "deltoid", "brachioradialis", "triceps_lateral", "biceps", "triceps_long")
JOINTS = ("shoulder", "elbow")
TIME_STEP = 0.01
LIMITS = ((0.0, 0.0), (135.0, 155.0))

MASS, LINK, CENTRE, INERTIA = (1.82, 1.43), (0.309, 0.333), (0.135, 0.165), (0.051, 0.057)
_ALONE = MASS[0] * CENTRE[0] ** 2 + INERTIA[0] + MASS[1] * (CENTRE[1] ** 2 + LINK[0] ** 2) + INERTIA[1]
_SECOND = MASS[1] * CENTRE[1] ** 2 + INERTIA[1]
_COUPLING = MASS[1] * LINK[0] * CENTRE[1]

# One number a muscle, or (joint, muscle).
LENGTH_AT_REFERENCE = np.array([0.151, 0.2322, 0.2859, 0.2355, 0.3329, 0.2989], np.float32)
ARM_AT_REFERENCE = np.array([[-0.03, 0.03, 0, 0, -0.03, 0.03], [0, 0, -0.014, 0.025, -0.016, 0.03]], np.float32)
ARM_SLOPE = np.array([[0, 0, 0, 0, 0, 0], [0, 0, -0.004, -0.0022, -0.0057, -0.0032]], np.float32)
REFERENCE = np.array([np.pi / 2, 0], np.float32)
STRONGEST = np.array([838, 1207, 1422, 1549, 414, 603], np.float32)
TENDON = np.array([0.039, 0.066, 0.172, 0.187, 0.204, 0.217], np.float32)
FIBRE = np.array([0.134, 0.140, 0.092, 0.093, 0.137, 0.127], np.float32)
FASTEST = 1.5  # fibre velocity (m/s) that muscles' velocities are relative to


class Arm(NamedTuple):
    """State of some arms; each field has shape (arm, 2) or (arm, 6)."""

    joints: Any  # rad
    velocity: Any  # rad/s
    activation: Any
    force: Any  # N


class Muscles(NamedTuple):
    """Muscles at some joint angles and velocities; each field has shape (arm, muscle)."""

    length: Any  # of muscle and tendon, m
    velocity: Any  # of the same, m/s

    @property
    def fibre_length(self) -> Any:
        """Relative to the optimal length."""
        return ops.maximum(self.length - TENDON, 0.001) / FIBRE

    @property
    def fibre_velocity(self) -> Any:
        """Relative to the fastest."""
        return self.velocity / FASTEST


def rest(joints: Any) -> Arm:
    """Arms that stand still with idle muscles at joint angles of shape (arm, 2)."""
    joints = ops.convert_to_tensor(joints, dtype="float32")
    velocity = ops.zeros_like(joints)
    idle = ops.zeros_like(ops.tile(joints, (1, 3)))
    return Arm(joints, velocity, idle, force(muscles(joints, velocity), idle))


def step(arm: Arm, drive: Any, load: Any) -> Arm:
    """The arms ``TIME_STEP`` later.

    Forces and geometry of the old state move the joints; activations follow the drives, and the new forces are those
    of the new activations in the old geometry. At a limit a joint stops.

    Parameters
    ----------
    arm : Arm
    drive : tensor, shape (arm, muscle)
        Excitation of the muscles; what is outside [0, 1] counts as 0 or 1.
    load : tensor, shape (arm, axis)
        Force on the fingertip, N.
    """
    acceleration = _acceleration(arm, torque(arm.joints, arm.force), load)
    activation = _activation(arm.activation, ops.clip(drive, 0.0, 1.0))
    joints, velocity = arm.joints + TIME_STEP * arm.velocity, arm.velocity + TIME_STEP * acceleration
    low, high = np.deg2rad(np.array(LIMITS, np.float32))
    leaves = ops.logical_or(ops.logical_and(joints <= low, velocity < 0), ops.logical_and(joints >= high, velocity > 0))
    velocity = ops.where(leaves, ops.zeros_like(velocity), velocity)
    return Arm(ops.clip(joints, low, high), velocity, activation, force(muscles(arm.joints, arm.velocity), activation))


def fingertip(joints: Any) -> Any:
    """Position of the fingertip from the shoulder, m, shape (arm, 2): x to the right, y forward."""
    upper, lower = joints[:, 0], joints[:, 0] + joints[:, 1]
    return ops.stack(
        [LINK[0] * ops.cos(upper) + LINK[1] * ops.cos(lower), LINK[0] * ops.sin(upper) + LINK[1] * ops.sin(lower)],
        axis=-1,
    )


def muscles(joints: Any, velocity: Any) -> Muscles:
    """Muscles at joint angles (rad) and velocities (rad/s) of shape (arm, 2)."""
    away = joints - REFERENCE
    length = LENGTH_AT_REFERENCE + ops.matmul(away, ARM_AT_REFERENCE) + ops.matmul(ops.square(away), ARM_SLOPE)
    return Muscles(length, ops.matmul(velocity, ARM_AT_REFERENCE) + 2 * ops.matmul(away * velocity, ARM_SLOPE))


def torque(joints: Any, force: Any) -> Any:
    """Torques of the muscles at the joints, N m, shape (arm, 2)."""
    slope = 2 * (joints - REFERENCE) * ops.matmul(force, ARM_SLOPE.T)
    return -(ops.matmul(force, ARM_AT_REFERENCE.T) + slope)


def force(muscles: Muscles, activation: Any) -> Any:
    """Forces of the muscles, N, shape (arm, muscle)."""
    length = muscles.fibre_length
    active = activation * force_length(length) * force_velocity(muscles.fibre_velocity)
    return STRONGEST * (active + passive_force(length))


def force_length(length: Any) -> Any:
    """Share of the strongest force that an active fibre has at a relative length."""
    return _bump(length, 0.5, 1.0, 1.6) + 0.15 * _bump(length, 0.5, 0.725, 0.95)


def force_velocity(velocity: Any) -> Any:
    """Factor of the force at a relative velocity; below 1 where the fibre shortens."""
    lengthening = 1.2 - ops.square(0.2 - ops.minimum(velocity, 0.2)) / 0.2
    return ops.where(velocity < 0, ops.square(ops.maximum(velocity, -1.0) + 1), lengthening)


def passive_force(length: Any) -> Any:
    """Share of the strongest force that a fibre has without activation: cubic up to 1.3, straight beyond."""
    stretch = ops.maximum(length - 1, 0.0) / 0.3
    return 0.325 * ops.where(stretch < 1, stretch**3, 3 * stretch - 2)


def _bump(length: Any, low: float, middle: float, high: float) -> Any:
    """Skewed quadratic spline: 0 outside (low, high), 1 in the middle."""
    left, right = (low + middle) / 2, (middle + high) / 2
    rise = ops.square(ops.clip((length - low) / (left - low), 0, 1)) / 2
    top_left = ops.square(ops.clip((middle - length) / (middle - left), 0, 1)) / 2
    top_right = ops.square(ops.clip((length - middle) / (right - middle), 0, 1)) / 2
    fall = ops.square(ops.clip((high - length) / (high - right), 0, 1)) / 2
    rising, falling = ops.where(length < left, rise, 1 - top_left), ops.where(length < right, 1 - top_right, fall)
    return ops.where(length < middle, rising, falling)


def _activation(activation: Any, drive: Any) -> Any:
    """Activation a step later: 10 ms up and 40 ms down, both times the activation's own factor."""
    factor = 0.5 + 1.5 * activation
    rate = ops.where(drive > activation, 1 / (0.01 * factor), factor / 0.04)
    return ops.clip(activation + TIME_STEP * rate * (drive - activation), 0.0, 1.0)


def _acceleration(arm: Arm, torque: Any, load: Any) -> Any:
    """Angular accelerations from torques at the joints and a force on the fingertip."""
    (q1, q2), (v1, v2) = ops.unstack(arm.joints, 2, axis=-1), ops.unstack(arm.velocity, 2, axis=-1)
    (t1, t2), (fx, fy) = ops.unstack(torque, 2, axis=-1), ops.unstack(load, 2, axis=-1)
    lower_x, lower_y = LINK[1] * ops.cos(q1 + q2), LINK[1] * ops.sin(q1 + q2)
    upper_x, upper_y = LINK[0] * ops.cos(q1), LINK[0] * ops.sin(q1)
    bend, swing = _COUPLING * ops.cos(q2), _COUPLING * ops.sin(q2)
    first = t1 + swing * (2 * v1 + v2) * v2 - fx * (upper_y + lower_y) + fy * (upper_x + lower_x)
    second = t2 - swing * ops.square(v1) - fx * lower_y + fy * lower_x
    h11, h12 = _ALONE + 2 * bend, _SECOND + bend
    determinant = h11 * _SECOND - ops.square(h12)
    return ops.stack(
        [(_SECOND * first - h12 * second) / determinant, (h11 * second - h12 * first) / determinant], axis=-1
    )
