"""Small systems whose dynamics are known, and recordings of them."""

import numpy as np
from scipy.linalg import block_diag

from proprionet import seeds
from proprionet.rnn import simulator
from proprionet.rnn.recordings import SimulatedRecording

MODES = ((0.97, 0.2), (0.95, 0.5))
"""Decay and angle (radian) in a step of two oscillators."""


def oscillators(n_trials: int, n_steps: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """States and inputs of two damped oscillators in four dimensions, each pushed now and then by both inputs."""
    random = seeds.generator(seed, "oscillators")
    turns = [[[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]] for _, angle in MODES]
    matrix = block_diag(*[decay * np.array(turn) for (decay, _), turn in zip(MODES, turns, strict=True)])
    inputs = pulses(random, (n_trials, n_steps, 2), 0.03)
    kernel, state = 0.5 * random.normal(size=(2, 4)), random.normal(size=(n_trials, 4))
    return _states(lambda x, u: x @ matrix + u @ kernel, state, inputs), inputs


def flip_flop(n_trials: int, n_steps: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """States and inputs of three bits, each of which a pulse of 1 or -1 sets; turned at random in ten dimensions."""
    random = seeds.generator(seed, "flip-flop")
    inputs = pulses(random, (n_trials, n_steps, 3), 0.02)
    bits = _states(lambda z, u: z + 0.3 * (np.tanh(2 * z) - z) + 1.5 * u, np.zeros((n_trials, 3)), inputs)
    return bits @ np.linalg.qr(random.normal(size=(10, 10)))[0][:3], inputs


def pulses(random: np.random.Generator, shape: tuple[int, ...], rate: float) -> np.ndarray:
    """-1, 0 or 1, each direction with probability ``rate`` in a step."""
    drawn = random.random(shape)
    return (drawn > 1 - rate) * 1.0 - (drawn < rate)


def recorded(states: np.ndarray, inputs: np.ndarray, seed: int = 1, **population: float) -> SimulatedRecording:
    """A recording of neurons that show the states; the last fifth of trials is for validation."""
    electrodes = simulator.implant(states, seed, **population)
    rates, n_trials, n_steps = electrodes.rates(states), *states.shape[:2]
    return SimulatedRecording(
        counts=simulator.spike_counts(rates, seed),
        inputs=inputs,
        held_out=electrodes.held_out,
        training=np.arange(n_trials) < 0.8 * n_trials,
        n_steps=np.full(n_trials, n_steps),
        rates=rates,
        latents=states,
        targets=states[..., :1],
        counted=np.ones((n_trials, n_steps), bool),
    )


def _states(step, state: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    states = np.empty((*inputs.shape[:2], state.shape[1]))
    for moment in range(inputs.shape[1]):
        state = states[:, moment] = step(state, inputs[:, moment])
    return states
