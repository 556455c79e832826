"""What the benchmarks share: one thread, repeats, and the line of JSON they end with."""

import json
import platform
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from statistics import median

import click
from threadpoolctl import threadpool_limits

import proprionet

THREADS = 1


def measure(function: Callable[[], object], repeats: int = 3) -> float:
    """Median time of a call in seconds, on one thread, after one call that is not counted."""
    with threadpool_limits(THREADS):
        return median([_seconds(function) for _ in range(repeats + 1)][1:])


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def report(
    name: str,
    unit: str,
    ours: float,
    reference: float,
    max_difference: float,
    n: int,
    packages: Iterable[str] = (),
    cores: int = THREADS,
    **about: object,
) -> None:
    """Print one comparison as a line of JSON.

    ``unit`` is "s" for times, or a rate such as "frames/s"; ``ratio`` says how many times faster ours is, either way.
    ``packages`` are the distributions, beside NumPy and SciPy, whose versions matter. ``about`` is what else to say.
    """
    comparison = {
        "name": name,
        "unit": unit,
        "ours": ours,
        "reference": reference,
        "ratio": reference / ours if unit == "s" else ours / reference,
        "max_difference": max_difference,
        "n": n,
        "cores": cores,
        **about,
        "versions": {
            "python": platform.python_version(),
            "proprionet": proprionet.__version__,
            **{package: version(package) for package in ("numpy", "scipy", *packages)},
        },
    }
    click.echo(json.dumps(comparison))
