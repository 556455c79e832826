# The experiment as a graph of files: each rule calls one stage script.
#
#   snakemake --configfile config/demo.yaml --cores 2        run what is missing or out of date
#   snakemake --configfile config/demo.yaml -n               say what would run, and why
#
# A rule runs again when its inputs or its own settings change, not when another stage's settings do.

import functools
import itertools
import json
import os
import re
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
COMPARED = [*((task, "untrained") for task in EXPERIMENT.tasks), *itertools.pairwise(EXPERIMENT.tasks[:2])]
RECURRENT, MODELS = EXPERIMENT.recurrent_networks, EXPERIMENT.inferred_models
LETTERS = EXPERIMENT.letters_from
BASELINES = EXPERIMENT.baselines
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
    return f"--task {task_of(wildcards.network)}{' --untrained' if wildcards.network == 'untrained' else ''}"


def task_of(network):
    return EXPERIMENT.tasks[0] if network == "untrained" else network


def training_set(task):
    """The data set that a task is learnt from: torques are those of reaches, which have a target."""
    return f"{OUT}/reaches/with_torques.h5" if task == "torque" else f"{OUT}/dataset.h5"


def recording(task):
    """The recording that a task is learnt from, if it is."""
    return [f"{OUT}/session.h5"] if task == "neurons" else []


def session_option(wildcards, input):
    return f"--session {quote(str(input.session))}" if input.session else ""


def instances():
    """Networks that are compared, by name: architecture, task, seed, and whether it stays untrained."""
    chosen, seeds = EXPERIMENT.instances, range(EXPERIMENT.seed, EXPERIMENT.seed + EXPERIMENT.instances.seeds)
    conditions = [*((task, task, "") for task in chosen.tasks), ("untrained", chosen.tasks[0], "--untrained")]
    return {
        f"{Path(network).stem}_{condition}_seed{seed}": (network, task, seed, untrained)
        for network in chosen.networks
        for condition, task, untrained in conditions
        for seed in seeds
    }


def compared_pairs():
    """Conditions of one network and seed whose layers are compared, by name: tasks with untrained and with another."""
    chosen = EXPERIMENT.instances
    conditions = [(task, "untrained") for task in chosen.tasks] + list(itertools.combinations(chosen.tasks, 2))
    return {
        f"{Path(network).stem}_seed{seed}_{one}-{other}": [
            f"{Path(network).stem}_{condition}_seed{seed}" for condition in (one, other)
        ]
        for network in chosen.networks
        for seed in range(EXPERIMENT.seed, EXPERIMENT.seed + chosen.seeds)
        for one, other in conditions
    }


def representations(wildcards):
    """All that is compared; maps are made of the first seed alone."""
    if not INSTANCES:
        raise WorkflowError(f"{CONFIG} compares no networks; list some under 'instances'")
    mapped = [name for name, (*_, seed, _) in INSTANCES.items() if seed == EXPERIMENT.seed]
    return [
        *(f"{OUT}/instances/{name}.h5" for name in ("comparison", "claims")),
        *(f"{OUT}/instances/similarity/{name}.h5" for name in PAIRS),
        *(f"{OUT}/instances/embedding/{name}.h5" for name in mapped),
    ]


def predictions(wildcards):
    if not (RECORDINGS and INSTANCES):
        raise WorkflowError(f"{CONFIG} predicts no neurons; list networks under 'instances' and files in 'recordings'")
    return f"{OUT}/predictivity.h5"


def as_options(given):
    """Settings as options of a stage; a switch that is off is left out."""
    return " ".join(
        f"--{name.replace('_', '-')}" + ("" if value is True else f" {quote(str(value))}")
        for name, value in given.items()
        if value is not False
    )


def recurrent_options(wildcards):
    """What is special about one recurrent network."""
    return as_options(RECURRENT[wildcards.recurrent].model_dump(exclude_none=True, exclude={"towards"}))


def fixed_point_options(wildcards):
    """Where the fixed points of one recurrent network are followed to."""
    return as_options(RECURRENT[wildcards.recurrent].model_dump(exclude_none=True, include={"towards"}))


def model_options(wildcards):
    """What is special about one model of simulated neurons."""
    return as_options(MODELS[wildcards.model].model_dump(exclude_none=True, exclude={"network"}))


