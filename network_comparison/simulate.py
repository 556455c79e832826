"""Simulate a recording of neurons that show what a recurrent network does."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("simulation", kind="simulated_neurons")
@click.argument("latents", type=InputFile("latents"))
@click.option("--electrodes", type=InputFile("simulated_neurons"), help="Recording to take neurons and rates from.")
def simulate(run: Run, latents: Path, electrodes: Path | None) -> None:
    """Simulate neurons that each show one unit of the network in the trials of LATENTS.

    The true rates are kept, so that every model of the spikes can be held against them. With --electrodes the same
    neurons record other trials: they show the same units, scaled in the same way.

    Example: python network_comparison/simulate.py results/ctdb/latents.h5 --n-held-out 10
    """
    import numpy as np

    from proprionet import store
    from proprionet.errors import located
    from proprionet.rnn import recordings, simulator

    options = run.settings
    population = None
    if electrodes:
        with store.read(electrodes, "simulated_neurons", finite=True) as file:
            population = recordings.electrodes_of(file)
    with store.read(latents, "latents", finite=True) as file, located(f"{latents.name}: "):
        trials = recordings.trials_of(file, options.trim_first, options.trim_last)
        about = {name: file.attribute(name) for name in ("network", "task", "name", "trained", "timings")}
        chosen = ("n_held_in", "n_held_out", "fr_scaling", "link", "mean_rate")
        population = population or simulator.implant(
            trials["latents"], run.seed, **{name: getattr(options, name) for name in chosen}
        )
        rates = population.rates(trials["latents"])
    spikes = simulator.spike_counts(rates, run.seed, options.dispersion)
    run.headline("neurons", len(population.held_out), "neurons", held_out=int(population.held_out.sum()))
    run.headline("mean_rate", rates.mean(), "spikes in a bin")
    run.headline("dispersion", np.square(spikes - rates).sum() / rates.sum(), "variance over mean")
    with run.write() as out:
        recordings.save(out, population, spikes, rates, trials)
        out.set(**about)
    run.done("python network_comparison/fit.py SIMULATED")


if __name__ == "__main__":
    simulate()
