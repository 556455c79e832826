"""Arms to test with."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """File of the tiny arm."""
    pytest.importorskip("opensim", reason="opensim is not installed")
    import tiny_arm

    path = tmp_path_factory.mktemp("arm") / "tiny_arm.osim"
    tiny_arm.build().printToXML(str(path))
    return path


@pytest.fixture(scope="session")
def mobl_model(shared) -> Path:
    """The arm that the published lengths were made with."""
    pytest.importorskip("opensim", reason="opensim is not installed")
    return shared / "models" / "MoBL_ARMS_module5_scaleIK.osim"
