"""The figures of eLife Fig. 5: what single units are tuned to."""

import networks_compared as compared
import numpy as np
import pytest
from matplotlib.patches import StepPatch
from networks_compared import RECOGNITION, UNTRAINED

from proprionet.errors import InputError
from proprionet.plotting import elife2023_fig5

SCORES = np.concatenate([np.linspace(0.21, 0.9, 9), np.linspace(0, 0.2, 8), [np.nan, np.nan, -0.5]])
"""Of 20 units 9 are tuned, 2 dead and 1 is a misfit."""


def test_areas_are_shares_of_all_units():
    units = compared.units(direction=SCORES, label_mean=0.0)
    figure = elife2023_fig5.tuned_shares(units)
    figure.draw_without_rendering()
    assert compared.titles(figure) == [RECOGNITION, UNTRAINED]
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["direction", "letter (mean)"]
    (bubbles,) = axes.collections
    np.testing.assert_allclose(bubbles.get_offsets(), [[layer, feature] for layer in range(3) for feature in range(2)])
    whole = figure.legends[0].legend_handles[-1].get_markersize() ** 2
    np.testing.assert_allclose(bubbles.get_sizes() / whole, [9 / 20, 0] * 3)
    assert compared.legend(figure)[-1] == "100 %"


def test_halves_of_violins():
    units = compared.units(direction=SCORES, label_mean=0.5)
    figure = elife2023_fig5.split_violins(units, RECOGNITION, UNTRAINED)
    figure.draw_without_rendering()
    direction, label = figure.axes
    assert (direction.get_title("left"), direction.get_ylabel()) == ("direction", "R²")
    assert direction.get_title("right") == "left out: 9 of 60 | 9 of 60 units"
    assert label.get_ylabel() == "selectivity"
    halves = [half.get_data() for half in direction.patches if isinstance(half, StepPatch)]
    assert len(halves) == 6
    for half, place, side in zip(halves, [0, 1, 2] * 2, [-1] * 3 + [1] * 3, strict=True):
        reach = side * (half.values - half.baseline)
        assert half.baseline == place
        assert reach.max() == pytest.approx(0.45)
        counts, _ = np.histogram(SCORES[SCORES > -0.1], half.edges)
        np.testing.assert_allclose(reach, 0.45 * counts / counts.max())
    quantile = np.quantile(SCORES[:17], 0.9)
    assert {line.get_ydata()[0] for line in direction.lines} == {quantile, 0.2}


def test_quantiles_beside_the_published():
    values = {"q90_direction": lambda *_: 0.5, "q90_joint_angle": lambda *_: 0.4, "q90_position": lambda *_: np.nan}
    figure = elife2023_fig5.quantiles(compared.statistics(values), ("direction", "joint_angle", "position"))
    assert compared.titles(figure) == ["direction", "joint angles"]
    trained, untrained = compared.curves(figure.axes[0], dashed=True)
    assert (trained[1][4], untrained[1][4]) == (0.63, 0.48)
    assert not compared.curves(figure.axes[1], dashed=True)


def test_no_units():
    for draw in (
        elife2023_fig5.tuned_shares,
        lambda table: elife2023_fig5.split_violins(table, RECOGNITION, UNTRAINED),
    ):
        with pytest.raises(InputError, match="nothing to draw"):
            draw(compared.units(direction=0.5).iloc[:0])
