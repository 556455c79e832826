"""A file is there whole or not at all, whatever happens at whatever moment."""

import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from proprionet import store
from proprionet.store import atomic


def write(path, value):
    """A file of letters with all moments of writing in it; ``value`` tells one from another."""
    with store.create(path, "letters", settings={"value": value}) as file:
        for _ in range(2):
            file.append("samples", np.full((2, 2), value))
        file.write("offsets", [0, 2, 4])
        file.write("label", [0, 1])
        file.write("source", [0, 1])
        file.set(alphabet="ab", time_step_s=0.015, origin="test")


def in_a_process(program, folder, *arguments, before=()):
    command = [*before, sys.executable, "-c", program, str(Path(__file__).parent), str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def value_of(path):
    with store.read(path, "letters", finite=True) as file:
        assert (file["samples"] == file.attribute("settings")["value"]).all()
        return file.attribute("settings")["value"]


class Stop:
    """Calls ``die`` at the ``number``-th moment of writing."""

    def __init__(self, die, number):
        self.die, self.number, self.moments = die, number, []

    def __call__(self, moment):
        self.moments.append(moment)
        if len(self.moments) == self.number:
            self.die(moment)


def moments_of_writing(folder):
    """Names of all moments of writing one file, in their order."""
    count = Stop(lambda moment: None, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic, "checkpoint", count)
        write(folder / "counted.h5", 0)
    (folder / "counted.h5").unlink()
    return count.moments


def test_every_moment_of_writing_is_watched(tmp_path):
    moments = moments_of_writing(tmp_path)
    assert [moment for moment in moments if moment != "write"] == [
        "after create",
        *["after block of samples"] * 2,
        *["after offsets", "after label", "after source"],
        *["before sync", "before rename", "after rename"],
    ]
    assert moments.count("write") >= 3


class Crash(BaseException):
    """Any way out of the program that is no error of the disk."""


def crash(moment):
    raise Crash


def interrupt(moment):
    os.kill(os.getpid(), signal.SIGINT)


def fault(number):
    def die(moment):
        raise OSError(number, os.strerror(number))

    return die


DEATHS = {
    "crash": (crash, Crash),
    "interrupt": (interrupt, KeyboardInterrupt),
    "disk full": (fault(errno.ENOSPC), OSError),
    "permission": (fault(errno.EACCES), PermissionError),
    "broken disk": (fault(errno.EIO), OSError),
}


@pytest.fixture
def interruptible():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("before", [None, 1.0], ids=["nothing there", "old file there"])
@pytest.mark.parametrize(("die", "error"), DEATHS.values(), ids=DEATHS)
def test_an_error_at_any_moment_leaves_nothing_half_written(tmp_path, monkeypatch, die, error, before):
    path = tmp_path / "letters.h5"
    if before is not None:
        write(path, before)
    for number, moment in enumerate(moments_of_writing(tmp_path), start=1):
        if die is crash and moment == "write":
            continue  # inside HDF5's own writing only the disk and the user get a word in
        monkeypatch.setattr(atomic, "checkpoint", Stop(die, number))
        with pytest.raises(error):
            write(path, 2.0)
        monkeypatch.undo()
        assert list(tmp_path.glob(".*")) == [], f"leftovers after dying at moment {number}, {moment}"
        if moment == "after rename":
            assert value_of(path) == 2.0
        elif before is None:
            assert not path.exists()
        else:
            assert value_of(path) == before
    write(path, 3.0)
    assert value_of(path) == 3.0


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from proprionet.store import atomic
from test_atomic import Stop, write

def die(moment):
    os._exit(9) if sys.argv[4] == "exit" else os.kill(os.getpid(), signal.SIGKILL)

os.fsync = lambda handle: None
folder = Path(sys.argv[2])
for number in map(int, sys.argv[3].split(",")):
    child = os.fork()
    if child == 0:
        atomic.checkpoint = Stop(die, number)
        write(folder / f"{number}.h5", 2.0)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("way", ["exit", "kill"])
def test_a_process_killed_at_any_moment_leaves_the_old_or_the_new_file(tmp_path, way):
    moments = moments_of_writing(tmp_path)
    numbers = range(1, len(moments) + 1)
    for number in numbers[::2]:  # the others start from nothing
        write(tmp_path / f"{number}.h5", 1.0)
    done = in_a_process(KILLED, tmp_path, ",".join(map(str, numbers)), way)
    assert done.returncode == 0, done.stderr
    leftovers = list(tmp_path.glob(".*.tmp"))
    assert len(leftovers) == len(moments) - 1  # all but the one that died after the rename
    for number, moment in zip(numbers, moments, strict=True):
        path = tmp_path / f"{number}.h5"
        if moment == "after rename":
            assert value_of(path) == 2.0
        elif number % 2:
            assert value_of(path) == 1.0
        else:
            assert not path.exists()
        write(path, 3.0)
        assert value_of(path) == 3.0
    assert list(tmp_path.glob(".*.tmp")) == []


def leftover(path, process):
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}-{process}.tmp")
    temporary.write_bytes(b"half")
    return temporary


