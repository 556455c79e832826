"""Train a network on a task."""

import contextlib
import time
from functools import partial
from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("training", kind="network", unseen=("arm", "movements"), unseen_for="stream", looks_first=True)
@click.argument("dataset", type=InputFile("dataset"))
@click.option("--session", type=InputFile("session"), help="Session simulated from DATASET, for --task neurons.")
@click.option("--letters", type=InputFile("letters"), help="Pen letters to write new movements of, for --stream.")
@click.option("--start-points", type=InputFile("start_points"), help="Places to write them at, for --stream.")
@click.option("--tensorboard", is_flag=True, help="Also write the history for TensorBoard.")
def train(
    run: Run,
    dataset: Path,
    session: Path | None,
    letters: Path | None,
    start_points: Path | None,
    tensorboard: bool,
) -> None:
    """Train a network on DATASET: to name the letter, to say where the hand is, or on another task.

    The whole state is saved after every epoch: killed at any moment, the same command goes on from there and ends with
    the same weights. The weights of the best validation are kept. The history of the training is also written epoch by
    epoch to a table beside OUT (.csv) and, if asked for, to a folder for TensorBoard (.tensorboard). With --untrained
    the network is saved as it was drawn: the twin that shows what training adds. With --stream every epoch has
    movements of its own, written by the arm of the experiment (--config) from the pen letters that DATASET trains on.

    Example: python nn-training/train.py results/demo/dataset.h5 --task trajectory_decoding --out decoder.h5
    """
    from proprionet import networks, store

    options = run.settings
    state, threads = run.last_checkpoint()
    networks.prepare(threads, options.precision, options.xla)
    from proprionet import dataset as movement_data
    from proprionet.errors import InputError
    from proprionet.networks import checkpoints, evaluation, questions, storage, tasks, training, zoo
    from proprionet.networks.backbones import build
    from proprionet.networks.settings import recipe
    from proprionet.networks.timestamps import target_times

    task, architecture = tasks.TASKS[options.task], zoo.architecture(options.network)
    changes = ("epochs", "batch_size", "learning_rate", "target_scaling", "augmentation")
    chosen = recipe(options.recipe, architecture, task.name, **{name: getattr(options, name) for name in changes})
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(store.read(dataset, "dataset", finite=True))
        recording = stack.enter_context(store.read(session, "session", finite=True)) if session else None
        movement_data.check_split(data)
        times = target_times(architecture, data.dataset("joints").shape[2], options.alignment)
        question = questions.Question(task, times, options.input)
        train_part, validation_part, test_part = questions.parts(
            question, data, recording, run.seed, most_movements=options.most_movements
        )
        if not options.stream and (letters or start_points):
            raise InputError("letters and start points are for --stream, which writes new movements of them")
        fresh = question.of_stream(_stream(run, dataset, letters, start_points)) if options.stream else None
        n_outputs = task.n_outputs(train_part.answers)
        input_shape, n_given = train_part.input_shape, train_part.n_given
        model = build(architecture, task, run.seed, input_shape, n_outputs, n_given)
        run.ready()
        known = training.TrainingData(train_part.in_memory(), validation_part.in_memory(), fresh)
        mean = training.fit_scaling(model, task, known.training, chosen)
        trivial = {}
        if task.loss == "redundancy":
            drawn = evaluation.evaluate(model, task, test_part, augmentation=chosen.augmentation)
            trivial["trivial_redundancy"] = drawn["redundancy"]
        history = checkpoints.History()
        if not options.untrained:
            history = _train(run, model, task, known, chosen, state, threads, tensorboard)
        metrics, of_training = (
            evaluation.evaluate(model, task, part, augmentation=chosen.augmentation, trivial=mean)
            for part in (test_part, known.training.first(len(test_part)))
        )
        metrics |= trivial
        metrics[f"training_{task.metric}"] = of_training[task.metric]
        statistics = data.family("statistics")
        seen = {name: data.attribute(name) for name in ("time_step_s", "muscle_names", "length_kind")}
        seen["spindle"] = {**data.attribute("spindle"), "seed": data.attribute("seed")}
    unit = questions.unit_of(task.metric, train_part.answers)
    chance = tasks.without_learning(task, metrics)
    compared = {} if chance is None else {"chance": chance}
    run.headline(f"test_{task.metric}", metrics[task.metric], unit, n=len(test_part), **compared)
    with run.write() as out:
        for name, values in storage.weights(model).items():
            out.write(f"weights/{name}", values)
        if mean is not None:
            out.write("target_mean", mean)
        for name, column in (
            ("epoch", "epoch"),
            ("train_loss", "loss"),
            ("validation_loss", "validation_loss"),
            ("validation_metric", f"validation_{task.metric}"),
            ("learning_rate", "learning_rate"),
        ):
            out.write(name, [row[column] for row in history.rows])
        out.set(network=architecture.model_dump(mode="json"), task=task.name, trained=not options.untrained)
        out.set(input=options.input, alignment=options.alignment, augmentation=chosen.augmentation)
        out.set(input_shape=list(input_shape), n_given=n_given)
        for name, values in statistics.items():
            out.write(f"statistics/{name}", values)
        out.set(**seen)
        out.set(n_outputs=n_outputs, answers=[list(answer) for answer in train_part.answers], metrics=metrics)
    run.done("python nn-training/record_activations.py NETWORK DATASET")


