"""Predict recorded neurons from the layers of a network."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("responses", "regression", "prediction", kind="prediction")
@click.argument("session", type=InputFile("session"))
@click.argument("network", type=InputFile("network"))
def predict(run: Run, session: Path, network: Path) -> None:
    """Predict the neurons of SESSION from every layer of NETWORK, which is shown the movements of the session.

    Principal components of the layer at the times of the bins, then one regression a neuron; every trial is predicted
    by a model that has not seen it. SESSION must hold the muscles of the network: reconstruct_arm.py finds them.
    Trials whose movement is longer than what the network sees are left out.

    Example: python neural_prediction/predict.py results/demo/session.h5 results/demo/networks/untrained.h5
    """
    import numpy as np

    from proprionet import networks, store
    from proprionet.neural import inputs, prediction_files, regression, session_files
    from proprionet.neural.responses import responses
    from proprionet.neural.windows import windows

    options = run.settings
    with store.read(network, "network", finite=True) as file:
        sight = inputs.Sight.of(file)
        about = {name: file.attribute(name) for name in ("task", "trained")} | {"instance": file.attribute("seed")}
    with store.read(session, "session", finite=True) as file:
        recorded = session_files.load(file)
    seen, long = inputs.fitting(recorded, windows(recorded, options.movement, run.seed), sight)
    if long:
        run.say(f"left out {len(long)} trials longer than what the network sees: {', '.join(map(str, long))}")
    shown = inputs.network_inputs(recorded, seen, sight, control=options.control, seed=run.seed)
    wanted = responses(
        recorded,
        seen,
        movement=options.movement,
        smoothing_s=options.smoothing_ms / 1000,
        longest_lag_s=options.longest_lag_s,
        seed=run.seed,
    )
    regression.check_folds(wanted.bins.trial, options.n_folds, f"{session.name}: ")
    if wanted.bins.n_dropped:
        run.say(f"dropped {wanted.bins.n_dropped} bins, from which a latency leads out of their trial")
    networks.prepare(run.jobs)  # Keras takes seconds, which no mistake above should
    from proprionet.networks import activations, zoo
    from proprionet.neural import layers

    with store.read(network, "network", finite=True) as file:
        settings, model = zoo.rebuild(file)
    about |= {"network": settings.name, "family": settings.family}
    counted = np.isin(seen.bins, wanted.bins.row)
    steps = sight.steps_of_bins(recorded, seen)
    found = {}
    rows_of_layers = layers.layer_rows(settings, model, shown, seen, steps, alignment=options.time_stamps)
    for layer, rows in run.progress(rows_of_layers, total=len(activations.layer_names(model)), about="layers"):
        found[layer] = wanted.predicted_from(
            rows[counted],
            control=options.control,
            seed=run.seed,
            estimator=options.estimator,
            n_components=options.n_components,
            fit=options.fit,
            common_lag=options.latency == "common",
            n_folds=options.n_folds,
        )
    names = list(found)
    best = names[prediction_files.best_layer(np.stack([one.validation for one in found.values()]), "network")]
    first = names[0]
    explained = {layer: found[layer].scores.explained_variance for layer in (first, best)}
    over = {"n": recorded.n_neurons, "over": "median over neurons"}
    run.headline("explained_by_input", np.nanmedian(explained[first]), "of variance", **over)
    run.headline("explained_by_best_layer", np.nanmedian(explained[best]), "of variance", layer=best, **over)
    if "true_rate" in wanted.ceilings:
        share = np.nanmedian(explained[best] / wanted.ceilings["true_rate"].explained_variance)
        run.headline("best_layer_of_ceiling", share, "of ceiling", layer=best, **over)
    about["stimuli"] = store.fingerprint(shown)
    with run.write() as out:
        prediction_files.save(out, found, wanted, {}, model="network", control=options.control, **about)
    run.done("python neural_prediction/compare_predictions.py PREDICTION...")


if __name__ == "__main__":
    predict()
