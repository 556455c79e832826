"""Kinds of file about recorded and simulated neurons, and what predicts them."""

from proprionet.store.kinds.base import ABOUT_NETWORK, Array, Kind

_ABOUT_COLUMNS = {
    "rank": "place among the models of its area and movement, from 1",
    "n": "pairs of the test, or networks of the correlation",
    "n_networks": "networks",
    "n_sessions": "sessions",
    "n_neurons": "neurons",
    "score": "explained variance over the noise ceiling, or of variance where there is none",
    "low": "lower end of the confidence interval",
    "high": "upper end of it",
    "explained_variance": "mean over networks and neurons",
    "untrained": "score of the untrained twins",
    "baseline": "score of the best baseline",
    "difference": "mean of explained variance, first less second, or without less with control",
    "statistic": "Wilcoxon's W over neurons, Student's t over architectures",
    "p": "two-sided",
    "bonferroni": "p corrected over the tests of a session and movement: Bonferroni",
    "holm": "the same: Holm",
    "fdr": "the same: false discovery rate",
    "r": "Pearson's r of task performance and explained variance over networks",
    "published": "r of Marin Vargas et al. 2024",
    "without": "explained variance of the same networks without control",
}


def _table(name: str, texts: str, counts: str, numbers: str, optional: bool = False) -> dict[str, Array]:
    """Columns of a table, one array each; texts are numbers of words in the attribute 'words'."""
    rows = (f"{name}_row",)
    return {
        **{
            f"{name}/{one}": Array(rows, "int64", "1", "index into 'words'", optional=optional) for one in texts.split()
        },
        **{
            f"{name}/{one}": Array(rows, "int64", "1", _ABOUT_COLUMNS[one], optional=optional) for one in counts.split()
        },
        **{
            f"{name}/{one}": Array(rows, "float64", "1", _ABOUT_COLUMNS[one], False, optional)
            for one in numbers.split()
        },
    }


