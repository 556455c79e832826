"""Predict recorded neurons from what the arm does: linear models beside the networks."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("responses", "regression", "feature_sets", kind="prediction")
@click.argument("session", type=InputFile("session"))
def fit_baselines(run: Run, session: Path) -> None:
    """Predict the neurons of SESSION from direction, position, velocity, force, joints, muscles and what they make up.

    One regression a neuron and set of features, all z-scored, as predict.py does it; every trial is predicted by a
    model that has not seen it. Sets that need what was not recorded are skipped, with the reason.

    Example: python neural_prediction/fit_baselines.py results/mine/session.h5 --movement active
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.units import living_units
    from proprionet.errors import InputError
    from proprionet.neural import baselines, prediction_files, regression, session_files
    from proprionet.neural.responses import responses
    from proprionet.neural.windows import windows

    options = run.settings
    with store.read(session, "session", finite=True) as file:
        recorded = session_files.load(file)
    wanted = responses(
        recorded,
        windows(recorded, options.movement, run.seed),
        movement=options.movement,
        smoothing_s=options.smoothing_ms / 1000,
        longest_lag_s=options.longest_lag_s,
        seed=run.seed,
    )
    regression.check_folds(wanted.bins.trial, options.n_folds, f"{session.name}: ")
    if wanted.bins.n_dropped:
        run.say(f"dropped {wanted.bins.n_dropped} bins, from which a latency leads out of their trial")
    found, skipped = {}, {}
    for name in run.progress(list(baselines.FEATURE_SETS), about="feature sets"):
        if signal := baselines.missing(recorded, name):
            skipped[name] = f"the session holds no {signal}"
            continue
        features = baselines.features(recorded, wanted.bins, name, options.passive_position)
        if not living_units(features).any():
            skipped[name] = "nothing in it varies"
            continue
        found[name] = wanted.predicted_from(
            features,
            control=options.control,
            seed=run.seed,
            estimator=options.estimator,
            n_components=None,
            common_lag=options.latency == "common",
            n_folds=options.n_folds,
        )
    if not found:
        raise InputError(f"{session.name}: holds nothing of hand, force, joints or muscles to predict neurons from")
    for why in dict.fromkeys(skipped.values()):
        run.say(f"left out, as {why}: {', '.join(name for name in skipped if skipped[name] == why)}")
    best = max(found, key=lambda name: np.nanmean(found[name].validation))
    explained = np.nanmedian(found[best].scores.explained_variance)
    about = {"set": baselines.called(best), "n": recorded.n_neurons, "over": "median over neurons"}
    run.headline("explained_by_best_feature_set", explained, "of variance", **about)
    network = {"network": "baseline", "family": "linear", "instance": run.seed, "task": "none", "trained": True}
    with run.write() as out:
        prediction_files.save(
            out, found, wanted, skipped, model="baseline", control=options.control, stimuli="none", **network
        )
    run.done("python neural_prediction/compare_predictions.py PREDICTION...")


if __name__ == "__main__":
    fit_baselines()
