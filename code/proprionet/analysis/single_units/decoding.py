"""What the hand does, read from all units of a layer at one step by ridge regression.

Activations are not standardised, so that the published penalty of 1 weighs more on layers of small activations; over
the hundred thousand samples of a layer it hardly counts.

Differences from the published analysis, Sandbrink et al. 2023, Methods "Population decoding", unless its rules are
asked for: those of :mod:`.sampling`, and speed and acceleration are decoded from the still hand too.
The published rules leave out no step at the ends here. Direction is decoded as (cos, sin) unless the raw angle, which
jumps at 180 degrees, is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.linalg import solve

from proprionet import seeds
from proprionet.analysis.moments import Moments, moments
from proprionet.analysis.single_units import sampling
from proprionet.analysis.single_units.circular import wrap
from proprionet.analysis.single_units.features import Movements, features_at
from proprionet.analysis.single_units.planes import AXES, ORIENTATIONS
from proprionet.analysis.single_units.sampling import Rules, protocol
from proprionet.analysis.units import varies
from proprionet.errors import InputError

MOVEMENTS_AT_ONCE = 64
DIRECTIONS = {"unit_vector": ("direction_cos", "direction_sin"), "angle": ("direction_angle",)}


@dataclass(frozen=True)
class Targets:
    """What is decoded from the steps of a layer."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: np.ndarray
    """(movement, step, target), in these units."""
    moving: np.ndarray
    """(movement, step): whether the hand moves."""
    when_still: np.ndarray
    """(target,): whether the samples of the still hand count."""
    steps: np.ndarray
    """(step,): which steps of the layer these are."""

    def columns(self, *names: str) -> list[int]:
        """Places of the targets of these names, as far as they are there."""
        return [self.names.index(name) for name in names if name in self.names]


@dataclass(frozen=True)
class Decoding:
    """How well the targets are read from a layer, over the steps of held-out movements; NaN where it is undefined.

    That is where no unit of the layer varies over the fitted samples, or a target does not over the held-out ones.
    """

    r2: np.ndarray
    """(target,): coefficient of determination, 1 at best, below 0 if worse than the held-out mean."""
    rmse: np.ndarray
    """(target,): root mean square error in the target's unit."""
    correlation: np.ndarray
    """(target,): Pearson's r of decoded and true."""
    distance: float
    """Mean distance of the decoded from the true position, cm."""
    angle_error: float
    """Mean absolute angle between the decoded and the true direction, degrees: 90 by chance."""


