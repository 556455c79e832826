"""Task-driven networks: settings, tasks, backbones, training, activations. Importing this package loads no Keras."""

import contextlib
import os
import sys
from collections.abc import Iterator

from proprionet.errors import InputError

BACKENDS = ("tensorflow", "jax", "torch")


def prepare(jobs: int) -> None:
    """Load Keras with the number of threads, and without the start-up messages of TensorFlow's native code.

    Call it before anything of Keras is imported. ``KERAS_BACKEND`` chooses another backend than TensorFlow.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend not in BACKENDS:
        raise InputError(f"KERAS_BACKEND is '{backend}'; choose one of {', '.join(BACKENDS)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(jobs))
    with _native_silence():
        import keras  # noqa: F401


@contextlib.contextmanager
def _native_silence() -> Iterator[None]:
    """Send what native code writes to standard error nowhere; Python's own errors are raised as ever."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
