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
    n_cells = sum(np.prod([INTERVALS[joint] for joint in joints]) for joints in GROUPS)
    trusted = np.zeros(n_cells, np.uint8)
    return splines.Tables(
        LOWER, UPPER, INTERVALS, axes, SPANS, np.concatenate(coefficients).astype(np.float32), constant, trusted
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
    postures = np.random.default_rng(2).uniform(LOWER, UPPER, (30, 4))
    expected = np.tile(tables.constant, (30, 1))
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


# ----------------------------------------------------------------------------------------------------- doubtful cells


def test_a_smooth_table_is_trusted_and_one_that_jumps_is_not_around_the_jump():
    x, y = np.meshgrid(np.linspace(0, 3, 31), np.linspace(0, 2, 21), indexing="ij")
    smooth = np.stack([50 * np.sin(x) * y, 30 * np.cos(x + y)], axis=-1)
    assert not splines.doubtful(smooth, 2, 0.01).any()
    jumps = smooth.copy()
    jumps[:, :, 1] += np.where((x > 1.45) & (y > 0.95), 20.0, 0)  # between points 14 and 15, and from point 10 on
    found = splines.doubtful(jumps, 2, 0.15)
    assert found.shape == (30, 20)
    assert found[11:18, 10:].all()
    assert not found[:5].any()
    assert not found[:11, :4].any()


def test_where_splines_are_trusted_they_follow_a_function_that_jumps():
    """The spline swings beside a jump; what is left of that in trusted cells is as small as it was asked to be."""
    grid = np.linspace(0, 10, 41)

    def jump(place):
        return np.sin(place) + 300 * (place > 5.1)

    coefficients = splines.fit(jump(grid)[:, None], 1)[:, 0]
    places = np.random.default_rng(0).uniform(0, 10, 2000)
    cell = np.minimum((places / 0.25).astype(int), 39)
    spline = make_interp_spline(grid, jump(grid), k=3)(places)
    trusted = ~splines.doubtful(jump(grid)[:, None], 1, 0.1)[cell]
    error = np.abs(spline - jump(places))
    assert error[trusted].max() < 0.15
    assert error[~trusted].max() > 50
    assert 0.5 < trusted.mean() < 0.9
    assert len(coefficients) == 43


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_no_length_in_a_doubtful_cell_of_any_table(tables, group):
    postures = np.random.default_rng(group).uniform(LOWER, UPPER, (500, 4))
    cell = ((postures - LOWER) / (UPPER - LOWER) * INTERVALS).astype(int)
    joints, sizes = list(GROUPS[group]), [INTERVALS[list(joints)] for joints in GROUPS]
    doubt = np.random.default_rng(9).random(sizes[group]) < 0.3
    before, after = (sum(np.prod(size) for size in part) for part in (sizes[:group], sizes[group + 1 :]))
    doubtful = np.concatenate([np.zeros(before), doubt.ravel(), np.zeros(after)]).astype(np.uint8)
    lengths = evaluate(postures, tables._replace(doubtful=doubtful))[1]
    expected = doubt[tuple(cell[:, joints].T)]
    np.testing.assert_array_equal(np.isnan(lengths), np.repeat(expected[:, None], 4, axis=1))
    np.testing.assert_array_equal(lengths[~expected], evaluate(postures, tables)[1][~expected])


CHANGES = {
    "fewer cells": {"doubtful": np.zeros(3, np.uint8)},
    "doubt that is no whole number": {"doubtful": np.zeros(143)},
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
