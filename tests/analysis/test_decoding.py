"""What is planted in a layer is read from it; scikit-learn is the oracle of the fit."""

from dataclasses import replace

import numpy as np
import pytest
from planted import N_MOVEMENTS, N_TIMES, TIMES, Curves, movements
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from proprionet.analysis.moments import moments
from proprionet.analysis.single_units import decoding
from proprionet.analysis.single_units.features import SLOWEST_MOVING_CM_S, features_at
from proprionet.errors import InputError

INSIDE = (TIMES >= 33) & (TIMES <= N_TIMES - 34)


def moving_and_still(plane="horizontal", levels=(-6.0, 3.0)):
    """Movements of a hand that rests for the last third."""
    hand = Curves(plane, levels=levels).hand()
    hand[:, 130:] = hand[:, 130:131]
    return movements(hand)


def linear_code(values, n_units=12, seed=0, noise=0.0):
    """Units of a layer, each a random sum of signals (movement, time, signal)."""
    random = np.random.default_rng(seed)
    code = values @ random.normal(size=(values.shape[-1], n_units)) + random.normal(size=n_units)
    return (code + noise * random.normal(size=code.shape)).astype(np.float32)


def every_step(made, plane="horizontal", **options):
    """Rows, held-out mask and targets of all steps of TIMES; the signals in them that a linear code can carry."""
    rows, test = decoding.split(made, plane, seed=3)
    wanted = decoding.targets(made, rows, plane, TIMES, **options)
    features, _ = features_at(made, rows, np.full(len(rows), int(plane == "vertical")), TIMES)
    return rows, test, wanted, features


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_a_planted_linear_code_is_read_completely(plane):
    made = moving_and_still(plane)
    rows, test, wanted, features = every_step(made, plane)
    signals = [features[name] for name in ("direction", "speed", "acceleration", "position")]
    found = decoding.decode(linear_code(np.concatenate(signals, axis=-1)), rows, wanted, test, alpha=1e-6)
    assert wanted.names[-2:] == (("x", "y") if plane == "horizontal" else ("y", "z"))
    np.testing.assert_allclose(found.r2, 1, atol=1e-6)
    np.testing.assert_allclose(found.correlation, 1, atol=1e-6)
    assert found.distance < 0.01
    assert found.angle_error < 0.5


def test_the_error_of_position_is_that_of_the_noise():
    """Units that say x and y with noise of 2 cm: the error is the mean of a Rayleigh distribution."""
    made = moving_and_still()
    rows, test, wanted, features = every_step(made)
    noisy = features["position"] + 2 * np.random.default_rng(1).normal(size=features["position"].shape)
    found = decoding.decode(noisy, rows, wanted, test)
    spread = features["position"][test].var(axis=(0, 1))
    x = wanted.columns("x", "y")
    np.testing.assert_allclose(found.r2[x], spread / (spread + 4), atol=0.02)  # the best estimate shrinks
    assert found.distance == pytest.approx(2 * np.sqrt(np.pi / 2), rel=0.05)
    np.testing.assert_allclose(found.rmse[x], 2, rtol=0.05)


@pytest.mark.parametrize("alpha", [1.0, 300.0])
def test_equals_scikit_learns_ridge(alpha):
    made = moving_and_still()
    rows, test, wanted, features = every_step(made)
    responses = linear_code(np.concatenate([features["velocity"], features["position"]], axis=-1), noise=0.5)
    found = decoding.decode(responses, rows, wanted, test, alpha)
    decoded = {}
    for column, (name, still) in enumerate(zip(wanted.names, wanted.when_still, strict=True)):
        samples = wanted.moving | still
        units, values = responses[:, wanted.steps].astype(float), wanted.values[..., column]
        fit, held = samples & ~test[:, None], samples & test[:, None]
        oracle = Ridge(alpha).fit(units[fit], values[fit])
        decoded[name] = oracle.predict(units[held]), values[held]
        guess, true = decoded[name]
        assert found.r2[column] == pytest.approx(r2_score(true, guess), abs=1e-8)
        assert found.rmse[column] == pytest.approx(np.sqrt(np.mean((true - guess) ** 2)), rel=1e-8)
        assert found.correlation[column] == pytest.approx(stats.pearsonr(true, guess).statistic, abs=1e-8)
    off = np.hypot(*(decoded[name][0] - decoded[name][1] for name in "xy"))
    assert found.distance == pytest.approx(off.mean(), rel=1e-8)
    cosine, sine = (decoded[f"direction_{name}"] for name in ("cos", "sin"))
    between = np.angle((cosine[0] + 1j * sine[0]) / (cosine[1] + 1j * sine[1]), deg=True)
    assert found.angle_error == pytest.approx(np.abs(between).mean(), rel=1e-8)


