"""Audit of an arm's muscle paths: where OpenSim's wrapping gives wrong lengths, and which wraps to leave out.

A muscle that bends around a wrap object can flip to its other side, or go the long way round, between two postures next
to each other. The audit looks for this while the arm writes letters and while single joints sweep over their ranges
(:mod:`proprionet.arm.scan`). It finds the fewest (muscle, wrap object) pairs without which nothing of it is left
(:mod:`proprionet.arm.patching`), and says by how many mm muscles change that were right before.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from proprionet.arm.guard import find_jumps
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.patching import PLACES, Bench, Names, Pair, Progress, pairs
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.scan import LONGEST_ARC, Findings

GEOMETRIES = ("raw", "profile", "writing", "everywhere")


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    ``patches`` are the fewest pairs without which nothing is wrong anywhere; ``writing_patches`` are those of them
    without which nothing is wrong while writing; ``profile_patches`` those that the profile had. ``found`` are the
    findings for every (muscle, wraps left out, place), ``cured_alone`` the share of the artefacts of a muscle that
    vanish without one of its wraps, and ``history_mm`` (muscle,) how much lengths depend on the order of postures.
    """

    name: str
    wraps: dict[str, Names]
    patches: tuple[Pair, ...]
    writing_patches: tuple[Pair, ...]
    profile_patches: tuple[Pair, ...]
    found: dict[tuple[str, Names, str], Findings]
    cured_alone: dict[Pair, float]
    history_mm: np.ndarray

    def rows(self) -> list[dict[str, Any]]:
        """One row for every muscle and geometry: raw, and patched as in the profile, for writing, or for everywhere.

        ``left_out``: the wraps that the muscle does without. For writing movements and for sweeps, the share with a
        jump, with an arc above 180 degrees and with a length that is not finite, the largest jump (mm) and the largest
        arc (degrees). ``cost_median_mm`` and ``cost_p95_mm``: change of length over writing
        movements with which raw has nothing wrong, or such sweeps if there is no such movement.
        """
        return [self._row(muscle, geometry) for muscle in self.wraps for geometry in GEOMETRIES]

    def pair_rows(self) -> list[dict[str, Any]]:
        """One row for every wrap of a muscle with artefacts: share that vanishes without it, and the lists it is in."""
        return [
            {"muscle": pair[0], "wrap": pair[1], "cured_alone": share}
            | {geometry: pair in self._patches(geometry) for geometry in GEOMETRIES[1:]}
            for pair, share in self.cured_alone.items()
        ]

    def report(self) -> str:
        """The audit as text: what is wrong with which muscle, which wraps to leave out, and what that costs."""
        parts = (self._report_raw(), self._report_patches(), self._report_profile())
        return "\n".join(line for part in parts for line in part)

    def _patches(self, geometry: str) -> tuple[Pair, ...]:
        lists = ((), self.profile_patches, self.writing_patches, self.patches)
        return lists[GEOMETRIES.index(geometry)]

    def _row(self, muscle: str, geometry: str) -> dict[str, Any]:
        left_out = tuple(wrap for wrap in self.wraps[muscle] if (muscle, wrap) in self._patches(geometry))
        row: dict[str, Any] = {"muscle": muscle, "geometry": geometry, "left_out": "; ".join(left_out)}
        for place in PLACES:
            found = self.found[muscle, left_out, place]
            row |= {
                f"{place}_jump": float(found.jumps.mean()),
                f"{place}_long_arc": float(found.long_arcs.mean()),
                f"{place}_no_length": float(found.lost.mean()),
                f"{place}_largest_jump_mm": float(found.jump_mm.max()),
                f"{place}_largest_arc_deg": float(found.arc_deg.max()),
            }
        median, p95 = self._cost(muscle, left_out)
        return row | {"cost_median_mm": median, "cost_p95_mm": p95}

    def _cost(self, muscle: str, left_out: Names) -> tuple[float, float]:
        """Median and 95th percentile of the change of length, mm, along lines with which nothing was wrong."""
        for place in PLACES:
            raw, patched = self.found[muscle, (), place], self.found[muscle, left_out, place]
            if not raw.bad.all():
                good = np.flatnonzero(~raw.bad)
                change = np.concatenate([np.abs(patched.lengths[line] - raw.lengths[line]) for line in good])
                return float(np.median(change)), float(np.quantile(change, 0.95))
        return np.nan, np.nan

    def _report_raw(self) -> list[str]:
        movements = len(self.found[next(iter(self.wraps)), (), "writing"].bad)
        rows = [row for row in self.rows() if row["geometry"] == "raw" and _share_bad(row) > 0]
        lines = [f"Wrap audit of arm '{self.name}': {movements} writing movements, and sweeps of single joints."]
        lines.append(f"Postures taken in another order: lengths differ by {self.history_mm.max():.1g} mm at most.")
        if not rows:
            return [*lines, "Nothing is wrong with any muscle."]
        lines += ["", f"{'':<20} {'while writing':^32}   {'in sweeps':^32}"]
        heads = f"{'jump':>7} {'arc':>7} {'none':>7} {'mm':>8}"
        lines.append(f"{'raw geometry':<20} {heads}   {heads}")
        for row in rows:
            cells = [
                " ".join(f"{100 * row[f'{place}_{kind}']:6.1f}%" for kind in ("jump", "long_arc", "no_length"))
                + f" {row[f'{place}_largest_jump_mm']:8.1f}"
                for place in PLACES
            ]
            lines.append(f"{row['muscle']:<20} {'   '.join(cells)}")
        lines.append(
            f"Share with a jump, an arc above {LONGEST_ARC:g} degrees, or no length; and the largest jump (mm)."
        )
        return lines

    def _report_patches(self) -> list[str]:
        if not self.cured_alone:
            return []
        lines = ["", "Wraps of these muscles, with the share of artefacts that vanish without the one:"]
        for muscle in dict.fromkeys(muscle for muscle, _ in self.cured_alone):
            shares = [f"{wrap} {100 * self.cured_alone[muscle, wrap]:.0f}%" for wrap in self.wraps[muscle]]
            lines.append(f"  {muscle:<18} {', '.join(shares) or 'none'}")
        lines += [
            "",
            f"Fewest pairs to leave out: {len(self.patches)} for all joint angles; "
            f"the {len(self.writing_patches)} marked * are enough for writing.",
            f"{'':<20} {'median':>7} {'95%':>7}  change of length (mm) where nothing was wrong",
        ]
        for row in (row for row in self.rows() if row["geometry"] == "everywhere" and row["left_out"]):
            muscle = row["muscle"]
            wraps = [f"{wrap}{'*' * ((muscle, wrap) in self.writing_patches)}" for wrap in row["left_out"].split("; ")]
            cost = f"{row['cost_median_mm']:7.2f} {row['cost_p95_mm']:7.2f}"
            left = f"; still wrong in {100 * _share_bad(row):.1f}% of some motions" if _share_bad(row) else ""
            lines.append(f"  {muscle:<18} {cost}  {', '.join(wraps)}{left}")
        return [*lines, "", "patches:", *(f"  - [{muscle}, {wrap}]" for muscle, wrap in self.patches)]

    def _report_profile(self) -> list[str]:
        lines = [""]
        for about, more, fewer in (
            ("In the profile, but not proposed", self.profile_patches, self.patches),
            ("Proposed, but not in the profile", self.patches, self.profile_patches),
        ):
            differ = [f"{muscle} {wrap}" for muscle, wrap in more if (muscle, wrap) not in fewer]
            lines += textwrap.wrap(f"{about}: {', '.join(differ) or 'none'}.", 100, subsequent_indent="  ")
        lines.append(
            "With the patches of the profile, there remain wrong (share of movements, of sweeps; largest jump):"
        )
        remaining = [row for row in self.rows() if row["geometry"] == "profile" and _share_bad(row) > 0]
        for row in remaining:
            shares = [100 * _share_bad(row, (place,)) for place in PLACES]
            jumps = [row[f"{place}_largest_jump_mm"] for place in PLACES]
            lines.append(
                f"  {row['muscle']:<18} writing {shares[0]:5.1f}% ({jumps[0]:.1f} mm), sweeps {shares[1]:5.1f}% "
                f"({jumps[1]:.1f} mm)"
            )
        return lines if remaining else [*lines, "  nothing"]


