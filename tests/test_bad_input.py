"""Whatever a user gets wrong ends in one sentence, exit code 2, and nothing half-written."""

import json
import os
import re
import resource
import shutil
import subprocess
import zipfile
from types import SimpleNamespace

import fake_results
import h5py
import numpy as np
import pytest
import stages
import uci_layout
from click.testing import CliRunner
from scipy.io import savemat

from proprionet import store
from proprionet.letters.strokes import ALPHABET, TIME_STEP_S
from proprionet.main import main

WRITE = "dataset/write_letters.py"
READ = "dataset/read_letters.py"
PLACES = "dataset/find_start_points.py"
GENERATE = "dataset/generate_movements.py"
MAKE = "dataset/make_dataset.py"
SVM = "svm-analysis/fit_pairwise.py"
TRAIN = "nn-training/train.py"
RECORD = "nn-training/record_activations.py"
EVALUATE = "nn-training/evaluate.py"
RDM = "repr-analysis/compute_rdms.py"
COMPARE = "repr-analysis/compare_layers.py"
EMBED = "repr-analysis/embed.py"
TUNING = "single_cell/fit_tuning.py"
SIMULATE = "neural_prediction/simulate_session.py"
PREDICT = "neural_prediction/predict.py"
FIT_BASELINES = "neural_prediction/fit_baselines.py"
DECODE_KINEMATICS = "neural_prediction/decode_kinematics.py"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A good file of each kind that a stage reads; tests spoil copies of them."""
    folder = tmp_path_factory.mktemp("good")
    settings = stages.experiment(folder)
    files = SimpleNamespace(folder=folder, settings=settings)
    files.letters = stages.make(WRITE, folder / "letters.h5", "--per-letter", 3)
    files.pen = csv(folder / "pen.csv", stroke(30))
    files.places = stages.write_places(folder / "start_points.h5")
    few = ("--config", settings, "--per-letter", 3)
    files.movements = stages.make(GENERATE, folder / "movements.h5", files.letters, files.places, *few)
    files.dataset = stages.write_dataset(folder / "dataset.h5")
    files.activations = write_activations(folder / "activations.h5")
    files.session = write_session(folder / "session.h5")
    files.network = stages.make(TRAIN, folder / "network.h5", files.dataset, "--config", settings, "--untrained")
    return files


@pytest.fixture(scope="module")
def network(good):
    """A small untrained network for the small data set."""
    return good.network


def write_activations(path, movement=range(40)):
    count, random = len(movement), np.random.default_rng(0)
    with store.create(path, "activations") as file:
        for layer in ("input", "spatial0"):
            file.write(f"layers/{layer}", random.normal(size=(count, 96, 2, 2)))
            file.write(f"times/{layer}", np.arange(96))
        file.write("movement", movement)
        file.write("hand", random.normal(size=(count, 3, 96)))
        file.write("joints", random.normal(size=(count, 4, 96)))
        file.write("muscle_length", random.normal(size=(count, 2, 96)))
        file.write("first", np.full(count, 10))
        file.write("n_samples", np.full(count, 70))
        for name in ("label", "plane", "source"):
            file.write(name, np.arange(count) % 2)
        file.set(**fake_results.about_network("action_recognition", True))
        file.set(alphabet=ALPHABET, time_step_s=TIME_STEP_S)
        file.set(layers=["input", "spatial0"])
    return path


def write_session(path, n_trials=40, **changes):
    """Movements of 17 bins, and the muscles of the small data set."""
    random, n_bins = np.random.default_rng(0), 24 * n_trials
    changes = {"bin_width_s": 0.03, "muscle_names": stages.MUSCLES, **changes}
    return fake_results.session(
        path,
        offsets=24 * np.arange(n_trials + 1),
        spike_count=random.poisson(1.0, (n_bins, 2)),
        bin_time=None,
        movement=None,
        muscle_length=random.normal(200, 1, size=(n_bins, len(stages.MUSCLES))),
        events={"movement_onset": np.full(n_trials, 3), "end": np.full(n_trials, 19)},
        **changes,
    )


def spoiled(path, folder, action):
    """A copy of a file after ``action(file)`` has been done to it."""
    return stages.change(shutil.copy(path, folder / path.name), action)


def plant(name, value=np.nan):
    """Put a number where no stage would."""

    def action(file):
        file[name][(-1,) * file[name].ndim] = value

    return action


def tree(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def refused(folder, saying, script, *arguments):
    """The stage says ``saying`` in one sentence, with exit code 2, and leaves nothing behind."""
    before = tree(folder)
    result = stages.run(script, *arguments, "--out", folder / "new" / "out.h5", "--quiet", "--jobs", 1)
    assert result.exit_code == 2, result.output or result.exception
    assert result.stdout == ""
    assert re.fullmatch(rf"Error: [^\n]*{saying}[^\n]*\n", result.stderr), result.stderr
    left = [path for path in tree(folder) if path not in before]
    assert left in ([], [str(folder / "new")])  # an empty folder at most


# ----------------------------------------------------------------------------------------------- files that are none


READERS = [
    (GENERATE, "letters"),
    (MAKE, "movements"),
    (SVM, "dataset"),
    (TRAIN, "dataset"),
    (RDM, "activations"),
    (COMPARE, "activations"),
    (EMBED, "activations"),
    (TUNING, "activations"),
    ("single_cell/decode_population.py", "activations"),
    ("single_cell/dissect_network.py", "activations"),
    (SIMULATE, "dataset"),
    (PREDICT, "session"),
    (FIT_BASELINES, "session"),
    (DECODE_KINEMATICS, "session"),
]
SECOND = {GENERATE: ["places"], COMPARE: ["activations"], PREDICT: ["network"]}  # what else the stage reads


def reading(script, first, good):
    return [script, first, *(getattr(good, kind) for kind in SECOND.get(script, []))]


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_cut_short(good, tmp_path, script, kind):
    whole = getattr(good, kind)
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    refused(tmp_path, f"{cut.name}: .*corrupt or cut short.* Make it with ", *reading(script, cut, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
@pytest.mark.parametrize(
    "content", [b"", b"letter,stroke,x,y\n", bytes(range(256)) * 40], ids=["empty", "text", "noise"]
)
def test_a_file_that_is_no_hdf5(good, tmp_path, script, kind, content):
    path = tmp_path / "wrong.h5"
    path.write_bytes(content)
    refused(tmp_path, "wrong.h5: .*cannot be read as HDF5", *reading(script, path, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_of_another_kind(good, tmp_path, script, kind):
    other = good.places if kind != "start_points" else good.letters
    saying = f"start_points.h5: is a start_points file, expected an? {kind} file. Make it with "
    refused(tmp_path, saying, *reading(script, other, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_that_is_not_there(good, tmp_path, script, kind):
    refused(tmp_path, "none.h5: does not exist, expected an HDF5 file. Make it", *reading(script, "none.h5", good))


@pytest.mark.parametrize(
    ("script", "kind", "name"),
    [
        (GENERATE, "letters", "samples"),
        (MAKE, "movements", "muscle_length"),
        (SVM, "dataset", "muscle_length"),
        (TRAIN, "dataset", "hand"),
        (SIMULATE, "dataset", "muscle_length"),
    ],
)
def test_a_number_that_is_none(good, tmp_path, script, kind, name):
    path = spoiled(getattr(good, kind), tmp_path, plant(name))
    refused(tmp_path, f"{path.name}: '{name}' holds NaN or infinity, first in row ", *reading(script, path, good))


@pytest.mark.parametrize("script", [RDM, COMPARE, EMBED])
def test_an_activation_that_is_no_number(good, tmp_path, script):
    path = spoiled(good.activations, tmp_path, plant("layers/spatial0"))
    arguments = [good.activations, path] if script == COMPARE else [path]
    refused(tmp_path, "activations.h5: 'layers/spatial0' holds NaN or infinity, first in row 39", script, *arguments)


# ------------------------------------------------------------------------------------------------------- pen letters


def stroke(n_points):
    return np.column_stack([np.linspace(0, 3, n_points), np.sin(np.linspace(0, 3, n_points))])


def csv(path, points):
    path.write_text("letter,stroke,x,y\n" + "".join(f"a,1,{x},{y}\n" for x, y in points))
    return path


def mat(path, velocity):
    cells = [np.vstack([velocity.T, np.ones(len(velocity))])]
    uci_layout.save_uci_mat(path, cells, np.array([1]))
    return path


NAN_AT_5 = np.where(np.arange(30)[:, None] == 5, np.nan, stroke(30))


def test_a_mat_file_without_the_cells(tmp_path):
    savemat(tmp_path / "mine.mat", {"mix": np.ones(3)})
    refused(
        tmp_path,
        r"mine.mat: cell 'mixout' is missing \(found: 'mix'\); expected",
        READ,
        "--file",
        tmp_path / "mine.mat",
    )


def test_a_mat_file_that_is_none(tmp_path):
    (tmp_path / "mine.mat").write_bytes(b"MATLAB 5.0" + bytes(200))
    refused(tmp_path, "mine.mat: not a readable MAT file", READ, "--file", tmp_path / "mine.mat")


def test_pen_positions_that_are_no_numbers(tmp_path):
    refused(
        tmp_path,
        "pen.csv: row 7: x is nan, expected a finite number",
        READ,
        "--file",
        csv(tmp_path / "pen.csv", NAN_AT_5),
    )
    refused(
        tmp_path, r"pen.mat: letter 0: sample \d is not a finite", READ, "--file", mat(tmp_path / "pen.mat", NAN_AT_5)
    )


@pytest.mark.parametrize(("n_points", "saying"), [(1, "is a single point"), (5, "has 5 different points, at least 8")])
def test_strokes_of_a_few_points(tmp_path, n_points, saying):
    refused(
        tmp_path,
        f"pen.csv: stroke '1': the stroke {saying}",
        READ,
        "--file",
        csv(tmp_path / "pen.csv", stroke(n_points)),
    )


@pytest.mark.parametrize("name", ["letters.txt", "letters"])
def test_letters_in_no_known_form(tmp_path, name):
    (tmp_path / name).write_text("a")
    refused(tmp_path, "expected letters as .mat", READ, "--file", tmp_path / name)


# ---------------------------------------------------------------------------------------------------------------- arm


BOMB = (
    "<!DOCTYPE x ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    + "]><OpenSimDocument><Model>&a11;</Model></OpenSimDocument>"
)


def with_arm(folder, good, model, profile="name: tiny\nmuscles: [BRA]\npatches: []\n"):
    """Command line that writes letters with a model (its text) and a profile (its text)."""
    (folder / "arm.osim").write_text(model)
    (folder / "arm.yaml").write_text(profile)
    arm = ("--model", folder / "arm.osim", "--profile", folder / "arm.yaml", "--engine", "exact", "--per-letter", 1)
    return (GENERATE, good.letters, good.places, *arm)


@pytest.mark.parametrize(
    ("model", "saying"),
    [
        ("solid arm\nendsolid", "arm.osim: is not an OpenSim model; it is not well-formed XML"),
        ("<html><body/></html>", "arm.osim: is not an OpenSim model; expected <OpenSimDocument>, found <html>"),
        (BOMB, "arm.osim: declares a document type"),
    ],
    ids=["no XML", "other XML", "entity expansion"],
)
def test_a_model_that_is_none(good, tmp_path, model, saying):
    refused(tmp_path, saying, *with_arm(tmp_path, good, model))


@pytest.mark.parametrize(
    ("profile", "saying"),
    [
        ("name: tiny\nmuscles: [BRAC]\n", r"arm.osim: has no muscle 'BRAC'; did you mean 'BRA'\?"),
        (
            "name: tiny\nmuscles: [BRA]\ncoordinates: [elv_angle, shoulder_elv, shoulder_rot, elbow]\n",
            "arm.osim: has no coordinate 'elbow'; did you mean 'elbow_flexion'",
        ),
        ("name: tiny\nmuscels: [BRA]\n", r"arm.yaml: unknown setting 'muscels'; did you mean 'muscles'\?"),
    ],
    ids=["muscle", "coordinate", "setting"],
)
def test_a_profile_that_does_not_fit_the_model(good, tmp_path, profile, saying):
    model = (good.folder / "tiny_arm.osim").read_text()
    refused(tmp_path, saying, *with_arm(tmp_path, good, model, profile))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_model_that_fails_only_when_it_is_loaded(good, tmp_path, jobs):
    """The error comes from within the workers."""
    model = (good.folder / "tiny_arm.osim").read_text()
    arguments = with_arm(tmp_path, good, model, "name: tiny\nmuscles: [NONE]\n")
    process = stages.start(*arguments, "--per-letter", 7, "--jobs", jobs, "--out", tmp_path / "out.h5")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert re.fullmatch(r"Error: [^\n]*arm.osim: has no muscle 'NONE'[^\n]*\n", errors)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arm.osim", "arm.yaml"]


def test_start_points_out_of_reach(good, tmp_path):
    def move(file):
        for plane in ("horizontal", "vertical"):
            file[plane][...] += 200

    away = spoiled(good.places, tmp_path, move)
    arguments = (GENERATE, good.letters, away, "--config", good.settings, "--per-letter", 2)
    saying = (
        r"none of 40 movements could be written \(out_of_reach 2000 times, given_up 40 times\): do the start points"
    )
    refused(tmp_path, saying, *arguments)


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        ("upper_arm_cm: 31", "whose upper_arm_cm is 33.0, not 31.0 as for 'other' now"),
        ("upper_limit_deg: [130, 180, 20, 120]", r"whose upper_limit_deg is \[130.0, 180.0, 20.0, 130.0\], not "),
    ],
)
def test_start_points_of_another_arm(good, tmp_path, change, saying):
    (tmp_path / "other.yaml").write_text(f"name: other\n{change}\n")
    arm = ("--config", good.settings, "--profile", tmp_path / "other.yaml")
    saying = f"start_points.h5: was found for the arm 'tiny', {saying}.*; find start points again with the same --prof"
    refused(tmp_path, saying, GENERATE, good.letters, good.places, *arm)


def test_an_arm_that_is_not_known_or_has_no_model(good, tmp_path):
    inputs = (GENERATE, good.letters, good.places)
    saying = "arm 'octopus' is not known; give one of human, macaque, or a YAML file"
    refused(tmp_path, saying, *inputs, "--profile", "octopus")
    saying = "arm 'macaque' has no model that could be fetched; give one: --model PATH.osim"
    refused(tmp_path, saying, *inputs, "--profile", "macaque")
    refused(tmp_path, saying, PLACES, "--profile", "macaque")


def test_start_points_of_other_limits(good, tmp_path):
    wide = stages.make(PLACES, tmp_path / "wide.h5", "--config", good.settings, "--limits", "model")
    saying = (
        r"wide.h5: was found for the arm 'tiny', whose lower_limit_deg is .*, not \[-90.0, 0.0, -90.0, 0.0\] as for"
    )
    refused(tmp_path, saying, GENERATE, good.letters, wide, "--config", good.settings)


@pytest.mark.parametrize(
    ("options", "saying"),
    [
        (
            ["--engine", "fast", "--geometry", "raw"],
            "raw geometry jumps, which no table can hold; choose the exact eng",
        ),
        (
            ["--form", "compact"],
            "form compact leaves the lengths to the tables of the fast engine; choose that or form",
        ),
        (["--shard", "1/61"], "shard 1/61 of 60 movements is empty; use fewer shards"),
    ],
)
def test_choices_that_do_not_go_together(good, tmp_path, options, saying):
    few = ("--config", good.settings, "--per-letter", 3)
    refused(tmp_path, saying, GENERATE, good.letters, good.places, *few, *options)


@pytest.mark.parametrize(
    ("links", "saying"),
    [
        (1, "arm 'stump': within its joint limits the hand reaches no place in front of the body"),
        (8, "there is no place in horizontal planes where this arm can write a letter of 10 cm"),
    ],
)
def test_an_arm_that_reaches_nowhere(tmp_path, links, saying):
    (tmp_path / "arm.yaml").write_text(f"name: stump\nupper_arm_cm: {links}\nforearm_cm: {links}\n")
    refused(tmp_path, saying, PLACES, "--profile", tmp_path / "arm.yaml")


# ------------------------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("movments: {per_letter: 3}", r"mine.yaml: unknown setting 'movments'; did you mean 'movements'\?"),
        ("letters: {per_leter: 3}", r"mine.yaml: unknown setting 'letters.per_leter'; did you mean 'per_letter'\?"),
        ("letters: {per_letter: -3}", "mine.yaml: 'letters.per_letter' is -3: input should be greater"),
        ("letters: {per_letter: many}", "mine.yaml: 'letters.per_letter' is 'many'"),
        ("name: ../../elsewhere", "mine.yaml: 'name' is"),
        ("seed: [1", "mine.yaml, line 1: is not valid YAML"),
        ("!!python/object/apply:os.getcwd []", "mine.yaml, line 1: is not valid YAML"),
    ],
)
def test_settings_that_are_wrong(tmp_path, text, saying):
    (tmp_path / "mine.yaml").write_text(text)
    refused(tmp_path, saying, WRITE, "--config", tmp_path / "mine.yaml")


ABSURD = [
    (WRITE, None, "--per-letter", ["0", "-1", "10000000000"]),
    (READ, None, "--slow-down", ["0", "nan", "inf", "-3"]),
    (PLACES, None, "--spacing-cm", ["0", "-2", "nan", "1e9"]),
    (GENERATE, "letters", "--max-attempts", ["0", "1000000000"]),
    (GENERATE, "letters", "--tracing-error-limit", ["0", "nan", "-1"]),
    (GENERATE, "letters", "--shard", ["0/3", "4/3", "3", "-1/3", "a/b"]),
    (GENERATE, "letters", "--grid-deg", ["0", "nan", "90"]),
    (MAKE, "movements", "--n-steps", ["0", "32", "1000000"]),
    (MAKE, "movements", "--smoothest", ["0", "1000"]),
    (MAKE, "movements", "--noise", ["-1", "nan", "inf"]),
    (MAKE, "movements", "--test-fraction", ["0", "1", "nan"]),
    (TRAIN, "dataset", "--epochs", ["0", "100000000"]),
    (TRAIN, "dataset", "--learning-rate", ["0", "nan", "5"]),
    (TRAIN, "dataset", "--network", ["transformer", "none.yaml"]),
    (COMPARE, "activations", "--measure", ["cosine", "cka,", "cka,cosine"]),
    (COMPARE, "activations", "--dimension", ["0", "5000"]),
    (COMPARE, "activations", "--bandwidth", ["0", "nan"]),
    (EMBED, "activations", "--perplexity", ["0", "40", "1000000"]),
    (EMBED, "activations", "--n-components", ["1"]),
    (TUNING, "activations", "--test-fraction", ["0", "1"]),
    (TUNING, "activations", "--min-movements", ["1", "1000000"]),
    (SIMULATE, "dataset", "--bin-width-s", ["0", "1e-9", "3", "nan"]),
    (SIMULATE, "dataset", "--mean-rate-hz", ["0", "nan", "1e9"]),
    (SIMULATE, "dataset", "--per-letter", ["1"]),
    (PREDICT, "session", "--n-folds", ["1", "60", "1000"]),
    (PREDICT, "session", "--n-components", ["0"]),
    (FIT_BASELINES, "session", "--latency-ms", ["-1", "nan"]),
    (DECODE_KINEMATICS, "session", "--first-lag-ms", ["200"]),
]


@pytest.mark.parametrize(
    ("script", "kind", "option", "value"),
    [(script, kind, option, value) for script, kind, option, values in ABSURD for value in values],
)
def test_values_that_make_no_sense(good, tmp_path, script, kind, option, value):
    command = reading(script, getattr(good, kind), good) if kind else [script]
    setting = option[2:].replace("-", "_")
    saying = {"--n-folds": "folds", "--network": value, "--bin-width-s": "bin"}.get(option, setting)
    refused(tmp_path, saying, *command, option, value)


def test_fractions_that_leave_nothing_to_train_on(good, tmp_path):
    options = ("--test-fraction", 0.8, "--validation-fraction", 0.3)
    refused(tmp_path, "leave nothing to train on", MAKE, good.movements, *options)


@pytest.mark.parametrize(
    "words", [["--jobs", "0"], ["--seed", "-1"], ["--per-letter", "x"], ["--nonsense"], ["extra"], ["--jobs", "1e99"]]
)
def test_what_the_command_line_itself_refuses(tmp_path, words):
    result = stages.run(WRITE, "--out", tmp_path / "out.h5", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert tree(tmp_path) == []


# ------------------------------------------------------------------------- files that are whole, but do not fit


@pytest.mark.parametrize("script", [SVM, TRAIN])
def test_a_split_with_a_leak(good, tmp_path, script):
    def leak(file):
        file["split"][0] = (file["split"][1] + 1) % 3  # both are movements of pen letter 0

    leaky = spoiled(good.dataset, tmp_path, leak)
    refused(tmp_path, "dataset.h5: pen letter 0 has movements in more than one part", script, leaky)


@pytest.mark.parametrize(
    ("name", "value", "saying"),
    [
        ("offsets", 10**6, "'offsets' must rise from 0 to the"),
        ("label", 20, "'label' holds other numbers than 0 to 19"),
    ],
)
def test_movements_that_contradict_themselves(good, tmp_path, name, value, saying):
    path = spoiled(good.movements, tmp_path, plant(name, value))
    refused(tmp_path, f"movements.h5: {saying}", MAKE, path)


def test_shards_that_are_no_whole_set(good, tmp_path):
    def part(name, **attributes):
        def rename(file):
            for key, value in attributes.items():
                file.attrs[key] = np.bytes_(value)

        return stages.change(shutil.copy(good.movements, tmp_path / name), rename)

    first, second = part("a.h5", shard="1/2"), part("b.h5", shard="2/2")
    saying = r"expected every shard of one set once and in order \(1/N, 2/N ... N/N\), found "
    refused(tmp_path, saying + "1/2", MAKE, first)
    refused(tmp_path, saying + "1/2, 1/2", MAKE, first, first)
    refused(tmp_path, saying + "2/2, 1/2", MAKE, second, first)
    raw = part("c.h5", shard="2/2", geometry="raw")
    refused(tmp_path, "c.h5: its geometry is 'raw', that of a.h5 'patched'; a data set is made", MAKE, first, raw)


def test_a_compact_data_set_of_full_movements(good, tmp_path):
    refused(tmp_path, "form compact needs movements in compact form", MAKE, good.movements, "--form", "compact")


def test_a_movement_longer_than_the_data_set(good, tmp_path):
    refused(
        tmp_path,
        r"movement \d+ has \d+ steps, more than n_steps = 40; raise n_steps",
        MAKE,
        good.movements,
        "--n-steps",
        40,
    )


def test_a_session_that_a_network_cannot_see(good, tmp_path):
    first, *others = stages.MUSCLES
    other = write_session(tmp_path / "other.h5", muscle_names=("heart", *others))
    refused(tmp_path, rf"'muscle_length' holds no muscle '{first}' \(its muscles: heart", PREDICT, other, good.network)
    slow = write_session(tmp_path / "slow.h5", bin_width_s=0.2)
    refused(tmp_path, "its shortest window takes 3.4 s, but network.h5 sees", PREDICT, slow, good.network)


def test_a_network_with_the_weights_of_another(good, network, tmp_path):
    def swap(file):
        settings = json.loads(file.attrs["network"])
        file.attrs["network"] = np.bytes_(json.dumps({**settings, "temporal_filters": [7]}))

    path = spoiled(network, tmp_path, swap)
    saying = "network.h5: weights: .*(has shape|belong to another architecture)"
    refused(tmp_path, saying, RECORD, path, good.dataset)


def test_a_network_for_movements_of_another_shape(good, network, tmp_path):
    steps = {"hand": np.zeros((6, 3, 80)), "joints": np.zeros((6, 4, 80)), "muscle_length": np.zeros((6, 4, 80))}
    with store.read(good.dataset) as file:
        rest = {name: file[name][:6] for name in file.shapes() if name not in steps}
    other = stages.write_dataset(tmp_path / "other.h5", **{**rest, **steps, "split": np.full(6, 2)})
    refused(
        tmp_path,
        r"network.h5 takes movements of shape \(4, 96, 2\) .*other.h5 have \(4, 80, 2\)",
        RECORD,
        network,
        other,
    )


def test_a_network_is_tested_on_movements_of_its_kind(good, network, tmp_path):
    with store.read(good.dataset, "dataset") as data:
        cut = {name: data[name][..., :80] for name in ("hand", "joints", "muscle_length")}
    other = stages.write_dataset(tmp_path / "other.h5", **cut)
    saying = r"network.h5 takes movements of shape \(4, 96, 2\) .*other.h5 have \(4, 80, 2\)"
    refused(tmp_path, saying, EVALUATE, network, other)
    refused(tmp_path, "a session is for --task neurons", EVALUATE, network, good.dataset, "--session", good.session)


@pytest.mark.parametrize(
    ("options", "saying"),
    [
        (("--task", "torque"), "dataset.h5: holds no torques; add them with dataset/add_torques.py"),
        (("--task", "neurons"), "give it with --session"),
        (("--session", "SESSION", "--task", "torque"), "a session is for --task neurons, not for torque"),
    ],
)
def test_a_task_that_the_data_do_not_hold(good, tmp_path, options, saying):
    options = [good.session if option == "SESSION" else option for option in options]
    refused(tmp_path, saying, TRAIN, good.dataset, *options)


def test_a_letter_that_is_missing_in_a_part(good, tmp_path):
    def lose(file):
        file["split"][:] = np.where((file["label"][:] == 4) & (file["split"][:] == 1), 0, file["split"][:])
        file.attrs["split_by"] = np.bytes_("movement")

    path = spoiled(good.dataset, tmp_path, lose)
    refused(tmp_path, "the validation part has no letter '.', which other parts have", TRAIN, path)


@pytest.mark.parametrize(
    ("spoil", "saying"),
    [
        (
            lambda file: file.__setitem__("weights/evil", h5py.ExternalLink("other.h5", "/weights")),
            "is a link to elsewhere",
        ),
        (lambda file: file.create_dataset("weights/bomb", (1 << 40,), "float32", chunks=(1 << 20,)), "."),
        (lambda file: file["weights/score/kernel"].__setitem__(0, np.nan), "score/kernel"),
        (lambda file: file.move("weights/score", "weights/scores"), "score"),
    ],
    ids=["external link", "shape bomb", "NaN", "other weights"],
)
def test_a_hostile_or_altered_network(good, network, tmp_path, spoil, saying):
    path = spoiled(network, tmp_path, spoil)
    for script in (RECORD, EVALUATE):
        refused(tmp_path, saying, script, path, good.dataset)


def test_a_keras_archive_is_no_network(good, tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    refused(tmp_path, "model.keras", EVALUATE, path, good.dataset)


@pytest.mark.parametrize("position", [0, 1])
def test_activations_want_a_network_and_a_data_set(good, network, tmp_path, position):
    inputs = [network, good.dataset]
    inputs[position] = good.letters
    refused(tmp_path, "letters.h5: is a letters file, expected a", RECORD, *inputs)


def test_letters_that_cannot_be_compared(tmp_path):
    recorded = write_activations(tmp_path / "activations.h5", range(20))
    (tmp_path / "spoiled").mkdir()
    for labels in (np.zeros(20), np.arange(20)):

        def relabel(file, labels=labels):
            file["label"][:] = labels

        path = spoiled(recorded, tmp_path / "spoiled", relabel)
        refused(tmp_path, "needs movements of two letters, and two of one letter", RDM, path)


def test_networks_that_saw_other_movements(good, tmp_path):
    few = write_activations(tmp_path / "few.h5", range(39))
    refused(tmp_path, r"are of different movements \('movement' differs\): record both", COMPARE, good.activations, few)
    moved = spoiled(good.activations, tmp_path, plant("hand", 5.0))
    refused(tmp_path, r"are of different movements \('hand' differs\)", COMPARE, good.activations, moved)


def test_too_few_movements_for_a_map(good, tmp_path):
    refused(tmp_path, "40 stimuli are too few for a perplexity of 40: choose one below 13", EMBED, good.activations)

    def lay_down(file):
        file["plane"][2:] = 0

    path = spoiled(good.activations, tmp_path, lay_down)
    refused(tmp_path, r"1 movements \(vertical planes\) are too few for a map", EMBED, path, "--planes", "vertical")


def test_a_movement_beyond_its_record_has_no_place_on_a_map(good, tmp_path):
    path = spoiled(good.activations, tmp_path, plant("first", 90))
    refused(tmp_path, "activations.h5: movement 39 does not lie within its 96 samples", EMBED, path)


def test_a_layer_without_variance_is_left_undefined(good, tmp_path):
    def silence(file):
        file["layers/spatial0"][:] = 0.1

    path = spoiled(good.activations, tmp_path, silence)
    stages.make(RDM, tmp_path / "rdm.h5", path)
    stages.make(COMPARE, tmp_path / "similarity.h5", path, good.activations, "--measure", "cka,svcca", "--dimension", 5)
    stages.make(EMBED, tmp_path / "embedding.h5", path, "--perplexity", 5)
    made = [stages.content(tmp_path / f"{kind}.h5") for kind in ("rdm", "similarity", "embedding")]
    reasons = [file["attributes"]["undefined"] for file in made]
    assert reasons == [{name: "no unit varies over the stimuli"} for name in ("spatial0", "a/spatial0", "spatial0")]
    rdm, similarity, embedding = made
    assert "rdm/spatial0" not in rdm
    np.testing.assert_array_equal(np.isnan(rdm["pearson"]), [False] * 4 + [True])
    for measure in ("cka", "svcca"):
        np.testing.assert_array_equal(np.isnan(similarity[measure]), [[False, False], [True, True]])
    assert embedding["attributes"]["layers"] == ["hand", "input"]


def test_too_few_movements_for_the_components_of_two_layers(good, tmp_path):
    options = ("--measure", "cka,svcca", "--dimension", 20)
    saying = "40 movements are too few for --dimension 20: choose up to 19"
    refused(tmp_path, saying, COMPARE, good.activations, good.activations, *options)


def test_kernels_too_narrow_to_compare_are_explained(good, tmp_path):
    options = ("--measure", "cka_rbf,cka_rbf", "--bandwidth", 1e-9)
    made = stages.make(COMPARE, tmp_path / "similarity.h5", good.activations, good.activations, *options)
    saying = "similarity is not a number for some layers that vary; choose another --bandwidth"
    assert stages.content(made)["attributes"]["undefined"] == {"cka_rbf": saying}


def test_no_movement_in_a_plane(good, tmp_path):
    saying = "activations.h5: 0 in horizontal and 0 in vertical planes, of 40 movements: fitting needs 3 or more"
    refused(tmp_path, saying, TUNING, good.activations)


@pytest.mark.parametrize(
    ("name", "saying"),
    [
        ("layers/spatial0", "layer 'spatial0', unit 3: an activation is not finite, in movement 39"),
        ("hand", "hand of movement 39 holds NaN or infinity"),
        ("joints", "joints of movement 39 holds NaN or infinity"),
    ],
)
def test_tuning_to_what_is_no_number(good, tmp_path, name, saying):
    def spoil(file):
        file["hand"][:, 2] = 0
        plant(name)(file)

    path = spoiled(good.activations, tmp_path, spoil)
    refused(tmp_path, f"activations.h5: {saying}", TUNING, path)


# ------------------------------------------------------------------------------------------------ disk and network


def limited(n_bytes):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))}


@pytest.mark.parametrize(
    ("script", "inputs", "name"),
    [(MAKE, ["movements"], "out.h5"), (GENERATE, ["letters", "places"], "out.h5.parts/piece-000000.h5")],
)
def test_no_room_for_the_file(good, tmp_path, script, inputs, name):
    inputs = [getattr(good, kind) for kind in inputs]
    options = ("--config", good.settings, "--jobs", 1, "--quiet", "--out", tmp_path / "out.h5")
    process = stages.start(script, *inputs, *options, **limited(50_000))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    saying = "the file grows larger than this system allows; raise the limit (ulimit -f) or choose another --out"
    assert errors == f"Error: {tmp_path / name}: {saying}\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def read_only(tmp_path):
    """A folder that nobody may write into, and the words in front of a command that must see it so."""
    folder = tmp_path / "folder"
    folder.mkdir()
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder, [], "permission denied; choose another --out or change the permissions"
        folder.chmod(0o700)
        return
    mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    own_mounts = ["unshare", "--mount", "sh", "-c"]
    if subprocess.run([*own_mounts, mount], capture_output=True, check=False).returncode != 0:
        pytest.skip("the administrator may write everywhere, and may mount nothing read-only here")
    yield folder, [*own_mounts, f'{mount} && exec "$@"', "sh"], "the file system is read-only; choose another --out"


def test_a_folder_that_may_not_be_written(good, read_only):
    folder, before, saying = read_only
    words = stages.command(MAKE, good.movements, "--quiet", "--out", folder / "new" / "out.h5")
    done = subprocess.run([*before, *words], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"Error: {re.escape(str(folder))}[^\n]*: {saying}\n", done.stderr), done.stderr
    assert tree(folder) == []


def test_an_out_that_is_a_folder_or_lies_in_a_file(tmp_path):
    (tmp_path / "file").touch()
    for out in (tmp_path, tmp_path / "file" / "out.h5"):
        result = stages.run(WRITE, "--per-letter", 3, "--quiet", "--out", out)
        assert result.exit_code == 2
        assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
    assert tree(tmp_path) == [str(tmp_path / "file")]


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """Every way out leads to a closed port, and nothing has been fetched before."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    nowhere = "http://127.0.0.1:9"
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{nowhere}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nowhere)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("what", "saying"),
    [
        (["arm"], "osim-rl==3.0.11.*--model PATH.osim"),
        (
            ["letters", "--folder", "data"],
            "archive.ics.uci.edu.* could not be fetched .*by hand and put mixoutALL_shifted",
        ),
    ],
    ids=["arm", "letters"],
)
def test_fetching_without_a_network(tmp_path, monkeypatch, what, saying):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["fetch", *what])
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"Error: [^\n]*{saying}[^\n]*\n", result.stderr), result.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("no_network")
def test_movements_want_the_arm_that_was_not_fetched(good, tmp_path):
    refused(tmp_path, "the reference arm is not here; run 'proprionet fetch arm'", GENERATE, good.letters, good.places)


def test_debug_shows_where_it_happened(tmp_path):
    words = stages.command(MAKE, "none.h5", "--debug", "--out", tmp_path / "out.h5")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "Traceback" in done.stderr
