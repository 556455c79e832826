"""What the readers of all formats hand over, and the one way from there to a session."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.onset import movement_onset
from proprionet.neural.recordings.scales import SCALES, check_directions, check_velocity, factor
from proprionet.neural.session import EVENTS, NAMES, Session

UNSORTED = (0, 255)  # numbers of the units that hold what the sorter left, or threw away
_ORDERS = ("start", "target_on", "go_cue", "movement_onset", "peak_speed", "end"), ("start", "bump", "end")
_OF_REACHES = ("movement_onset", "peak_speed")  # in passive trials of the movement that the bump makes


@dataclass
class Trial:
    """One trial as recorded: signals (bin, column) in the units of the file, events as bins of the trial from 0."""

    number: int
    signals: dict[str, np.ndarray]
    events: dict[str, int] = field(default_factory=dict)
    target_direction: float = np.nan
    """degrees"""
    bump_direction: float = np.nan
    """degrees"""
    passive: bool = False
    result: str = ""


@dataclass
class Recording:
    """A recording as its file has it."""

    name: str
    bin_width_s: float
    trials: list[Trial]
    electrode: np.ndarray
    unit_number: np.ndarray
    monkey: str = ""
    area: str = ""
    units: dict[str, str] = field(default_factory=dict)
    """Unit that the file states for each signal, where it does."""
    force_unit: str = "not stated"
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the columns of joints, muscle_length and markers."""
    fields: dict[str, str] = field(default_factory=dict)
    """What the file calls a signal."""
    left_out: dict[str, list] = field(default_factory=dict)
    """Numbers of trials that the reader itself could not use, by reason."""


def to_session(recording: Recording) -> Session:
    """Check a recording, convert its units, find movement onsets, and leave out what cannot be used.

    Trials are left out that were not rewarded, that hold NaN, whose events are out of order, or that lack the event
    that their analysis begins with: the bump where they are passive, else movement onset (found from the hand's speed
    where a file stores none: ``computed`` of the session), or an end. Units are left out that are not sorted, never
    fire, or have the spikes of another. ``left_out`` of the session says which, and why. A signal that is NaN
    throughout is taken for not recorded.

    Raises
    ------
    InputError
        If signals do not fit each other, a unit of measure is absurd, velocities are in another unit than positions,
        one electrode has two neurons of one number, or nothing is left; names the session, trial and field.
    """
    if not recording.trials:
        raise InputError(f"{recording.name}: holds no trials")
    _check(recording)
    signals = _convert(recording)
    computed = "hand" in signals and not any(trial.events.get("movement_onset", -1) >= 0 for trial in recording.trials)
    if computed:
        for trial in recording.trials:
            _find_onset(trial, recording.bin_width_s)
    trials, trials_left = _usable(recording, signals)
    joined = {name: np.concatenate([trial.signals[name] for trial in trials]) for name in signals}
    units, units_left = _living(recording, joined["spike_count"])
    joined["spike_count"] = joined["spike_count"][:, units].astype(np.int64)
    if "markers" in joined:
        joined["markers"] = joined["markers"].reshape(len(joined["markers"]), -1, 3)
    names: dict[str, Any] = {NAMES[signal]: recording.names[signal] for signal in NAMES if signal in joined}
    return Session(
        recording.name,
        recording.bin_width_s,
        np.concatenate([[0], np.cumsum([len(trial.signals["spike_count"]) for trial in trials])]),
        **joined,
        **names,
        force_unit=recording.force_unit if "force" in joined else "",
        events={name: np.array([trial.events.get(name, -1) for trial in trials]) for name in EVENTS},
        target_direction=np.array([trial.target_direction for trial in trials]) % 360,
        bump_direction=np.array([trial.bump_direction for trial in trials]) % 360,
        passive=np.array([trial.passive for trial in trials]),
        result=np.array([trial.result for trial in trials], "U1"),
        trial_id=np.array([trial.number for trial in trials]),
        electrode=recording.electrode[units],
        unit_number=recording.unit_number[units],
        area=recording.area,
        monkey=recording.monkey,
        computed={"movement_onset": [trial.number for trial in trials if not trial.passive]} if computed else {},
        left_out=trials_left | units_left,
    )


