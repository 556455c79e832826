"""Task-driven networks: settings, tasks, backbones, training, activations. Importing this package loads no Keras."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from typing import Literal

from proprionet.errors import InputError

# The backends, and where each reads how many threads it may have.
BACKENDS = {"tensorflow": "TF_NUM_INTRAOP_THREADS", "jax": "NPROC", "torch": "OMP_NUM_THREADS"}

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]

_asked_for_xla = False


def prepare(jobs: int, precision: Precision = "float32", xla: bool = False) -> None:
    """Load Keras with the number of threads, and without the start-up messages of TensorFlow's native code.

    Call it before anything of Keras is imported. ``KERAS_BACKEND`` chooses another backend than TensorFlow.

    Parameters
    ----------
    jobs : int
        Threads of a training step; what the environment says to the backend goes first.
    precision : {"float32", "mixed_float16", "mixed_bfloat16"}
        Of the networks that are built from now on. Mixed: convolutions, dense and recurrent layers calculate in 16
        bits; weights, normalisers, scalings and answers keep 32.
    xla : bool
        Whether TensorFlow compiles networks by XLA. JAX always does.

    Raises
    ------
    InputError
        If there is no such backend, or it has no XLA.
    """
    global _asked_for_xla
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend not in BACKENDS:
        raise InputError(f"KERAS_BACKEND is '{backend}'; choose one of {', '.join(BACKENDS)}")
    if xla and backend == "torch":
        raise InputError("KERAS_BACKEND is 'torch', which has no XLA; leave XLA out, or choose tensorflow or jax")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it counts how often models are compiled
    os.environ.setdefault(BACKENDS[backend], str(jobs))
    with _native_silence():
        import keras
    keras.config.set_dtype_policy(precision)
    _asked_for_xla = xla


def uses_xla() -> bool:
    """Whether :func:`prepare` was asked for XLA."""
    return _asked_for_xla


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
