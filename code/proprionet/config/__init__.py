"""Typed settings of an experiment: one YAML file, checked whole before anything runs."""

from pathlib import Path

from proprionet.config.experiment import Experiment
from proprionet.config.networks import Search, Task
from proprionet.config.reading import check, nearest, read_yaml
from proprionet.config.section import Plane, Section

__all__ = ["Experiment", "Plane", "Search", "Section", "Task", "check", "load", "nearest", "read_yaml"]


def load(path: Path | None) -> Experiment:
    """Settings of an experiment from YAML; the defaults where ``path`` is None.

    Raises
    ------
    InputError
        If the file is missing, is not YAML, or holds an unknown or bad setting.
    """
    return Experiment() if path is None else check(Experiment, read_yaml(path), str(path))
