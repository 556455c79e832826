"""One layer's units in numbers: how well they are tuned, to what, and how their preferred directions are spread."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from proprionet.analysis.single_units import circular, populations
from proprionet.analysis.single_units.invariance import invariance
from proprionet.analysis.single_units.planes import ORIENTATIONS
from proprionet.analysis.single_units.selectivity import max_selectivity, mean_selectivity


@dataclass(frozen=True)
class TuningTable:
    """Tuning of units in sets of planes: all horizontal ones, all vertical ones, then each single plane."""

    features: list[str]
    orientation: np.ndarray
    """(plane,): 0 horizontal, 1 vertical."""
    level: np.ndarray
    """(plane,): height or depth in cm, NaN for all planes of an orientation."""
    r2: np.ndarray
    """(plane, feature, unit): explained variance; NaN where it is not defined."""
    preferred_direction: np.ndarray
    """(plane, unit): degrees."""
    selectivity: np.ndarray
    """(orientation, letter, unit): area under the ROC curve of a letter against the others."""

    def of(self, units: np.ndarray) -> "TuningTable":
        """The same of some units, given as a mask or as rows."""
        chosen = (array[..., units] for array in (self.r2, self.preferred_direction, self.selectivity))
        return TuningTable(self.features, self.orientation, self.level, *chosen)

    def r2_of(self, feature: str) -> np.ndarray:
        """(plane, unit); all NaN for a feature that was not fitted."""
        if feature not in self.features:
            return np.full(self.preferred_direction.shape, np.nan)
        return self.r2[:, self.features.index(feature)]


def unit_statistics(units: TuningTable, plane: str = "horizontal", rules: str = "corrected") -> dict[str, float]:
    """Statistics of the units of one layer, by name; NaN where one is not defined.

    ``n_units``; for each feature f, over units that are not excluded, ``q90_f``, ``median_f``, ``q10_f``, ``min_f``,
    ``max_f`` and ``mean_f`` of the explained variance, ``n_excluded_f``, and ``tuned_f`` (share of all units);
    ``exclusive_*`` (:func:`.populations.exclusive_shares`); the same quantiles of label selectivity,
    ``label_mean_q90`` (mean over letters) and ``label_max_q90`` (largest). All these are of movements in planes of the
    orientation ``plane``. Of both orientations are those of :func:`direction_statistics`, each with its name behind.

    Raises
    ------
    InputError
        If the rules are unknown.
    """
    row = ORIENTATIONS.index(plane)
    found: dict[str, float] = {"n_units": units.preferred_direction.shape[1]}
    for feature in units.features:
        r2 = units.r2_of(feature)[row]
        left_out = populations.excluded(r2, rules)
        found |= _named(populations.score_statistics(r2[~left_out]), feature)
        found |= {f"n_excluded_{feature}": left_out.sum(), f"tuned_{feature}": populations.tuned_share(r2, rules)}
    classes = np.stack([units.r2_of(feature)[row] for feature in populations.EXCLUSIVE])
    found |= {f"exclusive_{name}": share for name, share in populations.exclusive_shares(classes, rules).items()}
    for name, score in (("label_mean", mean_selectivity), ("label_max", max_selectivity)):
        scores = score(units.selectivity[row])
        statistics = populations.score_statistics(scores[~np.isnan(scores)])
        found |= {f"{name}_{statistic}": value for statistic, value in statistics.items()}
    for orientation in ORIENTATIONS:
        found |= _named(direction_statistics(units, orientation, rules), orientation)
    return {name: float(value) for name, value in found.items()}


def direction_statistics(units: TuningTable, orientation: str, rules: str) -> dict[str, float]:
    """How the preferred directions of direction-tuned units are spread, in all planes of one orientation.

    ``n_tuned``; ``uniformity_tad``, and ``uniformity_expected`` of as many uniform directions; ``resultant`` length and
    ``axis_resultant`` (of doubled angles: 1 where all lie along one axis, either way); p-values of tests of
    uniformity, ``rayleigh_p``, ``axis_p`` (Rayleigh's, of doubled angles), ``rao_p`` and ``kuiper_p``;
    ``invariance_mad`` (radians), ``invariance_r`` and ``invariance_n_planes`` of
    :func:`proprionet.analysis.single_units.invariance.invariance`.
    """
    row, r2 = ORIENTATIONS.index(orientation), units.r2_of("direction")
    directions = units.preferred_direction[row, populations.tuned(r2[row], rules)]
    directions = directions[~np.isnan(directions)]
    one_way, either_way = circular.rayleigh_test(directions), circular.rayleigh_test(2 * directions)
    found = {
        "n_tuned": directions.size,
        "uniformity_tad": circular.total_absolute_deviation(directions),
        "uniformity_expected": circular.expected_deviation(directions.size),
        "resultant": one_way.statistic,
        "axis_resultant": either_way.statistic,
        "rayleigh_p": one_way.p,
        "axis_p": either_way.p,
        "rao_p": circular.rao_test(directions).p,
        "kuiper_p": circular.kuiper_test(directions).p,
        **dict.fromkeys(("invariance_mad", "invariance_r"), np.nan),
        "invariance_n_planes": 0,
    }
    single = (units.orientation == row) & np.isfinite(units.level)
    if single.any():
        planes = invariance(r2[single], units.preferred_direction[single], units.level[single], orientation, rules)
        found["invariance_mad"], found["invariance_r"] = planes.mean_absolute_deviation, planes.mean_correlation
        found["invariance_n_planes"] = np.count_nonzero(~np.isnan(planes.mean_absolute))
    return found


def why_undefined(layer: str, statistic: str, undefined: Mapping[str, str]) -> str:
    """Why a statistic of a layer is NaN, given the reasons in its file of tuning (by layer, and for selectivity)."""
    about_letters = undefined.get("selectivity") if statistic.startswith("label_") else None
    return undefined.get(layer) or about_letters or "too few units that are tuned, or planes that have them"


def _named(values: dict[str, float], name: str) -> dict[str, float]:
    return {f"{key}_{name}": value for key, value in values.items()}
