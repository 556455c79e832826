import numpy as np
import pytest
from planted import TIMES, Curves, movements

from proprionet.analysis.single_units import features
from proprionet.errors import InputError

INSIDE = TIMES[20:60]


@pytest.mark.parametrize("plane", ["horizontal", "vertical"])
def test_features_are_those_of_the_curve_between_samples(plane):
    curves = Curves(plane)
    orientation = np.full(40, ["horizontal", "vertical"].index(plane))
    found, samples = features.features_at(movements(curves.hand()), slice(None), orientation, INSIDE)
    velocity, acceleration = curves.derivative(1, INSIDE), curves.derivative(2, INSIDE)
    angle = curves.direction(INSIDE)
    fast = np.linalg.norm(velocity, axis=-1) > 5
    expected = {
        "direction": np.stack([np.cos(angle), np.sin(angle)], axis=-1),
        "speed": np.linalg.norm(velocity, axis=-1, keepdims=True),
        "velocity": velocity,
        "acceleration": np.linalg.norm(acceleration, axis=-1, keepdims=True),
        "position": curves.position(INSIDE),
        "polar_position": curves.position(INSIDE) - curves.position([0]),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][fast], values[fast], atol=0.01 * np.abs(values).max(), err_msg=name)
    assert samples["all"].all()
    assert [*found] == [*features.FEATURES]


def test_joints_and_muscles_follow_the_hand():
    shown = movements(Curves().hand())
    found, _ = features.features_at(shown, np.array([3, 7]), np.zeros(2, int), np.array([50.0, 60.5]))
    np.testing.assert_array_equal(found["joint_angle"][:, 0], shown.joints[[3, 7], 50])
    np.testing.assert_allclose(found["muscle_length"][0, 1], shown.muscle_length[3, 60:62].mean(axis=0))
    change = (shown.joints[[3, 7], 51] - shown.joints[[3, 7], 49]) / 0.03
    np.testing.assert_allclose(found["joint_velocity"][:, 0], change)


def test_the_still_hand_does_not_move_and_is_not_displaced():
    hand = Curves().hand().astype(np.float32)
    hand[:, :50], hand[:, 100:] = hand[:, 50:51], hand[:, 100:101]
    _, samples = features.features_at(movements(hand), slice(None), np.zeros(40, int), np.array([10.0, 75, 150]))
    np.testing.assert_array_equal(samples["moving"], [[False, True, False]] * 40)
    np.testing.assert_array_equal(samples["displaced"], [[False, True, True]] * 40)


def test_speed_is_in_the_time_of_the_file():
    """Of the same samples 10 ms apart the hand is 1.5 times as fast, its acceleration 2.25 times as large."""
    hand = Curves().hand()
    slow, fast = (
        features.features_at(movements(hand, time_step_s=step), slice(None), np.zeros(40, int), TIMES)[0]
        for step in (0.015, 0.010)
    )
    np.testing.assert_array_equal(fast["position"], slow["position"])
    for name, times in (("speed", 1.5), ("velocity", 1.5), ("acceleration", 2.25), ("joint_velocity", 1.5)):
        np.testing.assert_allclose(fast[name], times * slow[name], err_msg=name)


def test_every_coordinate_has_a_name():
    shown = movements(Curves().hand())
    found, _ = features.features_at(shown, slice(None), np.zeros(40, int), TIMES)
    names = [feature for feature, _ in shown.coordinates]
    assert {name: names.count(name) for name in found} == {name: x.shape[2] for name, x in found.items()}
    assert len(set(map(tuple, shown.coordinates))) == len(names)


def test_bad_movements_are_named():
    hand = Curves().hand()
    with pytest.raises(InputError, match=r"hand of shape \(40, 200, 2\): expected \(movement, time, 3\)"):
        features.Movements(hand[:, :, :2], hand, hand, np.zeros(40, int), 2, np.arange(40), 0.015)
    with pytest.raises(InputError, match="joints of shape"):
        features.Movements(hand, hand[:, 1:], hand, np.zeros(40, int), 2, np.arange(40), 0.015)
    with pytest.raises(InputError, match="row of shape"):
        features.Movements(hand, hand, hand, np.zeros(40, int), 2, np.arange(39), 0.015)
    with pytest.raises(InputError, match="a label is none of the 2 letters"):
        movements(hand, label=np.full(40, 2))
    hand[7, 3, 1] = np.nan
    with pytest.raises(InputError, match="hand of movement 7 holds NaN or infinity"):
        movements(hand)
