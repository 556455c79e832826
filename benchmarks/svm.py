"""Linear SVMs of pairs of letters: all C from one matrix of products, or scikit-learn's LinearSVC one after another."""

import json
import resource
import time
import warnings
from itertools import combinations
from pathlib import Path

import click
import numpy as np
from common import report
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from proprionet import dataset, store
from proprionet.analysis.baselines import svm

PUBLISHED, CONVERGED = 1_000, 100_000  # iterations at most: the default of LinearSVC, and enough for most fits


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--quick", is_flag=True, help="One pair of 3 letters, 40 training movements of each.")
@click.option("--input", "name", default="spindle", show_default=True, help="What the classifiers see.")
@click.option("--standardise/--no-standardise", default=True, show_default=True)
@click.option("--per-letter", default=1000, show_default=True, help="Training movements of each letter.")
@click.option("--pairs", "n_pairs", default=2, show_default=True, help="Pairs that LinearSVC is timed on.")
@click.option("--jobs", default=2, show_default=True, help="Threads for all pairs.")
def main(data: Path, quick: bool, name: str, standardise: bool, per_letter: int, n_pairs: int, jobs: int) -> None:
    """Compare accuracies and times on some pairs of the data set DATA, then time all pairs on several cores.

    The reference is the published loop (8 C, the last tenth of the movements chooses, default number of iterations),
    and the same loop with as many iterations as it needs, on inputs turned onto the span of the training movements,
    where it sees the same products in fewer dimensions. Differences are of test accuracies, the largest of any pair.
    """
    letters, per_letter, n_pairs = (range(3), 40, 1) if quick else (range(20), per_letter, n_pairs)
    train, test = read(data, name, letters, per_letter)
    some = list(combinations(letters, 2))[:: max(1, len(letters) * (len(letters) - 1) // 2 // n_pairs)][:n_pairs]
    with threadpool_limits(1):
        start = time.perf_counter()
        ours = [pair_accuracy(train, test, pair, standardise) for pair in some]
        seconds = time.perf_counter() - start
        for about, max_iter in (("as published", PUBLISHED), ("converged", CONVERGED)):
            start = time.perf_counter()
            theirs = [plain_loop(train, test, pair, standardise, max_iter) for pair in some]
            accuracy, missed = np.array(theirs).T
            report(
                f"{len(some)} pairs x 8 C, {name}, {per_letter} a letter, standardised {standardise}, vs LinearSVC "
                f"{about} ({int(missed.sum())} of {8 * len(some)} fits not converged)",
                unit="s",
                ours=seconds,
                reference=time.perf_counter() - start,
                max_difference=float(np.abs(ours - accuracy).max()),
                n=len(some),
                packages=["scikit-learn"],
            )
    start = time.perf_counter()
    found = svm.pairwise_accuracies(*train, *test, standardise=standardise, n_jobs=jobs)
    whole = {
        "name": f"all {len(letters) * (len(letters) - 1) // 2} pairs x 8 C, {name}, {per_letter} a letter",
        "s": time.perf_counter() - start,
        "cores": jobs,
        "mean_accuracy": found.mean_accuracy,
        "multiclass_accuracy": found.multiclass_accuracy,
        "largest_gap": float(np.nanmax(found.gap)),
        "features": train[0].shape[1],
        "peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    click.echo(json.dumps(whole))


def read(path: Path, name: str, letters: range, per_letter: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Inputs and labels to train on, so many of each letter, and to test."""
    with store.read(path, "dataset") as data:
        label, parts = data["label"], data["split"]
        train = np.concatenate([np.flatnonzero((label == one) & (parts < 2))[:per_letter] for one in letters])
        test = np.flatnonzero(np.isin(label, letters) & (parts == 2))
        return [(dataset.features(data, rows, name), label[rows]) for rows in (np.sort(train), test)]


def pair_accuracy(train: tuple, test: tuple, pair: tuple[int, int], standardise: bool) -> float:
    """Test accuracy of ours, on the movements of one pair alone."""
    (inputs, labels), (inputs_test, labels_test) = (of_pair(part, pair) for part in (train, test))
    return svm.pairwise_accuracies(inputs, labels, inputs_test, labels_test, standardise=standardise).mean_accuracy


def plain_loop(train: tuple, test: tuple, pair: tuple[int, int], standardise: bool, max_iter: int) -> tuple[float, int]:
    """Test accuracy of the best of 8 LinearSVC, and how many did not converge."""
    (inputs, labels), (inputs_test, labels_test) = (of_pair(part, pair) for part in (train, test))
    if standardise:
        scaler = StandardScaler().fit(inputs)
        inputs, inputs_test = scaler.transform(inputs), scaler.transform(inputs_test)
    rows = [np.flatnonzero(labels == letter) for letter in pair]
    held = np.concatenate([part[-round(0.1 * part.size) :] for part in rows])
    fitted = np.setdiff1d(np.arange(len(labels)), held)
    if max_iter > PUBLISHED and len(fitted) < inputs.shape[1]:
        basis = np.linalg.qr(inputs[fitted].T.astype(float))[0]
        inputs, inputs_test = inputs @ basis, inputs_test @ basis
    machines = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for C in svm.REGULARISATION:
            machine = LinearSVC(C=C, loss="hinge", max_iter=max_iter, random_state=0)
            machines.append(machine.fit(inputs[fitted], labels[fitted]))
    best = machines[int(np.argmax([machine.score(inputs[held], labels[held]) for machine in machines]))]
    return float(best.score(inputs_test, labels_test)), sum(machine.n_iter_ >= max_iter for machine in machines)


def of_pair(part: tuple[np.ndarray, np.ndarray], pair: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The movements of two letters."""
    inputs, labels = part
    inside = np.isin(labels, pair)
    return inputs[inside], labels[inside]


if __name__ == "__main__":
    main()
