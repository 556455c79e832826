"""Predictions of many networks: what was planted is found, what was not is not, and what does not fit is refused."""

import numpy as np
import pandas as pd
import planted_predictions as planted
import pytest

from proprionet.errors import InputError
from proprionet.neural.predictivity import comparisons, gains, models, performance, ranking, table

TASKS = list(planted.TASKS)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return planted.write_zoo(
        tmp_path_factory.mktemp("zoo"), movements=("active", "passive"), controls=("shuffled_bins",)
    )


@pytest.fixture(scope="module")
def rows(paths):
    return table.gather(paths)


@pytest.fixture(scope="module")
def best(rows):
    return models.best_layers(rows)


@pytest.fixture(scope="module")
def tests(best):
    return comparisons.condition_tests(best, seed=1).set_index(["movement", "first", "second", "over"])


def one_network(tmp_path, explained, layers=("input", "a", "b"), **about):
    return table.gather([planted.write_prediction(tmp_path / "p.h5", explained, list(layers), **about)])


def test_a_row_for_each_neuron_model_layer_and_condition(rows, paths):
    assert tuple(rows.columns) == table.COLUMNS
    of_networks, of_baselines = rows.loc[rows["model"] == "network"], rows.loc[rows["model"] == "baseline"]
    assert len(of_networks) == 2 * 2 * 3 * 2 * 5 * 5 * planted.N_NEURONS
    assert len(of_baselines) == 2 * 3 * planted.N_NEURONS
    assert of_networks.groupby("layer")["layer_number"].first().to_dict() == {"input": 0} | {
        f"layer{number}": number for number in range(1, 5)
    }
    assert set(of_networks["n_layers"]) == {4}
    assert dict(zip(of_baselines["layer"], of_baselines["layer_number"], strict=True)) == {
        name: number + 1 for number, name in enumerate(planted.FEATURES)
    }
    np.testing.assert_allclose(rows["normalised"], rows["explained_variance"] / planted.CEILING)
    np.testing.assert_allclose(rows["ev_high"] - rows["ev_low"], 0.06)
    assert rows["latency_s"].isna().all()


def test_other_ceilings_and_neurons_without_one(tmp_path):
    explained = np.full((3, 2), 0.3)
    path = planted.write_prediction(
        tmp_path / "p.h5", explained, ["input", "a", "b"], ceiling_split_half=np.array([0.6, -0.1])
    )
    np.testing.assert_allclose(table.gather([path])["normalised"], [0.5, np.nan] * 3)
    np.testing.assert_allclose(table.gather([path], "poisson")["normalised"], 0.3 / (1.2 * planted.CEILING))
    assert table.gather([path], "true_rate")["normalised"].isna().all()
    with pytest.raises(InputError, match="no ceiling is called 'half'; choose one of split_half, poisson, true_rate"):
        table.gather([path], "half")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {},
            r"are both the prediction of Chips .* \(active, control none\) by tiny, torque, instance 7; give only one",
        ),
        (
            {"instance": 8, "electrode": np.array([0, 9])},
            "neurons of Chips .* differ: number 1 is unit 1 of electrode 9",
        ),
        ({"instance": 8, "trial_id": np.arange(12) + 1}, "trials of Chips .*, active differ: number 0 is 1, but 0 in"),
        ({"instance": 8, "fold": np.arange(12) % 3}, "folds of Chips .*, active differ: number 2 is 2, but 0 in"),
        ({"instance": 8, "bin_width_s": 0.02}, "width of bins of Chips .* is '0.02', but '0.01' in"),
        ({"instance": 8, "area": "M1"}, "area of Chips .* is 'M1', but 'area 2' in"),
        ({"instance": 8, "monkey": "Han"}, "monkey of Chips .* is 'Han', but 'Chips' in"),
    ],
)
def test_predictions_that_do_not_belong_together(tmp_path, changes, message):
    explained, layers = np.full((3, 2), 0.3), ["input", "a", "b"]
    files = [planted.write_prediction(tmp_path / "a.h5", explained, layers)]
    files.append(planted.write_prediction(tmp_path / "b.h5", explained, layers, **changes))
    with pytest.raises(InputError, match=message):
        table.gather(files)


def test_a_set_of_features_of_two_files_is_refused(tmp_path):
    sets = {"a": ["position", "velocity"], "b": ["velocity", "force"]}
    made = [
        planted.write_prediction(tmp_path / f"{name}.h5", np.full((2, 2), 0.3), sets[name], model="baseline")
        for name in sets
    ]
    with pytest.raises(InputError, match=r"are both the prediction of Chips .* by baseline velocity; give only one"):
        table.gather(made)


