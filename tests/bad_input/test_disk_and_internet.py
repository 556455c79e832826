"""No room, no rights, no internet: said in one sentence."""

import os
import re
import resource
import subprocess

import pytest
import stages
from click.testing import CliRunner
from spoiled_files import GENERATE, MAKE, WRITE, refused, tree

from proprionet.main import main


def limited(n_bytes):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))}


@pytest.mark.parametrize(
    ("script", "inputs", "name"),
    [(MAKE, ["movements"], "out.h5"), (GENERATE, ["letters", "places"], "out.h5.parts/piece-000000.h5")],
)
def test_no_room_for_the_file(good, tmp_path, script, inputs, name):
    inputs = [getattr(good, kind) for kind in inputs]
    options = ("--config", good.settings, "--jobs", 1, "--quiet", "--out", tmp_path / "out.h5")
    process = stages.start(script, *inputs, *options, **limited(50_000))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    saying = "the file grows larger than this system allows; raise the limit (ulimit -f) or choose another --out"
    assert errors == f"Error: {tmp_path / name}: {saying}\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def read_only(tmp_path):
    """A folder that nobody may write into, and the words in front of a command that must see it so."""
    folder = tmp_path / "folder"
    folder.mkdir()
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder, [], "permission denied; choose another --out or change the permissions"
        folder.chmod(0o700)
        return
    mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    own_mounts = ["unshare", "--mount", "sh", "-c"]
    if subprocess.run([*own_mounts, mount], capture_output=True, check=False).returncode != 0:
        pytest.skip("the administrator may write everywhere, and may mount nothing read-only here")
    yield folder, [*own_mounts, f'{mount} && exec "$@"', "sh"], "the file system is read-only; choose another --out"


def test_a_folder_that_may_not_be_written(good, read_only):
    folder, before, saying = read_only
    words = stages.command(MAKE, good.movements, "--quiet", "--out", folder / "new" / "out.h5")
    done = subprocess.run([*before, *words], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"Error: {re.escape(str(folder))}[^\n]*: {saying}\n", done.stderr), done.stderr
    assert tree(folder) == []


def test_an_out_that_is_a_folder_or_lies_in_a_file(tmp_path):
    (tmp_path / "file").touch()
    for out in (tmp_path, tmp_path / "file" / "out.h5"):
        result = stages.run(WRITE, "--per-letter", 3, "--quiet", "--out", out)
        assert result.exit_code == 2
        assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
    assert tree(tmp_path) == [str(tmp_path / "file")]


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """Every way out leads to a closed port, and nothing has been fetched before."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    nowhere = "http://127.0.0.1:9"
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{nowhere}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nowhere)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("what", "saying"),
    [
        (["arm"], "osim-rl==3.0.11.*--model PATH.osim"),
        (
            ["letters", "--folder", "data"],
            "archive.ics.uci.edu.* could not be fetched .*by hand and put mixoutALL_shifted",
        ),
    ],
    ids=["arm", "letters"],
)
def test_fetching_without_a_network(tmp_path, monkeypatch, what, saying):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["fetch", *what])
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"Error: [^\n]*{saying}[^\n]*\n", result.stderr), result.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("no_network")
def test_movements_want_the_arm_that_was_not_fetched(good, tmp_path):
    refused(tmp_path, "the reference arm is not here; run 'proprionet fetch arm'", GENERATE, good.letters, good.places)


def test_debug_shows_where_it_happened(tmp_path):
    words = stages.command(MAKE, "none.h5", "--debug", "--out", tmp_path / "out.h5")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "Traceback" in done.stderr
