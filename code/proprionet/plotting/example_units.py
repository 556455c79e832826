"""The best-tuned units of a layer, with their responses, out of result files."""

from pathlib import Path

import numpy as np

from proprionet import seeds, store
from proprionet.analysis.single_units.examples import Example, best_units, moments_of_movement
from proprionet.analysis.single_units.features import SLOWEST_MOVING_CM_S
from proprionet.analysis.single_units.planes import AXES, ORIENTATIONS
from proprionet.errors import InputError
from proprionet.timing import align

_N_MOVEMENTS = 200  # enough for the moments that are shown


def examples(
    activations: Path,
    tuning: Path,
    layer: str,
    feature: str = "direction",
    plane: str = "horizontal",
    seed: int = 0,
) -> list[Example]:
    """Units of a layer that are tuned best to a feature, at moments of movement in planes of one orientation.

    Parameters
    ----------
    activations, tuning : Path
        Files of one network.
    layer, feature : str
        As the files name them.
    plane : str
        "horizontal" or "vertical".
    seed : int
        Chooses the movements and moments.

    Raises
    ------
    InputError
        If a file is broken, they are of two networks, there is no such layer or feature, or nothing moves in such a
        plane.
    """
    orientation = ORIENTATIONS.index(plane)
    with store.read(tuning, "tuning") as fits, store.read(activations, "activations") as recorded:
        about, other = ([file.attribute(name) for name in store.ABOUT_NETWORK] for file in (fits, recorded))
        if about != other:
            raise InputError(f"{tuning} and {activations} are of two networks; hand in the files of one")
        layers, features = fits.attribute("layers"), fits.attribute("features")
        if layer not in layers or feature not in features:
            raise InputError(f"{tuning}: has no layer '{layer}' or no feature '{feature}'")
        r2 = fits["r2"][orientation, features.index(feature)]
        units = best_units(r2, fits["layer"], layers.index(layer))
        places = [(fits["space"][unit], fits["channel"][unit]) for unit in units]
        rows = np.flatnonzero(recorded["plane"] == orientation)
        rows = np.sort(seeds.generator(seed, "example movements").permutation(rows)[:_N_MOVEMENTS])
        hand = recorded["hand"][rows][:, AXES[orientation]].transpose(0, 2, 1).astype(float)
        times, step = recorded[f"times/{layer}"], recorded.attribute("time_step_s")
        responses = recorded.dataset(f"layers/{layer}")[rows]
    velocity = align(np.gradient(hand, step, axis=1), np.arange(hand.shape[1]), times)
    moments = moments_of_movement(np.linalg.norm(velocity, axis=-1) > SLOWEST_MOVING_CM_S, seed)
    return [
        Example(f"row {space}, channel {channel}", r2[unit], velocity[moments], responses[..., space, channel][moments])
        for unit, (space, channel) in zip(units, places, strict=True)
    ]
