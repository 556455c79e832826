"""Sequential autoencoders find systems that are known, from spikes alone."""

from dataclasses import replace

import known_systems
import numpy as np
import pytest
from keras import ops
from scipy.stats import norm

from proprionet.config.recurrent import Autoencoder
from proprionet.errors import InputError
from proprionet.networks import storage
from proprionet.rnn import benchmark, fitting
from proprionet.rnn.autoencoders import decoder
from proprionet.rnn.inferred_inputs import DECAY, LOG_VARIANCE, ControlledCell, divergence

SMALL = {"encoder_units": 16, "batch_size": 48, "learning_rate": 0.02, "dropout": 0.0}
N_TRIALS = 240


@pytest.fixture(scope="module")
def oscillators():
    states = known_systems.oscillators(N_TRIALS, 30)
    return known_systems.recorded(*states, n_held_in=25, n_held_out=5, mean_rate=3)


@pytest.fixture(scope="module")
def short():
    """Trials of eight steps, for what needs no more."""
    return known_systems.recorded(*known_systems.oscillators(96, 8), n_held_in=25, n_held_out=5, mean_rate=3)


def fitted(recording, cell, seed=1, **settings):
    model = fitting.build(recording, Autoencoder(**{**SMALL, **settings}), decoder(cell), seed)
    history = fitting.fit(model, recording, seed)
    return model, history


def test_a_linear_decoder_recovers_a_linear_system(oscillators):
    model, _ = fitted(oscillators, "linear,n_units=4", epochs=40)
    found = benchmark.scores(oscillators, fitting.infer(model, oscillators))
    assert min(found["rate_r2"], found["state_r2"], found["state_r2_reverse"]) > 0.7
    assert found["co_bps"] > 0.6 * found["co_bps_bound"]
    eigenvalues = np.linalg.eigvals(storage.weights(model)["cell/recurrent_kernel"])
    true = [decay * np.exp(1j * angle) for decay, angle in known_systems.MODES]
    np.testing.assert_allclose(np.sort_complex(eigenvalues[eigenvalues.imag > 0]), np.sort_complex(true), atol=0.02)


@pytest.mark.parametrize(("cell", "epochs"), [("gru,n_units=16", 20), ("node,n_units=4,layer_size=24", 30)])
def test_other_decoders_find_it_too(oscillators, cell, epochs):
    model, history = fitted(oscillators, cell, epochs=epochs)
    found = benchmark.scores(oscillators, fitting.infer(model, oscillators))
    assert history.rows[history.best]["validation_loss"] < history.rows[0]["validation_loss"]
    assert found["rate_r2"] > 0.5
    assert found["co_bps"] > 0.5 * found["co_bps_bound"]
    assert found["state_r2"] > 0.5


def test_inputs_are_inferred_where_none_are_given(oscillators):
    settings = {"variational": True, "n_inferred_inputs": 2, "controller_units": 8, "coordinated_dropout": 0.3}
    model, _ = fitted(oscillators, "gru,n_units=16", epochs=15, ramp=6, **settings)
    inferred = fitting.infer(model, oscillators)
    blind = fitting.infer(model, replace(oscillators, inputs=0 * oscillators.inputs))
    np.testing.assert_array_equal(blind.log_rates, inferred.log_rates)
    found = benchmark.scores(oscillators, inferred)
    assert inferred.inputs.shape == (N_TRIALS, 30, 2)
    assert found["rate_r2"] > 0.5
    assert np.isfinite(found["input_r2"])


def test_models_see_neither_held_out_neurons_nor_the_last_bin(short):
    model = fitting.build(short, Autoencoder(**SMALL), decoder("gru,n_units=8"), 1)
    before = fitting.infer(model, short)
    counts = short.counts.copy()
    counts[..., short.held_out] = 9
    counts[:, -1] = 7
    after = fitting.infer(model, replace(short, counts=counts))
    np.testing.assert_array_equal(after.log_rates, before.log_rates)
    counts[:, -2] = 7
    assert (fitting.infer(model, replace(short, counts=counts)).log_rates != before.log_rates).any()


def test_a_fit_goes_on_as_if_it_had_not_stopped(short):
    noisy = {"dropout": 0.2, "variational": True, "n_inferred_inputs": 1, "coordinated_dropout": 0.4}
    chosen = Autoencoder(**{**SMALL, **noisy, "epochs": 4, "ramp": 2})
    states = []
    models = [fitting.build(short, chosen, decoder("gru,n_units=6"), 1) for _ in range(2)]
    whole = fitting.fit(models[0], short, 1, checkpoint=states.append)
    resumed = fitting.fit(models[1], short, 1, resume=states[1])
    assert resumed.rows == whole.rows
    first, second = (storage.weights(model) for model in models)
    for name, values in first.items():
        np.testing.assert_array_equal(second[name], values, err_msg=name)


