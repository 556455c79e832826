import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from proprionet.analysis.baselines import linear_decoder
from proprionet.errors import InputError


def blocks(seed, n_blocks=6, noise=0.0, n_features=8):
    """Moments of a world of 7 dimensions: inputs overlap, have units of their own, and one never varies."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(7, n_features - 1)) * np.logspace(-1, 2, n_features - 1)
    made = []
    for _ in range(n_blocks):
        hidden = random.normal(size=(400, 7))
        inputs = np.column_stack([50 + hidden @ mixing, np.full(400, 3.0)])
        hand = 20 + 10 * hidden[:, :3] + noise * random.normal(size=(400, 3))
        made.append((inputs.astype(np.float32), hand.astype(np.float32)))
    return made


def joined(parts):
    return tuple(np.concatenate(values) for values in zip(*parts, strict=True))


def test_exact_weights_are_those_of_least_squares():
    train, test = blocks(0, noise=2.0), joined(blocks(2, noise=2.0))
    decoder = linear_decoder.fit(train, blocks(1, 2), max_epochs=1)
    oracle = LinearRegression().fit(*(values.astype(float) for values in joined(train)))
    expected = np.linalg.norm(oracle.predict(test[0].astype(float)) - test[1], axis=1)
    np.testing.assert_allclose(decoder.distance(*test, exact=True), expected, atol=1e-3)
    assert decoder.exact_weight[-1] == pytest.approx(0)  # what never varies says nothing


def test_descent_comes_close_to_least_squares():
    train, validation, test = blocks(0, 12, noise=2.0), blocks(1, 3, noise=2.0), joined(blocks(2, noise=2.0))
    decoder = linear_decoder.fit(train, validation)
    exact, found = (decoder.distance(*test, exact=exact).mean() for exact in (True, False))
    assert exact == pytest.approx(2 * np.sqrt(8 / np.pi), rel=0.05)  # mean length of the noise in three dimensions
    assert exact <= found < 1.25 * exact


def test_descent_stops_when_the_validation_loss_saturates():
    decoder = linear_decoder.fit(blocks(0, 12, noise=2.0), blocks(1, 3, noise=2.0), tolerance=1e-3)
    losses = decoder.validation_loss
    assert linear_decoder.PATIENCE < len(losses) < 100
    least = np.minimum.accumulate(losses)
    progress = losses[1:] < least[:-1] - 1e-3
    assert not progress[-linear_decoder.PATIENCE :].any()
    early = linear_decoder.fit(blocks(0, 12, noise=2.0), blocks(1, 3, noise=2.0), tolerance=0.5)
    assert len(early.validation_loss) <= len(losses)


def test_the_best_epoch_is_kept():
    train, validation = blocks(0, 4, noise=5.0), blocks(1, 2, noise=5.0)
    decoder = linear_decoder.fit(train, validation)
    inputs, hand = joined(validation)
    standard = (inputs - decoder.input_mean) / decoder.input_deviation
    error = (hand - decoder.hand_mean) / decoder.hand_deviation - standard @ decoder.weight
    assert (error**2).mean() == pytest.approx(decoder.validation_loss.min())


def test_units_and_the_same_seed():
    train, validation = blocks(0), blocks(1, 2)
    decoder = linear_decoder.fit(train, validation, seed=4)
    again = linear_decoder.fit(train, validation, seed=4)
    np.testing.assert_array_equal(again.weight, decoder.weight)
    assert (linear_decoder.fit(train, validation, seed=5).weight != decoder.weight).any()
    metres = [(inputs / 1000, hand) for inputs, hand in train], [(inputs / 1000, hand) for inputs, hand in validation]
    np.testing.assert_allclose(linear_decoder.fit(*metres, seed=4).weight, decoder.weight, atol=1e-4)


def test_bad_parts_are_refused():
    with pytest.raises(InputError, match="the training or the validation part of the data set is empty"):
        linear_decoder.fit([], blocks(1))
    broken = blocks(0)
    broken[2][0][5, 1] = np.nan
    with pytest.raises(InputError, match="inputs or hand positions of the training part are not finite"):
        linear_decoder.fit(broken, blocks(1))
