"""Kinds of file about what the layers and units of networks represent."""

from proprionet.store.kinds.base import ABOUT_NETWORK, Array, Kind, letter

KINDS = (
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
            **letter("stimulus"),
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
)
