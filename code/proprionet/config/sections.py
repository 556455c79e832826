"""Settings of every stage: types, limits, defaults and what each is for."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from proprionet.config.recurrent import (
    Autoencoder,
    DynamicsSimilarity,
    FixedPoints,
    Latents,
    RecurrentNetwork,
    RecurrentTraining,
    Simulation,
)
from proprionet.config.section import FileOrName, Section

Plane = Literal["horizontal", "vertical"]
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
SpindleModel = Literal["kinematic", "firing_published", "firing", "afferents_linear", "afferents_power"]
Split = Literal["train", "validation", "test"]
MEASURES = ("cka", "cka_biased", "cka_rbf", "cca", "svcca", "procrustes")


def _known_measures(text: str) -> str:
    if not set(text.split(",")) <= set(MEASURES):
        raise ValueError(f"expected one or several of {', '.join(MEASURES)}, with commas between them")
    return text


def _conditions(text: str) -> str:
    if not re.fullmatch(r"[a-z_]+(=[a-z0-9.-]+(,[a-z_]+=[a-z0-9.-]+)*)?", text):
        raise ValueError("expected 'all', or latents and their values such as 'plane=horizontal,size=1'")
    return text


def _folder_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text):
        raise ValueError("expected letters, digits and _ . - without a folder")
    return text


def _different_names(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if len({path.stem for path in paths}) < len(paths):
        raise ValueError("two files have the same name; rename one of them")
    return paths


Measures = Annotated[str, AfterValidator(_known_measures)]
Subset = Annotated[str, AfterValidator(_conditions)]


class Letters(Section):
    """How many pen letters the synthetic writer writes."""

    per_letter: int = Field(
        default=100, ge=3, le=100_000, description="synthetic letters written per letter of the alphabet"
    )


class Pen(Section):
    """How recorded pen letters are read."""

    keep_aspect: bool = Field(default=False, description="scale both axes alike instead of stretching each to 10 cm")
    slow_down: float = Field(
        default=3.0,
        gt=0,
        le=100,
        description="how much slower the movement is than the writing was (where times exist)",
    )


class Arm(Section):
    """Which arm writes."""

    profile: FileOrName = Field(default="human", description="arm: human, macaque, or the YAML profile of your own")
    model: Path | None = Field(default=None, description="OpenSim model (.osim); the reference MoBL-ARMS if not given")
    limits: Literal["profile", "model"] = Field(
        default="profile", description="joint limits of the profile (as published), or the ranges of the model"
    )


class StartPoints(Section):
    """Where the arm can write."""

    spacing_cm: float | None = Field(
        default=None, ge=0.5, le=20, description="spacing of the grid of candidate places (cm); the arm's if not given"
    )


class Muscles(Section):
    """Where muscle lengths come from."""

    geometry: Literal["patched", "raw"] = Field(
        default="patched",
        description="muscle paths without the faulty wraps of the arm's patch list, or as in the model file",
    )
    engine: Literal["fast", "exact"] = Field(
        default="fast", description="muscle lengths from tables with an accuracy certificate, or from OpenSim itself"
    )
    grid_deg: float = Field(default=5.0, ge=1, le=30, description="spacing of the tables of the fast engine (degrees)")
    length_kind: Literal["fibre", "path", "fibre_tendon"] = Field(
        default="fibre",
        description="fibre length at equilibrium (published for the human arm), length of the muscle-tendon path, or "
        "fibre + tendon (published for the macaque arm)",
    )

    @model_validator(mode="after")
    def _check_engine(self) -> Self:
        if self.geometry == "raw" and self.engine == "fast":
            raise ValueError("raw geometry jumps, which no table can hold; choose the exact engine with it")
        return self


class Motion(Muscles):
    """How movements are made, whatever they are."""

    form: Literal["full", "compact"] = Field(
        default="full", description="store all, or only joint angles, from which the rest is derived when it is read"
    )
    start_posture: Literal["profile", "random"] = Field(
        default="profile", description="posture before a movement: the arm's, or drawn for each movement"
    )
    tracing_error_limit: float = Field(
        default=1e-2, gt=0, description="reject above this summed distance to the letter (cm)"
    )
    joint_jerk_limit: float = Field(default=1.0, gt=0, description="reject above this joint jerk (degree/sample^3)")
    muscle_jerk_limit: float | None = Field(
        default=None, gt=0, description="reject above this jerk of muscle lengths (mm/sample^3); no limit if not given"
    )
    max_attempts: int = Field(default=50, ge=1, le=10_000, description="draws of latents and place before giving up")
    shard: str = Field(default="1/1", description="make part i of N of the movements, a job of its own")

    @model_validator(mode="after")
    def _check_shard(self) -> Self:
        number, slash, count = self.shard.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise ValueError(f"shard {self.shard}: expected part i of N, from 1/N to N/N, such as 2/8")
        return self


class Movements(Motion):
    """How letters become movements of the arm."""

    per_letter: int = Field(default=80, ge=1, le=1_000_000, description="movements made per letter of the alphabet")


class Reaches(Motion):
    """How the arm reaches for targets."""

    count: int = Field(default=20_000, ge=1, le=10_000_000, description="reaches made")


class Dataset(Section):
    """Padding and split."""

    n_steps: int = Field(default=320, ge=32, le=10_000, description="time steps of every padded movement")
    smoothest: int | None = Field(
        default=None,
        ge=1,
        description="keep only so many movements of each letter and plane, those with least muscle jerk",
    )
    spindle: SpindleModel = Field(default="kinematic", description="what muscle spindles say to the networks")
    noise: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="noise of the spindles: standard deviations (0.3 in the preprint), or with poisson 1 for the "
        "spikes of one afferent and x for the mean of 1/x^2 afferents",
    )
    noise_kind: Literal["gaussian", "poisson"] = Field(
        default="gaussian", description="Gaussian noise, or spikes counted in each time step (of rates of 0 or more)"
    )
    latent_noise: bool = Field(default=False, description="give each movement the level of noise that was drawn for it")
    form: Literal["full", "compact"] = Field(
        default="full", description="store all, or only joint angles, from which the rest is derived when it is read"
    )
    split_by: Literal["source_letter", "movement"] = Field(
        default="source_letter",
        description="keep all movements of one pen letter in one part, or split at random as published",
    )
    validation_fraction: float = Field(default=0.08, gt=0, lt=0.5, description="share of movements for validation")
    test_fraction: float = Field(default=0.20, gt=0, lt=0.9, description="share of movements for testing")

    @model_validator(mode="after")
    def _check_noise(self) -> Self:
        if self.noise_kind == "poisson" and self.spindle in ("kinematic", "firing_published"):
            raise ValueError(
                f"poisson noise counts spikes, but '{self.spindle}' has no rates of 0 or more; choose firing or "
                "afferents, or gaussian noise"
            )
        if self.noise_kind == "poisson" and self.noise < 0.001 and not self.latent_noise:
            raise ValueError(
                "poisson noise needs a level: give noise from 0.001 (a million afferents) to 1 (one), or latent_noise"
            )
        if self.latent_noise and self.noise:
            raise ValueError("latent_noise takes the level drawn for each movement; leave noise at 0 with it")
        return self


class Torques(Section):
    """Torques at the joints."""

    arm_mass_kg: float | None = Field(
        default=None,
        gt=0,
        le=50,
        description="mass of the moving arm (kg), to which torques are proportional; the profile's, or the model's",
    )


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
    recipe: Literal["described", "published", "cell2024"] = Field(
        default="described",
        description="schedule and scaling as in the Methods of 2023, as in its published code, or as in that of 2024",
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


class Stimuli(Section):
    """The movements that networks and simulated neurons are compared on."""

    split: Split = Field(default="test", description="part of the data set to take them from")
    per_letter: int = Field(default=20, ge=2, le=10_000, description="movements per letter of the alphabet, at most")
    replacement: bool = Field(default=False, description="draw them with replacement, as published")


class Rdm(Section):
    """Representational dissimilarity."""

    metric: Literal["correlation", "euclidean", "spearman"] = Field(
        default="correlation", description="1 - r, distance, or 1 - rank correlation"
    )


class Similarity(Section):
    """How layers are compared with each other."""

    measure: Measures = Field(
        default="cka", description="one or several of cka, cka_biased, cka_rbf, cca, svcca, procrustes, with commas"
    )
    dimension: int = Field(
        default=20, ge=1, le=1000, description="principal components of a layer (cca, svcca, procrustes)"
    )
    bandwidth: float = Field(
        default=0.5, gt=0, le=100, description="width of the Gaussian kernel over the median distance (cka_rbf)"
    )


class Embedding(Section):
    """Maps of the stimuli in two dimensions."""

    method: Literal["tsne", "umap", "mds"] = Field(default="tsne", description="t-SNE, UMAP, or metric scaling")
    n_components: int = Field(default=50, ge=2, le=1000, description="principal components that the map is made from")
    perplexity: int = Field(default=40, ge=1, le=1000, description="neighbours of a stimulus that count (t-SNE)")
    planes: Literal["both", "horizontal", "vertical"] = Field(
        default="both", description="movements on the map; the published code took the horizontal ones"
    )


class Tuning(Section):
    """Single-unit tuning."""

    rules: Literal["corrected", "published"] = Field(
        default="corrected",
        description="true time stamps without both ends, splits by the seed; or samples and splits as published",
    )
    test_fraction: float = Field(default=0.2, gt=0, lt=0.9, description="share of movements held out")
    min_movements: int = Field(default=3, ge=2, le=10_000, description="planes with fewer movements are not fitted")
    shuffled: bool = Field(
        default=False, description="deal the movements of each plane out anew: the null that tuning is held against"
    )


class Decoding(Section):
    """The hand read from all units of a layer."""

    plane: Plane = Field(default="horizontal", description="movements written in planes of this orientation are used")
    direction: Literal["unit_vector", "angle"] = Field(
        default="unit_vector", description="decode direction as cosine and sine, or as the raw angle as published"
    )
    rules: Literal["corrected", "published"] = Field(
        default="corrected",
        description="true time stamps, without the ends, speed of the still hand too; or samples as published",
    )
    alpha: float = Field(default=1.0, gt=0, le=1e12, description="penalty of ridge regression (raw activations)")
    test_fraction: float = Field(default=0.2, gt=0, lt=0.9, description="share of movements held out")
    shuffles: int = Field(
        default=0, ge=0, le=10_000, description="decode so often with targets shuffled between movements, for the null"
    )


class Dissection(Section):
    """What the strongest responses of feature maps lie over."""

    top: int = Field(default=5, ge=1, le=1000, description="movements of each letter with the strongest response")


class Summary(Section):
    """What the units of a layer are tuned to, in numbers."""

    plane: Plane = Field(default="horizontal", description="tuning scores are those of planes of this orientation")


class Comparison(Section):
    """Networks compared over their instances."""

    confidence: float = Field(default=0.95, ge=0.5, lt=1, description="share of intervals that hold the true mean")


class Session(Section):
    """A simulated recording with a known answer."""

    n_neurons: int = Field(default=60, ge=1, le=10_000, description="neurons in the population")
    bin_width_s: float = Field(default=0.06, ge=0.001, le=5, description="width of a bin (s)")
    mean_rate_hz: float = Field(default=15.0, gt=0, le=500, description="mean firing rate (Hz)")
    modulation: float = Field(
        default=0.5, gt=0, le=5, description="standard deviation of the logarithm of the rate: the smaller, the noisier"
    )
    driven_by: Literal["muscles", "hand", "both"] = Field(
        default="muscles", description="what the spindles say, position and velocity of the hand, or one half each"
    )
    layer: str | None = Field(default=None, description="driven by this layer of --network instead")


class Recording(Section):
    """A recorded session, in a file of another kind."""

    array: str | None = Field(default=None, description="electrode array, where the file has several (as S1)")
    session: str | None = Field(default=None, description="session, where the file has several (as ANIMAL-SESSION)")
    bin_width_s: float | None = Field(
        default=None, ge=0.001, le=5, description="width of a bin (s); the file's own, or 0.01 for spike times"
    )


class Reconstruction(Muscles):
    """How the arm of a recorded session is found."""

    engine: Literal["fast", "exact"] = Field(
        default="exact", description="muscle lengths from OpenSim itself, or from tables, which end at the joint limits"
    )
    posture_from: Literal["auto", "joints", "markers", "hand"] = Field(
        default="auto", description="what postures are found from; auto: the first of the others that was recorded"
    )
    marker_axes: str = Field(
        default="x,y,z",
        description="axes of the markers that are forward, up and to the right (y,z,x: recorded right, forward, up)",
    )
    shoulder_x_cm: float | None = Field(
        default=None,
        ge=-500,
        le=500,
        description="right shoulder in the frame of the hand (cm, x: right); if not given, where most reach is left",
    )
    shoulder_y_cm: float | None = Field(default=None, ge=-500, le=500, description="the same forward (cm, y)")
    height_cm: float | None = Field(
        default=None,
        ge=-200,
        le=200,
        description="hand above the shoulder (cm, negative below); that of the hanging elbow if not given",
    )
    elbow_out_deg: float = Field(
        default=45.0, ge=-180, le=180, description="how far the elbow is out to the right in mid-reach, 0 is down"
    )

    @model_validator(mode="after")
    def _check_shoulder(self) -> Self:
        if (self.shoulder_x_cm is None) != (self.shoulder_y_cm is None):
            raise ValueError("shoulder_x_cm and shoulder_y_cm belong together; give both or none")
        return self


class Responses(Section):
    """What is predicted of neurons, whatever from, and which trials are held out together."""

    movement: Literal["active", "passive", "active_as_passive"] = Field(
        default="active",
        description="movement onset to the end of active trials, 130 ms after bumps, or as many and as short parts of "
        "active movements",
    )
    smoothing_ms: float = Field(
        default=50.0, ge=0, le=1000, description="spikes are averaged over so many ms around each bin; 0: they are not"
    )
    n_folds: int = Field(default=5, ge=2, le=100, description="folds over trials")


class Regression(Section):
    """How neurons are predicted by regression."""

    estimator: Literal["ridge", "poisson"] = Field(
        default="ridge", description="ridge regression, or a Poisson regression (slow)"
    )
    latency: Literal["none", "neuron", "common"] = Field(
        default="none", description="neurons answer at once, each at its own best latency, or all at one"
    )
    latency_ms: float = Field(
        default=200.0, ge=0, le=1000, description="latencies from minus to plus this are tried, bin by bin"
    )

    @property
    def longest_lag_s(self) -> float:
        """Latencies from minus to plus this (s) are tried."""
        return 0.0 if self.latency == "none" else self.latency_ms / 1000


class Prediction(Section):
    """Neurons predicted from layers."""

    control: Literal["none", "shuffled_bins", "permuted_muscles", "permuted_time", "constant_input"] = Field(
        default="none",
        description="shuffle the bins of activations within each trial, or change what the network sees: other "
        "muscles, other times, or the mean length at rest",
    )
    time_stamps: Literal["centre", "published"] = Field(
        default="centre",
        description="times of a layer's steps: the centres of what they see, or evenly from the first to the last",
    )
    n_components: int = Field(default=75, ge=1, le=10_000, description="principal components of a layer")
    fit: Literal["training", "published"] = Field(
        default="training",
        description="components of the training trials; or, as published, of all, with outliers replaced",
    )


class DataDriven(Section):
    """Networks trained on neurons; a setting that is not given is the recipe's (that of Marin Vargas et al. 2024)."""

    epochs: int | None = Field(default=None, ge=1, le=10_000, description="passes over the trials at most; default: 60")
    batch_size: int | None = Field(default=None, ge=1, le=4096, description="trials in a training step; default: 16")
    learning_rate: float | None = Field(default=None, gt=0, le=1, description="step size of Adam; default: 0.001")


