"""Dynamical similarity: rows D1 to D4 of the acceptance table, choice of the rank, floor and ceiling, failures."""

import importlib.util

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.rnn import dsa, dynamics, systems

SLOW = systems.rotations([(0.99, 0.3), (0.97, 0.1)])
FAST = systems.rotations([(0.99, 0.8), (0.97, 0.5)])


def trials_of(system, seed, n_trials=40, n_steps=100, noise=0.01):
    random = np.random.default_rng(seed)
    disturbance = noise * random.normal(size=(n_trials, n_steps, 4))
    return dynamics.free_run(system, random.normal(size=(n_trials, 4)), disturbance)


def bits(n_bits, seed, n_trials=60, n_steps=150):
    """States and pulses of a flip-flop map of so many bits; seeds turn it in another way and give other trials."""
    system, random = systems.FlipFlop(n_bits, 16, seed=seed), np.random.default_rng(seed)
    shape = (n_trials, n_steps, n_bits)
    pulses = 0.6 * np.sign(random.normal(size=shape)) * (random.random(shape) < 0.04)
    states = dynamics.free_run(system, 0.1 * random.normal(size=(n_trials, 16)), pulses)
    axes = np.linalg.svd(dsa.centred(states)[0], full_matrices=False)[2]
    return states @ axes[:3].T, pulses


def scores(one, other, n_delays, rank, **options):
    a, b = (dsa.operator(trials, n_delays, rank, **options) for trials in (one, other))
    return dsa.wasserstein(a, b), dsa.angular(a, b)


@pytest.mark.parametrize("change", ["itself", "turned", "scaled", "mapped", "shifted"])
@pytest.mark.parametrize(("n_delays", "rank"), [(1, 4), (3, 8)])
def test_changes_of_coordinates_do_not_count(change, n_delays, rank):
    """Acceptance D1; offsets are removed by centring."""
    random, one = np.random.default_rng(0), trials_of(SLOW, 1)
    other = {
        "itself": one,
        "turned": one @ systems.orthogonal(random, 4),
        "scaled": 7 * one,
        "mapped": one @ random.normal(size=(4, 4)) if n_delays == 1 else one @ systems.orthogonal(random, 4),
        "shifted": one + 3,
    }[change]
    distance, angle = scores(one, other, n_delays, rank)
    assert distance < 1e-6
    assert angle < 0.01


def test_closed_form_of_normal_systems():
    """Acceptance D2."""
    distance, angle = scores(trials_of(SLOW, 1), trials_of(FAST, 2), 1, 4)
    assert distance == pytest.approx(0.194, abs=0.005)
    assert angle == pytest.approx(0.4536, abs=0.01)
    assert dsa.wasserstein(SLOW.matrix, FAST.matrix) == pytest.approx(0.1942, abs=1e-4)
    assert dsa.angular(SLOW.matrix, FAST.matrix) == pytest.approx(0.4536, abs=1e-4)


CASES = [(1, 4, 0.0), (3, 6, 0.0), (5, 6, 0.01)]
DSA_METRIC = [(0.1940867, 0.4534129), (0.1446032, 0.4421904), (0.1756848, 0.4508578)]


@pytest.mark.skipif(importlib.util.find_spec("DSA") is None, reason="needs dsa-metric")
@pytest.mark.parametrize(("n_delays", "rank", "ridge"), CASES)
def test_agrees_with_dsa_metric(n_delays, rank, ridge):
    """Acceptance D2: within 1e-5 by eigenvalues; the angle is no larger than what their search finds."""
    import torch
    from DSA import DSA

    one, other = (np.array(dsa.centred(trials)) for trials in (trials_of(SLOW, 1), trials_of(FAST, 2)))
    options = {"n_delays": n_delays, "rank": rank, "lamb": ridge, "device": "cpu"}
    distance, angle = scores(one, other, n_delays, rank, ridge=ridge)
    assert distance == pytest.approx(DSA(one, other, score_method="wasserstein", **options).fit_score(), abs=1e-5)
    torch.manual_seed(0)
    assert angle <= DSA(one, other, score_method="angular", **options).fit_score() + 1e-4


@pytest.mark.parametrize(("case", "golden"), list(zip(CASES, DSA_METRIC, strict=True)))
def test_what_dsa_metric_gave(case, golden):
    """Acceptance D2: the scores of dsa-metric 2.0.2 for the same trials."""
    n_delays, rank, ridge = case
    distance, angle = scores(trials_of(SLOW, 1), trials_of(FAST, 2), n_delays, rank, ridge=ridge)
    assert distance == pytest.approx(golden[0], abs=1e-5)
    assert angle <= golden[1] + 1e-4


@pytest.mark.parametrize(("n_delays", "rank"), [(5, 6), (10, 10)])
def test_three_bits_are_not_two(n_delays, rank):
    """Acceptance D3, analytic part: replicates are 100 times closer."""
    three, again, two = (bits(*one)[0] for one in ((3, 0), (3, 1), (2, 2)))
    replicate, _ = scores(three, again, n_delays, rank)
    distance, _ = scores(three, two, n_delays, rank)
    assert distance >= 0.05
    assert distance >= 100 * replicate


