"""Networks by name or file: from a setting to an architecture, from a stored network back to a model."""

import math
from pathlib import Path
from typing import Any

from proprionet.config import check, nearest, read_yaml
from proprionet.errors import InputError
from proprionet.networks.settings import PRESETS, RECIPES, NetworkSettings, Recipe, network_settings
from proprionet.networks.tasks import TASKS
from proprionet.store import Reader

MOST_INPUTS = 1 << 24  # numbers in one movement; that of the published networks has 16,000


def architecture(name: str | Path) -> NetworkSettings:
    """Architecture of a preset, or of a YAML file with the settings of a family of :mod:`proprionet.networks.families`.

    Raises
    ------
    InputError
        If there is no such preset or file, or the file holds a bad setting.
    """
    if (path := Path(name)).suffix in (".yaml", ".yml"):
        return network_settings(read_yaml(path), str(path))
    if name not in PRESETS:
        raise InputError(f"network '{name}' is no preset and no YAML file; {nearest(str(name), list(PRESETS))}")
    return PRESETS[str(name)]


def recipe(name: str, **changes: Any) -> Recipe:
    """A named recipe of training with some values changed; None leaves a value as it is."""
    given = {key: value for key, value in changes.items() if value is not None}
    return check(Recipe, {**RECIPES[name].model_dump(), **given}, "training")


def rebuild(file: Reader) -> tuple[NetworkSettings, Any]:
    """Architecture and Keras model of an open ``network`` file: built from its settings, then given its weights.

    Raises
    ------
    InputError
        If the settings are not ours or the weights do not fit them.
    """
    from proprionet.networks import backbones, storage

    where = file.path.name
    settings = network_settings(file.attribute("network"), where)
    task, shape = file.attribute("task"), file.attribute("input_shape")
    if task not in TASKS:
        raise InputError(f"{where}: task '{task}' is unknown; {nearest(task, list(TASKS))}")
    sizes = [size for size in shape if isinstance(size, int) and size > 0]
    if not len(sizes) == len(shape) == 3 or math.prod(sizes) > MOST_INPUTS:
        raise InputError(f"{where}: input shape {shape} is absurd, expected (muscle, step, channel)")
    model = backbones.build(settings, TASKS[task], seed=0, input_shape=tuple(shape))
    try:
        storage.set_weights(model, file.family("weights"))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return settings, model
