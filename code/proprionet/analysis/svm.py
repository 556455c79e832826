"""How well straight lines tell letters apart: a linear support vector machine (SVM) for every pair of letters.

Source: Sandbrink et al. 2023, Fig. 3B, C and Methods "Support vector machine analysis".
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from proprionet import seeds, workers
from proprionet.errors import InputError

REGULARISATION = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)


@dataclass(frozen=True)
class PairwiseResult:
    """Classifiers of every pair of letters; matrices are (letter, letter), symmetric, NaN on the diagonal."""

    letters: np.ndarray
    """(letter,): labels in the order of the matrices."""
    accuracy: np.ndarray
    """Share of the pair's test movements told apart; chance is the share of the commoner letter."""
    regularisation: np.ndarray
    """C of the pair's classifier."""
    converged: np.ndarray
    """1 where the solver of the pair's classifier reached its tolerance, else 0."""
    predicted: np.ndarray
    """(test_movement,): letter that all classifiers together vote for."""
    multiclass_accuracy: float
    """Share of the test movements whose letter wins the vote."""

    @property
    def mean_accuracy(self) -> float:
        """Mean accuracy over pairs."""
        return float(np.nanmean(self.accuracy))


def pairwise_accuracies(
    inputs_train: np.ndarray,
    labels_train: np.ndarray,
    inputs_test: np.ndarray,
    labels_test: np.ndarray,
    *,
    regularisation: tuple[float, ...] = REGULARISATION,
    validation_share: float = 0.1,
    standardise: bool = True,
    seed: int = 0,
    n_jobs: int = 1,
    progress: Callable[[Iterator], Iterable] = iter,
) -> PairwiseResult:
    """Train a linear SVM (hinge loss) for every pair of letters, and let all of them vote.

    The last movements of each letter choose C: the smallest that tells most of them apart. As published, the chosen
    classifier is not trained on them again. The vote: each classifier has one; equal votes are decided by the sum of
    the classifiers' signed distances for the letter, within one movement (published: scaled by the whole test set).

    A linear SVM only sees products of movements, so the inputs are first turned onto the span of the training
    movements: the same classifier, in as many dimensions as there are movements.

    Parameters
    ----------
    inputs_train, inputs_test : array, shape (movement, feature)
        Inputs of each movement, all times in one row (any unit).
    labels_train, labels_test : array, shape (movement,)
        Letter of each movement. Training movements of one letter must be in random order.
    regularisation : sequence of float
        Values of C to choose from, rising (published: 1e-4 ... 1e3 in decades).
    validation_share : float
        Share of each letter's training movements, the last ones, that choose C.
    standardise : bool
        Scale every feature to mean 0 and deviation 1 over the training movements; False is the published choice.
    seed : int
        Order in which the solver visits movements; matters only within its tolerance.
    n_jobs : int
        Processes; the result does not depend on it.
    progress : callable
        Goes through the pairs as they are ready, to show how far it is.

    Raises
    ------
    InputError
        If shapes disagree, there are fewer than two letters, or a letter has fewer than two training movements or
        no test movement.
    """
    letters = _checked_letters(inputs_train, labels_train, inputs_test, labels_test)
    if standardise:
        scaler = StandardScaler().fit(inputs_train)
        inputs_train, inputs_test = (np.asarray(scaler.transform(part)) for part in (inputs_train, inputs_test))
    inputs_train, inputs_test = _onto_span(inputs_train, inputs_test)
    rows = [_split(np.flatnonzero(labels_train == letter), validation_share) for letter in letters]
    pairs = list(combinations(range(letters.size), 2))
    machines = _Machines(inputs_train, inputs_test, rows, regularisation, seed)
    found = [result for _, result in sorted(progress(workers.run(machines.load, _Machines.train, pairs, n_jobs)))]
    distances, chosen, converged = (np.array(part) for part in zip(*found, strict=True))
    right = [_share_right(d, *(labels_test == letters[i] for i in ab)) for d, ab in zip(distances, pairs, strict=True)]
    predicted = letters[vote(distances.T, letters.size)]
    return PairwiseResult(
        letters=letters,
        accuracy=_square(right, letters.size),
        regularisation=_square(np.asarray(regularisation)[chosen], letters.size),
        converged=_square(converged, letters.size),
        predicted=predicted,
        multiclass_accuracy=float(np.mean(predicted == labels_test)),
    )


