"""What makes a file good: safe structure, and contents that fit the declaration of its kind."""

import contextlib
import json
import math
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from h5py import h5

from proprionet.errors import InputError, brief
from proprionet.store.kinds import KINDS, Array, Kind
from proprionet.store.provenance import fingerprint

MAX_OBJECTS = 20_000
MAX_DEPTH = 6
# The strongest compression of the filters that we read; a smaller file cannot hold what it declares.
MAX_COMPRESSION = 1_200
MAX_ATTRIBUTE = 1 << 22
BLOCK_BYTES = 64 << 20
# Text attributes that begin so are JSON.
JSON_STARTS = ("{", "[", '"')
FINGERPRINTS = "fingerprints"


class StoreError(InputError):
    """A file is not what it should be; names the file and the rule that it breaks."""


@contextlib.contextmanager
def readable(name: str, remedy: str = "") -> Iterator[None]:
    """Turn whatever h5py raises on a broken file into a :class:`StoreError`."""
    try:
        yield
    except StoreError:
        raise
    except PermissionError:
        raise StoreError(f"{name}: permission denied; ask its owner to let you read it") from None
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError) as error:
        if "locking flag" in str(error):
            raise StoreError(f"{name}: is open in this process, and not by this package; close it first") from error
        raise StoreError(f"{name}: cannot be read as HDF5, so it is corrupt or cut short.{remedy}") from error


def find_array(kind: Kind, path: str, name: str) -> Array:
    """Declaration of the dataset ``path`` in ``kind``; families are matched by their folder."""
    if path in kind.arrays:
        return kind.arrays[path]
    family = f"{path.split('/', 1)[0]}/*"
    if "/" in path and family in kind.arrays:
        return kind.arrays[family]
    raise StoreError(f"{name}: a {kind.name} file holds no dataset {path!r} (known: {', '.join(kind.arrays)})")


def dimension_names(declared: Array, ndim: int) -> str:
    """JSON of the dimension names of a dataset; those of any shape are numbered."""
    return json.dumps(declared.dims if declared.dims is not None else [f"axis{i}" for i in range(ndim)])


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
            raise StoreError(f"{name}: {path!r} is linked twice, which this project never does")
        seen.add(item.id)
        if isinstance(item, h5py.Dataset):
            _refuse_unsafe(item, path, name, file.id.get_filesize())
            found[path] = item
    return found


def _walk(group: h5py.Group, prefix: str, depth: int, name: str) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise StoreError(f"{name}: groups are nested deeper than {MAX_DEPTH} levels")
    for key in _names(group):
        path = f"{prefix}{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise StoreError(f"{name}: {path!r} is a link to elsewhere; copy the data into the file itself")
        item = group[key]
        yield path, item
        if isinstance(item, h5py.Group):
            yield from _walk(item, f"{path}/", depth + 1, name)


def _names(group: h5py.Group) -> list[str]:
    """Names of all links, in the order of the file: HDF5 1.14 crashes on a broken file when asked to sort them."""
    names: list[bytes] = []
    group.id.links.iterate(names.append, order=h5.ITER_NATIVE)
    return sorted(name.decode("utf-8", "surrogateescape") for name in names)


def _refuse_unsafe(dataset: h5py.Dataset, path: str, name: str, file_bytes: int) -> None:
    if dataset.is_virtual:
        raise StoreError(f"{name}: {path!r} is a view of other files; copy the data into the file itself")
    if dataset.external:
        raise StoreError(f"{name}: {path!r} keeps its data outside the file; copy the data into the file itself")
    if dataset.dtype.kind not in "iufbS":
        raise StoreError(f"{name}: {path!r} has type {dataset.dtype}, expected numbers or fixed-length text")
    # A chunk is read whole, so what must be held is at least one of them.
    largest = max(dataset.size, math.prod(dataset.chunks or ())) if dataset.size else 0
    stored = dataset.id.get_storage_size()
    ratio = MAX_COMPRESSION if dataset.id.get_create_plist().get_nfilters() else 1
    if largest * dataset.dtype.itemsize > stored * ratio or stored > file_bytes:
        raise StoreError(f"{name}: {path!r} declares shape {dataset.shape} but the file does not hold that much")


