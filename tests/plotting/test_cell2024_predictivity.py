"""Figures of predictivity show the numbers of their tables, with units, and nothing overlaps."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from proprionet.errors import InputError
from proprionet.networks.tasks import TASKS
from proprionet.neural.predictivity import gains, performance
from proprionet.plotting import cell2024_neurons, cell2024_performance, cell2024_predictivity, models_of_neurons

SIXTEEN = [name for name in TASKS if name != "neurons"]
SESSIONS = {"Chips 2017-09-13": ("area 2", "Chips"), "Snap 20190829": ("CN", "Snap")}
ABOUT = {"control": "none", "model": "network", "family": "spatial_temporal", "n_neurons": 20, "n_layers": 10}


def scores(tasks=SIXTEEN, movements=("active", "passive")):
    """Three networks of two instances on every task; the task's number in percent is what it adds to its twins."""
    rows = []
    for session, (area, monkey) in SESSIONS.items():
        for movement in movements:
            where = {**ABOUT, "session": session, "area": area, "monkey": monkey, "movement": movement}
            for number in range(6):
                who = {"name": f"net{number // 2}", "network": f"net{number // 2}", "instance": number % 2}
                base = {**where, **who, "layer_number": 7.0, "explained_variance": 0.2 + number / 100}
                rows.append({**base, "task": tasks[0], "trained": False, "condition": "untrained"})
                for gain, task in enumerate(tasks):
                    value = base["explained_variance"] + (gain - 5) / 100 + 0.001 * ((7 * number + gain) % 5)
                    learned = {"task": task, "trained": True, "condition": task, "explained_variance": value}
                    rows.append({**base, **learned})
            linear = {"model": "baseline", "name": "velocity", "network": "baseline", "instance": 1, "task": "none"}
            linear |= {"trained": True, "condition": "baseline", "explained_variance": 0.17, "layer_number": 1.0}
            rows.append({**where, **linear})
    table = pd.DataFrame(rows)
    return table.assign(normalised=2 * table["explained_variance"])


def performing(tasks=SIXTEEN):
    table = scores(tasks).query("trained and model == 'network'")
    errors = 5 - 10 * table["explained_variance"] + 0.1 * table["instance"]
    metric = table["task"].map(lambda name: TASKS[name].metric)
    return table.assign(metric=metric, performance=errors, unit="cm").reset_index(drop=True)


def drawn(figure):
    figure.draw_without_rendering()
    return figure


def assert_nothing_overlaps(figure):
    boxes = [axes.get_tightbbox() for axes in drawn(figure).axes] + [one.get_window_extent() for one in figure.legends]
    for index, box in enumerate(boxes):
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.width + 1
        assert not any(box.overlaps(other) for other in boxes[:index])


FIGURES = {
    "by_task": lambda: cell2024_predictivity.by_task(scores()),
    "active_and_passive": lambda: cell2024_predictivity.active_and_passive(scores()),
    "trained_against_untrained": lambda: cell2024_predictivity.trained_against_untrained(scores()),
    "performance": lambda: cell2024_performance.performance_against_predictivity(
        performing(), "Chips 2017-09-13", "passive"
    ),
    "correlations": lambda: cell2024_performance.correlations(performance.correlations(performing())),
    "best_layers": lambda: cell2024_predictivity.best_layers(scores()),
    "gains": lambda: gain_figure(SIXTEEN),
}


def gain_figure(tasks):
    standardised = gains.standardise(gains.gains(scores(tasks))).query("movement == 'active'")
    points = gains.gain_points(standardised)
    return cell2024_neurons.gain_maps(
        standardised, points, np.random.default_rng(0).normal(size=(len(points.tasks), 2))
    )


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_nothing_overlaps_at_the_printed_size(figure):
    assert_nothing_overlaps(figure())


def test_tasks_are_ordered_by_what_they_explain():
    figure = drawn(cell2024_predictivity.by_task(scores()))
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == [TASKS[name].label for name in SIXTEEN]
    assert [axes.get_title() for axes in figure.axes] == [
        f"{area}\n20 neurons, 1 session, 102 networks" for area in ("area 2", "CN")
    ]
    assert figure.get_supxlabel() == "explained variance (share)"
    dashed = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert dashed == [pytest.approx(0.17)]
    low, high = zip(*(axes.get_xlim() for axes in figure.axes), strict=True)
    assert (len(set(low)), len(set(high))) == (1, 1)


