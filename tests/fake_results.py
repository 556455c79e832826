"""Small result files of every stage, written through the store as the stages write them."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from proprionet import store
from proprionet.arm.profiles import HUMAN, kinematics_of
from proprionet.networks.settings import PRESETS
from proprionet.neural import session_files
from proprionet.neural.session import Session

ALPHABET = "abc"
LAYERS = ["input", "spatial0", "temporal0"]
FEATURES = ["direction", "speed", "velocity", "acceleration", "position"]
NETWORKS = {"action_recognition": True, "trajectory_decoding": True, "untrained": False}
N_STIMULI = 9
JOINTS = ["elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion"]
MUSCLES = ["BIClong", "TRIlong"]
ARM = {"time_step_s": 0.015, "arm": "human (arm.osim, SHA-256 0123456789ab)", "joint_names": JOINTS}
ARM |= {"muscle_names": MUSCLES, "length_kind": "fibre", "geometry": "patched", "engine": "exact"}
ARM |= {"letters": "0" * 64}
ARM |= {"arm_kinematics": kinematics_of(HUMAN)}


def write(path: Path, kind: str, arrays: dict, headline: dict | None = None, **attributes) -> Path:
    """One result file of ``kind`` with the provenance that a stage gives it; an array of None is left out."""
    with store.create(path, kind, settings={"per_letter": 2}, seed=7) as file:
        for name, values in arrays.items():
            if values is not None:
                file.write(name, values)
        file.set(**attributes, headline=headline or {}, elapsed_s=2.5)
    return path


def save_figure(figure: Figure, folder: Path, name: str) -> Path:
    """What :func:`proprionet.plotting.style.save` makes, but empty: to draw takes longer than all the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("pdf", "png"):
        (folder / f"{name}.{suffix}").touch()
    return folder / f"{name}.png"


def one(value: float, unit: str = "1", **more) -> dict:
    """A headline."""
    return {"value": value, "unit": unit, **more}


def letters(path: Path, origin: str = "synthetic", **changes) -> Path:
    """Six letters of ten samples."""
    samples = np.random.default_rng(0).normal(size=(6, 10, 2)).cumsum(axis=1).reshape(60, 2)
    arrays = {"samples": samples, "offsets": np.arange(0, 61, 10), "label": np.arange(6) % 3, "source": np.arange(6)}
    attributes = {"alphabet": ALPHABET, "time_step_s": 0.015, "origin": origin}
    return write(path, "letters", arrays | changes, {"letters": one(6, "letters")}, **attributes)


def start_points(path: Path) -> Path:
    grid = np.stack(np.meshgrid([20.0, 30.0], [-5.0, 5.0], [-10.0, 0.0]), axis=-1).reshape(-1, 3)
    about = {"arm": "human", "arm_kinematics": ARM["arm_kinematics"]}
    return write(path, "start_points", {"horizontal": grid, "vertical": grid[:4]}, **about)


def movements(
    path: Path, rejections: dict | None = None, shard: str = "1/1", letters: str = "0" * 64, **changes
) -> Path:
    """One movement in a horizontal and one in a vertical plane."""
    rng = np.random.default_rng(1)
    arrays = {
        "hand": 30 + rng.normal(size=(40, 3)).cumsum(axis=0),
        "joints": 40 + rng.normal(size=(40, 4)).cumsum(axis=0),
        "muscle_length": 100 + rng.normal(size=(40, 2)).cumsum(axis=0),
        "offsets": np.array([0, 15, 40]),
        **{name: np.zeros(2) for name in ("tracing_error", "joint_jerk", "muscle_jerk")},
    }
    counts = {"joint_jerk": 4, "given_up": 1} if rejections is None else rejections
    headline = {"rejection_rate": one(2 / 3, "of draws", n=6)}
    attributes = {"alphabet": ALPHABET, "rejections": counts, "shard": shard, **ARM, "letters": letters}
    return write(path, "movements", arrays | _latents(2) | changes, headline, **attributes)


def dataset(path: Path) -> Path:
    arrays = {
        "hand": np.zeros((12, 3, 40)),
        "joints": np.zeros((12, 4, 40)),
        "muscle_length": np.zeros((12, 2, 40)),
        "first": np.zeros(12, int),
        "n_samples": np.arange(20, 32),
        "split": np.arange(12) % 3,
        "statistics/length_mean_mm": np.zeros(2),
    }
    attributes = {"alphabet": ALPHABET, "spindle": {"spindle": "kinematic"}, "split_by": "movement", **ARM}
    return write(path, "dataset", arrays | _latents(12), {"train_movements": one(4, "movements")}, **attributes)


