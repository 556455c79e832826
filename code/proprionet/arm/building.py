"""Filling muscle tables with OpenSim."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from proprionet import workers
from proprionet.arm import splines
from proprionet.arm.certificate import Progress
from proprionet.arm.groups import Groups, find_groups
from proprionet.errors import InputError

if TYPE_CHECKING:  # tables are used without OpenSim
    from proprionet.arm.muscles import EngineSettings, MuscleEngine

_MOST_JOINTS = 3
_PIECE = 500  # postures that a process takes at once
_KNOTS = 512  # of a curve
_MARGIN = 0.01  # of the range of path lengths, by which a curve goes on beyond it
_MARGIN_MM = 1.0
_DOUBT_MM = 0.15  # estimated error of a spline from which on a cell of the grid is doubtful


def tabulate(
    settings: "EngineSettings", grids: Sequence[np.ndarray], jobs: int = 1, progress: Progress | None = None
) -> tuple[splines.Tables, splines.Curves]:
    """Make the tables and curves of all muscles of an arm.

    Parameters
    ----------
    settings : EngineSettings
        The exact engine that they stand for.
    grids : array for each joint
        Evenly spaced angles in degrees, at least 4.
    jobs : int
        Number of processes.
    progress : callable, optional
        ``progress(items, total=..., about=...)`` goes through items and shows how far it is.

    Raises
    ------
    InputError
        If muscles depend on more than 3 joints at once, or somewhere one has no path or no equilibrium.
    """
    engine = settings.load()
    lower, upper = (np.array([grid[end] for grid in grids]) for end in (0, -1))
    groups = find_groups(engine, lower, upper)
    _check_groups(settings, groups)
    middle = (lower + upper) / 2
    constant = engine.path_lengths(middle[None])[0]
    _refuse_unknown(settings, constant[None], middle[None], np.arange(len(constant)))
    moved = [np.flatnonzero(groups.spans[list(joints)].any(axis=0)) for joints in groups.joints]
    nodes = [_nodes(grids, joints, middle) for joints in groups.joints]
    lengths = _measure(settings, list(zip(nodes, moved, strict=True)), jobs, progress)
    coefficients, doubtful = [np.empty(0)], [np.empty(0, bool)]
    shortest, longest = constant.copy(), constant.copy()
    for joints, muscles, found in zip(groups.joints, moved, lengths, strict=True):
        change = found - constant[muscles]
        shortest[muscles] += change.min(axis=0)
        longest[muscles] += change.max(axis=0)
        table = change.reshape(*(len(grids[joint]) for joint in joints), len(muscles))
        coefficients.append(splines.fit(table, len(joints)).ravel())
        doubtful.append(splines.doubtful(table, len(joints), _DOUBT_MM).ravel())
    axes = [(-1,) * (_MOST_JOINTS - len(joints)) + joints for joints in groups.joints]
    tables = splines.Tables(
        lower,
        upper,
        np.array([len(grid) - 1 for grid in grids]),
        np.array(axes, dtype=np.int64).reshape(-1, _MOST_JOINTS),
        np.array([np.isin(range(len(constant)), muscles) for muscles in moved], np.uint8).reshape(-1, len(constant)),
        np.concatenate(coefficients).astype(np.float32),
        constant,
        np.concatenate(doubtful).astype(np.uint8),
    )
    return tables, _curves(settings, engine, shortest, longest)


def _check_groups(settings: "EngineSettings", groups: Groups) -> None:
    for joints in groups.joints:
        if len(joints) > _MOST_JOINTS:
            needed = groups.together[list(joints)].any(axis=0).sum(axis=0)  # joints, for each muscle
            names = ", ".join(settings.coordinates[joint] for joint in joints)
            raise InputError(
                f"{settings.model_path}: muscles such as '{settings.muscles[int(needed.argmax())]}' depend on {names} "
                f"together, and tables hold at most {_MOST_JOINTS} joints; use --engine exact"
            )


def _nodes(grids: Sequence[np.ndarray], joints: tuple[int, ...], middle: np.ndarray) -> np.ndarray:
    """Postures (node, joint) on the grid of some joints, the others in the middle."""
    mesh = np.meshgrid(*(grids[joint] for joint in joints), indexing="ij")
    postures = np.tile(middle, (mesh[0].size, 1))
    postures[:, joints] = np.stack(mesh, axis=-1).reshape(-1, len(joints))
    return postures


def _measure(
    settings: "EngineSettings", work: Sequence[tuple[np.ndarray, np.ndarray]], jobs: int, progress: Progress | None
) -> list[np.ndarray]:
    """Path lengths (posture, muscle) for each (postures, muscles)."""
    pieces = [
        (postures[start : start + _PIECE], muscles)
        for postures, muscles in work
        for start in range(0, len(postures), _PIECE)
    ]
    done: Iterable[Any] = workers.run(settings.load, _path_lengths, pieces, jobs)
    if progress is not None:
        done = progress(done, total=len(pieces), about="muscle tables")
    found = dict(done)
    measured, start = [], 0
    for postures, muscles in work:
        count = -(-len(postures) // _PIECE)
        lengths = np.concatenate([found[index] for index in range(start, start + count)])
        _refuse_unknown(settings, lengths, postures, muscles)
        measured.append(lengths)
        start += count
    return measured


def _path_lengths(engine: "MuscleEngine", piece: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return engine.path_lengths(*piece)


def _refuse_unknown(settings: "EngineSettings", lengths: np.ndarray, postures: np.ndarray, muscles: np.ndarray) -> None:
    if (unknown := np.argwhere(np.isnan(lengths))).size:
        node, column = unknown[0]
        where = ", ".join(f"{name} {angle:g}" for name, angle in zip(settings.coordinates, postures[node], strict=True))
        raise InputError(
            f"{settings.model_path}: muscle '{settings.muscles[muscles[column]]}' has no path at {where} degrees; "
            "leave a wrap object out of it (patches), or use --engine exact"
        )


def _curves(
    settings: "EngineSettings", engine: "MuscleEngine", shortest: np.ndarray, longest: np.ndarray
) -> splines.Curves:
    """What OpenSim's equilibrium makes of path lengths between these, and a little beyond as splines overshoot."""
    if settings.length_kind == "path":
        return splines.Curves(shortest, longest, np.empty((len(shortest), 0)))
    margin = _MARGIN * (longest - shortest) + _MARGIN_MM
    shortest, longest = shortest - margin, longest + margin
    paths = np.linspace(shortest, longest, _KNOTS)
    lengths = engine.lengths_on_paths(paths)
    if (unknown := np.argwhere(np.isnan(lengths))).size:
        knot, muscle = unknown[0]
        raise InputError(
            f"{settings.model_path}: muscle '{settings.muscles[muscle]}' has no equilibrium where its path is "
            f"{paths[knot, muscle]:.4g} mm long; use --engine exact"
        )
    return splines.Curves(shortest, longest, np.ascontiguousarray(splines.fit(lengths, 1).T))
