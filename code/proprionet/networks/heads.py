"""What turns the last layer of a backbone into answers."""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import layers

from proprionet.networks.blocks import InitialWeights, by_step, normalised
from proprionet.networks.decoder import mirrored
from proprionet.networks.families import NetworkSettings

DRIVEN_UNITS = 128
PROJECTOR_UNITS = (256, 256)


class HeadContext(NamedTuple):
    """What a head needs to know besides the features.

    ``input_shape`` is the network's (muscle, step, channel), ``n_outputs`` the size of one answer, ``given`` a Keras
    tensor of shape (movement, value) with what the head is told besides (the target of a reach, cm), or None.
    """

    settings: NetworkSettings
    input_shape: tuple[int, int, int]
    n_outputs: int
    initial: InitialWeights
    given: Any = None


def movement_head(features, context: HeadContext):
    """One answer a movement, from (space, step, channel); recurrent networks decide at the last step."""
    if context.settings.family == "recurrent":
        features = layers.Cropping2D(((0, 0), (features.shape[2] - 1, 0)), name="head_last_step")(features)
    features = layers.Flatten(name="head_flatten")(features)
    return _score(_dropout(features, context), context)


def step_head(features, context: HeadContext):
    """One answer at every time step of the last layer, by the same weights, without dropout."""
    return _score(by_step(features, "head"), context)


def driven_step_head(features, context: HeadContext):
    """One answer at every time step, from the features of that step and what is given, by one hidden layer.

    Its 128 units are normalised as those of the backbone are. Source: Marin Vargas et al. 2024, torque.
    """
    features = by_step(features, "head")
    if context.given is not None:
        given = layers.RepeatVector(features.shape[1], name="head_given")(context.given)
        features = layers.Concatenate(name="head_with_given")([features, given])
    features = _dense(features, "head_hidden", DRIVEN_UNITS, context)
    features = normalised(features, "head_hidden", context.settings.causal)
    return _score(layers.ReLU(name="head_hidden")(features), context)


def decoder_head(features, context: HeadContext):
    """The inputs again, at every input step: dropout, the backbone mirrored, a linear layer shared by all steps.

    Answers have shape (movement, step, muscle * channel). Source: Marin Vargas et al. 2024, auto-encoder.
    """
    features = mirrored(_dropout(features, context), context.settings, context.input_shape, context.initial)
    return step_head(features, context)


def projector_head(features, context: HeadContext):
    """An embedding of the movement by two hidden layers with batch normalisation; trained by redundancy reduction.

    A batch holds both views of its movements, and is normalised as one. Moving averages follow as fast as in the
    original Barlow Twins. Source: Zbontar et al. 2021; sizes of Marin Vargas et al. 2024.
    """
    features = _dropout(layers.Flatten(name="head_flatten")(features), context)
    for i, units in enumerate(PROJECTOR_UNITS):
        features = _dense(features, f"head_hidden{i}", units, context)
        normaliser = layers.BatchNormalization(momentum=0.9, dtype="float32", name=f"head_hidden{i}_normalisation")
        features = normaliser(features)
        features = layers.ReLU(name=f"head_hidden{i}")(features)
    return _score(features, context)


def _dropout(features, context: HeadContext):
    return layers.Dropout(context.settings.dropout, seed=0, name="head_dropout")(features)


def _dense(features, name: str, units: int, context: HeadContext):
    """A dense layer without bias, since the normaliser that follows has one."""
    initial = context.initial(name)
    return layers.Dense(units, use_bias=False, kernel_initializer=initial, name=f"{name}_dense")(features)


def _score(features, context: HeadContext):
    """The answers, linear in the features; in float32 whatever the precision of the network."""
    initial = context.initial("score")
    return layers.Dense(context.n_outputs, kernel_initializer=initial, dtype="float32", name="score")(features)


HEADS: dict[str, Callable[[Any, HeadContext], Any]] = {
    "movement": movement_head,
    "step": step_head,
    "driven_step": driven_step_head,
    "decoder": decoder_head,
    "projector": projector_head,
}
