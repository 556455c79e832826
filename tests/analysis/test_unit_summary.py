"""Reasons for statistics that are not defined."""

import pytest

from proprionet.analysis.single_units.unit_summary import why_undefined

UNDEFINED = {"layer1": "nothing varies in it", "selectivity": "all movements are of one letter"}


@pytest.mark.parametrize(
    ("layer", "statistic", "reason"),
    [
        ("layer1", "q90_direction", "nothing varies in it"),
        ("layer1", "label_max_q90", "nothing varies in it"),
        ("layer2", "label_max_q90", "all movements are of one letter"),
        ("layer2", "resultant_vertical", "too few units that are tuned, or planes that have them"),
    ],
)
def test_the_nearest_reason_is_said(layer, statistic, reason):
    assert why_undefined(layer, statistic, UNDEFINED) == reason
