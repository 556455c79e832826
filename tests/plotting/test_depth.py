"""Curves over layers show means over seeds, their intervals, and the published values."""

import networks_compared as compared
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from networks_compared import RECOGNITION, RECURRENT, SPATIAL, UNTRAINED
from scipy import stats

from proprionet.errors import InputError
from proprionet.plotting import depth, style


def rising(condition, layer, seed):
    return layer + seed**2 / 10 + (condition == UNTRAINED)


def test_mean_and_interval_over_seeds():
    figure = depth.by_layer(compared.statistics(rising), {"some": "title"}, "y", {})
    (axes,) = figure.axes
    trained, untrained = compared.curves(axes)
    seeds = np.array([0.1, 0.4, 0.9])
    np.testing.assert_allclose(trained, [range(4), np.arange(4) + seeds.mean()])
    np.testing.assert_allclose(untrained - trained, [[0] * 4, [1] * 4], atol=1e-12)
    low, high = stats.t.interval(0.95, 2, seeds.mean(), stats.sem(seeds))
    band = axes.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose([band[band[:, 0] == 2, 1].min(), band[band[:, 0] == 2, 1].max()], [2 + low, 2 + high])
    assert [line.get_color() for line in axes.lines] == ["midnightblue", "#8c8c8c"]
    assert compared.legend(figure) == [RECOGNITION, UNTRAINED]
    assert (axes.get_title(), figure.get_supxlabel(), figure.get_supylabel()) == ("title", depth.LAYER, "y")


def test_published_values_by_relative_depth():
    known = {(SPATIAL[0], UNTRAINED, "some"): (1.0, 2.0, np.nan, 4.0)}
    figure = depth.by_layer(compared.statistics(rising), {"some": ""}, "y", known, relative=True)
    (axes,) = figure.axes
    (published,) = compared.curves(axes, dashed=True)
    np.testing.assert_allclose(published, [[0, 1 / 3, 2 / 3, 1], [1, 2, np.nan, 4]])
    np.testing.assert_allclose(compared.curves(axes)[0][0], [0, 1 / 3, 2 / 3, 1])
    assert compared.legend(figure)[-1] == "published (read off)"


def test_one_seed_and_layers_without_value():
    table = compared.statistics(lambda condition, layer, seed: layer if layer < 2 else np.nan, seeds=[1])
    figure = depth.by_layer(table, {"some": ""}, "y", {})
    figure.draw_without_rendering()
    (axes,) = figure.axes
    np.testing.assert_allclose(compared.curves(axes)[0], [[0, 1], [0, 1]])
    assert axes.get_xticks().tolist() == [0, 1, 2, 3]


def test_a_panel_for_each_architecture_and_statistic():
    values = {f"s{index}": rising for index in range(7)}
    table = compared.statistics(values, kinds=(RECURRENT, SPATIAL))
    figure = depth.by_layer(table, {name: name for name in ["not there", *values]}, "y", {})
    families = ["spatial-temporal"] * 7 + ["recurrent"] * 7
    assert compared.titles(figure) == [
        f"{family}\n{name}" for family, name in zip(families, [*values] * 2, strict=True)
    ]
    assert compared.legend(figure) == [RECOGNITION, UNTRAINED]
    assert to_rgba(figure.axes[7].lines[0].get_color()) == to_rgba("indigo")
    two_of_a_family = compared.statistics(rising, kinds=(SPATIAL, (SPATIAL[0], "mine")))
    assert compared.titles(depth.by_layer(two_of_a_family, {"some": ""}, "y", {})) == [SPATIAL[1], "mine"]


def test_nothing_to_draw():
    table = compared.statistics(lambda *_: np.nan)
    for wanted in ("some", "other"):
        with pytest.raises(InputError, match="nothing to draw: no result is of the networks"):
            depth.by_layer(table, {wanted: ""}, "y", {})


def test_colours_are_those_of_the_paper():
    pairs = {"spatial_temporal": ("midnightblue", "darkturquoise"), "recurrent": ("indigo", "orchid")}
    for family, colours in pairs.items():
        assert (
            style.condition_colour(family, RECOGNITION),
            style.condition_colour(family, compared.DECODING),
        ) == colours
        assert style.condition_colour(family, UNTRAINED) == "#8c8c8c"
    assert style.condition_colour("mine", RECOGNITION) == "midnightblue"
    assert style.condition_colour("recurrent", "torque") not in {*pairs["recurrent"], "#8c8c8c"}


def test_untrained_comes_last_and_tasks_in_the_order_of_the_paper():
    table = compared.statistics(rising, conditions=(UNTRAINED, "torque", compared.DECODING, RECOGNITION))
    assert depth.conditions_of(table) == [RECOGNITION, compared.DECODING, "torque", UNTRAINED]