@pytest.mark.parametrize("architectures", [2, 3])
def test_dots_lie_below_means_and_two_architectures_have_no_interval(architectures):
    table = scores(movements=["active"]).query("name != 'net2'" if architectures == 2 else "name != ''")
    axes = cell2024_predictivity.by_task(table).axes[0]
    for place, (dots, mean) in enumerate(zip(axes.findobj(PathCollection), axes.containers, strict=True)):
        (y,) = mean.lines[0].get_ydata()
        assert place - 0.5 < np.max(dots.get_offsets()[:, 1]) < place < y < place + 0.5
        (bar,) = mean.lines[2][0].get_segments()
        assert (np.ptp(bar[:, 0]) > 0) == (architectures == 3)


def test_networks_are_paired_with_their_twins():
    figure = drawn(cell2024_predictivity.trained_against_untrained(scores()))
    assert len(figure.axes) == 4
    (points,) = figure.axes[0].collections
    x, y = np.asarray(points.get_offsets()).T
    assert sorted(set(x.round(2))) == [0.2, 0.21, 0.22, 0.23, 0.24, 0.25]
    np.testing.assert_allclose((y - x).min(), -0.05, atol=0.005)
    share = np.mean(y > x)
    assert figure.axes[0].get_title() == f"area 2, active movement\n{share:.0%} of 96 above"


def test_r_is_that_of_the_points_and_published_ones_stand_beside():
    table = performing()
    figure = drawn(FIGURES["performance"]())
    of = table.query("session == 'Chips 2017-09-13' and movement == 'passive' and task == 'torque'")
    r = np.corrcoef(of["performance"], of["explained_variance"])[0, 1]
    titles = [axes.get_title() for axes in figure.axes]
    assert f"Torque\nr = {r:.2f}, n = 6" in titles
    assert figure.axes[1].get_xlabel() == "error (cm)"
    summary = drawn(FIGURES["correlations"]())
    (axes,) = summary.axes
    published = {line.get_label(): line.get_xdata() for line in axes.lines if line.get_label().startswith("published")}
    assert list(published) == [f"published, {name} (n about 300)" for name in ("Chips", "Han", "Lando")]
    assert published["published, Chips (n about 300)"][-1] == performance.PUBLISHED_R["action_recognition"][0] == 0.499
    assert len(performance.PUBLISHED_R) == 16
    assert {text.get_text() for text in axes.texts} == {"n = 6"}


def test_few_networks_have_no_r():
    table = performing().query("session == 'Chips 2017-09-13' and (instance == 0 or task != 'torque')")
    table = table.drop(table.query("task == 'autoencoder'").index[1:])
    figure = drawn(cell2024_performance.performance_against_predictivity(table, "Chips 2017-09-13", "active"))
    titles = [axes.get_title().split("\n") for axes in figure.axes]
    assert dict(titles)["Torque"] == "n = 3"
    assert "Autoencoder" not in dict(titles)
    (axes,) = drawn(cell2024_performance.correlations(performance.correlations(table))).axes
    assert [text.get_text() for text in axes.texts].count("n = 3") == 2
    ours = axes.containers[0].lines[0].get_xdata()
    tasks = [text.get_text() for text in axes.get_yticklabels()]
    assert [task for task, r in zip(tasks, ours, strict=True) if np.isnan(r)] == [
        "Autoencoder (error)",
        "Torque (error)",
    ]
    with pytest.raises(InputError, match="no tasks with 5 or more evaluated networks"):
        cell2024_performance.correlations(performance.correlations(table.query("task == 'torque'")))


def test_best_layers_stand_where_they_are():
    table = scores()
    table.loc[(table["area"] == "CN") & (table["task"] == "torque") & (table["instance"] == 0), "layer_number"] = 2
    figure = drawn(cell2024_predictivity.best_layers(table))
    assert [axes.get_title().split("\n") for axes in figure.axes[::2]] == [
        ["Chips 2017-09-13", "area 2, active movement"],
        ["Snap 20190829", "CN, active movement"],
    ]
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    row = len(rows) - 1 - rows[::-1].index("sensorimotor")
    one, other = ([bar.get_height() for bar in axes.containers[row]] for axes in figure.axes[::2])
    assert one == pytest.approx([0] * 6 + [0.8] + [0] * 3)
    assert other == pytest.approx([0, 0.4] + [0] * 4 + [0.4] + [0] * 3)
    assert figure.axes[0].texts[row].get_text() == "n = 6"


