import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet import dataset
from proprionet.errors import InputError

# ------------------------------------------------------------------------------------------- which, and in which order


def latents(n=50):
    """Movements that all differ."""
    random = np.random.default_rng(0)
    names = ("size", "rotation", "shear_x", "shear_y", "speed", "noise")
    return {
        "source": random.integers(3, size=n),
        "plane": random.integers(2, size=n),
        "start_point": random.normal(size=(n, 3)),
        **{name: random.normal(size=n) for name in names},
    }


@pytest.mark.parametrize("name", [name for name in latents() if name != "noise"])
def test_movements_that_differ_in_one_thing_are_no_repeats(name):
    changed = latents()
    for values in changed.values():
        values[:] = values[0]
    assert list(dataset.first_of_each(changed)) == [0]
    changed[name][30] += 1
    assert list(dataset.first_of_each(changed)) == [0, 30]


def test_the_first_of_each_is_kept_whatever_its_noise():
    about = latents()
    np.testing.assert_array_equal(dataset.first_of_each(about), np.arange(50))
    for values in about.values():
        values[[7, 40]] = values[[3, 12]]
    about["noise"][7] += 1  # on the spindles alone
    np.testing.assert_array_equal(dataset.first_of_each(about), [i for i in range(50) if i not in (7, 40)])


def test_the_smoothest_of_each_letter_and_plane():
    random = np.random.default_rng(1)
    label, plane, jerk = random.integers(4, size=200), random.integers(2, size=200), random.random(200)
    kept = dataset.smoothest(label, plane, jerk, 9)
    assert (np.diff(kept) > 0).all()
    rest = np.setdiff1d(np.arange(200), kept)
    for letter in range(4):
        for side in (0, 1):
            mine, others = (rows[(label[rows] == letter) & (plane[rows] == side)] for rows in (kept, rest))
            assert len(mine) == 9
            assert jerk[mine].max() <= jerk[others].min()


def test_too_few_movements_to_choose_the_smoothest_from():
    label, plane = np.repeat([0, 1, 2], 10), np.tile([0, 1], 15)
    plane[:3] = 1
    message = r"smoothest = 4 keeps more movements of each letter and plane than there are \(3 of the scarcest\)"
    with pytest.raises(InputError, match=message):
        dataset.smoothest(label, plane, np.zeros(30), 4)
    assert len(dataset.smoothest(label, plane, np.zeros(30), 3)) == 18


def test_the_order_is_mixed_among_neighbours():
    rows = np.arange(10_000, 20_000)
    order = dataset.shuffled(rows, seed=1)
    for start in range(0, len(rows), dataset.CHUNK):
        chunk = slice(start, start + dataset.CHUNK)
        np.testing.assert_array_equal(np.sort(order[chunk]), rows[chunk])
        assert np.abs(np.corrcoef(order[chunk], rows[chunk])[0, 1]) < 0.1
    np.testing.assert_array_equal(order, dataset.shuffled(rows, seed=1))
    assert (order != dataset.shuffled(rows, seed=2)).any()


# ----------------------------------------------------------------------------------------------------------- padding


@given(n_samples=st.lists(st.integers(1, 12), max_size=6), room=st.integers(0, 8), data=st.data())
def test_padded_movements_are_held_before_and_after(n_samples, room, data):
    n_steps = max(n_samples, default=0) + room
    first = np.array([data.draw(st.integers(0, n_steps - n)) for n in n_samples], int)
    movements = [np.random.default_rng(n).normal(size=(n, 3)).astype(np.float32) for n in n_samples]
    ends = np.cumsum([0, *n_samples])
    padded = dataset.pad(np.concatenate([np.empty((0, 3), np.float32), *movements]), ends, first, n_steps)
    assert padded.shape == (len(n_samples), 3, n_steps)
    assert padded.dtype == np.float32
    for one, values, begin in zip(padded, movements, first, strict=True):
        held = values[np.clip(np.arange(n_steps) - begin, 0, len(values) - 1)]
        np.testing.assert_array_equal(one, held.T)


@pytest.mark.parametrize("first", [-1, 3, 100])
def test_a_movement_that_does_not_fit_is_refused(first):
    with pytest.raises(InputError, match=f"movement of 8 steps from step {first} does not fit into 10 steps"):
        dataset.pad(np.zeros((10, 2)), np.array([0, 2, 10]), np.array([1, first]), 10)


def test_the_start_is_uniform_over_where_the_movement_fits():
    first = dataset.draw_first(np.full(6000, 97), 100, seed=3)
    assert np.abs(np.bincount(first, minlength=4) / 6000 - 1 / 4).max() < 0.02
    assert (dataset.draw_first(np.full(5, 100), 100, seed=3) == 0).all()


def test_the_start_of_a_movement_does_not_depend_on_those_after_it():
    n_samples = np.random.default_rng(0).integers(50, 90, 140)
    first = dataset.draw_first(n_samples, 100, seed=3)
    np.testing.assert_array_equal(first[:70], dataset.draw_first(n_samples[:70], 100, seed=3))
    assert (first != dataset.draw_first(n_samples, 100, seed=4)).any()


def test_a_movement_longer_than_all_steps_is_named():
    with pytest.raises(InputError, match="movement 2 has 101 steps, more than n_steps = 100; raise n_steps"):
        dataset.draw_first(np.array([80, 100, 101, 300]), 100, seed=1)
