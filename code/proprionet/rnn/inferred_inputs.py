"""A decoder driven by inputs that a controller infers from the spikes, step by step.

Source: Pandarinath et al. 2018 (LFADS).
"""

import math
from typing import Any

import keras
from keras import layers

ops: Any = keras.ops  # whose types say that any answer may be None

DECAY = math.exp(-1 / 10)
"""Of inferred inputs from one step to the next, by their prior: they stay alike for about 10 steps."""
LOG_VARIANCE = math.log(0.1)
"""Of what is new in each step, by their prior."""


def divergence(mean: Any, log_variance: Any, prior_mean: Any = 0.0, prior_log_variance: float = 0.0) -> Any:
    """Kullback-Leibler divergence of normal distributions from their prior, nat, summed over the last axis."""
    spread = ops.exp(log_variance - prior_log_variance)
    distance = ops.square(mean - prior_mean) / math.exp(prior_log_variance)
    return 0.5 * ops.sum(spread + distance - 1 - log_variance + prior_log_variance, axis=-1)


class ControlledCell(layers.Layer):
    """One step of controller and decoder together.

    The controller sees what the encoder says of the step and the decoder's last state; its own state gives mean and log
    variance of the inputs, which are drawn with the noise that comes in and drive the decoder. The prior of the inputs
    is an autoregressive process.

    Inputs are (trial, code + input): the code of the encoder, then standard normal noise (zeros: the mean is taken).
    Outputs are (trial, state + input + 1): the decoder's state, the inferred inputs, and their divergence from the
    prior in this step.

    Parameters
    ----------
    cell, controller : Keras cells with one state each
    to_inputs : Keras layer
        From the controller's state to mean and log variance of the inputs.
    """

    def __init__(self, cell: Any, controller: Any, to_inputs: layers.Dense, **more: Any):
        super().__init__(**more)
        self.cell, self.controller, self.to_inputs = cell, controller, to_inputs
        self.n_inputs = to_inputs.units // 2
        self.state_size = [cell.state_size, controller.units, self.n_inputs]
        self.output_size = cell.state_size + self.n_inputs + 1

    def build(self, input_shape: Any) -> None:
        n_states, n_controls, n_inputs = self.state_size
        seen = input_shape[-1] - n_inputs + n_states
        for layer, size in ((self.controller, seen), (self.to_inputs, n_controls)):
            if not layer.built:
                layer.build((None, size))

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        code, noise = inputs[:, : -self.n_inputs], inputs[:, -self.n_inputs :]
        state, control, before = states
        control, _ = self.controller(ops.concatenate([code, state], axis=-1), [control])
        mean, log_variance = ops.split(self.to_inputs(control), 2, axis=-1)
        inferred = mean + ops.exp(log_variance / 2) * noise
        surprise = divergence(mean, log_variance, DECAY * before, LOG_VARIANCE)
        state, _ = self.cell(inferred, [state])
        return ops.concatenate([state, inferred, surprise[:, None]], axis=-1), [state, control, inferred]
