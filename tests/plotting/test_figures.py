"""Figures show what they are given, with names and units on their axes."""

import re

import numpy as np
import pytest
from scipy.spatial.distance import squareform

from proprionet.plotting import (
    activations,
    dataset,
    decoding,
    letters,
    movements,
    prediction,
    representation,
    session,
    start_points,
    style,
    svm,
    training,
    tuning,
)

RNG = np.random.default_rng(0)
LAYERS = {"action recognition": ["input", "last"], "untrained": ["input", "last"]}
HAND = {"horizontal": RNG.normal(size=(20, 3)), "vertical": RNG.normal(size=(20, 3))}


def draw_letters():
    return letters.examples(RNG.normal(size=(40, 2)), np.arange(0, 41, 10), np.array([0, 0, 1, 2]), "abc")


def draw_workspace():
    return start_points.workspace({"horizontal": RNG.normal(size=(9, 3)), "vertical": RNG.normal(size=(9, 3))})


def draw_arm():
    return movements.arm_writing(HAND, {"horizontal": HAND["vertical"]}, RNG.normal(size=(20, 4)), list("wxyz"), 0.015)


def draw_muscles():
    return movements.muscles(RNG.normal(size=(20, 3)), ["A", "B", "C"], 0.015)


def draw_rejections():
    return movements.rejections({"joint_jerk": 3}, 10)


def draw_dataset():
    return dataset.overview(np.arange(12) % 3, np.arange(12) % 3, np.linspace(1, 2, 12), "abc")


def draw_svm():
    return svm.pairwise_accuracy(np.full((3, 3), 0.8), "abc")


def draw_activations():
    times = {"input": np.arange(6) * 0.015, "last": np.array([0.02, 0.06])}
    rows = {name: RNG.normal(size=(len(at), 3)) for name, at in times.items()}
    return activations.responses({"action recognition": rows}, {"action recognition": times})


def draw_recording():
    return session.recording(RNG.poisson(1, size=(10, 4)), np.array([0.5, 1, 1.5, 2]), 0.05)


def draw_training():
    curves = {"epoch": np.arange(1, 4), "train_loss": np.ones(3), "validation_loss": np.ones(3)}
    return training.losses({"action recognition": curves}, {"action recognition": "test accuracy 0.9"})


def draw_oracle():
    return representation.oracle_by_depth({name: np.array([0.1, 0.5]) for name in LAYERS}, LAYERS)


def draw_rdms():
    return representation.percentile_rdms([RNG.random(15)] * 2, ["input", "last"], np.array([0, 1, 2] * 2), "abc")


def draw_tuning():
    r2 = {feature: {name: RNG.random(10) for name in LAYERS} for feature in ("direction", "position")}
    return tuning.r2_by_layer(r2, {name: np.arange(10) % 2 for name in LAYERS}, LAYERS)


def draw_prediction():
    return prediction.explained_variance(
        {name: RNG.random((2, 5)) for name in LAYERS}, LAYERS, np.linspace(0.5, 0.9, 5)
    )


def draw_feature_sets():
    sets = {"baseline": ["position", "position and velocity"]}
    return prediction.feature_sets({"baseline": RNG.random((2, 5))}, sets, np.linspace(0.5, 0.9, 5))


DRAWN = [value for name, value in list(globals().items()) if name.startswith("draw_")]


@pytest.mark.parametrize("draw", DRAWN)
def test_axes_are_named_and_quantities_have_units(draw):
    figure = draw()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    own = [text for axes in shown for text in (axes.get_xlabel(), axes.get_ylabel())]
    labels = [text for text in [*own, figure.get_supxlabel(), figure.get_supylabel()] if text]
    assert len(labels) >= 2
    plain = (
        "letter",
        "other letter",
        "layer",
        "muscle",
        "neuron",
        "action recognition\nunit",
        "outcome",
        "epoch",
        "loss",
        "set of features",
    )
    assert all(label in plain or re.search(r"\(.+\)", label) for label in labels)


def test_one_panel_a_letter_first_on_top():
    samples = np.arange(40.0).reshape(20, 2)
    figure = letters.examples(samples, np.array([0, 10, 20]), np.array([1, 1]), "ab")
    (panel,) = [axes for axes in figure.axes if axes.get_visible()]
    assert panel.get_title() == "b"
    np.testing.assert_array_equal(panel.lines[-1].get_xydata(), samples[:10])


