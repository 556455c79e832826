import dataclasses
import pickle
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet.arm import inverse
from proprionet.arm.kinematics import hand_position
from proprionet.errors import InputError
from proprionet.letters import latents
from proprionet.letters.latents import PLANES
from proprionet.letters.strokes import Letters
from proprionet.movements.batch import Batch
from proprionet.movements.writing import Limits, MovementWriter, pieces

INDEX = np.array([0, 7, 19, 20, 27, 39])  # movements of a, l and z, twice each


@pytest.fixture(scope="module")
def written(write):
    return write(INDEX)


def assert_equal(ours, theirs):
    for field in dataclasses.fields(Batch):
        one, other = (getattr(batch, field.name) for batch in (ours, theirs))
        if field.name == "varied":
            one, other = vars(one), vars(other)
        np.testing.assert_equal(one, other)


def each(batch, name):
    """One array for each movement."""
    return np.split(getattr(batch, name), batch.offsets[1:-1])


# --------------------------------------------------------------------------------------------------------- movements


def test_a_movement_is_its_letter_varied_and_put_in_its_place(written, letters):
    batch, _ = written
    samples, offsets = letters.flat()
    for i, hand in enumerate(each(batch, "hand")):
        path, ends = latents.vary(samples, offsets, batch.letter[[i]], batch.varied[np.array([i])])
        placed = latents.to_world(path, ends, batch.plane[[i]], batch.start_point[[i]])
        np.testing.assert_array_equal(hand, placed.astype(np.float32))
        still = {"horizontal": 2, "vertical": 0}[PLANES[batch.plane[i]]]
        assert (hand[:, still] == np.float32(batch.start_point[i, still])).all()
    np.testing.assert_array_equal(batch.index, INDEX)
    np.testing.assert_array_equal(letters.labels[batch.letter], INDEX % 20)


def test_letters_have_the_size_of_the_arm(written, write, settings):
    small, _ = write(INDEX, profile=settings.profile.model_copy(update={"letter_cm": 5.0}))
    for ours, theirs in zip(each(written[0], "hand"), each(small, "hand"), strict=True):
        if len(ours) == len(theirs):
            np.testing.assert_allclose(np.ptp(theirs, axis=0), np.ptp(ours, axis=0) / 2, atol=1e-4)
    np.testing.assert_array_equal(small.offsets, written[0].offsets)


def test_the_arm_traces_the_letter_within_its_limits(written, settings):
    batch, _ = written
    lower, upper = settings.profile.lower_limit_deg, settings.profile.upper_limit_deg
    for i, (hand, joints) in enumerate(zip(each(batch, "hand"), each(batch, "joints"), strict=True)):
        distance = np.linalg.norm(hand_position(settings.profile, joints) - hand, axis=1)
        assert distance.max() < 1e-4  # both in single precision
        assert batch.tracing_error[i] < 1e-2
        assert inverse.joint_jerk(joints) == pytest.approx(batch.joint_jerk[i], rel=1e-2, abs=1e-4)
        assert batch.joint_jerk[i] < 1
        assert (joints >= lower).all()
        assert (joints <= upper).all()
    assert batch.muscle_length.shape == (len(batch.hand), len(settings.profile.muscles))


def test_muscle_lengths_are_those_of_the_model(written, settings):
    batch, _ = written
    lengths = settings.engine.load().lengths(batch.joints)
    np.testing.assert_allclose(batch.muscle_length, lengths, atol=1e-4)
    jerk = inverse.jerks(lengths, batch.offsets)
    np.testing.assert_allclose(batch.muscle_jerk, jerk, rtol=1e-2, atol=1e-4)


def test_samples_are_stored_in_single_precision(written):
    batch, _ = written
    assert {getattr(batch, name).dtype for name in ("hand", "joints", "muscle_length")} == {np.dtype(np.float32)}


def test_a_movement_is_the_same_whichever_others_are_written(written, write):
    batch, rejections = written
    alone = [write([i]) for i in INDEX]
    assert_equal(batch, Batch.join([one for one, _ in alone]))
    assert sum((counts for _, counts in alone), Counter()) == rejections
    halves = [write(INDEX[:2])[0], write(INDEX[2:])[0]]
    assert_equal(batch, Batch.join(halves))


