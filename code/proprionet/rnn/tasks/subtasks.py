"""The fifteen subtasks of MultiTask: when their phases are, what is shown, and what is wanted."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

BIN_S = 0.02
N_DIRECTIONS = 32
COHERENCES = (0.08, 0.16, 0.32)

# Shortest length of each phase and the one that is not reached, ms.
PHASES: dict[str, dict[str, tuple[int, int]]] = {
    "delay": {"context": (300, 700), "stim1": (200, 1500), "response": (300, 700)},
    "memory": {"context": (300, 700), "stim1": (200, 1600), "mem1": (200, 1600), "response": (300, 700)},
    "react": {"context": (500, 2500), "response": (300, 1700)},
    "decision": {
        "context": (200, 600),
        "stim1": (200, 1600),
        "mem1": (200, 1600),
        "stim2": (200, 1600),
        "mem2": (100, 300),
        "response": (300, 700),
    },
    "match": {"context": (200, 600), "stim1": (200, 1600), "mem1": (200, 1600), "response": (300, 700)},
}
LONGEST = max(sum(high // 20 - 1 for _, high in phases.values()) for phases in PHASES.values())


@dataclass(frozen=True)
class Subtask:
    """One subtask.

    ``anti``: the opposite of the stimulus is wanted, or of the match. ``shown`` and ``decided_by``: modalities of the
    stimuli. ``fixation_forgotten``: in the published data nobody asked for fixation in this one.
    """

    name: str
    family: Literal["delay", "memory", "react", "decision", "match"]
    anti: bool = False
    shown: tuple[int, ...] = (0,)
    decided_by: tuple[int, ...] = (0,)
    by_category: bool = False
    fixation_forgotten: bool = False

    @property
    def fixation_stays(self) -> bool:
        """Whether the fixation input says nothing about the response."""
        return self.family in ("react", "match")


SUBTASKS = (
    Subtask("DelayPro", "delay"),
    Subtask("DelayAnti", "delay", anti=True),
    Subtask("MemoryPro", "memory"),
    Subtask("MemoryAnti", "memory", anti=True),
    Subtask("ReactPro", "react"),
    Subtask("ReactAnti", "react", anti=True),
    Subtask("IntMod1", "decision"),
    Subtask("IntMod2", "decision", shown=(1,), decided_by=(1,)),
    Subtask("ContextIntMod1", "decision", shown=(0, 1)),
    Subtask("ContextIntMod2", "decision", shown=(0, 1), decided_by=(1,)),
    Subtask("ContextIntMultimodal", "decision", shown=(0, 1), decided_by=(0, 1)),
    Subtask("Match2Sample", "match"),
    Subtask("NonMatch2Sample", "match", anti=True, fixation_forgotten=True),
    Subtask("MatchCatPro", "match", by_category=True, fixation_forgotten=True),
    Subtask("MatchCatAnti", "match", anti=True, by_category=True, fixation_forgotten=True),
)


@dataclass(frozen=True)
class Stimulus:
    """What is shown in some trials: ``vectors`` of shape (trial, 2 modalities x (cos, sin)) in steps of ``bounds``."""

    vectors: np.ndarray
    bounds: np.ndarray


@dataclass(frozen=True)
class Script:
    """What happens in trials of a subtask: phases, stimuli, direction of the answer (rad), and whether there is one."""

    phases: dict[str, np.ndarray]
    stimuli: list[Stimulus]
    direction: np.ndarray
    responds: np.ndarray


def write(subtask: Subtask, n: int, random: np.random.Generator) -> Script:
    """Draw so many trials of a subtask."""
    phases = _phases(subtask.family, n, random)
    made = {"decision": _decision, "match": _match}.get(subtask.family, _pointing)(subtask, phases, n, random)
    return Script(phases, *made)


def _phases(family: str, n: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    lengths = [random.integers(low // 20, high // 20, n) for low, high in PHASES[family].values()]
    ends = np.cumsum(lengths, axis=0)
    starts = ends - lengths
    return {name: np.stack([start, end], 1) for name, start, end in zip(PHASES[family], starts, ends, strict=True)}


def _directions(n: int, random: np.random.Generator) -> np.ndarray:
    return -np.pi + 2 * np.pi * random.integers(N_DIRECTIONS, size=n) / N_DIRECTIONS


def _vectors(angle: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Directions with a magnitude in each modality, shape (trial, 2), as four inputs."""
    pair = np.stack([np.cos(angle), np.sin(angle)], 1)
    return (magnitude[:, :, None] * pair[:, None]).reshape(len(angle), 4)


def _only_first(n: int) -> np.ndarray:
    return np.tile([1.0, 0.0], (n, 1))


def _pointing(subtask: Subtask, phases: dict[str, np.ndarray], n: int, random: np.random.Generator):
    """Point at the stimulus or away from it: at once, after a delay in which it stays, or from memory."""
    angle = _directions(n, random)
    end = phases["response"][:, 1]
    bounds = {
        "delay": lambda: np.stack([phases["stim1"][:, 0], end], 1),
        "memory": lambda: phases["stim1"],
        "react": lambda: phases["response"],
    }[subtask.family]()
    stimulus = Stimulus(_vectors(angle, _only_first(n)), bounds)
    return [stimulus], angle + np.pi * subtask.anti, np.ones(n, bool)


def _decision(subtask: Subtask, phases: dict[str, np.ndarray], n: int, random: np.random.Generator):
    """Point at the stronger of two stimuli, judged in one modality or in both together."""
    first = _directions(n, random)
    second = first + np.deg2rad(random.uniform(90, 270, n))
    mean = random.uniform(0.8, 1.2, (n, 2))
    contrast = random.choice(COHERENCES, (n, 2)) * random.choice([-1, 1], (n, 2))
    if len(subtask.decided_by) > 1:
        undecided = contrast.sum(axis=1) == 0
        contrast[undecided, 1] *= -1
    shown = np.isin([0, 1], subtask.shown)
    stimuli = [
        Stimulus(_vectors(first, shown * (mean + contrast)), phases["stim1"]),
        Stimulus(_vectors(second, shown * (mean - contrast)), phases["stim2"]),
    ]
    first_wins = contrast[:, list(subtask.decided_by)].sum(axis=1) > 0
    return stimuli, np.where(first_wins, first, second), np.ones(n, bool)


def _match(subtask: Subtask, phases: dict[str, np.ndarray], n: int, random: np.random.Generator):
    """Point at the test if it matches the sample (or, anti, if it is opposite or of the other category)."""
    sample = _directions(n, random)
    if subtask.by_category:
        test = _directions(n, random)
        responds = ((sample >= 0) == (test >= 0)) != subtask.anti
    else:
        responds = random.random(n) < 0.5
        elsewhere = np.deg2rad(random.integers(10, 350, n))
        test = sample + np.pi * subtask.anti + np.where(responds, 0, elsewhere)
    both = _only_first(n)
    stimuli = [Stimulus(_vectors(sample, both), phases["stim1"]), Stimulus(_vectors(test, both), phases["response"])]
    return stimuli, test, responds