def _usable(recording: Recording, signals: list[str]) -> tuple[list[Trial], dict[str, list]]:
    """Trials to keep, and the numbers of the others by what is wrong with them."""
    left_out = {reason: list(numbers) for reason, numbers in recording.left_out.items()}
    kept = []
    for trial in recording.trials:
        if reason := _reason_against(trial, signals):
            left_out.setdefault(f"trials {reason}", []).append(trial.number)
        else:
            kept.append(trial)
    if not kept:
        reasons = ", ".join(f"{len(numbers)} {reason}" for reason, numbers in left_out.items())
        raise InputError(f"{recording.name}: no trial can be used ({reasons})")
    return kept, left_out


def _check(recording: Recording) -> None:
    """Every trial has the same signals, as long as each other and of the same columns."""
    name, first = recording.name, recording.trials[0]
    for trial in recording.trials:
        if odd := sorted(trial.signals.keys() ^ first.signals.keys()):
            with_it, without = (trial, first) if odd[0] in trial.signals else (first, trial)
            known = recording.fields.get(odd[0], odd[0])
            raise InputError(f"{name}: trial {without.number} has no '{known}', which trial {with_it.number} has")
        n_bins = len(trial.signals["spike_count"])
        for signal, values in trial.signals.items():
            known = recording.fields.get(signal, signal)
            if len(values) != n_bins:
                raise InputError(
                    f"{name}: trial {trial.number} has {len(values)} bins of '{known}', {n_bins} of spikes"
                )
            if values.shape[1:] != first.signals[signal].shape[1:]:
                columns = values.shape[1], first.signals[signal].shape[1]
                raise InputError(
                    f"{name}: '{known}' has {columns[0]} columns in trial {trial.number}, {columns[1]} in trial "
                    f"{first.number}"
                )
        counts = trial.signals["spike_count"]
        if counts.size and not (np.isfinite(counts).all() and (counts >= 0).all() and (counts % 1 == 0).all()):
            known = recording.fields.get("spike_count", "spike_count")
            raise InputError(
                f"{name}: '{known}' of trial {trial.number} are no counts of spikes, which are whole numbers"
            )
    if (found := first.signals["spike_count"].shape[1]) != len(recording.electrode):
        raise InputError(f"{name}: has spikes of {found} units but a guide to {len(recording.electrode)}")
    labels = list(zip(recording.electrode.tolist(), recording.unit_number.tolist(), strict=True))
    for label in labels:
        if min(label) >= 0 and label[1] not in UNSORTED and labels.count(label) > 1:
            raise InputError(f"{name}: unit {label[1]} of electrode {label[0]} is there twice; give every unit once")
    for signal in NAMES.keys() & first.signals.keys():
        per_name = 3 if signal == "markers" else 1
        n_names, n_columns = len(recording.names.get(signal, ())), first.signals[signal].shape[1]
        known = recording.fields.get(signal, signal)
        if n_names * per_name != n_columns:
            raise InputError(f"{name}: '{known}' has {n_columns} columns but {n_names} names")
        if repeated := {each for each in recording.names[signal] if recording.names[signal].count(each) > 1}:
            raise InputError(f"{name}: '{known}' has the name '{sorted(repeated)[0]}' twice")


