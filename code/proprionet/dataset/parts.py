"""The parts of a data set: training, validation and test."""

import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.letters.latents import PLANES
from proprionet.letters.strokes import ALPHABET
from proprionet.store import Reader

SPLITS = ("train", "validation", "test")


def split(
    label: np.ndarray,
    source: np.ndarray,
    *,
    validation_fraction: float,
    test_fraction: float,
    by: str,
    seed: int,
    alphabet: str = ALPHABET,
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
            several = len(alphabet) > 1
            what = "pen letters" if by == "source_letter" and several else "movements"
            who = f"letter '{alphabet[letter]}' has" if several else "there are"
            raise InputError(f"{who} {len(names)} {what}, at least 3 are needed to split by {by}")
        order = seeds.generator(seed, "split", int(letter)).permutation(len(names))
        middle = (np.cumsum(sizes[order]) - sizes[order] / 2) / sizes.sum()
        place = np.where(middle <= test_fraction, 2, np.where(middle <= test_fraction + validation_fraction, 1, 0))
        place[0], place[1], place[-1] = 2, max(place[1], 1), 0  # however few there are, each part gets one
        if not (place == 1).any():
            place[np.flatnonzero(place == 2)[-1]] = 1
        part_of = dict(zip(names[order], place, strict=True))
        parts[members] = [part_of[name] for name in groups[members]]
    return parts


def check_codes(file: Reader) -> None:
    """Refuse movements or a data set with a letter, plane or part that there is not.

    Raises
    ------
    InputError
        Naming the first such movement.
    """
    expected = {"label": len(file.attribute("alphabet")), "plane": len(PLANES), "split": len(SPLITS)}
    for field, count in expected.items():
        if field in file and (bad := np.flatnonzero(~np.isin(file[field], np.arange(count)))).size:
            raise InputError(
                f"{file.path.name}: movement {bad[0]}: '{field}' is {file[field][bad[0]]}, expected 0 to {count - 1}"
            )


def check_split(data: Reader) -> None:
    """Refuse a data set whose parts are no parts.

    Raises
    ------
    InputError
        If a code is unknown, a part empty, or, where the set is split by source letter, movements made from one pen
        letter lie in two parts; names the first such pen letter.
    """
    check_codes(data)
    for code, part in enumerate(SPLITS):
        if not (data["split"] == code).any():
            raise InputError(f"{data.path.name}: the {part} part is empty")
    if data.attribute("split_by") != "source_letter":
        return
    pairs = np.unique(np.stack([data["source"], data["split"]]), axis=1)
    names, counts = np.unique(pairs[0], return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{data.path.name}: pen letter {names[counts > 1][0]} has movements in more than one part")


def select(
    label: np.ndarray, parts: np.ndarray, *, part: str, per_letter: int, seed: int, replacement: bool = False
) -> np.ndarray:
    """Rows of the movements of one part in letter order, at most ``per_letter`` of each; with replacement just so many.

    The choice depends on the seed alone, so that every network and every simulated neuron sees the same movements.
    """
    chosen = []
    for letter in np.unique(label):
        rows = np.flatnonzero((label == letter) & (parts == SPLITS.index(part)))
        random = seeds.generator(seed, "stimuli", part, int(letter))
        if replacement and rows.size:
            chosen.append(np.sort(random.choice(rows, per_letter)))
        else:
            chosen.append(np.sort(random.permutation(rows)[:per_letter]))
    rows = np.concatenate(chosen)
    if not rows.size:
        raise InputError(f"the {part} part of the data set is empty")
    return rows
