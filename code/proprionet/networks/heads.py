"""What turns the last layer of a backbone into answers."""

from collections.abc import Callable

from keras import layers

from proprionet.networks.blocks import InitialWeights, by_step
from proprionet.networks.families import NetworkSettings


def movement_head(features, settings: NetworkSettings, n_outputs: int, initial: InitialWeights):
    """One answer a movement, from (space, step, channel); recurrent networks decide at the last step."""
    if settings.family == "recurrent":
        features = layers.Cropping2D(((0, 0), (features.shape[2] - 1, 0)), name="head_last_step")(features)
    features = layers.Flatten(name="head_flatten")(features)
    features = layers.Dropout(settings.dropout, seed=0, name="head_dropout")(features)
    return layers.Dense(n_outputs, kernel_initializer=initial("score"), name="score")(features)


def step_head(features, settings: NetworkSettings, n_outputs: int, initial: InitialWeights):
    """One answer at every time step of the last layer, by the same weights, without dropout."""
    features = by_step(features, "head")
    return layers.Dense(n_outputs, kernel_initializer=initial("score"), name="score")(features)


HEADS: dict[str, Callable] = {"movement": movement_head, "step": step_head}
