"""Simulate a recording of neurons that are driven by the muscles."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("session", "stimuli", kind="session")
@click.argument("dataset", type=InputFile("dataset"))
@click.option("--network", type=InputFile("network"), help="Network whose --layer drives the neurons.")
def simulate_session(run: Run, dataset: Path, network: Path | None) -> None:
    """Simulate neurons while the arm makes movements of DATASET.

    Poisson neurons, each driven by its own random mixture of what the spindles say, of the hand, or of the units of a
    layer of a network: the true rates are kept, so that every prediction can be held against what is possible.

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
    if (options.layer is None) != (network is None):
        raise InputError("--layer and --network belong together: which layer of which network drives the neurons")
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
        signals = _signals(data, rows, network, options)
        recorded = {name: movement_data.read_rows(data, name, rows) for name in ("hand", "muscle_length")}
        first, n_samples = data["first"][rows], data["n_samples"][rows]
        muscle_names, arm = tuple(data.attribute("muscle_names")), {"length_kind": data.attribute("length_kind")}
        width, n_steps = options.bin_width_s / data.attribute("time_step_s"), data.dataset("joints").shape[2]
    if width > n_steps:
        raise InputError(
            f"a bin of {options.bin_width_s:g} s is longer than a movement, choose a smaller --bin-width-s"
        )
    bin_time = width * (np.arange(int(n_steps / width)) + 0.5) - 0.5
    features = np.concatenate([align(values, times, bin_time) for values, times in signals.values()], axis=2)
    group = np.repeat(np.arange(len(signals)), [values.shape[2] for values, _ in signals.values()])
    in_bins = {
        name: align(values.transpose(0, 2, 1), np.arange(n_steps), bin_time).reshape(-1, values.shape[1])
        for name, values in recorded.items()
    }
    last = first + n_samples - 1
    events = {"movement_onset": np.searchsorted(bin_time, first), "end": np.searchsorted(bin_time, last, "right") - 1}
    population = simulation.simulate_population(
        features,
        options.n_neurons,
        run.seed,
        mean_rate_hz=options.mean_rate_hz,
        modulation=options.modulation,
        bin_width_s=options.bin_width_s,
        group=group,
    )
    n_trials, n_bins, n_neurons = population.counts.shape
    counts, rates = (values.reshape(-1, n_neurons) for values in (population.counts, population.rates))
    ceiling = ceilings.true_rate(counts, rates * options.bin_width_s).explained_variance
    run.headline("trials", n_trials, "trials")
    run.headline(
        "ceiling",
        np.nanmedian(ceiling),
        "of variance",
        n=n_neurons,
        over="median over neurons, of single bins without smoothing",
    )
    session = Session(
        "simulated",
        options.bin_width_s,
        offsets=n_bins * np.arange(n_trials + 1),
        spike_count=counts,
        true_rate=rates,
        bin_time=np.tile(bin_time, n_trials),
        movement=rows,
        driven_by=tuple(signals),
        events={name: bin.clip(0, n_bins - 1) for name, bin in events.items()},
        muscle_names=muscle_names,
        arm=arm,
        **in_bins,
    )
    with run.write() as out:
        session_files.save(out, session)
    run.done("python neural_prediction/predict.py SESSION NETWORK")


def _signals(data, rows, network, options) -> dict:
    """What drives the neurons, by its name: (trial, time, feature), and times in input samples."""
    import numpy as np

    from proprionet import dataset as movement_data

    if network is not None:
        return _layer(data, rows, network, options.layer)
    times, found = np.arange(data.dataset("joints").shape[2]), {}
    if options.driven_by != "hand":
        spindles = movement_data.spindle_inputs(data, rows)
        said = " and ".join(movement_data.spindle_model(data).channels)
        found[f"{said} of each muscle"] = spindles.transpose(0, 2, 1, 3).reshape(len(rows), len(times), -1), times
    if options.driven_by != "muscles":
        hand = [movement_data.quantity(data, rows, name) for name in ("hand", "hand_velocity")]
        found["position and velocity of the hand"] = np.concatenate(hand, axis=1).transpose(0, 2, 1), times
    return found


def _layer(data, rows, network, layer) -> dict:
    from proprionet import networks, store
    from proprionet.config import nearest
    from proprionet.networks import timestamps
    from proprionet.networks.settings import network_settings

    with store.read(network, "network", finite=True) as file:
        settings = network_settings(file.attribute("network"), network.name)
    times = timestamps.layer_times(settings, data.dataset("joints").shape[2])
    if layer not in times:
        raise InputError(f"{network.name}: has no layer '{layer}'; {nearest(layer, list(times))}")
    networks.prepare(1)
    import numpy as np

    from proprionet.networks import activations, questions, zoo

    with store.read(network, "network", finite=True) as file:
        _, model = zoo.rebuild(file)
        inputs = questions.network_inputs(data, rows, file.attribute("input"))
    if inputs.shape[1:] != model.inputs[0].shape[1:]:
        raise InputError(
            f"{network.name} takes movements of shape {tuple(model.inputs[0].shape[1:])} (muscle, step, channel), "
            f"those of {data.path.name} have {inputs.shape[1:]}"
        )
    values = np.concatenate([block[layer] for block in activations.record(model, inputs, names=[layer])])
    units = values.reshape(*values.shape[:2], -1)
    return {f"{layer} of {network.name}": (units, times[layer])}


if __name__ == "__main__":
    simulate_session()