def check_contents(file: h5py.File, kind: Kind, name: str) -> dict[str, h5py.Dataset]:
    """Check every dataset and attribute of ``file`` against the declaration of ``kind``; returns the datasets.

    Raises
    ------
    StoreError
        Naming the file and the first rule that is broken.
    """
    found = datasets(file, name)
    for path, dataset in found.items():
        _check_dataset(dataset, find_array(kind, path, name), path, name)
    _check_lengths(found, kind, name)
    for path, array in kind.arrays.items():
        present = any(key.startswith(path[:-1]) for key in found) if path.endswith("*") else path in found
        if not present and not array.optional:
            raise StoreError(f"{name}: dataset '{path}' is missing; make the file again with {kind.made_by}")
    for attribute, expected in kind.attributes.items():
        value = read_attribute(file, attribute, name)
        fits = isinstance(value, (float, int) if expected is float else expected)
        if not fits or (expected is float and not math.isfinite(value)):
            raise StoreError(f"{name}: attribute '{attribute}' is {brief(value)}, expected {expected.__name__}")
    return found


def _check_lengths(found: dict[str, h5py.Dataset], kind: Kind, name: str) -> None:
    """Dimensions of one name have one length: in the whole file, or in one member of the families."""
    everywhere = {dim for key, array in kind.arrays.items() if not key.endswith("*") for dim in array.dims or ()}
    lengths: dict[tuple[str, str], int] = {}
    for path, dataset in found.items():
        dims = find_array(kind, path, name).dims or ()
        for dim, length in zip(dims, dataset.shape, strict=dims != ()):
            scope = "" if dim in everywhere else path.partition("/")[2]
            if (other := lengths.setdefault((scope, dim), length)) != length:
                raise StoreError(f"{name}: {path!r} has {length} along '{dim}', other datasets have {other}")


def _check_dataset(dataset: h5py.Dataset, declared: Array, path: str, name: str) -> None:
    if declared.dtype != "any" and dataset.dtype != np.dtype(declared.dtype):
        raise StoreError(f"{name}: '{path}' has type {dataset.dtype}, expected {declared.dtype}")
    if (units := plain_attribute(dataset, "units")) != declared.unit:
        raise StoreError(f"{name}: '{path}' is in units {brief(units)}, expected {declared.unit!r}")
    if declared.dims is not None and dataset.ndim != len(declared.dims):
        raise StoreError(f"{name}: '{path}' has shape {dataset.shape}, expected dimensions {declared.dims}")
    if plain_attribute(dataset, "dims") != (expected := dimension_names(declared, dataset.ndim)):
        raise StoreError(f"{name}: '{path}' has no or other dimension names, expected {expected}")


