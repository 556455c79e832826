"""Search for the fewest wrap objects that muscles have to do without, so that nothing is wrong with their lengths."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from proprionet import workers
from proprionet.arm import scan
from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.practice import letter_movements
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.scan import Findings, Sites
from proprionet.arm.wraps import wraps_of

Pair = tuple[str, str]
Names = tuple[str, ...]
Progress = Callable[..., Iterable]

MOVEMENTS = 200
PLACES = ("writing", "sweeps")

_EVERY = 2  # samples of a movement
_PIECE = 12  # lines
_SITES = 40  # artefacts of each kind and place, on which patches are tried before the whole scan
_REFERENCE = 200  # postures on which patches of equal number are compared
_ORDER = 200  # postures that are taken in two orders


class Bench:
    """The lines along which the muscles of an arm are looked at, and what was found with which wraps left out.

    Parameters
    ----------
    settings : EngineSettings
        Path lengths, raw geometry.
    jobs, seed, progress : as of :func:`proprionet.arm.audit.audit`.

    Attributes
    ----------
    wraps : names of the wrap objects of every muscle.
    found : Findings for every (muscle, wraps left out, place) that was looked at.
    history_mm : how much the length of every muscle depends on the order of postures, mm, (muscle,).
    """

    def __init__(
        self, settings: EngineSettings, profile: ArmProfile, jobs: int, seed: int, progress: Progress | None = None
    ):
        self.found: dict[tuple[str, Names, str], Findings] = {}
        self._settings, self._jobs, self._progress = settings, jobs, progress or _silent
        engine = settings.load()
        self.wraps = dict(zip(settings.muscles, wraps_of(engine), strict=True))
        self._joints = dict(zip(settings.muscles, scan.joints_apart(engine, profile), strict=True))
        angles, offsets = letter_movements(profile, MOVEMENTS, seed)
        writing = [movement[::_EVERY] for movement in np.split(angles, offsets[1:-1])]
        self._lines = {(joints, "writing"): writing for joints in self._joints.values()}
        self._lines |= {(joints, "sweeps"): scan.sweeps(profile, joints, seed) for joints in set(self._joints.values())}
        self.history_mm = scan.history(engine, angles[:: max(1, len(angles) // _ORDER)], seed)

    def scan(self, left_out: Mapping[str, Names], places: Sequence[str], about: str) -> None:
        """Look at muscles without some of their wraps, where that was not done before."""
        work, keys = [], []
        for place in places:
            alike: dict[Any, list[str]] = {}
            for muscle, wraps in left_out.items():
                if (muscle, wraps, place) not in self.found:
                    alike.setdefault(self._joints[muscle], []).append(muscle)
            for joints, muscles in alike.items():
                settings = replace(
                    self._settings,
                    muscles=tuple(muscles),
                    patches=pairs({muscle: left_out[muscle] for muscle in muscles}),
                )
                lines = self._lines[joints, place]
                pieces = [(settings, lines[i : i + _PIECE]) for i in range(0, len(lines), _PIECE)]
                work += pieces
                keys += [[(muscle, left_out[muscle], place) for muscle in muscles]] * len(pieces)
        parts: dict[tuple[str, Names, str], list[Findings]] = {}
        for of_muscles, found in zip(keys, self._run(_examine, work, about), strict=True):
            for key, part in zip(of_muscles, found, strict=True):
                parts.setdefault(key, []).append(part)
        self.found |= {key: Findings.joined(part) for key, part in parts.items()}

    def fewest(self, wraps: Mapping[str, Names], places: Sequence[str]) -> dict[str, Names]:
        """The fewest of the given wraps of every muscle without which nothing is wrong with it at the places.

        What is chosen cures the artefacts known so far. The scan is run again with it; if that finds others, they are
        added, and the choice is made anew. Where no choice cures all, the one that cures most is taken.
        """
        chosen: dict[str, Names] = dict.fromkeys(wraps, ())
        sites = {muscle: self._sites(muscle, (), places) for muscle in wraps if self.bad(muscle, (), places)}
        while sites:
            cases = [self._case(muscle, wraps[muscle], known) for muscle, known in sites.items()]
            tried = dict(zip(sites, self._run(_cure, cases, "choices of wraps"), strict=True))
            repeated = {muscle for muscle, (left_out, _) in tried.items() if left_out == chosen[muscle]}
            chosen |= {muscle: left_out for muscle, (left_out, _) in tried.items()}
            self.scan({muscle: chosen[muscle] for muscle in tried}, places, "patched geometry")
            sites = {
                muscle: Sites.joined([sites[muscle], self._sites(muscle, left_out, places)])
                for muscle, (left_out, cured) in tried.items()
                if cured and muscle not in repeated and self.bad(muscle, left_out, places)
            }
        return chosen

    def cured_alone(self) -> dict[Pair, float]:
        """Share of the artefacts of every muscle that has any which vanish without one of its wraps."""
        guilty = [muscle for muscle in self.wraps if self.bad(muscle, (), PLACES)]
        cases = [self._case(muscle, self.wraps[muscle], self._sites(muscle, (), PLACES)) for muscle in guilty]
        shares = self._run(_cured_alone, cases, "single wraps")
        return {pair: share for of_muscle in shares for pair, share in of_muscle.items()}

    def bad(self, muscle: str, left_out: Names, places: Sequence[str]) -> bool:
        """Whether anything is wrong with a muscle at the places."""
        return any(self.found[muscle, left_out, place].bad.any() for place in places)

    def _sites(self, muscle: str, left_out: Names, places: Sequence[str]) -> Sites:
        return Sites.joined([self.found[muscle, left_out, place].sites(_SITES) for place in places])

    def _case(self, muscle: str, wraps: Names, sites: Sites) -> "_Case":
        postures, lengths = [np.empty((0, 4))], [np.empty(0)]
        for place in PLACES:
            raw = self.found[muscle, (), place]
            good = np.flatnonzero(~raw.bad)
            postures += [self._lines[self._joints[muscle], place][line] for line in good]
            lengths += [raw.lengths[line] for line in good]
        few = slice(None, None, max(1, sum(map(len, lengths)) // _REFERENCE))
        settings = replace(self._settings, muscles=(muscle,))
        return _Case(settings, wraps, sites, np.concatenate(postures)[few], np.concatenate(lengths)[few])

    def _run(self, make: Callable[[Any, Any], Any], work: Sequence[Any], about: str) -> list[Any]:
        """Results of all pieces of work, in their order."""
        if not work:
            return []
        done = self._progress(workers.run(dict, make, work, self._jobs), total=len(work), about=about)
        return [result for _, result in sorted(done, key=lambda item: item[0])]


def pairs(left_out: Mapping[str, Names]) -> tuple[Pair, ...]:
    """The wraps that every muscle does without, as (muscle, wrap) pairs."""
    return tuple((muscle, wrap) for muscle, wraps in left_out.items() for wrap in wraps)


@dataclass(frozen=True)
class _Case:
    """One muscle, raw: wraps to choose from, artefacts, and lengths (posture,) at postures (posture, 4) without any."""

    settings: EngineSettings
    wraps: Names
    sites: Sites
    postures: np.ndarray
    lengths: np.ndarray

    def without(self, left_out: Names) -> MuscleEngine:
        return replace(self.settings, patches=pairs({self.settings.muscles[0]: left_out})).load()


def _examine(
    engines: dict[EngineSettings, MuscleEngine], piece: tuple[EngineSettings, list[np.ndarray]]
) -> list[Findings]:
    settings, lines = piece
    if settings not in engines:
        engines.clear()
        engines[settings] = settings.load()
    return scan.examine(engines[settings], lines)


def _cure(_: Any, case: _Case) -> tuple[Names, bool]:
    """The fewest wraps without which all artefacts vanish, those that change other lengths least; and whether they do.

    Where none cures all, those that cure most.
    """
    best: tuple[float, Names] = 0.0, ()
    for size in range(1, len(case.wraps) + 1):
        curing = []
        for left_out in combinations(case.wraps, size):
            engine = case.without(left_out)
            share = float(case.sites.cured(engine).mean())
            if share == 1:
                change = np.abs(engine.path_lengths(case.postures)[:, 0] - case.lengths)
                curing.append((change.sum(), left_out))
            elif share > best[0]:
                best = share, left_out
        if curing:
            return min(curing)[1], True
    return best[1], False


def _cured_alone(_: Any, case: _Case) -> dict[Pair, float]:
    return {
        (case.settings.muscles[0], wrap): float(case.sites.cured(case.without((wrap,))).mean()) for wrap in case.wraps
    }


def _silent(items: Iterator, **_: Any) -> Iterator:
    return items
