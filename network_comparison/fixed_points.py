"""Find the fixed points of a recurrent network: what it can hold on to, and what lies between."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from proprionet.cli import InputFile, Run, stage

if TYPE_CHECKING:
    import numpy as np

    from proprionet.rnn.fixed_points import FixedPoints
    from proprionet.rnn.searched import Searched
    from proprionet.rnn.twins import Network
    from proprionet.store import Writer


@stage("fixed_points", kind="fixed_points")
@click.argument("model", type=InputFile())
@click.argument("trials", type=InputFile())
def find_fixed_points(run: Run, model: Path, trials: Path) -> None:
    """Find states of MODEL that stay as they are, searching from those that it visits in TRIALS.

    MODEL is a recurrent network, TRIALS its latents; or a data-driven model (of fit.py), and the simulated neurons that
    it was fitted to; or a network that reads letters, whose last recurrent layer is searched, and its activations.

    Two searches with starts of their own; points that only one finds, or a Lefschetz sum that is not 1, say that more
    are missing. Slow points, and starts that ended nowhere, are counted beside the fixed ones.

    Example: python network_comparison/fixed_points.py gru.h5 gru_latents.h5 --out gru_fixed_points.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.rnn import fixed_points, searched

    options = run.settings
    with store.read(model) as file:
        kind = file.kind if file.kind in searched.TRIALS_OF else "recurrent"
    with (
        store.read(model, kind, finite=True) as file,
        store.read(trials, searched.TRIALS_OF[kind], finite=True) as seen,
    ):
        subject = searched.read(file, seen)
        held = subject.constant_input(options.constant_input)
        towards = subject.constant_input(options.towards) if options.towards else None
    found = fixed_points.find(
        subject.network,
        subject.visited,
        held,
        n_starts=options.n_starts,
        seed=run.seed,
        n_iterations=options.n_iterations,
        merged_within=options.merged_within,
        watch=lambda items, about: run.progress(items, about=about),
    )
    with run.write() as out:
        out.set(**subject.about, fates=list(found.starts))
        out.write("ends", np.transpose(list(found.starts.values())))
        _write_points(run, out, subject, found, held)
        if towards is not None:
            _write_path(out, subject.network, found, np.linspace(held, towards, options.n_places))
    run.done("python paper_figures/make_report.py RESULTS...")


def _write_points(run: Run, out: "Writer", subject: "Searched", found: "FixedPoints", held: "np.ndarray") -> None:
    """All points with what happens around them, and how complete they are."""
    import numpy as np

    from proprionet.rnn import fixed_points
    from proprionet.rnn.stability import readout_code, stability

    network, states = subject.network, np.concatenate([found.states, found.slow_states])
    outputs = network.readout(states)
    around = stability(network, states, held)
    n_fixed = len(found.states)
    fixed = np.arange(len(states)) < n_fixed
    total = int(around.sign[fixed].sum())
    complete = n_fixed > 0 and found.agree and (total == 1 or not network.bounded)
    out.write("states", states)
    out.write("fixed", fixed)
    out.write("q", np.concatenate([found.q, found.slow_q]))
    out.write("merged", np.concatenate([found.merged, found.slow_merged]))
    out.write("inputs", np.broadcast_to(held, (len(states), len(held))))
    out.write("outputs", outputs)
    out.write("code", readout_code(outputs, subject.said.min(axis=0), subject.said.max(axis=0)))
    out.write("eigenvalue_real", np.real(around.eigenvalues))
    out.write("eigenvalue_imaginary", np.imag(around.eigenvalues))
    for name in ("time_constants", "n_unstable", "n_marginal", "sign"):
        out.write(name, getattr(around, name))
    out.set(lefschetz_sum=total, lefschetz_expected=network.bounded, searches_agree=found.agree, complete=complete)
    limits = {"fixed_below": fixed_points.FIXED_BELOW, "slow_below": fixed_points.SLOW_BELOW}
    out.set(tolerances={**limits, "merged_within": run.settings.merged_within})
    if not complete:
        reason = f"the Lefschetz sum is {total}, not 1" if found.agree else "two searches differ"
        reason = reason if n_fixed else "none is found"
        run.say(f"points may be missing: {reason}; try more --n-starts or --n-iterations")
    for fate, where in (("failed", "nowhere"), ("far", "far from where the network goes")):
        if ended := sum(found.starts[fate]):
            run.say(f"{ended} of {2 * run.settings.n_starts} starts ended {where}")
    run.headline("fixed_points", n_fixed, "points", lefschetz_sum=total, complete=complete)
    by_index = np.bincount(around.n_unstable[fixed]) if n_fixed else []
    for n_unstable, count in enumerate(by_index):
        run.headline(f"with_{n_unstable}_unstable_directions", count, "points")
    run.headline("slow_points", len(found.slow_states), "points")


def _write_path(out: "Writer", network: "Network", found: "FixedPoints", path: "np.ndarray") -> None:
    """How the fixed points move while the input changes."""
    import numpy as np

    from proprionet.rnn.fixed_points import follow
    from proprionet.rnn.stability import stability

    states, q = follow(network, found.states, path)
    unstable = [stability(network, place, held).n_unstable for place, held in zip(states, path, strict=True)]
    out.write("path_inputs", path)
    out.write("path_states", states)
    out.write("path_q", q)
    out.write("path_outputs", network.readout(states))
    out.write("path_n_unstable", np.reshape(unstable, q.shape))


if __name__ == "__main__":
    find_fixed_points()
