"""Every kind of file: what is written is what is read, and what does not fit is refused before it is published."""

import json
import re

import h5py
import numpy as np
import pytest

from proprionet import store

KINDS = sorted(store.KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_survives_a_round_trip(make, kind):
    with store.read(make(kind), kind, finite=True) as file:
        assert set(file.shapes()) == set(make.arrays(kind))
        for name, array in make.arrays(kind).items():
            assert name in file
            assert file[name].dtype == array.dtype
            np.testing.assert_array_equal(file[name], array)
        for name, value in make.attributes(kind).items():
            assert file.attribute(name) == value
            assert isinstance(file.attribute(name), type(value))


@pytest.mark.parametrize("kind", KINDS)
def test_every_dataset_says_its_units_and_dimensions(make, kind):
    with h5py.File(make(kind)) as file:
        for name in make.arrays(kind):
            arrays = store.KINDS[kind].arrays
            declared = arrays[name if name in arrays else re.sub("/.*", "/*", name)]
            assert file[name].attrs["units"].decode() == declared.unit
            assert len(json.loads(file[name].attrs["dims"])) == file[name].ndim


@pytest.mark.parametrize("kind", KINDS)
def test_every_declaration_speaks_to_people(kind):
    declared = store.KINDS[kind]
    assert declared.name == kind
    assert declared.about
    assert declared.made_by.split()[0].endswith(".py")
    assert all(array.about and array.unit for array in declared.arrays.values())


def test_provenance_is_in_every_file(tmp_path, make):
    source = tmp_path / "pen.csv"
    source.write_text("x,y\n")
    with store.create(tmp_path / "a.h5", "letters", settings={"n": 2, "at": None}, seed=7, inputs=[source]) as file:
        for name, array in make.arrays("letters").items():
            file.write(name, array)
        file.set(**make.attributes("letters"))
    with store.read(tmp_path / "a.h5") as file:
        made = file.attributes()
    assert made["kind"] == "letters"
    assert made["schema_version"] == store.KINDS["letters"].version
    assert made["settings"] == {"n": 2, "at": None}
    assert made["seed"] == 7
    assert made["inputs"] == {"pen.csv": store.sha256(source)}
    assert {"package_version", "git_commit", "git_dirty", "created"} <= set(made)


def test_two_writings_hold_the_same_numbers(make):
    with store.read(make("movements", name="a.h5")) as one, store.read(make("movements", name="b.h5")) as other:
        for name in one.shapes():
            assert one[name].tobytes() == other[name].tobytes()


def test_appended_blocks_join_to_the_whole(make, tmp_path):
    arrays = make.arrays("letters")
    with store.create(tmp_path / "letters.h5", "letters") as file:
        for name, array in arrays.items():
            for block in np.array_split(array, 3):
                file.append(name, block)
        file.set(**make.attributes("letters"))
    with store.read(tmp_path / "letters.h5", finite=True) as file:
        for name, array in arrays.items():
            np.testing.assert_array_equal(file[name], array)


def test_family_is_read_by_member(make):
    with store.read(make("activations")) as file:
        assert list(file.family("layers")) == ["first", "second"]
        np.testing.assert_array_equal(file.family("times")["first"], file["times/first"])


def test_files_of_one_kind_are_read_one_after_another(make):
    paths = [make("letters", name="a.h5"), make("letters", name="b.h5")]
    assert [file.path.name for file in store.read_each(paths, "letters")] == ["a.h5", "b.h5"]


@pytest.mark.parametrize("text", ["[abc", '{"a', '"quoted"', "{}", "plain", "", "ä\nb"])
def test_text_attributes_come_back_as_they_were(make, text):
    with store.read(make("letters", {"origin": text})) as file:
        assert file.attribute("origin") == text


@pytest.mark.parametrize("values", [[0, 1, 255], [True, False], [0.0, 3.0]])
def test_whole_numbers_are_stored_in_the_declared_type(make, values):
    plane = np.resize(values, len(make.arrays("movements")["plane"]))
    with store.read(make("movements", {"plane": plane})) as file:
        assert file["plane"].dtype == "uint8"
        np.testing.assert_array_equal(file["plane"], plane)


def test_nan_is_kept_where_the_kind_allows_it(make):
    accuracy = np.full_like(make.arrays("svm")["accuracy"], np.nan)
    with store.read(make("svm", {"accuracy": accuracy}), finite=True) as file:
        assert np.isnan(file["accuracy"]).all()


def test_optional_datasets_may_be_left_out(make):
    with store.read(make("network", {"epoch": None})) as file:
        assert "epoch" not in file
        with pytest.raises(store.StoreError, match=r"network\.h5: dataset 'epoch' is missing \(found: learning_rate, "):
            file["epoch"]


def test_layers_of_different_shapes_live_together(make):
    layer = np.zeros((len(make.arrays("activations")["movement"]), 70, 1, 9))
    with store.read(make("activations", {"layers/second": layer, "times/second": np.arange(70.0)})) as file:
        assert file["layers/second"].shape == layer.shape


NAN = float("nan")
REFUSED = {
    "unknown dataset": ("letters", {"colour": [1.0]}, r"a letters file holds no dataset 'colour' \(known: samples, o"),
    "unknown member": ("letters", {"label/a": [1]}, r"a letters file holds no dataset 'label/a'"),
    "missing dataset": (
        "letters",
        {"samples": None},
        r"dataset 'samples' is missing; make the file again with dataset/write_letters\.py",
    ),
    "missing family": ("rdm", {"rdm/first": None, "rdm/second": None}, r"dataset 'rdm/\*' is missing"),
    "dimensions": ("letters", {"label": [[0, 1]]}, r"'label' has shape \(1, 2\), expected dimensions \('letter',\)"),
    "length": ("letters", {"label": [0, 1]}, r"'source' has 4 along 'letter', other datasets have 2"),
    "length in a family": (
        "activations",
        {"layers/first": np.zeros((99, 5, 9, 3))},
        r"'layers/second' has \d+ along 'movement', other datasets have 99|.*has 99 along 'movement'",
    ),
    "length in a member": (
        "activations",
        {"times/second": np.arange(99.0)},
        r"'times/second' has 99 along 'layer_time', other datasets have \d",
    ),
    "fraction": ("letters", {"label": [0.5, 1]}, r"'label' must be int64, got float64 values that do not fit"),
    "text": ("letters", {"samples": [["a", "b"]]}, r"'samples' must be float64, got <U1 values that do not fit"),
    "complex": ("letters", {"samples": [[1j, 2]]}, r"'samples' must be float64, got complex128 values"),
    "object": ("letters", {"samples": np.array([[1], [1, 2]], object)}, r"'samples' must be float64, got object"),
    "negative": ("movements", {"plane": [-1]}, r"'plane' must be uint8, got int64 values that do not fit"),
    "too large for 8 bits": ("movements", {"plane": [256]}, r"'plane' must be uint8, got int64 values that do not"),
    "NaN as whole number": ("movements", {"plane": [NAN]}, r"'plane' must be uint8, got float64 values that do not"),
    "too large for 32 bits": ("movements", {"joints": [[1e300]]}, r"'joints' holds NaN or infinity, first in row 0"),
    "NaN": ("letters", {"samples": [[0, 1], [NAN, 0]]}, r"'samples' holds NaN or infinity, first in row 1"),
    "missing attribute": ("letters", {"alphabet": None}, r"attribute 'alphabet' is missing; is this a file of this"),
    "number for text": ("letters", {"alphabet": 3}, r"attribute 'alphabet' is 3, expected str"),
    "text for number": ("letters", {"time_step_s": "fast"}, r"attribute 'time_step_s' is 'fast', expected float"),
    "NaN attribute": ("letters", {"time_step_s": NAN}, r"attribute 'time_step_s' is nan, expected float"),
}


@pytest.mark.parametrize(("kind", "changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_the_kind_is_not_published(make, tmp_path, kind, changes, message):
    with pytest.raises(store.StoreError, match=rf"^{kind}\.h5: {message}"):
        make(kind, changes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ([[np.inf, 0]], r"'samples' holds NaN or infinity, first in row 0"),
        ([[0, 1, 2]], r"rows of 'samples' have shape \(2,\), got \(3,\)"),
        ([["a", "b"]], r"'samples' must be float64, got <U1 values that do not fit"),
    ],
)
def test_a_block_that_does_not_fit_is_not_published(tmp_path, block, message):
    def write():
        with store.create(tmp_path / "letters.h5", "letters") as file:
            file.append("samples", [[0, 1]])
            file.append("samples", block)

    with pytest.raises(store.StoreError, match=rf"^letters\.h5: {message}"):
        write()
    assert list(tmp_path.iterdir()) == []