def test_workspace_counts_planes_and_looks_from_above():
    points = np.array([[30.0, -5, 0], [30, -5, 10], [40, 0, 0]])
    (dots,) = start_points.workspace({"horizontal": points}).axes[0].collections
    shown = {tuple(place): count for place, count in zip(dots.get_offsets().data, dots.get_array(), strict=True)}
    assert shown == {(5.0, 30.0): 2, (0.0, 40.0): 1}


def test_arm_is_seen_from_above_and_from_behind():
    figure = movements.arm_writing(HAND, {}, np.zeros((20, 4)), list("wxyz"), 0.015)
    above, behind = (axes.lines[0].get_xydata() for axes in figure.axes[:2])
    np.testing.assert_allclose(above, HAND["horizontal"][:, [1, 0]] * [-1, 1])
    np.testing.assert_allclose(behind, HAND["vertical"][:, [1, 2]] * [-1, 1])


def test_muscle_velocity_is_in_mm_per_second():
    steady = 100 + 0.03 * np.arange(20)[:, None]  # 0.03 mm in 15 ms is 2 mm/s
    length, velocity = (axes.images[0].get_array() for axes in movements.muscles(steady, ["A"], 0.015).axes[:2])
    np.testing.assert_allclose(velocity, 2)
    np.testing.assert_allclose(length[0], steady[:, 0] - 100)


def test_bars_of_the_data_set_add_up():
    label, split = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 2, 0, 0, 1, 2])
    bars = dataset.overview(label, split, np.ones(6), "abc").axes[0].patches
    top = {}
    for bar in bars:
        letter = "abc"[round(bar.get_x() + bar.get_width() / 2)]
        top[letter] = max(top.get(letter, 0), bar.get_y() + bar.get_height())
    assert top == {"a": 2, "b": 1, "c": 3}


def test_only_the_lower_triangle_of_pairs_is_drawn():
    shown = svm.pairwise_accuracy(np.arange(9.0).reshape(3, 3) / 10, "abc").axes[0].images[0].get_array()
    assert np.ma.filled(shown, np.nan)[np.tril_indices(3, -1)].tolist() == pytest.approx([0.3, 0.6, 0.7])
    assert np.ma.getmaskarray(shown)[np.triu_indices(3)].all()


def test_letters_that_are_hard_to_tell_apart_are_joined():
    accuracy = np.array([[np.nan, 0.8, 0.6], [0.8, np.nan, 0.4], [0.6, 0.4, np.nan]])
    axes = svm.hard_pairs(accuracy, "abc", "joints, full").axes[0]
    place = {text.get_text(): text.get_position() for text in axes.texts}
    joined = [
        sorted(letter for letter in "abc" if any(np.allclose(place[letter], end) for end in line.get_xydata()))
        for line in axes.lines
    ]
    assert joined == [["b", "c"], ["a", "c"]]
    assert axes.lines[0].get_alpha() > axes.lines[1].get_alpha()
    assert axes.get_title() == "joints, full\n2 of 3 pairs below 70 %"


def test_stimuli_of_one_letter_lie_together():
    label = np.array([1, 0, 1, 0])
    distance = squareform(np.where(label[:, None] == label, 0.0, 1.0) + 0.1 * (1 - np.eye(4)), checks=False)
    panel = representation.percentile_rdms([distance], ["last"], label, "ab").axes[0]
    shown = np.ma.filled(panel.images[0].get_array(), np.nan)
    assert shown[0, 1] == shown[2, 3] < shown[0, 2] == shown[1, 3]
    assert [text.get_text() for text in panel.get_xticklabels()] == ["a", "b"]
    assert list(panel.get_xticks()) == [0.5, 2.5]


