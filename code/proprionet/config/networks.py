"""Settings of networks that read movements, and of linear models of the same tasks."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from proprionet.config.section import FileOrName, Section, Split

Input = Literal["hand", "joints", "muscle_length", "spindle"]
Task = Literal[
    "action_recognition",
    "trajectory_decoding",
    "hand_velocity",
    "hand_position_velocity",
    "hand_position_velocity_acceleration",
    "limb_position",
    "limb_velocity",
    "limb_position_velocity",
    "limb_position_velocity_acceleration",
    "joint_position",
    "joint_velocity",
    "joint_position_velocity",
    "joint_position_velocity_acceleration",
    "torque",
    "autoencoder",
    "redundancy_reduction",
    "neurons",
]


def _conditions(text: str) -> str:
    if not re.fullmatch(r"[a-z_]+(=[a-z0-9.-]+(,[a-z_]+=[a-z0-9.-]+)*)?", text):
        raise ValueError("expected 'full', or latents and their values such as 'plane=horizontal,size=1'")
    return text


Subset = Annotated[str, AfterValidator(_conditions)]


class Svm(Section):
    """Linear baselines on pairs of letters."""

    input: Input = Field(default="spindle", description="what the classifier sees")
    subset: Subset = Field(
        default="full",
        description="movements to use: full, or those with a latent held, as size=0.7 or size=0.7,plane=horizontal",
    )
    standardise: bool = Field(
        default=True, description="standardise every feature on the training part (published: not)"
    )
    validation: Literal["grouped", "published"] = Field(
        default="grouped",
        description="choose C by cross-validation over pen letters, or on the last tenth of the movements as published",
    )
    c_values: int = Field(
        default=8,
        ge=1,
        le=12,
        description="values of C to choose from, 1e-4 and ten times the last each (8 in the published code, 9 in the "
        "paper)",
    )
    most_movements: int | None = Field(
        default=None, ge=2, description="train on so many movements of each letter, at most; all if not given"
    )


class LinearDecoder(Section):
    """The linear baseline of trajectory decoding."""

    input: Input = Field(default="spindle", description="what the decoder sees at each time step")
    tolerance: float = Field(
        default=1e-3, gt=0, lt=1, description="stop when the validation loss has not fallen by this in 5 epochs"
    )


class Baselines(Section):
    """What the linear baselines are compared over, beside their own settings."""

    inputs: tuple[Input, ...] = Field(default=(), description="classifiers and decoders are also fitted to each")
    subsets: tuple[Subset, ...] = Field(default=("full",), description="for each input, classifiers on each subset")


class Training(Section):
    """How networks are built and trained."""

    task: Task = Field(default="action_recognition", description="what the network is trained on")
    network: FileOrName = Field(default="spatial_temporal_best", description="preset architecture, or YAML file of one")
    input: Input = Field(
        default="spindle", description="what the network sees: the spindles, or a quantity and its velocity"
    )
    untrained: bool = Field(default=False, description="keep the weights as they are drawn")
    recipe: Literal["described", "published", "cell2024", "one_cycle"] = Field(
        default="described",
        description="schedule and scaling as in the Methods of 2023, as in its published code, or as in that of 2024; "
        "or one cycle of the learning rate over 12 epochs",
    )
    alignment: Literal["centre", "published"] = Field(
        default="centre", description="targets at the true time stamps of the last layer, or on the published grid"
    )
    target_scaling: Literal["standardise", "range", "none"] | None = Field(
        default=None,
        description="scale every number of a regression by its standard deviation, by its range, or not; the recipe's "
        "if not given",
    )
    augmentation: Literal["time", "muscle", "noise"] | None = Field(
        default=None,
        description="how the two views differ whose redundancy is reduced: spans of time or muscles are silenced, or "
        "muscles get noise; the recipe's if not given",
    )
    stream: bool = Field(
        default=False, description="write new movements for every epoch instead of using the stored training part again"
    )
    most_movements: int | None = Field(
        default=None, ge=1, description="train on so many movements of the training part, at most; for learning curves"
    )
    epochs: int | None = Field(default=None, ge=1, le=100_000, description="passes over the training part, at most")
    batch_size: int | None = Field(default=None, ge=1, le=4096, description="movements in a step")
    learning_rate: float | None = Field(default=None, gt=0, le=1, description="step of Adam at the start")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        default="float32", description="of the arithmetic; mixed precision pays on GPUs"
    )
    xla: bool = Field(default=False, description="compile with XLA, which pays on GPUs (JAX always does)")


class Evaluation(Section):
    """What networks are tested on."""

    part: Split = Field(default="test", description="part of the data set")


class Search(Section):
    """Networks drawn at random, each to be trained on every task of the experiment."""

    space: Literal["elife2023", "cell2024"] = Field(
        default="elife2023", description="search space to draw from; that of 2024 has deep networks too"
    )
    groups: tuple[str, ...] = Field(default=(), description="parts of the space; all if none is given")
    count: int = Field(default=50, ge=1, le=10_000, description="networks of each group")
    instances: int = Field(default=1, ge=1, le=1000, description="seeds of each network: S, S + 1, ...")
    untrained: bool = Field(default=False, description="add an untrained twin for each network and seed")


class Instances(Section):
    """Networks that are compared with each other and with their untrained twins, each from several seeds."""

    networks: tuple[FileOrName, ...] = Field(default=(), description="preset architectures, or YAML files of some")
    tasks: tuple[Task, ...] = Field(
        default=("action_recognition", "trajectory_decoding"), min_length=1, description="each is trained on each"
    )
    seeds: int = Field(default=5, ge=1, le=1000, description="seeds of each network: S, S + 1, ...")
