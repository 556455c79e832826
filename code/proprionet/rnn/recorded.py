"""What networks did in trials, as files hold it and as the analyses of dynamics want it."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proprionet.errors import InputError, located
from proprionet.rnn.alignment import StillError, principal_components
from proprionet.store import Reader

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
