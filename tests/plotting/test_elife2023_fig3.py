"""The figures of eLife Fig. 3 show every network and baseline that they are given, and the published numbers beside."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from proprionet.analysis.baselines.subsets import PUBLISHED
from proprionet.errors import InputError
from proprionet.plotting import elife2023_fig3, svm

RNG = np.random.default_rng(0)
ACCURACY, ERROR = "action_recognition", "trajectory_decoding"


def searched(families=("spatial_temporal", "recurrent"), tasks=(ACCURACY, ERROR)):
    """Networks of which more layers are better in both tasks, an untrained one, and one of another task."""
    rows = [
        {
            "name": f"{family}_{layers}",
            "family": family,
            "n_layers": layers,
            "n_parameters": 10**layers,
            "task": task,
            "seed": 1,
            "trained": True,
            "input": "spindle",
            "accuracy": 0.9 + layers / 100 + index / 1000 if task == ACCURACY else np.nan,
            "error": 1 / layers + index / 100 if task == ERROR else np.nan,
        }
        for (index, family), layers, task in itertools.product(enumerate(families), (1, 2, 4), tasks)
    ]
    odd = {**rows[0], "accuracy": 1.0, "error": 0.001}
    return pd.DataFrame([*rows, {**odd, "trained": False}, {**odd, "task": "torque"}])


def marks(axes):
    """Places of all marks of a panel, (mark, 2)."""
    groups = [group for group in axes.collections if isinstance(group, PathCollection)]
    return np.concatenate([np.asarray(group.get_offsets()) for group in groups])


def said(figure):
    return {axis.get_label_text() for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)}


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_best_of_each_family_beside_the_published():
    best = elife2023_fig3.best(searched())
    assert best["name"].tolist() == ["spatial_temporal_4", "recurrent_4"] * 2
    assert best["value"].tolist() == pytest.approx([94.0, 94.1, 0.25, 0.26])
    assert best["published"].tolist() == [98.86, 99.56, 0.22, 0.05]
    assert best["n_parameters"].tolist() == [10_000] * 4


def test_networks_that_see_other_than_spindles_are_not_mixed_in():
    of_hands = searched().assign(input="hand", accuracy=0.999)
    assert elife2023_fig3.best(pd.concat([searched(), of_hands]))["value"].max() < 99
    assert elife2023_fig3.best(of_hands)["value"].max() == pytest.approx(99.9)


def test_all_networks_by_depth():
    figure = elife2023_fig3.by_depth(searched())
    figure.draw_without_rendering()
    accuracy, error, both = figure.axes
    for axes, values in ((accuracy, [91, 92, 94, 91.1, 92.1, 94.1]), (error, [1, 0.5, 0.25, 1.01, 0.51, 0.26])):
        every = np.concatenate([np.asarray(group.get_offsets()) for group in axes.collections[::2]])
        np.testing.assert_allclose(every[:, 1], values)
        np.testing.assert_allclose(np.round(every[:, 0]), [1, 2, 4] * 2)
        best = np.concatenate([np.asarray(group.get_offsets()) for group in axes.collections[1::2]])
        np.testing.assert_allclose(best[:, 1], [values[2], values[5]])
    dashed = {line.get_ydata()[0] for line in accuracy.lines if line.get_linestyle() == "--"}
    assert dashed == {98.86, 99.56}
    np.testing.assert_allclose(marks(both)[:, 0], [91, 92, 94, 91.1, 92.1, 94.1])
    assert accuracy.get_xticks().tolist() == [1, 2, 3, 4]
    assert both.texts[0].get_text() == "ρ = −0.83\nn = 6 networks"
    assert {"layers (count)", "test accuracy (%)", "test error (cm)"} <= said(figure)
    assert legend(figure)[:2] == ["spatial-temporal", "recurrent"]


def test_all_networks_by_their_weights():
    figure = elife2023_fig3.by_parameters(searched())
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.get_xscale() == "log"
        assert set(marks(axes)[:, 0]) == {10, 100, 10_000}
        assert axes.get_xlim() == pytest.approx((1, 100_000))
        assert {"10", "1,000"} <= {label.get_text() for label in axes.get_xticklabels()}


@pytest.mark.parametrize("task", [ACCURACY, ERROR])
def test_networks_of_one_task(task):
    networks = searched(tasks=[task]).drop(columns="error" if task == ACCURACY else "accuracy")
    for draw in (elife2023_fig3.by_depth, elife2023_fig3.by_parameters):
        draw(networks).draw_without_rendering()
    assert elife2023_fig3.best(networks)["task"].tolist() == [task] * 2


def test_networks_on_each_task_but_none_on_both():
    networks = searched()
    networks.loc[networks["task"] == ERROR, "seed"] = 2
    figure = elife2023_fig3.by_depth(networks)
    figure.draw_without_rendering()
    assert not marks(figure.axes[2]).size
    assert figure.axes[2].texts[0].get_text().startswith("no network")


def test_no_network_of_these_tasks():
    for draw in (elife2023_fig3.by_depth, elife2023_fig3.by_parameters):
        with pytest.raises(InputError, match="none of the networks was trained on action recognition or trajectory"):
            draw(searched().iloc[-2:])


def test_all_families_can_be_told_apart():
    figure = elife2023_fig3.by_depth(searched(tuple(elife2023_fig3.FAMILIES)))
    looks = {(tuple(handle.get_color()), handle.get_marker()) for handle in figure.legends[0].legend_handles[:5]}
    assert len(looks) == 5


def classified(inputs=("joints", "spindle")):
    """Every published subset; the numbers after a latent's name are its accuracy."""
    rows = []
    for index, (name, subset) in enumerate(itertools.product(inputs, PUBLISHED)):
        latents = [part.partition("=")[0] for part in subset.split(",")] if "=" in subset else ["none"]
        shares = {"pair_accuracy": 0.8 + index / 1000, "vote_accuracy": 0.3 + index / 1000}
        rows.append({"input": name, "subset": subset, "held": " × ".join(latents), "n_letters": 20, **shares})
    return pd.DataFrame(rows).assign(standardise=True, validation="grouped", c_values=8, most_movements=np.nan)


