"""What every stage promises its user, tried on a tiny stage that writes two letters."""

import contextlib
import errno
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from proprionet import store
from proprionet.cli import InputFile, Run, explained, stage
from proprionet.errors import InputError


def build(act):
    """A stage with options of every sort; ``act`` happens while its file is half written."""

    @stage("arm", "movements", "pen", kind="letters")
    @click.argument("pen", type=InputFile("letters"), required=False)
    def make_letters(run: Run, pen: Path | None) -> None:
        """Make two letters, after PEN if it is given."""
        run.headline("letters", 2, "letters")
        with run.write() as file:
            for _ in run.progress(range(2), about="strokes"):
                file.append("samples", np.full((2, 2), run.settings.per_letter))
            act()
            file.write("offsets", [0, 2, 4])
            file.write("label", [0, 1])
            file.write("source", [0, 1])
            file.set(alphabet="ab", time_step_s=0.015, origin="test")
        run.done("python next.py")

    return make_letters


def nothing():
    pass


def bug():
    raise ZeroDivisionError("a fault of the program")


def full():
    raise OSError(errno.ENOSPC, "No space left on device", "letters.h5")


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Every test runs in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, act=nothing):
    """The stage in this process."""
    return CliRunner().invoke(build(act), [str(argument) for argument in arguments])


def run_process(*arguments, act="nothing", **how):
    """The stage in a process of its own, as a user starts it."""
    program = (
        f"import signal, sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"test_cli.build(test_cli.{act})()"
    )
    how = {"stderr": subprocess.PIPE, **how}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=False, **how)


