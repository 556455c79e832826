"""Do networks that are better at their task predict neurons better?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from proprionet import store
from proprionet.errors import InputError
from proprionet.networks.tasks import TASKS
from proprionet.neural.predictivity.models import groups, no_control

PUBLISHED_MONKEYS = ("Chips", "Han", "Lando")
PUBLISHED_R = {
    "action_recognition": (0.499, 0.559, 0.516),
    "torque": (-0.662, -0.654, -0.691),
    "trajectory_decoding": (-0.348, -0.188, -0.256),
    "hand_velocity": (-0.569, -0.390, -0.579),
    "hand_position_velocity": (-0.454, -0.403, -0.528),
    "hand_position_velocity_acceleration": (-0.583, -0.538, -0.578),
    "limb_position": (-0.308, -0.167, -0.192),
    "limb_velocity": (-0.560, -0.385, -0.486),
    "limb_position_velocity": (-0.416, -0.339, -0.442),
    "limb_position_velocity_acceleration": (-0.599, -0.507, -0.524),
    "joint_position": (-0.377, -0.169, -0.100),
    "joint_velocity": (-0.531, -0.460, -0.596),
    "joint_position_velocity": (-0.381, -0.387, -0.454),
    "joint_position_velocity_acceleration": (-0.616, -0.495, -0.475),
    "redundancy_reduction": (-0.041, -0.048, 0.007),
    "autoencoder": (-0.234, -0.244, -0.211),
}
"""Pearson's r of the test metric (accuracy, or an error, which is smaller in better networks) and explained variance at
the best layer, passive movements, about 300 convolutional networks; somatosensory area 2 of :data:`PUBLISHED_MONKEYS`.
Read off the notebook of the code of Marin Vargas et al. 2024 (Figure_correlation)."""

LEAST = 5
"""Networks that an r is given of: that of three or four, which do not differ, is 0.6 or 0.5 by chance alone (mean of
its size)."""

_WHO = ["network", "task", "trained", "instance"]


def evaluations(paths: Iterable[Path]) -> pd.DataFrame:
    """How well networks do their tasks, one network a row.

    Returns
    -------
    DataFrame
        ``network``, ``task``, ``trained``, ``instance``, ``metric`` (the first of the task), ``performance`` and its
        ``unit``.

    Raises
    ------
    InputError
        If a file is broken, of another kind or an unknown task, lacks that metric, or two are of one network.
    """
    rows: dict[tuple, dict] = {}
    for file in store.read_each(paths, "evaluation"):
        about = {name: file.attribute(name) for name in _WHO}
        if about["task"] not in TASKS:
            raise InputError(f"{file.path}: task '{about['task']}' is unknown")
        metric = TASKS[about["task"]].metric
        value = file.attribute("metrics").get(metric)
        if not isinstance(value, int | float):
            raise InputError(f"{file.path}: does not say the {metric} of its network; evaluate it again")
        unit = file.attribute("headline").get(metric, {}).get("unit", "")
        row = about | {"metric": metric, "performance": value, "unit": unit, "path": file.path}
        same = rows.setdefault(tuple(about.values()), row)
        if same["path"] != file.path:
            raise InputError(f"{same['path']} and {file.path} evaluate the same network; give only one of them")
    return pd.DataFrame(rows.values(), columns=[*_WHO, "metric", "performance", "unit"])


def with_performance(scores: pd.DataFrame, evaluated: pd.DataFrame) -> pd.DataFrame:
    """The trained networks among model scores (:func:`.models.model_scores`) that were evaluated, with ``metric``,
    ``performance`` and ``unit``; without controls.

    Raises
    ------
    InputError
        If no predicted network was evaluated.
    """
    rows = no_control(scores).merge(evaluated, on=_WHO)
    rows = rows.loc[rows["trained"] & np.isfinite(rows["performance"])]
    if rows.empty:
        raise InputError("none of the evaluated networks is one whose prediction was given; give evaluations of these")
    return rows.reset_index(drop=True)


def correlations(performing: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Correlation of task performance with explained variance over the networks of each task, session by session.

    Parameters
    ----------
    performing : DataFrame
        Of :func:`with_performance`.

    Returns
    -------
    DataFrame
        ``session``, ``area``, ``monkey``, ``movement``, ``task``, ``metric``, Pearson's ``r`` with its interval ``low``
        to ``high`` (Fisher's z) and ``p``, ``n`` networks, and ``published`` (:data:`PUBLISHED_R`, of this monkey's
        area 2 in passive movements; else NaN). r is NaN of fewer than five networks (:data:`LEAST`), or where they are
        all alike.
    """
    about = ["session", "area", "monkey", "movement", "task", "metric"]
    rows = [
        who
        | _pearson(of["performance"].to_numpy(float), of["explained_variance"].to_numpy(float), confidence)
        | {"published": _published(who["task"], who["monkey"], who["movement"])}
        for who, of in groups(performing, about)
    ]
    return pd.DataFrame(rows)


def _pearson(performance: np.ndarray, predicted: np.ndarray, confidence: float) -> dict[str, float]:
    known = np.isfinite(predicted)
    performance, predicted = performance[known], predicted[known]
    if known.sum() < LEAST or not np.ptp(performance) or not np.ptp(predicted):
        return {"r": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "n": int(known.sum())}
    found: Any = stats.pearsonr(performance, predicted)
    low, high = found.confidence_interval(confidence)
    return {"r": found.statistic, "low": low, "high": high, "p": found.pvalue, "n": int(known.sum())}


def _published(task: str, monkey: str, movement: str) -> float:
    if movement != "passive" or monkey not in PUBLISHED_MONKEYS or task not in PUBLISHED_R:
        return np.nan
    return PUBLISHED_R[task][PUBLISHED_MONKEYS.index(monkey)]
