"""Movements here are known in closed form, so that the truth at fractional times needs no code of ours."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from proprionet.analysis import tuning
from proprionet.errors import InputError

N_MOVEMENTS, N_TIMES = 40, 200
TIMES = 1.3 + 2.6 * np.arange(76)  # a strided layer, off the grid of samples


class Movements:
    """Curves in a plane: position, velocity and acceleration at any time (input samples), in cm and s."""

    def __init__(self, plane):
        random = np.random.default_rng(5)
        self.axes = {"horizontal": (0, 1), "vertical": (1, 2)}[plane]
        self.size = random.uniform(3, 8, size=(N_MOVEMENTS, 1, 2))
        self.rate = random.uniform(2, 6, size=(N_MOVEMENTS, 1, 2))
        self.phase = random.uniform(0, 2 * np.pi, size=(N_MOVEMENTS, 1, 2))
        self.place = random.uniform(-30, 30, size=(N_MOVEMENTS, 1, 3))

    def derivative(self, order, times):
        angle = self.rate * 0.015 * np.asarray(times)[None, :, None] + self.phase + order * np.pi / 2
        return self.size * self.rate**order * np.sin(angle)

    def hand(self):
        hand = self.place.repeat(N_TIMES, axis=1)
        hand[:, :, self.axes] += self.derivative(0, np.arange(N_TIMES))
        return hand

    def position(self, times):
        return self.place[:, :, self.axes] + self.derivative(0, times)

    def direction(self, times):
        velocity = self.derivative(1, times)
        return np.arctan2(velocity[..., 1], velocity[..., 0])


def noisy(signal, seed=0, snr=10):
    noise = np.random.default_rng(seed).normal(size=signal.shape)
    return signal + noise * signal.std(axis=(0, 1)) / np.sqrt(snr)


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_planted_direction_is_recovered(plane):
    movements = Movements(plane)
    preferred, gain = np.arange(-170, 180, 20), np.linspace(0.1, 20, 18)
    signal = gain * np.cos(movements.direction(TIMES)[..., None] - np.radians(preferred)) + 3
    found = tuning.fit_direction(noisy(signal), movements.hand(), TIMES, plane)
    assert np.abs((found.preferred_direction - preferred + 180) % 360 - 180).max() < 5
    np.testing.assert_allclose(found.gain, gain, rtol=0.05)
    np.testing.assert_allclose(found.intercept, 3, atol=0.05 * gain.max())
    np.testing.assert_allclose(found.r2, 10 / 11, atol=0.02)


def test_other_features_are_recovered():
    movements = Movements("horizontal")
    velocity, acceleration = movements.derivative(1, TIMES), movements.derivative(2, TIMES)
    planted = {
        "speed": 0.3 * np.linalg.norm(velocity, axis=-1, keepdims=True),
        "velocity": velocity @ [[0.2], [-0.1]],
        "acceleration": 0.01 * np.linalg.norm(acceleration, axis=-1, keepdims=True),
        "position": movements.position(TIMES) @ [[0.2], [-0.1]],
    }
    slopes = {"speed": [0.3], "velocity": [0.2, -0.1], "acceleration": [0.01], "position": [0.2, -0.1]}
    for model, signal in planted.items():
        found = tuning.fit_tuning(model, noisy(signal), movements.hand(), TIMES, "horizontal")
        np.testing.assert_allclose(found.coefficients[:, 0], slopes[model], rtol=0.05)
        assert found.r2[0] == pytest.approx(10 / 11, abs=0.05)
    assert tuning.fit_position(signal, movements.hand(), TIMES, "horizontal").r2[0] > 0.9999


def test_true_time_stamps_matter():
    movements = Movements("horizontal")
    signal = np.cos(movements.direction(TIMES))[..., None]
    right = tuning.fit_direction(signal, movements.hand(), TIMES, "horizontal").r2[0]
    late = tuning.fit_direction(signal, movements.hand(), TIMES + 4, "horizontal").r2[0]
    assert right > 0.999 > late


def test_shuffled_units_are_not_tuned():
    movements = Movements("horizontal")
    signal = np.cos(movements.direction(TIMES)[..., None] - np.linspace(0, 3, 30))
    shuffled = np.random.default_rng(0).permuted(signal.reshape(-1, 30), axis=0).reshape(signal.shape)
    r2 = tuning.fit_direction(shuffled, movements.hand(), TIMES, "horizontal").r2
    assert np.abs(r2).mean() < 0.02
    assert r2.max() < 0.05


def test_dead_units_have_no_score():
    movements = Movements("horizontal")
    signal = np.cos(movements.direction(TIMES))[..., None] * [1, 0, 0] + [0, 0, 0.3]
    found = tuning.fit_direction(signal.astype(np.float32), movements.hand(), TIMES, "horizontal")
    np.testing.assert_array_equal(found.dead, [False, True, True])
    for values in (found.r2, found.gain, found.preferred_direction, found.intercept):
        np.testing.assert_array_equal(np.isnan(values), found.dead)


def test_direction_leaves_out_the_still_hand_but_speed_does_not():
    movements = Movements("horizontal")
    hand = movements.hand().astype(np.float32)
    hand[:, 100:] = hand[:, 100:101]
    still = TIMES > 102
    signal = np.where(still, 50, np.cos(movements.direction(TIMES)))[..., None]
    assert tuning.fit_direction(signal, hand, TIMES, "horizontal").r2[0] > 0.99
    at_rest = np.broadcast_to(still[:, None] * 1.0, signal.shape)
    assert tuning.fit_direction(at_rest, hand, TIMES, "horizontal").dead[0]
    assert tuning.fit_tuning("speed", at_rest, hand, TIMES, "horizontal").coefficients[0, 0] < 0


def test_ends_of_the_movement_are_left_out():
    movements = Movements("horizontal")
    signal = np.cos(movements.direction(TIMES))[..., None]
    signal[:, (TIMES < 33) | (TIMES > N_TIMES - 34)] = np.random.default_rng(0).normal(size=signal.shape)[:, :1] * 100
    assert tuning.fit_direction(signal, movements.hand(), TIMES, "horizontal").r2[0] > 0.999
    assert tuning.fit_direction(signal, movements.hand(), TIMES, "horizontal", edge=20).r2[0] < 0.5


def test_only_movements_of_the_plane_count():
    flat, upright = Movements("horizontal"), Movements("vertical")
    hand = np.concatenate([flat.hand(), upright.hand()])
    angle = np.concatenate([flat.direction(TIMES) - np.radians(60), upright.direction(TIMES) + np.radians(60)])
    np.testing.assert_array_equal(tuning.in_plane(hand, "vertical"), np.arange(80) >= 40)
    for plane, preferred in (("horizontal", 60), ("vertical", -60)):
        found = tuning.fit_direction(np.cos(angle)[..., None], hand, TIMES, plane)
        assert found.preferred_direction[0] == pytest.approx(preferred, abs=1)


def test_score_is_of_movements_not_seen():
    movements = Movements("horizontal")
    signal = np.cos(movements.direction(TIMES))[:2, :, None] * np.array([1, -1])[:, None, None]
    assert tuning.fit_direction(signal, movements.hand()[:2], TIMES, "horizontal").r2[0] < -1


def test_linear_equals_least_squares_unit_by_unit():
    random = np.random.default_rng(0)
    design = random.normal(5, 1, size=(500, 3)) @ random.normal(size=(3, 3))
    responses = design @ random.normal(size=(3, 150)) + random.normal(100, 2, size=(500, 150))
    coefficients, r2 = tuning.fit_linear(design[:400], responses[:400], design[400:], responses[400:])
    for unit in range(150):
        line = LinearRegression().fit(design[:400], responses[:400, unit])
        np.testing.assert_allclose(coefficients[:, unit], [*line.coef_, line.intercept_], atol=1e-10)
        assert r2[unit] == pytest.approx(line.score(design[400:], responses[400:, unit]), abs=1e-10)


def test_collinear_features_share_the_slope():
    feature = np.random.default_rng(0).normal(size=(50, 1))
    coefficients, r2 = tuning.fit_linear(feature.repeat(2, axis=1), 4 * feature, feature.repeat(2, axis=1), 4 * feature)
    np.testing.assert_allclose(coefficients[:, 0], [2, 2, 0], atol=1e-8)
    assert r2[0] == pytest.approx(1)


def test_errors_say_what_was_expected():
    hand, activations = Movements("horizontal").hand(), np.zeros((N_MOVEMENTS, TIMES.size, 2))
    with pytest.raises(InputError, match="model 'torque' is not known; choose one of direction, speed"):
        tuning.fit_tuning("torque", activations, hand, TIMES, "horizontal")
    with pytest.raises(InputError, match="plane 'slanted' is not known; choose one of horizontal, vertical"):
        tuning.fit_direction(activations, hand, TIMES, "slanted")
    with pytest.raises(InputError, match="0 of 40 movements lie in a vertical plane"):
        tuning.fit_direction(activations, hand, TIMES, "vertical")
    with pytest.raises(InputError, match=r"\(movement, layer_time, unit\) = \(40, 75, unit\)"):
        tuning.fit_direction(activations, hand, TIMES[1:], "horizontal")
    with pytest.raises(InputError, match="0 samples to fit"):
        tuning.fit_direction(activations, hand, TIMES, "horizontal", edge=120)
    activations[3, 4, 1] = np.nan
    with pytest.raises(InputError, match="unit 1: an activation is not finite"):
        tuning.fit_direction(activations, hand, TIMES, "horizontal")


def test_speed_has_no_preferred_direction():
    movements = Movements("horizontal")
    found = tuning.fit_tuning("speed", movements.position(TIMES), movements.hand(), TIMES, "horizontal")
    with pytest.raises(InputError, match="tuning to speed has no preferred direction"):
        _ = found.preferred_direction


def test_speed_is_in_the_time_of_the_file():
    """Of the same samples 10 ms apart the hand is 1.5 times as fast, its acceleration 2.25 times as large."""
    hand = Movements("horizontal").hand()
    slow, fast = (tuning.kinematics(hand, TIMES, "horizontal", step) for step in (0.015, 0.010))
    np.testing.assert_array_equal(fast.position, slow.position)
    np.testing.assert_allclose(fast.velocity, 1.5 * slow.velocity)
    np.testing.assert_allclose(fast.acceleration, 2.25 * slow.acceleration)
    speed = np.linalg.norm(slow.velocity, axis=-1, keepdims=True)
    gain = [
        tuning.fit_tuning("speed", speed, hand, TIMES, "horizontal", time_step_s=step).gain[0] for step in (0.015, 0.01)
    ]
    np.testing.assert_allclose(gain, [1, 2 / 3], rtol=1e-6)
