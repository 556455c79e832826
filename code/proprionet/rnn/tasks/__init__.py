"""Tasks of recurrent networks, by name; importing this is light.

A task of your own is one file with a subclass of :class:`proprionet.rnn.tasks.task.Task`: put it into this folder, or
name it in the environment variable ``PROPRIONET_TASKS``.
"""

import importlib
import importlib.util
import os
import pkgutil
from pathlib import Path
from types import ModuleType

from proprionet.errors import InputError
from proprionet.rnn.choice import choose
from proprionet.rnn.tasks.task import Task
from proprionet.rnn.tasks.trials import Trials

__all__ = ["PRESETS", "Task", "Trials", "known", "task"]

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
    return choose(text, "task", known(), PRESETS)


def known() -> dict[str, type[Task]]:
    """The tasks in the files of this folder, and in those that ``PROPRIONET_TASKS`` names, by their names.

    Raises
    ------
    InputError
        If a file of ``PROPRIONET_TASKS`` cannot be loaded or holds no task.
    """
    found = {}
    for file in pkgutil.iter_modules(__path__):
        found |= _tasks_in(importlib.import_module(f"{__name__}.{file.name}"))
    for path in filter(None, os.environ.get("PROPRIONET_TASKS", "").split(os.pathsep)):
        own = _tasks_in(_load(Path(path)))
        if not own:
            raise InputError(f"PROPRIONET_TASKS: {path} holds no subclass of Task")
        found |= own
    return found


def _tasks_in(module: ModuleType) -> dict[str, type[Task]]:
    made_there = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return {one.model_fields["task"].default: one for one in made_there if issubclass(one, Task) and one is not Task}


def _load(path: Path) -> ModuleType:
    """A file of the user's own, run as a module."""
    spec = importlib.util.spec_from_file_location(f"own_task_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"PROPRIONET_TASKS: {path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"PROPRIONET_TASKS: {path} cannot be loaded: {type(error).__name__}: {error}") from error
    return module
