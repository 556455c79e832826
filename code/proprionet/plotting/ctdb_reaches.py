"""Reaches of a muscled arm that a network drives: where the hand goes, and what it takes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from proprionet.plotting import style

FREE, BUMPED, CAUGHT = style.COLOURS[0], style.COLOURS[3], "0.55"
KINDS = {"no bump": FREE, "bump": BUMPED, "catch trial": CAUGHT}


@style.styled
def paths(hand: np.ndarray, targets: np.ndarray, load: np.ndarray, caught: np.ndarray) -> Figure:
    """Paths of the hand in the plane, from a dot to the cross that it is to reach; on catch trials it is to stay.

    Parameters
    ----------
    hand, targets : array, shape (trial, step, 2)
        Where the hand is and where it is to be, cm.
    load : array, shape (trial, step, 2)
        Force on the hand, N: bumps.
    caught : array of bool, shape (trial,)
    """
    figure = style.new_figure(style.NARROW_CM, 6.8)
    axes = figure.subplots()
    kinds = np.where(caught, "catch trial", np.where(load.any(axis=(1, 2)), "bump", "no bump"))
    for path, wanted, kind in zip(hand, targets, kinds, strict=True):
        axes.plot(*path.T, color=KINDS[kind], linewidth=0.9)
        axes.plot(*path[0], "o", color=KINDS[kind], markersize=2.5)
        axes.plot(*wanted[-1], "x", color="black", markersize=4, markeredgewidth=0.8)
    for kind, colour in KINDS.items():
        if count := np.count_nonzero(kinds == kind):
            axes.plot([], [], color=colour, label=f"{kind} ({count})")
    axes.plot([], [], "x", color="black", markersize=4, label="target")
    axes.set(xlabel="x (cm)", ylabel="y (cm)", aspect="equal")
    figure.legend(loc="outside upper center", ncols=4, handlelength=1.2, columnspacing=1.0)
    return figure


@style.styled
def reach(
    hand: np.ndarray,
    target: np.ndarray,
    load: np.ndarray,
    drives: np.ndarray,
    activation: np.ndarray,
    muscles: Sequence[str],
    cues: tuple[int, int],
    time_step_s: float,
) -> Figure:
    """One reach over time: hand and target, the force of a bump, and the drive and activation of each muscle.

    Parameters
    ----------
    hand, target, load : array, shape (step, 2)
        cm, cm and N.
    drives, activation : array, shape (step, muscle)
        What the network asks of each muscle, of which the arm takes what lies between 0 and 1, and what follows.
    muscles : sequence of str
    cues : tuple of int
        Steps of target and go cue; below 0 where there is none.
    time_step_s : float
    """
    figure = style.new_figure(style.WIDE_CM, 10.0)
    columns = figure.subplots(3, 3, sharex=True, height_ratios=(1.3, 1, 1))
    time = time_step_s * (1 + np.arange(len(hand)))
    for axes, axis, wanted, where in zip(columns[0], ("x", "y"), target.T, hand.T, strict=False):
        axes.plot(time, wanted, "--", color="0.5", label="wanted")
        axes.plot(time, where, color=FREE, label="hand")
        axes.set_ylabel(f"{axis} (cm)")
    columns[0, 2].plot(time, np.linalg.norm(load, axis=1), color=BUMPED)
    columns[0, 2].set_ylabel("force on the hand (N)")
    columns[0, 2].set_ylim(-0.5, max(10.5, 1.05 * np.linalg.norm(load, axis=1).max()))
    for axes, muscle, drive, active in zip(columns[1:].flat, muscles, drives.T, activation.T, strict=True):
        axes.plot(time, np.clip(drive, 0, 1), color="0.6", linewidth=0.9, label="drive (0 to 1)")
        axes.plot(time, active, color=style.COLOURS[2], label="activation")
        axes.set_title(muscle.replace("_", " "), pad=2)
        axes.set_ylim(-0.03, max(0.3, 1.05 * float(activation.max()), 1.05 * float(np.clip(drives, 0, 1).max())))
    bumped = np.flatnonzero(load.any(axis=1))
    for axes in columns.flat:
        for cue, line in zip(cues, (":", "-"), strict=True):
            if cue >= 0:
                axes.axvline(time_step_s * cue, color="0.4", linestyle=line, linewidth=0.7, zorder=0)
        if len(bumped):
            axes.axvspan(time[bumped[0]] - time_step_s, time[bumped[-1]], color=BUMPED, alpha=0.12, linewidth=0)
    for axes in columns[-1]:
        axes.set_xlabel("time (s)")
    columns[0, 2].plot([], [], ":", color="0.4", linewidth=0.7, label="target shown")
    columns[0, 2].plot([], [], "-", color="0.4", linewidth=0.7, label="go cue")
    shown = (columns[0, 0], columns[1, 0], columns[0, 2])
    said = [pair for axes in shown for pair in zip(*axes.get_legend_handles_labels(), strict=True)]
    figure.legend(*zip(*said, strict=True), loc="outside upper center", ncols=6)
    return figure
