"""What the arm does over a whole set, or a recording: its postures, and how its hand moves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from proprionet.neural.hand import HandMovements
from proprionet.plotting import style

BINS = 40
MARGIN = 3  # bins beyond either limit of a joint
ROUNDING_DEG = 0.01  # by which an angle at its limit may be beyond it
LINES = ("-", "--", "-.", ":")


@style.styled
def joint_angles(
    sets: Mapping[str, np.ndarray], joint_names: Sequence[str], lower_deg: Sequence[float], upper_deg: Sequence[float]
) -> Figure:
    """How often each joint is at which angle in some sets of postures; grey is beyond the joint's limits.

    Parameters
    ----------
    sets : mapping of str to array, shape (posture, joint)
        Degrees.
    lower_deg, upper_deg : sequences of float, length joint
        Limits of the joints.

    Source: Marin Vargas et al. 2024, comparison of synthetic and recorded behaviour.
    """
    figure = style.new_figure(style.WIDE_CM, 5.4)
    panels = figure.subplots(1, len(joint_names), sharey=False)
    for joint, axes in enumerate(panels):
        low, high = lower_deg[joint], upper_deg[joint]
        width = (high - low + 2 * ROUNDING_DEG) / BINS
        bins = low - ROUNDING_DEG + width * np.arange(-MARGIN, BINS + MARGIN + 1)
        for (name, angles), colour, line in zip(sets.items(), style.COLOURS, LINES, strict=False):
            share = np.histogram(angles[:, joint], bins)[0] / len(angles)
            axes.stairs(100 * share, bins, color=colour, linestyle=line, label=name, linewidth=1.1)
        for start, end in ((bins[0], low), (high, bins[-1])):
            axes.axvspan(start, end, color="#e4e4e4", linewidth=0, zorder=0)
        axes.set(xlabel=f"{joint_names[joint].replace('_', ' ')} (°)", xlim=(bins[0], bins[-1]))
    panels[0].set_ylabel("postures (%)")
    _legend(figure, panels[0])
    return figure


@style.styled
def hand_kinematics(sets: Mapping[str, HandMovements]) -> Figure:
    """Where the hand is, how fast it moves and how long, in some sets of movements; a triangle is a median.

    Positions count from the median of the set, because the frame of a recording is not that of the arm.

    Parameters
    ----------
    sets : mapping of str to HandMovements
        Positions (sample, 2) in a plane: to the right, and forward or up.

    Source: Marin Vargas et al. 2024, comparison of synthetic and recorded behaviour.
    """
    quantities = {
        "hand right of its median (cm)": lambda s: s.position[:, 0] - np.median(s.position[:, 0]),
        "hand before or above its median (cm)": lambda s: s.position[:, 1] - np.median(s.position[:, 1]),
        "speed (cm/s)": HandMovements.speed,
        "acceleration (cm/s²)": HandMovements.acceleration,
        "duration of a movement (s)": HandMovements.duration,
        "length of the path (cm)": HandMovements.path_length,
    }
    figure = style.new_figure(style.WIDE_CM, 9.6)
    panels = figure.subplots(2, 3)
    for axes, (about, quantity) in zip(panels.ravel(), quantities.items(), strict=True):
        values = {name: quantity(movements) for name, movements in sets.items()}
        low = min(np.quantile(value, 0.001) for value in values.values())
        high = max(np.quantile(value, 0.995) for value in values.values())
        bins = np.linspace(min(low, 0), high, BINS)
        for (name, value), colour, line in zip(values.items(), style.COLOURS, LINES, strict=False):
            share = np.histogram(value, bins)[0] / len(value)
            axes.stairs(100 * share, bins, color=colour, linestyle=line, label=name, linewidth=1.1)
            axes.plot(np.median(value), 0, "^", color=colour, clip_on=False, markersize=5)
        axes.set(xlabel=about, xlim=(bins[0], bins[-1]), ylim=(0, None))
        unit = "movements" if "movement" in about or "path" in about else "samples"
        axes.set_ylabel(f"{unit} (%)")
    _legend(figure, panels[0, 0])
    return figure


@style.styled
def muscle_ranges(values: Mapping[str, np.ndarray], muscle_names: Sequence[str]) -> Figure:
    """Range of some quantities of every muscle: 1 to 99 % (thin), 25 to 75 % (thick), and median.

    Parameters
    ----------
    values : mapping of str to array, shape (sample, muscle)
        What the axis says, with its unit, to the values.
    """
    figure = style.new_figure(style.WIDE_CM, 1.8 + 0.32 * len(muscle_names))
    panels = figure.subplots(1, len(values), sharey=True, squeeze=False)[0]
    rows = np.arange(len(muscle_names))
    for axes, (about, value) in zip(panels, values.items(), strict=True):
        low, first, middle, third, high = np.quantile(value, (0.01, 0.25, 0.5, 0.75, 0.99), axis=0)
        axes.hlines(rows, low, high, color=style.COLOURS[0], linewidth=0.8)
        axes.hlines(rows, first, third, color=style.COLOURS[0], linewidth=3)
        axes.plot(middle, rows, "o", color="white", markeredgecolor="black", markeredgewidth=0.6, markersize=3)
        axes.set_xlabel(about)
        axes.grid(axis="y", color="#eeeeee", linewidth=0.5)
    panels[0].set_yticks(rows, [name.replace("_", " ") for name in muscle_names])
    panels[0].set(ylabel="muscle", ylim=(len(rows) - 0.5, -0.5))
    return figure


def _legend(figure: Figure, axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(handles, names, loc="outside upper center", ncols=len(names))
