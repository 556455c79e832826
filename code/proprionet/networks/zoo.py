"""Networks by name or file: from a setting to an architecture, from a stored network back to a model."""

import math
from pathlib import Path
from typing import Any

from proprionet import spindles
from proprionet.config import nearest, read_yaml
from proprionet.dataset import spindle_settings
from proprionet.errors import InputError, brief, located
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


def check_same_inputs(file: Reader, data: Reader) -> None:
    """Refuse an open data set whose movements an open ``network`` file was not trained to see, or sees otherwise.

    Raises
    ------
    InputError
        If time step, muscles and their order, kind of length or spindle model differ, as far as the network sees them;
        of afferents that are drawn at random, also if their seed does.
    """
    seen = file.attribute("input")
    names = ["time_step_s", *(("muscle_names", "length_kind") if seen in ("spindle", "muscle_length") else ())]
    pairs = {name: (file.attribute(name), data.attribute(name)) for name in names}
    if seen == "spindle":
        then, now = file.attribute("spindle"), spindle_settings(data).spindle
        pairs["spindle model"] = then["spindle"], now
        if spindles.MODELS[now].drawn:
            pairs["seed of afferents"] = then["seed"], data.attribute("seed")
    for name, (of_network, of_data) in pairs.items():
        if of_network != of_data:
            if isinstance(of_data, list) and len(of_data) == len(of_network):
                place = next(i for i, muscle in enumerate(of_data) if muscle != of_network[i])
                name, of_data, of_network = f"muscle {place + 1}", of_data[place], of_network[place]
            raise InputError(
                f"{data.path.name}: its {name} is {brief(of_data)}, but {file.path.name} was trained with "
                f"{brief(of_network)}; it belongs to another arm or set"
            )


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
    with located(f"{where}: "):
        model = backbones.build(settings, TASKS[task], 0, tuple(shape), n_outputs, n_given)
        storage.set_weights(model, file.family("weights"))
    return settings, model
