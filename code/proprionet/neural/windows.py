"""The part of a trial that is analysed: an active movement, or the arm bumped; one path for both."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.neural.session import Session

Movement = Literal["active", "passive", "active_as_passive"]
PASSIVE_S = 0.13


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of trials, as rows of the flat signals of a session."""

    trial: np.ndarray
    """(window,): place of the trial in the session."""
    first: np.ndarray
    """(window,): row of the first bin."""
    n_bins: np.ndarray
    """(window,): bins of each window."""

    @property
    def bins(self) -> np.ndarray:
        """Row of the signals for every bin of all windows, one window after another: (bin of windows,)."""
        before = np.cumsum(self.n_bins) - self.n_bins
        return np.arange(self.n_bins.sum()) + np.repeat(self.first - before, self.n_bins)

    @property
    def trial_of_bins(self) -> np.ndarray:
        """Place of the trial that each of :attr:`bins` is in: (bin of windows,)."""
        return np.repeat(self.trial, self.n_bins)

    @property
    def mask(self) -> np.ndarray:
        """Which bins each window has, of those of the longest: (window, bin)."""
        return np.arange(self.n_bins.max(initial=0)) < self.n_bins[:, None]

    def select(self, chosen: np.ndarray) -> Self:
        """Some of the windows."""
        return type(self)(self.trial[chosen], self.first[chosen], self.n_bins[chosen])


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins that count, window after window."""

    row: np.ndarray
    """(bin,): row of the signals of the session."""
    trial: np.ndarray
    """(bin,): place of the trial in the session."""
    place: np.ndarray
    """(bin,): bins since the window began."""
    n_dropped: int
    """Bins of the windows that do not count, because a lag leads out of their trial."""


def bins(session: Session, of: Windows, lags: np.ndarray | list[int] | tuple[int, ...] = (0,)) -> Bins:
    """The bins of windows from which all lags (in bins) lead to a bin of the same trial, so that lags can be compared.

    Raises
    ------
    InputError
        If there is none.
    """
    trial = np.repeat(of.trial, of.n_bins)
    place = np.concatenate([np.arange(n) for n in of.n_bins])
    row = np.repeat(of.first, of.n_bins) + place
    kept = (row + min(lags) >= session.offsets[trial]) & (row + max(lags) < session.offsets[trial + 1])
    if not kept.any():
        raise InputError(
            f"{session.name}: in no trial is a bin recorded {min(lags)} to {max(lags)} bins from its window"
        )
    return Bins(row[kept], trial[kept], place[kept], int((~kept).sum()))


def windows(session: Session, movement: Movement = "active", seed: int = 0, passive_s: float = PASSIVE_S) -> Windows:
    """Windows of a session's trials; those that lack an event, or end too early, have none.

    Parameters
    ----------
    movement : "active", "passive" or "active_as_passive"
        From movement onset to the end of trials that are not passive; the time after the bump of those that are; or
        :func:`active_as_passive`.
    seed : int
        Of the last.
    passive_s : float
        Length of the passive window, s.

    Raises
    ------
    InputError
        If no trial has such a window.

    Source: Marin Vargas et al. 2024; published are 13 bins of 10 ms after the bump.
    """
    if movement == "active_as_passive":
        return active_as_passive(session, seed, passive_s)
    if movement == "active":
        chosen, first = ~session.passive, session.events["movement_onset"]
        stop = session.events["end"] + 1
    else:
        chosen, first = session.passive, session.events["bump"]
        stop = first + max(1, round(passive_s / session.bin_width_s))
    trial = np.flatnonzero(chosen & (first >= 0) & (stop > first) & (stop <= session.n_bins))
    if not trial.size:
        needed = "active, with a movement_onset and an end" if movement == "active" else "passive, with a bump"
        raise InputError(f"{session.name}: none of its {session.n_trials} trials is {needed}")
    return Windows(trial, session.offsets[trial] + first[trial], (stop - first)[trial])


def active_as_passive(session: Session, seed: int, passive_s: float = PASSIVE_S) -> Windows:
    """Windows of active movements, as many and as short as the passive ones, for a fair comparison with those.

    As many active trials as there are passive windows (all, where there are fewer), drawn at random; of each the part
    of a passive window's length that starts at a random bin of the movement. Movements shorter than that do not count.

    Raises
    ------
    InputError
        If there are no passive windows, or no active ones as long.

    Source: Marin Vargas et al. 2024, published code (``act_as_pas``); there networks saw the whole movement, here they
    see what they see of passive ones.
    """
    active, passive = windows(session), windows(session, "passive", passive_s=passive_s)
    n_bins = passive.n_bins[0]
    long = np.flatnonzero(active.n_bins >= n_bins)
    if not long.size:
        raise InputError(f"{session.name}: no active movement is as long as a passive window ({n_bins} bins)")
    random = seeds.generator(seed, "active as passive")
    chosen = np.sort(random.permutation(long)[: len(passive.trial)])
    later = random.integers(active.n_bins[chosen] - n_bins + 1)
    return Windows(active.trial[chosen], active.first[chosen] + later, np.full(len(chosen), n_bins))
