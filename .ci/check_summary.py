"""Check that the headlines of the demo are all there, finite and of a believable size."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

NETWORKS = ("action_recognition", "trajectory_decoding", "untrained")
OF_EACH_NETWORK = ("training", "activations", "rdm", "tuning", "prediction")
STAGES = (
    *("letters", "start_points", "movements", "dataset", "svm", "linear_decoder", "session", "predictivity"),
    *(f"{part}_{network}" for part in ("recurrent", "latents", "fixed_points") for network in ("node", "gru")),
    "dynamics_similarity",
    *(f"evaluation_{network}" for network in NETWORKS if network != "untrained"),
    *(f"{part}_{network}" for part in OF_EACH_NETWORK for network in NETWORKS),
)

# (stage, headline): lowest and highest believable value. Seeds and machines may move a value, not out of this range.
BOUNDS = {
    ("movements", "rejection_rate"): (0.001, 0.2),
    ("movements", "wrap_jump_rate"): (0.0, 0.01),
    ("start_points", "horizontal_points"): (800, 1000),
    ("svm", "pair_accuracy"): (0.6, 0.95),
    ("svm", "accuracy"): (0.1, 0.6),
    ("linear_decoder", "error"): (1.0, 6.0),
    ("linear_decoder", "exact_error"): (1.0, 5.0),
    ("training_action_recognition", "test_accuracy"): (0.25, 1.0),
    ("training_untrained", "test_accuracy"): (0.0, 0.15),
    ("training_trajectory_decoding", "test_error"): (0.1, 5.0),
    ("rdm_action_recognition", "agreement_of_last_layer"): (0.05, 1.0),
    ("rdm_untrained", "agreement_of_last_layer"): (-0.05, 0.05),
    ("tuning_trajectory_decoding", "tuned_to_position"): (0.1, 1.0),
    ("tuning_action_recognition", "tuned_to_direction"): (0.1, 1.0),
    ("prediction_untrained", "explained_by_best_layer"): (0.1, 0.5),
}


def faults(summary: dict) -> Iterator[str]:
    """Say what is wrong with a summary, one sentence a fault.

    The summary is ``{"experiment": ..., "headlines": {stage: {name: {"value": ..., "unit": ...}}}, "run_times_s":
    {stage: seconds}}``.
    """
    headlines = summary.get("headlines", {})
    for stage in STAGES:
        if not headlines.get(stage):
            yield f"stage {stage} has no headline"
    for stage, of_stage in headlines.items():
        for name, headline in of_stage.items():
            if not _finite(headline.get("value")):
                yield f"{stage}, {name}: {headline.get('value')!r} is not a finite number"
            if "unit" not in headline:
                yield f"{stage}, {name}: no unit"
    for (stage, name), (low, high) in BOUNDS.items():
        value = headlines.get(stage, {}).get(name, {}).get("value")
        if value is None:
            yield f"{stage}, {name}: missing"
        elif _finite(value) and not low <= value <= high:
            yield f"{stage}, {name}: {value} is outside {low} to {high}"
    for stage, seconds in summary.get("run_times_s", {}).items():
        if not _finite(seconds) or seconds < 0:
            yield f"run time of {stage}: {seconds!r} is not a number of seconds"


def _finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def main(file: Path) -> int:
    """Print the faults of a summary file; 0 if there is none, 1 otherwise."""
    found = list(faults(json.loads(file.read_text()))) if file.is_file() else ["the file is missing"]
    for fault in found:
        sys.stderr.write(f"{file}: {fault}\n")
    if not found:
        sys.stdout.write(f"{file}: good\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
