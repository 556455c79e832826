"""Figures of networks compared show the numbers that they are given."""

import numpy as np
import pytest

from proprionet.plotting import ctdb, style
from proprionet.rnn import stability, systems

MAP = systems.FlipFlop()
N_UNSTABLE = stability.stability(MAP, MAP.fixed_points(), np.zeros(3)).n_unstable


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_cube_counts_points_by_their_unstable_directions(tmp_path):
    points = MAP.readout(MAP.fixed_points())
    figure = ctdb.fixed_points(
        {"map": points}, {"map": N_UNSTABLE}, {"map": points[None, :9]}, ["bit 1", "bit 2", "bit 3"]
    )
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "8 stable",
        "12 with 1 unstable",
        "6 with 2 unstable",
        "1 with 3 or more unstable",
    ]
    assert axes.get_xlabel() == "bit 1"
    assert style.save(figure, tmp_path, "cube").stat().st_size > 0


def test_learning_shows_the_end_whatever_the_beginning():
    curve = np.array([10, 20, 30]), np.array([-120, 0.2, 0.95])
    assert ctdb.learning({"a": curve}, "R² on validation trials").axes[0].get_ylim() == (-0.2, 1.02)
    assert ctdb.learning({"a": curve}, "end error (cm)").axes[0].get_ylim()[0] < -120


def test_spectrum_draws_every_eigenvalue():
    spectrum = stability.stability(MAP, MAP.fixed_points(), np.zeros(3)).eigenvalues
    figure = ctdb.eigenvalues({"a": spectrum, "b": spectrum[:, :2]}, {"a": N_UNSTABLE, "b": N_UNSTABLE})
    drawn = [sum(len(line.get_xdata()) for line in axes.lines) for axes in figure.axes]
    assert drawn == [27 * 64, 27 * 2]


def test_points_that_are_gone_are_not_drawn():
    outputs = np.zeros((4, 2, 3))
    outputs[2:, 1] = np.nan
    unstable = np.tile([0, 5], (4, 1))
    figure = ctdb.followed({"a": outputs, "b": outputs}, {"a": unstable, "b": unstable}, ["x", "y", "z"])
    assert [axes.get_title() for axes in figure.axes[:4]] == ["a: x", "a: y", "a: z", "b: x"]
    for axes in figure.axes:
        shares = {line.get_label(): list(line.get_xdata()) for line in axes.lines if line.get_marker() == "."}
        assert shares == {"0": pytest.approx([0, 1 / 3, 2 / 3, 1]), "3 or more": pytest.approx([0, 1 / 3])}


def test_scree_of_networks_of_different_dimension():
    figure = ctdb.scree({"three": np.array([0.5, 0.3, 0.2, np.nan]), "four": np.array([0.4, 0.3, 0.2, 0.1])})
    each, total = figure.axes
    assert [len(line.get_xdata()) for line in each.lines] == [3, 4]
    assert total.lines[0].get_ydata()[-1] == pytest.approx(100)


def test_similarity_shows_floors_and_ceilings_beside_each_matrix():
    matrix = np.array([[0, 0.25], [0.25, 0]])
    figure = ctdb.similarity(
        {"cka": 1 - matrix, "dsa_angular": matrix},
        ["one", "other"],
        {"dsa_angular": np.array([0.001, 0.02])},
        {"cka": np.array([0.1, 0.2]), "dsa_angular": np.array([0.9, 0.8])},
    )
    cka, angle = figure.axes
    assert texts(cka) == ["1.00", "0.75", "0.10", "0.75", "1.00", "0.20"]
    assert texts(angle) == ["0.00", "0.25", "<.01", "0.90", "0.25", "0.00", "0.02", "0.80"]
    assert [label.get_text() for label in angle.get_xticklabels()] == ["one", "other", "halves", "shuffled"]


def test_many_networks_get_a_scale_instead_of_numbers():
    names = [f"layer {number}" for number in range(9)]
    figure = ctdb.similarity({"cka": np.eye(9)}, names, {}, {"cka": np.zeros(9)})
    assert not figure.axes[0].texts
    assert len(figure.axes) == 2


def test_layers_of_one_network_stand_together():
    networks, layers = ["a\nb"] * 2 + ["c\nd"], ["first", "second", "first"]
    matrices = {"affine_r2": np.eye(3), "dsa_angular": 1 - np.eye(3)}
    ends = {name: np.zeros(3) for name in matrices}
    one, other = ctdb.layers_alike(matrices, networks, layers, {"dsa_angular": np.zeros(3)}, ends).axes
    assert [text for text in texts(one) if "\n" in text] == ["a\nb", "c\nd"]
    assert [label.get_text() for label in other.get_yticklabels()] == layers
    assert [label.get_text() for label in one.get_xticklabels()] == [*layers, "shuffled"]


def test_aligned_trials_lie_over_those_of_the_target():
    target = np.random.default_rng(0).normal(size=(2, 7, 3))
    figure = ctdb.aligned({"one": target + 1, "two": target - 1}, target, "three")
    assert [axes.get_title() for axes in figure.axes] == ["one onto three", "two onto three"]
    for axes, mapped in zip(figure.axes, (target + 1, target - 1), strict=True):
        drawn = np.array([line.get_data_3d() for line in axes.lines])
        np.testing.assert_allclose(drawn, np.moveaxis(np.concatenate([target, mapped]), 1, 2))
