"""Tidy tables of what result files say of pairs of networks and of single units: one observation a row.

Every table says of which network a row is: ``network`` (name of the architecture), ``family``, ``instance`` (its seed)
and ``condition`` ("action recognition", ..., "untrained"); and of which ``layer`` (name) and ``depth`` (0 for the
input). Statistics of layers are gathered by :func:`proprionet.analysis.comparison.instances.gather`.

All functions raise an InputError if there is no file, or one is broken or of another kind.
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from proprionet import store
from proprionet.analysis.comparison.instances import condition
from proprionet.analysis.single_units.invariance import invariance
from proprionet.analysis.single_units.planes import ORIENTATIONS
from proprionet.analysis.single_units.selectivity import max_selectivity, mean_selectivity
from proprionet.errors import InputError


def first_instances(paths: Iterable[Path]) -> dict[tuple[str, str], Path]:
    """Of every network and condition the file of the smallest seed: (network, condition) and its path.

    Files may be of any kind that says of which network it is.
    """
    found: dict[tuple[str, str], tuple[int, Path]] = {}
    for path in paths:
        with store.read(path) as file:
            about = _about(file.attributes())
        key = about["network"], about["condition"]
        found[key] = min((about["instance"], path), found.get(key, (math.inf, path)))
    return {key: path for key, (_, path) in found.items()}


def similarities(paths: Iterable[Path]) -> pd.DataFrame:
    """Similarity of every layer of one network to every layer of another.

    Returns
    -------
    DataFrame
        What the first network is, and ``condition_b``, ``layer_b`` and ``depth_b`` of the second; ``measure`` (such as
        "cka") and ``value``.
    """
    return _each(paths, "similarity", _similarity)


def _similarity(file: store.Reader) -> pd.DataFrame:
    a, b = file.attribute("a"), file.attribute("b")
    layers_a, layers_b = file.attribute("layers_a"), file.attribute("layers_b")
    depth_a, depth_b = (index.ravel() for index in np.indices((len(layers_a), len(layers_b))))
    pairs = pd.DataFrame(_about(a) | {"layer": np.array(layers_a)[depth_a], "depth": depth_a})
    pairs = pairs.assign(
        condition_b=condition(b["task"], b["trained"]), layer_b=np.array(layers_b)[depth_b], depth_b=depth_b
    )
    measured = [pairs.assign(measure=name, value=file[name].ravel()) for name in file.shapes()]
    return pd.concat(measured)


def units(paths: Iterable[Path], orientation: str = "horizontal") -> pd.DataFrame:
    """What every unit is tuned to, over all movements in planes of one orientation.

    Returns
    -------
    DataFrame
        ``space``, ``channel``; a column for each feature with the explained variance on held-out movements;
        ``label_mean`` and ``label_max``, the selectivity for letters (0 to 1); ``preferred_direction`` in degrees. NaN
        where a unit is dead.
    """
    row = ORIENTATIONS.index(orientation)
    return _each(paths, "tuning", lambda file: _units(file, row))


def _units(file: store.Reader, row: int) -> pd.DataFrame:
    columns = {name: file[name] for name in ("space", "channel")}
    columns |= dict(zip(file.attribute("features"), file["r2"][row], strict=True))
    columns |= {
        "label_mean": mean_selectivity(file["selectivity"][row]),
        "label_max": max_selectivity(file["selectivity"][row]),
    }
    return _of_units(file, file["layer"], columns | {"preferred_direction": file["preferred_direction"][row]})


def directions_by_plane(paths: Iterable[Path], orientation: str = "horizontal") -> pd.DataFrame:
    """How preferred directions in single planes differ from those in the central one.

    Returns
    -------
    DataFrame
        ``unit``, ``level`` of the plane (cm) and ``difference`` (degrees, 0 in the central plane), for every unit that
        is tuned to direction in both planes. No rows of files without such planes.
    """
    return _each(paths, "tuning", lambda file: _directions_by_plane(file, orientation))


def _directions_by_plane(file: store.Reader, orientation: str) -> pd.DataFrame:
    single = (file["orientation"] == ORIENTATIONS.index(orientation)) & np.isfinite(file["level"])
    level, direction = file["level"][single], file.attribute("features").index("direction")
    difference = np.empty((0, file["layer"].size))
    if single.any():
        found = invariance(file["r2"][single, direction], file["preferred_direction"][single], level, orientation)
        difference = found.difference.copy()
        difference[found.reference, np.isfinite(difference).any(axis=0)] = 0
    plane, unit = np.nonzero(np.isfinite(difference))
    columns = {"unit": unit, "level": level[plane], "difference": difference[plane, unit]}
    return _of_units(file, file["layer"][unit], columns)


def _of_units(file: store.Reader, layer: np.ndarray, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    names = np.array(file.attribute("layers"))
    return pd.DataFrame(_about(file.attributes()) | {"layer": names[layer], "depth": layer} | columns)


def _about(attributes: dict[str, Any]) -> dict[str, Any]:
    about = {name: attributes[name] for name in ("network", "family", "instance")}
    return about | {"condition": condition(attributes["task"], attributes["trained"])}


def _each(paths: Iterable[Path], kind: str, rows: Callable[[store.Reader], pd.DataFrame]) -> pd.DataFrame:
    tables = [rows(file) for file in store.read_each(paths, kind)]
    if not tables:
        raise InputError(f"no {kind} files to make a table of; make them with {store.KINDS[kind].made_by}")
    return pd.concat(tables, ignore_index=True)
