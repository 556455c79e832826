"""The figures of eLife Fig. 7: preferred directions, their uniformity and invariance."""

import networks_compared as compared
import numpy as np
import pandas as pd
import pytest
from networks_compared import RECOGNITION, SPATIAL, UNTRAINED

from proprionet.errors import InputError
from proprionet.plotting import elife2023_fig7


def test_histograms_of_the_tuned_units():
    directions = np.r_[np.full(8, 10.0), np.full(4, -100.0), np.full(6, 90.0), np.nan, np.nan]
    units = compared.units(direction=np.r_[np.full(12, 0.5), np.full(8, 0.1)], preferred_direction=directions)
    figure = elife2023_fig7.preferred_directions(units, "horizontal")
    figure.draw_without_rendering()
    assert compared.titles(figure) == ["spindles\nn = 12", "layer 1\nn = 12", "layer 2\nn = 12"] * 2
    axes = figure.axes[0]
    assert sorted(bar.get_height() for bar in axes.patches)[-3:] == [0, 4, 8]
    assert axes.lines[0].get_ydata()[0] == pytest.approx(12 / 18)
    assert [row.get_ylabel().replace("\n", " ") for row in figure.axes[::3]] == [RECOGNITION, UNTRAINED]


def test_uniformity_and_invariance_beside_the_published():
    values = {"uniformity_tad_horizontal": lambda *_: 1.0, "invariance_mad_vertical": lambda *_: 0.4}
    uniformity = elife2023_fig7.uniformity(compared.statistics(values))
    assert compared.titles(uniformity) == ["horizontal planes"]
    assert [curve[1][4] for curve in compared.curves(uniformity.axes[0], dashed=True)] == [0.49, 0.91]
    invariance = elife2023_fig7.invariance(compared.statistics(values))
    assert compared.titles(invariance) == ["vertical planes"]
    assert [curve[1].tolist() for curve in compared.curves(invariance.axes[0], dashed=True)] == [[0.439]]


def test_a_line_for_each_unit_across_planes():
    level = np.array([-6.0, 0, 6])
    rows = [
        {"unit": unit, "level": level, "difference": unit * level, "condition": condition, "depth": depth}
        for unit, condition, depth in ((1, RECOGNITION, 0), (2, RECOGNITION, 1), (3, RECOGNITION, 1), (4, UNTRAINED, 1))
    ]
    table = pd.concat([pd.DataFrame(row) for row in rows]).assign(family=SPATIAL[0], network=SPATIAL[1])
    figure = elife2023_fig7.directions_across_planes(table, "vertical")
    figure.draw_without_rendering()
    assert compared.titles(figure) == ["spindles\nn = 1", "layer 1\nn = 2", "spindles\nn = 0", "layer 1\nn = 1"]
    np.testing.assert_allclose(figure.axes[1].lines[1].get_xydata(), np.transpose([level, 3 * level]))
    assert figure.get_supxlabel() == "depth of the vertical plane (cm)"
    with pytest.raises(InputError, match="nothing to draw"):
        elife2023_fig7.directions_across_planes(table.iloc[:0], "vertical")
