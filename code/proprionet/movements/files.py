"""Movements in files: in full, or compact as joint angles from which the rest is derived when it is read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from proprionet.errors import InputError, brief
from proprionet.movements.batch import Batch, samples_of
from proprionet.movements.derived import derive
from proprionet.store import Reader, Writer

OF_SAMPLE = ("hand", "joints", "muscle_length")
QUALITY = ("tracing_error", "joint_jerk", "muscle_jerk")
LATENTS = ("size", "rotation", "shear_x", "shear_y", "speed", "noise")
OF_MOVEMENT = ("index", "label", "source", "plane", "start_point", *LATENTS, *QUALITY)
NO_LETTERS = "none"
"""What stands in the place of the SHA-256 of the letters in files of reaches."""
ABOUT_ARM = (
    "alphabet",
    "time_step_s",
    "arm",
    "arm_kinematics",
    "joint_names",
    "muscle_names",
    "length_kind",
    "geometry",
    "engine",
    "letters",
)


def save(file: Writer, batch: Batch, label: np.ndarray, source: np.ndarray, *, compact: bool) -> None:
    """Write movements into an open file of kind ``movements``, with the label and source (movement,) of each."""
    for name in OF_SAMPLE:
        if name == "joints" or not compact:
            file.write(name, getattr(batch, name))
    file.write("offsets", batch.offsets)
    file.write("label", label)
    file.write("source", source)
    for name in ("size", "speed", "noise"):
        file.write(name, getattr(batch.varied, name))
    for name in ("rotation", "shear_x", "shear_y"):
        file.write(name, np.rad2deg(getattr(batch.varied, name)))
    for name in ("index", "plane", "start_point", "tracing_error", "joint_jerk", "muscle_jerk"):
        file.write(name, getattr(batch, name))


def join(file: Writer, pieces: Iterable[Reader]) -> Counter[str]:
    """Put pieces of movements, in their order, into one open file; returns all their rejections."""
    rejections: Counter[str] = Counter()
    n_samples, ends = 0, [np.zeros(1, np.int64)]
    for piece in pieces:
        for name in (*OF_SAMPLE, *OF_MOVEMENT, "target"):
            if name in piece:
                file.append(name, piece[name])
        ends.append(n_samples + piece["offsets"][1:])
        n_samples = int(ends[-1][-1])
        rejections.update(piece.attribute("rejections"))
    file.write("offsets", np.concatenate(ends))
    return rejections


def are_reaches(file: Reader) -> bool:
    """Whether the movements of an open file are reaches, in no plane and of no letter."""
    return file.attribute("letters") == NO_LETTERS


def quality(rejections: Mapping[str, int], wanted: int) -> list[tuple[str, float, str, dict[str, int]]]:
    """What to quote of a set: names, values, units of how many were made and how many draws were rejected."""
    made = wanted - rejections.get("given_up", 0)
    draws = made + sum(count for reason, count in rejections.items() if reason != "given_up")
    return [
        ("movements", made, "movements", {}),
        ("rejection_rate", (draws - made) / draws, "of draws", {"n": draws}),
        ("wrap_jump_rate", rejections.get("muscle_jump", 0) / draws, "of draws", {"n": draws}),
    ]


class Shards:
    """All the movements of a set, in one file or in several that are open.

    Attributes
    ----------
    about : dict of array, shape (movement, ...)
        What is known of each movement.
    offsets : array, shape (movement + 1,)
        Where each movement starts, as if all samples lay in one file, and the end.

    Raises
    ------
    InputError
        If a shard is missing, there twice or out of order, or shards differ in seed, settings or inputs; names the
        file and what differs. Also if a file is not sound in itself.
    """

    def __init__(self, files: Sequence[Reader]):
        check_shards(files)
        self._files = files
        self._ends = [sound_offsets(file) for file in files]
        lengths = np.concatenate([np.diff(ends) for ends in self._ends])
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        names = (*OF_MOVEMENT, "target") if "target" in files[0] else OF_MOVEMENT
        self.about = {name: np.concatenate([file[name] for file in files]) for name in names}

    def attribute(self, name: str) -> Any:
        """An attribute that all shards share."""
        return self._files[0].attribute(name)

    @property
    def tables(self) -> dict[str, np.ndarray]:
        """Muscle tables of a compact set; empty for a full one."""
        return self._files[0].family("tables")

    def samples(self, name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Samples of some movements, stored or derived, and where each starts among them; best for neighbours."""
        low, high = rows.min(), rows.max() + 1
        pieces, start = [], 0
        for file, ends in zip(self._files, self._ends, strict=True):
            first, end = (min(max(row - start, 0), len(ends) - 1) for row in (low, high))
            if first < end:
                pieces.append(_stored_or_derived(file, name, slice(ends[first], ends[end])))
            start += len(ends) - 1
        chosen, ends = samples_of(self.offsets[low : high + 1] - self.offsets[low], rows - low)
        return np.concatenate(pieces)[chosen], ends


def _stored_or_derived(file: Reader, name: str, where: slice) -> np.ndarray:
    return file.dataset(name)[where] if name in file else derive(file, name, file.dataset("joints")[where])


def sound_offsets(file: Reader) -> np.ndarray:
    """Where each movement of an open file of kind ``movements`` begins, and the end; shape (movement + 1,).

    Raises
    ------
    InputError
        If the samples of the movements do not follow one another without gaps, or a movement is of no known letter.
    """
    ends, label, alphabet = file["offsets"], file["label"], file.attribute("alphabet")
    name, n_samples = file.path.name, len(file.dataset("joints"))
    if len(ends) != len(label) + 1 or ends[0] != 0 or ends[-1] != n_samples or (np.diff(ends) < 1).any():
        raise InputError(f"{name}: 'offsets' must rise from 0 to the {n_samples} samples in {len(label)} movements")
    if not np.isin(label, np.arange(len(alphabet))).all():
        raise InputError(f"{name}: 'label' holds other numbers than 0 to {len(alphabet) - 1}")
    return ends


def check_shards(files: Sequence[Reader]) -> None:
    """Make sure that files of movements are all the shards of one set, each once and in order, made alike.

    Raises
    ------
    InputError
        If a shard is missing, there twice or out of order, or shards differ in seed, settings or inputs; names the
        file and what differs.
    """
    first = files[0]
    shards = [tuple(map(int, file.attribute("shard").split("/"))) for file in files]
    for file in files[1:]:
        for what, ours, theirs in _recipe(first, file):
            if ours != theirs and isinstance(ours, dict):
                raise InputError(
                    f"{file.path}: its {what} differ from those of {first.path}; "
                    "a data set is made of movements that were made alike"
                )
            if ours != theirs:
                raise InputError(
                    f"{file.path.name}: its {what} is {brief(theirs)}, that of {first.path.name} {brief(ours)}; "
                    "a data set is made of movements that were made alike"
                )
    expected = [(number + 1, len(files)) for number in range(len(files))]
    if shards != expected:
        found = ", ".join(file.attribute("shard") for file in files)
        raise InputError(f"expected every shard of one set once and in order (1/N, 2/N ... N/N), found {found}")


def _recipe(first: Reader, other: Reader) -> Iterable[tuple[str, object, object]]:
    """What two shards of one set share: name, value in the one, value in the other."""
    for name in ("geometry", "engine", "length_kind", "arm", "time_step_s", "seed", "inputs"):
        yield name, first.attribute(name), other.attribute(name)
    ours, theirs = ({**file.attribute("settings"), "shard": None} for file in (first, other))
    for name in sorted(ours.keys() | theirs.keys()):
        yield name, ours.get(name), theirs.get(name)