def letter_networks(wildcards):
    """Responses of the trained networks of the first seed, whose layers are compared over time."""
    chosen = [name for name, (*_, seed, untrained) in INSTANCES.items() if seed == EXPERIMENT.seed and not untrained]
    if not chosen:
        raise WorkflowError(f"{CONFIG} compares no networks; list some under 'instances'")
    return expand(f"{OUT}/instances/activations/{{instance}}.h5", instance=chosen)


def recurrent_tasks():
    """Names of the recurrent networks on each task, by the name of the task."""
    found = {}
    for name, network in RECURRENT.items():
        found.setdefault(re.sub(r"\W+", "_", Path(network.task).stem), []).append(name)
    return found


def compared_predictions(wildcards):
    """Predictions of all recordings, or of the simulated session where there are none, and evaluations of networks."""
    if not (RECORDINGS and INSTANCES):
        predicted = [f"{OUT}/prediction/{model}.h5" for model in [*NETWORKS, "baselines"]]
        return [*predicted, *(f"{OUT}/evaluation/{task}.h5" for task in EXPERIMENT.tasks)]
    of_recordings = [
        *(f"prediction/{{recording}}/{instance}" for instance in [*INSTANCES, "baselines"]),
        *(f"data_driven/{{recording}}/{name}" for name, (*_, untrained) in INSTANCES.items() if untrained),
    ]
    trained = [name for name, (*_, untrained) in INSTANCES.items() if not untrained]
    files = [*expand(of_recordings, recording=RECORDINGS), *expand("evaluation/{instance}", instance=trained)]
    return [f"{OUT}/instances/{file}.h5" for file in files]


def instance_options(wildcards):
    network, task, seed, untrained = INSTANCES[wildcards.instance]
    return f"--network {quote(str(network))} --task {task} --seed {seed} {untrained}"


def searched_jobs():
    """Jobs of the search by name, known only when its manifest is made."""
    manifest = Path(checkpoints.manifest.get().output[0])
    return read_jobs(manifest, manifest.stat().st_mtime_ns)


@functools.cache
def read_jobs(manifest, modified_ns):
    return {job["name"]: job for job in json.loads(manifest.read_text(encoding="utf-8"))["jobs"]}


SCORED = ["summaries", "decoding", "rdm"]
INSTANCES, PAIRS = instances(), compared_pairs()
RECORDINGS = {path.stem: str(path) for path in EXPERIMENT.recordings}
ARM = own(EXPERIMENT.arm.profile) + own(EXPERIMENT.arm.model)
STREAMED = [f"{OUT}/letters.h5", f"{OUT}/start_points.h5", *ARM] if EXPERIMENT.training.stream else []


wildcard_constraints:
    recurrent="|".join(map(re.escape, RECURRENT)) or "none",
    model="|".join(map(re.escape, MODELS)) or "none",
    instance="|".join(INSTANCES) or "none",
    pair="|".join(PAIRS) or "none",
    network="|".join(NETWORKS),
    other="|".join(NETWORKS),
    recording="|".join(map(re.escape, RECORDINGS)) or "none",
    shard="|".join(SHARDS),
    seen="[a-z_]+",


DYNAMICS = [
    *expand(f"{OUT}/{{kind}}/{{name}}.h5", kind=["recurrent", "latents"], name=RECURRENT),
    *expand(
        f"{OUT}/fixed_points/{{name}}.h5",
        name=[name for task, names in recurrent_tasks().items() if not task.startswith("random_target") for name in names],
    ),
    *(f"{OUT}/dynamics_similarity/{task}.h5" for task, names in recurrent_tasks().items() if len(names) > 1),
    *expand(f"{OUT}/inferred/{{model}}.h5", model=MODELS),
]


rule report:
    input:
        f"{OUT}/letters.h5",
        f"{OUT}/start_points.h5",
        MOVEMENTS,
        f"{OUT}/dataset.h5",
        f"{OUT}/svm.h5",
        f"{OUT}/linear_decoder.h5",
        f"{OUT}/session.h5",
        expand(f"{OUT}/networks/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/evaluation/{{network}}.h5", network=EXPERIMENT.tasks),
        expand(f"{OUT}/activations/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/rdm/{{network}}.h5", network=NETWORKS),
        [f"{OUT}/similarity/{one}-{other}.h5" for one, other in COMPARED],
        expand(f"{OUT}/tuning/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/decoding/{{network}}.h5", network=NETWORKS),
        expand(f"{OUT}/prediction/{{network}}.h5", network=NETWORKS),
        f"{OUT}/prediction/baselines.h5",
        f"{OUT}/predictivity.h5",
        DYNAMICS,
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
        options="",
    threads: workflow.cores
    shell:
        f"{RUN} {{input:q}} {{params.options}}"


