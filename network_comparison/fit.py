"""Fit a data-driven model to simulated spikes, and hold what it finds against the truth."""

import time
from functools import partial
from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("autoencoder", kind="inferred")
@click.argument("simulated", type=InputFile("simulated_neurons"))
def fit(run: Run, simulated: Path) -> None:
    """Fit a sequential autoencoder to the spikes of SIMULATED: what dynamics do they come from?

    The whole state is saved after every epoch: killed at any moment, the same command goes on from there and ends with
    the same weights. The weights of the best validation are kept. Scores of rates, states and dynamics are those of
    the Computation-through-Dynamics Benchmark.

    Example: python network_comparison/fit.py results/ctdb/simulated_neurons.h5 --decoder node,n_units=3
    """
    from proprionet import networks, store

    state, threads = run.last_checkpoint()
    networks.prepare(threads)
    import numpy as np

    from proprionet.errors import located
    from proprionet.networks import storage
    from proprionet.rnn import autoencoders, benchmark, fitting, recordings

    options = run.settings
    cell = autoencoders.decoder(options.decoder)
    with store.read(simulated, "simulated_neurons", finite=True) as file, located(f"{simulated.name}: "):
        recording = recordings.load(file)
        model = fitting.build(recording, options, cell, run.seed)
        about = {"simulated_network": file.attribute("network"), "task": file.attribute("task")}
        name = f"{cell.cell} {cell.n_units} of {file.attribute('name')}"
    history = _fit(run, model, recording, state, threads)
    inferred = fitting.infer(model, recording)
    metrics = benchmark.scores(recording, inferred)
    n_validation = int(np.count_nonzero(~recording.training))
    for score in ("rate_r2", "state_r2", "cycle_consistency"):
        run.headline(score, metrics[score], "of variance", n=n_validation)
    if "co_bps" in metrics:
        run.headline("co_bps", metrics["co_bps"], "bits/spike", bound=metrics["co_bps_bound"])
    with run.write() as out:
        out.write("log_rates", inferred.log_rates)
        out.write("latents", inferred.latents)
        if inferred.inputs is not None:
            out.write("inputs", inferred.inputs)
        out.write("split", ~recording.training)
        for weight, values in storage.weights(model).items():
            out.write(f"weights/{weight}", values)
        out.write("epoch", [row["epoch"] for row in history.rows])
        out.write("train_loss", [row["loss"] for row in history.rows])
        out.write("validation_loss", [row["validation_loss"] for row in history.rows])
        out.set(network=cell.model_dump(mode="json"), name=name, metrics=metrics, **about)
    run.done("papermill paper_figures/ctdb_networks.ipynb OUT.ipynb -p results FOLDER -p figures FOLDER/figures")


def _fit(run: Run, model, recording, state, threads):
    """Fit from the last whole checkpoint, if there is one, and say how the epochs go."""
    from proprionet.rnn import fitting

    epochs = run.settings.epochs
    done = 0 if state is None else len(state["history/epoch"])
    if done:
        run.say(f"going on after epoch {done} of {epochs}, with {threads} threads as before")
    started = time.monotonic()

    def on_epoch(row):
        epoch = row["epoch"]
        left = (epochs - epoch) * (time.monotonic() - started) / (epoch - done)
        losses = f"loss {row['loss']:.4f}, validation {row['validation_loss']:.4f}"
        run.say(f"epoch {epoch} of {epochs}: {losses}, {left:.0f} s left")

    save = partial(run.save_checkpoint, threads=threads)
    return fitting.fit(model, recording, run.seed, resume=state, checkpoint=save, on_epoch=on_epoch)


if __name__ == "__main__":
    fit()
