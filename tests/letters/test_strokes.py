import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet import store
from proprionet.errors import InputError
from proprionet.letters.strokes import ALPHABET, Letters, fit_to_box, load, save


def curve(samples=20):
    angle = np.linspace(0, 5, samples)
    return np.column_stack([np.cos(angle), angle])


def letters(*paths, labels=None):
    return Letters(list(paths), np.zeros(len(paths), int) if labels is None else labels, np.arange(len(paths)))


@given(samples=st.lists(st.integers(8, 40), max_size=5))
def test_flat_and_back(samples):
    written = letters(*map(curve, samples), labels=np.arange(len(samples)))
    again = Letters.from_flat(*written.flat(), written.labels, written.source)
    assert len(again) == len(samples)
    for path, expected in zip(again.paths, written.paths, strict=True):
        np.testing.assert_array_equal(path, expected)


def test_file_and_back(tmp_path):
    written = letters(curve(10), curve(30), labels=[4, 5])
    with store.create(tmp_path / "letters.h5", "letters") as file:
        save(file, written, origin="curves")
    with store.read(tmp_path / "letters.h5", "letters") as file:
        again = load(file)
        assert (file.attribute("alphabet"), file.attribute("origin")) == (ALPHABET, "curves")
    np.testing.assert_array_equal(again.flat()[0], written.flat()[0])
    assert (again.labels.tolist(), again.source.tolist()) == ([4, 5], [0, 1])


def test_file_with_a_broken_letter_is_named(tmp_path):
    with store.create(tmp_path / "letters.h5", "letters") as file:
        save(file, letters(curve(10), curve(30)), origin="curves")
    with h5py.File(tmp_path / "letters.h5", "a") as file:
        file["samples"][10:] = 0
    with (
        store.read(tmp_path / "letters.h5", "letters") as file,
        pytest.raises(InputError, match=r"letters.h5: letter 1: the stroke is a single point"),
    ):
        load(file)


def test_select_keeps_source_and_order():
    chosen = letters(curve(10), curve(11), curve(12), labels=[4, 5, 6]).select([2, 0, 2])
    assert [len(path) for path in chosen.paths] == [12, 10, 12]
    assert chosen.labels.tolist() == [6, 4, 6]
    assert chosen.source.tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (np.where(np.arange(20)[:, None] == 7, np.nan, curve()), "letter 1: sample 7 is not a finite number"),
        (np.ones((30, 2)), "letter 1: the stroke is a single point"),
        (np.repeat(curve(5), 6, axis=0), "letter 1: the stroke has 5 different points, at least 8"),
        (np.empty((0, 2)), "letter 1: the stroke has 0 different points"),
        (np.ones((30, 3)), r"letter 1: the path must have shape \(time, 2\), not \(30, 3\)"),
    ],
)
def test_bad_stroke_is_named(path, message):
    with pytest.raises(InputError, match=message):
        letters(curve(), path)


def test_unknown_label_and_counts_are_named():
    with pytest.raises(InputError, match=rf"letter 1: label 20 is not in 0..19 \({ALPHABET}\)"):
        letters(curve(), curve(), labels=[0, 20])
    with pytest.raises(InputError, match="2 paths need as many labels and sources, not 1 and 2"):
        letters(curve(), curve(), labels=[0])


@pytest.mark.parametrize("offsets", [[0, 10], [1, 20], [0, 15, 10, 20], []])
def test_offsets_must_cover_the_samples(offsets):
    with pytest.raises(InputError, match=r"offsets must rise from 0 to the number of samples \(20\)"):
        Letters.from_flat(curve(20), offsets, [0], [0])


@given(
    stretch=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), shift=st.tuples(st.floats(-9, 9), st.floats(-9, 9))
)
def test_stretched_box_ignores_place_and_proportions(stretch, shift):
    fitted = fit_to_box(curve() * stretch + shift)
    np.testing.assert_allclose(fitted, fit_to_box(curve()), atol=1e-8)
    assert fitted.min(axis=0).tolist() == [-5, -5]
    assert fitted.max(axis=0).tolist() == [5, 5]


def test_kept_aspect_scales_by_the_larger_extent():
    fitted = fit_to_box(curve() * [3, 1] + 7, size_cm=4, keep_aspect=True)
    extent = np.ptp(curve() * [3, 1], axis=0)
    np.testing.assert_allclose(np.ptp(fitted, axis=0), 4 * extent / extent.max())
    np.testing.assert_allclose(fitted.min(axis=0) + fitted.max(axis=0), 0, atol=1e-12)


def test_flat_stroke_fits_only_with_its_aspect():
    line = curve() * [0, 1]
    with pytest.raises(InputError, match="no extent along x"):
        fit_to_box(line)
    assert np.ptp(fit_to_box(line, keep_aspect=True), axis=0).tolist() == [0, 10]
    with pytest.raises(InputError, match="no extent"):
        fit_to_box(np.ones((9, 2)), keep_aspect=True)
