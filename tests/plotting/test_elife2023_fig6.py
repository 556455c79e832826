"""The figures of decoding show the mean over instances of every family and condition that they are given."""

import itertools

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from proprionet.analysis.comparison.instances import gather
from proprionet.errors import InputError
from proprionet.plotting import elife2023_fig6

ACTION, TRAJECTORY, UNTRAINED = "action recognition", "trajectory decoding", "untrained"
TARGETS = ["r2_direction_cos", "r2_direction_sin", "r2_speed", "r2_acceleration", "r2_x", "r2_y", "distance"]


def decoded(families=("spatial_temporal", "recurrent"), conditions=(ACTION, TRAJECTORY), instances=3):
    """Scores that fall with depth, from one number per target, and differ by 0.01 between instances."""
    rows = [
        {
            "network": f"{family}_best",
            "family": family,
            "condition": condition,
            "instance": instance,
            "layer": f"layer{depth}",
            "depth": depth,
            "statistic": f"decoding_{target}",
            "value": 0.9 - 0.1 * place - 0.05 * depth + 0.01 * instance,
        }
        for family, condition, instance, depth, (place, target) in itertools.product(
            families, conditions, range(instances), range(4), enumerate(TARGETS)
        )
    ]
    return pd.DataFrame(rows)


def curves(axes):
    """Values of the lines over layers, by their colour and style."""
    lines = [line for line in axes.lines if len(line.get_xdata()) == 4]
    return {(to_rgba(line.get_color()), line.get_linestyle()): np.asarray(line.get_ydata()) for line in lines}


def test_direction_and_speed_above_and_position_below():
    figure = elife2023_fig6.decoding(decoded())
    figure.draw_without_rendering()
    upper, lower = np.reshape(figure.axes, (2, 2))
    falling = 0.91 - 0.05 * np.arange(4)
    found = curves(upper[0])
    assert len(found) == 4
    np.testing.assert_allclose(found[to_rgba("midnightblue"), "-"], falling - 0.05)  # mean of cosine and sine
    np.testing.assert_allclose(found[to_rgba("darkturquoise"), "--"], falling - 0.2)
    np.testing.assert_allclose(curves(lower[0])[to_rgba("midnightblue"), "-"], falling - 0.4)
    np.testing.assert_allclose(curves(lower[1])[to_rgba("orchid"), "--"], falling - 0.5)
    assert [axes.get_title() for axes in upper] == ["spatial-temporal", "recurrent"]
    assert upper[0].get_ylabel() == "decoding of direction and speed (R²)"
    assert lower[0].get_ylabel() == "decoding of x and y (R²)"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [f"{family}: {of}" for family in ("spatial-temporal", "recurrent") for of in (ACTION, TRAJECTORY)]


def test_raw_angles_and_vertical_planes():
    table = decoded(families=["spatiotemporal"], conditions=[ACTION, UNTRAINED])
    table = table[table["statistic"] != "decoding_r2_direction_sin"]
    other = {"decoding_r2_direction_cos": "decoding_r2_direction_angle", "decoding_r2_x": "decoding_r2_z"}
    table["statistic"] = table["statistic"].replace(other)
    upper, lower = elife2023_fig6.decoding(table).axes
    np.testing.assert_allclose(curves(upper)[to_rgba("darkgreen"), "-"], 0.91 - 0.05 * np.arange(4))
    assert lower.get_ylabel() == "decoding of y and z (R²)"


def test_very_bad_fits_fall_off_the_axis():
    table = decoded()
    table.loc[0, "value"] = -40
    bottom, top = elife2023_fig6.decoding(table).axes[0].get_ylim()
    assert (bottom, top) == (elife2023_fig6.LOWEST_R2, 1.02)


def test_the_error_of_position():
    figure = elife2023_fig6.position_error(decoded(conditions=[TRAJECTORY, UNTRAINED]))
    figure.draw_without_rendering()
    first, second = figure.axes
    values = 0.31 - 0.05 * np.arange(4)
    np.testing.assert_allclose(curves(first)[to_rgba("darkturquoise"), "-"], values)
    np.testing.assert_allclose(curves(second)[to_rgba("#8c8c8c"), "-"], values)
    assert first.get_ylabel() == "error of decoded position (cm)"
    assert first.get_ylim()[0] == 0


def test_result_files_are_drawn(tmp_path):
    tasks = {"recognition": ("action_recognition", True), "untrained": ("action_recognition", False)}
    paths = [fake.decoding(tmp_path / f"{name}.h5", task, trained) for name, (task, trained) in tasks.items()]
    table = gather(paths)
    upper, lower = elife2023_fig6.decoding(table).axes
    assert len(upper.lines) == len(lower.lines) == 5  # and the line of 0
    assert len(elife2023_fig6.position_error(table).axes[0].lines) == 2


@pytest.mark.parametrize("draw", [elife2023_fig6.decoding, elife2023_fig6.position_error])
def test_nothing_to_draw(draw):
    table = decoded().assign(statistic="q90_direction")
    with pytest.raises(InputError):
        draw(table)
