import dataclasses
import pickle
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import stages
from hypothesis import given
from hypothesis import strategies as st

from proprionet import movements, store
from proprionet.arm import inverse
from proprionet.arm.kinematics import hand_position
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import read_profile
from proprionet.errors import InputError
from proprionet.letters import latents
from proprionet.letters.strokes import Letters
from proprionet.letters.synthetic import write_letters

REACHABLE = np.array([[35.0, 0.0, -10.0], [35.0, 5.0, -15.0]])
LENIENT = movements.Limits(tracing_error_cm=1e-2, joint_jerk=1.0, max_attempts=50)
ITEMS = [(label, repeat) for repeat in range(2) for label in (0, 7, 19)]


@pytest.fixture(scope="module")
def letters():
    return write_letters(3, seed=1)


@pytest.fixture(scope="module")
def settings(letters, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arm")
    stages.experiment(folder)
    profile = read_profile(folder / "arm.yaml")
    engine = EngineSettings.of(profile, folder / "tiny_arm.osim")
    places = dict.fromkeys(movements.PLANES, REACHABLE)
    return movements.WriterSettings(letters, places, profile, engine, LENIENT, seed=2)


@pytest.fixture(scope="module")
def write(settings):
    """Write items with the arm, with some of the settings changed."""
    engine = settings.engine.load()

    def write(items=ITEMS, **changes):
        return movements.MovementWriter(dataclasses.replace(settings, **changes), engine).write(items)

    return write


@pytest.fixture(scope="module")
def written(write):
    return write()


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for field in dataclasses.fields(movements.Movement):
            np.testing.assert_equal(getattr(one, field.name), getattr(other, field.name))


# --------------------------------------------------------------------------------------------------------- movements


def test_a_movement_is_its_letter_varied_and_put_in_its_place(written, letters):
    for movement in written[0]:
        path = latents.apply(letters.paths[movement.letter], movement.varied)
        np.testing.assert_allclose(movement.hand, latents.to_world(path, movement.plane, movement.start_point))
        still = {"horizontal": 2, "vertical": 0}[movement.plane]
        np.testing.assert_allclose(movement.hand[:, still], movement.start_point[still])
    assert [letters.labels[movement.letter] for movement in written[0]] == [label for label, _ in ITEMS]


def test_the_arm_traces_the_letter_within_its_limits(written, settings):
    lower, upper = settings.profile.lower_limit_deg, settings.profile.upper_limit_deg
    for movement in written[0]:
        distance = np.linalg.norm(hand_position(settings.profile, movement.joints) - movement.hand, axis=1)
        assert distance.sum() == pytest.approx(movement.tracing_error)
        assert movement.tracing_error < 1e-2
        assert inverse.joint_jerk(movement.joints) == movement.joint_jerk < 1
        assert (movement.joints >= lower).all()
        assert (movement.joints <= upper).all()
        assert movement.muscle_length.shape == (len(movement.hand), len(settings.profile.muscles))
        assert np.isfinite(movement.muscle_length).all()


def test_muscle_lengths_are_those_of_the_model(written, settings):
    movement = written[0][-1]
    np.testing.assert_array_equal(movement.muscle_length, settings.engine.load().lengths(movement.joints))


def test_a_movement_is_the_same_in_any_block_and_order(written, write):
    assert_equal(written[0], [write([item])[0][0] for item in ITEMS])
    backwards, rejections = write(ITEMS[::-1])
    assert_equal(written[0], backwards[::-1])
    assert rejections == written[1]


def test_the_seed_changes_every_movement(written, write):
    for ours, other in zip(written[0], write(seed=3)[0], strict=True):
        assert len(ours.hand) != len(other.hand) or (ours.hand != other.hand).any()


def test_repeats_go_through_all_letters_and_are_varied_anew(write, settings):
    movements_of_b, _ = write([(1, repeat) for repeat in range(6)])
    chosen = [movement.letter for movement in movements_of_b]
    assert sorted(chosen[:3]) == [3, 4, 5]
    assert chosen[3:] == chosen[:3]
    assert len({movement.varied for movement in movements_of_b}) > 1


# -------------------------------------------------------------------------------------------------------- rejections


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"tracing_error_cm": 1e-30}, "tracing_error"),
        ({"joint_jerk": 1e-30}, "joint_jerk"),
        ({"tracing_error_cm": 1e-30, "joint_jerk": 1e-30}, "tracing_error"),
    ],
)
def test_either_limit_rejects_alone(write, limits, reason):
    """The published rule is that a movement must keep both limits, not one of them."""
    strict = dataclasses.replace(LENIENT, max_attempts=4, **limits)
    with pytest.raises(InputError, match=rf"none of 2 movements could be written \({reason} 8 times, given_up 2 times"):
        write(ITEMS[:2], limits=strict)


def test_a_limit_that_some_draws_break_leaves_only_those_that_keep_it(write):
    plain, _ = write()
    limit = float(np.median([movement.joint_jerk for movement in plain]))
    kept, rejections = write(limits=dataclasses.replace(LENIENT, joint_jerk=limit))
    assert len(kept) == len(plain)
    assert max(movement.joint_jerk for movement in kept) <= limit
    assert rejections["joint_jerk"] > 0
    assert rejections["given_up"] == 0
    same = [one.joint_jerk == other.joint_jerk for one, other in zip(plain, kept, strict=True)]
    assert sum(same) >= 3  # a movement that was good before is drawn first as before


