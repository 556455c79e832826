import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from proprionet import spindles
from proprionet.errors import InputError
from proprionet.spindles import kinematic

STEP_S = 0.015
TIMES = STEP_S * np.arange(200)


def smooth_lengths(n_movements=12, n_muscles=3, n_steps=200):
    """Muscle lengths that swing by some mm around 100 mm, padded with still postures."""
    phases = np.random.default_rng(0).uniform(0, 6, (n_movements, n_muscles, 1))
    time = np.clip(np.arange(n_steps), 20, n_steps - 30)
    return (100 + 8 * np.sin(time / 15 + phases)).astype(np.float32)


LENGTHS = smooth_lengths()
ROWS = np.arange(len(LENGTHS))
STATISTICS = spindles.statistics(LENGTHS, STEP_S)
RATES = [name for name in spindles.MODELS if name != "kinematic"]


def ramps(slopes):
    """One muscle in each movement, stretched at a constant speed (mm/s) through its mean length, step 100."""
    return 100 + np.asarray(slopes)[:, None, None] * (TIMES - TIMES[100])


# -------------------------------------------------------------------------------------------------------- kinematic


def test_a_ramp_has_its_slope_everywhere():
    times = STEP_S * np.arange(40)
    slopes = np.array([-30.0, 0.0, 250.0])
    inputs = kinematic(100 + slopes[None, :, None] * times, STEP_S)
    assert inputs.shape == (1, 3, 40, 2)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[0, :, :, 0], 100 + np.outer(slopes, times), rtol=1e-6)
    np.testing.assert_allclose(inputs[0, :, :, 1], np.broadcast_to(slopes[:, None], (3, 40)), atol=1e-3)


