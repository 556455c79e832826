"""The words of the report: titles, what each stage did, and numbers as a reader would write them."""

from collections.abc import Callable, Sequence

import numpy as np

from proprionet.movements.files import NO_LETTERS
from proprionet.plotting.gather import WHOLE, Headline, Result

TITLES = {
    "letters": "Letters",
    "start_points": "Workspace",
    "movements": "Movements",
    "dataset": "Data set",
    "svm": "Linear baseline",
    "linear_decoder": "Linear decoder",
    "network": "Networks",
    "evaluation": "Networks tested",
    "activations": "Activations",
    "rdm": "Representations",
    "similarity": "Layers of two networks compared",
    "tuning": "Single-unit tuning",
    "decoding": "Population decoding",
    "session": "Session",
    "prediction": "Neural prediction",
    "predictivity": "Models of neurons ranked",
    "recurrent": "Recurrent networks",
    "latents": "Trials of recurrent networks",
    "fixed_points": "Fixed points",
    "dynamics_similarity": "Dynamics compared",
}
"""Title of each kind of result, in the order of the report."""


def name_of(headline: str) -> str:
    """A headline's name as a reader would write it."""
    return headline.replace("_", " ")


def number(value: float) -> str:
    """A number for the eye: counts in full, anything else with three digits."""
    if not np.isfinite(value):
        return "undefined"
    return f"{value:.0f}" if value == round(value) or 1000 < abs(value) < 1e9 else f"{value:.3g}"


def is_share(unit: str) -> bool:
    """Whether a number is a share of something, which readers like in percent."""
    return unit == "fraction" or unit.startswith("of ")


def share(value: float) -> str:
    """A share in percent, with one digit behind the point."""
    return f"{100 * value:.1f} %" if np.isfinite(value) else "undefined"


def quantity(headline: Headline, name: str = "") -> str:
    """Value and unit; a dimensionless number has none, and a count of what its name says needs none."""
    if is_share(headline.unit):
        return share(headline.value) + ("" if headline.unit == "fraction" else f" {headline.unit}")
    spoken = headline.unit in ("", "1") or name_of(name).split(" ")[-1] == headline.unit
    return number(headline.value) + ("" if spoken else f" {headline.unit}")


def _each(results: Sequence[Result], attribute: str, say: Callable[[str], str] = name_of) -> str:
    """What the results say under one attribute, each saying once."""
    return " and ".join(dict.fromkeys(say(result.attributes[attribute]) for result in results))


def _letters(results: Sequence[Result]) -> str:
    count = sum(len(result.arrays["label"]) for result in results)
    kinds = len(np.unique(np.concatenate([result.arrays["label"] for result in results])))
    step = 1000 * results[0].attributes["time_step_s"]
    return f"{count} pen letters ({_each(results, 'origin', str)}) of {kinds} kinds, sampled every {step:g} ms."


def _movements(results: Sequence[Result]) -> str:
    reaches = {result.attributes["letters"] == NO_LETTERS for result in results}
    what = {
        False: "writes the letters at places drawn from the workspace, varied in size, rotation, shear and speed",
        True: "reaches straight from one place of the workspace to another, with minimum jerk, and rests there",
    }
    shards = ", ".join(result.attributes["shard"] for result in results if result.attributes["shard"] != WHOLE)
    only = f" These are the shards {shards} of a larger set." if shards else ""
    return (
        f"The arm, {_each(results, 'arm', str)}, {', or '.join(what[reach] for reach in sorted(reaches))}. Joint "
        f"angles come from inverse kinematics, muscle lengths ({_each(results, 'length_kind')}) from OpenSim "
        f"({_each(results, 'engine')} engine) with {_each(results, 'geometry')} geometry. What the arm cannot follow "
        f"smoothly is rejected and drawn again.{only}"
    )


def _networks(results: Sequence[Result]) -> str:
    all_trained = all(result.attributes["trained"] for result in results)
    twin = "" if all_trained else " The untrained network keeps the weights that it was drawn with."
    return f"Networks learn from what the muscle spindles say.{twin}"


