"""Recurrent cells: what a state becomes in one step.

Every cell is a Keras cell with one state vector. Its output starts with the units that a readout sees and ends with the
state itself. What is appended to the inputs beyond ``n_inputs`` is noise, which training alone gives.
"""

from itertools import pairwise
from typing import Any

import keras

from proprionet import seeds
from proprionet.config.recurrent import Cell, Leaky, Node

ops: Any = keras.ops


def build(settings: Cell, n_inputs: int, seed: int) -> Any:
    """The cell that settings describe, with new weights for so many inputs."""
    cell = _CELLS[settings.cell](settings, seed)
    cell.build((None, n_inputs))
    return cell


def noise_level(settings: Cell) -> float:
    """Standard deviation of the noise that training adds in every step."""
    return getattr(settings, "noise", 0.0)


def _weights_of(settings: Cell, seed: int) -> dict[str, Any]:
    """Units, name and initial weights of a cell of Keras."""
    kernel = keras.initializers.GlorotUniform(seeds.integer(seed, "kernel"))
    recurrent = keras.initializers.Orthogonal(seed=seeds.integer(seed, "recurrent kernel"))
    return {
        "units": settings.n_units,
        "name": "cell",
        "kernel_initializer": kernel,
        "recurrent_initializer": recurrent,
    }


class _Gru(keras.layers.GRUCell):
    def __init__(self, settings: Cell, seed: int):
        super().__init__(reset_after=True, **_weights_of(settings, seed))


class _NoisyGru(_Gru):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.n_inputs = input_shape[-1]

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        state, _ = super().call(inputs[:, : self.n_inputs], states, training)
        noisy = state + inputs[:, self.n_inputs :] if inputs.shape[-1] > self.n_inputs else state
        return ops.concatenate([state, noisy], axis=-1), [noisy]


class _Vanilla(keras.layers.SimpleRNNCell):
    def __init__(self, settings: Cell, seed: int):
        super().__init__(**_weights_of(settings, seed))


class _Lstm(keras.layers.LSTMCell):
    def __init__(self, settings: Cell, seed: int):
        super().__init__(**_weights_of(settings, seed))
        self.state_size = settings.n_states

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        _, both = super().call(inputs, ops.split(states[0], 2, axis=-1), training)
        state = ops.concatenate(both, axis=-1)
        return state, [state]


class _Leaky(keras.layers.SimpleRNNCell):
    def __init__(self, settings: Leaky, seed: int):
        super().__init__(**_weights_of(settings, seed))
        self.leak = settings.leak

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.n_inputs = input_shape[-1]

    def call(self, sequence: Any, states: Any, training: bool = False) -> Any:
        inputs, noise = sequence[:, : self.n_inputs], sequence[:, self.n_inputs :]
        drive = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel) + self.bias
        drive = drive + noise if sequence.shape[-1] > self.n_inputs else drive
        state = (1 - self.leak) * states[0] + self.leak * ops.tanh(drive)
        return state, [state]


class _Node(keras.layers.Layer):
    def __init__(self, settings: Node, seed: int):
        super().__init__(name="cell")
        self.settings, self.seed = settings, seed
        self.state_size = settings.n_units

    def build(self, input_shape: Any) -> None:
        settings = self.settings
        sizes = [settings.n_units + input_shape[-1], *[settings.layer_size] * (settings.n_layers - 1), settings.n_units]
        self.maps = []
        for layer, shape in enumerate(pairwise(sizes)):
            draw = keras.initializers.GlorotUniform(seeds.integer(self.seed, "kernel", layer))
            kernel = self.add_weight(name=f"kernel_{layer}", shape=shape, initializer=draw)
            self.maps.append((kernel, self.add_weight(name=f"bias_{layer}", shape=shape[1:], initializer="zeros")))
        self.built = True

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        state, step = states[0], self.settings.step

        def slope(at: Any) -> Any:
            return self._slope(ops.concatenate([at, inputs], axis=-1))

        k1 = slope(state)
        if self.settings.solver == "euler":
            change = k1
        else:
            k2 = slope(state + step / 2 * k1)
            k3 = slope(state + step / 2 * k2)
            change = (k1 + 2 * k2 + 2 * k3 + slope(state + step * k3)) / 6
        state = state + step * change
        return state, [state]

    def _slope(self, values: Any) -> Any:
        *hidden, (kernel, bias) = self.maps
        for inner, offset in hidden:
            values = ops.relu(ops.matmul(values, inner) + offset)
        return ops.matmul(values, kernel) + bias


class _Linear(keras.layers.Layer):
    """A linear system that first stays where it is: so it can learn slow modes."""

    def __init__(self, settings: Cell, seed: int):
        super().__init__(name="cell")
        self.state_size = settings.n_units

    def build(self, input_shape: Any) -> None:
        n_units, zeros, stay = self.state_size, "zeros", keras.initializers.Identity()
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], n_units), initializer=zeros)
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(n_units, n_units), initializer=stay)
        self.bias = self.add_weight(name="bias", shape=(n_units,), initializer=zeros)
        self.built = True

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        state = ops.matmul(states[0], self.recurrent_kernel) + ops.matmul(inputs, self.kernel) + self.bias
        return state, [state]


_CELLS: dict[str, Any] = {
    "gru": _Gru,
    "noisy_gru": _NoisyGru,
    "vanilla": _Vanilla,
    "lstm": _Lstm,
    "leaky": _Leaky,
    "node": _Node,
    "linear": _Linear,
}