def dead_process():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize("name", ["letters.h5", "[a-z]*?.h5", "ä b.h5"])
def test_only_what_dead_processes_left_for_this_file_is_removed(tmp_path, name):
    path, dead = tmp_path / name, dead_process()
    gone = leftover(path, dead)
    kept = [
        leftover(path, os.getppid()),
        leftover(path, "12x"),
        leftover(tmp_path / "other.h5", dead),
        path.with_name(f".{name}.elsewhere-{dead}.tmp"),
    ]
    kept[-1].write_bytes(b"half")
    atomic.write_text(path, "whole")
    assert path.read_text() == "whole"
    assert not gone.exists()
    assert all(file.exists() for file in kept)


def test_a_living_process_of_another_user_counts_as_living(monkeypatch, tmp_path):
    def forbidden(process, number):
        raise PermissionError

    temporary = leftover(tmp_path / "a.csv", 1)
    monkeypatch.setattr(os, "kill", forbidden)
    atomic.write_text(tmp_path / "a.csv", "x")
    assert temporary.exists()


def test_text_replaces_the_old_one_whole(tmp_path):
    path = tmp_path / "folder" / "table.csv"
    atomic.write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        atomic.write_text(path, "\ud800")
    assert path.read_text() == "old\n"
    atomic.write_text(path, "neu ä\n")
    assert path.read_text(encoding="utf-8") == "neu ä\n"
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]


def test_an_error_names_the_file_that_the_user_knows(tmp_path, monkeypatch):
    number = moments_of_writing(tmp_path).index("write") + 1
    monkeypatch.setattr(atomic, "checkpoint", Stop(fault(errno.ENOSPC), number))
    with pytest.raises(OSError, match="No space left") as problem:
        write(tmp_path / "letters.h5", 1.0)
    assert problem.value.filename == str(tmp_path / "letters.h5")


def test_a_folder_that_cannot_be_synced_does_no_harm(tmp_path, monkeypatch):
    sync = atomic._sync

    def files_only(path):
        if path.is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(path)

    monkeypatch.setattr(atomic, "_sync", files_only)
    write(tmp_path / "letters.h5", 1.0)
    assert value_of(tmp_path / "letters.h5") == 1.0


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from proprionet.cli import explained
from test_atomic import write
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
with explained():
    write(Path(sys.argv[2]) / "letters.h5", 2.0)
"""


@pytest.mark.parametrize("limit", [0, 100, 3000, 5000, 1_000_000])
def test_a_real_limit_on_the_size_of_files(tmp_path, limit):
    write(tmp_path / "letters.h5", 1.0)
    done = in_a_process(LIMITED, tmp_path, str(limit))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: {tmp_path}/letters.h5: the file grows larger than this system allows; "
        "raise the limit (ulimit -f) or choose another --out\n"
    )
    assert [file.name for file in tmp_path.iterdir()] == ["letters.h5"]
    assert value_of(tmp_path / "letters.h5") == 1.0


MOUNTED = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from proprionet.cli import explained
from test_atomic import value_of, write
folder = Path(sys.argv[2]) / "disk"
folder.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], check=True)
write(folder / "letters.h5", 1.0)  # takes about half of it
if sys.argv[3] == "read-only":
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
try:
    with explained():
        write(folder / "letters.h5", 2.0)
finally:
    assert os.listdir(folder) == ["letters.h5"], os.listdir(folder)
    assert value_of(folder / "letters.h5") == 1.0
"""


@pytest.fixture(scope="module")
def own_mounts():
    """Command that runs a program in a world of mounts of its own."""
    command = ["unshare", "--mount", "--map-root-user"]
    try:
        subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system lets nobody mount a small disk for a test (unshare --mount)")
    return command


@pytest.mark.parametrize(
    ("state", "saying"),
    [
        ("full", "the disk is full; free some space and run the same command again"),
        ("read-only", "the file system is read-only; choose another --out"),
    ],
)
def test_a_real_disk_that_is_full_or_read_only(tmp_path, own_mounts, state, saying):
    done = in_a_process(MOUNTED, tmp_path, state, before=own_mounts)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr == f"Error: {tmp_path}/disk/letters.h5: {saying}\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        write(tmp_path / "letters.h5", 1.0)
