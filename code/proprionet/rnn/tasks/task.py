"""What a task has to say about itself, so that networks can be trained on it and compared."""

from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from proprionet.config import Section
from proprionet.rnn.tasks.trials import Trials


class Task(Section):
    """A task: its settings are fields, and ``trials`` makes any number of them.

    A task of your own is one file with a subclass whose ``task`` has its name as default: see ``proprionet.rnn.tasks``.
    """

    metric: ClassVar[str]  # that of ``metrics`` which is quoted first
    conditions: ClassVar[tuple[str, ...]] = ("trial",)
    timings: ClassVar[tuple[str, ...]] = ()

    task: Any  # its name, a literal in each
    n_steps: int = Field(ge=10, le=100_000)

    @property
    def input_labels(self) -> list[str]:
        """Names of what the task gives to the network."""
        raise NotImplementedError

    @property
    def output_labels(self) -> list[str]:
        """Names of what the network says."""
        raise NotImplementedError

    def trials(self, n: int, random: np.random.Generator) -> Trials:
        """So many new trials."""
        raise NotImplementedError

    def divisor(self, trials: Trials) -> float:
        """What the weighted sum of squared errors is divided by: here the sum of the weights."""
        return float(trials.weights.sum())

    def metrics(self, controlled: np.ndarray, outputs: np.ndarray, trials: Trials) -> dict[str, float]:
        """How well the trials were done.

        Parameters
        ----------
        controlled : array, shape (trial, step, target)
            What ``trials.targets`` are the targets of.
        outputs : array, shape (trial, step, output)
            What the network said; in tasks without an environment the same as ``controlled``.
        """
        raise NotImplementedError

    def environment(self) -> Any:
        """What the outputs act on, or None: see :class:`proprionet.rnn.environments.ArmInTheLoop`."""
        return None

    def loss(self, controlled: np.ndarray, trials: Trials) -> float:
        """Weighted mean squared error."""
        error = np.square(np.asarray(controlled, dtype=float) - trials.targets)
        return float((trials.weights * error).sum() / self.divisor(trials))
