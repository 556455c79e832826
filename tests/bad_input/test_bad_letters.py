"""Pen letters that cannot be read."""

import numpy as np
import pytest
from scipy.io import savemat
from spoiled_files import READ, csv, mat, refused, stroke

NAN_AT_5 = np.where(np.arange(30)[:, None] == 5, np.nan, stroke(30))


def test_a_mat_file_without_the_cells(tmp_path):
    savemat(tmp_path / "mine.mat", {"mix": np.ones(3)})
    refused(
        tmp_path,
        r"mine.mat: cell 'mixout' is missing \(found: 'mix'\); expected",
        READ,
        "--file",
        tmp_path / "mine.mat",
    )


def test_a_mat_file_that_is_none(tmp_path):
    (tmp_path / "mine.mat").write_bytes(b"MATLAB 5.0" + bytes(200))
    refused(tmp_path, "mine.mat: not a readable MAT file", READ, "--file", tmp_path / "mine.mat")


def test_pen_positions_that_are_no_numbers(tmp_path):
    refused(
        tmp_path,
        "pen.csv: row 7: x is nan, expected a finite number",
        READ,
        "--file",
        csv(tmp_path / "pen.csv", NAN_AT_5),
    )
    refused(
        tmp_path, r"pen.mat: letter 0: sample \d is not a finite", READ, "--file", mat(tmp_path / "pen.mat", NAN_AT_5)
    )


@pytest.mark.parametrize(("n_points", "saying"), [(1, "is a single point"), (5, "has 5 different points, at least 8")])
def test_strokes_of_a_few_points(tmp_path, n_points, saying):
    refused(
        tmp_path,
        f"pen.csv: stroke '1': the stroke {saying}",
        READ,
        "--file",
        csv(tmp_path / "pen.csv", stroke(n_points)),
    )


@pytest.mark.parametrize("name", ["letters.txt", "letters"])
def test_letters_in_no_known_form(tmp_path, name):
    (tmp_path / name).write_text("a")
    refused(tmp_path, "expected letters as .mat", READ, "--file", tmp_path / name)
