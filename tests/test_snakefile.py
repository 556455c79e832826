"""What the Snakefile would run: baselines by input and subset, and the jobs of a search once its manifest is there."""

import json
import re
import shlex
import subprocess
import sys

import pytest
import stages
import yaml

pytest.importorskip("snakemake", reason="snakemake is not installed (pip install -e '.[workflow]')")

ELIFE = stages.ROOT / "config" / "elife2023.yaml"


@pytest.fixture
def plan(tmp_path):
    """Jobs of each rule that a target needs, and their commands, word by word."""

    def plan(target, path):
        where = ["--snakefile", stages.ROOT / "Snakefile", "--directory", tmp_path, "--configfile", path]
        call = [sys.executable, "-m", "snakemake", target, "--dry-run", "--printshellcmds", "--cores", "3", *where]
        done = subprocess.run(list(map(str, call)), capture_output=True, text=True, check=False, cwd=tmp_path)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        counts = {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", said, flags=re.MULTILINE)}
        commands = [shlex.split(line) for line in re.findall(r"^Shell command: (.*)$", said, flags=re.MULTILINE)]
        return counts, [words for words in commands if words != ["None"]]

    return plan


@pytest.fixture
def experiment(tmp_path):
    """Write an experiment with some settings; its path."""

    def experiment(**settings):
        path = tmp_path / "experiment.yaml"
        path.write_text(yaml.safe_dump({"name": "mine", **settings}), encoding="utf-8")
        return path

    return experiment


def option(words, name):
    return words[words.index(name) + 1]


def test_the_published_baselines(plan):
    counts, commands = plan("baselines", ELIFE)
    assert (counts["svm"], counts["svm_of_input"]) == (1, 4 * 16 - 1)
    assert (counts["linear_decoder"], counts["linear_decoder_of_input"]) == (1, 4 - 1)
    fits = {option(words, "--out"): words for words in commands if words[1] == "svm-analysis/fit_pairwise.py"}
    assert "--input" not in fits["results/elife2023/svm.h5"]
    words = fits["results/elife2023/svm/joints-size=0.7,plane=horizontal.h5"]
    assert (option(words, "--input"), option(words, "--subset")) == ("joints", "size=0.7,plane=horizontal")
    decodes = {option(words, "--out"): words for words in commands if "decode_trajectory.py" in words[1]}
    assert option(decodes["results/elife2023/linear_decoder/hand.h5"], "--input") == "hand"


def test_an_experiment_that_lists_none_has_its_own_baselines(plan, experiment):
    counts, _ = plan("baselines", experiment())
    assert {rule for rule in counts if "svm" in rule or "decoder" in rule} == {"svm", "linear_decoder"}


def test_the_report_needs_neither_baselines_of_others_nor_a_search(plan):
    counts, _ = plan("report", ELIFE)
    assert not {"svm_of_input", "linear_decoder_of_input", "manifest", "searched_network"} & set(counts)
    assert counts["svm"] == 1


def test_what_figures_4_to_7_compare(plan, experiment):
    chosen = {"networks": ["lstm_best"], "tasks": ["action_recognition", "torque"], "seeds": 2}
    counts, commands = plan("representations", experiment(seed=4, instances=chosen))
    assert (counts["instance_network"], counts["instance_similarity"], counts["embedding"]) == (6, 6, 3)
    assert {counts[f"instance_{analysis}"] for analysis in ("activations", "rdm", "tuning", "decoding")} == {6}
    made = {option(words, "--out").removeprefix("results/mine/instances/"): words for words in commands}
    twin = made["networks/lstm_best_untrained_seed5.h5"]
    assert (option(twin, "--network"), option(twin, "--seed")) == ("lstm_best", "5")
    assert "--untrained" in twin
    assert made["networks/lstm_best_torque_seed4.h5"][-1] != "--untrained"
    compared = made["similarity/lstm_best_seed5_action_recognition-torque.h5"]
    names = ["lstm_best_action_recognition_seed5.h5", "lstm_best_torque_seed5.h5"]
    assert compared[-2:] == [f"results/mine/instances/activations/{name}" for name in names]
    assert len([word for word in made["claims.h5"] if word.endswith(".h5")]) == 1 + 3 * 6


def test_a_search_starts_with_its_manifest(plan, experiment):
    counts, (command,) = plan("search", experiment())
    assert counts == {"manifest": 1, "search": 1, "total": 2}
    assert command[1] == "nn-training/search.py"
    assert option(command, "--out") == "results/mine/search.json"


def test_every_job_of_a_search_trains_a_network(plan, experiment, tmp_path):
    search = {"groups": ["lstm"], "count": 3, "instances": 2, "untrained": True}
    mine = experiment(tasks=["trajectory_decoding"], seed=4, search=search)
    out = tmp_path / "results" / "mine" / "search.json"
    stages.make("nn-training/search.py", out, "--config", mine)
    jobs = json.loads(out.read_text())["jobs"]
    assert len(jobs) == 3 * 2 * 2
    counts, commands = plan("search", mine)
    assert counts["searched_network"] == len(jobs)
    trainings = {option(words, "--out"): words for words in commands if words[1] == "nn-training/train.py"}
    for job in jobs:
        words = trainings[f"results/mine/search/networks/{job['name']}.h5"]
        assert option(words, "--network") == job["network"]
        assert (option(words, "--seed"), option(words, "--jobs")) == (str(job["seed"]), "1")
        assert ("--untrained" in words) is not job["trained"]


def test_options_of_the_search_go_before_the_experiment(experiment, tmp_path):
    mine = experiment(search={"groups": ["spatiotemporal"], "count": 2, "untrained": True})
    options = ("--config", mine, "--task", "action_recognition", "--count", 3, "--no-untrained")
    manifest = json.loads(stages.make("nn-training/search.py", tmp_path / "a.json", *options).read_text())
    assert {job["family"] for job in manifest["jobs"]} == {"spatiotemporal"}
    assert [job["trained"] for job in manifest["jobs"]] == [True] * 3
    refused = stages.run("nn-training/search.py", "--out", tmp_path / "b.json", "--count", 0)
    assert refused.exit_code == 2
    assert "'count' is 0" in refused.output


def test_models_of_simulated_neurons(plan):
    counts, commands = plan("dynamics", stages.ROOT / "config" / "ctdb.yaml")
    assert (counts["simulated_neurons"], counts["inferred"]) == (1, 10)
    fits = {option(words, "--out"): words for words in commands if words[1] == "network_comparison/fit.py"}
    lfads = fits["results/ctdb/inferred/lfads_inputs.h5"]
    assert "results/ctdb/simulated_neurons/flip_flop_gru.h5" in lfads
    assert (option(lfads, "--decoder"), option(lfads, "--n-inferred-inputs")) == ("gru,n_units=64", "3")
    assert "--variational" in lfads
    assert "--variational" not in fits["results/ctdb/inferred/node_3.h5"]


def test_layers_of_trained_letter_networks_are_compared(plan, experiment):
    chosen = {"networks": ["lstm_best", "spatial_temporal_best"], "tasks": ["action_recognition"], "seeds": 2}
    counts, commands = plan("letter_networks", experiment(seed=4, instances=chosen))
    assert (counts["instance_network"], counts["instance_activations"], counts["letter_networks"]) == (2, 2, 1)
    (compared,) = (words for words in commands if words[1] == "network_comparison/compare.py")
    names = [f"{network}_action_recognition_seed4.h5" for network in chosen["networks"]]
    assert compared[-2:] == [f"results/mine/instances/activations/{name}" for name in names]
