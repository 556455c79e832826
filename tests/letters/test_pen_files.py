import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.letters.pen_files import UNTIMED_SAMPLES, read_letters, read_pen_csv, read_pen_hdf5
from proprionet.letters.strokes import ALPHABET, fit_to_box

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from uci_layout import save_uci_mat

ANGLE = np.linspace(0.3, 6, 30)
POINTS = np.column_stack([np.cos(ANGLE), np.sin(ANGLE) * ANGLE])


def write_csv(path, *strokes, times=None, header="letter,stroke,x,y"):
    rows = [header + (",time_s" if times is not None else "")]
    for number, letter in enumerate(strokes):
        for index, (x, y) in enumerate(POINTS):
            rows.append(f"{letter},s{number},{x},{y}" + (f",{times[index]}" if times is not None else ""))
    path.write_text("\n".join(rows) + "\n")
    return path


def write_hdf5(path, **changes):
    content = {"samples": np.tile(POINTS, (2, 1)), "offsets": [0, 30, 60], "letters": np.array([b"c", b"o"])} | changes
    with h5py.File(path, "w") as file:
        for name, data in content.items():
            if data is not None:
                file[name] = data
    return path


def test_points_without_times_are_spread_evenly(tmp_path):
    letters = read_pen_csv(write_csv(tmp_path / "own.csv", "c", "o"))
    assert [ALPHABET[label] for label in letters.labels] == ["c", "o"]
    assert letters.source.tolist() == [0, 1]
    index = np.linspace(0, len(POINTS) - 1, UNTIMED_SAMPLES)
    expected = [np.interp(index, np.arange(len(POINTS)), axis) for axis in fit_to_box(POINTS).T]
    np.testing.assert_allclose(letters.paths[1], np.transpose(expected), atol=1e-9)


@pytest.mark.parametrize(("slow_down", "samples"), [(3.0, 121), (1.0, 41)])
def test_recorded_times_are_slowed_and_resampled(tmp_path, slow_down, samples):
    times = 10 + np.linspace(0, 0.6, len(POINTS)) ** 2 / 0.6
    path = read_pen_csv(write_csv(tmp_path / "own.csv", "c", times=times), slow_down=slow_down).paths[0]
    assert len(path) == samples
    # The pen was fast at first.
    assert np.linalg.norm(path[1] - path[0]) > 2 * np.linalg.norm(path[-1] - path[-2])
    np.testing.assert_allclose(path[[0, -1]], fit_to_box(POINTS)[[0, -1]], atol=1e-6)


def test_proportions_can_be_kept(tmp_path):
    path = read_pen_csv(write_csv(tmp_path / "own.csv", "c"), keep_aspect=True).paths[0]
    assert np.ptp(path, axis=0).max() == pytest.approx(10, abs=0.1)
    assert np.ptp(path, axis=0).min() < 5


def test_both_forms_agree(tmp_path):
    times = np.linspace(0, 0.6, len(POINTS))
    table = read_pen_csv(write_csv(tmp_path / "own.csv", "c", "o", times=times))
    for naming in ({}, {"letters": None, "labels": np.array([2, 10])}):
        flat = read_pen_hdf5(write_hdf5(tmp_path / "own.h5", time_s=np.tile(times, 2), **naming))
        np.testing.assert_array_equal(flat.labels, table.labels)
        for path, expected in zip(flat.paths, table.paths, strict=True):
            np.testing.assert_allclose(path, expected, atol=1e-9)


def test_reader_is_chosen_by_the_ending(tmp_path):
    for file in (write_csv(tmp_path / "own.CSV", "c", "o"), write_hdf5(tmp_path / "own.hdf5")):
        assert read_letters(file).labels.tolist() == [2, 10]
    save_uci_mat(tmp_path / "own.mat", [np.random.default_rng(0).normal(size=(3, 70))], [3])
    assert read_letters(tmp_path / "own.mat").labels.tolist() == [2]
    with pytest.raises(InputError, match=r"own.txt: expected letters as .mat"):
        read_letters(tmp_path / "own.txt")


