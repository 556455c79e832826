"""What makes a file good: safe structure, and contents that fit the declaration of its kind."""

import json
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from proprionet.errors import InputError
from proprionet.store.kinds import KINDS, Array, Kind

MAX_OBJECTS = 20_000
MAX_DEPTH = 6
# The strongest compression of the filters that we read; a smaller file cannot hold what it declares.
MAX_COMPRESSION = 1_200
BLOCK_BYTES = 64 << 20


class StoreError(InputError):
    """A file is not what it should be; names the file and the rule that it breaks."""


def find_array(kind: Kind, name: str) -> Array:
    """Declaration of the dataset ``name`` in ``kind``; families are matched by their folder."""
    if name in kind.arrays:
        return kind.arrays[name]
    family = f"{name.split('/', 1)[0]}/*"
    if "/" in name and family in kind.arrays:
        return kind.arrays[family]
    raise StoreError(f"a {kind.name} file holds no dataset '{name}' (known: {', '.join(kind.arrays)})")


def datasets(file: h5py.File, name: str) -> dict[str, h5py.Dataset]:
    """Every dataset of an untrusted file by its path, after refusing whatever reaches outside the file or its size.

    Raises
    ------
    StoreError
        On soft or external links, external or virtual storage, loops, object types, and shapes larger than the file.
    """
    found: dict[str, h5py.Dataset] = {}
    seen: set[Any] = set()
    for path, item in _walk(file, "", 0, name):
        if len(seen) >= MAX_OBJECTS:
            raise StoreError(f"{name}: holds more than {MAX_OBJECTS} objects, so it is no file of this project")
        if item.id in seen:
            raise StoreError(f"{name}: '{path}' is linked twice, which this project never does")
        seen.add(item.id)
        if isinstance(item, h5py.Dataset):
            _refuse_unsafe(item, path, name, file.id.get_filesize())
            found[path] = item
    return found


def _walk(group: h5py.Group, prefix: str, depth: int, name: str) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise StoreError(f"{name}: groups are nested deeper than {MAX_DEPTH} levels")
    for key in group:
        path = f"{prefix}{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise StoreError(f"{name}: '{path}' is a link to elsewhere; copy the data into the file itself")
        item = group[key]
        yield path, item
        if isinstance(item, h5py.Group):
            yield from _walk(item, f"{path}/", depth + 1, name)


def _refuse_unsafe(dataset: h5py.Dataset, path: str, name: str, file_bytes: int) -> None:
    if dataset.is_virtual:
        raise StoreError(f"{name}: '{path}' is a view of other files; copy the data into the file itself")
    if dataset.external:
        raise StoreError(f"{name}: '{path}' keeps its data outside the file; copy the data into the file itself")
    if dataset.dtype.kind not in "iufbS":
        raise StoreError(f"{name}: '{path}' has type {dataset.dtype}, expected numbers or fixed-length text")
    declared = dataset.size * dataset.dtype.itemsize if dataset.size else 0
    stored = dataset.id.get_storage_size()
    compressed = dataset.compression is not None or dataset.id.get_create_plist().get_nfilters() > 0
    if declared > (stored * MAX_COMPRESSION if compressed else stored) or stored > file_bytes:
        raise StoreError(f"{name}: '{path}' declares shape {dataset.shape} but the file does not hold that much")


def check_contents(file: h5py.File, kind: Kind, name: str) -> dict[str, h5py.Dataset]:
    """Check every dataset and attribute of ``file`` against the declaration of ``kind``; returns the datasets.

    Raises
    ------
    StoreError
        Naming the file and the first rule that is broken.
    """
    found = datasets(file, name)
    lengths: dict[str, int] = {}
    plain_dims = {dim for key, array in kind.arrays.items() if "*" not in key for dim in array.dims or ()}
    for path, dataset in found.items():
        declared = find_array(kind, path)
        _check_dataset(dataset, declared, path, name)
        for dim, length in zip(declared.dims or (), dataset.shape, strict=False):
            if "*" in path or (dim not in plain_dims):
                continue
            if lengths.setdefault(dim, length) != length:
                raise StoreError(f"{name}: '{path}' has {length} along '{dim}', other datasets have {lengths[dim]}")
    for path, array in kind.arrays.items():
        present = any(key.startswith(path[:-1]) for key in found) if path.endswith("*") else path in found
        if not present and not array.optional:
            raise StoreError(f"{name}: dataset '{path}' is missing; make the file again with {kind.made_by}")
    for attribute, expected in kind.attributes.items():
        value = read_attribute(file, attribute, name)
        if not isinstance(value, (float, int) if expected is float else expected):
            raise StoreError(f"{name}: attribute '{attribute}' is {value!r}, expected {expected.__name__}")
    return found


def _check_dataset(dataset: h5py.Dataset, declared: Array, path: str, name: str) -> None:
    if declared.dtype != "any" and dataset.dtype != np.dtype(declared.dtype):
        raise StoreError(f"{name}: '{path}' has type {dataset.dtype}, expected {declared.dtype}")
    if (units := text(dataset.attrs.get("units"))) != declared.unit:
        raise StoreError(f"{name}: '{path}' is in units {units!r}, expected {declared.unit!r}")
    if declared.dims is None:
        return
    if dataset.ndim != len(declared.dims):
        raise StoreError(f"{name}: '{path}' has shape {dataset.shape}, expected dimensions {declared.dims}")
    if text(dataset.attrs.get("dims")) != json.dumps(declared.dims):
        raise StoreError(f"{name}: '{path}' has no or other dimension names, expected {declared.dims}")


def check_finite(found: dict[str, h5py.Dataset], kind: Kind, name: str) -> None:
    """Read every dataset that must be finite and refuse NaN and infinity, in blocks of 64 MiB."""
    for path, dataset in found.items():
        if not find_array(kind, path).finite or dataset.dtype.kind != "f":
            continue
        rows = max(1, BLOCK_BYTES // max(1, dataset[:1].nbytes)) if dataset.ndim else 1
        for start in range(0, len(dataset) if dataset.ndim else 1, rows):
            block = dataset[start : start + rows] if dataset.ndim else dataset[()]
            if not np.isfinite(block).all():
                raise StoreError(f"{name}: '{path}' holds NaN or infinity in rows {start} to {start + rows - 1}")


def kind_of(file: h5py.File, name: str) -> Kind:
    """Kind that a file says it is, if this version of the package can read it."""
    kind = read_attribute(file, "kind", name)
    if kind not in KINDS:
        raise StoreError(f"{name}: kind {kind!r} is unknown (known: {', '.join(KINDS)})")
    version = read_attribute(file, "schema_version", name)
    current = KINDS[kind].version
    if not isinstance(version, int) or not 1 <= version <= current:
        maker = read_attribute(file, "package_version", name)
        raise StoreError(f"{name}: schema {version} is newer than {current}; made by proprionet {maker}, please update")
    return KINDS[kind]


def read_attribute(file: h5py.File, attribute: str, name: str) -> Any:
    """One attribute of the file as a Python value; JSON is parsed."""
    try:
        value = file.attrs[attribute]
    except (KeyError, OSError, TypeError, ValueError):
        raise StoreError(f"{name}: attribute '{attribute}' is missing; is this a file of this project?") from None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (json.JSONDecodeError, RecursionError):
            raise StoreError(f"{name}: attribute '{attribute}' is not valid JSON") from None
    return value


def text(value: Any) -> str:
    """An attribute that must be text; anything else counts as empty."""
    return value if isinstance(value, str) else ""
