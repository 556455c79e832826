"""The whole sequence of stages on a tiny arm, made once for all tests of this folder."""

from types import SimpleNamespace

import pytest
import stages

from proprionet.analysis.layers import similarity

GENERATE = "dataset/generate_movements.py"
TRAIN = "nn-training/train.py"
EVALUATE = "nn-training/evaluate.py"
SIMULATE = "neural_prediction/simulate_session.py"
FIT_NETWORK = "neural_prediction/fit_network.py"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Every stage run once; the files that came of it by name, and the commands that made them."""
    folder = tmp_path_factory.mktemp("sequence")
    every_letter_once = {"letters": {"per_letter": 7}, "movements": {"per_letter": 7, "engine": "exact"}}
    settings = stages.experiment(folder, **every_letter_once)
    files, commands = {}, {}

    def stage(name, script, *arguments):
        arguments = [files.get(argument, argument) for argument in arguments]
        commands[name] = (script, *arguments, "--config", settings)
        if name == "movements":
            process = stages.start(*commands[name], "--jobs", 2, "--out", folder / f"{name}.h5")
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
        else:
            stages.make(commands[name][0], folder / f"{name}.h5", *commands[name][1:])
        files[name] = folder / f"{name}.h5"

    stage("letters", "dataset/write_letters.py")
    stage("start_points", "dataset/find_start_points.py")
    stage("movements", GENERATE, "letters", "start_points")
    stage("dataset", "dataset/make_dataset.py", "movements")
    stage("svm", "svm-analysis/fit_pairwise.py", "dataset")
    stage("linear_decoder", "svm-analysis/decode_trajectory.py", "dataset")
    stage("recognition", TRAIN, "dataset", "--task", "action_recognition")
    stage("decoding", TRAIN, "dataset", "--task", "trajectory_decoding")
    stage("untrained", TRAIN, "dataset", "--untrained")
    stage("activations", "nn-training/record_activations.py", "recognition", "dataset")
    stage("decoder_activations", "nn-training/record_activations.py", "decoding", "dataset")
    stage("rdm", "repr-analysis/compute_rdms.py", "activations")
    every_measure = ("--measure", ",".join(similarity.MEASURES), "--dimension", 3)
    stage("similarity", "repr-analysis/compare_layers.py", "activations", "decoder_activations", *every_measure)
    stage("embedding", "repr-analysis/embed.py", "activations", "--perplexity", 5)
    stage("tuning", "single_cell/fit_tuning.py", "activations")
    stage("null_tuning", "single_cell/fit_tuning.py", "activations", "--shuffled")
    stage("summary", "single_cell/summarise_tuning.py", "tuning")
    stage("population", "single_cell/decode_population.py", "activations", "--shuffles", 2)
    stage("dissection", "single_cell/dissect_network.py", "activations")
    stage("session", SIMULATE, "dataset")
    stage("neurons", TRAIN, "dataset", "--session", "session", "--task", "neurons", "--tensorboard")
    stage("evaluation", EVALUATE, "recognition", "dataset", "--part", "validation")
    stage("decoder_evaluation", EVALUATE, "decoding", "dataset")
    stage("neurons_evaluation", EVALUATE, "neurons", "dataset", "--session", "session")
    stage("prediction", "neural_prediction/predict.py", "session", "recognition")
    stage("data_driven", FIT_NETWORK, "session", "untrained", "--epochs", 2, "--n-folds", 2)
    return SimpleNamespace(folder=folder, settings=settings, files=files, commands=commands)
