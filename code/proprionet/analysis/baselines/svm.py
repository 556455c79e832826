"""How well straight lines tell letters apart: a linear support vector machine (SVM) for every pair of letters.

Source: Sandbrink et al. 2023, Fig. 3B, C and Methods "Support vector machine analysis".
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from threadpoolctl import threadpool_limits

from proprionet import seeds
from proprionet.analysis.baselines import hinge
from proprionet.errors import InputError

REGULARISATION = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
_ROWS = 1024  # movements in double precision at once


@dataclass(frozen=True)
class PairwiseResult:
    """Classifiers of every pair of letters; matrices are (letter, letter), symmetric, NaN (or 0) on the diagonal."""

    letters: np.ndarray
    """(letter,): labels in the order of the matrices; pairs are in the order of ``itertools.combinations``."""
    accuracy: np.ndarray
    """Share of the pair's test movements told apart; chance is the share of the commoner letter."""
    n_test: np.ndarray
    """Test movements of the pair."""
    regularisation: np.ndarray
    """C of the pair's classifier."""
    gap: np.ndarray
    """Relative duality gap of the pair's classifier: how far from the exact solution its loss can be."""
    distances: np.ndarray
    """(test_movement, pair): signed distance from each boundary, above 0 for the pair's first letter."""
    votes: np.ndarray
    """(test_movement, letter): classifiers that say that it is this letter."""
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
    sources: np.ndarray | None = None,
    regularisation: tuple[float, ...] = REGULARISATION,
    validation_share: float = 0.1,
    n_folds: int = 5,
    standardise: bool = True,
    seed: int = 0,
    n_jobs: int = 1,
    progress: Callable[[Iterator], Iterable] = iter,
) -> PairwiseResult:
    """Train a linear SVM (hinge loss) for every pair of letters, and let all of them vote.

    The smallest C that tells most held-out movements apart is chosen. Without ``sources`` these are the last movements
    of each letter, and, as published, the chosen classifier is not trained on them again. With ``sources`` they are
    those of whole pen letters, a fold at a time, and the chosen classifier is trained on all training movements.

    A linear SVM sees only products of movements, so each pair is solved from one matrix of products, for all C
    (:mod:`.hinge`). Beside the inputs, each job needs about 40 bytes for every product of two
    movements of a pair, and twice the pair's inputs.

    Parameters
    ----------
    inputs_train, inputs_test : array, shape (movement, feature)
        Inputs of each movement, all times in one row (any unit); float32 halves time and memory.
    labels_train, labels_test : array, shape (movement,)
        Letter of each movement. Without ``sources``, training movements of one letter must be in random order.
    sources : array, shape (movement,), optional
        Pen letter that each training movement was made from: choose C by cross-validation over pen letters.
    regularisation : sequence of float
        Values of C to choose from, rising (published: 1e-4 ... 1e3 in decades).
    validation_share : float
        Without ``sources``: share of each letter's training movements, the last ones, that choose C.
    n_folds : int
        With ``sources``: folds, or as many as the letter with fewest pen letters has.
    standardise : bool
        Scale every feature to mean 0 and deviation 1 over the training movements; False is the published choice.
    seed : int
        Which pen letters form a fold.
    n_jobs : int
        Threads; the result does not depend on it.
    progress : callable
        Goes through the pairs as they are ready, to show how far it is.

    Raises
    ------
    InputError
        If shapes disagree, there are fewer than two letters, or a letter has no test movement, or fewer than two
        training movements or pen letters.
    """
    letters = _checked_letters(inputs_train, labels_train, inputs_test, labels_test)
    scale = _Scale.of(inputs_train, standardise)
    rows = [np.flatnonzero(labels_train == letter) for letter in letters]
    folds = _last(rows, validation_share) if sources is None else _by_source(rows, letters, sources, n_folds, seed)
    refit = sources is not None
    pairs = list(combinations(range(letters.size), 2))

    def train(pair: tuple[int, int]) -> _Machine:
        return _train(inputs_train, scale, [rows[i] for i in pair], [folds[i] for i in pair], regularisation, refit)

    with threadpool_limits(1), ThreadPoolExecutor(n_jobs) as pool:  # the same rounding however many threads there are
        machines = list(progress(pool.map(train, pairs)))
    slopes = np.array([machine.slope for machine in machines]).T
    distances = np.concatenate([scale.apply(inputs_test[block]) @ slopes for block in _blocks(len(inputs_test))])
    distances += [machine.offset for machine in machines]
    of_pair = [np.isin(labels_test, letters[list(pair)]) for pair in pairs]
    right = [
        np.mean((d[one] > 0) == (labels_test[one] == letters[a]))
        for d, one, (a, _) in zip(distances.T, of_pair, pairs, strict=True)
    ]
    winner, votes = vote(distances, letters.size)
    predicted = letters[winner]
    return PairwiseResult(
        letters=letters,
        accuracy=_square(right, letters.size),
        n_test=np.nan_to_num(_square(np.sum(of_pair, axis=1), letters.size)).astype(int),
        regularisation=_square([machine.regularisation for machine in machines], letters.size),
        gap=_square([machine.gap for machine in machines], letters.size),
        distances=distances,
        votes=votes,
        predicted=predicted,
        multiclass_accuracy=float(np.mean(predicted == labels_test)),
    )