def test_a_sine_has_the_velocity_of_a_central_difference():
    times, frequency = STEP_S * np.arange(320), 2 * np.pi * 1.5
    velocity = kinematic(20 * np.sin(frequency * times)[None, None], STEP_S)[0, 0, :, 1]
    expected = 20 * np.cos(frequency * times) * np.sin(frequency * STEP_S) / STEP_S  # exact but for the ends
    np.testing.assert_allclose(velocity[1:-1], expected[1:-1], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(velocity, 20 * frequency * np.cos(frequency * times), atol=14)


@given(first=st.integers(0, 3), count=st.integers(1, 3), length=st.integers(2, 6))
def test_movements_and_muscles_do_not_mix(first, count, length):
    lengths = np.random.default_rng(0).normal(100, 10, (6, 6, length)).astype(np.float32)
    some = slice(first, first + count)
    np.testing.assert_array_equal(kinematic(lengths[some, some], STEP_S), kinematic(lengths, STEP_S)[some, some])


# ------------------------------------------------------------------------------------------------- rate of a Ia fibre


def rate(name, lengths, mean=100.0, **noise):
    statistics = {"length_mean_mm": [mean], "rate_sd_hz": [10.0]}
    return spindles.make(name, 1, statistics, **noise).respond(lengths, STEP_S, np.arange(len(lengths)))[:, 0, :, 0]


def test_a_muscle_at_rest_fires_at_82_hz_and_twice_as_many_more_as_it_is_stretched():
    still = np.full((1, 1, 50), 107.0)
    np.testing.assert_allclose(rate("firing", still), 82 + 2 * 7)
    np.testing.assert_allclose(rate("firing_published", still), 0)


@pytest.mark.parametrize(("name", "rest", "gain"), [("firing", 82, 2.0), ("firing_published", 0, 0.0)])
def test_ramp_and_hold(name, rest, gain):
    """A ramp of 50 mm/s, held at 10 mm: the published rate forgets the stretch, and adds that of one step instead."""
    lengths = 100 + np.clip(50 * (TIMES - TIMES[60]), 0, 10)[None, None]
    rates = rate(name, lengths)[0]
    np.testing.assert_allclose(rates[:59], rest, atol=1e-4)
    np.testing.assert_allclose(rates[80:], rest + gain * 10, atol=1e-4)
    one_step = 2 * 50 * STEP_S if name == "firing_published" else 0
    assert rates[72] == pytest.approx(rest + gain * 50 * 12 * STEP_S + one_step + 4.3 * 50**0.6, abs=1e-2)


def test_published_and_corrected_rate_differ_by_the_derivative_in_the_place_of_the_stretch():
    lengths = 100 + 8 * np.sin(2 * np.pi * TIMES)[None, None]
    change = np.gradient(lengths[0, 0])
    difference = rate("firing", lengths)[0] - rate("firing_published", lengths)[0]
    np.testing.assert_allclose(difference, 82 + 2 * (lengths[0, 0] - 100) - 2 * change, atol=1e-3)


def test_published_rate_is_that_of_the_published_lines():
    lengths = LENGTHS[0].astype(float)
    stretch, velocity = np.gradient(lengths, 1, axis=1), np.gradient(lengths, 0.015, axis=1)
    expected = 2 * stretch + 4.3 * np.sign(velocity) * np.abs(velocity) ** 0.6
    model = spindles.make("firing_published", seed=0)
    np.testing.assert_allclose(model.respond(LENGTHS[:1], 0.015, ROWS[:1])[0, ..., 0], expected, atol=0.05)


def test_the_exponent_of_the_velocity_is_found_again():
    slopes = np.geomspace(5, 300, 12)
    rates = rate("firing", ramps(slopes))[:, 100] - 82
    exponent, gain = np.polyfit(np.log(slopes), np.log(rates), 1)
    assert exponent == pytest.approx(0.6, abs=1e-3)
    assert np.exp(gain) == pytest.approx(4.3, rel=1e-3)


def test_a_fast_shortening_muscle_is_silent_but_not_in_the_published_model():
    shortening = ramps([-300])
    assert (rate("firing", shortening)[:, 100] == 0).all()
    assert (rate("firing_published", shortening)[:, 100] < -100).all()


# --------------------------------------------------------------------------------------------------------- afferents


@pytest.mark.parametrize(("name", "exponent"), [("afferents_linear", 1.0), ("afferents_power", 0.6)])
def test_every_afferent_has_the_exponent_of_its_model(name, exponent):
    statistics = {"length_mean_mm": [100], "length_sd_mm": [10], "velocity_sd_mm_s": [40], "acceleration_sd_mm_s2": [1]}
    model = spindles.make(name, 3, statistics)
    slopes = np.geomspace(2, 15, 6)  # slow enough that no afferent falls silent
    up, down = (model.respond(ramps(sign * slopes), STEP_S, np.arange(6))[:, 0, 100] for sign in (1, -1))
    assert up.min() > 0
    assert down.min() > 0
    fit = np.polyfit(np.log(slopes), np.log((up - down) / 2), 1)
    np.testing.assert_allclose(fit[0], exponent, atol=2e-3)
    np.testing.assert_allclose(np.exp(fit[1]) * 40**exponent, model.gains[0, 1], rtol=1e-2)


def test_linear_afferents_are_the_formula_between_silence_and_their_highest_rate():
    model = spindles.make("afferents_linear", 3, STATISTICS)
    lengths = LENGTHS.astype(float)
    velocity = np.gradient(lengths, STEP_S, axis=-1)
    signals = [
        (lengths - STATISTICS["length_mean_mm"][:, None]) / STATISTICS["length_sd_mm"][:, None],
        velocity / STATISTICS["velocity_sd_mm_s"][:, None],
        np.gradient(velocity, STEP_S, axis=-1) / STATISTICS["acceleration_sd_mm_s2"][:, None],
    ]
    expected = np.einsum("kmnt,nkc->mntc", np.stack(signals), model.gains) + model.baseline[:, None]
    expected = np.clip(expected, 0, model.highest_rate[:, None])
    rates = model.respond(LENGTHS, STEP_S, ROWS)
    assert rates.shape == (*LENGTHS.shape, 10)
    np.testing.assert_allclose(rates, expected, atol=0.02)
    assert (expected == 0).any()


def test_afferents_are_drawn_within_their_limits_and_alike_for_both_exponents():
    linear, power = (spindles.make(name, 3, STATISTICS) for name in ("afferents_linear", "afferents_power"))
    kinds = np.array([channel.split()[0] for channel in linear.channels])
    assert kinds.tolist() == ["Ia"] * 5 + ["II"] * 5
    for kind, (low, high) in {"Ia": (50, 180), "II": (20, 50)}.items():
        highest = linear.highest_rate[:, kinds == kind]
        assert (highest >= low).all()
        assert (highest <= high).all()
    assert (linear.gains[:, 2, kinds == "II"] == 0).all()
    assert (linear.gains[:, 2, kinds == "Ia"] > 0).all()
    assert len(np.unique(linear.gains[:, 0])) == linear.gains[:, 0].size
    np.testing.assert_array_equal(linear.gains, power.gains)
    assert (linear.gains != spindles.make("afferents_linear", 4, STATISTICS).gains).any()


def test_a_muscle_that_never_moves_fires_at_its_baseline():
    lengths = LENGTHS.copy()
    lengths[:, 1] = 90
    model = spindles.make("afferents_power", 3, spindles.statistics(lengths, STEP_S))
    rates = model.respond(lengths, STEP_S, ROWS)
    np.testing.assert_allclose(rates[:, 1], np.broadcast_to(model.baseline[1], rates[:, 1].shape), rtol=1e-6)


# ------------------------------------------------------------------------------------------------------------- noise


def noise(name, level, rows=ROWS, lengths=LENGTHS, seed=1, **kind):
    model = spindles.make(name, seed, STATISTICS, **kind)
    return model.respond(lengths, STEP_S, rows, level) - model.respond(lengths, STEP_S, rows)


@pytest.mark.parametrize("name", spindles.MODELS)
def test_no_noise_is_exactly_none(name):
    assert (noise(name, 0.0) == 0).all()


def test_noise_has_the_level_of_each_movement_times_the_deviation_of_each_channel():
    level = np.repeat([0.0, 0.1, 0.3], 4)
    added = noise("kinematic", level).std(axis=2)
    deviation = np.stack([STATISTICS["length_sd_mm"], STATISTICS["velocity_sd_mm_s"]], axis=-1)
    np.testing.assert_allclose(added, level[:, None, None] * deviation, rtol=0.25, atol=1e-6)
    np.testing.assert_allclose(added[8:].mean(axis=0), 0.3 * deviation, rtol=0.08)


def test_published_noise_has_the_deviation_of_each_movement_over_time():
    free = spindles.make("firing_published", 1).respond(LENGTHS, STEP_S, ROWS)
    ratio = noise("firing_published", 0.3).std(axis=2) / free.std(axis=2)
    np.testing.assert_allclose(ratio, 0.3, rtol=0.2)
    assert ratio.mean() == pytest.approx(0.3, rel=0.02)


def test_noise_of_afferents_has_their_own_deviation():
    model = spindles.make("afferents_linear", 1, STATISTICS)
    free, noisy = (model.respond(LENGTHS, STEP_S, ROWS, level) for level in (None, 0.1))
    inside = ((free > 0.1 * model.highest_rate[:, None]) & (free < 0.8 * model.highest_rate[:, None])).all(axis=(0, 2))
    assert inside.sum() >= 3
    added = (noisy - free).std(axis=(0, 2))
    np.testing.assert_allclose(added[inside], 0.1 * np.linalg.norm(model.gains, axis=1)[inside], rtol=0.06)


@pytest.mark.parametrize("level", [1.0, 0.5])
def test_poisson_noise_counts_the_spikes_of_as_many_afferents_as_the_level_says(level):
    stretch = np.array([-20.0, 0, 30])
    still = stretch[:, None, None] + np.full((1, 3, 20_000), STATISTICS["length_mean_mm"][:, None])
    rates = spindles.make("firing", 1, STATISTICS, "poisson").respond(still, STEP_S, np.arange(3), level)
    spikes = rates * STEP_S / level**2
    np.testing.assert_allclose(spikes, spikes.round(), atol=1e-4)
    for counted, expected in zip(spikes.round().astype(int), (82 + 2 * stretch) * STEP_S / level**2, strict=True):
        shares = np.bincount(counted.ravel(), minlength=30)[:30] / counted.size
        np.testing.assert_allclose(shares, poisson.pmf(np.arange(30), expected), atol=0.006)


@pytest.mark.parametrize("name", ["firing", "afferents_linear", "afferents_power"])
def test_counted_rates_are_right_on_average_and_never_below_0(name):
    free = spindles.make(name, 1, STATISTICS).respond(LENGTHS, STEP_S, ROWS)
    counted = spindles.make(name, 1, STATISTICS, "poisson").respond(LENGTHS, STEP_S, ROWS, 1.0)
    assert counted.min() == 0
    assert (counted[free == 0] == 0).all()
    assert counted.mean() == pytest.approx(free.mean(), rel=0.02)


def test_the_more_afferents_the_less_noise():
    free = spindles.make("firing", 1, STATISTICS).respond(LENGTHS, STEP_S, ROWS)
    model = spindles.make("firing", 1, STATISTICS, "poisson")
    for level in (1.0, 0.3, 0.1):
        off = model.respond(LENGTHS, STEP_S, ROWS, level) - free
        assert np.sqrt((off**2).mean() / (free / STEP_S).mean()) == pytest.approx(level, rel=0.04)
    np.testing.assert_array_equal(model.respond(LENGTHS, STEP_S, ROWS, 0.0), free)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in RATES
        for kind in ("gaussian", "poisson")
        if (name, kind) != ("firing_published", "poisson")
    ],
)
def test_noise_depends_on_seed_and_number_of_the_movement_alone(name, kind):
    rows, order = ROWS + 1000, np.random.default_rng(0).permutation(len(ROWS))
    model = spindles.make(name, 1, STATISTICS, kind)
    level = np.linspace(0, 0.3, len(rows))
    whole = model.respond(LENGTHS, STEP_S, rows, level)
    np.testing.assert_array_equal(model.respond(LENGTHS[order], STEP_S, rows[order], level[order]), whole[order])
    np.testing.assert_array_equal(model.respond(LENGTHS[3:4], STEP_S, rows[3:4], level[3:4]), whole[3:4])
    assert (model.respond(LENGTHS[3:4], STEP_S, rows[4:5], level[3:4]) != whole[3:4]).any()
    other = spindles.make(name, 2, STATISTICS, kind).respond(LENGTHS, STEP_S, rows, level)
    assert (other[1:] != whole[1:]).any()