def check_finite(found: dict[str, h5py.Dataset], kind: Kind, name: str) -> None:
    """Read every dataset that must be finite and refuse NaN and infinity, in blocks of 64 MiB."""
    for path, dataset in found.items():
        if not find_array(kind, path, name).finite or dataset.dtype.kind != "f" or not dataset.size:
            continue
        n_rows = dataset.shape[0] if dataset.ndim else 1
        step = max(1, BLOCK_BYTES * n_rows // dataset.nbytes)
        for start in range(0, n_rows, step):
            refuse_infinite(dataset[start : start + step] if dataset.ndim else dataset[()], path, name, start)


def refuse_infinite(values: np.ndarray, path: str, name: str, first_row: int = 0) -> None:
    """Refuse NaN and infinity; names the row of the first."""
    finite = np.isfinite(values)
    if not finite.all():
        row = first_row + int(np.argmin(finite.reshape(len(finite), -1).all(axis=1))) if values.ndim else 0
        raise StoreError(f"{name}: '{path}' holds NaN or infinity, first in row {row}")


def fingerprints(file: h5py.File, found: dict[str, h5py.Dataset], kind: Kind) -> dict[str, str]:
    """What tells each dataset of a file, and each attribute that its kind and seed are told by, from any other."""
    told = {name: repr(plain_attribute(file, name)).encode() for name in ("seed", *kind.attributes)}
    attributes = {f"attribute {name!r}": fingerprint(np.frombuffer(text, "u1")) for name, text in told.items()}
    return {repr(path): fingerprint(dataset[()]) for path, dataset in found.items()} | attributes


def check_unaltered(file: h5py.File, found: dict[str, h5py.Dataset], kind: Kind, name: str) -> None:
    """Refuse a network that is not the one that was written: whatever it holds, and what it says of itself, counts.

    Raises
    ------
    StoreError
        Naming what is other than it was.
    """
    if not has_weights(kind):
        return
    written, here = read_attribute(file, FINGERPRINTS, name), fingerprints(file, found, kind)
    if not isinstance(written, dict):
        raise StoreError(f"{name}: attribute '{FINGERPRINTS}' is {brief(written)}, expected dict")
    for part in [*here, *written]:
        if here.get(part) != written.get(part):
            raise StoreError(
                f"{name}: {part} is not as {kind.made_by} wrote it, so the file was altered; make it again"
            )


def has_weights(kind: Kind) -> bool:
    """Whether files of a kind are networks, which do what their numbers say and must not be altered unseen."""
    return "weights/*" in kind.arrays


def kind_of(file: h5py.File, name: str) -> Kind:
    """Kind that a file says it is, if this version of the package can read it."""
    kind = read_attribute(file, "kind", name)
    if not isinstance(kind, str) or kind not in KINDS:
        raise StoreError(f"{name}: kind {brief(kind)} is unknown; was the file made by a newer version of proprionet?")
    version = read_attribute(file, "schema_version", name)
    current = KINDS[kind].version
    if not isinstance(version, int) or version < 1:
        raise StoreError(f"{name}: schema version {brief(version)} is no version, so the file is corrupt")
    if version > current:
        maker = brief(read_attribute(file, "package_version", name))
        raise StoreError(f"{name}: schema {version} is newer than {current}; made by proprionet {maker}, please update")
    if version < current:
        raise StoreError(f"{name}: schema {version} is older than {current}; make it again with {KINDS[kind].made_by}")
    return KINDS[kind]


def read_attribute(file: h5py.File, attribute: str, name: str) -> Any:
    """One attribute of the file as a Python value; JSON is parsed."""
    value = plain_attribute(file, attribute)
    if value is None:
        known = "neither a number nor text of fixed length" if attribute in file.attrs else "missing"
        raise StoreError(f"{name}: attribute {attribute!r} is {known}; is this a file of this project?")
    if isinstance(value, str) and len(value) > MAX_ATTRIBUTE:
        raise StoreError(f"{name}: attribute {attribute!r} is longer than {MAX_ATTRIBUTE} characters")
    if isinstance(value, str) and value.startswith(JSON_STARTS):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise StoreError(f"{name}: attribute {attribute!r} is not valid JSON") from None
    return value


def plain_attribute(holder: h5py.File | h5py.Dataset, attribute: str) -> Any:
    """An attribute that is one number or one text of fixed length; None where it is missing or anything else.

    Text of any length is refused: HDF5 keeps it in a part of the file without a checksum, and hangs if that is broken.
    """
    if attribute not in holder.attrs:
        return None
    identifier = holder.attrs.get_id(attribute)
    if identifier.shape != () or identifier.dtype.kind not in "biufS":
        return None
    value = holder.attrs[attribute]
    value = value.item() if isinstance(value, np.generic) else None
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return value


def put_attribute(holder: h5py.File | h5py.Dataset, attribute: str, value: Any) -> None:
    """Write an attribute so that :func:`plain_attribute` reads it."""
    if isinstance(value, str):
        content = value.encode()
        holder.attrs.create(attribute, content, dtype=h5py.string_dtype("utf-8", max(1, len(content))))
    else:
        holder.attrs[attribute] = value
