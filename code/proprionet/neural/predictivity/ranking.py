"""Models ranked by how much they explain of what can be explained, area by area."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.instances import UNTRAINED
from proprionet.analysis.statistics import MeanInterval
from proprionet.neural.predictivity.models import (
    best_baseline,
    by_network,
    groups,
    mean_over,
    no_control,
    over_networks,
)
from proprionet.neural.predictivity.table import BASELINE, NONE

OF_CEILING, OF_VARIANCE = "of ceiling", "of variance"
"""What scores are shares of."""


def rank(best: pd.DataFrame, seed: int, confidence: float = 0.95) -> pd.DataFrame:
    """The ranking of each area and movement: neurons of all its sessions together, controls left out.

    A model is all networks of a family trained on one task, all untrained ones of a family, or one baseline.

    Parameters
    ----------
    best : DataFrame
        Of :func:`proprionet.neural.predictivity.models.best_layers`.
    seed, confidence
        Of the hierarchical bootstrap.

    Returns
    -------
    DataFrame
        Best first: ``area``, ``movement``, ``rank`` (from 1), ``model`` ("network" or "baseline"), ``condition``,
        ``family``, ``name`` (of a baseline, else ""), ``n_networks``, ``n_sessions``, ``n_neurons``; ``score``, the
        explained variance of all neurons over the sum of their ceilings, with its interval ``low`` to ``high``;
        ``unit``, "of ceiling", or "of variance" where no neuron of the area has a ceiling and scores are not divided;
        ``explained_variance``, mean over networks and neurons; ``untrained``, the score of the untrained twins of these
        networks, and ``baseline``, that of the best baseline by validation, called ``best_baseline``; NaN where there
        is none.
    """
    found = []
    for where, rows in groups(no_control(best), ["area", "movement"]):
        unit = OF_CEILING if np.isfinite(rows["normalised"]).any() else OF_VARIANCE
        score = functools.partial(_score, unit=unit, seed=seed, confidence=confidence)
        baseline = best_baseline(rows)
        of_baselines = rows.loc[rows["model"] == BASELINE]
        of_baseline = score(of_baselines.loc[of_baselines["name"] == baseline]).mean if baseline else np.nan
        named = rows.assign(feature_set=rows["name"].where(rows["model"] == BASELINE, ""))
        ranked = (
            pd.DataFrame(
                who | _scored(of, rows, score)
                for who, of in groups(named, ["model", "condition", "family", "feature_set"])
            )
            .rename(columns={"feature_set": "name"})
            .sort_values("score", ascending=False, kind="stable")
        )
        ranked = ranked.assign(unit=unit, baseline=of_baseline, best_baseline=baseline or "")
        found.append(ranked.assign(**where, rank=range(1, len(ranked) + 1)))
    table = pd.concat(found, ignore_index=True)
    first = ["area", "movement", "rank"]
    return table.reindex(columns=[*first, *table.columns.drop(first)])


def _score(rows: pd.DataFrame, unit: str, seed: int, confidence: float) -> MeanInterval:
    """Of models of one area and movement, over all their neurons."""
    if unit == OF_VARIANCE:
        return mean_over(by_network(rows), seed, confidence)
    return mean_over(by_network(rows, "normalised"), seed, confidence, by_network(rows, "ceiling"))


def _scored(of: pd.DataFrame, rows: pd.DataFrame, score: Callable[[pd.DataFrame], MeanInterval]) -> dict[str, float]:
    """One model's numbers; ``rows`` are those of all models, its twins among them."""
    who = of.groupby(["session", "name", "instance"]).size().reset_index()[["session", "name", "instance"]]
    trained = of["condition"].iloc[0] not in _NO_TWINS
    twins = rows.loc[rows["condition"] == UNTRAINED].merge(who) if trained else rows.iloc[:0]
    found = score(of)
    return {
        "n_networks": of.groupby(["name", "instance"]).ngroups,
        "n_sessions": len(set(of["session"])),
        "n_neurons": of.dropna(subset="explained_variance").groupby(["session", "neuron"]).ngroups,
        **{"score": found.mean, "low": found.low, "high": found.high},
        "explained_variance": float(over_networks(by_network(of)).mean()),
        "untrained": np.nan if twins.empty else score(twins).mean,
    }


_NO_TWINS = (UNTRAINED, BASELINE)


def controls(best: pd.DataFrame, seed: int, confidence: float = 0.95) -> pd.DataFrame:
    """What controls leave of the explained variance, area by area, beside the same networks without control.

    Returns
    -------
    DataFrame
        ``area``, ``movement``, ``control``, ``condition``, ``n_networks``, mean ``explained_variance`` under control,
        ``without`` control, their ``difference`` (without less with) and its interval ``low`` to ``high``. No rows
        without controls.
    """
    keys = ["area", "movement", "control", "condition"]
    plain = dict(list(no_control(best).groupby(["area", "movement", "condition"], sort=False)))
    found = []
    for who, rows in groups(best.loc[best["control"] != NONE], keys):
        if (where := (who["area"], who["movement"], who["condition"])) not in plain:
            continue
        under, without = by_network(rows).align(by_network(plain[where]), join="inner")
        interval = mean_over(without - under, seed, confidence)
        found.append(
            {
                **who,
                "n_networks": len(under),
                "explained_variance": over_networks(under).mean(),
                "without": over_networks(without).mean(),
                **{"difference": interval.mean, "low": interval.low, "high": interval.high},
            }
        )
    columns = [*keys, "n_networks", "explained_variance", "without", "difference", "low", "high"]
    return pd.DataFrame(found, columns=columns)
