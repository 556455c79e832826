"""Activations of a network's layers at the times of a session's bins."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from proprionet.networks import activations
from proprionet.networks.settings import NetworkSettings
from proprionet.networks.timestamps import Alignment, layer_times
from proprionet.neural.windows import Windows
from proprionet.timing import align

MOST_BYTES = 1 << 30  # of rows that are held at once; layers of one pass through the network


def layer_rows(
    settings: NetworkSettings,
    model: Any,
    inputs: np.ndarray,
    windows: Windows,
    steps: np.ndarray,
    *,
    alignment: Alignment = "centre",
    most_bytes: int = MOST_BYTES,
    batch_size: int = 32,
) -> Iterator[tuple[str, np.ndarray]]:
    """Every layer's activations in the bins of windows, layer by layer from the input on.

    Only bins of windows are kept, and of so many layers at once as fit into ``most_bytes``; for the next ones the
    inputs go through the network again.

    Parameters
    ----------
    settings, model : of :func:`proprionet.networks.zoo.rebuild`
    inputs : array, shape (window, muscle, step, channel)
    windows : Windows
    steps : array, shape (bin,)
        Where the bins of the longest window are among the steps of the network, as
        :meth:`proprionet.neural.inputs.Sight.steps_of_bins` says.
    alignment : {"centre", "published"}
        A layer's steps are at their true time stamps, or, as published, evenly from the first step of the input to the
        last, which shifts strided layers by up to half a stride.
    most_bytes : int
        Memory for rows.
    batch_size : int
        Windows that go through the network together.

    Yields
    ------
    name : str
    rows : array, shape (bin of windows, unit), float32
        In the order of :attr:`proprionet.neural.windows.Windows.bins`; units as (space, channel), flattened.

    Source: Marin Vargas et al. 2024, published code (alignment).
    """
    n_steps, mask = inputs.shape[2], windows.mask
    times = layer_times(settings, n_steps)
    if alignment == "published":
        times = {name: np.linspace(0, n_steps - 1, len(stamps)) for name, stamps in times.items()}
    first = np.concatenate([[0], np.cumsum(windows.n_bins)])
    widths = {name: space * channel for name, (_, space, channel) in activations.layer_shapes(model).items()}
    for names in _groups(widths, most_bytes // (4 * first[-1])):
        rows = {name: np.empty((first[-1], widths[name]), np.float32) for name in names}
        for start, block in zip(
            range(0, len(inputs), batch_size), activations.record(model, inputs, batch_size, names), strict=True
        ):
            end = min(start + batch_size, len(inputs))
            for name, values in block.items():
                units = values.reshape(*values.shape[:2], -1)
                rows[name][first[start] : first[end]] = align(units, times[name], steps)[mask[start:end]]
        for name in names:
            yield name, rows.pop(name)


def _groups(widths: Mapping[str, int], most: int) -> list[list[str]]:
    """Layers in order, in groups of so many units at most, but of one layer at least."""
    groups: list[list[str]] = []
    held = most + 1
    for name, width in widths.items():
        held += width
        if held > most:
            groups.append([])
            held = width
        groups[-1].append(name)
    return groups
