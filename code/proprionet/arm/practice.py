"""Letter-writing movements of an arm, to try its muscles on: many different ones, made from a seed alone."""

import functools

import numpy as np

from proprionet import seeds
from proprionet.arm.inverse import solve
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.start_points import find_start_points
from proprionet.errors import InputError
from proprionet.letters import latents
from proprionet.letters.strokes import Letters
from proprionet.letters.synthetic import write_letters

BOX_CM = 10.0  # that letters are fitted to

_places = functools.cache(find_start_points)  # takes seconds, and the same arm writes again and again


def letter_movements(
    profile: ArmProfile, count: int, seed: int, letters: Letters | None = None, random_posture: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Joint angles while the arm writes letters, varied and placed at random within its reach.

    Parameters
    ----------
    profile : ArmProfile
        With link lengths.
    count : int
        Number of movements, half of them in horizontal and half in vertical planes.
    letters : Letters, optional
        What is written, in boxes of 10 cm; synthetic letters if not given.
    random_posture : bool
        Whether each movement comes from a posture of its own, uniform within the limits, instead of the profile's.

    Returns
    -------
    joint_angles : array, shape (sample, 4)
        Degrees, one movement after another.
    offsets : array, shape (movement + 1,)
        Where each movement starts, and the end; movements that the arm cannot make are left out.

    Raises
    ------
    InputError
        If the arm can write nowhere.
    """
    letters = letters or write_letters(3, seed)
    places = _places(profile)  # pyright: ignore[reportArgumentType]  # a profile is frozen, so it has a hash
    random = seeds.generator(seed, "practice")
    plane = np.arange(count) % 2
    centres = np.empty((count, 3))
    for index, name in enumerate(latents.PLANES):
        if not len(places[name]):
            raise InputError(f"arm '{profile.name}': there is no place in {name} planes where it could write")
        centres[plane == index] = random.choice(places[name], np.count_nonzero(plane == index))
    samples, offsets = letters.flat()
    chosen = random.integers(len(letters), size=count)
    varied = latents.draw(random.random((count, len(latents.VALUES))))
    paths, ends = latents.vary(samples * profile.letter_cm / BOX_CM, offsets, chosen, varied)
    hand = latents.to_world(paths, ends, plane, centres)
    limits = profile.lower_limit_deg, profile.upper_limit_deg
    start = random.uniform(*limits, (count, len(limits[0]))) if random_posture else None
    joints = [path for path in solve(profile, np.split(hand, ends[1:-1]), start) if np.isfinite(path).all()]
    return np.concatenate([np.empty((0, 4)), *joints]), np.cumsum([0, *map(len, joints)])