use rule svm as svm_of_input with:
    output:
        f"{OUT}/svm/{{seen}}-{{subset}}.h5",
    params:
        options="--input {seen} --subset {subset}",


rule linear_decoder:
    input:
        f"{OUT}/dataset.h5",
    output:
        f"{OUT}/linear_decoder.h5",
    params:
        script="svm-analysis/decode_trajectory.py",
        settings=settings("linear_decoder"),
        options="",
    shell:
        f"{RUN} {{input:q}} {{params.options}}"


use rule linear_decoder as linear_decoder_of_input with:
    output:
        f"{OUT}/linear_decoder/{{seen}}.h5",
    params:
        options="--input {seen}",


rule baselines:
    input:
        f"{OUT}/svm.h5",
        f"{OUT}/linear_decoder.h5",
        [f"{OUT}/svm/{seen}-{subset}.h5" for seen in BASELINES.inputs for subset in BASELINES.subsets
         if (seen, subset) != (EXPERIMENT.svm.input, EXPERIMENT.svm.subset)],
        [f"{OUT}/linear_decoder/{seen}.h5" for seen in BASELINES.inputs if seen != EXPERIMENT.linear_decoder.input],


rule reaches:
    input:
        start_points=f"{OUT}/start_points.h5",
        arm=ARM,
    output:
        f"{OUT}/reaches/movements.h5",
    params:
        script="dataset/generate_reaches.py",
        settings=settings("arm", "reaches"),
    threads: workflow.cores
    shell:
        f"{RUN} {{input.start_points:q}}"


use rule dataset as reaches_dataset with:
    input:
        f"{OUT}/reaches/movements.h5",
    output:
        f"{OUT}/reaches/dataset.h5",


rule torques:
    input:
        dataset=f"{OUT}/reaches/dataset.h5",
        arm=ARM,
    output:
        f"{OUT}/reaches/with_torques.h5",
    params:
        script="dataset/add_torques.py",
        settings=settings("arm", "torques"),
    threads: workflow.cores
    shell:
        f"{RUN} {{input.dataset:q}}"


rule network:
    input:
        dataset=lambda wildcards: training_set(task_of(wildcards.network)),
        session=lambda wildcards: recording(task_of(wildcards.network)),
        architecture=own(EXPERIMENT.training.network),
        stream=STREAMED,
    output:
        f"{OUT}/networks/{{network}}.h5",
    params:
        script="nn-training/train.py",
        settings=settings("training", *(("arm", "movements") if EXPERIMENT.training.stream else ())),
        task=task_options,
        session=session_option,
        stream=f"--letters {quote(OUT)}/letters.h5 --start-points {quote(OUT)}/start_points.h5"
        if EXPERIMENT.training.stream
        else "",
    threads: workflow.cores
    shell:
        f"{RUN} {{input.dataset:q}} {{params.task}} {{params.stream}} {{params.session}}"


rule evaluation:
    input:
        network=f"{OUT}/networks/{{network}}.h5",
        dataset=lambda wildcards: training_set(task_of(wildcards.network)),
        session=lambda wildcards: recording(task_of(wildcards.network)),
    output:
        f"{OUT}/evaluation/{{network}}.h5",
    params:
        script="nn-training/evaluate.py",
        settings=settings("evaluation"),
        session=session_option,
    shell:
        f"{RUN} {{input.network:q}} {{input.dataset:q}} {{params.session}}"


checkpoint manifest:
    output:
        f"{OUT}/search.json",
    params:
        script="nn-training/search.py",
        settings=settings("search"),
        tasks=EXPERIMENT.tasks,
    shell:
        RUN


# One thread each, so that as many networks train at once as there are cores.
use rule network as searched_network with:
    input:
        dataset=lambda wildcards: training_set(searched_jobs()[wildcards.job]["task"]),
        session=lambda wildcards: recording(searched_jobs()[wildcards.job]["task"]),
        architecture=lambda wildcards: searched_jobs()[wildcards.job]["network"],
        stream=STREAMED,
    output:
        f"{OUT}/search/networks/{{job}}.h5",
    params:
        session=session_option,
        task=lambda wildcards, input: (
            f"--network {quote(input.architecture)} {searched_jobs()[wildcards.job]['options']}"
        ),
    threads: 1


