"""Settings of recorded and simulated neurons, and of what predicts them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from proprionet.config.data import Muscles
from proprionet.config.section import Section


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
