"""See what the strongest responses of every feature map lie over."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("dissection", kind="dissection")
@click.argument("activations", type=InputFile("activations"))
def dissect_network(run: Run, activations: Path) -> None:
    """Find the movements of each letter that every feature map in ACTIVATIONS answers most, and where it does so.

    Responses are stretched to the size of the input; masks begin at 0.3 and 0.5 of the largest response. Writes how
    far each mask overlaps with the muscles that move, and which share of it lies within the movement.

    Example: python single_cell/dissect_network.py results/demo/activations/action_recognition.h5 --top 5
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.layers import gram
    from proprionet.analysis.single_units import dissection
    from proprionet.dataset.stimuli import check_stimuli

    with store.read(activations, "activations", finite=True) as responses:
        check_stimuli(responses)
        layers, alphabet = responses.attribute("layers")[1:], responses.attribute("alphabet")
        if not layers:
            raise InputError(f"{activations.name}: holds the input alone, no layer with feature maps")
        muscle_length, label, rows = (responses[name] for name in ("muscle_length", "label", "movement"))
        first, n_samples = responses["first"], responses["n_samples"]
        numbers = max(np.prod(responses.dataset(f"layers/{layer}").shape[1:]) for layer in layers)
        memory = muscle_length.nbytes + 4 * dissection.MOVEMENTS_AT_ONCE * numbers
        run.say_size(f"{len(label)} movements, {len(layers)} layers", memory)
        found = [
            dissection.dissect(
                responses.dataset(f"layers/{layer}"),
                responses[f"times/{layer}"],
                muscle_length,
                first,
                n_samples,
                label,
                len(alphabet),
                top=run.settings.top,
            )
            for layer in run.progress(layers, about="layers")
        ]
        about = {name: responses.attribute(name) for name in store.ABOUT_NETWORK}
    undefined = {name: gram.NO_VARIATION for name, each in zip(layers, found, strict=True) if (each.movement < 0).all()}
    for name, reason in undefined.items():
        run.say(f"{name}: {reason}")
    n_maps = [len(each.movement) for each in found]
    with run.write() as out:
        out.write("layer", np.repeat(np.arange(len(layers)), n_maps))
        out.write("channel", np.concatenate([np.arange(count) for count in n_maps]))
        movement = np.concatenate([each.movement for each in found])
        out.write("movement", np.where(movement < 0, -1, rows[movement]))
        for name in ("peak", "overlap", "inside"):
            out.write(name, np.concatenate([getattr(each, name) for each in found]))
        n_times = muscle_length.shape[2]
        out.write("inside_chance", dissection.share_of_record(n_samples, label, len(alphabet), n_times))
        out.set(**about, layers=layers, thresholds=list(dissection.THRESHOLDS), alphabet=alphabet, undefined=undefined)
        for name, each in (("first", found[0]), ("last", found[-1])):
            known = each.inside[..., -1][~np.isnan(each.inside[..., -1])]
            if known.size:
                run.headline(f"inside_movement_{name}_layer", known.mean(), "of the mask", n=known.size)
    run.done()


if __name__ == "__main__":
    dissect_network()
