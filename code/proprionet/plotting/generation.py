"""How one movement comes about: the places that the arm can write at, the hand's path, joints and spindle inputs."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d.axes3d import Axes3D

from proprionet.plotting import style
from proprionet.plotting.movements import JOINT_STYLES, LEGEND, VIEWS

RIGHT_FORWARD_UP = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""``points @ RIGHT_FORWARD_UP`` turns world coordinates (forward, left, up) into those of the page."""
DOTS = 1500
"""Places in a panel that can be seen behind one another; more are drawn so much lighter."""
AXES_3D = ("right (cm)", "forward (cm)", "up (cm)")


@style.styled
def workspace(points: Mapping[str, np.ndarray], arm: np.ndarray, letter_cm: float) -> Figure:
    """Where the arm can write, in space: centres of the letter's box in horizontal and vertical planes, with the arm.

    Parameters
    ----------
    points : mapping of plane to array, shape (point, 3)
        World frame in cm (x forward, y left, z up), origin at the shoulder.
    arm : array, shape (3, 3)
        Shoulder, elbow and hand in one posture, cm.
    letter_cm : float
        Side of the box of a letter of size 1; one box is drawn.

    Source: Sandbrink et al. 2023, Fig. 2D; Marin Vargas et al. 2024.
    """
    figure = style.new_figure(style.WIDE_CM, 9.6)
    panels = figure.subplots(1, len(points), squeeze=False, subplot_kw={"projection": "3d"})[0]
    everything = np.concatenate([arm, *points.values()]) @ RIGHT_FORWARD_UP
    for axes, (plane, centres) in zip(panels, points.items(), strict=True):
        across = 2 if plane == "horizontal" else 0
        place = dict(zip(("xs", "ys", "zs"), (centres @ RIGHT_FORWARD_UP).T, strict=True))
        axes.computed_zorder = False  # or the dots hide the arm among them
        light = float(np.clip(DOTS / len(centres), 0.2, 0.7))
        look = {"cmap": "cividis", "s": 3, "linewidths": 0, "depthshade": False, "alpha": light, "zorder": 1}
        dots = axes.scatter(**place, c=centres[:, across], **look)
        about = f"plane: {AXES_3D[2 if across else 1]}"
        bar = figure.colorbar(dots, ax=axes, label=about, location="bottom", shrink=0.5, pad=0.07)
        bar.solids.set_alpha(1)  # pyright: ignore[reportOptionalMemberAccess]
        axes.plot(*(arm @ RIGHT_FORWARD_UP).T, "o-", color="#8c5a2b", linewidth=2.5, markersize=4, zorder=2)
        middle = centres[np.linalg.norm(centres - centres.mean(axis=0), axis=1).argmin()]
        axes.plot(*(_box(middle, plane, letter_cm) @ RIGHT_FORWARD_UP).T, color=style.COLOURS[3], zorder=3)
        n_planes = len(np.unique(np.round(centres[:, across], 6)))
        axes.set_title(f"{plane}: {len(centres)} places in {n_planes} planes", pad=0)
        scale_alike(axes, everything)
        axes.view_init(elev=22, azim=-60)
    return figure


def _box(centre: np.ndarray, plane: str, side: float) -> np.ndarray:
    """Corners of a letter's box, the first one again at the end; shape (5, 3)."""
    corners = side / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    axes = (0, 1) if plane == "horizontal" else (1, 2)
    box = np.tile(centre, (5, 1))
    box[:, axes] += corners
    return box


def scale_alike(axes: Axes3D, points: np.ndarray, zoom: float = 0.9) -> None:
    """Bring points (n, 3), right, forward and up, into view: the same scale along all three axes, and their names."""
    low, high = points.min(axis=0), points.max(axis=0)
    flat = np.where(high - low < 1, 0.5, 0)  # a plane has no box to be drawn in
    low, high = low - flat, high + flat
    axes.set_box_aspect(high - low, zoom=zoom)  # pyright: ignore[reportArgumentType]
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
    for axis, name in zip((axes.xaxis, axes.yaxis, axes.zaxis), AXES_3D, strict=True):
        axis.set_label_text(name)
        upright = axis is axes.zaxis
        axis.set_major_locator(MaxNLocator(4 if upright else 3, prune="both"))  # ends of two axes meet in a corner
        axis.set_tick_params(pad=0 if upright else -2)
        axis.labelpad = 0 if upright else -5


