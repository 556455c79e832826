"""The whole sequence of stages on a tiny arm: every file is good, the same for any --jobs, and made once."""

import csv
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import stages
from click.testing import CliRunner
from scipy.spatial.distance import pdist

from proprionet import dataset, spindles, store
from proprionet.analysis.layers import similarity
from proprionet.letters.strokes import ALPHABET
from proprionet.main import main

SHARED = ("--config", "--out", "--seed", "--jobs", "--quiet", "--debug", "--dry-run", "--help")
HEAVY = ("h5py", "keras", "matplotlib", "numba", "numpy", "opensim", "scipy", "sklearn", "tensorflow")
GENERATE = "dataset/generate_movements.py"
TRAIN = "nn-training/train.py"
EVALUATE = "nn-training/evaluate.py"
SIMULATE = "neural_prediction/simulate_session.py"
FIT_NETWORK = "neural_prediction/fit_network.py"

# ---------------------------------------------------------------------------------------------------- command lines


@pytest.mark.parametrize("script", stages.SCRIPTS)
def test_help_shows_every_shared_option_and_an_example(script):
    result = stages.run(script, "--help")
    assert result.exit_code == 0
    for option in SHARED:
        assert f" {option} " in result.stdout or f" {option}\n" in result.stdout
    assert f"Example: python {script}" in " ".join(result.stdout.split())


