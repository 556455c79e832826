"""The hand's position at each time step as a linear function of what the input says at that step.

Source: Sandbrink et al. 2023, Methods, linear baseline of trajectory decoding (ordinary least squares by stochastic
gradient descent, standardised inputs and outputs, until the validation loss saturates); Fig. 3E.
"""

from collections.abc import Callable, Iterable, Sequence
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

_Scaled = Callable[[Block], Block]


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
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
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
    progress : callable
        Goes through the epochs, to show how far it is.

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

        def scaled(block: Block) -> Block:
            inputs, hand = (s.transform(values.astype(float)) for s, values in zip(scalers, block, strict=True))
            return np.asarray(inputs), np.asarray(hand)

        exact = _least_squares(train, scaled)
        try:
            weight, losses = _descend(train, validation, scaled, tolerance, progress(range(max_epochs)), seed)
        except ValueError as error:
            raise InputError("the gradient descent diverged: some inputs lie far off the rest") from error
    moments = [np.asarray(values) for s in scalers for values in (s.mean_, s.scale_)]
    return LinearDecoder(weight, exact, *moments, validation_loss=np.array(losses))


def _least_squares(train: Sequence[Block], scaled: _Scaled) -> np.ndarray:
    """Exact weights, from sums of products."""
    square, cross = np.zeros(()), np.zeros(())
    for index in range(len(train)):
        inputs, hand = scaled(train[index])
        square, cross = square + inputs.T @ inputs, cross + inputs.T @ hand
    return np.linalg.lstsq(square, cross)[0]


def _descend(
    train: Sequence[Block],
    validation: Sequence[Block],
    scaled: _Scaled,
    tolerance: float,
    epochs: Iterable[int],
    seed: int,
) -> tuple[np.ndarray, list[float]]:
    """Weights of the best epoch, and the validation loss of each."""
    inputs, hand = train[0]
    first_step = min(0.01, 0.5 / inputs.shape[1])  # a typical input has the squared length of its features
    machines = [
        SGDRegressor(alpha=0.0, fit_intercept=False, eta0=first_step, random_state=seeds.integer(seed, "axis", axis))
        for axis in range(hand.shape[1])
    ]
    losses, best, waited = [], np.empty(0), 0
    for epoch in epochs:
        for index in seeds.generator(seed, "blocks", epoch).permutation(len(train)):
            inputs, hand = scaled(train[index])
            for axis, machine in enumerate(machines):
                machine.partial_fit(inputs, hand[:, axis])
        weight = np.array([np.asarray(machine.coef_) for machine in machines]).T
        loss = _loss(validation, scaled, weight)
        least = min(losses, default=np.inf)
        waited = 0 if loss < least - tolerance else waited + 1
        best = weight if loss < least else best
        losses.append(loss)
        if waited == PATIENCE:
            break
    return best, losses


def _loss(blocks: Sequence[Block], scaled: _Scaled, weight: np.ndarray) -> float:
    """Mean squared error of standardised positions."""
    total, count = 0.0, 0
    for index in range(len(blocks)):
        inputs, hand = scaled(blocks[index])
        total, count = total + np.sum((hand - inputs @ weight) ** 2), count + hand.size
    return float(total / count)
