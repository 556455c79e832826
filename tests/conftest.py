"""Fixtures that every test may use."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("proprionet", deadline=None)  # the first call of a compiled function takes seconds
settings.load_profile("proprionet")

ROOT = Path(__file__).resolve().parents[1]

SEQUENCE = "tests/sequence/"  # its tests share files that take long to make
LONG = ("test_training_kill.py", "test_kill.py", "test_bad_settings.py", "test_broken_files.py")


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