def audit(
    model_path: str | Path, profile: ArmProfile, jobs: int = 1, seed: int = 0, progress: Progress | None = None
) -> Audit:
    """Find the wraps over which muscle lengths go wrong, and the fewest to leave out.

    Parameters
    ----------
    model_path : path of an .osim file
    profile : ArmProfile
        With link lengths. Its patches are judged, and do not influence what is proposed.
    jobs : number of processes; the result does not depend on it.
    progress : callable, optional
        ``progress(items, total=..., about=...)`` goes through items and shows how far it is.

    Raises
    ------
    InputError
        If the model does not fit the profile, or the arm can write nowhere.
    """
    raw = EngineSettings.of(profile, Path(model_path), "raw", "path")
    bench = Bench(raw, profile, jobs, seed, progress)
    bench.scan(dict.fromkeys(profile.muscles, ()), PLACES, "raw geometry")
    everywhere = bench.fewest(bench.wraps, PLACES)
    writing = bench.fewest(everywhere, PLACES[:1])
    listed = {
        muscle: tuple(wrap for wrap in wraps if (muscle, wrap) in profile.patches)
        for muscle, wraps in bench.wraps.items()
    }
    bench.scan(listed, PLACES, "patches of the profile")
    bench.scan(writing, PLACES, "patches for writing")
    lists = (pairs(everywhere), pairs(writing), pairs(listed))
    return Audit(profile.name, bench.wraps, *lists, bench.found, bench.cured_alone(), bench.history_mm)