def test_what_is_given_up_is_counted_and_left_out(write, written):
    once = dataclasses.replace(LENIENT, joint_jerk=np.median([m.joint_jerk for m in written[0]]), max_attempts=1)
    kept, rejections = write(limits=once)
    assert 0 < len(kept) < len(ITEMS)
    assert rejections["given_up"] == len(ITEMS) - len(kept) == sum(rejections.values()) - rejections["given_up"]


def test_places_out_of_reach_are_explained(write):
    away = dict.fromkeys(movements.PLANES, REACHABLE + 200)
    with pytest.raises(InputError, match=r"none of 6 .*out_of_reach 300 times.*do the start points belong to this arm"):
        write(start_points=away)


def test_lengths_that_jump_are_rejected(settings, letters):
    """An engine that puts a jump into every other movement."""
    calls = []

    def lengths(joints):
        calls.append(len(joints))
        result = np.full((len(joints), 4), 100.0)
        result[len(joints) // 2 :] += 50.0 * (len(calls) % 2)
        return result

    written, rejections = movements.MovementWriter(settings, SimpleNamespace(lengths=lengths)).write(ITEMS)
    assert len(written) == len(ITEMS)
    assert rejections["muscle_jump"] == len(ITEMS)
    assert all((movement.muscle_length == 100).all() for movement in written)


@pytest.mark.parametrize("plane", movements.PLANES)
def test_a_plane_without_start_points_is_named(settings, plane):
    places = {**settings.start_points, plane: np.empty((0, 3))}
    with pytest.raises(InputError, match=f"there are no start points in {plane} planes"):
        dataclasses.replace(settings, start_points=places)


# ------------------------------------------------------------------------------------------- letters and blocks


@given(n_letters=st.integers(1, 9), rounds=st.integers(1, 3), seed=st.integers(0, 20))
def test_each_pen_letter_has_its_turn(n_letters, rounds, seed):
    labels = np.array([4, 2] * n_letters)
    chosen = [movements.choose_letter(labels, 2, repeat, seed) for repeat in range(n_letters * rounds)]
    assert Counter(chosen) == dict.fromkeys(range(1, 2 * n_letters, 2), rounds)
    assert chosen[:n_letters] * rounds == chosen


def test_the_turns_depend_on_the_seed():
    labels = np.zeros(20, int)
    assert [movements.choose_letter(labels, 0, i, 1) for i in range(20)] != [
        movements.choose_letter(labels, 0, i, 2) for i in range(20)
    ]


def test_a_letter_that_is_not_there_is_named():
    with pytest.raises(InputError, match="there is no letter 'c' among the letters"):
        movements.choose_letter(np.array([0, 1]), 2, 0, 1)


@given(n_labels=st.integers(1, 20), per_letter=st.integers(1, 30), size=st.integers(1, 25))
def test_blocks_hold_every_item_once_and_none_is_small(n_labels, per_letter, size):
    labels = list(range(n_labels))
    blocks = movements.blocks(labels, per_letter, size)
    items = [item for block in blocks for item in block]
    assert items == [(label, repeat) for repeat in range(per_letter) for label in labels]
    assert all(len(block) == size for block in blocks[:-1])
    assert len(blocks[-1]) >= min(size, len(items))
    assert len(blocks[-1]) < 2 * size


# --------------------------------------------------------------------------------------------------------- files


ABOUT = {
    "alphabet": "ab",
    "arm": "tiny",
    "joint_names": ["a"],
    "muscle_names": ["b"],
    "length_kind": "fibre",
    "geometry": "raw",
}


def save(path, written, letters):
    with store.create(path, "movements") as file:
        movements.save(file, written[0], letters, written[1])
        file.set(**ABOUT)
    return path


def test_blocks_joined_are_the_movements_saved_at_once(tmp_path, write, written, letters):
    whole = save(tmp_path / "whole.h5", written, letters)
    parts = [save(tmp_path / f"{index}.h5", write(ITEMS[index : index + 3]), letters) for index in (0, 3)]
    with store.create(tmp_path / "joined.h5", "movements") as file:
        rejections = movements.join(file, store.read_each(parts, "movements"))
        file.set(**ABOUT)
    assert rejections == written[1]
    stages.assert_same(tmp_path / "joined.h5", whole)


def test_saved_movements_are_the_written_ones(tmp_path, written, letters):
    with store.read(save(tmp_path / "movements.h5", written, letters), finite=True) as file:
        offsets = file["offsets"]
        for index, movement in enumerate(written[0]):
            live = slice(offsets[index], offsets[index + 1])
            np.testing.assert_array_equal(file["hand"][live], movement.hand.astype(np.float32))
            np.testing.assert_array_equal(file["muscle_length"][live], movement.muscle_length.astype(np.float32))
            assert file["rotation"][index] == np.float32(np.degrees(movement.varied.rotation))
            assert file["source"][index] == letters.source[movement.letter]
            assert movements.PLANES[file["plane"][index]] == movement.plane
        assert offsets[-1] == len(file["hand"])


def test_letters_of_ones_own_need_not_be_the_whole_alphabet(write, letters):
    some = Letters([letters.paths[0], letters.paths[30]], letters.labels[[0, 30]], np.array([70, 80]))
    written, _ = write([(10, 0), (0, 0)], letters=some)
    assert [movement.letter for movement in written] == [1, 0]


def test_another_process_writes_the_same(settings, written):
    writer = pickle.loads(pickle.dumps(settings.load))()
    assert_equal(written[0][:1], writer.write(ITEMS[:1])[0])
