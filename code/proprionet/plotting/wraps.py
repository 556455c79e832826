"""Muscle lengths of the published geometry beside the patched one, and the wrap object behind a jump."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.axes3d import Axes3D

from proprionet.plotting import style
from proprionet.plotting.generation import scale_alike

GROUND_TO_PAGE = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
"""``points @ GROUND_TO_PAGE`` turns the ground of OpenSim arms (forward, up, right) into right, forward, up."""
BONE, MUSCLE, CULPRIT, OTHER = "#8c5a2b", style.COLOURS[3], style.COLOURS[0], "#b0b0b0"
_FINENESS = 40


@style.styled
def raw_against_patched(
    raw: np.ndarray, patched: np.ndarray, muscle_names: Sequence[str], time_step_s: float, jump: int
) -> Figure:
    """Lengths of some muscles along one movement, and their velocities, with raw and with patched geometry.

    Parameters
    ----------
    raw, patched : arrays, shape (time, muscle)
        mm.
    jump : int
        Sample before the jump; a dotted line.
    """
    figure = style.new_figure(style.WIDE_CM, 1.6 + 3.0 * len(muscle_names))
    panels = figure.subplots(len(muscle_names), 2, sharex=True, squeeze=False)
    time = time_step_s * np.arange(len(raw))
    for index, (name, row) in enumerate(zip(muscle_names, panels, strict=True)):
        for lengths, colour, line, text in ((raw, MUSCLE, "-", "raw"), (patched, CULPRIT, "--", "patched")):
            row[0].plot(time, lengths[:, index], line, color=colour, label=text)
            row[1].plot(time, np.gradient(lengths[:, index], time_step_s), line, color=colour)
        row[0].set(ylabel="length (mm)", title=name)
        row[1].set(ylabel="velocity (mm/s)")
        for axes in row:
            axes.axvline(time_step_s * (jump + 0.5), color="black", linewidth=0.6, linestyle=":", zorder=0)
    for axes in panels[-1]:
        axes.set_xlabel("time (s)")
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


@style.styled
def culprit(postures: Mapping[str, Mapping[str, np.ndarray]], muscle: str, wrap: str) -> Figure:
    """The arm with one muscle and its wrap objects in some postures, and below a closer look at the culprit.

    Parameters
    ----------
    postures : mapping of str to geometry
        What heads a panel to what :func:`proprionet.arm.wraps.wrap_geometry` gives.
    muscle : str
        Name of the muscle.
    wrap : str
        Name of the wrap object that makes it jump; the others are grey.
    """
    figure = style.new_figure(style.WIDE_CM, 15.0)
    panels = figure.subplots(2, len(postures), squeeze=False, subplot_kw={"projection": "3d"})
    shapes = list(postures.values())
    everything = np.concatenate([np.concatenate([_arm(shape), shape["path"]]) for shape in shapes]) @ GROUND_TO_PAGE
    close = np.concatenate([_around(shape, wrap) for shape in shapes]) @ GROUND_TO_PAGE
    for column, (title, shape) in zip(panels.T, postures.items(), strict=True):
        for axes, points, whole in ((column[0], everything, True), (column[1], close, False)):
            _draw(axes, shape, wrap, whole)
            scale_alike(axes, points, zoom=1.0)
            axes.view_init(elev=18, azim=-50)
        column[0].set_title(f"{title}: path of {muscle} {10 * _length(shape['path']):.0f} mm", y=0.94)
        column[1].set_title(f"closer: {wrap} ({_kind(shape, wrap)})", y=0.94)
    handles, names = panels[0, 0].get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    figure.legend(once.values(), once, loc="outside upper center", ncols=len(once))
    return figure


def changed_wrap(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> str:
    """The wrap object along which the path of a muscle differs most in length between two postures.

    Parameters
    ----------
    before, after : what :func:`proprionet.arm.wraps.wrap_geometry` gives in the two postures.
    """
    change = [abs(_arc_length(after, name) - _arc_length(before, name)) for name in before["wrap_names"]]
    return str(before["wrap_names"][int(np.argmax(change))])


def surface(kind: str, size: np.ndarray) -> np.ndarray:
    """Points of the surface of a wrap object in its own frame: shape (3, row, column), in the unit of ``size``.

    Parameters
    ----------
    kind : str
        WrapCylinder, WrapEllipsoid, WrapSphere or WrapTorus.
    size : array, shape (3,)
        Radius and length; semi-axes; radius; or radius of the tube and of the ring; then NaN.
    """
    around = np.linspace(0, 2 * np.pi, _FINENESS)
    if kind == "WrapCylinder":
        angle, height = np.meshgrid(around, np.array([-0.5, 0.5]) * size[1])
        return np.stack([size[0] * np.cos(angle), size[0] * np.sin(angle), height])
    if kind == "WrapTorus":
        ring, tube = np.meshgrid(around, around)
        middle, thick = size[1], size[0]
        out = middle + thick * np.cos(tube)
        return np.stack([out * np.cos(ring), out * np.sin(ring), thick * np.sin(tube)])
    length, width = np.meshgrid(around, np.linspace(0, np.pi, _FINENESS // 2))
    unit = np.stack([np.cos(length) * np.sin(width), np.sin(length) * np.sin(width), np.cos(width)])
    return (size if kind == "WrapEllipsoid" else np.full(3, size[0]))[:, None, None] * unit


def _draw(axes: Axes3D, shape: Mapping[str, np.ndarray], wrap: str, whole: bool) -> None:
    if whole:
        axes.plot(*(_arm(shape) @ GROUND_TO_PAGE).T, "o-", color=BONE, linewidth=3, markersize=5, label="arm")
    for index, name in enumerate(shape["wrap_names"]):
        if not whole and name != wrap:
            continue
        colour, about = (CULPRIT, "culprit wrap object") if name == wrap else (OTHER, "other wrap objects")
        own = surface(shape["wrap_types"][index], shape["wrap_size"][index])
        ground = np.einsum("ij,jkl->ikl", shape["wrap_axes"][index], own) + shape["wrap_centre"][index][:, None, None]
        axes.plot_surface(*np.einsum("ij,ikl->jkl", GROUND_TO_PAGE, ground), color=colour, alpha=0.25, linewidth=0)
        axes.plot([], [], color=colour, linewidth=5, alpha=0.4, label=about)
    path = shape["path"] if whole else _within(shape["path"], _around(shape, wrap))
    axes.plot(*(path @ GROUND_TO_PAGE).T, color=MUSCLE, linewidth=1.8, label="muscle path", zorder=10)


def _arm(shape: Mapping[str, np.ndarray]) -> np.ndarray:
    points = np.stack([shape[joint] for joint in ("shoulder", "elbow", "hand")])
    return points[np.isfinite(points).all(axis=1)]


def _around(shape: Mapping[str, np.ndarray], wrap: str) -> np.ndarray:
    """Corners of a box around a wrap object."""
    index = list(shape["wrap_names"]).index(wrap)
    reach = 1.4 * np.abs(surface(shape["wrap_types"][index], shape["wrap_size"][index])).max()
    return shape["wrap_centre"][index] + reach * np.array([[-1.0] * 3, [1.0] * 3])


def _within(path: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """A path at close steps, without what lies outside of a box."""
    share = np.linspace(0, len(path) - 1, 50 * len(path))
    fine = np.stack([np.interp(share, np.arange(len(path)), axis) for axis in path.T], axis=1)
    return np.where(((fine >= corners[0]) & (fine <= corners[1])).all(axis=1)[:, None], fine, np.nan)


def _length(path: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _arc_length(shape: Mapping[str, np.ndarray], wrap: str) -> float:
    return _length(shape["path"][shape["path_wrap"] == wrap])


def _kind(shape: Mapping[str, np.ndarray], wrap: str) -> str:
    return str(shape["wrap_types"][list(shape["wrap_names"]).index(wrap)]).removeprefix("Wrap").lower()
