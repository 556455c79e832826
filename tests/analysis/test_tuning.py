import numpy as np
import pytest
from planted import TIMES, Curves, movements, noisy
from sklearn.linear_model import LinearRegression

from proprionet.analysis.single_units import tuning
from proprionet.analysis.single_units.features import FEATURES, features_at
from proprionet.analysis.single_units.sampling import protocol, steps
from proprionet.errors import InputError

ROW = {name: index for index, name in enumerate(FEATURES)}
N_TIMES = 200


def fit(activations, hand, times=TIMES, rules="corrected", seed=0, **about):
    shown = movements(hand, **about)
    return tuning.fit_layer([activations], shown, protocol(shown, rules=rules, seed=seed), times)


def angles_apart(a, b):
    return np.abs((a - b + 180) % 360 - 180)


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_planted_direction_is_recovered_in_every_plane(plane):
    curves, row = Curves(plane), ["horizontal", "vertical"].index(plane)
    preferred, gain = np.arange(-170, 180, 20), np.linspace(0.1, 20, 18)
    signal = gain * np.cos(curves.direction(TIMES)[..., None] - np.radians(preferred)) + 3
    found = fit(noisy(signal), curves.hand())
    for each in (row, 2, 3):
        assert angles_apart(found.preferred_direction[each], preferred).max() < 5
        np.testing.assert_allclose(found.gain("direction")[each], gain, rtol=0.05)
        np.testing.assert_allclose(found.intercept[each, ROW["direction"]], 3, atol=0.05 * gain.max())
        np.testing.assert_allclose(found.r2[each, ROW["direction"]], 10 / 11, atol=0.06)
    assert np.isnan(found.r2[1 - row]).all()


def test_other_features_are_recovered():
    curves = Curves()
    shown = movements(curves.hand())
    features, _ = features_at(shown, slice(None), np.zeros(40, int), TIMES)
    random = np.random.default_rng(3)
    for name in set(FEATURES) - {"direction"}:
        spread = features[name].std(axis=(0, 1))
        slopes = random.uniform(0.5, 1, size=spread.shape) / spread
        found = fit(noisy(features[name] @ slopes[:, None]), curves.hand())
        if name != "muscle_length":  # three muscles of a hand in a plane depend on each other
            np.testing.assert_allclose(found.coefficients[0, found.columns[name], 0], slopes, rtol=0.05, err_msg=name)
        assert found.r2[0, ROW[name], 0] == pytest.approx(10 / 11, abs=0.05), name


@pytest.mark.parametrize("rules", ["corrected", "published"])
def test_equals_least_squares_unit_by_unit(rules):
    """All of it again without moments, planes or blocks of ours: scikit-learn on lists of samples."""
    flat, upright = Curves("horizontal", levels=(-6, 0, 3)), Curves("vertical", seed=6, levels=(9,))
    hand = np.concatenate([flat.hand(), upright.hand()])[np.random.default_rng(1).permutation(80)]
    hand[:, :40], hand[:, 150:] = hand[:, 40:41], hand[:, 150:151]
    shown = movements(hand)
    made = protocol(shown, rules=rules, seed=4)
    layer_times = 1 + 3.0 * np.arange(66)
    activations = np.random.default_rng(0).normal(2, 1, size=(80, 66, 3)) + hand[:, 1:199:3]
    blocks = (activations[at : at + 17] for at in range(0, 80, 17))
    found = tuning.fit_layer(blocks, shown, made, layer_times)
    times, fitted = steps(layer_times, N_TIMES, rules)
    n_fits = 0
    for plane in range(len(made.planes.level)):
        rows = np.flatnonzero(made.planes.members(plane))
        held_out = made.held_out[int(plane < 2), rows]
        features, samples = features_at(shown, rows, np.full(len(rows), made.planes.orientation[plane]), times)
        for name, kind in FEATURES.items():
            chosen = samples[kind] & np.isin(np.arange(66), np.arange(66)[fitted])
            train, test = chosen & ~held_out[:, None], chosen & held_out[:, None]
            design, responses = features[name], activations[rows]
            for unit in range(3):
                line = LinearRegression().fit(design[train], responses[train][:, unit])
                score = line.score(design[test], responses[test][:, unit])
                assert found.r2[plane, ROW[name], unit] == pytest.approx(score, abs=1e-10), (plane, name)
                if name == "muscle_length":
                    continue
                slopes = found.coefficients[plane, found.columns[name], unit]
                np.testing.assert_allclose(slopes, line.coef_, rtol=1e-10, atol=1e-10, err_msg=name)
                assert found.intercept[plane, ROW[name], unit] == pytest.approx(line.intercept_, rel=1e-10, abs=1e-10)
                n_fits += 1
    assert n_fits == 6 * 8 * 3


