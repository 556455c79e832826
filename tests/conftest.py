"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:  # a process for every core: more threads would stand in each other's way
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(threads, "1")

settings.register_profile("proprionet", deadline=None)  # the first call of a compiled function takes seconds
settings.load_profile("proprionet")

ROOT = Path(__file__).resolve().parents[1]

SEQUENCE = "tests/sequence/"  # its tests share files that take long to make
LONG = (
    *("test_autoencoders.py", "test_notebooks.py", "test_report.py", "test_kill.py", "test_questions.py"),
    *("test_training.py", "test_backends.py", "test_recurrent_networks.py", "test_certificate.py", "test_audit.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that take longest come first, so that no process is left with them when all others are done."""
    items.sort(key=lambda item: not (item.path.name in LONG or item.nodeid.startswith(SEQUENCE)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under ``--dist loadfile`` one process runs all tests of the sequence, and files are begun in the order above."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return SEQUENCE if nodeid.startswith(SEQUENCE) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False  # else the files with most tests come first
    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def _hurry() -> Iterator[None]:
    """No test cuts the power, so none has to wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real letters, recordings and arm models that lies beside the repository where there is one."""
    folder = Path(os.environ.get("PROPRIONET_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("real reference data are not here (folder ../shared, or set PROPRIONET_SHARED)")
    return folder
