"""Which joints each muscle spans, and which joints have to be looked at together.

The path of a muscle with fixed points on the upper arm is a sum, L = f(shoulder) + g(elbow), so that its length can be
tabulated for shoulder and elbow apart. Two joints act apart if changing both changes the length by as much as changing
each alone, together: if the mixed second difference of the length is zero.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import connected_components

from proprionet import seeds

if TYPE_CHECKING:  # tables are used without OpenSim
    from proprionet.arm.muscles import MuscleEngine

_PAIRS = 60  # of random postures
_ZERO_MM = 1e-5  # differences that are only rounding


@dataclass(frozen=True)
class Groups:
    """Groups of joints that act apart.

    ``joints`` holds the places of the joints of each group, ``spans`` (joint, muscle) says whether a muscle changes
    with a joint, and ``together`` (joint, joint, muscle) whether a muscle needs two joints at once.
    """

    joints: list[tuple[int, ...]]
    spans: np.ndarray
    together: np.ndarray


def find_groups(engine: "MuscleEngine", lower_deg: np.ndarray, upper_deg: np.ndarray) -> Groups:
    """Look for the groups at random postures within the limits (degrees); joints that move no muscle are in none."""
    n_joints = len(lower_deg)
    start, end = seeds.generator(0, "muscle groups").uniform(lower_deg, upper_deg, (2, _PAIRS, n_joints))
    both = list(combinations(range(n_joints), 2))
    changed = [(), *((joint,) for joint in range(n_joints)), *both]
    postures = np.stack([start] * len(changed))
    for posture, joints in zip(postures, changed, strict=True):
        posture[:, joints] = end[:, joints]
    lengths = engine.path_lengths(postures.reshape(-1, n_joints)).reshape(len(changed), _PAIRS, -1)
    change = lengths[1:] - lengths[0]
    spans = (np.abs(change[:n_joints]) > _ZERO_MM).any(axis=1)
    together = np.zeros((n_joints, n_joints, lengths.shape[-1]), bool)
    for (one, other), change_of_both in zip(both, change[n_joints:], strict=True):
        mixed = change_of_both - change[one] - change[other]
        together[one, other] = together[other, one] = (np.abs(mixed) > _ZERO_MM).any(axis=0)
    _, group_of = connected_components(together.any(axis=-1), directed=False)
    moving = [joint for joint in range(n_joints) if spans[joint].any()]
    names = dict.fromkeys(group_of[joint] for joint in moving)
    return Groups([tuple(joint for joint in moving if group_of[joint] == name) for name in names], spans, together)
