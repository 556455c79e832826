"""Training of networks on the device that Keras finds: in mixed precision, by XLA, several networks side by side."""

import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import click
import numpy as np
from common import report

from proprionet import networks
from proprionet.networks.families import Affine, NetworkSettings
from proprionet.networks.samples import Batch, Samples
from proprionet.networks.search import draw
from proprionet.networks.settings import PRESETS, Recipe
from proprionet.networks.tasks import N_LETTERS, TASKS

TASK = TASKS["action_recognition"]
WARM_UP = 2  # training steps that are not timed: the first compiles
BEST, SMALL = PRESETS["spatial_temporal_best"], PRESETS["spatial_temporal_small"]
FAMILIES: dict[str, NetworkSettings] = {
    "spatial_temporal_best": BEST,
    "lstm_best": PRESETS["lstm_best"],
    "spatiotemporal_best": PRESETS["spatiotemporal_best"],
    "temporal_spatial": draw("elife2023", "temporal_spatial", count=1, seed=0)[0],
    "affine": Affine(spatial_units=(64, 32), temporal_filters=(32, 32, 64, 64), temporal_kernel=9, temporal_stride=3),
}


class Way(NamedTuple):
    """How networks calculate."""

    precision: networks.Precision
    xla: bool

    def __str__(self) -> str:
        return self.precision + (" with XLA" if self.xla else "")


class Found(NamedTuple):
    """Numbers that every way should find alike, the movements trained on in a second, and how busy the device was."""

    alike: np.ndarray
    rate: float
    usage: dict[str, float]


class Watch:
    """Time, and the usage of the GPU by nvidia-smi where there is one, or else of the processor's cores."""

    def __init__(self) -> None:
        self.gpu = None
        if shutil.which("nvidia-smi"):
            query = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
            self.gpu = subprocess.Popen([*query, "--loop-ms=100"], stdout=subprocess.PIPE, text=True)
        self.start, self.processor_start = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.start

    def stop(self) -> dict[str, float]:
        """Usage since the start: mean over time in percent, and the most memory."""
        if self.gpu is None:
            share = (time.process_time() - self.processor_start) / self.seconds / (os.cpu_count() or 1)
            return {"cpu_percent": 100 * share}
        self.gpu.terminate()
        seen = np.array(re.findall(r"^(\d+), (\d+)$", self.gpu.communicate()[0], re.MULTILINE), dtype=float)
        return {"gpu_percent": seen[:, 0].mean(), "gpu_memory_mb": seen[:, 1].max()} if len(seen) else {}


@click.command()
@click.option("--quick", is_flag=True, help="Short inputs, one family, fewer ways and networks, half a second each.")
@click.option("--movements", "n", default=50_000, show_default=True, help="Movements in an epoch.")
@click.option("--together", default=4, show_default=True, help="Small networks that are trained side by side.")
@click.option("--seconds", default=5.0, show_default=True, help="Time that each network is trained for.")
@click.option("--mixed", type=click.Choice(["mixed_bfloat16", "mixed_float16"]), default="mixed_bfloat16")
@click.option("--jobs", default=os.cpu_count(), show_default="all cores", help="Threads of the processor.")
def main(quick: bool, n: int, together: int, seconds: float, mixed: networks.Precision, jobs: int) -> None:
    """Time letter recognition from random inputs, on the backend that KERAS_BACKEND names.

    The reference is float32 without XLA on the same device (JAX always has XLA, torch never). Differences are those of
    the loss of an epoch, or of the answers before training. Memory of a GPU is the most that was taken so far.
    Without a GPU the whole takes an hour, since processors are slow in 16 bits and with XLA: use --quick.
    """
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # which warns of many different networks
    families, data, recipe = list(FAMILIES), movements(1024, 320), Recipe(epochs=2)
    if quick:
        families, data, recipe = ["spatiotemporal_best"], movements(32, 96), Recipe(epochs=2, batch_size=8)
        n, together, seconds = 64, 2, 0.5
    networks.prepare(jobs)
    ways = offered(mixed)[: 3 if quick else None]

    def compare(name: str, unit: str, count: int, measure: Callable[..., Found], *arguments: Any) -> None:
        found = []
        for way in ways:
            networks.prepare(jobs, *way)
            found.append(measure(*arguments))
        for way, ours in zip(ways[1:], found[1:], strict=True):
            line(f"{name}, {way} vs {ways[0]}", unit, count, ours, found[0], jobs)

    compare(f"epoch of {n} movements, spatial_temporal_best", "s", n, epoch, n, data, recipe)
    for name in families:
        compare(f"training of {name}", "samples/s", recipe.batch_size, steps, FAMILIES[name], data, recipe, seconds)
    networks.prepare(jobs, *ways[0])
    several = steps(SMALL, data, recipe, seconds, together)
    name = f"training of {together} spatial_temporal_small in one model vs one after another, {ways[0]}"
    line(name, "samples/s", together, several, steps(SMALL, data, recipe, seconds), jobs)


