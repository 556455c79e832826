"""The words of the report: titles, what each stage did, and numbers as a reader would write them."""

from collections.abc import Callable

import numpy as np

from proprionet.plotting.gather import Headline, Result

TITLES = {
    "letters": "Letters",
    "start_points": "Workspace",
    "movements": "Movements",
    "dataset": "Data set",
    "svm": "Linear baseline",
    "network": "Networks",
    "activations": "Activations",
    "rdm": "Representations",
    "tuning": "Single-unit tuning",
    "session": "Recording",
    "prediction": "Neural prediction",
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


def quantity(headline: Headline, name: str = "") -> str:
    """Value and unit; a dimensionless number has none, and a count of what its name says needs none."""
    spoken = headline.unit in ("", "1") or name_of(name).split(" ")[-1] == headline.unit
    return number(headline.value) + ("" if spoken else f" {headline.unit}")


_LENGTHS = {"fibre": "fibre", "path": "muscle-tendon path"}

ABOUT: dict[str, Callable[[Result], str]] = {
    "letters": lambda r: (
        f"{len(r.arrays['label'])} pen letters ({r.attributes['origin']}) of {len(r.attributes['alphabet'])} kinds, "
        f"sampled every {1000 * r.attributes['time_step_s']:g} ms."
    ),
    "start_points": lambda r: (
        f"Every place on a grid where the arm ({r.attributes['arm']}) can reach a whole letter, in horizontal and in "
        "vertical planes."
    ),
    "movements": lambda r: (
        f"The arm, {r.attributes['arm']}, writes the letters at places drawn from the workspace, varied in size, "
        "rotation, shear and speed. Joint angles come from inverse kinematics, "
        f"{_LENGTHS.get(r.attributes['length_kind'], 'muscle')} lengths from OpenSim "
        f"({r.attributes['geometry']} muscle geometry). What the arm cannot follow smoothly is rejected and drawn again."
    ),
    "dataset": lambda r: "Movements are padded to one length at a random offset and split into three parts.",
    "svm": lambda r: (
        f"A linear support vector machine for every pair of letters, on {name_of(r.attributes['input'])} input."
    ),
    "network": lambda r: (
        "Convolutional networks learn from muscle lengths and velocities; the untrained network keeps the weights "
        "that it was drawn with."
    ),
    "activations": lambda r: f"Responses of every layer of each network to {len(r.arrays['movement'])} movements.",
    "rdm": lambda r: (
        f"Dissimilarity ({r.attributes['metric']}) of the responses to every pair of {len(r.arrays['label'])} "
        "movements, layer by layer, compared with an ideal observer that sees only the letter."
    ),
    "tuning": lambda r: (
        f"Linear models of each unit's activity over movements in {r.attributes['plane']} planes, scored on movements "
        "that they have not seen."
    ),
    "session": lambda r: (
        "{} trials, {} bins, {} neurons".format(*r.arrays["shape"])
        + f"; a bin is {1000 * r.attributes['bin_width_s']:g} ms wide."
    ),
    "prediction": lambda r: (
        "Spike counts are predicted from principal components of each layer by ridge regression, every trial by a "
        "model that has not seen it."
    ),
}
