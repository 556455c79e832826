"""Sessions in files of kind ``session``."""

from typing import Any

import numpy as np

from proprionet.neural.session import EVENTS, NAMES, PER_BIN, PER_TRIAL, Session
from proprionet.store import Reader, Writer

_ARRAYS = ("offsets", *PER_BIN, *PER_TRIAL, "electrode", "unit_number")
_ATTRIBUTES = ("bin_width_s", "area", "monkey", "force_unit", "arm", "left_out", "computed")
_TEXTS = (*NAMES.values(), "driven_by")


def save(out: Writer, session: Session) -> None:
    """Write a session into an open file of its kind."""
    stored_as = {"passive": np.uint8, "result": "S1"}
    for name in _ARRAYS:
        if (value := getattr(session, name)) is not None:
            out.write(name, value.astype(stored_as.get(name, value.dtype)))
    for name in EVENTS:
        out.write(f"event/{name}", session.events[name])
    out.set(session=session.name, **{name: getattr(session, name) for name in _ATTRIBUTES})
    out.set(**{name: list(getattr(session, name)) for name in _TEXTS})


def load(file: Reader) -> Session:
    """The session in an open file of its kind.

    Raises
    ------
    InputError
        If the file contradicts itself.
    """
    arrays = {name: file[name] for name in _ARRAYS if name in file}
    arrays["spike_count"] = arrays["spike_count"].astype(np.int64)
    arrays["passive"] = arrays["passive"].astype(bool)
    arrays["result"] = arrays["result"].astype("U1")
    held: dict[str, Any] = {"computed": {}} | file.attributes()  # older files do not say what was computed
    attributes = {name: held[name] for name in _ATTRIBUTES}
    attributes |= {name: tuple(file.attribute(name)) for name in _TEXTS}
    events = {name: file[f"event/{name}"] for name in EVENTS}
    return Session(name=file.attribute("session"), events=events, **arrays, **attributes)
