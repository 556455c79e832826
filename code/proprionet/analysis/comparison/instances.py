"""Results of many networks in one table: which network, trained on what, from which seed, at which layer."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from proprionet import store
from proprionet.analysis.layers.rdm import KINEMATICS
from proprionet.errors import InputError

UNTRAINED = "untrained"
RECOGNITION = "action recognition"
DECODING = "trajectory decoding"
POSITION_AND_VELOCITY = "position and velocity decoding"
CONDITIONS = (RECOGNITION, DECODING, POSITION_AND_VELOCITY, UNTRAINED)
"""The conditions of Sandbrink et al. 2023, in the order of its figures."""

KINDS = ("unit_summary", "decoding", "rdm")
"""Kinds of files that have a statistic for each layer."""

_ALIKE = ("stimuli", "plane", "rules", "shuffled", "held_out", "metric", "alpha", "targets")
"""Attributes that files which are compared have in common."""


def condition(task: str, trained: bool) -> str:
    """What a network was trained on, in words; a network that was not is of no task."""
    if not trained:
        return UNTRAINED
    return POSITION_AND_VELOCITY if task == "hand_position_velocity" else task.replace("_", " ")


def rank_of_condition(condition: str) -> tuple[bool, int, str]:
    """What conditions are sorted by: tasks as in the paper's figures, then others; untrained last."""
    rank = CONDITIONS.index(condition) if condition in CONDITIONS else len(CONDITIONS)
    return condition == UNTRAINED, rank, condition


def ordered(conditions: Iterable[str]) -> list[str]:
    """Different conditions, in that order."""
    return sorted(set(conditions), key=rank_of_condition)


def gather(paths: Iterable[Path]) -> pd.DataFrame:
    """Every statistic of every layer in files of :data:`KINDS`, one a row.

    Returns
    -------
    DataFrame
        ``network``, ``family``, ``condition``, ``instance``, ``layer`` (its name), ``depth`` (0 for the input),
        ``statistic`` and ``value``. Statistics of decoding are named ``decoding_r2_x``, ``decoding_distance``; of an
        RDM ``oracle_pearson`` and ``oracle_kendall``.

    Raises
    ------
    InputError
        If there is no file, one is of another kind or contradicts itself, two are of one instance, layers of one
        network differ, or files were made by different rules.
    """
    paths = list(paths)
    if not paths:
        raise InputError(f"no files of layer statistics were given; expected {' or '.join(KINDS)} files")
    tables, seen = [], {}
    for path in paths:
        with store.read(path) as file:
            if file.kind not in KINDS:
                raise InputError(f"{path.name}: is a {file.kind} file, expected one of {', '.join(KINDS)}")
            about = {name: file.attribute(name) for name in store.ABOUT_NETWORK}
            _check_against(seen, file, about)
            tables.append(_table(file, about))
    return pd.concat(tables, ignore_index=True)


def _check_against(seen: dict, file: store.Reader, about: dict) -> None:
    """Compare a file with those that were read before it, and remember it."""
    attributes, where = file.attributes(), file.path
    who = f"{about['network']}, {condition(about['task'], about['trained'])}, instance {about['instance']}"
    same = seen.setdefault((file.kind, who), where)
    if same is not where:
        raise InputError(f"{same} and {where} are both the {file.kind} of {who}; give only one of them")
    for subject, value in (
        (f"layers of {about['network']}", _layers_of_network(attributes["layers"])),
        *((f"{name} of {file.kind} files", attributes[name]) for name in _ALIKE if name in attributes),
    ):
        before, first = seen.setdefault(subject, (value, where))
        if before != value:
            raise InputError(f"{where}: {subject} differ: {value} here, {before} in {first}; compare like with like")


def _layers_of_network(layers: list[str]) -> list[str]:
    """Layers without the kinematics that an RDM file has before them."""
    return [name for name in layers if name not in KINEMATICS]


def _table(file: store.Reader, about: dict) -> pd.DataFrame:
    layers = file.attribute("layers")
    statistics = list(_statistics(file))
    if any(values.shape != (len(layers),) for _, values in statistics):
        raise InputError(f"{file.path.name}: its numbers do not fit its {len(layers)} layers; make it again")
    table = pd.DataFrame(
        {
            "layer": np.tile(layers, len(statistics)),
            "depth": np.tile(np.arange(len(layers)) - sum(name in KINEMATICS for name in layers), len(statistics)),
            "statistic": np.repeat([name for name, _ in statistics], len(layers)),
            "value": np.concatenate([values for _, values in statistics]),
        }
    )
    who = {name: about[name] for name in ("network", "family", "instance")}
    table = table.assign(**who, condition=condition(about["task"], about["trained"]))
    return table.loc[~table["layer"].isin(KINEMATICS)]


def _statistics(file: store.Reader) -> Iterator[tuple[str, np.ndarray]]:
    """Names of statistics and their values, (layer,)."""
    if file.kind == "unit_summary":
        yield from _columns(file, "value", file.attribute("statistics"))
    elif file.kind == "decoding":
        for name in ("r2", "rmse", "correlation"):
            yield from _columns(file, name, [f"decoding_{name}_{target}" for target in file.attribute("targets")], -1)
        yield from ((f"decoding_{name}", file[name]) for name in ("distance", "angle_error"))
    else:
        yield from ((f"oracle_{name}", file[name]) for name in ("pearson", "kendall"))


def _columns(file: store.Reader, name: str, names: list[str], axis: int = 0) -> Iterator[tuple[str, np.ndarray]]:
    values = np.moveaxis(file[name], axis, 0)
    if len(values) != len(names):
        raise InputError(f"{file.path.name}: '{name}' does not fit its {len(names)} names; make it again")
    return zip(names, values, strict=True)
