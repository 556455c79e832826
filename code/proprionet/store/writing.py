"""Writing a file of a declared kind: checked against the declaration, published only when whole."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from proprionet.store import atomic
from proprionet.store.checking import check_contents, find_array
from proprionet.store.kinds import KINDS, Kind
from proprionet.store.provenance import input_hashes, versions

CHUNK_BYTES = 1 << 20


class Writer:
    """An HDF5 file of one kind while it is being written; made by :func:`create`."""

    def __init__(self, file: h5py.File, kind: Kind):
        self._file = file
        self._kind = kind

    def write(self, name: str, values: Any) -> None:
        """Write a whole dataset (or one member of a family such as ``layers/spatial0``)."""
        array = np.asarray(values)
        declared = find_array(self._kind, name)
        dtype = array.dtype if declared.dtype == "any" else np.dtype(declared.dtype)
        dataset = self._file.create_dataset(name, data=array.astype(dtype, copy=False))
        self._label(dataset, name)
        atomic.checkpoint(f"after {name}")

    def append(self, name: str, block: Any) -> None:
        """Add rows to a dataset that grows along its first dimension, in chunks of about 1 MiB."""
        declared = find_array(self._kind, name)
        block = np.asarray(block, dtype=declared.dtype)
        if name not in self._file:
            rows = max(1, CHUNK_BYTES // max(1, block[:1].nbytes))
            shape, chunks = (0, *block.shape[1:]), (rows, *block.shape[1:])
            dataset = self._file.create_dataset(
                name, shape, dtype=block.dtype, maxshape=(None, *block.shape[1:]), chunks=chunks
            )
            self._label(dataset, name)
        dataset = self._file[name]
        assert isinstance(dataset, h5py.Dataset)
        start = len(dataset)
        dataset.resize(start + len(block), axis=0)
        dataset[start:] = block
        atomic.checkpoint(f"after block of {name}")

    def set(self, **attributes: Any) -> None:
        """Set attributes of the file; lists and dictionaries are stored as JSON."""
        for name, value in attributes.items():
            self._file.attrs[name] = json.dumps(value) if isinstance(value, list | dict) else value

    def _label(self, dataset: h5py.Dataset, name: str) -> None:
        declared = find_array(self._kind, name)
        dims = declared.dims if declared.dims is not None else tuple(f"axis{i}" for i in range(dataset.ndim))
        dataset.attrs["units"] = declared.unit
        dataset.attrs["dims"] = json.dumps(dims)
        dataset.attrs["about"] = declared.about


@contextlib.contextmanager
def create(
    path: Path,
    kind: str,
    *,
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    inputs: Mapping[str, str] | Iterable[Path] = (),
) -> Iterator[Writer]:
    """Write a file of ``kind``; it appears under ``path`` when the block ends without an error, and only then.

    Parameters
    ----------
    settings, seed, inputs
        What made the file; stored as JSON, a number, and the SHA-256 of each input file (or those, by name).

    Raises
    ------
    StoreError
        If what was written does not fit the declaration of the kind; nothing is published then.
    OSError
        If the disk is full or the folder cannot be written.
    """
    declared = KINDS[kind]
    hashes = dict(inputs) if isinstance(inputs, Mapping) else input_hashes(inputs)
    with atomic.replacing(Path(path)) as temporary, h5py.File(temporary, "w", libver="v110") as file:
        atomic.checkpoint("after create")
        writer = Writer(file, declared)
        writer.set(kind=declared.name, schema_version=declared.version, **versions())
        writer.set(settings=dict(settings or {}), inputs=hashes, created=datetime.now(UTC).isoformat("T", "seconds"))
        if seed is not None:
            writer.set(seed=seed)
        yield writer
        check_contents(file, declared, Path(path).name)
