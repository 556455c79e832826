"""Recurrent networks and their trials in files."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from proprionet import store
from proprionet.networks.checkpoints import History
from proprionet.rnn import networks
from proprionet.rnn.networks import RecurrentNetwork
from proprionet.rnn.tasks import Task, Trials, task

CM, MM = 100.0, 1000.0  # in a metre

HISTORY = ("update", "train_loss", "validation_loss", "validation_metric", "learning_rate")


def save_network(
    file: store.Writer, network: RecurrentNetwork, of: Task, history: History, metrics: Mapping[str, float]
) -> None:
    """Write settings, weights and history of a network into a file of kind ``recurrent``."""
    for name, values in networks.weights(network).items():
        file.write(f"weights/{name}", values)
    for name in HISTORY:
        file.write(name, np.array([row[name] for row in history.rows], dtype=int if name == "update" else float))
    file.set(network=network.settings.model_dump(mode="json"), task=of.model_dump(mode="json"))
    file.set(trained=bool(history.rows), input_size=len(of.input_labels), n_outputs=len(of.output_labels))
    file.set(metric=of.metric, metrics=known(metrics))


def load_network(file: store.Reader) -> tuple[RecurrentNetwork, Task]:
    """The network in a file of kind ``recurrent``, and its task.

    Raises
    ------
    InputError
        If the settings are not those of a network and task, or the weights do not fit them.
    """
    of = task(file.attribute("task"))
    network = networks.build(networks.cell(file.attribute("network")), of, seed=0)
    networks.set_weights(network, file.family("weights"))
    return network, of


def known(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics that are numbers; others are left out."""
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def save_trials(file: store.Writer, of: Task, trials: Trials, done: Mapping[str, Any], split: np.ndarray) -> None:
    """Write what a network did in trials into a file of kind ``latents``; hands in cm, joints in degrees."""
    moves = "seen" in done
    for name in ("latents", "outputs"):
        file.write(name, done[name])
    for name in ("weights", "conds", "extra"):
        file.write(name, getattr(trials, name))
    file.write("targets", trials.targets * CM if moves else trials.targets)
    file.write("inputs", done["seen"] if moves else trials.inputs)
    file.write("true_inputs", _without_noise(done["seen"], trials) if moves else trials.true_inputs)
    file.write("split", split)
    for name, bounds in trials.phases.items():
        file.write(f"phases/{name}", bounds)
    if moves:
        file.write("controlled", done["controlled"] * CM)
        file.write("joints", np.rad2deg(done["joints"]))
        file.write("muscle_length", done["muscle_length"] * MM)
        file.write("activation", done["activation"])
        file.write("load", trials.inputs_to_env)
    file.set(conditions=list(of.conditions), timings=list(of.timings))
    file.set(input_labels=of.input_labels, output_labels=of.output_labels, task=of.model_dump(mode="json"))


def _without_noise(seen: np.ndarray, trials: Trials) -> np.ndarray:
    """What a network in a loop would have seen in the same states of its surroundings."""
    n_context = trials.inputs.shape[2]
    felt = seen[:, :, :-n_context] - trials.noise.get("observation", 0)
    return np.concatenate([felt, trials.true_inputs], axis=2)
