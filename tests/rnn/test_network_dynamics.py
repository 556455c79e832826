"""The twins of the cells against automatic differentiation in double precision, and bad step functions."""

import numpy as np
import pytest

from proprionet.config.recurrent import CELLS
from proprionet.errors import InputError
from proprionet.rnn import dynamics, systems, twins

UNITS, INPUTS = 5, 3


def weights(cell, random, layer_size=7):
    """Random weights of a cell, as they lie in a file."""
    gates = {"gru": 3, "noisy_gru": 3, "lstm": 4}.get(cell, 1)
    if cell == "node":
        sizes = [UNITS + INPUTS, layer_size, layer_size, UNITS]
        shapes = {f"kernel_{i}": sizes[i : i + 2] for i in range(3)} | {
            f"bias_{i}": sizes[i + 1 : i + 2] for i in range(3)
        }
    else:
        bias = (2, gates * UNITS) if gates == 3 else (gates * UNITS,)
        shapes = {"kernel": (INPUTS, gates * UNITS), "recurrent_kernel": (UNITS, gates * UNITS), "bias": bias}
    found = {f"cell/{name}": random.normal(size=shape) for name, shape in shapes.items()}
    return found | {"readout/kernel": random.normal(size=(UNITS, 2)), "readout/bias": random.normal(size=2)}


SETTINGS = {
    "gru": {"cell": "gru"},
    "noisy_gru": {"cell": "noisy_gru", "noise": 0.1},
    "vanilla": {"cell": "vanilla"},
    "leaky": {"cell": "leaky", "leak": 0.3},
    "linear": {"cell": "linear"},
    "lstm": {"cell": "lstm"},
    "node": {"cell": "node", "n_layers": 3, "solver": "euler", "step": 0.1},
    "node_rk4": {"cell": "node", "n_layers": 3, "solver": "rk4", "step": 0.4},
}


def of(name, seed=0):
    settings = SETTINGS[name]
    random = np.random.default_rng(seed)
    network = twins.network(settings, weights(settings["cell"], random))
    n_states = UNITS * (2 if name == "lstm" else 1)
    return network, random.normal(size=(11, n_states)), random.normal(size=(11, INPUTS))


@pytest.mark.parametrize("name", SETTINGS)
def test_jacobian_is_the_derivative(name):
    """Acceptance A6: within 1e-10 of the derivative that automatic differentiation gives in float64."""
    import tensorflow as tf

    network, x, u = of(name)

    def step(state):
        return reference_step(tf, SETTINGS[name], network.cell, state, tf.constant(u))

    state = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(state)
        out = step(state)
    expected = tape.batch_jacobian(out, state).numpy()
    np.testing.assert_allclose(network.step(x, u), out.numpy(), atol=1e-12)
    assert np.abs(network.jacobian(x, u) - expected).max() < 1e-10


