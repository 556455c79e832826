"""Rows A2, A3, A5, D3 and R1 of the acceptance table, which need trained networks: minutes, so they run nightly."""

import time

import numpy as np
import pytest

from proprionet import seeds
from proprionet.rnn import alignment, dsa, dynamics, fixed_points, networks, recipes, stability, tasks, training, twins

NO_INPUT = np.zeros(3)


class Trained:
    """A network trained on the flip-flop task, its twin, what it does in 200 trials, and all its fixed points."""

    def __init__(self, cell, seed, n_starts):
        task, settings = tasks.task("flip_flop"), networks.cell(cell)
        recipe = recipes.recipe(task, settings)
        network = networks.build(settings, task, seed)
        practice = recipes.practice(task, recipe)
        training.train(network, task, practice, recipe, seed, n_validation=100, interval=500)
        self.trials = task.trials(200, seeds.generator(1, "trials of all networks"))
        self.done = networks.run(network, self.trials)
        self.r2 = task.metrics(self.done["controlled"], self.done["outputs"], self.trials)["r2"]
        self.twin = twins.network(settings.model_dump(), networks.weights(network))
        self.visited = self.done["latents"].reshape(-1, settings.n_states)
        start = time.process_time()
        self.points = fixed_points.find(self.twin, self.visited, NO_INPUT, n_starts=n_starts)
        self.seconds_a_search = (time.process_time() - start) / 2
        self.around = stability.stability(self.twin, self.points.states, NO_INPUT)
        self.readout = self.twin.readout(self.points.states)
        self.code = stability.readout_code(self.readout, np.zeros(3), np.ones(3))

    def corners(self):
        """Outputs of the stable points that lie at each of the 8 corners, as rows of their nearest corner."""
        stable = self.readout[self.around.n_unstable == 0]
        return stable, np.unique(np.round(stable), axis=0)


@pytest.fixture(scope="module")
def node():
    return Trained("node", seed=1, n_starts=4096)


@pytest.fixture(scope="module")
def gru():
    return Trained("gru", seed=1, n_starts=512)


@pytest.fixture(scope="module")
def other_gru():
    return Trained("gru", seed=2, n_starts=256)


def test_node_has_27_fixed_points(node):
    """Acceptance A2."""
    stable, corners = node.corners()
    assert len(corners) == 8
    assert np.abs(stable - np.round(stable)).max() < 0.1
    np.testing.assert_array_equal(np.bincount(node.around.n_unstable), [8, 12, 6, 1])
    assert node.around.lefschetz_sum == 1
    assert node.points.agree
    assert node.seconds_a_search < 5


def test_gru_has_corners_edges_faces_and_a_centre(gru):
    """Acceptance A3."""
    assert gru.r2 >= 0.94
    stable, corners = gru.corners()
    assert len(corners) == 8
    assert np.abs(stable - np.round(stable)).max() < 0.25
    edges = gru.readout[gru.around.n_unstable == 1]
    between = (edges > 0.1) & (edges < 0.8)
    settled = np.minimum(np.abs(edges), np.abs(edges - 1)) < 0.25
    of_an_edge = [
        any(between[i, bit] and settled[i, np.arange(3) != bit].all() for bit in range(3)) for i in range(len(edges))
    ]
    assert sum(of_an_edge) >= 11
    assert (gru.around.n_unstable == 2).sum() >= 5
    assert (gru.around.n_unstable == 3).sum() == 1
    assert np.abs(gru.readout[gru.around.n_unstable == 3] - 0.5).max() < 0.25
    assert gru.around.lefschetz_sum == 1
    assert gru.seconds_a_search < 60


@pytest.mark.parametrize("cell", ["node", "gru"])
def test_unstable_directions_are_bits_in_the_middle(cell, request):
    """Acceptance A4 on trained networks."""
    trained = request.getfixturevalue(cell)
    histogram = np.bincount((trained.code == 0).sum(axis=1), minlength=4)
    np.testing.assert_array_equal(histogram, np.bincount(trained.around.n_unstable, minlength=4))


@pytest.mark.parametrize("cell", ["node", "gru"])
def test_every_corner_is_held_for_3000_steps(cell, request):
    """Acceptance A5: from states at the corners, without input."""
    trained = request.getfixturevalue(cell)
    outputs, targets = trained.twin.readout(trained.visited), trained.trials.targets.reshape(-1, 3)
    at_corners = np.flatnonzero((np.abs(outputs - targets) < 0.25).all(axis=1))
    rows = np.random.default_rng(0).choice(at_corners, 256)
    states = dynamics.free_run(trained.twin, trained.visited[rows], np.zeros((256, 3000, 3)))
    held = np.abs(trained.twin.readout(states) - targets[rows, None]) < 0.25
    assert held.all(axis=(1, 2)).mean() >= 0.95


def components(trained, n_components=3):
    pca = alignment.principal_components(trained.visited, n_components)
    return pca.transform(trained.visited).reshape(*trained.trials.inputs.shape[:2], -1)


@pytest.mark.parametrize("other", ["other_gru", "node"])
def test_networks_of_one_task_have_the_same_dynamics(gru, other, request):
    """Acceptance D3."""
    one, two = components(gru), components(request.getfixturevalue(other))
    operators = [dsa.operator(trials, 10, 10) for trials in (one, two, dsa.shuffled(two, 0))]
    assert dsa.angular(operators[0], operators[1]) <= 0.1
    assert dsa.angular(operators[0], operators[2]) >= 0.5


def test_a_large_network_tells_the_states_of_a_small_one(gru, node):
    """Acceptance R1."""
    large, small = gru.visited, node.visited
    half = len(large) // 2
    lost = np.random.default_rng(0).permutation(small[:half])
    down = alignment.align(large[:half], small[:half]).r2(large[half:], small[half:])[0]
    up = alignment.align(small[:half], large[:half]).r2(small[half:], large[half:])[0]
    assert down >= 0.9
    assert up < down
    assert alignment.align(large[:half], lost).r2(large[half:], small[half:])[0] < 0.1
