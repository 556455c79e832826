"""Recordings of a population during the trials of a task: what data-driven models are fitted to and held against."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from proprionet.errors import InputError
from proprionet.rnn.simulator import Electrodes
from proprionet.store import Reader, Writer


@dataclass(frozen=True)
class Recording:
    """Spikes and inputs: what a data-driven model may know."""

    counts: np.ndarray
    """(trial, step, neuron): spikes."""
    inputs: np.ndarray
    """(trial, step, input): as the network saw them."""
    held_out: np.ndarray
    """(neuron,) of bool: models must predict these without having seen them."""
    training: np.ndarray
    """(trial,) of bool: else for validation."""
    n_steps: np.ndarray
    """(trial,): steps until the end of the trial; what follows is padding."""

    @property
    def within(self) -> np.ndarray:
        """(trial, step) of bool: not padding."""
        return np.arange(self.counts.shape[1]) < self.n_steps[:, None]


@dataclass(frozen=True)
class SimulatedRecording(Recording):
    """The same with the truth behind it."""

    rates: np.ndarray
    """(trial, step, neuron): expected spikes in a bin."""
    latents: np.ndarray
    """(trial, step, latent)"""
    targets: np.ndarray
    """(trial, step, target): of the network's task."""
    counted: np.ndarray
    """(trial, step) of bool: steps that count in the task."""


def trials_of(file: Reader, trim_first: int = 0, trim_last: int = 0) -> dict[str, np.ndarray]:
    """What a recording keeps of a file of latents, by the names of a simulated recording.

    A trial ends with the last step that counts in the loss.

    Parameters
    ----------
    file : Reader
        Of kind "latents".
    trim_first, trim_last : int
        Steps to cut off at both ends of all trials; timings move along and are -1 where they are cut off.

    Raises
    ------
    InputError
        If nothing is left.
    """
    n_steps = file.dataset("latents").shape[1]
    kept = slice(trim_first, n_steps - trim_last)
    if trim_first + trim_last >= n_steps:
        raise InputError(f"trials have {n_steps} steps, of which none is left")
    trials = {name: file[name][:, kept] for name in ("latents", "inputs", "targets", "weights")}
    extra = file["extra"]
    n_left, counted = trials["weights"].shape[1], _counted(trials["weights"])
    last = n_left - np.argmax(counted[:, ::-1], axis=1)
    return {
        **trials,
        "extra": np.where(extra < trim_first, -1, extra - trim_first),
        "n_steps": np.where(np.any(counted, axis=1), last, n_left),
        "split": file["split"],
    }


def electrodes_of(file: Reader) -> Electrodes:
    """The electrodes of a simulated recording."""
    return Electrodes(file["readout"], file["held_out"].astype(bool), **file.attribute("electrodes"))


def load(file: Reader) -> SimulatedRecording:
    """A simulated recording from its file."""
    return SimulatedRecording(
        counts=file["spikes"],
        inputs=file["inputs"],
        held_out=file["held_out"].astype(bool),
        training=file["split"] == 0,
        n_steps=file["n_steps"],
        rates=file["rates"],
        latents=file["latents"],
        targets=file["targets"],
        counted=_counted(file["weights"]),
    )


def save(
    file: Writer, electrodes: Electrodes, spikes: np.ndarray, rates: np.ndarray, trials: Mapping[str, np.ndarray]
) -> None:
    """Write a simulated recording; ``trials`` as from :func:`trials_of`."""
    arrays = {"spikes": spikes, "rates": rates, "held_out": electrodes.held_out, "readout": electrodes.readout}
    for name, values in {**arrays, **trials}.items():
        file.write(name, values)
    plain = ("mean", "sd", "fr_scaling", "link", "gain")
    file.set(electrodes={name: getattr(electrodes, name) for name in plain})


def _counted(weights: np.ndarray) -> np.ndarray:
    """(trial, step) of bool: whether an error of any target counts."""
    return np.max(weights, axis=2) > 0