def test_classifiers_by_input_and_latents():
    fitted = classified()
    figure = elife2023_fig3.classifiers(fitted)
    figure.draw_without_rendering()
    pairs, vote = figure.axes
    assert [label.get_text() for label in vote.get_xticklabels()] == ["none", "size", "plane", "speed", "size × plane"]
    means = fitted.groupby(["input", "held"])["vote_accuracy"].mean()
    shown = {round(y, 6) for _, y in marks(vote)}
    assert {round(100 * value, 6) for value in [*means, *fitted["vote_accuracy"]]} == shown
    assert sorted(line.get_ydata()[0] for line in pairs.lines if line.get_marker() != "None") == [85.0, 86.6]
    assert [line.get_ydata()[0] for line in (*pairs.lines, *vote.lines) if line.get_linestyle() == ":"] == [50, 5]
    published = {line.get_ydata()[0] for line in vote.lines if line.get_marker() != "None"}
    assert published == {31.3, 23.4, 33.8, 25.7, 34.0, 24.3, 31.1, 37.2, 28.9}
    assert legend(figure) == ["joint angles", "spindle inputs", "published (± SD)"]
    assert {"mean of pairs:\ntest accuracy (%)", "vote of all pairs:\ntest accuracy (%)", "latents held"} <= said(
        figure
    )


def test_classifiers_that_were_fitted_otherwise_are_not_mixed_in():
    fitted = classified()
    raw = fitted.iloc[:2].assign(standardise=False, validation="published", vote_accuracy=0.9)
    figure = elife2023_fig3.classifiers(pd.concat([raw, fitted]))
    assert 90 not in {round(y, 6) for _, y in marks(figure.axes[1])}
    way = "C of 8 values by grouped cross-validation"
    assert figure.get_supxlabel() == f"standardised inputs, {way}; 2 fitted otherwise left out"
    few = elife2023_fig3.classifiers(fitted.assign(most_movements=1000)).get_supxlabel()
    assert few.endswith(f"{way}, up to 1000 training movements of each letter")
    assert elife2023_fig3.classifiers(raw).get_supxlabel().startswith("raw inputs, C of 8 values on the last tenth")


def test_classifiers_of_all_movements_alone():
    fitted = classified(["spindle"]).iloc[:1]
    figure = elife2023_fig3.classifiers(fitted)
    assert [label.get_text() for label in figure.axes[1].get_xticklabels()] == ["none"]


def test_linear_decoding_by_input():
    errors = pd.DataFrame({"input": np.repeat(["joints", "spindle"], 50), "error": RNG.gamma(5, 0.5, 100)})
    errors["exact_error"] = errors["error"] / 2
    figure = elife2023_fig3.linear_decoding(errors)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["joint\nangles", "spindle\ninputs"]
    means = sorted(line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o")
    expected = errors.groupby("input")[["error", "exact_error"]].mean().to_numpy().ravel()
    np.testing.assert_allclose(means, sorted(expected))
    assert [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"] == [1.72]
    assert said(figure) >= {"distance from the hand (cm)"}


def test_lines_between_hard_pairs_have_a_scale():
    assert legend(svm.hard_pairs(np.full((3, 3), 0.6), "abc")) == ["50 %", "60 %", "70 %"]
