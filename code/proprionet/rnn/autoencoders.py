"""Sequential autoencoders: networks that find the dynamics behind spikes.

An encoder reads the spikes of held-in neurons and says where the dynamics begin; a recurrent decoder goes on from
there, driven by the true inputs or by inferred ones; a linear readout of its state gives the log-rates of all neurons.

Source: Pandarinath et al. 2018 (variational, inferred inputs), Keshtkaran & Pandarinath 2019 (coordinated dropout),
Versteeg et al. 2025 (decoders and their sizes).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from proprionet import seeds
from proprionet.config.recurrent import DECODERS, Autoencoder, Cell
from proprionet.rnn import cells
from proprionet.rnn.choice import choose
from proprionet.rnn.inferred_inputs import ControlledCell, divergence

ops: Any = keras.ops  # whose types say that any answer may be None

POSTERIOR_LOG_VARIANCE = -4.0
"""Before training: wider posteriors would drown what the encoder says."""
LOWEST_RATE = 1e-3
"""Spikes in a bin that the rate of a silent neuron begins with."""
SMALL_READOUT = 1e-3
"""Variance of the first readout of a NODE, relative to others: its states grow large before it is fitted."""


def decoder(text: str | Path) -> Cell:
    """Settings of a decoder from its name, a name with changes (``node,n_units=5``), or a YAML file.

    Raises
    ------
    InputError
        If there is no such decoder or setting, or a value is bad.
    """
    return choose(text, "cell", DECODERS, {})


class SequentialAutoencoder(keras.Model):
    """From {"spikes": (trial, step - 1, held-in neuron), "inputs": (trial, step, input)} to log-rates and more.

    A call gives a dictionary: ``log_rates`` (trial, step, neuron); ``latents`` (trial, step, state); ``inputs`` (trial,
    step, input) that drove the decoder; ``divergence`` (trial, 2), of the posteriors of initial state and inputs from
    their priors, nat; ``shown`` (trial, step, neuron), 1 where coordinated dropout let the encoder see a bin.

    Parameters
    ----------
    settings : Autoencoder
    cell : Cell
        Of the decoder, one of :data:`proprionet.config.recurrent.DECODERS`.
    n_inputs : int
        Of the true inputs.
    held_out : array of bool, shape (neuron,)
    mean_counts : array, shape (neuron,)
        Mean count of each neuron: where its rate begins.
    seed : int
        Of the initial weights, each of which depends on its name besides and nothing else.
    """

    def __init__(
        self,
        settings: Autoencoder,
        cell: Cell,
        n_inputs: int,
        held_out: np.ndarray,
        mean_counts: np.ndarray,
        seed: int,
    ):
        super().__init__(name="autoencoder")
        self.settings, self.decoder, self._seed = settings, cell.cell, seed
        self.held_in = np.eye(len(held_out), dtype=np.float32)[~held_out]
        self.noise = keras.random.SeedGenerator(0)
        self.ramp = keras.Variable(0.0, trainable=False, name="ramp")
        self.encoder_forward = self._gru("encoder_forward")
        self.encoder_backward = self._gru("encoder_backward", go_backwards=True)
        self.posterior = self._gaussian("posterior", cell.n_states) if settings.variational else None
        self.initial_state = self._dense("initial_state", cell.n_states)
        n_inputs = settings.n_inferred_inputs or n_inputs
        self.cell, self.controller = cells.build(cell, n_inputs, seeds.integer(seed, "cell")), None
        if settings.n_inferred_inputs:
            start = self._recurrent("controller")
            self.controller = layers.GRUCell(settings.controller_units, name="controller", **start)
            self.to_inputs = self._gaussian("inferred_inputs", settings.n_inferred_inputs)
        scale = SMALL_READOUT if cell.cell == "node" else 1.0
        self.readout = self._dense("readout", len(held_out), np.log(np.maximum(mean_counts, LOWEST_RATE)), scale)

    def call(self, data: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        spikes, shown = data["spikes"], ops.zeros_like(data["spikes"])
        if training and (hidden := self.settings.coordinated_dropout):
            shown = ops.cast(keras.random.uniform(ops.shape(spikes), seed=self.noise) > hidden, spikes.dtype)
            spikes = spikes * shown / (1 - hidden)
        forward, backward = self.encoder_forward(spikes), ops.flip(self.encoder_backward(spikes), axis=1)
        code = ops.concatenate([forward[:, -1], backward[:, 0]], axis=-1)
        if training:
            code = keras.random.dropout(code, self.settings.dropout, seed=self.noise)
        of_state = of_inputs = ops.zeros_like(code[:, 0])
        if self.posterior is not None:
            mean, log_variance = ops.split(self.posterior(code), 2, axis=-1)
            code = mean + ops.exp(log_variance / 2) * self._normal(ops.shape(mean), training)
            of_state = divergence(mean, log_variance)
        state, inputs = self.initial_state(code), data["inputs"]
        if self.controller is None:
            latents = layers.RNN(self.cell, return_sequences=True)(inputs, initial_state=[state])
        else:
            seen = ops.pad(ops.concatenate([forward, backward], axis=-1), ((0, 0), (0, 1), (0, 0)))
            latents, inputs, of_inputs = self._controlled(seen, state, training)
        return {
            "log_rates": self.readout(latents),
            "latents": latents,
            "inputs": inputs,
            "divergence": ops.stack([of_state, of_inputs], axis=-1),
            "shown": ops.pad(ops.matmul(shown, self.held_in), ((0, 0), (0, 1), (0, 0))),
        }

    def _controlled(self, seen: Any, state: Any, training: bool) -> tuple[Any, Any, Any]:
        """Latents, inferred inputs, and the divergence of these from their prior."""
        cell = ControlledCell(self.cell, self.controller, self.to_inputs)
        n_trials, n_steps = ops.shape(seen)[0], seen.shape[1]
        n_states, n_controls, n_inputs = cell.state_size
        noise = self._normal((n_trials, n_steps, n_inputs), training)
        start = [state, ops.zeros((n_trials, n_controls)), ops.zeros((n_trials, n_inputs))]
        found = layers.RNN(cell, return_sequences=True)(ops.concatenate([seen, noise], axis=-1), initial_state=start)
        latents, inputs, surprise = ops.split(found, [n_states, n_states + n_inputs], axis=-1)
        return latents, inputs, ops.sum(surprise, axis=(1, 2))

    def compute_loss(self, x=None, y: Any = None, y_pred: Any = None, sample_weight=None, training=True) -> Any:
        """Poisson negative log-likelihood of a count, without the part that no model changes, and the divergences.

        ``y`` is {"counts": (trial, step, neuron), "weights": (trial, step)}. Bins that the encoder was shown under
        coordinated dropout do not count.
        """
        log_rates = y_pred["log_rates"]
        weights = y["weights"][..., None] * (1 - y_pred["shown"])
        surprise = ops.sum(weights * (ops.exp(log_rates) - y["counts"] * log_rates)) / ops.sum(weights)
        of_state, of_inputs = ops.split(ops.mean(y_pred["divergence"], axis=0), 2)
        price = self.settings.initial_state_weight * of_state[0] + self.settings.inputs_weight * of_inputs[0]
        return surprise + self.ramp * price

    def _normal(self, shape: Any, training: bool) -> Any:
        return keras.random.normal(shape, seed=self.noise) if training else ops.zeros(shape)

    def _recurrent(self, name: str) -> dict[str, Any]:
        kernel, recurrent = (seeds.integer(self._seed, "weights", name, part) for part in ("kernel", "recurrent"))
        return {
            "kernel_initializer": keras.initializers.GlorotUniform(kernel),
            "recurrent_initializer": keras.initializers.Orthogonal(seed=recurrent),
        }

    def _gru(self, name: str, **more: Any) -> layers.GRU:
        units = self.settings.encoder_units
        return layers.GRU(units, return_sequences=True, name=name, **self._recurrent(name), **more)

    def _dense(self, name: str, units: int, bias: Any = 0.0, scale: float = 1.0) -> layers.Dense:
        seed = seeds.integer(self._seed, "weights", name)
        draw: Any = keras.initializers.VarianceScaling(scale, "fan_avg", "uniform", seed)  # Glorot's at a scale of 1
        return layers.Dense(units, kernel_initializer=draw, bias_initializer=_given(bias), name=name)

    def _gaussian(self, name: str, n_dimensions: int) -> layers.Dense:
        """Mean and log variance of so many numbers."""
        return self._dense(name, 2 * n_dimensions, np.repeat([0.0, POSTERIOR_LOG_VARIANCE], n_dimensions))


def _given(values: Any) -> Any:
    return lambda shape, dtype=None: ops.convert_to_tensor(np.broadcast_to(values, shape), dtype)
