"""Movements written while a network trains: those of the stored set, found by their number."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from proprionet import spindles
from proprionet.arm.profiles import HUMAN
from proprionet.dataset import MovementStream
from proprionet.letters.latents import PLANES
from proprionet.letters.synthetic import write_letters
from proprionet.movements.writing import Limits, MovementWriter, WriterSettings

STATISTICS = {name: np.ones(2) for name in ("length_sd_mm", "velocity_sd_mm_s")}


@pytest.fixture(scope="module")
def writer():
    """A writer whose two muscles are as long as the first two joint angles are large."""
    places = dict.fromkeys(PLANES, np.array([[35.0, 0.0, -10.0], [35.0, 5.0, -15.0]]))
    settings = WriterSettings(write_letters(3, seed=1), places, HUMAN, None, Limits(), seed=2)
    return MovementWriter(settings, SimpleNamespace(lengths=lambda joints: 100 + joints[:, :2]))


def hand_of(part):
    """Hand position (movement, time, axis) in cm."""
    return part.quantity("hand").transpose(0, 2, 1)


def stream(writer, **changes):
    options = {"per_epoch": 100, "n_steps": 320, **changes}
    return MovementStream(writer, spindles.make("kinematic", 2, STATISTICS), **options)


def test_its_movements_are_those_of_the_stored_set(writer):
    index = np.arange(40)
    part = stream(writer).movements(index)
    batch, _ = writer.write(index)
    np.testing.assert_array_equal(part.label, index % 20)
    assert part.inputs.shape == (40, 2, 320, 2)
    assert hand_of(part).shape == (40, 320, 3)
    for i in index:
        live = slice(batch.offsets[i], batch.offsets[i + 1])
        moving = np.flatnonzero(np.any(np.diff(hand_of(part)[i], axis=0), axis=1))
        first, n = moving[0], live.stop - live.start
        found = [
            j
            for j in range(max(0, first - 3), first + 1)
            if np.array_equal(hand_of(part)[i, j : j + n], batch.hand[live])
        ]
        assert found  # perhaps the hand moves by less than can be seen at first
        np.testing.assert_array_equal(part.inputs[i, :, found[-1] : found[-1] + n, 0], batch.muscle_length[live].T)
    np.testing.assert_array_equal(part.inputs, spindles.kinematic(part.inputs[..., 0], 0.015))


def test_a_movement_is_the_same_whichever_others_are_asked_for(writer):
    whole, some = stream(writer).movements(np.arange(30)), stream(writer).movements(np.array([3, 29]))
    np.testing.assert_array_equal(some.inputs, whole.inputs[[3, 29]])
    np.testing.assert_array_equal(hand_of(some), hand_of(whole)[[3, 29]])


def test_epochs_go_on_where_the_one_before_ended(writer):
    made = stream(writer)
    for epoch in (0, 3):
        batches = list(made.epoch(epoch, 32))
        assert [len(batch.label) for batch in batches] == [32, 32, 32]
        expected = made.movements(np.arange(100 * epoch, 100 * epoch + 96))
        np.testing.assert_array_equal(np.concatenate([batch.inputs for batch in batches]), expected.inputs)
        np.testing.assert_array_equal(np.concatenate([hand_of(batch) for batch in batches]), hand_of(expected))


def test_batches_do_not_depend_on_how_many_movements_are_written_at_once(writer, monkeypatch):
    whole = list(stream(writer).epoch(1, 16))
    monkeypatch.setattr("proprionet.dataset.stream._TOGETHER", 20)
    for one, other in zip(whole, stream(writer).epoch(1, 16), strict=True):
        np.testing.assert_array_equal(one.inputs, other.inputs)


def test_movements_that_are_too_long_are_left_out(writer):
    batch, _ = writer.write(np.arange(40))
    lengths = np.diff(batch.offsets)
    n_steps = int(np.median(lengths))
    part = stream(writer, n_steps=n_steps).movements(np.arange(40))
    np.testing.assert_array_equal(part.label, (np.arange(40) % 20)[lengths <= n_steps])
    assert hand_of(part).shape[1] == n_steps


@pytest.mark.parametrize("noise", [0.5, None])
def test_noise_is_of_one_level_or_that_of_each_movement(writer, noise):
    index = np.arange(40)
    noisy, quiet = stream(writer, noise=noise).movements(index), stream(writer).movements(index)
    spread = (noisy.inputs - quiet.inputs).std(axis=(1, 2, 3))
    level = writer.write(index)[0].varied.noise if noise is None else np.full(40, noise)
    np.testing.assert_allclose(spread, level, rtol=0.15)


def test_a_movement_starts_anywhere_where_it_fits(writer):
    batch, _ = writer.write(np.arange(100))
    part = stream(writer).movements(np.arange(100))
    first = np.array([np.flatnonzero(np.any(np.diff(hand, axis=0), axis=1))[0] for hand in hand_of(part)])
    share = first / (320 - np.diff(batch.offsets))
    assert 0.3 < share.mean() < 0.7
    assert share.max() <= 1.05


def test_a_stream_of_another_seed_is_another(writer):
    other = MovementWriter(replace(writer.settings, seed=3), SimpleNamespace(lengths=lambda joints: joints[:, :2]))
    one, two = (stream(made).movements(np.arange(3)) for made in (writer, other))
    assert (hand_of(one) != hand_of(two)).any(axis=(1, 2)).all()
