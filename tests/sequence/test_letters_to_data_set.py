"""From letters to a data set: movements that do not depend on how they were made, and what is kept of them."""

import shutil

import numpy as np
import stages

from proprionet import dataset, spindles, store


def test_movements_do_not_depend_on_the_number_of_jobs(made, tmp_path):
    script, *arguments = made.commands["movements"]
    stages.assert_same(stages.make_alone(script, tmp_path / "movements.h5", *arguments), made.files["movements"])


def test_movements_are_of_every_letter_and_of_this_arm(made):
    movements = stages.read(made.files["movements"])
    assert (np.bincount(movements.label) == 7).all()
    np.testing.assert_array_equal(movements.index, np.arange(140))
    np.testing.assert_array_equal(movements.label, movements.index % 20)
    assert (movements.tracing_error < 1e-2).all()
    assert (movements.joint_jerk < 1).all()
    assert set(movements.plane) == {0, 1}
    assert movements.attributes["muscle_names"] == list(stages.MUSCLES)
    assert movements.attributes["arm"].startswith("tiny (tiny_arm.osim, SHA-256 ")
    assert movements.attributes["arm_kinematics"] == stages.ARM["arm_kinematics"]
    assert movements.attributes["time_step_s"] == 0.015
    assert movements.attributes["engine"] == "exact"
    letters = stages.read(made.files["letters"])
    for label, source in zip(movements.label, movements.source, strict=True):
        assert letters.label[letters.source == source] == label


def test_the_geometry_is_in_the_file_and_in_the_lengths(made, tmp_path):
    script, *arguments = made.commands["movements"]
    few = [*arguments, "--per-letter", 1]
    files = {
        name: stages.make(script, tmp_path / f"{name}.h5", *few, "--geometry", name) for name in ("raw", "patched")
    }
    raw, patched = (stages.read(path) for path in files.values())
    assert raw.attributes["geometry"] == raw.attributes["settings"]["geometry"] == "raw"
    assert patched.attributes["geometry"] == patched.attributes["settings"]["geometry"] == "patched"
    np.testing.assert_array_equal(raw.joints, patched.joints)
    np.testing.assert_array_equal(raw.muscle_length[:, :3], patched.muscle_length[:, :3])
    assert np.abs(raw.muscle_length[:, 3] - patched.muscle_length[:, 3]).max() > 1  # TRIlat lost its wrap


def test_movements_in_shards_make_the_same_data_set(made, tmp_path):
    script, *arguments = made.commands["movements"]
    shards = [
        stages.make_alone(script, tmp_path / f"{number}.h5", *arguments, "--shard", f"{number}/3")
        for number in (1, 2, 3)
    ]
    assert [len(stages.read(path).index) for path in shards] == [46, 47, 47]
    _, _, *options = made.commands["dataset"]
    joined = stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", *shards, *options)
    ours, theirs = stages.content(joined), stages.content(made.files["dataset"])
    inputs = [ours["attributes"].pop("inputs"), theirs["attributes"].pop("inputs")]
    assert list(inputs[0]) == ["1.h5", "2.h5", "3.h5"]
    assert ours.pop("attributes") == theirs.pop("attributes")
    assert {name: values.tobytes() for name, values in ours.items()} == {
        name: values.tobytes() for name, values in theirs.items()
    }


def test_the_data_set_holds_the_movements(made):
    data, movements = stages.read(made.files["dataset"]), stages.read(made.files["movements"])
    np.testing.assert_array_equal(np.sort(data.index), movements.index)
    assert (data.index != movements.index).any()  # shuffled
    for row in range(0, len(data.label), 9):
        index = data.index[row]
        live = slice(movements.offsets[index], movements.offsets[index + 1])
        for name in ("hand", "joints", "muscle_length"):
            held = np.clip(np.arange(320) - data.first[row], 0, live.stop - live.start - 1)
            np.testing.assert_array_equal(getattr(data, name)[row], getattr(movements, name)[live][held].T)
    latents = ("size", "rotation", "shear_x", "shear_y", "speed", "noise")
    for name in ("label", "source", "plane", "start_point", *latents):
        np.testing.assert_array_equal(getattr(data, name), getattr(movements, name)[data.index])
    np.testing.assert_array_equal(data.n_samples, np.diff(movements.offsets)[data.index])


