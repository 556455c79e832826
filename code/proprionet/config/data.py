"""Settings of letters, the arm, its movements, and the data set of these."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from proprionet.config.section import FileOrName, Section

SpindleModel = Literal["kinematic", "firing_published", "firing", "afferents_linear", "afferents_power"]


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
