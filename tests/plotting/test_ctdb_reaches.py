"""Figures of reaches tell bumps and catch trials apart, and show what they are given."""

import numpy as np

from proprionet.plotting import ctdb_reaches

STEPS = 60
HAND = np.linspace([0, 20], [10, 30], STEPS)
BUMP = np.zeros((STEPS, 2))
BUMP[20:30] = [3, 4]


def test_paths_are_coloured_by_what_happens():
    load = np.stack([BUMP, 0 * BUMP, BUMP, 0 * BUMP])
    hand = HAND + np.arange(4)[:, None, None]
    figure = ctdb_reaches.paths(hand, hand[:, ::-1], load, np.array([False, False, True, False]))
    (legend,) = figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said == ["no bump (2)", "bump (1)", "catch trial (1)", "target"]
    (axes,) = figure.axes
    paths = [line for line in axes.lines if len(line.get_xdata()) == STEPS]
    colours = [ctdb_reaches.KINDS[kind] for kind in ("bump", "no bump", "catch trial", "no bump")]
    assert [line.get_color() for line in paths] == colours
    np.testing.assert_array_equal(paths[2].get_xydata(), hand[2])
    ends = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]
    np.testing.assert_array_equal(ends, hand[:, 0])


def test_a_reach_shows_bump_cues_and_each_muscle():
    drives = np.tile(np.linspace(-0.5, 1.5, STEPS)[:, None], 6)
    muscles = ["pectoralis", "deltoid", "brachioradialis", "triceps_lateral", "biceps", "triceps_long"]
    figure = ctdb_reaches.reach(HAND, HAND, BUMP, drives, drives / 10, muscles, (12, -1), 0.01)
    x, y, force, *panels = figure.axes
    assert [x.get_ylabel(), y.get_ylabel(), force.get_ylabel()] == ["x (cm)", "y (cm)", "force on the hand (N)"]
    assert force.lines[0].get_ydata().max() == 5
    assert [axes.get_title() for axes in panels] == [name.replace("_", " ") for name in muscles]
    drive, activation = panels[0].lines[:2]
    assert (drive.get_ydata().min(), drive.get_ydata().max()) == (0, 1)
    np.testing.assert_array_equal(activation.get_ydata(), drives[:, 0] / 10)
    upright = [line.get_xdata()[0] for line in x.lines if len(line.get_xdata()) == 2]
    assert upright == [0.12]
    assert [text.get_text() for text in panels[3:][0].figure.legends[0].get_texts()][:2] == ["wanted", "hand"]
