"""The figure page of a data set, from files to HTML."""

import importlib.util
import re

import fake_results
import h5py
import numpy as np
import pytest
import stages
from click.testing import CliRunner

from proprionet import store
from proprionet.plotting import dataset_page, style
from proprionet.store.checking import put_attribute

FIGURES = {"classes", "durations_planes_jerks", "latents", "postures", "hand", "muscle_ranges", "arm", "muscles"}


@pytest.fixture(scope="module")
def describe(repository):
    """The script; it lies outside of any package."""
    path = repository / "paper_figures" / "describe_dataset.py"
    spec = importlib.util.spec_from_file_location("describe_dataset", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda *arguments: CliRunner().invoke(module.describe_dataset, [*map(str, arguments), "--quiet"])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return stages.write_dataset(tmp_path_factory.mktemp("data") / "dataset.h5")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = tmp_path_factory.mktemp("session") / "session.h5"
    with h5py.File(path, "w") as file:
        position = np.random.default_rng(0).normal(size=(300, 2)).cumsum(axis=0)
        file["kinematics"] = np.hstack([position, np.gradient(position, 0.01, axis=0)])
        file["offsets"] = np.arange(0, 301, 50)
    return path


def test_page_stands_by_itself_and_names_what_is_wrong(describe, data, session, tmp_path):
    out = tmp_path / "dataset.html"
    result = describe(data, "--session", session, "--out", out)
    assert result.exit_code == 0, result.output
    html = out.read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == len(FIGURES)
    assert "http" not in html.replace("data:image/png;base64", "")
    assert "<script" not in html
    assert "120 movements of the arm" in html
    assert "is outside" in html or "outside" in html  # joints of made-up movements leave their limits
    assert "length of BIClong" in html
    assert {path.stem for path in (tmp_path / "dataset").iterdir()} == FIGURES


def test_recorded_hand_is_drawn_beside_movements_in_horizontal_planes(data, session):
    from proprionet.neural.hand import read_hand

    with store.read(data, "dataset") as file:
        figures = {d.name: d.figure for d in dataset_page.drawings(file, recorded=read_hand(session, 0.01))}
    (legend,) = figures["hand"].legends
    assert [text.get_text() for text in legend.get_texts()] == ["horizontal planes", "recorded"]
    (legend,) = figures["postures"].legends
    assert [text.get_text() for text in legend.get_texts()] == ["horizontal planes", "vertical planes"]


def test_one_plane_is_enough(tmp_path):
    path = stages.write_dataset(tmp_path / "dataset.h5", plane=np.ones(120, int))
    with store.read(path, "dataset") as file:
        assert {drawing.name for drawing in dataset_page.drawings(file)} == FIGURES


def test_reaches_are_spoken_of_as_such(describe, tmp_path, monkeypatch):
    monkeypatch.setattr(style, "save", fake_results.save_figure)
    alike = {name: np.zeros(120, int) for name in ("label", "plane")}
    path = stages.write_dataset(tmp_path / "reaches.h5", source=np.arange(120), **alike)

    def reach(file):
        put_attribute(file, "letters", "none")
        put_attribute(file, "alphabet", "r")

    result = describe(stages.change(path, reach), "--out", tmp_path / "reaches.html")
    assert result.exit_code == 0, result.output
    html = (tmp_path / "reaches.html").read_text(encoding="utf-8")
    text = re.sub("<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    assert not re.search("letter|plane", text)
    assert {path.stem for path in (tmp_path / "reaches").iterdir()} == FIGURES - {"durations_planes_jerks", "latents"}


def test_movements_of_another_set_are_refused(describe, data, tmp_path):
    other = fake_results.movements(tmp_path / "movements.h5")
    result = describe(data, "--movements", other, "--out", tmp_path / "out" / "dataset.html")
    assert result.exit_code == 2
    assert "movements.h5: its alphabet is not that of dataset.h5; give the movements that the data" in result.output
    assert not (tmp_path / "out").exists()


def test_bad_session_leaves_nothing_behind(describe, data, tmp_path):
    bad = tmp_path / "bad.h5"
    with h5py.File(bad, "w") as file:
        file["spikes"] = np.zeros(3)
    result = describe(data, "--session", bad, "--out", tmp_path / "out" / "dataset.html")
    assert result.exit_code == 2
    assert "bad.h5: has no dataset 'kinematics'" in result.output
    assert not (tmp_path / "out").exists()


def test_dry_run_writes_nothing(describe, data, tmp_path):
    result = describe(data, "--out", tmp_path / "page.html", "--dry-run")
    assert result.exit_code == 0
    assert "would write" in result.output
    assert not any(tmp_path.iterdir())
