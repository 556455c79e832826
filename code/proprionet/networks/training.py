"""Training that can stop after any epoch and go on as if it had not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks import checkpoints, redundancy, storage
from proprionet.networks.backbones import uses_jit
from proprionet.networks.checkpoints import History
from proprionet.networks.evaluation import evaluate, output_scale, two_views
from proprionet.networks.samples import Batch, Samples
from proprionet.networks.scaling import statistics
from proprionet.networks.schedules import one_cycle
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import Task

SHUFFLE_BLOCK = 32  # movements that are read together
SHUFFLE_POOL = 4096  # movements that are shuffled with each other: 260 MB of 25 muscles x 320 steps x 2 channels
ADAM_EPSILON = 1e-8  # as published; Keras has 1e-7


@dataclass(frozen=True)
class TrainingData:
    """Movements for training and validation.

    ``fresh(epoch, batch_size)``, if given, yields the batches of an epoch in place of the stored training set, which is
    then only used for scaling.
    """

    training: Samples
    validation: Samples
    fresh: Callable[[int, int], Iterator[Batch]] | None = None


def train(
    model: keras.Model,
    task: Task,
    data: TrainingData,
    recipe: Recipe,
    seed: int,
    *,
    resume: Mapping[str, np.ndarray] | None = None,
    checkpoint: Callable[[dict[str, np.ndarray]], None] | None = None,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
) -> History:
    """Train a network and leave it with the weights of its best validation.

    Batch order and dropout depend on the seed and the epoch alone, so a run that is resumed from a checkpoint ends
    with the same bits as one that was never interrupted, on the same CPU with the same number of threads. A movement
    that does not fill the last batch of an epoch waits for the next epoch's order.

    Parameters
    ----------
    model : keras.Model
        From :func:`proprionet.networks.backbones.build`, after :func:`fit_scaling`; also when resuming, where all its
        weights are replaced.
    task, data, recipe, seed
        What to learn, from what, how, and the experiment's seed.
    resume : mapping of array, optional
        The last state given to ``checkpoint``.
    checkpoint : callable, optional
        Called after every epoch with the whole state of training as named arrays.
    on_epoch : callable, optional
        Called after every epoch with the new row of the history.

    Raises
    ------
    InputError
        If the data do not fit the network, a state does not fit it, or the loss is no longer finite.
    """
    _check(model, data)
    history, best = History(), {}
    if resume is not None:
        storage.set_weights(model, checkpoints.part(resume, "weights"))
        history, best = History.of(resume), checkpoints.part(resume, "best")
    model.compile(keras.optimizers.Adam(recipe.learning_rate, epsilon=ADAM_EPSILON), _loss(model, task))
    model.jit_compile = uses_jit()
    optimizer = model.optimizer  # in mixed precision it scales the loss too
    optimizer.build(model.trainable_variables)
    n_steps = max(len(data.training) // recipe.batch_size, 1)
    if resume is not None:
        checkpoints.set_optimizer(optimizer, resume)

    for epoch in range(len(history.rows), recipe.epochs):
        plateaus = history.plateaus(recipe.patience)
        if plateaus == 2:
            break
        learning_rate = partial(_learning_rate, recipe, plateaus, epoch, n_steps)
        loss = _train_epoch(model, task, data, recipe, seed, epoch, learning_rate)
        validation = evaluate(model, task, data.validation, augmentation=recipe.augmentation)
        row = {"epoch": epoch + 1, "learning_rate": learning_rate(n_steps - 1), "loss": loss}
        row |= {f"validation_{name}": value for name, value in validation.items()}
        if not np.isfinite([row["loss"], row["validation_loss"]]).all():
            raise InputError(
                f"epoch {epoch + 1}: the loss is no longer finite; lower learning_rate ({recipe.learning_rate:g})"
            )
        history.rows.append(row)
        if history.best == epoch:
            best = storage.weights(model)
        if checkpoint:
            weights = storage.weights(model)
            checkpoint(checkpoints.state(optimizer, weights=weights, best=best, history=history.columns))
        if on_epoch:
            on_epoch(row)
    storage.set_weights(model, best)
    return history


def fit_scaling(model: keras.Model, task: Task, training: Samples, recipe: Recipe) -> np.ndarray | None:
    """Set the network's fixed scaling layers from the training set, as the recipe says.

    The first step of training; an untrained twin needs it to see the same inputs as its trained sibling.

    Returns
    -------
    array, shape (output,), or None
        Mean target of a regression.
    """
    inputs, given, targets = statistics(training, recipe)
    model.get_layer("input_scaling").set_statistics(*inputs.scaling)
    if len(model.inputs) > 1:
        model.get_layer("given_scaling").set_statistics(*given.scaling)
    if task.loss != "squared_error":
        return None
    model.get_layer("output_scaling").set_statistics(*targets.scaling)
    return targets.mean


def sample_order(n_samples: int, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Order of the training set in one epoch: pools of movements, each a list of indices in training order.

    Blocks of neighbouring movements are shuffled, filled into pools that fit into memory, and every pool is shuffled:
    large files are read in contiguous pieces, and a set that fits into one pool is permuted entirely.
    """
    random = seeds.generator(seed, "order", epoch)
    blocks = np.split(np.arange(n_samples), np.arange(SHUFFLE_BLOCK, n_samples, SHUFFLE_BLOCK))
    order = np.concatenate([blocks[block] for block in random.permutation(len(blocks))])
    pool = max(SHUFFLE_POOL // batch_size, 1) * batch_size
    return [random.permutation(part) for part in np.split(order, np.arange(pool, n_samples, pool))]


def _learning_rate(recipe: Recipe, plateaus: int, epoch: int, n_steps: int, step: int) -> float:
    """Of a step of an epoch that has ``n_steps``."""
    if recipe.schedule == "one_cycle":
        return one_cycle(recipe.learning_rate, epoch * n_steps + step, recipe.epochs * n_steps)
    return recipe.learning_rate / recipe.reduce_factor**plateaus


def _train_epoch(
    model: keras.Model,
    task: Task,
    data: TrainingData,
    recipe: Recipe,
    seed: int,
    epoch: int,
    learning_rate: Callable[[int], float],
) -> float:
    """One pass over the training set; returns the mean loss."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            state = layer.seed_generator.state
            state.assign(seeds.sequence(seed, "dropout", layer.name, epoch).generate_state(2) & 0x7FFFFFFF)
    random = seeds.generator(seed, "views", epoch)
    losses = []
    for step, batch in enumerate(_batches(data, recipe.batch_size, seed, epoch)):
        model.optimizer.learning_rate = learning_rate(step)
        if task.loss == "redundancy":
            views = two_views(model, batch.inputs, random, recipe.augmentation)
            batch = Batch(views, None, np.concatenate([batch.targets, batch.targets]))
        losses.append(model.train_on_batch(batch.network_inputs, batch.targets))
    return float(np.mean(losses))


def _batches(data: TrainingData, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
    if data.fresh is not None:
        yield from data.fresh(epoch, batch_size)
        return
    batch_size = min(batch_size, len(data.training))
    order = sample_order(len(data.training), batch_size, seed, epoch)
    for pool in data.training.pools(order):
        for start in range(0, len(pool.inputs) - batch_size + 1, batch_size):
            yield pool.rows(slice(start, start + batch_size))


def _loss(model: keras.Model, task: Task) -> Callable:
    """Loss of some answers; regression errors count in units of the scale of the targets, where there are targets."""
    if task.loss == "cross_entropy":
        return partial(keras.losses.sparse_categorical_crossentropy, from_logits=True)
    if task.loss == "redundancy":
        return redundancy.loss
    scale = ops.convert_to_tensor(output_scale(model))

    def squared_error(targets, answers):
        asked: Any = ops.logical_not(ops.isnan(targets))
        error: Any = ops.where(asked, (answers - targets) / scale, 0)
        count: Any = ops.maximum(ops.sum(ops.cast(asked, error.dtype)), 1)
        return ops.divide(ops.sum(ops.square(error)), count)

    return squared_error


def _check(model: keras.Model, data: TrainingData) -> None:
    for part in ("training", "validation"):
        samples = getattr(data, part)
        if not len(samples):
            raise InputError(f"the {part} part is empty")
        one = samples.read(np.arange(1))
        if one.inputs.shape[1:] != model.inputs[0].shape[1:]:
            raise InputError(
                f"{part}: movements of shape {one.inputs.shape[1:]}, "
                f"but the network expects {tuple(model.inputs[0].shape[1:])} (muscle, step, channel)"
            )
        expected = model.output_shape[1:] if one.targets.ndim > 1 else ()
        if one.targets.shape[1:] != expected:
            raise InputError(f"{part}: targets of shape {one.targets.shape[1:]} a movement, expected {expected}")
