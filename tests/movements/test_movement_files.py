import numpy as np
import pytest
import stages
from hypothesis import given
from hypothesis import strategies as st

from proprionet import store
from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.errors import InputError
from proprionet.movements import files
from proprionet.movements.batch import samples_of
from proprionet.movements.derived import derive

INDEX = np.arange(6)
INPUTS = {"letters.h5": "a" * 64, "start_points.h5": "b" * 64}


@pytest.fixture(scope="module")
def written(write):
    return write(INDEX)


def save(path, batch, letters, *, shard="1/1", compact=False, settings=None, inputs=INPUTS, seed=2, **attributes):
    recipe = {"per_letter": 1, "shard": shard, **(settings or {})}
    with store.create(path, "movements", settings=recipe, seed=seed, inputs=inputs) as file:
        labels, source = letters.labels[batch.letter], letters.source[batch.letter]
        files.save(file, batch, labels, source, compact=compact)
        file.set(**{**stages.ARM, "rejections": {"joint_jerk": 2}, "shard": shard, **attributes})
    return path


@pytest.fixture
def shards(tmp_path, written, letters):
    """Two shards of three movements each, open."""
    batch, _ = written
    paths = [
        save(tmp_path / f"{part}.h5", batch.take(np.arange(3 * part, 3 * part + 3)), letters, shard=f"{part + 1}/2")
        for part in range(2)
    ]
    with store.read(paths[0], "movements") as one, store.read(paths[1], "movements") as other:
        yield [one, other]


# ----------------------------------------------------------------------------------------------------- save and join


def test_saved_movements_are_the_written_ones(tmp_path, written, letters):
    batch, _ = written
    with store.read(save(tmp_path / "movements.h5", batch, letters), "movements", finite=True) as file:
        for name in ("hand", "joints", "muscle_length", "offsets", "index", "plane", "tracing_error", "muscle_jerk"):
            np.testing.assert_allclose(file[name], getattr(batch, name), rtol=1e-6)
        np.testing.assert_array_equal(file["label"], letters.labels[batch.letter])
        np.testing.assert_array_equal(file["source"], letters.source[batch.letter])
        for name in ("rotation", "shear_x", "shear_y"):
            np.testing.assert_array_equal(file[name], np.degrees(getattr(batch.varied, name)).astype(np.float32))
        for name in ("size", "speed", "noise"):
            np.testing.assert_array_equal(file[name], getattr(batch.varied, name).astype(np.float32))


@pytest.mark.parametrize("compact", [False, True])
def test_pieces_joined_are_the_movements_saved_at_once(tmp_path, write, written, letters, compact):
    whole = save(tmp_path / "whole.h5", written[0], letters, compact=compact, rejections=dict(written[1]))
    parts = []
    for start in (0, 4):
        batch, rejections = write(INDEX[start : start + 4], compact=compact)
        name = tmp_path / f"{start}.h5"
        parts.append(save(name, batch, letters, compact=compact, rejections=dict(rejections)))
    joined = tmp_path / "joined.h5"
    with store.create(joined, "movements", settings={"per_letter": 1, "shard": "1/1"}, seed=2, inputs=INPUTS) as file:
        rejections = files.join(file, store.read_each(parts, "movements"))
        file.set(**stages.ARM, rejections=dict(rejections), shard="1/1")
    stages.assert_same(joined, whole)


def test_a_compact_file_holds_no_hand_and_no_muscles(tmp_path, written, letters):
    with store.read(save(tmp_path / "compact.h5", written[0], letters, compact=True), "movements") as file:
        assert "joints" in file
        assert not {"hand", "muscle_length"} & set(file.shapes())


def test_the_quality_of_a_set_counts_draws():
    rejections = {"joint_jerk": 4, "muscle_jump": 6, "given_up": 10}
    assert [(name, value) for name, value, _, _ in files.quality(rejections, 40)] == [
        ("movements", 30),
        ("rejection_rate", 10 / 40),
        ("wrap_jump_rate", 6 / 40),
    ]


# ------------------------------------------------------------------------------------------------------------ shards


def test_shards_are_one_set(shards, written):
    batch, _ = written
    moves = files.Shards(shards)
    np.testing.assert_array_equal(moves.offsets, batch.offsets)
    np.testing.assert_array_equal(moves.about["index"], batch.index)
    np.testing.assert_array_equal(moves.about["start_point"], batch.start_point)
    assert moves.attribute("arm") == "tiny"
    assert moves.tables == {}


@pytest.fixture(scope="module")
def uneven(tmp_path_factory, written, letters):
    """Three shards of two, one and three movements, open."""
    batch, _ = written
    folder = tmp_path_factory.mktemp("shards")
    parts = [np.arange(2), np.arange(2, 3), np.arange(3, 6)]
    paths = [save(folder / f"{i}.h5", batch.take(part), letters, shard=f"{i + 1}/3") for i, part in enumerate(parts)]
    with store.read(paths[0]) as one, store.read(paths[1]) as two, store.read(paths[2]) as three:
        yield [one, two, three]


