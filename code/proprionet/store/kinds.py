"""Every kind of HDF5 file that passes between stages, declared once.

A kind names its datasets with their dimensions, type and unit. Dimensions with the same name have the same length
throughout a file. A dataset whose name ends in ``*`` stands for a family, one member for each layer or weight; only
those dimensions that also occur in a plain dataset are held to one length there.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Array:
    """One dataset of a kind: ``dims`` of None admits any shape (weights); ``unit`` '1' means dimensionless."""

    dims: tuple[str, ...] | None
    dtype: str
    unit: str
    about: str
    finite: bool = True
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file: raise ``version`` whenever a reader of the old layout would misread the new one."""

    name: str
    about: str
    made_by: str
    arrays: dict[str, Array]
    attributes: dict[str, type] = field(default_factory=dict)
    version: int = 1


def _latents(dim: str) -> dict[str, Array]:
    """How a letter was varied to make a movement, and where it was written."""
    return {
        "label": Array((dim,), "int64", "1", "letter of the alphabet, from 0"),
        "source": Array((dim,), "int64", "1", "id of the pen letter that was written"),
        "plane": Array((dim,), "uint8", "1", "0 horizontal, 1 vertical"),
        "start_point": Array((dim, "axis"), "float32", "cm", "centre of the letter's box, world frame"),
        "size": Array((dim,), "float32", "1", "scale of the letter"),
        "rotation": Array((dim,), "float32", "degree", "rotation in the plane"),
        "shear_x": Array((dim,), "float32", "degree", "shear along x"),
        "shear_y": Array((dim,), "float32", "degree", "shear along y"),
        "speed": Array((dim,), "float32", "1", "speed relative to the source letter"),
        "noise": Array((dim,), "float32", "1", "level of noise on the spindles, applied where the data set says so"),
    }


ABOUT_NETWORK: dict[str, type] = {
    "network": str,
    "family": str,
    "instance": int,
    "task": str,
    "trained": bool,
    "stimuli": str,
}
"""Attributes that say which network a result is of: architecture, its family, the seed of its weights and training,
and the task of its head; and which movements it was shown (a hash of them). The untrained twin of a network has its
architecture, instance and task."""

