"""Weights of a network as named arrays; a network is stored as its settings plus these, never as a pickled model."""

from collections.abc import Mapping

import keras
import numpy as np

from proprionet.errors import InputError


def weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Copies of all weights, scaling included, named ``layer/weight`` (e.g. ``spatial0_convolution/kernel``)."""
    return values(_variables(model))


def set_weights(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Give a network the weights that :func:`weights` took from one of the same architecture.

    Raises
    ------
    InputError
        If a weight is missing, unknown, or of another shape; the network is then left as it was.
    """
    assign(_variables(model), arrays)


def values(variables: Mapping[str, keras.Variable]) -> dict[str, np.ndarray]:
    """Copies of named variables."""
    return {name: np.array(keras.ops.convert_to_numpy(variable)) for name, variable in variables.items()}


def assign(variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Give named variables the values of arrays of the same names; raises as :func:`set_weights`."""
    for name, variable in variables.items():
        if name not in arrays:
            raise InputError(f"weights: {name} is missing; they belong to another architecture or task")
        if np.shape(arrays[name]) != tuple(variable.shape):
            raise InputError(
                f"weights: {name} has shape {np.shape(arrays[name])}, but the network expects {tuple(variable.shape)}"
            )
    if unknown := sorted(set(arrays) - set(variables)):
        raise InputError(f"weights: the network has no {unknown[0]}; they belong to another architecture or task")
    for name, variable in variables.items():
        variable.assign(arrays[name])


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    return {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights}
