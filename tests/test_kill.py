"""Stages killed at any moment: what is there is whole, no worker stays, and the end is the same bit by bit."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import stages
from zygote import Order

from proprionet import store

EPOCHS = 30
MOVEMENTS = ("opensim", "proprionet.movements.files", "proprionet.movements.setup", "proprionet.movements.writing")
TRAINING = ("keras", "proprionet.dataset.stream", "proprionet.networks.training")

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes"),
    pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system does not list processes in /proc"),
]


@contextmanager
def zygote(folder, *modules):
    """Give orders to a process that has imported so much; the answer of each."""
    command = [sys.executable, str(stages.ROOT / "tests" / "zygote.py"), *modules]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        (folder / "errors").open("w+") as errors,
        subprocess.Popen(command, stderr=errors, text=True, env=environment, **pipes) as process,
    ):

        def carry_out(script, out, *arguments, **order):
            order = Order(script, str(out), [str(argument) for argument in arguments], **order)
            process.stdin.write(f"{json.dumps(vars(order))}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            assert answer, (folder / "errors").read_text()
            return json.loads(answer)

        yield carry_out


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    """Generate eight pieces of movements with some jobs into a file, as :class:`Order` says."""
    folder = tmp_path_factory.mktemp("inputs")
    settings = stages.experiment(folder, movements={"engine": "exact", "per_letter": 23})
    letters = stages.make("dataset/write_letters.py", folder / "letters.h5", "--config", settings)
    places = stages.write_places(folder / "start_points.h5")
    with zygote(folder, *MOVEMENTS) as carry_out:

        def generate(out, jobs, **order):
            words = (letters, places, "--config", settings, "--jobs", jobs)
            return carry_out("dataset/generate_movements.py", out, *words, **order)

        yield generate


@pytest.fixture(scope="module")
def uninterrupted(generation, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "movements.h5"
    generation(out, 1)
    return out


@pytest.mark.parametrize(("jobs", "kills"), [(1, 6), (2, 3)])
def test_killed_again_and_again_it_ends_with_the_same_bits(tmp_path, generation, uninterrupted, jobs, kills):
    out = tmp_path / "movements.h5"
    assert generation(out, jobs, kills=kills, saves=2, seed=jobs)["killed"] == kills
    stages.assert_same(out, uninterrupted)
    assert os.listdir(tmp_path) == ["movements.h5"]


def test_a_training_killed_again_and_again_ends_with_the_same_weights(tmp_path):
    settings, data = stages.experiment(tmp_path), stages.write_dataset(tmp_path / "dataset.h5")
    arguments = [data, "--config", settings, "--recipe", "published", "--epochs", EPOCHS, "--jobs", 1]
    killed, whole = tmp_path / "killed.h5", tmp_path / "whole.h5"
    with zygote(tmp_path, *TRAINING) as carry_out:
        for out, kills in ((killed, 10), (whole, 0)):
            answer = carry_out("nn-training/train.py", out, *arguments, kills=kills, saves=2, moment_s=0.1)
            assert answer["killed"] == kills
            assert (f"of {EPOCHS}, with 1 threads as before" in answer["said"]) == (kills > 0)
    with store.read(killed, "network") as file:
        assert len(file["epoch"]) == EPOCHS
    stages.assert_same(killed, whole)
    assert (tmp_path / "killed.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not killed.with_name("killed.h5.parts").exists()


def test_a_recurrent_training_killed_again_and_again_ends_with_the_same_weights(tmp_path):
    trials = ("--task", "flip_flop,n_bits=1,n_steps=20", "--practice", "flip_flop,n_bits=1,n_steps=20")
    steps = ("--n-updates", 60, "--interval", 2, "--batch-size", 4, "--n-validation", 8, "--jobs", 1)
    killed, whole = tmp_path / "killed.h5", tmp_path / "whole.h5"
    with zygote(tmp_path, "keras", "proprionet.rnn.training") as carry_out:
        for out, kills in ((killed, 2), (whole, 0)):
            answer = carry_out(
                "network_comparison/train.py", out, *trials, "--cell", "gru,n_units=4", *steps, kills=kills
            )
            assert answer["killed"] == kills
            assert ("going on from the last saved state, with 1 threads as before" in answer["said"]) == (kills > 0)
    stages.assert_same(killed, whole)
