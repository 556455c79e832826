"""Search for fixed points of a trained network: steps bent by geodesic acceleration, and straight ones."""

import time
from pathlib import Path

import click
import numpy as np
from common import THREADS, report
from threadpoolctl import threadpool_limits

from proprionet import seeds, store
from proprionet.rnn import fixed_points, searched


@click.command()
@click.argument("network", type=click.Path(exists=True, path_type=Path))
@click.argument("latents", type=click.Path(exists=True, path_type=Path))
@click.option("--n-starts", default=96, show_default=True)
def main(network: Path, latents: Path, n_starts: int) -> None:
    """Starts of a NETWORK (kind recurrent) that arrive at a fixed point, from states in its LATENTS.

    Both ways have the same starts and 600 steps at most; times are of one processor. The difference is that of points
    that straight steps reach to the nearest of the others.
    """
    with store.read(network, "recurrent") as file, store.read(latents, "latents") as seen:
        subject = searched.read(file, seen)
        held = subject.constant_input("zero")
    starts = fixed_points.draw_starts(subject.visited, n_starts, seeds.generator(0, "benchmark"))

    def search(most_bent: float) -> tuple[np.ndarray, float]:
        """States that are fixed, and processor seconds."""
        fixed_points.MOST_BENT = most_bent
        with threadpool_limits(THREADS):
            begin = time.process_time()
            ends = fixed_points.minimise(subject.network, starts, held)
        return ends.states[ends.q < fixed_points.FIXED_BELOW], time.process_time() - begin

    bent, seconds = search(fixed_points.MOST_BENT)
    straight, reference = search(0.0)
    apart = np.linalg.norm(straight[:, None] - bent, axis=2).min(axis=1, initial=np.inf)
    report(
        f"fixed points of {network.stem} from {n_starts} starts, bent steps vs straight ones",
        unit="s",
        ours=seconds,
        reference=reference,
        max_difference=float(apart.max(initial=0)),
        n=n_starts,
        arrived=len(bent),
        arrived_straight=len(straight),
    )


if __name__ == "__main__":
    main()
