"""What models of neurons are called in figures and pages, and in which colour."""

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.instances import UNTRAINED
from proprionet.errors import InputError
from proprionet.networks.tasks import TASKS
from proprionet.neural.baselines import called
from proprionet.neural.predictivity.table import BASELINE
from proprionet.plotting import style

_STATES = ("position", "velocity", "position_velocity", "position_velocity_acceleration")

HYPOTHESES = {
    "action recognition": (("action_recognition",), style.COLOURS[3]),
    "hand state": (("trajectory_decoding", *(f"hand_{state}" for state in _STATES[1:])), style.COLOURS[0]),
    "limb state": (tuple(f"limb_{state}" for state in _STATES), style.COLOURS[2]),
    "joint state": (tuple(f"joint_{state}" for state in _STATES), style.COLOURS[1]),
    "sensorimotor": (("torque",), style.COLOURS[4]),
    "efficient coding": (("autoencoder", "redundancy_reduction"), style.COLOURS[5]),
    "data-driven": (("neurons",), "#000000"),
}
"""The paper's hypotheses on what proprioception is for: the tasks that stand for each, and its colour."""

UNTRAINED_COLOUR = style.NETWORK_COLOURS[UNTRAINED]
BASELINE_COLOUR = "#5b4636"


def hypothesis_of(task: str) -> str:
    """The hypothesis that a task stands for, a key of :data:`HYPOTHESES`; of any other task its own name."""
    return next((name for name, (tasks, _) in HYPOTHESES.items() if task in tasks), task.replace("_", " "))


def colour_of(condition: str) -> str:
    """Colour of networks that learned a task, of untrained ones, and of baselines."""
    if condition in (UNTRAINED, BASELINE):
        return UNTRAINED_COLOUR if condition == UNTRAINED else BASELINE_COLOUR
    return next((colour for tasks, colour in HYPOTHESES.values() if condition in tasks), style.COLOURS[0])


def label_of(condition: str, name: str = "") -> str:
    """What a condition is called; a baseline goes by the ``name`` of its set of features."""
    if condition == BASELINE and name:
        return f"Baseline: {called(name)}"
    return TASKS[condition].label if condition in TASKS else condition.replace("_", " ").capitalize()


def where(area: str, movement: str) -> str:
    """An area and a movement in words."""
    return ", ".join(filter(None, (area, f"{movement.replace('_', ' ')} movement")))


def need(rows: pd.DataFrame, what: str) -> None:
    """Refuse to draw nothing."""
    if rows.empty:
        raise InputError(f"nothing to draw: no {what} are among the predictions")


def bars(mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Lengths of error bars; none where there is no interval."""
    return np.nan_to_num(np.array([mean - low, high - mean]))
