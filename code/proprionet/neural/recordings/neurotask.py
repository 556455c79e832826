"""Recordings in the NWB layout of NeuroTask (DANDI 001056): everything as series of bins, many sessions in a file."""

from pathlib import Path
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.recording import Recording, Trial

COUNTS = "spikes_counts"
EVENTS = {"EventTarget_Onset": "target_on", "EventGo_cue": "go_cue", "EventBump": "bump"}


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
    animal, number, trial_id = (_text(series[name]) for name in ("animal", "session", "trial_id"))
    label = np.char.add(np.char.add(animal, "-"), number)
    sessions = list(dict.fromkeys(label.tolist()))
    if session is None and len(sessions) > 1:
        raise InputError(
            f"{path.name}: holds {len(sessions)} sessions; choose one with --session: {', '.join(sessions)}"
        )
    chosen = session or sessions[0]
    if chosen not in sessions:
        raise InputError(f"{path.name}: holds no session '{chosen}' (known: {', '.join(sessions)})")
    rows = np.flatnonzero(label == chosen)
    starts = np.flatnonzero(np.append(True, (trial_id[rows][1:] != trial_id[rows][:-1]) | (np.diff(rows) > 1)))
    counts = np.asarray(series[COUNTS].data[rows[0] : rows[-1] + 1], float)[rows - rows[0]]
    recorded = np.isfinite(counts).all(axis=0)
    columns = {
        name: _text(one)[rows] if name == "result" else _numbers(one, rows)
        for name, one in series.items()
        if name in ("hand_pos_x", "hand_pos_y", "hand_vel_x", "hand_vel_y", "target_dir", "bump_dir", "result", *EVENTS)
    }
    signals = {"spike_count": counts[:, recorded], "hand": _pair(columns, "hand_pos")}
    if {"hand_vel_x", "hand_vel_y"} <= columns.keys():
        signals["hand_velocity"] = _pair(columns, "hand_vel")
    stops = np.append(starts[1:], len(rows))
    return Recording(
        name=f"{path.stem} {chosen}",
        bin_width_s=_bin_width(series[COUNTS], rows, path.name),
        trials=[
            _trial(str(trial_id[rows[a]]), slice(a, b), signals, columns) for a, b in zip(starts, stops, strict=True)
        ],
        electrode=np.flatnonzero(recorded),
        unit_number=np.full(recorded.sum(), -1),
        monkey=str(animal[rows[0]]),
        area=(file.notes or "").removeprefix("Recordings from ").strip(),
        units={"hand": _unit(series["hand_pos_x"])},
        fields={"spike_count": COUNTS, "hand": "hand_pos_x, hand_pos_y", "hand_velocity": "hand_vel_x, hand_vel_y"},
    )


def _trial(trial_id: str, bins: slice, signals: dict, columns: dict) -> Trial:
    n_bins = bins.stop - bins.start
    events = {"start": 0, "end": n_bins - 1}
    for column, event in EVENTS.items():
        if column in columns and (at := np.flatnonzero(np.nan_to_num(columns[column][bins]) > 0)).size:
            events[event] = int(at[0])
    result = (
        next((text[:1] for text in columns["result"][bins] if text not in ("", "nan", "0")), "")
        if "result" in columns
        else ""
    )
    directions = [
        np.degrees(_first(columns[name][bins])) if name in columns else np.nan for name in ("target_dir", "bump_dir")
    ]
    return Trial(
        int(float(trial_id)),
        {name: values[bins] for name, values in signals.items()},
        events,
        *directions,
        passive="bump" in events,
        result=result,
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
