"""The movement data set: movements of one length, split into training, validation and test."""

from proprionet.dataset.assembly import CHUNK, draw_first, first_of_each, pad, shuffled, smoothest
from proprionet.dataset.parts import SPLITS, check_codes, check_split, select, split
from proprionet.dataset.reading import (
    POSITIONS,
    Part,
    features,
    quantity,
    read_rows,
    spindle_inputs,
    spindle_model,
    spindle_settings,
    unit_of,
)
from proprionet.dataset.stream import MovementStream

__all__ = [
    "CHUNK",
    "POSITIONS",
    "SPLITS",
    "MovementStream",
    "Part",
    "check_codes",
    "check_split",
    "draw_first",
    "features",
    "first_of_each",
    "pad",
    "quantity",
    "read_rows",
    "select",
    "shuffled",
    "smoothest",
    "spindle_inputs",
    "spindle_model",
    "spindle_settings",
    "split",
    "unit_of",
]
