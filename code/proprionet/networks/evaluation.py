"""How well a network does its task, in the units of what it decodes."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from proprionet import seeds
from proprionet.networks import augmentations, redundancy
from proprionet.networks.samples import Answer, Batch, Samples
from proprionet.networks.tasks import Task


def evaluate(
    model: keras.Model,
    task: Task,
    samples: Samples,
    *,
    augmentation: str = "time",
    trivial: np.ndarray | None = None,
    batch_size: int = 128,
) -> dict[str, float]:
    """Loss and metrics of a network on movements; the first of what :func:`evaluate_each` gives."""
    return evaluate_each(model, task, samples, augmentation=augmentation, trivial=trivial, batch_size=batch_size)[0]


def evaluate_each(
    model: keras.Model,
    task: Task,
    samples: Samples,
    *,
    augmentation: str = "time",
    trivial: np.ndarray | None = None,
    batch_size: int = 128,
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """What a network makes of movements, all together and each, dropout off.

    Parameters
    ----------
    augmentation : str
        How two views of a movement differ whose redundancy is reduced.
    trivial : array, shape (output,), optional
        What a regression is compared with: the mean target of the training set.
    batch_size : int
        Movements in a step.

    Returns
    -------
    metrics : dict of float
        ``loss`` (nats; mean squared error in units of the scale of the targets; redundancy), and ``accuracy``
        (fraction of movements) with ``trivial_accuracy`` (of guessing one of the letters that there are), or
        ``redundancy`` (loss over all movements, two views of each), or:

        ``error``, ``error_<answer>``: Euclidean distance of all of the answer, and of each of its parts where it has
        several (e.g. hand and hand_velocity), mean over movements and time; in the unit of the answer, mixed for
        ``error`` where units are. ``trivial_error``: the same of ``trivial``. ``explained_variance``: one minus the
        residual over the total variance of each number, mean over numbers that vary.
    of_each : dict of array
        ``predicted`` and ``label``, shape (movement,), of a classification; or ``error``, shape (movement, part), of a
        regression: mean Euclidean distance over time, of the parts of :func:`error_parts`. Empty for other tasks.
    """
    if task.loss == "redundancy":
        loss = _redundancy(model, samples, augmentation, batch_size)
        return {"loss": loss, "redundancy": loss}, {}
    tally = _Letters() if task.loss == "cross_entropy" else _Errors(samples.answers, output_scale(model), trivial)
    for block in samples.blocks():
        tally.add(predict(model, block, batch_size), block.targets)
    return tally.metrics(), {name: np.concatenate(values) for name, values in tally.of_each.items()}


def predict(model: keras.Model, batch: Batch, batch_size: int = 128) -> np.ndarray:
    """Answers of a network to some movements, (movement, output) or (movement, layer_time, output), float32."""
    parts = range(0, len(batch.inputs), batch_size)
    answers = [model.predict_on_batch(batch.rows(slice(start, start + batch_size)).network_inputs) for start in parts]
    return np.concatenate(answers).astype(np.float32, copy=False)


def output_scale(model: keras.Model) -> np.ndarray:
    """What one unit of the loss is, for each number that a regression answers; shape (output,)."""
    return np.asarray(ops.convert_to_numpy(model.get_layer("output_scaling").scale))


def error_parts(answers: Sequence[Answer]) -> dict[str, slice]:
    """Which numbers of an answer each error is of: all, and where the answer has several parts, each of them."""
    ends = np.cumsum([0, *(answer.size for answer in answers)])
    whole = {"error": slice(0, ends[-1])}
    parts = {f"error_{answer.name}": slice(ends[i], ends[i + 1]) for i, answer in enumerate(answers)}
    return whole if len(answers) == 1 else whole | parts


class _Letters:
    """Cross-entropy and accuracy over blocks of movements."""

    def __init__(self) -> None:
        self._nats = 0.0
        self.of_each: dict[str, list[np.ndarray]] = {"predicted": [], "label": []}

    def add(self, logits: np.ndarray, letters: np.ndarray) -> None:
        nats = keras.losses.sparse_categorical_crossentropy(letters, logits, from_logits=True)
        self._nats += np.asarray(ops.convert_to_numpy(nats)).sum(dtype=float)
        self.of_each["predicted"].append(logits.argmax(axis=1))
        self.of_each["label"].append(letters)

    def metrics(self) -> dict[str, float]:
        predicted, label = (np.concatenate(values) for values in self.of_each.values())
        return {
            "loss": self._nats / len(label),
            "accuracy": float(np.mean(predicted == label)),
            "trivial_accuracy": 1 / len(np.unique(label)),
        }


class _Errors:
    """Errors of a regression over blocks of movements; targets that are NaN do not count."""

    def __init__(self, answers: Sequence[Answer], scale: np.ndarray, trivial: np.ndarray | None):
        self._scale, self._trivial = scale, trivial
        self._parts = error_parts(answers)
        self._sums: dict[str, Any] = dict.fromkeys(
            ("n", "error_squared", "target", "target_squared", *self._parts, *(f"trivial_{p}" for p in self._parts)),
            0.0,
        )
        self._first: np.ndarray | None = None
        self.of_each: dict[str, list[np.ndarray]] = {"error": []}

    def add(self, answers: np.ndarray, targets: np.ndarray) -> None:
        distances = [np.linalg.norm(answers[..., part] - targets[..., part], axis=-1) for part in self._parts.values()]
        asked = ~np.isnan(targets).any(axis=-1)
        totals = np.stack([np.where(asked, distance, 0).sum(axis=1) for distance in distances], axis=1)
        n_asked = asked.sum(axis=1, keepdims=True)
        self.of_each["error"].append(np.divide(totals, n_asked, where=n_asked > 0, out=np.full_like(totals, np.nan)))
        targets, error = targets[asked].astype(np.float64), (answers[asked] - targets[asked]).astype(np.float64)
        self._sums["n"] += len(targets)
        self._sums["error_squared"] += np.square(error).sum(axis=0)
        if self._first is None and len(targets):
            self._first = targets[0]
        if self._first is not None:  # around it a constant is exactly 0
            self._sums["target"] += (targets - self._first).sum(axis=0)
            self._sums["target_squared"] += np.square(targets - self._first).sum(axis=0)
        for (name, part), distance in zip(self._parts.items(), distances, strict=True):
            self._sums[name] += distance[asked].sum(dtype=float)
            if self._trivial is not None:
                self._sums[f"trivial_{name}"] += np.linalg.norm(targets[:, part] - self._trivial[part], axis=-1).sum()

    def metrics(self) -> dict[str, float]:
        n, sums = self._sums["n"], self._sums
        total = sums["target_squared"] / n - np.square(sums["target"] / n)
        varies = total > 1e-12 * sums["target_squared"] / n
        residual = (sums["error_squared"] / n)[varies] / total[varies]
        metrics = {"loss": float((sums["error_squared"] / n / np.square(self._scale)).mean())}
        metrics |= {name: float(sums[name] / n) for name in self._parts}
        if self._trivial is not None:
            metrics |= {f"trivial_{name}": float(sums[f"trivial_{name}"] / n) for name in self._parts}
        return metrics | {"explained_variance": float(1 - residual.mean()) if varies.any() else 0.0}


def _redundancy(model: keras.Model, samples: Samples, augmentation: str, batch_size: int) -> float:
    """Redundancy of the embeddings of all movements; the views are the same at each call."""
    random = seeds.generator(0, "views")
    views: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for block in samples.blocks():
        both = two_views(model, block.inputs, random, augmentation)
        embeddings = predict(model, Batch(both, None, np.zeros(len(both))), batch_size)
        for view, half in zip(views, np.split(embeddings, 2), strict=True):
            view.append(half)
    return redundancy.measure(*(np.concatenate(view) for view in views))


def two_views(model: keras.Model, inputs: np.ndarray, random: np.random.Generator, augmentation: str) -> np.ndarray:
    """Two augmented views of each movement, the first of all and then the second of all.

    What is silenced has the mean that the network's scaling takes away, which is 0 without scaling (as published).
    """
    mean = np.asarray(ops.convert_to_numpy(model.get_layer("input_scaling").mean))[:, 0]
    return augmentations.two_views(inputs, random, (augmentation,), mean)
