"""Parts of a data set in which a latent that varies letters is held at one value."""

from collections.abc import Mapping

import numpy as np

from proprionet.errors import InputError

FULL = "full"
_PLANES = {"horizontal": 0, "vertical": 1}
_LATENTS = ("plane", "size", "rotation", "shear_x", "shear_y", "speed")

PUBLISHED = (
    FULL,
    *(f"plane={plane}" for plane in _PLANES),
    *(f"size={size}" for size in ("0.7", "1", "1.3")),
    *(f"speed={speed}" for speed in ("0.8", "1", "1.2", "1.4")),
    *(f"size={size},plane={plane}" for size in ("0.7", "1", "1.3") for plane in _PLANES),
)
"""All movements, and the 15 subsets of Sandbrink et al. 2023, Fig. 3 supplement."""


def members(latents: Mapping[str, np.ndarray], subset: str) -> np.ndarray:
    """Which movements belong to a subset.

    Parameters
    ----------
    latents : mapping of arrays, each of shape (movement,)
        As in a data set: plane (0 horizontal, 1 vertical), size, speed, and angles in degrees.
    subset : str
        "full", or what is held: "size=0.7", "size=0.7,plane=horizontal".

    Returns
    -------
    array of bool, shape (movement,)

    Raises
    ------
    InputError
        If the name cannot be read, or no movement has the value; names the values that there are.
    """
    inside = np.ones(len(latents["plane"]), dtype=bool)
    for part in subset.split(",") if subset != FULL else ():
        name, _, text = part.partition("=")
        if name not in _LATENTS:
            raise InputError(f"subset '{subset}': '{part}' is not LATENT=VALUE with one of {', '.join(_LATENTS)}")
        equal = np.isclose(latents[name], _number(name, text, subset), rtol=1e-4, atol=1e-4)
        if not equal.any():
            there = ", ".join(f"{value:g}" for value in np.unique(latents[name])[:10])
            raise InputError(f"subset '{subset}': no movement has {name} {text}; the data set has {there}")
        inside &= equal
    if not inside.any():
        raise InputError(f"subset '{subset}': no movement has all of it")
    return inside


def _number(name: str, text: str, subset: str) -> float:
    try:
        return _PLANES[text] if name == "plane" else float(text)
    except (KeyError, ValueError):
        values = " or ".join(_PLANES) if name == "plane" else "a number"
        raise InputError(f"subset '{subset}': {name} is '{text}', expected {values}") from None