def svm(path: Path, **changes) -> Path:
    accuracy = np.array([[np.nan, 0.75, 0.9], [0.75, np.nan, 0.6], [0.9, 0.6, np.nan]])
    attributes = {"alphabet": ALPHABET, "input": "muscle_length", "subset": "full"}
    attributes |= {"mean_accuracy": 0.75, "multiclass_accuracy": 0.5}
    attributes["settings"] = {"standardise": True, "validation": "grouped", "c_values": 8, "most_movements": 1000}
    headline = {"pair_accuracy": one(0.75, "of movements", chance=0.5, n=3)}
    arrays = dict.fromkeys(("accuracy", "regularisation", "gap"), accuracy)
    arrays |= {"n_test": np.full((3, 3), 2), "pair": np.array([[0, 1], [0, 2], [1, 2]]), "distance": np.ones((3, 3))}
    arrays |= {"votes": np.ones((3, 3), int), **{name: np.arange(3) for name in ("predicted", "label", "movement")}}
    return write(path, "svm", arrays, headline, **(attributes | changes))


def linear_decoder(path: Path, input: str = "spindle") -> Path:
    arrays = {name: np.ones((4, 3)) for name in ("weight", "exact_weight")}
    arrays |= {name: np.ones(4) for name in ("input_mean", "input_deviation")}
    arrays |= {name: np.ones(3) for name in ("hand_mean", "hand_deviation")}
    arrays |= {"validation_loss": np.array([0.5, 0.2]), "movement": np.arange(2)}
    arrays |= {name: np.full(2, 1.5) for name in ("error", "exact_error")}
    return write(path, "linear_decoder", arrays, {"error": one(1.5, "cm", n=2)}, input=input)


def session(path: Path, **changes) -> Path:
    """Five trials of four bins, as simulated ones are; all of a trial is active."""
    rng = np.random.default_rng(5)
    simulated = {"bin_time": np.tile(np.arange(4.0), 5), "movement": np.arange(5), "driven_by": ("muscle_length",)}
    counts = rng.poisson(1.0, (20, 3))
    about = {"bin_width_s": 0.06, "offsets": np.arange(0, 21, 4), "spike_count": counts, **simulated, **changes}
    last = np.diff(about["offsets"]) - 1
    about = {"events": {"movement_onset": np.zeros_like(last), "end": last}, **about}
    with store.create(path, "session", settings={"per_letter": 2}, seed=7) as file:
        session_files.save(file, Session("simulated", **about))
        file.set(headline={"trials": one(5, "trials")}, elapsed_s=2.5)
    return path


def network(path: Path, task: str, trained: bool, weights: dict | None = None, **changes) -> Path:
    arrays = {f"weights/{name}": values for name, values in (weights or {"first": np.ones(2)}).items()}
    if trained:
        arrays |= {
            "epoch": np.arange(1, 4),
            "train_loss": np.array([3.0, 2, 1]),
            "validation_loss": np.array([3, 2.5, 2]),
        }
        arrays |= {"learning_rate": np.full(3, 1e-3)}
    about = {name: kind() for name, kind in store.KINDS["network"].attributes.items()}
    about |= {"input": "spindle", "input_shape": [2, 40, 2], "muscle_names": MUSCLES, "n_outputs": 3, **changes}
    return write(path, "network", arrays, {"test_score": one(0.8125)}, **(about | {"task": task, "trained": trained}))


def evaluation(path: Path, task: str, trained: bool, **changes) -> Path:
    arrays = {"movement": np.arange(6), "error": np.ones((6, 1))}
    if task == "action_recognition":
        label, predicted = np.arange(6) % 3, np.arange(6) // 2
        confusion = np.zeros((3, 3), int)
        np.add.at(confusion, (label, predicted), 1)
        arrays = {"movement": np.arange(6), "label": label, "predicted": predicted, "confusion": confusion}
    about = about_network(task, trained) | {"metrics": {}, "alphabet": ALPHABET, "parts": [], "units": []}
    return write(path, "evaluation", arrays, {"loss": one(0.5)}, **(about | changes))


