"""Fixed standardisation of inputs and outputs, learnt once from the training set and stored with the weights."""

import itertools

import keras
import numpy as np

from proprionet.errors import InputError
from proprionet.networks.samples import READ_TOGETHER, Samples
from proprionet.networks.settings import Recipe, Scaling


@keras.saving.register_keras_serializable("proprionet")
class FixedScaling(keras.layers.Layer):
    """``(x - mean) / scale``, or with ``invert`` ``x * scale + mean``; mean and scale are weights that do not train.

    ``statistics_shape`` is the shape of mean and scale; it broadcasts against the input without its batch axis.
    They start as 0 and 1 (no scaling). Millimetres and centimetres keep their digits in any precision of a network.
    """

    def __init__(self, statistics_shape: tuple[int, ...], invert: bool = False, **layer_options):
        super().__init__(trainable=False, dtype="float32", **layer_options)
        self.statistics_shape = tuple(statistics_shape)
        self.invert = invert

    def build(self, input_shape):
        self.mean = self.add_weight(shape=self.statistics_shape, initializer="zeros", name="mean", trainable=False)
        self.scale = self.add_weight(shape=self.statistics_shape, initializer="ones", name="scale", trainable=False)

    def call(self, inputs):
        if self.invert:
            return inputs * self.scale + self.mean
        return (inputs - self.mean) / self.scale

    def set_statistics(self, mean: np.ndarray, scale: np.ndarray) -> None:
        """Give the layer its mean and scale; any shape with the right number of values in the right order."""
        self.mean.assign(np.reshape(mean, self.statistics_shape))
        self.scale.assign(np.reshape(scale, self.statistics_shape))


class Statistics:
    """Mean and scaling of every feature over all that is added; missing values (NaN) do not count.

    A feature that never changes has the standard deviation 1 and a range of 1 from its value on.
    """

    def __init__(self, how: Scaling) -> None:
        from sklearn.preprocessing import MinMaxScaler, StandardScaler

        self._how = how
        self._moments, self._range = StandardScaler(), MinMaxScaler()

    def add(self, values: np.ndarray) -> None:
        """More samples, shape (sample, feature)."""
        self._moments.partial_fit(values)
        if self._how == "range":
            self._range.partial_fit(values)

    @property
    def mean(self) -> np.ndarray:
        """Mean of every feature."""
        return np.asarray(self._moments.mean_)

    @property
    def scaling(self) -> tuple[np.ndarray, np.ndarray]:
        """Offset and scale (feature,) that standardise, that map the range to 0 to 1, or 0 and 1 for ``none``."""
        if self._how == "standardise":
            return self.mean, np.asarray(self._moments.scale_)
        if self._how == "range":
            return np.asarray(self._range.data_min_), 1 / np.asarray(self._range.scale_)
        return np.zeros_like(self.mean), np.ones_like(self.mean)


def statistics(samples: Samples, recipe: Recipe) -> tuple[Statistics, Statistics, Statistics]:
    """Statistics of a training set's inputs (muscle and channel), of what its head is given, and of its targets.

    Scaled as the recipe says. Those of targets are of regressions; the others stay empty.

    Raises
    ------
    InputError
        If an input is not finite; names the first such movement.
    """
    inputs, given, targets = (
        Statistics(how) for how in (recipe.input_scaling, recipe.input_scaling, recipe.target_scaling)
    )
    for start, batch in zip(itertools.count(0, READ_TOGETHER), samples.blocks(), strict=False):
        for values, what in ((batch.inputs, "inputs"), (batch.given, "target of the reach")):
            if values is None:
                continue
            finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
            if not finite.all():
                raise InputError(
                    f"{what}: movement {start + np.flatnonzero(~finite)[0]} has values that are not finite"
                )
        _, muscle, _, channel = batch.inputs.shape
        inputs.add(batch.inputs.transpose(0, 2, 1, 3).reshape(-1, muscle * channel))
        if batch.given is not None:
            given.add(batch.given)
        if samples.answers:
            targets.add(batch.targets.reshape(-1, batch.targets.shape[-1]))
    return inputs, given, targets