def reference_step(tf, settings, cell, x, u):
    """One step of each cell as the papers write it, in TensorFlow, float64."""
    kind = settings["cell"]
    if kind in ("gru", "noisy_gru"):
        wz, wr, wn = tf.split(tf.constant(cell.kernel), 3, axis=1)
        uz, ur, un = tf.split(tf.constant(cell.recurrent_kernel), 3, axis=1)
        bz, br, bn = tf.split(tf.constant(cell.bias), 3, axis=1)
        z = tf.sigmoid(u @ wz + bz[0] + x @ uz + bz[1])
        r = tf.sigmoid(u @ wr + br[0] + x @ ur + br[1])
        n = tf.tanh(u @ wn + bn[0] + r * (x @ un + bn[1]))
        return z * x + (1 - z) * n
    if kind in ("vanilla", "leaky"):
        leak = settings.get("leak", 1.0)
        return (1 - leak) * x + leak * tf.tanh(u @ cell.kernel + x @ cell.recurrent_kernel + cell.bias)
    if kind == "linear":
        return u @ cell.kernel + x @ cell.recurrent_kernel + cell.bias
    if kind == "lstm":
        h, c = tf.split(x, 2, axis=1)
        i, f, g, o = tf.split(u @ cell.kernel + h @ cell.recurrent_kernel + cell.bias, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.concat([tf.sigmoid(o) * tf.tanh(c), c], axis=1)

    def flow(state):
        value = tf.concat([state, u], axis=1)
        for layer, (kernel, bias) in enumerate(zip(cell.kernels, cell.biases, strict=True)):
            value = value @ kernel + bias
            value = tf.nn.relu(value) if layer < len(cell.kernels) - 1 else value
        return value

    step = settings["step"]
    k1 = flow(x)
    if settings["solver"] == "euler":
        return x + step * k1
    k2 = flow(x + step / 2 * k1)
    k3 = flow(x + step / 2 * k2)
    k4 = flow(x + step * k3)
    return x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


KERAS = (*[f"{name},n_units=6" for name in CELLS if name not in ("node", "leaky")], "leaky,n_units=6,leak=0.3")


@pytest.mark.parametrize("cell", [*KERAS, "node,n_units=4,layer_size=8", "node,n_units=4,layer_size=8,solver=rk4"])
def test_twin_does_what_the_network_does(cell):
    """States and outputs of trials of 12 steps, from random weights in the names and order of their file."""
    from proprionet.rnn import networks, tasks

    task = tasks.task("flip_flop,n_steps=12")
    network = networks.build(networks.cell(cell), task, seed=0)
    random = np.random.default_rng(0)
    drawn = {name: 0.4 * random.normal(size=values.shape) for name, values in networks.weights(network).items()}
    networks.set_weights(network, {name: values.astype(np.float32) for name, values in drawn.items()})
    trials = task.trials(5, random)
    done = networks.run(network, trials)
    twin = twins.network(network.settings.model_dump(), networks.weights(network))
    start = np.tile(drawn["initial_state"], (5, 1))
    states = dynamics.free_run(twin, start, trials.inputs)
    assert np.abs(states - done["latents"]).max() < 1e-5
    assert np.abs(twin.readout(states) - done["outputs"]).max() < 1e-5


class StepOnly:
    """A user's system, without a Jacobian."""

    def __init__(self, system, dtype=np.float64):
        self.system, self.dtype = system, dtype

    def step(self, x, u):
        return self.system.step(x, u).astype(self.dtype)


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_differences_where_there_is_no_jacobian(dtype, error):
    network, x, u = of("gru")
    found = dynamics.Checked(StepOnly(network, dtype)).jacobian(x, u)
    assert np.abs(found - network.jacobian(x, u)).max() < error


def test_readout_of_long_short_term_memory_is_of_its_output_alone():
    network, x, _ = of("lstm")
    np.testing.assert_allclose(network.readout(x), x[:, :UNITS] @ network.readout_kernel + network.readout_bias)


def test_free_run_is_step_by_step():
    network, x, u = of("gru")
    inputs = np.stack([u, 0 * u, -u], axis=1)
    by_hand = x
    for moment, states in enumerate(np.moveaxis(dynamics.free_run(network, x, inputs), 1, 0)):
        by_hand = network.step(by_hand, inputs[:, moment])
        np.testing.assert_array_equal(states, by_hand)


def test_a_step_of_wrong_shape_is_named():
    class Transposed:
        def step(self, x, u):
            return x.T

    class WrongJacobian(systems.Linear):
        def jacobian(self, x, u):
            return self.matrix

    x, u = np.zeros((4, 3)), np.zeros((4, 1))
    with pytest.raises(InputError, match=r"step\(x, u\) of Transposed gives shape \(3, 4\) for 4 states of 3 numbers"):
        dynamics.Checked(Transposed()).step(x, u)
    with pytest.raises(InputError, match=r"jacobian\(x, u\) of WrongJacobian gives shape \(3, 3\)"):
        dynamics.Checked(WrongJacobian(np.eye(3))).jacobian(x, u)


def test_unknown_cells_and_missing_weights_are_named():
    with pytest.raises(InputError, match="cell 'esn' is unknown"):
        twins.network({"cell": "esn"}, {})
    incomplete = weights("gru", np.random.default_rng(0))
    del incomplete["cell/bias"]
    with pytest.raises(InputError, match="needs 'cell/bias', which is missing"):
        twins.network({"cell": "gru"}, incomplete)
