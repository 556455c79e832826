"""The doctor tells fit from unfit from optional, whatever a library does when it is loaded."""

import shutil
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.specifiers import SpecifierSet

from proprionet import doctor
from proprionet.errors import InputError


@pytest.fixture
def installed(monkeypatch):
    """Let every package count as installed, and OpenSim be loaded by the given line of Python."""
    monkeypatch.setattr(doctor.util, "find_spec", lambda _: object())
    return lambda line: monkeypatch.setattr(doctor, "_ASK_OPENSIM", line)


def test_python_range_is_the_one_of_the_package(repository):
    stated = SpecifierSet(tomllib.loads((repository / "pyproject.toml").read_text())["project"]["requires-python"])
    for minor in range(8, 20):
        assert doctor.python((3, minor, 1)).ok == (f"3.{minor}.1" in stated)


def test_array_library_that_does_not_load_is_a_fault(monkeypatch):
    assert doctor.arrays_and_files().ok is True
    monkeypatch.setitem(sys.modules, "h5py", None)
    found = doctor.arrays_and_files()
    assert found.ok is False
    assert "constraints.txt" in found.remedy


def test_working_library_tells_its_version(installed):
    installed("print('a warning'); print('4.6')")
    found = doctor.opensim_engine()
    assert (found.ok, found.detail) == (True, "4.6")


def test_crash_of_native_code_is_a_finding(installed):
    installed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    found = doctor.opensim_engine()
    assert found.ok is False
    assert "signal 11" in found.detail


def test_failing_import_shows_the_reason(installed):
    installed("raise ImportError('libz.so.1: cannot open shared object file')")
    found = doctor.opensim_engine()
    assert found.ok is False
    assert "libz.so.1" in found.detail
    assert ".[arm]" in found.remedy


def test_slow_library_is_not_called_broken(installed):
    installed("import time; time.sleep(60)")
    found = doctor.opensim_engine(answer_within_s=0.2)
    assert found.ok is None
    assert "no answer within" in found.detail


def test_missing_library_is_no_fault(monkeypatch):
    monkeypatch.setattr(doctor.util, "find_spec", lambda _: None)
    assert doctor.opensim_engine().ok is None
    assert [found.ok for found in doctor.tensorflow_and_gpu()] == [None]


@pytest.mark.parametrize(("names", "ok", "said"), [("", None, "none seen"), ("GPU:0 GPU:1", True, "GPU:0, GPU:1")])
def test_gpus_are_named(installed, monkeypatch, names, ok, said):
    monkeypatch.setattr(doctor, "_ASK_TENSORFLOW", f"print('2.21.0 {names}')")
    version, gpu = doctor.tensorflow_and_gpu()
    assert (version.ok, version.detail) == (True, "2.21.0")
    assert gpu.ok is ok
    assert said in gpu.detail
    assert "tensorflow[and-cuda]==2.21.0" in gpu.remedy


def test_arm_that_is_not_fetched_is_no_fault(monkeypatch, tmp_path):
    def absent():
        raise InputError("run 'proprionet fetch arm'")

    monkeypatch.setattr("proprionet.arm.fetch.default_model", absent)
    found = doctor.arm_model()
    assert found.ok is None
    assert "proprionet fetch arm" in found.remedy
    monkeypatch.setattr("proprionet.arm.fetch.default_model", lambda: tmp_path / "arm.osim")
    assert doctor.arm_model() == doctor.Finding("arm model", True, str(tmp_path / "arm.osim"))


def test_package_that_is_not_installed_comes_with_its_extra(monkeypatch):
    def absent(package):
        raise doctor.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(doctor.metadata, "version", absent)
    found = doctor.optional_part("scikit-learn")
    assert (found.ok, found.remedy) == (None, "pip install -e '.[analysis]'")


@pytest.mark.parametrize(("free_gib", "ok"), [(1, False), (10, None), (100, True)])
def test_room_on_disk(monkeypatch, free_gib, ok):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_gib * doctor.GIB))
    assert doctor.disk(Path()).ok is ok


@pytest.mark.parametrize(("total_gib", "ok"), [(1, False), (16, True)])
def test_memory(monkeypatch, total_gib, ok):
    monkeypatch.setattr(doctor.os, "sysconf", {"SC_PHYS_PAGES": total_gib * 2**18, "SC_PAGE_SIZE": 2**12}.get)
    found = doctor.memory()
    assert (found.ok, found.detail) == (ok, f"{total_gib} GiB")


def test_every_part_is_looked_at(monkeypatch, installed, tmp_path):
    installed("print('4.6')")
    monkeypatch.setattr(doctor, "_ASK_TENSORFLOW", "raise ImportError('no cuDNN')")
    findings = {found.name: found for found in doctor.check(tmp_path)}
    assert findings["TensorFlow"].ok is False
    assert "GPU" not in findings
    assert {"Python", "NumPy and h5py", "OpenSim", "arm model", "disk", "memory", *doctor._OPTIONAL} <= set(findings)
    assert all(found.remedy for found in findings.values() if not found.ok)