HEADER = "letter,stroke,x,y\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "own.csv: the file is empty; expected a header letter,stroke,x,y"),
        (HEADER, "own.csv: no samples below the header"),
        ("letter,x,y\n", r"own.csv: column 'stroke' is missing \(found: letter, x, y\)"),
        (HEADER + "a,1,0,0\na,1,nan,0\n", "own.csv: row 3: x is nan, expected a finite number"),
        (HEADER + "a,1,0,0\na,1,0,two\n", "own.csv: row 3: y is 'two', expected a number"),
        (HEADER + "a,1,0\n", "own.csv: row 2: y is '', expected a number"),
        (HEADER + "k,1,0,0\n", f"own.csv: row 2: letter 'k' is not one of {ALPHABET}"),
        (HEADER + "ab,1,0,0\n", "own.csv: row 2: letter 'ab' is not one of"),
        (HEADER + "a,1,0,0\nb,1,0,0\n", "own.csv: row 3: stroke '1' is 'a' above and 'b' here"),
        (HEADER + "a,dot,1,1\n" * 9, "own.csv: stroke 'dot': the stroke is a single point"),
        (
            HEADER + "".join(f"l,bar,0,{y}\n" for y in range(9)),
            "own.csv: stroke 'bar': the stroke has no extent along x",
        ),
    ],
)
def test_bad_csv_ends_in_one_sentence(tmp_path, text, message):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_pen_csv(tmp_path / "own.csv")


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (np.zeros(30), "stroke 's0': time_s does not rise"),
        (np.linspace(0, 600, 30), "stroke 's0': lasts 600 s; is time_s in seconds?"),
        (np.linspace(0, 0.02, 30), "stroke 's0': at one sample every 0.015 s, the stroke has 5 different points"),
    ],
)
def test_impossible_times(tmp_path, times, message):
    with pytest.raises(InputError, match=message):
        read_pen_csv(write_csv(tmp_path / "own.csv", "c", times=times))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offsets": None}, "own.h5: dataset 'offsets' is missing"),
        ({"letters": None}, "own.h5: dataset 'letters' or 'labels' is missing"),
        ({"letters": None, "label": np.array([0, 1])}, "own.h5: is a letters file of this project already"),
        ({"letters": np.array([b"c", b"k"])}, f"own.h5: letter 1: 'k' is not one of {ALPHABET}"),
        ({"letters": None, "labels": np.array([20, 1])}, "own.h5: letter 0: label 20 is not in 0..19"),
        ({"offsets": [0, 30]}, r"own.h5: 'offsets' must hold one number more than there are letters \(2\)"),
        ({"offsets": [0.0, 30.0, 60.0]}, "own.h5: dataset 'offsets' holds float64"),
        ({"samples": np.zeros((60, 3))}, r"own.h5: 'samples' has shape \(60, 3\)"),
        ({"samples": np.ones((60, 2))}, "own.h5: letter 0: the stroke is a single point"),
        ({"samples": np.insert(np.tile(POINTS, (2, 1))[1:], 40, np.nan, axis=0)}, "letter 1: sample 10 is not"),
        ({"time_s": np.zeros(3)}, "'time_s' has shape"),
    ],
)  # fmt: skip
def test_bad_hdf5_ends_in_one_sentence(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        read_pen_hdf5(write_hdf5(tmp_path / "own.h5", **changes))


def test_no_letters_at_all(tmp_path):
    empty = write_hdf5(
        tmp_path / "own.h5", samples=np.empty((0, 2)), offsets=np.array([0]), letters=None, labels=np.empty(0, int)
    )
    with pytest.raises(InputError, match=r"own.h5: .*(no letters|missing|expected)"):
        read_letters(empty)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("letter,stroke,x,y\na,1,1,5,2,5\n", "row 2: has more fields than the header"),
        ("letter,stroke,x,x,y\na,1,1,2,3\n", "a column is there twice"),
    ],
)
def test_tables_whose_columns_do_not_add_up(tmp_path, text, message):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_letters(tmp_path / "own.csv")


@pytest.mark.parametrize("reader", [read_pen_csv, read_pen_hdf5])
def test_files_of_another_kind(tmp_path, reader):
    with pytest.raises(InputError, match="no such file"):
        reader(tmp_path / "absent")
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00\x80" * 20)
    with pytest.raises(InputError, match=r"noise: (not a|cannot be read as HDF5)"):
        reader(tmp_path / "noise")
