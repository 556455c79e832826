"""Reading a data set: what is stored, and what is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from proprionet import spindles
from proprionet.config import check
from proprionet.config.data import Dataset
from proprionet.dataset.assembly import pad
from proprionet.errors import InputError
from proprionet.movements.derived import derive
from proprionet.store import Reader

POSITIONS = {"hand": "cm", "elbow": "cm", "joints": "degree", "muscle_length": "mm"}
_ORDERS = {"": 0, "_velocity": 1, "_acceleration": 2}
_PER_TIME = ("", "/s", "/s^2")


@dataclass(frozen=True)
class Part:
    """Movements as networks see them, with what tasks ask about them.

    ``inputs`` (movement, muscle, time, channel), by default mm and mm/s; ``label`` (movement,); ``positions``: hand and
    elbow (cm) and joints (degrees), each (movement, channel, time).
    """

    inputs: np.ndarray
    label: np.ndarray
    positions: Mapping[str, np.ndarray]
    time_step_s: float

    def quantity(self, name: str) -> np.ndarray:
        """A position, velocity or acceleration, as :func:`quantity` has it."""
        base, order = _base_and_order(name)
        return _differentiated(self.positions[base], order, self.time_step_s)

    def rows(self, chosen: slice) -> "Part":
        """Some of the movements."""
        positions = {name: values[chosen] for name, values in self.positions.items()}
        return replace(self, inputs=self.inputs[chosen], label=self.label[chosen], positions=positions)


def spindle_model(data: Reader) -> spindles.Model:
    """The spindle model that an open data set names, with the statistics of its training part."""
    chosen = spindle_settings(data)
    return spindles.make(chosen.spindle, data.attribute("seed"), data.family("statistics"), chosen.noise_kind)


def spindle_settings(data: Reader) -> Dataset:
    """The settings of its spindles (model and noise) that an open data set was made with, others at their defaults."""
    return check(Dataset, data.attribute("spindle"), f"{data.path.name}, spindle")


def spindle_inputs(data: Reader, rows: np.ndarray) -> np.ndarray:
    """What the muscle spindles say, by the model that the data set names; shape (movement, muscle, time, channel)."""
    chosen = spindle_settings(data)
    level = data["noise"][rows] if chosen.latent_noise else np.full(len(rows), chosen.noise)
    return spindle_model(data).respond(
        read_rows(data, "muscle_length", rows),
        data.attribute("time_step_s"),
        rows=data["index"][rows],
        noise_level=level if level.any() else None,
    )


def quantity(data: Reader, rows: np.ndarray, name: str) -> np.ndarray:
    """A quantity that is stored or derived: torque, or a position, velocity or acceleration.

    Parameters
    ----------
    name : str
        ``torque`` (N m), or one of hand, elbow (cm), joints (degrees), muscle_length (mm), alone or followed by
        ``_velocity`` or ``_acceleration`` (per s, per s^2): central differences along time of the padded movement, so
        that they are 0 where the arm is held.

    Returns
    -------
    array, shape (movement, channel, time), float32

    Raises
    ------
    InputError
        If there is no such quantity.

    Source: the data sets of Sandbrink et al. 2023 and Marin Vargas et al. 2024.
    """
    if name == "torque":
        return read_rows(data, name, rows)
    base, order = _base_and_order(name)
    return _differentiated(read_rows(data, base, rows), order, data.attribute("time_step_s"))


def unit_of(name: str) -> str:
    """Unit of a quantity, e.g. ``cm/s`` of ``hand_velocity``; raises as :func:`quantity`."""
    if name == "torque":
        return "N m"
    base, order = _base_and_order(name)
    return POSITIONS[base] + _PER_TIME[order]


def read_rows(data: Reader, name: str, rows: np.ndarray, block: int = 256) -> np.ndarray:
    """Rows of a dataset, stored or derived, read in contiguous pieces (much faster than by index); any order.

    Pieces are what is needed of each ``block`` of rows, from the first to the last.
    """
    if name in POSITIONS and name not in data:
        return _derived(data, name, rows, block)
    dataset = data.dataset(name)
    result = np.empty((len(rows), *dataset.shape[1:]), dataset.dtype)
    order = np.argsort(rows, kind="stable")
    ascending = rows[order]
    for places in np.split(order, np.flatnonzero(np.diff(ascending // block)) + 1):
        if places.size:
            first, last = rows[places[0]], rows[places[-1]]
            result[places] = dataset[first : last + 1][rows[places] - first]
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


def _base_and_order(name: str) -> tuple[str, int]:
    """Position that a quantity is of, and how often it is differentiated."""
    for suffix, order in _ORDERS.items():
        if (base := name.removesuffix(suffix)) in POSITIONS and base + suffix == name:
            return base, order
    raise InputError(
        f"quantity '{name}' is not known; choose torque, or {', '.join(POSITIONS)}, with _velocity or _acceleration"
    )


def _differentiated(values: np.ndarray, order: int, time_step_s: float) -> np.ndarray:
    for _ in range(order):
        values = np.gradient(values, time_step_s, axis=-1)
    return values.astype(np.float32, copy=False)
