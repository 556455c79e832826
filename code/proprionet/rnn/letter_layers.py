"""Layers of networks that read letters, as trajectories: units over the time of each movement."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from proprionet import seeds
from proprionet.config import nearest
from proprionet.dataset.stimuli import check_same_movements, check_stimuli
from proprionet.errors import InputError, located
from proprionet.rnn import alignment
from proprionet.rnn.recorded import SCREE, Recorded, Watch, different_names
from proprionet.store import ABOUT_NETWORK, Reader

_MOVEMENTS_AT_ONCE = 32
_MOMENTS_TO_FIT = 20_000
_HELD_OUT = 0.2


def layers(files: Sequence[Reader], n_components: int, wanted: str, seed: int, watch: Watch) -> Recorded:
    """Layers of networks that were shown the same movements, over the time of each.

    Parameters
    ----------
    files : sequence of Reader
        Activations.
    n_components : int
        Principal components of each layer.
    wanted : str
        Names of layers with commas, those of each network that it has; or all.
    seed : int
        Chooses a fifth of the movements to be held out.

    Raises
    ------
    InputError
        If movements differ or are too short, no network has a layer that is wanted, or responses are not finite.
    """
    names = different_names([f"{file.attribute('task')} {file.attribute('network')}" for file in files], files)
    chosen = [(name, file, layer) for name, file in zip(names, files, strict=True) for layer in _chosen(file, wanted)]
    known = sorted({layer for file in files for layer in file.attribute("layers")})
    for layer in () if wanted == "all" else wanted.split(","):
        if layer not in known:
            raise InputError(f"layers: no network has {layer!r}; {nearest(layer, known)}")
    for file in files:
        check_stimuli(file)
        check_same_movements(files[0], file)
    times = {(name, layer): file[f"times/{layer}"] for name, file, layer in chosen}
    moments, spacing = common_moments(list(times.values()), files[0]["first"], files[0]["n_samples"])
    order = seeds.generator(seed, "held-out movements").permutation(len(moments))
    train = np.ones(len(moments), bool)
    train[order[: max(1, round(_HELD_OUT * len(moments)))]] = False
    found = Recorded(train=train, step=spacing)
    for name, file, layer in watch(chosen, about="layers"):
        about = {key: file.attribute(key) for key in ABOUT_NETWORK} | {"layer": layer}
        responses, rows = file.dataset(f"layers/{layer}"), np.flatnonzero(train)
        with located(f"{name} {layer}: "), found.unless_still(f"{name} {layer}"):
            reduced = layer_components(responses, times[name, layer], moments, rows, n_components, seed)
            found.add(f"{name} {layer}", *reduced, **about)
    return found


def _chosen(file: Reader, wanted: str) -> list[str]:
    names = file.attribute("layers")
    return names if wanted == "all" else [name for name in names if name in wanted.split(",")]


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
    fitted = alignment.principal_components(np.concatenate(sample), max(n_components, SCREE))
    reduced = [fitted.transform(trial)[:, :n_components] for _, trial in _trials(layer, times, moments)]
    return reduced, fitted.explained_variance_ratio_


def _trials(layer: Any, times: np.ndarray, moments: Sequence[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Number and responses, shape (moment, unit), of each movement."""
    for start in range(0, len(moments), _MOVEMENTS_AT_ONCE):
        block = np.asarray(layer[start : start + _MOVEMENTS_AT_ONCE])
        for number, responses in enumerate(block.reshape(*block.shape[:2], -1), start):
            place = np.interp(moments[number], times, np.arange(len(times)))
            before = np.minimum(place.astype(int), len(times) - 2)
            share = (place - before)[:, None]
            yield number, (1 - share) * responses[before] + share * responses[before + 1]
