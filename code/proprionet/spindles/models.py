"""Spindle models with one response a muscle, and what all spindle models have in common: their noise."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.spindles.cards import Card, Parameter
from proprionet.spindles.signals import (
    RATE_AT_REST_HZ,
    RATE_OF_STRETCH,
    RATE_OF_VELOCITY,
    VELOCITY_EXPONENT,
    ensemble_rate,
    kinematic,
)

NoiseKind = Literal["gaussian", "poisson"]
Statistics = Mapping[str, np.ndarray | Sequence[float]]

ELIFE = "Sandbrink et al. 2023, eLife 12:e81499"
PREPRINT = "Sandbrink et al. 2020, bioRxiv 2020.05.06.081372"
CATS = "Prochazka & Gorassini 1998, J Physiol 507:277-291"
LATENT = "0, 0.1 or 0.3: the noise latent of a movement"
COUNTED = Parameter(
    "noise level of spike counts",
    "1 for those of one afferent, x for the mean of 1/x^2 afferents",
    "1",
    "this project",
)


class Model(ABC):
    """Turns muscle lengths into spindle inputs: some channels of each muscle, with or without noise.

    Gaussian noise has the standard deviation ``noise_level`` times that of the noise-free channel, which each model
    defines; rates below 0 are then cut off. With Poisson noise, rates are spikes counted in each time step: the mean of
    1 / ``noise_level``^2 afferents alike, each a Poisson process. So 1 is a single afferent, and the standard deviation
    is ``noise_level`` times sqrt(rate / time step). Its mean is the noise-free rate. Spindle afferents fire more
    regularly than a Poisson process and never twice within a millisecond; a level below 1 is nearer to them.
    """

    card: ClassVar[Card]
    signals: ClassVar[dict[str, str]]
    """Channels of a muscle and their units."""
    countable: ClassVar[bool] = True
    """Whether the channels are rates of 0 or more, of which spikes can be counted."""
    drawn: ClassVar[bool] = False
    """Whether each afferent has parameters of its own, drawn from the seed."""

    def __init__(self, seed: int, statistics: Statistics | None = None, noise_kind: NoiseKind = "gaussian"):
        self._seed = seed
        self._statistics = statistics
        self._noise_kind = noise_kind
        if noise_kind == "poisson" and not self.countable:
            raise InputError(
                f"spindle model '{self.card.model}' has no rates of 0 or more, so no spikes can be counted"
            )

    @property
    def channels(self) -> list[str]:
        """Names of the channels of each muscle."""
        return list(self.signals)

    @property
    def units(self) -> list[str]:
        """Unit of each channel."""
        return list(self.signals.values())

    def respond(
        self,
        muscle_length: np.ndarray,
        time_step_s: float,
        rows: np.ndarray,
        noise_level: np.ndarray | float | None = None,
    ) -> np.ndarray:
        """Spindle inputs for some movements.

        Parameters
        ----------
        muscle_length : array, shape (movement, muscle, time)
            Padded muscle length in mm.
        time_step_s : float
            Time between samples in s.
        rows : array of int, shape (movement,)
            Numbers of the movements in their set: the noise depends on seed and number, and on nothing else.
        noise_level : array, shape (movement,), or float, optional
            See the class; no noise if not given, or where it is 0.

        Returns
        -------
        array, shape (movement, muscle, time, channel), float32

        Raises
        ------
        InputError
            If the statistics are those of another number of muscles, or needed for the noise and missing.
        """
        for values in (self._statistics or {}).values():
            if len(values) != muscle_length.shape[1]:
                raise InputError(
                    f"spindle model '{self.card.model}' has statistics of {len(values)} muscles, "
                    f"the movements have {muscle_length.shape[1]}"
                )
        response = self._response(muscle_length, time_step_s)
        if noise_level is None:
            return self._limited(response)
        level = np.broadcast_to(noise_level, len(response))
        if self._noise_kind == "poisson":
            return self._counted(self._limited(response), time_step_s, rows, level)
        self._add_noise(response, rows, level)
        return self._limited(response)

    @abstractmethod
    def _response(self, muscle_length: np.ndarray, time_step_s: float) -> np.ndarray:
        """Noise-free response, of the shape and type that ``respond`` returns."""

    @abstractmethod
    def _scale(self, response: np.ndarray) -> np.ndarray:
        """Standard deviation of each channel, in a shape that fits the response."""

    def _limited(self, response: np.ndarray) -> np.ndarray:
        """The response within what is possible; may change it in place."""
        return response

    def _add_noise(self, response: np.ndarray, rows: np.ndarray, level: np.ndarray) -> None:
        scale = np.broadcast_to(self._scale(response), response.shape)
        for i in np.flatnonzero(level):
            noise = self._random(rows[i]).standard_normal(response.shape[1:], np.float32)
            response[i] += np.float32(level[i]) * scale[i] * noise

    def _counted(self, rate: np.ndarray, time_step_s: float, rows: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Rates as they are counted in each time step, over all afferents together; changes them in place."""
        for i in np.flatnonzero(level):
            counts_per_hz = time_step_s / float(level[i]) ** 2
            rate[i] = self._random(rows[i]).poisson(counts_per_hz * rate[i]) / counts_per_hz
        return rate

    def _random(self, row: int) -> np.random.Generator:
        """Random numbers of one movement, found by its number."""
        return seeds.generator(self._seed, "spindle noise", int(row))

    def _statistic(self, name: str) -> np.ndarray:
        """One of the statistics in float32, shape (muscle,)."""
        if self._statistics is None or name not in self._statistics:
            raise InputError(f"spindle model '{self.card.model}' needs the statistics '{name}' of the training part")
        return np.asarray(self._statistics[name], np.float32)


