"""What layers represent, and what their units are tuned to."""

import shutil

import numpy as np
import pytest
import stages
from scipy.spatial.distance import pdist

from proprionet.analysis.layers import similarity


def test_kinematics_come_before_the_layers_of_an_rdm(made):
    rdm, responses = stages.read(made.files["rdm"]), stages.read(made.files["activations"])
    assert rdm.attributes["layers"] == ["hand", "joints", "muscle_length", "input", "spatial0", "temporal0"]
    assert rdm.attributes["undefined"] == {}
    assert rdm.attributes["instance"] == responses.attributes["instance"]
    units = responses.hand.reshape(40, -1)
    expected = pdist(units[:, np.ptp(units, axis=0) > 0].astype(float), "correlation")
    np.testing.assert_allclose(vars(rdm)["rdm/hand"], expected, atol=1e-6)
    assert rdm.pearson[0] == pytest.approx(np.corrcoef(expected, pdist(rdm.label[:, None]) > 0)[0, 1], abs=1e-6)


def test_layers_of_two_networks_are_compared(made):
    found = stages.read(made.files["similarity"])
    assert found.attributes["a"]["task"] == "action_recognition"
    assert found.attributes["b"]["task"] == "trajectory_decoding"
    assert found.attributes["layers_a"] == found.attributes["layers_b"] == ["input", "spatial0", "temporal0"]
    for measure in similarity.MEASURES:
        matrix = vars(found)[measure]
        assert matrix.shape == (3, 3)
        assert matrix[0, 0] == pytest.approx(0 if measure == "procrustes" else 1, abs=1e-6)  # both see the same input
    assert (found.cka_biased > found.cka).any()


def test_every_layer_and_the_hand_are_mapped(made):
    found, responses = stages.read(made.files["embedding"]), stages.read(made.files["activations"])
    assert found.attributes["layers"] == ["hand", "input", "spatial0", "temporal0"]
    assert all(0.9 < share <= 1 for share in found.attributes["explained"])  # 39 components of 40 movements
    for layer in found.attributes["layers"]:
        assert vars(found)[f"points/{layer}"].shape == (40, 2)
    middle = responses.first + responses.n_samples // 2
    np.testing.assert_array_equal(found.middle, responses.hand[np.arange(40), :, middle])
    np.testing.assert_array_equal(found.label, responses.label)


def test_maps_of_one_plane_show_its_movements(made, tmp_path):
    options = ("--method", "mds", "--planes", "vertical")
    found = stages.read(stages.make("repr-analysis/embed.py", tmp_path / "map.h5", made.files["activations"], *options))
    plane = stages.read(made.files["activations"]).plane
    assert (found.plane == 1).all()
    assert len(vars(found)["points/hand"]) == (plane == 1).sum()


def test_analyses_have_a_row_for_every_pair_unit_and_neuron(made):
    rdm, tuning, prediction = (stages.read(made.files[name]) for name in ("rdm", "tuning", "prediction"))
    assert vars(rdm)["rdm/temporal0"].shape == (40 * 39 // 2,)
    assert rdm.pearson.shape == rdm.kendall.shape == (6,)
    assert list(np.bincount(tuning.layer)) == [8, 4, 8]
    n_planes, movements = len(tuning.level), len(stages.read(made.files["activations"]).movement)
    assert tuning.r2.shape == tuning.intercept.shape == (n_planes, 9, 20)
    assert tuning.coefficients.shape == (n_planes, len(tuning.attributes["coefficients"]), 20)
    assert tuning.selectivity.shape == (2, len(tuning.attributes["alphabet"]), 20)
    assert tuning.n_movements[:2].sum() == tuning.n_movements[2:].sum() == movements
    assert (tuning.r2[0, tuning.attributes["features"].index("muscle_length"), :8] > 0.5).any()
    assert tuning.attributes["family"] == "spatial_temporal"
    assert prediction.explained_variance.shape == prediction.correlation.shape == (3, 4)
    assert (prediction.explained_variance[0] <= prediction.ceiling + 0.1).all()  # neurons are driven by the input
    session = stages.read(made.files["session"])
    np.testing.assert_array_equal(session.movement, stages.read(made.files["activations"]).movement)


def test_shuffled_movements_leave_the_input_without_tuning(made):
    found, null = stages.read(made.files["tuning"]), stages.read(made.files["null_tuning"])
    assert (found.attributes["shuffled"], null.attributes["shuffled"]) == (False, True)
    feature, lengths = found.attributes["features"].index("muscle_length"), (found.layer == 0) & (found.channel == 0)
    assert found.r2[0, feature, lengths].min() > 0.999 > 0.5 > null.r2[0, feature, lengths].mean()
    np.testing.assert_array_equal(null.n_movements, found.n_movements)


def test_tuning_says_why_there_is_none(made, tmp_path):
    def one_letter(file):
        file["label"][:] = 3
        file["layers/spatial0"][:] = 0.5

    recorded = stages.change(shutil.copy(made.files["activations"], tmp_path / "one_letter.h5"), one_letter)
    found = stages.read(stages.make("single_cell/fit_tuning.py", tmp_path / "tuning.h5", recorded))
    reasons = {"spatial0": "no unit varies over the stimuli", "selectivity": "all movements are of one letter"}
    assert found.attributes["undefined"] == reasons
    assert np.isnan(found.selectivity).all()


def test_statistics_of_units_and_decodings_have_a_column_for_every_layer(made):
    summary, population, dissection = (
        stages.read(made.files[name]) for name in ("summary", "population", "dissection")
    )
    assert summary.value.shape == (len(summary.attributes["statistics"]), 3)
    assert population.r2.shape == (3, len(population.attributes["targets"]))
    assert population.null_r2.shape == (2, *population.r2.shape)
    assert population.r2[0, 0] > population.null_r2[:, 0, 0].max()
    assert dissection.movement.shape == (len(dissection.layer), 20, 5)