@style.styled
def movement(
    hand: np.ndarray, joints: np.ndarray, joint_names: Sequence[str], plane: str, time_step_s: float, live: slice
) -> Figure:
    """One padded movement: the hand in its plane, hand position and joint angles over time; padding is grey.

    Parameters
    ----------
    hand : array, shape (3, time)
        World frame, cm.
    joints : array, shape (joint, time)
        Degrees.
    plane : "horizontal" or "vertical"
    live : slice
        Time steps of the movement itself.

    Source: Sandbrink et al. 2023, Fig. 2E; Marin Vargas et al. 2024.
    """
    figure = style.new_figure(style.WIDE_CM, 6.6)
    path, position, angles = figure.subplots(1, 3, width_ratios=(1.1, 1.3, 1.3))
    time = time_step_s * np.arange(hand.shape[1])
    up_name, up, seen = VIEWS[plane]
    path.plot(-hand[1, live], hand[up, live], color="midnightblue")
    path.plot(-hand[1, live.start], hand[up, live.start], "o", color=style.COLOURS[3], label="start")
    path.set(xlabel="right (cm)", ylabel=f"{up_name} (cm)", title=f"{plane} plane, {seen}")
    path.set_aspect("equal", adjustable="datalim")
    for values, name, line in zip((-hand[1], hand[0], hand[2]), ("right", "forward", "up"), JOINT_STYLES, strict=False):
        position.plot(time, values, line, label=name)
    position.set(xlabel="time (s)", ylabel="hand position (cm)", title="hand")
    for values, name, line in zip(joints, joint_names, JOINT_STYLES, strict=True):
        angles.plot(time, values, line, label=name.replace("_", " "))
    angles.set(xlabel="time (s)", ylabel="joint angle (degrees)", title="joints")
    for axes in (position, angles):
        _shade_padding(axes, time, live)
    for axes in (path, position, angles):
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, **LEGEND)
    return figure


@style.styled
def spindle_inputs(
    response: np.ndarray,
    channels: Mapping[str, str],
    muscle_names: Sequence[str],
    time_step_s: float,
    live: slice,
) -> Figure:
    """What the networks are given of one movement, channel by channel, muscle by muscle, from the movement's start.

    Parameters
    ----------
    response : array, shape (muscle, time, channel)
    channels : mapping of str to str
        Name of each channel to its unit.
    live : slice
        Time steps of the movement itself; the dotted lines.

    Source: Sandbrink et al. 2023, Fig. 2F; Marin Vargas et al. 2024.
    """
    shown = list(channels.items())[:: max(1, len(channels) // 2)][:2]
    figure = style.new_figure(style.WIDE_CM, 1.8 + 0.32 * len(muscle_names))
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False, gridspec_kw={"wspace": 0.06})[0]
    extent = (0, time_step_s * response.shape[1], len(muscle_names) - 0.5, -0.5)
    for axes, (name, unit) in zip(panels, shown, strict=True):
        values = response[..., list(channels).index(name)]
        signed = (values < 0).any()
        limits = {"vmin": -np.abs(values).max(), "vmax": np.abs(values).max()} if signed else {}
        image = axes.imshow(
            values,
            aspect="auto",
            extent=extent,
            cmap="RdBu_r" if signed else "viridis",
            interpolation="none",
            **limits,
        )
        for edge in (live.start, live.stop):
            axes.axvline(time_step_s * edge, color="white" if not signed else "black", linewidth=0.8, linestyle=":")
        axes.set_xlabel("time (s)")
        figure.colorbar(image, ax=axes, label=f"{name} ({unit})", shrink=0.9)
    panels[0].set_yticks(range(len(muscle_names)), [name.replace("_", " ") for name in muscle_names])
    panels[0].set_ylabel("muscle")
    return figure


def _shade_padding(axes: Axes, time: np.ndarray, live: slice) -> None:
    for start, end in ((time[0], time[live.start]), (time[live.stop - 1], time[-1])):
        axes.axvspan(float(start), float(end), color="#eeeeee", zorder=0, linewidth=0)
    axes.set_xlim(time[0], time[-1])
