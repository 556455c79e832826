"""What single units are tuned to: direction, speed, position, … of the movement, in every plane.

Every model is a least-squares line, activity = b + a . x, over all times of the movements in a plane, scored on
movements that it has not seen. The activations of a layer are passed once: what least squares needs of them adds up
from single planes to all planes, and one solve serves all units.

Differences from the published analysis, Sandbrink et al. 2023, Methods "Single-unit analysis": see
:mod:`proprionet.analysis.single_units.sampling`; and dead units are known by their variance under either rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from scipy.linalg import pinvh
from threadpoolctl import threadpool_limits

from proprionet.analysis.moments import Moments, moments
from proprionet.analysis.single_units.features import FEATURES, SAMPLES, Movements, features_at
from proprionet.analysis.single_units.planes import ORIENTATIONS
from proprionet.analysis.single_units.sampling import Protocol, steps
from proprionet.analysis.single_units.selectivity import auroc
from proprionet.analysis.units import varies
from proprionet.errors import InputError

TUNED = 0.2  # explained variance above which a unit counts as tuned (Sandbrink et al. 2023)
MISFIT = -0.1  # and below which it is left out of statistics
COLLINEAR = 1e-12  # smallest share of variance, over the largest, that a combination of features is fitted by


@dataclass(frozen=True)
class Tuning:
    """What every unit of a layer is tuned to, in every plane.

    NaN where there is no fit: in planes with too few movements or samples, and for dead units, whose activity is
    constant over the fitted or the held-out samples.
    """

    r2: np.ndarray
    """(plane, feature, unit): coefficient of determination on held-out movements, 1 at best, below 0 if worse than
    their mean; features in the order of ``FEATURES``."""
    coefficients: np.ndarray
    """(plane, coordinate, unit): change of activity per unit of each coordinate of each feature."""
    intercept: np.ndarray
    """(plane, feature, unit)"""
    selectivity: np.ndarray
    """(orientation, letter, unit): see :func:`.selectivity.auroc`; held-out movements of all planes
    of an orientation."""
    columns: dict[str, slice]
    """Coordinates of each feature."""

    def gain(self, feature: str) -> np.ndarray:
        """(plane, unit): length of the slopes; for direction, half the difference of best and worst direction."""
        return np.linalg.norm(self.coefficients[:, self.columns[feature]], axis=1)

    @property
    def preferred_direction(self) -> np.ndarray:
        """(plane, unit): degrees in -180..180; 0 along the first axis of a plane (x; y if vertical), 90 along its
        second (y; z)."""
        cosine, sine = self.coefficients[:, self.columns["direction"]].swapaxes(0, 1)
        return np.degrees(np.arctan2(sine, cosine))


def fit_layer(
    blocks: Iterable[np.ndarray], movements: Movements, protocol: Protocol, layer_times: np.ndarray
) -> Tuning:
    """Tuning of every unit of a layer to every feature in every plane.

    Parameters
    ----------
    blocks : iterable of array, shape (movement, layer_time, unit)
        Responses of the layer (any scale) to the movements, some after the others; a list of one is fine.
    movements : Movements
    protocol : Protocol
        From :func:`proprionet.analysis.single_units.sampling.protocol`.
    layer_times : array, shape (layer_time,)
        True time stamp of each layer step in input samples.

    Raises
    ------
    InputError
        If shapes disagree or an activation is not finite.

    Source: Sandbrink et al. 2023, Methods "Single-unit analysis", Fig. 5.
    """
    times, fitted = steps(layer_times, movements.hand.shape[1], protocol.rules)
    gathered = _Gathered(movements, protocol, times, fitted)
    n_seen, n_movements = 0, len(movements.row)
    for activations in blocks:
        rows = slice(n_seen, n_seen + len(activations))
        if activations.ndim != 3 or activations.shape[1] != times.size or rows.stop > n_movements:
            raise InputError(
                f"activations of shape {activations.shape} after {n_seen}: expected (movement, layer_time, unit) "
                f"with {times.size} times and {n_movements} movements in all"
            )
        _check_finite(activations, n_seen)
        with threadpool_limits(1):  # products of a few movements: more threads would wait for each other
            gathered.add(rows, activations)
        n_seen = rows.stop
    if n_seen < n_movements:
        raise InputError(f"activations of {n_seen} movements: expected {n_movements}")
    with threadpool_limits(1):
        return gathered.fit()


class _Gathered:
    """All that the fits of a layer need of the activations seen so far."""

    def __init__(self, movements: Movements, protocol: Protocol, times: np.ndarray, fitted: slice):
        self._movements, self._protocol = movements, protocol
        self._times, self._fitted = times, fitted
        self._moments: dict[str, dict[tuple[int, ...], Moments]] = {name: {} for name in SAMPLES}
        self._held_out: list[list[np.ndarray]] = [[] for _ in ORIENTATIONS]
        self._labels: list[list[np.ndarray]] = [[] for _ in ORIENTATIONS]
        self._n_units = 0

    def add(self, rows: slice, activations: np.ndarray) -> None:
        """The next movements."""
        planes = self._protocol.planes
        self._n_units = activations.shape[2]
        alone, together = self._protocol.held_out[:, rows]
        plane = planes.of_movement[rows]
        orientation = planes.orientation[plane]
        self._keep_held_out(np.where(together & (plane >= 0), orientation, -1), rows, activations)
        activations = activations[:, self._fitted]
        if not activations.shape[1]:
            return
        features, samples = features_at(self._movements, rows, orientation, self._times[self._fitted])
        designs = {name: np.concatenate([features[x] for x in _fitted_on(name)], axis=2) for name in SAMPLES}
        groups = np.stack([plane, alone, together], axis=1)
        for group in np.unique(groups[plane >= 0], axis=0):
            members = (groups == group).all(axis=1)
            responses = activations[members]
            for name in SAMPLES:
                chosen = samples[name][members]
                design = designs[name][members][chosen]
                if len(design):
                    key, found = tuple(map(int, group)), moments(design, responses[chosen])
                    of_set = self._moments[name]
                    of_set[key] = of_set[key] + found if key in of_set else found

    def _keep_held_out(self, orientation: np.ndarray, rows: slice, activations: np.ndarray) -> None:
        if self._protocol.rules == "corrected":
            activations = activations[:, self._fitted]
        label = self._movements.label[rows]
        for index in range(len(ORIENTATIONS)):
            chosen = orientation == index
            self._held_out[index].append(activations[chosen].reshape(-1, self._n_units))
            self._labels[index].append(np.repeat(label[chosen], activations.shape[1]))

    def fit(self) -> Tuning:
        """Every plane and feature."""
        names = [feature for feature, _ in self._movements.coordinates]
        columns = {x: slice(names.index(x), names.index(x) + names.count(x)) for x in FEATURES}
        n_planes = len(self._protocol.planes.level)
        r2 = np.full((n_planes, len(FEATURES), self._n_units), np.nan)
        slopes, intercept = np.full((n_planes, len(names), self._n_units), np.nan), r2.copy()
        for plane in np.flatnonzero(self._protocol.n_movements >= self._protocol.min_movements):
            for sample in SAMPLES:
                train, test = (self._sum(sample, int(plane), held_out) for held_out in (False, True))
                start = 0
                for feature in _fitted_on(sample):
                    column, row = columns[feature], list(FEATURES).index(feature)
                    own = slice(start, start + column.stop - column.start)
                    start = own.stop
                    if train is None or test is None or train.n <= own.stop - own.start or test.n < 2:
                        continue
                    slopes[plane, column], intercept[plane, row], r2[plane, row] = _line(train.of(own), test.of(own))
        return Tuning(r2, slopes, intercept, self._selectivity(), columns)

    def _sum(self, samples: str, plane: int, held_out: bool) -> Moments | None:
        """Moments of one side of a plane, or of all planes of an orientation."""
        orientation = self._protocol.planes.orientation
        together = plane < len(ORIENTATIONS)
        parts = [
            part
            for (single, *side), part in self._moments[samples].items()
            if side[together] == held_out and (orientation[single] == plane if together else single == plane)
        ]
        return reduce(add, parts) if parts else None

    def _selectivity(self) -> np.ndarray:
        n_letters = self._movements.n_letters
        return np.stack(
            [
                auroc(np.concatenate(responses), np.concatenate(label), n_letters)
                for responses, label in zip(self._held_out, self._labels, strict=True)
            ]
        )


def _fitted_on(samples: str) -> list[str]:
    return [feature for feature, of_feature in FEATURES.items() if of_feature == samples]


def _check_finite(activations: np.ndarray, first: int) -> None:
    if not np.isfinite(activations).all():
        movement, _, unit = np.argwhere(~np.isfinite(activations))[0]
        raise InputError(f"unit {unit}: an activation is not finite, in movement {first + movement}")


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
    slopes, intercept, r2 = _line(moments(design_train, responses_train), moments(design_test, responses_test))
    return np.vstack([slopes, intercept]), r2


def _line(train: Moments, test: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes (feature, unit), intercept and explained variance of the held-out samples (unit,); NaN for dead units."""
    slopes = pinvh(train.xx, rtol=COLLINEAR) @ train.xy
    intercept = train.mean_y - train.mean_x @ slopes
    alive = varies(train.mean_y, train.yy / train.n) & varies(test.mean_y, test.yy / test.n)
    r2 = 1 - test.squared_error(slopes, intercept) / np.where(alive, test.yy, np.nan)
    return np.where(alive, slopes, np.nan), np.where(alive, intercept, np.nan), r2
