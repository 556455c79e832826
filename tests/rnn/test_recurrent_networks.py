"""Cells, networks and their training: known answers, exact resumption, and what is refused."""

import numpy as np
import pytest

from proprionet import seeds
from proprionet.config.recurrent import CELLS
from proprionet.errors import InputError
from proprionet.rnn import networks, training
from proprionet.rnn.recipes import Recipe, practice, recipe
from proprionet.rnn.tasks import task

SMALL = task("flip_flop,n_bits=2,n_steps=30")
REACH = task("random_target,n_steps=60")
CELL_TEXTS = (*[name for name in CELLS if name != "node"], "node,layer_size=8", "node,layer_size=8,solver=rk4")


def network(text, of=SMALL, seed=3):
    name, _, more = text.partition(",")
    return networks.build(networks.cell(f"{name},n_units=5{',' if more else ''}{more}"), of, seed)


def trials(of=SMALL, n=4):
    return of.trials(n, seeds.generator(0, "trials"))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def oracle(settings, weights, h, u):
    """A step of each cell, written out in NumPy."""
    w = {name.removeprefix("cell/"): values.astype(float) for name, values in weights.items()}
    if settings.cell in ("gru", "noisy_gru"):
        x, r = u @ w["kernel"] + w["bias"][0], h @ w["recurrent_kernel"] + w["bias"][1]
        (xz, xr, xn), (rz, rr, rn) = np.split(x, 3, axis=1), np.split(r, 3, axis=1)
        z = sigmoid(xz + rz)
        return z * h + (1 - z) * np.tanh(xn + sigmoid(xr + rr) * rn)
    if settings.cell == "lstm":
        h, c = np.split(h, 2, axis=1)
        i, f, g, o = np.split(u @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return np.concatenate([sigmoid(o) * np.tanh(c), c], axis=1)
    if settings.cell == "linear":
        return u @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"]
    if settings.cell in ("vanilla", "leaky"):
        new = np.tanh(u @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
        leak = getattr(settings, "leak", 1)
        return (1 - leak) * h + leak * new

    def slope(state):
        x = np.concatenate([state, u], axis=1)
        for layer in range(settings.n_layers):
            x = (np.maximum(x, 0) if layer else x) @ w[f"kernel_{layer}"] + w[f"bias_{layer}"]
        return x

    step = settings.step
    k1 = slope(h)
    if settings.solver == "euler":
        return h + step * k1
    k2 = slope(h + step / 2 * k1)
    k3 = slope(h + step / 2 * k2)
    return h + step / 6 * (k1 + 2 * k2 + 2 * k3 + slope(h + step * k3))


@pytest.mark.parametrize("text", CELL_TEXTS)
def test_states_follow_the_equations(text):
    one, shown = network(text), trials()
    random = np.random.default_rng(1)
    networks.set_weights(one, {name: random.normal(0, 0.4, w.shape) for name, w in networks.weights(one).items()})
    done, weights = networks.run(one, shown), networks.weights(one)
    state = np.tile(weights["initial_state"].astype(float), (len(shown), 1))
    for step in range(SMALL.n_steps):
        state = oracle(one.settings, weights, state, shown.inputs[:, step])
        np.testing.assert_allclose(done["latents"][:, step], state, rtol=1e-5, atol=2e-5)
        outputs = state[:, :5] @ weights["readout/kernel"] + weights["readout/bias"]
        np.testing.assert_allclose(done["outputs"][:, step], outputs, rtol=1e-5, atol=5e-5)


def test_noise_is_in_training_alone_and_the_readout_sees_none():
    one, shown = network("noisy_gru,noise=0.5"), trials()
    quiet = networks.run(one, shown)
    np.testing.assert_array_equal(quiet["latents"], networks.run(one, shown)["latents"])
    noisy = {name: np.array(value) for name, value in one(one.feed(shown, np.random.default_rng(0))).items()}
    np.testing.assert_allclose(noisy["outputs"][:, 0], quiet["outputs"][:, 0], atol=1e-6)
    assert np.std(noisy["latents"][:, 0] - quiet["latents"][:, 0]) == pytest.approx(0.5, rel=0.4)
    fed = network("gru,initial_noise=0.3").feed(trials(n=2000), np.random.default_rng(0))["initial_noise"]
    assert fed.std() == pytest.approx(0.3, rel=0.05)


@pytest.fixture(scope="module")
def reaching():
    """A network with an arm, some trials, and what it does in them."""
    one, shown = network("gru", REACH), trials(REACH)
    return one, shown, networks.run(one, shown)


def test_reaching_goes_through_the_arm_step_by_step(reaching):
    """The loop in the graph does what a loop in Python does."""
    one, shown, done = reaching
    around, weights = REACH.environment(), networks.weights(one)
    state = np.tile(weights["initial_state"].astype(float), (4, 1))
    arm = around.reset(shown.ics)
    for step in range(12):
        felt = np.array(around.observe(arm)) + shown.noise["observation"][:, step]
        seen = np.concatenate([felt, shown.inputs[:, step]], axis=1)
        state = oracle(one.settings, weights, state, seen)
        drive = (state @ weights["readout/kernel"] + weights["readout/bias"]).astype(np.float32)
        arm = around.step(arm, drive + shown.noise["action"][:, step], shown.inputs_to_env[:, step])
        np.testing.assert_allclose(done["seen"][:, step], seen, atol=1e-4)
        np.testing.assert_allclose(done["outputs"][:, step], drive, atol=1e-4)
        np.testing.assert_allclose(done["controlled"][:, step], np.array(around.report(arm))[:, :2], atol=1e-4)


def test_results_do_not_depend_on_the_batch():
    one, shown = network("gru"), trials(n=7)
    whole, parts = networks.run(one, shown), networks.run(one, shown, batch_size=3)
    assert whole["latents"].shape == (7, 30, 5)
    np.testing.assert_allclose(whole["latents"], parts["latents"], atol=1e-6)


def test_weights_depend_on_the_seed_alone():
    one, same, other = (networks.weights(network("gru", seed=seed)) for seed in (3, 3, 4))
    assert set(one) == {
        "cell/kernel",
        "cell/recurrent_kernel",
        "cell/bias",
        "readout/kernel",
        "readout/bias",
        "initial_state",
    }
    for name, values in one.items():
        np.testing.assert_array_equal(values, same[name])
    assert (one["cell/kernel"] != other["cell/kernel"]).any()
    assert np.abs(networks.weights(network("node"))["readout/kernel"]).max() < 0.05


def rehearsal(n_updates=12, **changes):
    return Recipe(n_updates=n_updates, batch_size=8, learning_rate=0.01, **changes)


def trained(text="gru", of=SMALL, how=None, **more):
    one = network(text, of)
    history = training.train(one, of, of, how or rehearsal(), 7, n_validation=20, interval=3, **more)
    return networks.weights(one), history


def test_training_resumed_at_any_checkpoint_ends_with_the_same_bits():
    states = []
    weights, history = trained("noisy_gru,initial_noise=0.1", checkpoint=states.append)
    assert len(states) == 4
    for state in states:
        again, same = trained("noisy_gru,initial_noise=0.1", resume=state)
        assert same.rows == history.rows
        for name, values in weights.items():
            np.testing.assert_array_equal(values, again[name])


def test_training_learns():
    _, history = trained(of=task("flip_flop,n_bits=1,n_steps=30,switch_probability=0.1"), how=rehearsal(150))
    assert history.rows[-1]["validation_loss"] < 0.6 * history.rows[0]["validation_loss"]


def test_training_loss_is_the_mean_of_its_steps():
    still = Recipe(n_updates=3, batch_size=8, learning_rate=1e-30, schedule="constant")
    _, history = trained(how=still)
    drawn = network("gru")
    losses = [
        SMALL.loss(networks.run(drawn, shown)["controlled"], shown)
        for shown in (SMALL.trials(8, seeds.generator(7, "training", update)) for update in range(3))
    ]
    assert np.ptp(losses) > 1e-3
    assert history.rows[0]["train_loss"] == pytest.approx(np.mean(losses), rel=1e-5)


def test_training_through_the_arm_learns():
    how = recipe(REACH, networks.cell("gru"), n_updates=9, batch_size=16, xla=False, learning_rate=0.01)
    _, history = trained(of=REACH, how=how)
    assert history.rows[-1]["train_loss"] < history.rows[0]["train_loss"]


def test_loss_counts_errors_activity_and_latents(reaching):
    one, shown, done = reaching
    one.latent_weight = 0.5
    weights = shown.weights / REACH.divisor(shown)
    loss = float(one.compute_loss(None, shown.targets, done, weights))
    error = np.mean(np.square(done["controlled"] - shown.targets))
    norm = np.linalg.norm(done["latents"].reshape(4, -1), axis=1).mean()
    assert loss == pytest.approx(error + 0.02 * np.mean(np.square(done["outputs"])) + 0.5 * norm, rel=1e-4)
    assert REACH.loss(done["controlled"], shown) == pytest.approx(error, rel=1e-4)


def test_one_cycle_rises_and_falls():
    how = rehearsal(100)
    rates = [training.learning_rate(how, update) for update in range(100)]
    assert np.argmax(rates) == 29
    assert rates[29] == pytest.approx(0.01)
    assert rates[0] == pytest.approx(0.01 / 25)
    assert rates[-1] == pytest.approx(0.01 / 25 * 1e-4)
    constant = rehearsal(100, schedule="constant")
    assert {training.learning_rate(constant, update) for update in range(100)} == {0.01}
    assert np.isfinite([training.learning_rate(rehearsal(1), 0), training.learning_rate(rehearsal(2), 1)]).all()


def test_recipes_are_of_task_and_cell():
    flip_flop, gru = task("flip_flop"), networks.cell("gru")
    assert practice(flip_flop, recipe(flip_flop, gru)).n_steps == 120
    assert recipe(flip_flop, networks.cell("node")).batch_size == 128
    assert recipe(flip_flop, gru, batch_size=3, clip=None).batch_size == 3
    assert practice(REACH, recipe(REACH, gru)) == REACH


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grus", "there is no cell 'grus'; did you mean 'gru'"),
        ("gru,units=3", "unknown setting 'units'; did you mean 'n_units'"),
        ("leaky,leak=2", "'leak' is 2: input should be less than or equal to 1"),
        ("node,solver=midpoint", "'solver' is 'midpoint'"),
    ],
)
def test_bad_cells_are_explained(text, message):
    with pytest.raises(InputError, match=message):
        networks.cell(text)


def test_states_and_weights_of_other_networks_are_refused():
    with pytest.raises(InputError, match="cell/kernel is missing"):
        networks.set_weights(network("gru"), networks.weights(network("node")))
    states = []
    trained(checkpoint=states.append)
    state = {name: values for name, values in states[0].items() if name != "optimizer/000"}
    with pytest.raises(InputError, match="the optimizer's state does not fit this network"):
        trained(resume=state)


def test_a_loss_that_is_not_finite_is_explained(monkeypatch):
    monkeypatch.setattr(training, "_updates", lambda *_: float("nan"))
    with pytest.raises(InputError, match=r"step 3: the loss is no longer finite; lower learning_rate \(0.01\)"):
        trained()
