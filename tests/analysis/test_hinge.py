"""The solver of the linear machines: the conditions of optimality, on easy and on nearly singular problems."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proprionet.analysis.baselines import hinge

DECADES = tuple(10.0 ** np.arange(-4, 4))


def smooth(seed, n_movements, n_features, apart):
    """Movements as smooth as those of an arm: their products are nearly dependent on each other."""
    random = np.random.default_rng(seed)
    time = np.linspace(0, 1, n_features)
    phase, speed = random.uniform(0, 6, (n_movements, 3, 1)), random.uniform(1, 9, (n_movements, 3, 1))
    inputs = np.sin(speed * time + phase).sum(axis=1)
    is_first = np.arange(n_movements) % 2 == 0
    return inputs + apart * is_first[:, None] * np.sin(4 * time), is_first


def losses(inputs, is_first, weight, C):
    """The loss itself, from slopes and intercept in the features."""
    slope, intercept = weight @ inputs, weight.sum()
    margin = np.where(is_first, 1, -1) * (inputs @ slope + intercept)
    return 0.5 * (slope @ slope + intercept**2) + C * np.maximum(1 - margin, 0).sum(), margin


@pytest.mark.parametrize("offset", [0, 100])
@pytest.mark.parametrize("apart", [0.0, 0.3, 3.0])
def test_conditions_of_the_optimum_hold(apart, offset):
    inputs, is_first = smooth(0, 150, 80, apart)
    inputs = inputs + offset
    found = hinge.fit(inputs @ inputs.T + 1, is_first, DECADES[:6], tolerance=1e-7)
    assert (found.gap < 1e-7).all()
    for C, weight in zip(DECADES, found.weight, strict=False):
        dual = np.where(is_first, 1, -1) * weight
        loss, margin = losses(inputs, is_first, weight, C)
        assert dual.min() >= 0
        assert dual.max() <= C * (1 + 1e-12)
        assert loss - (dual.sum() - 0.5 * dual @ margin) <= 2e-7 * loss  # what no machine can be below
        free = (dual > 1e-6 * C) & (dual < C * (1 - 1e-6))
        np.testing.assert_allclose(margin[free], 1, atol=0.02)
        assert margin[dual <= 0].min(initial=np.inf) > 0.98
        assert margin[dual >= C].max(initial=-np.inf) < 1.02


@given(seed=st.integers(0, 1000), C=st.sampled_from(DECADES))
@settings(max_examples=25, deadline=None)
def test_no_other_machine_has_a_smaller_loss(seed, C):
    inputs, is_first = smooth(seed, 40, 30, 0.2)
    (weight,) = hinge.fit(inputs @ inputs.T + 1, is_first, (C,)).weight
    least, _ = losses(inputs, is_first, weight, C)
    random = np.random.default_rng(seed)
    for size in (1e-3, 1e-1, 1):
        other = weight + size * np.abs(weight).max() * random.normal(size=40)
        assert losses(inputs, is_first, other, C)[0] >= least * (1 - 1e-5)


def test_a_path_ends_where_each_machine_alone_does():
    inputs, is_first = smooth(3, 100, 50, 0.2)
    products = inputs @ inputs.T + 1
    path = hinge.fit(products, is_first, DECADES[:6], tolerance=1e-9)
    for C, weight in zip(DECADES, path.weight, strict=False):
        (alone,) = hinge.fit(products, is_first, (C,), tolerance=1e-9).weight
        np.testing.assert_allclose(weight @ products, alone @ products, atol=2e-3)


def test_c_does_not_matter_once_all_movements_are_outside_the_margin():
    inputs, is_first = smooth(0, 30, 200, 3)
    inputs[:, :30] += 3 * np.eye(30)
    found = hinge.fit(inputs @ inputs.T + 1, is_first, DECADES)
    np.testing.assert_array_equal(found.weight[-1], found.weight[-2])
    assert np.abs(found.weight[-1]).max() < 1e2


def test_movements_that_are_all_the_same_leave_the_intercept():
    found = hinge.fit(np.full((6, 6), 5.0), np.arange(6) < 4, (1.0,))
    assert found.gap[0] < 1e-5
    assert (found.weight[0] @ np.full((6, 6), 5.0) > 0).all()  # the commoner class
