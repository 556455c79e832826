"""Whether units prefer the same direction wherever the movement takes place: in every plane as in the central one."""

from dataclasses import dataclass

import numpy as np

from proprionet.analysis.single_units.circular import circular_correlation, wrap
from proprionet.errors import InputError

REFERENCE_CM = {"horizontal": 0.0, "vertical": 30.0}
"""Height z of the central horizontal plane, and depth x of the central vertical one; the plane nearest to it counts."""

PUBLISHED_LEFT_OUT_CM = {"horizontal": 0.0, "vertical": 51.0}
"""The plane that the published code leaves out as the central one: the 16th of its list in either orientation. Of
vertical planes that is another than the central one, which stays in with differences of 0."""

TUNED_IN_BOTH = 0.2  # explained variance from which a preferred direction counts
FEWEST_UNITS = 3  # of a plane that counts


@dataclass(frozen=True)
class Invariance:
    """Preferred directions in every plane, compared with those in the reference plane."""

    reference: int
    """Row of the reference plane."""
    difference: np.ndarray
    """(plane, unit): degrees, -180 to 180; NaN in planes left out and for units not tuned in both planes."""
    n_units: np.ndarray
    """(plane,): units tuned in both planes."""
    mean_absolute: np.ndarray
    """(plane,): mean size of the difference over units, in radians; NaN in planes that do not count."""
    correlation: np.ndarray
    """(plane,): circular correlation with the reference plane over units; NaN in planes that do not count."""

    @property
    def mean_absolute_deviation(self) -> float:
        """Over units, then over planes, in radians; pi / 2 by chance; NaN where no plane counts."""
        return _mean_defined(self.mean_absolute)

    @property
    def mean_correlation(self) -> float:
        """Over planes; 0 by chance; NaN where no plane counts."""
        return _mean_defined(self.correlation)


def invariance(
    r2: np.ndarray,
    preferred_direction: np.ndarray,
    level: np.ndarray,
    orientation: str,
    rules: str = "corrected",
) -> Invariance:
    """Compare preferred directions in every single plane of one orientation with those in the central plane.

    A unit counts where its direction tuning explains 0.2 of the variance or more in both planes, a plane where three
    units do. The central plane itself is left out; by the published rules it is the plane of
    :data:`PUBLISHED_LEFT_OUT_CM` (if there is one), which makes vertical planes look more alike than they are.

    Parameters
    ----------
    r2, preferred_direction : array, shape (plane, unit)
        Of direction tuning fitted in each plane alone; degrees. NaN for what was not fitted.
    level : array, shape (plane,)
        Height of horizontal, depth of vertical planes in cm.
    orientation : str
        ``"horizontal"`` or ``"vertical"``.
    rules : str
        ``"corrected"`` or ``"published"``.

    Raises
    ------
    InputError
        If shapes disagree, there is no plane, a level is not finite, or orientation or rules are unknown.

    Source: Sandbrink et al. 2023, Fig. 7E.
    """
    _check(r2, preferred_direction, level, orientation, rules)
    reference = int(np.argmin(np.abs(level - REFERENCE_CM[orientation])))
    tuned = np.nan_to_num(r2, nan=-np.inf) >= TUNED_IN_BOTH
    counts = tuned & tuned[reference] & np.isfinite(preferred_direction) & np.isfinite(preferred_direction[reference])
    if rules == "corrected":
        counts[reference] = False
    else:
        counts[np.abs(level - PUBLISHED_LEFT_OUT_CM[orientation]) < 0.5] = False
    difference = np.where(counts, wrap(preferred_direction - preferred_direction[reference]), np.nan)
    mean, correlation = np.full((2, len(level)), np.nan)
    for plane in np.flatnonzero(counts.sum(axis=1) >= FEWEST_UNITS):
        units = counts[plane]
        mean[plane] = np.radians(np.abs(difference[plane, units]).mean())
        correlation[plane] = circular_correlation(
            preferred_direction[reference, units], preferred_direction[plane, units]
        )
    return Invariance(reference, difference, counts.sum(axis=1), mean, correlation)


def _check(r2: np.ndarray, preferred_direction: np.ndarray, level: np.ndarray, orientation: str, rules: str) -> None:
    if orientation not in REFERENCE_CM:
        raise InputError(f"orientation '{orientation}' is not known; choose one of {', '.join(REFERENCE_CM)}")
    if rules not in ("corrected", "published"):
        raise InputError(f"rules '{rules}' are not known; choose corrected or published")
    if r2.ndim != 2 or r2.shape != preferred_direction.shape or level.shape != r2.shape[:1]:
        shapes = f"{r2.shape}, {preferred_direction.shape} and {level.shape}"
        raise InputError(f"r2, preferred directions and levels of shapes {shapes}: expected (plane, unit) and (plane,)")
    if not level.size or not np.isfinite(level).all():
        raise InputError(f"levels of {level.size} planes: expected one plane or more, each at a height or depth in cm")


def _mean_defined(values: np.ndarray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else np.nan
