"""What training on each task adds to the prediction of neurons, and a map of the tasks by what they add where."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from proprionet import seeds
from proprionet.analysis.layers import embedding
from proprionet.errors import InputError
from proprionet.neural.predictivity.comparisons import ordered
from proprionet.neural.predictivity.models import networks

PUBLISHED_ROWS = 73
"""Rows of the standardised gains that make a point of the published map; 6 monkeys times 292 architectures are 24
groups of them."""

_TWIN = ["session", "movement", "name", "instance"]


def gains(scores: pd.DataFrame) -> pd.DataFrame:
    """Explained variance of trained networks less that of their untrained twins.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`proprionet.neural.predictivity.models.model_scores`.

    Returns
    -------
    DataFrame
        A row for each ``session``, ``movement``, network (``name``) and ``instance`` that was trained on all tasks that
        any was, and has a twin; a column for each task, in the paper's order.

    Raises
    ------
    InputError
        If there are fewer than two tasks, or no network has all of them and a twin.

    Source: Marin Vargas et al. 2024.
    """
    rows = networks(scores)
    twins = rows.loc[~rows["trained"]].set_index(_TWIN)["explained_variance"]
    trained = rows.loc[rows["trained"]].pivot(index=_TWIN, columns="task", values="explained_variance")
    if trained.shape[1] < 2:
        raise InputError("gains are compared between tasks: give predictions of networks trained on two or more")
    found = trained.sub(twins.reindex(trained.index), axis=0).dropna()
    if found.empty:
        raise InputError("no network has predictions of all tasks and of its untrained twin; give those too")
    return found[ordered(trained.columns.to_series())]


def standardise(found: pd.DataFrame) -> pd.DataFrame:
    """Gains of each row, z-scored over the tasks: which tasks add more than others, in any network and session."""
    centred = found.sub(found.mean(axis=1), axis=0)
    spread = found.std(axis=1, ddof=0)
    return centred.div(spread.where(spread > 0), axis=0).dropna()


@dataclass(frozen=True)
class GainMap:
    """Points of a map of tasks."""

    points: np.ndarray
    """(point, dimension): standardised gains."""
    tasks: np.ndarray
    """(point,): the task of each."""
    groups: np.ndarray
    """(point,): name or number of the rows that it is made of."""


def gain_points(standardised: pd.DataFrame, rows: int | None = None, seed: int = 12) -> GainMap:
    """A point for each task and group of rows, whose dimensions are the rows of the group.

    Parameters
    ----------
    standardised : DataFrame
        Of :func:`standardise`, of one movement.
    rows : int, optional
        Rows of a group, drawn at random and without what is left over, as published (:data:`PUBLISHED_ROWS`). By
        default a group is a session, and its rows are the networks that all sessions have.
    seed : int
        Of the draw.

    Raises
    ------
    InputError
        If there are fewer rows than a group needs, or no network is in all sessions.

    Source: Marin Vargas et al. 2024, its notebook Figure_umap.
    """
    if rows is None:
        cut = _sessions(standardised)
    else:
        if not 0 < rows <= len(standardised):
            raise InputError(
                f"groups of {rows} rows need as many, there are {len(standardised)}; choose smaller groups"
            )
        order = seeds.generator(seed, "gain groups").permutation(len(standardised))
        n_groups = len(order) // rows
        values = standardised.to_numpy()[order[: n_groups * rows]].reshape(n_groups, rows, -1)
        cut = {str(number): group for number, group in enumerate(values)}
    points = np.concatenate([group.T for group in cut.values()])
    return GainMap(points, np.tile(standardised.columns, len(cut)), np.repeat(list(cut), standardised.shape[1]))


def _sessions(standardised: pd.DataFrame) -> dict[str, np.ndarray]:
    """Gains of the networks that all sessions have, (network, task) of each session."""
    names = standardised.index.unique("session")
    by_session = {str(name): standardised.xs(name, level="session") for name in names}
    everywhere = functools.reduce(lambda one, other: one.intersection(other), (of.index for of in by_session.values()))
    if everywhere.empty:
        raise InputError("no network has gains in all sessions; choose groups of rows instead")
    return {name: np.asarray(of.loc[everywhere]) for name, of in by_session.items()}


def principal_map(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First two principal components of points, (point, 2), and the shares of variance that they hold, (2,).

    Raises
    ------
    InputError
        If there are fewer than three points, or two dimensions.
    """
    if min(points.shape[0] - 1, points.shape[1]) < 2:
        raise InputError(f"{points.shape[0]} points in {points.shape[1]} dimensions have no map: give more networks")
    analysis = PCA(2, svd_solver="full")
    return analysis.fit_transform(points), np.asarray(analysis.explained_variance_ratio_)


umap: Callable[..., np.ndarray] = embedding.umap
"""Map of points, (point, 2), by UMAP; from 16 points on, needs umap-learn."""
