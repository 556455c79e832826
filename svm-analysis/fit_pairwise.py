"""Tell letters apart with straight lines: a linear SVM for every pair."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("svm", kind="svm")
@click.argument("dataset", type=InputFile("dataset"))
def fit_pairwise(run: Run, dataset: Path) -> None:
    """Train a linear SVM on each pair of letters of DATASET (190 of 20 letters), and let all of them vote.

    Trained on the training part, scored on the test part. Writes the accuracy of every pair and the chosen C.

    Example: python svm-analysis/fit_pairwise.py results/demo/dataset.h5 --input muscle_length
    """
    import numpy as np

    from proprionet import dataset as movement_data
    from proprionet import seeds, store
    from proprionet.analysis import svm

    with store.read(dataset, "dataset", finite=True) as data:
        movement_data.check_split(data)
        label, parts, alphabet = data["label"], data["split"], data.attribute("alphabet")
        train = seeds.generator(run.seed, "svm order").permutation(np.flatnonzero(parts < 2))
        test = np.flatnonzero(parts == 2)
        inputs = [movement_data.features(data, rows, run.settings.input) for rows in (train, test)]
    run.say(f"{len(train)} training movements, {inputs[0].shape[1]} features each")
    n_letters = len(np.unique(label))
    n_pairs = n_letters * (n_letters - 1) // 2
    result = svm.pairwise_accuracies(
        inputs[0],
        label[train],
        inputs[1],
        label[test],
        standardise=run.settings.standardise,
        seed=run.seed,
        n_jobs=run.jobs,
        progress=lambda pairs: run.progress(pairs, total=n_pairs, about="pairs of letters"),
    )
    run.headline("pair_accuracy", result.mean_accuracy, "of movements", chance=0.5, n=n_pairs, over="mean over pairs")
    run.headline("accuracy", result.multiclass_accuracy, "of movements", chance=1 / n_letters, n=len(test))
    with run.write() as out:
        out.write("accuracy", result.accuracy)
        out.write("regularisation", result.regularisation)
        out.set(alphabet="".join(alphabet[letter] for letter in result.letters), input=run.settings.input)
        out.set(mean_accuracy=result.mean_accuracy, multiclass_accuracy=result.multiclass_accuracy)
    run.done("python nn-training/train.py DATASET --task action_recognition")


if __name__ == "__main__":
    fit_pairwise()
