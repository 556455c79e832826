"""The figures of the papers show what they are given, with names and units on their axes."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch
from PIL import Image

from proprionet.errors import InputError
from proprionet.letters.latents import PLANES, VALUES
from proprionet.neural.hand import HandMovements
from proprionet.plotting import animation, elife2023, generation, letters, postures, style, wraps

RNG = np.random.default_rng(0)
PEN = (RNG.normal(size=(120, 2)), np.arange(0, 121, 10), np.arange(12) % 3, "abc")
JOINTS = ["elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion"]
MUSCLES = ["BIClong", "TRI_long"]
DRAWN = {name: RNG.choice(values * elife2023.LATENTS[name][1], 40) for name, values in VALUES.items()}
LIVE = slice(5, 25)


def geometry(length):
    """What wrap_geometry gives: an arm, a muscle and one cylinder."""
    return {
        "path": np.array([[0, 0, 0], [1, 0, 0], [1, length, 0], [3, 0, 0.0]]),
        "path_wrap": np.array(["", "round", "round", ""]),
        "shoulder": np.zeros(3),
        "elbow": np.array([0, -30, 0.0]),
        "hand": np.full(3, np.nan),
        "wrap_names": np.array(["ball", "round"]),
        "wrap_types": np.array(["WrapSphere", "WrapCylinder"]),
        "wrap_centre": np.zeros((2, 3)),
        "wrap_axes": np.stack([np.eye(3)] * 2),
        "wrap_size": np.array([[1, np.nan, np.nan], [1, 4, np.nan]]),
    }


def hands(count=30):
    return HandMovements(RNG.normal(size=(10 * count, 2)).cumsum(axis=0), np.arange(0, 10 * count + 1, 10), 0.01)


def draw_inputs():
    inputs = {"hand (cm)": RNG.normal(size=(2, 3, 30)), "velocity (mm/s)": RNG.normal(size=(2, 25, 30))}
    channels = {"hand (cm)": ["right", "forward", "up"], "velocity (mm/s)": [f"muscle {i}" for i in range(25)]}
    return elife2023.classifier_inputs(inputs, channels, ["a", "b"], 0.015)


def draw_distributions():
    jerk = RNG.uniform(0.1, 1, (2, 12))
    return elife2023.distributions(RNG.uniform(1, 2, 12), np.arange(12) % 2, *jerk, np.arange(12) % 3, "abc")


def draw_workspace():
    points = {plane: RNG.uniform(10, 40, (20, 3)).round() for plane in PLANES}
    return generation.workspace(points, np.array([[0, 0, 0], [20, 0, -10], [30, 0, 0.0]]), 10.0)


DRAW = {
    "traces": (lambda: letters.traces(*PEN), 3, ["x (cm)", "y (cm)"]),
    "over_time": (lambda: letters.over_time(*PEN, 0.015, "ac"), 4, ["time (s)", "x (cm)", "y (cm)"]),
    "latent_effects": (lambda: elife2023.latent_effects(PEN[0][:10], 0.015), 5, ["x (cm)", "y (cm)", "time (s)"]),
    "latents_drawn": (lambda: elife2023.latents_drawn(DRAWN), 6, ["movements (count)", "value of the latent"]),
    "distributions": (draw_distributions, 4, ["joint jerk (°/sample³)", "muscle jerk (mm/sample³)", "letter"]),
    "classifier_inputs": (draw_inputs, 6, ["hand\n(cm)", "velocity\n(mm/s)", "time (s)"]),
    "workspace": (draw_workspace, 2, ["right (cm)", "forward (cm)", "up (cm)", "plane: up (cm)"]),
    "movement": (
        lambda: generation.movement(*RNG.normal(size=(2, 4, 30)), JOINTS, "horizontal", 0.015, LIVE),
        3,
        ["right (cm)", "hand position (cm)", "joint angle (degrees)"],
    ),
    "spindle_inputs": (
        lambda: generation.spindle_inputs(
            RNG.normal(size=(2, 30, 2)), {"length": "mm", "velocity": "mm/s"}, MUSCLES, 0.015, LIVE
        ),
        2,
        ["muscle", "length (mm)", "velocity (mm/s)", "time (s)"],
    ),
    "joint_angles": (
        lambda: postures.joint_angles({"all": RNG.normal(size=(50, 4))}, JOINTS, [-90] * 4, [90] * 4),
        4,
        ["elv angle (°)", "postures (%)"],
    ),
    "hand_kinematics": (
        lambda: postures.hand_kinematics({"synthetic": hands(), "recorded": hands()}),
        6,
        ["speed (cm/s)", "acceleration (cm/s²)", "duration of a movement (s)", "length of the path (cm)"],
    ),
    "muscle_ranges": (
        lambda: postures.muscle_ranges({"length (mm)": RNG.normal(size=(50, 2))}, MUSCLES),
        1,
        ["muscle", "length (mm)"],
    ),
    "raw_against_patched": (
        lambda: wraps.raw_against_patched(*RNG.normal(size=(2, 30, 2)), MUSCLES, 0.015, 4),
        4,
        ["length (mm)", "velocity (mm/s)", "time (s)"],
    ),
    "culprit": (
        lambda: wraps.culprit({"before": geometry(0), "after": geometry(5)}, "TMAJ", "round"),
        4,
        ["right (cm)", "forward (cm)", "up (cm)"],
    ),
}


@pytest.mark.parametrize("name", DRAW)
def test_axes_have_names_and_units(name):
    draw, n_panels, labels = DRAW[name]
    figure = draw()
    figure.draw_without_rendering()
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>" and axes.get_visible()]
    assert len(panels) == n_panels
    said = {axis.get_label_text() for axes in _all_axes(figure) for axis in axes._axis_map.values()}
    said |= {text.get_text() for text in figure.texts} | {figure._supxlabel and figure._supxlabel.get_text()}
    assert set(labels) <= said


def _all_axes(figure):
    return [inner for axes in figure.axes for inner in (axes, *axes.child_axes)]


def test_same_values_same_bytes(tmp_path):
    paths = [style.save(elife2023.latents_drawn(DRAWN), tmp_path / folder, "figure") for folder in "ab"]
    for suffix in (".png", ".pdf"):
        first, second = (path.with_suffix(suffix).read_bytes() for path in paths)
        assert first == second


def test_letters_that_are_not_there_are_refused():
    label = np.array([0, 2, 2])
    np.testing.assert_array_equal(letters.rows_of("c", label, "abc"), [1, 2])
    for letter in "b1":
        with pytest.raises(InputError, match=f"there is no letter '{letter}'; choose some of ac"):
            letters.rows_of(letter, label, "abc")


def test_rows_of_muscles_have_their_names():
    figure = draw_inputs()
    figure.draw_without_rendering()
    (rows,) = (axes for axes in figure.axes if axes.images and axes.get_subplotspec().is_first_col())
    assert [text.get_text() for text in rows.get_yticklabels()] == [f"muscle {i}" for i in range(25)]


def test_postures_at_a_limit_are_not_drawn_beyond_it():
    at_limits = np.tile([[-90.0], [90.001]], (1, 4))
    for axes in postures.joint_angles({"all": at_limits}, JOINTS, [-90] * 4, [90] * 4).axes:
        (steps,) = (patch for patch in axes.patches if isinstance(patch, StepPatch))
        values, edges, _ = steps.get_data()
        (filled,) = np.nonzero(values)
        np.testing.assert_allclose([edges[filled[0]], edges[filled[-1] + 1]], [-90, 90], atol=0.02)


def test_mean_letter_of_stretched_copies_is_the_letter():
    letter = np.stack([np.linspace(0, 1, 21), np.linspace(0, 1, 21) ** 2], axis=1)
    figure = letters.traces(np.concatenate([letter, letter[::2]]), np.array([0, 21, 32]), np.zeros(2, int), "a")
    *traces, mean = figure.axes[0].lines
    assert len(traces) == 2
    np.testing.assert_allclose(np.asarray(mean.get_ydata()), np.asarray(mean.get_xdata()) ** 2, atol=5e-3)


def test_neutral_latents_are_black_and_leave_the_letter_as_it_is():
    letter = RNG.normal(size=(40, 2)).cumsum(axis=0)
    for axes in elife2023.latent_effects(letter, 0.015).axes[:4]:
        (neutral,) = (line for line in axes.lines if to_hex(line.get_color()) == "#000000")
        np.testing.assert_allclose(np.stack(neutral.get_data(), axis=1), letter, atol=1e-9)


def test_table_of_latents_counts_every_movement():
    rows = elife2023.latent_rows(DRAWN)
    assert [name for name, _, _ in rows] == ["size", "rotation", "shear along x", "shear along y", "speed", "noise"]
    assert rows[1][1] == ["-30°", "-15°", "0°", "15°", "30°"]
    assert all(sum(counts) == 40 for _, _, counts in rows)
    assert rows[0][2] == [int(np.isclose(DRAWN["size"], value).sum()) for value in VALUES["size"]]


def test_padding_of_a_movement_is_shaded():
    figure = DRAW["movement"][0]()
    spans = [patch.get_x() for patch in figure.axes[1].patches]
    np.testing.assert_allclose(spans, [0, 0.015 * 24])


@pytest.mark.parametrize(
    ("kind", "size", "inside"),
    [
        ("WrapSphere", [2, np.nan, np.nan], lambda x, y, z: x**2 + y**2 + z**2 - 4),
        ("WrapEllipsoid", [1, 2, 3], lambda x, y, z: x**2 + (y / 2) ** 2 + (z / 3) ** 2 - 1),
        ("WrapCylinder", [2, 5, np.nan], lambda x, y, z: x**2 + y**2 - 4),
        ("WrapTorus", [1, 2, np.nan], lambda x, y, z: (np.hypot(x, y) - 2) ** 2 + z**2 - 1),
    ],
)
def test_surface_of_a_wrap_object_satisfies_its_equation(kind, size, inside):
    points = wraps.surface(kind, np.array(size, float))
    np.testing.assert_allclose(inside(*points), 0, atol=1e-12)


def test_culprit_is_the_wrap_whose_arc_changes():
    assert wraps.changed_wrap(geometry(0), geometry(5)) == "round"
    figure = wraps.culprit({"before": geometry(0), "after": geometry(5)}, "TMAJ", "round")
    titles = [axes.get_title() for axes in figure.axes]
    assert re.match(r"before: path of TMAJ \d+ mm", titles[0])
    assert titles[2] == "closer: round (cylinder)"


def test_film_moves_and_lasts_as_long_as_the_movement(tmp_path, monkeypatch):
    monkeypatch.setattr(animation.FFMpegWriter, "isAvailable", classmethod(lambda _: False))
    hand = np.linspace([20, 0, -20], [30, 10, 0], 41)
    film = animation.arm_writing(hand, hand / 2, RNG.normal(size=(41, 2)), MUSCLES, 0.015)
    path = animation.save(film, tmp_path, "film")
    assert path.name == "film.gif"
    with Image.open(path) as gif:
        assert gif.n_frames == 7  # 0.6 s at 10 Hz
        first = gif.convert("RGB").tobytes()
        gif.seek(5)
        assert gif.convert("RGB").tobytes() != first
    assert list(tmp_path.iterdir()) == [path]
