import dataclasses
import re
from itertools import pairwise

import numpy as np
import pytest

from proprionet import inspection, spindles, store
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, kinematics_of
from proprionet.errors import InputError
from proprionet.inspection import blocks
from proprionet.store import KINDS

STEP_S, N_STEPS, PER_LETTER, ALPHABET = 0.015, 60, 6, "abc"
COUNT = PER_LETTER * len(ALPHABET)
JOINTS, MUSCLES = ["plane", "elevation", "rotation", "elbow"], ["DELT2", "BIClong"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks much smaller than a file, so that what is said of a movement is said with its number in the file."""
    monkeypatch.setattr(blocks, "MOVEMENTS_AT_ONCE", 4)


def movements(**changes):
    """Smooth movements of the human arm, one after another; ``changes`` replace arrays."""
    random = np.random.default_rng(0)
    lengths = random.integers(20, 40, COUNT)
    postures = []
    for n_samples in lengths:
        wave = np.sin(np.linspace(0, 3, n_samples)[:, None] + random.uniform(0, 6, 4))
        postures.append([40, 60, -30, 70] + 10 * wave)
    joints = np.concatenate(postures).astype(np.float32)
    latents = {name: np.ones(COUNT) for name in ("size", "rotation", "shear_x", "shear_y", "speed", "noise")}
    arrays = {
        "joints": joints,
        "hand": hand_position(HUMAN, joints),
        "muscle_length": 100 + joints @ np.array([[0.2, 0.1], [-0.3, 0.2], [0.1, 0], [0, 0.5]]),
        "offsets": np.cumsum([0, *lengths]),
        "index": np.arange(COUNT),
        "label": np.arange(COUNT) % len(ALPHABET),
        "source": np.arange(COUNT) // 2,
        "plane": np.arange(COUNT) % 2,
        "start_point": np.stack([np.full(COUNT, 24), np.zeros(COUNT), np.where(np.arange(COUNT) % 4, -9, 3)], axis=1),
        **latents,
        **{name: np.zeros(COUNT) for name in ("tracing_error", "joint_jerk", "muscle_jerk")},
    }
    return arrays | changes


def dataset(**changes):
    """The same movements, padded and split by source letter."""
    arrays = movements()
    n_samples = np.diff(arrays["offsets"])
    first = np.arange(COUNT) % 15
    step = np.clip(np.arange(N_STEPS) - first[:, None], 0, (n_samples - 1)[:, None]) + arrays["offsets"][:-1, None]
    for name in ("joints", "hand", "muscle_length"):
        arrays[name] = arrays[name][step].transpose(0, 2, 1)
    for name in ("offsets", "tracing_error", "joint_jerk", "muscle_jerk"):
        del arrays[name]
    arrays |= {"first": first, "n_samples": n_samples, "split": arrays["source"] % 3}
    return arrays | {"statistics/length_mean_mm": np.full(2, 100.0)} | changes


MAKE = {"movements": movements, "dataset": dataset}


def write(path, kind, arrays, **attributes):
    about = {
        "alphabet": ALPHABET,
        "time_step_s": STEP_S,
        "arm": "human",
        "arm_kinematics": kinematics_of(HUMAN),
        "joint_names": JOINTS,
        "muscle_names": MUSCLES,
        "length_kind": "fibre",
        "geometry": "patched",
        "engine": "fast",
        "letters": "0" * 64,
        **(
            {"rejections": {"joint_jerk": 3}, "shard": "1/1"}
            if kind == "movements"
            else {"spindle": {}, "split_by": "source_letter"}
        ),
    }
    with store.create(path, kind, settings={"split_by": "source_letter"}, seed=1) as file:
        for name, values in arrays.items():
            file.write(name, values)
        file.set(**about | attributes)
    return path


def check(path, kind, arrays, **attributes):
    with store.read(write(path, kind, arrays, **attributes), kind) as file:
        inspection.check(file)


def changed(kind, name, change):
    """The arrays of a good file after ``change(values)`` of one of them."""
    arrays = MAKE[kind]()
    arrays[name] = arrays[name].copy()
    change(arrays[name])
    return arrays


def put(where, value):
    return lambda values: values.__setitem__(where, value)


# ------------------------------------------------------------------------------------------------------------ checks


@pytest.mark.parametrize("kind", MAKE)
def test_a_good_file_passes_in_full_and_compact(tmp_path, kind):
    arrays = MAKE[kind]()
    check(tmp_path / "full.h5", kind, arrays)
    compact = {name: values for name, values in arrays.items() if name not in ("hand", "muscle_length")}
    check(tmp_path / "compact.h5", kind, compact)


def test_other_kinds_of_files_are_let_through(tmp_path):
    with store.create(tmp_path / "points.h5", "start_points") as file:
        for plane in ("horizontal", "vertical"):
            file.write(plane, np.zeros((1, 3)))
        file.set(arm="human", arm_kinematics={})
    with store.read(tmp_path / "points.h5") as file:
        inspection.check(file)
        assert inspection.warnings(file) == []


START_13 = int(movements()["offsets"][13])


@pytest.mark.parametrize(
    ("kind", "name", "change", "message"),
    [
        ("movements", "label", put(5, 3), "movement 5: 'label' is 3, expected 0 to 2"),
        ("dataset", "plane", put(7, 2), "movement 7: 'plane' is 2, expected 0 to 1"),
        ("dataset", "split", put(0, 9), "movement 0: 'split' is 9, expected 0 to 2"),
        ("dataset", "split", put(4, 0), "pen letter 2 has movements in more than one part"),
        ("movements", "index", put(5, 3), "the movement with index 3 is there twice"),
        (
            "dataset",
            "plane",
            put(11, 0),
            "movement 11 is written from the same letter, latents and place as an earlier",
        ),
        ("movements", "offsets", put(3, 0), "'offsets' must rise from 0"),
        ("movements", "offsets", put(1, movements()["offsets"][2] - 1), "movement 1 has 1 samples, a movement has at"),
        ("dataset", "first", put(6, -1), "movement 6 has 21 samples from step -1, which do not fit into 60 steps"),
        ("dataset", "first", put(6, 50), "movement 6 has 21 samples from step 50, which do not fit into 60 steps"),
        ("dataset", "n_samples", put(6, 1), "movement 6 has 1 samples, a movement has at least 2"),
        ("dataset", "n_samples", put(6, 12), "'joints' of movement 6 changes before the movement starts or after it"),
        ("dataset", "hand", put((10, 1, 59), 0), "'hand' of movement 10 changes before the movement starts or after"),
        ("dataset", "muscle_length", put((10, 1, 0), 0), "'muscle_length' of movement 10 changes before the movement"),
        ("movements", "joints", put((START_13, 3), 131), "movement 13: elbow is at 131 degrees, outside 0 to 130"),
        ("dataset", "joints", put((9, 1, 20), -0.5), "movement 9: elevation is at -0.5 degrees, outside 0 to 180"),
        ("movements", "hand", put((START_13 - 1, 2), 90), r"movement 12: the hand is [\d.]+ cm from where the joint"),
        ("movements", "muscle_length", put((START_13, 1), 701), "movement 13: muscle BIClong is longer than 700 mm"),
        ("dataset", "muscle_length", put((3, 0, 20), 20), "movement 3: muscle DELT2 changes in one step by more than"),
    ],
)
def test_a_fault_is_named(tmp_path, kind, name, change, message):
    with pytest.raises(InputError, match=f"^file.h5: {message}"):
        check(tmp_path / "file.h5", kind, changed(kind, name, change))


@pytest.mark.parametrize(
    ("name", "what"), [("joints", "plane is at nan"), ("muscle_length", "has a length that is no")]
)
def test_what_is_no_number_is_named(tmp_path, monkeypatch, name, what):
    arrays = KINDS["movements"].arrays
    monkeypatch.setitem(arrays, name, dataclasses.replace(arrays[name], finite=False))
    with pytest.raises(InputError, match=f"movement 13: .*{what}"):
        check(tmp_path / "file.h5", "movements", changed("movements", name, put((START_13, 0), np.nan)))


def test_the_hand_of_another_arm_is_found(tmp_path):
    longer = kinematics_of(HUMAN) | {"forearm_cm": 27.0}
    with pytest.raises(InputError, match="movement 0: the hand is 1 cm from where the joint angles put it"):
        check(tmp_path / "file.h5", "movements", movements(), arm_kinematics=longer)


def test_an_arm_that_is_none_is_named(tmp_path):
    with pytest.raises(InputError, match=re.escape("file.h5, arm_kinematics")):
        check(tmp_path / "file.h5", "movements", movements(), arm_kinematics={"shoulder": "human"})


def test_rounding_to_single_precision_is_no_fault(tmp_path):
    joints = dataset()["joints"]
    joints[:] = np.array(HUMAN.upper_limit_deg)[:, None] + 1e-4
    arrays = dataset(joints=joints)
    del arrays["hand"], arrays["muscle_length"]
    check(tmp_path / "file.h5", "dataset", arrays)


# ---------------------------------------------------------------------------------------------------------- warnings


def warnings(path, kind, arrays):
    with store.read(write(path, kind, arrays), kind) as file:
        return inspection.warnings(file)


def test_unbalanced_letters_are_warned_of_part_by_part(tmp_path):
    balanced = np.arange(COUNT) // len(ALPHABET) % 3
    assert warnings(tmp_path / "good.h5", "dataset", dataset(split=balanced, source=np.arange(COUNT))) == []
    skewed = np.where(np.arange(COUNT) == 0, 1, balanced)
    found = warnings(tmp_path / "bad.h5", "dataset", dataset(split=skewed, source=np.arange(COUNT)))
    assert found == [
        "in the train part, letters have 1.667 movements on average, but a 1",
        "in the validation part, letters have 2.333 movements on average, but a 3",
    ]


def test_repeats_among_movements_are_a_warning_because_chance_makes_some(tmp_path):
    source = movements()["source"]
    source[4:6] = source[:2]
    found = warnings(tmp_path / "file.h5", "movements", movements(source=source, start_point=np.zeros((COUNT, 3))))
    assert found == ["2 movements are written from the same letter, latents and place as an earlier one"]


# ------------------------------------------------------------------------------------------------------- description


def describe(path, kind, arrays, **options):
    with store.read(write(path, kind, arrays), kind) as file:
        return inspection.describe(file, **options)


def test_padding_changes_nothing_but_the_parts_and_rejections(tmp_path):
    own = describe(tmp_path / "movements.h5", "movements", movements())
    padded = describe(tmp_path / "dataset.h5", "dataset", dataset())
    assert own.pop("rejections") == {"joint_jerk": 3}
    assert padded.pop("rejections") == {}
    assert {row["part"] for row in own.pop("counts")} == {"all"}
    counts = padded.pop("counts")
    assert {row["part"] for row in counts} == {"train", "validation", "test"}
    assert sum(row["movements"] for row in counts) == COUNT
    assert own == padded


def test_numbers_are_those_of_the_movements(tmp_path):
    arrays = movements()
    found = describe(tmp_path / "file.h5", "movements", arrays)
    ends, joints, lengths = arrays["offsets"], arrays["joints"], arrays["muscle_length"]
    own = [slice(*pair) for pair in pairwise(ends)]
    speeds = [np.linalg.norm(np.diff(arrays["hand"][one], axis=0), axis=1).max() / STEP_S for one in own]
    velocity = np.concatenate([np.diff(lengths[one, 1]) / STEP_S for one in own])
    spread = found["peak_hand_speed_cm_s"]
    assert list(spread) == ["lowest", "p5", "median", "p95", "highest"]
    np.testing.assert_allclose(list(spread.values()), np.percentile(speeds, [0, 5, 50, 95, 100]), rtol=1e-4)
    assert found["joint_angle_deg"]["elbow"]["highest"] == pytest.approx(joints[:, 3].max())
    assert found["muscle_length_mm"]["DELT2"]["median"] == pytest.approx(np.median(lengths[:, 0]), rel=1e-5)
    assert found["muscle_velocity_mm_s"]["BIClong"]["lowest"] == pytest.approx(velocity.min(), rel=1e-3)
    assert found["duration_s"]["highest"] == pytest.approx(STEP_S * np.diff(ends).max())
    group = (arrays["label"] == 1) & (arrays["plane"] == 0)
    jerk = [np.linalg.norm(np.gradient(np.gradient(np.gradient(joints[one], axis=0), axis=0), axis=0)) for one in own]
    (row,) = (row for row in found["joint_jerk"] if (row["letter"], row["plane"]) == ("b", "horizontal"))
    assert row["median"] == pytest.approx(np.median(np.array(jerk)[group]), rel=1e-3)


def test_counts_are_tables(tmp_path):
    found = describe(tmp_path / "file.h5", "movements", movements())
    assert found["counts"][0] == {"letter": "a", "plane": "horizontal", "part": "all", "movements": 3}
    assert len(found["counts"]) == 6
    assert found["planes"] == [
        {"plane": "horizontal", "position_cm": -9.0, "movements": 4},
        {"plane": "horizontal", "position_cm": 3.0, "movements": 5},
        {"plane": "vertical", "position_cm": 24.0, "movements": 9},
    ]


def test_a_large_set_is_described_by_a_part_of_it_spread_over_the_file(tmp_path):
    arrays = movements(label=np.sort(movements()["label"]))
    found, again = (describe(tmp_path / f"{i}.h5", "movements", arrays, most=8) for i in range(2))
    assert found == again
    assert found["movements"] == COUNT
    assert found["described"] in (6, 8)
    assert {row["letter"] for row in found["joint_jerk"]} == {"a", "c"}
    assert sum(row["movements"] for row in found["counts"]) == COUNT


def test_a_compact_file_is_described_like_a_full_one(tmp_path, monkeypatch):
    full = movements()
    compact = {name: values for name, values in full.items() if name not in ("hand", "muscle_length")}
    derive = inspection.description.derive

    def derived(file, name, joint_angles):
        return full["muscle_length"].astype(np.float32) if name == "muscle_length" else derive(file, name, joint_angles)

    monkeypatch.setattr(inspection.description, "derive", derived)
    expected = describe(tmp_path / "full.h5", "movements", full)
    assert describe(tmp_path / "compact.h5", "movements", compact) == expected


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("muscle_length", lambda values: values[:, ::-1], "on average, but .* by the statistics of the set"),
        ("muscle_length", lambda values: values / 1000, "is shorter than 1 mm; are lengths in mm"),
        ("split", np.zeros_like, "the validation part is empty"),
        ("size", lambda values: -values, "'size' is -1, expected 0.01 to 100"),
    ],
)
def test_what_fits_its_kind_but_not_itself_is_found(tmp_path, name, spoil, message):
    arrays = dataset()
    arrays |= {
        f"statistics/{key}": values for key, values in spindles.statistics(arrays["muscle_length"], STEP_S).items()
    }
    check(tmp_path / "good.h5", "dataset", arrays)
    with pytest.raises(InputError, match=message):
        check(tmp_path / "spoilt.h5", "dataset", arrays | {name: spoil(arrays[name])})


def test_missing_letters_are_a_warning(tmp_path):
    arrays = dataset()
    arrays["label"] = np.minimum(arrays["label"], 1)
    with store.read(write(tmp_path / "file.h5", "dataset", arrays)) as file:
        assert "there are no movements of the letters c" in inspection.warnings(file)
