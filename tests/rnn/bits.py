"""A recurrent network with known fixed points, and what it does in trials, as files."""

import numpy as np

from proprionet import store
from proprionet.rnn import dynamics, systems, twins

LEVEL = systems.FlipFlop().level
SETTINGS = {"cell": "leaky", "n_units": 3, "leak": 0.1, "noise": 0.0}
WEIGHTS = {
    "cell/kernel": np.eye(3),
    "cell/recurrent_kernel": 2 * np.eye(3),
    "cell/bias": np.zeros(3),
    "readout/kernel": np.eye(3) / (2 * LEVEL),
    "readout/bias": np.full(3, 0.5),
    "initial_state": np.zeros(3),
}
"""x' = 0.9 x + 0.1 tanh(2 x + u): the flip-flop map with no room beside its bits."""

TASK = {"task": "flip_flop", "n_bits": 3}


def write_network(path, **changes):
    """A file of kind recurrent; ``changes`` replace weights."""
    column = np.ones(1)
    with store.create(path, "recurrent", seed=1) as file:
        for name, values in {**WEIGHTS, **changes}.items():
            file.write(f"weights/{name}", values)
        for name in ("train_loss", "validation_loss", "validation_metric", "learning_rate"):
            file.write(name, column)
        file.write("update", [1])
        file.set(network=SETTINGS, task=TASK, trained=True, input_size=3, n_outputs=3, metric="r2", metrics={"r2": 1.0})
    return path


def run(n_trials=40, n_steps=80, seed=0, **changes):
    """Inputs, latents and outputs of that network."""
    random = np.random.default_rng(seed)
    shape = (n_trials, n_steps, 3)
    network = twins.network(SETTINGS, {**WEIGHTS, **changes})
    inputs = 20 * np.sign(random.normal(size=shape)) * (random.random(shape) < 0.1)
    latents = dynamics.free_run(network, 0.1 * random.normal(size=(n_trials, 3)), inputs)
    return inputs, latents + 1e-3 * random.normal(size=shape), network.readout(latents)


def write_latents(path, network, turn=None, name="bits", trials=None, **changes):
    """A file of kind latents of that network, its states turned by a matrix; ``changes`` replace arrays."""
    inputs, latents, outputs = run() if trials is None else trials
    n_trials, n_steps, _ = inputs.shape
    whole = np.tile([0, n_steps], (n_trials, 1))
    arrays = {
        "latents": latents if turn is None else latents @ turn,
        "inputs": inputs,
        "true_inputs": inputs,
        "outputs": outputs,
        "targets": np.round(outputs),
        "weights": np.ones_like(outputs),
        "conds": np.zeros(n_trials, int),
        "extra": np.zeros((n_trials, 1), int),
        "split": np.arange(n_trials) % 4 == 3,
        "phases/trial": whole,
    }
    with store.create(path, "latents", seed=1, inputs=[network]) as file:
        for key, values in {**arrays, **changes}.items():
            if values is not None:
                file.write(key, values)
        file.set(network=SETTINGS, task=TASK, name=name, trained=True, metrics={}, conditions=["all"], timings=["end"])
        file.set(input_labels=["a", "b", "c"], output_labels=["a", "b", "c"])
    return path
