"""Fitting of data-driven models to recordings, which can stop after any epoch and go on as if it had not."""

from collections.abc import Callable, Iterator, Mapping

import keras
import numpy as np

from proprionet import seeds
from proprionet.config.recurrent import Autoencoder, Cell
from proprionet.errors import InputError
from proprionet.networks import checkpoints, storage
from proprionet.networks.checkpoints import History
from proprionet.networks.training import ADAM_EPSILON
from proprionet.rnn.autoencoders import SequentialAutoencoder
from proprionet.rnn.benchmark import Inferred
from proprionet.rnn.recordings import Recording

LEARNING_RATES = {"gru": 2e-3, "vanilla": 5e-3, "node": 2e-3, "linear": 2e-3}
"""Of Adam by decoder, as published; a linear one has 1e-4 there and is not done after 500 epochs."""


def build(recording: Recording, settings: Autoencoder, cell: Cell, seed: int) -> SequentialAutoencoder:
    """A sequential autoencoder for a recording, not fitted yet.

    Raises
    ------
    InputError
        If the recording has no trials for training or for validation, or trials of fewer than two steps.
    """
    if not 0 < np.count_nonzero(recording.training) < len(recording.training):
        raise InputError("there are no training trials or no validation trials")
    if recording.counts.shape[1] < 2:
        raise InputError("trials have fewer than two steps")
    mean_counts = recording.counts[recording.within & recording.training[:, None]].mean(axis=0)
    n_inputs = recording.inputs.shape[2]
    model = SequentialAutoencoder(settings, cell, n_inputs, recording.held_out, mean_counts, seed)
    model(_seen(recording, np.arange(1)))  # makes the weights
    return model


def fit(
    model: SequentialAutoencoder,
    recording: Recording,
    seed: int,
    *,
    resume: Mapping[str, np.ndarray] | None = None,
    checkpoint: Callable[[dict[str, np.ndarray]], None] | None = None,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
) -> History:
    """Fit a model to the training trials and leave it with the weights of its best validation.

    The order of trials and all noise depend on the seed and the epoch alone, so a run that is resumed from a checkpoint
    ends with the same bits as one that was never interrupted, on the same CPU with the same number of threads.

    Parameters
    ----------
    model : SequentialAutoencoder
        From :func:`build`; also when resuming, where all its weights are replaced.
    recording : Recording
    seed : int
    resume : mapping of array, optional
        The last state given to ``checkpoint``.
    checkpoint, on_epoch : callable, optional
        Called after every epoch with the whole state as named arrays, and with the new row of the history: ``epoch``,
        ``loss``, and ``validation_loss``, the Poisson negative log-likelihood of a count (nat, less what no model
        changes).

    Raises
    ------
    InputError
        If a state does not fit the model, or the loss is no longer finite.
    """
    trials, settings = np.flatnonzero(recording.training), model.settings
    history, best = History(), {}
    if resume is not None:
        storage.set_weights(model, checkpoints.part(resume, "weights"))
        history, best = History.of(resume), checkpoints.part(resume, "best")
    rate = settings.learning_rate or LEARNING_RATES[model.decoder]
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=settings.clip, epsilon=ADAM_EPSILON))
    model.optimizer.build(model.trainable_variables)
    if resume is not None:
        checkpoints.set_optimizer(model.optimizer, resume)

    for epoch in range(len(history.rows), settings.epochs):
        model.noise.state.assign(seeds.sequence(seed, "noise", epoch).generate_state(2) & 0x7FFFFFFF)
        model.ramp.assign(min(1.0, (epoch + 1) / (settings.ramp + 1)))
        order = seeds.generator(seed, "order", epoch).permutation(trials)
        losses = [_step(model, recording, batch) for batch in _batches(order, settings.batch_size)]
        validation_loss = _validation_loss(model, recording)
        row = {"epoch": epoch + 1, "loss": float(np.mean(losses)), "validation_loss": validation_loss}
        if not np.isfinite([row["loss"], row["validation_loss"]]).all():
            raise InputError(f"epoch {epoch + 1}: the loss is no longer finite; lower learning_rate ({rate:g})")
        history.rows.append(row)
        if history.best == epoch:
            best = storage.weights(model)
        if checkpoint:
            weights = storage.weights(model)
            checkpoint(checkpoints.state(model.optimizer, weights=weights, best=best, history=history.columns))
        if on_epoch:
            on_epoch(row)
    storage.set_weights(model, best)
    return history


def infer(model: SequentialAutoencoder, recording: Recording, trials: np.ndarray | None = None) -> Inferred:
    """Log-rates, latents and inputs that a model finds in trials (all if not given), without any noise."""
    trials = np.arange(len(recording.counts)) if trials is None else trials
    size = min(model.settings.batch_size, len(trials))
    parts = []
    for start in range(0, len(trials), size):
        batch = np.resize(trials[start : start + size], size)  # one shape for all: the model is compiled once
        found = model.predict_on_batch(_seen(recording, batch))
        parts.append([found[name][: len(trials) - start] for name in ("log_rates", "latents", "inputs")])
    log_rates, latents, inputs = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Inferred(log_rates, latents, inputs if model.settings.n_inferred_inputs else None)


def _step(model: SequentialAutoencoder, recording: Recording, trials: np.ndarray) -> float:
    return model.train_on_batch(_seen(recording, trials), _wanted(recording, trials))


def _seen(recording: Recording, trials: np.ndarray) -> dict[str, np.ndarray]:
    """What the model sees: spikes of held-in neurons in all bins but the last, and the true inputs."""
    spikes = recording.counts[trials, :-1][..., ~recording.held_out]
    return {"spikes": spikes.astype(np.float32), "inputs": recording.inputs[trials].astype(np.float32)}


def _wanted(recording: Recording, trials: np.ndarray) -> dict[str, np.ndarray]:
    """All spikes, and the weights of steps: every trial has the same, whatever its length."""
    weights = recording.within[trials] / recording.n_steps[trials, None]
    return {"counts": recording.counts[trials].astype(np.float32), "weights": weights.astype(np.float32)}


def _batches(order: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Batches of one size; trials that do not fill the last one wait for the next epoch's order."""
    size = min(size, len(order))
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def _validation_loss(model: SequentialAutoencoder, recording: Recording) -> float:
    trials = np.flatnonzero(~recording.training)
    log_rates, wanted = infer(model, recording, trials).log_rates.astype(float), _wanted(recording, trials)
    with np.errstate(over="ignore", invalid="ignore"):  # a model that diverges is told of elsewhere
        surprise = (np.exp(log_rates) - wanted["counts"] * log_rates).mean(axis=2)
    return float((surprise * wanted["weights"]).sum() / len(trials))
