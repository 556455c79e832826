"""Reading files of the project, and trusting none of them."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from proprionet.store.checking import (
    StoreError,
    check_contents,
    check_finite,
    check_unaltered,
    datasets,
    kind_of,
    plain_attribute,
    read_attribute,
    readable,
)
from proprionet.store.kinds import KINDS, Kind


class _Dataset(h5py.Dataset):
    """A dataset that says so in our words where its numbers turn out to be unreadable."""

    def __getitem__(self, args: Any, new_dtype: Any = None) -> Any:
        try:
            return super().__getitem__(args, new_dtype)
        except (OSError, RuntimeError, MemoryError) as error:
            where = Path(self.file.filename).name
            raise StoreError(f"{where}: '{self.name}' cannot be read, so the file is corrupt or cut short") from error


class Reader:
    """A checked HDF5 file, open for reading; made by :func:`read`. ``reader["hand"]`` is a NumPy array."""

    def __init__(self, file: h5py.File, kind: Kind, found: dict[str, h5py.Dataset], path: Path):
        self.kind = kind.name
        self.path = path
        self._file = file
        self._datasets = {name: _Dataset(dataset.id) for name, dataset in found.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        """Whole dataset in memory."""
        return self.dataset(name)[()]

    def __contains__(self, name: str) -> bool:
        return name in self._datasets

    def dataset(self, name: str) -> h5py.Dataset:
        """The dataset itself, to be read in blocks."""
        if name not in self._datasets:
            raise StoreError(f"{self.path.name}: dataset '{name}' is missing (found: {', '.join(self._datasets)})")
        return self._datasets[name]

    def family(self, name: str) -> dict[str, np.ndarray]:
        """All members of a family, e.g. ``family("weights")``, by their name inside it."""
        prefix = f"{name}/"
        return {key.removeprefix(prefix): self[key] for key in self._datasets if key.startswith(prefix)}

    def attribute(self, name: str) -> Any:
        """One attribute; JSON is parsed into lists and dictionaries."""
        with readable(self.path.name):
            return read_attribute(self._file, name, self.path.name)

    def attributes(self) -> dict[str, Any]:
        """All attributes of the file."""
        with readable(self.path.name):
            return {name: self.attribute(name) for name in self._file.attrs}

    def shapes(self) -> dict[str, tuple[tuple[int, ...], str, str, str]]:
        """Shape, type, units and dimension names of every dataset."""
        return {
            name: (
                dataset.shape,
                str(dataset.dtype),
                plain_attribute(dataset, "units"),
                ", ".join(json.loads(plain_attribute(dataset, "dims"))),
            )
            for name, dataset in self._datasets.items()
        }


@contextlib.contextmanager
def read(path: str | Path, kind: str | None = None, *, finite: bool = False) -> Iterator[Reader]:
    """Open a file after checking its structure, kind, version, shapes, types and units.

    Parameters
    ----------
    kind : str, optional
        The kind it must be; any kind if not given.
    finite : bool
        Also read all numbers, and refuse NaN and infinity where the kind forbids them, and a network that was altered.

    Raises
    ------
    StoreError
        One sentence that names the file, the rule that is broken and, where there is one, the remedy.
    """
    made_by = f" Make it with {KINDS[kind].made_by}." if kind else ""
    path = _existing(path, made_by)
    with contextlib.ExitStack() as stack:
        with readable(path.name, made_by):
            file = stack.enter_context(h5py.File(path, "r", locking=False))
            declared = kind_of(file, path.name)
            if kind is not None and declared.name != kind:
                article = "an" if kind[0] in "aeiou" else "a"
                raise StoreError(f"{path.name}: is a {declared.name} file, expected {article} {kind} file.{made_by}")
            found = check_contents(file, declared, path.name)
            if finite:
                check_finite(found, declared, path.name)
                check_unaltered(file, found, declared, path.name)
        yield Reader(file, declared, found, path)


def read_each(paths: Iterable[Path], kind: str) -> Iterator[Reader]:
    """Open files of one kind one after another; each is closed before the next is opened."""
    for path in paths:
        with read(path, kind) as reader:
            yield reader


def raw_datasets(path: str | Path) -> dict[str, np.ndarray]:
    """All datasets of a foreign HDF5 file (no kind), with the same refusals as for our own.

    Raises
    ------
    StoreError
        If the file cannot be read or reaches outside itself.
    """
    path = _existing(path)
    with readable(path.name), h5py.File(path, "r", locking=False) as file:
        return {name: dataset[()] for name, dataset in datasets(file, path.name).items()}


def _existing(path: str | Path, remedy: str = "") -> Path:
    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise StoreError(f"{path}: {what}, expected an HDF5 file.{remedy}")
    return path
