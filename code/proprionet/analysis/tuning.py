"""What single units are tuned to: direction, speed, velocity, acceleration or position of the hand.

Every model is a least-squares line, activity = b + a . x, over all times of all movements in one plane, scored on
movements that it has not seen. One design serves all units of a layer, so one decomposition fits them all.

Differences from the published analysis, Sandbrink et al. 2023, Methods "Single-unit analysis": the hand is taken at
the true time stamp of every layer step, the ends of the movement are left out in every layer alike, and dead units
are known by their variance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import pinvh

from proprionet import seeds
from proprionet.analysis.moments import moments
from proprionet.analysis.units import varies
from proprionet.errors import InputError
from proprionet.letters.strokes import TIME_STEP_S
from proprionet.timing import align

PLANES = {"horizontal": ((0, 1), 2), "vertical": ((1, 2), 0)}
"""Axes of ``hand`` that a plane's letters are written along, and the axis that stays put."""

PLANE_THICKNESS_CM = 0.1
SLOWEST_MOVING_CM_S = 1e-3  # slower is the rounding of a hand that is held still
TUNED = 0.2  # explained variance above which a unit counts as tuned (Sandbrink et al. 2023)
COLLINEAR = 1e-12  # smallest share of variance, over the largest, that a combination of features is fitted by


@dataclass(frozen=True)
class Kinematics:
    """The hand in its plane at the times of a layer; all of shape (movement, layer_time, 2)."""

    position: np.ndarray
    """cm"""
    velocity: np.ndarray
    """cm/s"""
    acceleration: np.ndarray
    """cm/s^2"""


@dataclass(frozen=True)
class Tuning:
    """How every unit of a layer depends on one feature of the movement; NaN for a dead unit."""

    model: str
    coefficients: np.ndarray
    """(coordinate, unit): change of activity per unit of the feature (1, cm, cm/s or cm/s^2)."""
    intercept: np.ndarray
    """(unit,)"""
    r2: np.ndarray
    """(unit,): coefficient of determination on held-out movements, 1 at best, below 0 if worse than their mean."""
    dead: np.ndarray
    """(unit,): true where the activity is constant over the fitted or the held-out samples."""

    @property
    def gain(self) -> np.ndarray:
        """(unit,): length of the coefficients; for direction, half the difference of best and worst direction."""
        return np.linalg.norm(self.coefficients, axis=0)

    @property
    def preferred_direction(self) -> np.ndarray:
        """(unit,): degrees in -180..180, atan2(a2, a1); 0 along the plane's first axis, 90 along its second."""
        if len(self.coefficients) != 2:
            raise InputError(f"tuning to {self.model} has no preferred direction")
        return np.degrees(np.arctan2(self.coefficients[1], self.coefficients[0]))


def in_plane(hand: np.ndarray, plane: str) -> np.ndarray:
    """Movements that stay in a plane of one orientation, at any height.

    Parameters
    ----------
    hand : array, shape (movement, time, 3)
        Hand position in cm.
    plane : str
        ``"horizontal"`` (third axis constant) or ``"vertical"`` (first axis constant).

    Returns
    -------
    boolean array, shape (movement,)

    Raises
    ------
    InputError
        If the plane is neither.
    """
    if plane not in PLANES:
        raise InputError(f"plane '{plane}' is not known; choose one of {', '.join(PLANES)}")
    _, still = PLANES[plane]
    return np.ptp(hand[:, :, still], axis=1) < PLANE_THICKNESS_CM


def kinematics(hand: np.ndarray, layer_times: np.ndarray, plane: str, time_step_s: float = TIME_STEP_S) -> Kinematics:
    """Position, velocity and acceleration of the hand in its plane at the time stamps of a layer.

    Central differences of the samples, then linear interpolation.

    Parameters
    ----------
    hand : array, shape (movement, time, 3)
        Hand position in cm.
    layer_times : array, shape (layer_time,)
        Time stamps in input samples; they need not be whole numbers.
    plane : str
        Key of ``PLANES``.
    time_step_s : float
        Time between samples of the hand.
    """
    axes, _ = PLANES[plane]
    position = hand[:, :, axes].astype(float)
    velocity = np.gradient(position, time_step_s, axis=1)
    acceleration = np.gradient(velocity, time_step_s, axis=1)
    samples = np.arange(hand.shape[1])
    return Kinematics(*(align(signal, samples, layer_times) for signal in (position, velocity, acceleration)))


