import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

from proprionet.arm import splines

LOWER, UPPER = np.array([-90.0, 0.0, -90.0, 10.0]), np.array([130.0, 180.0, 20.0, 130.0])
INTERVALS = np.array([6, 5, 4, 3])
GROUPS = ((0, 1, 2), (3,), (1, 3))
SPANS = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]], np.uint8)
NO_CURVES = splines.Curves(np.zeros(4), np.zeros(4), np.zeros((4, 0)))


def grid(joint):
    return np.linspace(LOWER[joint], UPPER[joint], INTERVALS[joint] + 1)


@pytest.fixture(scope="module")
def values():
    """Random tables of the groups: (n_1, ..., muscle of the group)."""
    random = np.random.default_rng(0)
    sizes = [[INTERVALS[joint] + 1 for joint in joints] for joints in GROUPS]
    return [random.normal(0, 10, (*size, row.sum())) for size, row in zip(sizes, SPANS, strict=True)]


@pytest.fixture(scope="module")
def tables(values):
    axes = np.array([(-1,) * (3 - len(joints)) + joints for joints in GROUPS])
    coefficients = [splines.fit(table, table.ndim - 1).ravel() for table in values]
    constant = np.array([100.0, 200.0, 50.0, 70.0])
    return splines.Tables(
        LOWER, UPPER, INTERVALS, axes, SPANS, np.concatenate(coefficients).astype(np.float32), constant
    )


def evaluate(postures, tables, curves=NO_CURVES):
    lengths = np.full((len(postures), len(tables.constant)), -1.0)
    return splines.evaluate(postures, tables, curves, lengths), lengths


def test_coefficients_are_those_of_scipy():
    values = np.random.default_rng(1).normal(size=(9, 2))
    coefficients = splines.fit(values, 1)
    oracle = make_interp_spline(np.arange(9), values, k=3)  # not-a-knot
    between = (coefficients[:-3] + 23 * coefficients[1:-2] + 23 * coefficients[2:-1] + coefficients[3:]) / 48
    np.testing.assert_allclose(between, oracle(np.arange(8) + 0.5), atol=1e-12)


def test_sums_of_tables_are_those_of_scipy(tables, values):
    postures = np.random.default_rng(2).uniform(LOWER, UPPER, (100, 4))
    expected = np.tile(tables.constant, (100, 1))
    for joints, row, table in zip(GROUPS, SPANS, values, strict=True):
        for posture, length in zip(postures, expected, strict=True):
            left = table
            for joint in joints:
                left = make_interp_spline(grid(joint), left, k=3)(posture[joint])  # not-a-knot
            length[row.astype(bool)] += left
    outside, lengths = evaluate(postures, tables)
    assert outside == -1
    np.testing.assert_allclose(lengths, expected, atol=1e-4)  # coefficients are in single precision
    np.testing.assert_array_equal(lengths[:, 3], 70)


def test_ends_of_the_grid_belong_to_it(tables, values):
    corners = np.array([LOWER, UPPER])
    outside, lengths = evaluate(corners, tables)
    assert outside == -1
    np.testing.assert_allclose(lengths[:, 0], 100 + values[0][[0, -1], [0, -1], [0, -1], 0], atol=1e-4)
    rounded = np.array([LOWER - 5e-5, UPPER + 5e-5])
    np.testing.assert_allclose(evaluate(rounded, tables)[1], lengths, atol=1e-4)


@pytest.mark.parametrize("joint", range(4))
@pytest.mark.parametrize(("end", "beyond"), [(LOWER, -0.01), (UPPER, 0.01), (UPPER, np.inf)])
def test_beyond_the_grid_it_stops(tables, joint, end, beyond):
    postures = np.tile((LOWER + UPPER) / 2, (5, 1))
    postures[3, joint] = end[joint] + beyond
    assert evaluate(postures, tables)[0] == 3


def test_nan_gives_nan_there_only(tables):
    postures = np.random.default_rng(3).uniform(LOWER, UPPER, (3, 4))
    _, whole = evaluate(postures, tables)
    postures[1] = [np.nan, 1e9, 0, 0]
    outside, lengths = evaluate(postures, tables)
    assert outside == -1
    assert np.isnan(lengths[1]).all()
    np.testing.assert_array_equal(lengths[[0, 2]], whole[[0, 2]])


def test_curves_turn_one_length_into_another(tables):
    shortest, longest = np.full(4, 0.0), np.full(4, 300.0)
    path = np.linspace(shortest, longest, 40)
    curves = splines.Curves(shortest, longest, np.ascontiguousarray(splines.fit(path**2, 1).T))
    postures = np.random.default_rng(4).uniform(LOWER, UPPER, (100, 4))
    lengths = evaluate(postures, tables)[1]
    np.testing.assert_allclose(evaluate(postures, tables, curves)[1], lengths**2, rtol=1e-9)
    short = curves._replace(longest=np.array([300.0, 300.0, 300.0, 69.0]))
    assert np.isnan(evaluate(postures, tables, short)[1][:, 3]).all()


CHANGES = {
    "joint that is not there": {"axes": np.array([[0, 1, 4], [-1, -1, 3], [-1, 1, 3]])},
    "table of no joint": {"axes": np.array([[0, 1, 2], [-1, -1, -1], [-1, 1, 3]])},
    "finer grid than coefficients": {"intervals": INTERVALS + 1},
    "no grid": {"intervals": np.array([6, 5, 4, 0])},
    "more muscles than coefficients": {"spans": np.ones((3, 4), np.uint8)},
    "limits that cross": {"lower": UPPER, "upper": LOWER},
    "another precision": {"constant": np.zeros(4, np.float32)},
    "another shape": {"constant": np.zeros((4, 1))},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_numbers_that_do_not_fit_are_noticed(tables, change):
    assert splines.consistent(tables, NO_CURVES)
    assert not splines.consistent(tables._replace(**change), NO_CURVES)


@pytest.mark.parametrize("curve", [np.zeros((3, 9)), np.zeros((4, 5)), np.zeros(4), np.zeros((4, 9), np.float32)])
def test_curves_that_do_not_fit_are_noticed(tables, curve):
    assert splines.consistent(tables, NO_CURVES._replace(curve=np.zeros((4, 6))))
    assert not splines.consistent(tables, NO_CURVES._replace(curve=curve))
