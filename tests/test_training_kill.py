"""A training killed again and again, at any step, ends with the same bits as one that never was."""

import os
import subprocess
import sys

import pytest
import stages

from proprionet import store

KILLS, EPOCHS = 10, 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes")


def test_killed_again_and_again_it_ends_with_the_same_weights(tmp_path):
    settings, data = stages.experiment(tmp_path), stages.write_dataset(tmp_path / "dataset.h5")
    arguments = [data, "--config", settings, "--recipe", "published", "--epochs", EPOCHS, "--jobs", 1]
    killed, whole = tmp_path / "killed.h5", tmp_path / "whole.h5"
    zygote = [sys.executable, stages.ROOT / "tests" / "zygote.py"]
    commands = [[*zygote, kills, 3, out, *arguments] for kills, out in ((KILLS, killed), (0, whole))]
    first, second = (
        subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in commands
    )
    for process, kills in ((first, KILLS), (second, 0)):
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        assert int(output) == kills
        assert (f"of {EPOCHS}, with 1 threads as before" in errors) == (kills > 0)
    with store.read(killed, "network") as file:
        assert len(file["epoch"]) == EPOCHS
    stages.assert_same(killed, whole)
    assert (tmp_path / "killed.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not killed.with_name("killed.h5.parts").exists()
