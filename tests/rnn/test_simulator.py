"""Simulated recordings have the rates and the dispersion that they are said to have."""

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.rnn import simulator

DISPERSIONS = (0.5, 1.0, 2.0)


@pytest.fixture
def latents():
    random = np.random.default_rng(0)
    return random.normal(size=(40, 100, 24)) * random.uniform(0.2, 3, 24) + random.normal(size=24)


def test_a_unit_is_shown_again_only_after_all_others(latents):
    electrodes = simulator.implant(latents, seed=1)
    unit = electrodes.readout.argmax(axis=0)
    np.testing.assert_array_equal(electrodes.readout.sum(axis=0), 1)
    for first in (0, 24):
        assert sorted(unit[first : first + 24]) == list(range(24))
    assert len(set(unit[48:])) == 12
    np.testing.assert_array_equal(np.flatnonzero(electrodes.held_out), np.arange(50, 60))
    assert (simulator.implant(latents, seed=2).readout != electrodes.readout).any()


@pytest.mark.parametrize("fr_scaling", [2.0, 4.0])
def test_log_rates_have_the_standard_deviation_of_the_scaling(latents, fr_scaling):
    log_rate = np.log(simulator.implant(latents, 1, fr_scaling=fr_scaling).rates(latents))
    assert log_rate.std() == pytest.approx(1 / fr_scaling)
    assert log_rate.mean() == pytest.approx(0)
    assert np.ptp(log_rate.std(axis=(0, 1))) > 0.2  # one scale for all: quiet units make quiet neurons


def test_the_mean_rate_is_what_was_asked_for(latents):
    for link in ("exp", "softplus", "sigmoid"):
        assert simulator.implant(latents, 1, link=link, mean_rate=0.3).rates(latents).mean() == pytest.approx(0.3)


def test_links(latents):
    drive = np.log(simulator.implant(latents, 1).rates(latents))
    softplus, sigmoid = (simulator.implant(latents, 1, link=link).rates(latents) for link in ("softplus", "sigmoid"))
    np.testing.assert_allclose(softplus, np.log1p(np.exp(drive)))
    slope = 10 ** np.linspace(0.2, 1, 60)
    np.testing.assert_allclose(sigmoid, 2 / (1 + np.exp(-slope * drive)), atol=1e-9)


def test_later_data_sets_keep_the_electrodes(latents):
    electrodes = simulator.implant(latents, 1, mean_rate=0.5)
    np.testing.assert_array_equal(electrodes.rates(latents[:5]), electrodes.rates(latents)[:5])
    with pytest.raises(InputError, match="3 latents, but the electrodes were made for 24"):
        electrodes.rates(latents[..., :3])


@pytest.mark.parametrize("dispersion", DISPERSIONS)
@pytest.mark.parametrize("rate", [0.6, 1.0, 1.13, 1.7, 5.3])
def test_fano_factor_of_a_constant_rate(dispersion, rate):
    counts = simulator.spike_counts(np.full(200_000, rate), 0, dispersion)
    assert counts.dtype.kind == "i"
    assert counts.mean() == pytest.approx(rate, rel=0.01)
    assert counts.var() / counts.mean() == pytest.approx(dispersion, rel=0.05)


@pytest.mark.parametrize("dispersion", DISPERSIONS)
def test_fano_factor_of_a_population(latents, dispersion):
    rates = simulator.implant(latents, 1, mean_rate=3).rates(latents)
    counts = simulator.spike_counts(rates, 2, dispersion)
    assert np.square(counts - rates).sum() / rates.sum() == pytest.approx(dispersion, rel=0.05)
    assert counts.sum() == pytest.approx(rates.sum(), rel=0.01)


def test_rates_too_low_for_the_dispersion_give_single_spikes():
    counts = simulator.spike_counts(np.array([0.0, 0.2]).repeat(100_000), 0, 0.5)
    assert not counts[:100_000].any()
    assert counts.max() == 1
    assert counts[100_000:].mean() == pytest.approx(0.2, rel=0.02)


def test_spikes_depend_on_the_seed_alone(latents):
    rates = simulator.implant(latents, 1).rates(latents)
    for dispersion in DISPERSIONS:
        first, again, other = (simulator.spike_counts(rates, seed, dispersion) for seed in (5, 5, 6))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()


def test_bad_input(latents):
    with pytest.raises(InputError, match="none of the latents varies"):
        simulator.implant(np.ones_like(latents), 1)
    broken = latents.copy()
    broken[3, 4, 5] = np.nan
    with pytest.raises(InputError, match=r"latents of shape \(40, 100, 24\): expected \(trial, step, latent\), all"):
        simulator.implant(broken, 1)
    with pytest.raises(InputError, match="must be positive"):
        simulator.implant(latents, 1, mean_rate=0)
    with pytest.raises(InputError, match="choose a larger fr_scaling"):
        simulator.implant(latents, 1, fr_scaling=0.1).rates(latents)
    with pytest.raises(InputError, match="dispersion 0: must be above 0"):
        simulator.spike_counts(np.ones(3), 0, 0)
