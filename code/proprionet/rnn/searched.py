"""What a search for fixed points is about: dynamics, the states that they visit, the inputs that may be held."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from proprionet.errors import InputError
from proprionet.rnn import dynamics, twins
from proprionet.store import Reader, input_hashes

TRIALS_OF = {"recurrent": "latents", "inferred": "simulated_neurons", "network": "activations"}
"""Kind of the file of trials, by the kind of the network's."""

_MOVEMENTS = 200  # of activations, at most


@dataclass(frozen=True)
class Searched:
    """A network whose fixed points are looked for."""

    network: twins.Network
    visited: np.ndarray
    """(moment, state)"""
    said: np.ndarray
    """(moment, output): from its smallest to its largest value goes the range of each output"""
    inputs: np.ndarray
    """(trial, step, input)"""
    about: dict[str, Any]
    """Attributes of the file of fixed points."""
    trials: Reader | None = None
    """Latents, whose conditions and phases name inputs."""

    def constant_input(self, text: str) -> np.ndarray:
        """The constant input that a text describes.

        Parameters
        ----------
        text : str
            ``zero``; ``mean``, over all trials; numbers with commas; or ``CONDITION:PHASE``, the mean input without
            noise in this phase of the first trial of this condition that has it.

        Returns
        -------
        array, shape (input,)

        Raises
        ------
        InputError
            If the text is none of these.
        """
        n_inputs = self.inputs.shape[2]
        if text == "zero":
            return np.zeros(n_inputs)
        if text == "mean":
            return self.inputs.mean(axis=(0, 1), dtype=np.float64)
        if ":" in text and self.trials is not None:
            return _input_in_phase(self.trials, *text.split(":", 1))
        try:
            numbers = np.array([float(number) for number in text.split(",")])
        except ValueError:
            numbers = np.array([np.nan])
        if len(numbers) != n_inputs or not np.isfinite(numbers).all():
            phase = ", nor CONDITION:PHASE" if self.trials is not None else ""
            raise InputError(f"input {text!r} is neither zero, nor mean, nor {n_inputs} numbers with commas{phase}")
        return numbers


def read(network: Reader, trials: Reader) -> Searched:
    """A network and what it does in trials.

    Parameters
    ----------
    network : Reader
        A recurrent network, a data-driven model, or a network of the recurrent family that reads letters.
    trials : Reader
        Latents of this very network, the simulated neurons of the model, or activations of all layers.

    Raises
    ------
    InputError
        If the trials are of another network, or one that reads letters has no recurrent layer with a linear readout.
    """
    return _SEARCHED[network.kind](network, trials)


def _recurrent(network: Reader, trials: Reader) -> Searched:
    _check_made_from(
        trials, network, f"{trials.path} was not recorded from {network.path}: run analyze.py on that network"
    )
    same = trials.dataset("targets").shape == trials.dataset("outputs").shape  # else outputs move something
    return Searched(
        twins.network(network.attribute("network"), network.family("weights")),
        _moments(trials["latents"]),
        _moments(trials["targets" if same else "outputs"]),
        trials["inputs"],
        {name: trials.attribute(name) for name in ("network", "task", "name", "trained", "output_labels")},
        trials,
    )


def _inferred(model: Reader, neurons: Reader) -> Searched:
    _check_made_from(
        model, neurons, f"{model.path} was not fitted to {neurons.path}: give the simulated neurons that it was"
    )
    twin, visited = twins.network(model.attribute("network"), model.family("weights")), _moments(model["latents"])
    said = twin.readout(visited)
    about = {name: model.attribute(name) for name in ("network", "task", "name")}
    labels = [f"log rate of neuron {index}" for index in range(said.shape[1])]
    inputs = (model if "inputs" in model else neurons)["inputs"]
    return Searched(twin, visited, said, inputs, {**about, "trained": True, "output_labels": labels})


