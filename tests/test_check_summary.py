"""The continuous check judges the numbers of the demo by their presence, finiteness and size."""

import importlib.util
import json

import pytest


@pytest.fixture(scope="module")
def checker(repository):
    """The program itself; it lies outside of any package."""
    spec = importlib.util.spec_from_file_location("check_summary", repository / ".ci" / "check_summary.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def summary(checker):
    headlines = {stage: {"number": {"value": 1, "unit": "letters"}} for stage in checker.STAGES}
    for (stage, name), (low, _) in checker.BOUNDS.items():
        headlines[stage][name] = {"value": low, "unit": "of movements"}
    return {"experiment": "demo", "headlines": headlines, "run_times_s": dict.fromkeys(checker.STAGES, 1.5)}


def test_good_summary_passes(checker, summary, tmp_path, capsys):
    file = tmp_path / "summary.json"
    file.write_text(json.dumps(summary))
    assert checker.main(file) == 0
    assert "good" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stage", "value", "said"),
    [
        ("svm", None, "stage svm has no headline"),
        ("svm", {"pair_accuracy": {"value": float("nan"), "unit": "1"}}, "nan is not a finite number"),
        ("svm", {"pair_accuracy": {"value": None, "unit": "1"}}, "svm, pair_accuracy: missing"),
        ("svm", {"pair_accuracy": {"value": 0.5, "unit": "1"}}, "0.5 is outside"),
        ("letters", {"letters": {"value": 20}}, "letters, letters: no unit"),
    ],
)
def test_bad_summary_is_explained(checker, summary, tmp_path, capsys, stage, value, said):
    summary["headlines"][stage] = value or {}
    file = tmp_path / "summary.json"
    file.write_text(json.dumps(summary))
    assert checker.main(file) == 1
    assert said in capsys.readouterr().err


def test_missing_summary_is_explained(checker, tmp_path, capsys):
    assert checker.main(tmp_path / "summary.json") == 1
    assert "the file is missing" in capsys.readouterr().err
