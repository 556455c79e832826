"""Which units of a layer say anything at all."""

import numpy as np

SMALLEST_VARIATION = 1e-6
"""Standard deviation over root mean square below which a float32 response carries only rounding error."""


def living_units(responses: np.ndarray) -> np.ndarray:
    """Units whose response varies over samples; the others are dead (constant), and no score of theirs is defined.

    ``responses[:, living_units(responses)]`` drops the dead units.

    Parameters
    ----------
    responses : array, shape (sample, unit)
        Activation of every unit (any scale) for every stimulus, or every movement and time.

    Returns
    -------
    boolean array, shape (unit,)
        False where the standard deviation is zero but for rounding.
    """
    return varies(responses.mean(axis=0, dtype=float), responses.var(axis=0, dtype=float))


def varies(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The same from means and variances over samples, both (unit,)."""
    return variance > SMALLEST_VARIATION**2 * (mean**2 + variance)