def vote(distances: np.ndarray, n_letters: int) -> np.ndarray:
    """Letter with most votes in a one-vs-one classification.

    Parameters
    ----------
    distances : array, shape (movement, pair)
        Signed distance from each pair's boundary, above 0 for the pair's first letter; pairs in the order of
        ``itertools.combinations(range(n_letters), 2)``.
    n_letters : int

    Returns
    -------
    array of int, shape (movement,)
        Index of the letter. Among letters with equal votes the largest sum of signed distances wins; if that is equal
        too, the first letter.
    """
    first, second = np.triu_indices(n_letters, k=1)
    member = np.eye(n_letters)
    votes = np.where(distances > 0, 1.0, 0.0) @ member[first] + np.where(distances > 0, 0.0, 1.0) @ member[second]
    total = distances @ (member[first] - member[second])
    return np.argmax(np.where(votes == votes.max(axis=1, keepdims=True), total, -np.inf), axis=1)


@dataclass(frozen=True)
class _Machines:
    """What every pair is trained from; sent to each process once."""

    inputs_train: np.ndarray
    inputs_test: np.ndarray
    rows: list[tuple[np.ndarray, np.ndarray]]
    regularisation: tuple[float, ...]
    seed: int

    def load(self) -> "_Machines":
        return self

    def train(self, pair: tuple[int, int]) -> tuple[np.ndarray, int, bool]:
        a, b = pair
        random_state = seeds.integer(self.seed, "svm", a, b)
        rows = self.rows[a], self.rows[b]
        return _train_pair(self.inputs_train, *rows, self.inputs_test, self.regularisation, random_state)


def _train_pair(
    train: np.ndarray,
    rows_a: tuple[np.ndarray, np.ndarray],
    rows_b: tuple[np.ndarray, np.ndarray],
    test: np.ndarray,
    regularisation: tuple[float, ...],
    random_state: int,
) -> tuple[np.ndarray, int, bool]:
    """Signed distances of all test movements (above 0 for letter a), index of the chosen C, whether it converged."""
    fit, choose = (np.concatenate(parts) for parts in zip(rows_a, rows_b, strict=True))
    is_a = np.isin(fit, rows_a[0])
    with threadpool_limits(1):  # the same rounding however many processes there are
        inputs, held = _onto_span(train[fit], np.concatenate([train[choose], test]))
        machines = [_machine(inputs, is_a, C, random_state) for C in regularisation]
        slopes = np.concatenate([machine.coef_ for machine in machines])
        distances = held @ slopes.T + np.concatenate([machine.intercept_ for machine in machines])
    n_right = np.sum((distances[: choose.size] > 0) == np.isin(choose, rows_a[1])[:, None], axis=0)
    best = int(np.argmax(n_right))
    return distances[choose.size :, best], best, bool(machines[best].n_iter_ < machines[best].max_iter)


def _machine(inputs: np.ndarray, is_first: np.ndarray, C: float, random_state: int) -> LinearSVC:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told in the result
        return LinearSVC(C=C, loss="hinge", random_state=random_state).fit(inputs, is_first)


def _onto_span(train: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in an orthonormal basis of the training rows: their products, all that an SVM sees, stay the same."""
    if train.shape[0] >= train.shape[1]:
        return train, other
    basis, coordinates = np.linalg.qr(train.T.astype(float))
    return coordinates.T, other @ basis


def _split(rows: np.ndarray, validation_share: float) -> tuple[np.ndarray, np.ndarray]:
    n_validation = max(round(validation_share * rows.size), 1)
    return rows[:-n_validation], rows[-n_validation:]


def _share_right(distances: np.ndarray, is_a: np.ndarray, is_b: np.ndarray) -> float:
    return float(((distances[is_a] > 0).sum() + (distances[is_b] <= 0).sum()) / (is_a.sum() + is_b.sum()))


def _square(values: list[float] | np.ndarray, n_letters: int) -> np.ndarray:
    matrix = np.full((n_letters, n_letters), np.nan)
    rows, columns = np.triu_indices(n_letters, k=1)
    matrix[rows, columns] = matrix[columns, rows] = values
    return matrix


def _checked_letters(
    inputs_train: np.ndarray, labels_train: np.ndarray, inputs_test: np.ndarray, labels_test: np.ndarray
) -> np.ndarray:
    """Letters of the training movements, sorted; errors in the words of the caller."""
    for name, inputs, labels in (("training", inputs_train, labels_train), ("test", inputs_test, labels_test)):
        if inputs.ndim != 2 or len(inputs) != len(labels):
            raise InputError(
                f"{name} inputs of shape {inputs.shape}, {len(labels)} labels: expected (movement, feature)"
            )
    if inputs_train.shape[1] != inputs_test.shape[1]:
        raise InputError(f"{inputs_train.shape[1]} features to train on, but {inputs_test.shape[1]} to test")
    letters, n_movements = np.unique(labels_train, return_counts=True)
    if letters.size < 2:
        raise InputError(f"{letters.size} letter in the training movements: a pair needs two")
    for letter, n in zip(letters, n_movements, strict=True):
        if n < 2:
            raise InputError(f"letter {letter}: 1 training movement; one to train and one to choose C are needed")
        if letter not in labels_test:
            raise InputError(f"letter {letter}: no test movement")
    return letters
