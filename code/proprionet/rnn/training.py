"""Training of recurrent networks on trials that are new in every step."""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks import checkpoints
from proprionet.networks.checkpoints import History
from proprionet.networks.schedules import one_cycle
from proprionet.networks.training import ADAM_EPSILON
from proprionet.rnn import networks
from proprionet.rnn.networks import RecurrentNetwork
from proprionet.rnn.recipes import Recipe
from proprionet.rnn.tasks import Task, Trials


def learning_rate(recipe: Recipe, update: int) -> float:
    """Learning rate of a training step, counted from 0."""
    if recipe.schedule == "constant":
        return recipe.learning_rate
    return one_cycle(recipe.learning_rate, update, recipe.n_updates)


def train(
    network: RecurrentNetwork,
    task: Task,
    practice: Task,
    recipe: Recipe,
    seed: int,
    *,
    n_validation: int,
    interval: int,
    resume: Mapping[str, np.ndarray] | None = None,
    checkpoint: Callable[[dict[str, np.ndarray]], None] | None = None,
    on_validation: Callable[[dict[str, float]], None] | None = None,
) -> History:
    """Train a network and leave it with the weights of its best validation.

    Trials, and the noise of the cell, depend on the seed and the step alone, so a run that is resumed from a checkpoint
    ends with the same bits as one that was never interrupted, on the same CPU with the same number of threads.

    Parameters
    ----------
    network : RecurrentNetwork
        From :func:`proprionet.rnn.networks.build`.
    task, practice : Task
        What validation and training trials are of.
    recipe : Recipe
    seed : int
        The experiment's seed.
    n_validation, interval : int
        Trials of a validation, and training steps between two.
    resume : mapping of array, optional
        The last state given to ``checkpoint``.
    checkpoint : callable, optional
        Called after every validation with the whole state of training as named arrays.
    on_validation : callable, optional
        Called after every validation with the new row of the history.

    Raises
    ------
    InputError
        If a state does not fit the network, or the loss is no longer finite.
    """
    network.latent_weight = recipe.latent_weight
    optimizer = keras.optimizers.Adam(recipe.learning_rate, epsilon=ADAM_EPSILON, global_clipnorm=recipe.clip)
    network.compile(optimizer, jit_compile=recipe.xla)  # pyright: ignore[reportArgumentType]
    optimizer.build(network.trainable_variables)
    history, best = History(), {}
    if resume is not None:
        networks.set_weights(network, checkpoints.part(resume, "weights"))
        checkpoints.set_optimizer(optimizer, resume)
        history, best = History.of(resume), checkpoints.part(resume, "best")
    held_out = task.trials(n_validation, seeds.generator(seed, "validation"))
    first = int(history.rows[-1]["update"]) if history.rows else 0
    for start in range(first, recipe.n_updates, interval):
        stop = min(start + interval, recipe.n_updates)
        loss = _updates(network, practice, recipe, seed, start, stop)
        validation_loss, metrics = evaluate(network, task, held_out)
        row = {"update": stop, "train_loss": loss, "validation_loss": validation_loss}
        row |= {"validation_metric": metrics[task.metric], "learning_rate": learning_rate(recipe, stop - 1)}
        if not np.isfinite([loss, validation_loss]).all():
            raise InputError(
                f"step {stop}: the loss is no longer finite; lower learning_rate ({recipe.learning_rate:g})"
            )
        history.rows.append(row)
        if history.best == len(history.rows) - 1:
            best = networks.weights(network)
        if checkpoint:
            weights = networks.weights(network)
            checkpoint(checkpoints.state(optimizer, weights=weights, best=best, history=history.columns))
        if on_validation:
            on_validation(row)
    networks.set_weights(network, best)
    return history


def evaluate(network: RecurrentNetwork, task: Task, trials: Trials) -> tuple[float, dict[str, float]]:
    """Loss of what the task controls (without the cost of activity), and the task's metrics."""
    done = networks.run(network, trials)
    return task.loss(done["controlled"], trials), task.metrics(done["controlled"], done["outputs"], trials)


def _updates(network: RecurrentNetwork, practice: Task, recipe: Recipe, seed: int, start: int, stop: int) -> float:
    """Training steps from ``start`` to ``stop``; returns their mean loss."""
    losses = []
    for update in range(start, stop):
        random = seeds.generator(seed, "training", update)
        trials = practice.trials(recipe.batch_size, random)
        network.optimizer.learning_rate = learning_rate(recipe, update)
        weights = trials.weights / np.float32(practice.divisor(trials))
        losses.append(network.train_on_batch(network.feed(trials, random), trials.targets, weights))
    return float(np.mean(losses))
