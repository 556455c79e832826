"""Reaches: the hand goes straight from one random place to another, as smoothly as it can, and may rest there.

They take the place of the reaches of the published torque set, which an arm made that had learned to (Marin Vargas et
al. 2024). A reach is made from random numbers of its own, found by its number in the set, so that it is the same
whoever makes it, whenever, and together with whichever others.
"""

from collections import Counter
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from proprionet import seeds
from proprionet.arm import guard, inverse
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError
from proprionet.letters.latents import Latents
from proprionet.movements.batch import Batch, samples_of
from proprionet.movements.writing import Engine, Limits, Loadable

DURATION_S = (0.4, 1.2)  # shortest and longest way
HOLD_S = (0.0, 0.8)  # shortest and longest rest at the target; with the way 2 s at most, as long as the published ones

DEFAULT_LIMITS = Limits()

_COLUMNS = 14  # random numbers of a draw: places (4 + 4), duration, rest, posture (4)
_OF_SAMPLE = ("hand", "joints")


@dataclass(frozen=True, eq=False)
class Reaches:
    """Reaches in the order of their ``index``.

    Of shape (sample, ...), one reach after another: ``hand`` (3) cm, ``joints`` (4) degrees. Of shape (reach, ...):
    ``index`` (number of the reach in its set), ``start`` and ``target`` (3) cm, ``duration_s`` from the one to the
    other, after which the hand rests; ``joint_jerk`` degree/sample^3, ``tracing_error`` cm. ``offsets`` (reach + 1,)
    says where each reach starts.
    """

    index: np.ndarray
    start: np.ndarray
    target: np.ndarray
    duration_s: np.ndarray
    joint_jerk: np.ndarray
    tracing_error: np.ndarray
    offsets: np.ndarray
    hand: np.ndarray
    joints: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: np.ndarray) -> Self:
        """Some of the reaches, in the order of ``rows`` (numbers of reaches among these)."""
        samples, offsets = samples_of(self.offsets, rows)
        chosen = {name: getattr(self, name)[rows] for name in _OF_REACH}
        return type(self)(**chosen, offsets=offsets, **{name: getattr(self, name)[samples] for name in _OF_SAMPLE})

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """Reaches one after another."""
        names = (*_OF_REACH, *_OF_SAMPLE)
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        return cls(**arrays, offsets=np.concatenate([[0], np.cumsum(lengths)]))


@dataclass(frozen=True)
class ReachSettings:
    """All that a process needs to make reaches; fields as in :class:`proprionet.movements.writing.WriterSettings`.

    ``places`` (place, 3) in cm are where reaches begin and end.
    """

    places: np.ndarray
    profile: ArmProfile
    engine: Loadable
    limits: Limits
    seed: int
    random_posture: bool = False
    compact: bool = False

    def load(self) -> "ReachWriter":
        """Load the muscles of the arm, once in each process."""
        return ReachWriter(self, self.engine.load())


class ReachWriter:
    """Makes reaches with one arm and its muscles."""

    def __init__(self, settings: ReachSettings, engine: Engine):
        self._settings = settings
        self._engine = engine

    def write(self, index: np.ndarray) -> tuple[Batch, np.ndarray, Counter[str]]:
        """Make the reaches of the given numbers, with muscle lengths.

        Returns
        -------
        batch : Batch
            As of letters, neither varied nor in a plane; without reaches given up, or whose muscles are at fault.
        target : array, shape (reach, 3)
            cm.
        rejections : Counter
            As of :func:`write`, and muscles at fault by reason, after which a reach is given up.

        Raises
        ------
        InputError
            As :func:`write`.
        """
        settings, limits = self._settings, self._settings.limits
        reaches, rejections = write(
            settings.profile, settings.places, index, settings.seed, limits, settings.random_posture
        )
        lengths = self._engine.lengths(reaches.joints)
        jerk = inverse.jerks(lengths, reaches.offsets)
        fault = guard.faults(lengths, reaches.joints, reaches.offsets)
        checks = {f"muscle_{reason}": fault == code for code, reason in enumerate(guard.REASONS)}
        checks["muscle_jerk"] = (fault < 0) & (jerk > limits.muscle_jerk)
        rejections.update({reason: int(failed.sum()) for reason, failed in checks.items() if failed.any()})
        good = np.flatnonzero((fault < 0) & ~checks["muscle_jerk"])
        rejections["given_up"] += len(reaches) - len(good)
        count = len(reaches)
        batch = Batch(
            index=reaches.index,
            letter=np.zeros(count, np.int64),
            plane=np.zeros(count, np.int64),
            start_point=reaches.start,
            varied=Latents.of(count),
            tracing_error=reaches.tracing_error,
            joint_jerk=reaches.joint_jerk,
            muscle_jerk=jerk,
            offsets=reaches.offsets,
            hand=reaches.hand,
            joints=reaches.joints,
            muscle_length=lengths,
        )
        return batch.take(good).stored(compact=settings.compact), reaches.target[good], +rejections