def jump_rates(lengths: np.ndarray, joint_angles: np.ndarray, offsets: np.ndarray) -> dict[str, np.ndarray]:
    """How often muscle lengths jump in movements, by the guard's measure (:func:`proprionet.arm.guard.find_jumps`).

    Parameters
    ----------
    lengths : array, shape (sample, muscle)
        mm, one movement after another.
    joint_angles : array, shape (sample, joint)
        Degrees.
    offsets : array, shape (movement + 1,)
        Where each movement starts, and the end.

    Returns
    -------
    dict of arrays
        ``jumps`` (movement, muscle): whether a length jumps or is not finite; ``share`` (muscle,): of such movements;
        ``share_of_movements`` (): those with a jump of any muscle; ``largest_mm`` (muscle,): largest jump, 0 for none.
    """
    jumps = np.zeros((len(offsets) - 1, lengths.shape[1]), dtype=bool)
    largest = np.zeros(lengths.shape[1])
    for movement, (start, end) in enumerate(pairwise(offsets)):
        found = find_jumps(lengths[start:end], joint_angles[start:end])
        sizes = np.where(found, np.abs(np.diff(lengths[start:end], axis=0)), 0)
        jumps[movement] = found.any(axis=0) | ~np.isfinite(lengths[start:end]).all(axis=0)
        largest = np.maximum(largest, sizes.max(axis=0, initial=0))
    share_of_movements = np.array(jumps.any(axis=1).mean())
    return {
        "jumps": jumps,
        "share": jumps.mean(axis=0),
        "share_of_movements": share_of_movements,
        "largest_mm": largest,
    }


def _share_bad(row: dict[str, Any], places: Sequence[str] = PLACES) -> float:
    """Largest share of lines, in a row of the table, with an artefact of one kind."""
    return max(row[f"{place}_{kind}"] for place in places for kind in ("jump", "long_arc", "no_length"))