_ARM = {
    "alphabet": str,
    "time_step_s": float,
    "arm": str,
    "arm_kinematics": dict,
    "joint_names": list,
    "muscle_names": list,
    "length_kind": str,
    "geometry": str,
    "engine": str,
    "letters": str,
}
_TABLES = {
    "tables/*": Array(None, "any", "1", "muscle tables, which the lengths of a compact file come from", True, True)
}
_STATISTICS = {
    f"statistics/{name}": Array(("muscle",), "float32", unit, f"{about} over the training part", optional=True)
    for name, unit, about in (
        ("length_mean_mm", "mm", "mean length"),
        ("length_sd_mm", "mm", "standard deviation of length"),
        ("velocity_sd_mm_s", "mm/s", "standard deviation of velocity"),
        ("acceleration_sd_mm_s2", "mm/s^2", "standard deviation of acceleration"),
        (
            "rate_sd_hz",
            "Hz",
            "standard deviation of the Ia rate (Prochazka & Gorassini 1998) before it is cut off at 0",
        ),
    )
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

_DYNAMICS_MEASURES = {
    "affine_r2": "variance of the other's states that an affine map of the one's explains, on held-out trials",
    "cka": "linear CKA of states, debiased",
    "cca": "mean squared canonical correlation of states",
    "svcca": "mean canonical correlation of states",
    "procrustes": "distance of states after the best rotation",
    "dsa_wasserstein": "mean squared distance of the eigenvalues of both dynamics",
    "dsa_angular": "angle between both dynamics after the best rotation, radian",
}

_KINDS = [
    Kind(
        "letters",
        "pen letters at 15 ms steps, one after another",
        "dataset/write_letters.py or dataset/read_letters.py",
        {
            "samples": Array(("sample", "pen_axis"), "float64", "cm", "pen position: x right, y up"),
            "offsets": Array(("boundary",), "int64", "1", "letter i is samples[offsets[i]:offsets[i + 1]]"),
            "label": Array(("letter",), "int64", "1", "letter of the alphabet, from 0"),
            "source": Array(("letter",), "int64", "1", "id of the letter, kept by everything made from it"),
        },
        {"alphabet": str, "time_step_s": float, "origin": str},
    ),
    Kind(
        "start_points",
        "places where the arm can write a letter",
        "dataset/find_start_points.py",
        {
            "horizontal": Array(("horizontal_point", "axis"), "float64", "cm", "box centres in horizontal planes"),
            "vertical": Array(("vertical_point", "axis"), "float64", "cm", "box centres in vertical planes"),
        },
        {"arm": str, "arm_kinematics": dict},
        version=2,
    ),
    Kind(
        "muscle_tables",
        "muscle lengths as splines over joint angles, and how well they agree with OpenSim",
        "dataset/generate_movements.py or proprionet arm tables",
        {
            "lower": Array(("joint",), "float64", "degree", "joint angle at which the tables start"),
            "upper": Array(("joint",), "float64", "degree", "joint angle at which they end"),
            "intervals": Array(("joint",), "int64", "1", "steps of the grid between them"),
            "axes": Array(("group", "axis"), "int64", "1", "joints of each table, -1 where it has fewer than three"),
            "spans": Array(("group", "muscle"), "uint8", "1", "1 for the muscles that a table is about"),
            "coefficients": Array(("coefficient",), "float32", "mm", "of the splines, table after table"),
            "constant": Array(("muscle",), "float64", "mm", "path length in the middle of the grid"),
            "doubtful": Array(("cell",), "uint8", "1", "1 where splines do not follow the muscles, table after table"),
            "shortest": Array(("muscle",), "float64", "mm", "path length at which a curve starts"),
            "longest": Array(("muscle",), "float64", "mm", "path length at which it ends"),
            "curve": Array(("muscle", "knot"), "float64", "mm", "coefficients of the length over path length"),
            "length_rms": Array(("muscle",), "float64", "mm", "root mean square error of length", finite=False),
            "length_max": Array(("muscle",), "float64", "mm", "largest error of length", finite=False),
            "velocity_rms": Array(("muscle",), "float64", "mm/s", "root mean square error of velocity", finite=False),
            "velocity_max": Array(("muscle",), "float64", "mm/s", "largest error of velocity", finite=False),
        },
        {"joint_names": list, "muscle_names": list, "length_kind": str, "n_movements": int, "n_samples": int},
    ),
    Kind(
        "movements",
        "movements of the arm: hand, joints and muscles, one movement after another",
        "dataset/generate_movements.py",
        {
            "hand": Array(("sample", "axis"), "float32", "cm", "hand position, world frame", optional=True),
            "joints": Array(("sample", "joint"), "float32", "degree", "joint angles"),
            "muscle_length": Array(("sample", "muscle"), "float32", "mm", "muscle lengths", optional=True),
            "offsets": Array(("boundary",), "int64", "1", "movement i is rows offsets[i]:offsets[i + 1]"),
            "target": Array(("movement", "axis"), "float32", "cm", "where the hand is to go", optional=True),
            "index": Array(("movement",), "int64", "1", "number of the movement in its set"),
            **_latents("movement"),
            "tracing_error": Array(("movement",), "float32", "cm", "summed distance of the hand from its target"),
            "joint_jerk": Array(("movement",), "float32", "degree/sample^3", "norm of the third difference"),
            "muscle_jerk": Array(("movement",), "float32", "mm/sample^3", "norm of the third difference"),
            **_TABLES,
        },
        {**_ARM, "rejections": dict, "shard": str},
        version=2,
    ),
    Kind(
        "dataset",
        "movements padded to one length and split",
        "dataset/make_dataset.py",
        {
            "hand": Array(("movement", "axis", "time"), "float32", "cm", "hand position, world frame", optional=True),
            "joints": Array(("movement", "joint", "time"), "float32", "degree", "joint angles"),
            "muscle_length": Array(("movement", "muscle", "time"), "float32", "mm", "muscle lengths", optional=True),
            "torque": Array(("movement", "joint", "time"), "float32", "N m", "torque at each joint", optional=True),
            "target": Array(("movement", "axis"), "float32", "cm", "where the hand is to go", optional=True),
            "index": Array(("movement",), "int64", "1", "number of the movement in its set"),
            **_latents("movement"),
            "first": Array(("movement",), "int64", "1", "first time step of the movement itself"),
            "n_samples": Array(("movement",), "int64", "1", "time steps of the movement itself"),
            "split": Array(("movement",), "uint8", "1", "0 train, 1 validation, 2 test"),
            **_STATISTICS,
            **_TABLES,
        },
        {**_ARM, "spindle": dict, "split_by": str},
        version=3,
    ),
    Kind(
        "svm",
        "linear classifiers of every pair of letters",
        "svm-analysis/fit_pairwise.py",
        {
            "accuracy": Array(("letter", "other_letter"), "float64", "1", "test accuracy of each pair", finite=False),
            "regularisation": Array(("letter", "other_letter"), "float64", "1", "chosen C", finite=False),
            "gap": Array(("letter", "other_letter"), "float64", "1", "relative duality gap of each fit", finite=False),
            "n_test": Array(("letter", "other_letter"), "int64", "1", "test movements of each pair"),
            "pair": Array(("pair", "side"), "int64", "1", "first and second letter of each pair"),
            "distance": Array(("movement", "pair"), "float32", "1", "decision value, above 0 for the first letter"),
            "votes": Array(("movement", "letter"), "int64", "1", "classifiers that say that it is this letter"),
            "predicted": Array(("movement",), "int64", "1", "letter that wins the vote"),
            "label": Array(("movement",), "int64", "1", "letter that it is"),
            "movement": Array(("movement",), "int64", "1", "row in the data set"),
        },
        {"alphabet": str, "input": str, "subset": str, "mean_accuracy": float, "multiclass_accuracy": float},
        version=2,
    ),
    Kind(
        "linear_decoder",
        "the hand's position from the input of the same moment, by linear regression",
        "svm-analysis/decode_trajectory.py",
        {
            "weight": Array(("feature", "axis"), "float64", "1", "of standardised inputs, for standardised positions"),
            "exact_weight": Array(("feature", "axis"), "float64", "1", "the same, of the exact least squares"),
            "input_mean": Array(("feature",), "float64", "1", "over the training part, in the input's own unit"),
            "input_deviation": Array(("feature",), "float64", "1", "over the training part"),
            "hand_mean": Array(("axis",), "float64", "cm", "over the training part"),
            "hand_deviation": Array(("axis",), "float64", "cm", "over the training part"),
            "validation_loss": Array(("epoch",), "float64", "1", "mean squared error, standardised, of each epoch"),
            "error": Array(("movement",), "float64", "cm", "mean distance to the hand over time"),
            "exact_error": Array(("movement",), "float64", "cm", "the same, of the exact least squares"),
            "movement": Array(("movement",), "int64", "1", "row in the data set"),
        },
        {"input": str},
    ),
    Kind(
        "network",
        "a network: its settings and weights",
        "nn-training/train.py",
        {
            "weights/*": Array(None, "float32", "1", "weights of one layer"),
            "target_mean": Array(("output",), "float64", "1", "mean target of training, in its unit", optional=True),
            "epoch": Array(("epoch",), "int64", "1", "epoch of training, from 1", optional=True),
            "train_loss": Array(("epoch",), "float64", "1", "mean loss over the epoch", finite=False, optional=True),
            "validation_loss": Array(("epoch",), "float64", "1", "loss on validation", finite=False, optional=True),
            "validation_metric": Array(("epoch",), "float64", "1", "first metric of the task", False, True),
            "learning_rate": Array(("epoch",), "float64", "1", "Adam's step", optional=True),
            **_STATISTICS,
        },
        {
            "network": dict,
            "task": str,
            "trained": bool,
            "metrics": dict,
            "input": str,
            "alignment": str,
            "augmentation": str,
            "input_shape": list,
            "n_given": int,
            "n_outputs": int,
            "answers": list,
            "time_step_s": float,
            "muscle_names": list,
            "length_kind": str,
            "spindle": dict,
        },
        version=3,
    ),
    Kind(
        "evaluation",
        "how well a network does its task, movement by movement",
        "nn-training/evaluate.py",
        {
            "movement": Array(("movement",), "int64", "1", "row in the data set, or trial of the session"),
            "label": Array(("movement",), "int64", "1", "letter that it is", optional=True),
            "predicted": Array(("movement",), "int64", "1", "letter that the network says", optional=True),
            "confusion": Array(("letter", "predicted_letter"), "int64", "1", "movements of each kind", optional=True),
            "error": Array(("movement", "part"), "float64", "1", "mean distance, in the part's unit", False, True),
        },
        {
            "network": str,
            "family": str,
            "instance": int,
            "task": str,
            "trained": bool,
            "metrics": dict,
            "alphabet": str,
            "parts": list,
            "units": list,
        },
        version=2,
    ),
    Kind(
        "checkpoint",
        "the whole state of a training, to go on from",
        "nn-training/train.py",
        {"state/*": Array(None, "any", "1", "one array of the state", finite=False)},
        {"threads": int},
    ),
    Kind(
        "activations",
        "responses of every layer to a set of movements",
        "nn-training/record_activations.py",
        {
            "layers/*": Array(("movement", "layer_time", "space", "channel"), "float32", "1", "responses of one layer"),
            "times/*": Array(("layer_time",), "float64", "sample", "centre of each step on the input's time axis"),
            "movement": Array(("movement",), "int64", "1", "row in the data set"),
            "hand": Array(("movement", "axis", "time"), "float32", "cm", "hand position, world frame"),
            "joints": Array(("movement", "joint", "time"), "float32", "degree", "joint angles"),
            "muscle_length": Array(("movement", "muscle", "time"), "float32", "mm", "muscle lengths"),
            "first": Array(("movement",), "int64", "1", "first time step of the movement itself"),
            "n_samples": Array(("movement",), "int64", "1", "time steps of the movement itself"),
            **{name: array for name, array in _latents("movement").items() if name in ("label", "plane", "source")},
        },
        {"alphabet": str, "time_step_s": float, "layers": list, **ABOUT_NETWORK},
        version=2,
    ),
    Kind(
        "rdm",
        "dissimilarity of every pair of stimuli, layer by layer, and agreement with the ideal observer",
        "repr-analysis/compute_rdms.py",
        {
            "rdm/*": Array(("pair",), "float32", "1", "upper triangle in the order of scipy's pdist"),
            "label": Array(("stimulus",), "int64", "1", "letter of each stimulus"),
            "pearson": Array(("layer",), "float64", "1", "correlation with the ideal observer", finite=False),
            "kendall": Array(("layer",), "float64", "1", "Kendall's tau-b with the ideal observer", finite=False),
        },
        {"alphabet": str, "layers": list, "metric": str, "undefined": dict, **ABOUT_NETWORK},
        version=2,
    ),
    Kind(
        "similarity",
        "how alike the layers of two networks represent the same movements",
        "repr-analysis/compare_layers.py",
        {
            name: Array(("layer_a", "layer_b"), "float64", "1", about, finite=False, optional=True)
            for name, about in (
                ("cka", "debiased linear centred kernel alignment"),
                ("cka_biased", "linear centred kernel alignment, as published"),
                ("cka_rbf", "debiased centred kernel alignment of Gaussian kernels"),
                ("cca", "mean squared canonical correlation of principal components"),
                ("svcca", "mean canonical correlation of principal components"),
                ("procrustes", "distance of principal components after rotation, 0 to 1.41"),
            )
        },
        {"a": dict, "b": dict, "layers_a": list, "layers_b": list, "n_stimuli": int, "undefined": dict},
    ),
    Kind(
        "embedding",
        "maps of the stimuli in two dimensions, layer by layer",
        "repr-analysis/embed.py",
        {
            "points/*": Array(("stimulus", "dimension"), "float32", "1", "place of a stimulus on the map of a layer"),
            **{name: array for name, array in _latents("stimulus").items() if name in ("label", "plane", "source")},
            "middle": Array(("stimulus", "axis"), "float32", "cm", "hand position in the middle of the movement"),
        },
        {"alphabet": str, "layers": list, "method": str, "explained": list, "undefined": dict, **ABOUT_NETWORK},
    ),
    Kind(
        "tuning",
        "what every unit of every layer is tuned to",
        "single_cell/fit_tuning.py",
        {
            "layer": Array(("unit",), "int64", "1", "index into the attribute 'layers'"),
            "space": Array(("unit",), "int64", "1", "place of the unit along the muscle axis of its layer"),
            "channel": Array(("unit",), "int64", "1", "feature map of the unit"),
            "orientation": Array(("plane",), "int64", "1", "0 horizontal, 1 vertical; first all planes of each"),
            "level": Array(("plane",), "float64", "cm", "height or depth of a plane, NaN for all planes", finite=False),
            "n_movements": Array(("plane",), "int64", "1", "movements in each plane"),
            "r2": Array(
                ("plane", "feature", "unit"), "float64", "1", "explained variance on held-out movements", finite=False
            ),
            "coefficients": Array(
                ("plane", "coefficient", "unit"), "float64", "1", "slope, per unit of the feature", finite=False
            ),
            "intercept": Array(("plane", "feature", "unit"), "float64", "1", "activity at 0", finite=False),
            "preferred_direction": Array(
                ("plane", "unit"), "float64", "degree", "0 is the plane's first axis (x or y)", finite=False
            ),
            "selectivity": Array(
                ("orientation", "letter", "unit"), "float64", "1", "area under the ROC curve against the rest", False
            ),
        },
        {
            "alphabet": str,
            "time_step_s": float,
            "layers": list,
            "features": list,
            "coefficients": list,
            "rules": str,
            "shuffled": bool,
            "held_out": str,
            "undefined": dict,
            **ABOUT_NETWORK,
        },
        version=3,
    ),
    Kind(
        "decoding",
        "what the hand does, read from all units of a layer",
        "single_cell/decode_population.py",
        {
            "r2": Array(("layer", "target"), "float64", "1", "explained variance on held-out movements", finite=False),
            "rmse": Array(("layer", "target"), "float64", "1", "error, in the target's own unit", finite=False),
            "correlation": Array(("layer", "target"), "float64", "1", "Pearson's r, decoded and true", finite=False),
            "distance": Array(("layer",), "float64", "cm", "mean distance from the true position", finite=False),
            "angle_error": Array(("layer",), "float64", "degree", "mean angle to the true direction", finite=False),
            "null_r2": Array(("shuffle", "layer", "target"), "float64", "1", "of shuffled movements", False, True),
            "null_distance": Array(("shuffle", "layer"), "float64", "cm", "of shuffled movements", False, True),
            "null_angle_error": Array(("shuffle", "layer"), "float64", "degree", "of shuffled movements", False, True),
        },
        {
            "layers": list,
            "targets": list,
            "units": list,
            "plane": str,
            "alpha": float,
            "rules": str,
            "undefined": dict,
            "held_out": str,
            "n_fitted": int,
            "n_held_out": int,
            **ABOUT_NETWORK,
        },
        version=2,
    ),
    Kind(
        "dissection",
        "what the strongest responses of every feature map lie over",
        "single_cell/dissect_network.py",
        {
            "layer": Array(("map",), "int64", "1", "index into the attribute 'layers'"),
            "channel": Array(("map",), "int64", "1", "feature map of its layer"),
            "movement": Array(("map", "letter", "rank"), "int64", "1", "row in the data set, strongest first; -1 none"),
            "peak": Array(("map", "letter", "rank"), "float64", "1", "strongest response to that movement", False),
            "overlap": Array(("map", "letter", "threshold"), "float64", "1", "of mask and moving muscles", False),
            "inside": Array(("map", "letter", "threshold"), "float64", "1", "share of the mask in the movement", False),
            "inside_chance": Array(("letter",), "float64", "1", "share of the record that its movements take", False),
        },
        {"layers": list, "thresholds": list, "alphabet": str, "undefined": dict, **ABOUT_NETWORK},
        version=2,
    ),
    Kind(
        "unit_summary",
        "statistics of the tuning of the units of every layer",
        "single_cell/summarise_tuning.py",
        {
            "value": Array(
                ("statistic", "layer"),
                "float64",
                "1",
                "MAD in radians, else scores, shares, p-values and counts",
                False,
            ),
            "input_channel": Array(("statistic", "channel"), "float64", "1", "of channels of the input", False, True),
        },
        {
            "layers": list,
            "statistics": list,
            "plane": str,
            "rules": str,
            "shuffled": bool,
            "held_out": str,
            "undefined": dict,
            **ABOUT_NETWORK,
        },
        version=2,
    ),
    Kind(
        "comparison",
        "statistics of layers over instances of networks, and their differences between what these were trained on",
        "single_cell/compare_networks.py",
        {
            **{
                name: Array(("test",), "int64", "1", f"index into the attribute '{names}'")
                for name, names in (
                    ("network", "networks"),
                    ("first", "conditions"),
                    ("second", "conditions"),
                    ("statistic", "statistics"),
                    ("layer", "layers"),
                )
            },
            "depth": Array(("test",), "int64", "1", "place of the layer in its network, 0 for the input"),
            "difference": Array(("test",), "float64", "1", "mean over instances, first less second", finite=False),
            "low": Array(("test",), "float64", "1", "lower end of its confidence interval", finite=False),
            "high": Array(("test",), "float64", "1", "upper end", finite=False),
            "t": Array(("test",), "float64", "1", "of the paired t-test, with n - 1 degrees of freedom", finite=False),
            "p": Array(("test",), "float64", "1", "two-sided", finite=False),
            **{
                name: Array(("test",), "float64", "1", f"p corrected over layers: {rule}", finite=False)
                for name, rule in (("bonferroni", "Bonferroni"), ("holm", "Holm"), ("fdr", "false discovery rate"))
            },
            "n": Array(("test",), "int64", "1", "instances with both values"),
            **{
                f"mean_{name}": Array(("group",), "int64", "1", f"index into the attribute '{name}s'")
                for name in ("network", "condition", "statistic", "layer")
            },
            "mean_depth": Array(("group",), "int64", "1", "place of the layer in its network, 0 for the input"),
            "mean_value": Array(("group",), "float64", "1", "mean over instances", finite=False),
            "mean_low": Array(("group",), "float64", "1", "lower end of its confidence interval", finite=False),
            "mean_high": Array(("group",), "float64", "1", "upper end", finite=False),
            "mean_n": Array(("group",), "int64", "1", "instances in which it is defined"),
        },
        {"networks": list, "conditions": list, "statistics": list, "layers": list, "confidence": float},
    ),
    Kind(
        "claims",
        "whether the published claims about trained networks hold",
        "single_cell/evaluate_claims.py",
        {
            "network": Array(("contrast",), "int64", "1", "index into the attribute 'networks'"),
            "claim": Array(("contrast",), "int64", "1", "number of the claim, from 1"),
            "value": Array(("contrast",), "float64", "1", "mean over instances, in its unit", finite=False),
            "low": Array(("contrast",), "float64", "1", "lower end of its confidence interval", finite=False),
            "high": Array(("contrast",), "float64", "1", "upper end", finite=False),
            "n": Array(("contrast",), "int64", "1", "instances in which it is defined"),
            "paper": Array(("contrast",), "float64", "1", "value of the paper", finite=False),
            "outcome": Array(("contrast",), "int64", "1", "1 holds, 0 does not hold, -1 cannot be said"),
            "verdict": Array(("architecture", "published_claim"), "int64", "1", "the same, of each claim as a whole"),
        },
        {
            "networks": list,
            "families": list,
            "claims": list,
            "contrasts": list,
            "units": list,
            "reasons": list,
            "confidence": float,
        },
    ),
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
    Kind(
        "recurrent",
        "a recurrent network on a cognitive or motor task: settings and weights",
        "network_comparison/train.py",
        {
            "weights/*": Array(None, "float32", "1", "weights of the network"),
            "update": Array(("validation",), "int64", "1", "training steps before the validation"),
            "train_loss": Array(("validation",), "float64", "1", "mean over the training steps since the last one"),
            "validation_loss": Array(("validation",), "float64", "1", "loss on trials that are never trained on"),
            "validation_metric": Array(
                ("validation",), "float64", "1", "the attribute 'metric' on the same trials", False
            ),
            "learning_rate": Array(("validation",), "float64", "1", "at the last of these steps"),
        },
        {
            "network": dict,
            "task": dict,
            "trained": bool,
            "input_size": int,
            "n_outputs": int,
            "metric": str,
            "metrics": dict,
        },
    ),
    Kind(
        "latents",
        "what a recurrent network does in trials of its task: inputs, states, outputs",
        "network_comparison/analyze.py",
        {
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state after the step"),
            "inputs": Array(("trial", "step", "input"), "float32", "1", "what the network sees, with noise"),
            "true_inputs": Array(("trial", "step", "input"), "float32", "1", "the same without the task's noise"),
            "outputs": Array(("trial", "step", "output"), "float32", "1", "readout of the state"),
            "targets": Array(("trial", "step", "target"), "float32", "as trained", "what is wanted"),
            "weights": Array(("trial", "step", "target"), "float32", "1", "weight of the errors in the loss"),
            "conds": Array(("trial",), "int64", "1", "condition of the trial, index into the attribute conditions"),
            "extra": Array(("trial", "timing"), "int64", "1", "steps of the trial that the attribute timings names"),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
            "phases/*": Array(
                ("trial", "bound"), "int64", "1", "first step of the phase and step after it, or -1", optional=True
            ),
            "controlled": Array(("trial", "step", "axis"), "float32", "cm", "hand of a moving arm", optional=True),
            "joints": Array(("trial", "step", "joint"), "float32", "degree", "joint angles of it", optional=True),
            "muscle_length": Array(("trial", "step", "muscle"), "float32", "mm", "muscle-tendon length", optional=True),
            "activation": Array(("trial", "step", "muscle"), "float32", "1", "muscle activation", optional=True),
            "load": Array(("trial", "step", "axis"), "float32", "N", "force on the hand", optional=True),
        },
        {
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "conditions": list,
            "timings": list,
            "input_labels": list,
            "output_labels": list,
            "metrics": dict,
        },
    ),
    Kind(
        "fixed_points",
        "fixed and slow points of a recurrent network under constant inputs, and what happens around them",
        "network_comparison/fixed_points.py",
        {
            "states": Array(("point", "state"), "float64", "1", "of the network, fixed points first"),
            "fixed": Array(
                ("point",), "uint8", "1", "1 for fixed points (q below 1e-16), 0 for slow ones (below 1e-6)"
            ),
            "q": Array(("point",), "float64", "1", "speed, half the squared step of the state"),
            "inputs": Array(("point", "input"), "float64", "1", "constant input under which it is one"),
            "outputs": Array(("point", "output"), "float64", "1", "readout of the state"),
            "code": Array(
                ("point", "output"), "int64", "1", "output at its low (-1) or high (1) level, or neither (0)"
            ),
            "eigenvalue_real": Array(("point", "mode"), "float64", "1", "of the Jacobian, largest size first"),
            "eigenvalue_imaginary": Array(("point", "mode"), "float64", "1", "of the Jacobian"),
            "time_constants": Array(("point", "mode"), "float64", "step", "below 0 for modes that grow", finite=False),
            "n_unstable": Array(("point",), "int64", "1", "modes with an eigenvalue larger than 1"),
            "n_marginal": Array(("point",), "int64", "1", "modes with an eigenvalue within 0.001 of size 1"),
            "sign": Array(("point",), "int64", "1", "sign of det(1 - J)"),
            "merged": Array(("point", "search"), "int64", "1", "starts of each search that ended here"),
            "ends": Array(("search", "fate"), "int64", "1", "starts that ended as the attribute fates says"),
            "path_inputs": Array(("place", "input"), "float64", "1", "inputs along a path", optional=True),
            "path_states": Array(("place", "followed", "state"), "float64", "1", "of fixed points", optional=True),
            "path_q": Array(
                ("place", "followed"), "float64", "1", "speed: above 1e-16 where it is gone", optional=True
            ),
            "path_outputs": Array(("place", "followed", "output"), "float64", "1", "readouts", optional=True),
            "path_n_unstable": Array(("place", "followed"), "int64", "1", "modes that grow", optional=True),
        },
        {
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "fates": list,
            "output_labels": list,
            "lefschetz_sum": int,
            "lefschetz_expected": bool,
            "searches_agree": bool,
            "complete": bool,
            "tolerances": dict,
        },
    ),
    Kind(
        "dynamics_similarity",
        "how alike the states and the dynamics of networks, or of their layers, are in the same trials",
        "network_comparison/compare.py",
        {
            **{
                name: Array(("one", "other"), "float64", "1", about, finite=False)
                for name, about in _DYNAMICS_MEASURES.items()
            },
            **{
                f"floor_{name}": Array(("one",), "float64", "1", "between halves of its own trials", finite=False)
                for name in ("dsa_wasserstein", "dsa_angular")
            },
            **{
                f"ceiling_{name}": Array(("one",), "float64", "1", "with its own states, time shuffled", finite=False)
                for name in _DYNAMICS_MEASURES
            },
            "scree": Array(("one", "component"), "float64", "1", "share of variance of each component", finite=False),
        },
        {"networks": list, "rank": int, "ranks": list, "n_trials": int, "step": float, "undefined": dict},
    ),
    Kind(
        "simulated_neurons",
        "spikes of simulated neurons that show the latents of a recurrent network, and the truth behind them",
        "network_comparison/simulate.py",
        {
            "spikes": Array(("trial", "step", "neuron"), "uint16", "1", "spikes in each bin"),
            "rates": Array(("trial", "step", "neuron"), "float32", "1", "expected spikes in each bin"),
            "held_out": Array(("neuron",), "uint8", "1", "1 for neurons that models must predict unseen"),
            "readout": Array(("latent", "neuron"), "float32", "1", "1 where a neuron shows a latent"),
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state of the network after the step"),
            "inputs": Array(("trial", "step", "input"), "float32", "1", "what the network saw, with noise"),
            "targets": Array(("trial", "step", "target"), "float32", "as trained", "what was wanted of the network"),
            "weights": Array(("trial", "step", "target"), "float32", "1", "weight of the errors in its loss"),
            "extra": Array(("trial", "timing"), "int64", "1", "steps of the trial that the attribute timings names"),
            "n_steps": Array(("trial",), "int64", "1", "steps until the end of the trial; what follows is padding"),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
        },
        {
            "electrodes": dict,
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "timings": list,
        },
    ),
    Kind(
        "inferred",
        "what a data-driven model finds behind spikes: rates, latents, inputs; the model, and how good it is",
        "network_comparison/fit.py",
        {
            "log_rates": Array(("trial", "step", "neuron"), "float32", "1", "log of expected spikes in each bin"),
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state of the decoder after the step"),
            "inputs": Array(
                ("trial", "step", "input"), "float32", "1", "that the controller infers from the spikes", optional=True
            ),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
            "weights/*": Array(None, "float32", "1", "weights of the model; cell and readout are those of a network"),
            "epoch": Array(("epoch",), "int64", "1", "number of the epoch, from 1"),
            "train_loss": Array(("epoch",), "float64", "1", "mean over the training steps of the epoch"),
            "validation_loss": Array(("epoch",), "float64", "1", "Poisson, of a count, nat"),
        },
        {"network": dict, "name": str, "simulated_network": dict, "task": dict, "metrics": dict},
    ),
]

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
