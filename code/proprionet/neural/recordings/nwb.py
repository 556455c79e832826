"""Recordings in NWB: spike times and behaviour with a table of trials, as in DANDI 000127 (Area2_Bump)."""

import contextlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.recording import Recording, Trial

BIN_WIDTH_S = 0.01
SIGNALS = {
    "hand_pos": "hand",
    "hand_vel": "hand_velocity",
    "force": "force",
    "joint_ang": "joints",
    "muscle_len": "muscle_length",
    "markers": "markers",
}
"""Series of the module ``behavior``, and the signals that they are."""
EVENTS = {
    "start_time": "start",
    "target_on_time": "target_on",
    "go_cue_time": "go_cue",
    "move_onset_time": "movement_onset",
    "bump_time": "bump",
}
_HUMAN = ("homo sapiens", "human", "ncbitaxon_9606")
_SUFFIX = re.compile(r"_(ang|angle|len|length)$")


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """An NWB file, open for reading.

    Raises
    ------
    InputError
        If it is not one that pynwb can read.
    """
    import pynwb

    open_file: Any = pynwb.NWBHDF5IO
    with contextlib.ExitStack() as stack:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what old files lack, which pynwb tells at length
            try:
                io = stack.enter_context(open_file(path, "r", load_namespaces=True))
                file = io.read()
            except Exception as error:  # of any kind: the library checks little before it believes a file
                problem = str(error).splitlines() or [type(error).__name__]
                raise InputError(f"{path.name}: cannot be read as NWB ({problem[0][:120]})") from None
        yield file


def read(file: Any, path: Path, bin_width_s: float | None = None) -> Recording:
    """Count spikes and average behaviour in bins that start with each trial.

    Parameters
    ----------
    file : NWBFile
        Open, with a table of units, a table of trials and a module ``behavior`` of series sampled at a fixed rate.
    path : Path
        Its path, for messages.
    bin_width_s : float, optional
        10 ms if not given.

    Raises
    ------
    InputError
        If it has no units, trials or behaviour, or what it has cannot be binned; names the file and the field.
    """
    width = BIN_WIDTH_S if bin_width_s is None else bin_width_s
    if file.units is None or not len(file.units):
        raise InputError(f"{path.name}: holds no units, so it is no recording of neurons")
    series = _behaviour(file, path.name)
    if file.trials is None or not len(file.trials):
        raise InputError(f"{path.name}: has units and behaviour but no table of trials")
    table = {column: np.asarray(file.trials[column][:]) for column in file.trials.colnames}
    spikes = [np.asarray(times, float) for times in file.units["spike_times"][:]]
    readers = {signal: _binned(one, width, f"{path.name}: '{name}'") for signal, (name, one) in series.items()}
    trials, left_out = [], {}
    for row in range(len(file.trials)):
        start, stop = float(table["start_time"][row]), float(table["stop_time"][row])
        n_bins = int((stop - start) / width + 1e-6) if np.isfinite(stop - start) else 0
        number = int(file.trials.id[row])
        edges = start + width * np.arange(n_bins + 1)
        try:
            signals = {signal: reader(start, n_bins) for signal, reader in readers.items()}
        except _OutsideError:
            left_out.setdefault("trials without behaviour", []).append(number)
            continue
        signals["spike_count"] = np.stack([np.diff(np.searchsorted(times, edges)) for times in spikes], axis=1)
        trials.append(_trial(number, signals, table, row, edges))
    electrode, unit_number = _guide(file.units)
    return Recording(
        name=file.session_id or file.identifier or path.stem,
        bin_width_s=width,
        trials=trials,
        electrode=electrode,
        unit_number=unit_number,
        monkey=_monkey(file.subject),
        area=_area(file),
        units={signal: one.unit for signal, (_, one) in series.items()},
        force_unit=series["force"][1].unit if "force" in series else "not stated",
        names={signal: _names(one) for signal, (_, one) in series.items() if signal in ("joints", "muscle_length")}
        | {signal: _marker_names(one) for signal, (_, one) in series.items() if signal == "markers"},
        fields={signal: name for signal, (name, _) in series.items()} | {"spike_count": "spike_times"},
        left_out=left_out,
    )


class _OutsideError(Exception):
    """A trial lies outside of what a series covers."""


