"""Layers of networks that read letters, as trajectories: units over the time of each movement."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.rnn import alignment

_MOVEMENTS_AT_ONCE = 32
_MOMENTS_TO_FIT = 20_000


def common_moments(
    times: Sequence[np.ndarray], first: np.ndarray, n_samples: np.ndarray
) -> tuple[list[np.ndarray], float]:
    """Moments of each movement at which all layers can be read, as dense as the coarsest layer.

    Parameters
    ----------
    times : sequence of array, shape (layer_time,)
        Centres of the steps of each layer, in samples of the movements.
    first, n_samples : array, shape (movement,)
        Where each movement begins, and how long it is: what is before and after is padding.

    Returns
    -------
    list of array
        Of each movement, in samples.
    float
        Samples between two moments.

    Raises
    ------
    InputError
        If a movement has fewer than two moments.
    """
    if short := [len(one) for one in times if len(one) < 2]:
        raise InputError(f"a layer of {short[0]} time step has no dynamics: choose others with --layers")
    spacing = max(float(np.diff(one).max()) for one in times)
    earliest, latest = max(one[0] for one in times), min(one[-1] for one in times)
    moments = []
    for number, (begin, length) in enumerate(zip(first, n_samples, strict=True)):
        begin, end = max(begin, earliest), min(begin + length - 1, latest)
        moments.append(np.arange(begin, end + 1e-9, spacing))
        if len(moments[-1]) < 2:
            raise InputError(
                f"movement {number} of {length} samples is too short for layers that answer every {spacing:g} samples: "
                "choose others with --layers"
            )
    return moments, spacing


def layer_components(
    layer: Any,
    times: np.ndarray,
    moments: Sequence[np.ndarray],
    train: np.ndarray,
    n_components: int,
    seed: int,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Trajectories of a layer in its largest principal components, read at given moments.

    Parameters
    ----------
    layer : HDF5 dataset or array, shape (movement, layer_time, space, channel)
        Read in blocks of movements.
    times : array, shape (layer_time,)
        In samples, as ``moments``; between steps, responses are interpolated.
    moments : sequence of array
        Of each movement.
    train : array of int
        Movements that the components are fitted to, on up to 20,000 of their moments.

    Returns
    -------
    list of array, shape (moment, component)
    array, shape (component,)
        Share of variance that each holds.

    Raises
    ------
    InputError
        If responses are not finite or never change.
    """
    n_moments = sum(len(moments[movement]) for movement in train)
    share = min(1.0, _MOMENTS_TO_FIT / n_moments)
    random = seeds.generator(seed, "moments of layers")
    chosen = {int(movement): random.random(len(moments[movement])) < share for movement in train}
    sample = [trial[chosen[number]] for number, trial in _trials(layer, times, moments) if number in chosen]
    fitted = alignment.principal_components(np.concatenate(sample), n_components)
    return [fitted.transform(trial) for _, trial in _trials(layer, times, moments)], fitted.explained_variance_ratio_


def _trials(layer: Any, times: np.ndarray, moments: Sequence[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Number and responses, shape (moment, unit), of each movement."""
    for start in range(0, len(moments), _MOVEMENTS_AT_ONCE):
        block = np.asarray(layer[start : start + _MOVEMENTS_AT_ONCE])
        for number, responses in enumerate(block.reshape(*block.shape[:2], -1), start):
            place = np.interp(moments[number], times, np.arange(len(times)))
            before = np.minimum(place.astype(int), len(times) - 2)
            share = (place - before)[:, None]
            yield number, (1 - share) * responses[before] + share * responses[before + 1]
