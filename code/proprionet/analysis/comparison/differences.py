"""Tables of what differs between networks of one architecture: over instances, condition by condition."""

from itertools import combinations

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.comparisons import CORRECTIONS, paired_tests
from proprionet.analysis.comparison.instances import ordered
from proprionet.analysis.statistics import instance_interval

_MEANS = ["network", "condition", "statistic", "layer", "depth", "value", "low", "high", "n"]
_TESTS = ["network", "first", "second", "statistic", "layer", "depth", "difference", "low", "high", "t", "p"]
_TESTS += [*CORRECTIONS, "n", "reason"]
_REASONS = ("no instance has both", "one instance has both, a test needs two", "the difference is always the same")


def group_means(table: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Mean of every statistic over the instances of a network in one condition, with its confidence interval.

    Parameters
    ----------
    table : DataFrame
        Of :func:`proprionet.analysis.comparison.instances.gather`.

    Returns
    -------
    DataFrame
        ``network``, ``condition``, ``statistic``, ``layer``, ``depth``, ``value`` (the mean), ``low``, ``high`` (NaN
        of one instance) and ``n`` (instances in which it is defined).
    """
    rows = []
    for who, group in table.groupby(_MEANS[:5], sort=False):
        assert isinstance(who, tuple)
        found = instance_interval(group["value"].to_numpy(), confidence)
        rows.append((*who, found.mean, found.low, found.high, found.n))
    return pd.DataFrame(rows, columns=_MEANS)


def condition_tests(table: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Paired t-tests of every statistic between every two conditions of a network, corrected over its layers.

    Returns
    -------
    DataFrame
        ``network``, conditions ``first`` and ``second``, ``statistic``, ``layer``, ``depth``, mean ``difference``
        (first less second) with its interval ``low`` to ``high``, ``t``, ``p``, ``bonferroni``, ``holm``, ``fdr``,
        ``n`` pairs of instances, and the ``reason`` where there is no test. No rows without two conditions of one
        network.
    """
    found = [
        _layer_tests(statistic, first, second, confidence)
        for _, network in table.groupby("network", sort=False)
        for _, statistic in network.groupby("statistic", sort=False)
        for first, second in combinations(ordered(statistic["condition"]), 2)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_TESTS)


def _layer_tests(values: pd.DataFrame, first: str, second: str, confidence: float) -> pd.DataFrame:
    """Tests of one statistic of one network, a row a layer."""
    layers = values.drop_duplicates("depth").sort_values("depth")
    sides = [
        values.loc[values["condition"] == name].pivot(index="instance", columns="depth", values="value")
        for name in (first, second)
    ]
    pairs = sides[0].index.intersection(sides[1].index)
    one, other = (side.reindex(index=pairs, columns=layers["depth"]).to_numpy() for side in sides)
    tests = paired_tests(one, other, confidence)
    rows = layers[["network", "statistic", "layer", "depth"]].assign(first=first, second=second, **vars(tests))
    rows = rows.assign(**{name: correct(tests.p) for name, correct in CORRECTIONS.items()}, n=tests.n.astype(int))
    undefined = [tests.n == 0, tests.n == 1, np.isnan(tests.p)]
    rows["reason"] = np.select(undefined, _REASONS, default="")
    return rows.loc[:, _TESTS]
