"""Networks as functional Keras models, in the published layout (muscle, time step, channel)."""

import keras
from keras import layers

from proprionet import networks
from proprionet.errors import InputError
from proprionet.networks.blocks import InitialWeights, as_space, by_step, convolution, normalised
from proprionet.networks.families import Affine, NetworkSettings, Recurrent
from proprionet.networks.heads import HEADS, HeadContext
from proprionet.networks.scaling import FixedScaling
from proprionet.networks.tasks import Task


def build(
    settings: NetworkSettings,
    task: Task,
    seed: int,
    input_shape: tuple[int, int, int],
    n_outputs: int,
    given: int = 0,
) -> keras.Model:
    """An untrained network: ``input_scaling``, backbone, and the task's head ending in layer ``score``.

    The initial weights of a layer depend on the seed and the names of architecture and layer only: networks for
    different tasks, and on different backends, start from the same backbone. Classification heads give logits;
    regression heads end in ``output_scaling``, so that the network answers in the unit of its targets.

    Parameters
    ----------
    settings : NetworkSettings
    task : Task
    seed : int
        The experiment's seed, 0 or larger.
    input_shape : tuple of int
        (muscle, step, channel); also (joint, step, channel) and (muscle, step, afferent).
    n_outputs : int
        Size of one answer; of the input itself for a decoder.
    given : int
        Number of values a movement that the head is told besides; the model then takes [input, given], the second of
        shape (movement, given).

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
    initial = InitialWeights(seed, settings.name)
    features = backbone(scaled, settings, initial)
    told = keras.Input((given,), name="given") if given else None
    known = None if told is None else FixedScaling((given,), name="given_scaling")(told)
    context = HeadContext(settings, input_shape, n_outputs, initial, known)
    outputs = HEADS[task.head](features, context)
    if task.loss == "squared_error":
        outputs = FixedScaling(outputs.shape[-1:], invert=True, name="output_scaling")(outputs)
    model = keras.Model(inputs if told is None else [inputs, told], outputs, name=task.name)
    model.jit_compile = uses_jit()
    return model


def uses_jit() -> bool:
    """Whether models are compiled by XLA: JAX needs it; TensorFlow can, at half the speed for these networks on CPU."""
    return keras.config.backend() == "jax" or networks.uses_xla()


def backbone(features, settings: NetworkSettings, initial: InitialWeights):
    """The layers of an architecture on top of scaled inputs; each has its name and shape (space, step, channel).

    Units of dense and recurrent layers are places in space with one channel.
    """
    for layer in settings.layers():
        if isinstance(settings, Recurrent) and layer.name.startswith("recurrent"):
            features = _recurrent(features, layer.name, layer.size, settings, initial)
        elif isinstance(settings, Affine) and layer.name.startswith("spatial"):
            features = _dense(features, layer.name, layer.size, settings, initial)
        else:
            features = convolution(features, layer, settings.causal, initial)
    return features


def _recurrent(features, name: str, units: int, settings: Recurrent, initial: InitialWeights):
    """A recurrent layer that answers at every step; biases start as 0, an LSTM's forget gate as 1 (published: 0)."""
    kind, gates = {"lstm": (layers.LSTM, 4), "gru": (layers.GRU, 3)}[settings.cell]
    remember = {} if settings.memory is None else {"bias_initializer": initial.memory(f"{name}/bias", settings.memory)}
    if remember and settings.cell == "lstm":
        remember["unit_forget_bias"] = False
    features = kind(
        units,
        return_sequences=True,
        kernel_initializer=initial(f"{name}/kernel", gates),
        recurrent_initializer=initial(f"{name}/recurrent_kernel", gates),
        name=f"{name}_{settings.cell}",
        **remember,
    )(by_step(features, name))
    return as_space(features, name)


def _dense(features, name: str, units: int, settings: Affine, initial: InitialWeights):
    """One layer over all muscles of a time step: dense without bias, normaliser, ReLU, dropout."""
    features = layers.Dense(units, use_bias=False, kernel_initializer=initial(name), name=f"{name}_dense")(
        by_step(features, name)
    )
    features = layers.ReLU(name=f"{name}_relu")(normalised(features, name, settings.causal))
    features = layers.Dropout(settings.spatial_dropout, seed=0, name=f"{name}_dropout")(features)
    return as_space(features, name)
