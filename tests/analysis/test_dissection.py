import numpy as np
import pytest
from scipy.ndimage import zoom

from proprionet.analysis.single_units import dissection
from proprionet.errors import InputError

N_TIMES, N_MUSCLES = 40, 6


def movements(n=12):
    """Muscles that lengthen one after another within the movement, samples 10 to 29; letters 0 and 1 by turns."""
    length = np.full((n, N_MUSCLES, N_TIMES), 100.0)
    for row in range(n):
        muscle = row % N_MUSCLES
        length[row, muscle] += 5.0 * np.clip(np.arange(N_TIMES) - 12, 0, 10)
    return length, np.full(n, 10), np.full(n, 20), np.arange(n) % 2


def dissect(responses, times=None, **options):
    length, first, n_samples, label = movements(len(responses))
    times = np.arange(N_TIMES) if times is None else times
    return dissection.dissect(responses, times, length, first, n_samples, label, 2, **options)


def test_a_map_that_is_the_speed_of_the_muscles_overlaps_with_it_entirely():
    length, *_ = movements()
    speed = np.abs(np.gradient(length, axis=2)).transpose(0, 2, 1)[..., None]
    found = dissect(speed)
    np.testing.assert_allclose(found.overlap, 1)
    np.testing.assert_allclose(found.inside, 1)
    np.testing.assert_allclose(found.peak, 5)


def test_a_map_that_answers_before_the_movement_is_outside():
    responses = np.zeros((12, N_TIMES, N_MUSCLES, 1))
    responses[:, 2:6] = 1
    found = dissect(responses)
    np.testing.assert_array_equal(found.overlap, 0)
    np.testing.assert_array_equal(found.inside, 0)


def test_a_map_that_always_answers_is_inside_by_chance():
    _, _, n_samples, label = movements()
    responses = np.ones((12, N_TIMES, N_MUSCLES, 1))
    responses[0, 0] = 0.99
    found = dissect(responses)
    np.testing.assert_allclose(found.inside, 0.5)
    np.testing.assert_allclose(dissection.share_of_record(n_samples, label, 3, N_TIMES), [0.5, 0.5, np.nan])


def test_masks_begin_at_the_shares():
    """A ramp along time: above 0.3 and 0.5 of its maximum lie 70 and 50 % of it."""
    ramp = np.broadcast_to((np.arange(N_TIMES) + 0.5)[:, None, None], (12, N_TIMES, N_MUSCLES, 1))
    found = dissect(ramp)
    late = [np.sum((np.arange(N_TIMES) + 0.5 > share * 39.5)[10:30]) for share in dissection.THRESHOLDS]
    size = [np.sum(np.arange(N_TIMES) + 0.5 > share * 39.5) for share in dissection.THRESHOLDS]
    np.testing.assert_allclose(found.inside[0, 0], np.divide(late, size))


def test_the_strongest_movements_of_each_letter_are_taken():
    random = np.random.default_rng(0)
    responses = random.normal(size=(12, 8, 3, 2))
    found = dissect(responses, 2.0 + 5 * np.arange(8), top=4)
    peaks = responses.max(axis=(1, 2))
    for letter in range(2):
        for feature_map in range(2):
            rows = np.arange(letter, 12, 2)
            best = rows[np.argsort(-peaks[rows, feature_map])][:4]
            np.testing.assert_array_equal(found.movement[feature_map, letter], best)
            np.testing.assert_array_equal(found.peak[feature_map, letter], peaks[best, feature_map])


def test_a_letter_with_few_movements_leaves_places_empty():
    responses = np.ones((4, N_TIMES, N_MUSCLES, 1))
    responses[2:, 0] = 0.5
    found = dissect(responses)
    np.testing.assert_array_equal(found.movement[0], [[0, 2, -1, -1, -1], [1, 3, -1, -1, -1]])
    assert np.isnan(found.peak[0, :, 2:]).all()
    assert np.isfinite(found.overlap).all()


def test_blocks_make_no_difference(monkeypatch):
    responses = np.random.default_rng(0).normal(size=(12, N_TIMES, 3, 2))
    whole = dissect(responses)
    monkeypatch.setattr(dissection, "MOVEMENTS_AT_ONCE", 5)
    np.testing.assert_array_equal(dissect(responses).movement, whole.movement)


def test_a_map_that_is_never_above_zero_has_no_score():
    found = dissect(-np.ones((12, N_TIMES, N_MUSCLES, 1)))
    assert np.isnan(found.overlap).all()
    assert np.isnan(found.inside).all()


def test_maps_are_stretched_in_space_and_placed_by_their_times_in_time():
    maps = np.random.default_rng(0).normal(size=(N_TIMES, 3, 2))
    found = dissection.heat_maps(maps, np.arange(N_TIMES), 6, N_TIMES)
    oracle = zoom(maps, (1, 2, 1), order=1, mode="nearest", grid_mode=True).transpose(2, 1, 0)
    np.testing.assert_allclose(found, oracle, atol=1e-12)
    times = 3.0 + 4 * np.arange(9)
    stretched = dissection.heat_maps(np.arange(9.0)[:, None, None], times, 5, N_TIMES)
    np.testing.assert_allclose(stretched[0, 2], np.interp(np.arange(N_TIMES), times, np.arange(9)))


def test_a_label_that_is_no_letter():
    length, first, n_samples, label = movements()
    with pytest.raises(InputError, match="labels reach from 0 to 1: expected 0 to 0"):
        dissection.dissect(np.ones((12, 4, 2, 1)), np.arange(4), length, first, n_samples, label, 1)


def test_a_map_that_never_varies_has_no_strongest_movements():
    found = dissect(np.ones((12, N_TIMES, N_MUSCLES, 1)))
    assert (found.movement == -1).all()
    assert np.isnan(found.peak).all()