@given(rows=st.lists(st.integers(0, 5), min_size=1, max_size=9), name=st.sampled_from(files.OF_SAMPLE))
def test_samples_of_any_movements_in_any_order(uneven, written, rows, name):
    chosen = written[0].take(np.array(rows))
    values, ends = files.Shards(uneven).samples(name, np.array(rows))
    np.testing.assert_array_equal(values, getattr(chosen, name))
    np.testing.assert_array_equal(ends, chosen.offsets)


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=6), data=st.data())
def test_samples_of_movements_lie_where_the_offsets_say(lengths, data):
    offsets = np.cumsum([0, *lengths])
    rows = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=8)), int)
    samples, ends = samples_of(offsets, rows)
    expected = [np.arange(offsets[row], offsets[row + 1]) for row in rows]
    np.testing.assert_array_equal(samples, np.concatenate([np.empty(0, int), *expected]))
    np.testing.assert_array_equal(np.diff(ends), [len(part) for part in expected])


@pytest.mark.parametrize("given_shards", [["1/3", "2/3"], ["1/2", "1/2"], ["2/2", "1/2"], ["2/2"], ["1/2", "2/3"]])
def test_shards_that_are_missing_twice_there_or_out_of_order(tmp_path, written, letters, given_shards):
    batch, _ = written
    paths = [save(tmp_path / f"{i}.h5", batch, letters, shard=shard) for i, shard in enumerate(given_shards)]
    with (
        store.read(paths[0], "movements") as one,
        store.read(paths[-1], "movements") as other,
        pytest.raises(InputError, match=rf"every shard of one set once and in order .* {', '.join(given_shards)}"),
    ):
        files.check_shards([one, other][: len(paths)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"geometry": "raw"}, "1.h5: its geometry is 'raw', that of 0.h5 'patched'"),
        ({"engine": "fast"}, "1.h5: its engine is 'fast', that of 0.h5 'exact'"),
        ({"length_kind": "path"}, "1.h5: its length_kind is 'path', that of 0.h5 'fibre'"),
        ({"arm": "other"}, "1.h5: its arm is 'other', that of 0.h5 'tiny'"),
        ({"time_step_s": 0.01}, "1.h5: its time_step_s is 0.01, that of 0.h5 0.015"),
        ({"seed": 3}, "1.h5: its seed is 3, that of 0.h5 2"),
        ({"settings": {"per_letter": 9}}, "1.h5: its per_letter is 9, that of 0.h5 1"),
        ({"settings": {"more": 9}}, "1.h5: its more is 9, that of 0.h5 None"),
        ({"inputs": {"letters.h5": "c" * 64}}, r"1.h5: its inputs differ from those of .*0.h5"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_shards_that_were_made_from_something_else_are_named(tmp_path, written, letters, change, message):
    batch, _ = written
    ours = save(tmp_path / "0.h5", batch, letters, shard="1/2")
    theirs = save(tmp_path / "1.h5", batch, letters, shard="2/2", **change)
    with (
        store.read(ours, "movements") as one,
        store.read(theirs, "movements") as other,
        pytest.raises(InputError, match=message + ".*; a data set is made of movements that were made alike") as error,
    ):
        files.Shards([one, other])
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("name", "row", "value", "saying"),
    [
        ("offsets", -1, 10**6, "'offsets' must rise from 0 to the"),
        ("offsets", 0, 1, "'offsets' must rise from 0 to the"),
        ("offsets", 2, 0, "'offsets' must rise from 0 to the"),
        ("label", 3, 20, "'label' holds other numbers than 0 to 19"),
        ("label", 3, -1, "'label' holds other numbers than 0 to 19"),
    ],
)
def test_a_file_that_is_not_sound_in_itself(tmp_path, written, letters, name, row, value, saying):
    path = save(tmp_path / "movements.h5", written[0], letters)

    def spoil(file):
        file[name][row] = value

    stages.change(path, spoil)
    with store.read(path, "movements") as file, pytest.raises(InputError, match=f"movements.h5: {saying}"):
        files.Shards([file])


# ----------------------------------------------------------------------------------------------------------- derived


def test_hand_and_elbow_follow_from_the_joints(tmp_path, written, letters, settings):
    batch, _ = written
    with store.read(save(tmp_path / "compact.h5", batch, letters, compact=True), "movements") as file:
        hand, elbow = (derive(file, name, file["joints"]) for name in ("hand", "elbow"))
    assert hand.dtype == elbow.dtype == np.float32
    np.testing.assert_allclose(hand, batch.hand, atol=1e-4)
    np.testing.assert_allclose(hand, hand_position(settings.profile, batch.joints), atol=1e-4)
    np.testing.assert_allclose(elbow, elbow_position(settings.profile, batch.joints), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(elbow, axis=1), settings.profile.upper_arm_cm, rtol=1e-5)


@pytest.mark.parametrize("name", ["muscle_length", "torque"])
def test_what_a_file_says_nothing_about_cannot_be_derived(tmp_path, written, letters, name):
    with (
        store.read(save(tmp_path / "compact.h5", written[0], letters, compact=True), "movements") as file,
        pytest.raises(InputError, match=f"compact.h5: holds no '{name}', nor what it could be derived from"),
    ):
        derive(file, name, file["joints"])


def test_arm_kinematics_that_are_none_are_named(tmp_path, written, letters):
    path = save(tmp_path / "compact.h5", written[0], letters, compact=True, arm_kinematics={"shoulder": "ball"})
    with (
        store.read(path, "movements") as file,
        pytest.raises(InputError, match=r"compact\.h5, arm_kinematics: 'shoulder' is 'ball'"),
    ):
        derive(file, "hand", file["joints"])