def test_weights_equal_scikit_learns():
    random = np.random.default_rng(0)
    features, answers = random.normal(3, 2, size=(200, 7)), random.normal(size=(200, 3))
    slopes, intercept = decoding.ridge(moments(features, answers), 2.5)
    oracle = Ridge(2.5).fit(features, answers)
    np.testing.assert_allclose(slopes, oracle.coef_.T, atol=1e-8)
    np.testing.assert_allclose(intercept, oracle.intercept_, atol=1e-8)


def test_direction_has_no_penalty_for_crossing_180_degrees():
    """The same movements turned so that they run along -x are decoded as well; the raw angle is not."""
    made = moving_and_still()
    around = made.hand * [-1, -1, 1]
    found = {}
    for name, hand in (("along", made.hand), ("turned", around)):
        for code in ("unit_vector", "angle"):
            rows, test, wanted, features = every_step(replace(made, hand=hand), direction=code)
            responses = linear_code(features["direction"], noise=0.05)
            found[name, code] = decoding.decode(responses, rows, wanted, test)
    assert found["along", "unit_vector"].r2[:2].min() > 0.95
    np.testing.assert_allclose(found["turned", "unit_vector"].r2[:2], found["along", "unit_vector"].r2[:2], atol=0.01)
    assert found["turned", "unit_vector"].angle_error < 5
    assert found["turned", "angle"].r2[0] < 0.85
    assert found["turned", "angle"].angle_error > 15


def test_held_out_movements_teach_nothing():
    """Held-out targets that lie 100 cm off are missed by 100 cm; a unit that names each movement does not help."""
    made = moving_and_still()
    rows, test, wanted, features = every_step(made)
    names = np.eye(N_MOVEMENTS)[:, None].repeat(len(TIMES), axis=1)
    responses = np.concatenate([linear_code(features["position"], noise=0.1), names], axis=-1)
    x = wanted.columns("x")[0]
    off = np.where((np.arange(len(wanted.names)) == x) & test[:, None, None], wanted.values + 100, wanted.values)
    before, after = (decoding.decode(responses, rows, replace(wanted, values=v), test) for v in (wanted.values, off))
    assert before.distance < 5
    assert after.distance == pytest.approx(100, abs=5)


