"""Fixed points of systems of which theory knows them all: rows A1, A4 and A7 of the acceptance table, and failures."""

import time

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.rnn import dynamics, fixed_points, stability, systems

NO_INPUT = np.zeros(3)
MAP = systems.FlipFlop()


@pytest.fixture(scope="module")
def visited():
    """States of the flip-flop map while pulses set its bits."""
    random = np.random.default_rng(0)
    pulses = 0.6 * np.sign(random.normal(size=(50, 200, 3))) * (random.random((50, 200, 3)) < 0.06)
    return dynamics.free_run(MAP, 0.1 * random.normal(size=(50, 64)), pulses).reshape(-1, 64)


@pytest.fixture(scope="module")
def found(visited):
    """What two searches of 512 starts find, and the processor time that they take."""
    start = time.process_time()
    points = fixed_points.find(MAP, visited, NO_INPUT, n_starts=512)
    return points, stability.stability(MAP, points.states, NO_INPUT), time.process_time() - start


def nearest(points, others):
    distance = np.linalg.norm(points[:, None] - others, axis=2)
    return distance.argmin(axis=1), distance.min(axis=1)


def test_all_27_points_of_the_flip_flop_map(found):
    """Acceptance A1."""
    points, around, seconds = found
    place, distance = nearest(MAP.fixed_points(), points.states)
    assert len(points.states) == 27
    assert sorted(place) == list(range(27))
    assert distance.max() < 1e-8
    np.testing.assert_array_equal(np.bincount(around.n_unstable), [8, 12, 6, 1])
    assert around.lefschetz_sum == 1
    assert points.agree
    assert points.starts == {"fixed": [512, 512], "slow": [0, 0], "far": [0, 0], "failed": [0, 0]}
    assert points.merged.sum(axis=0).tolist() == [512, 512]
    assert seconds < 10


def test_eigenvalues_of_the_flip_flop_map(found):
    """Acceptance A1: 1.1 for a bit in the middle, 0.91663721 for one that is set, 0.8 for all other directions."""
    points, around, _ = found
    bits = stability.readout_code(MAP.readout(points.states), np.zeros(3), np.ones(3))
    expected = np.sort(np.concatenate([np.where(bits == 0, 1.1, 0.91663721), np.full((27, 61), 0.8)], axis=1))[:, ::-1]
    assert np.abs(around.eigenvalues - expected).max() < 1e-6
    np.testing.assert_allclose(around.time_constants[:, -1], -1 / np.log(0.8))
    assert (around.n_marginal == 0).all()


def test_unstable_directions_are_bits_in_the_middle(found):
    """Acceptance A4."""
    points, around, _ = found
    code = stability.readout_code(MAP.readout(points.states), np.zeros(3), np.ones(3))
    np.testing.assert_array_equal((code == 0).sum(axis=1), around.n_unstable)
    assert len(np.unique(code, axis=0)) == 27


def test_code_of_an_output_with_one_level_says_nothing():
    outputs = np.array([[0.1, 3.0], [0.5, 3.0], [0.8, 4.0]])
    code = stability.readout_code(outputs, np.array([0, 3]), np.array([1, 3]))
    assert code.tolist() == [[-1, 0], [0, 0], [1, 0]]


@pytest.mark.parametrize("within", [1e-5, 1e-4, 1e-3])
def test_tolerance_of_merging_changes_nothing(found, visited, within):
    """Acceptance A7."""
    again = fixed_points.find(MAP, visited, NO_INPUT, n_starts=512, merged_within=within)
    np.testing.assert_array_equal(again.merged, found[0].merged)
    np.testing.assert_array_equal(again.states, found[0].states)


def test_duplicated_starts_change_nothing(visited):
    """Acceptance A7, and the order of starts does not matter either."""
    starts = fixed_points.draw_starts(visited, 60, np.random.default_rng(0))
    once = fixed_points.minimise(MAP, starts, NO_INPUT)
    twice = fixed_points.minimise(MAP, np.repeat(starts[::-1], 2, axis=0), NO_INPUT)
    kept, counts = fixed_points.merge(once.states, once.q, np.zeros(60, int), 1)
    kept_twice, counts_twice = fixed_points.merge(twice.states, twice.q, np.zeros(120, int), 1)
    place, distance = nearest(once.states[kept], twice.states[kept_twice])
    assert distance.max() < 1e-10
    np.testing.assert_array_equal(2 * counts, counts_twice[place])


def test_merging_keeps_the_slowest_and_counts_by_search():
    states = np.array([[0.0], [1e-5], [1.0], [2e-5]])
    kept, merged = fixed_points.merge(states, np.array([2.0, 1.0, 0.0, 3.0]), np.array([0, 1, 1, 1]), 2)
    assert kept.tolist() == [1, 2]
    assert merged.tolist() == [[1, 2], [0, 1]]


def test_half_of_the_starts_are_visited_and_half_lie_between_two(visited):
    starts = fixed_points.draw_starts(np.eye(40), 100, np.random.default_rng(0))
    np.testing.assert_allclose(starts.sum(axis=1), 1)
    assert ((starts[:50] > 0).sum(axis=1) == 1).all()
    assert (np.median((starts[50:] > 0).sum(axis=1))) == 2


