import numpy as np
import pytest
from planted import Curves, movements
from sklearn.model_selection import train_test_split

from proprionet.analysis.single_units.planes import find_planes
from proprionet.analysis.single_units.sampling import protocol, shuffled, steps
from proprionet.errors import InputError


def both(levels=(-6, 0, 3)):
    return np.concatenate([Curves("horizontal", levels=levels).hand(), Curves("vertical", levels=(9,)).hand()])


def test_a_fifth_of_every_plane_is_held_out():
    made = protocol(movements(both()), seed=3)
    np.testing.assert_array_equal(made.n_movements, [40, 40, 14, 13, 13, 40])
    for plane, held_out in enumerate([8, 8, 3, 3, 3, 8]):
        assert made.held_out[int(plane < 2), made.planes.members(plane)].sum() == held_out
    again, other = (protocol(movements(both()), seed=seed).held_out for seed in (3, 4))
    np.testing.assert_array_equal(again, made.held_out)
    assert (other != made.held_out).any()


def test_a_plane_is_split_alike_whatever_else_is_there():
    alone = protocol(movements(both()[40:]), seed=3)
    among_others = protocol(movements(both(), row=np.r_[40:80, :40]), seed=3)
    np.testing.assert_array_equal(among_others.held_out[:, 40:], alone.held_out)


def test_copies_of_a_movement_stay_together():
    row = np.arange(80) % 20
    made = protocol(movements(both(), row=row), seed=1)
    for plane in range(6):
        inside = made.planes.members(plane)
        held_out = made.held_out[int(plane < 2)]
        assert not set(row[inside & held_out]) & set(row[inside & ~held_out])


def test_published_split_is_scikit_learns():
    made = protocol(movements(both()), rules="published", seed=9)
    for plane in range(6):
        members = np.flatnonzero(made.planes.members(plane))
        _, expected = train_test_split(members, test_size=0.2, random_state=42)
        np.testing.assert_array_equal(
            members[made.held_out[int(plane < 2), members]], np.sort(expected), err_msg=str(plane)
        )


def test_a_lone_movement_is_fitted_not_held_out():
    hand = np.concatenate([Curves(levels=(0,)).hand(), Curves(levels=(9,)).hand()[:1]])
    for rules in ("corrected", "published"):
        assert not protocol(movements(hand), rules=rules).held_out[0, 40]


def test_corrected_steps_are_true_times_within_both_edges():
    times, fitted = steps(1 + 3.0 * np.arange(107), 320, "corrected")
    np.testing.assert_array_equal(times, 1 + 3.0 * np.arange(107))
    assert (times[fitted][0], times[fitted][-1]) == (34, 286)
    assert steps(np.arange(320.0), 320, "corrected")[1] == slice(33, 287)


@pytest.mark.parametrize(
    ("first", "stride", "count", "expected"),
    [(0, 1, 320, (33, 286)), (1, 3, 107, (33, 318)), (13, 27, 12, (54, 297)), (40, 81, 4, (81, 243))],
)
def test_published_steps_are_multiples_of_the_stride(first, stride, count, expected):
    times, fitted = steps(first + float(stride) * np.arange(count), 320, "published")
    assert (times[fitted][0], times[fitted][-1]) == expected


def test_a_layer_of_one_step_has_none_to_fit_as_published():
    assert steps(np.array([160.0]), 320, "published")[1] == slice(1, 1)
    assert steps(np.array([160.0]), 320, "corrected")[1] == slice(0, 1)


def test_too_few_movements_in_planes():
    hand = both() + np.linspace(0, 9, 200)[:, None]
    hand[:2] = both()[:2]
    with pytest.raises(InputError, match="2 in horizontal and 0 in vertical planes, of 80 movements: fitting needs 3"):
        protocol(movements(hand))


def test_shuffled_movements_stay_in_their_plane_and_whole():
    known = movements(both(), row=np.arange(80) + 100)
    dealt = shuffled(known, 3)
    order = dealt.row - 100
    np.testing.assert_array_equal(np.sort(order), np.arange(80))
    assert (order != np.arange(80)).mean() > 0.8
    for name in ("hand", "joints", "muscle_length", "label"):
        np.testing.assert_array_equal(getattr(dealt, name), getattr(known, name)[order])
    planes = [find_planes(moved.hand).of_movement for moved in (known, dealt)]
    np.testing.assert_array_equal(*planes)


def test_letters_are_spread_evenly_over_both_sides():
    label = np.arange(80) % 4
    made = protocol(movements(both(), label=label, n_letters=4), seed=3)
    for plane in (0, 1):
        held_out = made.held_out[1] & made.planes.members(plane)
        np.testing.assert_array_equal(np.bincount(label[held_out]), [2, 2, 2, 2])
