"""Redundancy reduction: an independent formula, invariances, limits, gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from proprionet.networks import redundancy

N = 7  # dimensions


@pytest.fixture
def views():
    """Two noisy views of correlated dimensions."""
    random = np.random.default_rng(0)
    common = random.normal(size=(200, N)) @ random.normal(size=(N, N))
    return common + random.normal(size=(2, 200, N))


def loss(view_a, view_b):
    value = redundancy.loss(None, ops.convert_to_tensor(np.concatenate([view_a, view_b]), "float32"))
    assert value.shape == ()
    return float(value)


def test_equals_the_formula_with_correlations_of_numpy(views):
    correlation = np.corrcoef(*views, rowvar=False)[:N, N:]
    agreement = np.sum((1 - np.diag(correlation)) ** 2)
    expected = agreement + 5e-3 * np.sum(correlation[~np.eye(N, dtype=bool)] ** 2)
    assert redundancy.measure(*views) == pytest.approx(expected, rel=1e-12)
    assert loss(*views) == pytest.approx(expected, rel=1e-5)


def test_equal_views_without_redundancy_cost_nothing():
    random = np.random.default_rng(0).normal(size=(50, N))
    view = np.linalg.qr(random - random.mean(axis=0))[0]
    assert redundancy.measure(view, view) == pytest.approx(0, abs=1e-24)
    assert loss(view, view) == pytest.approx(0, abs=1e-9)


def test_limits():
    view = np.random.default_rng(0).normal(size=(50, 1))
    copies = np.repeat(view, 4, axis=1)
    assert redundancy.measure(copies, copies) == pytest.approx(5e-3 * 12)
    assert redundancy.measure(view, -view) == pytest.approx(4)


def test_ignores_scale_and_offset_of_dimensions(views):
    view_a, view_b = views
    gain, offset = np.random.default_rng(1).uniform(0.5, 4, size=(2, N))
    assert redundancy.measure(gain * view_a + offset, view_b) == pytest.approx(redundancy.measure(view_a, view_b))
    assert loss(1e-3 * view_a, gain * view_b + offset) == pytest.approx(loss(view_a, view_b), rel=1e-4)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e4])
def test_a_constant_dimension_correlates_with_nothing(views, constant):
    rest = redundancy.measure(*views[..., 1:])
    views[..., 0] = constant
    assert redundancy.measure(*views) == pytest.approx(rest + 1)
    assert loss(*views) == pytest.approx(rest + 1, rel=1e-4)


def test_trains_through_keras_with_a_constant_dimension(views):
    kernel = np.random.default_rng(2).normal(size=(N, 5))
    kernel[:, -1] = 0
    model = keras.Sequential([keras.Input((N,)), keras.layers.Dense(5)])
    model.layers[0].kernel.assign(kernel)
    model.compile(keras.optimizers.Adam(0.05), redundancy.loss)
    embeddings = np.concatenate(views).astype(np.float32)
    losses = [float(model.train_on_batch(embeddings, np.zeros(len(embeddings)))) for _ in range(40)]
    assert losses[0] == pytest.approx(redundancy.measure(*(views @ kernel)), rel=1e-4)
    assert np.isfinite(ops.convert_to_numpy(model.layers[0].kernel)).all()
    assert losses[-1] - 1 < 0.5 * (losses[0] - 1)  # the constant dimension costs 1
