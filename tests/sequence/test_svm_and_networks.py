"""Linear classifiers and networks: how they are trained and tested, and their responses."""

import csv

import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.letters.strokes import ALPHABET


def test_svm_tells_every_pair(made):
    svm = stages.read(made.files["svm"])
    assert svm.attributes["alphabet"] == ALPHABET
    assert svm.accuracy.shape == (20, 20)
    assert np.isnan(np.diag(svm.accuracy)).all()
    np.testing.assert_allclose(np.nanmean(svm.accuracy), svm.attributes["mean_accuracy"])
    assert svm.attributes["mean_accuracy"] > 0.5


def test_networks_of_both_tasks_start_from_one_backbone(made):
    trained, decoder, untrained = (stages.read(made.files[name]) for name in ("recognition", "decoding", "untrained"))
    assert [network.attributes["trained"] for network in (trained, decoder, untrained)] == [True, True, False]
    assert [len(network.epoch) for network in (trained, decoder, untrained)] == [2, 2, 0]
    assert list(trained.epoch) == [1, 2]
    assert decoder.attributes["task"] == "trajectory_decoding"
    kernel = "weights/spatial0_convolution/kernel"
    assert (getattr(trained, kernel) != getattr(untrained, kernel)).any()
    scaling = [name for name in vars(trained) if name.startswith("weights/input_scaling")]
    assert scaling
    for name in scaling:
        np.testing.assert_array_equal(getattr(trained, name), getattr(untrained, name))


def test_a_training_writes_its_history_for_people_and_for_tensorboard(made):
    network = stages.read(made.files["neurons"])
    with open(made.files["neurons"].with_suffix(".csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    np.testing.assert_allclose([float(row["loss"]) for row in rows], network.train_loss)
    np.testing.assert_allclose([float(row["validation_explained_variance"]) for row in rows], network.validation_metric)
    (events,) = made.files["neurons"].with_suffix(".tensorboard").iterdir()
    assert b"validation_explained_variance" in events.read_bytes()


def test_networks_are_tested_on_a_part_of_a_set(made):
    data, one = stages.read(made.files["dataset"]), stages.read(made.files["evaluation"])
    np.testing.assert_array_equal(one.movement, np.flatnonzero(data.split == 1))
    np.testing.assert_array_equal(one.label, data.label[one.movement])
    assert one.confusion.sum() == len(one.movement)
    assert one.attributes["metrics"]["accuracy"] == np.mean(one.predicted == one.label) == np.trace(one.confusion) / 20
    decoder, tested = stages.read(made.files["decoding"]), stages.read(made.files["decoder_evaluation"])
    of_test = {name: value for name, value in decoder.attributes["metrics"].items() if name != "training_error"}
    assert tested.attributes["metrics"] == pytest.approx(of_test)
    assert 0 < decoder.attributes["metrics"]["training_error"] < 2 * of_test["error"]
    assert (tested.attributes["parts"], tested.attributes["units"]) == (["error"], ["cm"])
    assert tested.error.mean() == pytest.approx(tested.attributes["metrics"]["error"], rel=1e-5)
    neurons = stages.read(made.files["neurons"])
    assert neurons.attributes["answers"] == [["rate", "Hz", 4]]
    trials = stages.read(made.files["neurons_evaluation"])
    assert len(trials.movement) == round(0.1 * len(stages.read(made.files["session"]).movement))
    neurons.attributes["metrics"].pop("training_explained_variance")
    assert trials.attributes["metrics"] == pytest.approx(neurons.attributes["metrics"])


def test_activations_are_of_the_test_part_and_the_same_for_every_network(made):
    data = stages.read(made.files["dataset"])
    one, other = stages.read(made.files["activations"]), stages.read(made.files["decoder_activations"])
    np.testing.assert_array_equal(one.movement, other.movement)
    np.testing.assert_array_equal(vars(one)["layers/input"], vars(other)["layers/input"])
    assert (data.split[one.movement] == 2).all()
    assert (np.bincount(data.label[one.movement]) == 2).all()
    np.testing.assert_array_equal(one.label, data.label[one.movement])
    for name in ("hand", "joints", "first", "n_samples"):
        np.testing.assert_array_equal(vars(one)[name], vars(data)[name][one.movement])
    lengths = vars(one)["layers/input"][..., 0].transpose(0, 2, 1)
    np.testing.assert_array_equal(lengths, data.muscle_length[one.movement])
    np.testing.assert_array_equal(one.muscle_length, data.muscle_length[one.movement])
    assert one.attributes["family"] == "spatial_temporal"
    assert one.attributes["instance"] == stages.read(made.files["recognition"]).attributes["seed"]
    assert one.attributes["layers"] == ["input", "spatial0", "temporal0"]
    assert vars(one)["layers/temporal0"].shape == (40, 64, 2, 4)
    np.testing.assert_allclose(np.diff(vars(one)["times/temporal0"]), 5)


def test_redundancy_stands_beside_that_of_the_network_as_it_is_drawn(tmp_path):
    data = stages.write_dataset(tmp_path / "dataset.h5")
    options = (data, "--task", "redundancy_reduction", "--network", "spatial_temporal_small", "--epochs", 1)
    metrics = []
    for name, more in (("trained", ()), ("drawn", ("--untrained",))):
        with store.read(stages.make("nn-training/train.py", tmp_path / f"{name}.h5", *options, *more)) as file:
            metrics.append(file.attribute("metrics"))
            chance = file.attribute("headline")["test_redundancy"]["chance"]
            assert chance == metrics[-1]["trivial_redundancy"]
    trained, drawn = metrics
    assert trained["trivial_redundancy"] == drawn["trivial_redundancy"] == drawn["redundancy"]
    assert trained["redundancy"] != drawn["redundancy"]
