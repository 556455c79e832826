"""A whole experiment: the settings of every stage together."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from proprionet.config import analysis, data, networks, neural, recurrent
from proprionet.config.section import Section


def _folder_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text):
        raise ValueError("expected letters, digits and _ . - without a folder")
    return text


def _different_names(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if len({path.stem for path in paths}) < len(paths):
        raise ValueError("two files have the same name; rename one of them")
    return paths


class Experiment(Section):
    """A whole experiment: every stage's settings, and the networks to compare."""

    name: Annotated[str, AfterValidator(_folder_name)] = Field(
        default="default", description="name of the folder under results/"
    )
    seed: int = Field(default=1, ge=0, lt=1 << 63, description="seed of all randomness")
    letters_from: Literal["synthetic", "uci"] | Path = Field(
        default="synthetic", description="synthetic letters, the UCI set (downloaded), or a file of pen letters"
    )
    tasks: tuple[networks.Task, ...] = Field(
        default=("action_recognition", "trajectory_decoding"), min_length=1, description="a network is trained on each"
    )
    shards: int = Field(default=1, ge=1, le=10_000, description="movements are made in so many jobs, each with a file")
    letters: data.Letters = data.Letters()
    pen: data.Pen = data.Pen()
    arm: data.Arm = data.Arm()
    start_points: data.StartPoints = data.StartPoints()
    movements: data.Movements = data.Movements()
    reaches: data.Reaches = data.Reaches()
    dataset: data.Dataset = data.Dataset()
    torques: data.Torques = data.Torques()
    svm: networks.Svm = networks.Svm()
    linear_decoder: networks.LinearDecoder = networks.LinearDecoder()
    baselines: networks.Baselines = networks.Baselines()
    training: networks.Training = networks.Training()
    evaluation: networks.Evaluation = networks.Evaluation()
    search: networks.Search = networks.Search()
    instances: networks.Instances = networks.Instances()
    recordings: Annotated[tuple[Path, ...], AfterValidator(_different_names)] = Field(
        default=(), description="recordings of neurons that the networks of 'instances' predict"
    )
    stimuli: analysis.Stimuli = analysis.Stimuli()
    rdm: analysis.Rdm = analysis.Rdm()
    similarity: analysis.Similarity = analysis.Similarity()
    embedding: analysis.Embedding = analysis.Embedding()
    tuning: analysis.Tuning = analysis.Tuning()
    decoding: analysis.Decoding = analysis.Decoding()
    dissection: analysis.Dissection = analysis.Dissection()
    summary: analysis.Summary = analysis.Summary()
    comparison: analysis.Comparison = analysis.Comparison()
    session: neural.Session = neural.Session()
    recording: neural.Recording = neural.Recording()
    reconstruction: neural.Reconstruction = neural.Reconstruction()
    responses: neural.Responses = neural.Responses()
    regression: neural.Regression = neural.Regression()
    prediction: neural.Prediction = neural.Prediction()
    data_driven: neural.DataDriven = neural.DataDriven()
    feature_sets: neural.FeatureSets = neural.FeatureSets()
    kinematic_decoding: neural.KinematicDecoding = neural.KinematicDecoding()
    predictivity: neural.Predictivity = neural.Predictivity()
    recurrent_networks: dict[str, recurrent.RecurrentNetwork] = Field(
        default={}, description="recurrent networks by name; those on one task are compared"
    )
    recurrent_training: recurrent.RecurrentTraining = recurrent.RecurrentTraining()
    latents: recurrent.Latents = recurrent.Latents()
    fixed_points: recurrent.FixedPoints = recurrent.FixedPoints()
    dynamics_similarity: recurrent.DynamicsSimilarity = recurrent.DynamicsSimilarity()
    inferred_models: dict[str, recurrent.InferredModel] = Field(
        default={}, description="data-driven models by name, of neurons that are simulated from recurrent networks"
    )
    simulation: recurrent.Simulation = recurrent.Simulation()
    autoencoder: recurrent.Autoencoder = recurrent.Autoencoder()

    @model_validator(mode="after")
    def _known_networks(self) -> Self:
        for name, model in self.inferred_models.items():
            if model.network not in self.recurrent_networks:
                raise ValueError(
                    f"inferred_models: '{name}' is of network '{model.network}', which is not among recurrent_networks"
                )
        return self
