"""The stage scripts, run as a user runs them: in this process or in one of their own, on a tiny arm and little data."""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import h5py
import numpy as np
import yaml
from click.testing import CliRunner, Result

from proprionet import dataset, spindles, store
from proprionet.arm.profiles import HUMAN, kinematics_of
from proprionet.letters.strokes import ALPHABET, TIME_STEP_S

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "dataset",
    "svm-analysis",
    "nn-training",
    "repr-analysis",
    "single_cell",
    "neural_prediction",
    "network_comparison",
    "paper_figures",
)
SCRIPTS = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.py"))

MUSCLES = ("DELT2", "BIClong", "BRA", "TRIlat")
ARM = {
    "alphabet": ALPHABET,
    "time_step_s": TIME_STEP_S,
    "arm": "tiny",
    "arm_kinematics": kinematics_of(HUMAN),
    "joint_names": list(HUMAN.coordinates),
    "muscle_names": list(MUSCLES),
    "length_kind": "fibre",
    "geometry": "patched",
    "engine": "exact",
    "letters": "0" * 64,
}
NO_NOISE = {"spindle": "kinematic", "noise": 0.0, "noise_kind": "gaussian", "latent_noise": False}
REACHABLE = [[35.0, 0.0, -10.0], [35.0, 5.0, -15.0]]
SMALL_NETWORK = {
    "family": "spatial_temporal",
    "spatial_filters": [2],
    "temporal_filters": [4],
    "spatial_kernel": 3,
    "spatial_stride": 2,
    "temporal_kernel": 9,
    "temporal_stride": 5,
}


def run(script: str, *arguments: Any) -> Result:
    """Run a stage script in this process."""
    return CliRunner().invoke(_command(script), [str(argument) for argument in arguments])


def make(script: str, out: Path, *arguments: Any) -> Path:
    """Run a stage script that must succeed, and give the path of what it made."""
    result = run(script, *arguments, "--out", out, "--jobs", 1)
    assert result.exit_code == 0, result.output
    return out


def command(script: str, *arguments: Any) -> list[str]:
    """Words that start a stage script as a process."""
    return [sys.executable, str(ROOT / script), *map(str, arguments)]


