"""The whole state of a training as named arrays, ``part/name``: what is saved after an epoch and taken up again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from proprionet.errors import InputError


@dataclass
class History:
    """One row of numbers a validation; ``validation_loss`` among them."""

    rows: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, state: Mapping[str, np.ndarray]) -> "History":
        """The history that a state of training holds."""
        columns = {name: values.tolist() for name, values in part(state, "history").items()}
        return cls([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """The rows as an array each name, as a state holds them."""
        return {name: np.array([row[name] for row in self.rows]) for name in self.rows[0]}

    @property
    def best(self) -> int:
        """Index of the (first) validation with the lowest loss."""
        return int(np.argmin([row["validation_loss"] for row in self.rows]))

    def plateaus(self, patience: int | None) -> int:
        """How often the validation loss went without improvement for ``patience`` validations in a row."""
        best, waited, plateaus = np.inf, 0, 0
        for row in self.rows:
            waited = 0 if row["validation_loss"] < best else waited + 1
            best = min(best, row["validation_loss"])
            if waited == patience:
                plateaus, waited = plateaus + 1, 0
        return plateaus


def state(optimizer: keras.Optimizer, **parts: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Copies of the arrays of every part (``weights/...``, ``history/...``), and of the optimizer's own."""
    own = {f"{i:03d}": ops.convert_to_numpy(variable) for i, variable in enumerate(optimizer.variables)}
    arrays = {**parts, "optimizer": own}
    return {f"{part}/{name}": np.array(arrays[part][name]) for part in arrays for name in arrays[part]}


def part(state: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """One part of a state, by the names inside it."""
    prefix = f"{name}/"
    return {key.removeprefix(prefix): np.asarray(state[key]) for key in state if key.startswith(prefix)}


def set_optimizer(optimizer: keras.Optimizer, state: Mapping[str, np.ndarray]) -> None:
    """Give a built optimizer what a state holds of it.

    Raises
    ------
    InputError
        If that is of another network; the optimizer is then left as it was.
    """
    arrays = part(state, "optimizer")
    shapes = [tuple(variable.shape) for variable in optimizer.variables]
    if [np.shape(arrays[name]) for name in sorted(arrays)] != shapes:
        raise InputError(
            "checkpoint: the optimizer's state does not fit this network; remove the checkpoint to restart"
        )
    for variable, name in zip(optimizer.variables, sorted(arrays), strict=True):
        variable.assign(arrays[name])
