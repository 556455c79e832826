"""State similarity: row R1 of the acceptance table, and what is asked of any such measure."""

import numpy as np
import pytest

from proprionet.analysis.layers import similarity
from proprionet.errors import InputError
from proprionet.rnn import alignment


def states(n_states=6, n_moments=400, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n_moments, n_states)) @ random.normal(size=(n_states, n_states))


def r2(source, target, n_components=None):
    fitted = alignment.align(source[:300], target[:300], n_components)
    return fitted.r2(source[300:], target[300:])


def test_turned_and_shifted_copy_is_the_same():
    """Acceptance R1."""
    one = states()
    copy = 3 * one @ np.linalg.qr(states(n_moments=6, seed=1))[0] + 5
    for source, target in ((one, copy), (copy, one)):
        weighted, by_component = r2(source, target)
        assert weighted == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(by_component, 1, atol=1e-6)


def test_shuffled_copy_is_not():
    """Acceptance R1."""
    one = states()
    assert r2(np.random.default_rng(2).permutation(one), one)[0] < 0.1


def test_a_network_with_more_to_it_says_more_than_it_is_told():
    """Acceptance R1: states with dimensions that the other lacks are told less well than they tell."""
    small = states(3)
    large = np.concatenate([small, states(5, seed=3)], axis=1)
    assert r2(large, small)[0] == pytest.approx(1, abs=1e-6)
    assert r2(small, large)[0] < 0.9


def test_components_of_largest_variance_count_most():
    random = np.random.default_rng(0)
    one = random.normal(size=(400, 2)) * [10, 1]
    told = np.column_stack([one[:, 0], random.normal(size=400)])
    weighted, by_component = r2(told, one)
    assert by_component[0] == pytest.approx(1)
    assert by_component[1] < 0.1
    assert weighted > 0.98


def test_transform_gives_trajectories_in_the_space_of_the_reference():
    one = states().reshape(4, 100, 6)
    fitted = alignment.align(one.reshape(-1, 6), 2 * one.reshape(-1, 6), 3)
    found = fitted.transform(one)
    assert found.shape == (4, 100, 3)
    np.testing.assert_allclose(found.reshape(-1, 3), fitted.target.transform(2 * one.reshape(-1, 6)), atol=1.5)


@pytest.mark.parametrize("n_states", [2, 30])
def test_components_of_any_dimension(n_states):
    shares = alignment.principal_components(states(n_states), 10).explained_variance_ratio_
    assert len(shares) == min(n_states, 10)
    assert (np.diff(shares) <= 0).all()
    assert alignment.principal_components(states(n_states)).explained_variance_ratio_.sum() == pytest.approx(1)


def test_cka_is_that_of_layers():
    networks = [states(3), np.tanh(states(3)) @ states(3, 3), states(4, seed=5)]
    expected = similarity.cka(similarity.kernels(networks))
    np.testing.assert_allclose(alignment.linear_cka(networks), expected, atol=1e-12)


def test_bad_states_are_named():
    with pytest.raises(InputError, match="400 and 399 moments"):
        alignment.align(states(), states()[1:])
    with pytest.raises(InputError, match="NaN or infinity"):
        alignment.principal_components(np.full((5, 2), np.nan))
    with pytest.raises(InputError, match="never change"):
        alignment.principal_components(np.ones((5, 2)))
