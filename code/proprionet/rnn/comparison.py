"""Networks compared two by two in the same trials: their states, their dynamics, and what noise alone would give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from proprionet import workers
from proprionet.analysis.layers import similarity
from proprionet.errors import InputError, located
from proprionet.rnn import alignment, dsa

STATE_MEASURES = ("affine_r2", "cka", *similarity.OF_COMPONENTS)
MEASURES = (*STATE_MEASURES, *(f"dsa_{name}" for name in dsa.SCORES))

Watch = Callable[..., Iterable[Any]]
Trajectories = Sequence[np.ndarray]
"""States of a network, shape (step, state) for each trial."""


def _unwatched(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items


@dataclass(frozen=True)
class Dsa:
    """How the dynamics of a network are fitted; see :func:`proprionet.rnn.dsa.operator`."""

    n_delays: int = 10
    interval: int = 1
    rank: int = 10
    ridge: float = 0.0
    n_splits: int = 5


@dataclass(frozen=True)
class Similarity:
    """All measures between all networks."""

    matrices: dict[str, np.ndarray]
    """(one, other) of each of :data:`MEASURES`; affine R² is of the states of the other, told by those of the one"""
    floors: dict[str, np.ndarray]
    """(network,) of the measures of dynamics: mean distance between halves of the network's own trials"""
    ceilings: dict[str, np.ndarray]
    """(network,) of all measures: with the network's own states, their order in time lost"""
    rank: int
    """Dimensions of the dynamics."""
    ranks: list[int]
    """(network,) that held-out prediction chose; empty where the rank was given"""


def compare(
    networks: Mapping[str, Trajectories],
    train: np.ndarray,
    held_out: np.ndarray,
    fit: Dsa,
    *,
    controls: Trajectories | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    watch: Watch = _unwatched,
) -> Similarity:
    """Compare every two networks.

    Parameters
    ----------
    networks : mapping of name to sequence of array, shape (step, component)
        From :mod:`proprionet.rnn.recorded` or :mod:`proprionet.rnn.letter_layers`, all of the same trials and steps.
    train, held_out : arrays of int
        Trials that affine maps are fitted to, and trials that states are compared in. Dynamics take all.
    controls : sequence of array, shape (step, input), optional
        What drives the networks in these trials, not to be counted as dynamics.
    watch : callable
        ``watch(items, total=..., about=...)`` goes through items and shows progress.

    Raises
    ------
    InputError
        If trials or steps differ between networks, or the dynamics cannot be fitted; names the network.
    """
    _check_same_moments(networks)
    trials = list(networks.values())
    ranks, rank = [], fit.rank
    if not rank:
        for name, one in watch(networks.items(), total=len(networks), about="ranks"):
            with located(f"{name}: "):
                ranks.append(dsa.choose_rank(one, fit.n_delays, interval=fit.interval, seed=seed)[0])
        rank = min(ranks)
    operators, pairs = _operators(networks, fit, rank, controls, seed, watch)
    wholes = [own[0][0] for own in pairs]
    between = list(combinations(wholes, 2))
    found = dict(_scores(operators, [*between, *(pair for own in pairs for pair in own)], seed, n_jobs, watch))
    matrices = state_similarity(trials, train, held_out)
    ceilings = _state_ceilings(trials, train, held_out, seed)
    floors = {}
    for place, name in enumerate(dsa.SCORES):
        upper = np.zeros((len(trials),) * 2)
        upper[np.triu_indices(len(trials), 1)] = [found[pair][place] for pair in between]
        matrices[f"dsa_{name}"] = upper + upper.T
        ceilings[f"dsa_{name}"] = np.array([found[own[0]][place] for own in pairs])
        floors[f"dsa_{name}"] = np.array([np.mean([found[pair][place] for pair in own[1:]]) for own in pairs])
    return Similarity(matrices, floors, ceilings, rank, ranks)


