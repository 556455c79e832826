"""CKA of the layers of two networks: all Gram matrices once, or rsatoolbox and the published loop pair by pair."""

import json
import resource
import time
from itertools import product

import click
import numpy as np
from common import measure, report
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare

from proprionet.analysis.layers import similarity
from proprionet.analysis.layers.rdm import correlation_rdm

# (time, space, channel) of the best spatial-temporal network of Sandbrink et al. 2023, input first
BEST = [(320, 25, 2), (320, 13, 8), (320, 7, 16), (320, 4, 16), (320, 2, 32), (107, 2, 32), (36, 2, 32), (12, 2, 64)]
BEST += [(4, 2, 64)]


@click.command()
@click.option("--quick", is_flag=True, help="300 movements in place of 2,000.")
@click.option("--whole", is_flag=True, help="Also time all 9 x 9 layers on 4,000 movements, on --jobs cores (7 GB).")
@click.option("--jobs", default=2, show_default=True, help="Threads for all layers.")
def main(quick: bool, whole: bool, jobs: int) -> None:
    """Time linear CKA of the last four layers of two networks, with themselves and each other.

    The published form computes both Gram matrices, centres them and takes their cosine, for every pair of layers;
    rsatoolbox does the same from distances. Responses are random, in single precision as they are recorded.
    """
    n_movements = 300 if quick else 2000
    a, b = (responses(n_movements, BEST[-4:], seed) for seed in (1, 2))
    references = {"rsatoolbox": from_distances, "the published loop": from_gram_matrices}

    def ours() -> np.ndarray:
        return similarity.cka(similarity.kernels([*a, *b]), debiased=False)[: len(a), len(a) :]

    found, seconds = ours(), measure(ours)
    for name, reference in references.items():
        expected = np.array([reference(*pair) for pair in product(a, b)]).reshape(found.shape)
        report(
            f"CKA of {len(a)} x {len(b)} layers, {n_movements} movements, vs {name}",
            unit="s",
            ours=seconds,
            reference=measure(lambda reference=reference: [reference(*pair) for pair in product(a, b)], repeats=1),
            max_difference=float(np.abs(found - expected).max()),
            n=found.size,
            packages=["rsatoolbox"],
        )
    if whole:
        click.echo(json.dumps(time_whole(4000, jobs)))


def time_whole(n_movements: int, jobs: int) -> dict[str, object]:
    """Time and memory of the RDMs of all layers of one network, and of CKA of all layers of two."""
    random = np.random.default_rng(0)
    a, b = ([random.random((n_movements, int(np.prod(shape))), np.float32) for shape in BEST] for _ in range(2))
    seconds = {}
    for name, function in (
        ("rdms", lambda: [correlation_rdm(layer, n_jobs=jobs) for layer in a]),
        ("cka", lambda: similarity.cka(similarity.kernels([*a, *b], n_jobs=jobs))),
    ):
        start, cpu = time.perf_counter(), time.process_time()
        function()
        seconds |= {f"{name}_s": time.perf_counter() - start, f"{name}_cpu_s": time.process_time() - cpu}
    layers = f"{len(BEST)} layers, {n_movements} movements"
    memory = {"peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}
    return {"name": f"RDMs of {layers}; CKA of two networks of {layers}", **seconds, "cores": jobs, **memory}


def responses(n_movements: int, shapes: list[tuple[int, int, int]], seed: int) -> list[np.ndarray]:
    """Rectified mixtures of 30 signals, which are the same for all layers, and noise."""
    shared, random = np.random.default_rng(0).normal(size=(n_movements, 30)), np.random.default_rng(seed)
    layers = []
    for shape in shapes:
        n_units = int(np.prod(shape))
        mixed = shared @ random.normal(size=(30, n_units)) / 5 + random.normal(size=(n_movements, n_units))
        layers.append(np.maximum(mixed, 0).astype(np.float32))
    return layers


def from_gram_matrices(a: np.ndarray, b: np.ndarray) -> float:
    """Biased linear CKA as published, in double precision."""
    k, m = (centred(one @ one.T) for one in (a.astype(float), b.astype(float)))
    return (k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum())


def centred(matrix: np.ndarray) -> np.ndarray:
    """A Gram matrix without the means of its rows and columns."""
    mean = matrix.mean(axis=0)
    return matrix - mean - mean[:, None] + mean.mean()


def from_distances(a: np.ndarray, b: np.ndarray) -> float:
    """The same by rsatoolbox."""
    rdms = [calc_rdm(Dataset(one.astype(float)), method="euclidean") for one in (a, b)]
    return compare(*rdms, method="cosine_cov").item()


if __name__ == "__main__":
    main()
