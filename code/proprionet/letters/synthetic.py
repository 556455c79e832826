"""A synthetic writer of single-stroke letters, so that every stage runs without recorded data.

Each letter is a smooth curve through the points of its shape, deformed as hands deform letters, and run through at
human speed: slower where it bends (the two-thirds power law), from rest to rest.
"""

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter1d

from proprionet.errors import InputError
from proprionet.letters.shapes import DURATIONS, SHAPES, Shape
from proprionet.letters.strokes import ALPHABET, Letters, fit_to_box
from proprionet.seeds import generator

SHORTEST, LONGEST = 60, 182  # samples, as in the published set
SMOOTHING = 2  # samples (standard deviation), as the published recordings were smoothed
DENSE = 600  # points of the curve before it gets its time


def write_letters(per_letter: int, seed: int) -> Letters:
    """Write every letter of the alphabet ``per_letter`` times.

    Letters are ordered by alphabet, then repeat; each depends on the seed, the letter and the repeat alone.

    Parameters
    ----------
    per_letter : int
        Number of recordings of each letter, 1 or more.
    seed : int
        The experiment's seed, 0 or larger.

    Returns
    -------
    Letters
        20 * per_letter letters of 60 to 182 samples, each axis stretched to [-5, 5] cm like the published letters.

    Raises
    ------
    InputError
        If ``per_letter`` is below 1.
    """
    if per_letter < 1:
        raise InputError(f"the number of letters to write must be 1 or more, not {per_letter}")
    paths = [
        write_letter(letter, generator(seed, "letter", letter, repeat))
        for letter in ALPHABET
        for repeat in range(per_letter)
    ]
    return Letters(paths, np.repeat(np.arange(len(ALPHABET)), per_letter), np.arange(len(paths)))


def write_letter(letter: str, rng: np.random.Generator) -> np.ndarray:
    """Write one letter once: pen path (time, 2) in cm, one sample every 0.015 s."""
    shapes = SHAPES[letter]
    weights = np.array([shape.weight for shape in shapes])
    shape = shapes[rng.choice(len(shapes), p=weights / weights.sum())]
    curve = _curve(_deform(_with_exit(shape, rng), rng))
    samples = int(np.clip(DURATIONS[letter] * rng.lognormal(0, 0.07), SHORTEST, LONGEST))
    path = _run_through(curve, samples, rng)
    return fit_to_box(gaussian_filter1d(path, SMOOTHING, axis=0, mode="nearest"))


def _with_exit(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """The points of a shape and of the stroke by which the pen leaves it; exits vary most of all parts."""
    angle, length = shape.exits[rng.integers(len(shape.exits))]
    angle = np.deg2rad(angle + rng.normal(0, 8))
    length = length / 100 * rng.lognormal(0, 0.3)
    points = shape.array()
    leaving = length * np.array([np.cos(angle), np.sin(angle)])
    return np.concatenate([points, points[-1] + np.outer([0.5, 1.0], leaving)])


def _deform(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary proportions, bend the plane smoothly, jitter neighbouring points alike, and slant."""
    x, y = points.T.copy()
    y = np.where(y > 1, 1 + (y - 1) * rng.lognormal(0, 0.2), np.where(y < 0, y * rng.lognormal(0, 0.2), y))
    x = x * rng.lognormal(0, 0.2)
    centred_x, centred_y = x - x.mean(), y - y.mean()
    terms = np.stack([centred_x**2, centred_x * centred_y, centred_y**2])
    points = np.column_stack([x, y]) + terms.T @ rng.normal(0, 0.06, size=(3, 2))
    points = points + gaussian_filter1d(rng.normal(0, 0.09, size=points.shape), 1, axis=0, mode="nearest")
    slant, climb = rng.normal(0.35, 0.15), rng.normal(0.1, 0.1)
    return points @ np.array([[1.0, climb], [slant, 1.0]])


def _curve(points: np.ndarray) -> np.ndarray:
    """A smooth curve (DENSE, 2) through the points, equally spaced along its length."""
    chord = np.cumsum([0, *np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    spline = make_interp_spline(chord, points, k=3, bc_type="natural")
    curve = spline(np.linspace(0, chord[-1], DENSE))
    length = np.cumsum([0, *np.linalg.norm(np.diff(curve, axis=0), axis=1)])
    return np.column_stack([np.interp(np.linspace(0, length[-1], DENSE), length, axis) for axis in curve.T])


def _run_through(curve: np.ndarray, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Sample a curve in time, shape (samples, 2): speed falls with curvature**(1/3), and is 0 at both ends.

    Source: Lacquaniti, Terzuolo & Viviani 1983.
    """
    direction = np.unwrap(np.arctan2(*np.gradient(curve, axis=0).T[::-1]))
    length = np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()
    curvature = gaussian_filter1d(np.abs(np.gradient(direction)), 6) * DENSE / length
    slowness = (curvature + 0.1) ** rng.normal(1 / 3, 0.04)
    moment = np.cumsum([0, *(slowness[1:] + slowness[:-1])])
    clock = np.cumsum(_bell(samples, rise=rng.uniform(0.1, 0.3)))
    clock = (clock - clock[0]) / (clock[-1] - clock[0]) * moment[-1]
    return np.column_stack([np.interp(clock, moment, axis) for axis in curve.T])


def _bell(samples: int, rise: float) -> np.ndarray:
    """A speed profile (samples,) that rises smoothly from 0 to 1 within the fraction ``rise``, and falls alike."""
    phase = np.linspace(0, 1, samples)
    ramp = np.clip(np.minimum(phase, 1 - phase) / rise, 0, 1)
    return ramp**2 * (3 - 2 * ramp)
