"""How a user is told that something is wrong."""

import contextlib
import reprlib
from collections.abc import Iterator
from typing import Any


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
