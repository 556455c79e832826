"""One tidy table of prediction files: a row for each neuron, model, layer and condition."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from proprionet import store
from proprionet.errors import InputError

BASELINE = "baseline"
NONE = "none"
"""Value of ``control`` where a prediction is no control."""

CEILINGS = {"split_half": "ceiling_split_half", "poisson": "ceiling_poisson", "true_rate": "ceiling"}
"""Noise ceilings, and what files call them; that of the true rate is known of simulated neurons only."""

COLUMNS = (
    *("session", "area", "monkey", "neuron", "electrode", "unit_number", "movement", "control"),
    *("model", "network", "family", "task", "trained", "instance", "layer", "layer_number", "n_layers"),
    *("explained_variance", "ev_low", "ev_high", "r2", "correlation", "deviance_explained", "validation", "training"),
    *("ceiling_split_half", "ceiling_poisson", "ceiling_true_rate", "ceiling", "normalised", "latency_s"),
)

_OF_FILE = ("session", "area", "monkey", "movement", "control", "model", "network", "family", "task", "trained")
_SCORES = ("explained_variance", "r2", "correlation", "deviance_explained", "validation", "training", "latency_s")


def gather(paths: Iterable[Path], ceiling: str = "split_half") -> pd.DataFrame:
    """Every score of every neuron in prediction files, one neuron, model, layer and condition a row.

    Parameters
    ----------
    paths : paths of prediction files
        Of any sessions, networks and baselines.
    ceiling : str
        One of :data:`CEILINGS`, by which scores are normalised.

    Returns
    -------
    DataFrame
        With :data:`COLUMNS`. ``neuron`` is its number in the session, from 0. ``layer_number`` is 0 for the input of a
        network, ``n_layers`` the number of the last. Layers of a baseline are sets of features, from 1. ``ceiling`` is
        the chosen one; ``normalised`` is the explained variance over it, NaN where it is not above 0: there is nothing
        to explain. What a file does not hold is NaN.

    Raises
    ------
    InputError
        If there is no file, one is broken or of another kind, two are of the same model and condition, or files of one
        session are of other neurons, trials, areas or monkeys.
    """
    if ceiling not in CEILINGS:
        raise InputError(f"no ceiling is called '{ceiling}'; choose one of {', '.join(CEILINGS)}")
    seen: dict[tuple[str, ...], tuple[Any, Path]] = {}
    tables = []
    for file in store.read_each(paths, "prediction"):
        about = {name: file.attribute(name) for name in (*_OF_FILE, "instance", "layers", "bin_width_s", "settings")}
        _check_against(seen, file, about)
        tables.append(_rows(file, about, CEILINGS[ceiling]))
    if not tables:
        raise InputError("no prediction files were given; make some with neural_prediction/predict.py")
    return pd.concat(tables, ignore_index=True).reindex(columns=list(COLUMNS))


def _check_against(seen: dict[tuple[str, ...], tuple[Any, Path]], file: store.Reader, about: dict[str, Any]) -> None:
    """Compare a file with those that were read before it, and remember it."""
    session, movement = about["session"], about["movement"]
    task = about["task"] if about["trained"] else "untrained"
    models = [f"{about['network']}, {task}, instance {about['instance']}"]
    if about["model"] == BASELINE:
        models = [f"{BASELINE} {layer}" for layer in about["layers"]]
    for who in models:
        what = f"the prediction of {session} ({movement}, control {about['control']}) by {who}"
        _, same = seen.setdefault((what,), (None, file.path))
        if same != file.path:
            raise InputError(f"{same} and {file.path} are both {what}; give only one of them")
    units = list(zip(file["electrode"].tolist(), file["unit_number"].tolist(), strict=True))
    for subject, value in (
        (("neurons", session), units),
        (("area", session), about["area"]),
        (("monkey", session), about["monkey"]),
        (("trials", session, movement), file["trial_id"].tolist()),
        (("folds", session, movement), file["fold"].tolist()),
        (("width of bins", session), str(about["bin_width_s"])),
        (("smoothing (ms)", session, movement), str(about["settings"].get("smoothing_ms", ""))),
    ):
        before, first = seen.setdefault(subject, (value, file.path))
        if before != value:
            name, *condition = subject
            raise InputError(
                f"{file.path}: {name} of {', '.join(condition)} {_differ(value, before)} in {first}; "
                "compare predictions of one recording, made in one way"
            )


def _differ(value: Any, before: Any) -> str:
    """How two values are unlike, briefly."""
    if isinstance(value, str):
        return f"is '{value}', but '{before}'"
    if len(value) != len(before):
        return f"are {len(value)}, but {len(before)}"
    at = next(at for at, (one, other) in enumerate(zip(value, before, strict=True)) if one != other)
    return f"differ: number {at} is {_unit(value[at])}, but {_unit(before[at])}"


def _unit(value: Any) -> str:
    return f"unit {value[1]} of electrode {value[0]}" if isinstance(value, tuple) else str(value)


def _rows(file: store.Reader, about: dict[str, Any], ceiling: str) -> pd.DataFrame:
    layers, about = about["layers"], {name: about[name] for name in (*_OF_FILE, "instance")}
    n_layers, n_neurons = shape = file.dataset("explained_variance").shape
    if len(layers) != n_layers:
        raise InputError(f"{file.path.name}: its numbers do not fit its {len(layers)} layers; make it again")
    number = np.arange(n_layers) + (layers[0] != "input")
    each_neuron = {
        "neuron": np.arange(n_neurons),
        **{name: file[name] for name in ("electrode", "unit_number")},
        **{f"ceiling_{name}": _or_nan(file, key, shape[1:]) for name, key in CEILINGS.items()},
        "ceiling": _or_nan(file, ceiling, shape[1:]),
    }
    rows = pd.DataFrame(
        about
        | {"layer": np.repeat(layers, n_neurons), "layer_number": np.repeat(number, n_neurons), "n_layers": number[-1]}
        | {name: np.tile(values, n_layers) for name, values in each_neuron.items()}
        | {name: _or_nan(file, name, shape).ravel() for name in _SCORES}
    )
    rows["ev_low"], rows["ev_high"] = file["explained_variance_interval"].reshape(2, -1)
    rows["normalised"] = rows["explained_variance"] / rows["ceiling"].where(rows["ceiling"] > 0)
    return rows


def _or_nan(file: store.Reader, name: str, shape: tuple[int, ...]) -> np.ndarray:
    return file[name] if name in file else np.full(shape, np.nan)
