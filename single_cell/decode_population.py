"""Read direction, speed and position of the hand from all units of every layer."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import located


@stage("decoding", kind="decoding")
@click.argument("activations", type=InputFile("activations"))
def decode_population(run: Run, activations: Path) -> None:
    """Decode the hand from all units of a layer at one step, for every layer of ACTIVATIONS and for the input.

    Ridge regression on four fifths of the movements in planes of one orientation, scored on the rest: explained
    variance of each target, distance of the position in cm, angle of the direction in degrees. With
    --shuffles, the same for targets that are shuffled between movements.

    Example: python single_cell/decode_population.py results/demo/activations/action_recognition.h5 --shuffles 20
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.layers import gram
    from proprionet.analysis.single_units import decoding
    from proprionet.analysis.single_units.features import Movements
    from proprionet.dataset.stimuli import check_stimuli

    settings = run.settings
    with store.read(activations, "activations", finite=True) as responses:
        check_stimuli(responses)
        layers, hand = responses.attribute("layers"), responses["hand"].transpose(0, 2, 1)
        movements = Movements(
            hand=hand,
            joints=hand[:, :, :0],  # nor muscles: only the hand is decoded
            muscle_length=hand[:, :, :0],
            label=responses["label"],
            n_letters=len(responses.attribute("alphabet")),
            row=responses["movement"],
            time_step_s=responses.attribute("time_step_s"),
        )
        options = {"rules": settings.rules, "test_fraction": settings.test_fraction, "seed": run.seed}
        with located(f"{activations.name}: "):
            rows, test = decoding.split(movements, settings.plane, **options)
        largest = max(responses.dataset(f"layers/{layer}").size for layer in layers)
        run.say_size(f"{rows.size} movements, {len(layers)} layers", hand.nbytes + 4 * largest / len(hand) * test.sum())
        found: list[list[decoding.Decoding]] = []
        for layer in run.progress(layers, about="layers"):
            options = {"rules": settings.rules, "direction": settings.direction}
            wanted = decoding.targets(movements, rows, settings.plane, responses[f"times/{layer}"], **options)
            shuffles = [decoding.shuffled(wanted, run.seed, repeat) for repeat in range(settings.shuffles)]
            values = responses.dataset(f"layers/{layer}")
            found.append([decoding.decode(values, rows, each, test, settings.alpha) for each in (wanted, *shuffles)])
        about = {name: responses.attribute(name) for name in store.ABOUT_NETWORK}
    undefined = {
        layer: gram.NO_VARIATION for layer, scores in zip(layers, found, strict=True) if np.isnan(scores[0].r2).all()
    }
    for layer, reason in undefined.items():
        run.say(f"{layer}: {reason}")
    with run.write() as out:
        for name in ("r2", "rmse", "correlation", "distance", "angle_error"):
            out.write(name, np.array([getattr(scores[0], name) for scores in found]))
        for name in ("r2", "distance", "angle_error") if settings.shuffles else ():
            nulls = np.array([[getattr(score, name) for score in scores[1:]] for scores in found])
            out.write(f"null_{name}", nulls.swapaxes(0, 1))
        out.set(**about, layers=layers, targets=list(wanted.names), units=list(wanted.units), plane=settings.plane)
        out.set(alpha=settings.alpha, rules=settings.rules, undefined=undefined)
        out.set(held_out=store.fingerprint(np.sort(movements.row[rows[test]])))
        out.set(n_fitted=int((~test).sum()), n_held_out=int(test.sum()))
        for name, unit in (("distance", "cm"), ("angle_error", "degrees")):
            errors = {layer: getattr(scores[0], name) for layer, scores in zip(layers, found, strict=True)}
            hidden = [layer for layer in layers[1:] if not np.isnan(errors[layer])]
            best = min(hidden, key=errors.__getitem__, default=None)
            if best is not None:
                run.headline(f"smallest_{name}_of_hidden_layers", errors[best], unit, layer=best, n=int(test.sum()))
    run.done("python single_cell/dissect_network.py ACTIVATIONS")


if __name__ == "__main__":
    decode_population()
