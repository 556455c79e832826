"""N-bit flip-flop: remember the sign of the last pulse on each of N channels."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from proprionet.rnn.tasks.task import Task
from proprionet.rnn.tasks.trials import Trials

QUIET_STEPS = 3  # no pulse comes in these
UNJUDGED_STEPS = 5  # at the start


class FlipFlop(Task):
    """Pulses of +1 and -1 set a bit to 1 and to 0; the answer changes in the step of the pulse.

    ``switch_probability`` is that of a pulse in each direction, so that twice as many come. Errors do not count in
    the first five steps, nor in ``transition_blind`` steps from a change of the bit on; with ``mask_first`` off, from
    the step after it on, as published.

    Source: Sussillo & Barak 2013; the computation-through-dynamics benchmark.
    """

    metric: ClassVar[str] = "r2"
    timings: ClassVar[tuple[str, ...]] = ("start",)

    task: Literal["flip_flop"] = "flip_flop"
    n_steps: int = Field(default=500, ge=10, le=100_000)
    n_bits: int = Field(default=3, ge=1, le=100)
    switch_probability: float = Field(default=0.015, gt=0, le=0.5)
    noise: float = Field(default=0.15, ge=0, le=10)
    transition_blind: int = Field(default=4, ge=0, le=1000)
    mask_first: bool = True

    @property
    def input_labels(self) -> list[str]:
        return [f"pulse {bit}" for bit in range(self.n_bits)]

    @property
    def output_labels(self) -> list[str]:
        return [f"bit {bit}" for bit in range(self.n_bits)]

    def trials(self, n: int, random: np.random.Generator) -> Trials:
        shape = (n, self.n_steps, self.n_bits)
        draw = random.random(shape, dtype=np.float32)
        pulses = (draw > 1 - self.switch_probability).astype(np.float32) - (draw < self.switch_probability)
        pulses[:, :QUIET_STEPS] = 0
        bits = last_pulse(pulses) > 0
        noise = self.noise * random.standard_normal(shape, dtype=np.float32)
        return Trials(
            inputs=pulses + noise,
            true_inputs=pulses,
            targets=bits.astype(np.float32),
            weights=self._weights(bits),
            conds=np.zeros(n, int),
            extra=np.zeros((n, 1), int),
            ics=np.zeros((n, self.n_bits), np.float32),
            inputs_to_env=np.zeros((n, self.n_steps, 0), np.float32),
        )

    def _weights(self, bits: np.ndarray) -> np.ndarray:
        changes = np.zeros_like(bits)
        changes[:, 1:] = bits[:, 1:] != bits[:, :-1]
        weights = np.ones(bits.shape, np.float32)
        first = 0 if self.mask_first else 1
        for later in range(first, first + self.transition_blind):
            weights[:, later:][changes[:, : self.n_steps - later]] = 0
        weights[:, :UNJUDGED_STEPS] = 0
        return weights

    def metrics(self, controlled: np.ndarray, outputs: np.ndarray, trials: Trials) -> dict[str, float]:
        """R² over all steps, and the share of bits that are right where errors count."""
        targets = trials.targets.astype(float)
        residual = np.square(controlled - targets).sum(axis=(0, 1))
        variance = np.square(targets - targets.mean(axis=(0, 1))).sum(axis=(0, 1))
        right = ((controlled > 0.5) == (targets > 0.5))[trials.weights > 0]
        return {"r2": float(1 - residual.sum() / variance.sum()), "accuracy": float(right.mean())}


def last_pulse(pulses: np.ndarray) -> np.ndarray:
    """The last pulse that is not 0, up to each step of shape (trial, step, channel); 0 before the first."""
    steps = np.arange(pulses.shape[1])[:, None]
    return np.take_along_axis(pulses, np.maximum.accumulate(np.where(pulses != 0, steps, 0), axis=1), axis=1)
