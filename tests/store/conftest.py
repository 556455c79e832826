"""A small valid file of any kind, made from nothing but its declaration."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from proprionet import store

MEMBERS = ("first", "second")  # of every family
VALUES: dict[type, Any] = {str: "some", float: 0.5, int: 3, bool: True, list: ["a", "b"], dict: {"a": 1}}


class Make:
    """Makes files in a folder of their own; ``make("letters")`` is the path of a valid one."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, kind: str, changes: Mapping[str, Any] | None = None, *, name: str | None = None) -> Path:
        """Write a file of ``kind``, with ``changes`` to its arrays and attributes; a change to None leaves one out."""
        path = self.folder / (name or f"{kind}.h5")
        changes = dict(changes or {})
        attributes = {key: changes.pop(key, value) for key, value in self.attributes(kind).items()}
        with store.create(path, kind, settings={"n": 2}, seed=1) as file:
            for key, array in {**self.arrays(kind), **changes}.items():
                if array is not None:
                    file.write(key, array)
            file.set(**{key: value for key, value in attributes.items() if value is not None})
        return path

    @staticmethod
    def arrays(kind: str) -> dict[str, np.ndarray]:
        """Arrays that fit ``kind``: every dimension has its own length, every family two members."""
        declared = store.KINDS[kind].arrays
        dims = sorted({dim for array in declared.values() for dim in array.dims or ()})
        lengths = {dim: 3 + index for index, dim in enumerate(dims)}
        arrays = {}
        for name, array in declared.items():
            shape = (2, 3) if array.dims is None else tuple(lengths[dim] for dim in array.dims)
            dtype = "float64" if array.dtype == "any" else array.dtype
            for member in MEMBERS if name.endswith("*") else ("",):
                arrays[name.replace("*", member)] = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
        return arrays

    @staticmethod
    def attributes(kind: str) -> dict[str, Any]:
        return {name: VALUES[expected] for name, expected in store.KINDS[kind].attributes.items()}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return Make(tmp_path)


@pytest.fixture
def changed(make: Make) -> Callable[[Callable[[h5py.File], Any]], Path]:
    """A valid file of letters after ``change(file)`` has been done to it with h5py."""

    def after(change: Callable[[h5py.File], Any]) -> Path:
        path = make("letters")
        with h5py.File(path, "r+") as file:
            change(file)
        return path

    return after