@pytest.mark.parametrize("name", ["firing", "afferents_linear", "afferents_power"])
def test_noisy_rates_stay_possible(name):
    model = spindles.make(name, 1, STATISTICS)
    rates = model.respond(LENGTHS, STEP_S, ROWS, 5.0)
    assert rates.min() == 0
    if name != "firing":
        assert (rates <= model.highest_rate[:, None]).all()


# --------------------------------------------------------------------------------------------- statistics and interface


def test_statistics_are_those_of_the_whole_however_it_is_cut():
    lengths = smooth_lengths(600, 2, 40).astype(float)
    velocity = np.gradient(lengths, STEP_S, axis=-1)
    found = spindles.statistics(lengths, STEP_S)
    np.testing.assert_allclose(found["length_mean_mm"], lengths.mean(axis=(0, 2)), rtol=1e-12)
    np.testing.assert_allclose(found["length_sd_mm"], lengths.std(axis=(0, 2)), rtol=1e-10)
    np.testing.assert_allclose(found["velocity_sd_mm_s"], velocity.std(axis=(0, 2)), rtol=1e-10)
    acceleration = np.gradient(velocity, STEP_S, axis=-1)
    np.testing.assert_allclose(found["acceleration_sd_mm_s2"], acceleration.std(axis=(0, 2)), rtol=1e-10)
    rates = 2 * lengths + 4.3 * np.sign(velocity) * np.abs(velocity) ** 0.6
    np.testing.assert_allclose(found["rate_sd_hz"], rates.std(axis=(0, 2)), rtol=1e-10)
    pieces = spindles.statistics(iter(np.split(lengths, [1, 300, 417])), STEP_S)
    for name, values in found.items():
        np.testing.assert_allclose(pieces[name], values, rtol=1e-10)


