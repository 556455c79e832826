"""Units of recorded signals, converted to those of the project once, and held against what an animal can do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from proprionet.errors import InputError, brief


@dataclass(frozen=True)
class Scale:
    """How a signal is brought to the unit of the project.

    ``factors`` by unit; ``usual`` are the units that recordings without a stated unit are known to have. ``size``
    measures a signal whose columns are its axes, and lies between ``smallest`` and ``largest`` in the unit of the
    project, so narrowly that the usual units cannot be mistaken for each other.
    """

    unit: str
    factors: dict[str, float]
    usual: tuple[str, ...]
    size: Callable[[np.ndarray], float]
    about: str
    smallest: float
    largest: float


def _extent(values: np.ndarray) -> float:
    values = values[:, np.isfinite(values).any(axis=0)]
    return float(np.max(np.nanmax(values, axis=0) - np.nanmin(values, axis=0)))


def _farthest(values: np.ndarray) -> float:
    return float(np.nanmax(np.abs(values)))


def _middle(values: np.ndarray) -> float:
    return float(np.nanmedian(values))


_LENGTHS = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 1e-2),
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1e-3),
}
_IN_CM = {unit: 100 * factor for unit, factor in _LENGTHS.items()}
_IN_MM = {unit: 1000 * factor for unit, factor in _LENGTHS.items()}
_IN_DEGREES = {
    **dict.fromkeys(("rad", "radian", "radians"), 180 / np.pi),
    **dict.fromkeys(("deg", "degree", "degrees"), 1.0),
}

SCALES = {
    "hand": Scale("cm", _IN_CM, ("cm", "m"), _extent, "range of movement", 1.5, 100),
    "joints": Scale("degrees", _IN_DEGREES, ("degrees", "radians"), _farthest, "largest angle", 8, 400),
    "muscle_length": Scale("mm", _IN_MM, ("m", "mm"), _middle, "median length", 10, 1000),
    "markers": Scale("cm", _IN_CM, ("m", "cm"), _extent, "range of movement", 4, 300),
}


def factor(signal: str, values: np.ndarray, stated: str, where: str) -> float:
    """What to multiply a signal by to have it in the unit of the project.

    Parameters
    ----------
    signal : one of :data:`SCALES`
    values : array, shape (bin, column)
        All of the signal in the recording's own unit; NaN is ignored.
    stated : str
        Unit that the recording states, "" for none: then it is told by the size of the signal.
    where : str
        Session and field, for messages.

    Raises
    ------
    InputError
        If the unit is unknown, or the signal would be absurd in the unit stated, or in every usual one: a conversion
        was forgotten, or done twice.
    """
    scale = SCALES[signal]
    size = scale.size(values)
    unit = stated.strip().lower()
    if unit and unit not in scale.factors:
        raise InputError(f"{where} is in {brief(stated)}, expected {' or '.join(scale.usual)}")
    for candidate in [unit] if unit else scale.usual:
        found = scale.factors[candidate]
        if scale.smallest <= size * found <= scale.largest:
            return found
    said = f"would be, in the {unit} that it is said to be in," if unit else "is, without a stated unit,"
    found = scale.factors[unit] if unit else 1.0
    raise InputError(
        f"{where}: its {scale.about} {said} {size * found:.3g} {scale.unit if unit else 'of whatever it is in'}, "
        f"expected {scale.smallest:g} to {scale.largest:g} {scale.unit}; was a conversion forgotten, or done twice?"
    )


def check_velocity(trials: Iterable[tuple[np.ndarray, np.ndarray]], bin_width_s: float, where: str) -> None:
    """Refuse velocities of the hand that lead somewhere else than its positions go, as those in another unit do.

    Parameters
    ----------
    trials : iterable of two arrays, shape (bin, axis)
        Positions and velocities of each, in units that belong together; bins that are not finite do not count.
    where : str
        Begins the error.
    """
    led = gone = 0.0
    for hand, velocity in trials:
        known = np.isfinite(hand).all(axis=1) & np.isfinite(velocity).all(axis=1)
        if known.any() and velocity.shape == hand.shape:
            moved = hand[known] - hand[known][0]
            led += np.sum(moved * np.cumsum(velocity[known] * bin_width_s, axis=0))
            gone += np.sum(moved**2)
    if gone and not 1 / 3 < led / gone < 3:
        raise InputError(
            f"{where}: leads {led / gone:.2g} times as far as the hand goes by its positions; is it in the unit of the "
            "positions, a second?"
        )


def check_directions(directions: np.ndarray, where: str) -> None:
    """Refuse directions in degrees that are all within one turn in radians; NaN does not count."""
    different = np.unique(directions[np.isfinite(directions)])
    if len(different) > 2 and np.abs(different).max() <= 2 * np.pi + 1e-6:
        raise InputError(
            f"{where}: lie between {different[0]:.3g} and {different[-1]:.3g}; they look like radians, expected degrees"
        )
