"""Record what every layer of a network answers to movements."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError

BLOCK = 128


@stage("stimuli", kind="activations")
@click.argument("network", type=InputFile("network"))
@click.argument("dataset", type=InputFile("dataset"))
def record_activations(run: Run, network: Path, dataset: Path) -> None:
    """Show movements of DATASET to NETWORK and record all layers.

    The same movements for every network: up to --per-letter of each letter, chosen by the seed. Each layer comes with
    the true time stamps of its steps, each movement with hand, joints and muscles.

    Example: python nn-training/record_activations.py action_recognition.h5 results/demo/dataset.h5
    """
    import numpy as np

    from proprionet import networks, store

    networks.prepare(run.jobs)
    from proprionet import dataset as movement_data
    from proprionet.networks import activations, questions, timestamps, zoo

    with store.read(network, "network", finite=True) as file:
        settings, model = zoo.rebuild(file)
        about = {name: file.attribute(name) for name in ("task", "trained")}
        about |= {"network": settings.name, "family": settings.family, "instance": file.attribute("seed")}
        seen = file.attribute("input")
        with store.read(dataset, "dataset") as data:
            zoo.check_same_inputs(file, data)
    with store.read(dataset, "dataset", finite=True) as data, run.write() as out:
        rows = movement_data.select(
            data["label"],
            data["split"],
            part=run.settings.split,
            per_letter=run.settings.per_letter,
            seed=run.seed,
            replacement=run.settings.replacement,
        )
        shown, place = np.unique(rows, return_inverse=True)
        inputs = questions.network_inputs(data, shown, seen)[place]
        if inputs.shape[1:] != model.inputs[0].shape[1:]:
            raise InputError(
                f"{network.name} takes movements of shape {tuple(model.inputs[0].shape[1:])} (muscle, step, channel), "
                f"those of {dataset.name} have {inputs.shape[1:]}; train it on this data set"
            )
        shapes = activations.layer_shapes(model).values()
        numbers = sum(step * space * channel for step, space, channel in shapes)
        run.say(f"{len(rows)} movements, {4 * numbers * len(rows) / 1e9:.2g} GB of responses")
        blocks = activations.record(model, inputs, BLOCK)
        for block in run.progress(blocks, total=-(-len(inputs) // BLOCK), about=f"blocks of {BLOCK} movements"):
            for layer, values in block.items():
                out.append(f"layers/{layer}", values)
        for layer, times in timestamps.layer_times(settings, inputs.shape[2]).items():
            out.write(f"times/{layer}", times)
        for name in ("label", "plane", "source", "first", "n_samples"):
            out.write(name, data[name][rows])
        out.write("movement", rows)
        for name in ("hand", "joints", "muscle_length"):
            out.write(name, movement_data.read_rows(data, name, shown)[place])
        about["stimuli"] = store.fingerprint(inputs, data["label"][rows])
        out.set(**about, layers=activations.layer_names(model))
        out.set(**{name: data.attribute(name) for name in ("alphabet", "time_step_s")})
        run.headline("movements", len(rows), "movements")
        run.headline("units", sum(space * channel for _, space, channel in shapes), "units")
    run.done("python repr-analysis/compute_rdms.py ACTIVATIONS")


if __name__ == "__main__":
    record_activations()