def _direction(hand: Kinematics) -> tuple[np.ndarray, np.ndarray]:
    speed = np.linalg.norm(hand.velocity, axis=-1, keepdims=True)
    return hand.velocity / np.maximum(speed, SLOWEST_MOVING_CM_S), _moving(hand)


def _speed(hand: Kinematics) -> tuple[np.ndarray, np.ndarray]:
    return _lengths(hand.velocity), _always(hand)


def _velocity(hand: Kinematics) -> tuple[np.ndarray, np.ndarray]:
    return hand.velocity, _moving(hand)


def _acceleration(hand: Kinematics) -> tuple[np.ndarray, np.ndarray]:
    return _lengths(hand.acceleration), _always(hand)


def _position(hand: Kinematics) -> tuple[np.ndarray, np.ndarray]:
    return hand.position, _always(hand)


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1, keepdims=True)


def _moving(hand: Kinematics) -> np.ndarray:
    return np.linalg.norm(hand.velocity, axis=-1) > SLOWEST_MOVING_CM_S


def _always(hand: Kinematics) -> np.ndarray:
    return np.ones(hand.velocity.shape[:2], dtype=bool)


MODELS: dict[str, Callable[[Kinematics], tuple[np.ndarray, np.ndarray]]] = {
    "direction": _direction,
    "speed": _speed,
    "velocity": _velocity,
    "acceleration": _acceleration,
    "position": _position,
}
"""Feature of each model, (movement, layer_time, coordinate), and the samples it is defined for.

Direction (cos, sin) and velocity (cm/s) use the moving hand only; speed (cm/s), size of the acceleration (cm/s^2) and
position (cm) use all samples, as published.
"""


def fit_tuning(
    model: str,
    activations: np.ndarray,
    hand: np.ndarray,
    layer_times: np.ndarray,
    plane: str,
    *,
    time_step_s: float = TIME_STEP_S,
    edge: int = 33,
    test_share: float = 0.2,
    seed: int = 0,
) -> Tuning:
    """Tuning of every unit of a layer to one feature of the movements in a plane.

    Parameters
    ----------
    model : str
        Key of ``MODELS``.
    activations : array, shape (movement, layer_time, unit)
        Responses of the layer (any scale).
    hand : array, shape (movement, time, 3)
        Hand position in cm. Movements outside the plane are left out.
    layer_times : array, shape (layer_time,)
        True time stamp of each layer step in input samples.
    plane : str
        ``"horizontal"`` or ``"vertical"``.
    time_step_s : float
        Time between samples of the hand.
    edge : int
        Input samples left out at each end, where units see the padding beyond the movement.
    test_share : float
        Share of movements that are held out; never are parts of one movement on both sides.
    seed : int
        Chooses them; the same for every layer, unit and model.

    Raises
    ------
    InputError
        If shapes disagree, activations are not finite, or too few movements or samples are left.

    Source: Sandbrink et al. 2023, Methods "Single-unit analysis", Fig. 5.
    """
    _check(model, activations, hand, layer_times)
    chosen = np.flatnonzero(in_plane(hand, plane))
    if chosen.size < 2:
        raise InputError(f"{chosen.size} of {len(hand)} movements lie in a {plane} plane: fitting needs two or more")
    inside = np.flatnonzero((layer_times >= edge) & (layer_times <= hand.shape[1] - 1 - edge))
    feature, defined = MODELS[model](kinematics(hand[chosen], layer_times[inside], plane, time_step_s))
    test = _held_out(chosen.size, test_share, seed)
    parts = [part for side in (~test, test) for part in _pool(activations, feature, defined, chosen, inside, side)]
    coefficients, r2 = fit_linear(*parts)
    return Tuning(model, coefficients[:-1], coefficients[-1], r2, np.isnan(r2))


