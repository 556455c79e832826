"""Tasks of recurrent networks, by name; importing this is light.

A task of your own is one file with a subclass of :class:`proprionet.rnn.tasks.task.Task` and a line in ``TASKS``.
"""

from pathlib import Path

from proprionet.rnn.choice import choose
from proprionet.rnn.tasks.flip_flop import FlipFlop
from proprionet.rnn.tasks.multi_task import MultiTask
from proprionet.rnn.tasks.random_target import RandomTarget
from proprionet.rnn.tasks.task import Task
from proprionet.rnn.tasks.trials import Trials

__all__ = ["PRESETS", "TASKS", "Task", "Trials", "task"]

TASKS: dict[str, type[Task]] = {"flip_flop": FlipFlop, "multi_task": MultiTask, "random_target": RandomTarget}

PRESETS: dict[str, dict] = {
    # The two public versions of the benchmark's RandomTarget, in training and (aligned) in simulation.
    "random_target_s": {
        "task": "random_target",
        "n_steps": 300,
        "target_shown": "until_go",
        "go_amplitude": 0.15,
        "go_gap": 5,
        "context_noise": 0.05,
        "activity_weight": 1.0,
    },
    "random_target_n": {"task": "random_target", "n_steps": 300, "activity_weight": 1.0},
    "random_target_aligned": {
        "task": "random_target",
        "n_steps": 155,
        "target_shown": "until_go",
        "go_amplitude": 0.15,
        "context_noise": 0.05,
        "catch_probability": 0.0,
        "aligned": True,
    },
    # Its mask begins a step late.
    "flip_flop_published": {"task": "flip_flop", "switch_probability": 0.01, "mask_first": False},
}


def task(text: str | Path | dict) -> Task:
    """A task from its name, a name with changes (``flip_flop,n_bits=2``), a YAML file, or plain values.

    Raises
    ------
    InputError
        If there is no such task or setting, or a value is bad.
    """
    return choose(text, "task", TASKS, PRESETS)
