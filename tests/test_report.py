"""The report of an experiment, from result files to the page."""

import importlib.util
import json
import os
from html.parser import HTMLParser

import fake_results as fake
import numpy as np
import pytest
from click.testing import CliRunner

from proprionet.plotting import style
from proprionet.plotting.wording import TITLES

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What is on a page: text, tags, ids and attributes; fails on tags that are not closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text, self.ids, self.sources, self.alts = [], set(), [], set(), [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        self.ids.add(attributes.get("id"))
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        self.alts += [attributes.get("alt")] if tag == "img" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    def says(self, text):
        return text in " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def make_report(repository):
    """The stage script; it lies outside of any package."""
    spec = importlib.util.spec_from_file_location("make_report", repository / "paper_figures" / "make_report.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_report


@pytest.fixture(scope="module")
def run(make_report, tmp_path_factory):
    """Run the script on some files; the result, and the folder that it wrote to."""

    def run(*arguments):
        out = tmp_path_factory.mktemp("report")
        return CliRunner().invoke(make_report, [*map(str, arguments), "--out", str(out / "report.html")]), out

    return run


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    """Report of a whole experiment: the folder, and the files that it was made from."""
    folder = tmp_path_factory.mktemp("results")
    config = folder / "tiny.yaml"
    config.write_text("name: tiny\nseed: 7\n")
    paths = fake.write_all(folder)
    result, out = run(*paths, "--config", config, "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out / "report.html")
    return out, [*paths, "--config", config, "--quiet"]


def test_page_stands_by_itself(whole):
    out, _ = whole
    html = (out / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert "script" not in page.tags
    assert "http" not in html.replace("data:image/png;base64", "")
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in page.sources)
    assert {source[1:] for source in page.sources if source.startswith("#")} <= page.ids
    assert page.alts
    assert all(page.alts)


def test_page_shows_every_section_and_number(whole):
    out, _ = whole
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert set(TITLES) | {"headlines", "settings", "provenance", "run-times"} <= page.ids
    assert page.says("Experiment tiny")
    assert page.says("pair accuracy 75.0 % of movements 50.0 % 3")
    assert page.says("layer: spatial0")
    assert page.says("seed: 7")
    assert page.says("there is a result of every stage")
    assert page.says("Together 85.0 s")


def test_every_drawing_is_written_as_pdf_and_png(whole):
    out, _ = whole
    names = {path.stem for path in (out / "figures").iterdir()}
    assert {path.name for path in (out / "figures").iterdir()} == {
        f"{n}.{end}" for n in names for end in ("pdf", "png")
    }
    assert names == {
        *("letters", "workspace", "arm", "muscles", "rejections", "dataset", "pairwise_accuracy", "training"),
        *("hard_pairs", "confusions", "confusions_2"),
        *("oracle_by_depth", "rdm", "rdm_2", "rdm_3", "tuning", "preferred_directions_horizontal", "prediction"),
        *("similarity_cka", "decoding_horizontal"),
        *("activations", "recording", "ranking"),
        *("learning_flip_flop", "trial_flip_flop", "fixed_points", "eigenvalues", "fixed_points_followed"),
        "dynamics_dynamics_similarity",
        "scree_dynamics_similarity",
    }


def test_summary_holds_headlines_and_run_times(whole):
    out, _ = whole
    summary = json.loads((out / "summary.json").read_text())
    assert summary["experiment"] == "tiny"
    assert summary["headlines"]["svm"]["pair_accuracy"] == {
        "value": 0.75,
        "unit": "of movements",
        "chance": 0.5,
        "n": 3,
    }
    assert summary["run_times_s"]["training_untrained"] == 2.5
    assert set(summary["headlines"]) == set(summary["run_times_s"])


def test_same_input_same_bytes(whole, run):
    first, arguments = whole
    _, second = run(*arguments)
    for path in sorted(first.rglob("*.*")):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


@pytest.fixture
def undrawn(monkeypatch):
    """The files of figures are empty."""
    monkeypatch.setattr(style, "save", fake.save_figure)


@pytest.mark.usefixtures("undrawn")
def test_reaches_are_not_spoken_of_as_letters(run, tmp_path):
    result, out = run(fake.movements(tmp_path / "movements.h5", letters="none", plane=np.zeros(2, int)))
    assert result.exit_code == 0, result.output
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert page.says("reaches straight from one place of the workspace to another")
    assert page.says("Outcome of every draw of a reach's places and durations.")
    assert not page.says("writes")


@pytest.mark.usefixtures("undrawn")
def test_an_incomplete_set_is_named(run, tmp_path):
    for shards, said in ((("1/3", "3/3"), True), (("1/2", "2/2"), False)):
        paths = [fake.movements(tmp_path / f"{shard[0]}of{shard[2]}.h5", shard=shard) for shard in shards]
        _, out = run(*paths)
        page = Page((out / "report.html").read_text(encoding="utf-8"))
        assert page.says("These are the shards 1/3, 3/3 of a larger set.") == said


@pytest.mark.usefixtures("undrawn")
def test_missing_stages_are_listed(run, tmp_path):
    result, out = run(fake.svm(tmp_path / "svm.h5"))
    assert result.exit_code == 0
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert "svm" in page.ids
    assert "rdm" not in page.ids
    assert page.says("Not part of this experiment Letters, Workspace, Movements, Data set, Linear decoder,")


def test_text_from_files_is_escaped(run, tmp_path):
    hostile = "<script>alert('1')</script>$\\frac{$\" onload=x"
    letters = fake.letters(tmp_path / "letters.h5", origin=hostile)
    rdm = fake.rdm(tmp_path / "rdm.h5", task=f"../{hostile}", trained=True)
    result, out = run(letters, rdm)
    assert result.exit_code == 0, result.output
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert Page(html).says(hostile)
    assert {path.stem for path in (out / "figures").iterdir()} == {"letters", "oracle_by_depth", "rdm"}


@pytest.mark.usefixtures("undrawn")
def test_undefined_numbers_are_null(run, tmp_path):
    path = fake.write(
        tmp_path / "s.h5",
        "start_points",
        {"horizontal": [[30, 0, 0]], "vertical": [[30, 0, 0]]},
        {"points": fake.one(float("nan"))},
        arm="human",
        arm_kinematics={},
    )
    result, out = run(path)
    assert result.exit_code == 0
    assert json.loads((out / "summary.json").read_text())["headlines"]["start_points"]["points"]["value"] is None
    assert Page((out / "report.html").read_text()).says("points undefined")


def test_broken_file_leaves_nothing_behind(run, tmp_path):
    good, broken = fake.svm(tmp_path / "svm.h5"), fake.letters(tmp_path / "letters.h5")
    os.truncate(broken, broken.stat().st_size // 2)
    result, out = run(good, broken)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: letters.h5: cannot be read as HDF5")
    assert result.stderr.count("\n") == 1
    assert list(out.iterdir()) == []


def test_dry_run_writes_nothing(run, tmp_path):
    result, out = run(fake.svm(tmp_path / "svm.h5"), "--dry-run")
    assert result.exit_code == 0
    assert "from svm" in result.stdout
    assert list(out.iterdir()) == []
