"""MAT files of version 5 and 7.3 as plain Python: structs as dictionaries, struct and cell arrays as lists."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from proprionet.errors import InputError
from proprionet.matlab import load_version_5

VERSION_5, VERSION_73 = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"
_DEEPEST = 8


def load(path: Path) -> dict[str, Any]:
    """Variables of a MAT file; axes of length 1 are dropped, text is str.

    Raises
    ------
    InputError
        If the file is of another version, or not readable.
    """
    with path.open("rb") as file:
        header = file.read(len(VERSION_5))
    if header == VERSION_5:
        return load_version_5(path, "a MAT file of version 5", simplify_cells=True)
    if header == VERSION_73:
        return _load_version_73(path)
    raise InputError(
        f"{path.name}: is no MAT file of version 5 or 7.3; save it again in MATLAB with save(..., '-v7.3')"
    )


def _load_version_73(path: Path) -> dict[str, Any]:
    try:
        with h5py.File(path, "r", locking=False) as file:
            return {name: _value(file, file[name], 0) for name in map(str, file) if not name.startswith("#")}
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path.name}: not a readable MAT file of version 7.3 ({error})") from None


def _value(file: h5py.File, item: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(item, h5py.Group):
        return _struct(file, item, depth)
    if item.external or item.is_virtual:
        raise ValueError("its data are outside of the file")
    kind = item.attrs.get("MATLAB_class", b"")
    if "MATLAB_empty" in item.attrs:
        return "" if kind == b"char" else np.empty(0)
    if item.dtype.kind == "O" and h5py.check_ref_dtype(item.dtype) is h5py.Reference:
        return [_value(file, file[reference], depth + 1) for reference in item[()].T.ravel(order="F")]
    values = item[()].T
    if kind == b"char":
        return "".join(map(chr, values.ravel()))
    return values.squeeze()[()]


def _struct(file: h5py.File, group: h5py.Group, depth: int) -> dict[str, Any] | list[dict[str, Any]]:
    """A struct, or an array of them: there every field is a dataset of references without a class."""
    fields = {str(name): group[name] for name in group}
    many = fields and all(
        isinstance(item, h5py.Dataset) and item.dtype.kind == "O" and "MATLAB_class" not in item.attrs
        for item in fields.values()
    )
    values = {name: _value(file, item, depth + 1) for name, item in fields.items()}
    if not many:
        return values
    return [dict(zip(values, each, strict=True)) for each in zip(*values.values(), strict=True)]
