"""What a trained network sees of a recorded session: its windows as spindle inputs, and controls of them."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from proprionet import seeds, spindles
from proprionet.errors import InputError
from proprionet.neural.session import Session
from proprionet.neural.windows import Windows
from proprionet.store import Reader


@dataclass(frozen=True, eq=False)
class Sight:
    """What a network was trained to see: muscles, steps, and the model of their spindles."""

    network: str
    """Name of its file."""
    muscles: tuple[str, ...]
    n_steps: int
    time_step_s: float
    length_kind: str
    model: spindles.Model

    @classmethod
    def of(cls, file: Reader) -> Self:
        """Of an open ``network`` file.

        Raises
        ------
        InputError
            If it sees something else than muscle spindles, or its input does not fit its muscles.
        """
        name, seen = file.path.name, file.attribute("input")
        if seen != "spindle":
            raise InputError(f"{name}: sees {seen}, but sessions are shown to networks that see muscle spindles")
        chosen, muscles = file.attribute("spindle"), tuple(file.attribute("muscle_names"))
        model = spindles.make(chosen["spindle"], chosen["seed"], file.family("statistics"))
        n_muscles, n_steps, n_channels = file.attribute("input_shape")
        if (n_muscles, n_channels) != (len(muscles), len(model.channels)):
            raise InputError(
                f"{name}: has an input of {n_muscles} muscles with {n_channels} channels, but names {len(muscles)} "
                f"muscles and a spindle model with {len(model.channels)}"
            )
        return cls(name, muscles, n_steps, file.attribute("time_step_s"), file.attribute("length_kind"), model)

    @property
    def onset(self) -> int:
        """Step at which windows begin: a quarter of the frame, as published (100 of 400)."""
        return self.n_steps // 4

    def steps_of_bins(self, session: Session, windows: Windows) -> np.ndarray:
        """Where the bins of the longest window are among the steps of the network: (bin,), from the onset on."""
        return self.onset + np.arange(windows.n_bins.max()) * (session.bin_width_s / self.time_step_s)

    def steps_in(self, session: Session, windows: Windows) -> np.ndarray:
        """Steps between the first and the last bin of each window, both included: (window,)."""
        return 1 + ((windows.n_bins - 1) * (session.bin_width_s / self.time_step_s) + 1e-9).astype(int)


def fitting(session: Session, windows: Windows, sight: Sight) -> tuple[Windows, list[int]]:
    """The windows that fit into what a network sees, and the numbers of the trials whose windows do not.

    Raises
    ------
    InputError
        If none fits.
    """
    fits = sight.onset + sight.steps_in(session, windows) <= sight.n_steps
    if not fits.any():
        shortest = windows.n_bins.min() * session.bin_width_s
        raise InputError(
            f"{session.name}: its shortest window takes {shortest:g} s, but {sight.network} sees "
            f"{(sight.n_steps - sight.onset) * sight.time_step_s:g} s from step {sight.onset} on"
        )
    return windows.select(np.flatnonzero(fits)), session.trial_id[windows.trial[~fits]].tolist()


def network_inputs(
    session: Session, windows: Windows, sight: Sight, *, control: str = "none", seed: int = 0
) -> np.ndarray:
    """Spindle inputs of windows, as a network was trained to see them.

    Muscle lengths, found by name, are taken at the steps of the network, the first bin of a window at step
    ``sight.onset``, by linear interpolation between bins; before and after the window they stay as they are at its
    ends, so that nothing of the session outside of it is seen. The spindles respond without noise.

    Parameters
    ----------
    windows : Windows
        That fit; see :func:`fitting`.
    control : str
        ``permuted_muscles``: every muscle gets the signals of another, the same one in all windows.
        ``permuted_time``: the steps within a window are dealt out anew, those of all muscles together.
        ``constant_input``: muscles have their mean length over all windows, and rest.
        ``shuffled_bins`` is done to activations (:func:`.regression.shuffled_in_trials`); inputs are then as they are.
    seed : int
        Of permutations; that of time depends on the number of the trial alone.

    Returns
    -------
    array, shape (window, muscle, step, channel), float32

    Raises
    ------
    InputError
        If the session lacks a muscle, its lengths are of another kind or not finite, or a window does not fit.

    Source: Marin Vargas et al. 2024, published code (onset at bin 100 of 400, controls ``_M``, ``_T``, ``_const``).
    """
    if not (fits := sight.onset + sight.steps_in(session, windows) <= sight.n_steps).all():
        trial = session.trial_id[windows.trial[np.argmin(fits)]]
        raise InputError(f"{session.name}: the window of trial {trial} does not fit into the input of {sight.network}")
    lengths = _at_steps(_lengths(session, windows, sight), session, windows, sight)
    if control == "constant_input":
        lengths[:] = session.muscles(sight.muscles)[windows.bins].mean(axis=0)[:, None]
    response = sight.model.respond(lengths, sight.time_step_s, rows=windows.trial)
    if control == "permuted_muscles":
        return response[:, seeds.generator(seed, "permuted muscles").permutation(len(sight.muscles))]
    if control == "permuted_time":
        for place, n_steps in enumerate(sight.steps_in(session, windows)):
            number = int(session.trial_id[windows.trial[place]])
            order = sight.onset + seeds.generator(seed, "permuted time", number).permutation(n_steps)
            response[place, :, sight.onset : sight.onset + n_steps] = response[place][:, order]
    return response


def _lengths(session: Session, windows: Windows, sight: Sight) -> np.ndarray:
    """Lengths of the network's muscles in all bins, (bin, muscle), float32; checked in the windows."""
    lengths = session.muscles(sight.muscles)
    if (kind := session.arm.get("length_kind", sight.length_kind)) != sight.length_kind:
        raise InputError(
            f"{session.name}: its muscle lengths are of kind {kind}, {sight.network} was trained on "
            f"{sight.length_kind}; reconstruct the arm with --length-kind {sight.length_kind}"
        )
    bins = windows.bins
    finite = np.isfinite(lengths[bins])
    if not finite.all():
        row, muscle = np.argwhere(~finite)[0]
        trial = session.trial_id[windows.trial_of_bins[row]]
        raise InputError(f"{session.name}: 'muscle_length' of {sight.muscles[muscle]} in trial {trial} is not finite")
    return lengths.astype(np.float32, copy=False)


def _at_steps(lengths: np.ndarray, session: Session, windows: Windows, sight: Sight) -> np.ndarray:
    """Lengths at the steps of the network: (window, muscle, step)."""
    bins_per_step = sight.time_step_s / session.bin_width_s
    place = np.clip((np.arange(sight.n_steps) - sight.onset) * bins_per_step, 0, windows.n_bins[:, None] - 1)
    before = place.astype(int)
    after = np.minimum(before + 1, windows.n_bins[:, None] - 1)
    share = (place - before).astype(np.float32)[..., None]
    first = windows.first[:, None]
    at_steps = lengths[first + before] * (1 - share) + lengths[first + after] * share
    return np.ascontiguousarray(at_steps.transpose(0, 2, 1))
