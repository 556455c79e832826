"""Tidy tables of what many result files say and of what networks are made of: one observation a row."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from proprionet import store
from proprionet.analysis.baselines import subsets
from proprionet.analysis.baselines.hard_pairs import hard_pairs
from proprionet.config import nearest
from proprionet.errors import InputError
from proprionet.networks.families import NetworkSettings
from proprionet.networks.questions import unit_of
from proprionet.networks.samples import Answer
from proprionet.networks.settings import network_settings
from proprionet.networks.tasks import TASKS


def networks(paths: Iterable[Path]) -> pd.DataFrame:
    """Networks: what each is, and how well it does on the test part.

    Returns
    -------
    DataFrame
        ``name`` of the architecture, ``family``, ``n_layers``, ``n_parameters`` (weights of these layers, as those of
        the head depend on the task), ``input``, ``task``, ``seed``, ``trained``, ``unit`` of the task's first metric,
        and a column for each metric there is.

    Raises
    ------
    InputError
        If there is no file, or one is broken, of another kind or an unknown task, lacks the first metric of its task,
        or says of its metrics what is no number.
    """
    return _table([_network(file) for file in store.read_each(paths, "network")], "networks")


def comparable(networks: pd.DataFrame) -> pd.DataFrame:
    """Trained networks that see what the published ones see: spindles. Where none does, all that are trained."""
    trained = networks.loc[networks["trained"]]
    of_spindles = trained["input"] == "spindle"
    return trained.loc[of_spindles] if of_spindles.any() else trained


def _network(file: store.Reader) -> dict[str, object]:
    where, metrics, task = file.path.name, file.attribute("metrics"), file.attribute("task")
    if task not in TASKS:
        raise InputError(f"{where}: task '{task}' is unknown; {nearest(task, list(TASKS))}")
    metric = TASKS[task].metric
    settings = network_settings(file.attribute("network"), where)
    layers = tuple(f"weights/{layer.name}_" for layer in settings.layers())
    row = {
        "name": settings.name,
        "family": settings.family,
        "n_layers": len(layers),
        "n_parameters": sum(math.prod(shape) for name, (shape, *_) in file.shapes().items() if name.startswith(layers)),
        **{name: file.attribute(name) for name in ("input", "task", "seed", "trained")},
        "unit": _unit(file, metric),
    }
    for name, value in metrics.items():
        if name in row or not isinstance(value, int | float):
            raise InputError(f"{where}: its metric '{name}' is no number with a name of its own; train it again")
    if metric not in metrics:
        raise InputError(f"{where}: does not say the {metric} of its network; train it again")
    return row | metrics


def _unit(file: store.Reader, metric: str) -> str:
    try:
        return unit_of(metric, tuple(Answer(*answer) for answer in file.attribute("answers")))
    except TypeError as error:
        raise InputError(f"{file.path.name}: its answers are not names, units and sizes; train it again") from error


FITTED_BY = ("standardise", "validation", "c_values", "most_movements")
"""Settings of :class:`proprionet.config.Svm` by which classifiers of the same inputs differ in accuracy."""


def classifiers(paths: Iterable[Path]) -> pd.DataFrame:
    """Pairwise classifiers of letters: what they saw, and how well they do on the test part.

    Returns
    -------
    DataFrame
        ``input``, ``subset``, what it holds (``held``: "none", "size", "size × plane"), how they were fitted (columns
        FITTED_BY), ``n_letters``, ``n_test`` movements, ``pair_accuracy`` (mean over pairs), ``vote_accuracy`` (all
        pairs together), both as shares, and ``hard_pairs`` below 70 %.

    Raises
    ------
    InputError
        If there is no file, or one is broken or of another kind.
    """
    return _table([_classifier(file) for file in store.read_each(paths, "svm")], "classifiers")


def _classifier(file: store.Reader) -> dict[str, object]:
    subset = file.attribute("subset")
    names = [] if subset == subsets.FULL else [part.partition("=")[0] for part in subset.split(",")]
    return {
        "input": file.attribute("input"),
        "subset": subset,
        "held": " × ".join(names) or "none",
        **{name: file.attribute("settings").get(name) for name in FITTED_BY},
        "n_letters": len(file.attribute("alphabet")),
        "n_test": file.dataset("label").size,
        "pair_accuracy": file.attribute("mean_accuracy"),
        "vote_accuracy": file.attribute("multiclass_accuracy"),
        "hard_pairs": len(hard_pairs(file["accuracy"])),
    }


def decoding_errors(paths: Iterable[Path]) -> pd.DataFrame:
    """Errors of linear decoders of the hand's position: ``input``, ``movement``, ``error`` and ``exact_error`` (cm).

    A row is a test movement; its errors are means over time, of the gradient descent and of the exact least squares.

    Raises
    ------
    InputError
        If there is no file, or one is broken or of another kind.
    """
    parts = [
        pd.DataFrame({"input": file.attribute("input")} | {name: file[name] for name in _ERRORS})
        for file in store.read_each(paths, "linear_decoder")
    ]
    return pd.concat(parts, ignore_index=True) if parts else _table(parts, "linear decoders")


_ERRORS = ("movement", "error", "exact_error")


def _table(rows: list, what: str) -> pd.DataFrame:
    if not rows:
        raise InputError(f"no files of {what} to make a table of; has the stage run that makes them?")
    return pd.DataFrame(rows)


def hyperparameters(of_networks: Mapping[str, NetworkSettings]) -> pd.DataFrame:
    """Settings of networks side by side, "" where a family has no such setting.

    Returns
    -------
    DataFrame
        ``hyperparameter``, and a column for each network.

    Source: Sandbrink et al. 2023, Table 2.
    """
    columns = {
        name: {"layers": str(len(settings.layers()))} | {key: _said(value) for key, value in settings}
        for name, settings in of_networks.items()
    }
    table = pd.DataFrame(columns).fillna("")
    table.index = table.index.str.replace("_", " ")
    return table.rename_axis("hyperparameter").reset_index()


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def layer_sizes(shapes: Mapping[str, Mapping[str, tuple[int, int, int]]]) -> pd.DataFrame:
    """Sizes of the layers of networks.

    Parameters
    ----------
    shapes : mapping of network to mapping of layer to (layer_time, space, channel)
        As :func:`proprionet.networks.activations.layer_shapes` gives them.

    Returns
    -------
    DataFrame
        ``network``, ``layer``, ``space``, ``time_steps``, ``channels``, and ``units`` (each with a time course).

    Source: Sandbrink et al. 2023, Table 3.
    """
    rows = [
        (network, layer, space, steps, channels, space * channels)
        for network, layers in shapes.items()
        for layer, (steps, space, channels) in layers.items()
    ]
    return pd.DataFrame(rows, columns=["network", "layer", "space", "time_steps", "channels", "units"])


def markdown(table: pd.DataFrame) -> str:
    """A table for documents: numbers with three digits that count, "" for what is missing."""
    rows = [list(table.columns), ["---"] * table.shape[1], *table.itertuples(index=False)]
    return "".join("| " + " | ".join(_cell(value) for value in row) + " |\n" for row in rows)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else np.format_float_positional(value, 3, fractional=False, trim="-")


def save(table: pd.DataFrame, folder: Path, name: str) -> Path:
    """Write ``name.csv`` into ``folder``; returns its path.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    path = folder / f"{name}.csv"
    store.write_text(path, table.to_csv(index=False, lineterminator="\n"))
    return path
