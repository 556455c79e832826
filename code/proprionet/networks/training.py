"""Training that can stop after any epoch and go on as if it had not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks import storage
from proprionet.networks.activations import predict
from proprionet.networks.backbones import uses_jit
from proprionet.networks.scaling import input_scaling, target_scaling
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import Task

SHUFFLE_BLOCK = 16  # movements that are read together
SHUFFLE_POOL = 4096  # movements that are in memory together: 260 MB of 25 muscles x 320 steps x 2 channels
ADAM_EPSILON = 1e-8  # as published; Keras has 1e-7


@dataclass(frozen=True)
class TrainingData:
    """Inputs (movement, muscle, step, channel) and targets (movement, ...) for training and validation.

    Arrays or HDF5 datasets; both give the same network, since both are read in the same order. ``fresh(epoch,
    batch_size)``, if given, yields the batches (inputs, targets) of an epoch in place of the stored training set, which
    is then only used for scaling.
    """

    inputs: Any
    targets: Any
    validation_inputs: Any
    validation_targets: Any
    fresh: Callable[[int, int], Iterator[tuple[np.ndarray, np.ndarray]]] | None = None


@dataclass
class History:
    """One row an epoch: ``epoch``, ``learning_rate``, ``loss``, ``validation_loss``, ``validation_<metric>``."""

    rows: list[dict[str, float]] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Index of the (first) epoch with the lowest validation loss."""
        return int(np.argmin([row["validation_loss"] for row in self.rows]))

    def plateaus(self, patience: int | None) -> int:
        """How often the validation loss went without improvement for ``patience`` validations in a row."""
        best, waited, plateaus = np.inf, 0, 0
        for row in self.rows:
            waited = 0 if row["validation_loss"] < best else waited + 1
            best = min(best, row["validation_loss"])
            if waited == patience:
                plateaus, waited = plateaus + 1, 0
        return plateaus


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
        From :func:`proprionet.networks.backbones.build`; also when resuming, where its weights are replaced.
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
    if resume is None:
        fit_scaling(model, task, data, recipe)
    else:
        storage.set_weights(model, _part(resume, "weights"))
        history, best = _history(resume), _part(resume, "best")
    optimizer = keras.optimizers.Adam(recipe.learning_rate, epsilon=ADAM_EPSILON)
    model.compile(optimizer, _loss(model, task))
    model.jit_compile = uses_jit()
    optimizer.build(model.trainable_variables)
    if resume is not None:
        _set_optimizer(optimizer, _part(resume, "optimizer"))

    for epoch in range(len(history.rows), recipe.epochs):
        plateaus = history.plateaus(recipe.patience)
        if plateaus == 2:
            break
        learning_rate = recipe.learning_rate / recipe.reduce_factor**plateaus
        optimizer.learning_rate = learning_rate
        row = {"epoch": epoch, "learning_rate": learning_rate, "loss": _train_epoch(model, data, recipe, seed, epoch)}
        validation = evaluate(model, task, data.validation_inputs, data.validation_targets)
        row |= {f"validation_{name}": value for name, value in validation.items()}
        if not np.isfinite([row["loss"], row["validation_loss"]]).all():
            raise InputError(f"epoch {epoch}: the loss is no longer finite; lower learning_rate ({learning_rate:g})")
        history.rows.append(row)
        if history.best_epoch == epoch:
            best = storage.weights(model)
        if checkpoint:
            checkpoint(_state(model, best, history))
        if on_epoch:
            on_epoch(row)
    storage.set_weights(model, best)
    return history


def evaluate(model: keras.Model, task: Task, inputs: Any, targets: Any, batch_size: int = 128) -> dict[str, float]:
    """Loss and metric of a network.

    Returns
    -------
    dict of float
        ``loss`` (nats, or the mean squared error in units of the training targets' variance), and ``accuracy``
        (fraction of movements) or ``error`` (mean Euclidean distance over movements and time steps, cm).
    """
    answers = predict(model, inputs, batch_size)
    targets = np.asarray(targets[:])
    loss = float(np.asarray(ops.convert_to_numpy(_loss(model, task)(targets, answers))).mean())
    if task.metric == "accuracy":
        return {"loss": loss, "accuracy": float(np.mean(answers.argmax(axis=1) == targets))}
    return {"loss": loss, task.metric: float(np.linalg.norm(answers - targets, axis=-1).mean())}