def test_true_time_stamps_matter():
    curves = Curves()
    signal = np.cos(curves.direction(TIMES))[..., None]
    right, late = (fit(signal, curves.hand(), times).r2[0, 0, 0] for times in (TIMES, TIMES + 4))
    assert right > 0.999 > late


def test_shuffled_units_are_not_tuned():
    curves = Curves()
    signal = np.cos(curves.direction(TIMES)[..., None] - np.linspace(0, 3, 30))
    shuffled = np.random.default_rng(0).permuted(signal.reshape(-1, 30), axis=0).reshape(signal.shape)
    r2 = fit(shuffled, curves.hand()).r2[0, 0]
    assert np.abs(r2).mean() < 0.02
    assert r2.max() < 0.05


def rayleigh_p(angle):
    """Of angles (run, unit) in radians; Zar 2010, Biostatistical Analysis, eq. 27.4."""
    n, length = angle.shape[1], np.abs(np.exp(1j * angle).sum(axis=1))
    return np.exp(np.sqrt(1 + 4 * n + 4 * (n**2 - length**2)) - (1 + 2 * n))


@pytest.mark.parametrize("planted", ["direction", "noise"])
def test_shuffled_units_prefer_every_direction(planted):
    """Rayleigh's test at 5 % finds a common direction in 1,000 populations of 20 units as often as chance does."""
    n_runs, n_units = 1000, 20
    random = np.random.default_rng(2)
    angle = random.uniform(-np.pi, np.pi, 200)
    design = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    tuned = np.cos(angle[:, None] - 0.5) + random.normal(size=(200, n_runs * n_units))
    responses = random.permuted(tuned, axis=0) if planted == "direction" else random.normal(size=tuned.shape)
    slopes, _ = tuning.fit_linear(design[:160], responses[:160], design[160:], responses[160:])
    preferred = np.arctan2(slopes[1], slopes[0]).reshape(n_runs, n_units)
    assert 0.93 <= np.mean(rayleigh_p(preferred) > 0.05) <= 0.97
    slopes, _ = tuning.fit_linear(design[:160], tuned[:160], design[160:], tuned[160:])
    assert rayleigh_p(np.arctan2(slopes[1], slopes[0]).reshape(n_runs, n_units)).max() < 1e-3


def test_dead_units_have_no_score():
    curves = Curves()
    signal = np.cos(curves.direction(TIMES))[..., None] * [1, 0, 0] + [0, 0, 0.3]
    found = fit(signal.astype(np.float32), curves.hand())
    for values in (found.r2[0], found.coefficients[2], found.intercept[3], found.preferred_direction[[0]]):
        np.testing.assert_array_equal(np.isnan(values), [[False, True, True]] * len(values))
    np.testing.assert_array_equal(np.isnan(found.selectivity[0]), [[False, True, True]] * 2)


def test_direction_leaves_out_the_still_hand_but_speed_does_not():
    curves = Curves()
    hand = curves.hand().astype(np.float32)
    hand[:, 100:] = hand[:, 100:101]
    still = TIMES > 102
    signal = np.where(still, 50, np.cos(curves.direction(TIMES)))[..., None]
    assert fit(signal, hand).r2[0, ROW["direction"], 0] > 0.99
    found = fit(np.broadcast_to(still[:, None] * 1.0, signal.shape), hand)
    assert np.isnan(found.r2[0, ROW["direction"], 0])
    assert found.coefficients[0, found.columns["speed"], 0] < 0