def _convert(recording: Recording) -> list[str]:
    """Bring all signals to the units of the project, each once; gives the names of those that hold numbers at all."""
    kept = ["spike_count"]
    factors = {}
    for signal in recording.trials[0].signals.keys() - {"spike_count"}:
        values = np.concatenate([trial.signals[signal] for trial in recording.trials])
        if not np.isfinite(values).any():
            continue
        kept.append(signal)
        where = f"{recording.name}: '{recording.fields.get(signal, signal)}'"
        if signal in SCALES:
            factors[signal] = factor(signal, values, recording.units.get(signal, ""), where)
    if "hand_velocity" in kept:
        stated = recording.units.get("hand_velocity", "").lower().replace(" per ", "/").removesuffix("/s")
        if stated and stated not in SCALES["hand"].factors:
            raise InputError(f"{recording.name}: the velocity of the hand is in {stated}/s, expected cm/s or m/s")
        factors["hand_velocity"] = SCALES["hand"].factors[stated] if stated else factors.get("hand", 1.0)
    for trial in recording.trials:
        for signal, by in factors.items():
            trial.signals[signal] = trial.signals[signal] * by
    if {"hand", "hand_velocity"} <= set(kept):
        where = f"{recording.name}: '{recording.fields.get('hand_velocity', 'hand_velocity')}'"
        moving = ((trial.signals["hand"], trial.signals["hand_velocity"]) for trial in recording.trials)
        check_velocity(moving, recording.bin_width_s, where)
    for name in ("target_direction", "bump_direction"):
        directions = np.array([getattr(trial, name) for trial in recording.trials], float)
        check_directions(directions, f"{recording.name}: {name.replace('_', ' ')}s")
    return sorted(kept)


def _find_onset(trial: Trial, bin_width_s: float) -> None:
    """Movement onset and peak speed of an active trial, after the go cue where that is known."""
    hand = trial.signals.get("hand_velocity")
    if trial.passive or len(trial.signals["hand"]) < 3:
        return
    velocity = np.gradient(trial.signals["hand"], bin_width_s, axis=0) if hand is None else hand
    end = trial.events.get("end", -1)
    if np.isnan(velocity).any() or end < 0:
        return
    first = max(trial.events.get("go_cue", -1), trial.events.get("start", -1), 0)
    onset, peak = movement_onset(np.linalg.norm(velocity, axis=1), bin_width_s, first, end)
    trial.events |= {"movement_onset": onset, "peak_speed": peak}


def _reason_against(trial: Trial, signals: list[str]) -> str:
    """Why a trial is left out, or nothing."""
    if trial.result not in ("", "R"):
        return "not rewarded"
    if not len(trial.signals["spike_count"]):
        return "without bins"
    for signal in signals:
        if np.isnan(trial.signals[signal]).any():
            return f"with NaN in {signal}"
    if disorder := _disorder(trial):
        return disorder
    for event in ("bump",) if trial.passive else ("movement_onset", "end"):
        if trial.events.get(event, -1) < 0:
            return f"without {event}"
    return ""


def _disorder(trial: Trial) -> str:
    """Which event comes before one that it must follow, or nothing."""
    at = trial.events | (dict.fromkeys(_OF_REACHES, -1) if trial.passive else {})
    for order in _ORDERS:
        for earlier, later in itertools.pairwise(event for event in order if at.get(event, -1) >= 0):
            if at[later] < at[earlier]:
                return f"with {later} before {earlier}"
    return ""


def _living(recording: Recording, counts: np.ndarray) -> tuple[np.ndarray, dict[str, list]]:
    """Places of the units that are sorted and fire, each once; the others, as ELECTRODE-NUMBER or by their place."""
    unsorted, silent = np.isin(recording.unit_number, UNSORTED), counts.sum(axis=0) == 0
    first: dict[bytes, int] = {}
    for unit in np.flatnonzero(~(unsorted | silent)).tolist():
        first.setdefault(counts[:, unit].tobytes(), unit)
    if not first:
        raise InputError(f"{recording.name}: none of its {len(unsorted)} units is sorted and fires")
    good = np.array(list(first.values()))
    called = [
        f"{electrode}-{number}" if number >= 0 else f"{place}"
        for place, (electrode, number) in enumerate(zip(recording.electrode, recording.unit_number, strict=True))
    ]
    bad = {
        "units not sorted": unsorted,
        "units without spikes": silent & ~unsorted,
        "units with the spikes of another": ~(unsorted | silent | np.isin(np.arange(len(unsorted)), good)),
    }
    return good, {reason: [called[i] for i in np.flatnonzero(which)] for reason, which in bad.items() if which.any()}
