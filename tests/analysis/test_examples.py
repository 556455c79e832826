import numpy as np
import pytest

from proprionet.analysis.single_units import examples
from proprionet.errors import InputError


def test_the_best_units_of_a_layer():
    r2 = np.array([0.9, 0.1, np.nan, 0.5, 0.5, 0.99, -0.3])
    layer = np.array([1, 1, 1, 1, 1, 0, 1])
    np.testing.assert_array_equal(examples.best_units(r2, layer, 1, 3), [0, 3, 4])
    np.testing.assert_array_equal(examples.best_units(r2, layer, 1), [0, 3, 4, 1, 6])
    assert examples.best_units(r2, layer, 2).size == 0


def test_moments_of_movement_are_of_the_moving_hand_and_none_comes_twice():
    moving = np.random.default_rng(0).random((30, 40)) < 0.5
    chosen = examples.moments_of_movement(moving, seed=1, count=200)
    assert moving[chosen].all()
    assert len(set(zip(*chosen, strict=True))) == 200
    np.testing.assert_array_equal(chosen, examples.moments_of_movement(moving, seed=1, count=200))
    assert examples.moments_of_movement(moving, seed=1)[0].size == moving.sum()
    with pytest.raises(InputError, match="the hand never moves"):
        examples.moments_of_movement(np.zeros((2, 3), bool), seed=1)


def test_a_plane_of_activity_is_drawn_as_it_is():
    """Linear in velocity: interpolation is exact, and blurring changes nothing away from the rim."""
    velocity = np.random.default_rng(0).normal(size=(3000, 2)) * 10
    grid, smooth = examples.contour(velocity, 0.2 * velocity[:, 0] - 0.1 * velocity[:, 1] + 3)
    assert grid.shape == (100,)
    assert grid[-1] == -grid[0]
    assert np.mean(np.linalg.norm(velocity, axis=1) <= grid[-1]) == pytest.approx(0.99, abs=1e-3)
    inside = np.abs(grid) < 12
    first, second = np.meshgrid(grid[inside], grid[inside], indexing="ij")
    np.testing.assert_allclose(smooth[np.ix_(inside, inside)], 0.2 * first - 0.1 * second + 3, atol=0.02)
    assert np.isnan(smooth[0, 0])
    assert np.isfinite(smooth[50, 1])


def test_velocities_on_a_line_have_no_contour():
    velocity = np.linspace(-1, 1, 20)[:, None] * [1.0, 2.0]
    with pytest.raises(InputError, match="velocities of 20 samples do not span a plane"):
        examples.contour(velocity, velocity[:, 0])
