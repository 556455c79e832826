"""Movement generation killed at any moment: what is there is whole, no worker stays, and the end is the same."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import stages

from proprionet import store

KILLS = 5  # for each number of workers
GENERATE = "dataset/generate_movements.py"

pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system does not list processes in /proc")


@pytest.fixture(scope="module")
def arguments(tmp_path_factory):
    """Command line of a generation in seven pieces, but for --jobs and --out."""
    folder = tmp_path_factory.mktemp("inputs")
    settings = stages.experiment(folder, movements={"engine": "exact", "per_letter": 23})
    letters = stages.make("dataset/write_letters.py", folder / "letters.h5", "--config", settings)
    places = stages.make("dataset/find_start_points.py", folder / "start_points.h5", "--config", settings)
    return GENERATE, letters, places, "--config", settings


@pytest.fixture(scope="module")
def uninterrupted(arguments, tmp_path_factory):
    return stages.make_alone(arguments[0], tmp_path_factory.mktemp("whole") / "movements.h5", *arguments[1:])


def group(leader):
    """Processes of a group that run or sleep, though perhaps nobody waits for them any more."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == leader and state not in "ZX":
            members.append(int(entry.name))
    return members


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} within {seconds} s"
        time.sleep(0.01)


def kill_at_a_random_moment(process, parts, random):
    """Kill the parent alone, some time after some of the pieces are there; False if it ended before that."""
    n_pieces = len(list(parts.glob("*.h5"))) + random.integers(0, 5)
    wait_until(lambda: len(list(parts.glob("*.h5"))) >= n_pieces or process.poll() is not None, 180, "no more pieces")
    time.sleep(random.uniform(0, 0.3 if parts.is_dir() else 1.5))
    if process.poll() is not None:
        assert process.returncode == 0, process.communicate()[1]
        process.communicate()
        return False
    process.kill()
    process.wait()
    wait_until(lambda: not group(process.pid), 20, f"workers {group(process.pid)} do not die")
    process.communicate()
    return True


@pytest.mark.parametrize("jobs", [1, 3])
def test_killed_again_and_again_it_ends_with_the_same_bits(tmp_path, arguments, uninterrupted, jobs):
    random = np.random.default_rng(jobs)
    out = tmp_path / "movements.h5"
    parts = out.with_name("movements.h5.parts")
    kills = 0
    while kills < KILLS:
        process = stages.start(*arguments, "--jobs", jobs, "--out", out)
        kills += kill_at_a_random_moment(process, parts, random)
        for path in [*parts.glob("*.h5"), *tmp_path.glob("*.h5")]:
            with store.read(path, "movements", finite=True):
                pass
        if out.exists() and kills < KILLS:
            stages.assert_same(out, uninterrupted)
            out.unlink()
            shutil.rmtree(parts, ignore_errors=True)
    process = stages.start(*arguments, "--jobs", jobs, "--out", out)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    stages.assert_same(out, uninterrupted)
    assert os.listdir(tmp_path) == ["movements.h5"]
