"""Movements for a network, with their targets, read as they are needed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

IN_MEMORY = 2 << 30  # bytes of inputs and targets; what is larger is read again in every epoch
READ_TOGETHER = 1024  # movements read together where order does not matter


class Answer(NamedTuple):
    """One part of a network's answer: what it is, its unit, and how many numbers it has."""

    name: str
    unit: str
    size: int


class Batch(NamedTuple):
    """Some movements: inputs (movement, muscle, step, channel), what the head is given besides (movement, ...) or None,
    and targets (movement, ...), NaN where nothing is asked."""

    inputs: np.ndarray
    given: np.ndarray | None
    targets: np.ndarray

    @property
    def network_inputs(self) -> Any:
        """As Keras takes them."""
        return self.inputs if self.given is None else [self.inputs, self.given]

    def rows(self, chosen: Any) -> "Batch":
        """Some of the movements."""
        given = None if self.given is None else self.given[chosen]
        return Batch(self.inputs[chosen], given, self.targets[chosen])


def ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, each made by a thread of its own while the one before it is worked on."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = maker.submit(next, batches, None)
            yield batch


@dataclass(frozen=True)
class Samples:
    """Movements for a network: ``read(places)`` gives a :class:`Batch` of those at the given places, from 0.

    ``numbers`` (movement,) say which they are: rows of a data set, or trials of a session. ``answers`` say what the
    targets of a regression are made of; they are empty for other tasks.
    """

    numbers: np.ndarray
    read: Callable[[np.ndarray], Batch]
    answers: tuple[Answer, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(muscle, step, channel)."""
        return self.read(np.arange(1)).inputs.shape[1:]

    @property
    def n_given(self) -> int:
        """How many numbers a movement the head is given besides."""
        given = self.read(np.arange(1)).given
        return 0 if given is None else given.shape[1]

    def first(self, count: int | None) -> "Samples":
        """So many of them, at most; all for None."""
        return replace(self, numbers=self.numbers[:count])

    def blocks(self) -> Iterator[Batch]:
        """All of them in order, in contiguous pieces, each read while the one before it is worked on."""
        places = np.arange(len(self))
        return self.pools(np.split(places, places[READ_TOGETHER::READ_TOGETHER]))

    def pools(self, pools: list[np.ndarray]) -> Iterator[Batch]:
        """The movements at the given places, pool by pool, each read while the one before it is worked on."""
        return ahead(self.read(pool) for pool in pools)

    def in_memory(self) -> "Samples":
        """The same, read once if they are small, and again each time if they are not."""
        one = self.read(np.arange(1))
        if len(self) * sum(values.nbytes for values in one if values is not None) > IN_MEMORY:
            return self
        blocks = list(self.blocks())
        inputs, targets = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("inputs", "targets"))
        given = [block.given for block in blocks if block.given is not None]
        whole = Batch(inputs, np.concatenate(given) if given else None, targets)
        return Samples(self.numbers, whole.rows, self.answers)


def of_arrays(inputs: np.ndarray, targets: np.ndarray, answers: tuple[Answer, ...] = ()) -> Samples:
    """Movements that are in memory."""
    return Samples(np.arange(len(inputs)), Batch(inputs, None, targets).rows, answers)