@pytest.mark.parametrize(("plane", "up"), [("horizontal", 0.0), ("vertical", 90.0)])
def test_forward_and_upward_directions_point_up(plane, up):
    layer, layers = {"net": np.zeros(1, int)}, {"net": ["only"]}
    panel = tuning.preferred_directions({"net": np.array([up + 5.0])}, layer, layers, plane).axes[0]
    (bar,) = [patch for patch in panel.patches if patch.get_height() > 0]
    middle = panel.transData.transform((bar.get_x() + bar.get_width() / 2, 1)) - panel.transData.transform((0, 0))
    assert abs(np.degrees(np.arctan2(*middle))) < 20  # from straight up on the page
    assert panel.get_title().endswith("n = 1")


def test_dead_units_and_misfits_are_left_out():
    values = np.array([np.nan, -5.0, 0.4, 0.6, 0.5])
    figure = tuning.r2_by_layer({"direction": {"net": values}}, {"net": np.zeros(5, int)}, {"net": ["only", "empty"]})
    whites = [line for line in figure.axes[0].lines if line.get_color() == "white"]
    assert whites[0].get_ydata()[0] == pytest.approx(0.5)


def test_prediction_shows_the_median_over_defined_neurons():
    values = {"net": np.array([[0.1, np.nan, 0.3], [np.nan] * 3])}
    figure = prediction.explained_variance(values, {"net": ["first", "silent"]})
    middle = figure.axes[0].containers[0].lines[0].get_ydata()
    np.testing.assert_allclose(middle, [0.2, np.nan])


def test_recording_shows_counts_of_one_trial_and_rates_of_all():
    counts = RNG.poisson(1, size=(10, 4))
    trial, rates, _ = session.recording(counts, np.array([0.5, 0.5, 0.5, 2]), 0.05).axes
    np.testing.assert_array_equal(trial.images[0].get_array(), counts.T)
    assert trial.get_xlim() == (0, 0.5)
    bars = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in rates.patches if bar.get_height()}
    assert list(bars.values()) == [3, 1]
    assert min(bars) == pytest.approx(10, abs=1)
    assert max(bars) == pytest.approx(40, abs=1)


def test_responses_are_relative_to_the_range_of_each_unit():
    values = np.array([[1.0, 5.0, 2.0], [3.0, 5.0, 1.0]])  # the second unit never changes
    figure = activations.responses({"untrained": {"last": values}}, {"untrained": {"last": np.array([0.1, 0.2])}})
    shown = np.asarray(figure.axes[0].collections[0].get_array()).reshape(3, 2)
    np.testing.assert_array_equal(shown, [[0, 1], [0, 0], [1, 0]])


def test_networks_keep_their_published_colours_and_never_share_one():
    names = ["action recognition", "trajectory decoding", "untrained", "untrained (seed_2)", "torque"]
    colours = style.network_colours(names)
    assert colours[:2] == ["midnightblue", "darkturquoise"]
    assert len(set(colours)) == len(names)


def test_networks_of_different_layers_share_their_depth_alone():
    layers = {"a": ["input", "one"], "b": ["input", "one", "two"]}
    axes = representation.oracle_by_depth({name: np.ones(len(names)) for name, names in layers.items()}, layers).axes[0]
    assert "depth" in axes.get_xlabel()
    assert len(axes.get_xticks()) == 3


def test_same_figure_same_bytes(tmp_path):
    first, second = (style.save(draw_svm(), tmp_path / folder, "figure") for folder in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"\x89PNG")
    assert first.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert first.with_suffix(".pdf").read_bytes() == second.with_suffix(".pdf").read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == ["figure.pdf", "figure.png"]


def test_names_from_files_are_never_formulae(tmp_path):
    style.save(representation.oracle_by_depth({r"$\frac{$": np.ones(1)}, {r"$\frac{$": ["$_$"]}), tmp_path, "figure")


@pytest.mark.parametrize("direction", [("direction_cos", "direction_sin"), ("direction_angle",)])
def test_decoded_direction_is_the_mean_of_its_numbers(direction):
    """Whether it was decoded as a unit vector or as the raw angle."""
    r2 = {name: np.array([0.2, 0.4]) + index / 10 for index, name in enumerate(direction)} | {"speed": np.zeros(2)}
    figure = decoding.by_layer({"untrained": r2}, {"untrained": np.ones(2)}, {"untrained": ["input", "spatial0"]})
    shown = figure.axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(shown, np.array([0.2, 0.4]) + (len(direction) - 1) / 20)
