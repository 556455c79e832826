import numpy as np
import pytest
import stages
from hypothesis import given
from hypothesis import strategies as st

from proprionet import dataset, spindles, store
from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError
from proprionet.letters.strokes import TIME_STEP_S

ROWS = np.array([3, 40, 119])
UNITS = {"": 0, "_velocity": 1, "_acceleration": 2}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return stages.write_dataset(tmp_path_factory.mktemp("dataset") / "dataset.h5")


@pytest.fixture(scope="module")
def compact(tmp_path_factory):
    """A data set of padded movements without hand and muscles, and the movements without their padding."""
    random = np.random.default_rng(0)
    n_samples, count = random.integers(40, 90, 120), 120
    ends = np.cumsum([0, *n_samples])
    live = 50 + 30 * np.sin(np.arange(ends[-1])[:, None] / [9.0, 11, 13, 15])
    first = np.array([random.integers(0, 97 - n) for n in n_samples])
    joints = dataset.pad(live.astype(np.float32), ends, first, 96)
    given = {"joints": joints, "first": first, "n_samples": n_samples}
    path = tmp_path_factory.mktemp("dataset") / "compact.h5"
    stages.write_dataset(path, hand=None, muscle_length=None, **given)
    return path, [live[ends[i] : ends[i + 1]] for i in range(count)]


# ----------------------------------------------------------------------------------------------------- what is stored


@given(rows=st.lists(st.integers(0, 119), max_size=30), block=st.sampled_from([1, 7, 256]))
def test_rows_read_in_blocks_are_rows_read_by_index(path, rows, block):
    rows = np.array(rows, int)
    with store.read(path, "dataset") as data:
        for name in ("joints", "label"):
            read = dataset.read_rows(data, name, rows, block)
            np.testing.assert_array_equal(read, data[name][rows])
            assert read.dtype == data[name].dtype


def test_spindle_inputs_are_length_and_velocity(path):
    with store.read(path, "dataset") as data:
        inputs = dataset.spindle_inputs(data, ROWS)
        np.testing.assert_array_equal(inputs[..., 0], data["muscle_length"][ROWS])
        np.testing.assert_array_equal(inputs, spindles.kinematic(data["muscle_length"][ROWS], TIME_STEP_S))
    assert inputs.shape == (3, 4, 96, 2)


def test_features_are_flat_rows(path):
    with store.read(path, "dataset") as data:
        assert dataset.features(data, ROWS, "spindle").shape == (3, 4 * 96 * 2)
        for name in ("hand", "joints", "muscle_length"):
            np.testing.assert_array_equal(dataset.features(data, ROWS, name), data[name][ROWS].reshape(3, -1))


# ---------------------------------------------------------------------------------------------------- what is derived


@pytest.mark.parametrize(("name", "position"), [("hand", hand_position), ("elbow", elbow_position)])
def test_positions_follow_from_the_joints_and_are_held_like_them(compact, name, position):
    path, live = compact
    rows = np.array([119, 3, 40, 3])
    with store.read(path, "dataset") as data:
        read = dataset.read_rows(data, name, rows)
        padded = position(HUMAN, data["joints"][rows].transpose(0, 2, 1)).transpose(0, 2, 1)
        first = data["first"][rows]
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, padded, atol=1e-4)
    for row, values, begin in zip(rows, read, first, strict=True):
        np.testing.assert_allclose(values[:, begin : begin + len(live[row])].T, position(HUMAN, live[row]), atol=1e-4)


@pytest.mark.parametrize("base", ["hand", "elbow", "joints", "muscle_length"])
@pytest.mark.parametrize("order", UNITS)
def test_quantities_are_central_differences(path, base, order):
    with store.read(path, "dataset") as data:
        values = dataset.read_rows(data, base, ROWS).astype(float)
        for _ in range(UNITS[order]):
            values = np.gradient(values, TIME_STEP_S, axis=2)
        found = dataset.quantity(data, ROWS, base + order)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, values, atol=1e-5 * max(1, np.abs(values).max()))


