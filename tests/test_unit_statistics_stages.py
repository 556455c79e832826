"""Stages that sum up tuning, compare networks and evaluate the published claims, on files with planted truth."""

import csv
import itertools

import fake_results
import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.analysis.comparison import claims, instances

SUMMARISE = "single_cell/summarise_tuning.py"
COMPARE = "single_cell/compare_networks.py"
EVALUATE = "single_cell/evaluate_claims.py"
ART, TDT, PV = "action_recognition", "trajectory_decoding", "hand_position_velocity"
CONDITIONS = {"art": (ART, True), "tdt": (TDT, True), "pv": (PV, True), "untrained": (ART, False)}
LAYERS = ["input", *(f"layer{index}" for index in range(8))]


def read(path):
    with store.read(path) as file:
        return {**file.attributes(), **{name: file[name] for name in file.shapes()}}


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def refused(script, *arguments, out, saying):
    result = stages.run(script, *arguments, "--out", out)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert saying in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not out.exists()


# ------------------------------------------------------------------------------------------------------ tuning files


def planted_tuning(path, **changes):
    """100 units in three layers and planes; the last layer's directions turn 10 degrees a plane, others are at random.

    Units of layer 0 lie along one axis, a tenth of all units are dead.
    """
    random = np.random.default_rng(4)
    layer, level = np.arange(300) % 3, np.array([np.nan, np.nan, -3, 0, 3, 27, 30])
    direction = np.tile(random.uniform(-180, 180, 300), (7, 1))
    direction[:, layer == 0] = 45 + 180 * (np.arange(100) % 2)
    direction[2:, layer == 1] = random.uniform(-180, 180, (5, 100))
    direction[2:, layer == 2] += 10 * np.arange(5)[:, None]
    r2 = np.tile(np.array([0.6, 0.1, 0.5, 0.0, 0.3])[:, None], (7, 1, 300))
    selectivity = np.full((2, 3, 300), [[[0.9], [0.5], [0.4]]])
    arrays = {name: np.zeros(300, int) for name in ("space", "channel")} | {"layer": layer}
    arrays |= {"orientation": [0, 1, 0, 0, 0, 1, 1], "level": level, "n_movements": np.full(7, 9)}
    arrays |= {"r2": r2, "preferred_direction": (direction + 180) % 360 - 180, "selectivity": selectivity}
    arrays |= {"coefficients": np.ones((7, 6, 300)), "intercept": np.ones((7, 5, 300))}
    arrays["channel"][layer == 0] = np.arange(100) < 40
    for name in ("r2", "preferred_direction", "selectivity"):
        arrays[name][..., np.isin(np.arange(300) // 3, range(0, 100, 10))] = np.nan
    return fake_results.tuning(path, ART, True, **arrays | changes)


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("summary")
    return stages.make(SUMMARISE, folder / "summary.h5", planted_tuning(folder / "tuning.h5"))


def test_a_summary_recovers_what_was_planted(summary):
    file = read(summary)
    value = dict(zip(file["statistics"], file["value"], strict=True))
    assert (file["layers"], file["plane"], file["rules"]) == (fake_results.LAYERS, "horizontal", "corrected")
    np.testing.assert_allclose(value["q90_direction"], 0.6)
    np.testing.assert_allclose(value["tuned_direction"], 0.9)
    np.testing.assert_allclose(value["tuned_speed"], 0)
    np.testing.assert_allclose(value["n_excluded_position"], 10)
    np.testing.assert_allclose(value["exclusive_direction_velocity"], 0.9)
    np.testing.assert_allclose(value["exclusive_none"], 0.1)
    np.testing.assert_allclose(value["label_max_median"], 0.8)
    np.testing.assert_allclose(value["label_mean_q90"], (0.8 + 0 + 0.2) / 3)
    np.testing.assert_allclose(value["n_tuned_horizontal"], 90)
    assert value["axis_p_horizontal"][0] < 1e-6 < 0.01 < min(value["rayleigh_p_horizontal"])
    assert value["uniformity_tad_vertical"][0] == pytest.approx(16 / 9)
    assert value["uniformity_tad_vertical"][2] < 0.5
    np.testing.assert_allclose(value["invariance_n_planes_horizontal"], 2)
    np.testing.assert_allclose(value["invariance_n_planes_vertical"], 1)
    np.testing.assert_allclose(value["invariance_mad_horizontal"][[0, 2]], [0, np.radians(10)], atol=1e-9)
    assert value["invariance_mad_horizontal"][1] == pytest.approx(np.pi / 2, rel=0.15)
    np.testing.assert_allclose(value["invariance_r_vertical"][2], 1)


def test_a_summary_of_each_input_channel_and_the_table(summary):
    file, table = read(summary), rows(summary.with_suffix(".csv"))
    n_units = file["statistics"].index("n_units")
    np.testing.assert_array_equal(file["input_channel"][n_units], [60, 40])
    assert list(table[0]) == [*store.ABOUT_NETWORK, "layer", "statistic", "value", "reason"]
    names = [*fake_results.LAYERS, "input, channel 0", "input, channel 1"]
    assert [row["layer"] for row in table if row["statistic"] == "n_units"] == names
    values = [float(row["value"] or "nan") for row in table if row["layer"] == "spatial0"]
    np.testing.assert_allclose(values, file["value"][:, 1], rtol=1e-5)


def test_rules_are_those_of_the_tuning_file(tmp_path):
    """By the published ones, a unit with a perfect score counts as dead."""
    tuning = planted_tuning(tmp_path / "tuning.h5", r2=np.ones((7, 5, 300)))
    corrected = read(stages.make(SUMMARISE, tmp_path / "corrected.h5", tuning))
    stages.change(tuning, lambda file: file.attrs.modify("rules", np.bytes_("published")))
    published = read(stages.make(SUMMARISE, tmp_path / "published.h5", tuning))
    assert (corrected["rules"], published["rules"]) == ("corrected", "published")
    row = corrected["statistics"].index("tuned_direction")
    assert (corrected["value"][row] == 1).all()
    assert (published["value"][row] == 0).all()


def test_a_layer_without_living_units_is_undefined_not_an_error(tmp_path):
    tuning = planted_tuning(tmp_path / "t.h5", r2=np.full((7, 5, 300), np.nan), preferred_direction=np.zeros((7, 300)))
    file = read(stages.make(SUMMARISE, tmp_path / "s.h5", tuning))
    value = dict(zip(file["statistics"], file["value"], strict=True))
    assert np.isnan(value["q90_direction"]).all()
    assert np.isnan(value["uniformity_tad_horizontal"]).all()
    assert np.isnan(value["invariance_mad_vertical"]).all()
    assert (value["tuned_direction"] == 0).all()


# --------------------------------------------------------------------------------------------------------- comparisons


SCORES = {
    "q90_direction": {"art": 0.6, "tdt": 0.2, "pv": 0.25, "untrained": 0.4},
    "q90_position": {"art": 0.2, "tdt": 0.7, "pv": 0.65, "untrained": 0.4},
    "uniformity_tad_horizontal": {"art": 0.6, "tdt": 1.5, "pv": 1.2, "untrained": 1.1},
    "uniformity_expected_horizontal": {"art": 0.3, "tdt": 0.6, "pv": 0.5, "untrained": 0.35},
    "axis_resultant_horizontal": {"art": 0.8, "tdt": 0.8, "pv": 0.8, "untrained": 0.8},
    "n_tuned_horizontal": {"art": 60, "tdt": 10, "pv": 20, "untrained": 50},
    "invariance_mad_vertical": {"art": 0.2, "tdt": 0.5, "pv": 0.5, "untrained": 0.4},
    "invariance_mad_horizontal": {"art": 0.1, "tdt": 0.4, "pv": 0.4, "untrained": 0.25},
}
DECODED = {
    "direction_cos": (0.9, 0.5),
    "direction_sin": (0.8, 0.5),
    "speed": (0.7, 0.4),
    "x": (0.5, 0.9),
    "y": (0.4, 0.9),
}
ORACLE = {"art": [0.01] * 7 + [0.05, 0.22], "tdt": [0.01] * 9, "pv": [0.01] * 9, "untrained": [0.01] * 9}


def experiment(folder, instances=(1, 2, 3), conditions=CONDITIONS, scores=SCORES):
    """Results of an experiment in which every claim holds."""
    for name in ("summaries", "decoding", "rdm"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(6)
    for instance, (name, (task, trained)) in itertools.product(instances, conditions.items()):
        about = {"instance": instance, "layers": LAYERS}
        noisy = {key: at[name] * (1 + 0.02 * random.normal(size=9)) for key, at in scores.items()}
        stem = f"{name}_seed{instance}.h5"
        fake_results.unit_summary(folder / "summaries" / stem, task, trained, noisy, **about)
        decoding(folder / "decoding" / stem, task, trained, name == "art", random, **about)
        oracle = {"pearson": np.array(ORACLE[name]) + 0.002 * random.normal(size=9), "kendall": np.zeros(9)}
        rdm(folder / "rdm" / stem, task, trained, oracle, **about)
    return folder


def decoding(path, task, trained, is_art, random, **about):
    r2 = np.array([values[0 if is_art else 1] for values in DECODED.values()]) + 0.01 * random.normal(size=(9, 5))
    arrays = dict.fromkeys(("r2", "rmse", "correlation"), r2) | dict.fromkeys(("distance", "angle_error"), np.ones(9))
    declared = {name: kind() for name, kind in store.KINDS["decoding"].attributes.items()}
    about = {**declared, **fake_results.about_network(task, trained), "targets": list(DECODED), **about}
    fake_results.write(path, "decoding", arrays, **about)


def rdm(path, task, trained, oracle, **about):
    arrays = {f"rdm/{layer}": np.ones(3) for layer in about["layers"]} | {"label": np.zeros(3, int), **oracle}
    declared = {name: kind() for name, kind in store.KINDS["rdm"].attributes.items()}
    fake_results.write(path, "rdm", arrays, **{**declared, **fake_results.about_network(task, trained), **about})


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return experiment(tmp_path_factory.mktemp("experiment"))


def files(folder, pattern="*"):
    return sorted(folder.glob(f"summaries/{pattern}.h5"))


@pytest.fixture(scope="module")
def compared(results):
    return stages.make(COMPARE, results / "comparison.h5", *files(results))


def test_comparisons_are_paired_and_corrected_over_layers(compared, results):
    table = [row for row in rows(compared.with_suffix(".csv")) if row["statistic"] == "q90_direction"]
    assert len(table) == 6 * 9
    pair = [row for row in table if (row["first"], row["second"]) == ("action recognition", "trajectory decoding")]
    assert [row["layer"] for row in pair] == LAYERS
    values = {
        name: np.array([read(path)["value"][0] for path in files(results, f"{name}_*")]) for name in ("art", "tdt")
    }
    np.testing.assert_allclose(
        [float(row["difference"]) for row in pair], (values["art"] - values["tdt"]).mean(axis=0), rtol=1e-4
    )
    p = np.array([float(row["p"]) for row in pair])
    np.testing.assert_allclose([float(row["bonferroni"]) for row in pair], np.minimum(9 * p, 1), rtol=1e-4)
    assert all(p <= float(row["holm"]) <= float(row["bonferroni"]) for p, row in zip(p, pair, strict=True))
    assert {row["n"] for row in pair} == {"3"}


def test_a_comparison_file_says_the_same_as_its_tables(compared):
    file, table = read(compared), rows(compared.with_suffix(".csv"))
    assert file["conditions"] == list(instances.CONDITIONS)
    for index in (0, 17, len(table) - 1):
        row = table[index]
        for column, names in (("first", "conditions"), ("second", "conditions"), ("layer", "layers")):
            assert file[names][file[column][index]] == row[column]
        assert file["t"][index] == pytest.approx(float(row["t"]), rel=1e-4)
    means = rows(compared.with_suffix(".means.csv"))
    assert len(means) == len(file["mean_value"]) == 4 * 9 * len(SCORES)
    np.testing.assert_allclose(file["mean_value"], [float(row["value"]) for row in means], rtol=1e-4)


def test_one_instance_has_means_but_no_tests(tmp_path):
    folder = experiment(tmp_path, instances=[4])
    out = stages.make(COMPARE, tmp_path / "out.h5", *files(folder))
    file, table = read(out), rows(out.with_suffix(".csv"))
    assert np.isnan(file["p"]).all()
    assert np.isfinite(file["difference"]).all()
    assert np.isnan(file["mean_low"]).all()
    assert {row["reason"] for row in table} == {"one instance has both, a test needs two"}


def test_networks_that_cannot_be_compared(results, tmp_path):
    out, (first, second) = tmp_path / "out.h5", files(results, "art_*")[:2]
    refused(COMPARE, first, second, out=out, saying="no network is here in two conditions (tiny: action recognition)")
    twice = tmp_path / "again.h5"
    twice.write_bytes(first.read_bytes())
    refused(COMPARE, first, twice, out=out, saying="are both the unit_summary of tiny, action recognition, instance 1")
    other = fake_results.unit_summary(tmp_path / "other.h5", TDT, True, {"q90_direction": [1, 2, 3]}, instance=1)
    refused(COMPARE, first, other, out=out, saying="other.h5: layers of tiny differ")
    upright = fake_results.unit_summary(
        tmp_path / "v.h5", TDT, True, {"q90_direction": np.ones(9)}, layers=LAYERS, plane="vertical"
    )
    refused(COMPARE, first, upright, out=out, saying="plane of unit_summary files differ: vertical here, horizontal in")
    others = fake_results.unit_summary(
        tmp_path / "o.h5", TDT, True, {"q90_direction": np.ones(9)}, layers=LAYERS, stimuli="1" * 12
    )
    refused(COMPARE, first, others, out=out, saying="stimuli of unit_summary files differ: 111111111111 here")
    split = fake_results.unit_summary(
        tmp_path / "s.h5", TDT, True, {"q90_direction": np.ones(9)}, layers=LAYERS, held_out="1" * 12
    )
    refused(COMPARE, first, split, out=out, saying="held_out of unit_summary files differ: 111111111111 here")
    tuning = fake_results.tuning(tmp_path / "tuning.h5", ART, True)
    refused(COMPARE, first, tuning, out=out, saying="tuning.h5: is a tuning file, expected one of unit_summary")


def test_networks_of_different_layers_are_compared_apart(results, tmp_path):
    small = [
        fake_results.unit_summary(
            tmp_path / f"{task}{seed}.h5",
            task,
            True,
            {"q90_direction": [seed, 2, 3.0 + seed]},
            network="small",
            instance=seed,
        )
        for task in (ART, TDT)
        for seed in (1, 2)
    ]
    file = read(stages.make(COMPARE, tmp_path / "out.h5", *small, *files(results)))
    assert file["networks"] == ["small", "tiny"]
    assert np.bincount(file["network"]).tolist() == [3, 6 * 9 * len(SCORES)]


# -------------------------------------------------------------------------------------------------------------- claims


def evaluated(folder, *options):
    out = folder / "claims.h5"
    out.unlink(missing_ok=True)
    result = stages.run(EVALUATE, folder, "--out", out, *options)
    assert result.exit_code == 0, result.output
    return read(out), rows(out.with_suffix(".csv")), result.stdout


def test_every_claim_holds_where_it_was_planted(results):
    file, table, page = evaluated(results)
    assert file["verdict"].tolist() == [[claims.HOLDS] * 7]
    assert {row["verdict"] for row in table} == {"holds"}
    assert page.count(": HOLDS") == 7
    for numeral, claim in zip(["i", "ii", "iii", "iv", "v", "vi", "vii"], claims.CLAIMS.values(), strict=True):
        assert f"({numeral}) {claim}: HOLDS" in page
    by_name = {row["contrast"]: float(row["value"]) for row in table}
    assert by_name["90 % quantile for direction, middle layers, ART - TDT"] == pytest.approx(0.4, abs=0.02)
    assert by_name["deviation across vertical planes, middle layers, untrained - ART"] == pytest.approx(0.2, abs=0.02)
    assert by_name["the same beyond that of as many uniform directions"] == pytest.approx(0.45, abs=0.03)
    assert by_name["position decoded, hidden layers, TDT - ART"] == pytest.approx(0.45, abs=0.02)
    assert by_name["that rise, ART - untrained"] == pytest.approx(0.21, abs=0.01)


def test_paper_s_values_are_shown_for_its_families(results):
    _, table, page = evaluated(results)
    paper = {row["contrast"]: row["paper"] for row in table}
    assert float(paper["that rise, ART - untrained"]) == 0.2085
    assert paper["that rise, ART - TDT"] == ""
    assert "paper: +0.495; S read off" in page


def test_a_claim_does_not_hold_where_the_truth_is_another(tmp_path):
    alike = {"q90_direction": {"art": 0.6, "tdt": 0.6, "pv": 0.6, "untrained": 0.4}}
    swapped = {"invariance_mad_vertical": {"art": 0.4, "tdt": 0.4, "pv": 0.4, "untrained": 0.2}}
    file, table, _ = evaluated(experiment(tmp_path, scores=SCORES | alike | swapped))
    assert file["verdict"][0].tolist() == [0, 1, 1, 0, 1, 0, 1]
    reasons = {row["contrast"]: row["reason"] for row in table}
    assert reasons["90 % quantile for direction, middle layers, ART - TDT"] == "no difference of 0.05 or more"
    where = "deviation across vertical planes, middle layers, untrained - ART"
    assert reasons[where] == "the difference is the other way"


def test_one_instance_says_nothing(tmp_path):
    file, table, page = evaluated(experiment(tmp_path, instances=[1]))
    assert (file["verdict"] == claims.UNDECIDED).all()
    reasons = {"defined in one instance, an interval needs two", "one input, held against chance"}
    assert {row["reason"] for row in table} == reasons
    assert page.count("CANNOT BE SAID") == 7


def test_what_is_missing_is_named(tmp_path):
    without = {name: of for name, of in CONDITIONS.items() if name != "pv"}
    folder = experiment(tmp_path, conditions=without)
    for path in (folder / "rdm").iterdir():
        path.unlink()
    file, table, _ = evaluated(folder)
    assert file["verdict"][0].tolist() == [1, 1, 1, 1, 1, -1, -1]
    reasons = {row["reason"] for row in table if row["claim"] in "67"}
    assert reasons == {
        "no file of TDT-PV networks has q90_direction",
        "no file of TDT-PV networks has q90_position",
        "no file has oracle_pearson",
    }


def test_wide_intervals_are_undecided(tmp_path):
    folder = experiment(tmp_path, instances=[1, 2])
    for seed, score in ((1, 0.2), (2, 0.9)):
        path = folder / "summaries" / f"art_seed{seed}.h5"
        path.unlink()
        scores = {name: np.full(9, of["art"]) for name, of in SCORES.items()} | {"q90_direction": np.full(9, score)}
        fake_results.unit_summary(path, ART, True, scores, instance=seed, layers=LAYERS)
    _, table, _ = evaluated(folder)
    assert table[0]["verdict"] == "cannot be said"
    assert table[0]["reason"] == "the interval holds 0 as well as differences of 0.05 and more"


def test_layers_at_which_one_side_is_undefined_do_not_count():
    names = ("network", "family", "condition", "instance", "layer", "depth", "statistic", "value")
    table = instances.pd.DataFrame(
        [
            (
                "a",
                "b",
                condition,
                seed,
                f"l{depth}",
                depth,
                "invariance_mad_vertical",
                value + 0.01 * seed * (value > 0.3),
            )
            for condition, values in (
                (instances.RECOGNITION, [0, 0.9, 0.1, 0.2, 0.9]),
                (instances.UNTRAINED, [0, 0.9, 0.4, np.nan, 0.9]),
            )
            for seed in (1, 2)
            for depth, value in enumerate(values)
        ],
        columns=names,
    )
    found = {finding.contrast.about: finding for finding in claims.evaluate(table)}
    finding = found["deviation across vertical planes, middle layers, untrained - ART"]
    assert finding.interval.mean == pytest.approx(0.315)  # of layer 2 alone: 0.31 and 0.32


def test_files_can_be_given_one_by_one(results, tmp_path):
    out = tmp_path / "claims.h5"
    assert stages.run(EVALUATE, *sorted(results.glob("*/*.h5")), "--out", out).exit_code == 0
    assert (read(out)["verdict"] == claims.HOLDS).all()


def test_a_folder_without_results(tmp_path):
    (tmp_path / "summaries").mkdir()
    saying = "has no .h5 files in summaries, decoding, rdm; give the folder of an experiment"
    refused(EVALUATE, tmp_path, out=tmp_path / "out.h5", saying=saying)
    refused(EVALUATE, tmp_path / "none", out=tmp_path / "out.h5", saying="none: does not exist")
