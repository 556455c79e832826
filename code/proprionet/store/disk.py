"""What stands between HDF5 and the world: it crashes the process if a write of its own fails or is interrupted."""

import contextlib
import io
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from proprionet.store import atomic


class Disk(io.FileIO):
    """A file that takes all that HDF5 gives it, also when the disk does not.

    The first error is kept and what comes after it is dropped; :meth:`check`, or leaving the ``with`` block, raises it.
    """

    def __init__(self, path: Path):
        super().__init__(path, "w+")
        self._path = path
        self._error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        with self._kept():
            while len(rest) and self._error is None:
                atomic.checkpoint("write")
                rest = rest[super().write(rest) :]
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        with self._kept():
            super().truncate(size)
        return self.tell() if size is None else size

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._error = OSError(error.errno, error.strerror, str(self._path))

    def check(self) -> None:
        """Raise the error that the disk gave, if it gave one."""
        if self._error is not None:
            raise self._error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        super().__exit__(kind, error, trace)
        self.check()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back until the block is through; only the main thread is ever interrupted."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or handler is None:
        yield
        return
    held: list[Any] = []
    signal.signal(signal.SIGINT, lambda *received: held.append(received))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held and callable(handler):
            handler(*held[0])