def vote(distances: np.ndarray, n_letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Letter with most votes in a one-vs-one classification.

    Among letters with equal votes the largest sum of signed distances wins; if that is equal too, the first letter.
    The published rule, which adds these sums to the votes after scaling them below one half over all movements, gives
    the same letters, but for rounding.

    Parameters
    ----------
    distances : array, shape (movement, pair)
        Signed distance from each pair's boundary, above 0 for the pair's first letter; pairs in the order of
        ``itertools.combinations(range(n_letters), 2)``.
    n_letters : int

    Returns
    -------
    winner : array of int, shape (movement,)
        Index of the letter.
    votes : array of int, shape (movement, letter)
    """
    first, second = np.triu_indices(n_letters, k=1)
    member = np.eye(n_letters, dtype=int)
    votes = (distances > 0) @ member[first] + (distances <= 0) @ member[second]
    total = distances @ (member[first] - member[second])
    winner = np.argmax(np.where(votes == votes.max(axis=1, keepdims=True), total, -np.inf), axis=1)
    return winner, votes


@dataclass(frozen=True)
class _Scale:
    """Inputs x as (x - mean) * factor, which keeps products precise; ``shift`` is what that took from a raw input."""

    mean: np.ndarray
    factor: np.ndarray | None
    shift: np.ndarray

    @classmethod
    def of(cls, inputs: np.ndarray, standardise: bool) -> "_Scale":
        mean = inputs.mean(axis=0, dtype=float)
        if not standardise:
            return cls(mean.astype(inputs.dtype), None, mean.astype(inputs.dtype).astype(float))
        square = sum(((inputs[block] - mean) ** 2).sum(axis=0) for block in _blocks(len(inputs)))
        deviation = np.sqrt(square / len(inputs))
        varies = deviation > len(inputs) * np.finfo(float).eps * np.abs(mean)
        factor = 1 / np.where(varies, deviation, 1.0)
        return cls(mean.astype(inputs.dtype), factor.astype(inputs.dtype), np.zeros(len(mean)))

    def apply(self, inputs: np.ndarray) -> np.ndarray:
        centred = inputs - self.mean
        if self.factor is not None:
            centred *= self.factor
        return centred

    def products(self, scaled: np.ndarray) -> np.ndarray:
        """Scalar products of the movements, raw or standardised, and 1 for the intercept."""
        along = np.concatenate([scaled[block] @ self.shift for block in _blocks(len(scaled))])
        products = (scaled @ scaled.T).astype(float)
        products += along
        products += along[:, None]
        products += self.shift @ self.shift + 1
        return products


@dataclass(frozen=True)
class _Machine:
    """Classifier of one pair; distance = scaled input @ slope + offset, above 0 for the first letter."""

    slope: np.ndarray
    offset: float
    regularisation: float
    gap: float


def _train(
    inputs: np.ndarray,
    scale: _Scale,
    rows: list[np.ndarray],
    folds: list[list[np.ndarray]],
    regularisation: tuple[float, ...],
    refit: bool,
) -> _Machine:
    """Choose C of one pair on its folds; the classifier is that of the first fold, or of all movements (``refit``)."""
    every, is_first = np.concatenate(rows), np.repeat([True, False], [len(part) for part in rows])
    scaled = scale.apply(inputs[every])
    products = scale.products(scaled)
    fits = []
    for held in map(np.concatenate, zip(*folds, strict=True)):
        fitted = ~np.isin(every, held)
        fits.append((fitted, hinge.fit(products[np.ix_(fitted, fitted)], is_first[fitted], regularisation)))
    n_right = [
        np.sum((found.weight @ products[np.ix_(fitted, ~fitted)] > 0) == is_first[~fitted], axis=1)
        for fitted, found in fits
    ]
    best = int(np.argmax(np.sum(n_right, axis=0)))
    if refit:
        fits = [(np.full(len(every), True), hinge.fit(products, is_first, regularisation[: best + 1]))]
    fitted, found = fits[0]
    weight = np.zeros(len(every))
    weight[fitted] = found.weight[best]
    slope = weight.sum() * scale.shift + sum(weight[block] @ scaled[block] for block in _blocks(len(every)))
    return _Machine(slope, float(scale.shift @ slope + weight.sum()), regularisation[best], float(found.gap[best]))


def _blocks(count: int) -> list[slice]:
    """Pieces of a long array that fit into little memory in double precision."""
    return [slice(start, start + _ROWS) for start in range(0, count, _ROWS)]


def _last(rows: list[np.ndarray], share: float) -> list[list[np.ndarray]]:
    """The last movements of each letter, as one fold."""
    return [[part[-max(round(share * part.size), 1) :]] for part in rows]


def _by_source(
    rows: list[np.ndarray], letters: np.ndarray, sources: np.ndarray, n_folds: int, seed: int
) -> list[list[np.ndarray]]:
    """Movements of each letter in folds of whole pen letters, dealt in random order."""
    names = [np.unique(sources[part]) for part in rows]
    for letter, own in zip(letters, names, strict=True):
        if own.size < 2:
            raise InputError(f"letter {letter}: movements of 1 pen letter; grouped validation needs two")
    n_folds = min(n_folds, *(own.size for own in names))
    folds = []
    for index, (part, own) in enumerate(zip(rows, names, strict=True)):
        order = seeds.generator(seed, "svm folds", index).permutation(own)
        folds.append([part[np.isin(sources[part], order[fold::n_folds])] for fold in range(n_folds)])
    return folds


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
