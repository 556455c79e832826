"""One small recording, written in the layouts of others: NWB, trial_data in MAT files of both versions, plain HDF5."""

import itertools
from datetime import UTC, datetime

import h5py
import numpy as np
from scipy.io import savemat

STEP_S = 0.01
N_BINS = (90, 100, 110, 95)
PASSIVE = np.array([False, False, True, False])
TARGETS_DEG = np.array([0.0, 90.0, 180.0, 270.0])
ONSET, BUMP, GO = 40, 30, 20
GUIDE = np.array([[3, 1], [3, 2], [7, 1], [8, 0]])  # the last is not sorted
JOINTS = ("shoulder_flexion", "elbow_flexion")
MUSCLES = ("tricep_lat", "bicep_lh", "brachialis")
MARKERS = ("Marker_3", "Marker_6")


def truth():
    """Signals of every trial in units of the project, and its spikes; the hand is still up to ONSET, then reaches."""
    rng = np.random.default_rng(0)
    trials = []
    for number, n_bins in enumerate(N_BINS):
        share = np.clip((np.arange(n_bins) - ONSET) / 30, 0, 1)
        way = 10 * (10 * share**3 - 15 * share**4 + 6 * share**5)
        angle = np.radians(TARGETS_DEG[number])
        hand = way[:, None] * [np.cos(angle), np.sin(angle)] + [1, -32]
        joints = 40 + np.stack([way, 2 * way], axis=1) + rng.normal(size=(n_bins, 2))
        muscles = 120 + way[:, None] * [1, -1, 0.5] + [0, 10, 20]
        markers = np.stack([np.c_[hand, np.zeros(n_bins)], np.c_[hand - 20, np.ones(n_bins)]], axis=1)
        spikes = rng.poisson(0.5, (n_bins, 4))
        trials.append({"hand": hand, "joints": joints, "muscle_length": muscles, "markers": markers, "spikes": spikes})
    return trials


def velocity(trial):
    return np.gradient(trial["hand"], STEP_S, axis=0)


# ------------------------------------------------------------------------------------------------------- trial_data


def structs(in_metres=True, **changes):
    """trial_data, one struct a trial, with indices from 1; ``changes`` replace fields of every trial."""
    records = []
    for number, trial in enumerate(truth()):
        n_bins, passive = len(trial["hand"]), PASSIVE[number]
        opensim = np.c_[trial["joints"], 0 * trial["joints"], trial["muscle_length"] / (1000 if in_metres else 1)]
        names = [*(f"{name}_ang" for name in JOINTS), *(f"{name}_vel" for name in JOINTS)]
        record = {
            "monkey": "Chips",
            "date_time": "2017-09-13",
            "task": "CO",
            "bin_size": STEP_S,
            "trial_id": 11 + number,
            "result": "R",
            "pos": trial["hand"],
            "vel": velocity(trial),
            "opensim": opensim,
            "opensim_names": np.array([*names, *(f"{name}_len" for name in MUSCLES)], object),
            "markers": trial["markers"].reshape(n_bins, -1) / 100,
            "marker_names": np.array(MARKERS, object),
            "S1_spikes": trial["spikes"].astype(float),
            "S1_unit_guide": GUIDE.astype(float),
            "target_direction": np.radians(TARGETS_DEG[number]),
            "bumpDir": 90.0 if passive else np.nan,
            "idx_startTime": 1.0,
            "idx_goCueTime": GO + 1.0,
            "idx_bumpTime": BUMP + 1.0 if passive else np.nan,
            "idx_movement_on": np.nan if passive else ONSET + 1.0,
            "idx_endTime": float(n_bins),
        }
        records.append({**record, **changes})
    return records


def one_record():
    """trial_data that is not split: 5 rows of rest before, between and after trials, and events as lists of rows."""
    trials, gap = truth(), 5
    starts = gap + np.cumsum([0, *(n + gap for n in N_BINS[:-1])])

    def joined(name, scale=1.0):
        pieces = [trial[name].reshape(len(trial["hand"]), -1) / scale for trial in trials]
        rest = np.zeros((gap, pieces[0].shape[1]))
        return np.concatenate([part for piece in pieces for part in (rest + piece[0], piece)] + [rest + pieces[-1][-1]])

    hand = joined("hand")
    spikes = joined("spikes")
    spikes = np.round(spikes)
    nothing = np.full(len(N_BINS), np.nan)
    return {
        "monkey": "Han",
        "bin_size": STEP_S,
        "pos": hand,
        "vel": np.gradient(hand, STEP_S, axis=0),
        "joint_ang": joined("joints"),
        "joint_names": np.array(JOINTS, object),
        "muscle_len": joined("muscle_length", 1000),
        "muscle_names": np.array(MUSCLES, object),
        "S1_spikes": spikes,
        "S1_unit_guide": GUIDE.astype(float),
        "idx_startTime": starts + 1.0,
        "idx_endTime": starts + np.array(N_BINS, float),
        "idx_goCueTime": starts + GO + 1.0,
        "idx_bumpTime": np.where(PASSIVE, starts + BUMP + 1.0, nothing),
        "trialID": 11.0 + np.arange(4),
        "result": "RRRR",
        "tgtDir": TARGETS_DEG,
        "bumpDir": np.where(PASSIVE, 90.0, np.nan),
        "ctrHoldBump": PASSIVE.astype(float),
    }


