"""Train a network on recorded neurons: the data-driven model beside those that learned a task."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("responses", "data_driven", kind="prediction")
@click.argument("session", type=InputFile("session"))
@click.argument("network", type=InputFile("network"))
def fit_network(run: Run, session: Path, network: Path) -> None:
    """Train the backbone of NETWORK to answer as the neurons of SESSION do, and predict trials that it has not seen.

    NETWORK says which architecture, from which seed, and what its spindles are; its own weights are not used. One
    network a fold of trials, in the folds of predict.py, so that compare_predictions.py can set both side by side.
    Killed at any moment, the same command goes on after the last fold that was ready.

    Example: python neural_prediction/fit_network.py results/demo/session.h5 results/demo/networks/untrained.h5
    """
    import numpy as np

    from proprionet import networks, store
    from proprionet.neural import inputs, prediction_files, regression, session_files
    from proprionet.neural.responses import responses
    from proprionet.neural.windows import windows

    options = run.settings
    with store.read(network, "network", finite=True) as file:
        sight, instance = inputs.Sight.of(file), file.attribute("seed")
    with store.read(session, "session", finite=True) as file:
        recorded = session_files.load(file)
    seen, long = inputs.fitting(recorded, windows(recorded, options.movement, run.seed), sight)
    if long:
        run.say(f"left out {len(long)} trials longer than what the network sees: {', '.join(map(str, long))}")
    regression.check_folds(seen.trial, options.n_folds, f"{session.name}: ")
    shown = inputs.network_inputs(recorded, seen, sight)
    wanted = responses(
        recorded, seen, movement=options.movement, smoothing_s=options.smoothing_ms / 1000, seed=run.seed
    )
    networks.prepare(run.jobs)  # Keras takes seconds, which no mistake above should
    from proprionet.networks import zoo
    from proprionet.networks.settings import recipe
    from proprionet.neural import data_driven

    with store.read(network, "network", finite=True) as file:
        settings, _ = zoo.rebuild(file)
    recording = data_driven.Recording(shown, seen, sight.steps_of_bins(recorded, seen), wanted)
    changes = {name: getattr(options, name) for name in ("epochs", "batch_size", "learning_rate")}
    chosen = recipe("cell2024", settings, "neurons", **changes)
    found = {}
    for number in run.progress(range(options.n_folds), about="folds"):
        part = run.parts / f"fold{number}.h5"
        if not run.unfinished(part, "checkpoint"):
            fold = data_driven.fit_fold(
                recording, settings, chosen, number, n_folds=options.n_folds, seed=run.seed, weights_seed=instance
            )
            with run.write(part, "checkpoint") as file:
                for name, values in vars(fold).items():
                    file.write(f"state/{name}", values)
                file.set(threads=run.jobs)
        with store.read(part, "checkpoint") as file:
            found[number] = data_driven.FoldPrediction(**file.family("state"))
    prediction = data_driven.assemble(recording, found, run.seed)
    explained = np.nanmedian(prediction.scores.explained_variance)
    run.headline("explained", explained, "of variance", n=recorded.n_neurons, over="median over neurons")
    about = {"network": settings.name, "family": settings.family, "instance": instance, "task": "neurons"}
    with run.write() as out:
        prediction_files.save(
            out,
            {"score": prediction},
            wanted,
            {},
            model="network",
            control="none",
            trained=True,
            stimuli=store.fingerprint(shown),
            **about,
        )
    run.done("python neural_prediction/compare_predictions.py PREDICTION...")


if __name__ == "__main__":
    fit_network()
