"""Processes that share a long list of work, and die with the one that started them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any, TypeVar

from proprionet.errors import InputError

Work = TypeVar("Work")
Result = TypeVar("Result")

_load: Callable[[], Any] | None = None
_loaded: Any = None


def run(
    load: Callable[[], Any], make: Callable[[Any, Work], Result], work: Sequence[Work], jobs: int
) -> Iterator[tuple[int, Result]]:
    """Do every piece of ``work`` and yield (index, result) as they are ready.

    Parameters
    ----------
    load : callable
        Makes what every piece of work needs (a model that cannot be sent between processes); called once a process.
    make : callable
        ``make(loaded, piece)``. Both must be importable functions or bound methods of picklable objects.
    jobs : int
        Number of processes; with 1 the work is done in this one.

    Raises
    ------
    InputError
        If a process is killed, for instance because memory ran out.
    """
    if jobs == 1 or len(work) < 2:
        loaded = load() if work else None
        yield from ((index, make(loaded, piece)) for index, piece in enumerate(work))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(work)), context, _start, (load,)) as pool:
        try:
            futures = {pool.submit(_do, make, piece): index for index, piece in enumerate(work)}
            for future in as_completed(futures):
                yield futures.pop(future), future.result()  # a result that was taken is not kept
        except BrokenProcessPool:
            raise InputError(
                "a worker process was killed (out of memory?); run the same command with fewer --jobs"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start(load: Callable[[], Any]) -> None:
    global _load
    _load = load
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # on Ctrl-C the parent speaks, a worker just ends
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(make: Callable[[Any, Work], Result], piece: Work) -> Result:
    """In a worker: load on the first piece, so that an error of loading reaches the parent as itself."""
    global _load, _loaded
    if _load is not None:
        _loaded, _load = _load(), None
    return make(_loaded, piece)