def _operators(
    networks: Mapping[str, Trajectories],
    fit: Dsa,
    rank: int,
    controls: Trajectories | None,
    seed: int,
    watch: Watch,
) -> tuple[list[np.ndarray], list[list[tuple[int, int]]]]:
    """Operators of all networks, their shuffled twins and halves; and for each network the pairs of its own.

    The first pair is of the whole network and its twin, the others are of halves.
    """
    operator = partial(dsa.operator, n_delays=fit.n_delays, rank=rank, interval=fit.interval, ridge=fit.ridge)
    operators, pairs = [], []
    for name, one in watch(networks.items(), total=len(networks), about="dynamics"):
        halves = dsa.split_halves(len(one), fit.n_splits, seed)
        first = len(operators)
        with located(f"{name}: "):
            operators += [operator(one, controls=controls), operator(dsa.shuffled(one, seed), controls=controls)]
            operators += [_of(operator, one, controls, rows) for two in halves for rows in two]
        pairs.append([(place, place + 1) for place in range(first, len(operators), 2)])
    return operators, pairs


def state_similarity(
    networks: Sequence[Trajectories], train: np.ndarray, held_out: np.ndarray
) -> dict[str, np.ndarray]:
    """The measures of states alone, which ask what is alike at the same moment: arguments as of :func:`compare`.

    Returns
    -------
    dict of array, shape (one, other)
        By name of :data:`STATE_MEASURES`.
    """
    fitted = [np.concatenate([one[trial] for trial in train]) for one in networks]
    tested = [np.concatenate([one[trial] for trial in held_out]) for one in networks]
    places = range(len(networks))
    r2 = [[alignment.align(fitted[i], fitted[j]).r2(tested[i], tested[j])[0] for j in places] for i in places]
    found = {"affine_r2": np.array(r2), "cka": alignment.linear_cka(tested)}
    for name, measure in similarity.OF_COMPONENTS.items():
        found[name] = np.array([[measure(one, other) for other in tested] for one in tested])
    return found


def _check_same_moments(networks: Mapping[str, Trajectories]) -> None:
    """All networks must have been seen in the same trials, of the same lengths."""
    (first, reference), *others = networks.items()
    for name, trials in others:
        if len(trials) != len(reference):
            raise InputError(f"{first} has {len(reference)} trials, {name} has {len(trials)}: compare the same trials")
        for number, (one, other) in enumerate(zip(reference, trials, strict=True)):
            if len(one) != len(other):
                raise InputError(
                    f"trial {number} has {len(one)} time steps in {first}, {len(other)} in {name}: compare the same "
                    "trials"
                )


def _of(
    operator: Callable[..., np.ndarray], trials: Trajectories, controls: Trajectories | None, rows: np.ndarray
) -> np.ndarray:
    """The operator of some of the trials."""
    driving = None if controls is None else [controls[row] for row in rows]
    return operator([trials[row] for row in rows], controls=driving)


def _state_ceilings(
    trials: Sequence[Trajectories], train: np.ndarray, held_out: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """What the measures of states say of each network and itself, its order in time lost."""
    each = [state_similarity([dsa.shuffled(one, seed), one], train, held_out) for one in trials]
    return {name: np.array([one[name][0, 1] for one in each]) for name in STATE_MEASURES}


def _scores(
    operators: list[np.ndarray], pairs: list[tuple[int, int]], seed: int, n_jobs: int, watch: Watch
) -> Iterable[tuple[tuple[int, int], tuple[float, ...]]]:
    """Each pair of operators with its distances, in the order of :data:`proprionet.rnn.dsa.SCORES`."""
    done = workers.run(partial(list, operators), partial(_distances, seed), pairs, n_jobs)
    for index, scores in watch(done, total=len(pairs), about="pairs"):
        yield pairs[index], scores


def _distances(seed: int, operators: list[np.ndarray], pair: tuple[int, int]) -> tuple[float, float]:
    one, other = operators[pair[0]], operators[pair[1]]
    return dsa.wasserstein(one, other), dsa.angular(one, other, seed=seed)