def test_mean_gains_are_ordered_with_published_ranges_behind():
    figure = drawn(gain_figure(SIXTEEN))
    *_, means = figure.axes
    values = [line.get_xdata()[0] for line in means.lines if line.get_marker() == "o"]
    assert values == sorted(values)
    assert (
        len([line for line in means.lines if line.get_linewidth() == 5]) == len(cell2024_neurons.PUBLISHED_GAINS) == 16
    )


def test_a_map_of_points_that_span_no_more_says_so():
    standardised = gains.standardise(gains.gains(scores(SIXTEEN[:3]))).query("movement == 'active'")
    points = gains.gain_points(standardised)
    two = gains.GainMap(points.points[:, :2], points.tasks, points.groups)
    title = cell2024_neurons.gain_maps(standardised, two).axes[0].get_title()
    assert title == "principal components\n(all variance: the points span no more)"


def test_ceilings_of_every_neuron():
    best = pd.DataFrame({"session": ["a"] * 3 + ["b"], "explained_variance": [0.1, 0.2, 0.3, 0.4]})
    best = best.assign(ceiling_split_half=0.5, ceiling_poisson=[0.6, 0.6, np.nan, 0.6], ceiling_true_rate=np.nan)
    figure = drawn(cell2024_neurons.ceilings(best, "some network"))
    assert [axes.get_title() for axes in figure.axes] == ["a\n3 neurons", "b\n1 neurons"]
    halves, poisson = figure.axes[0].collections
    np.testing.assert_allclose(halves.get_offsets(), [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]])
    assert len(np.ma.compress_rows(np.ma.masked_invalid(poisson.get_offsets()))) == 2
    with pytest.raises(InputError, match="no neuron has a noise ceiling"):
        cell2024_neurons.ceilings(best.assign(ceiling_split_half=np.nan, ceiling_poisson=np.nan))


def test_examples_are_the_neurons_predicted_best():
    rates = np.random.default_rng(0).uniform(0, 50, size=(5, 30))
    explained = np.array([0.1, np.nan, 0.5, 0.3, 0.2])
    figure = drawn(cell2024_neurons.example_neurons(rates, rates / 2, explained, 0.05, n_neurons=2, n_bins=20))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["neuron 2: explained variance 0.50", "neuron 3: explained variance 0.30"]
    recorded, predicted = figure.axes[0].lines
    np.testing.assert_allclose(recorded.get_ydata(), rates[2, :20])
    np.testing.assert_allclose(predicted.get_xdata(), 0.05 * np.arange(20))
    assert figure.axes[-1].get_xlabel().endswith("(s)")
    assert_nothing_overlaps(figure)
    with pytest.raises(InputError, match=r"expected \(neuron, bin\) twice and \(neuron,\)"):
        cell2024_neurons.example_neurons(rates, rates[:4], explained)
    with pytest.raises(InputError, match="no neuron has a score"):
        cell2024_neurons.example_neurons(rates, rates, np.full(5, np.nan))


def test_every_task_belongs_to_a_hypothesis_of_its_own_colour():
    assert {task for tasks, _ in models_of_neurons.HYPOTHESES.values() for task in tasks} == set(TASKS)
    colours = [to_hex(colour) for _, colour in models_of_neurons.HYPOTHESES.values()]
    assert len(set(colours)) == len(colours)
    assert models_of_neurons.label_of("baseline", "muscle_length") == "Baseline: muscle length"
    assert models_of_neurons.label_of("torque, shuffled_bins") == "Torque, shuffled bins"
    words = "Baseline: position, velocity and acceleration"
    assert models_of_neurons.label_of("baseline", "position_velocity_acceleration") == words


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda table: cell2024_predictivity.by_task(table, "passive"), "no trained networks in passive movements"),
        (cell2024_predictivity.active_and_passive, "networks predict neurons in active ones only"),
        (lambda table: cell2024_predictivity.trained_against_untrained(table.query("trained")), "an untrained twin"),
        (lambda table: cell2024_predictivity.best_layers(table.iloc[:0]), "no networks are among the predictions"),
        (
            lambda table: cell2024_performance.performance_against_predictivity(table, "Han", "active"),
            r"no evaluated networks that predict Han \(active\)",
        ),
    ],
)
def test_what_cannot_be_drawn(draw, message):
    with pytest.raises(InputError, match=message):
        draw(scores(SIXTEEN[:2], ("active",)))
