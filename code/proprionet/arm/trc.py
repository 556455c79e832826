"""Marker files (TRC), the text format of motion capture that OpenSim reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from proprionet.errors import InputError, brief
from proprionet.store.atomic import write_text

_CM = {"m": 100.0, "cm": 1.0, "mm": 0.1}
_HEADER = ("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame")
_HEADER_LINES = 5
_LARGEST_BYTES = 2**30


@dataclass(frozen=True)
class Markers:
    """Recorded markers: ``positions`` (time, marker, 3) in cm, NaN where a marker was not seen."""

    positions: np.ndarray
    names: tuple[str, ...]
    rate_hz: float


def read_trc(path: str | Path) -> Markers:
    """Read a marker file, in the unit (m, cm or mm) that it names.

    A cell that is empty, or holds NaN, and cells that a row lacks at its end are markers that were not seen.

    Raises
    ------
    InputError
        If the file is missing, is no marker file, or does not hold what its header says; names the file and the line.
    """
    path = Path(path)
    lines = _lines(path)
    if len(lines) < _HEADER_LINES or lines[0][0] != "PathFileType":
        raise InputError(f"{path.name}: is not a marker file; it does not begin with the five lines of a TRC header")
    header = dict(zip(lines[1], lines[2], strict=False))
    unit, rate_hz = _unit_and_rate(header, f"{path.name}, line 3")
    names = tuple(name for name in lines[3][2:] if name)
    if not names or len(set(names)) < len(names) or header.get("NumMarkers") != str(len(names)):
        said = brief(header.get("NumMarkers", ""))
        raise InputError(f"{path.name}, line 4: {len(set(names))} different names for {said} markers of the header")
    rows = [
        _row(cells, 1 + 3 * len(names), f"{path.name}, line {number}")
        for number, cells in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1)
        if any(cells)
    ]
    if not rows or header.get("NumFrames") != str(len(rows)):
        said = brief(header.get("NumFrames", ""))
        raise InputError(f"{path.name}: holds {len(rows)} frames, where its header says {said}; is the file whole?")
    values = np.array(rows)
    late = (values[:, 0] - values[0, 0]) * rate_hz - np.arange(len(values))
    if not (np.abs(late) < 0.5).all():
        raise InputError(f"{path.name}: its times are not those of {rate_hz:g} samples a second, one after another")
    return Markers(values[:, 1:].reshape(len(values), -1, 3) * _CM[unit], names, rate_hz)


def write_trc(path: str | Path, positions: np.ndarray, names: Sequence[str], rate_hz: float, unit: str = "mm") -> None:
    """Write markers into a file that OpenSim reads; a marker that was not seen becomes empty cells.

    Parameters
    ----------
    positions : array, shape (time, marker, 3)
        cm; NaN where a marker was not seen.
    names : one for each marker
    rate_hz : samples a second
    unit : of the file: m, cm or mm.

    Raises
    ------
    InputError
        If the unit is another, or the names are not one of its own for each marker.
    """
    if unit not in _CM:
        raise InputError(f"unit {brief(unit)} of a marker file is not known; choose one of {', '.join(_CM)}")
    n_frames, n_markers = positions.shape[:2]
    if len(set(names)) != n_markers or not all(name.isprintable() and name.strip() == name != "" for name in names):
        raise InputError(f"{n_markers} markers need as many different names, without tabs or spaces around them")
    rate = f"{rate_hz:.12g}"
    rows = [
        ("PathFileType", "4", "(X/Y/Z)", Path(path).name),
        (*_HEADER, "OrigNumFrames"),
        (rate, rate, str(n_frames), str(n_markers), unit, rate, "1", str(n_frames)),
        ("Frame#", "Time", *(cell for name in names for cell in (name, "", ""))),
        ("", "", *(f"{axis}{i}" for i in range(1, n_markers + 1) for axis in "XYZ")),
        (),
    ]
    for frame, values in enumerate(positions.reshape(n_frames, -1) / _CM[unit]):
        cells = (f"{value:.10g}" if np.isfinite(value) else "" for value in values)
        rows.append((str(frame + 1), f"{frame / rate_hz:.10g}", *cells))
    write_text(Path(path), "".join("\t".join(row) + "\n" for row in rows))


def _lines(path: Path) -> list[list[str]]:
    """Every line of a text file, cut at its tabs."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path.name}: is larger than a marker file of a session can be (1 GiB)")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is not a marker file; it is not text") from None
    return [[cell.strip() for cell in line.split("\t")] for line in text.splitlines()]


def _unit_and_rate(header: dict[str, str], where: str) -> tuple[str, float]:
    unit = header.get("Units", "")
    if unit not in _CM:
        raise InputError(f"{where}: its unit is {brief(unit)}; expected one of {', '.join(_CM)}")
    rate_hz = _number(header.get("DataRate", ""), f"{where}, DataRate")
    if not 0 < rate_hz < np.inf:
        raise InputError(f"{where}: DataRate {rate_hz:g} is no number of samples a second")
    return unit, rate_hz


def _row(cells: list[str], length: int, where: str) -> list[float]:
    """Time and coordinates of one frame, without its number."""
    if any(cells[1 + length :]):
        raise InputError(f"{where}: has more cells than its markers need")
    given = cells[1 : 1 + length] + [""] * (1 + length - len(cells))
    return [_number(given[0], f"{where}, time"), *(_number(cell, where) if cell else np.nan for cell in given[1:])]


def _number(cell: str, where: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise InputError(f"{where}: {brief(cell)} is not a number") from None
