"""Figures of data-driven models hold ours against what was published."""

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.plotting import ctdb_models

SCORES = {
    "GRU": {"rate_r2": 0.9, "state_r2": 0.8, "co_bps": 0.12, "cycle_consistency": 0.7},
    "mine": {"rate_r2": 0.5, "state_r2": -0.2, "co_bps": np.nan, "cycle_consistency": 0.6},
}


def test_ours_stand_beside_the_published():
    figure = ctdb_models.benchmark(SCORES)
    figure.draw_without_rendering()
    for axes, (score, name) in zip(figure.axes, ctdb_models.SCORES.items(), strict=True):
        assert axes.get_xlabel() == name
        theirs, ours = (line.get_xdata() for line in axes.lines)
        np.testing.assert_equal(ours, [found[score] for found in SCORES.values()])
        np.testing.assert_equal(theirs, [ctdb_models.PUBLISHED["GRU"][score], np.nan])
        assert axes.get_xlim()[0] < np.nanmin(ours)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["GRU", "mine"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["published", "here"]


def test_scores_by_size():
    found = {3: SCORES["GRU"], 64: SCORES["mine"]}
    figure = ctdb_models.over_sized(found)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    ours, theirs = axes.lines[2], axes.lines[3]
    assert ours.get_label() == "state R²"
    np.testing.assert_array_equal(ours.get_xydata(), [[3, 0.8], [64, -0.2]])
    np.testing.assert_array_equal(theirs.get_xdata(), [3, 5, 8, 16, 32, 64])
    assert theirs.get_ydata()[-1] == 0.547
    assert axes.get_ylim()[0] < -0.2


def test_models_go_by_the_names_of_the_benchmark():
    def model(cell, score, n_units=3, **settings):
        settings = {"variational": False, "n_inferred_inputs": 0} | settings
        metrics = dict.fromkeys(ctdb_models.SCORES, score)
        return {"network": {"cell": cell, "n_units": n_units}, "settings": settings, "metrics": metrics}

    seeds = [model("node", 0.5, 16), model("node", 0.7, 16)]
    lfads = [model("gru", score, variational=True, n_inferred_inputs=n) for n, score in ((0, 0.3), (3, 0.2))]
    found = ctdb_models.by_name([*seeds, *lfads, model("gru", 0.9), model("linear", 0.1), model("node", 0.8)])
    rates = {name: scores["rate_r2"] for name, scores in found.items()}
    of_cells = {"GRU": 0.9, "LDS": 0.1, "LFADS": 0.3, "NODE 3": 0.8, "NODE 16": 0.6}
    assert rates == pytest.approx(of_cells | {"LFADS, inferred inputs": 0.2})
    assert set(of_cells) <= set(ctdb_models.PUBLISHED)
    assert (found["NODE 16"]["n_seeds"], found["GRU"]["n_seeds"]) == (2, 1)
    assert found["NODE 16"]["state_r2_sd"] == pytest.approx(0.1 * 2**0.5)


@pytest.mark.parametrize("draw", [ctdb_models.benchmark, ctdb_models.over_sized])
def test_nothing_to_show(draw):
    with pytest.raises(InputError, match="there is no model of a recording to show"):
        draw({})