def split(
    movements: Movements, plane: str, *, rules: Rules = "corrected", test_fraction: float = 0.2, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Movements in all planes of one orientation, and which of them are held out: the same as for single units.

    Returns
    -------
    rows : array of int, shape (decoded movement,)
        Rising.
    test : boolean array, shape (decoded movement,)

    Raises
    ------
    InputError
        If there are fewer than two different movements in such planes.
    """
    found = protocol(movements, rules=rules, test_fraction=test_fraction, seed=seed)
    rows = np.flatnonzero(found.planes.members(ORIENTATIONS.index(plane)))
    different = np.unique(movements.row[rows]).size
    if different < 2:
        many = f"{different} of {len(movements.hand)} movements lie in a {plane} plane"
        raise InputError(f"{many}: decoding needs two or more, to fit and to hold out")
    return rows, found.held_out[1, rows]


def targets(
    movements: Movements,
    rows: np.ndarray,
    plane: str,
    layer_times: np.ndarray,
    *,
    rules: Rules = "corrected",
    direction: Literal["unit_vector", "angle"] = "unit_vector",
) -> Targets:
    """Direction, speed, size of the acceleration and position of the hand in its plane at the steps of a layer.

    Parameters
    ----------
    movements : Movements
    rows : array of int, shape (decoded movement,)
        Those that lie in planes of the orientation.
    plane : str
        ``"horizontal"``: position is (x, y); ``"vertical"``: (y, z).
    layer_times : array, shape (layer_time,)
        True time stamp of each layer step in input samples.
    rules : {"corrected", "published"}
        With the published ones steps are taken to lie at 0, stride, 2 stride, ..., none is left out, and speed and
        acceleration are decoded from the moving hand alone.
    direction : {"unit_vector", "angle"}
        (cos, sin), or the angle in degrees as published; of the moving hand.

    Raises
    ------
    InputError
        If no step is left between the ends.
    """
    published = rules == "published"
    times, fitted = sampling.steps(layer_times, movements.hand.shape[1], rules)
    steps = np.arange(times.size)[slice(None) if published else fitted]
    if not steps.size:
        raise InputError(f"no step of the layer lies between the ends of {sampling.EDGE} samples that are left out")
    orientation = np.full(rows.size, ORIENTATIONS.index(plane))
    features, samples = features_at(movements, rows, orientation, times[steps])
    where = features["direction"]
    if direction == "angle":
        where = np.degrees(np.arctan2(where[..., 1:], where[..., :1]))
    values = [where, *(features[name] for name in ("speed", "acceleration", "position"))]
    of_direction = DIRECTIONS[direction]
    return Targets(
        names=(*of_direction, "speed", "acceleration", *("xyz"[axis] for axis in AXES[orientation[0]])),
        units=(*(("degree",) if direction == "angle" else ("1", "1")), "cm/s", "cm/s^2", "cm", "cm"),
        values=np.concatenate(values, axis=-1),
        moving=samples["moving"],
        when_still=np.array([False] * len(of_direction) + [not published] * 2 + [True] * 2),
        steps=steps,
    )


def shuffled(wanted: Targets, seed: int, repeat: int) -> Targets:
    """The null: each movement gets the targets of another, chosen at random, so that only what is common to all stays.

    What all movements share, such as a hand that is still at both ends, can be told from the time step and is still
    decoded above chance.
    """
    order = seeds.generator(seed, "decoding", "null", repeat).permutation(len(wanted.values))
    return replace(wanted, values=wanted.values[order], moving=wanted.moving[order])


def decode(
    responses: Sequence[np.ndarray] | np.ndarray, rows: np.ndarray, wanted: Targets, test: np.ndarray, alpha: float = 1
) -> Decoding:
    """Read the targets from all units of a layer at the same step, and score that on the held-out movements.

    The layer is passed once, in blocks of movements; only the responses to held-out movements are kept.

    Parameters
    ----------
    responses : array or h5py dataset, shape (movement, layer_time, ...)
        Activations (any scale); all further axes are units.
    rows : array of int, shape (decoded movement,)
        Movements that the targets are of, rising.
    wanted : Targets
    test : boolean array, shape (decoded movement,)
        Those held out.
    alpha : float
        Penalty of ridge regression on the squared weights (of raw activations; published: 1).

    Raises
    ------
    InputError
        If the hand moves in none of the fitted, or of the held-out movements.
    """
    for side, of in ((test, "held-out"), (~test, "fitted")):
        if not wanted.moving[side].any():
            raise InputError(f"the hand moves in none of the {side.sum()} {of} movements, so it has no direction there")
    every, moving, kept = _gather(responses, rows, wanted, test)
    always, then = ridge(every, alpha), ridge(moving, alpha)
    slopes, intercept = (np.where(wanted.when_still, a, b) for a, b in zip(always, then, strict=True))
    decoded = np.concatenate([features @ slopes + intercept for features in kept])
    if not varies(every.mean_x, np.diag(every.xx) / every.n).any():
        decoded[:] = np.nan
    return _score(wanted, wanted.values[test].reshape(decoded.shape), decoded, wanted.moving[test].ravel())


def ridge(part: Moments, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (feature, response) and intercept (response,) of least squared error + alpha * squared slopes."""
    slopes = solve(part.xx + alpha * np.eye(len(part.xx)), part.xy, assume_a="pos")
    return slopes, part.mean_y - part.mean_x @ slopes


def _gather(
    responses: Sequence[np.ndarray] | np.ndarray, rows: np.ndarray, wanted: Targets, test: np.ndarray
) -> tuple[Moments, Moments, list[np.ndarray]]:
    """Moments of all fitted samples and of those of the moving hand; responses to held-out movements, in blocks."""
    found: dict[bool, Moments] = {}
    kept = []
    for start in range(0, len(responses), MOVEMENTS_AT_ONCE):
        inside = np.flatnonzero((rows >= start) & (rows < start + MOVEMENTS_AT_ONCE))
        if not inside.size:
            continue
        block = np.asarray(responses[start : start + MOVEMENTS_AT_ONCE])[rows[inside] - start][:, wanted.steps]
        block = block.reshape(*block.shape[:2], -1)
        kept.append(block[test[inside]].reshape(-1, block.shape[2]))
        fit = ~test[inside]
        for moving in (True, False):
            samples = wanted.moving[inside[fit]] == moving
            if samples.any():
                part = moments(block[fit][samples], wanted.values[inside[fit]][samples])
                found[moving] = found[moving] + part if moving in found else part
    every = found[True] + found[False] if False in found else found[True]
    return every, found[True], kept


def _score(wanted: Targets, true: np.ndarray, decoded: np.ndarray, moving: np.ndarray) -> Decoding:
    """Scores from true and decoded targets, both (sample, target), and whether the hand moves (sample,)."""
    scores = [
        _scores(true[moving | still, column], decoded[moving | still, column])
        for column, still in enumerate(wanted.when_still)
    ]
    distance = np.linalg.norm((decoded - true)[:, wanted.columns(*"xyz")], axis=1).mean()
    off = _angle(wanted, decoded[moving]) - _angle(wanted, true[moving])
    angle_error = np.abs(wrap(off)).mean()
    return Decoding(*np.transpose(scores), distance=float(distance), angle_error=float(angle_error))


def _angle(wanted: Targets, values: np.ndarray) -> np.ndarray:
    """Direction in degrees, (sample,), of targets (sample, target), however it is coded."""
    if angle := wanted.columns(*DIRECTIONS["angle"]):
        return values[:, angle[0]]
    cos, sin = values[:, wanted.columns(*DIRECTIONS["unit_vector"])].T
    return np.degrees(np.arctan2(sin, cos))


def _scores(true: np.ndarray, decoded: np.ndarray) -> tuple[float, float, float]:
    """R2, root mean square error and Pearson's r of one target."""
    error, spread, deviation = np.mean((decoded - true) ** 2), true.var(), decoded.std()
    if not varies(true.mean(), spread):
        return np.nan, float(np.sqrt(error)), np.nan
    common = np.mean((true - true.mean()) * (decoded - decoded.mean()))
    correlation = common / (np.sqrt(spread) * deviation) if deviation > 0 else np.nan
    return float(1 - error / spread), float(np.sqrt(error)), float(correlation)
