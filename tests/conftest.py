"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("proprionet", deadline=None)  # the first call of a compiled function takes seconds
settings.load_profile("proprionet")

ROOT = Path(__file__).resolve().parents[1]

LONG = ("test_training_kill.py", "test_kill.py", "test_stages.py", "test_bad_input.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no process is left with one of them when all others are done."""
    items.sort(key=lambda item: item.path.name not in LONG)


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
