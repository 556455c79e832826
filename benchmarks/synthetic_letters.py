"""How real are the synthetic letters? A classifier that has seen only them reads letters that a person wrote.

Ours: accuracy on the recorded letters of a classifier trained on synthetic ones. Reference: accuracy of the same
classifier trained on recorded letters, cross-validated. Chance is 5 %.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
from pathlib import Path

import click
import h5py
import numpy as np
from common import report
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC

from proprionet.letters.strokes import ALPHABET, Letters
from proprionet.letters.synthetic import write_letters
from proprionet.letters.uci import path_from_velocity

SHARED = Path(os.environ.get("PROPRIONET_SHARED", Path(__file__).resolve().parents[2] / "shared"))
RECORDED = SHARED / "data/character_trajectories/character_trajectories_shared.h5"


@click.command()
@click.option("--quick", is_flag=True, help="Fewer synthetic letters, fewer folds.")
@click.option("--figure", type=click.Path(path_type=Path), help="Draw 10 synthetic beside 10 recorded of each letter.")
@click.option("--seed", default=0, show_default=True)
def main(quick, figure, seed):
    """Recognise recorded letters after training on synthetic ones."""
    if not RECORDED.is_file():
        sys.exit(f"recorded letters are not here: put them at {RECORDED}, or set PROPRIONET_SHARED")
    recorded = read_recorded()
    synthetic = write_letters(50 if quick else 150, seed)
    if figure:
        draw(synthetic, recorded, figure)
    classifier = SVC(C=10)
    features = descriptors(recorded)
    folds = StratifiedKFold(2 if quick else 5, shuffle=True, random_state=seed)
    read = classifier.fit(descriptors(synthetic), synthetic.labels).predict(features) == recorded.labels
    reference = cross_val_predict(classifier, features, recorded.labels, cv=folds) == recorded.labels
    ours, theirs = (
        np.array([hit[recorded.labels == k].mean() for k in range(len(ALPHABET))]) for hit in (read, reference)
    )
    for letter, accuracy, best in zip(ALPHABET, ours, theirs, strict=True):
        click.echo(f"{letter}  trained on synthetic {accuracy:6.1%}   on recorded {best:6.1%}")
    accuracies, largest = (read.mean(), reference.mean()), np.abs(ours - theirs).max()
    report("synthetic_letters", "accuracy", *accuracies, largest, len(recorded), packages=["scikit-learn"])


def read_recorded() -> Letters:
    with h5py.File(RECORDED) as file:
        velocities = np.split(file["samples"][:, :2].astype(np.float64), file["offsets"][1:-1])
        labels = file["labels"][:] - 1
    return Letters([path_from_velocity(velocity) for velocity in velocities], labels, np.arange(len(labels)))


def descriptors(letters: Letters) -> np.ndarray:
    """33 points equally spaced along each path, and the 32 directions between them: (letter, 130), of order 1."""
    rows = []
    for path in letters.paths:
        length = np.cumsum([0, *np.linalg.norm(np.diff(path, axis=0), axis=1)])
        points = np.column_stack([np.interp(np.linspace(0, length[-1], 33), length, axis) for axis in path.T])
        steps = np.diff(points, axis=0)
        directions = steps / np.linalg.norm(steps, axis=1, keepdims=True).clip(1e-9)
        rows.append(np.concatenate([points.ravel() / 5, directions.ravel()]))
    return np.array(rows)


def draw(synthetic: Letters, recorded: Letters, figure: Path) -> None:
    """One row a letter: 10 synthetic, then 10 recorded; colour runs with time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    canvas, axes = pyplot.subplots(len(ALPHABET), 20, figsize=(20, 20))
    for label, row in enumerate(axes):
        chosen = [(letters, np.flatnonzero(letters.labels == label)[:10]) for letters in (synthetic, recorded)]
        paths = [letters.paths[index] for letters, indices in chosen for index in indices]
        for axis, path in zip(row, paths, strict=True):
            axis.scatter(*path.T, c=np.arange(len(path)), cmap="turbo", s=3)
            axis.plot(*path[0], "k^", markersize=5)
            axis.set(xlim=(-5.8, 5.8), ylim=(-5.8, 5.8), xticks=[], yticks=[])
        row[0].set_ylabel(ALPHABET[label])
    axes[0, 0].set_title("synthetic", loc="left")
    axes[0, 10].set_title("recorded", loc="left")
    canvas.tight_layout(pad=0.2)
    canvas.savefig(figure, dpi=60)


if __name__ == "__main__":
    main()
