"""Predict recorded neurons from the layers of a network."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("prediction", kind="prediction")
@click.argument("session", type=InputFile("session"))
@click.argument("activations", type=InputFile("activations"))
def predict(run: Run, session: Path, activations: Path) -> None:
    """Predict the neurons of SESSION from every layer in ACTIVATIONS.

    Principal components of the layer at the times of the bins, then one ridge regression a neuron; every trial is
    predicted by a model that has not seen it.

    Example: python neural_prediction/predict.py results/demo/session.h5 results/demo/activations/untrained.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.errors import InputError
    from proprionet.neural import regression, session_files
    from proprionet.neural.session import rows_of

    with (
        store.read(session, "session", finite=True) as recording,
        store.read(activations, "activations", finite=True) as responses,
    ):
        recorded = session_files.load(recording)
        if recorded.movement is None or recorded.bin_time is None:
            raise InputError(f"{session.name}: its trials are no movements of a data set, which predict.py needs")
        counts = recorded.in_trials(recorded.spike_count)
        bin_time = recorded.in_trials(recorded.bin_time)[0]
        made_from = [set(file.attribute("inputs").values()) for file in (recording, responses)]
        if made_from[0] and not made_from[0] & made_from[1]:
            raise InputError(f"{session.name} and {activations.name} were made from different data sets")
        rows = rows_of(recorded.movement, responses["movement"])
        layers = [layer for layer in responses.attribute("layers") if layer != "score"]
        attributes = {name: responses.attribute(name) for name in ("task", "trained")}
        scores = []
        for layer in run.progress(layers, about="layers"):
            values = responses[f"layers/{layer}"][rows]
            units = values.reshape(*values.shape[:2], -1)
            features = regression.align(units, responses[f"times/{layer}"], bin_time)
            found = regression.predict(
                features,
                counts,
                n_components=run.settings.n_components,
                n_folds=run.settings.n_folds,
                seed=run.seed,
            )
            scores.append(found.scores)
        ceiling = None
        if recorded.true_rate is not None:
            ceiling = regression.noise_ceiling(counts, recorded.in_trials(recorded.true_rate), recorded.bin_width_s)
    explained = np.stack([score.explained_variance for score in scores])
    median = np.nanmedian(explained, axis=1)
    best = 1 + int(np.argmax(median[1:]))
    about = {"n": counts.shape[2], "over": "median over neurons"}
    run.headline("explained_by_input", median[0], "of variance", **about)
    run.headline("explained_by_best_layer", median[best], "of variance", layer=layers[best], **about)
    if ceiling is not None:
        share = np.nanmedian(explained[best] / ceiling)
        run.headline("best_layer_of_ceiling", share, "of ceiling", layer=layers[best], **about)
    with run.write() as out:
        out.write("explained_variance", explained)
        out.write("correlation", np.stack([score.correlation for score in scores]))
        if ceiling is not None:
            out.write("ceiling", ceiling)
        out.set(**attributes, layers=layers)
    run.done("python paper_figures/make_report.py RESULTS...")


if __name__ == "__main__":
    predict()
