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
    the true time stamps of its steps.

    Example: python nn-training/record_activations.py action_recognition.h5 results/demo/dataset.h5
    """
    from proprionet import networks, store

    networks.prepare(run.jobs)
    from proprionet import dataset as movement_data
    from proprionet.networks import activations, questions, timestamps, zoo

    with store.read(network, "network", finite=True) as file:
        settings, model = zoo.rebuild(file)
        about = {name: file.attribute(name) for name in ("task", "trained")}
        seen = file.attribute("input")
    with store.read(dataset, "dataset", finite=True) as data, run.write() as out:
        rows = movement_data.select(
            data["label"], data["split"], part=run.settings.split, per_letter=run.settings.per_letter, seed=run.seed
        )
        inputs = questions.network_inputs(data, rows, seen)
        if inputs.shape[1:] != model.inputs[0].shape[1:]:
            raise InputError(
                f"{network.name} takes movements of shape {tuple(model.inputs[0].shape[1:])} (muscle, step, channel), "
                f"those of {dataset.name} have {inputs.shape[1:]}; train it on this data set"
            )
        blocks = activations.record(model, inputs, BLOCK)
        for block in run.progress(blocks, total=-(-len(inputs) // BLOCK), about=f"blocks of {BLOCK} movements"):
            for layer, values in block.items():
                out.append(f"layers/{layer}", values)
        for layer, times in timestamps.layer_times(settings, inputs.shape[2]).items():
            out.write(f"times/{layer}", times)
        for name in ("label", "plane", "source"):
            out.write(name, data[name][rows])
        out.write("movement", rows)
        out.write("hand", movement_data.read_rows(data, "hand", rows))
        out.set(**about, layers=activations.layer_names(model))
        out.set(**{name: data.attribute(name) for name in ("alphabet", "time_step_s")})
        run.headline("movements", len(rows), "movements")
        shapes = activations.layer_shapes(model).values()
        run.headline("units", sum(space * channel for _, space, channel in shapes), "units")
    run.done("python repr-analysis/compute_rdms.py ACTIVATIONS")


if __name__ == "__main__":
    record_activations()
