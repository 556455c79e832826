"""Scores of data-driven models: what the truth itself gets, and what each score is blind to."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import poisson
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from proprionet.errors import InputError
from proprionet.rnn import benchmark, simulator
from proprionet.rnn.recordings import SimulatedRecording

RANDOM = np.random.default_rng(0)
N_TRIALS, N_STEPS = 60, 80


@pytest.fixture(scope="module")
def recorded():
    """Three smooth latents, two inputs that are their mixture, a target, and neurons that show them."""
    phase = RANDOM.uniform(0, 6, (N_TRIALS, 1, 3))
    latents = np.sin(np.linspace(0, 12, N_STEPS)[:, None] * [1, 0.7, 1.6] + phase)
    electrodes = simulator.implant(latents, seed=1)
    rates = electrodes.rates(latents)
    return SimulatedRecording(
        counts=simulator.spike_counts(rates, 1),
        rates=rates,
        latents=latents,
        held_out=electrodes.held_out,
        training=np.arange(N_TRIALS) < 48,
        n_steps=np.full(N_TRIALS, N_STEPS),
        inputs=latents @ RANDOM.normal(size=(3, 2)),
        targets=latents[..., :1] + 1,
        counted=np.ones((N_TRIALS, N_STEPS), bool),
    )


def with_noise(recorded, n_dimensions):
    """The truth, with latents of their own on top of the true ones."""
    noise = np.random.default_rng(1).normal(size=(N_TRIALS, N_STEPS, n_dimensions))
    latents = np.concatenate([recorded.latents, noise], axis=2)
    return benchmark.Inferred(np.log(recorded.rates), latents)


def test_the_truth_scores_one(recorded):
    found = benchmark.scores(recorded, with_noise(recorded, 0))
    for name in ("rate_r2", "held_out_rate_r2", "state_r2", "state_r2_reverse", "cycle_consistency", "task_r2"):
        assert found[name] == pytest.approx(1, abs=1e-9), name
    assert "input_r2" not in found


def test_true_rates_reach_the_analytic_bound_of_bits_per_spike(recorded):
    found = benchmark.scores(recorded, with_noise(recorded, 0))
    rates = recorded.rates[48:, :, 50:].reshape(-1, 10)
    information = (rates * np.log2(rates / rates.mean(axis=0))).sum() / rates.sum()  # Skaggs et al. 1993
    assert found["co_bps_bound"] == pytest.approx(information)
    repeats = [simulator.spike_counts(recorded.rates, seed) for seed in range(20)]
    reached = [
        benchmark.scores(replace(recorded, counts=counts), with_noise(recorded, 0))["co_bps"] for counts in repeats
    ]
    assert np.mean(reached) == pytest.approx(information, rel=0.02)


def test_bits_per_spike_is_the_difference_of_poisson_likelihoods(recorded):
    counts, rates = recorded.counts[0], 1.3 * recorded.rates[0]
    gain = poisson.logpmf(counts, rates).sum() - poisson.logpmf(counts, counts.mean(axis=0)).sum()
    assert benchmark.bits_per_spike(counts, rates) == pytest.approx(gain / counts.sum() / np.log(2))
    silent = np.concatenate([counts, np.zeros((N_STEPS, 1))], axis=1)
    rates = np.concatenate([rates, np.full((N_STEPS, 1), 1e-6)], axis=1)
    assert benchmark.bits_per_spike(silent, rates) == pytest.approx(gain / counts.sum() / np.log(2), abs=1e-4)
    assert np.isnan(benchmark.bits_per_spike(0 * counts, counts + 1.0))


def test_invented_activity_lowers_the_state_r2_but_not_the_reverse(recorded):
    found = benchmark.scores(recorded, with_noise(recorded, 10))
    share = 3 * 0.5 / (3 * 0.5 + 10)  # of the variance of the inferred latents
    assert found["state_r2"] == pytest.approx(share, abs=0.03)
    assert found["cycle_consistency"] == pytest.approx(share, abs=0.03)
    assert found["state_r2_reverse"] == pytest.approx(1, abs=1e-9)
    assert found["rate_r2"] == pytest.approx(1)


def test_missed_activity_lowers_only_the_reverse(recorded):
    inferred = replace(with_noise(recorded, 0), latents=recorded.latents[..., 1:])
    found = benchmark.scores(recorded, inferred)
    assert found["state_r2"] == pytest.approx(1)
    assert found["state_r2_reverse"] == pytest.approx(2 / 3, abs=0.05)
    assert found["task_r2"] < 0.1


def test_no_score_depends_on_the_coordinates_of_the_latents(recorded):
    inferred = with_noise(recorded, 2)
    rotation = np.linalg.qr(np.random.default_rng(2).normal(size=(5, 5)))[0]
    turned = benchmark.scores(recorded, replace(inferred, latents=3 * inferred.latents @ rotation + 7))
    assert turned == pytest.approx(benchmark.scores(recorded, inferred))


def test_affine_r2_is_that_of_scikit_learn(recorded):
    source, target = (values.reshape(-1, values.shape[2]) for values in (recorded.counts[..., :4], recorded.latents))
    fit, test = slice(3000), slice(3000, None)
    predicted = LinearRegression().fit(source[fit], target[fit]).predict(source[test])
    expected = r2_score(target[test], predicted, multioutput="variance_weighted")
    assert benchmark.affine_r2(source[fit], target[fit], source[test], target[test]) == pytest.approx(expected)


def test_inferred_inputs(recorded):
    inferred = with_noise(recorded, 0)
    mixed = recorded.inputs @ np.array([[2.0, 1, 0], [0, 1, 1]]) - 1
    assert benchmark.scores(recorded, replace(inferred, inputs=mixed))["input_r2"] == pytest.approx(1)
    noise = RANDOM.normal(size=mixed.shape)
    assert benchmark.scores(recorded, replace(inferred, inputs=noise))["input_r2"] < 0.01


def test_padding_does_not_count(recorded):
    inferred = with_noise(recorded, 2)
    short = replace(recorded, n_steps=np.full(N_TRIALS, 50))
    broken = [replace(inferred, **{name: getattr(inferred, name).copy()}) for name in ("latents", "log_rates")]
    broken[0].latents[:, 50:] = 99
    broken[1].log_rates[:, 50:] = 9
    for one in broken:
        assert benchmark.scores(short, one) == benchmark.scores(short, inferred)
    assert benchmark.scores(recorded, inferred) != benchmark.scores(short, inferred)


def test_steps_that_do_not_count_in_the_task(recorded):
    inferred = with_noise(recorded, 0)
    odd = replace(recorded, targets=recorded.targets.copy())
    odd.targets[:, ::5] = 9
    assert benchmark.scores(odd, inferred)["task_r2"] < 0.9
    counted = np.broadcast_to(np.arange(N_STEPS) % 5 > 0, (N_TRIALS, N_STEPS))
    assert benchmark.scores(replace(odd, counted=counted), inferred)["task_r2"] == pytest.approx(1)


def test_without_neurons_held_out(recorded):
    found = benchmark.scores(replace(recorded, held_out=np.zeros(60, bool)), with_noise(recorded, 0))
    assert {"co_bps", "co_bps_bound", "held_out_rate_r2"}.isdisjoint(found)
    assert found["rate_r2"] == pytest.approx(1)


def test_bad_input(recorded):
    inferred = with_noise(recorded, 0)
    with pytest.raises(InputError, match="do not fit spikes of shape"):
        benchmark.scores(recorded, replace(inferred, latents=inferred.latents[:, 1:]))
    with pytest.raises(InputError, match="inferred latents: some are not finite, so the model has diverged"):
        benchmark.scores(recorded, replace(inferred, latents=np.full_like(inferred.latents, np.nan)))
    with pytest.raises(InputError, match="no training trials or no validation trials"):
        benchmark.scores(replace(recorded, training=np.ones(N_TRIALS, bool)), inferred)
