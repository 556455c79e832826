"""Recordings in plain HDF5, in the layout that ``neural_prediction/README.md`` describes."""

from pathlib import Path

import h5py
import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.recording import Recording, Trial
from proprionet.neural.session import EVENTS
from proprionet.store import raw_datasets

TARGETS_DEG = (90, 45, 0, -45, -90, -135, 180, 135)
"""Direction of each numbered target of the lab's centre-out task."""
_SIGNALS = ("force", "joints", "muscle_length", "markers")
_PER_TRIAL = ("trial_id", "source_trial", "passive", "target", "target_direction_deg", "bump_direction_deg")
_LAYOUT = "expected spikes (bin, unit), kinematics (bin, 2 or more) and offsets (trial + 1,)"


def read(path: Path) -> Recording:
    """Read a recording from HDF5.

    Raises
    ------
    InputError
        If something is missing or does not fit; names it.
    """
    held = raw_datasets(path)
    for name in ("spikes", "kinematics", "offsets"):
        if name not in held:
            raise InputError(f"{path.name}: has no dataset '{name}'; {_LAYOUT}")
    attributes, names, units = _attributes(path)
    width = attributes.get("bin_size_s")
    if not isinstance(width, float | int) or not 0 < width < 10:
        raise InputError(f"{path.name}: its attribute 'bin_size_s' is missing or no width of a bin in s")
    offsets, spikes, kinematics = (held[name] for name in ("offsets", "spikes", "kinematics"))
    n_bins = len(spikes) if spikes.ndim == 2 else -1
    if kinematics.ndim != 2 or kinematics.shape[1] < 2 or len(kinematics) != n_bins:
        raise InputError(f"{path.name}: spikes {spikes.shape} and kinematics {kinematics.shape} do not fit; {_LAYOUT}")
    if offsets.ndim != 1 or len(offsets) < 2 or offsets[0] < 0 or offsets[-1] > n_bins or (np.diff(offsets) < 1).any():
        raise InputError(f"{path.name}: 'offsets' must rise from 0 to the {n_bins} bins")
    signals = {"spike_count": spikes, "hand": kinematics[:, :2]}
    if kinematics.shape[1] >= 4:
        signals["hand_velocity"] = kinematics[:, 2:4]
    signals |= {name: held[name].reshape(len(held[name]), -1) for name in _SIGNALS if name in held}
    for name, values in signals.items():
        if len(values) != n_bins:
            raise InputError(f"{path.name}: '{name}' has {len(values)} bins, 'spikes' has {n_bins}")
    guide = held.get("unit_electrode_and_number", np.full((spikes.shape[1], 2), -1)).astype(np.int64)
    text = {name: value for name, value in attributes.items() if isinstance(value, str)}
    return Recording(
        name=" ".join(filter(None, (text.get("monkey"), text.get("date")))) or path.stem,
        bin_width_s=float(width),
        trials=_trials(path.name, held, offsets.astype(int), signals),
        electrode=guide[:, 0],
        unit_number=guide[:, 1],
        monkey=text.get("monkey", ""),
        area=text.get("area", ""),
        units={"hand": "cm", **units},
        force_unit=units.get("force", "not stated"),
        names=names,
        fields={"spike_count": "spikes", "hand": "kinematics", "hand_velocity": "kinematics"},
    )


def _trials(name: str, held: dict[str, np.ndarray], offsets: np.ndarray, signals: dict[str, np.ndarray]) -> list[Trial]:
    n_trials = len(offsets) - 1
    per_trial = {key: values for key, values in held.items() if key.startswith("bin_") or key in _PER_TRIAL}
    for key, values in per_trial.items():
        if len(values) != n_trials:
            raise InputError(f"{name}: '{key}' has {len(values)} rows, but there are {n_trials} trials")
    numbers = held.get("trial_id", held.get("source_trial", np.arange(n_trials)))
    bump = held.get("bump_direction_deg", np.full(n_trials, np.nan))
    passive = held.get("passive", np.isfinite(bump))
    target = held.get("target_direction_deg")
    if target is None and "target" in held:
        if not np.isin(held["target"], range(len(TARGETS_DEG))).all():
            raise InputError(f"{name}: 'target' holds numbers other than 0 to {len(TARGETS_DEG) - 1}")
        target = np.array(TARGETS_DEG)[held["target"].astype(int)]
    if target is None:
        target = np.full(n_trials, np.nan)
    events = {event: held[f"bin_{event}"] for event in EVENTS if f"bin_{event}" in held}
    events = {"start": np.zeros(n_trials, int), "end": np.diff(offsets) - 1, **events}
    return [
        Trial(
            int(numbers[i]),
            {key: values[offsets[i] : offsets[i + 1]] for key, values in signals.items()},
            {key: int(bins[i]) for key, bins in events.items()},
            float(target[i]),
            float(bump[i]),
            bool(passive[i]),
        )
        for i in range(n_trials)
    ]


def _attributes(path: Path) -> tuple[dict, dict[str, tuple[str, ...]], dict[str, str]]:
    """Attributes of the file, names of the columns of its signals, and their units."""
    with h5py.File(path, "r", locking=False) as file:
        attributes = {name: _plain(file.attrs[name]) for name in file.attrs}
        present = [name for name in (*_SIGNALS, "kinematics") if name in file]
        names = {name: tuple(map(str, _plain(file[name].attrs.get("columns", [])))) for name in present}
        units = {
            name: str(_plain(file[name].attrs["unit"]))
            for name in _SIGNALS
            if name in file and "unit" in file[name].attrs
        }
    return attributes, names, units


def _plain(value):
    """An attribute without the types of NumPy."""
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(value, list):
        return [each.decode() if isinstance(each, bytes) else each for each in value]
    return value.decode() if isinstance(value, bytes) else value
