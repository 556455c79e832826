"""Recurrent networks: a cell, a readout, a learnt initial state, and for some tasks what the outputs act on."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from proprionet import seeds
from proprionet.config.recurrent import CELLS, Cell
from proprionet.networks import storage
from proprionet.rnn import cells
from proprionet.rnn.choice import choose
from proprionet.rnn.environments import Loop
from proprionet.rnn.tasks import Task, Trials

ops: Any = keras.ops

SMALL_READOUT = 0.01  # standard deviation of the first readout of a NODE, whose states grow large before it is trained


class RecurrentNetwork(keras.Model):
    """A network for a task; made by :func:`build`.

    It is called with a dictionary of arrays, :meth:`feed`, and answers with one: ``outputs``, ``latents``,
    ``controlled``, and in tasks with an environment ``seen`` and its parts.
    """

    def __init__(self, settings: Cell, task: Task, seed: int):
        super().__init__(name="recurrent")
        n_inputs, n_outputs = len(task.input_labels), len(task.output_labels)
        self.settings, self.environment = settings, task.environment()
        self.latent_weight = 0.0
        self.activity_weight = getattr(task, "activity_weight", 0.0)
        self.cell = cells.build(settings, n_inputs, seeds.integer(seed, "cell"))
        draw = seeds.integer(seed, "readout")
        small = keras.initializers.RandomNormal(stddev=SMALL_READOUT, seed=draw)
        kernel: Any = small if settings.cell == "node" else keras.initializers.GlorotUniform(draw)
        self.readout = keras.layers.Dense(n_outputs, kernel_initializer=kernel, name="readout")
        self.readout.build((None, settings.n_units))
        self.initial_state = self.add_weight(name="initial_state", shape=(settings.n_states,), initializer="zeros")
        step = self.cell
        if self.environment:
            n_context = n_inputs - self.environment.n_observed
            step = Loop(self.cell, self.readout, self.environment, n_context, settings.n_units)
        self.rollout = keras.layers.RNN(step, return_sequences=True)

    def call(self, trials: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Go through trials from their first step to their last."""
        sequence = ops.concatenate(
            [trials[name] for name in ("inputs", "load", "observation", "action", "cell_noise") if name in trials],
            axis=-1,
        )
        start = self.initial_state + trials["initial_noise"]
        if self.environment:
            recorded = self.rollout(sequence, initial_state=[start, *self.environment.reset(trials["ics"])])
            return self._parts(recorded)
        recorded = self.rollout(sequence, initial_state=[start])
        outputs = self.readout(recorded[..., : self.settings.n_units])
        return {"outputs": outputs, "controlled": outputs, "latents": recorded[..., -self.settings.n_states :]}

    def _parts(self, recorded: Any) -> dict[str, Any]:
        n_seen = self.environment.n_observed + self.rollout.cell.n_context
        mine = (("outputs", self.environment.n_actions), ("seen", n_seen), ("latents", self.settings.n_states))
        names, sizes = zip(*mine, *self.environment.parts, strict=True)
        return dict(zip(names, ops.split(recorded, list(np.cumsum(sizes))[:-1], axis=-1), strict=True))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Weighted sum of squared errors, and what activity and latents cost; the weights are divided already."""
        loss = ops.sum(sample_weight * ops.square(y_pred["controlled"] - y))
        if self.activity_weight:
            loss = loss + self.activity_weight * ops.mean(ops.square(y_pred["outputs"]))
        if self.latent_weight:
            norm = ops.sqrt(ops.sum(ops.square(y_pred["latents"]), axis=(1, 2)) + 1e-12)
            loss = loss + self.latent_weight * ops.mean(norm)
        return loss

    def feed(self, trials: Trials, random: np.random.Generator | None = None) -> dict[str, np.ndarray]:
        """What the network is called with; ``random`` draws the noise of its cell, without it there is none."""
        shape = trials.inputs.shape[:2]
        start = np.zeros((shape[0], self.settings.n_states))
        if random is not None and self.settings.initial_noise:
            start = self.settings.initial_noise * random.standard_normal(start.shape)
        fed = {"inputs": trials.inputs, "initial_noise": start}
        level = cells.noise_level(self.settings)
        if random is not None and level:
            fed["cell_noise"] = level * random.standard_normal((*shape, self.settings.n_units), np.float32)
        if self.environment:
            sizes = {"observation": self.environment.n_observed, "action": self.environment.n_actions}
            quiet = {name: np.zeros((*shape, size), np.float32) for name, size in sizes.items()}
            fed |= {"load": trials.inputs_to_env, "ics": trials.ics, **quiet, **trials.noise}
        return {name: np.asarray(values, np.float32) for name, values in fed.items()}

    @property
    def named_weights(self) -> dict[str, keras.Variable]:
        """All weights by the names they have in files."""
        layers = (self.cell, self.readout)
        named = {f"{layer.name}/{weight.name}": weight for layer in layers for weight in layer.weights}
        return {**named, "initial_state": self.initial_state}


def cell(text: Any) -> Cell:
    """Settings of a cell from its name, a name with changes (``node,n_units=5``), a YAML file, or plain values.

    Raises
    ------
    InputError
        If there is no such cell or setting, or a value is bad.
    """
    return choose(text, "cell", CELLS, {})


def build(settings: Cell, task: Task, seed: int) -> RecurrentNetwork:
    """A network with new weights, which depend on the seed alone."""
    return RecurrentNetwork(settings, task, seed)


def weights(network: RecurrentNetwork) -> dict[str, np.ndarray]:
    """Copies of all weights by name: ``cell/kernel``, ..., ``readout/bias``, ``initial_state``."""
    return storage.values(network.named_weights)


def set_weights(network: RecurrentNetwork, arrays: Mapping[str, np.ndarray]) -> None:
    """Give a network the weights that :func:`weights` took from one of the same settings.

    Raises
    ------
    InputError
        If a weight is missing, unknown, or of another shape; the network is then left as it was.
    """
    storage.assign(network.named_weights, arrays)


def run(network: RecurrentNetwork, trials: Trials, batch_size: int = 256) -> dict[str, np.ndarray]:
    """What a network does in trials, without the noise of its cell, as arrays of shape (trial, step, any)."""
    batch_size = min(batch_size, len(trials))
    batches = np.resize(
        np.arange(len(trials)), (-(-len(trials) // batch_size), batch_size)
    )  # of one size: compiled once
    parts: Any = [network.predict_on_batch(network.feed(trials.select(batch))) for batch in batches]
    return {name: np.concatenate([part[name] for part in parts])[: len(trials)] for name in parts[0]}
