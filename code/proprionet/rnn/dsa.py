"""Dynamical similarity analysis: do two networks follow the same dynamics, whatever their coordinates?

Trajectories of each network are delay-embedded and whitened, one linear operator is fitted that takes each moment to
the next, and operators are compared but for a rotation. Linear maps of a network's states change nothing at full rank,
rotations at any rank.

Source: Ostrow, Eisen, Kozachkov & Fiete 2023 (the analysis); Zhang et al. 2023 (whitened coordinates).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.rnn.systems import orthogonal

Trials = Sequence[np.ndarray] | np.ndarray
"""Trajectories: an array (trial, step, channel), or an array (step, channel) for each trial, which may differ in
length."""

_SMALLEST_SHARE = 1e-12
"""Of the largest singular value; what is below is rounding error."""


def fewest_steps(n_delays: int, interval: int = 1) -> int:
    """Steps of a trial that has two embedded moments, and so one step of the dynamics."""
    return (n_delays - 1) * interval + 2


def delay_embedding(trials: Trials, n_delays: int, interval: int = 1) -> list[np.ndarray]:
    """Each moment together with those before it, the newest first.

    Parameters
    ----------
    trials : array, shape (trial, step, channel), or a sequence of arrays, shape (step, channel)
    n_delays : int
        Moments that are put together; 1 leaves the trajectories as they are.
    interval : int
        Steps between them.

    Returns
    -------
    list of array, shape (step - (n_delays - 1) * interval, channel * n_delays)

    Raises
    ------
    InputError
        If a trial has too few steps for two embedded moments.
    """
    lost, fewest = (n_delays - 1) * interval, fewest_steps(n_delays, interval)
    if (shortest := min(len(trial) for trial in trials)) < fewest:
        raise InputError(
            f"{n_delays} delays {interval} steps apart need trials of at least {fewest} steps, the shortest has "
            f"{shortest}: choose fewer delays"
        )
    embedded = []
    for trial in trials:
        n_left = len(trial) - lost
        blocks = [trial[lost - delay * interval :][:n_left] for delay in range(n_delays)]
        embedded.append(np.concatenate(blocks, axis=1, dtype=np.float64))
    return embedded


def centred(trials: Trials) -> list[np.ndarray]:
    """Trajectories less the mean of each channel over all moments of all trials: an offset is no dynamics.

    Raises
    ------
    InputError
        If there are NaN or infinite values; names the first trial with any.
    """
    for number, trial in enumerate(trials):
        if not np.isfinite(trial).all():
            raise InputError(f"trial {number} holds NaN or infinity, so it has no dynamics to compare")
    mean = np.concatenate(trials).mean(axis=0, dtype=np.float64)
    return [trial - mean for trial in trials]


@dataclass(frozen=True)
class Embedding:
    """Delay-embedded trajectories in whitened coordinates, those of largest variance first."""

    coordinates: np.ndarray
    """(moment, rank): orthonormal columns, all trials one after another"""
    later: np.ndarray
    """(pair,): rows of ``coordinates`` that have a moment before them in their trial"""
    basis: np.ndarray
    """(channel * n_delays, rank): embedded moments to coordinates"""
    singular_values: np.ndarray
    """(rank,)"""

    def cut(self, rank: int) -> "Embedding":
        """The first coordinates alone."""
        return Embedding(self.coordinates[:, :rank], self.later, self.basis[:, :rank], self.singular_values[:rank])


def embed(trials: Trials, n_delays: int, rank: int | None = None, interval: int = 1) -> Embedding:
    """Delay-embed centred trajectories and take the whitened coordinates of largest variance: scale does not matter.

    Parameters
    ----------
    trials, n_delays, interval
        As of :func:`delay_embedding`.
    rank : int, optional
        Coordinates; as many as there are if not given.

    Raises
    ------
    InputError
        As :func:`centred` and :func:`delay_embedding`, and if the trajectories have fewer dimensions than ``rank``.
    """
    embedded = delay_embedding(centred(trials), n_delays, interval)
    left, singular, right = np.linalg.svd(np.concatenate(embedded), full_matrices=False)
    n_real = int((singular > _SMALLEST_SHARE * singular[0]).sum())
    if rank is not None and rank > n_real:
        raise InputError(
            f"rank {rank} is above the data: {n_delays} delays of {np.shape(trials[0])[1]} channels have {n_real} "
            f"dimensions; choose a rank up to {n_real}, or more delays"
        )
    rank = n_real if rank is None else rank
    first = np.cumsum([0, *(len(trial) for trial in embedded)])
    later = np.setdiff1d(np.arange(first[-1]), first[:-1])
    return Embedding(left[:, :rank], later, right[:rank].T / singular[:rank], singular[:rank])


def operator(
    trials: Trials,
    n_delays: int,
    rank: int,
    *,
    interval: int = 1,
    ridge: float = 0.0,
    controls: Trials | None = None,
) -> np.ndarray:
    """The linear map from the whitened coordinates of one moment to those of the next, by ridge regression.

    Parameters
    ----------
    trials, n_delays, rank, interval
        As of :func:`embed`.
    ridge : float
        Penalty, in units of the variance of a coordinate times the number of moments.
    controls : as ``trials``, optional
        Inputs that drive the system, of the same trials and steps: the input of a step is what leads to the state
        of that step. What they explain is not counted as dynamics (Proctor, Brunton & Kutz 2016).

    Returns
    -------
    array, shape (rank, rank)

    Raises
    ------
    InputError
        As :func:`embed`.
    """
    embedding = embed(trials, n_delays, rank, interval)
    driving = None
    if controls is not None:
        driving = np.concatenate(delay_embedding(controls, n_delays, interval))
    return _fit(embedding, ridge, driving)


def _fit(embedding: Embedding, ridge: float = 0.0, driving: np.ndarray | None = None) -> np.ndarray:
    """The operator of whitened coordinates, with inputs at each moment accounted for where there are any."""
    before, after = embedding.coordinates[embedding.later - 1], embedding.coordinates[embedding.later]
    if driving is not None:
        known = np.column_stack([driving[embedding.later], np.ones(len(after))])
        basis, singular, _ = np.linalg.svd(known, full_matrices=False)
        basis = basis[:, singular > _SMALLEST_SHARE * singular[0]]
        before, after = (one - basis @ (basis.T @ one) for one in (before, after))
    return np.linalg.solve(before.T @ before + ridge * np.eye(before.shape[1]), before.T @ after).T


def wasserstein(one: np.ndarray, other: np.ndarray) -> float:
    """Mean squared distance of the eigenvalues of two operators in their best pairing.

    Parameters
    ----------
    one, other : array, shape (rank, rank)

    Raises
    ------
    InputError
        If the ranks differ.
    """
    _same_rank(one, other)
    distance = np.abs(np.linalg.eigvals(one)[:, None] - np.linalg.eigvals(other)) ** 2
    return float(distance[linear_sum_assignment(distance)].mean())


def angular(one: np.ndarray, other: np.ndarray, *, n_starts: int = 2, seed: int = 0) -> float:
    """Angle between two operators after the best rotation or reflection of one, in radian.

    arccos of the largest tr((C A C')' B) / (|A| |B|) over orthogonal C. The maximum is sought from the C that matches
    the eigenvectors, and from random ones of either determinant, by quasi-Newton steps along the Cayley map.

    Parameters
    ----------
    one, other : array, shape (rank, rank)
    n_starts : int
        Random starts of each determinant.

    Raises
    ------
    InputError
        If the ranks differ.
    """
    _same_rank(one, other)
    # In one order whichever is given first, so that the distance is symmetric to the last bit.
    a, b = sorted((one / np.linalg.norm(one), other / np.linalg.norm(other)), key=np.ndarray.tolist)
    random = seeds.generator(seed, "angular distance")
    flip = np.ones(len(a))
    flip[-1] = -1
    starts = [_matching_eigenvectors(a, b), *(orthogonal(random, len(a)) for _ in range(n_starts))]
    chord = min(_align(a, b, start * sign) for start in starts for sign in (1, flip))
    return float(2 * np.arcsin(min(chord / 2, 1)))


def _same_rank(one: np.ndarray, other: np.ndarray) -> None:
    if one.shape != other.shape:
        raise InputError(f"operators of rank {len(one)} and {len(other)} cannot be compared: choose one rank for all")


def _align(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> float:
    """The smallest |C a C' - b| that is downhill from C = ``start``, with C = start Cayley(S) and S skew."""
    n = len(a)
    upper, identity = np.triu_indices(n, 1), np.eye(n)
    turned = start.T @ b @ start

    def rotation(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        skew = np.zeros((n, n))
        skew[upper] = numbers
        skew -= skew.T
        inverse = np.linalg.inv(identity + skew)
        return (identity - skew) @ inverse, inverse

    def negative_overlap(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        cayley, inverse = rotation(numbers)
        aligned = cayley @ a
        by_cayley = turned @ cayley @ a.T + turned.T @ aligned
        by_skew = (identity + cayley).T @ by_cayley @ inverse.T
        return -np.sum((aligned @ cayley.T) * turned), (by_skew - by_skew.T)[upper]

    numbers = np.zeros(upper[0].size)
    if numbers.size:
        options = {"maxiter": 2000}
        numbers = minimize(negative_overlap, numbers, jac=True, method="L-BFGS-B", options=options).x
    cayley = rotation(numbers)[0]
    return float(np.linalg.norm(cayley @ a @ cayley.T - turned))


def _matching_eigenvectors(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The orthogonal matrix nearest to the map of the eigenvectors of ``a`` onto those of ``b``.

    It is exact where b = C a C'. An eigenvector is known but for its phase: the phases that make the angles between
    eigenvectors agree in both are the leading eigenvector of a Hermitian matrix.
    """
    (value_a, vector_a), (value_b, vector_b) = np.linalg.eig(a), np.linalg.eig(b)
    overlap = np.real(value_a[:, None] * value_b.conj())
    vector_b = vector_b[:, linear_sum_assignment(-overlap)[1]]
    angles = (vector_a.conj().T @ vector_a) * (vector_b.conj().T @ vector_b).conj()
    phase = np.linalg.eigh(angles)[1][:, -1]
    phase = np.where(np.abs(phase) > 1e-8, phase, 1)
    mapped = (vector_b * (phase.conj() / np.abs(phase))) @ vector_a.conj().T
    mapped = mapped / np.sqrt(np.sum(mapped * mapped) + 0j)
    left, _, right = np.linalg.svd(np.real(mapped))
    return left @ right


SCORES = {"wasserstein": wasserstein, "angular": angular}
"""Distances of two operators, by name."""


def choose_rank(
    trials: Trials, n_delays: int, *, interval: int = 1, largest: int = 50, seed: int = 0
) -> tuple[int, np.ndarray]:
    """The smallest rank that predicts held-out trials as well as any.

    Halves of the trials take turns in fitting the operator and in being predicted, one step ahead. Ranks of which the
    error is within one standard error (over trials) of the smallest error are as good: beyond, an operator fits noise.

    Parameters
    ----------
    trials, n_delays, interval
        As of :func:`delay_embedding`.
    largest : int
        Rank to try at most.

    Returns
    -------
    int
    array, shape (rank,)
        Error of ranks 1, 2, ...: squared error of prediction over that of the mean of the trials, averaged over trials.

    Raises
    ------
    InputError
        As :func:`embed`, and if there are fewer than two trials.
    """
    halves = _halves(len(trials), seed)
    errors = []
    for fitted, predicted in (halves, halves[::-1]):
        embedding = embed([trials[i] for i in fitted], n_delays, interval=interval)
        held_out = delay_embedding(centred([trials[i] for i in predicted]), n_delays, interval)
        ranks = range(1, min(largest, len(embedding.singular_values)) + 1)
        errors.append(np.stack([_prediction_error(embedding.cut(rank), held_out, len(trials[0].T)) for rank in ranks]))
    n_ranks = min(map(len, errors))
    by_trial = np.concatenate([error[:n_ranks] for error in errors], axis=1)
    mean = by_trial.mean(axis=1)
    standard_error = by_trial[mean.argmin()].std(ddof=1) / np.sqrt(by_trial.shape[1])
    return int(np.argmax(mean <= mean.min() + standard_error)) + 1, mean


def _prediction_error(embedding: Embedding, trials: list[np.ndarray], n_channels: int) -> np.ndarray:
    """Error of predicting the newest channels of each embedded trial one step ahead, relative to their variance."""
    back = np.linalg.pinv(embedding.basis)[:, :n_channels]
    forward = embedding.basis @ _fit(embedding).T @ back
    variance = np.concatenate(trials)[:, :n_channels].var(axis=0).sum()
    missed = [np.square(trial[:-1] @ forward - trial[1:, :n_channels]).sum(axis=1).mean() for trial in trials]
    return np.array(missed) / variance


def split_halves(n_trials: int, n_splits: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Random halves of the trials, as rows; operators of the two halves differ by noise alone.

    Raises
    ------
    InputError
        If there are fewer than two trials.
    """
    return [_halves(n_trials, seed, split) for split in range(n_splits)]


def _halves(n_trials: int, seed: int, split: int = 0) -> tuple[np.ndarray, np.ndarray]:
    if n_trials < 2:
        raise InputError(f"{n_trials} trial cannot be split into halves: at least 2")
    order = seeds.generator(seed, "halves of trials", split).permutation(n_trials)
    return np.sort(order[: n_trials // 2]), np.sort(order[n_trials // 2 :])


def shuffled(trials: Trials, seed: int) -> list[np.ndarray]:
    """The same states with their order lost, over all moments of all trials."""
    moments = seeds.generator(seed, "time shuffled").permutation(np.concatenate(trials), axis=0)
    return np.split(moments, np.cumsum([len(trial) for trial in trials])[:-1])
