"""Find out what every unit of every layer is tuned to."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("tuning", kind="tuning")
@click.argument("activations", type=InputFile("activations"))
def fit_tuning(run: Run, activations: Path) -> None:
    """Fit direction, speed, velocity, acceleration and position tuning of every unit in ACTIVATIONS.

    Linear models on four fifths of the movements in one kind of plane, explained variance on the rest. Features are
    taken at the true time stamps of each layer. Writes one row a unit.

    Example: python single_cell/fit_tuning.py results/demo/activations/action_recognition.h5 --plane vertical
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis import tuning

    table: dict[str, list[np.ndarray]] = {
        name: [] for name in ("layer", "space", "channel", "r2", "preferred_direction")
    }
    with store.read(activations, "activations", finite=True) as responses:
        layers = [layer for layer in responses.attribute("layers") if layer != "score"]
        attributes = {name: responses.attribute(name) for name in ("task", "trained")}
        hand, time_step_s = responses["hand"].transpose(0, 2, 1), responses.attribute("time_step_s")
        for index, layer in enumerate(run.progress(layers, about="layers")):
            values = responses[f"layers/{layer}"]
            space, channel = (grid.ravel() for grid in np.indices(values.shape[2:]))
            fits = [
                tuning.fit_tuning(
                    feature,
                    values.reshape(*values.shape[:2], -1),
                    hand,
                    responses[f"times/{layer}"],
                    run.settings.plane,
                    time_step_s=time_step_s,
                    test_share=run.settings.test_fraction,
                    seed=run.seed,
                )
                for feature in tuning.MODELS
            ]
            table["layer"].append(np.full(len(space), index))
            table["space"].append(space)
            table["channel"].append(channel)
            table["r2"].append(np.stack([fit.r2 for fit in fits]))
            table["preferred_direction"].append(fits[0].preferred_direction)
    r2 = np.concatenate(table.pop("r2"), axis=1)
    hidden = np.concatenate(table["layer"]) > 0
    for feature, scores in zip(tuning.MODELS, r2[:, hidden], strict=True):
        run.headline(f"tuned_to_{feature}", np.mean(scores > tuning.TUNED), "of hidden units", n=scores.size)
    with run.write() as out:
        for name, columns in table.items():
            out.write(name, np.concatenate(columns))
        out.write("r2", r2)
        out.set(**attributes, layers=layers, features=list(tuning.MODELS), plane=run.settings.plane)
    run.done("python neural_prediction/simulate_session.py DATASET")


if __name__ == "__main__":
    fit_tuning()