def fit_direction(activations: np.ndarray, hand: np.ndarray, layer_times: np.ndarray, plane: str, **options) -> Tuning:
    """Direction tuning, a1 cos(theta) + a2 sin(theta) + b, of the moving hand; see :func:`fit_tuning`."""
    return fit_tuning("direction", activations, hand, layer_times, plane, **options)


def fit_position(activations: np.ndarray, hand: np.ndarray, layer_times: np.ndarray, plane: str, **options) -> Tuning:
    """Position tuning, a1 x + a2 y + b, to the hand's place in the plane (cm); see :func:`fit_tuning`."""
    return fit_tuning("position", activations, hand, layer_times, plane, **options)


def fit_linear(
    design_train: np.ndarray, responses_train: np.ndarray, design_test: np.ndarray, responses_test: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ordinary least squares with intercept of many responses on one design, scored on held-out samples.

    The samples are passed once, for all units; collinear features get the smallest slopes that fit.

    Parameters
    ----------
    design_train, design_test : array, shape (sample, feature)
    responses_train, responses_test : array, shape (sample, unit)

    Returns
    -------
    coefficients : array, shape (feature + 1, unit)
        Slopes, then the intercept; NaN for a dead unit.
    r2 : array, shape (unit,)
        1 - sum (y - fit)^2 / sum (y - mean y)^2 over held-out samples; NaN for a unit that is dead in either part.

    Raises
    ------
    InputError
        If there are fewer samples than coefficients.
    """
    n_samples, n_features = design_train.shape
    if n_samples <= n_features or len(design_test) < 2:
        raise InputError(f"{n_samples} samples to fit and {len(design_test)} held out: too few for {n_features} slopes")
    train, test = moments(design_train, responses_train), moments(design_test, responses_test)
    slopes = pinvh(train.xx, rtol=COLLINEAR) @ train.xy
    intercept = train.mean_y - train.mean_x @ slopes
    alive = varies(train.mean_y, train.yy / train.n) & varies(test.mean_y, test.yy / test.n)
    coefficients = np.where(alive, np.vstack([slopes, intercept]), np.nan)
    return coefficients, 1 - test.squared_error(slopes, intercept) / np.where(alive, test.yy, np.nan)


def _check(model: str, activations: np.ndarray, hand: np.ndarray, layer_times: np.ndarray) -> None:
    if model not in MODELS:
        raise InputError(f"model '{model}' is not known; choose one of {', '.join(MODELS)}")
    if hand.ndim != 3 or hand.shape[2] != 3:
        raise InputError(f"hand of shape {hand.shape}: expected (movement, time, 3)")
    if activations.ndim != 3 or activations.shape[:2] != (len(hand), layer_times.size):
        expected = f"(movement, layer_time, unit) = ({len(hand)}, {layer_times.size}, unit)"
        raise InputError(f"activations of shape {activations.shape}: expected {expected}")
    if not np.isfinite(activations).all():
        unit = np.flatnonzero(~np.isfinite(activations).all(axis=(0, 1)))[0]
        raise InputError(f"unit {unit}: an activation is not finite")


def _held_out(n_movements: int, share: float, seed: int) -> np.ndarray:
    """Mask of held-out movements: the nearest whole number to the share, but at least one on either side."""
    n_test = min(max(round(share * n_movements), 1), n_movements - 1)
    test = np.zeros(n_movements, dtype=bool)
    test[seeds.generator(seed, "tuning", "held out").permutation(n_movements)[:n_test]] = True
    return test


def _pool(
    activations: np.ndarray,
    feature: np.ndarray,
    defined: np.ndarray,
    chosen: np.ndarray,
    inside: np.ndarray,
    side: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Design and responses of one side of the split, all times of its movements in one list of samples."""
    movement, time = np.nonzero(defined & side[:, None])
    return feature[movement, time], activations[chosen[movement], inside[time]]