def test_copies_of_a_movement_stay_on_one_side():
    made = moving_and_still()
    made = replace(made, row=np.arange(N_MOVEMENTS) // 4)
    rows, test = decoding.split(made, "horizontal", seed=1)
    assert set(made.row[rows[test]]).isdisjoint(made.row[rows[~test]])
    assert test.mean() == pytest.approx(0.2)


def test_shuffled_movements_say_nothing():
    made = movements(np.concatenate([Curves(seed=seed).hand() for seed in range(10)]))
    rows, test, wanted, features = every_step(made)
    responses = linear_code(np.concatenate([features["direction"], features["position"]], axis=-1), noise=0.1)
    nulls = [decoding.decode(responses, rows, decoding.shuffled(wanted, 5, repeat), test) for repeat in range(5)]
    np.testing.assert_allclose(np.mean([null.r2 for null in nulls], axis=0), 0, atol=0.05)
    assert np.mean([null.angle_error for null in nulls]) == pytest.approx(90, abs=5)
    assert decoding.decode(responses, rows, wanted, test).r2[wanted.columns("x", "y")].min() > 0.99
    first, again, other = (decoding.shuffled(wanted, 5, repeat).values for repeat in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(np.sort(first, axis=0), np.sort(wanted.values, axis=0))


def test_targets_are_those_of_the_true_times():
    curves = Curves()
    made = movements(curves.hand())
    rows, _ = decoding.split(made, "horizontal")
    wanted = decoding.targets(made, rows, "horizontal", TIMES)
    np.testing.assert_array_equal(wanted.steps, np.flatnonzero(INSIDE))
    velocity = curves.derivative(1, TIMES[INSIDE])
    truth = {"speed": np.linalg.norm(velocity, axis=-1), "x": curves.position(TIMES[INSIDE])[..., 0]}
    for name, values in truth.items():
        np.testing.assert_allclose(wanted.values[..., wanted.columns(name)[0]], values, atol=0.3)
    angle = decoding.targets(made, rows, "horizontal", TIMES, direction="angle")
    assert (angle.names, angle.units[:2]) == (
        ("direction_angle", "speed", "acceleration", "x", "y"),
        ("degree", "cm/s"),
    )
    off = angle.values[..., 0] - np.degrees(curves.direction(TIMES[INSIDE]))
    fast = truth["speed"] > 3
    assert np.abs((off + 180) % 360 - 180)[fast].max() < 5


def test_the_published_rules_take_every_step_and_the_moving_hand():
    made = moving_and_still()
    rows, _ = decoding.split(made, "horizontal", rules="published")
    wanted = decoding.targets(made, rows, "horizontal", 1.5 + 4 * np.arange(50), rules="published")
    assert wanted.steps.size == 50
    np.testing.assert_allclose(wanted.values[:, 3, wanted.columns("x", "y")], made.hand[rows, 12, :2])
    assert list(np.array(wanted.names)[wanted.when_still]) == ["x", "y"]
    corrected = decoding.targets(made, rows, "horizontal", TIMES)
    assert list(np.array(corrected.names)[corrected.when_still]) == ["speed", "acceleration", "x", "y"]
    speed = corrected.values[..., corrected.columns("speed")[0]]
    np.testing.assert_array_equal(corrected.moving, speed > SLOWEST_MOVING_CM_S)
    assert not corrected.moving[:, -3:].any()


def test_blocks_of_movements_make_no_difference(monkeypatch):
    made = moving_and_still()
    rows, test, wanted, features = every_step(made)
    responses = linear_code(features["position"], noise=1.0)
    whole = decoding.decode(responses, rows, wanted, test)
    monkeypatch.setattr(decoding, "MOVEMENTS_AT_ONCE", 7)
    parts = decoding.decode(responses.reshape(*responses.shape[:2], 3, 4), rows, wanted, test)
    np.testing.assert_allclose(parts.r2, whole.r2, atol=1e-10)
    assert parts.distance == pytest.approx(whole.distance, rel=1e-10)


def test_movements_in_other_planes_are_not_looked_at():
    hands = [Curves("horizontal").hand(), Curves("vertical").hand()]
    made = movements(np.stack(hands, axis=1).reshape(-1, N_TIMES, 3))
    rows, test, wanted, features = every_step(made, "vertical")
    np.testing.assert_array_equal(rows, np.arange(1, 2 * N_MOVEMENTS, 2))
    responses = np.full((2 * N_MOVEMENTS, len(TIMES), 12), np.nan)
    responses[rows] = linear_code(features["position"])
    assert decoding.decode(responses, rows, wanted, test, alpha=1e-6).distance < 0.01


def test_a_layer_without_variance_has_no_score():
    made = moving_and_still()
    rows, test, wanted, _ = every_step(made)
    found = decoding.decode(np.full((N_MOVEMENTS, len(TIMES), 3), 0.7), rows, wanted, test)
    assert np.isnan([*found.r2, *found.rmse, *found.correlation, found.distance, found.angle_error]).all()


def test_a_dead_unit_makes_no_difference():
    made = moving_and_still()
    rows, test, wanted, features = every_step(made)
    responses = linear_code(features["position"], noise=1.0)
    with_dead = np.concatenate([responses, np.full_like(responses[..., :1], 3.0)], axis=-1)
    one, other = (decoding.decode(values, rows, wanted, test) for values in (responses, with_dead))
    np.testing.assert_allclose(one.r2, other.r2, atol=1e-10)


def test_a_constant_target_has_no_explained_variance():
    hand = Curves().hand()
    hand[..., 1] = 4.0
    made = movements(hand)
    rows, test, wanted, features = every_step(made)
    found = decoding.decode(linear_code(features["position"], noise=0.1), rows, wanted, test)
    (y,) = wanted.columns("y")
    assert np.isnan(found.r2[y])
    assert np.isnan(found.correlation[y])
    assert found.rmse[y] < 1


def test_too_little_is_said():
    made = moving_and_still()
    with pytest.raises(InputError, match="0 of 40 movements lie in a vertical plane: decoding needs two or more"):
        decoding.split(made, "vertical")
    one = replace(made, row=np.zeros(N_MOVEMENTS, int))
    with pytest.raises(InputError, match="1 of 40 movements"):
        decoding.split(one, "horizontal")
    rows, test = decoding.split(made, "horizontal")
    with pytest.raises(InputError, match="no step of the layer lies between the ends of 33 samples"):
        decoding.targets(made, rows, "horizontal", np.array([2.0, 190.0]))
    still = movements(np.repeat(made.hand[:, :1], N_TIMES, axis=1))
    wanted = decoding.targets(still, rows, "horizontal", TIMES)
    with pytest.raises(InputError, match="the hand moves in none of the 8 held-out movements"):
        decoding.decode(np.ones((N_MOVEMENTS, len(TIMES), 2)), rows, wanted, test)
