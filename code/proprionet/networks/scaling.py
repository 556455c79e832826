"""Fixed standardisation of inputs and outputs, learnt once from the training set and stored with the weights."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from proprionet.errors import InputError

READ_BLOCK = 1024


@keras.saving.register_keras_serializable("proprionet")
class FixedScaling(keras.layers.Layer):
    """``(x - mean) / scale``, or with ``invert`` ``x * scale + mean``; mean and scale are weights that do not train.

    ``statistics_shape`` is the shape of mean and scale; it broadcasts against the input without its batch axis.
    They start as 0 and 1 (no scaling).
    """

    def __init__(self, statistics_shape: tuple[int, ...], invert: bool = False, **layer_options):
        super().__init__(trainable=False, **layer_options)
        self.statistics_shape = tuple(statistics_shape)
        self.invert = invert

    def build(self, input_shape):
        self.mean = self.add_weight(shape=self.statistics_shape, initializer="zeros", name="mean", trainable=False)
        self.scale = self.add_weight(shape=self.statistics_shape, initializer="ones", name="scale", trainable=False)

    def call(self, inputs):
        if self.invert:
            return inputs * self.scale + self.mean
        return (inputs - self.mean) / self.scale

    def set_statistics(self, mean: np.ndarray, scale: np.ndarray) -> None:
        """Give the layer its mean and scale; any shape with the right number of values in the right order."""
        self.mean.assign(np.reshape(mean, self.statistics_shape))
        self.scale.assign(np.reshape(scale, self.statistics_shape))


def input_scaling(inputs: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every muscle and channel over movements and time.

    Parameters
    ----------
    inputs : array or HDF5 dataset, shape (movement, muscle, step, channel)
        Read in contiguous blocks, any unit.

    Returns
    -------
    mean, scale : array, shape (muscle, channel), float64
        In the unit of the inputs; the scale of a constant muscle is 1.

    Raises
    ------
    InputError
        If an input is not finite; names the first such movement.
    """
    return _mean_and_scale(inputs, axes=(0, 2), what="inputs")


def target_scaling(targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every dimension of regression targets, shape (movement, layer_time, dimension).

    Otherwise like :func:`input_scaling`; the results have shape (dimension,).
    """
    return _mean_and_scale(targets, axes=(0, 1), what="targets")


def _mean_and_scale(values: Any, axes: tuple[int, ...], what: str) -> tuple[np.ndarray, np.ndarray]:
    count = np.prod([values.shape[axis] for axis in axes])
    mean = np.asarray(sum(block.sum(axes) for block in _blocks(values, what)) / count)
    centre = np.expand_dims(mean, axes)
    variance = sum(np.square(block - centre).sum(axes) for block in _blocks(values, what)) / count
    # A constant in float32 has a standard deviation of rounding errors, not of exactly 0.
    constant = np.sqrt(variance) <= 1e-6 * np.abs(mean)
    return mean, np.where(constant, 1.0, np.sqrt(variance))


def _blocks(values: Any, what: str) -> Iterator[np.ndarray]:
    for start in range(0, values.shape[0], READ_BLOCK):
        block = np.asarray(values[start : start + READ_BLOCK], dtype=np.float64)
        finite = np.isfinite(block).reshape(len(block), -1).all(axis=1)
        if not finite.all():
            raise InputError(f"{what}: movement {start + np.flatnonzero(~finite)[0]} has values that are not finite")
        yield block
