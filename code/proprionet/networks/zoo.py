"""Networks by name or file: from a setting to an architecture, from a stored network back to a model."""

import math
from pathlib import Path
from typing import Any

from proprionet.config import nearest, read_yaml
from proprionet.errors import InputError
from proprionet.networks.settings import PRESETS, NetworkSettings, network_settings
from proprionet.networks.tasks import TASKS
from proprionet.store import Reader

MOST_INPUTS = 1 << 24  # numbers in one movement; that of the published networks has 16,000
MOST_OUTPUTS = 1 << 12  # numbers in one answer; those of the published networks have up to 256


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
    n_outputs, n_given = file.attribute("n_outputs"), file.attribute("n_given")
    if not (isinstance(n_outputs, int) and 1 <= n_outputs <= MOST_OUTPUTS and n_given in (0, 3)):
        raise InputError(f"{where}: {n_outputs} outputs and {n_given} given values are absurd")
    model = backbones.build(settings, TASKS[task], 0, tuple(shape), n_outputs, n_given)
    try:
        storage.set_weights(model, file.family("weights"))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return settings, model
