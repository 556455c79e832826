"""What generates the dynamics of a data-driven model: the cells of recurrent networks, and a linear system."""

import itertools
from typing import Any

import keras
from keras import layers, ops

from proprionet import seeds
from proprionet.config.recurrent import Cell, Node


@keras.saving.register_keras_serializable("proprionet")
class LinearCell(layers.Layer):
    """h' = h A + u K + b: a linear dynamical system, which first stays where it is."""

    def __init__(self, n_units: int, **more: Any):
        super().__init__(**more)
        self.state_size = self.output_size = n_units

    def build(self, input_shape):
        n_units = self.state_size
        self.kernel = self.add_weight(shape=(input_shape[-1], n_units), initializer="zeros", name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(n_units, n_units), initializer=keras.initializers.Identity(), name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(n_units,), initializer="zeros", name="bias")

    def call(self, inputs, states, training=None):
        state = ops.matmul(states[0], self.recurrent_kernel) + ops.matmul(inputs, self.kernel) + self.bias
        return state, [state]


class NodeCell(layers.Layer):
    def __init__(self, settings: Node, seed: int, **more: Any):
        super().__init__(**more)
        self.settings, self.seed = settings, seed
        self.state_size = self.output_size = settings.n_units

    def build(self, input_shape):
        s = self.settings
        sizes = [s.n_units + input_shape[-1], *[s.layer_size] * (s.n_layers - 1), s.n_units]
        self.kernels, self.biases = [], []
        for i, shape in enumerate(itertools.pairwise(sizes)):
            draw = keras.initializers.GlorotUniform(self.seed + i)
            self.kernels.append(self.add_weight(shape=shape, initializer=draw, name=f"kernel_{i}"))
            self.biases.append(self.add_weight(shape=shape[1:], initializer="zeros", name=f"bias_{i}"))

    def call(self, inputs, states, training=None):
        value = ops.concatenate([states[0], inputs], axis=-1)
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            value = ops.matmul(value if i == 0 else ops.relu(value), kernel) + bias
        state = states[0] + self.settings.step * value
        return state, [state]


def build(cell: Cell, seed: int) -> Any:
    """The Keras cell of a decoder, called "cell"."""
    seed = seeds.integer(seed, "cell", cell.cell)
    draw = {
        "kernel_initializer": keras.initializers.GlorotUniform(seed),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=seed),
    }
    if isinstance(cell, Node):
        return NodeCell(cell, seed, name="cell")
    if cell.cell == "linear":
        return LinearCell(cell.n_units, name="cell")
    kind = {"gru": layers.GRUCell, "vanilla": layers.SimpleRNNCell}[cell.cell]
    return kind(cell.n_units, name="cell", **draw)
