"""Simulate a recording of neurons that are driven by the muscles."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("session", "stimuli", kind="session")
@click.argument("dataset", type=InputFile("dataset"))
def simulate_session(run: Run, dataset: Path) -> None:
    """Simulate neurons while the arm makes movements of DATASET.

    Poisson neurons, each driven by its own random mixture of muscle lengths and velocities: the true rates are kept,
    so that every prediction can be held against what is possible.

    Example: python neural_prediction/simulate_session.py results/demo/dataset.h5 --n-neurons 60
    """
    import numpy as np
    import pandas as pd

    from proprionet import dataset as movement_data
    from proprionet import store
    from proprionet.neural import ceilings, session_files, simulation
    from proprionet.neural.session import Session
    from proprionet.timing import align

    options = run.settings
    with store.read(dataset, "dataset", finite=True) as data:
        rows = movement_data.select(
            data["label"],
            data["split"],
            part=options.split,
            per_letter=options.per_letter,
            seed=run.seed,
            replacement=options.replacement,
        )
        rows = pd.unique(rows)
        spindles = movement_data.spindle_inputs(data, rows)
        recorded = {name: movement_data.read_rows(data, name, rows) for name in ("hand", "muscle_length")}
        first, n_samples = data["first"][rows], data["n_samples"][rows]
        muscle_names, arm = tuple(data.attribute("muscle_names")), {"length_kind": data.attribute("length_kind")}
        driven_by = [f"{channel} of each muscle" for channel in movement_data.spindle_model(data).channels]
        width = options.bin_width_s / data.attribute("time_step_s")
    n_steps = spindles.shape[2]
    if width > n_steps:
        raise InputError(
            f"a bin of {options.bin_width_s:g} s is longer than a movement, choose a smaller --bin-width-s"
        )
    bin_time = width * (np.arange(int(n_steps / width)) + 0.5) - 0.5
    signals = spindles.transpose(0, 2, 1, 3).reshape(len(rows), n_steps, -1)
    features = align(signals, np.arange(n_steps), bin_time)
    in_bins = {
        name: align(values.transpose(0, 2, 1), np.arange(n_steps), bin_time).reshape(-1, values.shape[1])
        for name, values in recorded.items()
    }
    last = first + n_samples - 1
    events = {"movement_onset": np.searchsorted(bin_time, first), "end": np.searchsorted(bin_time, last, "right") - 1}
    population = simulation.simulate_population(
        features, options.n_neurons, run.seed, mean_rate_hz=options.mean_rate_hz, bin_width_s=options.bin_width_s
    )
    n_trials, n_bins, n_neurons = population.counts.shape
    counts, rates = (values.reshape(-1, n_neurons) for values in (population.counts, population.rates))
    ceiling = ceilings.true_rate(counts, rates * options.bin_width_s).explained_variance
    run.headline("trials", n_trials, "trials")
    run.headline("ceiling", np.nanmedian(ceiling), "of variance", n=n_neurons)
    session = Session(
        "simulated",
        options.bin_width_s,
        offsets=n_bins * np.arange(n_trials + 1),
        spike_count=counts,
        true_rate=rates,
        bin_time=np.tile(bin_time, n_trials),
        movement=rows,
        driven_by=tuple(driven_by),
        events={name: bin.clip(0, n_bins - 1) for name, bin in events.items()},
        muscle_names=muscle_names,
        arm=arm,
        **in_bins,
    )
    with run.write() as out:
        session_files.save(out, session)
    run.done("python neural_prediction/predict.py SESSION NETWORK")


if __name__ == "__main__":
    simulate_session()