class FeatureSets(Section):
    """Neurons predicted from what the arm does."""

    control: Literal["none", "shuffled_bins"] = Field(
        default="none", description="shuffle the bins of what neurons are predicted from within each trial"
    )
    passive_position: Literal["absolute", "relative"] = Field(
        default="absolute", description="position after a bump as recorded, or since the bin before it, as published"
    )


class KinematicDecoding(Section):
    """The hand's velocity read from neurons."""

    movement: Literal["active", "passive"] = Field(
        default="active", description="bins of movement onset to the end of active trials, or 130 ms after bumps"
    )
    smoothing_ms: float = Field(
        default=50.0, ge=0, le=1000, description="spikes are averaged over so many ms around each bin"
    )
    first_lag_ms: float = Field(
        default=-50.0,
        ge=-1000,
        le=1000,
        description="first bin of spikes that is used, relative to that of the velocity",
    )
    last_lag_ms: float = Field(default=100.0, ge=-1000, le=1000, description="last bin of spikes that is used")
    n_folds: int = Field(default=5, ge=2, le=100, description="folds over trials")

    @model_validator(mode="after")
    def _check_lags(self) -> Self:
        if self.last_lag_ms < self.first_lag_ms:
            raise ValueError("last_lag_ms lies before first_lag_ms")
        return self


