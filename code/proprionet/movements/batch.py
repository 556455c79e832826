"""Many movements together: their samples one after another, and what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from proprionet.letters.latents import Latents


@dataclass(frozen=True, eq=False)
class Batch:
    """Movements in the order of their ``index``.

    Of shape (sample, ...), one movement after another: ``hand`` (3) cm, ``joints`` degrees, ``muscle_length`` mm.
    Of shape (movement, ...): ``index`` (number of the movement in its set), ``letter`` (place among the pen letters),
    ``plane`` (0 horizontal, 1 vertical), ``start_point`` (3) cm, ``varied``, ``tracing_error`` cm, ``joint_jerk``
    degree/sample^3, ``muscle_jerk`` mm/sample^3. ``offsets`` (movement + 1,) says where each movement starts.
    """

    index: np.ndarray
    letter: np.ndarray
    plane: np.ndarray
    start_point: np.ndarray
    varied: Latents
    tracing_error: np.ndarray
    joint_jerk: np.ndarray
    muscle_jerk: np.ndarray
    offsets: np.ndarray
    hand: np.ndarray
    joints: np.ndarray
    muscle_length: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: np.ndarray) -> "Batch":
        """Some of the movements, in the order of ``rows`` (numbers of movements in this batch)."""
        samples, offsets = samples_of(self.offsets, rows)
        chosen = {name: getattr(self, name)[rows] for name in _OF_MOVEMENT}
        return Batch(**chosen, offsets=offsets, **{name: getattr(self, name)[samples] for name in _OF_SAMPLE})

    def stored(self, *, compact: bool) -> "Batch":
        """As it is kept: in single precision, and if compact without hand and muscle lengths."""
        kept = {name: getattr(self, name).astype(np.float32) for name in _OF_SAMPLE}
        if compact:
            kept |= {name: kept[name][:, :0] for name in ("hand", "muscle_length")}
        return replace(self, **kept)

    @classmethod
    def join(cls, batches: Sequence["Batch"]) -> "Batch":
        """Batches one after another."""
        if len(batches) == 1:
            return batches[0]
        varied = Latents(
            **{
                field.name: np.concatenate([getattr(batch.varied, field.name) for batch in batches])
                for field in fields(Latents)
            }
        )
        arrays = {
            name: np.concatenate([getattr(batch, name) for batch in batches])
            for name in (*_OF_MOVEMENT, *_OF_SAMPLE)
            if name != "varied"
        }
        lengths = np.concatenate([np.diff(batch.offsets) for batch in batches])
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return cls(varied=varied, offsets=offsets, **arrays)


_OF_SAMPLE = ("hand", "joints", "muscle_length")
_OF_MOVEMENT = tuple(field.name for field in fields(Batch) if field.name not in (*_OF_SAMPLE, "offsets"))


def samples_of(offsets: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the samples of some movements lie, and the offsets of these movements among each other.

    Parameters
    ----------
    offsets : array, shape (movement + 1,)
    rows : array of int, shape (chosen,)

    Returns
    -------
    samples : array of int, shape (sample,)
    offsets : array of int, shape (chosen + 1,)
    """
    lengths = np.diff(offsets)[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return np.arange(ends[-1]) + np.repeat(offsets[:-1][rows] - ends[:-1], lengths), ends
