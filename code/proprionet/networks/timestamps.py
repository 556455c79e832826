"""Where in a movement the time steps of each network layer look."""

from typing import Literal

import numpy as np

from proprionet.errors import InputError
from proprionet.networks.settings import NetworkSettings

Alignment = Literal["centre", "published"]


def layer_times(settings: NetworkSettings, n_steps: int) -> dict[str, np.ndarray]:
    """Where every time step of every layer looks.

    That is the centre of its receptive field: with SAME padding, output j of a layer with kernel k and stride s on n
    steps is centred on step ``s * j - padding + (k - 1) / 2`` of the layer below, with ``padding`` zeros before the
    first step. What looks back only answers when the last input is in: output j of a causal convolution has the time of
    step ``s * j`` below, a recurrent layer has the times of the layer below.

    Parameters
    ----------
    settings : NetworkSettings
    n_steps : int
        Time steps of the network's input.

    Returns
    -------
    dict of array, shape (layer_time,)
        Positions in input steps (0 is the first; halves occur for even kernels), for ``input`` and the layers of
        ``settings.layers()``, in network order. With even kernels the last centre may lie just after the movement.
    """
    times = {"input": np.arange(n_steps, dtype=float)}
    first, spacing, length = 0.0, 1, n_steps
    for layer in settings.layers():
        kernel, stride = layer.kernel[1], layer.stride[1]
        below, length = length, -(-length // stride)
        if not settings.causal:
            padding = max((length - 1) * stride + kernel - below, 0) // 2
            first += spacing * ((kernel - 1) / 2 - padding)
        spacing *= stride
        times[layer.name] = first + spacing * np.arange(length)
    return times


def target_times(settings: NetworkSettings, n_steps: int, alignment: Alignment = "centre") -> np.ndarray:
    """Input steps at which a task that answers at every network time step is asked.

    Parameters
    ----------
    settings : NetworkSettings
    n_steps : int
        Time steps of the network's input.
    alignment : {"centre", "published"}
        ``centre``: the times of the last layer (:func:`layer_times`), kept within the movement. ``published``:
        multiples of ``floor(n_steps / (layer_time - 1))``, as the published networks were trained.

    Returns
    -------
    array, shape (layer_time,)
        Positions in input steps, within 0 and ``n_steps - 1``.

    Raises
    ------
    InputError
        If the published grid does not fit into the movement.
    """
    centre = list(layer_times(settings, n_steps).values())[-1]
    if alignment == "centre":
        return np.minimum(centre, n_steps - 1)
    published = np.arange(len(centre), dtype=float) * (n_steps // max(len(centre) - 1, 1))
    if published[-1] > n_steps - 1:
        raise InputError(
            f"published alignment: step {published[-1]:.0f} lies beyond a movement of {n_steps} steps; use 'centre'"
        )
    return published
