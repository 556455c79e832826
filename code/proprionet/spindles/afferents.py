"""Populations of primary (Ia) and secondary (II) spindle afferents, no two of them alike.

The form of the responses, the number of afferents and their highest rates are those of Perez Rotondo et al. 2025. They
fitted the gains of each afferent to its highest rate and its share of silence in their recordings; here gains are drawn
for signals in units of their standard deviations over the training part, so that they suit any arm.
"""

from typing import ClassVar

import numpy as np

from proprionet import seeds
from proprionet.spindles.cards import Card, Parameter
from proprionet.spindles.models import COUNTED, ELIFE, LATENT, Model, NoiseKind, Statistics
from proprionet.spindles.signals import VELOCITY_EXPONENT, signed_power

ILLUSIONS = "Perez Rotondo et al. 2025, bioRxiv 2025.03.15.643457"
PER_MUSCLE = {"Ia": 5, "II": 5}
HIGHEST_RATE_HZ = {"Ia": (50.0, 180.0), "II": (20.0, 50.0)}
# In units of the highest rate of the afferent.
LENGTH_GAIN = (0.0, 0.2)
VELOCITY_GAIN = (0.0, 0.2)
ACCELERATION_GAIN = {"Ia": (0.0, 0.05), "II": (0.0, 0.0)}
BASELINE = (0.1, 0.3)


def _uniform(limits: tuple[float, float]) -> str:
    return f"uniform from {limits[0]:g} to {limits[1]:g}"


def _card(model: str, exponent: float, source: str) -> Card:
    ours, gain = "this project", "highest rate per sd"
    return Card(
        model,
        "min(max(k_l l + k_v sign(v) |v|^p + k_a a + b, 0), highest rate); l, v, a in sd of length, velocity and "
        "acceleration, l from the mean length",
        (
            *(Parameter(f"number of {kind}", n, "per muscle", ILLUSIONS) for kind, n in PER_MUSCLE.items()),
            *(
                Parameter(f"highest rate of {kind}", _uniform(hz), "Hz", ILLUSIONS)
                for kind, hz in HIGHEST_RATE_HZ.items()
            ),
            Parameter("p", exponent, "1", source),
            Parameter("k_l", _uniform(LENGTH_GAIN), gain, ours),
            Parameter("k_v", _uniform(VELOCITY_GAIN), f"{gain}^p", ours),
            Parameter("k_a of Ia", _uniform(ACCELERATION_GAIN["Ia"]), gain, ours),
            Parameter("k_a of II", 0.0, gain, ILLUSIONS),
            Parameter("b", _uniform(BASELINE), "highest rate", ours),
            Parameter("noise level", LATENT, "sqrt(k_l^2 + k_v^2 + k_a^2) of the afferent", ELIFE),
            COUNTED,
        ),
    )


class LinearAfferents(Model):
    """Afferents that respond in proportion to length, velocity and acceleration.

    Each is drawn from a stream of its own kind and muscle, so that those of one muscle are the same in any arm, and the
    same for both exponents.
    """

    drawn: ClassVar = True
    exponent: ClassVar = 1.0
    signals: ClassVar = {f"{kind} {i + 1}": "Hz" for kind, n in PER_MUSCLE.items() for i in range(n)}
    card: ClassVar = _card("afferents_linear", exponent, ILLUSIONS)

    def __init__(self, seed: int, statistics: Statistics | None = None, noise_kind: NoiseKind = "gaussian"):
        super().__init__(seed, statistics, noise_kind)
        self._mean = self._statistic("length_mean_mm")
        names = ("length_sd_mm", "velocity_sd_mm_s", "acceleration_sd_mm_s2")
        deviations = np.stack([self._statistic(name) for name in names])
        self._deviations = np.where(deviations > 0, deviations, 1)  # a muscle that never moves stays at its baseline
        drawn = [_draw(seed, muscle) for muscle in range(len(self._mean))]
        self.gains, self.baseline, self.highest_rate = (np.stack(values) for values in zip(*drawn, strict=True))
        """(muscle, [length, velocity, acceleration], channel), (muscle, channel) and (muscle, channel), all in Hz."""

    def _response(self, muscle_length, time_step_s):
        stretch = np.asarray(muscle_length, np.float32) - self._mean[:, None]
        velocity = np.gradient(stretch, time_step_s, axis=-1)
        signals = (stretch, velocity, np.gradient(velocity, time_step_s, axis=-1))
        sensed = np.stack([one / scale[:, None] for one, scale in zip(signals, self._deviations, strict=True)], axis=-1)
        sensed[..., 1] = signed_power(sensed[..., 1], self.exponent)
        return sensed @ self.gains + self.baseline[:, None]

    def _scale(self, response):
        return np.linalg.norm(self.gains, axis=1)[:, None]

    def _limited(self, response):
        return np.clip(response, 0, self.highest_rate[:, None], out=response)


class PowerAfferents(LinearAfferents):
    """Afferents that respond to a power of the velocity."""

    exponent: ClassVar = VELOCITY_EXPONENT
    card: ClassVar = _card("afferents_power", exponent, f"{ILLUSIONS}; Prochazka & Gorassini 1998")


def _draw(seed: int, muscle: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gains (3, channel), baseline (channel,) and highest rate (channel,) of the afferents of one muscle, in Hz."""
    kinds = []
    for kind, count in PER_MUSCLE.items():
        limits = (HIGHEST_RATE_HZ[kind], LENGTH_GAIN, VELOCITY_GAIN, ACCELERATION_GAIN[kind], BASELINE)
        lowest, highest = np.array(limits).T
        rng = seeds.generator(seed, "afferents", kind, muscle)
        kinds.append(rng.uniform(lowest, highest, (count, len(limits))))
    rate, *shares = np.concatenate(kinds).astype(np.float32).T
    *gains, baseline = (share * rate for share in shares)
    return np.stack(gains), baseline, rate
