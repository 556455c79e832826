"""The hand's position at each time step as a linear function of what the input says at that step.

Source: Sandbrink et al. 2023, Methods, linear baseline of trajectory decoding (ordinary least squares by stochastic
gradient descent, standardised inputs and outputs, until the validation loss saturates); Fig. 3E.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import SGDRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from proprionet import seeds
from proprionet.errors import InputError

PATIENCE = 5  # epochs without improvement, as scikit-learn counts them

Block = tuple[np.ndarray, np.ndarray]
"""Inputs (sample, feature) in any unit, and hand positions (sample, axis) in cm, of the same moments."""


@dataclass(frozen=True)
class LinearDecoder:
    """Weights of standardised inputs for standardised positions, and what standardises them."""

    weight: np.ndarray
    """(feature, axis): by stochastic gradient descent, of the epoch with the least validation loss."""
    exact_weight: np.ndarray
    """(feature, axis): the least squares themselves (of least length where inputs depend on each other)."""
    input_mean: np.ndarray
    input_deviation: np.ndarray
    """(feature,), in the input's unit; 1 for a feature that never varies."""
    hand_mean: np.ndarray
    hand_deviation: np.ndarray
    """(axis,), cm."""
    validation_loss: np.ndarray
    """(epoch,): mean squared error of standardised positions on the validation part."""

    def distance(self, inputs: np.ndarray, hand: np.ndarray, *, exact: bool = False) -> np.ndarray:
        """How far the decoded hand is from the hand at each sample, cm; shape (sample,)."""
        decoded = ((inputs - self.input_mean) / self.input_deviation) @ (self.exact_weight if exact else self.weight)
        return np.linalg.norm(decoded * self.hand_deviation + self.hand_mean - hand, axis=1)


def fit(
    train: Sequence[Block],
    validation: Sequence[Block],
    *,
    tolerance: float = 1e-3,
    max_epochs: int = 1000,
    seed: int = 0,
) -> LinearDecoder:
    """Least squares by stochastic gradient descent, and exactly.

    Parameters
    ----------
    train, validation : sequence of blocks
        Each asked for by its number whenever it is needed, once an epoch, so that a set may be larger than memory.
    tolerance : float
        Stop when the validation loss has not fallen by this much below its least in 5 epochs (published: 1e-3).
    max_epochs : int
    seed : int
        Order of blocks and of the samples in them.

    Raises
    ------
    InputError
        If a part has no block, or inputs or positions are not finite.
    """
    if not len(train) or not len(validation):
        raise InputError("the training or the validation part of the data set is empty")
    with threadpool_limits(1):  # the same rounding on every machine
        scalers = StandardScaler(), StandardScaler()
        for index in range(len(train)):
            for scaler, values in zip(scalers, train[index], strict=True):
                if not np.isfinite(values).all():
                    raise InputError("inputs or hand positions of the training part are not finite")
                scaler.partial_fit(values.astype(float))

        def scaled(block: Block) -> list[np.ndarray]:
            return [np.asarray(s.transform(values.astype(float))) for s, values in zip(scalers, block, strict=True)]

        exact, power = _least_squares(train, scaled)
        weight, losses = _descend(train, validation, scaled, power, tolerance, max_epochs, seed)
    moments = [np.asarray(values) for s in scalers for values in (s.mean_, s.scale_)]
    return LinearDecoder(weight, exact, *moments, validation_loss=np.array(losses))


def _least_squares(train, scaled) -> tuple[np.ndarray, float]:
    """Exact weights from sums of products, and the largest squared length of an input."""
    square, cross, power = 0.0, 0.0, 0.0
    for index in range(len(train)):
        inputs, hand = scaled(train[index])
        square, cross = square + inputs.T @ inputs, cross + inputs.T @ hand
        power = max(power, float((inputs**2).sum(axis=1).max()))
    return np.linalg.lstsq(square, cross)[0], power


def _descend(train, validation, scaled, power, tolerance, max_epochs, seed) -> tuple[np.ndarray, list[float]]:
    """Weights of the best epoch, and the validation loss of each; a step never overshoots, however large an input."""
    settings = {"penalty": None, "fit_intercept": False, "eta0": min(0.01, 1 / power), "tol": None}
    n_axes = train[0][1].shape[1]
    machines = [SGDRegressor(**settings, random_state=seeds.integer(seed, "axis", axis)) for axis in range(n_axes)]
    losses, best, waited = [], np.empty(0), 0
    for epoch in range(max_epochs):
        for index in seeds.generator(seed, "blocks", epoch).permutation(len(train)):
            inputs, hand = scaled(train[index])
            for axis, machine in enumerate(machines):
                machine.partial_fit(inputs, hand[:, axis])
        weight = np.column_stack([machine.coef_ for machine in machines])
        errors = [np.square(hand - inputs @ weight) for inputs, hand in map(scaled, (validation[i] for i in range(len(validation))))]
        loss = float(np.concatenate(errors).mean())
        waited = 0 if not losses or loss < min(losses) - tolerance else waited + 1
        if not losses or loss < min(losses):
            best = weight
        losses.append(loss)
        if waited >= PATIENCE:
            break
    return best, losses
