"""The figure of the sixteen tasks has a panel for each, with every network, the published level and the trivial one."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from proprionet.errors import InputError
from proprionet.networks.tasks import TASKS
from proprionet.plotting import cell2024_tasks
from proprionet.plotting.elife2023_fig3 import FAMILIES

UNITS = {"accuracy": "fraction", "redundancy": "1"}
ALL = tuple(task.name for task in cell2024_tasks.SIXTEEN)


def trained(tasks=ALL, families=("spatial_temporal", "recurrent"), depths=(2, 4, 8)):
    """Networks of which more layers are better, the first family best; and an untrained one that beats them all."""
    rows = []
    for task in tasks:
        metric = TASKS[task].metric
        for index, family in enumerate(families):
            for depth in depths:
                value = depth / 10 - index / 100 if metric == "accuracy" else 8 / depth + index / 100
                about = {
                    "task": task,
                    "family": family,
                    "n_layers": depth,
                    "trained": True,
                    metric: value,
                    "input": "spindle",
                }
                trivial = {"trivial_error": 20.0, "trivial_accuracy": 0.05, "trivial_redundancy": 60.0}
                rows.append({**about, "unit": UNITS.get(metric, "cm"), **trivial})
        rows.append({**rows[-1], "trained": False, metric: 0.999 if metric == "accuracy" else 1e-6})
    return pd.DataFrame(rows)


def marks(axes):
    """Layers, rounded, and value of every mark of a panel, and of the larger ones."""
    groups = [[np.asarray(group.get_offsets()) for group in axes.collections[start::2]] for start in (0, 1)]
    return [[(round(x), y) for x, y in np.concatenate(group)] for group in groups]


def test_the_sixteen_tasks_of_the_paper():
    assert len(ALL) == 16
    assert set(ALL) == set(TASKS) - {"neurons"}
    assert set(cell2024_tasks.PUBLISHED) == set(ALL) - {"redundancy_reduction"}


def test_a_panel_for_each_task():
    figure = cell2024_tasks.task_performance(trained())
    figure.draw_without_rendering()
    titles = [axes.get_title().replace("\n", " ") for axes in figure.axes]
    assert titles == [TASKS[name].label for name in ALL]
    for name, axes in zip(ALL, figure.axes, strict=True):
        recognition = name == "action_recognition"
        values = [0.2, 0.4, 0.8, 0.19, 0.39, 0.79] if recognition else [4, 2, 1, 4.01, 2.01, 1.01]
        every, best = marks(axes)
        assert every == [(layers, pytest.approx(value)) for layers, value in zip([2, 4, 8] * 2, values, strict=True)]
        assert best == [(8, pytest.approx(values[2])), (8, pytest.approx(values[5]))]
        trivial = {"action_recognition": 0.05, "redundancy_reduction": 60}.get(name, 20)
        assert [line.get_ydata()[0] for line in axes.lines] == [trivial]
        assert axes.get_yscale() == ("linear" if recognition else "log")
        lowest, highest = axes.get_ylim()
        assert lowest <= min(*values, trivial) < max(*values, trivial) <= highest
        bands = [(band.get_y(), band.get_y() + band.get_height()) for band in axes.patches]
        published = cell2024_tasks.PUBLISHED.get(name)
        assert bands == ([pytest.approx(published)] if published else [])
    said = [axes.get_ylabel() for axes in figure.axes]
    assert said[:2] == ["accuracy (fraction)", "error (cm)"]
    assert said[-1] == "redundancy"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[:3] == ["spatial-temporal", "recurrent", "best of its family"]
    assert legend[4] == "published best, macaque arm"


def test_nothing_overlaps():
    """Titles, axes and labels of neighbouring panels, and the legend, keep apart at the printed size."""
    figure = cell2024_tasks.task_performance(trained(families=tuple(FAMILIES)))
    figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in figure.axes] + [figure.legends[0].get_window_extent()]
    for index, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert not any(box.overlaps(other) for other in boxes[:index])


def test_tasks_without_a_network_have_no_panel():
    some = ("torque", "hand_velocity", "joint_position", "limb_velocity", "autoencoder")
    found = trained(some)
    found.loc[found["task"] == "autoencoder", "error"] = np.nan
    figure = cell2024_tasks.task_performance(found)
    figure.draw_without_rendering()
    shown = ["Hand movements", "Limb movements", "Joint localization", "Torque"]
    assert [axes.get_title() for axes in figure.axes] == shown
    assert cell2024_tasks.task_table(found)["task"].tolist() == shown
    assert len(cell2024_tasks.task_performance(trained(some)).axes) == 5


def test_a_family_keeps_its_colour_where_another_is_missing():
    found = trained(("torque", "hand_velocity"))
    found = found.loc[(found["task"] == "torque") | (found["family"] == "recurrent")]
    hand, torque = cell2024_tasks.task_performance(found).axes
    assert to_hex(hand.collections[0].get_facecolor()) == to_hex(torque.collections[2].get_facecolor())


def test_the_table_of_the_tasks():
    table = cell2024_tasks.task_table(trained())
    assert table["task"].tolist() == [TASKS[name].label for name in ALL]
    assert table["n_networks"].tolist() == [6] * 16
    recognition, hand, redundancy = (table.iloc[ALL.index(name)] for name in (ALL[0], ALL[1], "redundancy_reduction"))
    expected = ["accuracy", "fraction", 0.8, pytest.approx(0.395), 6, 0.05, pytest.approx(16)]
    assert recognition.tolist()[1:] == expected
    assert hand.tolist()[1:] == ["error", "cm", 1, pytest.approx(2.005), 6, 20, 20]
    assert redundancy.tolist()[1:] == ["redundancy", "1", 1, pytest.approx(2.005), 6, 60, 60]


@pytest.mark.parametrize("draw", [cell2024_tasks.task_performance, cell2024_tasks.task_table])
def test_networks_that_cannot_be_shown(draw):
    found = trained(["torque"])
    with pytest.raises(InputError, match="no network was trained on any of the sixteen tasks"):
        draw(found.loc[~found["trained"]])
    found.loc[0, "unit"] = "mm"
    with pytest.raises(InputError, match="torque: errors in mm and in cm do not compare"):
        draw(found)
