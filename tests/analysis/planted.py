"""Movements that are known in closed form, so that the truth at fractional times needs no code of ours."""

import numpy as np

from proprionet.analysis.single_units.features import Movements

N_MOVEMENTS, N_TIMES = 40, 200
TIMES = 1.3 + 2.6 * np.arange(76)  # a strided layer, off the grid of samples
AXES = {"horizontal": (0, 1), "vertical": (1, 2)}


class Curves:
    """Curves in a plane: position, velocity and acceleration at any time (input samples), in cm and s."""

    def __init__(self, plane="horizontal", seed=5, levels=(-6.0, 3.0)):
        random = np.random.default_rng(seed)
        self.axes, (self.still,) = AXES[plane], {0, 1, 2} - set(AXES[plane])
        self.size = random.uniform(3, 8, size=(N_MOVEMENTS, 1, 2))
        self.rate = random.uniform(2, 6, size=(N_MOVEMENTS, 1, 2))
        self.phase = random.uniform(0, 2 * np.pi, size=(N_MOVEMENTS, 1, 2))
        self.place = random.uniform(-30, 30, size=(N_MOVEMENTS, 1, 3))
        self.place[:, 0, self.still] = np.resize(levels, N_MOVEMENTS)

    def derivative(self, order, times):
        angle = self.rate * 0.015 * np.asarray(times)[None, :, None] + self.phase + order * np.pi / 2
        return self.size * self.rate**order * np.sin(angle)

    def hand(self):
        hand = self.place.repeat(N_TIMES, axis=1)
        hand[:, :, self.axes] += self.derivative(0, np.arange(N_TIMES))
        return hand

    def position(self, times):
        return self.place[:, :, self.axes] + self.derivative(0, times)

    def direction(self, times):
        velocity = self.derivative(1, times)
        return np.arctan2(velocity[..., 1], velocity[..., 0])


def movements(hand, label=None, n_letters=2, row=None, time_step_s=0.015):
    """Movements of a hand; two joints and three muscles follow it."""
    count = len(hand)
    joints = hand[:, :, :2] @ [[2.0, 0.5], [-1.0, 1.0]] + hand[:, :, 2:]
    muscles = hand @ np.array([[1.0, 0.0, 2.0], [0.5, 1.0, 0.0], [0.0, 1.0, 1.0]]) + 200
    label = np.arange(count) % n_letters if label is None else label
    row = np.arange(count) if row is None else row
    return Movements(hand, joints, muscles, label, n_letters, row, time_step_s)


def noisy(signal, seed=0, snr=10):
    noise = np.random.default_rng(seed).normal(size=signal.shape)
    return signal + noise * signal.std(axis=(0, 1)) / np.sqrt(snr)
