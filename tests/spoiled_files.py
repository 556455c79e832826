"""Good files of small experiments, ways to spoil them, and how a stage refuses them."""

import re
import shutil

import fake_results
import numpy as np
import stages
import uci_layout

from proprionet import store
from proprionet.letters.strokes import ALPHABET, TIME_STEP_S

WRITE = "dataset/write_letters.py"
READ = "dataset/read_letters.py"
PLACES = "dataset/find_start_points.py"
GENERATE = "dataset/generate_movements.py"
MAKE = "dataset/make_dataset.py"
SVM = "svm-analysis/fit_pairwise.py"
DECODE = "svm-analysis/decode_trajectory.py"
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
FIT_NETWORK = "neural_prediction/fit_network.py"


def stroke(n_points):
    return np.column_stack([np.linspace(0, 3, n_points), np.sin(np.linspace(0, 3, n_points))])


def csv(path, points):
    path.write_text("letter,stroke,x,y\n" + "".join(f"a,1,{x},{y}\n" for x, y in points))
    return path


def mat(path, velocity):
    cells = [np.vstack([velocity.T, np.ones(len(velocity))])]
    uci_layout.save_uci_mat(path, cells, np.array([1]))
    return path


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


SECOND = {
    GENERATE: ["places"],
    COMPARE: ["activations"],
    PREDICT: ["network"],
    FIT_NETWORK: ["network"],
}  # what else the stage reads


def reading(script, first, good):
    return [script, first, *(getattr(good, kind) for kind in SECOND.get(script, []))]
