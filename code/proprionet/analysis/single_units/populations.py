"""Layers as populations: how many units are tuned to what, how well, and how sure that is over instances."""

import itertools

import numpy as np

from proprionet.analysis.single_units.tuning import MISFIT, TUNED
from proprionet.errors import InputError

EXCLUSIVE = ("direction", "velocity", "acceleration")
"""Features whose combinations sort every unit into one of eight classes."""

QUANTILES = {"q90": 0.9, "median": 0.5, "q10": 0.1, "min": 0.0, "max": 1.0}
SCORES = (*QUANTILES, "mean")


def excluded(r2: np.ndarray, rules: str = "corrected") -> np.ndarray:
    """Units that no distribution of scores takes in: dead ones (NaN), and misfits (r2 below -0.1).

    The published rules know dead units by a score of exactly 1, which some versions of scikit-learn give them; a unit
    that follows its feature perfectly is left out with them.

    Parameters
    ----------
    r2 : array of any shape
        Explained variance of every unit on held-out movements.
    rules : str
        ``"corrected"`` or ``"published"``.

    Returns
    -------
    boolean array of the same shape

    Raises
    ------
    InputError
        If the rules are neither.
    """
    if rules not in ("corrected", "published"):
        raise InputError(f"rules '{rules}' are not known; choose corrected or published")
    return np.isnan(r2) | (r2 < MISFIT) | ((rules == "published") & (r2 == 1))


def score_statistics(scores: np.ndarray) -> dict[str, float]:
    """90 %, 50 % and 10 % quantile, extremes and mean of the scores (unit,) that count; all NaN without one."""
    if not scores.size:
        return dict.fromkeys(SCORES, np.nan)
    quantiles = np.quantile(scores, list(QUANTILES.values()))
    return dict(zip(SCORES, [*quantiles.tolist(), float(scores.mean())], strict=True))


def tuned(r2: np.ndarray, rules: str = "corrected") -> np.ndarray:
    """Units with an explained variance above 0.2 that are not excluded; a boolean array of the same shape."""
    return ~excluded(r2, rules) & (r2 > TUNED)


def tuned_share(r2: np.ndarray, rules: str = "corrected") -> float:
    """Share of all units (unit,), dead ones among them, that are tuned to a feature, whatever else they are tuned to.

    NaN of no units. Source: Sandbrink et al. 2023, Fig. 5C, D.
    """
    return float(tuned(r2, rules).mean()) if r2.size else np.nan


def exclusive_shares(r2: np.ndarray, rules: str = "corrected") -> dict[str, float]:
    """Share of units in each of eight classes: those tuned to just these of direction, velocity and acceleration.

    Parameters
    ----------
    r2 : array, shape (3, unit)
        Of :data:`EXCLUSIVE`, in that order.

    Returns
    -------
    dict
        ``"none"``, ``"direction"``, ``"direction_velocity"``, ...; the shares add up to 1, or are NaN of no units.
    """
    is_tuned = tuned(r2, rules)
    shares = {}
    for members in itertools.product((False, True), repeat=len(EXCLUSIVE)):
        name = "_".join(itertools.compress(EXCLUSIVE, members)) or "none"
        inside = (is_tuned == np.array(members)[:, None]).all(axis=0)
        shares[name] = float(inside.mean()) if inside.size else np.nan
    return shares
