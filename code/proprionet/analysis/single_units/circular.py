"""Directions on the circle: whether they are uniform, and whether two sets of them agree.

All angles are in degrees, in any turn. Angles that are not defined (NaN) have to be left out before.
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from proprionet import seeds
from proprionet.errors import InputError

N_BINS = 18  # of the published uniformity measure, 20 degrees each
_N_SIMULATED = 10_000  # sets of uniform directions behind a p-value of Rao's test
_AT_ONCE = 1 << 20  # spacings simulated at once


@dataclass(frozen=True)
class CircularTest:
    """A statistic and its p-value; both NaN where there are too few directions."""

    statistic: float
    p: float


UNDEFINED = CircularTest(np.nan, np.nan)


def wrap(angles: np.ndarray) -> np.ndarray:
    """The same angles from -180 up to, and without, 180 degrees."""
    return (np.asarray(angles, dtype=float) + 180) % 360 - 180


def total_absolute_deviation(angles: np.ndarray) -> float:
    """How far directions are from uniform: sum over 18 bins of abs(count - mean count), over their number.

    0 where all bins hold the same, 17/9 = 1.89 where one bin holds all, NaN without directions. Few directions
    cannot fill the bins evenly: see :func:`expected_deviation`.

    Source: Sandbrink et al. 2023, Fig. 7D.
    """
    if not np.size(angles):
        return np.nan
    counts, _ = np.histogram(wrap(angles), bins=N_BINS, range=(-180, 180))
    return float(np.abs(counts - counts.mean()).sum() / np.size(angles))


def expected_deviation(n: int) -> float:
    """Mean :func:`total_absolute_deviation` of ``n`` directions that are drawn from all alike; NaN for none.

    Each bin's count is binomial; its mean absolute deviation is De Moivre's.
    """
    if n == 0:
        return np.nan
    share, above = 1 / N_BINS, n // N_BINS + 1
    return float(2 * N_BINS / n * above * (1 - share) * binom.pmf(above, n, share))


def resultant(angles: np.ndarray) -> tuple[float, float]:
    """Mean direction (degrees, -180 to 180) and resultant length (0 to 1); NaN without directions.

    Of doubled angles, half the mean direction is the axis that the directions lie along, either way.
    """
    if not np.size(angles):
        return np.nan, np.nan
    mean = np.exp(1j * np.radians(angles)).mean()
    return float(np.degrees(np.angle(mean))), float(abs(mean))


def rayleigh_test(angles: np.ndarray) -> CircularTest:
    """Rayleigh's test of uniformity against one preferred direction; the statistic is the resultant length.

    Needs two directions. Source: Zar, Biostatistical Analysis, eq. 27.4 (p-value to about 0.001 for 10 directions).
    """
    n = np.size(angles)
    if n < 2:
        return UNDEFINED
    length = resultant(angles)[1]
    p = np.exp(np.sqrt(1 + 4 * n + 4 * n**2 * (1 - length**2)) - (1 + 2 * n))
    return CircularTest(length, float(min(p, 1)))


def rao_test(angles: np.ndarray) -> CircularTest:
    """Rao's spacing test of uniformity against any clustering; the statistic is U in degrees.

    U = sum over gaps between neighbours of abs(gap - 360 / n) / 2, from 0 (evenly spaced) to 360 - 360 / n. Its p-value
    is the share of 10,000 simulated uniform sets with at least this U. Needs four directions.

    Source: Rao 1976; Russell & Levitin 1995 (tables).
    """
    n = np.size(angles)
    if n < 4:
        return UNDEFINED
    turns = np.sort(wrap(angles)) / 360
    statistic = _unevenness(np.diff(turns, append=turns[0] + 1))
    simulated = _simulated_unevenness(n)
    at_least = simulated.size - np.searchsorted(simulated, statistic - 1e-9)
    return CircularTest(float(360 * statistic), float((1 + at_least) / (1 + simulated.size)))


def _unevenness(gaps: np.ndarray) -> np.ndarray:
    """Half the summed distance of gaps, which add up to 1 along the last axis, from even ones."""
    return np.abs(gaps - 1 / gaps.shape[-1]).sum(axis=-1) / 2


@functools.lru_cache(maxsize=256)
def _simulated_unevenness(n: int) -> np.ndarray:
    """Of sets of ``n`` uniform directions, sorted. Gaps between such are exponential numbers over their sum."""
    random = seeds.generator(0, "rao test", n)
    found, rows = [], max(1, _AT_ONCE // n)
    for start in range(0, _N_SIMULATED, rows):
        gaps = random.standard_exponential((min(rows, _N_SIMULATED - start), n))
        found.append(_unevenness(gaps / gaps.sum(axis=1, keepdims=True)))
    return np.sort(np.concatenate(found))


def kuiper_test(angles: np.ndarray, others: np.ndarray | None = None) -> CircularTest:
    """Kuiper's test: are the directions uniform, or where ``others`` are given, are both sets from one distribution?

    The statistic is the largest excess of the one cumulative distribution over the other, plus the largest the other
    way; where the circle is cut does not matter. Needs two directions, of each set.

    Source: Kuiper 1960; p-value by Stephens 1970, right within a tenth for 10 directions.
    """
    n = np.size(angles)
    if n < 2 or (others is not None and np.size(others) < 2):
        return UNDEFINED
    turns = np.sort((wrap(angles) + 180) / 360)
    if others is None:
        statistic = (np.arange(1, n + 1) / n - turns).max() + (turns - np.arange(n) / n).max()
        return CircularTest(float(statistic), _kuiper_p(statistic, n))
    other_turns = np.sort((wrap(others) + 180) / 360)
    places = np.concatenate([turns, other_turns])
    first, second = (np.searchsorted(one, places, side="right") / one.size for one in (turns, other_turns))
    statistic = np.ptp(first - second)
    return CircularTest(float(statistic), _kuiper_p(statistic, n * np.size(others) / (n + np.size(others))))


def _kuiper_p(statistic: float, n: float) -> float:
    scaled = (np.sqrt(n) + 0.155 + 0.24 / np.sqrt(n)) * statistic
    if scaled < 0.4:  # where the series does not converge, and p is 1 to seven digits
        return 1.0
    squares = (np.arange(1, 101) * scaled) ** 2
    return float(np.clip(2 * np.sum((4 * squares - 1) * np.exp(-2 * squares)), 0, 1))


def circular_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation of paired directions: 1 where one set is the other turned, -1 where it is mirrored, 0 if unrelated.

    It compares the differences of every pair, and so needs no mean direction, which uniform directions have not. NaN
    for fewer than three pairs, or where all of a set lie along one axis.

    Raises
    ------
    InputError
        If the numbers of directions differ.

    Source: Fisher & Lee 1983, the T-linear correlation.
    """
    if np.shape(first) != np.shape(second):
        raise InputError(f"{np.size(first)} and {np.size(second)} directions: a correlation needs pairs")
    n = np.size(first)
    if n < 3:
        return np.nan
    a, b = np.exp(1j * np.radians(first)), np.exp(1j * np.radians(second))
    turned, mirrored = abs((a * b.conj()).sum()) ** 2, abs((a * b).sum()) ** 2
    spread = (n**2 - abs((a**2).sum()) ** 2) * (n**2 - abs((b**2).sum()) ** 2)
    return float((turned - mirrored) / np.sqrt(spread)) if spread > 1e-12 * n**4 else np.nan
