"""Files that appear under their name only when they are whole.

A file is written beside its final name, synced to disk, and renamed; whatever moment the process dies at, the final
name holds either nothing, the old file, or the whole new one.
"""

import contextlib
import fcntl
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from proprionet.errors import InputError


def _nothing(moment: str) -> None:
    """Called at each dangerous moment of writing; tests replace it to die there."""


checkpoint: Callable[[str], None] = _nothing


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success put it in place of ``path``, on failure remove it.

    Raises
    ------
    OSError
        As the file system says: no space, read-only, no permission.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f"{_prefix(path)}{os.getpid()}.tmp")
    try:
        yield temporary
        checkpoint("before sync")
        _sync(temporary)
        checkpoint("before rename")
        os.replace(temporary, path)
        checkpoint("after rename")
        with contextlib.suppress(OSError):  # some network file systems cannot sync a folder
            _sync(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):  # a folder that cannot be written holds nothing to remove
            temporary.unlink()
        if isinstance(error, OSError) and str(error.filename) == str(temporary):
            error.filename = str(path)  # the name that the user knows
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from making ``path`` at the same time; the lock goes with the process, however it ends.

    Raises
    ------
    InputError
        If another process holds it.
    OSError
        If the folder cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except FileNotFoundError:  # a folder of the system, in which no file can be made
        raise InputError(f"{path}: no file can be made there; choose another --out") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{path}: another process is making this file; wait for it, or choose another --out"
            ) from None
        except OSError:  # a file system without locks: two writers still cannot mix their files
            pass
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a small text file (CSV, JSON, HTML) so that it is there whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _prefix(path: Path) -> str:
    return f".{path.name}.{socket.gethostname()}-"


def _remove_leftovers(path: Path) -> None:
    """Remove what a killed process of this machine left beside ``path``."""
    prefix = _prefix(path)
    for name in os.listdir(path.parent):
        leftover = re.fullmatch(rf"{re.escape(prefix)}(\d+)\.tmp", name)
        if leftover and not _alive(int(leftover[1])):
            (path.parent / name).unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    """Force a file, or a folder's list of names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
