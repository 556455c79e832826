"""Every script says in no time what it takes."""

import subprocess
import sys

import pytest
import stages

SHARED = ("--config", "--out", "--seed", "--jobs", "--quiet", "--debug", "--dry-run", "--help")
HEAVY = ("h5py", "keras", "matplotlib", "numba", "numpy", "opensim", "scipy", "sklearn", "tensorflow")


@pytest.mark.parametrize("script", stages.SCRIPTS)
def test_help_shows_every_shared_option_and_an_example(script):
    result = stages.run(script, "--help")
    assert result.exit_code == 0
    for option in SHARED:
        assert f" {option} " in result.stdout or f" {option}\n" in result.stdout
    assert f"Example: python {script}" in " ".join(result.stdout.split())


def test_help_needs_nothing_heavy():
    program = f"""
import sys
sys.path.insert(0, {str(stages.ROOT / "tests")!r})
from importlib import util
for script in sys.argv[1:]:
    spec = util.spec_from_file_location("stage", script)
    spec.loader.exec_module(util.module_from_spec(spec))
print([name for name in {HEAVY} if name in sys.modules])
"""
    scripts = [str(stages.ROOT / script) for script in stages.SCRIPTS]
    done = subprocess.run([sys.executable, "-c", program, *scripts], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
