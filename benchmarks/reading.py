"""Reading a training set in shuffled blocks from its file, beside what a network needs and reading by index."""

import time
from pathlib import Path

import click
import h5py
import numpy as np
from common import measure, report

from proprionet import networks, store

BATCH = 256


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, exists=True))
@click.option("--quick", is_flag=True, help="One pool of movements, a few steps of training.")
@click.option("--network", default="spatial_temporal_best", show_default=True, help="Network that is to be fed.")
def main(dataset: Path, quick: bool, network: str) -> None:
    """Movements a second: read from DATASET as training does, trained on, and read by index in the same order."""
    networks.prepare(jobs=2)
    import keras

    from proprionet.networks import backbones, questions, tasks, training, zoo
    from proprionet.networks.timestamps import target_times

    task, architecture = tasks.TASKS["action_recognition"], zoo.architecture(network)
    with store.read(dataset, "dataset") as data:
        rows = np.flatnonzero(data["split"] == 0)
        times = target_times(architecture, data.dataset("joints").shape[2])
        samples = questions.Question(task, times).of_dataset(data, rows)
        pools = training.sample_order(len(samples), BATCH, seed=1, epoch=0)[: 1 if quick else 8]
        n = sum(map(len, pools))
        read = n / measure(lambda: [len(pool.inputs) for pool in samples.pools(pools)])

        few = samples.read(pools[0][: 4 * BATCH])
        model = backbones.build(architecture, task, 1, few.inputs.shape[1:], 20)
        model.compile(keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.jit_compile = backbones.uses_jit()
        starts = range(0, len(few.inputs) - BATCH + 1, BATCH)

        def train() -> None:
            for start in starts:
                model.train_on_batch(few.inputs[start : start + BATCH], few.targets[start : start + BATCH])

        train()
        trained = len(starts) * BATCH / measure(train)
    by_index = _by_index(dataset, rows[pools[0]][: 128 if quick else 1024])
    report(
        "training set, shuffled blocks: read vs needed by the network",
        "movements/s",
        read,
        trained,
        0.0,
        n,
        ("tensorflow",),
        cores=2,
    )
    report("training set: shuffled blocks vs one by one", "movements/s", read, by_index, 0.0, n, ("h5py",), cores=2)


def _by_index(dataset: Path, rows: np.ndarray) -> float:
    """Movements a second when each is read for itself."""
    with h5py.File(dataset, "r") as file:
        name = "muscle_length" if "muscle_length" in file else "joints"
        started = time.perf_counter()
        for row in rows:
            file[name][row]
        return len(rows) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