def _reads_letters(network: Reader, activations: Reader) -> Searched:
    """The last recurrent layer, driven by the features of the layer below as it was in the movements."""
    remedy = "run record_activations.py on that network"
    _check_made_from(activations, network, _not_of(activations, network, remedy))
    settings, weights, layers = network.attribute("network"), network.family("weights"), activations.attribute("layers")
    layer = layers[-1]
    if settings["family"] != "recurrent" or not layer.startswith("recurrent"):
        raise InputError(f"{network.path}: has no recurrent layer (layers: {', '.join(layers)})")
    cell = settings["cell"]
    kernel, bias = weights["score/kernel"], weights["score/bias"]
    if "output_scaling/scale" in weights:
        kernel = kernel * weights["output_scaling/scale"]
        bias = bias * weights["output_scaling/scale"] + weights["output_scaling/mean"]
    own = {f"cell/{name}": weights[f"{layer}_{cell}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")}
    n_features, n_units = len(own["cell/kernel"]), len(own["cell/recurrent_kernel"])
    if any(name.startswith(("head_", "decoder_")) for name in weights):
        raise InputError(f"{network.path}: its answers are not a linear readout of {layer}")
    below = activations.dataset(f"layers/{layers[-2]}")[:_MOVEMENTS]
    inputs = below.reshape(*below.shape[:2], -1)
    if inputs.shape[2] != n_features:
        raise InputError(f"{activations.path}: the layer below {layer} is missing; {remedy}, with all layers")
    twin = twins.network({"cell": cell}, own | {"readout/kernel": kernel, "readout/bias": bias})
    n_states = n_units * (2 if cell == "lstm" else 1)
    visited = _moments(dynamics.free_run(twin, np.zeros((len(inputs), n_states)), inputs))
    return Searched(
        twin,
        visited,
        twin.readout(visited),
        inputs,
        {
            "network": {"cell": cell, "n_units": n_units},
            "task": {"task": network.attribute("task")},
            "name": f"{activations.attribute('task')} {activations.attribute('network')} {layer}",
            "trained": network.attribute("trained"),
            "output_labels": _labels(network, activations, len(bias)),
        },
    )


def _labels(network: Reader, activations: Reader, n_outputs: int) -> list[str]:
    """Names of what a network answers: letters, or the numbers of each part."""
    alphabet = activations.attribute("alphabet")
    if len(alphabet) == n_outputs:
        return list(alphabet)
    parts: Iterable[tuple[str, str, int]] = network.attribute("answers")
    named = [f"{part} {number} ({unit})" for part, unit, size in parts for number in range(1, size + 1)]
    return named if len(named) == n_outputs else [f"output {number}" for number in range(1, n_outputs + 1)]


def _check_made_from(made: Reader, source: Reader, otherwise: str) -> None:
    if not set(input_hashes([source.path]).values()) & set(made.attribute("inputs").values()):
        raise InputError(otherwise)


def _not_of(trials: Reader, network: Reader, remedy: str) -> str:
    return f"{trials.path} was not recorded from {network.path}: {remedy}"


def _moments(trials: np.ndarray) -> np.ndarray:
    return trials.reshape(-1, trials.shape[2])


def _input_in_phase(trials: Reader, condition: str, phase: str) -> np.ndarray:
    conditions, phases = trials.attribute("conditions"), trials.family("phases")
    if condition not in conditions or phase not in phases:
        raise InputError(
            f"input {condition}:{phase} is unknown (conditions: {', '.join(conditions)}; phases: {', '.join(phases)})"
        )
    begin, end = phases[phase].T
    rows = np.flatnonzero((trials["conds"] == conditions.index(condition)) & (begin >= 0) & (end > begin))
    if not rows.size:
        raise InputError(f"input {condition}:{phase}: no trial of this condition has such a phase")
    trial = rows[0]
    return trials["true_inputs"][trial, begin[trial] : end[trial]].mean(axis=0, dtype=np.float64)


_SEARCHED = {"recurrent": _recurrent, "inferred": _inferred, "network": _reads_letters}