def refusal(result):
    """The one sentence of a refused call."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")


def settings_of(path):
    with store.read(path) as file:
        return file.attribute("settings")


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_result_goes_where_the_experiment_says_with_its_provenance(folder):
    (folder / "mine.yaml").write_text("name: mine\nseed: 5\n")
    result = run("--config", "mine.yaml")
    assert result.exit_code == 0, result.output
    with store.read("results/mine/letters.h5", "letters", finite=True) as file:
        made = file.attributes()
    assert made["seed"] == 5
    assert made["settings"]["per_letter"] == 80
    assert made["settings"]["model"] is None
    assert made["libraries"]["numpy"] == np.__version__
    assert made["headline"] == {"letters": {"value": 2.0, "unit": "letters"}}
    assert made["elapsed_s"] >= 0
    assert result.stdout == ""
    assert "results/mine/letters.h5: done in " in result.stderr
    assert result.stderr.splitlines()[-2].endswith("; letters 2")  # and not 2 letters
    assert result.stderr.endswith("next: python next.py\n")


def test_options_win_over_the_experiment_which_wins_over_defaults(folder):
    movements = "{per_letter: 7, geometry: raw, engine: exact}"
    (folder / "mine.yaml").write_text(f"seed: 5\nmovements: {movements}\npen: {{keep_aspect: true}}\n")
    run("--config", "mine.yaml", "--per-letter", 9, "--no-keep-aspect", "--seed", 6, "--out", "a.h5")
    made = settings_of("a.h5")
    assert (made["per_letter"], made["geometry"], made["keep_aspect"]) == (9, "raw", False)
    assert made["max_attempts"] == 50
    with store.read("a.h5") as file:
        assert file.attribute("seed") == 6


def test_help_names_every_option_with_its_default_and_unit():
    result = run("--help")
    assert result.exit_code == 0
    for option in ("--config", "--out", "--seed", "--jobs", "--quiet", "--debug", "--dry-run", "--model"):
        assert option in result.stdout
    assert "--keep-aspect / --no-keep-aspect" in result.stdout
    text = " ".join(result.stdout.split())
    assert "--geometry [patched|raw]" in text
    assert "reject above this summed distance to the letter (cm) [default: 0.01]".lower() in text.lower()


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        ("movement: {}", "mine.yaml: unknown setting 'movement'; did you mean 'movements'?"),
        ("movements: {per_leter: 3}", "mine.yaml: unknown setting 'movements.per_leter'; did you mean 'per_letter'?"),
        ("movements: {per_letter: many}", "mine.yaml: 'movements.per_letter' is 'many': input should be a valid integ"),
        ("seed: [1", "mine.yaml, line 1: is not valid YAML"),
    ],
)
def test_a_bad_experiment_is_one_sentence(folder, yaml, sentence):
    (folder / "mine.yaml").write_text(yaml)
    assert refusal(run("--config", "mine.yaml")).startswith(sentence)
    assert everything(folder) == ["mine.yaml"]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--per-letter", 0, "options: 'per_letter' is 0: input should be greater than or equal to 1"),
        ("--config", "no.yaml", "no.yaml: cannot be read (No such file or directory)"),
        ("--model", "no.osim", "no.osim: does not exist, expected a file"),
        ("--model", ".", ".: is a folder, expected a file"),
    ],
)
def test_a_bad_option_is_one_sentence(folder, option, value, sentence):
    assert refusal(run(option, value)).startswith(sentence)
    assert everything(folder) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--per-letter", "many"], "Invalid value for '--per-letter': 'many' is not a valid integer."),
        (["--geometry", "round"], "Invalid value for '--geometry': 'round' is not one of 'patched', 'raw'."),
        (["--seed", "-1"], "Invalid value for '--seed': -1 is not in the range 0<=x<=9223372036854775807."),
        (["--per-leter", "3"], "--per-letter"),
    ],
)
def test_a_bad_call_is_explained(folder, arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert everything(folder) == []


def test_an_input_is_no_place_for_the_result(folder):
    run("--out", "a.h5")
    before = Path("a.h5").read_bytes()
    assert refusal(run("a.h5", "--out", folder / "a.h5")).endswith("a.h5: is one of the inputs; choose another --out")
    assert Path("a.h5").read_bytes() == before


def test_a_missing_file_in_the_experiment_is_found_before_anything_runs(folder):
    (folder / "mine.yaml").write_text("arm: {model: gone.osim}")
    assert refusal(run("--config", "mine.yaml", act=bug)) == "gone.osim: does not exist, expected a file"
    assert everything(folder) == ["mine.yaml"]


def test_dry_run_tells_and_writes_nothing(folder):
    result = run("--dry-run", "--per-letter", 3, "--out", "new/a.h5", act=bug)
    assert result.exit_code == 0
    assert result.stdout.startswith("would write new/a.h5 (kind letters, seed 1, ")
    assert "\n  per_letter: 3\n" in result.stdout
    assert everything(folder) == []


def test_a_dry_run_of_a_stage_that_looks_first(folder):
    @stage("movements", kind="letters", looks_first=True)
    def look(run: Run) -> None:
        if run.settings.per_letter == 3:
            raise InputError("three is one too many")
        run.ready()
        bug()

    assert refusal(CliRunner().invoke(look, ["--dry-run", "--per-letter", "3"])) == "three is one too many"
    assert CliRunner().invoke(look, ["--dry-run"]).stdout.startswith("would write results/")
    assert everything(folder) == []


def test_unseen_settings_count_only_where_they_are_needed(folder):
    @stage("training", kind="network", unseen=("arm",), unseen_for="stream")
    def learn(run: Run) -> None:
        run.say(run.settings.limits)

    (folder / "mine.yaml").write_text("arm: {model: gone.osim, limits: model}\n")
    alone = CliRunner().invoke(learn, ["--config", "mine.yaml", "--dry-run"])
    assert alone.exit_code == 0
    assert "from nothing\n" in alone.stdout
    assert "  stream: False\n" in alone.stdout
    assert "limits" not in alone.stdout
    needed = CliRunner().invoke(learn, ["--config", "mine.yaml", "--stream", "--dry-run"])
    assert refusal(needed) == "gone.osim: does not exist, expected a file"
    (folder / "gone.osim").write_text("an arm\n")
    needed = CliRunner().invoke(learn, ["--config", "mine.yaml", "--stream", "--dry-run"])
    assert "from gone.osim\n" in needed.stdout
    assert "  limits: model\n" in needed.stdout


def test_dry_run_says_what_is_there(folder):
    run("--out", "a.h5")
    assert run("--out", "a.h5", "--dry-run").stdout.endswith("the file is there already\n")
    assert run("--out", "a.h5", "--dry-run", "--seed", 9).stdout.endswith("already, made from something else\n")


def test_a_result_that_is_up_to_date_is_left_alone(folder):
    run("--out", "a.h5")
    before = os.stat("a.h5")
    result = run("--out", "a.h5", act=bug)
    assert result.exit_code == 0
    assert result.stderr == "a.h5: already made from the same inputs and settings, nothing to do\n"
    assert (os.stat("a.h5").st_mtime_ns, os.stat("a.h5").st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("setting", "max_attempts"),
        ("seed", "seed"),
        ("input", "inputs"),
        ("no input", "inputs"),
        ("version", "package_version"),
    ],
)
def test_a_result_made_from_something_else_is_never_overwritten(folder, monkeypatch, change, named):
    run("--out", "pen.h5")
    run("pen.h5", "--out", "a.h5")
    before = Path("a.h5").read_bytes()
    arguments = ["pen.h5", "--out", "a.h5"]
    if change == "setting":
        arguments += ["--max-attempts", "3"]
    elif change == "seed":
        arguments += ["--seed", "3"]
    elif change == "input":
        os.remove("pen.h5")
        run("--out", "pen.h5", "--seed", 2)
    elif change == "no input":
        arguments = arguments[1:]
    else:
        monkeypatch.setattr("proprionet.__version__", "99")
    sentence = f"a.h5: was made from other inputs or settings ({named}); remove it or choose another --out"
    assert refusal(run(*arguments)) == sentence
    assert Path("a.h5").read_bytes() == before


def test_a_broken_result_is_named_and_kept(folder):
    Path("a.h5").write_bytes(b"half a file")
    assert refusal(run("--out", "a.h5")) == "a.h5: cannot be read as HDF5, so it is corrupt or cut short."
    assert Path("a.h5").read_bytes() == b"half a file"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "in.h5: does not exist, expected an HDF5 file. Make it with dataset/write_letters.py"),
        (b"", "in.h5: cannot be read as HDF5, so it is corrupt or cut short. Make it with dataset/write_letters.py"),
        ("start_points", "in.h5: is a start_points file, expected a letters file."),
    ],
)
def test_a_bad_input_file_is_one_sentence(folder, content, sentence):
    if isinstance(content, bytes):
        Path("in.h5").write_bytes(content)
    elif content:
        with store.create(Path("in.h5"), content) as file:
            file.write("horizontal", np.zeros((1, 3)))
            file.write("vertical", np.zeros((1, 3)))
            file.set(arm="one", arm_kinematics={})
    assert refusal(run("in.h5")).startswith(sentence)


@pytest.mark.parametrize("place", ["pen.h5/a.h5", "pen.h5/deeper/a.h5"])
def test_a_place_inside_a_file_is_one_sentence(folder, place):
    run("--out", "pen.h5")
    assert "choose another --out" in refusal(run("--out", place, "--quiet"))


def test_a_name_that_is_too_long_is_one_sentence(folder):
    assert refusal(run("--out", f"{'x' * 250}.h5", "--quiet")).endswith("the name is too long; choose another --out")


def test_quiet_says_nothing():
    assert run("--quiet").output == ""


def test_the_quiet_still_hear_of_errors():
    assert refusal(run("--quiet", "no.h5")).startswith("no.h5: does not exist")


def test_a_full_disk_is_one_sentence_and_leaves_nothing(folder):
    result = run("--out", "a.h5", "--quiet", act=full)
    assert refusal(result) == "letters.h5: the disk is full; free some space and run the same command again"
    assert everything(folder) == []


def test_a_fault_of_the_program_shows_where_it_is(folder):
    result = run_process("--out", "a.h5", act="bug")
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("ZeroDivisionError: a fault of the program\n")
    assert everything(folder) == []


def test_debug_shows_where_a_refusal_comes_from(folder):
    for arguments in (["no.h5", "--debug"], ["--debug", "no.h5"], ["--debug", "--per-letter", "0"]):
        result = run_process(*arguments)
        assert result.returncode == 1
        assert "Traceback" in result.stderr
        assert "Error: " in result.stderr


def test_interrupt_leaves_nothing_half_written_and_says_how_to_go_on(folder):
    result = run_process("--out", "a.h5", "--quiet", act="interrupt")
    assert result.returncode == 130
    assert result.stderr == "Stopped. What is whole is kept; run the same command again to go on.\n"
    assert everything(folder) == []
    assert run_process("--out", "a.h5", "--quiet").returncode == 0


def test_terminated_like_interrupted(folder):
    result = run_process("--out", "a.h5", "--quiet", act="terminate")
    assert result.returncode == 130
    assert result.stderr == "Stopped. What is whole is kept; run the same command again to go on.\n"
    assert everything(folder) == []


def test_two_processes_never_make_one_file(folder):
    with store.locked(folder / "a.h5"):
        refused = run_process("--out", "a.h5", "--quiet")
    assert refused.returncode == 2
    assert refused.stderr == "Error: a.h5: another process is making this file; wait for it, or choose another --out\n"
    assert run_process("--out", "a.h5", "--quiet").returncode == 0
    assert everything(folder) == ["a.h5"]


def test_a_file_that_another_process_made_meanwhile_is_left_alone(folder, monkeypatch):
    @contextlib.contextmanager
    def another_is_faster(path):
        path.write_text("made by another")
        yield

    monkeypatch.setattr(store, "locked", another_is_faster)
    assert "made by another process meanwhile" in refusal(run("--out", "a.h5"))
    assert (folder / "a.h5").read_text() == "made by another"


def test_a_killed_stage_is_made_again_with_the_same_numbers(folder):
    program = Path("killed.py")
    program.write_text(
        f"import os, signal, sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_cli\n"
        "test_cli.build(lambda: os.kill(os.getpid(), signal.SIGKILL))()"
    )
    killed = subprocess.run([sys.executable, program, "--out", "a.h5"], check=False, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert len([name for name in everything(folder) if name.endswith(".tmp")]) == 1
    run("--out", "a.h5")
    run("--out", "b.h5")
    assert everything(folder) == ["a.h5", "b.h5", "killed.py"]
    with store.read("a.h5") as one, store.read("b.h5") as other:
        assert all(np.array_equal(one[name], other[name]) for name in one.shapes())


def test_progress_is_a_bar_on_a_terminal():
    ours, theirs = pty.openpty()
    done = run_process("--out", "a.h5", stderr=theirs)
    os.write(theirs, b"THE END")
    shown = b""
    while b"THE END" not in shown:
        shown += os.read(ours, 1 << 16)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, shown
    assert b"strokes" in shown
    assert b"2/2" in shown


@pytest.mark.parametrize("command", ["import proprionet.cli", "import proprionet.config, proprionet.errors"])
def test_help_waits_for_nothing_heavy(command):
    heavy = ["numpy", "h5py", "scipy", "sklearn", "matplotlib", "tensorflow", "keras", "opensim", "numba", "rich"]
    program = f"import sys, json; {command}; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


def test_sections_that_share_the_name_of_a_setting_are_a_fault_of_the_stage():
    with pytest.raises(TypeError, match="letters, movements share the name of a setting"):
        stage("letters", "movements", kind="letters")(lambda run: None)


@pytest.mark.parametrize(
    ("module", "extra"), [("opensim", "arm"), ("sklearn.svm", "analysis"), ("keras", "train"), ("matplotlib", "report")]
)
def test_a_missing_part_says_how_to_install_it(capsys, module, extra):
    with pytest.raises(SystemExit) as end, explained():
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    assert end.value.code == 2
    package = module.partition(".")[0]
    assert (
        capsys.readouterr().err
        == f"Error: this step needs {package}: pip install -e '.[{extra}]' in the project's folder\n"
    )


def test_a_missing_module_of_nobody_is_a_fault_of_the_program():
    with pytest.raises(ModuleNotFoundError), explained():
        raise ModuleNotFoundError("No module named 'nobody'", name="nobody")


def test_the_users_and_the_programs_errors_are_told_apart():
    with pytest.raises(SystemExit), explained():
        raise InputError("bad input")
    with pytest.raises(FileNotFoundError), explained():
        raise FileNotFoundError(errno.ENOENT, "No such file", "inner.txt")
    with pytest.raises(InputError), explained(debug=True):
        raise InputError("bad input")
