"""The latents that turn one recorded letter into many movements, and the way from the pen to the world.

Many letters are varied in one call: paths lie one after another in one array, and ``offsets`` say where each starts.
"""

from dataclasses import dataclass, fields

import numpy as np
from numba import njit

from proprionet.errors import InputError

PLANES = ("horizontal", "vertical")

_TURNS = np.array([-np.pi / 6, -np.pi / 12, 0.0, np.pi / 12, np.pi / 6])
VALUES = {
    "size": np.array([0.7, 1.0, 1.3]),
    "rotation": _TURNS,
    "shear_x": _TURNS,
    "shear_y": _TURNS,
    "speed": np.array([0.8, 1.0, 1.2, 1.4]),
    "noise": np.array([0.0, 0.1, 0.3]),
}

# Pen x (right) and y (up) in the world frame: x forward, y left, z up.
PEN_TO_WORLD = {
    "horizontal": np.array([[0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]),
    "vertical": np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]),
}


@dataclass(frozen=True)
class Latents:
    """How letters are varied, each an array of shape (movement,): ``size`` and ``speed`` as factors, angles in radians.

    ``noise`` is the level of the noise on the spindle inputs; the path does not depend on it.
    """

    size: np.ndarray
    rotation: np.ndarray
    shear_x: np.ndarray
    shear_y: np.ndarray
    speed: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, count: int = 1, **values: float) -> "Latents":
        """The same values for ``count`` movements; what is not given leaves a letter as it is."""
        neutral = {name: float(name in ("size", "speed")) for name in VALUES}
        return cls(**{name: np.full(count, value) for name, value in {**neutral, **values}.items()})

    def __len__(self) -> int:
        return len(self.size)

    def __getitem__(self, rows: np.ndarray) -> "Latents":
        """The latents of some of the movements."""
        return Latents(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def draw(uniform: np.ndarray) -> Latents:
    """Choose each latent uniformly and independently from its published values.

    Parameters
    ----------
    uniform : array, shape (movement, 6)
        Random numbers in [0, 1), one for each latent.

    Source: Sandbrink et al. 2023, Table 1; Marin Vargas et al. 2024, whose values are the same.
    """
    chosen = {
        name: values[(uniform[:, i] * len(values)).astype(int)] for i, (name, values) in enumerate(VALUES.items())
    }
    return Latents(**chosen)


def vary(
    samples: np.ndarray, offsets: np.ndarray, chosen: np.ndarray, latents: Latents
) -> tuple[np.ndarray, np.ndarray]:
    """Vary letters: first their size, then rotation and shear about the origin, then their speed.

    A larger letter takes longer at the same speed: its velocity profile is stretched to ``int(time * size)`` samples
    and summed again from the first point, which stays where it is. A faster one has ``int(time / speed)`` samples.

    Parameters
    ----------
    samples : array, shape (sample, 2)
        Pen positions of all letters in cm, at a constant time step.
    offsets : array, shape (letter + 1,)
        Letter i is ``samples[offsets[i]:offsets[i + 1]]``.
    chosen : array, shape (movement,)
        Which letter each movement writes.
    latents : Latents
        How each movement varies it.

    Returns
    -------
    paths : array, shape (sample', 2)
        cm, at the same time step, one movement after another.
    offsets : array, shape (movement + 1,)

    Source: Sandbrink et al. 2023, Methods, "Augmenting the dataset".
    """
    resized = (np.diff(offsets)[chosen] * latents.size).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum((resized / latents.speed).astype(np.int64))])
    paths = np.empty((ends[-1], 2))
    _vary(
        samples,
        offsets,
        chosen,
        resized,
        latents.rotation,
        np.tan(latents.shear_x),
        np.tan(latents.shear_y),
        paths,
        ends,
    )
    return paths, ends


def to_world(paths: np.ndarray, offsets: np.ndarray, plane: np.ndarray, box_centre: np.ndarray) -> np.ndarray:
    """Place pen paths in planes of the world frame.

    On the horizontal plane the pen's up is forward, on the vertical plane it is up; its right is the world's right.

    Parameters
    ----------
    paths : array, shape (sample, 2)
        Pen positions in cm, one movement after another.
    offsets : array, shape (movement + 1,)
    plane : array of int, shape (movement,)
        Index into ``PLANES``.
    box_centre : array, shape (movement, 3)
        Where the pen's origin lies: cm, world frame (x forward, y left, z up, origin at the right shoulder).

    Returns
    -------
    array, shape (sample, 3)
        Hand positions in cm, world frame.

    Raises
    ------
    InputError
        If a plane is neither of the two.
    """
    if not np.isin(plane, range(len(PLANES))).all():
        raise InputError(f"a plane is one of {', '.join(f'{i} ({name})' for i, name in enumerate(PLANES))}")
    world = np.repeat(np.asarray(box_centre, float), np.diff(offsets), axis=0)
    of_sample = np.repeat(plane, np.diff(offsets))
    for index, name in enumerate(PLANES):
        world[of_sample == index] += paths[of_sample == index] @ PEN_TO_WORLD[name].T
    return world


@njit(cache=True)
def _vary(samples, offsets, chosen, resized, rotation, tan_x, tan_y, paths, ends):
    for movement in range(len(chosen)):
        letter = samples[offsets[chosen[movement]] : offsets[chosen[movement] + 1]]
        path = np.empty((resized[movement], 2))
        position = letter[0].copy()
        for t in range(len(path)):
            at = t * (len(letter) - 1) / max(len(path) - 1, 1)
            before = min(int(at), len(letter) - 2)
            part = at - before
            for axis in range(2):  # velocity, the first of which is 0, between two samples
                earlier = letter[before, axis] - letter[before - 1, axis] if before > 0 else 0.0
                later = letter[before + 1, axis] - letter[before, axis]
                position[axis] += earlier + part * (later - earlier)
            path[t] = position
        cosine, sine = np.cos(rotation[movement]), np.sin(rotation[movement])
        for t in range(len(path)):
            x, y = cosine * path[t, 0] - sine * path[t, 1], sine * path[t, 0] + cosine * path[t, 1]
            path[t, 0], path[t, 1] = x + tan_x[movement] * y, tan_y[movement] * x + y
        out = paths[ends[movement] : ends[movement + 1]]
        for t in range(len(out)):
            at = t * (len(path) - 1) / max(len(out) - 1, 1)
            before = min(int(at), max(len(path) - 2, 0))
            part = at - before
            after = min(before + 1, len(path) - 1)
            for axis in range(2):
                out[t, axis] = path[before, axis] + part * (path[after, axis] - path[before, axis])
