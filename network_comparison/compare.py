"""Compare what networks do in the same trials: their states, and the dynamics that take each state to the next."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError

if TYPE_CHECKING:
    from proprionet.rnn.comparison import Similarity
    from proprionet.rnn.recorded import Recorded


@stage("dynamics_similarity", kind="dynamics_similarity")
@click.argument("files", nargs=-1, required=True, type=InputFile())
def compare(run: Run, files: tuple[Path, ...]) -> None:
    """Compare every two networks of FILES, recorded in the same trials.

    FILES are latents of recurrent networks, or activations of networks that read letters, of which every two --layers
    are compared. Affine R2 goes both ways; distances of dynamics (DSA) come with a floor, between halves of a network's
    own trials, and everything with a ceiling: a network and itself, its order in time lost. Beside the file lies a
    table of all pairs (CSV).

    Example: python network_comparison/compare.py gru_latents.h5 node_latents.h5 --out gru_and_node.h5
    """
    import numpy as np

    from proprionet.rnn import comparison

    options = run.settings
    recorded = _recorded(run, files)
    for reason in recorded.undefined.values():
        run.say(f"left out: {reason}")
    if len(recorded.networks) < 2:
        raise InputError(f"there is nothing to compare in {len(recorded.networks)} network or layer: give two at least")
    n_trials = len(recorded.train)
    run.say(f"{len(recorded.networks)} networks or layers in {n_trials} trials")
    rows = np.arange(n_trials)
    found = comparison.compare(
        recorded.networks,
        rows[recorded.train],
        rows[~recorded.train],
        comparison.Dsa(options.n_delays, options.interval, options.rank, options.ridge, options.n_splits),
        controls=recorded.controls if options.controls else None,
        seed=run.seed,
        n_jobs=run.jobs,
        watch=run.progress,
    )
    with run.write() as out:
        for name, matrix in found.matrices.items():
            out.write(name, matrix)
            out.write(f"ceiling_{name}", found.ceilings[name])
        for name, floor in found.floors.items():
            out.write(f"floor_{name}", floor)
        longest = max(map(len, recorded.shares))
        padded = [np.pad(share, (0, longest - len(share)), constant_values=np.nan) for share in recorded.shares]
        out.write("scree", np.stack(padded))
        out.set(networks=recorded.about, rank=found.rank, ranks=found.ranks, step=recorded.step)
        out.set(n_trials=n_trials, undefined=recorded.undefined)
        _write_table(run, list(recorded.networks), found)
    run.done("python paper_figures/make_report.py RESULTS...")


def _recorded(run: Run, files: tuple[Path, ...]) -> "Recorded":
    """The networks or layers of all files, in their principal components."""
    from proprionet import store
    from proprionet.rnn import dsa, letter_layers, recorded

    options = run.settings
    for number, path in enumerate(files):
        if path.resolve() in [one.resolve() for one in files[:number]]:
            raise InputError(f"{path} is given twice")
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(store.read(path, finite=True)) for path in files]
        kinds = {file.kind for file in opened}
        if kinds == {"latents"}:
            return recorded.latents(opened, options.components, run.progress)
        if kinds == {"activations"}:
            if options.controls:
                raise InputError("controls: layers have no inputs of their own; compare latents, or leave it out")
            n_moments = dsa.fewest_steps(options.n_delays, options.interval)
            return letter_layers.layers(opened, options.components, options.layers, n_moments, run.seed, run.progress)
        listed = ", ".join(f"{file.path.name} is a {file.kind} file" for file in opened)
        raise InputError(f"files must all be latents, or all activations: {listed}")


def _write_table(run: Run, names: list[str], found: "Similarity") -> None:
    """All pairs as CSV, and the best and worst as headlines."""
    import itertools

    import pandas as pd

    from proprionet import store

    rows = [
        {
            "one": names[i],
            "other": names[j],
            **{name: matrix[i, j] for name, matrix in found.matrices.items()},
            **{f"floor_{name}": (floor[i] + floor[j]) / 2 for name, floor in found.floors.items()},
            **{f"ceiling_{name}": (ceiling[i] + ceiling[j]) / 2 for name, ceiling in found.ceilings.items()},
        }
        for i, j in itertools.permutations(range(len(names)), 2)
    ]
    table = pd.DataFrame(rows)
    store.write_text(run.out.with_suffix(".csv"), table.to_csv(index=False, float_format="%.6g"))
    run.headline("median_affine_r2", table["affine_r2"].median(), "of variance", n=len(table))
    run.headline("median_dsa_angle", table["dsa_angular"].median(), "radian", n=len(table), rank=found.rank)


if __name__ == "__main__":
    compare()
