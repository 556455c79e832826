"""Find out what every unit of every layer is tuned to."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import located

BLOCK = 512
QUOTED = ("direction", "speed", "velocity", "acceleration", "position")


@stage("tuning", kind="tuning")
@click.argument("activations", type=InputFile("activations"))
def fit_tuning(run: Run, activations: Path) -> None:
    """Fit the tuning of every unit in ACTIVATIONS to every feature of the movement, in every plane.

    Linear models on four fifths of the movements in all horizontal planes, in all vertical planes, and in each single
    plane; explained variance on the rest. Selectivity for letters is the area under the ROC curve of each letter
    against the rest. With --shuffled the same for movements that the responses do not belong to.

    Example: python single_cell/fit_tuning.py results/demo/activations/action_recognition.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.layers import gram
    from proprionet.analysis.single_units import features, sampling, tuning
    from proprionet.dataset.stimuli import check_stimuli

    options = run.settings.model_dump()
    with store.read(activations, "activations") as responses:
        check_stimuli(responses)
        about = {name: responses.attribute(name) for name in (*store.ABOUT_NETWORK, "alphabet", "time_step_s")}
        layers = responses.attribute("layers")
        shapes = [responses.dataset(f"layers/{layer}").shape for layer in layers]
        with located(f"{activations.name}: "):
            movements = features.Movements(
                **{name: responses[name].transpose(0, 2, 1) for name in ("hand", "joints", "muscle_length")},
                label=responses["label"],
                n_letters=len(about["alphabet"]),
                row=responses["movement"],
                time_step_s=about["time_step_s"],
            )
            if options.pop("shuffled"):
                movements = sampling.shuffled(movements, run.seed)
            protocol = sampling.protocol(movements, **options, seed=run.seed)
        largest = max(4 * n_times * space * channel for _, n_times, space, channel in shapes)
        shown = sum(values.nbytes for values in (movements.hand, movements.joints, movements.muscle_length))
        memory = shown + largest * (BLOCK + 3 * protocol.held_out[1].sum())
        n_units = sum(space * channel for *_, space, channel in shapes)
        n_planes = len(protocol.planes.level) - 2
        run.say_size(f"{len(movements.row)} movements in {n_planes} planes, {n_units} units", memory)
        fits = []
        for layer, shape in zip(run.progress(layers, about="layers"), shapes, strict=True):
            values, times = responses.dataset(f"layers/{layer}"), responses[f"times/{layer}"]
            blocks = (
                values[at : at + BLOCK].reshape(-1, len(times), shape[2] * shape[3]) for at in range(0, shape[0], BLOCK)
            )
            with located(f"{activations.name}: layer '{layer}', "):
                fits.append(tuning.fit_layer(blocks, movements, protocol, times))
    space, channel = np.concatenate([np.indices(shape[2:]).reshape(2, -1) for shape in shapes], axis=1)
    layer = np.repeat(np.arange(len(layers)), [fit.r2.shape[-1] for fit in fits])
    table = {"layer": layer, "space": space, "channel": channel, "n_movements": protocol.n_movements}
    table |= {name: getattr(protocol.planes, name) for name in ("orientation", "level")}
    for name in ("r2", "coefficients", "intercept", "preferred_direction", "selectivity"):
        table[name] = np.concatenate([getattr(fit, name) for fit in fits], axis=-1)
    plane = int(protocol.n_movements[0] < protocol.min_movements)
    undefined = {
        name: gram.NO_VARIATION
        for index, name in enumerate(layers)
        if np.isnan(table["r2"][:2, :, layer == index]).all()
    }
    tested = np.unique(movements.label[protocol.held_out[1]])
    if len(tested) < 2:
        which = "all movements" if len(np.unique(movements.label)) < 2 else "all movements held out"
        undefined["selectivity"] = f"{which} are of one letter"
    elif absent := "".join(about["alphabet"][letter] for letter in np.setdiff1d(movements.label, tested)):
        undefined["selectivity"] = f"of the letters {', '.join(absent)} no movement is held out, there are too few"
    for name, reason in undefined.items():
        run.say(f"{name}: {reason}")
    for feature in QUOTED:
        scores = table["r2"][plane, list(features.FEATURES).index(feature), layer > 0]
        run.headline(f"tuned_to_{feature}", np.mean(scores > tuning.TUNED), "of hidden units", n=scores.size)
    with run.write() as out:
        for name, numbers in table.items():
            out.write(name, numbers)
        out.set(**about, layers=layers, features=list(features.FEATURES), coefficients=movements.coordinates)
        out.set(held_out=store.fingerprint(*(np.sort(movements.row[chosen]) for chosen in protocol.held_out)))
        out.set(rules=protocol.rules, shuffled=run.settings.shuffled, undefined=undefined)
    run.done("python single_cell/summarise_tuning.py TUNING")


if __name__ == "__main__":
    fit_tuning()