def _behaviour(file: Any, name: str) -> dict[str, tuple[str, Any]]:
    """Series of the module ``behavior`` by the signals that they are, with their own names."""
    if "behavior" not in file.processing:
        raise InputError(
            f"{name}: holds {len(file.units)} units but no behaviour (no processing module 'behavior'), so there is no "
            "movement to predict them from"
        )
    module = file.processing["behavior"].data_interfaces
    found = {signal: (key, module[key]) for key, signal in SIGNALS.items() if key in module}
    if "hand" not in found and "joints" not in found:
        known = ", ".join(module) or "nothing"
        raise InputError(f"{name}: its behaviour has neither 'hand_pos' nor 'joint_ang' (found: {known})")
    return found


def _binned(series: Any, width: float, where: str):
    """A function that gives the means of a series in ``n_bins`` bins from ``start`` on, (bin, column)."""
    rate = series.rate
    if rate is None:
        times = np.asarray(series.timestamps[:], float)
        steps = np.diff(times)
        if not steps.size or np.ptp(steps) > 0.01 * steps.mean() or steps.mean() <= 0:
            raise InputError(f"{where} has time stamps at unequal steps, expected one rate")
        rate, first = 1 / steps.mean(), times[0]
    else:
        first = series.starting_time or 0.0
    per_bin = rate * width
    if per_bin < 1 - 1e-6:
        raise InputError(f"{where} has {rate:g} samples a second, too few for bins of {1000 * width:g} ms")
    gain, offset = series.conversion or 1.0, getattr(series, "offset", 0.0) or 0.0

    def means(start: float, n_bins: int) -> np.ndarray:
        edges = np.round((start - first) * rate + per_bin * np.arange(n_bins + 1)).astype(int)
        if edges[0] < 0 or edges[-1] > len(series.data):
            raise _OutsideError
        values = np.asarray(series.data[edges[0] : edges[-1]], float)
        values = gain * values.reshape(len(values), -1) + offset
        if not n_bins:
            return values
        return np.add.reduceat(values, edges[:-1] - edges[0], axis=0) / np.diff(edges)[:, None]

    return means


def _trial(number: int, signals: dict, table: dict[str, np.ndarray], row: int, edges: np.ndarray) -> Trial:
    def value(*columns: str) -> float:
        known = [column for column in columns if column in table]
        return float(table[known[0]][row]) if known else np.nan

    n_bins = len(edges) - 1
    events = {"end": n_bins - 1}
    for column, event in EVENTS.items():
        time = value(column)
        if edges[0] <= time < edges[-1]:
            events[event] = min(int(np.searchsorted(edges, time + 1e-9, side="right")) - 1, n_bins - 1)
    bump = value("bump_dir")
    passive = bool(table["ctr_hold_bump"][row]) if "ctr_hold_bump" in table else np.isfinite(value("bump_time"))
    result = str(table["result"][row])[:1] if "result" in table else ""
    return Trial(number, signals, events, value("target_dir", "cond_dir"), bump, passive, result)


def _names(series: Any) -> tuple[str, ...]:
    """Names of the columns, which such files give in the comments as "columns=[a, b]"."""
    listed = re.search(r"columns=\[(.*?)\]", series.comments or "", flags=re.DOTALL)
    names = [name.strip(" \t\r\n'\"") for name in listed[1].split(",")] if listed else []
    return tuple(_SUFFIX.sub("", name) for name in names if name)


def _marker_names(series: Any) -> tuple[str, ...]:
    names = [re.sub(r"_[xyz]$", "", name) for name in _names(series)]
    return tuple(names[::3])


def _guide(units: Any) -> tuple[np.ndarray, np.ndarray]:
    """Electrode and number of each unit; -1 where the file does not say."""
    unknown = np.full(len(units), -1)
    number = np.asarray(units["unit_number"][:], int) if "unit_number" in units.colnames else unknown
    if "electrodes" not in units.colnames:
        return np.asarray(units.id[:], int), number
    rows = [
        np.asarray(region.index if hasattr(region, "index") else region).ravel() for region in units["electrodes"][:]
    ]
    return np.array([int(row[0]) if len(row) else -1 for row in rows]), number


def _monkey(subject: Any) -> str:
    """Who was recorded, if no human."""
    if subject is None or any(name in (subject.species or "").lower() for name in _HUMAN):
        return ""
    return subject.subject_id or ""


def _area(file: Any) -> str:
    if file.electrodes is None or "location" not in file.electrodes.colnames:
        return ""
    places = dict.fromkeys(str(place) for place in file.electrodes["location"][:])
    return ", ".join(place for place in places if place not in ("", "unknown"))[:200]