def test_derivatives_are_in_the_time_of_the_set_and_0_where_the_arm_is_held(compact):
    path, _ = compact
    with store.read(path, "dataset") as data:
        velocity = dataset.quantity(data, ROWS, "joints_velocity")
        first, n_samples = data["first"][ROWS], data["n_samples"][ROWS]
    for one, begin, n in zip(velocity, first, n_samples, strict=True):
        assert (one[:, : begin - 1] == 0).all()
        assert (one[:, begin + n + 1 :] == 0).all()
        assert (one[:, begin + 1 : begin + n - 1] != 0).any()


@pytest.mark.parametrize("name", ["torques", "hand_jerk", "_velocity", "hand_velocity_velocity", "label"])
def test_a_quantity_that_there_is_not(path, name):
    with (
        store.read(path, "dataset") as data,
        pytest.raises(InputError, match=f"quantity '{name}' is not known"),
    ):
        dataset.quantity(data, ROWS, name)


def test_muscles_of_a_compact_set_without_tables(compact):
    with (
        store.read(compact[0], "dataset") as data,
        pytest.raises(InputError, match=r"compact\.h5: holds no 'muscle_length', nor what it could be derived from"),
    ):
        dataset.spindle_inputs(data, ROWS)


# ----------------------------------------------------------------------------------------------------------- spindles


@pytest.mark.parametrize("name", spindles.MODELS)
def test_inputs_are_those_of_the_spindle_model_of_the_set(tmp_path, name):
    path = stages.write_dataset(tmp_path / "dataset.h5", spindle={"spindle": name})
    with store.read(path, "dataset") as data:
        inputs = dataset.spindle_inputs(data, ROWS)
        model = spindles.make(name, data.attribute("seed"), data.family("statistics"))
        expected = model.respond(data["muscle_length"][ROWS], TIME_STEP_S, rows=data["index"][ROWS])
    assert inputs.shape == (3, 4, 96, len(model.channels))
    np.testing.assert_array_equal(inputs, expected)


@pytest.mark.parametrize(("name", "kind"), [("kinematic", "gaussian"), ("firing", "poisson"), ("firing", "gaussian")])
def test_noise_is_that_of_the_movement_whichever_others_are_read(tmp_path, name, kind):
    chosen = {"spindle": name, "noise": 0.5, "noise_kind": kind}
    path = stages.write_dataset(tmp_path / "noisy.h5", spindle=chosen)
    quiet = stages.write_dataset(tmp_path / "quiet.h5", spindle={"spindle": name})
    with store.read(path, "dataset") as data, store.read(quiet, "dataset") as plain:
        together = dataset.spindle_inputs(data, ROWS)
        alone = np.concatenate([dataset.spindle_inputs(data, ROWS[[i]]) for i in range(3)])
        without = dataset.spindle_inputs(plain, ROWS)
    np.testing.assert_array_equal(together, alone)
    noise = together - without
    assert (np.abs(noise).max(axis=(1, 2)) > 0).all()
    assert (noise[0] != noise[1]).any()


def test_noise_goes_with_the_movement_and_not_with_its_row(tmp_path):
    chosen = {"noise": 0.5}
    index, swapped = np.arange(120), np.arange(120)
    swapped[[3, 40]] = [40, 3]
    path = stages.write_dataset(tmp_path / "one.h5", spindle=chosen, index=index)
    other = stages.write_dataset(tmp_path / "other.h5", spindle=chosen, index=swapped)

    def noise(path, row):
        rows = np.array([row])
        with store.read(path, "dataset") as data:
            lengths = data["muscle_length"][rows]
            return dataset.spindle_inputs(data, rows) - spindles.kinematic(lengths, TIME_STEP_S)

    np.testing.assert_allclose(noise(path, 3), noise(other, 40), atol=1e-3)
    assert np.abs(noise(path, 3) - noise(other, 3)).max() > 1


def test_the_level_of_noise_can_be_that_drawn_for_each_movement(tmp_path):
    level = np.resize(np.array([0, 0.1, 0.3], np.float32), 120)
    path = stages.write_dataset(tmp_path / "latent.h5", spindle={"latent_noise": True}, noise=level)
    rows = np.arange(120)
    with store.read(path, "dataset") as data:
        noise = dataset.spindle_inputs(data, rows)[..., 0] - data["muscle_length"]
        deviation = data["statistics/length_sd_mm"]
    for value in (0, 0.1, 0.3):
        spread = (noise[level == np.float32(value)] / deviation[:, None]).std()
        assert spread == pytest.approx(value, rel=0.03)
