"""Prediction files of networks and baselines whose scores are known."""

import itertools
from pathlib import Path

import fake_results as fake
import numpy as np

from proprionet.networks.tasks import TASKS as TASKS_OF_NETWORKS

TASKS = ("action_recognition", "trajectory_decoding", "hand_position_velocity", "torque")
EFFECTS = {"hand_position_velocity": 0.10, "trajectory_decoding": 0.05, "torque": 0.0, "action_recognition": -0.05}
"""What a task adds to the explained variance of its untrained twins."""
LAYERS = ["input", "layer1", "layer2", "layer3", "layer4"]
BEST_LAYER = 3
FEATURES = ["position", "velocity", "muscle_length_velocity"]
CEILING = 0.5
N_NEURONS, N_TRIALS = 24, 12


def write_prediction(path: Path, explained: np.ndarray, layers: list[str], seed: int = 0, **about) -> Path:
    """A prediction file with explained variance (layer, neuron); what else it says follows from that."""
    n_layers, n_neurons = explained.shape
    noise = np.random.default_rng(seed).normal(scale=0.01, size=explained.shape)
    arrays = {
        "explained_variance": explained,
        "r2": explained - 0.01,
        "correlation": np.sqrt(np.abs(explained)),
        "deviance_explained": 0.8 * explained,
        "explained_variance_interval": np.stack([explained - 0.03, explained + 0.03]),
        "validation": explained + noise,
        "training": explained + 0.02,
        "ceiling": None,
        "ceiling_split_half": np.full(n_neurons, CEILING),
        "ceiling_poisson": np.full(n_neurons, 1.2 * CEILING),
        "alpha": np.ones((2, n_layers, n_neurons)),
        "fold": np.arange(N_TRIALS) % 2,
        "trial_id": np.arange(N_TRIALS),
        "electrode": np.arange(n_neurons),
        "unit_number": np.ones(n_neurons, int),
        **{key: about.pop(key) for key in list(about) if isinstance(about[key], np.ndarray)},
    }
    attributes = {
        **fake.about_network("torque", True),
        **{"layers": layers, "session": "Chips 2017-09-13", "area": "area 2", "monkey": "Chips", "movement": "active"},
        **{"control": "none", "bin_width_s": 0.01, "model": "network", "undefined": {}, **about},
    }
    return fake.write(path, "prediction", arrays, {"explained": fake.one(0.3, "of variance")}, **attributes)


def write_zoo(
    folder: Path,
    tasks=TASKS,
    architectures=3,
    instances=2,
    sessions=(("Chips 2017-09-13", "area 2", "Chips"),),
    movements=("active",),
    effects=EFFECTS,
    controls=(),
    n_neurons=N_NEURONS,
) -> list[Path]:
    """Networks of every task with untrained twins, baselines and controls; the third layer is the best of all."""
    paths = []
    for (session, area, monkey), movement in itertools.product(sessions, movements):
        rng = np.random.default_rng([len(session), len(movement)])
        of_neuron = 0.2 + 0.05 * rng.normal(size=n_neurons)
        about = {"session": session, "area": area, "monkey": monkey, "movement": movement}
        stem = f"{session}_{movement}".replace(" ", "_")
        by_layer = -0.03 * np.abs(np.arange(len(LAYERS)) - BEST_LAYER)[:, None]
        for number, instance in itertools.product(range(architectures), range(1, instances + 1)):
            family = ("spatial_temporal", "spatiotemporal", "recurrent")[number % 3]
            own = 0.02 * rng.normal() + 0.01 * rng.normal()
            who = {"network": f"net{number}", "family": family, "instance": instance}
            conditions = [*((task, True) for task in tasks), (tasks[0], False)]
            for (task, trained), control in itertools.product(conditions, ("none", *controls)):
                gain = effects.get(task, 0.0) * (movement == "active") + 0.01 * rng.normal() if trained else 0.0
                gain -= 0.15 * (control != "none")
                explained = of_neuron + own + gain + by_layer + 0.01 * rng.normal(size=(len(LAYERS), n_neurons))
                name = f"{stem}_net{number}_{task if trained else 'untrained'}_{instance}_{control}.h5"
                made = {**about, **who, "task": task, "trained": trained, "control": control}
                paths.append(write_prediction(folder / name, explained, LAYERS, instance, **made))
        explained = of_neuron + np.array([-0.1, -0.02, 0.0])[:, None] + 0.01 * rng.normal(size=(3, n_neurons))
        who = {"model": "baseline", "network": "baseline", "family": "linear", "instance": 1, "task": "none"}
        paths.append(write_prediction(folder / f"{stem}_baseline.h5", explained, FEATURES, **about, **who))
    return paths


def write_evaluations(folder: Path, tasks=TASKS, architectures=3, instances=2) -> list[Path]:
    """Evaluations of the networks of :func:`write_zoo`; larger numbers of architectures have smaller errors."""
    paths = []
    for number, instance, task in itertools.product(range(architectures), range(1, instances + 1), tasks):
        metric, better = TASKS_OF_NETWORKS[task].metric, number + 0.1 * instance
        value = 0.5 + 0.1 * better if metric == "accuracy" else 5.0 - better
        about = {"network": f"net{number}", "instance": instance, "metrics": {metric: value}}
        paths.append(fake.evaluation(folder / f"evaluation_net{number}_{task}_{instance}.h5", task, True, **about))
    return paths