class Predictivity(Section):
    """What predictions of neurons are compared by."""

    best_layer: Literal["validation", "training", "neuron"] = Field(
        default="validation",
        description="best layer of a network by cross-validation within the training trials, by the fit to them as "
        "published, or of each neuron by cross-validation",
    )
    ceiling: Literal["split_half", "poisson", "true_rate"] = Field(
        default="split_half", description="noise ceiling that scores are divided by; the true rate of simulated neurons"
    )


class Experiment(Section):
    """A whole experiment: every stage's settings, and the networks to compare."""

    name: Annotated[str, AfterValidator(_folder_name)] = Field(
        default="default", description="name of the folder under results/"
    )
    seed: int = Field(default=1, ge=0, lt=1 << 63, description="seed of all randomness")
    letters_from: Literal["synthetic", "uci"] | Path = Field(
        default="synthetic", description="synthetic letters, the UCI set (downloaded), or a file of pen letters"
    )
    tasks: tuple[Task, ...] = Field(
        default=("action_recognition", "trajectory_decoding"), min_length=1, description="a network is trained on each"
    )
    shards: int = Field(default=1, ge=1, le=10_000, description="movements are made in so many jobs, each with a file")
    letters: Letters = Letters()
    pen: Pen = Pen()
    arm: Arm = Arm()
    start_points: StartPoints = StartPoints()
    movements: Movements = Movements()
    reaches: Reaches = Reaches()
    dataset: Dataset = Dataset()
    torques: Torques = Torques()
    svm: Svm = Svm()
    linear_decoder: LinearDecoder = LinearDecoder()
    baselines: Baselines = Baselines()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    search: Search = Search()
    instances: Instances = Instances()
    recordings: Annotated[tuple[Path, ...], AfterValidator(_different_names)] = Field(
        default=(), description="recordings of neurons that the networks of 'instances' predict"
    )
    stimuli: Stimuli = Stimuli()
    rdm: Rdm = Rdm()
    similarity: Similarity = Similarity()
    embedding: Embedding = Embedding()
    tuning: Tuning = Tuning()
    decoding: Decoding = Decoding()
    dissection: Dissection = Dissection()
    summary: Summary = Summary()
    comparison: Comparison = Comparison()
    session: Session = Session()
    recording: Recording = Recording()
    reconstruction: Reconstruction = Reconstruction()
    responses: Responses = Responses()
    regression: Regression = Regression()
    prediction: Prediction = Prediction()
    data_driven: DataDriven = DataDriven()
    feature_sets: FeatureSets = FeatureSets()
    kinematic_decoding: KinematicDecoding = KinematicDecoding()
    predictivity: Predictivity = Predictivity()
    recurrent_networks: dict[str, RecurrentNetwork] = Field(
        default={}, description="recurrent networks by name; those on one task are compared"
    )
    recurrent_training: RecurrentTraining = RecurrentTraining()
    latents: Latents = Latents()
    fixed_points: FixedPoints = FixedPoints()
    dynamics_similarity: DynamicsSimilarity = DynamicsSimilarity()
    simulation: Simulation = Simulation()
    autoencoder: Autoencoder = Autoencoder()
