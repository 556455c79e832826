"""Record what a recurrent network does in trials of its task."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("latents", kind="latents")
@click.argument("recurrent", type=InputFile("recurrent"))
def analyze(run: Run, recurrent: Path) -> None:
    """Record inputs, states and outputs of the network RECURRENT in new trials, and the arm's where it moves one.

    Trials depend on the seed and the task alone, so that networks on one task are seen in the same trials; the noise
    of their cells is off.

    Example: python network_comparison/analyze.py results/mine/recurrent.h5 --n-trials 500 --out results/mine/latents.h5
    """
    from proprionet import networks as backends

    backends.prepare(run.jobs)
    import numpy as np

    from proprionet import seeds, store
    from proprionet.errors import InputError
    from proprionet.rnn import files, networks
    from proprionet.rnn.tasks import task

    options = run.settings
    with store.read(recurrent, "recurrent", finite=True) as file:
        network, trained_on = files.load_network(file)
        trained = file.attribute("trained")
    wanted = trained_on if options.trials_of is None else task(options.trials_of)
    if (wanted.input_labels, wanted.output_labels) != (trained_on.input_labels, trained_on.output_labels):
        raise InputError(f"trials_of '{options.trials_of}': has other inputs or outputs than {recurrent.name}")
    trials = wanted.trials(options.n_trials, seeds.generator(run.seed, "analysis"))
    if not options.noisy:
        trials = trials.without_noise()
    done = networks.run(network, trials)
    order = seeds.generator(run.seed, "split").permutation(len(trials))
    split = np.zeros(len(trials), np.uint8)
    split[order[: max(round(options.validation_fraction * len(trials)), 1)]] = 1
    metrics = files.known(wanted.metrics(done["controlled"], done["outputs"], trials))
    if wanted.metric in metrics:
        unit = "cm" if wanted.metric.endswith("cm") else "of 1"
        run.headline(wanted.metric, metrics[wanted.metric], unit, n=len(trials))
    settings = network.settings
    with run.write() as out:
        files.save_trials(out, wanted, trials, done, split)
        out.set(network=settings.model_dump(mode="json"), trained=trained, metrics=metrics)
        out.set(name=options.name or f"{settings.cell}{settings.n_units}")
    run.done("python network_comparison/fixed_points.py RECURRENT LATENTS")


if __name__ == "__main__":
    analyze()
