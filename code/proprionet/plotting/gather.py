"""The results of an experiment, read from its files: what figures and report need of each, and no more."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from proprionet import store
from proprionet.analysis.layers.rdm import KINEMATICS
from proprionet.config import Plane, Section, check
from proprionet.errors import InputError
from proprionet.movements import files
from proprionet.movements.derived import derive

PLANES: tuple[str, ...] = get_args(Plane)
UNDEFINED_AT_TIMES = {name for kind in store.KINDS.values() for name, array in kind.arrays.items() if not array.finite}
SHOWN_LAYERS = 4
CEILINGS = ("ceiling", "ceiling_split_half", "ceiling_poisson")
"""Noise ceilings, the surest first."""
RECURRENT = ("recurrent", "latents", "fixed_points")
"""Kinds about a recurrent network, which goes by the name of its file."""
FIXED_POINTS = (
    *("outputs", "fixed", "n_unstable", "eigenvalue_real", "eigenvalue_imaginary"),
    *("path_inputs", "path_outputs", "path_q", "path_n_unstable"),
)
SHOWN_TRIALS = 24
RANKING_TEXTS = tuple(f"ranking/{name}" for name in ("area", "movement", "condition", "family", "name", "unit"))
RANKING = (*RANKING_TEXTS, "ranking/score", "ranking/low", "ranking/high")
WHOLE = "1/1"
"""Shard of a set that is whole."""


class Headline(BaseModel):
    """A number that a reader would quote; whatever else the stage said about it is kept."""

    model_config = ConfigDict(extra="allow")

    value: float
    unit: str
    chance: float | None = None
    n: int | None = None


class Provenance(Section):
    """What every file says about how it was made."""

    model_config = ConfigDict(extra="ignore")

    headline: dict[str, Headline] = Field(default_factory=dict)
    elapsed_s: float | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: int | None = None
    inputs: dict[str, str] = Field(default_factory=dict)
    package_version: str
    libraries: dict[str, str] = Field(default_factory=dict)
    git_commit: str = "unknown"
    git_dirty: str = "false"
    created: str


@dataclass(frozen=True)
class Result:
    """One file, or all shards of a set (whose ``path`` says from which to which).

    ``stage`` is unique among the results, ``network`` names the network it is about ("" if none).
    """

    path: Path
    kind: str
    stage: str
    network: str
    attributes: dict[str, Any]
    arrays: dict[str, np.ndarray]
    provenance: Provenance


def gather(paths: Iterable[Path]) -> list[Result]:
    """Read the results in ``paths``, ordered by kind, trained networks before untrained ones.

    Checkpoints and muscle tables are no results, and are left out. Shards of one set of movements are one result.

    Raises
    ------
    InputError
        If a file is broken, contradicts itself, or two files cannot be told apart.
    """
    unique = {path.resolve(): path for path in paths}
    found = _whole_sets([result for path in unique.values() if (result := _read(path))])
    kinds = list(store.KINDS)
    found.sort(key=lambda r: (kinds.index(r.kind), not r.attributes.get("trained", True), r.network, r.path.name))
    count = Counter(result.stage for result in found)
    named = [_with_file_name(result) if count[result.stage] > 1 else result for result in found]
    for stage, times in Counter(result.stage for result in named).items():
        if times > 1:
            first, second, *_ = (result.path for result in named if result.stage == stage)
            raise InputError(f"{first} and {second} are both '{stage}': give only one of them, or rename one file")
    return named


def _read(path: Path) -> Result | None:
    with store.read(path) as file:
        if file.kind not in _NEEDED:
            return None
        attributes = file.attributes()
        network = ""
        if "trained" in store.KINDS[file.kind].attributes:
            network = attributes["task"] if attributes["trained"] else "untrained"
        if file.kind in RECURRENT:
            network = path.stem
        if attributes.get("model") == "baseline":
            network = "baseline"
        stage = "_".join(filter(None, ["training" if file.kind == "network" else file.kind, network]))
        try:
            arrays = _NEEDED[file.kind](file, attributes)
            problem = _contradiction(file, attributes, arrays)
        except (OSError, RuntimeError) as error:
            raise InputError(f"{path}: its numbers cannot be read, so it is corrupt; make it again") from error
        if problem:
            raise InputError(f"{path}: {problem}; make it again with {store.KINDS[file.kind].made_by}")
        provenance = check(Provenance, attributes, str(path))
        return Result(path, file.kind, stage, network.replace("_", " "), attributes, arrays, provenance)


def _whole_sets(results: list[Result]) -> list[Result]:
    """The results, with the shards of each set of movements as one."""
    sets: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        made = result.provenance
        recipe = json.dumps([{**made.settings, "shard": None}, made.seed, made.inputs], sort_keys=True)
        is_shard = result.kind == "movements" and result.attributes["shard"] != WHOLE
        sets[recipe if is_shard else str(result.path)].append(result)
    return [_join(shards) if len(shards) > 1 else shards[0] for shards in sets.values()]


def _join(shards: list[Result]) -> Result:
    """Examples of the first shard, counts of all. The attribute "shard" says which there are, if not all."""
    shards = sorted(shards, key=lambda result: (len(result.attributes["shard"]), result.attributes["shard"]))
    names = [result.attributes["shard"] for result in shards]
    for before, after in pairwise(shards):
        if before.attributes["shard"] == after.attributes["shard"]:
            raise InputError(f"{before.path} and {after.path} are both shard {after.attributes['shard']} of one set")
    first, last = shards[0], shards[-1]
    lengths = np.concatenate([np.diff(result.arrays["offsets"]) for result in shards])
    rejections = sum((Counter(result.attributes["rejections"]) for result in shards), Counter())
    quality = files.quality(rejections, len(lengths) + rejections["given_up"])
    provenance = first.provenance.model_copy(
        update={
            "headline": {name: Headline(value=value, unit=unit, **more) for name, value, unit, more in quality},
            "elapsed_s": sum(result.provenance.elapsed_s or 0 for result in shards),
            "settings": {**first.provenance.settings, "shard": f"{names[0]} to {names[-1]}"},
        }
    )
    complete = names[0].partition("/")[2] == str(len(names))
    return replace(
        first,
        path=first.path.with_name(f"{first.path.stem} to {last.path.name}"),
        attributes=first.attributes | {"rejections": rejections, "shard": WHOLE if complete else ", ".join(names)},
        arrays=first.arrays | {"offsets": np.concatenate([[0], np.cumsum(lengths)])},
        provenance=provenance,
    )


def _with_file_name(result: Result) -> Result:
    """Tell two results of one stage apart by the names of their files."""
    name = result.path.stem
    return replace(result, stage=f"{result.stage}_{name}", network=f"{result.network} ({name})".strip())


def _only(*names: str) -> Callable[[store.Reader, dict[str, Any]], dict[str, np.ndarray]]:
    return lambda file, _: {name: file[name] for name in names if name in file}


def _example_movements(file: store.Reader, attributes: dict[str, Any]) -> dict[str, np.ndarray]:
    """The first movement in each plane; a file of movements may be larger than the memory."""
    offsets, plane = file["offsets"], file["plane"]
    arrays = {"offsets": offsets}
    for index, name in enumerate(PLANES):
        for movement in np.flatnonzero(plane == index)[:1]:
            rows = slice(*offsets[movement : movement + 2])
            joints = file.dataset("joints")[rows]
            for key in ("hand", "elbow", "joints", "muscle_length"):
                arrays[f"{name}/{key}"] = file.dataset(key)[rows] if key in file else derive(file, key, joints)
    return arrays


def layers_with_rdm(attributes: dict[str, Any]) -> list[str]:
    """Layers of the network, without the kinematics before it and without those that have no RDM."""
    without = (*KINEMATICS, *attributes["undefined"])
    return [name for name in attributes["layers"] if name not in without]


def _first_and_last_rdm(file: store.Reader, attributes: dict[str, Any]) -> dict[str, np.ndarray]:
    layers = layers_with_rdm(attributes)
    ends = {"first": file[f"rdm/{layers[0]}"], "last": file[f"rdm/{layers[-1]}"]} if layers else {}
    return ends | {name: file[name] for name in ("label", "pearson")}


def _first_measure(file: store.Reader, _: dict[str, Any]) -> dict[str, np.ndarray]:
    """One matrix, under the name of its measure."""
    return {name: file[name] for name in list(file.shapes())[:1]}


def _example_responses(file: store.Reader, attributes: dict[str, Any]) -> dict[str, np.ndarray]:
    """Responses to the first movement in the first, middle and last layers, units in one row."""
    layers = attributes["layers"]
    arrays = {"movement": file["movement"]}
    for layer in dict.fromkeys(layers[index] for index in np.linspace(0, len(layers) - 1, SHOWN_LAYERS).astype(int)):
        response = file.dataset(f"layers/{layer}")[0]
        arrays |= {f"response/{layer}": response.reshape(len(response), -1), f"times/{layer}": file[f"times/{layer}"]}
    return arrays


def _tuning_of_all_planes(file: store.Reader, _: dict[str, Any]) -> dict[str, np.ndarray]:
    """Fits in all horizontal and all vertical planes, the first rows."""
    names = ("orientation", "r2", "preferred_direction")
    return {"layer": file["layer"], **{name: file.dataset(name)[: len(PLANES)] for name in names}}


def _spikes(file: store.Reader, _: dict[str, Any]) -> dict[str, np.ndarray]:
    """Lengths of the trials, the first of them, and the mean count of every neuron; bins are read in blocks."""
    counts, offsets = file.dataset("spike_count"), file["offsets"]
    blocks = (counts[start : start + 65536] for start in range(0, len(counts), 65536))
    total = np.sum([block.sum(axis=0, dtype=float) for block in blocks], axis=0)
    first = counts[: offsets[1]].astype(int)
    return {"n_bins": np.diff(offsets), "example": first, "mean_count": total / len(counts)}


def _first_trials(file: store.Reader, _: dict[str, Any]) -> dict[str, np.ndarray]:
    names = ("true_inputs", "targets", "outputs", "extra", "conds", "controlled", "load", "activation", "weights")
    return {name: file.dataset(name)[:SHOWN_TRIALS] for name in names if name in file} | {"split": file["split"]}


_NEEDED: dict[str, Callable[[store.Reader, dict[str, Any]], dict[str, np.ndarray]]] = {
    "letters": _only("samples", "offsets", "label"),
    "start_points": _only("horizontal", "vertical"),
    "movements": _example_movements,
    "dataset": _only("label", "split", "n_samples"),
    "svm": _only("accuracy"),
    "linear_decoder": _only("validation_loss"),
    "network": _only("epoch", "train_loss", "validation_loss"),
    "evaluation": _only("movement", "confusion"),
    "activations": _example_responses,
    "rdm": _first_and_last_rdm,
    "similarity": _first_measure,
    "tuning": _tuning_of_all_planes,
    "decoding": _only("r2", "distance"),
    "session": _spikes,
    "prediction": _only("explained_variance", *CEILINGS),
    "predictivity": _only(*RANKING),
    "recurrent": _only("update", "validation_metric"),
    "latents": _first_trials,
    "fixed_points": _only(*FIXED_POINTS),
    "dynamics_similarity": lambda file, _: {name: file[name] for name in file.shapes()},
}


def _contradiction(file: store.Reader, attributes: dict[str, Any], arrays: dict[str, np.ndarray]) -> str | None:
    """What in the file disagrees with itself, where a figure would trip over it."""
    alphabet, layers = attributes.get("alphabet", ""), attributes.get("layers", [""])
    rules = {
        "its numbers are not all finite": all(
            name in UNDEFINED_AT_TIMES or np.isfinite(array).all() for name, array in arrays.items()
        ),
        "its offsets do not cut the samples into pieces": "offsets" not in arrays or _cuts(file, arrays["offsets"]),
        f"a label lies outside the alphabet '{alphabet}'": _within(arrays.get("label"), len(alphabet)),
        f"its accuracies do not fit the alphabet '{alphabet}'": "accuracy" not in arrays
        or arrays["accuracy"].shape == (len(alphabet), len(alphabet)),
        f"a unit lies outside the {len(layers)} layers": _within(arrays.get("layer"), len(layers)),
        "its first planes are not all horizontal and all vertical ones": "orientation" not in arrays
        or list(arrays["orientation"]) == [0, 1],
        "an RDM does not fit the number of stimuli": "first" not in arrays or _fits_stimuli(arrays),
        "a text of its ranking is none of its words": all(
            _within(arrays.get(name), len(attributes.get("words", ()))) for name in RANKING_TEXTS
        ),
        "its rejections are not counts": all(
            isinstance(count, int) and count >= 0 for count in attributes.get("rejections", {}).values()
        ),
    }
    for names, rows in _NAMES.items():
        if names not in attributes:
            continue
        given = attributes[names]
        named = given or file.kind == "session"  # which may have been recorded without joints and muscles
        rules[f"attribute '{names}' is not a list of names"] = named and all(isinstance(name, str) for name in given)
        for name, axis in rows.items():
            fits = name not in arrays or arrays[name].shape[axis] == len(given)
            rules[f"'{name}' does not fit the names in the attribute '{names}'"] = fits
    return next((problem for problem, good in rules.items() if not good), None)


_NAMES: dict[str, dict[str, int]] = {
    "layers": {"pearson": 0, "explained_variance": 0, "distance": 0},
    "targets": {"r2": 1},
    "features": {"r2": 1},
    "joint_names": {f"{plane}/joints": 1 for plane in PLANES},
    "muscle_names": {f"{plane}/muscle_length": 1 for plane in PLANES},
}
"""Attributes that name what lies along an axis of a dataset."""


def _cuts(file: store.Reader, offsets: np.ndarray) -> bool:
    rows = len(file.dataset("joints" if file.kind == "movements" else "samples"))
    whole = len(offsets) == len(file.dataset("label")) + 1 > 1 and offsets[0] == 0 and offsets[-1] == rows
    return bool(whole and (np.diff(offsets) > 1).all())


def _within(values: np.ndarray | None, limit: int) -> bool:
    return values is None or bool(((values >= 0) & (values < limit)).all())


def _fits_stimuli(arrays: dict[str, np.ndarray]) -> bool:
    n_stimuli = len(arrays["label"])
    return all(arrays[end].size == n_stimuli * (n_stimuli - 1) // 2 > 0 for end in ("first", "last"))