use rule network as instance_network with:
    input:
        dataset=lambda wildcards: training_set(INSTANCES[wildcards.instance][1]),
        session=lambda wildcards: recording(INSTANCES[wildcards.instance][1]),
        architecture=lambda wildcards: own(INSTANCES[wildcards.instance][0]),
        stream=STREAMED,
    output:
        f"{OUT}/instances/networks/{{instance}}.h5",
    params:
        session=session_option,
        task=instance_options,
    threads: 1


rule search:
    input:
        lambda _: expand(f"{OUT}/search/networks/{{job}}.h5", job=searched_jobs()),


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


rule decoding:
    input:
        f"{OUT}/activations/{{network}}.h5",
    output:
        f"{OUT}/decoding/{{network}}.h5",
    params:
        script="single_cell/decode_population.py",
        settings=settings("decoding"),
    shell:
        f"{RUN} {{input:q}}"


# Responses take gigabytes: they are made for all analyses of a network together, and removed after the last one.
use rule activations as instance_activations with:
    input:
        f"{OUT}/instances/networks/{{instance}}.h5",
        f"{OUT}/dataset.h5",
    output:
        temp(f"{OUT}/instances/activations/{{instance}}.h5"),


use rule rdm as instance_rdm with:
    input:
        f"{OUT}/instances/activations/{{instance}}.h5",
    output:
        f"{OUT}/instances/rdm/{{instance}}.h5",
    priority: 1


use rule tuning as instance_tuning with:
    input:
        f"{OUT}/instances/activations/{{instance}}.h5",
    output:
        f"{OUT}/instances/tuning/{{instance}}.h5",
    priority: 1


use rule decoding as instance_decoding with:
    input:
        f"{OUT}/instances/activations/{{instance}}.h5",
    output:
        f"{OUT}/instances/decoding/{{instance}}.h5",
    priority: 1


rule embedding:
    input:
        f"{OUT}/instances/activations/{{instance}}.h5",
    output:
        f"{OUT}/instances/embedding/{{instance}}.h5",
    priority: 1
    params:
        script="repr-analysis/embed.py",
        settings=settings("embedding"),
    shell:
        f"{RUN} {{input:q}}"


rule similarity:
    input:
        f"{OUT}/activations/{{network}}.h5",
        f"{OUT}/activations/{{other}}.h5",
    output:
        f"{OUT}/similarity/{{network}}-{{other}}.h5",
    params:
        script="repr-analysis/compare_layers.py",
        settings=settings("similarity"),
    shell:
        f"{RUN} {{input:q}}"


use rule similarity as instance_similarity with:
    input:
        lambda wildcards: expand(f"{OUT}/instances/activations/{{instance}}.h5", instance=PAIRS[wildcards.pair]),
    output:
        f"{OUT}/instances/similarity/{{pair}}.h5",
    priority: 1


rule summary:
    input:
        f"{OUT}/instances/tuning/{{instance}}.h5",
    output:
        f"{OUT}/instances/summaries/{{instance}}.h5",
    params:
        script="single_cell/summarise_tuning.py",
        settings=settings("summary"),
    shell:
        f"{RUN} {{input:q}}"


rule comparison:
    input:
        expand(f"{OUT}/instances/{{analysis}}/{{instance}}.h5", analysis=SCORED, instance=INSTANCES),
    output:
        f"{OUT}/instances/comparison.h5",
    params:
        script="single_cell/compare_networks.py",
        settings=settings("comparison"),
    shell:
        f"{RUN} {{input:q}}"


use rule comparison as claims with:
    output:
        f"{OUT}/instances/claims.h5",
    params:
        script="single_cell/evaluate_claims.py",
        settings=settings("comparison"),


rule representations:
    input:
        representations,


rule recorded_session:
    input:
        lambda wildcards: RECORDINGS[wildcards.recording],
    output:
        f"{OUT}/recordings/{{recording}}.h5",
    params:
        script="neural_prediction/read_session.py",
        settings=settings("recording"),
    shell:
        f"{RUN} {{input:q}}"


rule recorded_arm:
    input:
        session=f"{OUT}/recordings/{{recording}}.h5",
        arm=ARM,
    output:
        f"{OUT}/arms/{{recording}}.h5",
    params:
        script="neural_prediction/reconstruct_arm.py",
        settings=settings("arm", "reconstruction"),
    threads: workflow.cores
    shell:
        f"{RUN} {{input.session:q}}"


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
        f"{OUT}/networks/{{network}}.h5",
    output:
        f"{OUT}/prediction/{{network}}.h5",
    params:
        script="neural_prediction/predict.py",
        settings=settings("responses", "regression", "prediction"),
    shell:
        f"{RUN} {{input:q}}"


