"""The backbone the other way round: from its last layer back to the places and time steps of the input."""

from keras import layers

from proprionet.networks.blocks import InitialWeights, by_step, normalised
from proprionet.networks.families import Layer, NetworkSettings

Shape = tuple[int, int, int]  # (space, step, channel)


def mirrored(features, settings: NetworkSettings, input_shape: Shape, initial: InitialWeights):
    """The layers of an architecture mirrored, last one first, each with the published normaliser and ReLU.

    A convolution is mirrored by the transposed convolution of its kernel and stride, less what SAME padding had added,
    so that it answers at the places and steps of the layer below; a dense or recurrent layer by a dense layer that all
    time steps share. Each answers with the channels of the layer below, but the last with those of the first
    convolution: the input's few would be a bottleneck. The decoder looks ahead, even where the backbone is causal.

    Parameters
    ----------
    features : Keras tensor, shape (movement, space, layer_time, channel)
        The backbone's last layer.
    settings, initial
        Of the backbone.
    input_shape : tuple of int
        The network's (muscle, step, channel).

    Returns
    -------
    Keras tensor, shape (movement, muscle, step, channel)
        Its channels are those of the first convolution, or of the input where the first layer is dense.

    Source: Marin Vargas et al. 2024, auto-encoder. Its code crops after the last layer only, at the end of both axes,
    and gives recurrent networks a linear layer in place of a decoder.
    """
    for layer, shape in reversed(_mirrors(settings, input_shape)):
        name = f"decoder_{layer.name}"
        answer = _dense if _is_dense(layer, settings) else _transposed
        features = answer(features, layer, shape, initial)
        features = layers.ReLU(name=name)(normalised(features, name, causal=False))
    return features


def _mirrors(settings: NetworkSettings, input_shape: Shape) -> list[tuple[Layer, Shape]]:
    """The layers in network order, each with the shape that its mirror answers in."""
    found, below = [], input_shape
    for layer in settings.layers():
        space, step, channel = below
        if _is_dense(layer, settings):
            found.append((layer, below))
            below = (layer.size, step, 1)
        else:
            found.append((layer, (space, step, channel if found else layer.size)))
            below = (-(-space // layer.stride[0]), -(-step // layer.stride[1]), layer.size)
    return found


def _is_dense(layer: Layer, settings: NetworkSettings) -> bool:
    """Whether a layer sees a time step as a whole: recurrent ones, and those over muscles of an affine network."""
    return layer.name.startswith("recurrent") or (settings.family == "affine" and layer.name.startswith("spatial"))


def _transposed(features, layer: Layer, shape: Shape, initial: InitialWeights):
    """The mirror of a convolution, before normaliser and ReLU."""
    name = f"decoder_{layer.name}"
    features = layers.Conv2DTranspose(
        shape[2],
        layer.kernel,
        layer.stride,
        padding="valid",
        use_bias=False,
        kernel_initializer=initial(name),
        name=f"{name}_convolution",
    )(features)
    padding = [found - wanted for found, wanted in zip(features.shape[1:3], shape[:2], strict=True)]
    crop = tuple((zeros // 2, zeros - zeros // 2) for zeros in padding)
    return layers.Cropping2D(crop, name=f"{name}_crop")(features)


def _dense(features, layer: Layer, shape: Shape, initial: InitialWeights):
    """The mirror of a dense or recurrent layer, before normaliser and ReLU."""
    name = f"decoder_{layer.name}"
    space, step, channel = shape
    units = layers.Dense(space * channel, use_bias=False, kernel_initializer=initial(name), name=f"{name}_dense")
    features = units(by_step(features, name))
    features = layers.Reshape((step, space, channel), name=f"{name}_space")(features)
    return layers.Permute((2, 1, 3), name=f"{name}_space_first")(features)
