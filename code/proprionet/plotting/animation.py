"""The arm writing a letter, as a film."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter

from proprionet.plotting import style
from proprionet.plotting.generation import RIGHT_FORWARD_UP, scale_alike
from proprionet.store import replacing

FRAMES_PER_S = 10
_DPI = 100


@style.styled
def arm_writing(
    hand: np.ndarray, elbow: np.ndarray, muscle_length: np.ndarray, muscle_names: Sequence[str], time_step_s: float
) -> FuncAnimation:
    """The arm writes a letter in space, in real time, while the lengths of its muscles run beside it.

    Parameters
    ----------
    hand, elbow : arrays, shape (time, 3)
        World frame in cm (x forward, y left, z up), origin at the shoulder.
    muscle_length : array, shape (time, muscle)
        mm.
    time_step_s : float
        Between two samples, s.

    Source: Sandbrink et al. 2023, Fig. 2-video 1.
    """
    figure = style.new_figure(style.WIDE_CM, max(9.0, 0.3 * len(muscle_names)))
    space = figure.add_subplot(1, 2, 1, projection="3d")
    lengths = figure.add_subplot(1, 2, 2)
    arm = np.stack([np.zeros_like(hand), elbow, hand], axis=1) @ RIGHT_FORWARD_UP
    written = arm[:, 2]
    time = time_step_s * np.arange(len(hand))
    (trace,) = space.plot(*written[:1].T, color="midnightblue", linewidth=1.5)
    (limb,) = space.plot(*arm[0].T, "o-", color="#8c5a2b", linewidth=3, markersize=5)
    scale_alike(space, arm.reshape(-1, 3), zoom=0.78)
    space.view_init(elev=25, azim=-60)

    change = muscle_length - muscle_length[0]
    spacing = 0.25 * np.ptp(change, axis=0).max() or 1.0
    levels = -spacing * np.arange(change.shape[1])
    lengths.plot(time, change + levels, color="#c9cfdd", linewidth=0.8)
    drawn = lengths.plot(time[:1], (change + levels)[:1], color=style.COLOURS[0], linewidth=1.0)
    now = lengths.axvline(0, color="black", linewidth=0.8)
    lengths.set_yticks(levels, [name.replace("_", " ") for name in muscle_names], fontsize=6)
    lengths.set(xlabel="time (s)", xlim=(0, time[-1]), title=f"muscle lengths (lines are {spacing:.1f} mm apart)")

    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # to lay the panels out again for every frame takes most of the time

    def show(sample: int) -> tuple:
        trace.set_data_3d(*written[: sample + 1].T)  # pyright: ignore[reportAttributeAccessIssue]
        limb.set_data_3d(*arm[sample].T)  # pyright: ignore[reportAttributeAccessIssue]
        for line, channel in zip(drawn, (change + levels).T, strict=True):
            line.set_data(time[: sample + 1], channel[: sample + 1])
        now.set_xdata([time[sample]] * 2)
        return (trace, limb, *drawn, now)

    samples = np.unique(np.append(np.arange(0, len(hand), 1 / (FRAMES_PER_S * time_step_s)), len(hand) - 1).astype(int))
    return FuncAnimation(figure, show, frames=samples, interval=1000 / FRAMES_PER_S)


def save(film: FuncAnimation, folder: Path, name: str) -> Path:
    """Write a film into ``folder``: ``name.mp4`` where ffmpeg is there, else ``name.gif``; returns its path.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    suffix, writer = ("mp4", FFMpegWriter) if FFMpegWriter.isAvailable() else ("gif", PillowWriter)
    path = folder / f"{name}.{suffix}"
    with TemporaryDirectory() as place, mpl.rc_context(style.STYLE):
        made = Path(place) / path.name
        film.save(str(made), writer=writer(fps=FRAMES_PER_S), dpi=_DPI)
        with replacing(path) as temporary:
            temporary.write_bytes(made.read_bytes())
    return path