def searched(folder: Path) -> list[Path]:
    """Preset networks on both tasks, each better than the one before, and their untrained twins; one weight a channel.

    A search would have made them; the head of each has 7 weights.
    """
    paths = []
    for index, settings in enumerate(PRESETS.values()):
        weights = {f"{layer.name}_convolution/kernel": np.zeros(layer.size) for layer in settings.layers()}
        about = {"weights": {**weights, "score/kernel": np.zeros(7)}, "network": settings.model_dump(mode="json")}
        about |= {"answers": [["hand", "cm", 3]]}
        for task, metrics in (
            ("action_recognition", {"loss": 0.2, "accuracy": 0.9 + index / 100, "trivial_accuracy": 0.05}),
            ("trajectory_decoding", {"loss": 0.1, "error": 1 / (1 + index), "trivial_error": 9.0}),
        ):
            path = folder / f"{settings.name}_{task}_seed7.h5"
            paths.append(network(path, task, True, **about, metrics=metrics))
        path = folder / f"{settings.name}_untrained_seed7.h5"
        paths.append(network(path, "action_recognition", False, **about, metrics={"loss": 3.0, "accuracy": 0.05}))
    return paths


def about_network(task: str, trained: bool) -> dict:
    network = {"network": "tiny", "family": "spatial_temporal", "instance": 7, "task": task, "trained": trained}
    return {**network, "stimuli": "0" * 12}


def activations(path: Path, task: str, trained: bool, **changes) -> Path:
    arrays = {f"layers/{layer}": np.zeros((2, 4, 1, 1)) for layer in LAYERS}
    arrays |= {f"times/{layer}": np.arange(4.0) for layer in LAYERS}
    arrays |= {"movement": np.arange(2), "hand": np.zeros((2, 3, 40))}
    arrays |= {name: np.zeros(2, int) for name in ("label", "plane", "source")}
    arrays |= {"joints": np.zeros((2, 4, 40)), "muscle_length": np.zeros((2, 2, 40))}
    arrays |= {"first": np.full(2, 5), "n_samples": np.full(2, 30)}
    about = {"alphabet": ALPHABET, "time_step_s": 0.015, "layers": LAYERS}
    return write(path, "activations", arrays | changes, **about_network(task, trained), **about)


def followed_activations(path: Path) -> Path:
    """Two horizontal movements; the unit in row 3 of channel 1 of each layer follows the hand's velocity along x."""
    hand = np.random.default_rng(1).normal(size=(2, 3, 40)).cumsum(axis=2)
    responses = np.zeros((2, 40, 10, 3))
    responses[:, :, 3, 1] = np.gradient(hand[:, 0], 0.015, axis=1)
    arrays = {f"layers/{layer}": responses for layer in LAYERS} | {
        f"times/{layer}": np.arange(40.0) for layer in LAYERS
    }
    return activations(path, "action_recognition", True, hand=hand, **arrays)


