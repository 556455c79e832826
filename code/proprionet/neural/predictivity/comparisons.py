"""Is one kind of model better than another: paired tests over neurons and over architectures."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.comparisons import CORRECTIONS, paired_tests, signed_ranks
from proprionet.analysis.comparison.instances import UNTRAINED
from proprionet.networks.tasks import TASKS
from proprionet.neural.predictivity.models import (
    best_baseline,
    by_network,
    groups,
    mean_over,
    no_control,
    over_networks,
)
from proprionet.neural.predictivity.table import BASELINE, NONE

OVER = ("neurons", "architectures")
"""What tests are paired over: Wilcoxon's signed ranks over neurons, Student's t over architectures."""

_TESTS = ["session", "area", "movement", "first", "second", "over", "difference", "low", "high", "statistic", "p"]
_TESTS += [*CORRECTIONS, "n", "n_networks", "reason"]
_REASONS = {0: "no network, or no neuron, has both", 1: "one pair, a test needs two"}
_ALIKE = "the difference is always the same"


def ordered(conditions: Iterable[str]) -> list[str]:
    """Different conditions: tasks as in the paper, untrained, baseline."""
    order = [*TASKS, UNTRAINED, BASELINE]
    found = set(conditions)
    return [*(name for name in order if name in found), *sorted(found - set(order))]


def condition_tests(best: pd.DataFrame, seed: int, confidence: float = 0.95) -> pd.DataFrame:
    """Paired comparisons of explained variance, between conditions and with controls, session by session.

    Networks are paired with the networks of the same architecture and instance: trained ones with their untrained
    twins, one task with another, a network with its own control. All networks are paired with the one baseline that is
    best by validation. A control is called "TASK, CONTROL" and compared with its task alone. A test over neurons speaks
    of other neurons and these networks, one over architectures of other architectures and these neurons; the interval
    of the difference speaks of both.

    Parameters
    ----------
    best : DataFrame
        Of :func:`proprionet.neural.predictivity.models.best_layers`.
    seed, confidence
        Of the hierarchical bootstrap.

    Returns
    -------
    DataFrame
        ``session``, ``area``, ``movement``, conditions ``first`` and ``second``, what the test is paired ``over``,
        mean ``difference`` (first less second; over instances, architectures and neurons) and its interval ``low`` to
        ``high``, ``statistic`` (Wilcoxon's W or Student's t), ``p``, its corrections over all tests of the session and
        movement over the same, ``n`` pairs, ``n_networks``, and the ``reason`` where there is no test. The bounds are
        those of :func:`proprionet.analysis.comparison.hierarchical.hierarchical_interval`.
    """
    found = []
    for about, rows in groups(best, ["session", "area", "movement"]):
        tests = pd.DataFrame(
            row
            for first, second, values in _differences(rows)
            for row in _tests(first, second, values, seed, confidence)
        )
        for name, correct in CORRECTIONS.items():
            tests[name] = tests.groupby("over")["p"].transform(_corrected, correct) if len(tests) else []
        found.append(tests.assign(**about))
    return pd.concat(found, ignore_index=True).reindex(columns=_TESTS)


def _corrected(p: pd.Series, correct: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return correct(p.to_numpy(float))


def _differences(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Two conditions, and their differences for every network and neuron."""
    plain = no_control(rows)
    conditions = {name: plain.loc[plain["condition"] == name] for name in ordered(plain["condition"])}
    baseline = best_baseline(plain)
    if (rows_of_baselines := conditions.pop(BASELINE, None)) is not None and baseline:
        conditions[BASELINE] = rows_of_baselines.query("name == @baseline")
    values = {name: by_network(of) for name, of in conditions.items()}
    for first, second in combinations(values, 2):
        if second == BASELINE:
            yield first, second, values[first] - values[second].iloc[0]
        else:
            yield first, second, _paired(values[first], values[second])
    for who, of in groups(rows.loc[rows["control"] != NONE], ["condition", "control"]):
        condition, control = who.values()
        if condition in values and condition != BASELINE:
            yield condition, f"{condition}, {control}", _paired(values[condition], by_network(of))


def _paired(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    both = first.index.intersection(second.index)
    return first.loc[both] - second.loc[both]


def _tests(first: str, second: str, values: pd.DataFrame, seed: int, confidence: float) -> Iterator[dict]:
    """One row for each of :data:`OVER`."""
    defined = values.dropna(how="all")
    interval = mean_over(defined, seed, confidence)
    about = {"first": first, "second": second, "n_networks": len(defined)}
    about |= {"difference": interval.mean, "low": interval.low, "high": interval.high}
    of_networks = np.nanmean(defined.to_numpy(float), axis=1)
    architectures = defined.index.get_level_values("name")
    of_architectures = np.array([of_networks[architectures == name].mean() for name in architectures.unique()])
    of_neurons = over_networks(defined).to_numpy()
    t = paired_tests(of_architectures[:, None], np.zeros((of_architectures.size, 1)), confidence)
    for over, (statistic, p), pairs in (
        ("neurons", signed_ranks(of_neurons), np.isfinite(of_neurons).sum()),
        ("architectures", (t.t[0], t.p[0]), t.n[0]),
    ):
        reason = _REASONS.get(int(pairs), _ALIKE if np.isnan(p) else "")
        if reason:
            statistic = p = np.nan
        yield about | {"over": over, "statistic": statistic, "p": p, "n": int(pairs), "reason": reason}
