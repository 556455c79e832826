"""The movement data set: movements of one length, split into training, validation and test."""

from dataclasses import dataclass

import numpy as np

from proprionet import seeds, spindles
from proprionet.errors import InputError
from proprionet.letters.strokes import ALPHABET
from proprionet.store import Reader

SPLITS = ("train", "validation", "test")


def offsets(movements: Reader) -> np.ndarray:
    """Where each movement of an open file of kind ``movements`` begins, and the end; shape (movement + 1,).

    Raises
    ------
    InputError
        If the samples of the movements do not follow one another without gaps, or a movement is of no known letter.
    """
    ends, label = movements["offsets"], movements["label"]
    name, n_samples = movements.path.name, len(movements.dataset("hand"))
    if len(ends) != len(label) + 1 or ends[0] != 0 or ends[-1] != n_samples or (np.diff(ends) < 1).any():
        raise InputError(f"{name}: 'offsets' must rise from 0 to the {n_samples} samples in {len(label)} movements")
    if not np.isin(label, np.arange(len(ALPHABET))).all():
        raise InputError(f"{name}: 'label' holds other numbers than 0 to {len(ALPHABET) - 1}")
    return ends


def pad(values: np.ndarray, first: int, n_steps: int) -> np.ndarray:
    """Hold the first and last posture so that a movement fills ``n_steps``.

    Parameters
    ----------
    values : array, shape (time, channel)
        One movement, any unit.
    first : int
        Step at which it starts.

    Returns
    -------
    array, shape (channel, n_steps)

    Raises
    ------
    InputError
        If the movement does not fit.

    Source: Sandbrink et al. 2023, Methods: movements start at a random time and are static before and after.
    """
    if first < 0 or first + len(values) > n_steps:
        raise InputError(f"a movement of {len(values)} steps from step {first} does not fit into {n_steps} steps")
    return values[np.clip(np.arange(n_steps) - first, 0, len(values) - 1)].T


def draw_first(n_samples: np.ndarray, n_steps: int, seed: int) -> np.ndarray:
    """Random step at which each movement starts, uniform over where it fits; shape (movement,).

    Raises
    ------
    InputError
        If a movement is longer than ``n_steps``; names the first.
    """
    if (long := np.flatnonzero(n_samples > n_steps)).size:
        raise InputError(
            f"movement {long[0]} has {n_samples[long[0]]} steps, more than n_steps = {n_steps}; raise n_steps"
        )
    draws = [
        seeds.generator(seed, "first", index).integers(0, room + 1) for index, room in enumerate(n_steps - n_samples)
    ]
    return np.array(draws, dtype=np.int64)


def split(
    label: np.ndarray, source: np.ndarray, *, validation_fraction: float, test_fraction: float, by: str, seed: int
) -> np.ndarray:
    """Put every movement into training (0), validation (1) or test (2), letter by letter of the alphabet.

    Parameters
    ----------
    label, source : array, shape (movement,)
        Letter of the alphabet, and id of the pen letter.
    by : "source_letter" or "movement"
        All movements made from one pen letter go to one part (no leak), or each goes its own way (as published).

    Returns
    -------
    array, shape (movement,), uint8

    Raises
    ------
    InputError
        If a letter has too few pen letters or movements for three parts, or the fractions leave none for training.
    """
    if validation_fraction + test_fraction >= 1:
        raise InputError(
            f"validation_fraction {validation_fraction:g} and test_fraction {test_fraction:g} leave nothing to train on"
        )
    parts = np.zeros(len(label), dtype=np.uint8)
    groups = source if by == "source_letter" else np.arange(len(label))
    for letter in np.unique(label):
        members = np.flatnonzero(label == letter)
        names, sizes = np.unique(groups[members], return_counts=True)
        if len(names) < 3:
            what = "pen letters" if by == "source_letter" else "movements"
            raise InputError(
                f"letter '{ALPHABET[letter]}' has {len(names)} {what}, at least 3 are needed to split by {by}"
            )
        order = seeds.generator(seed, "split", int(letter)).permutation(len(names))
        ends = np.cumsum(sizes[order]) / sizes.sum()
        place = np.where(ends <= test_fraction, 2, np.where(ends <= test_fraction + validation_fraction, 1, 0))
        place[0], place[1] = 2, max(place[1], 1)  # however few there are, each part gets one
        if not (place == 1).any():
            place[np.flatnonzero(place == 2)[-1]] = 1
        part_of = dict(zip(names[order], place, strict=True))
        parts[members] = [part_of[name] for name in groups[members]]
    return parts


def check_split(data: Reader) -> None:
    """Refuse a data set split by source letter in which movements made from one pen letter lie in two parts.

    Raises
    ------
    InputError
        Naming the first such pen letter.
    """
    if data.attribute("settings").get("split_by") != "source_letter":
        return
    pairs = np.unique(np.stack([data["source"], data["split"]]), axis=1)
    names, counts = np.unique(pairs[0], return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{data.path.name}: pen letter {names[counts > 1][0]} has movements in more than one part")


def select(label: np.ndarray, parts: np.ndarray, *, part: str, per_letter: int, seed: int) -> np.ndarray:
    """Rows of the movements of one part, at most ``per_letter`` of each letter, without replacement, in letter order.

    The choice depends on the seed alone, so that every network and every simulated neuron sees the same movements.
    """
    chosen = []
    for letter in np.unique(label):
        rows = np.flatnonzero((label == letter) & (parts == SPLITS.index(part)))
        order = seeds.generator(seed, "stimuli", part, int(letter)).permutation(rows)
        chosen.append(np.sort(order[:per_letter]))
    rows = np.concatenate(chosen)
    if not rows.size:
        raise InputError(f"the {part} part of the data set is empty")
    return rows


@dataclass(frozen=True)
class Part:
    """Inputs and targets of one part of a data set.

    ``inputs`` (movement, muscle, time, 2) mm and mm/s; ``label`` (movement,); ``hand`` (movement, time, 3) cm.
    """

    inputs: np.ndarray
    label: np.ndarray
    hand: np.ndarray


def load(data: Reader, rows: np.ndarray) -> Part:
    """Read the given rows (ascending) of an open data set and derive the spindle inputs."""
    return Part(
        inputs=spindles.kinematic(read_rows(data, "muscle_length", rows), data.attribute("time_step_s")),
        label=data["label"][rows],
        hand=read_rows(data, "hand", rows).transpose(0, 2, 1),
    )


def read_rows(data: Reader, name: str, rows: np.ndarray, block: int = 256) -> np.ndarray:
    """Rows of a dataset, read in contiguous blocks (much faster than by index); ``rows`` in any order."""
    dataset = data.dataset(name)
    result = np.empty((len(rows), *dataset.shape[1:]), dataset.dtype)
    for start in range(0, len(dataset), block):
        inside = np.flatnonzero((rows >= start) & (rows < start + block))
        if inside.size:
            result[inside] = dataset[start : start + block][rows[inside] - start]
    return result


def features(data: Reader, rows: np.ndarray, name: str) -> np.ndarray:
    """One kind of input of each movement as a flat vector, for linear classifiers; shape (movement, feature)."""
    if name == "spindle":
        values = spindles.kinematic(read_rows(data, "muscle_length", rows), data.attribute("time_step_s"))
    else:
        values = read_rows(data, name, rows)
    return values.reshape(len(rows), -1)
