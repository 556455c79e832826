import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from proprionet import seeds


def draw(*key, n=4):
    return seeds.generator(*key).integers(1 << 62, size=n).tolist()


def test_known_numbers_never_change():
    assert [seeds.integer(1, "movement", 3, index) for index in range(3)] == [1223712106, 1654266785, 1776920759]
    np.testing.assert_allclose(seeds.generator(0).random(2), [0.63696169, 0.26978671], atol=1e-8)
    np.testing.assert_allclose(seeds.generator(7, "a", 0).random(2), [0.01560426, 0.73343849], atol=1e-8)


def test_another_process_draws_the_same():
    program = "from proprionet import seeds; print(seeds.generator(1, 'fold', 2).integers(1 << 62, size=4).tolist())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == str(draw(1, "fold", 2))


def test_the_order_of_work_does_not_matter():
    forwards = {index: draw(1, "movement", index) for index in range(20)}
    backwards = {index: draw(1, "movement", index) for index in reversed(range(20))}
    assert forwards == backwards


def test_every_key_has_a_stream_of_its_own():
    keys = [
        (),
        *[("movement", index) for index in range(200)],
        *[("letter", index) for index in range(200)],
        *[("movement", index, 0) for index in range(200)],
        (1,),
        ("1",),
        (1, 2),
        (2, 1),
        (12,),
        ("1", "2"),
        ("12",),
        (-1,),
        (1 << 70,),
        ("",),
    ]
    streams = {tuple(draw(seed, *key, n=2)) for seed in (0, 1, 2) for key in keys}
    assert len(streams) == 3 * len(keys)
    assert len({seeds.integer(1, *key) for key in keys}) == len(keys)


def test_streams_of_neighbours_are_independent():
    n_samples = 20_000
    streams = np.array([seeds.generator(1, "movement", index).standard_normal(n_samples) for index in range(10)])
    correlation = np.corrcoef(streams)[np.triu_indices(10, k=1)]
    assert np.abs(correlation).max() < 5 / np.sqrt(n_samples)


@pytest.mark.parametrize("number", [np.int64(3), np.uint8(3), np.int32(3)])
def test_numbers_of_numpy_count_as_pythons(number):
    assert draw(1, "movement", number) == draw(1, "movement", 3)
    assert draw(1, np.str_("movement"), 3) == draw(1, "movement", 3)


@pytest.mark.parametrize("part", [1.0, None, (1, 2)])
def test_what_cannot_name_an_item_is_refused(part):
    with pytest.raises(TypeError):
        seeds.generator(1, part)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="non-negative"):
        seeds.generator(-1)


def test_integers_fit_into_31_bits():
    integers = [seeds.integer(index) for index in range(500)]
    assert min(integers) >= 0
    assert 1 << 30 < max(integers) < 1 << 31


def test_numbers_of_small_items_do_not_depend_on_which_others_are_asked_for():
    rows = np.arange(300)
    whole = seeds.uniform(1, "movement", 0, rows=rows, columns=3)
    assert whole.shape == (300, 3)
    some = np.random.default_rng(0).permutation(rows)[:40]
    np.testing.assert_array_equal(seeds.uniform(1, "movement", 0, rows=some, columns=3), whole[some])
    np.testing.assert_array_equal(seeds.uniform(1, "movement", 0, rows=[7, 7], columns=3), whole[[7, 7]])
    assert seeds.uniform(1, "movement", 0, rows=[], columns=3).shape == (0, 3)


def test_numbers_of_small_items_are_uniform_and_all_different():
    drawn = seeds.uniform(1, "movement", rows=np.arange(20_000), columns=2)
    assert len(np.unique(drawn)) == drawn.size
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.01
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 5 / np.sqrt(len(drawn))
    for seed, key in ((2, "movement"), (1, "first")):
        assert not np.isin(drawn[:100], seeds.uniform(seed, key, rows=np.arange(100), columns=2)).any()


def test_known_numbers_of_small_items_never_change():
    drawn = seeds.uniform(1, "movement", 0, rows=[0, 64, 1_000_000], columns=2)
    expected = [[0.70010514, 0.55031154], [0.49896291, 0.97032378], [0.09205488, 0.70914031]]
    np.testing.assert_allclose(drawn, expected, atol=1e-8)
