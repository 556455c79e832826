"""What a network is and how it is trained, by name; importing this is light."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from proprionet.config import Section, check, nearest
from proprionet.errors import InputError, brief
from proprionet.networks.families import (
    FAMILIES,
    NetworkSettings,
    Recurrent,
    SpatialTemporal,
    Spatiotemporal,
    TemporalSpatial,
)

Scaling = Literal["standardise", "range", "none"]
Augmentation = Literal["time", "muscle", "noise"]


def network_settings(values: Mapping[str, Any], where: str) -> NetworkSettings:
    """Architecture from plain values, as a YAML file or a stored network has them.

    ``family`` says which settings are expected.

    Raises
    ------
    InputError
        If the family or a setting is unknown or missing, or a value is bad; ``where`` starts the sentence.
    """
    if "family" not in values:
        raise InputError(f"{where}: 'family' is missing; choose from {', '.join(FAMILIES)}")
    family = values["family"]
    if not isinstance(family, str) or family not in FAMILIES:
        raise InputError(f"{where}: family {brief(family)} is unknown; {nearest(str(family), list(FAMILIES))}")
    return check(FAMILIES[family], dict(values), where)


PRESETS: dict[str, NetworkSettings] = {
    # Best of 50 architectures; Table 2 prints its kernel and stride rows swapped, the layer sizes of Table 3 decide.
    "spatial_temporal_best": SpatialTemporal(
        spatial_filters=(8, 16, 16, 32),
        temporal_filters=(32, 32, 64, 64),
        spatial_kernel=7,
        temporal_kernel=9,
        spatial_stride=(2,),
        temporal_stride=(3,),
    ),
    # The same depth and time grid with fewer channels, and three of other families, for a few cores.
    "spatial_temporal_small": SpatialTemporal(
        spatial_filters=(4, 8, 8, 16),
        temporal_filters=(16, 16, 32, 32),
        spatial_kernel=7,
        temporal_kernel=9,
        spatial_stride=(2,),
        temporal_stride=(3,),
    ),
    "temporal_spatial_small": TemporalSpatial(
        temporal_filters=(8, 16, 16),
        spatial_filters=(16, 32, 32),
        temporal_kernel=9,
        spatial_kernel=7,
        temporal_stride=(3,),
        spatial_stride=(2,),
    ),
    "spatiotemporal_small": Spatiotemporal(
        spatiotemporal_filters=(8, 16, 32, 32),
        spatial_kernel=7,
        temporal_kernel=7,
        spatial_stride=(2,),
        temporal_stride=(2,),
    ),
    "lstm_small": Recurrent(
        spatial_filters=(4, 8, 8), spatial_kernel=5, spatial_stride=(1,), recurrent_units=(64,), memory=300
    ),
    # Best of the preprint (2020), whose networks saw one channel of spindle rates.
    "spatial_temporal_preprint": SpatialTemporal(
        spatial_filters=(8, 16, 16, 32),
        temporal_filters=(64, 64, 64, 64),
        spatial_kernel=5,
        temporal_kernel=7,
        spatial_stride=(2,),
        temporal_stride=(2,),
    ),
    "spatiotemporal_best": Spatiotemporal(
        spatiotemporal_filters=(8, 8, 32, 64),
        spatial_kernel=7,
        temporal_kernel=7,
        spatial_stride=(2,),
        temporal_stride=(2,),
    ),
    # The paper says kernel 3; the published checkpoints have 5, and only that gives their 675,792 weights.
    "lstm_best": Recurrent(spatial_filters=(8, 16, 16), spatial_kernel=5, spatial_stride=(1,), recurrent_units=(256,)),
}


class Recipe(Section):
    """How a network is trained: Adam, one validation an epoch, the weights of the best validation are kept.

    By ``plateau`` the learning rate is divided by ``reduce_factor`` when the validation loss has not improved for
    ``patience`` validations, and training stops at the second such plateau; ``patience=None`` trains all ``epochs`` at
    one rate. By ``one_cycle`` it rises to ``learning_rate`` and falls to nothing, step by step over all ``epochs``.
    """

    learning_rate: float = Field(default=5e-4, gt=0, le=1, description="step size of Adam")
    batch_size: int = Field(default=256, ge=1, le=4096, description="movements in a training step")
    epochs: int = Field(default=50, ge=1, le=10_000, description="passes over the training set at most")
    schedule: Literal["plateau", "one_cycle"] = Field(default="plateau", description="course of the learning rate")
    patience: int | None = Field(default=5, ge=1, description="validations without improvement that make a plateau")
    reduce_factor: float = Field(default=4, gt=1, description="what the learning rate is divided by at a plateau")
    input_scaling: Scaling = Field(default="standardise", description="scaling of every muscle and channel")
    target_scaling: Scaling = Field(default="standardise", description="scaling of every dimension of a regression")
    augmentation: Augmentation = Field(default="time", description="how the views differ whose redundancy is reduced")


# By recipe, then what is different for a family of networks and for a task, in this order.
_RECIPES: dict[str, dict[str, dict[str, Any]]] = {
    # The schedule of the Methods of Sandbrink et al. 2023.
    "described": {"": {}, "recurrent": {"batch_size": 128}},
    # What their code really did: its patience never ran out, and inputs and targets stayed in mm and cm.
    "published": {
        "": {"patience": None, "input_scaling": "none", "target_scaling": "none"},
        "recurrent": {"batch_size": 128},
    },
    # The code of Marin Vargas et al. 2024, in which the patience of these tasks never ran out either.
    "cell2024": {
        "": {"batch_size": 512},
        "recurrent": {"learning_rate": 1e-3, "epochs": 70},
        "action_recognition": {"patience": None},
        "redundancy_reduction": {"learning_rate": 5e-3, "batch_size": 256, "epochs": 25, "patience": None},
        "torque": {"patience": None},
        "neurons": {"learning_rate": 1e-3, "batch_size": 16, "epochs": 60, "patience": None},
    },
    # Reached the published accuracy, for which up to 50 epochs were used (docs/results.md).
    "one_cycle": {
        "": {"schedule": "one_cycle", "learning_rate": 5e-3, "epochs": 12, "patience": None},
        "recurrent": {"learning_rate": 2e-3, "batch_size": 128},
    },
}


def recipe(name: str, network: NetworkSettings, task: str, **changes: Any) -> Recipe:
    """A named recipe for a network and a task, with some values changed; None leaves a value as it is."""
    parts = [_RECIPES[name].get(key, {}) for key in ("", network.family, task)]
    given = {key: value for key, value in changes.items() if value is not None}
    return check(Recipe, {**parts[0], **parts[1], **parts[2], **given}, "training")