def rdm(path: Path, task: str, trained: bool, **changes) -> Path:
    rng = np.random.default_rng(2)
    layers = ["hand", "joints", "muscle_length", *LAYERS]
    arrays = {f"rdm/{layer}": rng.random(N_STIMULI * (N_STIMULI - 1) // 2) for layer in layers}
    arrays |= {"label": np.arange(N_STIMULI) % 3, "pearson": np.linspace(0, 0.4, 6), "kendall": np.zeros(6)}
    about = {"alphabet": ALPHABET, "layers": layers, "metric": "correlation", "undefined": {}}
    about |= about_network(task, trained)
    return write(path, "rdm", arrays | changes, {"oracle": one(0.4)}, **about)


def similarity(path: Path) -> Path:
    a, b = about_network("action_recognition", True), about_network("action_recognition", False)
    about = {"a": a, "b": b, "layers_a": LAYERS, "layers_b": LAYERS, "n_stimuli": N_STIMULI, "undefined": {}}
    return write(path, "similarity", {"cka": np.eye(3)}, {"cka_of_last_layers": one(1)}, **about)


def embedding(path: Path, task: str, trained: bool) -> Path:
    rng = np.random.default_rng(5)
    layers = ["hand", *LAYERS]
    arrays = {f"points/{layer}": rng.normal(size=(N_STIMULI, 2)) for layer in layers}
    arrays |= {"label": np.arange(N_STIMULI) % 3, "plane": np.arange(N_STIMULI) % 2, "source": np.arange(N_STIMULI)}
    arrays |= {"middle": rng.normal(size=(N_STIMULI, 3))}
    about = {"alphabet": ALPHABET, "layers": layers, "method": "tsne", "explained": [0.8] * 4, "undefined": {}}
    return write(path, "embedding", arrays, {}, **about_network(task, trained), **about)


def tuning(path: Path, task: str, trained: bool, **changes) -> Path:
    """Units in all horizontal, all vertical (none fitted) and one single horizontal plane."""
    rng = np.random.default_rng(3)
    columns = [["direction", "cos"], ["direction", "sin"], *([name, "size"] for name in FEATURES[1:])]
    arrays = {name: np.arange(30) % 3 for name in ("layer", "space", "channel")}
    arrays |= {"orientation": [0, 1, 0], "level": [np.nan, np.nan, -6.0], "n_movements": [8, 2, 8]}
    arrays |= {"r2": rng.uniform(-0.2, 0.9, size=(3, len(FEATURES), 30)), "intercept": np.ones((3, len(FEATURES), 30))}
    arrays |= {"coefficients": rng.normal(size=(3, len(columns), 30))}
    arrays |= {"preferred_direction": rng.uniform(-180, 180, (3, 30)), "selectivity": rng.random((2, 3, 30))}
    for name in ("r2", "intercept", "coefficients", "preferred_direction", "selectivity"):
        arrays[name][..., 0] = np.nan
        arrays[name][1] = np.nan
    about = {"alphabet": ALPHABET, "time_step_s": 0.015, "layers": LAYERS, "features": FEATURES}
    about |= {
        "coefficients": columns,
        "rules": "corrected",
        "shuffled": False,
        "held_out": "0a1b2c3d4e5f",
        "undefined": {},
    }
    about |= about_network(task, trained)
    return write(path, "tuning", arrays | changes, {"tuned": one(0.3, "of units", n=30)}, **about)


def unit_summary(path: Path, task: str, trained: bool, statistics: dict | None = None, **about) -> Path:
    """Statistics by name, a value a layer; ``about`` changes what the file says of its network."""
    statistics = statistics or {"q90_direction": [0.8, 0.6, 0.4], "uniformity_tad_horizontal": [1.1, 0.7, np.nan]}
    layers = [*LAYERS, *(f"temporal{index}" for index in range(1, 9))][: len(next(iter(statistics.values())))]
    about = {"layers": layers, "plane": "horizontal", **about_network(task, trained), **about}
    about = {"rules": "corrected", "shuffled": False, "held_out": "0a1b2c3d4e5f", "undefined": {}, **about}
    headline = {"q90_direction_of_last_layer": one(0.4, "of variance")}
    values = np.array(list(statistics.values()))
    return write(path, "unit_summary", {"value": values}, headline, statistics=list(statistics), **about)


def decoding(path: Path, task: str, trained: bool, **changes) -> Path:
    """Of the last layer, direction is not defined."""
    targets = ["direction_cos", "direction_sin", "speed", "acceleration", "x", "y"]
    r2 = np.random.default_rng(5).uniform(0, 1, size=(len(LAYERS), len(targets)))
    r2[-1, :2] = np.nan
    arrays = dict.fromkeys(("r2", "rmse", "correlation"), r2)
    arrays |= {"distance": np.array([1.5, 2.0, 4.0]), "angle_error": np.array([20, 30, np.nan])}
    about = {"layers": LAYERS, "targets": targets, "units": ["1", "1", "cm/s", "cm/s^2", "cm", "cm"]}
    about |= {
        "plane": "horizontal",
        "alpha": 1.0,
        "rules": "corrected",
        "undefined": {},
        "held_out": "0a1b2c3d4e5f",
        "n_fitted": 8,
        "n_held_out": 2,
    }
    headline = {"smallest_distance": one(1.5, "cm", layer="input", n=2)}
    return write(path, "decoding", arrays | changes, headline, **about_network(task, trained), **about)


def dissection(path: Path, task: str, trained: bool) -> Path:
    """Two feature maps of each layer; the last has no response above 0."""
    score = np.random.default_rng(6).uniform(0, 1, size=(4, 3, 2))
    score[-1] = np.nan
    arrays = {"layer": np.arange(4) // 2, "channel": np.arange(4) % 2, "overlap": score, "inside": score}
    arrays |= {"movement": np.zeros((4, 3, 5), int), "peak": np.ones((4, 3, 5)), "inside_chance": np.full(3, 0.6)}
    about = {"layers": LAYERS[1:], "thresholds": [0.3, 0.5], "alphabet": ALPHABET, "undefined": {}}
    return write(path, "dissection", arrays, **about_network(task, trained), **about)


def prediction(path: Path, task: str, trained: bool, model: str = "network", **changes) -> Path:
    """Five neurons of eight trials; ``changes`` are of arrays, or of attributes where they are no arrays."""
    explained = np.random.default_rng(4).uniform(-0.1, 0.5, size=(3, 5))
    names = ("explained_variance", "r2", "correlation", "deviance_explained", "validation", "training")
    arrays = dict.fromkeys(names, explained) | {"explained_variance_interval": np.stack([explained - 0.1, explained])}
    arrays |= {"ceiling": np.linspace(0.5, 0.7, 5), "ceiling_split_half": np.array([0.5, np.nan, 0.6, 0.7, 0.4])}
    arrays |= {"alpha": np.ones((2, 3, 5)), "fold": np.arange(8) % 2, "trial_id": np.arange(8)}
    arrays |= {"electrode": np.arange(5), "unit_number": np.ones(5, int)}
    about = {"layers": LAYERS, "session": "simulated", "area": "", "monkey": "", "movement": "active"}
    about |= {"control": "none", "bin_width_s": 0.06, "model": model, "undefined": {}, **about_network(task, trained)}
    arrays |= {name: value for name, value in changes.items() if isinstance(value, np.ndarray)}
    about |= {name: value for name, value in changes.items() if not isinstance(value, np.ndarray)}
    headline = {"explained_by_best_layer": one(0.4, "of variance", layer="spatial0", n=5)}
    return write(path, "prediction", arrays, headline, **about)


def predictivity(path: Path, **changes) -> Path:
    """A network and a linear model ranked; the other tables have one row."""
    tables = {name: array for name, array in store.KINDS["predictivity"].arrays.items() if not array.optional}
    arrays = {name: np.zeros(1 + name.startswith("ranking/"), array.dtype) for name, array in tables.items()}
    words = ["", "active", "action_recognition", "spatial_temporal", "baseline", "linear", "velocity", "of ceiling"]
    places = {"area": (0, 0), "movement": (1, 1), "condition": (2, 4), "family": (3, 5), "name": (0, 6), "unit": (7, 7)}
    arrays |= {f"ranking/{name}": np.array(place) for name, place in places.items()}
    arrays |= {"ranking/score": np.array([0.6, 0.4]), "ranking/low": np.array([np.nan, 0.2]), **changes}
    arrays["ranking/high"] = np.array([np.nan, 0.5])
    about = {"words": words, "best_layer": "validation", "ceiling": "split_half", "confidence": 0.95}
    return write(path, "predictivity", arrays, {"best_active": one(0.6, "of ceiling", n=5)}, **about)


TASK = {"task": "flip_flop", "n_bits": 3}
CELL = {"cell": "node", "n_units": 3}


def _of_kind(kind: str, **sizes: int) -> tuple[dict, dict]:
    """Zeros for all that a kind must hold, by the sizes of its dimensions, and empty attributes."""
    arrays = {
        name: np.zeros([sizes.get(dim, 2) for dim in array.dims], array.dtype)
        for name, array in store.KINDS[kind].arrays.items()
        if not array.optional and array.dims is not None
    }
    return arrays, {name: kind() for name, kind in store.KINDS[kind].attributes.items()}


def recurrent(path: Path) -> Path:
    arrays, about = _of_kind("recurrent", validation=4)
    arrays |= {"update": 10 * np.arange(4), "validation_metric": np.linspace(0, 0.9, 4), "weights/bias": np.zeros(3)}
    about |= {"network": CELL, "task": TASK, "trained": True, "metric": "r2", "metrics": {"r2": 0.9}}
    return write(path, "recurrent", arrays, {"test_r2": one(0.9, "of 1")}, **about)


def latents(path: Path) -> Path:
    arrays, about = _of_kind("latents", trial=5, step=20, input=3, output=3, target=3, latent=3)
    arrays |= {
        "latents": np.random.default_rng(0).normal(size=(5, 20, 3)),
        "split": [0, 0, 0, 1, 1],
        "weights": np.ones((5, 20, 3)),
    }
    about |= {"network": CELL, "task": TASK, "trained": True, "name": path.stem}
    about |= {"input_labels": list("abc"), "output_labels": list("xyz")}
    return write(path, "latents", arrays, {"r2": one(0.9, "of 1")}, **about)


def reaches(path: Path) -> Path:
    """Latents of a network that moves an arm."""
    arrays, about = _of_kind("latents", trial=5, step=20, input=17, output=6, target=2, latent=3, timing=2)
    arrays |= {name: np.ones((5, 20, 2)) for name in ("controlled", "load", "joints")}
    arrays |= {name: np.ones((5, 20, 6)) for name in ("activation", "muscle_length")}
    about |= {"network": CELL, "task": {"task": "random_target"}, "name": path.stem, "conditions": ["reach", "catch"]}
    about |= {"timings": ["target_on", "go"], "input_labels": 17 * ["input"], "output_labels": list("abcdef")}
    return write(path, "latents", arrays, {"end_error_cm": one(2, "cm")}, **about)


def inferred(path: Path, n_units: int) -> Path:
    """A model of recorded neurons."""
    arrays, about = _of_kind("inferred", trial=5, step=20, neuron=4, latent=n_units)
    metrics = dict.fromkeys(("rate_r2", "state_r2", "co_bps", "cycle_consistency"), 0.5)
    about |= {"network": {"cell": "node", "n_units": n_units}, "name": path.stem, "metrics": metrics}
    arrays["weights/bias"] = np.zeros(3)
    about["settings"] = {"variational": False, "n_inferred_inputs": 0}
    return write(path, "inferred", arrays, {"rate_r2": one(0.5, "of variance")}, **about)


def fixed_points(path: Path) -> Path:
    arrays, about = _of_kind("fixed_points", point=9, output=3, state=3, input=3)
    arrays |= {"outputs": np.random.default_rng(0).normal(size=(9, 3)), "fixed": np.arange(9) < 8}
    arrays |= {"path_inputs": np.eye(4, 3), "path_outputs": np.zeros((4, 8, 3)), "path_states": np.zeros((4, 8, 3))}
    arrays |= {"path_q": np.zeros((4, 8)), "path_n_unstable": np.zeros((4, 8), int)}
    about |= {"network": CELL, "task": TASK, "trained": True, "name": path.stem, "complete": True}
    about["output_labels"] = list("xyz")
    return write(path, "fixed_points", arrays, {"points": one(8, "points")}, **about)


def dynamics_similarity(path: Path) -> Path:
    arrays, about = _of_kind("dynamics_similarity")
    about |= {"networks": [{"name": "gru"}, {"name": "node"}], "n_trials": 5, "rank": 3}
    return write(path, "dynamics_similarity", arrays, {"median_dsa_angle": one(0.1, "radian")}, **about)


ALONE = (
    letters,
    start_points,
    movements,
    dataset,
    svm,
    linear_decoder,
    similarity,
    session,
    predictivity,
    dynamics_similarity,
)
OF_NETWORKS = {
    "networks": network,
    "evaluation": evaluation,
    "activations": activations,
    "rdm": rdm,
    "tuning": tuning,
    "decoding": decoding,
    "prediction": prediction,
}


def write_all(folder: Path) -> list[Path]:
    """A result of every stage for three networks, in the folders that the pipeline uses."""
    paths = [make(folder / f"{make.__name__}.h5") for make in ALONE]
    paths += [make(folder / make.__name__ / "node.h5") for make in (recurrent, latents, fixed_points)]
    for name, make in OF_NETWORKS.items():
        for stem, trained in NETWORKS.items():
            task = stem if trained else "action_recognition"
            paths.append(make(folder / name / f"{stem}.h5", task=task, trained=trained))
    return paths


def _latents(n: int) -> dict[str, np.ndarray]:
    ones = {name: np.ones(n) for name in ("size", "rotation", "shear_x", "shear_y", "speed", "noise")}
    which = {"index": np.arange(n), "label": np.arange(n) % 3, "source": np.arange(n), "plane": np.arange(n) % 2}
    return {**which, **ones, "start_point": np.zeros((n, 3))}