@pytest.mark.parametrize(("gain", "n_points"), [(0.9, 1), (1.5, 3)])
def test_one_tanh_unit(gain, n_points):
    """G3: one fixed point, 0, while the gain is below 1; beyond, two stable ones on either side of it."""
    unit = systems.FlipFlop(n_bits=1, n_states=1, gain=gain, rate=1.0)
    points = fixed_points.find(unit, np.linspace(-1, 1, 50)[:, None], np.zeros(1), n_starts=64)
    around = stability.stability(unit, points.states, np.zeros(1))
    assert len(points.states) == n_points
    assert np.abs(points.states).min() < 1e-8
    assert around.lefschetz_sum == 1


def test_forgetful_network_has_one_stable_point():
    """G5."""
    network = systems.forgetful_gru(20, 2, seed=1)
    visited = np.random.default_rng(0).uniform(-1, 1, (200, 20))
    points = fixed_points.find(network, visited, np.ones(2), n_starts=64)
    around = stability.stability(network, points.states, np.ones(2))
    assert len(points.states) == 1
    assert around.n_unstable.tolist() == [0]
    assert around.lefschetz_sum == 1


def test_points_that_only_slow_down_are_reported_apart():
    """G4: on a drifting ring nothing is fixed but its middle; without drift all of it is, with one marginal mode."""
    visited = np.random.default_rng(0).normal(size=(300, 2))
    drifting = systems.Ring(drift=1e-3)
    points = fixed_points.find(drifting, visited, np.zeros(1), n_starts=100)
    assert len(points.states) == 1
    assert np.abs(points.states).max() < 1e-8
    np.testing.assert_allclose(np.linalg.norm(points.slow_states, axis=1), 0.957504, atol=1e-3)
    np.testing.assert_allclose(points.slow_q, (1e-3 * 0.957504) ** 2 / 2, rtol=1e-3)
    assert sum(map(sum, points.starts.values())) == 200

    still = fixed_points.find(systems.Ring(), visited, np.zeros(1), n_starts=100)
    around = stability.stability(systems.Ring(), still.states, np.zeros(1))
    assert not len(still.slow_states)
    assert len(still.states) > 50
    assert (around.n_marginal[around.n_unstable < 2] == 1).all()


def test_far_and_failed_starts_are_counted():
    class Parabola:
        """Two fixed points, 0 and 100, of which the second is far away; from below -1000 there is no way."""

        def step(self, x, u):
            return np.where(x < -1000, x + 1, x + x * (x - 100) / 100)

    points = fixed_points.find(Parabola(), np.array([[-0.5], [0.5]]), np.zeros(1), n_starts=32)
    assert np.abs(points.states).max() < 1e-7
    ends = fixed_points.minimise(Parabola(), np.array([[90.0], [-2000.0]]), np.zeros(1))
    assert ends.states[0] == pytest.approx(100)
    visited = np.array([[89.0], [90.0], [91.0], [-2000.0]])
    fates = fixed_points.find(Parabola(), visited, np.zeros(1), n_starts=64, n_iterations=100).starts
    assert fates["failed"][0] > 0
    far = fixed_points.find(Parabola(), np.array([[60.0], [61.0]]), np.zeros(1), n_starts=16).starts
    assert far["far"] == [16, 16]


def test_points_move_with_a_constant_input():
    """Where the input u pushes a bit, its levels obey rate (tanh(gain z) - z) + u = 0 until two of three meet."""
    path = np.linspace([0, 0, 0], [0.08, 0, 0], 5)
    bit = MAP.level * MAP.axes[:, :1].T
    at, q = fixed_points.follow(MAP, np.concatenate([bit, -bit]), path)
    z = at @ MAP.axes[:, 0]
    np.testing.assert_allclose(0.1 * (np.tanh(2 * z[:, 0]) - z[:, 0]) + path[:, 0], 0, atol=1e-9)
    assert q[:, 0].max() < 1e-16
    assert q[0, 1] < 1e-16
    assert q[-1, 1] > 1e-16 or z[-1, 1] > 0


def test_bad_input_is_named():
    class Short:
        def step(self, x, u):
            return x[:, 1:]

    with pytest.raises(InputError, match="visited states hold NaN"):
        fixed_points.find(MAP, np.full((3, 64), np.nan), NO_INPUT)
    with pytest.raises(InputError, match=r"step\(x, u\) of Short gives shape \(\d+, 63\)"):
        fixed_points.find(Short(), np.ones((3, 64)), NO_INPUT)


class AlmostRing:
    """States are drawn to a circle fast, and along it to four points 1e-5 a step: modes of 0.5 and 0.99996."""

    def step(self, x, u):
        outwards = x / np.linalg.norm(x, axis=1, keepdims=True)
        along = outwards[:, ::-1] * [-1, 1]
        angle = np.arctan2(x[:, 1:], x[:, :1])
        return x + 0.5 * (outwards - x) + 1e-5 * np.sin(4 * angle) * along


def test_starts_follow_the_valley_of_a_nearly_marginal_mode(monkeypatch):
    """Straight steps creep along the circle."""
    starts = np.random.default_rng(0).normal(size=(64, 2))
    with monkeypatch.context() as straight:
        straight.setattr(fixed_points, "MOST_BENT", 0)
        assert (fixed_points.minimise(AlmostRing(), starts, np.zeros(1), n_iterations=110).q < 1e-16).sum() < 5
    ends = fixed_points.minimise(AlmostRing(), starts, np.zeros(1), n_iterations=110)
    assert (ends.q < 1e-16).all()
    angles = np.arctan2(*ends.states.T[::-1]) / (np.pi / 4)
    np.testing.assert_allclose(angles, np.round(angles), atol=1e-4)
    assert len(np.unique(np.round(angles) % 8)) == 8