class Kinematic(Model):
    """Length and velocity."""

    signals: ClassVar = {"length": "mm", "velocity": "mm/s"}
    countable: ClassVar = False
    card: ClassVar = Card(
        "kinematic",
        "length and its central difference along time",
        (
            Parameter(
                "noise level", LATENT, "sd of the channel over the training part", ELIFE + " (drawn, not applied)"
            ),
        ),
    )

    def _response(self, muscle_length, time_step_s):
        return kinematic(muscle_length, time_step_s)

    def _scale(self, response):
        names = ("length_sd_mm", "velocity_sd_mm_s")
        return np.stack([self._statistic(name) for name in names], axis=-1)[:, None]


class PublishedFiring(Model):
    """Rate of a Ia afferent as the preprint has it: what should be the stretch is its change in one step."""

    signals: ClassVar = {"rate": "Hz"}
    countable: ClassVar = False
    card: ClassVar = Card(
        "firing_published",
        "2 dL + 4.3 sign(v) |v|^0.6; dL is the change of length in one time step, not the stretch; can be negative",
        (
            Parameter("gain of the change of length", RATE_OF_STRETCH, "Hz/mm", PREPRINT),
            Parameter("gain of the velocity", RATE_OF_VELOCITY, "Hz/(mm/s)^0.6", CATS),
            Parameter("exponent of the velocity", VELOCITY_EXPONENT, "1", CATS),
            Parameter("noise level", 0.3, "sd of the rate over time, of each movement and muscle", PREPRINT),
        ),
    )

    def _response(self, muscle_length, time_step_s):
        change = np.gradient(np.asarray(muscle_length, np.float32), axis=-1)
        return ensemble_rate(change, change / np.float32(time_step_s))[..., None]

    def _scale(self, response):
        return response.std(axis=2, keepdims=True)


class Firing(Model):
    """Rate of a Ia afferent, rectified.

    The formula, r^2 0.88 to 0.94, was fitted to hamstrings of walking cats (a term of the EMG, which made little
    difference, is left out); where the zero of the stretch lies in another muscle it leaves open. Here a muscle is at
    rest at its mean length over the training part. While the human arm writes recorded letters, 99 % of the rates are
    below 151 Hz and all below 270 Hz.
    """

    signals: ClassVar = {"rate": "Hz"}
    card: ClassVar = Card(
        "firing",
        "max(82 + 2 (L - L_rest) + 4.3 sign(v) |v|^0.6, 0)",
        (
            Parameter("rate at rest", RATE_AT_REST_HZ, "Hz", CATS),
            Parameter("gain of the stretch", RATE_OF_STRETCH, "Hz/mm", CATS),
            Parameter("gain of the velocity", RATE_OF_VELOCITY, "Hz/(mm/s)^0.6", CATS),
            Parameter("exponent of the velocity", VELOCITY_EXPONENT, "1", CATS),
            Parameter("L_rest", "mean length of each muscle over the training part", "mm", "this project"),
            Parameter("noise level", LATENT, "sd of the rate over the training part", ELIFE + " (drawn, not applied)"),
            COUNTED,
        ),
    )

    def __init__(self, seed: int, statistics: Statistics | None = None, noise_kind: NoiseKind = "gaussian"):
        super().__init__(seed, statistics, noise_kind)
        self._rest = self._statistic("length_mean_mm")

    def _response(self, muscle_length, time_step_s):
        stretch = np.asarray(muscle_length, np.float32) - self._rest[:, None]
        velocity = np.gradient(stretch, time_step_s, axis=-1)
        return (RATE_AT_REST_HZ + ensemble_rate(stretch, velocity))[..., None]

    def _scale(self, response):
        return self._statistic("rate_sd_hz")[:, None, None]

    def _limited(self, response):
        return np.maximum(response, 0, out=response)
