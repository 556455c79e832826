"""What layers represent, and what their units are tuned to."""

import shutil

import numpy as np
import pytest
import stages
from scipy.spatial.distance import pdist

from proprionet import store
from proprionet.analysis.layers import similarity
from proprionet.rnn import searched


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


def letter_network(made, folder, recurrent, task):
    """A network of the recurrent family that is not trained, and its activations."""
    filters = "spatial_filters: [4], spatial_kernel: 3, spatial_stride: [1]"
    (folder / "mine.yaml").write_text(f"{{family: recurrent, {filters}, {recurrent}}}", encoding="utf-8")
    how = ("--network", folder / "mine.yaml", "--task", task, "--untrained")
    network = stages.make("nn-training/train.py", folder / "mine.h5", made.files["dataset"], *how)
    given = (network, made.files["dataset"])
    return network, stages.make("nn-training/record_activations.py", folder / "activations.h5", *given)


def test_fixed_points_of_a_network_that_reads_letters(made, tmp_path):
    """Its last recurrent layer on its own does what it did in the network; before training it forgets all."""
    network, responses = letter_network(made, tmp_path, "recurrent_units: [6], cell: gru", "trajectory_decoding")
    with store.read(network) as file, store.read(responses) as seen:
        layer = searched.read(file, seen)
        recorded = seen["layers/recurrent0"].reshape(-1, 6)
        np.testing.assert_allclose(layer.visited, recorded, atol=1e-5)
        assert layer.said.shape == (len(recorded), 3)
        assert layer.constant_input("mean").shape == (layer.inputs.shape[2],)
    quick = ("--n-starts", 20, "--constant-input", "mean")
    found = stages.read(
        stages.make("network_comparison/fixed_points.py", tmp_path / "p.h5", network, responses, *quick)
    )
    assert found.attributes["output_labels"] == ["hand 1 (cm)", "hand 2 (cm)", "hand 3 (cm)"]
    assert found.attributes["complete"]
    assert found.fixed.sum() == 1
    assert found.n_unstable.max() == 0


def test_answers_that_are_no_linear_readout_are_refused(made, tmp_path):
    """Even where the decoder's last layer is as wide as the recurrent one."""
    network, responses = letter_network(made, tmp_path, "recurrent_units: [16]", "autoencoder")
    assert len(vars(stages.read(network))["weights/score/kernel"]) == 16
    result = stages.run("network_comparison/fixed_points.py", network, responses)
    assert result.exit_code == 2
    assert "its answers are not a linear readout of recurrent0" in result.stderr


@pytest.mark.parametrize(
    ("network", "trials", "said"),
    [
        ("recognition", "activations", "has no recurrent layer (layers: input, spatial0, temporal0)"),
        ("decoding", "activations", "was not recorded from"),
        ("recognition", "dataset", "expected an activations file"),
        ("dataset", "activations", "expected a recurrent file"),
    ],
)
def test_networks_without_a_recurrent_layer_have_no_fixed_points(made, network, trials, said):
    result = stages.run("network_comparison/fixed_points.py", made.files[network], made.files[trials])
    assert result.exit_code == 2
    assert said in result.stderr
