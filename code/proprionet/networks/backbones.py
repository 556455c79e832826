"""Networks as functional Keras models, in the published layout (muscle, time step, channel)."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks.scaling import FixedScaling
from proprionet.networks.settings import NetworkSettings
from proprionet.networks.tasks import Task

NORMALISATION_EPSILON = 1e-12


def build(
    settings: NetworkSettings,
    task: Task,
    seed: int,
    input_shape: tuple[int, int, int] = (25, 320, 2),
    n_outputs: int | None = None,
) -> keras.Model:
    """An untrained network: ``input_scaling``, backbone, and the task's head ending in layer ``score``.

    The initial weights of a layer depend on the seed and the layer's name only: networks for different tasks start
    from the same backbone. Classification heads give logits; regression heads end in ``output_scaling``, so that the
    network answers in the unit of its targets.

    Parameters
    ----------
    settings : NetworkSettings
    task : Task
    seed : int
        The experiment's seed, 0 or larger.
    input_shape : tuple of int
        (muscle, step, channel).
    n_outputs : int, optional
        Size of one answer, where it differs from the task's own.

    Returns
    -------
    keras.Model
        From (movement, muscle, step, channel) to (movement, n_outputs) or (movement, layer_time, n_outputs).

    Raises
    ------
    InputError
        If the input shape is not three positive numbers.

    Source: Sandbrink et al. 2023, Methods and Table 3.
    """
    if len(input_shape) != 3 or min(input_shape) < 1:
        raise InputError(f"input shape {tuple(input_shape)}: expected (muscle, step, channel), each at least 1")
    muscle, _, channel = input_shape
    inputs = keras.Input(input_shape, name="input")
    scaled = FixedScaling((muscle, 1, channel), name="input_scaling")(inputs)
    features = BACKBONES[settings.family](scaled, settings, seed)
    outputs = HEADS[task.head](features, settings, n_outputs or task.n_outputs, seed)
    if task.loss == "squared_error":
        outputs = FixedScaling(outputs.shape[-1:], invert=True, name="output_scaling")(outputs)
    model = keras.Model(inputs, outputs, name=task.name)
    model.jit_compile = uses_jit()
    return model


def uses_jit() -> bool:
    """Whether models are compiled by XLA: JAX needs it; on TensorFlow it halves the speed of these networks on CPU."""
    return keras.config.backend() == "jax"


def _spatial_temporal(features, settings: NetworkSettings, seed: int):
    """Convolutions over muscles, then over time."""
    for layer, filters in enumerate(settings.spatial_filters):
        kernel, stride = (settings.spatial_kernel, 1), (settings.spatial_stride, 1)
        features = _block(features, f"spatial{layer}", filters, kernel, stride, seed)
    for layer, filters in enumerate(settings.temporal_filters):
        kernel, stride = (1, settings.temporal_kernel), (1, settings.temporal_stride)
        features = _block(features, f"temporal{layer}", filters, kernel, stride, seed)
    return features


def _block(features, name: str, filters: int, kernel: tuple[int, int], stride: tuple[int, int], seed: int):
    """Convolution, normalisation, ReLU; the layer called ``name`` is the block's output.

    The published normalisation has one mean and variance a sample, over space, time and channels, and a gain and
    offset a channel: group normalisation with one group.
    """
    features = layers.Conv2D(
        filters,
        kernel,
        stride,
        padding="same",
        use_bias=False,
        kernel_initializer=_initializer(seed, name),
        name=f"{name}_convolution",
    )(features)
    features = layers.GroupNormalization(groups=1, epsilon=NORMALISATION_EPSILON, name=f"{name}_normalisation")(
        features
    )
    return layers.ReLU(name=name)(features)


def _movement_head(features, settings: NetworkSettings, n_outputs: int, seed: int):
    """One answer a movement."""
    features = layers.Flatten(name="head_flatten")(features)
    features = layers.Dropout(settings.dropout, seed=0, name="head_dropout")(features)
    return layers.Dense(n_outputs, kernel_initializer=_initializer(seed, "score"), name="score")(features)


def _step_head(features, settings: NetworkSettings, n_outputs: int, seed: int):
    """One answer at every time step of the last layer, by the same weights, without dropout."""
    _, space, step, channel = features.shape
    features = layers.Permute((2, 1, 3), name="head_time_first")(features)
    features = layers.Reshape((step, space * channel), name="head_flatten")(features)
    return layers.Dense(n_outputs, kernel_initializer=_initializer(seed, "score"), name="score")(features)


def _initializer(seed: int, layer: str) -> Any:
    return keras.initializers.GlorotUniform(seed=seeds.integer(seed, "weights", layer))


BACKBONES: dict[str, Callable] = {"spatial_temporal": _spatial_temporal}
HEADS: dict[str, Callable] = {"movement": _movement_head, "step": _step_head}