def start(script: str, *arguments: Any, **options: Any) -> subprocess.Popen:
    """Start a stage script in a process, and a process group, of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    return subprocess.Popen(command(script, *arguments), start_new_session=True, env=environment, **options)


def make_alone(script: str, out: Path, *arguments: Any) -> Path:
    """Make a file in a process of its own with one job, as a user does.

    The last bits of OpenSim's lengths depend on the models that a process has used before; a stage only ever uses one.
    """
    process = start(script, *arguments, "--jobs", 1, "--out", out)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    return out


@functools.cache
def _command(script: str) -> click.Command:
    name = f"stage_{re.sub(r'[^a-z]', '_', script)}"
    found = importlib.util.spec_from_file_location(name, ROOT / script)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return next(value for value in vars(module).values() if isinstance(value, click.Command))


def experiment(folder: Path, **sections: Any) -> Path:
    """Write a tiny arm, its profile, a small network and the settings of an experiment with them into a folder."""
    model = folder / "tiny_arm.osim"
    _tiny_arm().build().printToXML(str(model))
    profile = _yaml(folder / "arm.yaml", {"name": "tiny", "muscles": list(MUSCLES), "patches": [["TRIlat", "elbow"]]})
    network = _yaml(folder / "network.yaml", SMALL_NETWORK)
    settings = {
        "name": "tiny",
        "seed": 5,
        "letters": {"per_letter": 5},
        "arm": {"profile": str(profile), "model": str(model)},
        "start_points": {"spacing_cm": 8},
        "movements": {"per_letter": 5, "engine": "exact"},
        "dataset": {"test_fraction": 0.4, "validation_fraction": 0.2},
        "training": {"network": str(network), "epochs": 2, "batch_size": 16},
        "stimuli": {"per_letter": 2},
        "session": {"n_neurons": 4},
        "prediction": {"n_components": 5},
    }
    return _yaml(folder / "experiment.yaml", {**settings, **sections})


def _tiny_arm() -> Any:
    sys.path.insert(0, str(ROOT / "tests" / "arm"))
    try:
        return importlib.import_module("tiny_arm")
    finally:
        sys.path.pop(0)


def _yaml(path: Path, values: Any) -> Path:
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def write_places(path: Path, **planes: Any) -> Path:
    """Write start points within reach of the tiny arm; ``planes`` replace those of a plane."""
    with store.create(path, "start_points") as file:
        for plane, points in {"horizontal": REACHABLE, "vertical": REACHABLE, **planes}.items():
            file.write(plane, points)
        file.set(arm="tiny", arm_kinematics=ARM["arm_kinematics"])
    return path


def write_dataset(
    path: Path, split_by: str = "source_letter", spindle: dict[str, Any] | None = None, **changes: Any
) -> Path:
    """Write a small data set of smooth random movements, 6 of each letter; ``changes`` replace arrays, None omits."""
    random = np.random.default_rng(0)
    label, n_steps = np.repeat(np.arange(len(ALPHABET)), 6), 96
    count = len(label)
    waves = np.sin(np.linspace(0, 6, n_steps) * random.uniform(0.5, 2, (count, 11, 1)) + label[:, None, None])
    plane = np.arange(count) % 2
    hand = 20 + 5 * waves[:, :3]
    hand[np.arange(count), np.where(plane == 0, 2, 0)] = 30
    arrays = {
        "hand": hand,
        "joints": 60 + 20 * waves[:, 3:7],
        "muscle_length": 100 + 10 * waves[:, 7:],
        "index": np.arange(count)[::-1],
        "label": label,
        "source": np.arange(count) // 2,
        "plane": plane,
        "start_point": np.full((count, 3), 20.0),
        "first": np.zeros(count, int),
        "n_samples": np.full(count, n_steps),
        **{name: np.ones(count) for name in ("size", "rotation", "shear_x", "shear_y", "speed", "noise")},
    }
    statistics = spindles.statistics(arrays["muscle_length"], TIME_STEP_S)
    arrays |= {f"statistics/{name}": values for name, values in statistics.items()}
    rule = {"validation_fraction": 0.2, "test_fraction": 0.4, "by": "source_letter", "seed": 1}
    arrays["split"] = dataset.split(label, arrays["source"], **rule)
    with store.create(path, "dataset", seed=1) as file:
        for name, values in {**arrays, **changes}.items():
            if values is not None:
                file.write(name, values)
        file.set(**ARM, spindle={**NO_NOISE, **(spindle or {})}, split_by=split_by)
    return path


def read(path: Path) -> SimpleNamespace:
    """All arrays and attributes of a whole file."""
    with store.read(path, finite=True) as file:
        return SimpleNamespace(attributes=file.attributes(), **{name: file[name] for name in file.shapes()})


def content(path: Path) -> dict[str, Any]:
    """All that is in a whole file, but for the time it was made at and the state of the checkout."""
    with store.read(path, finite=True) as file:
        attributes = file.attributes()
        for name in ("created", "elapsed_s", "git_commit", "git_dirty"):
            attributes.pop(name, None)
        return {"attributes": attributes, **{name: file[name] for name in file.shapes()}}


def assert_same(path: Path, other: Path) -> None:
    """Two files hold the same, bit by bit."""
    ours, theirs = content(path), content(other)
    assert ours.keys() == theirs.keys()
    assert ours.pop("attributes") == theirs.pop("attributes")
    for name, values in ours.items():
        assert values.tobytes() == theirs[name].tobytes(), name


def change(path: Path, action: Any) -> Path:
    """Let ``action(file)`` do to an HDF5 file what no stage would."""
    with h5py.File(path, "r+") as file:
        action(file)
    return path
