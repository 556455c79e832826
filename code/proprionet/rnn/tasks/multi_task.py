"""MultiTask: fifteen cognitive tasks for one network, told apart by a rule input."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from proprionet.rnn.tasks.subtasks import LONGEST, SUBTASKS, Subtask, write
from proprionet.rnn.tasks.task import Task
from proprionet.rnn.tasks.trials import Trials, during

UNJUDGED_STEPS = 5  # at the start of a trial, and of a response
RESPONSE_WEIGHT = 5.0
TOLERANCE = np.pi / 10  # of a direction
SILENCE = 0.5  # shorter responses count as withheld

_BY_NAME = {subtask.name: subtask for subtask in SUBTASKS}


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in names if name not in _BY_NAME]:
        raise ValueError(f"there is no subtask '{unknown[0]}'; choose from {', '.join(_BY_NAME)}")
    if len(set(names)) < len(names):
        raise ValueError("a subtask is named twice")
    return names


class MultiTask(Task):
    """Point, remember, decide, match: fifteen subtasks in bins of 20 ms.

    Inputs: fixation, two modalities of (cos, sin), and one rule a subtask. Outputs: fixation, and (cos, sin) of the
    response. ``published_targets`` leaves the target of fixation at 0 in the three subtasks where the published data
    forget it.

    Source: Yang et al. 2019; Driscoll, Shenoy & Sussillo 2024; the computation-through-dynamics benchmark.
    """

    metric: ClassVar[str] = "success"
    conditions: ClassVar[tuple[str, ...]] = tuple(_BY_NAME)
    timings: ClassVar[tuple[str, ...]] = ("response_start", "response_end")

    task: Literal["multi_task"] = "multi_task"
    n_steps: int = Field(default=320, ge=LONGEST, le=100_000)
    noise: float = Field(default=0.3, ge=0, le=10)
    subtasks: Annotated[tuple[str, ...], AfterValidator(_known)] = Field(default=tuple(_BY_NAME), min_length=1)
    published_targets: bool = False

    @property
    def input_labels(self) -> list[str]:
        stimuli = [f"modality {modality} {part}" for modality in (1, 2) for part in ("cos", "sin")]
        return ["fixation", *stimuli, *_BY_NAME]

    @property
    def output_labels(self) -> list[str]:
        return ["fixation", "response cos", "response sin"]

    def trials(self, n: int, random: np.random.Generator) -> Trials:
        """Trials of all subtasks, as many of each as there can be, in the order of the subtasks."""
        shares = np.bincount(np.arange(n) % len(self.subtasks), minlength=len(self.subtasks))
        wanted = zip(self.subtasks, shares, strict=True)
        return Trials.joined([self._of(_BY_NAME[name], int(share), random) for name, share in wanted if share])

    def _of(self, subtask: Subtask, n: int, random: np.random.Generator) -> Trials:
        script = write(subtask, n, random)
        response = script.phases["response"]
        within = during(np.stack([np.zeros(n, int), response[:, 1]], 1), self.n_steps)
        responding = during(response, self.n_steps)
        before = within & ~responding
        true = np.zeros((n, self.n_steps, len(self.input_labels)), np.float32)
        true[:, :, 0] = within if subtask.fixation_stays else before
        for stimulus in script.stimuli:
            true[:, :, 1:5] += during(stimulus.bounds, self.n_steps)[:, :, None] * stimulus.vectors[:, None]
        index = list(_BY_NAME).index(subtask.name)
        true[:, :, 5 + index] = within
        noise = self.noise * random.standard_normal(true.shape, dtype=np.float32) * within[:, :, None]
        targets = np.zeros((n, self.n_steps, 3), np.float32)
        targets[:, :, 0] = before & ~(self.published_targets and subtask.fixation_forgotten)
        answer = np.stack([np.cos(script.direction), np.sin(script.direction)], 1) * script.responds[:, None]
        targets[:, :, 1:] = responding[:, :, None] * answer[:, None]
        settled = during(np.add(response, [UNJUDGED_STEPS, 0]), self.n_steps)
        weights = (before + RESPONSE_WEIGHT * settled).astype(np.float32)
        weights[:, :UNJUDGED_STEPS] = 0
        return Trials(
            inputs=true + noise,
            true_inputs=true,
            targets=targets,
            weights=np.repeat(weights[:, :, None], 3, axis=2),
            conds=np.full(n, index),
            extra=response,
            ics=np.zeros((n, 3), np.float32),
            inputs_to_env=np.zeros((n, self.n_steps, 0), np.float32),
            phases=script.phases,
        )

    def divisor(self, trials: Trials) -> float:
        """Errors are summed over the time of a trial, and averaged over trials and outputs."""
        return float(trials.targets.shape[0] * trials.targets.shape[2])

    def metrics(self, controlled: np.ndarray, outputs: np.ndarray, trials: Trials) -> dict[str, float]:
        """Share of trials that end right, of each subtask and of all, beside chance and errors of commission.

        At the last step of the response the direction must be within 18 degrees, or the answer shorter than a half
        where none is wanted. Chance: pointing in a random direction, or never, whichever is better.
        """
        last = (np.arange(len(trials)), trials.extra[:, 1] - 1)
        answer, wanted = controlled[last][:, 1:], trials.targets[last][:, 1:]
        responded, should = (np.linalg.norm(vectors, axis=1) > SILENCE for vectors in (answer, wanted))
        near = np.einsum("td,td->t", answer, wanted) > np.cos(TOLERANCE) * np.linalg.norm(answer, axis=1)
        success = np.where(should, responded & near, ~responded)
        found = {"success": float(success.mean()), "chance": _chance(should)}
        if should.any():
            found["responded_when_wanted"] = float(responded[should].mean())
        if not should.all():
            found["responded_when_not_wanted"] = float(responded[~should].mean())
        for index in np.unique(trials.conds):
            here = trials.conds == index
            found[f"success_{self.conditions[index]}"] = float(success[here].mean())
            found[f"chance_{self.conditions[index]}"] = _chance(should[here])
        return found


def _chance(should: np.ndarray) -> float:
    return float(max(should.mean() * TOLERANCE / np.pi, 1 - should.mean()))