def test_without_movements_there_are_no_statistics():
    with pytest.raises(InputError, match="there are no movements to take spindle statistics of"):
        spindles.statistics(LENGTHS[:0], STEP_S)


@pytest.mark.parametrize("name", spindles.MODELS)
def test_every_model_keeps_to_the_interface(name):
    model = spindles.make(name, 1, {key: values.tolist() for key, values in STATISTICS.items()})
    inputs = model.respond(LENGTHS, STEP_S, ROWS, 0.1)
    assert inputs.dtype == np.float32
    assert inputs.shape == (*LENGTHS.shape, len(model.channels))
    assert len(model.units) == len(model.channels)
    assert np.isfinite(inputs).all()
    assert model.card.model == name
    assert all(set(row) == {"model", "parameter", "value", "unit", "source"} for row in model.card.rows())
    assert all(str(value) for row in model.card.rows() for value in row.values())
    np.testing.assert_array_equal(LENGTHS, smooth_lengths())  # the lengths are left as they were


def test_kinematic_inputs_need_no_statistics_unless_they_are_noisy():
    model = spindles.make("kinematic", 1)
    np.testing.assert_array_equal(model.respond(LENGTHS, STEP_S, ROWS), kinematic(LENGTHS, STEP_S))
    with pytest.raises(InputError, match="'kinematic' needs the statistics 'length_sd_mm' of the training part"):
        model.respond(LENGTHS, STEP_S, ROWS, 0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fireing", 1), "spindle model 'fireing' is not known; did you mean 'firing'"),
        (("firing", 1), "'firing' needs the statistics 'length_mean_mm' of the training part"),
        (("afferents_power", 1, {}), "'afferents_power' needs the statistics 'length_mean_mm'"),
        (("kinematic", 1, None, "poisson"), "'kinematic' has no rates of 0 or more, so no spikes can be counted"),
        (("firing_published", 1, None, "poisson"), "'firing_published' has no rates of 0 or more"),
        (("firing", 1, None, "poison"), "noise kind 'poison' is not known; did you mean 'poisson'"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        spindles.make(*arguments)


def test_statistics_of_another_arm_are_refused():
    model = spindles.make("firing", 1, STATISTICS)
    with pytest.raises(InputError, match="'firing' has statistics of 3 muscles, the movements have 2"):
        model.respond(LENGTHS[:, :2], STEP_S, ROWS)
