"""Reading movements or a data set some at a time, as the samples of the movements themselves, without padding."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from proprionet.errors import InputError
from proprionet.movements.files import sound_offsets
from proprionet.store import Reader

MOVEMENTS_AT_ONCE = 256
OF_SAMPLE = ("joints", "hand", "muscle_length")


@dataclass(frozen=True, eq=False)
class Block:
    """Neighbouring movements of a file.

    ``rows`` (movement,): their numbers in the file. ``offsets`` (movement + 1,): where each starts in ``samples``, by
    name of the quantity (sample, channel); a compact file has ``joints`` only.
    """

    rows: np.ndarray
    offsets: np.ndarray
    samples: dict[str, np.ndarray]

    @classmethod
    def join(cls, blocks: list["Block"]) -> "Block":
        """Blocks one after another."""
        lengths = np.concatenate([np.diff(block.offsets) for block in blocks])
        samples = {name: np.concatenate([block.samples[name] for block in blocks]) for name in blocks[0].samples}
        rows = np.concatenate([block.rows for block in blocks])
        return cls(rows, np.concatenate([[0], np.cumsum(lengths)]), samples)


def blocks(file: Reader, most: int | None = None) -> Iterator[Block]:
    """Movements of an open file of kind ``movements`` or ``dataset``, in their order.

    Parameters
    ----------
    most : int, optional
        Read about so many movements, in blocks spread evenly over the file, rather than all.

    Raises
    ------
    InputError
        If a movement does not lie within its file or its time steps, has fewer than two samples, or is not held still
        before and after; names the file and the first such movement.
    """
    first, lengths = _places(file)
    starts = np.arange(0, len(lengths), MOVEMENTS_AT_ONCE)
    if most is not None and most < len(lengths):
        starts = starts[np.linspace(0, len(starts) - 1, -(-most // MOVEMENTS_AT_ONCE)).astype(int)]
    names = [name for name in OF_SAMPLE if name in file]
    for start in starts:
        rows = np.arange(start, min(start + MOVEMENTS_AT_ONCE, len(lengths)))
        offsets = np.concatenate([[0], np.cumsum(lengths[rows])])
        if file.kind == "movements":
            where = slice(first[start], first[start] + offsets[-1])
            samples = {name: file.dataset(name)[where] for name in names}
        else:
            samples = {name: _without_padding(file, name, rows, first[rows], lengths[rows]) for name in names}
        yield Block(rows, offsets, samples)


def _places(file: Reader) -> tuple[np.ndarray, np.ndarray]:
    """First sample, or time step, of every movement, and how many samples it has."""
    name = file.path.name
    if file.kind == "movements":
        ends = sound_offsets(file)
        first, lengths = ends[:-1], np.diff(ends)
    else:
        first, lengths = file["first"], file["n_samples"]
        n_steps = file.dataset("joints").shape[2]
        if (bad := np.flatnonzero((first < 0) | (first + lengths > n_steps))).size:
            one = bad[0]
            raise InputError(
                f"{name}: movement {one} has {lengths[one]} samples from step {first[one]}, "
                f"which do not fit into {n_steps} steps"
            )
    if (bad := np.flatnonzero(lengths < 2)).size:
        raise InputError(f"{name}: movement {bad[0]} has {lengths[bad[0]]} samples, a movement has at least 2")
    return first, lengths


def _without_padding(file: Reader, name: str, rows: np.ndarray, first: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    padded = file.dataset(name)[rows[0] : rows[-1] + 1]
    step = np.arange(padded.shape[2])
    live = (step >= first[:, None]) & (step < (first + lengths)[:, None])
    moves = (padded[..., 1:] != padded[..., :-1]).any(axis=1)
    if (bad := np.flatnonzero((moves & ~(live[:, 1:] & live[:, :-1])).any(axis=1))).size:
        raise InputError(
            f"{file.path.name}: '{name}' of movement {rows[bad[0]]} changes before the movement starts or after it ends"
        )
    return padded.transpose(0, 2, 1)[live]
