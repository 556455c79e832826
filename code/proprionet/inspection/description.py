"""What is in a file of movements or a data set, as plain numbers for tables and figures."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from proprionet.arm.inverse import jerks
from proprionet.dataset import SPLITS
from proprionet.inspection.blocks import Block, blocks
from proprionet.letters.latents import PLANES
from proprionet.movements.derived import derive
from proprionet.store import Reader

_PERCENTILES = {"lowest": 0, "p5": 5, "median": 50, "p95": 95, "highest": 100}
_ACROSS = {"horizontal": 2, "vertical": 0}  # axis of the world that a plane is met along: z up, x forward


def describe(file: Reader, most: int = 4096) -> dict[str, Any]:
    """Describe an open file of kind ``movements`` or ``dataset``.

    Parameters
    ----------
    most : int
        Counts are of all movements, the rest is of about so many, spread evenly over the file.

    Returns
    -------
    dict
        ``movements`` and ``described``: numbers of movements. ``counts``: rows of letter, plane, part ("all" where
        there is no split) and movements. ``planes``: rows of plane, position_cm and movements. ``rejections``: draws
        that were rejected, by reason (empty for a data set). Spreads (lowest, p5, median, p95, highest) over movements:
        ``duration_s`` and ``peak_hand_speed_cm_s``; over samples, by joint or muscle: ``joint_angle_deg``,
        ``muscle_length_mm`` and ``muscle_velocity_mm_s``. ``joint_jerk`` (degree/sample^3) and ``muscle_jerk``
        (mm/sample^3): rows of letter, plane and the spread over movements.

    Raises
    ------
    InputError
        If movements do not lie where the file says.
    """
    step_s, alphabet = file.attribute("time_step_s"), file.attribute("alphabet")
    block = Block.join(list(blocks(file, most)))
    hand, joints, muscles = (_quantity(file, block, name) for name in ("hand", "joints", "muscle_length"))
    speed = np.linalg.norm(_steps(hand, block.offsets), axis=1) / step_s
    velocity = np.delete(_steps(muscles, block.offsets), block.offsets[1:-1] - 1, axis=0) / step_s
    letters = np.array(list(alphabet))[file["label"]]
    planes = np.array(PLANES)[file["plane"]]
    groups = letters[block.rows], planes[block.rows]
    return {
        "movements": len(letters),
        "described": len(block.rows),
        "counts": list(_counts(letter=letters, plane=planes, part=_parts(file))),
        "planes": list(_counts(plane=planes, position_cm=_positions(file, planes))),
        "rejections": file.attribute("rejections") if file.kind == "movements" else {},
        "duration_s": _spread(np.diff(block.offsets) * step_s),
        "peak_hand_speed_cm_s": _spread(np.maximum.reduceat(speed, block.offsets[:-1])),
        "joint_angle_deg": _spreads(file.attribute("joint_names"), joints),
        "muscle_length_mm": _spreads(file.attribute("muscle_names"), muscles),
        "muscle_velocity_mm_s": _spreads(file.attribute("muscle_names"), velocity),
        "joint_jerk": list(_by_group(jerks(joints, block.offsets), *groups)),
        "muscle_jerk": list(_by_group(jerks(muscles, block.offsets), *groups)),
    }


def _quantity(file: Reader, block: Block, name: str) -> np.ndarray:
    """Stored, or derived from the joint angles; shape (sample, channel)."""
    return block.samples[name] if name in block.samples else derive(file, name, block.samples["joints"])


def _steps(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Change from each sample to the next, 0 from one movement to the next; shape (sample - 1, channel)."""
    steps = np.diff(values, axis=0)
    steps[offsets[1:-1] - 1] = 0
    return steps


def _parts(file: Reader) -> np.ndarray:
    if "split" in file:
        return np.array(SPLITS)[file["split"]]
    return np.full(len(file.dataset("label")), "all")


def _positions(file: Reader, planes: np.ndarray) -> np.ndarray:
    start_point = file["start_point"]
    across = np.select([planes == plane for plane in PLANES], [start_point[:, _ACROSS[plane]] for plane in PLANES])
    return across.astype(float).round(2)


def _counts(**columns: np.ndarray) -> Iterator[dict[str, Any]]:
    """How many movements there are of each combination of values that occurs, in order."""
    codes, values = [], []
    for column in columns.values():
        found, code = np.unique(column, return_inverse=True)
        values.append(found.tolist())
        codes.append(code)
    shape = [len(found) for found in values]
    table = np.bincount(np.ravel_multi_index(codes, shape), minlength=int(np.prod(shape))).reshape(shape)
    for place in np.argwhere(table).tolist():
        named = {name: found[i] for name, found, i in zip(columns, values, place, strict=True)}
        yield {**named, "movements": int(table[tuple(place)])}


def _spread(values: np.ndarray) -> dict[str, float]:
    return dict(zip(_PERCENTILES, np.percentile(values, list(_PERCENTILES.values())).tolist(), strict=True))


def _spreads(names: list[str], values: np.ndarray) -> dict[str, dict[str, float]]:
    """Of each column of values (sample, channel)."""
    return {name: _spread(column) for name, column in zip(names, values.T, strict=True)}


def _by_group(values: np.ndarray, letters: np.ndarray, planes: np.ndarray) -> Iterator[dict[str, Any]]:
    """Spread over the movements of each letter in each plane."""
    for letter in np.unique(letters).tolist():
        for plane in PLANES:
            if (own := (letters == letter) & (planes == plane)).any():
                yield {"letter": letter, "plane": plane, **_spread(values[own])}
