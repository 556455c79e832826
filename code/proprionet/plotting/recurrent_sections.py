"""The sections of the report about recurrent networks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from proprionet.plotting import ctdb, ctdb_reaches
from proprionet.plotting.gather import Result
from proprionet.plotting.section import Drawing
from proprionet.plotting.wording import name_of
from proprionet.rnn.fixed_points import FIXED_BELOW
from proprionet.rnn.tasks.random_target import TIME_STEP_S

Arrays = Mapping[str, np.ndarray]


def learning(results: list[Result]) -> Iterable[Drawing]:
    """One figure a task."""
    for task, of in _by_task(results).items():
        curves = {r.network: (r.arrays["update"], r.arrays["validation_metric"]) for r in of if len(r.arrays["update"])}
        if curves:
            metric = re.sub(" cm$", " (cm)", name_of(of[0].attributes["metric"])).replace("r2", "R²")
            yield Drawing(
                f"learning_{task}",
                ctdb.learning(curves, f"{metric} on validation trials"),
                f"{name_of(task).capitalize()}: {metric} on trials that are never trained on.",
                "Lines over training steps, one for each network.",
            )


def trials(results: list[Result]) -> Iterable[Drawing]:
    """The first trial of one network of each task; of arms, where hands go and a reach through a bump."""
    for task, of in _by_task(results).items():
        arrays, about, network = of[0].arrays, of[0].attributes, of[0].network
        if "controlled" in arrays:
            yield from _reaches(task, arrays, about, network)
            continue
        counted = arrays["weights"][0].any(axis=1)
        end = len(counted) - int(np.argmax(counted[::-1]))  # what follows is padding
        yield Drawing(
            f"trial_{task}",
            ctdb.trial(
                arrays["true_inputs"][0, :end],
                arrays["targets"][0, :end],
                arrays["outputs"][0, :end],
                about["input_labels"],
                about["output_labels"],
            ),
            f"The first trial of {network}: inputs without noise; below, what is wanted and what it says.",
            "Traces over time.",
        )


def _reaches(task: str, arrays: dict[str, np.ndarray], about: dict[str, Any], network: str) -> Iterable[Drawing]:
    caught = arrays["conds"] == about["conditions"].index("catch")
    hand, targets, load = arrays["controlled"], arrays["targets"], arrays["load"]
    yield Drawing(
        f"paths_{task}",
        ctdb_reaches.paths(hand, targets, load, caught),
        f"The first {len(hand)} reaches of {network}: paths of the hand, from its dot to the cross; on catch trials it "
        "is to stay.",
        "Paths in the plane, coloured by bump and catch trial.",
    )
    example = int(np.argmax(load.any(axis=(1, 2)) & ~caught))
    cues = dict(zip(about["timings"], arrays["extra"][example].tolist(), strict=True))
    yield Drawing(
        f"reach_{task}",
        ctdb_reaches.reach(
            hand[example],
            targets[example],
            load[example],
            arrays["outputs"][example],
            arrays["activation"][example],
            about["output_labels"],
            (cues["target_on"], cues["go"]),
            TIME_STEP_S,
        ),
        f"One reach of {network}: hand and where it is wanted, force of the bump (shaded), and what each muscle does.",
        "Traces over time, a panel for each axis, for the force and for each muscle.",
    )


def fixed_points(results: list[Result]) -> Iterable[Drawing]:
    """Those of networks with three outputs or more, in the space of the first three."""
    shown = {r.network: r.arrays for r in results if r.arrays["outputs"].shape[1] > 2}
    if shown:
        fixed = {name: arrays["fixed"].astype(bool) for name, arrays in shown.items()}
        yield Drawing(
            "fixed_points",
            ctdb.fixed_points(
                {name: arrays["outputs"][fixed[name], :3] for name, arrays in shown.items()},
                {name: arrays["n_unstable"][fixed[name]] for name, arrays in shown.items()},
                dict.fromkeys(shown, np.empty((0, 0, 3))),
                _outputs(results),
            ),
            "Fixed points by what the networks say there, coloured by the number of unstable directions.",
            "Three-dimensional scatter, one for each network.",
        )
        yield Drawing(
            "eigenvalues",
            ctdb.eigenvalues(
                {
                    name: (arrays["eigenvalue_real"] + 1j * arrays["eigenvalue_imaginary"])[fixed[name]]
                    for name, arrays in shown.items()
                },
                {name: arrays["n_unstable"][fixed[name]] for name, arrays in shown.items()},
            ),
            "Eigenvalues of the step around these points: what lies outside the circle grows.",
            "Points in the complex plane around the unit circle, one panel for each network.",
        )
        followed = {name: arrays for name, arrays in shown.items() if "path_q" in arrays}
        yield from _followed(followed, _outputs(results))


def _outputs(results: list[Result]) -> list[str]:
    """Names of the first three outputs, as far as all networks share them."""
    labels = [r.attributes["output_labels"][:3] for r in results if len(r.attributes["output_labels"]) > 2]
    return labels[0] if all(one == labels[0] for one in labels) else [f"output {number}" for number in (1, 2, 3)]


def _followed(shown: Mapping[str, Mapping[str, np.ndarray]], names: list[str]) -> Iterable[Drawing]:
    if shown:
        outputs = {
            name: np.where(arrays["path_q"][:, :, None] < FIXED_BELOW, arrays["path_outputs"][:, :, :3], np.nan)
            for name, arrays in shown.items()
        }
        unstable = {name: arrays["path_n_unstable"] for name, arrays in shown.items()}
        ways = dict.fromkeys(_way(arrays["path_inputs"]) for arrays in shown.values())
        yield Drawing(
            "fixed_points_followed",
            ctdb.followed(outputs, unstable, names),
            f"Where fixed points go while a constant input changes from {' or '.join(ways)}; a line ends where its "
            "point has met another and both are gone.",
            "Outputs at the points over the share of the way, a row for each network, a column for each output.",
        )


def _way(inputs: np.ndarray) -> str:
    return " to ".join(f"({', '.join(f'{value:.3g}' for value in place)})" for place in inputs[[0, -1]])


def similarity(results: list[Result]) -> Iterable[Drawing]:
    for result in results:
        arrays, networks = result.arrays, result.attributes["networks"]
        matrices = {name: arrays[name] for name in ctdb.MEASURES}
        floors, ceilings = (
            {name: arrays[f"{which}_{name}"] for name in ctdb.MEASURES if f"{which}_{name}" in arrays}
            for which in ("floor", "ceiling")
        )
        if all("layer" in about for about in networks):
            yield from _layers(result, matrices, floors, ceilings)
            continue
        names = [about["name"] for about in networks]
        yield Drawing(
            f"dynamics_{result.path.stem}",
            ctdb.similarity(matrices, names, floors, ceilings),
            "Every two networks by their states and by their dynamics.",
            "Matrices of networks by networks, one for each measure.",
        )
        yield Drawing(
            f"scree_{result.path.stem}",
            ctdb.scree(dict(zip(names, arrays["scree"], strict=True))),
            "Share of the variance of states that each principal component holds, and all up to it.",
            "Lines over the number of the component, one for each network.",
        )


def _layers(result: Result, matrices: Arrays, floors: Arrays, ceilings: Arrays) -> Iterable[Drawing]:
    """Layers of networks that read letters; of the measures those that the comparison of networks rests on."""
    networks = result.attributes["networks"]
    order = sorted(range(len(networks)), key=lambda place: networks[place]["task"])
    named = [", ".join(name_of(networks[place][key]) for key in ("task", "family")) for place in order]
    of_layers = [networks[place]["layer"] for place in order]
    shown = {
        name: matrices[name][np.ix_(order, order)] for name in ("affine_r2", "cka", "dsa_wasserstein", "dsa_angular")
    }
    floors, ceilings = ({name: one[order] for name, one in of.items()} for of in (floors, ceilings))
    yield Drawing(
        f"dynamics_{result.path.stem}",
        ctdb.layers_alike(shown, named, of_layers, floors, ceilings),
        "Every two layers by their states and by their dynamics while they see the same movements.",
        "Matrices of layers by layers, one for each measure, networks of one task together.",
    )


def _by_task(results: list[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.attributes["task"]["task"], []).append(result)
    return found
