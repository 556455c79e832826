import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from proprionet.analysis.single_units.examples import Example
from proprionet.errors import InputError
from proprionet.plotting import elife2023_examples


def units(n):
    """Units that like movements forward."""
    velocity = np.random.default_rng(0).normal(size=(300, 2)) * 10
    return [Example(f"temporal0, unit {index}", 0.9 - index / 10, velocity, velocity[:, 0] - 5) for index in range(n)]


@pytest.mark.parametrize(
    ("plane", "where"),
    [("horizontal", ["forward", "left", "back", "right"]), ("vertical", ["left", "up", "right", "down"])],
)
def test_a_scatter_points_where_the_arm_moves(plane, where):
    figure = elife2023_examples.polar_scatter(units(6), plane)
    figure.draw_without_rendering()
    assert len(figure.axes) == 6
    axes = figure.axes[1]
    assert axes.get_title() == "temporal0, unit 1\nR² = 0.80"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == where
    directions = [axes.transData.transform((angle, axes.get_ylim()[1])) for angle in (0, np.pi / 2)]
    centre = axes.transData.transform((0, axes.get_ylim()[0]))
    first, second = np.round([(end - centre) / np.linalg.norm(end - centre) for end in directions], 6)
    up, left = [0, 1], [-1, 0]
    np.testing.assert_array_equal([first, second], [up, left] if plane == "horizontal" else [left, up])
    points = np.asarray(axes.collections[0].get_offsets())
    assert points.shape == (300, 2)
    np.testing.assert_allclose(points[:, 1], units(1)[0].activity)


def test_a_constant_unit_is_drawn():
    silent = [Example("silent", np.nan, np.ones((5, 2)), np.zeros(5))]
    elife2023_examples.polar_scatter(silent).draw_without_rendering()


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_contours_are_over_the_velocity(plane):
    figure = elife2023_examples.velocity_contours(units(1), plane)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    (shown,) = [found for found in axes.get_children() if isinstance(found, QuadContourSet)]
    highest = np.concatenate([path.vertices for path in shown.get_paths()[-1:]]).mean(axis=0)
    along = highest if plane == "vertical" else highest[::-1]  # forward is up, left is along x
    assert along[0] > 3 * abs(along[1])
    assert axes.get_xlabel() == "left (cm/s)"
    assert axes.get_ylabel() == ("forward (cm/s)" if plane == "horizontal" else "up (cm/s)")
    assert axes.xaxis_inverted()


@pytest.mark.parametrize("draw", [elife2023_examples.polar_scatter, elife2023_examples.velocity_contours])
def test_no_units(draw):
    with pytest.raises(InputError, match="no units to show"):
        draw([])