def offered(mixed: networks.Precision) -> list[Way]:
    """What the backend can do, the reference first."""
    import keras

    xla = {"tensorflow": (False, True), "jax": (True,), "torch": (False,)}[keras.config.backend()]
    return [Way(precision, way) for precision in ("float32", mixed) for way in xla]


def movements(n: int, n_steps: int) -> Batch:
    """Random inputs from the 25 muscles of the human arm, and letters."""
    random = np.random.default_rng(0)
    inputs = random.standard_normal((n, 25, n_steps, 2), dtype=np.float32)
    return Batch(inputs, None, random.integers(0, N_LETTERS, n).astype(np.int32))


def network(settings: NetworkSettings, data: Batch, seed: int = 0) -> Any:
    """An untrained network that names letters."""
    from proprionet.networks import backbones

    return backbones.build(settings, TASK, seed, data.inputs.shape[1:], N_LETTERS)


def side_by_side(settings: NetworkSettings, data: Batch, count: int) -> Any:
    """One model of several networks that see the same inputs and start from different seeds."""
    import keras

    inputs = keras.Input(data.inputs.shape[1:])
    several = [network(settings, data, seed) for seed in range(count)]
    branches = [keras.Model(one.input, one.output, name=f"network{seed}") for seed, one in enumerate(several)]
    return keras.Model(inputs, [branch(inputs) for branch in branches])


def epoch(n: int, data: Batch, recipe: Recipe) -> Found:
    """The second epoch of a training as it is, with reading, shuffling and a small validation."""
    from proprionet.networks import training

    whole, few = (Samples(np.arange(count), lambda places: data.rows(places % len(data.inputs))) for count in (n, 32))
    watches: list[Watch] = []
    history = training.train(
        network(BEST, data),
        TASK,
        training.TrainingData(whole, few),
        recipe,
        seed=0,
        on_epoch=lambda row: watches.append(Watch()) if row["epoch"] == 1 else None,
    )
    return Found(np.array(history.rows[0]["loss"]), n / watches[0].seconds, watches[0].stop())


def steps(settings: NetworkSettings, data: Batch, recipe: Recipe, seconds: float, count: int = 1) -> Found:
    """Training on one batch again and again, of one network or of several in one model, whose rates are added."""
    import keras

    from proprionet.networks import backbones

    model = network(settings, data) if count == 1 else side_by_side(settings, data, count)
    answers = np.reshape(model.predict_on_batch(data.inputs[:8]), (count, -1, N_LETTERS))
    batch = data.rows(slice(recipe.batch_size))
    model.compile(keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.jit_compile = backbones.uses_jit()
    for _ in range(WARM_UP):
        model.train_on_batch(batch.inputs, [batch.targets] * count)
    watch, n = Watch(), 0
    while watch.seconds < seconds:
        model.train_on_batch(batch.inputs, [batch.targets] * count)
        n += count * len(batch.inputs)
    return Found(answers[0], n / watch.seconds, watch.stop())


def line(name: str, unit: str, n: int, ours: Found, reference: Found, jobs: int) -> None:
    """Print a comparison of rates, or of the seconds that n movements take."""
    import keras

    backend = keras.config.backend()
    rates = [found.rate if unit == "samples/s" else n / found.rate for found in (ours, reference)]
    difference = float(np.abs(ours.alike - reference.alike).max())
    usage = {"backend": backend, "usage": ours.usage, "reference_usage": reference.usage}
    report(name, unit, *rates, difference, n, ["keras", backend], jobs, **usage)


if __name__ == "__main__":
    main()
