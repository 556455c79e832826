"""Single-stroke letters as pen paths, and the box that they are written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from proprionet.errors import InputError

if TYPE_CHECKING:
    from proprionet.store import Reader, Writer

ALPHABET = "abcdeghlmnopqrsuvwyz"
TIME_STEP_S = 0.015
FEWEST_POINTS = 8


@dataclass(frozen=True, eq=False)
class Letters:
    """Letters written with one stroke each, one sample every ``TIME_STEP_S``.

    Parameters
    ----------
    paths : list of arrays, each of shape (time, 2)
        Pen positions in cm; x points right, y up.
    labels : array, shape (letter,)
        Index of each letter in ``ALPHABET``, from 0.
    source : array, shape (letter,)
        Identity of the recording behind each letter, by which a data set of its variants can be split.

    Raises
    ------
    InputError
        If the lengths differ, a label is not 0..19, or a stroke is not one (see :func:`stroke_problem`);
        names the first such letter.
    """

    paths: list[np.ndarray]
    labels: np.ndarray
    source: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", [np.asarray(path, dtype=np.float64) for path in self.paths])
        object.__setattr__(self, "labels", np.asarray(self.labels, dtype=np.int64))
        object.__setattr__(self, "source", np.asarray(self.source, dtype=np.int64))
        count = (len(self.paths),)
        if self.labels.shape != count or self.source.shape != count:
            raise InputError(
                f"{count[0]} paths need as many labels and sources, not {self.labels.size} and {self.source.size}"
            )
        if (unknown := np.flatnonzero((self.labels < 0) | (self.labels >= len(ALPHABET)))).size:
            first = unknown[0]
            raise InputError(
                f"letter {first}: label {self.labels[first]} is not in 0..{len(ALPHABET) - 1} ({ALPHABET})"
            )
        for index, path in enumerate(self.paths):
            if problem := stroke_problem(path):
                raise InputError(f"letter {index}: {problem}")

    def __len__(self) -> int:
        return len(self.paths)

    def select(self, indices: Sequence[int] | np.ndarray) -> "Letters":
        """The letters at ``indices`` (integers, shape (chosen,)), in that order."""
        chosen = np.asarray(indices, dtype=np.int64)
        return Letters([self.paths[index] for index in chosen], self.labels[chosen], self.source[chosen])

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """All paths one after another (sample, 2) in cm, and where each starts: offsets (letter + 1,), and the end."""
        offsets = np.cumsum([0, *map(len, self.paths)], dtype=np.int64)
        return np.concatenate([np.empty((0, 2)), *self.paths]), offsets

    @classmethod
    def from_flat(cls, samples: np.ndarray, offsets: np.ndarray, labels: np.ndarray, source: np.ndarray) -> "Letters":
        """Inverse of :meth:`flat`; raises InputError if the offsets do not cover the samples in order."""
        samples, offsets = np.asarray(samples), np.asarray(offsets)
        if samples.ndim != 2 or samples.shape[1] != 2:
            raise InputError(f"samples must have shape (sample, 2), not {samples.shape}")
        if (
            offsets.ndim != 1
            or not offsets.size
            or offsets[0] != 0
            or offsets[-1] != len(samples)
            or np.any(np.diff(offsets) < 0)
        ):
            raise InputError(f"offsets must rise from 0 to the number of samples ({len(samples)})")
        return cls(np.split(samples, offsets[1:-1]) if offsets.size > 1 else [], labels, source)


def save(file: "Writer", letters: Letters, origin: str) -> None:
    """Write letters into an open file of kind ``letters``; ``origin`` says where they come from."""
    samples, offsets = letters.flat()
    file.write("samples", samples)
    file.write("offsets", offsets)
    file.write("label", letters.labels)
    file.write("source", letters.source)
    file.set(alphabet=ALPHABET, time_step_s=TIME_STEP_S, origin=origin)


def load(file: "Reader") -> Letters:
    """The letters of an open file of kind ``letters``; raises InputError with the file's name if they are not sound."""
    try:
        return Letters.from_flat(file["samples"], file["offsets"], file["label"], file["source"])
    except InputError as error:
        raise InputError(f"{file.path.name}: {error}") from None


def stroke_problem(path: np.ndarray) -> str | None:
    """What keeps a path (time, 2) from being a stroke, in words; None for a good one.

    A stroke is finite and has at least ``FEWEST_POINTS`` points that differ from the one before.
    """
    if path.ndim != 2 or path.shape[1] != 2:
        return f"the path must have shape (time, 2), not {path.shape}"
    if not np.isfinite(path).all():
        return f"sample {np.flatnonzero(~np.isfinite(path).all(axis=1))[0]} is not a finite number"
    points = min(len(path), 1 + np.count_nonzero(np.diff(path, axis=0).any(axis=1)))
    if points == 1:
        return "the stroke is a single point"
    if points < FEWEST_POINTS:
        return f"the stroke has {points} different points, at least {FEWEST_POINTS} are needed"
    return None


def fit_to_box(path: np.ndarray, size_cm: float = 10.0, keep_aspect: bool = False) -> np.ndarray:
    """Centre a path on 0 and scale it to a box.

    Parameters
    ----------
    path : array, shape (time, 2)
        Pen positions in any unit.
    size_cm : float
        Side of the box.
    keep_aspect : bool
        False stretches each axis separately onto the box, as published; True scales both by the larger extent.

    Returns
    -------
    array, shape (time, 2)
        cm, within [-size_cm / 2, size_cm / 2].

    Raises
    ------
    InputError
        If the path has no extent, or none along an axis that must be stretched.

    Source: Sandbrink et al. 2023, Methods ("each axis separately onto a 10 cm range").
    """
    low, high = path.min(axis=0), path.max(axis=0)
    extent = high - low
    if keep_aspect:
        extent = np.full(2, extent.max())
    if (extent == 0).any():
        raise InputError(f"the stroke has no extent along {'xy'[np.argmin(extent)]}, so it cannot be fitted to a box")
    if keep_aspect:
        return (path - (low + high) / 2) / extent * size_cm
    return ((path - low) / extent - 0.5) * size_cm
