"""Recorded sessions: spikes and movement in bins, trial by trial, and the events of every trial."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from proprionet.errors import InputError

EVENTS = ("start", "target_on", "go_cue", "movement_onset", "peak_speed", "bump", "end")
"""What happens in a trial."""
PER_BIN = (
    *("spike_count", "hand", "hand_velocity", "force", "joints", "muscle_length", "markers"),
    *("true_rate", "bin_time"),
)
PER_TRIAL = ("trial_id", "passive", "result", "target_direction", "bump_direction", "movement")
NAMES = {"joints": "joint_names", "muscle_length": "muscle_names", "markers": "marker_names"}
"""Signals whose second axis has names, and the field that holds them."""
SMOOTHING_S = 0.05  # Marin Vargas et al. 2024: centred boxcar of 50 ms


def _nothing() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Session:
    """A recording in bins of one width; trial i is bins ``offsets[i]:offsets[i + 1]`` of every signal.

    What is not given stays None (signals and movements), or becomes what "unknown" means: -1 for events, electrodes and
    units, NaN for directions, "" for results; trials count from 0 and are not passive.

    Raises
    ------
    InputError
        If arrays do not fit each other, or an event lies outside its trial; names the session, the trial and the field.
    """

    name: str
    bin_width_s: float
    offsets: np.ndarray
    """(trial + 1,)"""
    spike_count: np.ndarray
    """(bin, neuron): spikes in each bin."""
    hand: np.ndarray | None = None
    """(bin, 2 or 3): cm; x to the right, y forward."""
    hand_velocity: np.ndarray | None = None
    """(bin, 2 or 3): cm/s, as recorded; see :meth:`velocity`."""
    force: np.ndarray | None = None
    """(bin, force axis): in ``force_unit``."""
    force_unit: str = ""
    joints: np.ndarray | None = None
    """(bin, joint): degrees, in the sign of the OpenSim model."""
    joint_names: tuple[str, ...] = ()
    muscle_length: np.ndarray | None = None
    """(bin, muscle): mm."""
    muscle_names: tuple[str, ...] = ()
    markers: np.ndarray | None = None
    """(bin, marker, 3): cm."""
    marker_names: tuple[str, ...] = ()
    true_rate: np.ndarray | None = None
    """(bin, neuron): Hz, of simulated neurons."""
    bin_time: np.ndarray | None = None
    """(bin,): centre of the bin in steps of ``movement``, the movement of a data set that the trial is."""
    movement: np.ndarray | None = None
    """(trial,): row in the data set."""
    driven_by: tuple[str, ...] = ()
    """What drives simulated neurons."""
    events: dict[str, np.ndarray] = field(default_factory=dict)
    """(trial,) for each of :data:`EVENTS`: bin within the trial, -1 where unknown."""
    target_direction: np.ndarray = field(default_factory=_nothing)
    """(trial,): degrees, 0 is to the right and 90 forward."""
    bump_direction: np.ndarray = field(default_factory=_nothing)
    """(trial,): degrees."""
    passive: np.ndarray = field(default_factory=_nothing)
    """(trial,): True where the arm was bumped before it moved."""
    result: np.ndarray = field(default_factory=_nothing)
    """(trial,): R rewarded, A aborted, F failed, I incomplete."""
    trial_id: np.ndarray = field(default_factory=_nothing)
    """(trial,): number in the recording."""
    electrode: np.ndarray = field(default_factory=_nothing)
    """(neuron,)"""
    unit_number: np.ndarray = field(default_factory=_nothing)
    """(neuron,): number of the unit on its electrode."""
    area: str = ""
    monkey: str = ""
    arm: dict[str, Any] = field(default_factory=dict)
    """The arm that the muscle lengths are of where they were not recorded, its posture's source and its muscles'."""
    computed: dict[str, list] = field(default_factory=dict)
    """Trials (by number) of which an event was not recorded but found from the hand's speed, by the event."""
    left_out: dict[str, list] = field(default_factory=dict)
    """Trials (by number) and units of the recording that are not here, by what is wrong with them."""

    def __post_init__(self) -> None:
        n = len(self.offsets) - 1
        unknown = {
            "target_direction": np.full(n, np.nan),
            "bump_direction": np.full(n, np.nan),
            "passive": np.zeros(n, bool),
            "result": np.full(n, "", dtype="U1"),
            "trial_id": np.arange(n),
            "electrode": np.full(self.n_neurons, -1),
            "unit_number": np.full(self.n_neurons, -1),
        }
        for name, value in unknown.items():
            if not len(getattr(self, name)):
                object.__setattr__(self, name, value)
        events = {name: np.asarray(self.events.get(name, np.full(n, -1)), np.int64) for name in EVENTS}
        object.__setattr__(self, "events", events)
        self._check()

    @property
    def n_trials(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_neurons(self) -> int:
        return self.spike_count.shape[1]

    @property
    def n_bins(self) -> np.ndarray:
        """(trial,): bins of each trial."""
        return np.diff(self.offsets)

    def velocity(self) -> np.ndarray:
        """Velocity of the hand in cm/s, (bin, axis): as recorded, or the gradient of its position in each trial."""
        if self.hand_velocity is not None:
            return self.hand_velocity
        if self.hand is None:
            raise InputError(f"{self.name}: holds no hand")
        return self.rate_of_change(self.hand)

    def rate_of_change(self, values: np.ndarray) -> np.ndarray:
        """Gradient in time of a signal (bin, ...), per second, within each trial.

        Raises
        ------
        InputError
            If a trial has one bin only.
        """
        if (short := np.flatnonzero(self.n_bins < 2)).size:
            raise InputError(f"{self.name}: trial {self.trial_id[short[0]]} has one bin, which has no velocity")
        paths = np.split(values.astype(float), self.offsets[1:-1])
        return np.concatenate([np.gradient(path, self.bin_width_s, axis=0) for path in paths])

    def muscles(self, names: tuple[str, ...] | list[str]) -> np.ndarray:
        """Lengths of the named muscles in mm, (bin, muscle), in the order of ``names`` whatever that of the session.

        Raises
        ------
        InputError
            If a muscle is not in the session; names it.
        """
        if self.muscle_length is None:
            raise InputError(f"{self.name}: holds no muscle lengths")
        if missing := [name for name in names if name not in self.muscle_names]:
            known = ", ".join(self.muscle_names)
            raise InputError(f"{self.name}: 'muscle_length' holds no muscle '{missing[0]}' (its muscles: {known})")
        return self.muscle_length[:, [self.muscle_names.index(name) for name in names]]

    def select(self, trials: np.ndarray) -> Self:
        """The session with only these trials (their places), in this order."""
        trials = np.asarray(trials)
        bins = np.concatenate([np.arange(*self.offsets[[i, i + 1]]) for i in trials]) if len(trials) else trials
        of_bins = {name: value[bins] for name in PER_BIN if (value := getattr(self, name)) is not None}
        of_trials = {name: value[trials] for name in PER_TRIAL if (value := getattr(self, name)) is not None}
        events = {name: bin[trials] for name, bin in self.events.items()}
        offsets = np.concatenate([[0], np.cumsum(self.n_bins[trials])])
        return replace(self, offsets=offsets, events=events, **of_bins, **of_trials)

    def rebinned(self, factor: int) -> Self:
        """Bins ``factor`` times as wide: spikes are summed, all else is averaged, events move to the bin they are in.

        Bins at the end of a trial that do not fill a wide one are dropped; an end in them moves to the last bin, any
        other event becomes unknown.

        Raises
        ------
        InputError
            If a trial is shorter than one wide bin.
        """
        n_bins = self.n_bins // factor
        if (short := np.flatnonzero(n_bins < 1)).size:
            raise InputError(f"{self.name}: trial {self.trial_id[short[0]]} is shorter than a bin of {factor} bins")
        rows = np.concatenate([np.arange(n) for n in n_bins * factor]) + np.repeat(self.offsets[:-1], n_bins * factor)
        signals = {}
        for name in PER_BIN:
            if (value := getattr(self, name)) is not None:
                groups = value[rows].reshape(-1, factor, *value.shape[1:])
                signals[name] = groups.sum(axis=1) if name == "spike_count" else groups.mean(axis=1)
        events = {}
        for name, bin in self.events.items():
            moved = np.where(bin < 0, -1, bin // factor)
            events[name] = np.where(moved < n_bins, moved, n_bins - 1 if name == "end" else -1)
        offsets = np.concatenate([[0], np.cumsum(n_bins)])
        return replace(self, bin_width_s=self.bin_width_s * factor, offsets=offsets, events=events, **signals)

    def smoothed(self, width_s: float = SMOOTHING_S, values: np.ndarray | None = None) -> np.ndarray:
        """Spike counts (bin, neuron), or another signal, averaged over a centred window, within each trial.

        At the ends of a trial the mean is over the bins that are there; the published code took missing bins for
        silence. The window has an odd number of bins, so that it is centred: the one nearest to ``width_s``.

        Source: Marin Vargas et al. 2024 (5 bins of 10 ms).
        """
        values = self.spike_count if values is None else values
        first, stop = self._around(width_s)
        total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=float)])
        return (total[stop] - total[first]) / (stop - first)[:, None]

    def n_smoothed(self, width_s: float = SMOOTHING_S) -> np.ndarray:
        """How many bins :meth:`smoothed` averages for each, (bin,)."""
        first, stop = self._around(width_s)
        return stop - first

    def _around(self, width_s: float) -> tuple[np.ndarray, np.ndarray]:
        """First bin and bin after the last of the window around each bin."""
        half = max(round((width_s / self.bin_width_s - 1) / 2), 0)
        bins = np.arange(len(self.spike_count))
        first = np.maximum(bins - half, np.repeat(self.offsets[:-1], self.n_bins))
        stop = np.minimum(bins + half + 1, np.repeat(self.offsets[1:], self.n_bins))
        return first, stop

    def _check(self) -> None:
        n_bins = len(self.spike_count)
        if self.spike_count.ndim != 2 or not self.bin_width_s > 0:
            raise InputError(f"{self.name}: expected spikes (bin, neuron) in bins of positive width")
        if self.n_trials < 1 or self.offsets[0] != 0 or self.offsets[-1] != n_bins or (self.n_bins < 1).any():
            raise InputError(f"{self.name}: 'offsets' must rise from 0 to the {n_bins} bins")
        lengths = {**dict.fromkeys(PER_BIN, n_bins), **dict.fromkeys(PER_TRIAL, self.n_trials)}
        lengths |= dict.fromkeys(("electrode", "unit_number"), self.n_neurons)
        for name, length in lengths.items():
            if (value := getattr(self, name)) is not None and len(value) != length:
                raise InputError(f"{self.name}: '{name}' has {len(value)} rows, expected {length}")
        for name, of in NAMES.items():
            value, names = getattr(self, name), getattr(self, of)
            if len(names) != (0 if value is None else value.shape[1]) or len(set(names)) != len(names):
                raise InputError(f"{self.name}: '{name}' needs one name of its own for each column, got {len(names)}")
        for name, bin in self.events.items():
            if (bad := np.flatnonzero((bin < -1) | (bin >= self.n_bins))).size:
                trial = bad[0]
                raise InputError(
                    f"{self.name}: '{name}' of trial {self.trial_id[trial]} is bin {bin[trial]}, but the trial has "
                    f"{self.n_bins[trial]} bins"
                )
