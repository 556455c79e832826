"""Read the velocity of the hand from recorded neurons."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("kinematic_decoding", kind="kinematic_decoding")
@click.argument("session", type=InputFile("session"))
def decode_kinematics(run: Run, session: Path) -> None:
    """Decode the velocity of the hand from the smoothed spikes of all neurons of SESSION at several lags.

    Ridge regression with folds over trials, as in fit_baselines.py but the other way round: how good a recording is.

    Example: python neural_prediction/decode_kinematics.py results/mine/session.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.neural import regression, session_files
    from proprionet.neural.windows import bins, windows

    options = run.settings
    with store.read(session, "session", finite=True) as file:
        recorded = session_files.load(file)
    velocity = recorded.velocity()
    first, last = (round(lag / 1000 / recorded.bin_width_s) for lag in (options.first_lag_ms, options.last_lag_ms))
    lags = np.arange(first, last + 1)
    counted = bins(recorded, windows(recorded, options.movement), lags)
    regression.check_folds(counted.trial, options.n_folds, f"{session.name}: ")
    spikes = recorded.smoothed(options.smoothing_ms / 1000)[counted.row[:, None] + lags]
    found = regression.predict(
        spikes.reshape(len(spikes), -1),
        velocity[counted.row],
        counted.trial,
        n_components=None,
        n_folds=options.n_folds,
        seed=run.seed,
    )
    targets = [f"velocity_{axis}" for axis, _ in zip("xyz", velocity.T, strict=False)]
    for target, r2 in zip(targets, found.scores.r2, strict=True):
        run.headline(f"r2_of_{target}", r2, "of variance", n=recorded.n_neurons, over="neurons that it is read from")
    with run.write() as out:
        out.write("r2", found.scores.r2)
        out.write("correlation", found.scores.correlation)
        out.write("explained_variance_interval", found.interval)
        out.write("alpha", found.alpha)
        where = {name: getattr(recorded, name) for name in ("area", "monkey")}
        out.set(targets=targets, units=["cm/s"] * len(targets), session=recorded.name, **where)
        out.set(movement=options.movement)
    run.done("python neural_prediction/fit_baselines.py SESSION")


if __name__ == "__main__":
    decode_kinematics()
