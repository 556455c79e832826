"""What networks are trained to do; importing this is light."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from proprionet.errors import InputError


@dataclass(frozen=True)
class Task:
    """One question to a network.

    Attributes
    ----------
    name : str
    head : {"movement", "step"}
        One answer a movement (flatten, dropout, dense) or one at every network time step (a dense layer shared by all).
    n_outputs : int
        Size of one answer.
    loss : {"cross_entropy", "squared_error"}
    metric, unit : str
        What :func:`proprionet.networks.training.evaluate` reports next to the loss, and its unit.
    fields : tuple of str
        What ``targets`` needs to know of each movement.
    targets : callable
        ``targets(fields, times)`` makes the training targets from a mapping of field name to array (movement first)
        and the input steps at which the network answers, shape (layer_time,).
    """

    name: str
    head: Literal["movement", "step"]
    n_outputs: int
    loss: Literal["cross_entropy", "squared_error"]
    metric: str
    unit: str
    fields: tuple[str, ...]
    targets: Callable[[Mapping[str, np.ndarray], np.ndarray], np.ndarray]


def letter_targets(fields: Mapping[str, np.ndarray], times: np.ndarray) -> np.ndarray:
    """Index of the letter, 0 to 19, from field ``letter`` of shape (movement,); ``times`` plays no part.

    Raises
    ------
    InputError
        If a letter is not a whole number from 0 to 19; names the first such movement.
    """
    letter = np.asarray(fields["letter"])
    valid = (letter >= 0) & (letter < N_LETTERS) & (letter == np.floor(letter))
    if not valid.all():
        movement = np.flatnonzero(~valid)[0]
        raise InputError(f"movement {movement}: letter {letter[movement]} is not a whole number from 0 to 19")
    return letter.astype(np.int32)


def position_targets(fields: Mapping[str, np.ndarray], times: np.ndarray) -> np.ndarray:
    """Hand position (cm) at the given steps, linear between steps.

    Parameters
    ----------
    fields : mapping
        ``hand_position``: array, shape (movement, step, 3), cm.
    times : array, shape (layer_time,)
        Input steps, within the movement.

    Returns
    -------
    array, shape (movement, layer_time, 3), float32, cm
    """
    position = np.asarray(fields["hand_position"], dtype=np.float32)
    before = np.minimum(np.floor(times).astype(int), position.shape[1] - 1)
    after = np.minimum(before + 1, position.shape[1] - 1)
    share = (times - before).astype(np.float32)[:, None]
    return position[:, before] * (1 - share) + position[:, after] * share


N_LETTERS = 20

TASKS = {
    task.name: task
    for task in (
        Task(
            name="action_recognition",
            head="movement",
            n_outputs=N_LETTERS,
            loss="cross_entropy",
            metric="accuracy",
            unit="fraction",
            fields=("letter",),
            targets=letter_targets,
        ),
        Task(
            name="trajectory_decoding",
            head="step",
            n_outputs=3,
            loss="squared_error",
            metric="error",
            unit="cm",
            fields=("hand_position",),
            targets=position_targets,
        ),
    )
}
