"""Models with more states than the system behind a recording predict its spikes as well, and invent dynamics.

Run by ``make nightly``, where the table is printed; about 8 minutes on one core.
"""

import sys

import numpy as np
import pytest

from proprionet import seeds
from proprionet.config.recurrent import Autoencoder, Gru
from proprionet.rnn import benchmark, fitting, networks, simulator, training
from proprionet.rnn.autoencoders import decoder
from proprionet.rnn.recipes import Recipe
from proprionet.rnn.recordings import SimulatedRecording
from proprionet.rnn.tasks.flip_flop import FlipFlop

SEED, SIZES = 1, (3, 8, 16, 64)
SHOWN = ("rate_r2", "state_r2", "state_r2_reverse", "co_bps", "co_bps_bound", "cycle_consistency", "task_r2")


@pytest.fixture(scope="module")
def recording():
    """60 neurons of a gated network that has learned a 3-bit flip-flop, in 500 trials of 100 steps."""
    task = FlipFlop(n_steps=100, switch_probability=0.03)
    network = networks.build(Gru(n_units=64), task, SEED)
    training.train(
        network, task, task, Recipe(n_updates=1500, learning_rate=5e-3), SEED, n_validation=100, interval=500
    )
    trials = task.trials(500, seeds.generator(SEED, "trials"))
    done = networks.run(network, trials)
    assert task.metrics(done["controlled"], done["outputs"], trials)["accuracy"] > 0.98
    electrodes = simulator.implant(done["latents"], SEED)
    rates = electrodes.rates(done["latents"])
    return SimulatedRecording(
        counts=simulator.spike_counts(rates, SEED),
        inputs=trials.inputs,
        held_out=electrodes.held_out,
        training=np.arange(500) < 400,
        n_steps=np.full(500, 100),
        rates=rates,
        latents=done["latents"],
        targets=trials.targets,
        counted=trials.weights.any(axis=2),
    )


@pytest.fixture(scope="module")
def scores(recording):
    """Scores of a NODE of each size, all fitted alike; deep as published, so that it begins almost still."""
    found = {}
    settings = Autoencoder(encoder_units=32, epochs=150, batch_size=100, learning_rate=4e-3)
    for size in SIZES:
        model = fitting.build(recording, settings, decoder(f"node,n_units={size},n_layers=6"), SEED)
        fitting.fit(model, recording, SEED)
        found[size] = benchmark.scores(recording, fitting.infer(model, recording))
        numbers = ", ".join(f"{name} {found[size][name]:.3f}" for name in SHOWN)
        sys.stdout.write(f"\nNODE {size}: {numbers}\n")
    return found


def test_all_sizes_predict_rates_and_held_out_neurons(scores):
    for score in ("rate_r2", "co_bps"):
        values = [found[score] for found in scores.values()]
        assert min(values) > 0.9 * max(values), score
    assert all(found["rate_r2"] > 0.65 for found in scores.values())


def test_larger_models_invent_activity(scores):
    states = [found["state_r2"] for found in scores.values()]
    assert states[0] > 0.85
    assert states[-1] < states[-2] < states[0] - 0.05
    assert states[-1] < 0.7
    assert all(found["state_r2_reverse"] > 0.65 for found in scores.values())


def test_larger_models_are_less_consistent(scores):
    cycles = [found["cycle_consistency"] for found in scores.values()]
    assert cycles[0] > 0.97
    assert cycles[-1] < cycles[-2] < cycles[0]
    assert cycles[-1] < 0.75
