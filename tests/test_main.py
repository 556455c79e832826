"""The command ``proprionet``."""

import errno
import subprocess
import sys
import types

import numpy as np
import pytest
from click.testing import CliRunner

import proprionet
from proprionet import doctor, store
from proprionet.arm import fetch as arm
from proprionet.errors import InputError
from proprionet.letters import uci
from proprionet.main import main


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def letters(tmp_path):
    source = tmp_path / "pen.csv"
    source.write_text("x,y\n")
    path = tmp_path / "letters.h5"
    settings = {"per_letter": 2, "model": None}
    with store.create(path, "letters", settings=settings, seed=7, inputs=[source]) as file:
        file.write("samples", np.zeros((6, 2)))
        file.write("offsets", [0, 3, 6])
        file.write("label", [0, 1])
        file.write("source", [0, 1])
        file.set(alphabet="ab", time_step_s=0.015, origin="test", headline={"letters": {"value": 2.0}})
    return path


def test_info_prints_all_that_a_file_says(letters, tmp_path):
    result = run("info", letters)
    assert result.exit_code == 0
    shown = result.stdout
    assert shown.startswith(f"{letters}: letters (schema 1), pen letters at 15 ms steps, one after another\n")
    assert "samples                      6 x 2 float64 [cm]  (sample, pen_axis)" in shown
    with store.read(letters) as file:
        for name in file.shapes():
            assert f"\n  {name} " in shown
        for name, value in file.attributes().items():
            if name not in ("kind", "schema_version"):
                assert f"\n  {name}" in shown
                assert isinstance(value, dict) or f"  {name}: {value}\n" in shown
    assert "    per_letter: 2\n    model: None\n" in shown
    assert f"    pen.csv: {store.sha256(tmp_path / 'pen.csv')}\n" in shown


@pytest.mark.parametrize("command", ["info", "validate"])
def test_a_file_that_is_none_is_one_sentence(command, tmp_path):
    result = run(command, tmp_path / "no.h5")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"Error: {tmp_path / 'no.h5'}: does not exist, expected an HDF5 file." in result.stderr
    assert isinstance(run(command, tmp_path / "no.h5", "--debug").exception, store.StoreError)


def test_validate_looks_at_every_file_and_every_number(letters, tmp_path):
    good = letters.rename(tmp_path / "good.h5")
    bad = tmp_path / "bad.h5"
    bad.write_bytes(good.read_bytes()[:-100])
    assert run("validate", good).output == f"{good}: good (letters)\n"
    result = run("validate", bad, good, bad)
    assert result.exit_code == 2
    assert result.stdout == f"{good}: good (letters)\n"
    message = "Error: bad.h5: cannot be read as HDF5, so it is corrupt or cut short.\n"
    assert result.stderr == f"{message}{message}2 of 3 files are bad\n"


def test_validate_finds_a_number_that_is_none(letters):
    import h5py

    with h5py.File(letters, "r+") as file:
        file["samples"][4, 1] = np.nan
    result = run("validate", letters)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: letters.h5: 'samples' holds NaN or infinity, first in row 4\n" in result.stderr


def test_validate_wants_a_file():
    assert run("validate").exit_code == 2


def test_version():
    assert proprionet.__version__ in run("--version").stdout


def test_the_command_is_a_module_too():
    done = subprocess.run([sys.executable, "-m", "proprionet", "--help"], capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("info", "validate", "fetch", "doctor"))


@pytest.mark.parametrize("cached", [True, False])
def test_fetch_arm_prints_the_path_and_once_the_licence(monkeypatch, tmp_path, cached):
    asked = []
    monkeypatch.setattr(arm, "is_reference_model", lambda path: cached)
    monkeypatch.setattr(arm, "fetch_arm", lambda offline: asked.append(offline) or tmp_path / "arm.osim")
    result = run("fetch", "arm", "--offline")
    assert asked == [True]
    assert result.stdout == f"{tmp_path / 'arm.osim'}\n"
    assert (arm.ARM_LICENCE in result.stderr) == (not cached)


def test_fetch_arm_offline_without_the_arm_is_one_sentence(monkeypatch):
    def absent(offline):
        raise InputError("the reference arm is not here")

    monkeypatch.setattr(arm, "fetch_arm", absent)
    result = run("fetch", "arm", "--offline")
    assert (result.exit_code, result.stderr) == (2, "Error: the reference arm is not here\n")


def test_fetch_letters_prints_the_path(monkeypatch, tmp_path):
    monkeypatch.setattr(uci, "download_uci", lambda folder, sha256: folder / f"{sha256}.mat")
    result = run("fetch", "letters", "--folder", tmp_path, "--sha256", "ab")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'ab.mat'}\n")


def test_fetch_letters_onto_a_full_disk_is_one_sentence(monkeypatch, tmp_path):
    def full(folder, sha256):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(uci, "download_uci", full)
    result = run("fetch", "letters", "--folder", tmp_path)
    assert (result.exit_code, result.stderr.startswith(f"Error: {tmp_path}: the disk is full")) == (2, True)


@pytest.mark.parametrize(("ok", "code", "mark"), [(True, 0, "ok"), (None, 0, "optional"), (False, 1, "MISSING")])
def test_doctor_tells_what_to_do(monkeypatch, ok, code, mark):
    finding = types.SimpleNamespace(name="OpenSim", ok=ok, detail="as it is", remedy="install it")
    monkeypatch.setattr(doctor, "check", lambda: [finding])
    result = run("doctor")
    assert result.exit_code == code
    assert result.stdout.startswith(mark)
    assert ("-> install it" in result.stdout) == (ok is not True)
