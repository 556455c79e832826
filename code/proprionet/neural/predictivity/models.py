"""The best layer of every network, what it scores, and means over networks and neurons with their intervals."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.hierarchical import architecture_shares, hierarchical_interval
from proprionet.analysis.comparison.instances import UNTRAINED
from proprionet.analysis.statistics import MeanInterval
from proprionet.errors import InputError
from proprionet.neural.predictivity.table import BASELINE, NONE

PICKS = {"validation": "validation", "training": "training", "neuron": "validation"}
"""How a best layer is chosen, and the column that it has the highest value of: one layer for all neurons, by
cross-validation within the training trials, or as published by the fit to the training trials; or each neuron's own."""

MODEL = ("session", "area", "monkey", "movement", "control", "model", "name", "network", "family", "task")
MODEL += ("trained", "instance")
"""Columns that say which model predicts which neurons under which condition; ``name`` is the network, or the set of
features of a baseline."""


def best_layers(table: pd.DataFrame, by: str = "validation") -> pd.DataFrame:
    """The rows of the best layer of every network in every session and condition; of baselines all rows.

    The input of a network is none of its layers. Sets of features do not compete: each is a model of its own.

    Parameters
    ----------
    table : DataFrame
        Of :func:`proprionet.neural.predictivity.table.gather`.
    by : str
        One of :data:`PICKS`.

    Returns
    -------
    DataFrame
        Rows and columns of the table, with ``name`` and ``condition`` (the task, "untrained" or "baseline"). One row a
        model and neuron.

    Raises
    ------
    InputError
        If no layer of a network has a score to choose by.

    Source: Marin Vargas et al. 2024 (training); Schrimpf et al. 2018 (validation).
    """
    if by not in PICKS:
        raise InputError(f"no best layer is chosen by '{by}'; choose one of {', '.join(PICKS)}")
    rows = table.loc[table["layer_number"] > 0].reset_index(drop=True)
    baseline = rows["model"] == BASELINE
    rows["name"] = rows["network"].where(~baseline, rows["layer"])
    rows["condition"] = rows["task"].where(rows["trained"], UNTRAINED).mask(baseline, BASELINE)
    of_model = rows.groupby(list(MODEL), sort=False).ngroup()
    keys = [of_model, rows["neuron"]] if by == "neuron" else [of_model]
    score = rows.groupby([*keys, rows["layer_number"]], sort=False)[PICKS[by]].transform("mean").fillna(-np.inf)
    best = score.groupby(keys, sort=False).transform("max")
    for number in of_model[(score == best) & ~np.isfinite(best)].unique() if by != "neuron" else ():
        model = rows.loc[of_model == number].iloc[0]
        raise InputError(
            f"{model['name']}, {model['condition']}: no layer has a {PICKS[by]} score in {model['session']}"
        )
    chosen = rows.loc[score == best]
    return chosen.loc[~chosen.assign(model_number=of_model).duplicated(["model_number", "neuron"])].reset_index(
        drop=True
    )


def model_scores(best: pd.DataFrame) -> pd.DataFrame:
    """What every model scores in every session and condition: the mean over neurons.

    Parameters
    ----------
    best : DataFrame
        Of :func:`best_layers`.

    Returns
    -------
    DataFrame
        :data:`MODEL`, ``condition``, ``explained_variance`` (mean over neurons), ``normalised`` (its sum over that of
        the ceilings, of neurons whose ceiling is above 0; NaN without any), ``n_neurons`` (with a score),
        ``layer_number`` (median over neurons) and ``n_layers``.
    """
    known = best["normalised"].notna()
    parts = best.assign(reached=best["explained_variance"].where(known), most=best["ceiling"].where(known))
    groups = parts.groupby([*MODEL, "condition"], sort=False)
    scores = groups.agg(
        explained_variance=("explained_variance", "mean"),
        reached=("reached", "sum"),
        most=("most", "sum"),
        n_neurons=("explained_variance", "count"),
        layer_number=("layer_number", "median"),
        n_layers=("n_layers", "max"),
    ).reset_index()
    scores["normalised"] = scores["reached"] / scores["most"].where(scores["most"] > 0)
    return scores.drop(columns=["reached", "most"])


def groups(rows: pd.DataFrame, columns: Iterable[str]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Rows that agree in some columns: what they have there, by its name, and the rows; in order of appearance."""
    names = list(columns)
    for who, of in rows.groupby(names, sort=False):
        assert isinstance(who, tuple)
        yield dict(zip(names, who, strict=True)), of


def no_control(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of predictions that are no controls."""
    return rows.loc[rows["control"] == NONE]


def networks(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of networks, trained and untrained, without controls."""
    return no_control(rows).loc[lambda plain: plain["model"] != BASELINE]


def by_network(rows: pd.DataFrame, value: str = "explained_variance") -> pd.DataFrame:
    """One value of every network (``name`` and ``instance``) and neuron (``session`` and ``neuron``); NaN where none.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`best_layers`, of one condition, movement and control.
    """
    return rows.pivot(index=["name", "instance"], columns=["session", "neuron"], values=value)


def mean_over(
    values: pd.DataFrame, seed: int, confidence: float = 0.95, weights: pd.DataFrame | None = None
) -> MeanInterval:
    """Mean over networks and neurons, and its interval, of a table as :func:`by_network` makes it."""
    architectures = values.index.get_level_values("name").to_numpy()
    given = None if weights is None else weights.to_numpy(float)
    return hierarchical_interval(values.to_numpy(float), architectures, seed, weights=given, confidence=confidence)


def over_networks(values: pd.DataFrame) -> pd.Series:
    """Mean of each neuron over instances, then architectures, of a table as :func:`by_network` makes it."""
    shares = architecture_shares(values.index.get_level_values("name").to_numpy())
    numbers = values.to_numpy(float)
    weight = shares @ np.isfinite(numbers)
    total = shares @ np.nan_to_num(numbers)
    return pd.Series(np.divide(total, weight, out=np.full(weight.shape, np.nan), where=weight > 0), values.columns)


def best_baseline(rows: pd.DataFrame) -> str | None:
    """Name of the set of features with the highest validation score, mean over neurons; None where there is none.

    Sets that some sessions lack do not count where others are in all.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`best_layers`, of one movement and without controls.
    """
    scores = rows.loc[rows["model"] == BASELINE].groupby("name", sort=False)["validation"].agg(["mean", "count"])
    everywhere = scores.loc[scores["count"] == scores["count"].max(), "mean"].dropna()
    return None if everywhere.empty else str(everywhere.idxmax())
