"""Test a network on its task."""

import contextlib
from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("evaluation", kind="evaluation")
@click.argument("network", type=InputFile("network"))
@click.argument("dataset", type=InputFile("dataset"))
@click.option("--session", type=InputFile("session"), help="The session that the network was trained on.")
def evaluate(run: Run, network: Path, dataset: Path, session: Path | None) -> None:
    """Test NETWORK on a part of DATASET: accuracy and confusions of letters, or errors in the units of what it decodes.

    Each part of an answer (such as hand and hand_velocity) has an error of its own, next to that of always answering
    the mean of the training part. DATASET need not be the one it was trained on, if the arm is the same.

    Example: python nn-training/evaluate.py results/demo/networks/action_recognition.h5 results/demo/dataset.h5
    """
    from proprionet import networks, store

    networks.prepare(run.jobs)
    import numpy as np
    from sklearn.metrics import confusion_matrix

    from proprionet import dataset as movement_data
    from proprionet.errors import InputError
    from proprionet.networks import evaluation, questions, tasks, zoo
    from proprionet.networks.timestamps import target_times

    with store.read(network, "network", finite=True) as file:
        architecture, model = zoo.rebuild(file)
        about = {name: file.attribute(name) for name in ("task", "trained")}
        task = tasks.TASKS[about["task"]]
        mean = file["target_mean"] if task.loss == "squared_error" else None
        seen, alignment, augmentation = (file.attribute(name) for name in ("input", "alignment", "augmentation"))
        seed = file.attribute("seed")
        about |= {"network": architecture.name, "family": architecture.family, "instance": seed}
        with store.read(dataset, "dataset") as data:
            movement_data.check_codes(data)
            zoo.check_same_inputs(file, data)
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(store.read(dataset, "dataset", finite=True))
        recording = stack.enter_context(store.read(session, "session", finite=True)) if session else None
        times = target_times(architecture, data.dataset("joints").shape[2], alignment)
        parts = questions.parts(questions.Question(task, times, seen), data, recording, seed)
        samples = parts[movement_data.SPLITS.index(run.settings.part)]
        expected = tuple(model.inputs[0].shape[1:])
        if samples.input_shape != expected or task.n_outputs(samples.answers) != model.output_shape[-1]:
            raise InputError(
                f"{network.name} takes movements of shape {expected} (muscle, step, channel), those of {dataset.name} "
                f"have {samples.input_shape}, or what it answers has another size; it belongs to another arm or set"
            )
        metrics, of_each = evaluation.evaluate_each(model, task, samples, augmentation=augmentation, trivial=mean)
        alphabet = data.attribute("alphabet")
    for name, value in metrics.items():
        run.headline(name, value, questions.unit_of(name, samples.answers), n=len(samples))
    with run.write() as out:
        out.write("movement", samples.numbers)
        for name, values in of_each.items():
            out.write(name, values)
        if "predicted" in of_each:
            letters = np.arange(len(alphabet))
            out.write("confusion", confusion_matrix(of_each["label"], of_each["predicted"], labels=letters))
        parts = list(evaluation.error_parts(samples.answers)) if samples.answers else []
        out.set(**about, metrics=metrics, alphabet=alphabet, parts=parts)
        out.set(units=[questions.unit_of(name, samples.answers) for name in parts])
    run.done()


if __name__ == "__main__":
    evaluate()
