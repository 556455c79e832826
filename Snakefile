# The experiment as a graph of files: each rule calls one stage script.
#
#   snakemake --configfile config/demo.yaml --cores 2        run what is missing or out of date
#   snakemake --configfile config/demo.yaml -n               say what would run, and why
#
# A rule runs again when its inputs or its own settings change, not when another stage's settings do.

import json
import os
import sys
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError

from proprionet.config import load
from proprionet.errors import InputError

CONFIG = os.path.relpath(workflow.configfiles[0] if workflow.configfiles else "config/demo.yaml")
try:
    EXPERIMENT = load(Path(CONFIG))
except InputError as error:
    raise WorkflowError(str(error))

OUT = f"results/{EXPERIMENT.name}"
NETWORKS = [*EXPERIMENT.tasks, "untrained"]
LETTERS = EXPERIMENT.letters_from
SHARDS = [f"{i + 1}-of-{EXPERIMENT.shards}" for i in range(EXPERIMENT.shards)]
MOVEMENTS = [f"{OUT}/movements/{shard}.h5" for shard in SHARDS] if len(SHARDS) > 1 else [f"{OUT}/movements.h5"]
PYTHON = quote(sys.executable)
RUN = f"{PYTHON} {{params.script}} --config {quote(CONFIG)} --jobs {{threads}} --out {{output:q}}"


def settings(*sections):
    """Settings of a stage as text: when they change, Snakemake runs the stage again."""
    values = {name: getattr(EXPERIMENT, name).model_dump(mode="json") for name in sections}
    return json.dumps({"seed": EXPERIMENT.seed, **values}, sort_keys=True)


def own(path):
    """A file of the user's that a stage reads, if there is one: when it changes, the stage runs again."""
    return [str(path)] if isinstance(path, Path) else []


def task_options(wildcards):
    """What is special about one network: its task, or that it stays untrained."""
    untrained = wildcards.network == "untrained"
    return f"--task {EXPERIMENT.tasks[0] if untrained else wildcards.network}{' --untrained' if untrained else ''}"


ARM = own(EXPERIMENT.arm.profile) + own(EXPERIMENT.arm.model)


wildcard_constraints:
    network="|".join(NETWORKS),
    shard="|".join(SHARDS),


rule report:
    input:
        f"{OUT}/letters.h5",
        f"{OUT}/start_points.h5",
        MOVEMENTS[0],
        f"{OUT}/dataset.h5",
        f"{OUT}/svm.h5",
        f"{OUT}/linear_decoder.h5",
        f"{OUT}/session.h5",
        expand(f"{OUT}/networks/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/activations/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/rdm/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/tuning/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/prediction/{{network}}.h5", network=NETWORKS),
    output:
        f"{OUT}/report.html",
        f"{OUT}/summary.json",
    params:
        config=CONFIG,
    shell:
        f"{PYTHON} paper_figures/make_report.py {{input:q}} --config {{params.config:q}} --out {{output[0]:q}}"


rule letters:
    input:
        [] if LETTERS in ("synthetic", "uci") else str(LETTERS),
    output:
        f"{OUT}/letters.h5",
    params:
        script="dataset/write_letters.py" if LETTERS == "synthetic" else "dataset/read_letters.py",
        settings=settings("letters" if LETTERS == "synthetic" else "pen"),
        file=lambda wildcards, input: f"--file {quote(str(input))}" if input else "",
    shell:
        f"{RUN} {{params.file}}"


rule start_points:
    input:
        arm=ARM,
    output:
        f"{OUT}/start_points.h5",
    params:
        script="dataset/find_start_points.py",
        settings=settings("arm", "start_points"),
    shell:
        RUN


rule movements:
    input:
        letters=f"{OUT}/letters.h5",
        start_points=f"{OUT}/start_points.h5",
        arm=ARM,
    output:
        MOVEMENTS[0] if len(SHARDS) == 1 else f"{OUT}/movements/{{shard}}.h5",
    params:
        script="dataset/generate_movements.py",
        settings=settings("arm", "movements"),
        shard=lambda wildcards: f"--shard {wildcards.shard.replace('-of-', '/')}" if len(SHARDS) > 1 else "",
    threads: workflow.cores
    shell:
        f"{RUN} {{input.letters:q}} {{input.start_points:q}} {{params.shard}}"


rule dataset:
    input:
        MOVEMENTS,
    output:
        f"{OUT}/dataset.h5",
    params:
        script="dataset/make_dataset.py",
        settings=settings("dataset"),
    shell:
        f"{RUN} {{input:q}}"


rule svm:
    input:
        f"{OUT}/dataset.h5",
    output:
        f"{OUT}/svm.h5",
    params:
        script="svm-analysis/fit_pairwise.py",
        settings=settings("svm"),
    threads: workflow.cores
    shell:
        f"{RUN} {{input:q}}"


rule linear_decoder:
    input:
        f"{OUT}/dataset.h5",
    output:
        f"{OUT}/linear_decoder.h5",
    params:
        script="svm-analysis/decode_trajectory.py",
        settings=settings("linear_decoder"),
    shell:
        f"{RUN} {{input:q}}"


rule network:
    input:
        dataset=f"{OUT}/dataset.h5",
        architecture=own(EXPERIMENT.training.network),
        arm=ARM,
        stream=[f"{OUT}/letters.h5", f"{OUT}/start_points.h5"] if EXPERIMENT.training.stream else [],
    output:
        f"{OUT}/networks/{{network}}.h5",
    params:
        script="nn-training/train.py",
        settings=settings("training", "arm", "movements"),
        task=task_options,
        stream=f"--letters {quote(OUT)}/letters.h5 --start-points {quote(OUT)}/start_points.h5"
        if EXPERIMENT.training.stream
        else "",
    threads: workflow.cores
    shell:
        f"{RUN} {{input.dataset:q}} {{params.task}} {{params.stream}}"


rule activations:
    input:
        f"{OUT}/networks/{{network}}.h5",
        f"{OUT}/dataset.h5",
    output:
        f"{OUT}/activations/{{network}}.h5",
    params:
        script="nn-training/record_activations.py",
        settings=settings("stimuli"),
    shell:
        f"{RUN} {{input:q}}"


rule rdm:
    input:
        f"{OUT}/activations/{{network}}.h5",
    output:
        f"{OUT}/rdm/{{network}}.h5",
    params:
        script="repr-analysis/compute_rdms.py",
        settings=settings("rdm"),
    shell:
        f"{RUN} {{input:q}}"


rule tuning:
    input:
        f"{OUT}/activations/{{network}}.h5",
    output:
        f"{OUT}/tuning/{{network}}.h5",
    params:
        script="single_cell/fit_tuning.py",
        settings=settings("tuning"),
    shell:
        f"{RUN} {{input:q}}"


rule session:
    input:
        f"{OUT}/dataset.h5",
    output:
        f"{OUT}/session.h5",
    params:
        script="neural_prediction/simulate_session.py",
        settings=settings("session", "stimuli"),
    shell:
        f"{RUN} {{input:q}}"


rule prediction:
    input:
        f"{OUT}/session.h5",
        f"{OUT}/activations/{{network}}.h5",
    output:
        f"{OUT}/prediction/{{network}}.h5",
    params:
        script="neural_prediction/predict.py",
        settings=settings("prediction"),
    shell:
        f"{RUN} {{input:q}}"
