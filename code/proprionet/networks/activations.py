"""What the layers of a network answer to movements."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from proprionet.networks.backbones import uses_jit

LAYER = re.compile(r"input|(spatial|temporal|spatiotemporal|recurrent)\d+")


def layer_shapes(model: keras.Model) -> dict[str, tuple[int, int, int]]:
    """(layer_time, space, channel) of the input and every layer after its ReLU, in network order; heads are left out.

    A layer has ``space * channel`` units, each with a time course.
    """
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers if LAYER.fullmatch(layer.name)}
    return {name: (step, space, channel) for name, (space, step, channel) in shapes.items()}


def layer_names(model: keras.Model) -> list[str]:
    """Names of the recorded layers in network order: ``input``, ``spatial0``, ..., ``temporal0``, ..."""
    return list(layer_shapes(model))


def record(
    model: keras.Model, inputs: Any, batch_size: int = 128, names: Sequence[str] | None = None
) -> Iterator[dict[str, np.ndarray]]:
    """Activations of layers, batch by batch, in one forward pass each.

    Parameters
    ----------
    model : keras.Model
        From :func:`proprionet.networks.backbones.build`, trained or not.
    inputs : array or HDF5 dataset, shape (movement, muscle, step, channel)
        As the network takes them (mm and mm/s); read in contiguous blocks.
    batch_size : int
        Movements in a block.
    names : names of the layers; all if not given.

    Yields
    ------
    dict of array, shape (movement, layer_time, space, channel), float32
        By layer name; ``input`` is the unscaled input. Dropout is off.
    """
    names = layer_names(model) if names is None else names
    time_first = keras.layers.Permute((2, 1, 3), dtype="float32")
    recorder = keras.Model(model.inputs[0], {name: time_first(model.get_layer(name).output) for name in names})
    recorder.jit_compile = uses_jit()
    for block in _blocks(inputs, batch_size):
        found: Any = recorder.predict_on_batch(block)
        yield {name: found[name] for name in names}


def _blocks(inputs: Any, batch_size: int) -> Iterator[np.ndarray]:
    for start in range(0, inputs.shape[0], batch_size):
        yield np.asarray(inputs[start : start + batch_size], dtype=np.float32)
