"""The linear baselines as stages: what is written, which movements are used, and what is refused."""

import csv
from itertools import combinations

import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.letters.strokes import ALPHABET

FIT = "svm-analysis/fit_pairwise.py"
DECODE = "svm-analysis/decode_trajectory.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return stages.write_dataset(tmp_path_factory.mktemp("svm") / "dataset.h5")


@pytest.fixture(scope="module")
def fitted(data):
    return stages.make(FIT, data.with_name("svm.h5"), data)


def read(path):
    with store.read(path, finite=True) as file:
        return {**file.attributes(), **{name: file[name] for name in file.shapes()}}


def test_the_matrices_follow_from_the_decision_values(fitted, data):
    svm, rows = read(fitted), read(data)
    assert (svm["alphabet"], svm["input"], svm["subset"]) == (ALPHABET, "spindle", "full")
    np.testing.assert_array_equal(svm["movement"], np.flatnonzero(rows["split"] == 2))
    np.testing.assert_array_equal(svm["label"], rows["label"][svm["movement"]])
    np.testing.assert_array_equal(svm["pair"], list(combinations(range(20), 2)))
    for column, (a, b) in enumerate(svm["pair"]):
        inside = np.isin(svm["label"], [a, b])
        right = (svm["distance"][inside, column] > 0) == (svm["label"][inside] == a)
        assert svm["accuracy"][a, b] == svm["accuracy"][b, a] == right.mean()
        assert svm["n_test"][a, b] == inside.sum()
    assert svm["multiclass_accuracy"] == (svm["predicted"] == svm["label"]).mean()
    assert (svm["votes"][np.arange(len(svm["label"])), svm["predicted"]] == svm["votes"].max(axis=1)).all()
    assert np.nanmax(svm["gap"]) < 1e-5


def test_the_table_has_a_row_for_every_pair(fitted):
    svm = read(fitted)
    with open(fitted.with_suffix(".csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 190
    assert list(rows[0]) == ["letter", "other_letter", "subset", "input", "accuracy", "C", "n"]
    for row in rows[::17]:
        place = ALPHABET.index(row["letter"]), ALPHABET.index(row["other_letter"])
        assert float(row["accuracy"]) == pytest.approx(svm["accuracy"][place], abs=1e-6)
        assert float(row["C"]) == pytest.approx(svm["regularisation"][place])
        assert int(row["n"]) == svm["n_test"][place]


def test_the_file_does_not_depend_on_the_number_of_jobs(fitted, data, tmp_path):
    result = stages.run(FIT, data, "--out", tmp_path / "svm.h5", "--jobs", 3)
    assert result.exit_code == 0, result.output
    stages.assert_same(tmp_path / "svm.h5", fitted)
    assert (tmp_path / "svm.csv").read_bytes() == fitted.with_suffix(".csv").read_bytes()


def test_a_subset_holds_only_its_own_movements(data, tmp_path):
    options = ("--subset", "plane=vertical", "--input", "joints", "--no-standardise", "--validation", "published")
    svm, rows = read(stages.make(FIT, tmp_path / "svm.h5", data, *options)), read(data)
    np.testing.assert_array_equal(svm["movement"], np.flatnonzero((rows["split"] == 2) & (rows["plane"] == 1)))
    assert (svm["subset"], svm["input"]) == ("plane=vertical", "joints")
    assert '"' not in (tmp_path / "svm.csv").read_text()


def test_training_movements_can_be_fewer(fitted, data, tmp_path):
    whole = read(fitted)["distance"]
    every = stages.make(FIT, tmp_path / "every.h5", data, "--most-movements", 10**6)
    np.testing.assert_array_equal(read(every)["distance"], whole)
    last, few = (
        stages.make(FIT, tmp_path / f"{n}.h5", data, "--validation", "published", "--most-movements", n)
        for n in (10**6, 2)
    )
    assert not np.allclose(read(few)["distance"], read(last)["distance"])


def test_the_grid_of_c_is_a_setting(data, tmp_path):
    one = read(stages.make(FIT, tmp_path / "svm.h5", data, "--c-values", 1, "--input", "hand"))
    assert np.nanmax(one["regularisation"]) == np.nanmin(one["regularisation"]) == 1e-4


@pytest.mark.parametrize(
    ("option", "value", "saying"),
    [
        ("--subset", "size=2", "subset 'size=2': no movement has size 2; the data set has 1"),
        ("--subset", "colour=1", "subset 'colour=1': 'colour=1' is not LATENT=VALUE with one of plane, size"),
        ("--subset", "size = 1", "'subset' is 'size = 1'"),
        ("--c-values", "13", "'c_values' is 13: input should be less than or equal to 12"),
        ("--validation", "none", "'none' is not one of 'grouped', 'published'"),
    ],
)
def test_settings_that_make_no_sense(data, tmp_path, option, value, saying):
    result = stages.run(FIT, data, option, value, "--out", tmp_path / "svm.h5")
    assert result.exit_code == 2
    assert saying in result.output
    assert not list(tmp_path.iterdir())


def test_a_letter_without_test_movements_is_named(tmp_path):
    rows = read(stages.write_dataset(tmp_path / "dataset.h5"))
    split = np.where((rows["label"] == 4) & (rows["split"] == 2), 0, rows["split"])
    data = stages.write_dataset(tmp_path / "other.h5", split=split, source=np.arange(len(split)))
    result = stages.run(FIT, data, "--out", tmp_path / "svm.h5")
    assert result.exit_code == 2
    assert result.output.endswith(f"Error: letter {ALPHABET[4]}: no test movement\n")


def test_the_decoder_sees_the_input_of_the_same_moment(data, tmp_path):
    rows = read(data)
    decoder = read(stages.make(DECODE, tmp_path / "decoder.h5", data, "--input", "muscle_length"))
    test = np.flatnonzero(rows["split"] == 2)
    np.testing.assert_array_equal(decoder["movement"], test)
    length, hand = (rows[name][test].transpose(0, 2, 1) for name in ("muscle_length", "hand"))
    for weight, error in (("weight", "error"), ("exact_weight", "exact_error")):
        decoded = (length - decoder["input_mean"]) / decoder["input_deviation"] @ decoder[weight]
        decoded = decoded * decoder["hand_deviation"] + decoder["hand_mean"]
        expected = np.linalg.norm(decoded - hand, axis=2).mean(axis=1)
        np.testing.assert_allclose(decoder[error], expected, rtol=1e-5)
    assert decoder["headline"]["error"]["value"] == pytest.approx(decoder["error"].mean())
    assert decoder["headline"]["error"]["unit"] == "cm"


def test_the_hand_is_decoded_from_itself(data, tmp_path):
    decoder = read(stages.make(DECODE, tmp_path / "decoder.h5", data, "--input", "hand"))
    assert decoder["exact_error"].max() < 1e-4
    assert decoder["error"].mean() < 0.5


def test_spindles_give_the_decoder_two_features_a_muscle(data, tmp_path):
    decoder = read(stages.make(DECODE, tmp_path / "decoder.h5", data))
    assert decoder["weight"].shape == (2 * len(stages.MUSCLES), 3)
    np.testing.assert_allclose(decoder["input_mean"][::2], read(data)["muscle_length"].mean(axis=(0, 2)), rtol=0.1)
    again = stages.make(DECODE, tmp_path / "again.h5", data)
    stages.assert_same(again, tmp_path / "decoder.h5")
