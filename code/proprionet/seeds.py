"""Random numbers that depend on what is made, never on how many workers make it or in which order."""

import hashlib
import operator

import numpy as np

_BLOCK = 64  # items that share a random stream


def generator(seed: int, *key: int | str) -> np.random.Generator:
    """Independent random stream of one item, e.g. ``generator(seed, "movement", letter, repeat)``.

    The stream is a child of ``seed`` chosen by the key alone, so that results do not depend on workers,
    shards, or the order of work, and can be resumed at any item.

    Parameters
    ----------
    seed : int
        The experiment's seed, 0 or larger.
    key : int or str
        What the numbers are for, from the general to the particular.
    """
    return np.random.default_rng(sequence(seed, *key))


def uniform(seed: int, *key: int | str, rows: np.ndarray, columns: int) -> np.ndarray:
    """Random numbers in [0, 1) for many small items at once: one row an item, the same whichever rows are asked for.

    A stream of its own for each of a million items would take longer than the items. Here one serves a block of 64.

    Parameters
    ----------
    key : int or str
        What the numbers are for.
    rows : array of int, shape (item,)
        Numbers of the items, from 0.
    columns : int
        How many numbers each item gets.

    Returns
    -------
    array, shape (item, columns)
    """
    of_block, place = np.divmod(np.asarray(rows, dtype=np.int64), _BLOCK)
    blocks, which = np.unique(of_block, return_inverse=True)
    streams = [generator(seed, *key, int(block)).random((_BLOCK, columns)) for block in blocks]
    return np.reshape(streams, (-1, _BLOCK, columns))[which, place]


def sequence(seed: int, *key: int | str) -> np.random.SeedSequence:
    """The :class:`numpy.random.SeedSequence` behind :func:`generator`; for libraries that want an integer seed."""
    return np.random.SeedSequence(entropy=seed, spawn_key=tuple(_word(part) for part in key))


def integer(seed: int, *key: int | str) -> int:
    """A 31-bit seed for libraries that take one integer (Keras, scikit-learn)."""
    return int(sequence(seed, *key).generate_state(1)[0] & 0x7FFFFFFF)


def _word(part: int | str) -> int:
    """A 64-bit number for one part of a key; text and numbers cannot collide, NumPy's numbers count as Python's."""
    text = f"str:{part}" if isinstance(part, str) else f"int:{operator.index(part)}"
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], "little")
