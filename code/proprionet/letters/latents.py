"""The latents that turn one recorded letter into many movements, and the way from the pen to the world."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from proprionet.errors import InputError

SIZES = (0.7, 1.0, 1.3)
ANGLES = (-np.pi / 6, -np.pi / 12, 0.0, np.pi / 12, np.pi / 6)
SPEEDS = (0.8, 1.0, 1.2, 1.4)

# Pen x (right) and y (up) in the world frame: x forward, y left, z up.
PEN_TO_WORLD = {
    "horizontal": np.array([[0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]),
    "vertical": np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]),
}


@dataclass(frozen=True)
class Latents:
    """How a letter is varied: size and speed as factors, angles in radians."""

    size: float = 1.0
    rotation: float = 0.0
    shear_x: float = 0.0
    shear_y: float = 0.0
    speed: float = 1.0


def draw(rng: np.random.Generator) -> Latents:
    """Draw each latent uniformly and independently from its published values.

    Source: Sandbrink et al. 2023, Table 1.
    """
    return Latents(
        size=float(rng.choice(SIZES)),
        rotation=float(rng.choice(ANGLES)),
        shear_x=float(rng.choice(ANGLES)),
        shear_y=float(rng.choice(ANGLES)),
        speed=float(rng.choice(SPEEDS)),
    )


def apply(path: np.ndarray, latents: Latents) -> np.ndarray:
    """Vary a letter: first its size, then rotation and shear about the origin, then its speed.

    A larger letter takes longer at the same speed: its velocity profile is stretched to ``int(time * size)`` samples
    and summed again from the first point, which stays where it is. A faster one has ``int(time / speed)`` samples.

    Parameters
    ----------
    path : array, shape (time, 2)
        Pen positions in cm, one sample every 0.015 s.
    latents : Latents
        The variation to apply.

    Returns
    -------
    array, shape (time', 2)
        cm, at the same time step.

    Source: Sandbrink et al. 2023, Methods, "Augmenting the dataset".
    """
    velocity = np.diff(path, axis=0, prepend=path[:1])
    resized = path[0] + np.cumsum(_resample(velocity, int(len(path) * latents.size)), axis=0)
    cosine, sine = np.cos(latents.rotation), np.sin(latents.rotation)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    shear = np.array([[1.0, np.tan(latents.shear_x)], [np.tan(latents.shear_y), 1.0]])
    return _resample(resized @ (shear @ rotation).T, int(len(resized) / latents.speed))


def to_world(path: np.ndarray, plane: Literal["horizontal", "vertical"], box_centre: np.ndarray) -> np.ndarray:
    """Place a pen path in a plane of the world frame.

    On the horizontal plane the pen's up is forward, on the vertical plane it is up; its right is the world's right.

    Parameters
    ----------
    path : array, shape (time, 2)
        Pen positions in cm.
    plane : "horizontal" or "vertical"
        The plane written on.
    box_centre : array, shape (3,)
        Where the pen's origin lies: cm, world frame (x forward, y left, z up, origin at the right shoulder).

    Returns
    -------
    array, shape (time, 3)
        Hand positions in cm, world frame.

    Raises
    ------
    InputError
        If the plane is neither of the two.
    """
    if plane not in PEN_TO_WORLD:
        raise InputError(f"plane '{plane}' is not known; choose one of {', '.join(PEN_TO_WORLD)}")
    return path @ PEN_TO_WORLD[plane].T + np.asarray(box_centre)


def _resample(series: np.ndarray, length: int) -> np.ndarray:
    """Linear interpolation of a series (time, 2) onto ``length`` points from its first sample to its last."""
    index = np.linspace(0, len(series) - 1, length)
    return np.column_stack([np.interp(index, np.arange(len(series)), column) for column in series.T])
