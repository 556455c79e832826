"""Which movements and times single units are fitted and tested on."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from sklearn.model_selection import train_test_split

from proprionet import seeds
from proprionet.analysis.single_units.features import Movements
from proprionet.analysis.single_units.planes import ORIENTATIONS, Planes, find_planes
from proprionet.errors import InputError

Rules = Literal["corrected", "published"]
"""``corrected``: true time stamps, both ends of a movement left out in every layer, splits by the seed.

``published``: steps 0, s, 2 s, ... of a layer of stride s, the start left out in every layer, the end in layers of full
rate alone, scikit-learn's split of seed 42; letters from all steps (Sandbrink et al. 2023, code).
"""

EDGE = 33
"""Input samples left out at an end, where units see the padding beyond the movement."""
PUBLISHED_SEED = 42


@dataclass(frozen=True)
class Protocol:
    """How units are fitted: the planes, and for each the movements that are held out."""

    planes: Planes
    held_out: np.ndarray
    """(2, movement): held out where the movement's plane is fitted alone, and with all planes of its orientation."""
    rules: Rules
    min_movements: int
    """Planes with fewer are not fitted."""

    @property
    def n_movements(self) -> np.ndarray:
        """(plane,): movements in each."""
        return np.array([self.planes.members(plane).sum() for plane in range(len(self.planes.level))])


def shuffled(movements: Movements, seed: int) -> Movements:
    """Movements dealt out anew among those of each plane: what units would be tuned to if nothing drove them.

    Each set of responses gets the movement and the letter of another one in the same plane, whole, so that all that
    movements have in common (where they begin, when they end) stays.
    """
    of_movement = find_planes(movements.hand).of_movement
    order = np.arange(len(of_movement))
    for plane in np.unique(of_movement):
        members = np.flatnonzero(of_movement == plane)
        order[members] = seeds.generator(seed, "shuffled movements", int(plane)).permutation(members)
    dealt = {name: getattr(movements, name)[order] for name in ("hand", "joints", "muscle_length", "label", "row")}
    return replace(movements, **dealt)


def protocol(
    movements: Movements,
    *,
    rules: Rules = "corrected",
    test_fraction: float = 0.2,
    min_movements: int = 3,
    seed: int = 0,
) -> Protocol:
    """Planes of the movements, and a split of each into what is fitted and what is held out.

    Copies of one movement are never on both sides, and letters are spread evenly over both, but for the published
    rules.

    Parameters
    ----------
    movements : Movements
    rules : {"corrected", "published"}
    test_fraction : float
        Share of the movements of a plane to hold out.
    min_movements : int
        Planes with fewer movements are not fitted.
    seed : int
        Chooses them, the same for every layer and unit.

    Raises
    ------
    InputError
        If neither horizontal nor vertical planes have enough movements.
    """
    planes = find_planes(movements.hand)
    counts = [int(planes.members(plane).sum()) for plane in range(len(ORIENTATIONS))]
    if max(counts) < min_movements:
        found = " and ".join(f"{n} in {name}" for n, name in zip(counts, ORIENTATIONS, strict=True))
        raise InputError(
            f"{found} planes, of {len(movements.hand)} movements: fitting needs {min_movements} or more in either"
        )
    held_out = np.zeros((2, len(movements.hand)), dtype=bool)
    for plane, level in enumerate(planes.level):
        members = np.flatnonzero(planes.members(plane))
        if rules == "published" and members.size > 1:
            chosen = train_test_split(members, test_size=test_fraction, random_state=PUBLISHED_SEED)[1]
        else:
            random = seeds.generator(seed, "tuning", "held out", int(planes.orientation[plane]), f"{level:g}")
            names, at = np.unique(movements.row[members], return_index=True)
            chosen_names = _some(names, movements.label[members[at]], test_fraction, random)
            chosen = members[np.isin(movements.row[members], chosen_names)]
        held_out[int(plane < len(ORIENTATIONS)), chosen] = True
    return Protocol(planes, held_out, rules, min_movements)


def _some(names: np.ndarray, letter: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    """The nearest whole number to the share, but at least one on either side, spread evenly over the letters."""
    order = random.permutation(names.size)
    _, code, count = np.unique(letter[order], return_inverse=True, return_counts=True)
    place = np.empty(names.size)  # of each among those of its letter
    place[np.argsort(code, kind="stable")] = np.concatenate([*map(np.arange, count), []])
    turn = (place + random.random(count.size)[code]) / count[code]
    return names[order[np.argsort(turn)]][: min(max(round(share * names.size), 1), max(names.size - 1, 0))]


def steps(layer_times: np.ndarray, n_samples: int, rules: Rules) -> tuple[np.ndarray, slice]:
    """Times at which the steps of a layer are taken to look, and those steps that are fitted.

    Parameters
    ----------
    layer_times : array, shape (layer_time,)
        True time stamp of each step in input samples, rising.
    n_samples : int
        Samples of the network's input.
    rules : {"corrected", "published"}

    Returns
    -------
    times : array, shape (layer_time,)
    fitted : slice
    """
    last = n_samples - 1 - EDGE
    if rules == "published":
        stride = round(layer_times[1] - layer_times[0]) if layer_times.size > 1 else 0
        layer_times = np.arange(layer_times.size) * float(stride)
        last = last if stride == 1 else n_samples - 1
    fitted = slice(int(np.searchsorted(layer_times, EDGE)), int(np.searchsorted(layer_times, last, side="right")))
    return layer_times, fitted
