"""Movements: a pen letter, varied and placed somewhere in reach, written by the arm.

One movement is made from one random stream of its own, so that it is the same whoever makes it and whenever.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from proprionet import seeds
from proprionet.arm import guard, inverse
from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError
from proprionet.letters import latents
from proprionet.letters.strokes import ALPHABET, TIME_STEP_S, Letters
from proprionet.store import KINDS, Reader, Writer

PLANES = ("horizontal", "vertical")


@dataclass(frozen=True)
class Limits:
    """A draw is rejected if it breaks any of these."""

    tracing_error_cm: float = 1e-2
    joint_jerk: float = 1.0
    max_attempts: int = 50


@dataclass(frozen=True)
class Movement:
    """One accepted movement: hand (time, 3) cm, joints (time, joint) degrees, muscle lengths (time, muscle) mm."""

    hand: np.ndarray
    joints: np.ndarray
    muscle_length: np.ndarray
    letter: int
    plane: str
    start_point: np.ndarray
    varied: latents.Latents
    tracing_error: float
    joint_jerk: float


@dataclass(frozen=True)
class WriterSettings:
    """All that a process needs to write movements; small enough to be sent to it.

    Raises
    ------
    InputError
        If a plane has no start points.
    """

    letters: Letters
    start_points: dict[str, np.ndarray]
    profile: ArmProfile
    engine: EngineSettings
    limits: Limits
    seed: int

    def __post_init__(self) -> None:
        for plane in PLANES:
            if not len(self.start_points[plane]):
                raise InputError(f"there are no start points in {plane} planes; find some with a smaller spacing_cm")

    def load(self) -> "MovementWriter":
        """Load the OpenSim model, once in each process."""
        return MovementWriter(self, self.engine.load())


class MovementWriter:
    """Writes movements with one arm."""

    def __init__(self, settings: WriterSettings, engine: MuscleEngine):
        self._settings = settings
        self._engine = engine

    def write(self, items: Sequence[tuple[int, int]]) -> tuple[list[Movement], Counter[str]]:
        """Write one movement for each (label, repeat).

        Returns
        -------
        movements : list of Movement
            Without those for which every draw was rejected.
        rejections : Counter
            How often a draw was rejected for which reason; "given_up" counts movements that could not be made.

        Raises
        ------
        InputError
            If no movement at all could be made, which means that letters, start points and arm do not fit together.
        """
        rejections: Counter[str] = Counter()
        written = [self._write_one(label, repeat, rejections) for label, repeat in items]
        movements = [movement for movement in written if movement is not None]
        if items and not movements:
            reasons = ", ".join(f"{reason} {count} times" for reason, count in rejections.items())
            raise InputError(
                f"none of {len(items)} movements could be written ({reasons}): "
                "do the start points belong to this arm, and are the limits not too strict?"
            )
        return movements, rejections

    def _write_one(self, label: int, repeat: int, rejections: Counter[str]) -> Movement | None:
        settings = self._settings
        rng = seeds.generator(settings.seed, "movement", ALPHABET[label], repeat)
        letter = choose_letter(settings.letters.labels, label, repeat, settings.seed)
        for _ in range(settings.limits.max_attempts):
            outcome = self._attempt(letter, rng)
            if isinstance(outcome, Movement):
                return outcome
            rejections[outcome] += 1
        rejections["given_up"] += 1
        return None

    def _attempt(self, letter: int, rng: np.random.Generator) -> Movement | str:
        """One draw of latents, plane and place: a movement, or the reason why it is rejected."""
        settings = self._settings
        varied = latents.draw(rng)
        plane = PLANES[rng.integers(2)]
        start_point = rng.choice(settings.start_points[plane])
        hand = latents.to_world(latents.apply(settings.letters.paths[letter], varied), plane, start_point)
        (joints,) = inverse.solve(settings.profile, [hand])
        if not np.isfinite(joints).all():
            return "out_of_reach"
        error, jerk = inverse.tracing_error(settings.profile, joints, hand), inverse.joint_jerk(joints)
        if error > settings.limits.tracing_error_cm:
            return "tracing_error"
        if jerk > settings.limits.joint_jerk:
            return "joint_jerk"
        muscle_length = self._engine.lengths(joints)
        if reason := guard.rejection_reason(muscle_length, joints):
            return f"muscle_{reason}"
        return Movement(hand, joints, muscle_length, letter, plane, start_point, varied, error, jerk)


def choose_letter(labels: np.ndarray, label: int, repeat: int, seed: int) -> int:
    """Which pen letter the ``repeat``-th movement of a label is made from: each in turn, in a seeded order.

    Raises
    ------
    InputError
        If there is no letter with this label.
    """
    candidates = np.flatnonzero(labels == label)
    if not candidates.size:
        raise InputError(f"there is no letter '{ALPHABET[label]}' among the letters, so none can be written")
    order = seeds.generator(seed, "letter order", ALPHABET[label]).permutation(candidates)
    return int(order[repeat % len(order)])


def blocks(labels: Sequence[int], per_letter: int, size: int) -> list[list[tuple[int, int]]]:
    """All (label, repeat) items, every letter in turn, cut into blocks that do not depend on the number of workers.

    What is left over goes to the last block: a smaller one of its own could be given up as a whole by mere chance.
    """
    items = [(label, repeat) for repeat in range(per_letter) for label in labels]
    starts = range(0, max(len(items) - size, 0) + 1, size)
    return [items[start : start + size] for start in starts[:-1]] + [items[starts[-1] :]]


def save(file: Writer, movements: Sequence[Movement], letters: Letters, rejections: Counter[str]) -> None:
    """Write movements into an open file of kind ``movements``."""
    file.write("hand", np.concatenate([movement.hand for movement in movements]))
    file.write("joints", np.concatenate([movement.joints for movement in movements]))
    file.write("muscle_length", np.concatenate([movement.muscle_length for movement in movements]))
    file.write("offsets", np.cumsum([0, *(len(movement.hand) for movement in movements)]))
    chosen = [movement.letter for movement in movements]
    file.write("label", letters.labels[chosen])
    file.write("source", letters.source[chosen])
    file.write("plane", [PLANES.index(movement.plane) for movement in movements])
    file.write("start_point", [movement.start_point for movement in movements])
    for name in ("size", "speed"):
        file.write(name, [getattr(movement.varied, name) for movement in movements])
    for name in ("rotation", "shear_x", "shear_y"):
        file.write(name, np.rad2deg([getattr(movement.varied, name) for movement in movements]))
    for name in ("tracing_error", "joint_jerk"):
        file.write(name, [getattr(movement, name) for movement in movements])
    file.set(rejections=dict(rejections), time_step_s=TIME_STEP_S)


def join(file: Writer, blocks: Iterable[Reader]) -> Counter[str]:
    """Put blocks of movements, in their order, into one open file; returns all their rejections."""
    rejections: Counter[str] = Counter()
    ends = [0]
    for block in blocks:
        offsets = block["offsets"]
        for name in KINDS["movements"].arrays:
            if name != "offsets":
                file.append(name, block[name])
        ends.extend(ends[-1] + offsets[1:])
        rejections.update(block.attribute("rejections"))
    file.write("offsets", ends)
    file.set(rejections=dict(rejections), time_step_s=TIME_STEP_S)
    return rejections