def test_the_seed_decides(short):
    models = [fitting.build(short, Autoencoder(**SMALL), decoder("gru,n_units=6"), seed) for seed in (1, 1, 2)]
    first, same, other = (storage.weights(model) for model in models)
    for name, values in first.items():
        np.testing.assert_array_equal(same[name], values)
        assert (other[name] != values).any() or "bias" in name


def test_padding_is_not_fitted(oscillators):
    short = replace(oscillators, n_steps=np.where(np.arange(N_TRIALS) % 2, 30, 20))
    counts = oscillators.counts.copy()
    counts[::2, 20:, oscillators.held_out] = 50
    losses = [fitted(one, "linear,n_units=4", epochs=1)[1].rows for one in (short, replace(short, counts=counts))]
    assert losses[0] == losses[1]


def test_coordinated_dropout_scores_what_it_hides(oscillators):
    settings = Autoencoder(**{**SMALL, "coordinated_dropout": 0.3})
    model = fitting.build(oscillators, settings, decoder("linear,n_units=4"), 1)
    seen = {"spikes": oscillators.counts[:, :-1, :25].astype("f4"), "inputs": oscillators.inputs.astype("f4")}
    shown = ops.convert_to_numpy(model(seen, training=True)["shown"])
    assert not shown[:, -1].any()
    assert not shown[..., 25:].any()
    assert shown[:, :-1, :25].mean() == pytest.approx(0.7, abs=0.01)
    assert not ops.convert_to_numpy(model(seen)["shown"]).any()
    answers = {"log_rates": np.zeros(shown.shape, "f4"), "divergence": np.zeros((N_TRIALS, 2), "f4"), "shown": shown}
    wanted = {"counts": oscillators.counts.astype("f4"), "weights": np.ones((N_TRIALS, 30), "f4")}
    changed = {**wanted, "counts": np.where(shown > 0, 99, wanted["counts"])}
    loss, same = (float(model.compute_loss(y=one, y_pred=answers)) for one in (wanted, changed))
    assert loss == same == pytest.approx(1)  # of log rates of 0: the rate


def test_divergence_is_that_of_normal_distributions():
    points = np.linspace(-12, 12, 200_001)
    density = norm(0.7, np.exp(-0.4)).pdf(points)
    expected = np.trapezoid(density * np.log(density / norm(-0.2, np.exp(0.3)).pdf(points)), points)
    found = divergence(np.array([[0.7]]), np.array([[-0.8]]), np.array([[-0.2]]), 0.6)
    assert float(found[0]) == pytest.approx(expected, rel=1e-5)


def test_inferred_inputs_drive_the_decoder_and_are_held_to_their_prior(short):
    settings = Autoencoder(**SMALL, variational=True, n_inferred_inputs=2, controller_units=3)
    model = fitting.build(short, settings, decoder("linear,n_units=4"), 1)
    model.cell.kernel.assign(np.arange(8.0).reshape(2, 4))
    cell = ControlledCell(model.cell, model.controller, model.to_inputs)
    random = np.random.default_rng(0)
    code, noise, state, control, before = (random.normal(size=(5, n)).astype("f4") for n in (32, 2, 4, 3, 2))
    output, _ = cell(np.concatenate([code, noise], axis=1), [state, control, before])
    control = model.controller(np.concatenate([code, state], axis=1), [control])[0]
    mean, log_variance = np.split(ops.convert_to_numpy(model.to_inputs(control)), 2, axis=1)
    inferred = mean + np.exp(log_variance / 2) * noise
    next_state = state + inferred @ np.arange(8.0).reshape(2, 4)
    surprise = divergence(mean, log_variance, DECAY * before, LOG_VARIANCE)
    expected = np.concatenate([next_state, inferred, surprise[:, None]], axis=1)
    np.testing.assert_allclose(ops.convert_to_numpy(output), expected, rtol=1e-5)


def test_bad_input(oscillators):
    with pytest.raises(InputError, match="there are no training trials or no validation trials"):
        fitted(replace(oscillators, training=np.ones(N_TRIALS, bool)), "gru", epochs=1)
    with pytest.raises(InputError, match="there is no cell 'lstm'"):
        decoder("lstm")
    with pytest.raises(InputError, match=r"epoch \d: the loss is no longer finite; lower learning_rate \(1\)"):
        fitted(oscillators, "linear,n_units=4", epochs=9, learning_rate=1.0)
