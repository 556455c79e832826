"""Searches: every draw lies in its published space, none is there twice, and each depends on its number alone."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
import stages

from proprionet.errors import InputError
from proprionet.networks import search, zoo
from proprionet.networks.settings import PRESETS

SEARCH = "nn-training/search.py"
GROUPS = [(space, group) for space, groups in search.SPACES.items() for group in groups]


@pytest.fixture(scope="module")
def drawn():
    return {group: search.draw(*group, 50, seed=1) for group in GROUPS}


@pytest.mark.parametrize("group", GROUPS, ids="-".join)
def test_fifty_different_networks(drawn, group):
    names = [network.name for network in drawn[group]]
    assert len(set(names)) == 50
    assert max(map(len, names)) < 150
    assert search.draw(*group, 60, seed=1)[:50] == drawn[group]
    assert search.draw(*group, 50, seed=2) != drawn[group]


@pytest.mark.parametrize("group", GROUPS, ids="-".join)
def test_networks_lie_in_the_published_space(drawn, group):
    """Layers and strides as listed, channels that never fall, kernels over time at least as long as over muscles."""
    deep, lstm = group[1].endswith("_deep"), group[1] == "lstm"
    strides = {"spatial": set(), "temporal": set()}
    for network in drawn[group]:
        layers = network.layers()
        convolutions = [layer for layer in layers if not layer.name.startswith("recurrent")]
        channels = [layer.size for layer in convolutions]
        assert channels == sorted(channels)
        assert set(channels) <= ({8, 16, 32} if lstm else {8, 16, 32, 64})
        long = [layer.kernel[1] for layer in layers if layer.kernel[1] > 1]
        wide = [layer.kernel[0] for layer in layers if layer.kernel[0] > 1]
        assert set(long + wide) <= {3, 5, 7, 9}
        assert max(wide) <= min(long or [9])
        for axis, of_axis in enumerate(strides.values()):
            of_layers = [layer.stride[axis] for layer in convolutions if layer.kernel[axis] > 1]
            of_axis |= set(of_layers)
            assert deep or len(set(of_layers)) <= 1
        if network.family == "spatiotemporal":
            assert all(layer.kernel[0] == layer.kernel[1] for layer in layers)
            assert deep or all(layer.stride[0] == layer.stride[1] for layer in layers)
    three = not deep and "spatiotemporal" not in group
    assert strides == {"spatial": {1, 2}, "temporal": set() if lstm else {1, 2, 3} if three else {1, 2}}


@pytest.mark.parametrize(
    ("space", "group", "expected"),
    [
        ("elife2023", "spatial_temporal", {2, 4, 6, 8}),
        ("elife2023", "spatiotemporal", {1, 2, 3, 4}),
        ("elife2023", "lstm", {2, 3, 4, 5}),
        ("cell2024", "temporal_spatial_deep", {10, 12}),
        ("cell2024", "spatiotemporal_deep", set(range(5, 13))),
        ("cell2024", "lstm", {2, 3, 4}),
    ],
)
def test_depths(drawn, space, group, expected):
    assert {len(network.layers()) for network in drawn[space, group]} == expected


def test_units_of_the_two_papers(drawn):
    for space, units in (("elife2023", {128, 256}), ("cell2024", {32, 64, 128})):
        assert {network.recurrent_units[0] for network in drawn[space, "lstm"]} == units


def test_depths_are_drawn_evenly():
    random = np.random.default_rng(0)
    depths = [len(search.SPACES["elife2023"]["spatiotemporal"](random).layers()) for _ in range(400)]
    assert all(70 < depths.count(depth) < 130 for depth in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("space", "group", "count", "message"),
    [
        ("elife", "lstm", 1, "'elife' is unknown; did you mean 'elife2023'"),
        ("elife2023", "spatiotemporal_deep", 1, "'spatiotemporal_deep' is unknown; did you mean 'spatiotemporal'"),
        ("elife2023", "spatiotemporal", 200, r"found \d+ different networks of spatiotemporal, not 200"),
    ],
)
def test_impossible_searches_are_explained(monkeypatch, space, group, count, message):
    monkeypatch.setattr(search, "MOST_DRAWS", 2)
    with pytest.raises(InputError, match=message):
        search.draw(space, group, count, seed=1)


def test_jobs():
    best = PRESETS["lstm_best"]
    jobs = search.jobs([best, PRESETS["spatiotemporal_best"], best], ["a", "b", "a"], range(1, 6), untrained=True)
    assert len(jobs) == len({job.name for job in jobs}) == 2 * 5 * 3
    assert jobs[1].name == "recurrent_8-16-16_k5_s1_lstm256_b_seed1"
    assert jobs[1].options == ["--task", "b", "--seed", "1"]
    assert jobs[2].name == "recurrent_8-16-16_k5_s1_lstm256_untrained_seed1"
    assert jobs[2].options == ["--task", "a", "--seed", "1", "--untrained"]
    assert len(search.jobs([best], ["a", "b"], [1], untrained=False)) == 2


# ------------------------------------------------------------------------------------------------------ the script


def test_manifest_table_and_networks(tmp_path, drawn):
    out = stages.make(SEARCH, tmp_path / "my search.json", "--count", 3, "--seed", 1, "--instances", 2, "--untrained")
    manifest = json.loads(out.read_text())
    names = [network.name for space, group in GROUPS[:4] for network in drawn[space, group][:3]]
    assert list(manifest["networks"]) == names
    assert manifest["seed"] == 1
    assert len(manifest["jobs"]) == 12 * 2 * 3
    with out.with_suffix(".csv").open() as table:
        rows = list(csv.DictReader(table))
    assert rows == [{name: str(value) for name, value in job.items()} for job in manifest["jobs"]]
    assert {row["seed"] for row in rows} == {"1", "2"}
    for row in rows:
        assert zoo.architecture(row["network"]).name == row["architecture"]
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert len([path for path in before if path.suffix == ".yaml"]) == 12
    stages.make(SEARCH, out, "--count", 3, "--seed", 1, "--instances", 2, "--untrained")
    assert {path: path.read_bytes() for path in before} == before
    other = stages.run(SEARCH, "--out", out, "--count", 4)
    assert other.exit_code == 2
    assert "was made with other options" in other.output
    assert {path: path.read_bytes() for path in before} == before


def test_given_networks_instead_of_drawn_ones(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(json.dumps({**PRESETS["spatial_temporal_small"].model_dump(mode="json"), "causal": True}))
    out = stages.make(
        SEARCH, tmp_path / "best.json", "--network", "lstm_best", "--network", mine, "--task", "trajectory_decoding"
    )
    jobs = json.loads(out.read_text())["jobs"]
    assert [job["name"] for job in jobs] == [
        "recurrent_8-16-16_k5_s1_lstm256_trajectory_decoding_seed1",
        "spatial_temporal_4-8-8-16_k7_s2_16-16-32-32_k9_s3_causal_trajectory_decoding_seed1",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--network", "lstm"), "'lstm' is no preset and no YAML file"),
        (("--group", "lstmm"), "'lstmm' is unknown; did you mean 'lstm'"),
        (("--out", "search"), "search: the manifest is a .json file"),
    ],
)
def test_bad_searches_end_with_one_sentence_and_nothing_written(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = stages.run(SEARCH, "--out", "search.json", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert list(tmp_path.iterdir()) == []


def test_dry_run_and_search_load_no_keras(tmp_path):
    program = f"import sys; sys.argv = ['search.py', '--dry-run', '--out', {str(tmp_path / 'a.json')!r}]\n" + (
        "import runpy\ntry: runpy.run_path(sys.orig_argv[-1], run_name='__main__')\n"
        "except SystemExit: print('keras' in sys.modules)"
    )
    command = [sys.executable, "-c", program, stages.command(SEARCH)[1]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"would write {tmp_path / 'a.json'}: 200 networks, 400 jobs", "False"]
    assert list(tmp_path.iterdir()) == []
