"""What backbones are built of: initial weights, convolutions with the published normaliser, a causal normaliser."""

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks.families import MOST_WEIGHTS, Layer

NORMALISATION_EPSILON = 1e-12


@dataclass(frozen=True)
class InitialWeights:
    """Initial weights of a network, from the seed and the names of architecture and layer alone.

    ``initial(layer, gates=1)`` is a Keras initializer: Glorot's uniform distribution, of each gate for itself where a
    kernel holds several, as in cuDNN. The numbers are NumPy's, so that every backend starts from the same weights. A
    kernel that would fill the memory is refused (InputError) before it is drawn.
    """

    seed: int
    architecture: str

    def __call__(self, layer: str, gates: int = 1) -> Any:
        def draw(shape, dtype=None):
            if math.prod(shape) > MOST_WEIGHTS:
                raise InputError(
                    f"layer {layer} would have a kernel of {math.prod(shape):,} weights, more than the "
                    f"{MOST_WEIGHTS:,} allowed"
                )
            *window, n_inputs, n_outputs = shape
            limit = math.sqrt(6 / (math.prod(window) * (n_inputs + n_outputs // gates)))
            random = seeds.generator(self.seed, "weights", self.architecture, layer)
            return ops.convert_to_tensor(random.uniform(-limit, limit, shape), dtype)

        return draw

    def memory(self, layer: str, longest: int) -> Any:
        """Biases of gates with time constants of 2 to ``longest`` steps: an LSTM's (4 unit,), a GRU's (2, 3 unit)."""

        def draw(shape, dtype=None):
            bias = np.zeros(shape)
            gates = bias.reshape(4, -1) if len(shape) == 1 else bias[0].reshape(3, -1)
            random = seeds.generator(self.seed, "weights", self.architecture, layer)
            keep = np.log(random.uniform(1, longest - 1, gates.shape[1]))
            if len(shape) == 1:
                gates[0], gates[1] = -keep, keep  # of what enters, and of what is kept
            else:
                gates[0] = keep
            return ops.convert_to_tensor(bias, dtype)

        return draw


def convolution(features, layer: Layer, causal: bool, initial: InitialWeights):
    """Convolution, normaliser, ReLU; the Keras layer called ``layer.name`` is the block's output.

    SAME padding in space and time, or where ``causal`` zeros before the first time step alone.
    """
    padding = "same"
    if causal and layer.kernel[1] > 1:
        before_and_after = _same_padding(features.shape[1], layer.kernel[0], layer.stride[0])
        zeros = (before_and_after, (layer.kernel[1] - 1, 0))
        features, padding = layers.ZeroPadding2D(zeros, name=f"{layer.name}_padding")(features), "valid"
    features = layers.Conv2D(
        layer.size,
        layer.kernel,
        layer.stride,
        padding=padding,
        use_bias=False,
        kernel_initializer=initial(layer.name),
        name=f"{layer.name}_convolution",
    )(features)
    return layers.ReLU(name=layer.name)(normalised(features, layer.name, causal))


def normalised(features, name: str, causal: bool):
    """Features normalised as published, or causally, by a layer ``<name>_normalisation``.

    The published normaliser has one mean and variance a sample, over space, time and channels, and a gain and offset a
    channel: group normalisation with one group. It answers in float32 whatever the precision of the network.
    """
    name = f"{name}_normalisation"
    if causal:
        return CausalNormalisation(dtype="float32", name=name)(features)
    return layers.GroupNormalization(groups=1, epsilon=NORMALISATION_EPSILON, dtype="float32", name=name)(features)


@keras.saving.register_keras_serializable("proprionet")
class CausalNormalisation(layers.Layer):
    """The published normaliser without a look ahead: mean and variance over space, channels and the time steps so far.

    At the last step they are those of the published normaliser. Features have shape (..., step, channel), with or
    without space before; gain and offset are one a channel, with the names that Keras gives them.
    """

    def build(self, input_shape):
        self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, inputs):
        time = len(inputs.shape) - 2
        others = (*range(1, time), time + 1)
        # Around the mean of the first step, which every step knows: sums of squares keep their digits.
        centred: Any = inputs - ops.mean(inputs[..., :1, :], axis=others, keepdims=True)
        mean = self._so_far(centred, time, others)
        variance: Any = ops.maximum(self._so_far(ops.square(centred), time, others) - ops.square(mean), 0)
        return (centred - mean) * ops.rsqrt(variance + NORMALISATION_EPSILON) * self.gamma + self.beta

    @staticmethod
    def _so_far(values: Any, time: int, others: tuple[int, ...]) -> Any:
        """Mean over the other axes and the time steps up to each."""
        counts = ops.reshape(ops.arange(1, values.shape[time] + 1, dtype="float32"), (-1, 1))
        return ops.divide(ops.cumsum(ops.mean(values, axis=others, keepdims=True), axis=time), counts)


def by_step(features, name: str):
    """All that is there at each time step: (space, step, channel) to (step, space * channel)."""
    space, step, channel = features.shape[1:]
    features = layers.Permute((2, 1, 3), name=f"{name}_time_first")(features)
    return layers.Reshape((step, space * channel), name=f"{name}_flatten")(features)


def as_space(features, name: str):
    """Units of each time step as places with one channel: (step, unit) to (unit, step, 1), called ``name``."""
    step, unit = features.shape[1:]
    features = layers.Reshape((step, unit, 1), name=f"{name}_channel")(features)
    return layers.Permute((2, 1, 3), name=name)(features)


def _same_padding(n_inputs: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, as SAME padding has them."""
    zeros = max((-(-n_inputs // stride) - 1) * stride + kernel - n_inputs, 0)
    return zeros // 2, zeros - zeros // 2
