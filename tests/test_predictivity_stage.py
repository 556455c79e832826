"""The stage that compares predictions, and its leaderboard."""

import re

import fake_results as fake
import numpy as np
import pandas as pd
import planted_predictions as planted
import pytest
import stages

from proprionet import store
from proprionet.neural.predictivity import table
from proprionet.plotting import leaderboard

COMPARE = "neural_prediction/compare_predictions.py"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    predictions = planted.write_zoo(folder, architectures=2, controls=("constant_input",), n_neurons=8)
    return predictions, planted.write_evaluations(folder, architectures=2)


@pytest.fixture(scope="module")
def made(files, tmp_path_factory):
    predictions, evaluations = files
    out = tmp_path_factory.mktemp("out") / "predictivity.h5"
    result = stages.run(COMPARE, *predictions, *evaluations, "--out", out, "--jobs", 1)
    assert result.exit_code == 0, result.output
    return out, result


def test_tables_stand_beside_the_file_and_say_the_same(made, files):
    out, result = made
    kinds = {"": "csv", ".models": "csv", ".leaderboard": "csv", ".tests": "csv", ".controls": "csv"}
    kinds |= {".correlations": "csv"}
    assert {path.name for path in out.parent.iterdir()} == {
        out.name,
        "predictivity.html",
        *(f"predictivity{name}.{kind}" for name, kind in kinds.items()),
    }
    tidy = pd.read_csv(out.with_suffix(".csv"))
    assert tuple(tidy.columns) == table.COLUMNS
    assert len(tidy) == (2 * 2 * 5 * 2 * 5 + 3) * 8
    with store.read(out, "predictivity") as file:
        words = np.array(file.attribute("words"))
        for name, suffix in (("test", ".tests"), ("ranking", ".leaderboard"), ("correlation", ".correlations")):
            rows = pd.read_csv(out.with_suffix(f"{suffix}.csv"), keep_default_na=False, na_values=[""])
            for column in rows:
                values = file[f"{name}/{column}"]
                if store.KINDS["predictivity"].arrays[f"{name}/{column}"].about == "index into 'words'":
                    assert words[values].tolist() == rows[column].astype(object).fillna("").tolist(), column
                else:
                    np.testing.assert_allclose(values, rows[column], rtol=1e-5)
        headline = file.attribute("headline")
    assert headline["networks"] == {"value": 2 * 2 * 5, "unit": "networks", "sessions": 1}
    best = headline["best_area_2_active"]
    assert (best["unit"], best["model"], best["n"]) == ("of ceiling", "hand_position_velocity", 8)
    assert best["low"] < best["value"] < best["high"]
    assert "best_area_2_active" in result.stderr


def test_the_page_stands_by_itself(made):
    html = made[0].with_suffix(".html").read_text(encoding="utf-8")
    assert "http" not in html
    assert "<script" not in html
    text = re.sub("<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    assert re.search(r"1\s+Hand localization &amp; movements", text)
    assert "Baseline: muscle length velocity" in text
    assert "constant input" in text
    assert not re.search("nan|None|undefined", text)


def test_names_are_escaped_and_what_is_missing_is_blank():
    row = {"area": "<b>", "movement": "active", "rank": 1, "model": "network", "condition": "torque", "family": "x"}
    row |= {"name": "", "n_networks": 1, "n_sessions": 1, "n_neurons": 3, "score": 0.2, "low": 0.1, "high": 0.3}
    row |= {"explained_variance": 0.2, "untrained": np.nan, "baseline": np.nan, "unit": "of variance"}
    ranked = pd.DataFrame([row | {"best_baseline": ""}])
    controls = pd.DataFrame(columns=["area", "movement", "condition"])
    settings = {"best_layer": "training", "ceiling": "poisson", "confidence": 0.9}
    html = leaderboard.render("mine", ranked, controls, settings)
    assert "<b>" not in html
    assert "There is no baseline to compare with" in html
    assert "No noise ceiling is known" in html
    assert "90 % hierarchical" in html
    assert 'id="controls"' not in html


def test_without_evaluations_there_are_no_correlations(files, tmp_path):
    predictions = [path for path in files[0] if "net0" in path.name]
    stages.make(COMPARE, tmp_path / "p.h5", *predictions, "--best-layer", "neuron", "--ceiling", "poisson")
    assert not (tmp_path / "p.correlations.csv").exists()
    with store.read(tmp_path / "p.h5", "predictivity") as file:
        assert "correlation/r" not in file
        assert (file.attribute("best_layer"), file.attribute("ceiling")) == ("neuron", "poisson")


def test_the_ceiling_of_true_rates_is_not_there_for_recordings(files, tmp_path):
    result = stages.run(COMPARE, *files[0], "--ceiling", "true_rate", "--out", tmp_path / "p.h5")
    assert result.exit_code == 2
    assert "--ceiling true_rate is known of simulated neurons only; choose split_half or poisson" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["twice", "kind"])
def test_what_does_not_belong_together_is_refused_in_one_sentence(files, tmp_path, wrong):
    path, *_ = files[0]
    if wrong == "twice":
        other = tmp_path / "again.h5"
        other.write_bytes(path.read_bytes())
        message = "are both the prediction of Chips 2017-09-13 (active, control none) by net0, action_recognition"
    else:
        other, message = fake.rdm(tmp_path / "rdm.h5", "torque", True), "is a file of kind rdm, expected prediction or"
    result = stages.run(COMPARE, path, other, "--out", tmp_path / "out.h5")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out.h5").exists()