def test_movements_are_the_same_in_chunks_of_any_size(sketch, monkeypatch):
    whole = sketch(np.arange(70))
    monkeypatch.setattr("proprionet.movements.writing._TOGETHER", 8)
    chunked = sketch(np.arange(70))
    assert_equal(whole[0], chunked[0])
    assert whole[1] == chunked[1]
    assert whole[1].total() > 0  # so that some were drawn again


def test_the_seed_changes_every_movement(written, write):
    other, _ = write(INDEX, seed=3)
    for ours, theirs in zip(each(written[0], "hand"), each(other, "hand"), strict=True):
        assert len(ours) != len(theirs) or (ours != theirs).any()


def test_another_process_writes_the_same(settings, written):
    writer = pickle.loads(pickle.dumps(settings.load))()
    assert_equal(written[0].take(np.arange(2)), writer.write(INDEX[:2])[0])


def test_latents_planes_and_places_are_drawn_uniformly(sketch):
    batch, _ = sketch(np.arange(1200), limits=Limits(np.inf, np.inf, np.inf))
    for name, values in latents.VALUES.items():
        found, counts = np.unique(getattr(batch.varied, name), return_counts=True)
        np.testing.assert_array_equal(found, values)
        np.testing.assert_allclose(counts / len(batch), 1 / len(values), atol=0.06)
    assert batch.plane.mean() == pytest.approx(0.5, abs=0.05)
    assert (batch.start_point[:, 1] == 5).mean() == pytest.approx(0.5, abs=0.05)


def test_a_random_start_posture_leaves_the_hand_and_moves_the_joints(sketch, settings):
    lenient = Limits(joint_jerk=np.inf)
    plain, _ = sketch(np.arange(60), limits=lenient)
    batch, _ = sketch(np.arange(60), limits=lenient, random_posture=True)
    np.testing.assert_array_equal(batch.hand, plain.hand)
    np.testing.assert_allclose(hand_position(settings.profile, batch.joints), batch.hand, atol=1e-4)
    first = batch.offsets[:-1]
    assert (np.abs(batch.joints[first] - plain.joints[first]).max(axis=1) > 1).sum() > 20  # where the limits let them


def test_a_compact_movement_is_its_joints(write, written):
    batch, _ = write(INDEX, compact=True)
    np.testing.assert_array_equal(batch.joints, written[0].joints)
    np.testing.assert_array_equal(batch.muscle_jerk, written[0].muscle_jerk)
    assert batch.hand.shape == batch.muscle_length.shape == (len(batch.joints), 0)


# -------------------------------------------------------------------------------------------------------- rejections


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"tracing_error_cm": 1e-30}, "tracing_error"),
        ({"joint_jerk": 1e-30}, "joint_jerk"),
        ({"muscle_jerk": 1e-30}, "muscle_jerk"),
        ({"tracing_error_cm": 1e-30, "joint_jerk": 1e-30, "muscle_jerk": 1e-30}, "tracing_error"),
    ],
)
def test_any_limit_rejects_alone(write, limits, reason):
    """The published rule is that a movement must keep both limits, not one of them."""
    lenient = {"joint_jerk": np.inf, **limits}
    with pytest.raises(InputError, match=rf"none of 2 movements could be written \({reason} 8 times, given_up 2 times"):
        write(INDEX[:2], limits=Limits(max_attempts=4, **lenient), seed=1)


@pytest.mark.parametrize("name", ["joint_jerk", "muscle_jerk"])
def test_a_limit_that_some_draws_break_leaves_only_those_that_keep_it(write, written, name):
    plain, _ = written
    limit = float(np.median(getattr(plain, name)))
    kept, rejections = write(INDEX, limits=dataclasses.replace(Limits(), **{name: limit}))
    assert len(kept) == len(plain)
    assert getattr(kept, name).max() <= limit
    assert rejections[name] > 0
    assert rejections["given_up"] == 0
    good = getattr(plain, name) <= limit  # a movement that was good before is drawn first as before
    assert_equal(kept.take(np.flatnonzero(good)), plain.take(np.flatnonzero(good)))
    assert (getattr(kept, name)[~good] != getattr(plain, name)[~good]).all()


