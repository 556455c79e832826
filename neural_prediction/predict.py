"""Predict recorded neurons from the layers of a network."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("regression", "prediction", kind="prediction")
@click.argument("session", type=InputFile("session"))
@click.argument("activations", type=InputFile("activations"))
def predict(run: Run, session: Path, activations: Path) -> None:
    """Predict the neurons of SESSION from every layer in ACTIVATIONS.

    Principal components of the layer at the times of the bins, then one regression a neuron; every trial is predicted
    by a model that has not seen it.

    Example: python neural_prediction/predict.py results/demo/session.h5 results/demo/activations/untrained.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.errors import InputError
    from proprionet.neural import prediction_files, session_files
    from proprionet.neural.responses import responses
    from proprionet.neural.session import rows_of
    from proprionet.timing import align

    options = run.settings
    with (
        store.read(session, "session", finite=True) as recording,
        store.read(activations, "activations", finite=True) as file,
    ):
        recorded = session_files.load(recording)
        if recorded.movement is None or recorded.bin_time is None:
            raise InputError(f"{session.name}: its trials are no movements of a data set, which predict.py needs")
        bin_time = recorded.in_trials(recorded.bin_time)[0]
        made_from = [set(made.attribute("inputs").values()) for made in (recording, file)]
        if made_from[0] and not made_from[0] & made_from[1]:
            raise InputError(f"{session.name} and {activations.name} were made from different data sets")
        rows = rows_of(recorded.movement, file["movement"])
        wanted = responses(
            recorded,
            options.movement,
            smoothing_s=options.smoothing_ms / 1000,
            longest_lag_s=0 if options.latency == "none" else options.latency_ms / 1000,
            seed=run.seed,
        )
        if wanted.bins.n_dropped:
            run.say(f"dropped {wanted.bins.n_dropped} bins, from which a latency leads out of their trial")
        layers = [layer for layer in file.attribute("layers") if layer != "score"]
        network = {name: file.attribute(name) for name in store.ABOUT_NETWORK}
        found = {}
        for layer in run.progress(layers, about="layers"):
            values = file[f"layers/{layer}"][rows]
            units = align(values.reshape(*values.shape[:2], -1), file[f"times/{layer}"], bin_time)
            found[layer] = wanted.predicted_from(
                units.reshape(-1, units.shape[-1])[wanted.bins.row],
                control=options.control,
                seed=run.seed,
                estimator=options.estimator,
                n_components=options.n_components,
                fit=options.fit,
                common_lag=options.latency == "common",
                n_folds=options.n_folds,
            )
    first, *deeper = layers
    best = max(deeper, key=lambda layer: np.nanmean(found[layer].validation))
    explained = {layer: found[layer].scores.explained_variance for layer in (first, best)}
    about = {"n": recorded.n_neurons, "over": "median over neurons"}
    run.headline("explained_by_input", np.nanmedian(explained[first]), "of variance", **about)
    run.headline("explained_by_best_layer", np.nanmedian(explained[best]), "of variance", layer=best, **about)
    if "true_rate" in wanted.ceilings:
        share = np.nanmedian(explained[best] / wanted.ceilings["true_rate"].explained_variance)
        run.headline("best_layer_of_ceiling", share, "of ceiling", layer=best, **about)
    with run.write() as out:
        prediction_files.save(out, found, wanted, {}, model="network", control=options.control, **network)
    run.done("python paper_figures/make_report.py RESULTS...")


if __name__ == "__main__":
    predict()
