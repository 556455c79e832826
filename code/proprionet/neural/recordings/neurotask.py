"""Recordings in the NWB layout of NeuroTask (DANDI 001056): everything as series of bins, many sessions in a file."""

from pathlib import Path
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.recording import Recording, Trial

COUNTS = "spikes_counts"
EVENTS = {"EventTarget_Onset": "target_on", "EventGo_cue": "go_cue", "EventBump": "bump"}
_NUMBERS = ("hand_pos_x", "hand_pos_y", "hand_vel_x", "hand_vel_y", "target_dir", "bump_dir", *EVENTS)


def is_neurotask(file: Any) -> bool:
    """Whether an open NWB file has this layout."""
    return "spikes" in file.processing and COUNTS in file.processing["spikes"].data_interfaces


def read(file: Any, path: Path, session: str | None = None) -> Recording:
    """Read one of the sessions, in the bins that it is stored in.

    Parameters
    ----------
    file : NWBFile
        Open, in this layout.
    path : Path
        Its path, for messages.
    session : str, optional
        ``ANIMAL-SESSION``; needed where the file holds more than one.

    Raises
    ------
    InputError
        If something is missing, or the session is not named or unknown; says which there are.
    """
    series = {name: one for module in file.processing.values() for name, one in module.data_interfaces.items()}
    for name in (COUNTS, "animal", "session", "trial_id", "hand_pos_x", "hand_pos_y"):
        if name not in series:
            raise InputError(f"{path.name}: has no series '{name}' (found: {', '.join(series)})")
    chosen, rows = _choose(series, path.name, session)
    trial_id = _text(series["trial_id"])[rows]
    starts = np.flatnonzero(np.append(True, (trial_id[1:] != trial_id[:-1]) | (np.diff(rows) > 1)))
    stops = np.append(starts[1:], len(rows))
    counts = np.asarray(series[COUNTS].data[rows[0] : rows[-1] + 1], float)[rows - rows[0]]
    recorded = np.isfinite(counts).all(axis=0)  # in this session; the columns serve all of them
    columns = {name: _numbers(series[name], rows) for name in _NUMBERS if name in series}
    signals = {"spike_count": counts[:, recorded], "hand": _pair(columns, "hand_pos")}
    if {"hand_vel_x", "hand_vel_y"} <= columns.keys():
        signals["hand_velocity"] = _pair(columns, "hand_vel")
    result = _text(series["result"])[rows] if "result" in series else np.full(len(rows), "")
    return Recording(
        name=f"{path.stem} {chosen}",
        bin_width_s=_bin_width(series[COUNTS], rows, path.name),
        trials=[
            _trial(trial, slice(*bins), signals, columns, result[slice(*bins)])
            for trial, *bins in zip(trial_id[starts].tolist(), starts, stops, strict=True)
        ],
        electrode=np.full(recorded.sum(), -1),
        unit_number=np.full(recorded.sum(), -1),
        monkey=chosen.partition("-")[0],
        area=(file.notes or "").removeprefix("Recordings from ").strip(),
        units={"hand": _unit(series["hand_pos_x"])},
        fields={"spike_count": COUNTS, "hand": "hand_pos_x, hand_pos_y", "hand_velocity": "hand_vel_x, hand_vel_y"},
    )


def _choose(series: dict[str, Any], name: str, session: str | None) -> tuple[str, np.ndarray]:
    """The session that is meant, ANIMAL-SESSION, and its rows."""
    animal, number = _text(series["animal"]), _text(series["session"])
    label = np.char.add(np.char.add(animal, "-"), number)
    sessions = list(dict.fromkeys(label.tolist()))
    known = ", ".join(sessions)
    if session is None and len(sessions) > 1:
        raise InputError(f"{name}: holds {len(sessions)} sessions; choose one with --session: {known}")
    chosen = session or sessions[0]
    if chosen not in sessions:
        raise InputError(f"{name}: holds no session '{chosen}' (known: {known})")
    return chosen, np.flatnonzero(label == chosen)


def _trial(trial_id: str, bins: slice, signals: dict, columns: dict, result: np.ndarray) -> Trial:
    events = {"start": 0, "end": bins.stop - bins.start - 1}
    for column, event in EVENTS.items():
        if column in columns and (at := np.flatnonzero(np.nan_to_num(columns[column][bins]) > 0)).size:
            events[event] = int(at[0])
    target, bump = (
        np.degrees(_first(columns[name][bins])) if name in columns else np.nan for name in ("target_dir", "bump_dir")
    )
    said = next((text for text in result.tolist() if text not in ("", "nan", "0")), "")
    return Trial(
        int(float(trial_id)),
        {name: values[bins] for name, values in signals.items()},
        events,
        target,
        bump,
        passive="bump" in events,
        result=chr(int(said)) if said.isdecimal() and 65 <= int(said) <= 90 else said[:1],
    )


def _first(values: np.ndarray) -> float:
    """First number that is one."""
    return float(values[np.isfinite(values)][0]) if np.isfinite(values).any() else np.nan


def _pair(columns: dict[str, np.ndarray], name: str) -> np.ndarray:
    return np.stack([columns[f"{name}_{axis}"] for axis in "xy"], axis=1)


def _numbers(series: Any, rows: np.ndarray) -> np.ndarray:
    return np.asarray(series.data[rows[0] : rows[-1] + 1], float)[rows - rows[0]].reshape(len(rows))


def _text(series: Any) -> np.ndarray:
    """A series of names or numbers as text; letters may be stored as their codes."""
    values = np.asarray(series.data[:]).ravel()
    if values.dtype.kind in "OS":
        return np.array([value.decode() if isinstance(value, bytes) else str(value) for value in values])
    if values.dtype.kind == "f" and np.array_equal(values, np.round(values)):
        values = values.astype(int)
    return values.astype(str)


def _unit(series: Any) -> str:
    """Its unit, where it states one that means something."""
    return "" if series.unit.strip().lower() in ("", "n/a", "na", "unknown", "none", "-", "a.u.") else series.unit


def _bin_width(series: Any, rows: np.ndarray, name: str) -> float:
    if series.rate:
        return 1 / float(series.rate)
    steps = np.diff(np.asarray(series.timestamps[rows[0] : rows[-1] + 1], float))
    width = float(np.median(steps)) if steps.size else 0.0
    if width <= 0:
        raise InputError(f"{name}: '{COUNTS}' has neither a rate nor rising time stamps, so bins have no width")
    return round(width, 6)
