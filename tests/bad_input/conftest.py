"""Good files that the tests spoil copies of."""

from types import SimpleNamespace

import pytest
import stages
from spoiled_files import GENERATE, TRAIN, WRITE, csv, stroke, write_activations, write_session


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    """A good file of each kind that a stage reads; tests spoil copies of them."""
    folder = tmp_path_factory.mktemp("good")
    settings = stages.experiment(folder)
    files = SimpleNamespace(folder=folder, settings=settings)
    files.letters = stages.make(WRITE, folder / "letters.h5", "--per-letter", 3)
    files.pen = csv(folder / "pen.csv", stroke(30))
    files.places = stages.write_places(folder / "start_points.h5")
    few = ("--config", settings, "--per-letter", 3)
    files.movements = stages.make(GENERATE, folder / "movements.h5", files.letters, files.places, *few)
    files.dataset = stages.write_dataset(folder / "dataset.h5")
    files.activations = write_activations(folder / "activations.h5")
    files.session = write_session(folder / "session.h5")
    files.network = stages.make(TRAIN, folder / "network.h5", files.dataset, "--config", settings, "--untrained")
    return files


@pytest.fixture(scope="session")
def network(good):
    """A small untrained network for the small data set."""
    return good.network