def test_ends_of_the_movement_are_left_out_at_both_sides_or_as_published():
    curves = Curves()
    signal = np.cos(curves.direction(TIMES))[..., None]
    noise = np.random.default_rng(0).normal(size=signal.shape) * 100
    late, early = TIMES > N_TIMES - 34, TIMES < 33
    both = np.where((late | early)[:, None], noise, signal)
    assert fit(both, curves.hand()).r2[0, 0, 0] > 0.999
    true_times = 3.0 * np.arange(67)  # no difference between the rules but the end
    signal = np.cos(curves.direction(true_times))[..., None]
    at_the_end = np.where((true_times > N_TIMES - 34)[:, None], noise[:, :67], signal)
    assert fit(at_the_end, curves.hand(), true_times).r2[0, 0, 0] > 0.999
    assert fit(at_the_end, curves.hand(), true_times, rules="published").r2[0, 0, 0] < 0.5


def test_only_movements_of_the_plane_count():
    flat, upright = Curves("horizontal"), Curves("vertical", levels=(12,))
    hand = np.concatenate([flat.hand(), upright.hand()])
    angle = np.concatenate([flat.direction(TIMES) - np.radians(60), upright.direction(TIMES) + np.radians(60)])
    found = fit(np.cos(angle)[..., None], hand)
    np.testing.assert_allclose(found.preferred_direction[:, 0], [60, -60, 60, 60, -60], atol=1)


def test_score_is_of_movements_not_seen():
    curves = Curves(levels=(0,))
    shown = movements(curves.hand())
    made = protocol(shown)
    signal = np.cos(curves.direction(TIMES))[..., None] * np.where(made.held_out[1], -1, 1)[:, None, None]
    assert tuning.fit_layer([signal], shown, made, TIMES).r2[0, 0, 0] < -1


def test_letters_are_told_on_held_out_movements():
    curves = Curves(levels=(0,))
    label = np.arange(40) % 3
    shown = movements(curves.hand(), label=label, n_letters=4)
    made = protocol(shown)
    seen = np.where(made.held_out[1], label == 1, np.random.default_rng(0).random(40))
    area = tuning.fit_layer([np.tile(seen[:, None, None], (1, 76, 1))], shown, made, TIMES).selectivity
    np.testing.assert_allclose(area[0, 1], 1)
    assert np.isnan(area[0, 3]).all()
    assert np.isnan(area[1]).all()
    one_letter = fit(noisy(np.ones((40, 76, 2)) * curves.position(TIMES)), curves.hand(), n_letters=1)
    assert np.isnan(one_letter.selectivity).all()


def test_planes_and_layers_that_are_too_small_have_no_fit():
    hand = np.concatenate([Curves(levels=(0,)).hand(), Curves(levels=(9,)).hand()[:2]])
    signal = np.random.default_rng(0).normal(size=(42, 76, 2))
    found = fit(signal, hand)
    assert np.isfinite(found.r2[[0, 2]]).all()
    assert np.isnan(found.r2[3]).all()
    assert np.isnan(found.preferred_direction[3]).all()
    few = fit(signal[:, :1], hand, np.array([100.0]))
    assert np.isfinite(few.r2[0, ROW["direction"]]).all()
    none = fit(signal[:, :1], hand, np.array([5.0]))
    assert none.r2.shape == (4, 9, 2)
    assert np.isnan(none.r2).all()
    assert np.isnan(none.selectivity).all()


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
    hand, activations = Curves().hand(), np.zeros((40, TIMES.size, 2))
    with pytest.raises(InputError, match=r"expected \(movement, layer_time, unit\) with 75 times"):
        fit(activations, hand, TIMES[1:])
    with pytest.raises(InputError, match="and 40 movements in all"):
        fit(np.zeros((41, TIMES.size, 2)), hand)
    with pytest.raises(InputError, match="activations of 39 movements: expected 40"):
        fit(activations[1:], hand)
    activations[3, 4, 1] = np.nan
    with pytest.raises(InputError, match="unit 1: an activation is not finite, in movement 3"):
        fit(activations, hand)
    with pytest.raises(InputError, match="1 samples to fit and 1 held out: too few for 2 slopes"):
        tuning.fit_linear(np.zeros((1, 2)), np.zeros((1, 1)), np.zeros((1, 2)), np.zeros((1, 1)))
