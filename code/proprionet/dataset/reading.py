"""Reading a data set: what is stored, and what is derived from it."""

from dataclasses import dataclass

import numpy as np

from proprionet import spindles
from proprionet.dataset.assembly import pad
from proprionet.errors import InputError
from proprionet.movements.derived import derive
from proprionet.store import Reader

POSITIONS = ("hand", "elbow", "joints", "muscle_length")
_ORDERS = {"": 0, "_velocity": 1, "_acceleration": 2}


@dataclass(frozen=True)
class Part:
    """Inputs and targets of one part of a data set.

    ``inputs`` (movement, muscle, time, channel), by default mm and mm/s; ``label`` (movement,); ``hand`` (movement,
    time, 3) cm.
    """

    inputs: np.ndarray
    label: np.ndarray
    hand: np.ndarray


def load(data: Reader, rows: np.ndarray) -> Part:
    """Read the given rows (ascending) of an open data set and derive the spindle inputs."""
    return Part(
        inputs=spindle_inputs(data, rows),
        label=data["label"][rows],
        hand=read_rows(data, "hand", rows).transpose(0, 2, 1),
    )


def spindle_model(data: Reader) -> spindles.Model:
    """The spindle model that an open data set names, with the statistics of its training part."""
    chosen = data.attribute("spindle")
    return spindles.make(chosen["spindle"], data.attribute("seed"), data.family("statistics"), chosen["noise_kind"])


def spindle_inputs(data: Reader, rows: np.ndarray) -> np.ndarray:
    """What the muscle spindles say, by the model that the data set names; shape (movement, muscle, time, channel)."""
    chosen = data.attribute("spindle")
    level = data["noise"][rows] if chosen["latent_noise"] else np.full(len(rows), chosen["noise"])
    return spindle_model(data).respond(
        read_rows(data, "muscle_length", rows),
        data.attribute("time_step_s"),
        rows=data["index"][rows],
        noise_level=level if level.any() else None,
    )


def quantity(data: Reader, rows: np.ndarray, name: str) -> np.ndarray:
    """A quantity that is stored or derived: position, velocity or acceleration.

    Parameters
    ----------
    name : str
        One of hand, elbow (cm), joints (degrees), muscle_length (mm), alone or followed by ``_velocity`` or
        ``_acceleration`` (per s, per s^2): central differences along time of the padded movement, so that they are 0
        where the arm is held.

    Returns
    -------
    array, shape (movement, channel, time), float32

    Raises
    ------
    InputError
        If there is no such quantity.

    Source: the data sets of Sandbrink et al. 2023 and Marin Vargas et al. 2024.
    """
    for suffix, order in _ORDERS.items():
        if (base := name.removesuffix(suffix)) in POSITIONS and base + suffix == name:
            values = read_rows(data, base, rows)
            for _ in range(order):
                values = np.gradient(values, data.attribute("time_step_s"), axis=-1)
            return values.astype(np.float32, copy=False)
    raise InputError(f"quantity '{name}' is not known; choose {', '.join(POSITIONS)}, with _velocity or _acceleration")


def read_rows(data: Reader, name: str, rows: np.ndarray, block: int = 256) -> np.ndarray:
    """Rows of a dataset, stored or derived, read in contiguous blocks (much faster than by index); any order."""
    if name in POSITIONS and name not in data:
        return _derived(data, name, rows, block)
    dataset = data.dataset(name)
    result = np.empty((len(rows), *dataset.shape[1:]), dataset.dtype)
    for start in range(0, len(dataset), block):
        inside = np.flatnonzero((rows >= start) & (rows < start + block))
        if inside.size:
            result[inside] = dataset[start : start + block][rows[inside] - start]
    return result


def features(data: Reader, rows: np.ndarray, name: str) -> np.ndarray:
    """One kind of input of each movement as a flat vector, for linear classifiers; shape (movement, feature)."""
    values = spindle_inputs(data, rows) if name == "spindle" else read_rows(data, name, rows)
    return values.reshape(len(rows), -1)


def _derived(data: Reader, name: str, rows: np.ndarray, block: int) -> np.ndarray:
    """From the joint angles of the movement itself; what is held before and after it is not computed again."""
    joints = read_rows(data, "joints", rows, block)
    first, length = data["first"][rows], data["n_samples"][rows]
    ends = np.concatenate([[0], np.cumsum(length)])
    time = np.arange(ends[-1]) + np.repeat(first - ends[:-1], length)
    live = joints[np.repeat(np.arange(len(rows)), length), :, time]
    return pad(derive(data, name, live), ends, first, joints.shape[2])