def test_another_number_of_neurons(tmp_path):
    files = [
        planted.write_prediction(tmp_path / f"{n}.h5", np.ones((3, n)), ["input", "a", "b"], instance=n) for n in (2, 3)
    ]
    with pytest.raises(InputError, match="neurons of Chips 2017-09-13 are 3, but 2 in"):
        table.gather(files)
    with pytest.raises(InputError, match="no prediction files were given"):
        table.gather([])


def test_an_untrained_network_is_one_whatever_its_task(tmp_path):
    files = [
        planted.write_prediction(tmp_path / f"{task}.h5", np.ones((2, 2)), ["input", "a"], task=task, trained=False)
        for task in ("torque", "autoencoder")
    ]
    with pytest.raises(InputError, match="by tiny, untrained, instance 7"):
        table.gather(files)


def test_the_best_layer_is_that_of_validation_or_of_training_or_of_each_neuron(tmp_path):
    validation = np.array([[9.0, 9, 9], [0.5, 0.4, 0.0], [0.2, 0.1, 0.5]])
    training = np.array([[9.0, 9, 9], [0.1, 0.1, 0.1], [0.2, 0.2, 0.2]])
    explained = np.array([[0.9, 0.9, 0.9], [0.31, 0.32, 0.33], [0.21, 0.22, 0.23]])
    found = one_network(tmp_path, explained, validation=validation, training=training)
    assert models.best_layers(found)["explained_variance"].tolist() == [0.31, 0.32, 0.33]
    assert models.best_layers(found, "training")["explained_variance"].tolist() == [0.21, 0.22, 0.23]
    assert sorted(models.best_layers(found, "neuron")["explained_variance"]) == [0.23, 0.31, 0.32]
    with pytest.raises(
        InputError, match="no best layer is chosen by 'luck'; choose one of validation, training, neuron"
    ):
        models.best_layers(found, "luck")
    undefined = one_network(tmp_path, explained, validation=np.full((3, 3), np.nan))
    with pytest.raises(InputError, match="tiny, torque: no layer has a validation score in Chips"):
        models.best_layers(undefined)


def test_a_silent_neuron_does_not_count(tmp_path):
    explained = np.array([[0.9, np.nan], [0.3, np.nan], [0.2, np.nan]])
    (score,) = models.model_scores(models.best_layers(one_network(tmp_path, explained))).to_dict("records")
    assert (score["explained_variance"], score["n_neurons"], score["normalised"]) == (0.3, 1, pytest.approx(0.6))


def test_the_planted_layer_is_found(best):
    scores = models.model_scores(best)
    networks = scores.loc[scores["model"] == "network"]
    assert (networks["layer_number"] == planted.BEST_LAYER).all()
    assert set(scores.loc[scores["model"] == "baseline", "name"]) == set(planted.FEATURES)
    assert models.best_baseline(models.no_control(best).query("movement == 'active'")) == "muscle_length_velocity"


def test_a_set_of_features_that_a_session_lacks_is_not_the_best_baseline():
    about = {"model": "baseline", "control": "none"}
    sets = pd.DataFrame({"name": ["force", "velocity", "velocity"], "validation": [0.9, 0.5, 0.4]}).assign(**about)
    assert models.best_baseline(sets) == "velocity"
    assert models.best_baseline(sets.iloc[:0]) is None


@pytest.mark.parametrize(("task", "effect"), planted.EFFECTS.items())
def test_planted_effects_of_training_are_found_in_active_movements_only(tests, task, effect):
    for over in comparisons.OVER:
        active, passive = (tests.loc[(movement, task, "untrained", over)] for movement in ("active", "passive"))
        assert active["low"] - 0.01 < effect < active["high"] + 0.01
        assert abs(passive["difference"]) < 0.015
    over_neurons, over_architectures = (tests.loc[("active", task, "untrained", over)] for over in comparisons.OVER)
    assert (over_neurons["n"], over_architectures["n"]) == (planted.N_NEURONS, 3)
    if effect:
        assert over_neurons["holm"] < 0.05
    else:
        assert over_architectures["p"] > 0.05


def test_corrections_are_ordered_and_hold_within_a_session_and_movement(tests):
    assert (tests["p"] <= tests["fdr"] + 1e-12).all()
    assert (tests["holm"] <= tests["bonferroni"] + 1e-12).all()
    of = tests.xs("active").xs("neurons", level="over")
    np.testing.assert_allclose(of["bonferroni"], np.minimum(len(of) * of["p"], 1))


