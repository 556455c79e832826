"""Movements of the arm: hand, joints, muscles, and the draws that were rejected."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from proprionet.plotting import style

VIEWS = {"horizontal": ("forward", 0, "from above"), "vertical": ("up", 2, "from behind")}
POSTURES = 5
DRAWS = "Outcome of every draw of a letter's variation and place."
REACH_DRAWS = "Outcome of every draw of a reach's places and durations."
JOINT_STYLES = ("-", "--", "-.", ":")
LEGEND = {"handlelength": 1.9, "columnspacing": 1.0, "handletextpad": 0.5}
"""Narrow enough that two columns with the names of joints fit below a panel."""


@style.styled
def arm_writing(
    hand: Mapping[str, np.ndarray],
    elbow: Mapping[str, np.ndarray],
    joints: np.ndarray,
    joint_names: Sequence[str],
    time_step_s: float,
) -> Figure:
    """The arm as a stick figure while it writes in each plane, and joint angles over time.

    Parameters
    ----------
    hand, elbow : mapping of plane to array, shape (time, 3)
        World frame in cm (x forward, y left, z up), origin at the shoulder. A plane without an elbow shows the hand.
    joints : array, shape (time, joint)
        Joint angles of the movement in the first plane, degrees.

    Source: Sandbrink et al. 2023, Fig. 2E.
    """
    figure = style.new_figure(style.WIDE_CM, 7.0)
    panels = figure.subplots(1, len(hand) + 1, squeeze=False, width_ratios=[1] * len(hand) + [1.25])[0]
    for axes, plane in zip(panels, hand, strict=False):
        _stick_figure(axes, plane, hand[plane], elbow.get(plane))
    axes = panels[-1]
    time = time_step_s * np.arange(len(joints))
    for index, name in enumerate(joint_names):
        axes.plot(time, joints[:, index], JOINT_STYLES[index % 4], label=name.replace("_", " "))
    axes.set(xlabel="time (s)", ylabel="joint angle (degrees)", title="joint angles")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, **LEGEND)
    return figure


def _stick_figure(axes: Axes, plane: str, hand: np.ndarray, elbow: np.ndarray | None) -> None:
    """Trace of the hand, and the arm at a few moments from early (light) to late (dark)."""
    up_name, up, seen = VIEWS[plane]
    if elbow is not None:
        for shade, index in zip(
            np.linspace(0.2, 0.75, POSTURES), np.linspace(0, len(hand) - 1, POSTURES).astype(int), strict=True
        ):
            arm = np.stack([np.zeros(3), elbow[index], hand[index]])
            axes.plot(-arm[:, 1], arm[:, up], "o-", color="#8c5a2b", alpha=shade, linewidth=1.6, markersize=3)
        axes.plot(0, 0, "o", color="black", markersize=5, label="shoulder")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), **LEGEND)
    axes.plot(-hand[:, 1], hand[:, up], color="midnightblue", linewidth=1.6)
    axes.set(xlabel="right (cm)", ylabel=f"{up_name} (cm)", title=f"{plane} plane, {seen}")
    axes.margins(0.18)
    axes.set_aspect("equal", adjustable="datalim")


@style.styled
def muscles(muscle_length: np.ndarray, muscle_names: Sequence[str], time_step_s: float) -> Figure:
    """Change of length since the start, and velocity, of every muscle over one movement.

    Parameters
    ----------
    muscle_length : array, shape (time, muscle)
        mm, every ``time_step_s`` seconds.

    Source: Sandbrink et al. 2023, Fig. 2F.
    """
    velocity = np.gradient(muscle_length, time_step_s, axis=0)
    figure = style.new_figure(style.WIDE_CM, 1.8 + 0.32 * len(muscle_names))
    duration = time_step_s * len(muscle_length)
    panels = figure.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.06})
    names = ("change of length since the start (mm)", "velocity (mm/s)")
    for axes, name, values in zip(panels, names, (muscle_length - muscle_length[0], velocity), strict=True):
        limit = np.abs(values).max() or 1.0
        extent = (0, duration, len(muscle_names) - 0.5, -0.5)
        image = axes.imshow(
            values.T, aspect="auto", extent=extent, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest"
        )
        axes.set_xlabel("time (s)")
        figure.colorbar(image, ax=axes, label=name, shrink=0.9)
    panels[0].set_yticks(range(len(muscle_names)), muscle_names)
    panels[0].set_ylabel("muscle")
    return figure


@style.styled
def rejections(counts: Mapping[str, int], n_movements: int) -> Figure:
    """How many draws were rejected for which reason, beside the movements that were kept.

    Parameters
    ----------
    counts : mapping of reason to count
    n_movements : int
        Draws that became movements.
    """
    bars = {"kept": n_movements, **{reason.replace("_", " "): count for reason, count in counts.items()}}
    figure = style.new_figure(style.NARROW_CM, 1.8 + 0.55 * len(bars))
    axes = figure.subplots()
    drawn = axes.barh(list(bars), list(bars.values()), color=["midnightblue"] + ["#D55E00"] * len(counts))
    axes.bar_label(drawn, padding=2, fontsize=7)
    axes.set(xlabel="draws (count)", ylabel="outcome")
    axes.margins(x=0.15)
    axes.invert_yaxis()
    return figure
