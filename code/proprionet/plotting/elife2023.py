"""What the movement data set is made of: the latents of its letters, its movements, and what linear classifiers see.

Source of the figures: Sandbrink et al. 2023, Fig. 2, Table 1 and the inputs of Fig. 3A.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import LogLocator, NullFormatter

from proprionet.letters import latents
from proprionet.letters.latents import Latents
from proprionet.plotting import style
from proprionet.plotting.movements import JOINT_STYLES

LATENTS = {
    "size": ("size", 1.0, "×"),
    "rotation": ("rotation", 180 / np.pi, "°"),
    "shear_x": ("shear along x", 180 / np.pi, "°"),
    "shear_y": ("shear along y", 180 / np.pi, "°"),
    "speed": ("speed", 1.0, "×"),
    "noise": ("noise", 1.0, ""),
}
"""Name of each latent on the page, its factor to the unit there, and that unit."""
ROW_CM = 0.22  # height of a row of a heat map, for a name in small type
BELOW, ABOVE = ("#56B4E9", "#0072B2"), ("#E69F00", "#D55E00")
"""Colours of latents below and above their neutral value, which is black."""


@style.styled
def latent_effects(path: np.ndarray, time_step_s: float) -> Figure:
    """What each latent does to one letter: the letter at every published value of it, all other latents neutral.

    Parameters
    ----------
    path : array, shape (time, 2)
        Pen position in cm.
    time_step_s : float
        Between two samples, s.

    Source: Sandbrink et al. 2023, Fig. 2C and Table 1.
    """
    spatial = ("size", "rotation", "shear_x", "shear_y")
    figure = style.new_figure(style.WIDE_CM, 5.6)
    *panels, speed = figure.subplots(1, len(spatial) + 1)
    limits = np.abs(path).max() * np.array([-2, 2])
    for axes, name in zip(panels, spatial, strict=True):
        for varied, colour, text in _each_value(path, name):
            axes.plot(*varied.T, color=colour, label=text)
        axes.set(xlabel="x (cm)", title=LATENTS[name][0], xlim=limits, ylim=limits)
        axes.set_aspect("equal", adjustable="box")
    panels[0].set_ylabel("y (cm)")
    for axes in panels[1:]:
        axes.sharey(panels[0])
        axes.tick_params(labelleft=False)
    for varied, colour, text in _each_value(path, "speed"):
        speed.plot(time_step_s * np.arange(len(varied)), varied[:, 1], color=colour, label=text)
    speed.set(xlabel="time (s)", title="speed", ylabel="y (cm)")
    speed.set_box_aspect(1)
    for axes in (*panels, speed):
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.36), ncols=2, handlelength=1.0, columnspacing=0.9)
    return figure


def _each_value(path: np.ndarray, name: str) -> list[tuple[np.ndarray, str, str]]:
    """The letter at each value of a latent, its colour, and what to call it."""
    _, factor, unit = LATENTS[name]
    values = latents.VALUES[name]
    offsets, one = np.array([0, len(path)]), np.zeros(1, int)
    varied = [latents.vary(path, offsets, one, Latents.of(**{name: value}))[0] for value in values]
    texts = [f"{factor * value:.3g}{unit}" for value in values]
    below = int(np.searchsorted(values, getattr(Latents.of(), name)[0]))
    colours = [*BELOW[len(BELOW) - below :], "black", *ABOVE]
    return list(zip(varied, colours, texts, strict=False))


def latent_rows(drawn: Mapping[str, np.ndarray]) -> list[tuple[str, list[str], list[int]]]:
    """Table 1: each latent, its values, and how many movements have each of them.

    Parameters
    ----------
    drawn : mapping of latent to array, shape (movement,)
        As data sets hold them: angles in degrees, the others as factors.

    Returns
    -------
    list of (name, values with their unit, movements of each value)

    Source: Sandbrink et al. 2023, Table 1.
    """
    rows = []
    for name, values in latents.VALUES.items():
        title, factor, unit = LATENTS[name]
        scaled = factor * values
        nearest = np.abs(drawn[name][:, None] - scaled).argmin(axis=1)
        counts = np.bincount(nearest, minlength=len(values)).tolist()
        rows.append((title, [f"{value:.3g}{unit}" for value in scaled], counts))
    return rows


@style.styled
def latents_drawn(drawn: Mapping[str, np.ndarray]) -> Figure:
    """How many movements of a data set have which value of each latent; the dashed line is an even share.

    Parameters
    ----------
    drawn : as for :func:`latent_rows`.

    Source: Sandbrink et al. 2023, Table 1.
    """
    rows = latent_rows(drawn)
    figure = style.new_figure(style.WIDE_CM, 4.2)
    panels = figure.subplots(1, len(rows), sharey=True, width_ratios=[len(values) + 1 for _, values, _ in rows])
    for axes, (title, values, counts) in zip(panels, rows, strict=True):
        axes.bar(values, counts, color=style.COLOURS[0], width=0.7)
        axes.axhline(sum(counts) / len(counts), color="#555555", linewidth=0.8, linestyle="--")
        axes.set_title(title)
        axes.tick_params(axis="x", labelrotation=60)
    panels[0].set_ylabel("movements (count)")
    figure.supxlabel("value of the latent", fontsize=8)
    return figure


@style.styled
def distributions(
    duration_s: np.ndarray,
    plane: np.ndarray,
    joint_jerk: np.ndarray,
    muscle_jerk: np.ndarray,
    label: np.ndarray,
    alphabet: str,
) -> Figure:
    """How long movements last, letter by letter; in which planes they are; how jerky joints and muscles are in these.

    Parameters
    ----------
    duration_s : array, shape (movement,)
        Without padding, s.
    plane : array, shape (movement,)
        0 horizontal, 1 vertical.
    joint_jerk, muscle_jerk : arrays, shape (movement,)
        Norm of the third difference, degree/sample^3 and mm/sample^3.
    label : array, shape (movement,)
        Index of each movement's letter in ``alphabet``.
    """
    figure = style.new_figure(style.WIDE_CM, 10.5)
    panels = figure.subplot_mosaic([["duration"] * 3, ["plane", "joint", "muscle"]], width_ratios=(2, 3, 3))
    written = np.unique(label)
    panels["duration"].boxplot(
        [duration_s[label == letter] for letter in written],
        tick_labels=[alphabet[letter] for letter in written],
        flierprops={"markersize": 2, "markeredgecolor": "#8c8c8c"},
        medianprops={"color": style.COLOURS[3]},
    )
    panels["duration"].set(xlabel="letter", ylabel="duration of the movement (s)", ylim=(0, None))
    sides = np.bincount(plane, minlength=2)
    bars = panels["plane"].bar(latents.PLANES, sides, color=style.COLOURS[:2], width=0.6)
    panels["plane"].bar_label(bars, fontsize=7)
    panels["plane"].set(xlabel="plane", ylabel="movements (count)")
    panels["plane"].margins(y=0.12)
    for name, jerk, unit in (("joint", joint_jerk, "°/sample³"), ("muscle", muscle_jerk, "mm/sample³")):
        _jerk(panels[name], jerk, plane, f"{name} jerk ({unit})")
    return figure


def _jerk(axes: Axes, jerk: np.ndarray, plane: np.ndarray, name: str) -> None:
    """Jerks spread over orders of magnitude, so their axis is logarithmic."""
    positive = np.maximum(jerk, 1e-4)
    bins = np.geomspace(positive.min(), positive.max() * 1.001, 25)
    for index, side in enumerate(latents.PLANES):
        axes.hist(positive[plane == index], bins=bins, histtype="step", color=style.COLOURS[index], label=side)
    axes.set(xscale="log", xlabel=name, ylabel="movements (count)")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


@style.styled
def classifier_inputs(
    inputs: Mapping[str, np.ndarray], channels: Mapping[str, Sequence[str]], names: Sequence[str], time_step_s: float
) -> Figure:
    """The padded inputs of linear classifiers, one row a kind of input and one column an example.

    Parameters
    ----------
    inputs : mapping of str to array, shape (example, channel, time)
        What the axis says (with its unit) to values as the classifier sees them before they are flattened.
    channels : mapping of str to sequence of str
        Names of the channels of each input; up to four are drawn as lines, more as heat maps.
    names : sequence of str
        Heads each column, for instance "a".
    time_step_s : float
        Between two samples, s.

    Source: Sandbrink et al. 2023, Fig. 3A.
    """
    heights = [max(2.8, ROW_CM * values.shape[1]) for values in inputs.values()]
    figure = style.new_figure(style.WIDE_CM, 1.8 + sum(heights) + 0.4 * len(heights))
    widths = [1.0] * len(names) + [3 / (len(names) + 3)]  # room for legends and colour bars
    panels = figure.subplots(len(inputs), len(names) + 1, squeeze=False, height_ratios=heights, width_ratios=widths)
    for (*row, beside), (about, values) in zip(panels, inputs.items(), strict=True):
        beside.set_axis_off()
        for axes in row[1:]:
            axes.sharey(row[0])
        if values.shape[1] <= len(JOINT_STYLES):
            _lines(row, values, channels[about], time_step_s)
            beside.legend(handles=row[0].lines, loc="center left", handlelength=2.2, borderaxespad=0)
            row[0].set_ylabel(about.replace(" (", "\n("))
        else:
            image = _heat_maps(row, values, channels[about], time_step_s)
            figure.colorbar(image, cax=beside.inset_axes((0, 0, 0.12, 1)), label=about.replace(" (", "\n("))
        for axes in row:
            axes.set_xlim(0, time_step_s * values.shape[2])
            axes.tick_params(labelleft=axes is row[0], labelbottom=row[0] is panels[-1, 0])
    for axes, name in zip(panels[0], names, strict=False):
        axes.set_title(name)
    figure.supxlabel("time (s)", fontsize=8)
    return figure


def _lines(row: Sequence[Axes], values: np.ndarray, channels: Sequence[str], time_step_s: float) -> None:
    time = time_step_s * np.arange(values.shape[2])
    for axes, example in zip(row, values, strict=True):
        for channel, name, line in zip(example, channels, JOINT_STYLES, strict=False):
            axes.plot(time, channel, line, label=name)


def _heat_maps(row: Sequence[Axes], values: np.ndarray, channels: Sequence[str], time_step_s: float) -> AxesImage:
    limit = np.abs(values).max()
    extent = (0, time_step_s * values.shape[2], len(channels) - 0.5, -0.5)
    look = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "none", "aspect": "auto"}
    images = [axes.imshow(example, extent=extent, **look) for axes, example in zip(row, values, strict=True)]
    row[0].set_yticks(range(len(channels)), channels, fontsize=5.5)
    row[0].tick_params(axis="y", length=1.5)
    return images[0]
