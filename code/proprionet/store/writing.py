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
from proprionet.store.checking import (
    FINGERPRINTS,
    JSON_STARTS,
    StoreError,
    check_contents,
    dimension_names,
    find_array,
    fingerprints,
    has_weights,
    put_attribute,
    refuse_infinite,
)
from proprionet.store.disk import Disk, undisturbed
from proprionet.store.kinds import KINDS, Array, Kind
from proprionet.store.provenance import input_hashes, versions

CHUNK_BYTES = 1 << 20


class Writer:
    """An HDF5 file of one kind while it is being written; made by :func:`create`."""

    def __init__(self, file: h5py.File, kind: Kind, disk: Disk, name: str):
        self._file = file
        self._kind = kind
        self._disk = disk
        self._name = name

    @undisturbed()
    def write(self, name: str, values: Any) -> None:
        """Write a whole dataset (or one member of a family such as ``layers/spatial0``).

        Raises
        ------
        StoreError
            If the kind has no such dataset, or the values do not fit its type, or are NaN or infinite where it
            forbids them.
        """
        declared = find_array(self._kind, name, self._name)
        dataset = self._file.create_dataset(name, data=self._fitted(values, declared, name))
        self._label(dataset, declared)
        self._finish(f"after {name}")

    @undisturbed()
    def append(self, name: str, block: Any) -> None:
        """Add rows to a dataset that grows along its first dimension, in chunks of about 1 MiB; raises as `write`."""
        declared = find_array(self._kind, name, self._name)
        block = self._fitted(block, declared, name)
        if name not in self._file:
            rows = max(1, CHUNK_BYTES // max(1, block[:1].nbytes))
            shape, chunks = (0, *block.shape[1:]), (rows, *block.shape[1:])
            dataset = self._file.create_dataset(
                name, shape, dtype=block.dtype, maxshape=(None, *block.shape[1:]), chunks=chunks
            )
            self._label(dataset, declared)
        dataset = self._file[name]
        assert isinstance(dataset, h5py.Dataset)
        if dataset.shape[1:] != block.shape[1:]:
            raise StoreError(f"{self._name}: rows of '{name}' have shape {dataset.shape[1:]}, got {block.shape[1:]}")
        start = len(dataset)
        dataset.resize(start + len(block), axis=0)
        dataset[start:] = block
        self._finish(f"after block of {name}")

    @undisturbed()
    def set(self, **attributes: Any) -> None:
        """Set attributes of the file; lists and dictionaries are stored as JSON."""
        for name, value in attributes.items():
            looks_like_json = isinstance(value, str) and value.startswith(JSON_STARTS)
            as_json = looks_like_json or isinstance(value, list | dict)
            put_attribute(self._file, name, json.dumps(value) if as_json else value)

    def _fitted(self, values: Any, declared: Array, name: str) -> np.ndarray:
        """``values`` in the declared type, refused if that would change whole numbers or text."""
        array = np.asarray(values)
        dtype = array.dtype if declared.dtype == "any" else np.dtype(declared.dtype)
        if array.dtype != dtype:
            with np.errstate(invalid="ignore", over="ignore"):
                fitted = array.astype(dtype) if array.dtype.kind in "biuf" else None
            if fitted is None or (dtype.kind != "f" and not np.array_equal(fitted, array)):
                raise StoreError(f"{self._name}: '{name}' must be {dtype}, got {array.dtype} values that do not fit")
            array = fitted
        if declared.finite and dtype.kind == "f":
            refuse_infinite(array, name, self._name)
        return array

    def _label(self, dataset: h5py.Dataset, declared: Array) -> None:
        put_attribute(dataset, "units", declared.unit)
        put_attribute(dataset, "dims", dimension_names(declared, dataset.ndim))
        put_attribute(dataset, "about", declared.about)

    def _finish(self, moment: str) -> None:
        atomic.checkpoint(moment)
        self._disk.check()


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
    path = Path(path)
    with atomic.replacing(path) as temporary, Disk(temporary) as disk, _opened(disk) as file:
        atomic.checkpoint("after create")
        writer = Writer(file, declared, disk, path.name)
        writer.set(kind=declared.name, schema_version=declared.version, **versions())
        writer.set(settings=dict(settings or {}), inputs=hashes, created=datetime.now(UTC).isoformat("T", "seconds"))
        if seed is not None:
            writer.set(seed=seed)
        yield writer
        disk.check()
        with undisturbed():
            found = check_contents(file, declared, path.name)
            if has_weights(declared):
                writer.set(**{FINGERPRINTS: fingerprints(file, found, declared)})


@contextlib.contextmanager
def _opened(disk: Disk) -> Iterator[h5py.File]:
    with undisturbed():
        file = h5py.File(disk, "w", libver="v110")
    try:
        yield file
    finally:
        with undisturbed():
            file.close()
