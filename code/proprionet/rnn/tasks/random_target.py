"""RandomTarget: reach with a muscled arm for targets anywhere, after a go cue, through bumps."""

from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from proprionet.rnn.tasks.task import Task
from proprionet.rnn.tasks.trials import Trials, during

MUSCLES = ("pectoralis", "deltoid", "brachioradialis", "triceps_lateral", "biceps", "triceps_long")
TIME_STEP_S = 0.01
MARGIN_DEG, LIMITS_DEG = 30.0, (135.0, 155.0)
LINKS_M = (0.309, 0.333)

TARGET_ON = (10, 30)  # first step, and the one that is not reached
BUMP_STEPS, BUMP_N = (15, 30), (5.0, 10.0)
LATEST_BUMP, NEAR_GO = 30, 40  # steps before the end of a trial, and after the go cue
ALIGNED_TARGET_ON, ALIGNED_GO = 30, 70
SETTLING, AT_THE_END = 45, 5  # steps from go in which the hand must arrive, and over which the end error is averaged


class RandomTarget(Task):
    """Hold the hand still, see a target, reach for it at the go cue; on catch trials there is none.

    All in SI units. The network gets, besides the target's position and the go cue, the hand (m) and the lengths and
    velocities of six muscles (relative to the optimal and to 1.5 m/s), late and with noise; its outputs drive the
    muscles. A delay of one step (10 ms) is none: the newest is observed, of muscles that at the start of the step.

    ``target_shown``: to the end, or until the go cue (on catch trials until the last but one step). ``go_gap``: steps
    between target and go cue at least. ``aligned``: no catch trials, target and go cue always at steps 30 and 70.
    Loss: ``position_weight`` times the mean squared distance of each axis, plus ``activity_weight`` times the mean
    squared drive. At the published weights of 1 and 1 the arm hardly activates.

    Source: the computation-through-dynamics benchmark, with the arm of MotorNet (Codol et al. 2024).
    """

    metric: ClassVar[str] = "end_error_cm"
    conditions: ClassVar[tuple[str, ...]] = ("reach", "catch")
    timings: ClassVar[tuple[str, ...]] = ("target_on", "go")

    task: Literal["random_target"] = "random_target"
    n_steps: int = Field(default=100, ge=60, le=100_000)
    vision_delay_ms: int = Field(default=50, ge=10, le=1000, multiple_of=10)
    proprioception_delay_ms: int = Field(default=20, ge=10, le=1000, multiple_of=10)
    observation_noise: float = Field(default=0.005, ge=0, le=1)
    action_noise: float = Field(default=0.005, ge=0, le=1)
    target_shown: Literal["to_end", "until_go"] = "to_end"
    go_amplitude: float = Field(default=1.0, gt=0, le=100)
    go_gap: int = Field(default=0, ge=0, le=25)
    context_noise: float = Field(default=0.0, ge=0, le=10)
    catch_probability: float = Field(default=0.2, ge=0, le=1)
    bump_probability: float = Field(default=0.5, ge=0, le=1)
    aligned: bool = False
    position_weight: float = Field(default=1.0, gt=0, le=1000)
    activity_weight: float = Field(default=0.02, ge=0, le=1000)

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.aligned and self.n_steps < ALIGNED_GO + NEAR_GO:
            raise ValueError(f"aligned trials need {ALIGNED_GO + NEAR_GO} steps or more, not {self.n_steps}")
        return self

    @property
    def input_labels(self) -> list[str]:
        hand = ["hand x", "hand y"]
        muscles = [f"{what} {name}" for what in ("length", "velocity") for name in MUSCLES]
        return [*hand, *muscles, "target x", "target y", "go cue"]

    @property
    def output_labels(self) -> list[str]:
        return list(MUSCLES)

    def environment(self) -> Any:
        from proprionet.rnn.environments import ArmInTheLoop

        return ArmInTheLoop(self.vision_delay_ms // 10, self.proprioception_delay_ms // 10)

    def trials(self, n: int, random: np.random.Generator) -> Trials:
        joints = random.uniform(MARGIN_DEG, np.subtract(LIMITS_DEG, MARGIN_DEG), (2, n, 2))
        start, target = np.deg2rad(joints)
        target_on, go, catch = self._timing(n, random)
        shown_to = np.where(catch, self.n_steps - 1, go) if self.target_shown == "until_go" else self.n_steps
        seen = during(np.stack([target_on, np.broadcast_to(shown_to, n)], 1), self.n_steps)
        moving = (np.arange(self.n_steps) >= go[:, None]) & ~catch[:, None]
        true = np.zeros((n, self.n_steps, 3), np.float32)
        true[:, :, :2] = seen[:, :, None] * hand_at(target)[:, None]
        true[:, :, 2] = self.go_amplitude * moving
        targets = np.where(moving[:, :, None], hand_at(target)[:, None], hand_at(start)[:, None])
        cue = np.where(catch, -1, go)
        ends = np.full(n, self.n_steps)
        return Trials(
            inputs=true + self.context_noise * random.standard_normal(true.shape, dtype=np.float32),
            true_inputs=true,
            targets=targets.astype(np.float32),
            weights=np.full(targets.shape, self.position_weight, np.float32),
            conds=catch.astype(int),
            extra=np.stack([target_on, cue], 1),
            ics=np.concatenate([start, np.zeros_like(start)], 1).astype(np.float32),
            inputs_to_env=self._bumps(go, random),
            phases={
                "hold": np.stack([np.zeros(n, int), np.where(catch, ends, go)], 1),
                "reach": np.where(catch[:, None], -1, np.stack([go, ends], 1)),
            },
            noise={
                name: level * random.standard_normal((n, self.n_steps, size), dtype=np.float32)
                for name, level, size in (("observation", self.observation_noise, 14), ("action", self.action_noise, 6))
                if level
            },
        )

    def _timing(self, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Step of the target, step of the go cue (drawn for catch trials too), and which trials are catch trials."""
        if self.aligned:
            return np.full(n, ALIGNED_TARGET_ON), np.full(n, ALIGNED_GO), np.zeros(n, bool)
        target_on = random.integers(*TARGET_ON, size=n)
        return (
            target_on,
            random.integers(target_on + self.go_gap, self.n_steps),
            random.random(n) < self.catch_probability,
        )

    def _bumps(self, go: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Forces on the hand (N), constant for a while; half of them come soon after the go cue, or its time."""
        n = len(go)
        bumped, near = random.random(n) < self.bump_probability, random.random(n) < 0.5
        latest = ALIGNED_GO - 3 if self.aligned else self.n_steps - LATEST_BUMP
        onset = np.where(
            near, go + random.integers(np.minimum(NEAR_GO, self.n_steps - go)), random.integers(latest, size=n)
        )
        angle, size = random.uniform(0, 2 * np.pi, n), random.uniform(*BUMP_N, n)
        bounds = np.stack([onset, onset + random.integers(*BUMP_STEPS, size=n)], 1)
        force = (bumped * size)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        return (during(bounds, self.n_steps)[:, :, None] * force[:, None]).astype(np.float32)

    def divisor(self, trials: Trials) -> float:
        """The mean is over trials, steps and axes."""
        return float(trials.targets.size)

    def metrics(self, controlled: np.ndarray, outputs: np.ndarray, trials: Trials) -> dict[str, float]:
        """Median distances (cm) from the target at the end of reaches, and from the start before the go cue.

        Reaches with less than 0.45 s from the go cue to the end are left out; a median of no trials is NaN.
        """
        distance = 100 * np.linalg.norm(controlled - trials.targets, axis=2)
        go = np.where(trials.conds == 1, self.n_steps, trials.extra[:, 1])
        held = np.arange(self.n_steps) < go[:, None]
        hold_error = (distance * held).sum(axis=1) / held.sum(axis=1)
        end_error = distance[go <= self.n_steps - SETTLING, -AT_THE_END:].mean(axis=1)
        return {
            "end_error_cm": float(np.median(end_error)) if len(end_error) else float("nan"),
            "hold_error_cm": float(np.median(hold_error)),
            "mean_drive": float(np.clip(outputs, 0, 1).mean()),
        }


def hand_at(joints: np.ndarray) -> np.ndarray:
    """Position of the fingertip (m) at joint angles (rad) of shape (trial, 2)."""
    upper, lower = joints[:, 0], joints.sum(axis=1)
    across = LINKS_M[0] * np.cos(upper) + LINKS_M[1] * np.cos(lower)
    return np.stack([across, LINKS_M[0] * np.sin(upper) + LINKS_M[1] * np.sin(lower)], 1)
