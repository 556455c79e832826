"""Redundancy reduction: two views of a movement agree in every dimension, and no two dimensions say the same."""

from types import ModuleType
from typing import Any

import numpy as np
from keras import ops

REDUNDANCY_WEIGHT = 5e-3  # as published
CONSTANT = 1e-12  # less variance than this share of the mean square is rounding error


def loss(targets: Any, embeddings: Any) -> Any:
    """Loss of Barlow Twins on a batch, as Keras calls it.

    With C the correlation, over movements, of each dimension in view A and each in view B, it is
    sum_i (1 - C_ii)^2 + 0.005 sum_{i != j} C_ij^2. It is 0 if the views agree and dimensions do not correlate. A view
    is standardised by its own mean and standard deviation (the published code divides by the variance); a dimension
    that is constant in a view correlates with nothing.

    Parameters
    ----------
    targets
        Plays no part: the views are each other's targets.
    embeddings : tensor, shape (2 * movement, dimension)
        View A of every movement, then view B of every movement.

    Returns
    -------
    tensor, shape (), float32

    Source: Zbontar et al. 2021, equations 1 and 2; Marin Vargas et al. 2024.
    """
    views: Any = ops.reshape(ops.cast(embeddings, "float32"), (2, -1, embeddings.shape[-1]))
    return _loss(views[0], views[1], ops)


def measure(view_a: np.ndarray, view_b: np.ndarray) -> float:
    """The same over a whole set: embeddings of two views of its movements, each of shape (movement, dimension).

    A mean over batches would say more, since each batch's correlations are wrong by chance.
    """
    return float(_loss(np.asarray(view_a, np.float64), np.asarray(view_b, np.float64), np))


def _loss(view_a: Any, view_b: Any, library: ModuleType) -> Any:
    """The formula, by the functions of NumPy or Keras."""
    correlation = library.matmul(library.transpose(_unit(view_a, library)), _unit(view_b, library))
    errors = library.square(correlation - library.eye(correlation.shape[0]))
    agreement = library.trace(errors)
    return agreement + REDUNDANCY_WEIGHT * (library.sum(errors) - agreement)


def _unit(view: Any, library: ModuleType) -> Any:
    """Dimensions centred and of length 1, whose products are correlations; constant ones stay 0."""
    # Around the first movement: a constant is then exactly 0, and small deviations keep their digits.
    centred = view - view[:1]
    centred = centred - library.mean(centred, axis=0)
    square = library.sum(library.square(centred), axis=0)
    constant = square <= CONSTANT * library.sum(library.square(view), axis=0)
    return centred / library.sqrt(library.where(constant, library.ones_like(square), square))
