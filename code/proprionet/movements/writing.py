"""Writing movements: draws of latents and place, the arm that follows, and the limits that a draw must keep.

A movement is made from random numbers of its own, found by its number in the set, so that it is the same whoever makes
it, whenever, and together with whichever others.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from proprionet import seeds
from proprionet.arm import guard, inverse
from proprionet.arm.practice import BOX_CM
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError
from proprionet.letters import latents
from proprionet.letters.latents import PLANES
from proprionet.letters.strokes import ALPHABET, Letters
from proprionet.movements.batch import Batch

_N_LATENTS = len(latents.VALUES)
_COLUMNS = _N_LATENTS + 6  # latents, plane, start point, start posture
_TOGETHER = 512  # movements worked on at once: enough for speed, little memory


class Engine(Protocol):
    """What gives muscle lengths (time, muscle) in mm for joint angles (time, joint) in degrees."""

    def lengths(self, joint_angles: np.ndarray) -> np.ndarray: ...


class Loadable(Protocol):
    """Settings of an engine, small enough to be sent to a process, where it is loaded."""

    def load(self) -> Engine: ...


@dataclass(frozen=True)
class Limits:
    """A draw is rejected if it breaks any of these; jerks per sample^3 of degrees and mm."""

    tracing_error_cm: float = 1e-2
    joint_jerk: float = 1.0
    muscle_jerk: float = np.inf
    max_attempts: int = 50


@dataclass(frozen=True)
class WriterSettings:
    """All that a process needs to write movements.

    ``start_points`` holds the places (point, 3) of both planes in cm; with ``random_posture`` every movement is
    preceded by a posture of its own, uniform within the limits, instead of the profile's.

    Raises
    ------
    InputError
        If a plane has no start points.
    """

    letters: Letters
    start_points: dict[str, np.ndarray]
    profile: ArmProfile
    engine: Loadable
    limits: Limits
    seed: int
    random_posture: bool = False
    compact: bool = False

    def __post_init__(self) -> None:
        for plane in PLANES:
            if not len(self.start_points[plane]):
                raise InputError(f"there are no start points in {plane} planes; find some with a smaller spacing_cm")

    @cached_property
    def labels(self) -> np.ndarray:
        """Letters of the alphabet that there are, in order; movement i writes the one at i modulo their number."""
        return np.unique(self.letters.labels)

    def load(self) -> "MovementWriter":
        """Load the muscles of the arm, once in each process."""
        return MovementWriter(self, self.engine.load())


class MovementWriter:
    """Writes movements with one arm."""

    def __init__(self, settings: WriterSettings, engine: Engine):
        self.settings = settings
        self._engine = engine
        samples, self._letter_offsets = settings.letters.flat()
        self._samples = samples * (settings.profile.letter_cm / BOX_CM)
        self._order = [_letter_order(settings, label) for label in settings.labels]

    def write(self, index: np.ndarray) -> tuple[Batch, Counter[str]]:
        """Write the movements of the given numbers.

        Parameters
        ----------
        index : array of int, shape (movement,)
            Rising.

        Returns
        -------
        batch : Batch
            Without those movements for which every draw was rejected.
        rejections : Counter
            How often a draw was rejected for which reason; "given_up" counts movements that could not be made.

        Raises
        ------
        InputError
            If no movement at all could be made, which means that letters, start points and arm do not fit together.
        """
        rejections: Counter[str] = Counter()
        chunks = np.split(np.asarray(index), np.arange(_TOGETHER, len(index), _TOGETHER))
        written = Batch.join([self._write(chunk, rejections) for chunk in chunks])
        if rejections["given_up"] == len(index) > 0:
            reasons = ", ".join(f"{reason} {count} times" for reason, count in rejections.items())
            raise InputError(
                f"none of {len(index)} movements could be written ({reasons}): "
                "do the start points belong to this arm, and are the limits not too strict?"
            )
        return written, rejections

    def _write(self, index: np.ndarray, rejections: Counter[str]) -> Batch:
        pending, done = index, []
        for attempt in range(self.settings.limits.max_attempts):
            accepted, pending = self._attempt(pending, attempt, rejections)
            done.append(accepted)
            if not pending.size:
                break
        if pending.size:
            rejections["given_up"] += len(pending)
        written = Batch.join(done)
        if len(done) > 1:
            written = written.take(np.argsort(written.index))
        return written.stored(compact=self.settings.compact)

    def _attempt(self, index: np.ndarray, attempt: int, rejections: Counter[str]) -> tuple[Batch, np.ndarray]:
        """One draw for each movement: those that keep every limit, and the numbers of the others."""
        limits = self.settings.limits
        batch = self._draw(index, attempt)
        with np.errstate(invalid="ignore"):
            checks = {
                "out_of_reach": np.isnan(batch.tracing_error),
                "tracing_error": batch.tracing_error > limits.tracing_error_cm,
                "joint_jerk": batch.joint_jerk > limits.joint_jerk,
            }
        batch = _reject(batch, checks, rejections)
        lengths = self._engine.lengths(batch.joints)
        jerk = inverse.jerks(lengths, batch.offsets)
        batch = replace(batch, muscle_length=lengths, muscle_jerk=jerk)
        fault = guard.faults(lengths, batch.joints, batch.offsets)
        checks = {f"muscle_{reason}": fault == code for code, reason in enumerate(guard.REASONS)}
        checks["muscle_jerk"] = jerk > limits.muscle_jerk
        batch = _reject(batch, checks, rejections)
        return batch, np.setdiff1d(index, batch.index, assume_unique=True)

    def _draw(self, index: np.ndarray, attempt: int) -> Batch:
        """Hand and joints of one draw; the muscles are left out."""
        settings = self.settings
        uniform = seeds.uniform(settings.seed, "movement", attempt, rows=index, columns=_COLUMNS)
        varied = latents.draw(uniform[:, :_N_LATENTS])
        plane = (uniform[:, _N_LATENTS] * len(PLANES)).astype(np.int64)
        start_point = np.empty((len(index), 3))
        for code, name in enumerate(PLANES):
            rows, places = plane == code, settings.start_points[name]
            start_point[rows] = places[(uniform[rows, _N_LATENTS + 1] * len(places)).astype(np.int64)]
        letter = self._letters(index)
        paths, offsets = latents.vary(self._samples, self._letter_offsets, letter, varied)
        hand = latents.to_world(paths, offsets, plane, start_point)
        start = self._start_postures(uniform[:, _N_LATENTS + 2 :]) if settings.random_posture else None
        joints = inverse.solve_flat(settings.profile, hand, offsets, start)
        return Batch(
            index=index,
            letter=letter,
            plane=plane,
            start_point=start_point,
            varied=varied,
            tracing_error=inverse.tracing_errors(settings.profile, joints, hand, offsets),
            joint_jerk=inverse.jerks(joints, offsets),
            muscle_jerk=np.zeros(len(index)),
            offsets=offsets,
            hand=hand,
            joints=joints,
            muscle_length=np.empty((len(hand), 0)),
        )

    def _letters(self, index: np.ndarray) -> np.ndarray:
        """Which pen letter each movement writes: those of its label each in turn, in a seeded order."""
        repeat, label = np.divmod(index, len(self._order))
        return np.array(
            [self._order[which][turn % len(self._order[which])] for turn, which in zip(repeat, label, strict=True)]
        )

    def _start_postures(self, uniform: np.ndarray) -> np.ndarray:
        profile = self.settings.profile
        lower, upper = np.array(profile.lower_limit_deg), np.array(profile.upper_limit_deg)
        return lower + uniform * (upper - lower)


def _letter_order(settings: WriterSettings, label: int) -> np.ndarray:
    candidates = np.flatnonzero(settings.letters.labels == label)
    return seeds.generator(settings.seed, "letter order", ALPHABET[label]).permutation(candidates)


def _reject(batch: Batch, checks: dict[str, np.ndarray], rejections: Counter[str]) -> Batch:
    """The movements that fail no check; the others are counted under the first check they fail."""
    good = np.ones(len(batch), dtype=bool)
    for reason, failed in checks.items():
        if count := int(np.count_nonzero(failed & good)):
            rejections[reason] += count
        good &= ~failed
    return batch if good.all() else batch.take(np.flatnonzero(good))


def pieces(count: int, size: int, shard: str = "1/1") -> list[np.ndarray]:
    """Numbers of the movements of one shard, cut into pieces of ``size``.

    Shards are neighbours: shard i of N holds the movements from ``count * (i - 1) / N`` to ``count * i / N``. What is
    left over goes to the last piece: a small one of its own could be given up as a whole by mere chance.

    Raises
    ------
    InputError
        If a shard would be empty.
    """
    number, of = map(int, shard.split("/"))
    first, end = (count * part // of for part in (number - 1, number))
    if first == end:
        raise InputError(f"shard {shard} of {count} movements is empty; use fewer shards")
    starts = range(first, max(end - size, first) + 1, size)
    return [np.arange(start, stop) for start, stop in pairwise([*starts, end])]
