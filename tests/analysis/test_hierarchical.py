"""Intervals over architectures, instances and neurons hold the truth about as often as they say."""

import numpy as np
import pytest

from proprionet.analysis.comparison.comparisons import signed_ranks
from proprionet.analysis.comparison.hierarchical import architecture_shares, hierarchical_interval
from proprionet.errors import InputError


def networks(n, instances):
    return np.repeat([f"net{number}" for number in range(n)], instances)


@pytest.mark.parametrize(
    ("n_architectures", "instances", "spread"),
    [(8, 2, (1.0, 0.5, 1.0)), (12, 1, (0.5, 0.0, 2.0)), (10, 3, (0.2, 0.2, 0.2))],
)
def test_the_interval_holds_the_truth_in_about_95_of_100_cases(n_architectures, instances, spread):
    rng, hits, n_neurons = np.random.default_rng(0), 0, 40
    names = networks(n_architectures, instances)
    of_architecture, of_instance, of_neuron = spread
    for repeat in range(200):
        values = (
            of_architecture * np.repeat(rng.normal(size=n_architectures), instances)[:, None]
            + of_instance * rng.normal(size=(names.size, 1))
            + of_neuron * rng.normal(size=n_neurons)
            + rng.normal(size=(names.size, n_neurons))
        )
        found = hierarchical_interval(values, names, repeat)
        hits += found.low < 0 < found.high
    assert 0.90 <= hits / 200 <= 0.995


def test_the_mean_is_over_instances_then_architectures():
    values = np.array([[1.0, 3.0], [5.0, 7.0], [10.0, 20.0]])
    names = np.array(["a", "a", "b"])
    np.testing.assert_allclose(architecture_shares(names), [0.25, 0.25, 0.5])
    found = hierarchical_interval(values, names, 1)
    assert (found.mean, found.n) == (pytest.approx((4 + 15) / 2), 6)
    assert found == hierarchical_interval(values[[2, 1, 0]][[0, 2, 1]], names[[2, 1, 0]][[0, 2, 1]], 1)


def test_it_moves_and_scales_with_the_values_and_depends_on_the_seed_alone():
    values, names = np.random.default_rng(1).normal(size=(12, 10)), networks(4, 3)
    one, other = hierarchical_interval(values, names, 1), hierarchical_interval(2 * values + 3, names, 1)
    for name in ("mean", "low", "high"):
        assert getattr(other, name) == pytest.approx(2 * getattr(one, name) + 3)
    assert one != hierarchical_interval(values, names, 2)


def test_neurons_are_drawn_once_for_all_networks():
    """Networks that agree on every neuron say nothing more together than one of them: 20 networks, one interval."""
    neurons = np.random.default_rng(2).normal(size=30)
    one = hierarchical_interval(neurons[None], np.array(["a"]), 3)
    many = hierarchical_interval(np.tile(neurons, (20, 1)), networks(20, 1), 3)
    expected = 2 * 1.96 * neurons.std(ddof=1) / np.sqrt(30)
    assert one.high - one.low == pytest.approx(expected, rel=0.06)
    assert many.high - many.low == pytest.approx(expected, rel=0.06)


def test_a_single_value_has_no_spread():
    found = hierarchical_interval(np.array([[0.3]]), np.array(["a"]), 1)
    assert (found.mean, found.low, found.high, found.n) == (0.3, 0.3, 0.3, 1)


def test_what_is_not_defined_is_left_out():
    values = np.array([[1.0, np.nan], [3.0, np.nan]])
    found = hierarchical_interval(values, np.array(["a", "b"]), 1)
    assert (found.mean, found.n) == (2, 2)
    assert 1 <= found.low <= found.high <= 3
    nothing = hierarchical_interval(np.full((2, 2), np.nan), np.array(["a", "b"]), 1)
    assert np.isnan([nothing.mean, nothing.low, nothing.high]).all()
    assert nothing.n == 0


def test_weights_make_a_ratio_of_sums():
    numerator, denominator = np.array([[1.0, 4.0]]), np.array([[2.0, 5.0]])
    found = hierarchical_interval(numerator / denominator, np.array(["a"]), 1, weights=denominator)
    assert found.mean == pytest.approx(5 / 7)
    assert found.low == pytest.approx(0.5)
    assert found.high == pytest.approx(0.8)


def test_shapes_that_do_not_fit():
    with pytest.raises(InputError, match=r"architectures \(3,\): expected \(network, neuron\) twice and \(network,\)"):
        hierarchical_interval(np.ones((2, 2)), np.array(["a", "b", "c"]), 1)


def test_signed_ranks():
    """Worked example: ranks 1 to 6 all on one side have W = 0 and two-sided p = 2 / 2^6."""
    assert signed_ranks(np.array([1.0, 2, 3, 4, 5, 6, np.nan])) == (0, pytest.approx(2 / 64))
    assert np.isnan(signed_ranks(np.zeros(5))).all()
    assert np.isnan(signed_ranks(np.array([np.nan]))).all()