KINDS = (
    Kind(
        "session",
        "a recording: spikes and movement in bins, one trial after another, and the events of every trial",
        "neural_prediction/read_session.py or reconstruct_arm.py or simulate_session.py",
        {
            "offsets": Array(("boundary",), "int64", "1", "trial i is bins offsets[i]:offsets[i + 1]"),
            "spike_count": Array(("bin", "neuron"), "uint16", "1", "spikes in each bin"),
            "hand": Array(("bin", "axis"), "float32", "cm", "hand position: right, forward", optional=True),
            "hand_velocity": Array(("bin", "axis"), "float32", "cm/s", "hand velocity, as recorded", optional=True),
            "force": Array(
                ("bin", "force_axis"), "float32", "as recorded", "in the attribute force_unit", optional=True
            ),
            "joints": Array(("bin", "joint"), "float32", "degree", "joint angles", optional=True),
            "muscle_length": Array(("bin", "muscle"), "float32", "mm", "muscle lengths", optional=True),
            "markers": Array(("bin", "marker", "space"), "float32", "cm", "marker positions", optional=True),
            "true_rate": Array(("bin", "neuron"), "float32", "Hz", "rate behind simulated spikes", optional=True),
            "bin_time": Array(
                ("bin",), "float64", "sample", "centre of the bin in the trial's movement", optional=True
            ),
            "movement": Array(("trial",), "int64", "1", "row in the data set of the trial's movement", optional=True),
            **{
                f"event/{name}": Array(("trial",), "int64", "1", f"bin of the trial: {about}; -1 where unknown")
                for name, about in (
                    ("start", "the trial starts"),
                    ("target_on", "the target appears"),
                    ("go_cue", "the monkey may go"),
                    ("movement_onset", "the hand starts to move"),
                    ("peak_speed", "the hand is fastest"),
                    ("bump", "the handle is pushed"),
                    ("end", "the trial ends"),
                )
            },
            "target_direction": Array(
                ("trial",), "float64", "degree", "of the target; 0 is to the right", finite=False
            ),
            "bump_direction": Array(("trial",), "float64", "degree", "of the push on the handle", finite=False),
            "passive": Array(("trial",), "uint8", "1", "1 where the handle was pushed before the movement"),
            "result": Array(("trial",), "S1", "1", "R rewarded, A aborted, F failed, I incomplete, or nothing"),
            "trial_id": Array(("trial",), "int64", "1", "number of the trial in the recording"),
            "electrode": Array(("neuron",), "int64", "1", "electrode of the neuron, -1 where unknown"),
            "unit_number": Array(("neuron",), "int64", "1", "number of the unit on its electrode, -1 where unknown"),
        },
        {
            "bin_width_s": float,
            "session": str,
            "area": str,
            "monkey": str,
            "force_unit": str,
            "joint_names": list,
            "muscle_names": list,
            "marker_names": list,
            "driven_by": list,
            "arm": dict,
            "left_out": dict,
        },
        version=3,
    ),
    Kind(
        "prediction",
        "recorded neurons predicted from the layers of a network, or from sets of features of the movement",
        "neural_prediction/predict.py or fit_baselines.py",
        {
            **{
                name: Array(("layer", "neuron"), "float64", "1", f"{about} on held-out trials", finite=False)
                for name, about in (
                    ("explained_variance", "share of the variance"),
                    ("r2", "coefficient of determination"),
                    ("correlation", "Pearson correlation"),
                    ("deviance_explained", "share of the Poisson deviance"),
                )
            },
            "explained_variance_interval": Array(
                ("bound", "layer", "neuron"), "float64", "1", "95 % bootstrap over trials: low, high", finite=False
            ),
            "validation": Array(
                ("layer", "neuron"), "float64", "1", "explained variance in inner folds of training trials", False
            ),
            "training": Array(("layer", "neuron"), "float64", "1", "the same on the training trials themselves", False),
            "latency_s": Array(
                ("layer", "neuron"), "float64", "s", "of the neuron after the feature, by validation", False, True
            ),
            "ceiling_split_half": Array(("neuron",), "float64", "1", "from repeated trials", False, True),
            "ceiling_poisson": Array(("neuron",), "float64", "1", "if spikes are Poisson", False, True),
            "ceiling": Array(("neuron",), "float64", "1", "explained variance of the true rate", False, True),
            "alpha": Array(("fold", "layer", "neuron"), "float64", "1", "chosen penalty"),
            "fold": Array(("trial",), "int64", "1", "fold in which the trial was held out"),
            "trial_id": Array(("trial",), "int64", "1", "number of the trial in the recording"),
            "electrode": Array(("neuron",), "int64", "1", "electrode of the neuron, -1 where unknown"),
            "unit_number": Array(("neuron",), "int64", "1", "number of the unit on its electrode, -1 where unknown"),
            "example/observed": Array(("neuron", "bin"), "float32", "Hz", "rate in held-out bins", False, True),
            "example/predicted": Array(("neuron", "bin"), "float32", "Hz", "rate that is predicted", False, True),
        },
        {
            "layers": list,
            "bin_width_s": float,
            **dict.fromkeys(("session", "area", "monkey", "movement", "control", "model"), str),
            "undefined": dict,
            **ABOUT_NETWORK,
        },
        version=2,
    ),
    Kind(
        "predictivity",
        "models ranked by how well they predict neurons, tests between them, and what their task performance says",
        "neural_prediction/compare_predictions.py",
        {
            **_table(
                "ranking",
                "area movement model condition family name unit best_baseline",
                "rank n_networks n_sessions n_neurons",
                "score low high explained_variance untrained baseline",
            ),
            **_table(
                "test",
                "session area movement first second over reason",
                "n n_networks",
                "difference low high statistic p bonferroni holm fdr",
            ),
            **_table(
                "correlation",
                "session area monkey movement task metric",
                "n",
                "r low high p published",
                optional=True,
            ),
            **_table(
                "control",
                "area movement control condition",
                "n_networks",
                "explained_variance without difference low high",
                optional=True,
            ),
        },
        {"words": list, "best_layer": str, "ceiling": str, "confidence": float},
    ),
    Kind(
        "kinematic_decoding",
        "velocity of the hand, read from recorded neurons",
        "neural_prediction/decode_kinematics.py",
        {
            "r2": Array(("target",), "float64", "1", "coefficient of determination on held-out trials", finite=False),
            "correlation": Array(("target",), "float64", "1", "Pearson correlation, decoded and true", finite=False),
            "explained_variance_interval": Array(
                ("bound", "target"), "float64", "1", "95 % bootstrap over trials: low, high", finite=False
            ),
            "alpha": Array(("fold", "target"), "float64", "1", "chosen penalty"),
        },
        {"targets": list, "units": list, **dict.fromkeys(("session", "area", "monkey", "movement"), str)},
    ),
)