def _session(results: Sequence[Result]) -> str:
    n_bins, n_neurons = results[0].arrays["n_bins"], results[0].arrays["mean_count"].size
    width = 1000 * results[0].attributes["bin_width_s"]
    least, most = n_bins.min(), n_bins.max()
    bins = f"{most} bins" if least == most else f"{least} to {most} bins"
    counts = f"Spike counts of {n_neurons} neurons in {len(n_bins)} trials of {bins}, each {width:g} ms wide."
    if driven_by := ", ".join(results[0].attributes["driven_by"]):
        return f"{counts} The neurons are simulated, driven by {driven_by}."
    about = [results[0].attributes[name] for name in ("session", "area", "monkey")]
    return f"{counts} Recorded: {', '.join(filter(None, about))}."


def _fixed_points(results: Sequence[Result]) -> str:
    said = []
    for result in results:
        whole = "nothing speaks against their being all" if result.attributes["complete"] else "some may be missing"
        said.append(f"{result.network}: {int(result.arrays['fixed'].sum())} ({whole})")
    return f"States that stay as they are while the input stays at rest, found by two searches. {'; '.join(said)}."


ABOUT: dict[str, Callable[[Sequence[Result]], str]] = {
    "letters": _letters,
    "start_points": lambda results: (
        f"Every place on a grid where the arm ({_each(results, 'arm', str)}) can reach a whole letter, in horizontal "
        "and in vertical planes."
    ),
    "movements": _movements,
    "dataset": lambda results: "Movements are padded to one length at a random offset and split into three parts.",
    "svm": lambda results: (
        f"A linear support vector machine for every pair of letters, on {_each(results, 'input')} input."
    ),
    "linear_decoder": lambda results: (
        f"The hand's position at each moment as a linear function of the {_each(results, 'input')} input of that "
        "moment, by gradient descent until the validation loss saturates, and by exact least squares."
    ),
    "network": _networks,
    "evaluation": lambda results: (
        f"Trained networks on {len(results[0].arrays['movement'])} movements that they have not seen. Errors are mean "
        "distances, of all that a network answers and of each part of it; trivial errors are those of always answering "
        "the mean of the training part."
    ),
    "activations": lambda results: (
        f"Responses of every layer of each network to {len(results[0].arrays['movement'])} movements."
    ),
    "rdm": lambda results: (
        f"Dissimilarity ({_each(results, 'metric')}) of the responses to every pair of "
        f"{len(results[0].arrays['label'])} movements, layer by layer, compared with an ideal observer that sees only "
        "the letter."
    ),
    "similarity": lambda results: (
        f"Responses of every layer of two networks to the same {_each(results, 'n_stimuli', str)} movements; 1 "
        "where they are the same but for rotation and scale."
    ),
    "decoding": lambda results: (
        f"Ridge regression from all units of a layer at one step, scored on movements that it has not seen "
        f"({_each(results, 'rules')} rules)."
    ),
    "tuning": lambda results: (
        f"Linear models of each unit's activity over the movements in all planes of one orientation, scored on "
        f"movements that they have not seen ({_each(results, 'rules')} rules)."
    ),
    "session": _session,
    "prediction": lambda results: (
        f"Spikes of {_each(results, 'movement')} movements are predicted by one regression a neuron, from principal "
        "components of each layer or from sets of features of the movement, every trial by a model that has not seen "
        "it. The best layer is chosen on the training trials of each fold."
    ),
    "recurrent": lambda results: (
        "Networks trained on tasks over time, on trials that are new in every step: "
        f"{', '.join(dict.fromkeys(name_of(result.attributes['task']['task']) for result in results))}."
    ),
    "latents": lambda results: (
        f"What the networks do in {len(results[0].arrays['split'])} trials that they were not trained on."
    ),
    "fixed_points": _fixed_points,
    "dynamics_similarity": lambda results: (
        "How alike the states of networks are in the same trials, and the dynamics that take each state to the next. "
        "Beside each matrix: distances between halves of a network's own trials, and what is left of a network and "
        "itself when order in time is lost."
    ),
    "predictivity": lambda results: (
        "Networks at their best layer and linear models, ranked by what they explain of what can be explained: "
        f"explained variance of all neurons over the sum of their ceilings ({_each(results, 'ceiling')}). Intervals "
        f"are bootstraps over architectures, instances and neurons ({share(results[0].attributes['confidence'])})."
    ),
}
"""What each stage did, in one or two sentences."""
