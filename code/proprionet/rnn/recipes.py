"""How each task is trained unless a user says otherwise; importing this is light."""

from typing import Any, Literal

from pydantic import Field

from proprionet.config import Section, check
from proprionet.config.recurrent import Cell
from proprionet.rnn.tasks import Task


class Recipe(Section):
    """Adam on new trials in every step, the gradient cut to a length, one cycle of the learning rate or none.

    ``practice``: settings of the trials that are trained on, where they differ from those of the task.
    """

    n_updates: int = Field(default=3000, ge=1)
    batch_size: int = Field(default=64, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0, le=1)
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    clip: float = Field(default=1.0, gt=0)
    latent_weight: float = Field(default=0.0, ge=0)
    practice: dict[str, Any] = Field(default_factory=dict)
    xla: bool = False


# By task, then what is different for a cell on it. Training trials of the flip-flop count the steps after a change too:
# a GRU that is given time to change takes it.
_RECIPES: dict[str, dict[str, Any]] = {
    "flip_flop": {
        "n_updates": 4000,
        "learning_rate": 5e-3,
        "practice": {"n_steps": 120, "switch_probability": 0.02, "transition_blind": 0},
    },
    "flip_flop node": {
        "n_updates": 3000,
        "batch_size": 128,
        "learning_rate": 5e-3,
        "practice": {"n_steps": 100, "switch_probability": 0.03},
    },
    "multi_task": {"n_updates": 10_000, "batch_size": 75, "learning_rate": 3e-3},
    "random_target": {"n_updates": 1700, "batch_size": 64, "learning_rate": 4e-3, "xla": True},
}


def recipe(task: Task, cell: Cell, **changes: Any) -> Recipe:
    """The recipe of a task and cell, with some values changed; None leaves a value as it is."""
    given = {name: value for name, value in changes.items() if value is not None}
    parts = [_RECIPES.get(key, {}) for key in (task.task, f"{task.task} {cell.cell}")]
    return check(Recipe, {**parts[0], **parts[1], **given}, "recurrent_training")


def practice(task: Task, recipe: Recipe) -> Task:
    """The task that training trials are of.

    Raises
    ------
    InputError
        If the recipe's changes do not fit the task.
    """
    return check(type(task), {**task.model_dump(), **recipe.practice}, "practice")
