"""Tell letters apart with straight lines: a linear SVM for every pair of letters."""

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import click

from proprionet.cli import InputFile, Run, stage

BLOCK = 1024  # movements read at once


@stage("svm", kind="svm")
@click.argument("dataset", type=InputFile("dataset"))
def fit_pairwise(run: Run, dataset: Path) -> None:
    """Train a linear SVM on each pair of letters of DATASET (190 of 20 letters), and let all of them vote.

    Trained on the training and validation parts, scored on the test part. Writes the accuracy and C of every pair, and
    the decision values and votes of every test movement; a table of the pairs (CSV) lies beside the file.

    Example: python svm-analysis/fit_pairwise.py results/demo/dataset.h5 --input muscle_length --subset size=1.3
    """
    import numpy as np

    from proprionet import dataset as movement_data
    from proprionet import store
    from proprionet.analysis.baselines import subsets, svm
    from proprionet.analysis.baselines.hard_pairs import hard_pairs
    from proprionet.errors import InputError

    options = run.settings
    with store.read(dataset, "dataset", finite=True) as data:
        movement_data.check_split(data)
        latents = {name: data[name] for name in ("plane", "size", "rotation", "shear_x", "shear_y", "speed")}
        inside, test_part = subsets.members(latents, options.subset), data["split"] == 2
        train, test = np.flatnonzero(inside & ~test_part), np.flatnonzero(inside & test_part)
        label = data["label"]
        train = np.sort(np.concatenate([train[label[train] == i][: options.most_movements] for i in np.unique(label)]))
        for part, rows in (("training", train), ("test", test)):
            if not rows.size:
                raise InputError(f"{dataset.name}: no {part} movement is of subset '{options.subset}'")
        letter, source = np.array(list(data.attribute("alphabet")))[label], data["source"]
        inputs = [read(data, rows, options.input) for rows in (train, test)]
    run.say(f"{len(train)} training movements, {inputs[0].shape[1]} features each")
    n_letters = len(np.unique(letter))
    n_pairs = n_letters * (n_letters - 1) // 2
    result = svm.pairwise_accuracies(
        inputs[0],
        letter[train],
        inputs[1],
        letter[test],
        sources=source[train] if options.validation == "grouped" else None,
        regularisation=tuple(10.0 ** np.arange(-4, options.c_values - 4)),
        standardise=options.standardise,
        seed=run.seed,
        n_jobs=run.jobs,
        progress=lambda pairs: run.progress(pairs, total=n_pairs, about="pairs of letters"),
    )
    run.headline("pair_accuracy", result.mean_accuracy, "of movements", chance=0.5, n=n_pairs, over="mean over pairs")
    run.headline("accuracy", result.multiclass_accuracy, "of movements", chance=1 / n_letters, n=len(test))
    run.headline("hard_pairs", len(hard_pairs(result.accuracy)), "pairs", n=n_pairs)
    with run.write() as out:
        for name in ("accuracy", "regularisation", "gap", "n_test", "votes"):
            out.write(name, getattr(result, name))
        out.write("pair", np.transpose(np.triu_indices(n_letters, k=1)))
        out.write("distance", result.distances)
        out.write("predicted", np.searchsorted(result.letters, result.predicted))
        out.write("label", np.searchsorted(result.letters, letter[test]))
        out.write("movement", test)
        out.set(alphabet="".join(result.letters), input=options.input, subset=options.subset)
        out.set(mean_accuracy=result.mean_accuracy, multiclass_accuracy=result.multiclass_accuracy)
        store.write_text(run.out.with_suffix(".csv"), table(result, options))
    run.done("python svm-analysis/decode_trajectory.py DATASET")


def read(data: Any, rows: Any, name: str) -> Any:
    """Inputs of movements, read and derived a block at a time."""
    import numpy as np

    from proprionet import dataset

    blocks = np.split(rows, np.arange(BLOCK, len(rows), BLOCK))
    first = dataset.features(data, blocks[0], name)
    inputs = np.empty((len(rows), first.shape[1]), first.dtype)
    for index, block in enumerate(blocks):
        inputs[index * BLOCK : (index + 1) * BLOCK] = dataset.features(data, block, name)
    return inputs


def table(result: Any, options: Any) -> str:
    """One row for each pair of letters, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["letter", "other_letter", "subset", "input", "accuracy", "C", "n"])
    for i, j in itertools.combinations(range(len(result.letters)), 2):
        numbers = f"{result.accuracy[i, j]:.6g}", f"{result.regularisation[i, j]:g}", result.n_test[i, j]
        rows.writerow([result.letters[i], result.letters[j], options.subset, options.input, *numbers])
    return text.getvalue()


if __name__ == "__main__":
    fit_pairwise()
