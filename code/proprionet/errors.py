"""How a user is told that something is wrong."""

import contextlib
import errno
import reprlib
from collections.abc import Iterator
from typing import Any

_SAYINGS = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EACCES: "permission denied; choose another --out or change the permissions",
    errno.EPERM: "permission denied; choose another --out or change the permissions",
    errno.EROFS: "the file system is read-only; choose another --out",
    errno.EFBIG: "the file grows larger than this system allows; raise the limit (ulimit -f) or choose another --out",
    errno.EIO: "the disk does not work; choose another --out",
    errno.EEXIST: "is a file where a folder is needed; choose another --out",
    errno.ENOTDIR: "lies inside a file, which is no folder; choose another --out",
    errno.ENAMETOOLONG: "the name is too long; choose another --out",
}

_EXTRA_OF = {
    **dict.fromkeys(("opensim", "numba", "pooch"), "arm"),
    **dict.fromkeys(("pandas", "scipy", "sklearn", "threadpoolctl"), "analysis"),
    **dict.fromkeys(("keras", "tensorflow", "tensorboardX"), "train"),
    **dict.fromkeys(("pynwb", "requests"), "recordings"),
    **dict.fromkeys(("jinja2", "matplotlib"), "report"),
}

_BACKENDS = ("jax", "torch")  # of Keras, beside TensorFlow


class InputError(ValueError):
    """Bad input. The message is one sentence for the user: what, where, what to do."""

    def _render_traceback_(self) -> list[str]:
        """All that a notebook shows of it; IPython asks for this."""
        return [f"Error: {self}"]


def brief(value: Any) -> str:
    """A value as a message shows it: what it looks like, in 80 characters at most."""
    text = reprlib.repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


@contextlib.contextmanager
def located(where: str) -> Iterator[None]:
    """Errors of what is done inside say where the trouble is, e.g. ``located("a.h5: ")``."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{where}{error}") from None


def sentence(error: BaseException) -> str | None:
    """What to tell the user, or None where the error is a fault of the program."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        what = f"-e '.[{_EXTRA_OF[package]}]' in the project's folder" if package in _EXTRA_OF else package
        return f"this step needs {package}: pip install {what}" if package in {*_EXTRA_OF, *_BACKENDS} else None
    if not isinstance(error, OSError) or error.errno not in _SAYINGS:
        return None
    saying = _SAYINGS[error.errno]
    return f"{error.filename}: {saying}" if error.filename else saying
