"""Choose movements, pad them to one length and split them."""

from contextlib import ExitStack
from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

STATISTICS_OF = 2000  # training movements that the spindles' statistics are taken over, at most


@stage("dataset", kind="dataset")
@click.argument("movements", type=InputFile("movements"), nargs=-1, required=True)
def make_dataset(run: Run, movements: tuple[Path, ...]) -> None:
    """Make the data set that networks learn from out of MOVEMENTS: one file, or all the shards of a set in order.

    Each movement starts at a random step and is static before and after. The split keeps all movements made from one
    pen letter together, unless --split-by movement (the published, leaky split) is chosen. Movements that repeat an
    earlier one are left out, and the order is shuffled.

    Example: python dataset/make_dataset.py results/demo/movements.h5
    """
    import numpy as np

    from proprionet import dataset, spindles, store
    from proprionet.errors import InputError
    from proprionet.movements import files

    options = run.settings
    with ExitStack() as stack:
        moves = files.Shards([stack.enter_context(store.read(path, "movements", finite=True)) for path in movements])
        if options.form == "compact" and not moves.tables:
            raise InputError("form compact needs movements in compact form; generate them with --form compact")
        rows = dataset.first_of_each(moves.about)
        run.headline("left_out_repeated_movements", len(moves.offsets) - 1 - len(rows), "movements")
        if options.smoothest:
            grouping = [moves.about[name][rows] for name in ("label", "plane", "muscle_jerk")]
            rows = rows[dataset.smoothest(*grouping, options.smoothest)]
        rows = dataset.shuffled(rows, run.seed)
        about = {name: values[rows] for name, values in moves.about.items() if name not in files.QUALITY}
        n_samples = np.diff(moves.offsets)[rows]
        first = dataset.draw_first(n_samples, options.n_steps, run.seed)
        parts = dataset.split(
            about["label"],
            about["source"],
            validation_fraction=options.validation_fraction,
            test_fraction=options.test_fraction,
            by=options.split_by,
            seed=run.seed,
            alphabet=moves.attribute("alphabet"),
        )

        def padded(name: str, chosen: np.ndarray) -> np.ndarray:
            values, ends = moves.samples(name, rows[chosen])
            return dataset.pad(values, ends, first[chosen], options.n_steps)

        out = stack.enter_context(run.write())
        names = ("joints",) if options.form == "compact" else ("joints", "hand", "muscle_length")
        chunks = np.split(np.arange(len(rows)), np.arange(dataset.CHUNK, len(rows), dataset.CHUNK))
        for chunk in run.progress(chunks, about=f"chunks of {dataset.CHUNK} movements"):
            for name in names:
                out.append(name, padded(name, chunk))
        for name, values in about.items():
            out.write(name, values)
        out.write("first", first)
        out.write("n_samples", n_samples)
        out.write("split", parts)
        sample = padded("muscle_length", np.flatnonzero(parts == 0)[:STATISTICS_OF])
        for name, values in spindles.statistics(sample, moves.attribute("time_step_s")).items():
            out.write(f"statistics/{name}", values)
        if options.form == "compact":
            for name, values in moves.tables.items():
                out.write(f"tables/{name}", values)
        out.set(**{name: moves.attribute(name) for name in files.ABOUT_ARM}, split_by=options.split_by)
        out.set(spindle={name: getattr(options, name) for name in ("spindle", "noise", "noise_kind", "latent_noise")})
        for part, name in enumerate(dataset.SPLITS):
            run.headline(f"{name}_movements", np.count_nonzero(parts == part), "movements")
    many = len(np.unique(about["label"])) > 1
    following = "nn-training/train.py DATASET --task action_recognition" if many else "dataset/add_torques.py DATASET"
    run.done(f"python {following}")


if __name__ == "__main__":
    make_dataset()
