"""The sections of the report: what each stage did, and its figures."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.instances import condition
from proprionet.analysis.single_units.tuning import TUNED
from proprionet.movements import files
from proprionet.neural.baselines import called
from proprionet.plotting import (
    activations,
    dataset,
    decoding,
    letters,
    movements,
    prediction,
    recurrent_sections,
    representation,
    session,
    start_points,
    svm,
    training,
    tuning,
)
from proprionet.plotting.gather import CEILINGS, PLANES, RANKING_TEXTS, Result, layers_with_rdm
from proprionet.plotting.section import Drawing, Section
from proprionet.plotting.wording import ABOUT, TITLES, name_of, quantity, share

TUNING_FEATURES = ("direction", "speed", "velocity", "acceleration", "position")


def sections(results: Sequence[Result]) -> list[Section]:
    """Describe and draw the results, one section a stage, in the order of the pipeline.

    Parameters
    ----------
    results : sequence of Result
        As :func:`proprionet.plotting.gather.gather` gives them.
    """
    made = []
    for kind, title in TITLES.items():
        chosen = [result for result in results if result.kind == kind]
        if not chosen:
            continue
        made.append(Section(kind, title, ABOUT[kind](chosen), chosen, list(_DRAW.get(kind, _nothing)(chosen))))
    return made


def _nothing(results: list[Result]) -> Iterable[Drawing]:
    return ()


def _numbered(name: str, index: int) -> str:
    return f"{name}_{index + 1}" if index else name


def _of(result: Result) -> str:
    """Which of several results a caption is about."""
    return f" {result.network.capitalize()}." if result.network else ""


def _letters(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        yield Drawing(
            _numbered("letters", index),
            letters.examples(**result.arrays, alphabet=result.attributes["alphabet"]),
            f"Pen letters: the first of each kind, over up to {letters.OVERLAID - 1} more.{_of(result)}",
            "Small panels, one for each letter of the alphabet, with overlaid pen traces.",
        )


def _start_points(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        yield Drawing(
            _numbered("workspace", index),
            start_points.workspace(result.arrays),
            "Where the centre of a letter's box can lie, and in how many parallel planes. The cross is the shoulder."
            + _of(result),
            "Two scatter plots of the places in reach, coloured by the number of planes.",
        )


def _movements(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        arrays, attributes = result.arrays, result.attributes
        planes = {plane: plane for plane in PLANES if f"{plane}/hand" in arrays}
        reaches = attributes["letters"] == files.NO_LETTERS
        if reaches:  # in no plane; seen as if it were in either
            planes = dict.fromkeys(PLANES, "horizontal")
        step, muscle_names = attributes["time_step_s"], attributes["muscle_names"]
        rejected = {reason: n for reason, n in attributes["rejections"].items() if reason != "given_up"}
        if planes:
            first, seen = next(iter(planes.values())), "" if reaches else f" ({next(iter(planes))} plane)"
            joints, muscle_length = (arrays[f"{first}/{name}"] for name in ("joints", "muscle_length"))
            hand, elbow = (
                {view: arrays[f"{plane}/{joint}"] for view, plane in planes.items()} for joint in ("hand", "elbow")
            )
            yield Drawing(
                _numbered("arm", index),
                movements.arm_writing(hand, elbow, joints, attributes["joint_names"], step),
                f"The arm while it {'reaches, from two sides' if reaches else 'writes'}, from early (light) to late "
                f"(dark), and its joint angles{seen}.{_of(result)}",
                "Stick figures of the arm with the trace of the hand, and four joint angles over time.",
            )
            yield Drawing(
                _numbered("muscles", index),
                movements.muscles(muscle_length, muscle_names, step),
                f"What the muscles do in the same movement{seen}.{_of(result)}",
                "Heat maps of the change of length and of the velocity of every muscle over time.",
            )
        yield Drawing(
            _numbered("rejections", index),
            movements.rejections(rejected, len(arrays["offsets"]) - 1),
            f"{movements.REACH_DRAWS if reaches else movements.DRAWS}{_of(result)}",
            "Bars: draws that were kept, and draws that were rejected, by reason.",
        )


def _dataset(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        arrays, attributes = result.arrays, result.attributes
        duration = attributes["time_step_s"] * arrays["n_samples"]
        yield Drawing(
            _numbered("dataset", index),
            dataset.overview(arrays["label"], arrays["split"], duration, attributes["alphabet"]),
            f"Movements{' of each letter' if len(attributes['alphabet']) > 1 else ''} by part of the data set, and how "
            f"long they last without padding.{_of(result)}",
            "Stacked bars of the number of movements by part; stacked histogram of durations.",
        )


def _svm(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        yield Drawing(
            _numbered("pairwise_accuracy", index),
            svm.pairwise_accuracy(result.arrays["accuracy"], result.attributes["alphabet"]),
            f"Test accuracy of every pair of letters from {name_of(result.attributes['input'])} input "
            f"({name_of(result.attributes['subset'])}); mean {share(result.attributes['mean_accuracy'])}.{_of(result)}",
            "Lower triangle of a matrix of letters by letters, coloured by accuracy.",
        )
        yield Drawing(
            _numbered("hard_pairs", index),
            svm.hard_pairs(result.arrays["accuracy"], result.attributes["alphabet"]),
            f"Letters that are hard to tell apart from {name_of(result.attributes['input'])} input "
            f"({name_of(result.attributes['subset'])}): the darker a line, the nearer to chance.{_of(result)}",
            "Letters on a circle, with lines between those that a linear classifier confuses.",
        )


def _networks(results: list[Result]) -> Iterable[Drawing]:
    trained = [r for r in results if all(len(r.arrays.get(name, ())) for name in training.CURVES)]
    if trained:
        first = {r.network: next(iter(r.provenance.headline.items()), None) for r in trained}
        remarks = {
            network: f"{name_of(item[0])} {quantity(item[1], item[0])}" for network, item in first.items() if item
        }
        yield Drawing(
            "training",
            training.losses({r.network: r.arrays for r in trained}, remarks),
            "Loss over epochs of training; above each panel, the network's score on movements that it has not seen.",
            "Training and validation loss over epochs, one panel for each trained network.",
        )


def _evaluations(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(result for result in results if "confusion" in result.arrays):
        yield Drawing(
            _numbered("confusions", index),
            training.confusions(result.arrays["confusion"], result.attributes["alphabet"]),
            f"What letters are taken for.{_of(result)}",
            "Heat map of the letters that the network says, a row for each letter written.",
        )


def _rdm(results: list[Result]) -> Iterable[Drawing]:
    layers = {r.network: r.attributes["layers"] for r in results}
    yield Drawing(
        "oracle_by_depth",
        representation.oracle_by_depth({r.network: r.arrays["pearson"] for r in results}, layers),
        "How well each layer tells letters apart: correlation of its dissimilarity matrix with the ideal observer's.",
        "Lines of correlation by layer, one for each network.",
    )
    for index, result in enumerate(result for result in results if "first" in result.arrays):
        layers = layers_with_rdm(result.attributes)
        ends = (layers[0], layers[-1])
        yield Drawing(
            _numbered("rdm", index),
            representation.percentile_rdms(
                (result.arrays["first"], result.arrays["last"]),
                ends,
                result.arrays["label"],
                result.attributes["alphabet"],
            ),
            f"{result.network.capitalize()}: dissimilarity of every pair of movements in the first and the last layer, "
            "ranked among all pairs.",
            f"Two square matrices of movements by movements, of the layers {ends[0]} and {ends[1]}.",
        )


def _similarity(results: list[Result]) -> Iterable[Drawing]:
    for measure in dict.fromkeys(name for r in results for name in r.arrays):
        matrices, layers = {}, {}
        for result in (r for r in results if measure in r.arrays):
            one, other = (
                condition(result.attributes[name]["task"], result.attributes[name]["trained"]) for name in "ab"
            )
            matrices[one, other] = result.arrays[measure]
            layers |= {one: result.attributes["layers_a"], other: result.attributes["layers_b"]}
        yield Drawing(
            f"similarity_{measure}",
            representation.layer_similarity(matrices, layers, representation.MEASURES[measure]),
            "How alike the layers of two networks respond to the same movements.",
            "Heat maps of layers by layers, one for each pair of networks.",
        )


def _decoding(results: list[Result]) -> Iterable[Drawing]:
    layers = {r.network: r.attributes["layers"] for r in results}
    for plane in dict.fromkeys(r.attributes["plane"] for r in results):
        of_plane = [r for r in results if r.attributes["plane"] == plane]
        targets = {r.network: r.attributes["targets"] for r in of_plane}
        r2 = {r.network: dict(zip(targets[r.network], r.arrays["r2"].T, strict=True)) for r in of_plane}
        yield Drawing(
            f"decoding_{plane}",
            decoding.by_layer(r2, {r.network: r.arrays["distance"] for r in of_plane}, layers),
            f"What can be read from all units of a layer at one moment, in {plane} planes: explained variance of the "
            "direction and speed of the hand, and how far its decoded position is off.",
            "Lines by layer, one for each network: direction, speed, position.",
        )


def _tuning(results: list[Result]) -> Iterable[Drawing]:
    layer = {r.network: r.arrays["layer"] for r in results}
    layers = {r.network: r.attributes["layers"] for r in results}
    features = [name for name in TUNING_FEATURES if all(name in r.attributes["features"] for r in results)]
    fitted = [row for row in range(len(PLANES)) if any(np.isfinite(r.arrays["r2"][row]).any() for r in results)]
    for row in fitted[:1] if features else ():
        r2 = {name: {r.network: _explained(r, row, name) for r in results} for name in features}
        yield Drawing(
            "tuning",
            tuning.r2_by_layer(r2, layer, layers),
            f"Tuning of the units of each layer in {PLANES[row]} planes: median, quartiles, and 10 % and 90 % "
            f"quantiles of R². Units below {tuning.MISFIT} are left out; the dotted line is the threshold of a tuned "
            f"unit, {TUNED}.",
            f"Box plots of the explained variance by {', '.join(features)}, by layer and network.",
        )
    for row in fitted if "direction" in features else ():
        direction = {
            r.network: np.where(_explained(r, row, "direction") > TUNED, r.arrays["preferred_direction"][row], np.nan)
            for r in results
        }
        yield Drawing(
            f"preferred_directions_{PLANES[row]}",
            tuning.preferred_directions(direction, layer, layers, PLANES[row]),
            f"Preferred directions of the units tuned to direction (R² above {TUNED}) in {PLANES[row]} planes; "
            "every circle has its own scale.",
            "Circular histograms of preferred directions, one for each layer of each network.",
        )


def _explained(result: Result, row: int, feature: str) -> np.ndarray:
    """R² of every unit; ``row`` says in which planes."""
    return result.arrays["r2"][row, result.attributes["features"].index(feature)]


def _activations(results: list[Result]) -> Iterable[Drawing]:
    step = {r.network: r.attributes["time_step_s"] for r in results}
    values = {r.network: _members(r, "response/") for r in results}
    times = {r.network: {name: step[r.network] * at for name, at in _members(r, "times/").items()} for r in results}
    yield Drawing(
        "activations",
        activations.responses(values, times),
        "Responses of every unit of some layers while the arm writes one letter.",
        "Heat maps of units over time, a row for each network and a column for each layer.",
    )


def _members(result: Result, prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in result.arrays.items() if name.startswith(prefix)}


def _session(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        yield Drawing(
            _numbered("recording", index),
            session.recording(result.arrays["example"], result.arrays["mean_count"], result.attributes["bin_width_s"]),
            f"Spikes of every neuron{' (simulated)' if result.attributes['driven_by'] else ''} in the first trial, and "
            f"how much the neurons fire.{_of(result)}",
            "Heat map of spike counts of neurons over time, and a histogram of mean rates.",
        )


def _prediction(results: list[Result]) -> Iterable[Drawing]:
    """A figure of the networks, and one of the baselines, whose sets of features are no layers."""
    for name, model, what in (("prediction", "network", "layer"), ("baselines", "baseline", "set of features")):
        drawn = [result for result in results if result.attributes["model"] == model]
        if drawn:
            first = drawn[0].arrays
            ceiling = next((first[name] for name in CEILINGS if name in first and np.isfinite(first[name]).any()), None)
            values = {r.network: r.arrays["explained_variance"] for r in drawn}
            layers = {r.network: r.attributes["layers"] for r in drawn}
            if model == "baseline":
                sets = {network: [called(name) for name in names] for network, names in layers.items()}
                figure = prediction.feature_sets(values, sets, ceiling)
            else:
                figure = prediction.explained_variance(values, layers, ceiling)
            yield Drawing(
                name,
                figure,
                "Explained variance of spike counts on held-out trials: one dot a neuron, median and quartiles over "
                "neurons.",
                f"Explained variance by {what}, against the noise ceiling.",
            )


def _predictivity(results: list[Result]) -> Iterable[Drawing]:
    for index, result in enumerate(results):
        words = np.array(result.attributes["words"], dtype=object)
        columns = {
            name.removeprefix("ranking/"): words[values] if name in RANKING_TEXTS else values
            for name, values in result.arrays.items()
        }
        yield Drawing(
            _numbered("ranking", index),
            prediction.ranking(pd.DataFrame(columns)),
            "The best models of neurons, with intervals: networks by the task they learned, untrained ones in grey, "
            "linear models in brown. Where trials to one target differ, a model that knows the single movement exceeds "
            "the ceiling of halves of trials (dotted).",
            "Dots with bars, a row for each model, the best on top.",
        )


_DRAW: dict[str, Callable[[list[Result]], Iterable[Drawing]]] = {
    "letters": _letters,
    "start_points": _start_points,
    "movements": _movements,
    "dataset": _dataset,
    "svm": _svm,
    "network": _networks,
    "evaluation": _evaluations,
    "activations": _activations,
    "rdm": _rdm,
    "similarity": _similarity,
    "tuning": _tuning,
    "decoding": _decoding,
    "session": _session,
    "prediction": _prediction,
    "predictivity": _predictivity,
    "recurrent": recurrent_sections.learning,
    "latents": recurrent_sections.trials,
    "fixed_points": recurrent_sections.fixed_points,
    "dynamics_similarity": recurrent_sections.similarity,
}
