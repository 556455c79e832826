"""Search of the postures of an arm for muscle lengths that no muscle has: jumps, paths the long way round, and NaN.

Postures are looked at along *lines*, arrays (posture, joint) of joint angles in which the arm moves smoothly: sweeps of
one joint over its range, and writing movements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse.csgraph import connected_components

from proprionet import seeds
from proprionet.arm.groups import find_groups
from proprionet.arm.muscles import MuscleEngine
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.wraps import longest_arcs

JUMP_MM = 1.0  # change of length within 0.001 degrees that counts as a jump
LONGEST_ARC = 180.0  # degrees; a muscle that turns farther around an object goes the long way round it
SWEEP_STEP = 3.0  # degrees
GRIDDED, RANDOM = 36, 12  # sweeps of every joint with the others on a grid (at most so many), and at random places

_NARROW = 1e-3  # degrees
_ARC_EVERY = 3  # postures; an arc takes longer to look at than a length


@dataclass(frozen=True)
class Findings:
    """What is wrong with one muscle along each line: the worst of each kind.

    ``jump_mm`` (line,) is the size of the jump, 0 for none, and ``jump`` (line, 2, 4) the postures on its either side;
    ``arc_deg`` (line,) is the largest arc, ``arc`` (line, 4) its posture; ``lost`` (line,) says whether there is no
    length somewhere, ``lost_at`` (line, 4) where. ``lengths`` are all lengths, mm: a list of arrays (posture,).
    """

    jump_mm: np.ndarray
    jump: np.ndarray
    arc_deg: np.ndarray
    arc: np.ndarray
    lost: np.ndarray
    lost_at: np.ndarray
    lengths: list[np.ndarray]

    @classmethod
    def joined(cls, parts: Sequence["Findings"]) -> "Findings":
        """Findings along the lines of all parts, in their order."""
        arrays = [field.name for field in fields(cls) if field.name != "lengths"]
        together = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
        return cls(**together, lengths=[lengths for part in parts for lengths in part.lengths])

    @property
    def jumps(self) -> np.ndarray:
        """Whether the muscle jumps: bool, (line,)."""
        return self.jump_mm > 0

    @property
    def long_arcs(self) -> np.ndarray:
        """Whether it goes the long way round a wrap object: bool, (line,)."""
        return self.arc_deg > LONGEST_ARC

    @property
    def bad(self) -> np.ndarray:
        """Whether anything is wrong: bool, (line,)."""
        return self.jumps | self.long_arcs | self.lost

    def sites(self, at_most: int) -> "Sites":
        """Where it is wrong, at most so many places of each kind, evenly chosen."""
        parts = self.jump[self.jumps], self.arc[self.long_arcs], self.lost_at[self.lost]
        return Sites(*(part[:: max(1, -(-len(part) // at_most))] for part in parts))


@dataclass(frozen=True)
class Sites:
    """Pairs of postures (n, 2, 4) between which a muscle jumps, postures (n, 4) of long arcs, and without a length."""

    jumps: np.ndarray
    arcs: np.ndarray
    lost: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["Sites"]) -> "Sites":
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def cured(self, engine: MuscleEngine) -> np.ndarray:
        """Whether each is well with the one muscle of an engine, in the order jumps, arcs, lost: bool, (site,)."""
        ends = engine.path_lengths(self.jumps.reshape(-1, 4)).reshape(-1, 2)
        jumps = np.abs(ends[:, 1] - ends[:, 0]) < JUMP_MM
        arcs = longest_arcs(engine, self.arcs)[:, 0] <= LONGEST_ARC
        return np.concatenate([jumps, arcs, np.isfinite(engine.path_lengths(self.lost)[:, 0])])


def sweeps(profile: ArmProfile, groups: Sequence[Sequence[int]], seed: int) -> list[np.ndarray]:
    """Lines along which one joint of a group moves over its range while the others of the group stand still.

    They are on a grid that reaches the limits, or at random places; joints of other groups keep the start posture.
    """
    return [line for group in groups for joint in group for line in _sweeps(profile, joint, group, seed)] or [
        np.array([profile.start_posture_deg])
    ]


def joints_apart(engine: MuscleEngine, profile: ArmProfile) -> list[tuple[tuple[int, ...], ...]]:
    """For every muscle, groups of joints that change its length apart from each other, as shoulder and elbow."""
    found = find_groups(engine, np.array(profile.lower_limit_deg), np.array(profile.upper_limit_deg))
    return [_apart(found.spans[:, muscle], found.together[..., muscle]) for muscle in range(found.spans.shape[1])]


def examine(engine: MuscleEngine, lines: Sequence[np.ndarray]) -> list[Findings]:
    """Look at every muscle of an engine along every line (posture, 4), degrees."""
    lengths = [engine.path_lengths(line) for line in lines]
    arcs = [np.nan_to_num(longest_arcs(engine, line[::_ARC_EVERY])) for line in lines]
    return [
        _examine_one(
            engine, muscle, lines, [along[:, muscle] for along in lengths], [along[:, muscle] for along in arcs]
        )
        for muscle in range(lengths[0].shape[1])
    ]


def _examine_one(
    engine: MuscleEngine,
    muscle: int,
    lines: Sequence[np.ndarray],
    lengths: list[np.ndarray],
    arcs: list[np.ndarray],
) -> Findings:
    jumps = [_largest_jump(engine, muscle, line, along) for line, along in zip(lines, lengths, strict=True)]
    missing = [~np.isfinite(along) for along in lengths]
    return Findings(
        np.array([size for size, _ in jumps]),
        np.array([ends for _, ends in jumps]),
        np.array([along.max() for along in arcs]),
        np.array([line[_ARC_EVERY * along.argmax()] for line, along in zip(lines, arcs, strict=True)]),
        np.array([along.any() for along in missing]),
        np.array([line[along.argmax()] for line, along in zip(lines, missing, strict=True)]),
        lengths,
    )


def history(engine: MuscleEngine, postures: np.ndarray, seed: int) -> np.ndarray:
    """Largest difference of each muscle's length when the same postures are taken in another order: mm, (muscle,)."""
    order = seeds.generator(seed, "order").permutation(len(postures))
    difference = engine.path_lengths(postures[order]) - engine.path_lengths(postures)[order]
    return np.nan_to_num(np.abs(difference)).max(axis=0)


