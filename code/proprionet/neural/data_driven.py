"""Networks that are trained on the recorded neurons themselves: what the same backbone reaches when it is told.

Source: Marin Vargas et al. 2024, published code (``nn_train_rutils_spikes``). Differences: every trial is held out
once, in the folds of the regressions; the weights of the best validation on other trials are kept; the loss counts
every bin, not only the network's time steps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from proprionet.networks import backbones, training
from proprionet.networks.families import NetworkSettings
from proprionet.networks.samples import Answer, of_arrays
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import target_times
from proprionet.neural.regression import Prediction, trial_folds
from proprionet.neural.responses import Responses
from proprionet.neural.scores import explained_variance, explained_variance_interval, score
from proprionet.neural.windows import Windows
from proprionet.timing import align

TASK = TASKS["neurons"]


@dataclass(frozen=True, eq=False)
class Recording:
    """What a network is shown of a session, and what neurons answer."""

    inputs: np.ndarray
    """(window, muscle, step, channel)."""
    windows: Windows
    steps: np.ndarray
    """(bin,): where the bins of the longest window are among the steps of the input."""
    wanted: Responses
    """At no lag, in all bins of the windows."""

    def folds(self, n_folds: int, seed: int) -> np.ndarray:
        """Fold of each trial, that of :func:`proprionet.neural.regression.predict`."""
        return trial_folds(len(np.unique(self.windows.trial)), n_folds, seed)

    def targets(self) -> np.ndarray:
        """Responses in the bins of each window, NaN beyond its end: (window, bin of the longest, neuron), float32."""
        values = self.wanted.values[:, 0]
        targets = np.full((*self.windows.mask.shape, values.shape[1]), np.nan, np.float32)
        targets[self.windows.mask] = values
        return targets


@dataclass(frozen=True, eq=False)
class FoldPrediction:
    """One fold of trials, predicted by a network that has not seen them."""

    predicted: np.ndarray
    """(window held out, bin of the longest, neuron): spikes a bin."""
    validation: np.ndarray
    """(neuron,): explained variance of the trials that chose the weights."""
    training: np.ndarray
    """(neuron,): explained variance of the trials trained on."""


def fit_fold(
    recording: Recording,
    settings: NetworkSettings,
    recipe: Recipe,
    number: int,
    *,
    n_folds: int,
    seed: int,
    weights_seed: int,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
) -> FoldPrediction:
    """Train on all folds of trials but one, a part of them for validation, and predict that one.

    Parameters
    ----------
    number : int
        The fold that is held out.
    n_folds, seed : int
        Parts that the trials are dealt into, and what deals them.
    weights_seed : int
        Of the initial weights: those of networks of this architecture and seed for any task.
    on_epoch : callable, optional
        See :func:`proprionet.networks.training.train`.

    Raises
    ------
    InputError
        If trials are too few for the folds, or the loss is no longer finite.
    """
    trials, place = np.unique(recording.windows.trial, return_inverse=True)
    fold = recording.folds(n_folds, seed)
    inner = np.full(len(trials), -1)
    inner[fold != number] = trial_folds(int((fold != number).sum()), n_folds, seed, "inner", number)
    parts = [np.flatnonzero(chosen[place]) for chosen in (inner > 0, inner == 0, fold == number)]
    targets = recording.targets()
    model = _network(recording, settings, targets.shape[2], weights_seed)
    answer = (Answer("response", "spikes", targets.shape[2]),)
    train, validation = (of_arrays(recording.inputs[part], targets[part], answer) for part in parts[:2])
    training.fit_scaling(model, TASK, train, recipe)
    training.train(model, TASK, training.TrainingData(train, validation), recipe, seed, on_epoch=on_epoch)
    answers = [np.asarray(model.predict(recording.inputs[part], verbose=0)) for part in parts]
    asked = [recording.windows.mask[part] for part in parts]
    explained = [
        explained_variance(targets[part][bins], of[bins])
        for part, bins, of in zip(parts[:2], asked, answers, strict=False)
    ]
    return FoldPrediction(answers[2], explained[1], explained[0])


def assemble(recording: Recording, found: Mapping[int, FoldPrediction], seed: int) -> Prediction:
    """Scores over all trials, each predicted in its fold; there is no penalty (0) and no lag."""
    trials, place = np.unique(recording.windows.trial, return_inverse=True)
    fold = recording.folds(len(found), seed)
    observed = recording.wanted.values[:, 0]
    of_windows = np.empty((*recording.windows.mask.shape, observed.shape[1]))
    for number, part in found.items():
        of_windows[fold[place] == number] = part.predicted
    predicted = of_windows[recording.windows.mask]
    trial_of_bins = np.searchsorted(trials, recording.wanted.bins.trial)
    return Prediction(
        predicted,
        observed,
        score(observed, predicted),
        explained_variance_interval(observed, predicted, trial_of_bins, seed),
        validation=np.mean([part.validation for part in found.values()], axis=0),
        training=np.mean([part.training for part in found.values()], axis=0),
        alpha=np.zeros((len(found), observed.shape[1])),
        lag=np.zeros(observed.shape[1], int),
        fold=fold,
    )


def _network(recording: Recording, settings: NetworkSettings, n_neurons: int, seed: int) -> Any:
    """A network that answers in every bin: between its own time steps the answers are interpolated."""
    shape = recording.inputs.shape[1:]
    model: Any = backbones.build(settings, TASK, seed, shape, n_neurons)
    times = target_times(settings, shape[1])
    between = align(np.eye(len(times))[None], times, recording.steps)[0]
    return keras.Model(model.inputs, _Interpolated(between)(model.output), name=model.name)


class _Interpolated(keras.layers.Layer):
    """Answers (window, layer_time, neuron) at other times (window, bin, neuron), by weights (bin, layer_time)."""

    def __init__(self, between: np.ndarray):
        super().__init__(trainable=False, dtype="float32", name="interpolated")
        self._between = between.astype(np.float32)

    def call(self, answers):
        return keras.ops.einsum("bt,wtn->wbn", self._between, answers)
