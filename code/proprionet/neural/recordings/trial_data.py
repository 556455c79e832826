"""Recordings as the trial_data of the Miller lab: MAT files with one struct a trial, or one long record."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings import matlab
from proprionet.neural.recordings.recording import Recording, Trial

EVENTS = {
    "start": ("idx_startTime", "idx_trial_start"),
    "target_on": ("idx_tgtOnTime", "idx_targetStartTime", "idx_target_on"),
    "go_cue": ("idx_goCueTime", "idx_go_cue"),
    "movement_onset": ("idx_movement_on", "idx_movement_onset"),
    "peak_speed": ("idx_peak_speed", "idx_peakSpeed"),
    "bump": ("idx_bumpTime",),
    "end": ("idx_endTime", "idx_trial_end"),
}
"""Fields that say when something happens, as a row counted from 1."""
_FIELDS = {"pos": "hand", "vel": "hand_velocity", "force": "force"}
_NAMED = {"joints": ("joint_ang", "joint_names"), "muscle_length": ("muscle_len", "muscle_names")}
_COLUMNS = {"opensim_names": "opensim", "marker_names": "markers", **{names: field for field, names in _NAMED.values()}}
_OPENSIM = {"joints": "_ang", "muscle_length": "_len"}
_TARGET_DIRECTION = ("target_direction", "tgtDir", "targetDir")
_SUFFIX = re.compile(r"_(ang|len)$")
_AXIS = re.compile(r"[_ ]?[xyz]$", flags=re.IGNORECASE)


def read(path: Path, array: str | None = None) -> Recording:
    """Read trial_data in the bins that it is stored in.

    Parameters
    ----------
    path : Path
        MAT file of version 5 or 7.3 with the variable ``trial_data``, or with one struct under any name.
    array : str, optional
        The electrode array, as S1 of ``S1_spikes``; needed where there are several.

    Raises
    ------
    InputError
        If a field is missing or does not fit; names the file, the trial and the field.

    Source: TrialData of the Miller lab; Chowdhury, Glaser & Miller 2020; indices count from 1.
    """
    records = _records(path)
    first = records[0]
    array = _array(first, array, path.name)
    widths = [_first_of(record, ("bin_size",)) for record in records]
    for place, width in enumerate(widths):
        if not 0 < width < 10:
            found = "missing" if np.isnan(width) else f"{width:g}, which is no width in s"
            raise InputError(f"{path.name}: trial {_id(records[place], place)}: 'bin_size' is {found}")
        if not np.isclose(width, widths[0]):
            raise InputError(
                f"{path.name}: trial {_id(records[place], place)} has bins of {width:g} s, trial {_id(first, 0)} of "
                f"{widths[0]:g} s ('bin_size'); expected one width"
            )
    if not any(field in record for record in records for field in EVENTS["end"]):
        raise InputError(f"{path.name}: no trial has {' or '.join(map(repr, EVENTS['end']))}, where it ends")
    records = _in_one_order(records, array, path.name)
    first = records[0]
    trials = [trial for place, record in enumerate(records) for trial in _trials(record, place, array, path.name)]
    guide = _guide(first, array, trials, path.name)
    monkey, date = (_text(first.get(name)) for name in ("monkey", "date_time"))
    return Recording(
        name=" ".join(filter(None, (monkey, date or _text(first.get("date")), _text(first.get("task"))))) or path.stem,
        bin_width_s=widths[0],
        trials=trials,
        electrode=guide[:, 0],
        unit_number=guide[:, 1],
        monkey=monkey,
        area=array,
        names=_column_names(first),
        fields={"spike_count": f"{array}_spikes", **{signal: name for name, signal in _FIELDS.items()}}
        | {signal: name if name in first else "opensim" for signal, (name, _) in _NAMED.items()},
    )


def _records(path: Path) -> list[dict[str, Any]]:
    variables = {name: value for name, value in matlab.load(path).items() if not name.startswith("__")}
    structs = {name: value for name, value in variables.items() if isinstance(value, dict | list | np.ndarray)}
    data = variables.get("trial_data", next(iter(structs.values())) if len(structs) == 1 else None)
    records = [data] if isinstance(data, dict) else list(np.ravel(np.array(data, object))) if data is not None else []
    if not records or not all(isinstance(record, dict) for record in records):
        found = ", ".join(variables) or "nothing"
        raise InputError(f"{path.name}: has no struct 'trial_data' (found: {found})")
    return records


def _array(record: dict[str, Any], array: str | None, name: str) -> str:
    arrays = [field.removesuffix("_spikes") for field in record if field.endswith("_spikes")]
    if not arrays:
        raise InputError(f"{name}: 'trial_data' has no field ARRAY_spikes (found: {', '.join(record)})")
    if array is None and len(arrays) > 1:
        raise InputError(f"{name}: holds spikes of {len(arrays)} arrays; choose one with --array: {', '.join(arrays)}")
    if array is not None and array not in arrays:
        raise InputError(f"{name}: holds no spikes of array '{array}' (known: {', '.join(arrays)})")
    return array or arrays[0]


def _trials(record: dict[str, Any], place: int, array: str, name: str) -> list[Trial]:
    """The trials of one record: itself, or the parts that its lists of starts and ends cut it into."""
    number = _id(record, place)
    spikes = _array_of(record, f"{array}_spikes", name, number)
    n_rows = len(_array_of(record, "pos", name, number)) if "pos" in record else len(spikes)
    signals = {"spike_count": _by_row(spikes, n_rows)}
    for field, signal in _FIELDS.items():
        if field in record and np.size(record[field]):
            signals[signal] = _by_row(_array_of(record, field, name, number), n_rows)
    signals |= _named_signals(record, n_rows, name, number)
    starts = np.atleast_1d(np.asarray(record.get("idx_startTime", np.nan), float))
    if starts.size < 2:
        events = {event: _bin(_first_of(record, fields)) for event, fields in EVENTS.items()}
        events = {event: bin if bin < n_rows else -1 for event, bin in events.items()}  # the rest was cut off
        events["start"] = max(events["start"], 0)
        return [_trial(int(number), signals, events, record, None)]
    ends = np.atleast_1d(np.asarray(record.get("idx_endTime", ()), float))
    if ends.size != starts.size:
        raise InputError(f"{name}: 'idx_startTime' lists {starts.size} trials, 'idx_endTime' {ends.size}")
    trials = []
    for trial, (start, end) in enumerate(zip(starts, ends, strict=True)):
        first, stop = (int(start) - 1, int(end)) if np.isfinite(start + end) else (0, 0)
        if not 0 <= first <= stop <= n_rows:
            raise InputError(f"{name}: trial {trial + 1} has rows {start:g} to {end:g}, but there are {n_rows}")
        events = {event: _bin(_first_of(record, fields, trial)) for event, fields in EVENTS.items()}
        events = {event: bin - first if first <= bin < stop else -1 for event, bin in events.items()}
        cut = {signal: values[first:stop] for signal, values in signals.items()}
        stored = _first_of(record, ("trialID", "trial_id"), trial)
        trials.append(_trial(int(stored) if np.isfinite(stored) else trial + 1, cut, events, record, trial))
    return trials


def _trial(number: int, signals: dict, events: dict[str, int], record: dict[str, Any], trial: int | None) -> Trial:
    target = _first_of(record, _TARGET_DIRECTION, trial)
    if "target_direction" in record and abs(target) <= 2 * np.pi + 1e-6:
        target = np.degrees(target)  # this field is in radians, the others are in degrees
    bump = _first_of(record, ("bumpDir",), trial)
    flag = _first_of(record, ("ctrHoldBump",), trial)
    passive = bool(flag) if np.isfinite(flag) else np.isfinite(bump)
    return Trial(number, signals, events, target, bump, passive, _result(record.get("result"), trial))


def _named_signals(record: dict[str, Any], n_rows: int, name: str, number: str) -> dict[str, np.ndarray]:
    """Joints, muscles and markers: each a field of its own, or columns of ``opensim``."""
    found = {}
    columns = _texts(record.get("opensim_names"))
    for signal, (field, _) in _NAMED.items():
        if field in record and np.size(record[field]):
            found[signal] = _by_row(_array_of(record, field, name, number), n_rows)
        elif chosen := [i for i, column in enumerate(columns) if column.endswith(_OPENSIM[signal])]:
            table = _by_row(_array_of(record, "opensim", name, number), n_rows)
            if table.shape[1] != len(columns):
                raise InputError(
                    f"{name}: trial {number}: 'opensim' has {table.shape[1]} columns but {len(columns)} names"
                )
            found[signal] = table[:, chosen]
    if "markers" in record and np.size(record["markers"]):
        found["markers"] = _by_row(_array_of(record, "markers", name, number), n_rows)
    return found


def _column_names(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    columns = _texts(record.get("opensim_names"))
    names = {}
    for signal, (field, of) in _NAMED.items():
        listed = _texts(record.get(of)) if field in record else [c for c in columns if c.endswith(_OPENSIM[signal])]
        names[signal] = tuple(_SUFFIX.sub("", each) for each in listed)
    markers = _texts(record.get("marker_names"))
    if markers and np.size(record["markers"], -1) == len(markers):
        markers = [_AXIS.sub("", each) for each in markers[::3]]  # one name for each axis
    names["markers"] = tuple(markers)
    return names


def _in_one_order(records: list[dict[str, Any]], array: str, name: str) -> list[dict[str, Any]]:
    """Records with their named columns in the order of the first: a column stands for one muscle throughout."""
    first, guide = records[0], f"{array}_unit_guide"
    ordered = [dict(record) for record in records]
    for place, record in enumerate(ordered):
        trial = f"{name}: trial {_id(record, place)}"
        for names, field in _COLUMNS.items():
            wanted, found = _texts(first.get(names)), _texts(record.get(names))
            if found == wanted:
                continue
            if sorted(found) != sorted(wanted) or len(set(found)) < len(found):
                raise InputError(f"{trial}: '{names}' are not those of trial {_id(first, 0)}, in any order")
            values = np.asarray(record.get(field, ()))
            axes = max(values.shape[-1] // len(found), 1)  # markers have three columns a name, or names of columns
            order = np.add.outer(axes * np.array([found.index(each) for each in wanted]), np.arange(axes)).ravel()
            if values.shape[-1] == order.size:
                record |= {names: first[names], field: values[..., order]}
        if not np.array_equal(np.ravel(record.get(guide, ())), np.ravel(first.get(guide, ()))):
            raise InputError(f"{trial}: '{guide}' is not that of trial {_id(first, 0)}; give all trials the same units")
    return ordered


def _guide(record: dict[str, Any], array: str, trials: list[Trial], name: str) -> np.ndarray:
    """Electrode and number of each unit, (unit, 2)."""
    n_units = trials[0].signals["spike_count"].shape[1] if trials else 0
    field = f"{array}_unit_guide"
    if field not in record:
        raise InputError(f"{name}: has no '{field}', so that sorted units cannot be told from the rest")
    guide = np.asarray(record[field], float)
    if guide.size != 2 * n_units:
        raise InputError(f"{name}: '{field}' is for {guide.size // 2} units, '{array}_spikes' has {n_units}")
    return guide.reshape(n_units, 2).astype(np.int64)


def _array_of(record: dict[str, Any], field: str, name: str, number: str) -> np.ndarray:
    try:
        return np.asarray(record[field], float)
    except (KeyError, ValueError, TypeError):
        what = "is missing" if field not in record else "is not numbers"
        raise InputError(f"{name}: trial {number}: '{field}' {what}") from None


def _by_row(values: np.ndarray, n_rows: int) -> np.ndarray:
    """(row, column) again, where the reader dropped an axis of length 1."""
    if values.ndim == 2:
        return values
    return values.reshape(1, -1) if n_rows == 1 else values.reshape(-1, 1)


def _first_of(record: dict[str, Any], fields: Sequence[str], trial: int | None = None) -> float:
    """A number of a trial, the record's own or one of its lists; of several the first, NaN where there is none."""
    value: Any = next((record[field] for field in fields if field in record), np.nan)
    if trial is not None:
        value = value[trial] if np.ndim(value) or isinstance(value, list) else value
    values = np.ravel(np.asarray(value, float)) if np.size(value) else np.array([np.nan])
    values = values[np.isfinite(values)]
    return float(values[0]) if values.size else np.nan


def _bin(row: float) -> int:
    """Rows of MATLAB count from 1; -1 where there is none."""
    return int(row) - 1 if row >= 1 else -1


def _id(record: dict[str, Any], place: int) -> str:
    number = _first_of(record, ("trial_id", "trialID"))
    return f"{int(number) if np.isfinite(number) else place + 1}"


def _result(value: Any, trial: int | None) -> str:
    """One letter: stored as text, as a list of it, or as codes of characters."""
    if trial is not None and (np.ndim(value) or isinstance(value, str)):
        value = value[trial]
    if isinstance(value, str):
        return value[:1]
    code = np.ravel(value)[0] if value is not None and np.size(value) else 0
    if isinstance(code, str):
        return code[:1]
    return chr(int(code)) if 65 <= code <= 90 else ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    """A cell array of text, which is one text where it has one cell."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in np.ravel(np.array(value, object))]