def _sweeps(profile: ArmProfile, joint: int, group: Sequence[int], seed: int) -> Iterator[np.ndarray]:
    lower, upper = np.array(profile.lower_limit_deg), np.array(profile.upper_limit_deg)
    others = [other for other in group if other != joint]
    random = seeds.generator(seed, "sweeps", profile.coordinates[joint])
    places = random.uniform(lower[others], upper[others], (RANDOM, len(others)))
    along = np.linspace(lower[joint], upper[joint], int(np.ceil((upper[joint] - lower[joint]) / SWEEP_STEP)) + 1)
    for place in [*_grid(lower[others], upper[others]), *(places if others else ())]:
        line = np.tile(np.array(profile.start_posture_deg, dtype=float), (len(along), 1))
        line[:, others], line[:, joint] = place, along
        yield line


def _apart(spanned: np.ndarray, together: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Groups among the joints that a muscle spans (joint,), of those it needs together (joint, joint)."""
    _, labels = connected_components(together, directed=False)
    joints = np.flatnonzero(spanned)
    return tuple(tuple(joints[labels[joints] == label].tolist()) for label in dict.fromkeys(labels[joints]))


def _grid(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """At most ``GRIDDED`` places (place, joint) between limits; the one empty place where there is no joint."""
    if not len(lower):
        return np.empty((1, 0))
    levels = max(2, int(GRIDDED ** (1 / len(lower)) + 1e-9))
    axes = np.meshgrid(*np.linspace(lower, upper, levels).T, indexing="ij")
    return np.stack(axes, axis=-1).reshape(-1, len(lower))


def _largest_jump(engine: MuscleEngine, muscle: int, line: np.ndarray, lengths: np.ndarray) -> tuple[float, np.ndarray]:
    """Size of the jump in the step of a line that differs most from its neighbours, 0 if none, and the ends (2, 4)."""
    if len(line) > 2:
        bend = np.abs(np.diff(lengths, n=2))
        excess = np.nan_to_num(np.minimum(np.r_[bend[:1], bend], np.r_[bend, bend[-1:]]))
        step = int(excess.argmax())
        if excess[step] > JUMP_MM / 2:
            return _narrowed(engine, muscle, line[step : step + 2])
    return 0.0, line[[0, 0]]


def _narrowed(engine: MuscleEngine, muscle: int, ends: np.ndarray) -> tuple[float, np.ndarray]:
    """Halve a step (2, 4) again and again: the size of the jump left in it, 0 if none, and the postures around it."""
    first, last = engine.path_lengths(ends, [muscle])[:, 0]
    while np.abs(ends[1] - ends[0]).max() > _NARROW:
        middle = ends.mean(axis=0)
        between = engine.path_lengths(middle[None], [muscle])[0, 0]
        if abs(between - first) > abs(last - between):
            ends, last = np.stack([ends[0], middle]), between
        else:
            ends, first = np.stack([middle, ends[1]]), between
    size = float(abs(last - first))
    return (size if size > JUMP_MM else 0.0), ends
