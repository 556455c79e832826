"""Trials of a task as arrays, whatever the task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from proprionet.errors import InputError


@dataclass(frozen=True)
class Trials:
    """Some trials of one task.

    Attributes
    ----------
    inputs, true_inputs : array, shape (trial, step, input)
        What the network is given, with the noise of the task and without.
    targets, weights : array, shape (trial, step, target)
        What is wanted of what the task controls, and how much each error counts.
    conds : array of int, shape (trial,)
        Condition, an index into the task's ``conditions``.
    extra : array of int, shape (trial, timing)
        Steps that the task's ``timings`` name; -1 where there is none.
    ics : array, shape (trial, k)
        Initial conditions of the environment.
    inputs_to_env : array, shape (trial, step, e)
        Perturbations of the environment; e is 0 where there is none.
    phases : mapping of array of int, shape (trial, 2)
        First step of each phase and the step after its last; -1 in trials without it.
    noise : mapping of array, shape (trial, step, any)
        Noise that the environment adds, by what it is added to.
    """

    inputs: np.ndarray
    true_inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    conds: np.ndarray
    extra: np.ndarray
    ics: np.ndarray
    inputs_to_env: np.ndarray
    phases: Mapping[str, np.ndarray] = field(default_factory=dict)
    noise: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        shape = self.inputs.shape[:2]
        for name in ("true_inputs", "targets", "weights", "inputs_to_env"):
            if getattr(self, name).shape[:2] != shape:
                raise InputError(f"{name}: {getattr(self, name).shape[:2]} (trial, step), but the inputs have {shape}")
        for name, values in {"conds": self.conds, "extra": self.extra, "ics": self.ics, **self.phases}.items():
            if len(values) != shape[0]:
                raise InputError(f"{name}: {len(values)} trials, but the inputs have {shape[0]}")
        if not (np.isfinite(self.inputs).all() and np.isfinite(self.targets).all()):
            raise InputError("trials: inputs or targets hold NaN or infinite numbers")

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def n_steps(self) -> int:
        return self.inputs.shape[1]

    def without_noise(self) -> "Trials":
        """The same trials as they would be without the noise of the task."""
        return replace(self, inputs=self.true_inputs, noise={})

    @classmethod
    def joined(cls, parts: Sequence["Trials"]) -> "Trials":
        """Trials of one task, one part after another; a phase that a part lacks is -1 in it."""
        if len({part.n_steps for part in parts}) > 1:
            raise InputError(f"trials of {sorted({part.n_steps for part in parts})} steps cannot be joined")
        names = dict.fromkeys(name for part in parts for name in part.phases)
        absent = [np.full((len(part), 2), -1) for part in parts]
        phases = {
            name: np.concatenate([part.phases.get(name, none) for part, none in zip(parts, absent, strict=True)])
            for name in names
        }
        noise = {name: np.concatenate([part.noise[name] for part in parts]) for name in parts[0].noise}
        plain = [one.name for one in fields(cls) if one.name not in ("phases", "noise")]
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in plain}
        return cls(**arrays, phases=phases, noise=noise)

    def select(self, which: np.ndarray | slice) -> "Trials":
        """Some of the trials, by index, mask or slice."""
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("phases", "noise")}
        return Trials(
            **{name: values[which] for name, values in plain.items()},
            phases={name: values[which] for name, values in self.phases.items()},
            noise={name: values[which] for name, values in self.noise.items()},
        )


def during(bounds: np.ndarray, n_steps: int) -> np.ndarray:
    """Whether each step lies between bounds of shape (trial, 2); shape (trial, step)."""
    steps = np.arange(n_steps)
    return (steps >= bounds[:, :1]) & (steps < bounds[:, 1:])