def test_what_is_given_up_is_counted_and_left_out(write, written):
    plain, _ = written
    limits = Limits(joint_jerk=float(np.median(plain.joint_jerk)), max_attempts=1)
    kept, rejections = write(INDEX, limits=limits)
    assert 0 < len(kept) < len(INDEX)
    assert set(kept.index) < set(INDEX)
    assert rejections["given_up"] == len(INDEX) - len(kept) == rejections.total() - rejections["given_up"]


def test_places_out_of_reach_are_explained(write, settings):
    away = {plane: places + 200 for plane, places in settings.start_points.items()}
    with pytest.raises(InputError, match=r"none of 6 .*out_of_reach 300 times.*do the start points belong to this arm"):
        write(INDEX, start_points=away)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(np.nan, "muscle_not_finite"), (np.inf, "muscle_not_finite"), (800.0, "muscle_too_long"), (150.0, "muscle_jump")],
)
def test_lengths_that_no_arm_has_are_rejected(settings, spoil, reason):
    """An engine that spoils a sample whenever it is asked for an odd time."""
    calls = []

    def lengths(joints):
        calls.append(len(joints))
        result = np.full((len(joints), 4), 100.0)
        if len(calls) % 2:
            result[::20] = spoil
        return result

    batch, rejections = MovementWriter(settings, SimpleNamespace(lengths=lengths)).write(INDEX)
    assert len(batch) == len(INDEX)
    assert rejections[reason] >= len(INDEX)
    assert {name for name in rejections if name.startswith("muscle")} == {reason}
    assert (batch.muscle_length == 100).all()


@pytest.mark.parametrize("plane", PLANES)
def test_a_plane_without_start_points_is_named(settings, plane):
    places = {**settings.start_points, plane: np.empty((0, 3))}
    with pytest.raises(InputError, match=f"there are no start points in {plane} planes"):
        dataclasses.replace(settings, start_points=places)


# ----------------------------------------------------------------------------------------- whose turn, and pieces


def test_each_pen_letter_has_its_turn(sketch, letters):
    """Movements of one label go through its pen letters in an order of their own, again and again."""
    batch, _ = sketch(np.arange(20 * 6))
    for label in range(20):
        turns = batch.letter[batch.index % 20 == label]
        np.testing.assert_array_equal(np.sort(turns[:3]), np.flatnonzero(letters.labels == label))
        np.testing.assert_array_equal(turns[3:], turns[:3])
    orders = [tuple(batch.letter[batch.index % 20 == label][:3] - 3 * label) for label in range(20)]
    assert len(set(orders)) > 2
    repeated = batch.varied[np.flatnonzero(batch.letter == 3)]
    assert len(set(zip(*(getattr(repeated, name) for name in latents.VALUES), strict=True))) > 1


def test_the_turns_depend_on_the_seed(sketch):
    assert (sketch(np.arange(60))[0].letter != sketch(np.arange(60), seed=5)[0].letter).any()


def test_letters_of_ones_own_need_not_be_the_whole_alphabet(sketch, letters):
    some = Letters([letters.paths[30], letters.paths[0]], letters.labels[[30, 0]], np.array([70, 80]))
    batch, _ = sketch(np.arange(4), letters=some)
    np.testing.assert_array_equal(batch.letter, [1, 0, 1, 0])


@given(count=st.integers(1, 200), size=st.integers(1, 25), shards=st.integers(1, 5))
def test_pieces_of_all_shards_hold_every_movement_once_and_none_is_small(count, size, shards):
    if count < shards:
        with pytest.raises(InputError, match=rf"shard \d/{shards} of {count} movements is empty; use fewer shards"):
            [pieces(count, size, f"{number}/{shards}") for number in range(1, shards + 1)]
        return
    cut = [pieces(count, size, f"{number}/{shards}") for number in range(1, shards + 1)]
    np.testing.assert_array_equal(np.concatenate([piece for shard in cut for piece in shard]), np.arange(count))
    for shard in cut:
        assert all(len(piece) == size for piece in shard[:-1])
        assert min(size, count // shards) <= len(shard[-1]) < 2 * size
