"""Products of the response patterns of every two stimuli, a block of stimuli at a time.

Responses are arrays or HDF5 datasets of shape (stimulus, ...): all that follows the stimulus counts as units. Datasets
are read in blocks, so that a layer may be larger than the memory. Each thread has one BLAS thread: the rounding is the
same however many there are.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from proprionet.errors import InputError

NUMBERS_AT_ONCE = 80_000_000  # of a block: 640 MB in double precision
STIMULI_AT_ONCE = 2048  # of a block
ROWS_AT_ONCE = 256  # of a thread
UNITS_AT_ONCE = 4096  # single-precision products of so many units add up in double precision

NO_VARIATION = "no unit varies over the stimuli"


class UndefinedError(InputError):
    """Responses that do not differ, so that nothing can be said of how alike they are."""


@contextlib.contextmanager
def threads(n_jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that share the products."""
    with threadpool_limits(1), ThreadPoolExecutor(n_jobs) as pool:
        yield pool


def split(n: int, size: int) -> list[slice]:
    """Cut 0..n into the fewest parts of at most ``size``, all of about one length."""
    edges = np.linspace(0, n, -(-n // size) + 1).round().astype(int)
    return [slice(int(start), int(end)) for start, end in pairwise(edges)]


def blocks(*layers: Any) -> list[slice]:
    """Blocks of stimuli in which layers are read, all of the same stimuli; checks their shapes."""
    for responses in layers:
        if len(responses.shape) < 2 or responses.shape[0] < 2:
            raise InputError(
                f"responses of shape {responses.shape}: expected (stimulus, unit, ...) with two stimuli or more"
            )
    widest = max(int(np.prod(responses.shape[1:])) for responses in layers)
    return split(layers[0].shape[0], int(np.clip(NUMBERS_AT_ONCE // max(widest, 1), 1, STIMULI_AT_ONCE)))


def memory_bytes(n_stimuli: int, n_units: int) -> int:
    """About what a pass over a layer needs: two blocks in double precision, and one as it is read."""
    n_rows = min(n_stimuli, STIMULI_AT_ONCE, NUMBERS_AT_ONCE // n_units + 1)
    return 24 * n_rows * n_units + 8 * n_rows**2


def read(responses: Any, rows: slice, units: np.ndarray | None = None, checked: bool = False) -> np.ndarray:
    """Patterns of a block of stimuli, (stimulus, unit); those of the ``units`` that a mask names if there is one.

    Responses that are not finite are refused, unless that is known to be ``checked``.
    """
    patterns = np.asarray(responses[rows])
    patterns = patterns.reshape(len(patterns), -1)
    if units is not None and not units.all():
        patterns = patterns[:, units]
    if not checked and not np.isfinite(patterns).all():
        stimulus = rows.start + np.flatnonzero(~np.isfinite(patterns).all(axis=1))[0]
        raise InputError(f"stimulus {stimulus}: a response is not finite")
    return patterns


def unit_moments(responses: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of every unit over stimuli, (unit,), in double precision; Chan, Golub & LeVeque 1983."""
    n, mean, squares = 0, np.zeros(1), np.zeros(1)
    for block in blocks(responses):
        for rows in split(block.stop - block.start, ROWS_AT_ONCE):
            patterns = read(responses, slice(block.start + rows.start, block.start + rows.stop)).astype(float)
            of_block = patterns.mean(axis=0)
            patterns -= of_block
            squares = squares + np.einsum("ij,ij->j", patterns, patterns)
            apart, more = of_block - mean, len(patterns)
            squares = squares + apart**2 * (n * more / (n + more))
            n, mean = n + more, mean + apart * (more / (n + more))
    return mean, squares / n


def product(left: np.ndarray, right: np.ndarray, pool: ThreadPoolExecutor) -> np.ndarray:
    """``left @ right.T`` in double precision; of one array with itself, the upper triangle alone is valid."""
    found = np.zeros((len(left), len(right)))

    def multiply(rows: slice) -> None:
        first = rows.start if left is right else 0
        for units in split(left.shape[1], UNITS_AT_ONCE):
            found[rows, first:] += left[rows, units] @ right[first:, units].T

    list(pool.map(multiply, split(len(left), ROWS_AT_ONCE)))
    return found


def pairs(
    parts: list[slice], patterns: Callable[[slice], np.ndarray], pool: ThreadPoolExecutor
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Rows, columns and products of the blocks on and above the diagonal.

    ``patterns(rows)`` gives the patterns of a block, (stimulus, unit), as they are to be multiplied.
    """
    for index, rows in enumerate(parts):
        left = patterns(rows)
        yield rows, rows, product(left, left, pool)
        for columns in parts[index + 1 :]:
            yield rows, columns, product(left, patterns(columns), pool)


def condensed(
    parts: list[slice], patterns: Callable[[slice], np.ndarray], pool: ThreadPoolExecutor
) -> tuple[np.ndarray, np.ndarray]:
    """Products of every two stimuli, (pair,) in the order of SciPy's pdist, and of each with itself, (stimulus,)."""
    n = parts[-1].stop
    products, own = np.empty(n * (n - 1) // 2), np.empty(n)
    for rows, columns, found in pairs(parts, patterns, pool):
        if rows == columns:
            own[rows] = np.diagonal(found)
        for row, values in zip(range(rows.start, rows.stop), found, strict=True):
            first = max(row + 1, columns.start)
            start = n * row - row * (row + 1) // 2 + first - row - 1
            products[start : start + columns.stop - first] = values[first - columns.start :]
    return products, own


def squared_distances(products: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Squared distances of every two stimuli, (pair,), in place of what :func:`condensed` gives."""
    start = 0
    for row in range(len(own) - 1):
        end = start + len(own) - row - 1
        products[start:end] = own[row] + own[row + 1 :] - 2 * products[start:end]
        start = end
    return np.maximum(products, 0, out=products)
