"""Pad movements to one length and split them."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("dataset", kind="dataset")
@click.argument("movements", type=InputFile("movements"))
def make_dataset(run: Run, movements: Path) -> None:
    """Make the data set that networks learn from out of MOVEMENTS.

    Each movement starts at a random step and is static before and after. The split keeps all movements made from one
    pen letter together, unless --split-by movement (the published, leaky split) is chosen.

    Example: python dataset/make_dataset.py results/demo/movements.h5
    """
    import numpy as np

    from proprionet import dataset, store

    options = run.settings
    with store.read(movements, "movements", finite=True) as moves, run.write() as out:
        offsets = dataset.offsets(moves)
        n_samples = np.diff(offsets)
        first = dataset.draw_first(n_samples, options.n_steps, run.seed)
        parts = dataset.split(
            moves["label"],
            moves["source"],
            validation_fraction=options.validation_fraction,
            test_fraction=options.test_fraction,
            by=options.split_by,
            seed=run.seed,
        )
        for index in run.progress(range(len(first)), about="movements"):
            live = slice(offsets[index], offsets[index + 1])
            for name in ("hand", "joints", "muscle_length"):
                padded = dataset.pad(moves.dataset(name)[live], first[index], options.n_steps)
                out.append(name, padded[None])
        for name in ("label", "source", "plane", "start_point", "size", "rotation", "shear_x", "shear_y", "speed"):
            out.write(name, moves[name])
        out.write("first", first)
        out.write("n_samples", n_samples)
        out.write("split", parts)
        names = ("alphabet", "time_step_s", "arm", "joint_names", "muscle_names", "length_kind", "geometry")
        out.set(**{name: moves.attribute(name) for name in names})
        for part, name in enumerate(dataset.SPLITS):
            run.headline(f"{name}_movements", np.count_nonzero(parts == part), "movements")
    run.done("python nn-training/train.py DATASET --task action_recognition")


if __name__ == "__main__":
    make_dataset()
