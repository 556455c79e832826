"""Train a network on a task."""

import time
from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

CHECKPOINT = "checkpoint.h5"


@stage("training", kind="network", unseen=("arm", "movements"))
@click.argument("dataset", type=InputFile("dataset"))
@click.option("--letters", type=InputFile("letters"), help="Pen letters to write new movements of, for --stream.")
@click.option("--start-points", type=InputFile("start_points"), help="Places to write them at, for --stream.")
def train(run: Run, dataset: Path, letters: Path | None, start_points: Path | None) -> None:
    """Train a network on DATASET to name the letter or to say where the hand is.

    The whole state is saved after every epoch: killed at any moment, the same command goes on from there and ends with
    the same weights. The weights of the best validation are kept, with the history of the training. With --untrained
    the network is saved as it was drawn: the twin that shows what training adds. With --stream every epoch has
    movements of its own, written by the arm of the experiment (--config) from the pen letters that DATASET trains on.

    Example: python nn-training/train.py results/demo/dataset.h5 --task trajectory_decoding --out decoder.h5
    """
    from proprionet import networks, store

    state, threads = _last_checkpoint(run)
    networks.prepare(threads)
    import numpy as np

    from proprionet import dataset as movement_data
    from proprionet.errors import InputError
    from proprionet.networks import backbones, storage, tasks, training, zoo
    from proprionet.networks.timestamps import target_times

    options = run.settings
    task, architecture = tasks.TASKS[options.task], zoo.architecture(options.network)
    changes = {name: getattr(options, name) for name in ("epochs", "batch_size", "learning_rate")}
    recipe = zoo.recipe(options.recipe, **changes)
    with store.read(dataset, "dataset", finite=True) as data:
        movement_data.check_split(data)
        train_part, validation_part, test_part = (
            movement_data.load(data, np.flatnonzero(data["split"] == part)) for part in range(3)
        )
    if task.metric == "accuracy" and len(np.unique(train_part.label)) < 2:
        raise InputError(
            f"{dataset}: holds one class only, so that there is nothing to tell apart; choose another --task"
        )
    times = target_times(architecture, train_part.inputs.shape[2], options.alignment)
    targets = [
        task.targets({"letter": part.label, "hand_position": part.hand}, times)
        for part in (train_part, validation_part, test_part)
    ]
    fresh = _fresh(run, dataset, letters, start_points, task, times) if options.stream else None
    known = training.TrainingData(train_part.inputs, targets[0], validation_part.inputs, targets[1], fresh)
    model = backbones.build(architecture, task, run.seed, train_part.inputs.shape[1:])
    if options.untrained:
        training.fit_scaling(model, task, known, recipe)
        history = training.History()
    else:
        history = _train(run, model, task, known, recipe, state, threads)
    metrics = training.evaluate(model, task, test_part.inputs, targets[2])
    chance = {"chance": 1 / len(np.unique(targets[0]))} if task.metric == "accuracy" else {}
    run.headline(f"test_{task.metric}", metrics[task.metric], task.unit, n=len(targets[2]), **chance)
    with run.write() as out:
        for name, values in storage.weights(model).items():
            out.write(f"weights/{name}", values)
        out.write("epoch", 1 + np.arange(len(history.rows)))
        for name, column in (
            ("train_loss", "loss"),
            ("validation_loss", "validation_loss"),
            ("validation_metric", f"validation_{task.metric}"),
            ("learning_rate", "learning_rate"),
        ):
            out.write(name, [row[column] for row in history.rows])
        out.set(network=architecture.model_dump(mode="json"), task=task.name, trained=not options.untrained)
        out.set(input_shape=list(model.input_shape[1:]), n_outputs=task.n_outputs, metrics=metrics)
    run.done("python nn-training/record_activations.py NETWORK DATASET")


def _fresh(run: Run, dataset: Path, letters: Path | None, start_points: Path | None, task, times):
    """Batches of an epoch that are written while they are needed, by the settings of the experiment."""
    import numpy as np

    from proprionet import dataset as movement_data
    from proprionet import seeds, store
    from proprionet.errors import InputError
    from proprionet.letters.strokes import load
    from proprionet.movements import setup

    if letters is None or start_points is None:
        raise InputError("--stream needs --letters and --start-points to write new movements from")
    with (
        store.read(dataset, "dataset") as data,
        store.read(letters, "letters", finite=True) as pen,
        store.read(start_points, "start_points", finite=True) as places,
    ):
        spindle = data.attribute("spindle")
        training_part = data["split"] == 0
        arm = setup.choose_arm(run.settings)
        setup.check_same_arm(data, arm, run.settings)
        setup.check_start_points(places, arm.profile)
        if data.attribute("letters") != store.sha256(letters):
            raise InputError(f"{letters}: is not the file of letters that {dataset} was written from")
        known = load(pen)
        known = known.select(np.flatnonzero(np.isin(known.source, data["source"][training_part])))
        muscles = setup.choose_muscles(run.settings, arm, run.jobs, run.say, run.progress)
        options = run.settings.model_copy(update={"form": "full"})
        writer = setup.choose_writer(options, arm, muscles, known, places, seeds.integer(run.seed, "stream"))
        stream = movement_data.MovementStream(
            writer.load(),
            movement_data.spindle_model(data),
            per_epoch=int(np.count_nonzero(training_part)),
            n_steps=data.dataset("joints").shape[2],
            noise=None if spindle["latent_noise"] else spindle["noise"],
        )

    def batches(epoch: int, batch_size: int):
        for part in stream.epoch(epoch, batch_size):
            yield part.inputs, task.targets({"letter": part.label, "hand_position": part.hand}, times)

    return batches


def _last_checkpoint(run: Run):
    """State of an interrupted training and its number of threads, on which the last bits of the weights depend."""
    from proprionet import store

    checkpoint = run.parts / CHECKPOINT
    if not run.up_to_date(checkpoint, "checkpoint"):
        return None, run.jobs
    with store.read(checkpoint, "checkpoint") as file:
        return file.family("state"), file.attribute("threads")


def _train(run: Run, model, task, known, recipe, state, threads):
    """Train from the last whole checkpoint, if there is one, and say how each epoch went."""
    from proprionet.networks import training

    done = 0 if state is None else len(state["history/epoch"])
    if done:
        run.say(f"going on after epoch {done} of {recipe.epochs}, with {threads} threads as before")

    def save(state):
        with run.write(run.parts / CHECKPOINT, "checkpoint") as file:
            for name, values in state.items():
                file.write(f"state/{name}", values)
            file.set(threads=threads)

    started = time.monotonic()

    def on_epoch(row):
        epoch = row["epoch"] + 1
        left = (recipe.epochs - epoch) * (time.monotonic() - started) / (epoch - done)
        metric = f"{row[f'validation_{task.metric}']:.3f} {task.unit}"
        run.say(f"epoch {epoch} of {recipe.epochs}: loss {row['loss']:.3f}, validation {metric}, {left:.0f} s left")

    return training.train(model, task, known, recipe, run.seed, resume=state, checkpoint=save, on_epoch=on_epoch)


if __name__ == "__main__":
    train()