_OF_REACH = tuple(field.name for field in fields(Reaches) if field.name not in (*_OF_SAMPLE, "offsets"))


def write(
    profile: ArmProfile,
    places: np.ndarray,
    index: np.ndarray,
    seed: int,
    limits: Limits = DEFAULT_LIMITS,
    random_posture: bool = False,
) -> tuple[Reaches, Counter[str]]:
    """Write the reaches of the given numbers.

    Start and target are drawn from the places, and moved by up to half the spacing of the profile's workspace along
    each axis; the duration of the way and of the rest after it are uniform within ``DURATION_S`` and ``HOLD_S``.

    Parameters
    ----------
    profile : ArmProfile
        With link lengths.
    places : array, shape (place, 3)
        World frame, cm; such as the start points of letters in both planes.
    index : array of int, shape (reach,)
        Rising.
    seed : int
    limits : what a draw must keep, and how many there are before a reach is given up; that of muscles is not looked at.
    random_posture : the posture before a reach, to which its first is the nearest, is uniform within the limits instead
        of the profile's.

    Returns
    -------
    reaches : Reaches
        Without those for which every draw was rejected.
    rejections : Counter
        How often a draw was rejected for which reason; "given_up" counts reaches that could not be made.

    Raises
    ------
    InputError
        If there are no places, or no reach at all could be made.
    """
    if not len(places):
        raise InputError("there are no places to reach for; find some with a smaller spacing_cm")
    rejections: Counter[str] = Counter()
    pending, done = np.asarray(index), []
    for attempt in range(limits.max_attempts):
        draws = draw(profile, np.asarray(places), pending, seed, attempt, random_posture)
        out_of_reach = np.isnan(draws.tracing_error)
        astray = draws.tracing_error > limits.tracing_error_cm  # not so for NaN
        jerky = ~astray & (draws.joint_jerk > limits.joint_jerk)
        for reason, failed in (("out_of_reach", out_of_reach), ("tracing_error", astray), ("joint_jerk", jerky)):
            rejections[reason] += int(failed.sum())
        rejected = out_of_reach | astray | jerky
        done.append(draws.take(np.flatnonzero(~rejected)))
        pending = pending[rejected]
        if not pending.size:
            break
    rejections["given_up"] = len(pending)
    if len(pending) == len(index) > 0:
        raise InputError(
            f"none of {len(index)} reaches could be made ({_counts(rejections)}): "
            "do the places belong to this arm, and are the limits not too strict?"
        )
    reaches = Reaches.join(done)
    return reaches.take(np.argsort(reaches.index)), +rejections


def minimum_jerk(time: np.ndarray) -> np.ndarray:
    """Share of the way that the smoothest movement from rest to rest has covered.

    Parameters
    ----------
    time : array
        As a share of the duration; 0 or less is before the movement, 1 or more after it.

    Returns
    -------
    array, 0 to 1

    Source: Flash & Hogan 1985, Journal of Neuroscience 5:1688.
    """
    time = np.clip(time, 0, 1)
    return time**3 * (10 - 15 * time + 6 * time**2)


def draw(
    profile: ArmProfile, places: np.ndarray, index: np.ndarray, seed: int, attempt: int, random_posture: bool
) -> Reaches:
    """One draw for each reach, within the limits or not; for the parameters see :func:`write`."""
    uniform = seeds.uniform(seed, "reach", attempt, rows=index, columns=_COLUMNS)
    start, target = (_place(profile, places, uniform[:, columns]) for columns in (slice(0, 4), slice(4, 8)))
    way, rest = (
        np.rint((shortest + uniform[:, 8 + i] * (longest - shortest)) / profile.time_step_s).astype(np.int64)
        for i, (shortest, longest) in enumerate((DURATION_S, HOLD_S))
    )
    lengths = way + 1 + rest
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    step = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    covered = minimum_jerk(step / np.repeat(way, lengths))[:, None]
    hand = np.repeat(start, lengths, axis=0) + covered * np.repeat(target - start, lengths, axis=0)
    lower, upper = np.array(profile.lower_limit_deg), np.array(profile.upper_limit_deg)
    posture = lower + uniform[:, 10:] * (upper - lower) if random_posture else None
    joints = inverse.solve_flat(profile, hand, offsets, posture)
    return Reaches(
        index=index,
        start=start,
        target=target,
        duration_s=way * profile.time_step_s,
        joint_jerk=inverse.jerks(joints, offsets),
        tracing_error=inverse.tracing_errors(profile, joints, hand, offsets),
        offsets=offsets,
        hand=hand,
        joints=joints,
    )


def _place(profile: ArmProfile, places: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """A random place within the cell of a random one of the places: (reach, 3) from random numbers (reach, 4)."""
    chosen = places[(uniform[:, 0] * len(places)).astype(np.int64)]
    return chosen + profile.workspace.spacing_cm * (uniform[:, 1:] - 0.5)


def _counts(rejections: Counter[str]) -> str:
    return ", ".join(f"{reason} {count} times" for reason, count in rejections.items() if count)
