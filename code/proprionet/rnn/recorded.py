"""What networks did in trials, as files hold it and as the analyses of dynamics want it."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proprionet.errors import InputError, located
from proprionet.rnn.alignment import StillError, principal_components
from proprionet.store import Reader, input_hashes

Watch = Callable[..., Iterable[Any]]
SCREE = 20
"""Principal components of which the share of variance is told, at most, if no more are compared."""


@dataclass
class Recorded:
    """Networks, or layers of them, in the same trials."""

    train: np.ndarray
    """(trial,) of bool: those that maps are fitted to"""
    step: float
    """From one moment of a trajectory to the next, in time steps."""
    controls: list[np.ndarray] | None = None
    """(step, input) of each trial: what drives all of them"""
    networks: dict[str, list[np.ndarray]] = field(default_factory=dict)
    """(step, component) of each trial, by name"""
    shares: list[np.ndarray] = field(default_factory=list)
    """(component,) of each network: its share of variance"""
    about: list[dict[str, Any]] = field(default_factory=list)
    """What each network is."""
    undefined: dict[str, str] = field(default_factory=dict)
    """Networks that are left out, and why."""

    def add(self, name: str, trials: list[np.ndarray], shares: np.ndarray, **about: Any) -> None:
        """One more network."""
        self.networks[name] = trials
        self.shares.append(shares)
        self.about.append({"name": name, **about})

    @contextlib.contextmanager
    def unless_still(self, name: str) -> Iterator[None]:
        """A network of which nothing ever changes is left out."""
        try:
            yield
        except StillError as error:
            self.undefined[name] = str(error)


def latents(files: Sequence[Reader], n_components: int, watch: Watch) -> Recorded:
    """States of recurrent networks in the same trials, each to the end of its last phase.

    Parameters
    ----------
    files : sequence of Reader
        Latents.
    n_components : int
        Principal components of each network, fitted to the training trials.

    Raises
    ------
    InputError
        If trials, time steps or targets differ between files.
    """
    first = files[0]
    for other in files[1:]:
        _check_same_trials(first, other)
    ends = trial_ends(first)
    controls = [trial[:end] for trial, end in zip(first["inputs"], ends, strict=True)]
    found = Recorded(train=first["split"] == 0, step=1.0, controls=controls)
    if found.train.all() or not found.train.any():
        raise InputError(f"{first.path.name}: holds no trials of {'validation' if found.train.all() else 'training'}")
    names = different_names([file.attribute("name") for file in files], files)
    for name, file in watch(list(zip(names, files, strict=True)), about="networks"):
        trials = [trial[:end] for trial, end in zip(file["latents"], ends, strict=True)]
        with located(f"{name}: "), found.unless_still(name):
            fitted = principal_components(
                np.concatenate([trial for trial, used in zip(trials, found.train, strict=True) if used]),
                max(n_components, SCREE),
            )
            about = {"network": file.attribute("network"), "trained": file.attribute("trained")}
            reduced = [fitted.transform(trial)[:, :n_components] for trial in trials]
            found.add(name, reduced, fitted.explained_variance_ratio_, **about)
    return found


def trial_ends(file: Reader) -> np.ndarray:
    """Step after the last of each trial of latents: the end of its last phase, if it has any; what follows is padding.

    Returns
    -------
    array of int, shape (trial,)
    """
    n_trials, n_steps, _ = file.dataset("latents").shape
    ends = [bounds[:, 1] for bounds in file.family("phases").values()]
    return np.max(ends, axis=0) if ends else np.full(n_trials, n_steps)


def different_names(names: Sequence[str], files: Sequence[Reader]) -> list[str]:
    """Names of networks; those that share one are told apart by their files."""
    return [
        name if names.count(name) == 1 else f"{name} ({file.path.stem})"
        for name, file in zip(names, files, strict=True)
    ]


def _check_same_trials(one: Reader, other: Reader) -> None:
    """Only states in the same trials can be compared."""
    (trials, steps), (other_trials, other_steps) = (file.dataset("latents").shape[:2] for file in (one, other))
    remedy = "record both with one task, --n-trials and --seed of analyze.py"
    if trials != other_trials:
        raise InputError(f"{one.path} has {trials} trials, {other.path} has {other_trials}: {remedy}")
    if steps != other_steps:
        raise InputError(f"trials of {one.path} have {steps} time steps, those of {other.path} {other_steps}: {remedy}")
    for name in ("targets", "split"):
        mine, theirs = one[name], other[name]
        if mine.shape != theirs.shape or (mine != theirs).any():
            raise InputError(f"{one.path} and {other.path} are of different trials ('{name}' differs): {remedy}")


def visited_states(network: Reader, trials: Reader) -> np.ndarray:
    """States that a network visits in trials.

    Parameters
    ----------
    network : Reader
        A recurrent network, or a data-driven model.
    trials : Reader
        Latents of this very network, or the simulated neurons that the model was fitted to.

    Returns
    -------
    array, shape (moment, state)

    Raises
    ------
    InputError
        If the trials are of another network.
    """
    fitted = network.kind == "inferred"
    made, source = (network, trials) if fitted else (trials, network)
    if not set(input_hashes([source.path]).values()) & set(made.attribute("inputs").values()):
        if fitted:
            raise InputError(f"{network.path} was not fitted to {trials.path}: give the simulated neurons that it was")
        raise InputError(f"{trials.path} was not recorded from {network.path}: run analyze.py on that network")
    states = made["latents"]
    return states.reshape(-1, states.shape[2])


def constant_input(trials: Reader, text: str) -> np.ndarray:
    """The constant input that a text describes.

    Parameters
    ----------
    trials : Reader
        Latents, or another file with inputs.
    text : str
        ``zero``; numbers with commas; or ``CONDITION:PHASE``, the mean input without noise in this phase of the first
        trial of this condition that has it.

    Returns
    -------
    array, shape (input,)

    Raises
    ------
    InputError
        If the text is none of these.
    """
    n_inputs = trials.dataset("inputs").shape[2]
    if text == "zero":
        return np.zeros(n_inputs)
    if ":" in text and trials.kind == "latents":
        return _input_in_phase(trials, *text.split(":", 1))
    try:
        numbers = np.array([float(number) for number in text.split(",")])
    except ValueError:
        numbers = np.array([np.nan])
    if len(numbers) != n_inputs or not np.isfinite(numbers).all():
        raise InputError(f"input {text!r} is neither zero, nor {n_inputs} numbers with commas, nor CONDITION:PHASE")
    return numbers


def _input_in_phase(trials: Reader, condition: str, phase: str) -> np.ndarray:
    conditions, phases = trials.attribute("conditions"), trials.family("phases")
    if condition not in conditions or phase not in phases:
        raise InputError(
            f"input {condition}:{phase} is unknown (conditions: {', '.join(conditions)}; phases: {', '.join(phases)})"
        )
    begin, end = phases[phase].T
    rows = np.flatnonzero((trials["conds"] == conditions.index(condition)) & (begin >= 0) & (end > begin))
    if not rows.size:
        raise InputError(f"input {condition}:{phase}: no trial of this condition has such a phase")
    trial = rows[0]
    return trials["true_inputs"][trial, begin[trial] : end[trial]].mean(axis=0, dtype=np.float64)