def _stream(run: Run, dataset: Path, letters: Path | None, start_points: Path | None):
    """New movements, by the settings of the experiment, from the pen letters of the training part."""
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
        spindle = movement_data.spindle_settings(data)
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
        return movement_data.MovementStream(
            writer.load(),
            movement_data.spindle_model(data),
            per_epoch=int(np.count_nonzero(training_part)),
            n_steps=data.dataset("joints").shape[2],
            noise=None if spindle.latent_noise else spindle.noise,
        )


def _train(run: Run, model, task, known, recipe, state, threads, tensorboard):
    """Train from the last whole checkpoint, if there is one, and say how each epoch went."""
    from proprionet.networks import checkpoints, training

    rows = [] if state is None else checkpoints.History.of(state).rows
    done = len(rows)
    if done:
        run.say(f"going on after epoch {done} of {recipe.epochs}, with {threads} threads as before")
    board = _board(run, rows) if tensorboard else None

    started = time.monotonic()

    def on_epoch(row):
        rows.append(row)
        _write_table(run.out.with_suffix(".csv"), rows)
        if board:
            _show(board, row)
        epoch = row["epoch"]
        left = (recipe.epochs - epoch) * (time.monotonic() - started) / (epoch - done)
        metric = f"{task.metric} {row[f'validation_{task.metric}']:.3f}"
        run.say(f"epoch {epoch} of {recipe.epochs}: loss {row['loss']:.3f}, validation {metric}, {left:.0f} s left")

    save = partial(run.save_checkpoint, threads=threads)
    return training.train(model, task, known, recipe, run.seed, resume=state, checkpoint=save, on_epoch=on_epoch)


def _board(run: Run, rows):
    """Writer for TensorBoard, which shows only what this training wrote; what it had lost when killed, too."""
    from tensorboardX import SummaryWriter

    board = SummaryWriter(str(run.out.with_suffix(".tensorboard")), purge_step=0)
    for row in rows:
        _show(board, row)
    return board


def _show(board, row):
    for name in row.keys() - {"epoch"}:
        board.add_scalar(name, row[name], row["epoch"])
    board.flush()


def _write_table(path: Path, rows) -> None:
    import csv
    import io

    from proprionet import store

    table = io.StringIO()
    writer = csv.DictWriter(table, ["epoch", *sorted(rows[0].keys() - {"epoch"})], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    store.write_text(path, table.getvalue())


if __name__ == "__main__":
    train()