def test_dynamics_lost_in_shuffled_time():
    """Acceptance D3, analytic part."""
    three, again = bits(3, 0)[0], bits(3, 1)[0]
    assert scores(three, again, 10, 10)[1] <= 0.1
    assert min(scores(three, dsa.shuffled(again, 0), 10, 10)) >= 0.5


def test_scores_are_symmetric_and_zero_for_the_same():
    """Acceptance D4."""
    a, b = (dsa.operator(trials_of(system, 1), 3, 8) for system in (SLOW, FAST))
    for score in dsa.SCORES.values():
        assert score(a, b) == score(b, a)
        assert score(a, a) == pytest.approx(0, abs=1e-10)


def test_trials_may_come_in_any_order_and_container():
    """Acceptance D4."""
    trials = trials_of(SLOW, 1)
    whole = dsa.operator(trials, 3, 8)
    for other in (list(trials), trials[::-1], [*trials[20:], *trials[:20]]):
        assert dsa.wasserstein(whole, dsa.operator(other, 3, 8)) < 1e-12
        assert dsa.angular(whole, dsa.operator(other, 3, 8)) < 1e-6


def test_trials_may_differ_in_length():
    ragged = [trial[: 60 + number] for number, trial in enumerate(trials_of(SLOW, 1, noise=0))]
    np.testing.assert_allclose(
        np.sort(np.abs(np.linalg.eigvals(dsa.operator(ragged, 1, 4)))), [0.97, 0.97, 0.99, 0.99], atol=1e-2
    )


def test_delays_put_the_newest_first_and_stay_within_a_trial():
    trials = np.arange(20).reshape(2, 10, 1)
    first, second = dsa.delay_embedding(trials, 3, interval=2)
    assert first[0].tolist() == [4, 2, 0]
    assert first[-1].tolist() == [9, 7, 5]
    assert second[0].tolist() == [14, 12, 10]


def test_controls_take_away_what_inputs_explain():
    """With correlated inputs accounted for, the operator of a driven linear system is its matrix."""
    random = np.random.default_rng(0)
    system = systems.rotations([(0.9, 0.3), (0.8, 0.6)])
    drive = 0.1 * np.cumsum(random.normal(size=(60, 100, 4)), axis=1)
    trials = dynamics.free_run(system, random.normal(size=(60, 4)), drive)
    assert dsa.wasserstein(dsa.operator(trials, 1, 4, controls=drive), system.matrix) < 1e-12
    assert dsa.wasserstein(dsa.operator(trials, 1, 4), system.matrix) > 0.01


@pytest.mark.parametrize("noise", [0.01, 0.03])
def test_rank_is_that_of_the_system_under_noise(noise):
    random = np.random.default_rng(0)
    seen = trials_of(systems.rotations([(0.995, 0.3), (0.99, 0.1)]), 0, noise=0)[:, :, [0, 2]]
    seen = seen @ random.normal(size=(2, 3))
    rank, error = dsa.choose_rank(seen + noise * random.normal(size=seen.shape), 5)
    assert rank == 4
    assert len(error) == 15
    assert error[3] < error[1] / 3


def test_overranked_embeddings_lie_far_apart_by_noise_alone():
    """Why the rank is chosen: halves of the same trials differ by noise, the more the higher the rank."""
    trials = trials_of(SLOW, 1, n_trials=20) + 0.05 * np.random.default_rng(0).normal(size=(20, 100, 4))
    floors = []
    for rank in (4, 16):
        halves = dsa.split_halves(20, 3, seed=0)
        operators = [[dsa.operator(trials[rows], 5, rank) for rows in pair] for pair in halves]
        floors.append(np.mean([dsa.wasserstein(*pair) for pair in operators]))
    assert floors[1] > 10 * floors[0]


def test_halves_are_of_all_trials_and_depend_on_the_seed():
    (one, other), (third, _) = dsa.split_halves(7, 2, seed=0)
    assert sorted([*one, *other]) == list(range(7))
    assert one.tolist() != third.tolist() or len(one) == 3
    assert np.array_equal(dsa.split_halves(7, 2, seed=0)[1][0], third)


def test_bad_trials_are_named():
    trials = trials_of(SLOW, 1)
    with pytest.raises(InputError, match="rank 9 is above the data: 2 delays of 4 channels have 8 dimensions"):
        dsa.operator(trials, 2, 9)
    with pytest.raises(InputError, match=r"rank 4 is above the data.*have 3 dimensions"):
        dsa.operator(trials @ np.diag([1, 1, 1, 0]), 1, 4)
    with pytest.raises(InputError, match="100 delays 1 steps apart need trials of at least 101 steps"):
        dsa.operator(trials, 100, 3)
    trials[3, 5] = np.nan
    with pytest.raises(InputError, match="trial 3 holds NaN"):
        dsa.operator(trials, 1, 4)
    with pytest.raises(InputError, match="rank 3 and 4 cannot be compared"):
        dsa.wasserstein(np.eye(3), np.eye(4))
    with pytest.raises(InputError, match="1 trial cannot be split"):
        dsa.choose_rank(trials[:1], 1)