def write_version_5(path, records):
    savemat(path, {"trial_data": records if isinstance(records, dict) else np.array(records, object)})
    return path


def write_struct_array(path, records):
    """MAT version 5 with a struct array, as MATLAB itself saves one."""
    array = np.empty((1, len(records)), [(name, object) for name in records[0]])
    for place, record in enumerate(records):
        array[0, place] = tuple(record.values())
    savemat(path, {"trial_data": array})
    return path


def write_version_73(path, records):
    """MAT version 7.3: HDF5 behind a header; arrays transposed, text as codes, struct arrays as references."""
    with h5py.File(path, "w", userblock_size=512) as file:
        refs, group = file.create_group("#refs#"), file.create_group("trial_data")
        group.attrs["MATLAB_class"] = np.bytes_("struct")

        def put(holder, name, value):
            if isinstance(value, str):
                item = holder.create_dataset(name, data=np.array([[ord(c)] for c in value], np.uint16))
                item.attrs["MATLAB_class"] = np.bytes_("char")
            elif isinstance(value, np.ndarray) and value.dtype == object:
                item = holder.create_dataset(name, data=np.array([[refer(text)] for text in value], h5py.ref_dtype))
                item.attrs["MATLAB_class"] = np.bytes_("cell")
            else:
                item = holder.create_dataset(name, data=np.atleast_2d(np.asarray(value, float)).T)
                item.attrs["MATLAB_class"] = np.bytes_("double")
            return item

        numbers = itertools.count()

        def refer(value):
            return put(refs, f"r{next(numbers)}", value).ref

        if isinstance(records, dict):
            for name, value in records.items():
                put(group, name, value)
        else:
            for name in records[0]:
                each = np.array([[refer(record[name])] for record in records], h5py.ref_dtype)
                group.create_dataset(name, data=each)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + bytes(8) + b"\x00\x02IM")
    return path


# --------------------------------------------------------------------------------------------------------------- NWB


def _file(**options):
    from pynwb import NWBFile
    from pynwb.file import Subject

    subject = Subject(subject_id="Han", species="Macaca mulatta", sex="M", age="P5Y")
    start = datetime(2017, 12, 7, tzinfo=UTC)
    return NWBFile("centre-out", "area2", start, subject=subject, session_id="20171207", **options)


def _save(file, path):
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(path, "w") as io:
        io.write(file)
    return path


def write_area2_bump(path, rate=1000.0, behaviour=True, lengths="m", change=None):
    """NWB as DANDI 000127: spike times, behaviour at 1 kHz, a table of trials 0.3 s apart."""
    from pynwb import TimeSeries

    file, trials = _file(), truth()
    per_bin = round(rate * STEP_S)
    gap = round(0.3 * rate)
    starts = np.cumsum([0, *(n * per_bin + gap for n in N_BINS[:-1])]) + gap
    n_samples = starts[-1] + N_BINS[-1] * per_bin + gap
    series = {
        "hand_pos": ("hand", "cm", 1, ("x", "y")),
        "joint_ang": ("joints", "deg", 1, [f"{name}_ang" for name in JOINTS]),
        "muscle_len": ("muscle_length", lengths, {"m": 1e-3, "mm": 1}[lengths], [f"{name}_len" for name in MUSCLES]),
    }
    module = file.create_processing_module("behavior", "behaviour") if behaviour else None
    for name, (signal, unit, scale, columns) in series.items() if behaviour else ():
        data = np.full((n_samples, trials[0][signal].shape[1]), np.nan)
        for start, trial in zip(starts, trials, strict=True):
            values = np.repeat(trial[signal] * scale, per_bin, axis=0)
            data[start : start + len(values)] = values
        if change:
            change(name, data)
        listed = f"columns=[{', '.join(columns)}]"
        module.add(TimeSeries(name=name, data=data, unit=unit, rate=rate, starting_time=0.0, comments=listed))
    file.add_unit_column("heldout", "held out")
    for unit in range(3):
        times = [
            (start / rate) + STEP_S * (bin + (k + 0.5) / count)
            for start, trial in zip(starts, trials, strict=True)
            for bin, count in enumerate(trial["spikes"][:, unit])
            for k in range(count)
        ]
        file.add_unit(spike_times=times, heldout=unit == 2)
    columns = ("result", "ctr_hold_bump", "bump_dir", "target_on_time", "target_dir", "go_cue_time", "bump_time")
    for column in (*columns, "move_onset_time", "cond_dir", "split"):
        file.add_trial_column(column, column)
    for number, (start, n_bins) in enumerate(zip(starts / rate, N_BINS, strict=True)):
        passive = bool(PASSIVE[number])
        file.add_trial(
            start_time=start,
            stop_time=start + STEP_S * n_bins,
            result="R",
            ctr_hold_bump=passive,
            bump_dir=90.0 if passive else np.nan,
            target_on_time=start + 0.1,
            target_dir=TARGETS_DEG[number],
            go_cue_time=start + GO * STEP_S,
            bump_time=start + BUMP * STEP_S if passive else np.nan,
            move_onset_time=np.nan if passive else start + ONSET * STEP_S,
            cond_dir=TARGETS_DEG[number],
            split="none" if passive else "train",
        )
    return _save(file, path)


