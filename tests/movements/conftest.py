"""A writer with a tiny arm."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import stages

from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import read_profile
from proprionet.letters.latents import PLANES
from proprionet.letters.synthetic import write_letters
from proprionet.movements.writing import Limits, MovementWriter, WriterSettings


@pytest.fixture(scope="session")
def letters():
    return write_letters(3, seed=1)


@pytest.fixture(scope="session")
def settings(letters, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arm")
    stages.experiment(folder)
    profile = read_profile(folder / "arm.yaml")
    engine = EngineSettings.of(profile, folder / "tiny_arm.osim")
    places = dict.fromkeys(PLANES, np.array(stages.REACHABLE))
    return WriterSettings(letters, places, profile, engine, Limits(), seed=2)


@pytest.fixture(scope="session")
def write(settings):
    """Write movements of the given numbers, with some of the settings changed."""
    engine = settings.engine.load()

    def write(index, **changes):
        return MovementWriter(dataclasses.replace(settings, **changes), engine).write(np.asarray(index))

    return write


@pytest.fixture(scope="session")
def still_muscles():
    """An engine that takes no time: lengths that never change."""
    return SimpleNamespace(lengths=lambda joints: np.full((len(joints), 4), 100.0))


@pytest.fixture(scope="session")
def sketch(settings, still_muscles):
    """Write movements without muscles, of which many can be made."""

    def sketch(index, **changes):
        return MovementWriter(dataclasses.replace(settings, **changes), still_muscles).write(np.asarray(index))

    return sketch
