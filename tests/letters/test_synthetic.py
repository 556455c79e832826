import h5py
import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.letters.strokes import ALPHABET, Letters, fit_to_box
from proprionet.letters.synthetic import write_letters


@pytest.fixture(scope="module")
def written() -> Letters:
    return write_letters(30, seed=0)


def test_labels_lengths_and_box(written):
    assert np.bincount(written.labels).tolist() == [30] * len(ALPHABET)
    assert len(np.unique(written.source)) == len(written)
    assert all(60 <= len(path) <= 182 for path in written.paths)
    for path in written.paths:
        assert path.min(axis=0).tolist() == [-5, -5]
        assert path.max(axis=0).tolist() == [5, 5]


def test_a_letter_does_not_depend_on_how_many_are_written(written):
    few = write_letters(3, seed=0)
    for label in range(len(ALPHABET)):
        for repeat in range(3):
            np.testing.assert_array_equal(few.paths[3 * label + repeat], written.paths[30 * label + repeat])


def test_seeds_and_repeats_differ(written):
    other = write_letters(1, seed=1).paths[0]
    assert not any(np.array_equal(path, other) for path in written.paths[:30])
    assert not np.array_equal(written.paths[0], written.paths[1])


def test_durations_are_typical_of_the_letter(written):
    median = {
        letter: np.median([len(written.paths[i]) for i in range(30 * k, 30 * k + 30)])
        for k, letter in enumerate(ALPHABET)
    }
    for letter, expected in {"l": 73, "c": 86, "v": 104, "a": 132, "m": 141}.items():
        assert median[letter] == pytest.approx(expected, rel=0.1)


def test_pen_starts_and_stops_at_rest(written):
    for path in written.paths:
        speed = np.linalg.norm(np.diff(path, axis=0), axis=1)
        assert max(speed[0], speed[-1]) < 0.2 * speed.max()


def test_pen_slows_where_the_path_bends(written):
    """Speed and curvature are anticorrelated away from the ends, with a slope near the -1/3 of human writing."""
    slopes = []
    for path in written.paths:
        velocity, acceleration = np.gradient(path, axis=0), np.gradient(np.gradient(path, axis=0), axis=0)
        speed = np.linalg.norm(velocity, axis=1)
        bend = np.abs(velocity[:, 0] * acceleration[:, 1] - velocity[:, 1] * acceleration[:, 0])
        middle = slice(len(path) // 4, -len(path) // 4)
        curvature = (bend / speed.clip(1e-9) ** 3)[middle]
        slopes.append(np.polyfit(np.log(curvature.clip(1e-2)), np.log(speed[middle]), 1)[0])
    assert -0.5 < np.median(slopes) < -0.15


def test_none_to_write_is_an_error():
    with pytest.raises(InputError, match="must be 1 or more, not 0"):
        write_letters(0, seed=0)


def test_reads_like_recorded_letters(written, shared):
    """Nearest synthetic letter by the box-fitted path alone: far above chance (5 %) on letters a person wrote."""
    with h5py.File(shared / "data/character_trajectories/character_trajectories_shared.h5") as file:
        cells = np.split(file["samples"][:, :2].astype(float), file["offsets"][1:-1])[::5]
        labels = file["labels"][::5] - 1
    recorded = [fit_to_box(cell[np.any(cell != 0, axis=1)].cumsum(axis=0)) for cell in cells]
    ours, theirs = _equally_spaced(written.paths), _equally_spaced(recorded)
    nearest = np.linalg.norm(theirs[:, None] - ours[None], axis=2).argmin(axis=1)
    assert (written.labels[nearest] == labels).mean() > 0.8


def _equally_spaced(paths):
    rows = []
    for path in paths:
        length = np.cumsum([0, *np.linalg.norm(np.diff(path, axis=0), axis=1)])
        rows.append([np.interp(np.linspace(0, length[-1], 32), length, axis) for axis in path.T])
    return np.reshape(rows, (len(paths), -1))