def write_neurotask(path, sessions=("1",)):
    """NWB as DANDI 001056: series of bins, several sessions one after another; units of other sessions are NaN."""
    from pynwb import TimeSeries

    file, rows = _file(notes="Recordings from Area2"), []
    for place, session in enumerate(sessions):
        for number, trial in enumerate(truth()):
            for bin in range(len(trial["hand"])):
                spikes = np.full(3 * len(sessions), np.nan)
                spikes[3 * place : 3 * place + 3] = trial["spikes"][bin, :3]
                passive = PASSIVE[number]
                rows.append(
                    {
                        "animal": "Han",
                        "session": session,
                        "trial_id": 11.0 + number,
                        "result": "R",
                        "hand_pos": trial["hand"][bin],
                        "hand_vel": velocity(trial)[bin],
                        "target_dir": np.radians(TARGETS_DEG[number]),
                        "bump_dir": np.pi / 2 if passive else np.nan,
                        "EventTarget_Onset": float(bin == 10),
                        "EventGo_cue": float(bin == GO),
                        "EventBump": float(passive and bin == BUMP),
                        "spikes_counts": spikes,
                    }
                )
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for name in ("hand_pos", "hand_vel"):
        values = columns.pop(name)
        columns |= {f"{name}_x": values[:, 0], f"{name}_y": values[:, 1]}
    places = {"animal": "indices", "session": "indices", "trial_id": "indices", "spikes_counts": "spikes"}
    places |= {name: "events" for name in columns if name.startswith("Event") or name == "result"}
    for name, values in columns.items():
        where = places.get(name, "behavior")
        if where not in file.processing:
            file.create_processing_module(where, where)
        values = values.tolist() if values.dtype.kind == "U" else values
        file.processing[where].add(TimeSeries(name=name, data=values, unit="n/a", rate=1 / STEP_S))
    return _save(file, path)


# -------------------------------------------------------------------------------------------------------------- HDF5


def write_hdf5(path, **changes):
    """The documented layout; ``changes`` replace datasets, None leaves one out."""
    trials = truth()
    hand = np.concatenate([trial["hand"] for trial in trials])
    arrays = {
        "spikes": np.concatenate([trial["spikes"] for trial in trials]).astype(np.uint8),
        "kinematics": np.c_[hand, np.concatenate([velocity(trial) for trial in trials])],
        "joints": np.concatenate([trial["joints"] for trial in trials]),
        "muscle_length": np.concatenate([trial["muscle_length"] for trial in trials]),
        "markers": np.concatenate([trial["markers"] for trial in trials]),
        "offsets": np.concatenate([[0], np.cumsum(N_BINS)]),
        "target_direction_deg": TARGETS_DEG,
        "bump_direction_deg": np.where(PASSIVE, 90.0, np.nan),
        "bin_go_cue": np.full(4, GO),
        "bin_bump": np.where(PASSIVE, BUMP, -1),
        "bin_movement_onset": np.where(PASSIVE, -1, ONSET),
        "trial_id": 11 + np.arange(4),
        "unit_electrode_and_number": GUIDE,
        **changes,
    }
    columns = {"joints": JOINTS, "muscle_length": MUSCLES, "markers": MARKERS}
    units = {"joints": "degree", "muscle_length": "mm", "markers": "cm"}
    with h5py.File(path, "w") as file:
        file.attrs.update({"bin_size_s": STEP_S, "monkey": "Chips", "date": "2017-09-13", "area": "area 2"})
        for name, values in arrays.items():
            if values is not None:
                file[name] = values
                if name in columns:
                    file[name].attrs["columns"] = columns[name]
                    file[name].attrs["unit"] = units[name]
    return path
