"""Augmentations: what is silenced or made noisy, how much of it and where, and that views are independent."""

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.networks.augmentations import AUGMENTATIONS, two_views


@pytest.fixture
def random():
    return np.random.default_rng(0)


def ones(n_movements, n_muscles=39, n_steps=400):
    return np.ones((n_movements, n_muscles, n_steps, 2), np.float32)


@pytest.mark.parametrize(
    ("n_steps", "length", "middle", "last"), [(400, 50, 200, 350), (320, 40, 160, 280), (41, 5, 20, 36)]
)
def test_two_windows_are_silent(random, n_steps, length, middle, last):
    views = two_views(ones(500, n_muscles=2, n_steps=n_steps), random)
    silent = views[:, 0, :, 0] == 0
    np.testing.assert_array_equal(views, np.where(silent, 0, 1)[:, None, :, None] * np.ones((1, 2, 1, 2)))
    # The first silent step starts the first window, the last one ends the second.
    first, second = silent.argmax(axis=1), n_steps - silent[:, ::-1].argmax(axis=1) - length
    steps = np.arange(n_steps)
    windows = [(steps >= start[:, None]) & (steps < start[:, None] + length) for start in (first, second)]
    np.testing.assert_array_equal(silent, windows[0] | windows[1])
    for starts, low, high in ((first, 0, middle), (second, middle, last)):
        assert low <= starts.min() <= low + (high - low) / 10
        assert high - (high - low) / 10 <= starts.max() <= high
        assert starts.mean() == pytest.approx((low + high) / 2, abs=0.05 * (high - low))


@pytest.mark.parametrize(("n_muscles", "most"), [(39, 18), (25, 12), (4, 2), (1, 0)])
def test_up_to_18_of_39_muscles_are_silent(random, n_muscles, most):
    views = two_views(ones(1500, n_muscles, n_steps=3), random, ("muscle",))
    silent = views[:, :, 0, 0] == 0
    np.testing.assert_array_equal(views, np.broadcast_to(~silent[..., None, None], views.shape))
    numbers = np.bincount(silent.sum(axis=1), minlength=most + 1) / len(views)
    np.testing.assert_allclose(numbers, np.full(most + 1, 1 / (most + 1)), rtol=0.35)
    np.testing.assert_allclose(silent.mean(axis=0), most / 2 / n_muscles, rtol=0.2)


def test_noise_is_a_share_of_each_muscle_s_own_deviation(random):
    spread = random.uniform(0.5, 50, size=(1, 39, 1, 2))
    inputs = 100 + spread * random.normal(size=(40, 39, 400, 2))
    views = two_views(inputs, random, ("noise",))
    noise = (views - np.concatenate([inputs, inputs])) / np.concatenate([inputs, inputs]).std(axis=2, keepdims=True)
    noisy = np.abs(noise).max(axis=(2, 3)) > 1e-3
    assert noisy.sum(axis=1).max() == 18
    factors = [noise[i, noisy[i]].std() for i in range(80) if noisy[i].sum() > 2]
    np.testing.assert_allclose(factors, np.round(factors, 1), atol=0.02)
    assert set(np.round(factors, 1)) == {0.1, 0.2, 0.3, 0.4}
    assert noise[noisy].mean() == pytest.approx(0, abs=0.01)


def test_noise_of_a_given_deviation(random):
    deviation = random.uniform(1, 9, size=(39, 2))
    noise = two_views(ones(40), random, ("noise",), deviation=deviation) - 1
    noisy = noise.any(axis=(2, 3))
    shares = (noise.std(axis=2) / deviation)[noisy]
    assert shares.min() == pytest.approx(0.1, rel=0.2)
    assert shares.max() == pytest.approx(0.4, rel=0.2)
    assert not two_views(ones(3), random, ("noise",)).std(axis=2).any()


def test_silent_muscles_say_the_mean(random):
    mean = np.arange(78.0).reshape(39, 2)
    inputs = random.normal(size=(5, 39, 400, 2)).astype(np.float32) - 5
    for kind in ("time", "muscle"):
        views = two_views(inputs, random, (kind,), mean)
        changed = views != np.concatenate([inputs, inputs])
        assert changed.any()
        np.testing.assert_array_equal(views, np.where(changed, mean[:, None], np.concatenate([inputs, inputs])))


def test_views_differ_and_inputs_stay(random):
    inputs = ones(20)
    view_a, view_b = np.split(two_views(inputs, random), 2)
    assert (view_a != view_b).any(axis=(1, 2, 3)).all()
    assert (inputs == 1).all()


def test_kinds_follow_one_another(random):
    inputs = random.normal(size=(30, 39, 400, 2))
    views = two_views(inputs, random, ("noise", "time", "muscle"))
    silent = views == 0
    assert (silent.all(axis=(1, 3)).sum(axis=1) >= 50).all()
    assert silent.all(axis=(2, 3)).any()
    assert (views[~silent] != np.concatenate([inputs, inputs]).astype(np.float32)[~silent]).any()


def test_no_kind_changes_nothing(random):
    inputs = random.normal(size=(3, 4, 50, 2)).astype(np.float32)
    np.testing.assert_array_equal(two_views(inputs, random, ()), np.concatenate([inputs, inputs]))


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_the_generator_decides(kind):
    inputs = np.random.default_rng(1).normal(size=(4, 25, 320, 2))
    same = [two_views(inputs, np.random.default_rng(seed), (kind,)) for seed in (3, 3, 4)]
    assert same[0].dtype == np.float32
    assert same[0].shape == (8, 25, 320, 2)
    np.testing.assert_array_equal(same[0], same[1])
    assert (same[0] != same[2]).any()


def test_an_unknown_kind_is_refused(random):
    with pytest.raises(InputError, match="augmentation 'muscles' is unknown; did you mean 'muscle'"):
        two_views(ones(1), random, ("time", "muscles"))
