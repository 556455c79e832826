"""What the outputs of a network act on, and what it feels of that."""

from typing import Any

import keras

from proprionet.rnn import arm26

ops: Any = keras.ops

N_MUSCLES, N_OBSERVED = len(arm26.MUSCLES), 2 + 2 * len(arm26.MUSCLES)


class ArmInTheLoop:
    """The arm of two joints and six muscles, seen and felt with delays.

    The state is a list of tensors: joints, their velocity, activation, force, and what is seen and felt of the last
    steps, the oldest first. A delay of one step is none: the newest is observed. Muscles are felt as they were at the
    start of the step, whose forces they had, as in MotorNet.

    Parameters
    ----------
    vision_steps, proprioception_steps : int
        Delays, 1 or more.
    """

    n_observed, n_actions, n_loads = N_OBSERVED, N_MUSCLES, 2
    parts = (("controlled", 2), ("joints", 2), ("activation", N_MUSCLES), ("muscle_length", N_MUSCLES))

    def __init__(self, vision_steps: int, proprioception_steps: int):
        self._steps = vision_steps, proprioception_steps
        self.state_sizes = [2, 2, N_MUSCLES, N_MUSCLES, (vision_steps, 2), (proprioception_steps, 2 * N_MUSCLES)]

    def reset(self, ics: Any) -> list[Any]:
        """State at rest, from joint angles and velocities (rad, rad/s) of shape (trial, 4)."""
        arm = arm26.rest(ics[:, :2])
        arm = arm._replace(velocity=ops.convert_to_tensor(ics[:, 2:], dtype="float32"))
        repeats = zip((arm26.fingertip(arm.joints), _felt(arm)), self._steps, strict=True)
        return [*arm, *(ops.repeat(ops.expand_dims(one, 1), steps, axis=1) for one, steps in repeats)]

    def observe(self, state: list[Any]) -> Any:
        """Hand, muscle lengths and muscle velocities of some steps ago, shape (trial, 14)."""
        return ops.concatenate([state[4][:, 0], state[5][:, 0]], axis=-1)

    def step(self, state: list[Any], action: Any, load: Any) -> list[Any]:
        """State a step later, after drives of the muscles and a force on the hand (N)."""
        before = arm26.Arm(*state[:4])
        arm = arm26.step(before, action, load)
        late = zip(state[4:], (arm26.fingertip(arm.joints), _felt(before)), strict=True)
        return [*arm, *(ops.concatenate([old[:, 1:], ops.expand_dims(new, 1)], axis=1) for old, new in late)]

    def report(self, state: list[Any]) -> Any:
        """What is recorded of a state: all of ``parts``, one after another (m, rad, 1, m)."""
        arm = arm26.Arm(*state[:4])
        muscles = arm26.muscles(arm.joints, arm.velocity)
        return ops.concatenate([arm26.fingertip(arm.joints), arm.joints, arm.activation, muscles.length], axis=-1)


def _felt(arm: arm26.Arm) -> Any:
    muscles = arm26.muscles(arm.joints, arm.velocity)
    return ops.concatenate([muscles.fibre_length, muscles.fibre_velocity], axis=-1)


class Loop(keras.layers.Layer):
    """Cell, readout and environment as one cell: each step's inputs are context, load, and the noise of the step.

    Its output is all that is recorded of a step: outputs, what the network saw, its state, and the environment's parts.
    """

    def __init__(self, cell: Any, readout: Any, environment: Any, n_context: int, n_units: int):
        super().__init__(name="loop")
        self.cell, self.readout, self.environment = cell, readout, environment
        self.n_context, self.n_units = n_context, n_units
        self.state_size = [cell.state_size, *environment.state_sizes]
        self.built = True

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        around = self.environment
        ends = [self.n_context]
        for size in (around.n_loads, around.n_observed, around.n_actions):
            ends.append(ends[-1] + size)
        context, load, felt_noise, drive_noise, cell_noise = ops.split(inputs, ends, axis=-1)
        seen = ops.concatenate([around.observe(states[1:]) + felt_noise, context], axis=-1)
        recorded, (state,) = self.cell(ops.concatenate([seen, cell_noise], axis=-1), [states[0]])
        outputs = self.readout(recorded[:, : self.n_units])
        surroundings = around.step(states[1:], outputs + drive_noise, load)
        return ops.concatenate([outputs, seen, state, around.report(surroundings)], axis=-1), [state, *surroundings]
