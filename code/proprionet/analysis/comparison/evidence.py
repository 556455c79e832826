"""What contrasts between networks are measured on: statistics of layers by instance, and how they are averaged."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.instances import DECODING, POSITION_AND_VELOCITY, RECOGNITION, UNTRAINED

SHORT = {RECOGNITION: "ART", DECODING: "TDT", POSITION_AND_VELOCITY: "TDT-PV", UNTRAINED: "untrained"}
"""The paper's names of the conditions."""

Measure = Callable[["Evidence"], np.ndarray]


class UndecidedError(Exception):
    """What a contrast needs is not there; says what."""


@dataclass(frozen=True)
class Evidence:
    """Layer statistics of one network, as :func:`proprionet.analysis.comparison.instances.gather` gives them."""

    table: pd.DataFrame

    @property
    def hidden(self) -> np.ndarray:
        """Depths of the hidden layers; raises :class:`UndecidedError` if there is none."""
        if not (last := int(self.table["depth"].to_numpy().max())):
            raise UndecidedError("there is no hidden layer")
        return np.arange(1, last + 1)

    @property
    def middle(self) -> np.ndarray:
        """Depths of the hidden layers in the second and third quarter."""
        place = (self.hidden - 0.5) / self.hidden.size
        return self.hidden[(place >= 0.25) & (place <= 0.75)]

    def of(self, statistic: str, condition: str) -> pd.DataFrame:
        """Values by instance (rows) and depth (columns).

        Raises
        ------
        UndecidedError
            If no file has it.
        """
        rows = self.table.loc[self.table["statistic"] == statistic]
        if rows.empty:
            raise UndecidedError(f"no file has {statistic}")
        rows = rows.loc[rows["condition"] == condition]
        if rows.empty:
            raise UndecidedError(f"no file of {SHORT[condition]} networks has {statistic}")
        return rows.pivot(index="instance", columns="depth", values="value")


def difference(statistics: str, first: str, second: str, where: str = "middle", less: str | None = None) -> Measure:
    """First less second condition, mean over statistics and over layers at which both are defined.

    Parameters
    ----------
    statistics : str
        Names with spaces between, of which those count that files have.
    where : str
        ``"middle"`` or ``"hidden"`` layers.
    less : str, optional
        A statistic that is taken from each of the others before.
    """

    def measure(evidence: Evidence) -> np.ndarray:
        def values(statistic: str, condition: str) -> pd.DataFrame:
            found = evidence.of(statistic, condition)
            return found if less is None else found - evidence.of(less, condition)

        known = set(evidence.table["statistic"])
        names = [name for name in statistics.split() if name in known] or statistics.split()
        differences = [values(name, first) - values(name, second) for name in names]
        mean = sum(differences[1:], differences[0]) / len(differences)
        return _mean(mean, getattr(evidence, where))

    return measure


def _mean(values: pd.DataFrame, depths: np.ndarray) -> np.ndarray:
    """Mean over layers of each instance, NaN where none is defined."""
    return values.reindex(columns=depths).mean(axis=1).to_numpy(dtype=float)


def one_axis(evidence: Evidence) -> np.ndarray:
    """Resultant length of the input's doubled directions, less the length that chance exceeds once in 20 times.

    Of n uniform directions the length exceeds sqrt(-ln(p) / n) with probability p (Rayleigh).
    """
    length, n = (evidence.of(f"{name}_horizontal", RECOGNITION)[0] for name in ("axis_resultant", "n_tuned"))
    return (length - np.sqrt(np.log(20) / n)).to_numpy()


def likeness(statistic: str) -> Measure:
    """How much nearer TDT-PV is to TDT than to ART, mean absolute difference over hidden layers."""

    def measure(evidence: Evidence) -> np.ndarray:
        art, tdt, control = (evidence.of(statistic, name) for name in (RECOGNITION, DECODING, POSITION_AND_VELOCITY))
        return _mean((control - art).abs() - (control - tdt).abs(), evidence.hidden)

    return measure


def rise(less: str | None = None) -> Measure:
    """Rise of ART's agreement with the ideal observer from the first to the last hidden layer.

    Less the same rise in another condition, if one is given.
    """

    def measure(evidence: Evidence) -> np.ndarray:
        oracle = evidence.of("oracle_pearson", RECOGNITION)
        if less is not None:
            oracle = oracle - evidence.of("oracle_pearson", less)
        return (oracle[evidence.hidden[-1]] - oracle[evidence.hidden[0]]).to_numpy(dtype=float)

    return measure


def late_rise(evidence: Evidence) -> np.ndarray:
    """How much more it rises in ART from the middle layers to the last than from the first to the middle."""
    oracle = evidence.of("oracle_pearson", RECOGNITION)
    first, last = (oracle[evidence.hidden[end]].to_numpy() for end in (0, -1))
    return last + first - 2 * _mean(oracle, evidence.middle)
