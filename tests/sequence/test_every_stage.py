"""Every stage makes a good file, once, and never writes over one."""

import shutil

import pytest
import stages
from click.testing import CliRunner

from proprionet import store
from proprionet.main import main

KINDS = {
    "recognition": "network",
    "decoding": "network",
    "untrained": "network",
    "neurons": "network",
    "decoder_activations": "activations",
    "decoder_evaluation": "evaluation",
    "neurons_evaluation": "evaluation",
    "null_tuning": "tuning",
    "summary": "unit_summary",
    "population": "decoding",
    "dissection": "dissection",
    "data_driven": "prediction",
    **{kind: kind for kind in ["letters", "start_points", "movements", "dataset", "svm", "linear_decoder"]},
    **{
        kind: kind
        for kind in ["activations", "rdm", "similarity", "embedding", "tuning", "session", "prediction", "evaluation"]
    },
}


def test_every_file_is_good_and_says_where_it_came_from(made):
    assert set(made.files) == set(KINDS)
    for name, path in made.files.items():
        with store.read(path, KINDS[name], finite=True) as file:
            attributes = file.attributes()
        inputs = [word for word in made.commands[name][1:-2] if word in made.files.values()]
        for used in inputs:
            assert attributes["inputs"][used.name] == store.sha256(used)
        assert attributes["seed"] == 5
        assert attributes["headline"]
    assert not list(made.folder.glob("*.parts"))
    assert not list(made.folder.glob(".*"))


def test_the_validator_is_content(made):
    result = CliRunner().invoke(main, ["validate", *map(str, made.files.values())])
    assert result.exit_code == 0
    assert result.stdout.count(": good (") == len(made.files)


@pytest.mark.parametrize("name", KINDS)
def test_a_second_call_finds_nothing_to_do(made, name):
    path = made.files[name]
    before = path.stat()
    result = stages.run(*made.commands[name], "--out", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{path}: already made from the same inputs and settings, nothing to do\n"
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_settings_never_overwrite_a_file(made):
    before = made.files["dataset"].read_bytes()
    result = stages.run(*made.commands["dataset"], "--out", made.files["dataset"], "--n-steps", 330)
    assert result.exit_code == 2
    assert "was made from other inputs or settings (n_steps); remove it or choose another --out" in result.stderr
    assert made.files["dataset"].read_bytes() == before


def test_what_a_kill_after_the_end_left_is_cleared_away(made, tmp_path):
    path = tmp_path / "dataset.h5"
    shutil.copy(made.files["dataset"], path)
    (tmp_path / "dataset.h5.parts").mkdir()
    (tmp_path / "dataset.h5.parts" / "piece-000000.h5").touch()
    assert stages.run(*made.commands["dataset"], "--out", path).exit_code == 0
    assert list(tmp_path.iterdir()) == [path]