def test_controls_and_the_best_baseline_are_compared_with_every_task(tests, best):
    control = tests.loc[("active", "torque", "torque, shuffled_bins", "neurons")]
    assert control["difference"] == pytest.approx(0.15, abs=0.02)
    baseline = tests.loc[("active", "hand_position_velocity", "baseline", "neurons")]
    plain = models.no_control(best).query("movement == 'active'")
    of_task, of_baseline = (
        plain.query(query).groupby("neuron")["explained_variance"].mean()
        for query in ("condition == 'hand_position_velocity'", "name == 'muscle_length_velocity'")
    )
    assert baseline["difference"] == pytest.approx((of_task - of_baseline).mean())
    found = ranking.controls(best, seed=1)
    assert len(found) == 2 * 5
    assert found["difference"].between(found["low"], found["high"]).all()
    assert (found["without"] - found["explained_variance"]).to_numpy() == pytest.approx(found["difference"].to_numpy())


def test_the_order_of_files_and_the_names_of_others_do_not_matter(paths, tests):
    active = [path for path in paths if "active" in path.name and "shuffled" not in path.name]
    again = comparisons.condition_tests(models.best_layers(table.gather(active[::-1])), seed=1)
    again = again.set_index(["movement", "first", "second", "over"])
    for column in ("difference", "p", "n"):
        np.testing.assert_allclose(again[column], tests.loc[again.index, column], atol=1e-12)


def test_one_network_alone_cannot_be_tested(tmp_path):
    found = models.best_layers(one_network(tmp_path, np.full((3, 2), 0.3)))
    assert comparisons.condition_tests(found, seed=1).empty
    assert ranking.controls(found, seed=1).empty


