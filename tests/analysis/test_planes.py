import numpy as np
import pytest
from planted import Curves

from proprionet.analysis.single_units.planes import find_planes


def test_planes_are_found_by_what_stays_put():
    flat, upright = Curves("horizontal", levels=(-6, 3)).hand(), Curves("vertical", levels=(12, 9, 15)).hand()
    slanted = flat[:5] + np.linspace(0, 1, flat.shape[1])[:, None]
    planes = find_planes(np.concatenate([flat, upright, slanted]).astype(np.float32))
    np.testing.assert_array_equal(planes.orientation, [0, 1, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(planes.level, [np.nan, np.nan, -6, 3, 9, 12, 15])
    np.testing.assert_array_equal(planes.of_movement[:4], [2, 3, 2, 3])
    np.testing.assert_array_equal(planes.of_movement[40:44], [5, 4, 6, 5])
    assert (planes.of_movement[80:] == -1).all()
    np.testing.assert_array_equal(planes.members(0), np.arange(85) < 40)
    np.testing.assert_array_equal(planes.members(1), (np.arange(85) >= 40) & (np.arange(85) < 80))
    np.testing.assert_array_equal(np.flatnonzero(planes.members(4)), np.arange(41, 80, 3))


@pytest.mark.parametrize(("apart", "n_single"), [(0.05, 1), (0.3, 2)])
def test_planes_have_a_thickness(apart, n_single):
    assert len(find_planes(Curves(levels=(0, apart)).hand()).level) == 2 + n_single


def test_a_line_in_both_counts_once():
    hand = np.zeros((1, 50, 3))
    hand[0, :, 1] = np.linspace(0, 10, 50)
    np.testing.assert_array_equal(find_planes(hand).orientation, [0, 1, 0])