def test_help_needs_nothing_heavy():
    program = f"""
import sys
sys.path.insert(0, {str(stages.ROOT / "tests")!r})
from importlib import util
for script in sys.argv[1:]:
    spec = util.spec_from_file_location("stage", script)
    spec.loader.exec_module(util.module_from_spec(spec))
print([name for name in {HEAVY} if name in sys.modules])
"""
    scripts = [str(stages.ROOT / script) for script in stages.SCRIPTS]
    done = subprocess.run([sys.executable, "-c", program, *scripts], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ------------------------------------------------------------------------------------------------ the whole sequence


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Every stage run once; the files that came of it by name, and the commands that made them."""
    folder = tmp_path_factory.mktemp("sequence")
    every_letter_once = {"letters": {"per_letter": 7}, "movements": {"per_letter": 7, "engine": "exact"}}
    settings = stages.experiment(folder, **every_letter_once)
    files, commands = {}, {}

    def stage(name, script, *arguments):
        arguments = [files.get(argument, argument) for argument in arguments]
        commands[name] = (script, *arguments, "--config", settings)
        if name == "movements":
            process = stages.start(*commands[name], "--jobs", 2, "--out", folder / f"{name}.h5")
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
        else:
            stages.make(commands[name][0], folder / f"{name}.h5", *commands[name][1:])
        files[name] = folder / f"{name}.h5"

    stage("letters", "dataset/write_letters.py")
    stage("start_points", "dataset/find_start_points.py")
    stage("movements", GENERATE, "letters", "start_points")
    stage("dataset", "dataset/make_dataset.py", "movements")
    stage("svm", "svm-analysis/fit_pairwise.py", "dataset")
    stage("linear_decoder", "svm-analysis/decode_trajectory.py", "dataset")
    stage("recognition", TRAIN, "dataset", "--task", "action_recognition")
    stage("decoding", TRAIN, "dataset", "--task", "trajectory_decoding")
    stage("untrained", TRAIN, "dataset", "--untrained")
    stage("activations", "nn-training/record_activations.py", "recognition", "dataset")
    stage("decoder_activations", "nn-training/record_activations.py", "decoding", "dataset")
    stage("rdm", "repr-analysis/compute_rdms.py", "activations")
    every_measure = ("--measure", ",".join(similarity.MEASURES), "--dimension", 3)
    stage("similarity", "repr-analysis/compare_layers.py", "activations", "decoder_activations", *every_measure)
    stage("embedding", "repr-analysis/embed.py", "activations", "--perplexity", 5)
    stage("tuning", "single_cell/fit_tuning.py", "activations")
    stage("null_tuning", "single_cell/fit_tuning.py", "activations", "--shuffled")
    stage("summary", "single_cell/summarise_tuning.py", "tuning")
    stage("population", "single_cell/decode_population.py", "activations", "--shuffles", 2)
    stage("dissection", "single_cell/dissect_network.py", "activations")
    stage("session", SIMULATE, "dataset")
    stage("neurons", TRAIN, "dataset", "--session", "session", "--task", "neurons", "--tensorboard")
    stage("evaluation", EVALUATE, "recognition", "dataset", "--part", "validation")
    stage("decoder_evaluation", EVALUATE, "decoding", "dataset")
    stage("neurons_evaluation", EVALUATE, "neurons", "dataset", "--session", "session")
    stage("prediction", "neural_prediction/predict.py", "session", "recognition")
    stage("data_driven", FIT_NETWORK, "session", "untrained", "--epochs", 2, "--n-folds", 2)
    return SimpleNamespace(folder=folder, settings=settings, files=files, commands=commands)


KINDS = {
    "recognition": "network",
    "decoding": "network",
    "untrained": "network",
    "neurons": "network",
    "decoder_activations": "activations",
    "decoder_evaluation": "evaluation",
    "neurons_evaluation": "evaluation",
    "null_tuning": "tuning",
    "summary": "unit_summary",
    "population": "decoding",
    "dissection": "dissection",
    "data_driven": "prediction",
    **{kind: kind for kind in ["letters", "start_points", "movements", "dataset", "svm", "linear_decoder"]},
    **{
        kind: kind
        for kind in ["activations", "rdm", "similarity", "embedding", "tuning", "session", "prediction", "evaluation"]
    },
}


def read(path):
    """All arrays and attributes of a file."""
    with store.read(path, finite=True) as file:
        return SimpleNamespace(attributes=file.attributes(), **{name: file[name] for name in file.shapes()})


def test_every_file_is_good_and_says_where_it_came_from(made):
    assert set(made.files) == set(KINDS)
    for name, path in made.files.items():
        with store.read(path, KINDS[name], finite=True) as file:
            attributes = file.attributes()
        inputs = [word for word in made.commands[name][1:-2] if word in made.files.values()]
        for used in inputs:
            assert attributes["inputs"][used.name] == store.sha256(used)
        assert attributes["seed"] == 5
        assert attributes["headline"]
    assert not list(made.folder.glob("*.parts"))
    assert not list(made.folder.glob(".*"))


def test_the_validator_is_content(made):
    result = CliRunner().invoke(main, ["validate", *map(str, made.files.values())])
    assert result.exit_code == 0
    assert result.stdout.count(": good (") == len(made.files)


@pytest.mark.parametrize("name", KINDS)
def test_a_second_call_finds_nothing_to_do(made, name):
    path = made.files[name]
    before = path.stat()
    result = stages.run(*made.commands[name], "--out", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{path}: already made from the same inputs and settings, nothing to do\n"
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_settings_never_overwrite_a_file(made):
    before = made.files["dataset"].read_bytes()
    result = stages.run(*made.commands["dataset"], "--out", made.files["dataset"], "--n-steps", 330)
    assert result.exit_code == 2
    assert "was made from other inputs or settings; remove it or choose another --out" in result.stderr
    assert made.files["dataset"].read_bytes() == before


@pytest.mark.parametrize(
    ("options", "driven_by", "rank"),
    [
        (("--driven-by", "hand"), ["position and velocity of the hand"], 6),
        (("--driven-by", "both"), ["length and velocity of each muscle", "position and velocity of the hand"], 8 + 6),
        (("--layer", "spatial0"), ["spatial0 of recognition.h5"], 4),
    ],
)
def test_simulated_neurons_are_driven_by_what_is_asked(made, tmp_path, options, driven_by, rank):
    network = ("--network", made.files["recognition"]) if "--layer" in options else ()
    session = read(stages.make(SIMULATE, tmp_path / "s.h5", made.files["dataset"], *options, *network))
    assert session.attributes["driven_by"] == driven_by
    log_rates = np.log(session.true_rate)
    assert np.linalg.matrix_rank(log_rates - log_rates.mean(axis=0), rtol=1e-4) == rank


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--layer", "spatial0"), "--layer and --network belong together"),
        (("--network", "recognition"), "--layer and --network belong together"),
        (("--layer", "spatial9", "--network", "recognition"), "has no layer 'spatial9'"),
    ],
)
def test_layers_that_drive_nothing_are_refused(made, tmp_path, options, message):
    options = [made.files.get(option, option) for option in options]
    result = stages.run(SIMULATE, made.files["dataset"], *options, "--out", tmp_path / "s.h5")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_networks_fitted_to_neurons_go_on_after_the_last_fold(made, tmp_path, monkeypatch):
    from proprionet.neural import data_driven

    fit, path, fitted = data_driven.fit_fold, tmp_path / "fit.h5", []

    def killed_in_the_second(*arguments, **options):
        if fitted:
            raise KeyboardInterrupt
        fitted.append(arguments[3])
        return fit(*arguments, **options)

    monkeypatch.setattr(data_driven, "fit_fold", killed_in_the_second)
    assert stages.run(*made.commands["data_driven"], "--out", path, "--jobs", 1).exit_code == 130
    assert not path.exists()
    monkeypatch.setattr(
        data_driven, "fit_fold", lambda *given, **options: fitted.append(given[3]) or fit(*given, **options)
    )
    stages.make(made.commands["data_driven"][0], path, *made.commands["data_driven"][1:])
    assert fitted == [0, 1]
    stages.assert_same(path, made.files["data_driven"])


def test_more_folds_than_trials_are_refused(made, tmp_path):
    command = (FIT_NETWORK, made.files["session"], made.files["untrained"], "--n-folds", 90)
    result = stages.run(*command, "--out", tmp_path / "fit.h5")
    assert result.exit_code == 2
    assert "trials are too few for 90 folds, two in each" in result.stderr
    assert not list(tmp_path.iterdir())


def test_what_a_kill_after_the_end_left_is_cleared_away(made, tmp_path):
    path = tmp_path / "dataset.h5"
    shutil.copy(made.files["dataset"], path)
    (tmp_path / "dataset.h5.parts").mkdir()
    (tmp_path / "dataset.h5.parts" / "piece-000000.h5").touch()
    assert stages.run(*made.commands["dataset"], "--out", path).exit_code == 0
    assert list(tmp_path.iterdir()) == [path]


# --------------------------------------------------------------------------------------------- letters to data set


def test_movements_do_not_depend_on_the_number_of_jobs(made, tmp_path):
    script, *arguments = made.commands["movements"]
    stages.assert_same(stages.make_alone(script, tmp_path / "movements.h5", *arguments), made.files["movements"])


def test_movements_are_of_every_letter_and_of_this_arm(made):
    movements = read(made.files["movements"])
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
    letters = read(made.files["letters"])
    for label, source in zip(movements.label, movements.source, strict=True):
        assert letters.label[letters.source == source] == label


def test_the_geometry_is_in_the_file_and_in_the_lengths(made, tmp_path):
    script, *arguments = made.commands["movements"]
    few = [*arguments, "--per-letter", 1]
    files = {
        name: stages.make(script, tmp_path / f"{name}.h5", *few, "--geometry", name) for name in ("raw", "patched")
    }
    raw, patched = (read(path) for path in files.values())
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
    assert [len(read(path).index) for path in shards] == [46, 47, 47]
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
    data, movements = read(made.files["dataset"]), read(made.files["movements"])
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
    data = read(made.files["dataset"])
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
    data = read(stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", path, *options))
    assert 27 not in data.index
    assert len(data.index) == 139
    assert data.attributes["headline"]["left_out_repeated_movements"]["value"] == 1


def test_the_smoothest_movements_alone_can_be_kept(made, tmp_path):
    def alternate(file):
        """Four movements of each letter in horizontal and three in vertical planes."""
        file["plane"][:] = file["index"][:] // 20 % 2

    path = stages.change(shutil.copy(made.files["movements"], tmp_path / "movements.h5"), alternate)
    _, _, *options = made.commands["dataset"]
    data = read(stages.make("dataset/make_dataset.py", tmp_path / "dataset.h5", path, *options, "--smoothest", 3))
    assert (np.bincount(data.label + 20 * data.plane) == 3).all()
    jerk = read(path).muscle_jerk.reshape(7, 20)[::2]
    left_out = np.setdiff1d(np.arange(140), data.index)
    np.testing.assert_array_equal(left_out, np.sort(np.arange(20) + 40 * jerk.argmax(axis=0)))


def torn(data):
    """How many pen letters have movements in more than one part."""
    return sum(len(np.unique(data.split[data.source == name])) > 1 for name in np.unique(data.source))


def test_the_published_split_is_one_option_away(made, tmp_path):
    script, *arguments = made.commands["movements"]
    twice = stages.make(script, tmp_path / "twice.h5", *arguments, "--per-letter", 14)  # every pen letter twice
    kept, published = (
        read(stages.make("dataset/make_dataset.py", tmp_path / f"{by}.h5", twice, "--split-by", by))
        for by in ("source_letter", "movement")
    )
    assert torn(kept) == 0
    assert torn(published) > 10
    assert published.attributes["settings"]["split_by"] == "movement"
    for data in (kept, published):
        parts = [np.bincount(data.label[data.split == part], minlength=20) for part in range(3)]
        assert np.min(parts) > 0
    np.testing.assert_array_equal(kept.muscle_length, published.muscle_length)


# --------------------------------------------------------------------------------------------- networks and after


def test_svm_tells_every_pair(made):
    svm = read(made.files["svm"])
    assert svm.attributes["alphabet"] == ALPHABET
    assert svm.accuracy.shape == (20, 20)
    assert np.isnan(np.diag(svm.accuracy)).all()
    np.testing.assert_allclose(np.nanmean(svm.accuracy), svm.attributes["mean_accuracy"])
    assert svm.attributes["mean_accuracy"] > 0.5


def test_networks_of_both_tasks_start_from_one_backbone(made):
    trained, decoder, untrained = (read(made.files[name]) for name in ("recognition", "decoding", "untrained"))
    assert [network.attributes["trained"] for network in (trained, decoder, untrained)] == [True, True, False]
    assert [len(network.epoch) for network in (trained, decoder, untrained)] == [2, 2, 0]
    assert list(trained.epoch) == [1, 2]
    assert decoder.attributes["task"] == "trajectory_decoding"
    kernel = "weights/spatial0_convolution/kernel"
    assert (getattr(trained, kernel) != getattr(untrained, kernel)).any()
    scaling = [name for name in vars(trained) if name.startswith("weights/input_scaling")]
    assert scaling
    for name in scaling:
        np.testing.assert_array_equal(getattr(trained, name), getattr(untrained, name))


def test_a_training_writes_its_history_for_people_and_for_tensorboard(made):
    network = read(made.files["neurons"])
    with open(made.files["neurons"].with_suffix(".csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    np.testing.assert_allclose([float(row["loss"]) for row in rows], network.train_loss)
    np.testing.assert_allclose([float(row["validation_explained_variance"]) for row in rows], network.validation_metric)
    (events,) = made.files["neurons"].with_suffix(".tensorboard").iterdir()
    assert b"validation_explained_variance" in events.read_bytes()


def test_networks_are_tested_on_a_part_of_a_set(made):
    data, one = read(made.files["dataset"]), read(made.files["evaluation"])
    np.testing.assert_array_equal(one.movement, np.flatnonzero(data.split == 1))
    np.testing.assert_array_equal(one.label, data.label[one.movement])
    assert one.confusion.sum() == len(one.movement)
    assert one.attributes["metrics"]["accuracy"] == np.mean(one.predicted == one.label) == np.trace(one.confusion) / 20
    decoder, tested = read(made.files["decoding"]), read(made.files["decoder_evaluation"])
    of_test = {name: value for name, value in decoder.attributes["metrics"].items() if name != "training_error"}
    assert tested.attributes["metrics"] == pytest.approx(of_test)
    assert 0 < decoder.attributes["metrics"]["training_error"] < 2 * of_test["error"]
    assert (tested.attributes["parts"], tested.attributes["units"]) == (["error"], ["cm"])
    assert tested.error.mean() == pytest.approx(tested.attributes["metrics"]["error"], rel=1e-5)
    neurons = read(made.files["neurons"])
    assert neurons.attributes["answers"] == [["rate", "Hz", 4]]
    trials = read(made.files["neurons_evaluation"])
    assert len(trials.movement) == round(0.1 * len(read(made.files["session"]).movement))
    neurons.attributes["metrics"].pop("training_explained_variance")
    assert trials.attributes["metrics"] == pytest.approx(neurons.attributes["metrics"])


def test_activations_are_of_the_test_part_and_the_same_for_every_network(made):
    data = read(made.files["dataset"])
    one, other = read(made.files["activations"]), read(made.files["decoder_activations"])
    np.testing.assert_array_equal(one.movement, other.movement)
    np.testing.assert_array_equal(vars(one)["layers/input"], vars(other)["layers/input"])
    assert (data.split[one.movement] == 2).all()
    assert (np.bincount(data.label[one.movement]) == 2).all()
    np.testing.assert_array_equal(one.label, data.label[one.movement])
    for name in ("hand", "joints", "first", "n_samples"):
        np.testing.assert_array_equal(vars(one)[name], vars(data)[name][one.movement])
    lengths = vars(one)["layers/input"][..., 0].transpose(0, 2, 1)
    np.testing.assert_array_equal(lengths, data.muscle_length[one.movement])
    np.testing.assert_array_equal(one.muscle_length, data.muscle_length[one.movement])
    assert one.attributes["family"] == "spatial_temporal"
    assert one.attributes["instance"] == read(made.files["recognition"]).attributes["seed"]
    assert one.attributes["layers"] == ["input", "spatial0", "temporal0"]
    assert vars(one)["layers/temporal0"].shape == (40, 64, 2, 4)
    np.testing.assert_allclose(np.diff(vars(one)["times/temporal0"]), 5)


def test_kinematics_come_before_the_layers_of_an_rdm(made):
    rdm, responses = read(made.files["rdm"]), read(made.files["activations"])
    assert rdm.attributes["layers"] == ["hand", "joints", "muscle_length", "input", "spatial0", "temporal0"]
    assert rdm.attributes["undefined"] == {}
    assert rdm.attributes["instance"] == responses.attributes["instance"]
    units = responses.hand.reshape(40, -1)
    expected = pdist(units[:, np.ptp(units, axis=0) > 0].astype(float), "correlation")
    np.testing.assert_allclose(vars(rdm)["rdm/hand"], expected, atol=1e-6)
    assert rdm.pearson[0] == pytest.approx(np.corrcoef(expected, pdist(rdm.label[:, None]) > 0)[0, 1], abs=1e-6)


def test_layers_of_two_networks_are_compared(made):
    found = read(made.files["similarity"])
    assert found.attributes["a"]["task"] == "action_recognition"
    assert found.attributes["b"]["task"] == "trajectory_decoding"
    assert found.attributes["layers_a"] == found.attributes["layers_b"] == ["input", "spatial0", "temporal0"]
    for measure in similarity.MEASURES:
        matrix = vars(found)[measure]
        assert matrix.shape == (3, 3)
        assert matrix[0, 0] == pytest.approx(0 if measure == "procrustes" else 1, abs=1e-6)  # both see the same input
    assert (found.cka_biased > found.cka).any()


def test_every_layer_and_the_hand_are_mapped(made):
    found, responses = read(made.files["embedding"]), read(made.files["activations"])
    assert found.attributes["layers"] == ["hand", "input", "spatial0", "temporal0"]
    assert all(0.9 < share <= 1 for share in found.attributes["explained"])  # 39 components of 40 movements
    for layer in found.attributes["layers"]:
        assert vars(found)[f"points/{layer}"].shape == (40, 2)
    middle = responses.first + responses.n_samples // 2
    np.testing.assert_array_equal(found.middle, responses.hand[np.arange(40), :, middle])
    np.testing.assert_array_equal(found.label, responses.label)


def test_maps_of_one_plane_show_its_movements(made, tmp_path):
    options = ("--method", "mds", "--planes", "vertical")
    found = read(stages.make("repr-analysis/embed.py", tmp_path / "map.h5", made.files["activations"], *options))
    plane = read(made.files["activations"]).plane
    assert (found.plane == 1).all()
    assert len(vars(found)["points/hand"]) == (plane == 1).sum()


def test_analyses_have_a_row_for_every_pair_unit_and_neuron(made):
    rdm, tuning, prediction = (read(made.files[name]) for name in ("rdm", "tuning", "prediction"))
    assert vars(rdm)["rdm/temporal0"].shape == (40 * 39 // 2,)
    assert rdm.pearson.shape == rdm.kendall.shape == (6,)
    assert list(np.bincount(tuning.layer)) == [8, 4, 8]
    n_planes, movements = len(tuning.level), len(read(made.files["activations"]).movement)
    assert tuning.r2.shape == tuning.intercept.shape == (n_planes, 9, 20)
    assert tuning.coefficients.shape == (n_planes, len(tuning.attributes["coefficients"]), 20)
    assert tuning.selectivity.shape == (2, len(tuning.attributes["alphabet"]), 20)
    assert tuning.n_movements[:2].sum() == tuning.n_movements[2:].sum() == movements
    assert (tuning.r2[0, tuning.attributes["features"].index("muscle_length"), :8] > 0.5).any()
    assert tuning.attributes["family"] == "spatial_temporal"
    assert prediction.explained_variance.shape == prediction.correlation.shape == (3, 4)
    assert (prediction.explained_variance[0] <= prediction.ceiling + 0.1).all()  # neurons are driven by the input
    session = read(made.files["session"])
    np.testing.assert_array_equal(session.movement, read(made.files["activations"]).movement)


def test_shuffled_movements_leave_the_input_without_tuning(made):
    found, null = read(made.files["tuning"]), read(made.files["null_tuning"])
    assert (found.attributes["shuffled"], null.attributes["shuffled"]) == (False, True)
    feature, lengths = found.attributes["features"].index("muscle_length"), (found.layer == 0) & (found.channel == 0)
    assert found.r2[0, feature, lengths].min() > 0.999 > 0.5 > null.r2[0, feature, lengths].mean()
    np.testing.assert_array_equal(null.n_movements, found.n_movements)


def test_tuning_says_why_there_is_none(made, tmp_path):
    def one_letter(file):
        file["label"][:] = 3
        file["layers/spatial0"][:] = 0.5

    recorded = stages.change(shutil.copy(made.files["activations"], tmp_path / "one_letter.h5"), one_letter)
    found = read(stages.make("single_cell/fit_tuning.py", tmp_path / "tuning.h5", recorded))
    reasons = {"spatial0": "no unit varies over the stimuli", "selectivity": "all movements are of one letter"}
    assert found.attributes["undefined"] == reasons
    assert np.isnan(found.selectivity).all()


def test_statistics_of_units_and_decodings_have_a_column_for_every_layer(made):
    summary, population, dissection = (read(made.files[name]) for name in ("summary", "population", "dissection"))
    assert summary.value.shape == (len(summary.attributes["statistics"]), 3)
    assert population.r2.shape == (3, len(population.attributes["targets"]))
    assert population.null_r2.shape == (2, *population.r2.shape)
    assert population.r2[0, 0] > population.null_r2[:, 0, 0].max()
    assert dissection.movement.shape == (len(dissection.layer), 20, 5)