def test_nothing_is_found_where_nothing_was_planted():
    """Neurons without any effect: tests of neurons reject in 5 % of sessions, and Holm's of one in 20 sessions."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([["a", "b", "c"], [1]], names=["name", "instance"])
    p = []
    for _ in range(300):
        values = pd.DataFrame(rng.normal(size=(1, 20)) + rng.normal(size=(3, 20)), index)
        row, _ = comparisons._tests("x", "y", values, 1, 0.95)
        p.append(row["p"])
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.08


def test_the_ranking_puts_the_planted_order_first(best):
    found = ranking.rank(best, seed=1)
    active = found.query("movement == 'active'")
    assert active["rank"].tolist() == list(range(1, len(active) + 1))
    networks = active.loc[active["model"] == "network"].groupby("condition")["score"].mean()
    assert networks.drop("untrained").sort_values(ascending=False).index.tolist() == list(planted.EFFECTS)
    assert (active["unit"] == "of ceiling").all()
    assert active["score"].between(active["low"], active["high"]).all()
    trained = active.query("model == 'network' and condition != 'untrained'")
    twins = active.query("condition == 'untrained'").set_index("family")["score"]
    np.testing.assert_allclose(trained["untrained"], trained["family"].map(twins))
    (baseline,) = active.query("name == 'muscle_length_velocity'")["score"]
    assert set(active["baseline"]) == {baseline}
    assert set(active["best_baseline"]) == {"muscle_length_velocity"}
    np.testing.assert_allclose(active["score"], active["explained_variance"] / planted.CEILING)


def test_scores_weigh_neurons_by_what_can_be_explained(tmp_path):
    """A neuron with hardly any ceiling must not decide: 0.31 of 0.61, not the mean of 0.5 and 1."""
    explained, ceiling = np.array([[0.9, 0.9], [0.30, 0.01]]), np.array([0.60, 0.01])
    found = models.best_layers(one_network(tmp_path, explained, ["input", "a"], ceiling_split_half=ceiling))
    assert ranking.rank(found, seed=1)["score"].tolist() == [pytest.approx(0.31 / 0.61)]


def test_a_ranking_without_ceilings_is_of_variance(tmp_path):
    found = one_network(tmp_path, np.full((2, 3), 0.3), ["input", "a"], ceiling_split_half=np.full(3, np.nan))
    (row,) = ranking.rank(models.best_layers(found), seed=1).to_dict("records")
    assert (row["unit"], row["score"], row["best_baseline"]) == ("of variance", pytest.approx(0.3), "")
    assert np.isnan([row["untrained"], row["baseline"]]).all()


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    return performance.evaluations(planted.write_evaluations(tmp_path_factory.mktemp("evaluations")))


def test_task_performance_is_matched_by_network_and_correlated(best, evaluated):
    scores = models.model_scores(best)
    performing = performance.with_performance(scores, evaluated)
    assert len(performing) == 2 * 4 * 6
    found = performance.correlations(performing).set_index(["movement", "task"])
    of = performing.query("movement == 'passive' and task == 'torque'")
    row = found.loc[("passive", "torque")]
    assert row["r"] == pytest.approx(np.corrcoef(of["performance"], of["explained_variance"])[0, 1])
    assert row["low"] < row["r"] < row["high"]
    assert (row["n"], row["published"], row["metric"]) == (6, -0.662, "error")
    assert np.isnan(found.loc[("active", "torque"), "published"])


def test_fishers_interval_holds_the_true_correlation():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=20).T
        found = performance._pearson(x, y, 0.95)
        hits += found["low"] < 0.5 < found["high"]
    assert 0.92 < hits / 400 < 0.98


def test_too_few_networks_have_no_correlation():
    assert np.isnan(performance._pearson(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 0.95)["r"])
    assert np.isnan(performance._pearson(np.ones(5), np.arange(5.0), 0.95)["r"])
    four, five = (performance._pearson(np.arange(n), np.arange(n) % 3, 0.95) for n in (4.0, 5.0))
    assert (np.isnan(four["r"]), four["n"]) == (True, 4)
    assert five["r"] == pytest.approx(np.corrcoef(np.arange(5), np.arange(5) % 3)[0, 1])


def test_evaluations_that_do_not_fit(best, tmp_path):
    files = planted.write_evaluations(tmp_path, tasks=["torque"], architectures=1, instances=1)
    with pytest.raises(InputError, match="evaluate the same network; give only one of them"):
        performance.evaluations(
            [*files, files[0].rename(tmp_path / "a.h5"), *planted.write_evaluations(tmp_path, ["torque"], 1, 1)]
        )
    other = performance.evaluations(planted.write_evaluations(tmp_path, tasks=["limb_velocity"], architectures=1))
    with pytest.raises(InputError, match="none of the evaluated networks is one whose prediction was given"):
        performance.with_performance(models.model_scores(best), other)


def test_gains_are_those_that_were_planted(best):
    found = gains.gains(models.model_scores(best))
    assert found.shape == (2 * 6, 4)
    assert list(found.columns) == ["action_recognition", "trajectory_decoding", "hand_position_velocity", "torque"]
    active = found.xs("active", level="movement").mean()
    for task, effect in planted.EFFECTS.items():
        assert active[task] == pytest.approx(effect, abs=0.015)
    standardised = gains.standardise(found)
    np.testing.assert_allclose(standardised.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(standardised.std(axis=1, ddof=0), 1)
    order = standardised.xs("active", level="movement").mean().sort_values(ascending=False)
    assert list(order.index) == list(planted.EFFECTS)


def test_points_of_the_map_are_sessions_or_groups_of_rows():
    index = pd.MultiIndex.from_product(
        [["s1", "s2"], ["active"], ["a", "b", "c"], [1]], names=["session", "movement", "name", "instance"]
    )
    values = pd.DataFrame(np.arange(24.0).reshape(6, 4), index, TASKS)
    found = gains.gain_points(values)
    assert found.points.shape == (8, 3)
    assert found.tasks.tolist() == TASKS * 2
    np.testing.assert_array_equal(found.points[found.groups == "s2"], values.loc["s2"].to_numpy().T)
    grouped = gains.gain_points(values, rows=2)
    assert grouped.points.shape == (3 * 4, 2)
    firsts = grouped.points[grouped.tasks == TASKS[0]]
    assert sorted(firsts.ravel()) == values[TASKS[0]].tolist()
    np.testing.assert_array_equal(grouped.points, gains.gain_points(values, rows=2).points)
    assert gains.gain_points(values, rows=4).points.shape == (4, 4)
    with pytest.raises(InputError, match="groups of 7 rows need as many, there are 6"):
        gains.gain_points(values, rows=7)
    with pytest.raises(InputError, match="no network has gains in all sessions"):
        gains.gain_points(values.iloc[[0, 4]])


def test_principal_map_is_that_of_the_singular_values():
    points = np.random.default_rng(0).normal(size=(12, 5))
    found, shares = gains.principal_map(points)
    u, s, _ = np.linalg.svd(points - points.mean(axis=0))
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :2] * s[:2]))
    np.testing.assert_allclose(shares, (s**2 / (s**2).sum())[:2])
    with pytest.raises(InputError, match="2 points in 5 dimensions have no map"):
        gains.principal_map(points[:2])


def test_gains_need_tasks_and_twins(best):
    scores = models.model_scores(best)
    with pytest.raises(InputError, match="gains are compared between tasks"):
        gains.gains(scores.loc[scores["condition"].isin(["torque", "untrained"])])
    with pytest.raises(InputError, match="no network has predictions of all tasks and of its untrained twin"):
        gains.gains(scores.loc[scores["condition"] != "untrained"])
