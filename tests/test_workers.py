import os
import signal
import subprocess
import sys
import time
import weakref

import pytest

from proprionet import workers
from proprionet.errors import InputError


class Tool:
    """What is loaded once a process: knows where, and how often it was used."""

    def __init__(self):
        self.process, self.uses = os.getpid(), 0

    def square(self, number):
        self.uses += 1
        return number**2, self.process, self.uses


def broken_load():
    raise InputError("arm.osim: has no muscle 'BRA'")


def slow_square(tool, number):
    time.sleep(0.05 if number % 2 else 0)
    return number**2


def make_tool(tool, number):
    return Tool()


def fail_at_3(tool, number):
    if number == 3:
        raise InputError("movement 3 cannot be written")
    return number


def die_at_3(tool, number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_piece_is_done_once_whatever_the_order(jobs):
    done = list(workers.run(Tool, slow_square, range(8), jobs))
    assert sorted(done) == [(index, index**2) for index in range(8)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_process_loads_once(jobs):
    results = [result for _, result in workers.run(Tool, Tool.square, range(8), jobs)]
    processes = {process for _, process, _ in results}
    assert len(processes) <= jobs
    assert (os.getpid() in processes) == (jobs == 1)
    for process in processes:
        uses = sorted(uses for _, used_by, uses in results if used_by == process)
        assert uses == list(range(1, len(uses) + 1))


def test_no_work_loads_nothing():
    assert list(workers.run(broken_load, Tool.square, [], 2)) == []


def test_results_come_as_they_are_ready():
    """With one process nothing is done before it is asked for, so that memory holds one result."""
    tools = []

    def load():
        tools.append(Tool())
        return tools[0]

    results = workers.run(load, Tool.square, range(5), 1)
    assert next(results)[0] == 0
    assert tools[0].uses == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_that_were_taken_are_not_kept(jobs):
    taken = []
    for _, result in workers.run(Tool, make_tool, range(8), jobs):
        assert not any(reference() for reference in taken)
        taken.append(weakref.ref(result))
        del result
    assert len(taken) == 8


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("load", "make", "message"),
    [(broken_load, Tool.square, "has no muscle 'BRA'"), (Tool, fail_at_3, "movement 3 cannot be written")],
    ids=["while loading", "at work"],
)
def test_an_error_reaches_the_caller_as_itself(jobs, load, make, message):
    with pytest.raises(InputError, match=message):
        list(workers.run(load, make, range(20), jobs))


def test_a_killed_worker_is_explained():
    with pytest.raises(InputError, match=r"a worker process was killed \(out of memory\?\).*fewer --jobs"):
        list(workers.run(Tool, die_at_3, range(6), 2))


ENDLESS = """
import os, sys, time
from proprionet import workers

def work(folder, number):
    open(f"{folder}/{os.getpid()}", "w").close()
    time.sleep(600)

def load():
    return sys.argv[1]

if __name__ == "__main__":
    list(workers.run(load, work, range(4), 2))
"""


@pytest.fixture
def endless(tmp_path):
    """A process whose two workers are at work for ever, and the ids of the workers."""
    script, folder = tmp_path / "endless.py", tmp_path / "workers"
    script.write_text(ENDLESS)
    folder.mkdir()
    parent = subprocess.Popen([sys.executable, script, folder], start_new_session=True, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: len(list(folder.iterdir())) == 2)
        yield parent, [int(path.name) for path in folder.iterdir()]
    finally:
        parent.kill()
        parent.communicate()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to that within {seconds} s"
        time.sleep(0.02)


def runs(process):
    """Whether a process is there and is more than an entry that nobody has collected."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system does not list processes in /proc")
def test_workers_die_when_their_parent_is_killed(endless):
    parent, at_work = endless
    assert all(map(runs, at_work))
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(runs, at_work)), seconds=10)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system does not list processes in /proc")
def test_control_c_ends_the_workers_without_a_word_of_theirs(endless):
    """A terminal interrupts the whole group; the one traceback is the parent's, which a stage turns into a sentence."""
    parent, at_work = endless
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=30)
    assert errors.decode().count("Traceback") == 1
    wait_until(lambda: not any(map(runs, at_work)), seconds=10)