use rule prediction as instance_prediction with:
    input:
        f"{OUT}/arms/{{recording}}.h5",
        f"{OUT}/instances/networks/{{instance}}.h5",
    output:
        f"{OUT}/instances/prediction/{{recording}}/{{instance}}.h5",


use rule prediction as simulated_baselines with:
    input:
        f"{OUT}/session.h5",
    output:
        f"{OUT}/prediction/baselines.h5",
    params:
        script="neural_prediction/fit_baselines.py",
        settings=settings("responses", "regression", "feature_sets"),


use rule instance_prediction as data_driven_prediction with:
    output:
        f"{OUT}/instances/data_driven/{{recording}}/{{instance}}.h5",
    params:
        script="neural_prediction/fit_network.py",
        settings=settings("responses", "data_driven"),


use rule simulated_baselines as neuron_baselines with:
    input:
        f"{OUT}/arms/{{recording}}.h5",
    output:
        f"{OUT}/instances/prediction/{{recording}}/baselines.h5",


use rule evaluation as instance_evaluation with:
    input:
        network=f"{OUT}/instances/networks/{{instance}}.h5",
        dataset=lambda wildcards: training_set(INSTANCES[wildcards.instance][1]),
        session=[],
    output:
        f"{OUT}/instances/evaluation/{{instance}}.h5",


rule recurrent:
    output:
        f"{OUT}/recurrent/{{recurrent}}.h5",
    params:
        script="network_comparison/train.py",
        settings=settings("recurrent_training"),
        options=recurrent_options,
    threads: 1
    shell:
        f"{RUN} {{params.options}}"


rule latents:
    input:
        f"{OUT}/recurrent/{{recurrent}}.h5",
    output:
        f"{OUT}/latents/{{recurrent}}.h5",
    params:
        script="network_comparison/analyze.py",
        settings=settings("latents"),
    shell:
        f"{RUN} {{input:q}} --name {{wildcards.recurrent:q}}"


rule fixed_points:
    input:
        f"{OUT}/recurrent/{{recurrent}}.h5",
        f"{OUT}/latents/{{recurrent}}.h5",
    output:
        f"{OUT}/fixed_points/{{recurrent}}.h5",
    params:
        script="network_comparison/fixed_points.py",
        settings=settings("fixed_points"),
        options=fixed_point_options,
    shell:
        f"{RUN} {{input:q}} {{params.options}}"


rule dynamics_similarity:
    input:
        lambda wildcards: expand(f"{OUT}/latents/{{name}}.h5", name=recurrent_tasks()[wildcards.task]),
    output:
        f"{OUT}/dynamics_similarity/{{task}}.h5",
    params:
        script="network_comparison/compare.py",
        settings=settings("dynamics_similarity"),
    shell:
        f"{RUN} {{input:q}}"


rule simulated_neurons:
    input:
        f"{OUT}/latents/{{recurrent}}.h5",
    output:
        f"{OUT}/simulated_neurons/{{recurrent}}.h5",
    params:
        script="network_comparison/simulate.py",
        settings=settings("simulation"),
    shell:
        f"{RUN} {{input:q}}"


rule inferred:
    input:
        lambda wildcards: f"{OUT}/simulated_neurons/{MODELS[wildcards.model].network}.h5",
    output:
        f"{OUT}/inferred/{{model}}.h5",
    params:
        script="network_comparison/fit.py",
        settings=settings("autoencoder"),
        options=model_options,
    threads: 1
    shell:
        f"{RUN} {{input:q}} {{params.options}}"


rule dynamics:
    input:
        DYNAMICS,


rule letter_networks:
    input:
        letter_networks,
    output:
        f"{OUT}/letter_networks/letters.h5",
    params:
        script="network_comparison/compare.py",
        settings=settings("dynamics_similarity"),
    shell:
        f"{RUN} {{input:q}}"


rule predictivity:
    input:
        compared_predictions,
    output:
        f"{OUT}/predictivity.h5",
    params:
        script="neural_prediction/compare_predictions.py",
        settings=settings("predictivity", "comparison"),
    shell:
        f"{RUN} {{input:q}}"


rule predictions:
    input:
        predictions,
