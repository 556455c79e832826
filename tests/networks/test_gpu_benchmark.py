"""The benchmark of training runs on any backend, and watches the GPU where there is one."""

import importlib
import json
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from proprionet import networks
from proprionet.networks.families import SpatialTemporal
from proprionet.networks.settings import Recipe

TINY = SpatialTemporal(
    spatial_filters=(2,),
    temporal_filters=(3,),
    spatial_kernel=7,
    temporal_kernel=9,
    spatial_stride=4,
    temporal_stride=8,
)


@pytest.fixture
def gpu(repository, monkeypatch):
    """The script, with tiny networks in place of the published ones."""
    monkeypatch.syspath_prepend(repository / "benchmarks")
    module = importlib.import_module("gpu")
    monkeypatch.setattr(module, "BEST", TINY)
    monkeypatch.setattr(module, "SMALL", TINY)
    monkeypatch.setattr(module, "FAMILIES", dict.fromkeys(module.FAMILIES, TINY))
    yield module
    networks.prepare(1)
    for name in ("gpu", "common"):
        del sys.modules[name]


def test_it_needs_nothing_of_the_arm(repository):
    """Nor TensorFlow before Keras loads it: the machine with the GPU may have neither."""
    missing = "import sys; sys.modules.update(opensim=None, numba=None, tensorflow=None); import gpu"
    subprocess.run([sys.executable, "-c", missing], cwd=repository / "benchmarks", check=True, timeout=120)


def test_it_compares_every_way_with_float32(gpu, monkeypatch):
    float32, *_, mixed = gpu.offered("mixed_bfloat16")
    assert (float32.precision, mixed.precision) == ("float32", "mixed_bfloat16")
    mixed = mixed._replace(xla=float32.xla)
    monkeypatch.setattr(gpu, "offered", lambda precision: [float32, mixed])
    result = CliRunner().invoke(gpu.main, ["--quick"], catch_exceptions=False)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["name"] for line in lines] == [
        f"epoch of 64 movements, spatial_temporal_best, {mixed} vs {float32}",
        f"training of spatiotemporal_best, {mixed} vs {float32}",
        f"training of 2 spatial_temporal_small in one model vs one after another, {float32}",
    ]
    for line in lines:
        assert min(line["ours"], line["reference"]) > 0
        assert line["max_difference"] < 0.2
        assert {*line["usage"], *line["reference_usage"]} <= {"cpu_percent", "gpu_percent", "gpu_memory_mb"}


def test_networks_side_by_side_are_those_that_train_alone(gpu):
    data, recipe = gpu.movements(6, 40), Recipe(batch_size=3)
    alone, both = (gpu.steps(TINY, data, recipe, 0.05, count) for count in (1, 2))
    np.testing.assert_allclose(both.alike, alone.alike, atol=1e-6)
    model = gpu.side_by_side(TINY, data, 2)
    first, second = model.predict_on_batch(data.inputs)
    assert np.abs(first - second).max() > 1e-3


def test_usage_of_a_gpu_is_what_nvidia_smi_says(gpu, tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '50, 1000'\necho '[N/A], 5'\necho '70, 3000'\nexec sleep 60\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    watch = gpu.Watch()
    time.sleep(0.5)
    assert watch.stop() == {"gpu_percent": 60, "gpu_memory_mb": 3000}
    assert watch.seconds >= 0.5