def test_the_data_set_knows_how_its_muscles_vary(made):
    data = stages.read(made.files["dataset"])
    train = data.muscle_length[data.split == 0]
    for name, values in spindles.statistics(train, 0.015).items():
        np.testing.assert_allclose(vars(data)[f"statistics/{name}"], values, rtol=1e-6)
    assert data.attributes["spindle"] == stages.NO_NOISE


def test_spindles_are_chosen_with_the_data_set(made, tmp_path):
    options = ("--spindle", "afferents_power", "--latent-noise")
    path = stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", *made.commands["dataset"][1:], *options)
    with store.read(path, "dataset", finite=True) as data:
        rows = np.flatnonzero(data["noise"] > 0)[:3]
        inputs = dataset.spindle_inputs(data, rows)
        model = spindles.make("afferents_power", 5, data.family("statistics"))
        lengths, index = data["muscle_length"][rows], data["index"][rows]
        noisy = model.respond(lengths, 0.015, rows=index, noise_level=data["noise"][rows])
    assert inputs.shape == (3, 4, 320, 10)
    np.testing.assert_array_equal(inputs, noisy)


def test_movements_that_repeat_an_earlier_one_are_left_out(made, tmp_path):
    def repeat(file):
        for name in ("source", "plane", "start_point", "size", "rotation", "shear_x", "shear_y", "speed"):
            file[name][27] = file[name][7]

    path = stages.change(shutil.copy(made.files["movements"], tmp_path / "movements.h5"), repeat)
    _, _, *options = made.commands["dataset"]
    data = stages.read(stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", path, *options))
    assert 27 not in data.index
    assert len(data.index) == 139
    assert data.attributes["headline"]["left_out_repeated_movements"]["value"] == 1


def test_the_smoothest_movements_alone_can_be_kept(made, tmp_path):
    def alternate(file):
        """Four movements of each letter in horizontal and three in vertical planes."""
        file["plane"][:] = file["index"][:] // 20 % 2

    path = stages.change(shutil.copy(made.files["movements"], tmp_path / "movements.h5"), alternate)
    _, _, *options = made.commands["dataset"]
    data = stages.read(
        stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", path, *options, "--smoothest", 3)
    )
    assert (np.bincount(data.label + 20 * data.plane) == 3).all()
    jerk = stages.read(path).muscle_jerk.reshape(7, 20)[::2]
    left_out = np.setdiff1d(np.arange(140), data.index)
    np.testing.assert_array_equal(left_out, np.sort(np.arange(20) + 40 * jerk.argmax(axis=0)))


def torn(data):
    """How many pen letters have movements in more than one part."""
    return sum(len(np.unique(data.split[data.source == name])) > 1 for name in np.unique(data.source))


def test_the_published_split_is_one_option_away(made, tmp_path):
    script, *arguments = made.commands["movements"]
    twice = stages.make(script, tmp_path / "twice.h5", *arguments, "--per-letter", 14)  # every pen letter twice
    kept, published = (
        stages.read(stages.make("dataset/make_dataset.py", tmp_path / f"{by}.h5", twice, "--split-by", by))
        for by in ("source_letter", "movement")
    )
    assert torn(kept) == 0
    assert torn(published) > 10
    assert published.attributes["settings"]["split_by"] == "movement"
    for data in (kept, published):
        parts = [np.bincount(data.label[data.split == part], minlength=20) for part in range(3)]
        assert np.min(parts) > 0
    np.testing.assert_array_equal(kept.muscle_length, published.muscle_length)