def fit_scaling(model: keras.Model, task: Task, data: TrainingData, recipe: Recipe) -> None:
    """Set the network's fixed scaling layers from the training set, as the recipe says.

    :func:`train` does this itself; an untrained twin needs it to see the same inputs as its trained sibling.
    """
    if recipe.input_scaling == "standardise":
        model.get_layer("input_scaling").set_statistics(*input_scaling(data.inputs))
    if recipe.target_scaling == "standardise" and task.loss == "squared_error":
        model.get_layer("output_scaling").set_statistics(*target_scaling(data.targets))


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


def _train_epoch(model: keras.Model, data: TrainingData, recipe: Recipe, seed: int, epoch: int) -> float:
    """One pass over the training set; returns the mean loss."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            state = layer.seed_generator.state
            state.assign(seeds.sequence(seed, "dropout", layer.name, epoch).generate_state(2) & 0x7FFFFFFF)
    return float(np.mean([model.train_on_batch(*batch) for batch in _batches(data, recipe.batch_size, seed, epoch)]))


def _batches(data: TrainingData, batch_size: int, seed: int, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if data.fresh is not None:
        yield from data.fresh(epoch, batch_size)
        return
    n_samples = data.inputs.shape[0]
    batch_size = min(batch_size, n_samples)
    for pool in sample_order(n_samples, batch_size, seed, epoch):
        inputs, targets = _rows(data.inputs, pool), _rows(data.targets, pool)
        for start in range(0, len(pool) - batch_size + 1, batch_size):
            yield inputs[start : start + batch_size], targets[start : start + batch_size]


def _rows(values: Any, indices: np.ndarray) -> np.ndarray:
    """Rows in the given order; from a file they are read as contiguous runs, far faster than one by one."""
    if isinstance(values, np.ndarray):
        return values[indices]
    ordered = np.sort(indices)
    runs = np.split(ordered, np.flatnonzero(np.diff(ordered) != 1) + 1)
    return np.concatenate([values[run[0] : run[-1] + 1] for run in runs])[np.searchsorted(ordered, indices)]


def _loss(model: keras.Model, task: Task) -> Callable:
    """Loss of each answer; regression errors count in standard deviations of the training targets."""
    if task.loss == "cross_entropy":
        return partial(keras.losses.sparse_categorical_crossentropy, from_logits=True)
    scale = ops.convert_to_numpy(model.get_layer("output_scaling").scale)
    return lambda targets, answers: ops.mean(ops.square((answers - targets) / scale), axis=-1)


def _check(model: keras.Model, data: TrainingData) -> None:
    for part in ("", "validation_"):
        inputs, targets = getattr(data, f"{part}inputs"), getattr(data, f"{part}targets")
        if tuple(inputs.shape[1:]) != model.input_shape[1:]:
            raise InputError(
                f"{part}inputs: movements of shape {tuple(inputs.shape[1:])}, "
                f"but the network expects {model.input_shape[1:]} (muscle, step, channel)"
            )
        if inputs.shape[0] == 0 or inputs.shape[0] != targets.shape[0]:
            raise InputError(f"{part}inputs: {inputs.shape[0]} movements, but {targets.shape[0]} targets")
        expected = model.output_shape[1:] if len(model.output_shape) == 3 else ()
        if tuple(targets.shape[1:]) != expected:
            raise InputError(f"{part}targets: shape {tuple(targets.shape[1:])} a movement, expected {expected}")


def _state(model: keras.Model, best: dict[str, np.ndarray], history: History) -> dict[str, np.ndarray]:
    """All of training as named arrays; the schedule needs no state of its own, the history tells it."""
    optimizer = {f"{i:03d}": ops.convert_to_numpy(variable) for i, variable in enumerate(model.optimizer.variables)}
    columns = {name: np.array([row[name] for row in history.rows]) for name in history.rows[0]}
    parts = {"weights": storage.weights(model), "best": best, "optimizer": optimizer, "history": columns}
    return {f"{part}/{name}": np.array(values) for part, arrays in parts.items() for name, values in arrays.items()}


def _part(state: Mapping[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(f"{part}/"): np.asarray(state[name]) for name in state if name.startswith(f"{part}/")}


def _history(state: Mapping[str, np.ndarray]) -> History:
    columns = {name: values.tolist() for name, values in _part(state, "history").items()}
    return History([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def _set_optimizer(optimizer: keras.Optimizer, arrays: dict[str, np.ndarray]) -> None:
    shapes = [tuple(variable.shape) for variable in optimizer.variables]
    if [np.shape(arrays[name]) for name in sorted(arrays)] != shapes:
        raise InputError(
            "checkpoint: the optimizer's state does not fit this network; remove the checkpoint to restart"
        )
    for variable, name in zip(optimizer.variables, sorted(arrays), strict=True):
        variable.assign(arrays[name])
