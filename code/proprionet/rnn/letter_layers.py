"""Layers of networks that read letters, as trajectories: units over the time of each movement."""

from collections.abc import Iterator, Mapping, Sequence
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
_FEWEST = 10


def layers(
    files: Sequence[Reader], n_components: int, wanted: str, n_moments: int, seed: int, watch: Watch
) -> Recorded:
    """Layers of networks that were shown the same movements, over the time of each.

    Layers that answer too rarely for half of the movements are left out, then the movements that are too short for one
    of the layers that stay.

    Parameters
    ----------
    files : sequence of Reader
        Activations.
    n_components : int
        Principal components of each layer.
    wanted : str
        Names of layers with commas, those of each network that it has; or all.
    n_moments : int
        Moments that a movement must have.
    seed : int
        Chooses a fifth of the movements to be held out.

    Raises
    ------
    InputError
        If movements differ, all are too short, no network has a layer that is wanted, or responses are not finite.
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
    first, n_samples = files[0]["first"], files[0]["n_samples"]
    coarse = {key for key, one in times.items() if np.median(n_samples) < (n_moments - 1) * _spacing(one) + 1}
    if len(coarse) == len(times):
        raise InputError(f"movements are too short for {n_moments} moments of any layer: choose fewer --n-delays")
    moments, spacing = common_moments([one for key, one in times.items() if key not in coarse], first, n_samples)
    kept = {number: trial for number, trial in enumerate(moments) if len(trial) >= n_moments}
    if len(kept) < _FEWEST:
        raise InputError(
            f"{len(kept)} movements have {n_moments} moments {spacing:g} samples apart, {_FEWEST} are needed: choose "
            "fewer --n-delays, or finer --layers"
        )
    order = seeds.generator(seed, "held-out movements").permutation(len(kept))
    train = np.ones(len(kept), bool)
    train[order[: max(1, round(_HELD_OUT * len(kept)))]] = False
    found = Recorded(train=train, step=spacing)
    if dropped := len(moments) - len(kept):
        found.undefined["movements"] = f"{dropped} of {len(moments)} movements are too short for {n_moments} moments"
    for name, file, layer in watch(chosen, about="layers"):
        if (name, layer) in coarse:
            found.undefined[f"{name} {layer}"] = (
                f"{name} {layer} answers {len(times[name, layer])} times, too rarely for half of the movements"
            )
            continue
        about = {key: file.attribute(key) for key in ABOUT_NETWORK} | {"layer": layer}
        responses, rows = file.dataset(f"layers/{layer}"), np.array(list(kept))[train]
        with located(f"{name} {layer}: "), found.unless_still(f"{name} {layer}"):
            reduced = layer_components(responses, times[name, layer], kept, rows, n_components, seed)
            found.add(f"{name} {layer}", *reduced, **about)
    return found


def _spacing(times: np.ndarray) -> float:
    """Samples between two answers of a layer; infinite if it answers once."""
    return float(np.diff(times).max()) if len(times) > 1 else np.inf


def _chosen(file: Reader, wanted: str) -> list[str]:
    names = file.attribute("layers")
    return names if wanted == "all" else [name for name in names if name in wanted.split(",")]


def common_moments(
    times: Sequence[np.ndarray], first: np.ndarray, n_samples: np.ndarray
) -> tuple[list[np.ndarray], float]:
    """Moments of each movement at which all layers can be read, as dense as the coarsest of them.

    Parameters
    ----------
    times : sequence of array, shape (layer_time,)
        Centres of the steps of each layer, two at least, in samples of the movements.
    first, n_samples : array, shape (movement,)
        Where each movement begins, and how long it is: what is before and after is padding.

    Returns
    -------
    list of array
        Of each movement, in samples.
    float
        Samples between two moments.
    """
    spacing = max(map(_spacing, times))
    earliest, latest = max(one[0] for one in times), min(one[-1] for one in times)
    bounds = zip(np.maximum(first, earliest), np.minimum(first + n_samples - 1, latest), strict=True)
    return [np.arange(begin, end + 1e-9, spacing) for begin, end in bounds], spacing


def layer_components(
    layer: Any,
    times: np.ndarray,
    moments: Mapping[int, np.ndarray],
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
    moments : mapping of movement to array
        Of movements that count.
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


def _trials(layer: Any, times: np.ndarray, moments: Mapping[int, np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Number and responses, shape (moment, unit), of each movement that has moments."""
    for start in range(0, len(layer), _MOVEMENTS_AT_ONCE):
        block = np.asarray(layer[start : start + _MOVEMENTS_AT_ONCE])
        for number, responses in enumerate(block.reshape(*block.shape[:2], -1), start):
            if number not in moments:
                continue
            place = np.interp(moments[number], times, np.arange(len(times)))
            before = np.minimum(place.astype(int), len(times) - 2)
            share = (place - before)[:, None]
            yield number, (1 - share) * responses[before] + share * responses[before + 1]
