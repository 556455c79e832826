"""Movements from muscle tables, in full and compact form: the same as OpenSim's, and as each other."""

import numpy as np
import pytest
import stages

from proprionet import dataset, store
from proprionet.arm import tables
from proprionet.arm.certificate import Bound
from proprionet.movements import files

GENERATE = "dataset/generate_movements.py"
MAKE = "dataset/make_dataset.py"
ROUNDING_MM = 1e-4  # of lengths of 100 mm, and of the joint angles that they come from, in single precision


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A cache of our own for the tables, which are made once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fast")


@pytest.fixture(scope="module")
def arguments(folder):
    """Command line of a generation with a coarse table, which is fine enough for the tiny arm."""
    settings = stages.experiment(folder, movements={"per_letter": 7, "engine": "fast", "grid_deg": 30})
    letters = stages.make("dataset/write_letters.py", folder / "letters.h5", "--config", settings)
    return GENERATE, letters, stages.write_places(folder / "start_points.h5"), "--config", settings


@pytest.fixture(scope="module")
def full(arguments, folder):
    return stages.make_alone(arguments[0], folder / "full.h5", *arguments[1:])


@pytest.fixture(scope="module")
def compact(arguments, folder, full):
    return stages.make(arguments[0], folder / "compact.h5", *arguments[1:], "--form", "compact")


def samples(path, name):
    """Samples of all movements of a file, stored or derived."""
    with store.read(path, "movements", finite=True) as file:
        moves = files.Shards([file])
        return moves.samples(name, np.arange(len(moves.offsets) - 1))[0]


def test_lengths_from_tables_are_those_of_the_model(arguments, full, folder):
    exact = stages.make_alone(arguments[0], folder / "exact.h5", *arguments[1:], "--engine", "exact")
    np.testing.assert_array_equal(samples(full, "joints"), samples(exact, "joints"))
    apart = samples(full, "muscle_length") - samples(exact, "muscle_length")
    assert 0 < np.sqrt((apart**2).mean()) < 0.05
    with store.read(full, "movements") as file:
        assert file.attribute("engine") == "fast"
        assert not file.family("tables")


def test_a_compact_file_implies_the_full_one(full, compact):
    assert compact.stat().st_size < full.stat().st_size
    with store.read(full, "movements") as one, store.read(compact, "movements") as other:
        assert not {"hand", "muscle_length"} & set(other.shapes())
        for name in ("joints", "offsets", *files.OF_MOVEMENT):
            assert one[name].tobytes() == other[name].tobytes(), name
    np.testing.assert_allclose(samples(compact, "hand"), samples(full, "hand"), atol=1e-4)
    np.testing.assert_allclose(samples(compact, "muscle_length"), samples(full, "muscle_length"), atol=ROUNDING_MM)


def test_shards_of_a_compact_set_are_the_set(arguments, compact, tmp_path):
    compactly = (*arguments[1:], "--form", "compact", "--shard")
    shards = [stages.make(arguments[0], tmp_path / f"{part}.h5", *compactly, f"{part}/2") for part in (1, 2)]
    joined, whole = (
        stages.make(MAKE, tmp_path / f"{name}.h5", *movements, "--form", "compact")
        for name, movements in {"joined": shards, "whole": [compact]}.items()
    )
    ours, theirs = stages.content(joined), stages.content(whole)
    del ours["attributes"]["inputs"], theirs["attributes"]["inputs"]
    assert ours.pop("attributes") == theirs.pop("attributes")
    assert any(name.startswith("tables/") for name in ours)
    assert {name: values.tobytes() for name, values in ours.items()} == {
        name: values.tobytes() for name, values in theirs.items()
    }


@pytest.mark.parametrize("form", ["full", "compact"])
def test_a_data_set_of_compact_movements_is_that_of_full_ones(full, compact, tmp_path, form):
    ours = stages.make(MAKE, tmp_path / "ours.h5", compact, "--form", form, "--spindle", "firing", "--noise", 0.3)
    theirs = stages.make(MAKE, tmp_path / "theirs.h5", full, "--spindle", "firing", "--noise", 0.3)
    rows = np.array([0, 130, 7, 7])
    with store.read(ours, "dataset", finite=True) as one, store.read(theirs, "dataset", finite=True) as other:
        assert ("muscle_length" in one) == (form == "full")
        for name in ("joints", "first", "n_samples", "split", "index", "source", "noise"):
            np.testing.assert_array_equal(one[name], other[name])
        for name in ("hand", "elbow", "muscle_length"):
            ours_held, theirs_held = (dataset.read_rows(data, name, rows) for data in (one, other))
            np.testing.assert_allclose(ours_held, theirs_held, atol=1e-4)
        rates = (dataset.spindle_inputs(data, rows) for data in (one, other))
        np.testing.assert_allclose(*rates, atol=0.5)  # Hz; the rate is steep where all is still
        features = (dataset.features(data, rows, "muscle_length") for data in (one, other))
        np.testing.assert_allclose(*features, atol=ROUNDING_MM)


def test_a_compact_set_needs_no_model_and_no_cache(compact, tmp_path, monkeypatch):
    path = stages.make(MAKE, tmp_path / "dataset.h5", compact, "--form", "compact")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    with store.read(path, "dataset") as data:
        assert np.isfinite(dataset.spindle_inputs(data, np.arange(5))).all()
    assert not (tmp_path / "empty").exists()


def test_tables_that_miss_their_bound_are_refused(arguments, tmp_path, monkeypatch, full):
    monkeypatch.setattr(tables, "BOUND", Bound(length_rms=1e-9, length_max=1e-9, velocity_rms=1e-9))
    result = stages.run(*arguments, "--out", tmp_path / "movements.h5", "--jobs", 1)
    assert result.exit_code == 2
    message = result.stderr.splitlines()[-1]
    assert message.startswith("Error: the muscle tables of 'tiny' every 30 degrees are not accurate enough (")
    assert any(muscle in message for muscle in stages.MUSCLES)
    assert "use --engine exact" in message
    assert list(tmp_path.iterdir()) == []
