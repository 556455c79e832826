"""Is this machine fit for the work? Each part is looked at by itself, so that one broken part hides no other."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from proprionet.errors import InputError

PYTHON_VERSIONS = ((3, 11), (3, 14))  # from, up to but without: as requires-python in pyproject.toml
ANSWER_WITHIN_S = 18.0
GIB = 2**30
DISK_FOR_DEMO = 2 * GIB
DISK_FOR_PAPERS = 60 * GIB  # 200,000 movements with every input in float32, networks and activations of a few
MEMORY_FOR_DEMO = 3 * GIB

# Libraries with native code can bring the process down with them: they are asked in a process of their own.
_ASK_OPENSIM = "import opensim; print(opensim.GetVersion())"
_ASK_TENSORFLOW = (
    "import tensorflow as tf; gpus = tf.config.list_physical_devices('GPU');"
    "print(tf.__version__, *[gpu.name for gpu in gpus])"
)

_OPTIONAL = {
    "scikit-learn": "pip install -e '.[analysis]'",
    "pynwb": "pip install -e '.[recordings]'",
    "matplotlib": "pip install -e '.[report]'",
    "snakemake": "pip install -e '.[workflow]'",
    "torch": "only for networks on the torch backend (KERAS_BACKEND=torch): pip install torch",
    "jax": "only for networks on the JAX backend (KERAS_BACKEND=jax): pip install jax",
}


@dataclass(frozen=True)
class Finding:
    """What was found about one part of the machine.

    ``ok`` is True where the part is fit, False where it is needed and unfit, None where the work can go on without it.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""


def check(folder: Path = Path(), answer_within_s: float = ANSWER_WITHIN_S) -> list[Finding]:
    """Look at everything a run needs: interpreter, libraries, arm model, disk and memory.

    Parts that are not installed are no fault, as every stage names the part it lacks; parts that are installed and
    do not work are.

    Parameters
    ----------
    folder : Path
        Where results will be written; its disk is measured.
    answer_within_s : float
        How long OpenSim and TensorFlow, asked side by side, may take to start (s).

    Returns
    -------
    list of Finding
        In reading order; the machine is unfit if any has ``ok`` False.
    """
    with ThreadPoolExecutor() as both:
        opensim = both.submit(opensim_engine, answer_within_s)
        tensorflow = both.submit(tensorflow_and_gpu, answer_within_s)
        return [
            python(),
            arrays_and_files(),
            opensim.result(),
            arm_model(),
            *tensorflow.result(),
            *map(optional_part, _OPTIONAL),
            disk(folder),
            memory(),
        ]


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Is the interpreter one that the project is tested with?"""
    first, beyond = (".".join(map(str, bound)) for bound in PYTHON_VERSIONS)
    return Finding(
        "Python",
        PYTHON_VERSIONS[0] <= version < PYTHON_VERSIONS[1],
        ".".join(map(str, version)),
        f"needs Python {first} or newer, older than {beyond}: make PYTHON=/path/to/python3.11",
    )


def arrays_and_files() -> Finding:
    """Do NumPy and h5py load, and which HDF5 is behind them?"""
    try:
        import h5py
        import numpy as np
    except ImportError as error:
        return Finding(
            "NumPy and h5py", False, str(error), "pip install --force-reinstall -c constraints.txt numpy h5py"
        )
    return Finding("NumPy and h5py", True, f"{np.__version__}, {h5py.__version__} (HDF5 {h5py.version.hdf5_version})")


def opensim_engine(answer_within_s: float = ANSWER_WITHIN_S) -> Finding:
    """Does OpenSim load?"""
    ok, detail = _ask("opensim", _ASK_OPENSIM, answer_within_s)
    return Finding("OpenSim", ok, detail, "pip install -e '.[arm]'")


def tensorflow_and_gpu(answer_within_s: float = ANSWER_WITHIN_S) -> list[Finding]:
    """Does TensorFlow load, and which GPUs does it see?"""
    ok, detail = _ask("tensorflow", _ASK_TENSORFLOW, answer_within_s)
    if not ok:
        return [Finding("TensorFlow", ok, detail, "pip install -e '.[train]'")]
    version, *gpus = detail.split()
    return [
        Finding("TensorFlow", True, version),
        Finding(
            "GPU",
            True if gpus else None,
            ", ".join(gpus) or "none seen, networks train on the CPU",
            f"for an NVIDIA GPU: the Dockerfile, or pip install 'tensorflow[and-cuda]=={version}'",
        ),
    ]


def arm_model() -> Finding:
    """Is the reference arm in the cache, and whole?"""
    from proprionet.arm.fetch import default_model

    try:
        return Finding("arm model", True, str(default_model()))
    except ModuleNotFoundError as error:
        return Finding("arm model", None, f"cannot be looked for without {error.name}", "pip install -e '.[arm]'")
    except InputError as error:
        return Finding("arm model", None, "not usable yet", str(error))


def optional_part(package: str) -> Finding:
    """Is the package installed? It is not imported, which would take seconds."""
    try:
        return Finding(package, True, metadata.version(package))
    except metadata.PackageNotFoundError:
        return Finding(package, None, "not installed", _OPTIONAL[package])


def disk(folder: Path) -> Finding:
    """Is there room for results on the disk of ``folder``?"""
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk",
        True if free >= DISK_FOR_PAPERS else None if free >= DISK_FOR_DEMO else False,
        f"{free / GIB:.0f} GiB free in {folder.resolve()}",
        f"the demo needs {DISK_FOR_DEMO // GIB} GiB, a data set of the papers' size {DISK_FOR_PAPERS // GIB} GiB",
    )


def memory() -> Finding:
    """Is there memory enough to train a network?"""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Finding(
        "memory", total >= MEMORY_FOR_DEMO, f"{total / GIB:.0f} GiB", f"the demo needs {MEMORY_FOR_DEMO // GIB} GiB"
    )


def _ask(package: str, question: str, answer_within_s: float) -> tuple[bool | None, str]:
    """Run a line of Python that prints its answer: did it work (None: cannot be said), and what it printed last."""
    if util.find_spec(package) is None:
        return None, "not installed"
    try:
        answer = subprocess.run(
            [sys.executable, "-c", question], capture_output=True, text=True, errors="replace", timeout=answer_within_s
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {answer_within_s:.0f} s: try again, the first start reads much from disk"
    if answer.returncode < 0:
        return False, f"crashed on import (signal {-answer.returncode})"
    works = answer.returncode == 0
    lines = (answer.stdout if works else answer.stderr).strip().splitlines()
    return works, lines[-1].strip() if lines else f"failed on import (exit code {answer.returncode})"
