import numpy as np
import pytest
from scipy.stats import norm
from sklearn.svm import LinearSVC

from proprionet.analysis.svm import pairwise_accuracies, vote
from proprionet.errors import InputError


def draw(seed, n_letters, n_each, n_features, apart):
    """Movements of letters whose centres are random, in random order; the centres depend on the sizes alone."""
    centres = np.random.default_rng(99).normal(size=(n_letters, n_features)) * apart
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(n_letters), n_each))
    return centres[labels] + random.normal(size=(labels.size, n_features)), labels


def plain_loop(train, labels, test, labels_test, grid):
    """Mean pairwise accuracy of LinearSVC in all features, straight from the definition."""
    accuracies = []
    for a in np.unique(labels):
        for b in np.unique(labels)[np.unique(labels) > a]:
            rows = [np.flatnonzero(labels == letter) for letter in (a, b)]
            fit, choose = np.concatenate([r[:-3] for r in rows]), np.concatenate([r[-3:] for r in rows])
            machines = [LinearSVC(C=c, loss="hinge", random_state=0, max_iter=20_000) for c in grid]
            scores = [m.fit(train[fit], labels[fit]).score(train[choose], labels[choose]) for m in machines]
            of_pair = np.isin(labels_test, [a, b])
            accuracies.append(machines[int(np.argmax(scores))].score(test[of_pair], labels_test[of_pair]))
    return np.mean(accuracies)


@pytest.mark.parametrize(("n_features", "apart"), [(12, 0.3), (300, 0.15)])
def test_equals_plain_loop(n_features, apart):
    parts = *draw(0, 5, 30, n_features, apart), *draw(1, 5, 200, n_features, apart)
    grid = (1e-3, 1e-2, 1e-1)
    found = pairwise_accuracies(*parts, regularisation=grid, standardise=False)
    assert 0.6 < found.mean_accuracy < 0.95
    assert found.mean_accuracy == pytest.approx(plain_loop(*parts, grid), abs=0.005)


def test_two_clouds_are_told_apart_as_well_as_theory_allows():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 6000)
    inputs = random.normal(size=(6000, 3))
    inputs[:, 0] += 2 * labels
    found = pairwise_accuracies(inputs[:3000], labels[:3000], inputs[3000:], labels[3000:])
    assert found.mean_accuracy == pytest.approx(norm.cdf(1), abs=0.02)


def test_letters_far_apart_are_all_right():
    found = pairwise_accuracies(*draw(0, 4, 20, 100, 3), *draw(1, 4, 5, 100, 3))
    assert found.mean_accuracy == found.multiclass_accuracy == 1
    assert np.isnan(np.diag(found.accuracy)).all()
    np.testing.assert_array_equal(found.regularisation, found.regularisation.T)


def test_letters_without_difference_are_at_chance():
    found = pairwise_accuracies(*draw(0, 4, 60, 20, 0), *draw(1, 4, 300, 20, 0))
    assert found.mean_accuracy == pytest.approx(0.5, abs=0.03)
    assert found.multiclass_accuracy == pytest.approx(0.25, abs=0.03)


def test_scale_of_a_feature_does_not_matter_when_standardised():
    train, labels, test, labels_test = *draw(0, 3, 40, 6, 0.5), *draw(1, 3, 100, 6, 0.5)
    plain = pairwise_accuracies(train, labels, test, labels_test)
    scaled = pairwise_accuracies(train * [1e3, 1, 1, 1, 1, 1], labels, test * [1e3, 1, 1, 1, 1, 1], labels_test)
    np.testing.assert_allclose(scaled.accuracy, plain.accuracy)


def test_processes_and_order_of_letters_change_nothing():
    train, labels, test, labels_test = *draw(0, 3, 20, 50, 0.2), *draw(1, 3, 20, 50, 0.2)
    alone = pairwise_accuracies(train, labels, test, labels_test)
    two = pairwise_accuracies(train, labels, test, labels_test, n_jobs=2)
    np.testing.assert_array_equal(two.accuracy, alone.accuracy)
    np.testing.assert_array_equal(two.predicted, alone.predicted)
    by_letter = np.argsort(labels, kind="stable")
    ordered = pairwise_accuracies(train[by_letter], labels[by_letter], test, labels_test)
    np.testing.assert_allclose(ordered.accuracy, alone.accuracy, atol=0.03)


def test_labels_may_be_text():
    train, labels, test, labels_test = *draw(0, 2, 20, 5, 3), *draw(1, 2, 20, 5, 3)
    names = np.array(["b", "a"])
    found = pairwise_accuracies(train, names[labels], test, names[labels_test])
    np.testing.assert_array_equal(found.letters, ["a", "b"])
    np.testing.assert_array_equal(found.predicted, names[labels_test])


def test_most_votes_win_whatever_the_distances():
    assert vote(np.array([[0.1, 0.1, 99.0]]), 3) == 0  # pairs 01, 02, 12: letter 0 beats both


def test_circle_of_votes_is_broken_by_distance_within_the_movement():
    circle = np.array([1.0, -2.0, 1.5])  # 0 beats 1, 2 beats 0, 1 beats 2; sums -1, 0.5, 0.5
    assert vote(circle[None], 3) == 1  # an equal sum: the first letter
    assert vote(np.array([circle - [0, 0.1, 0], [1e9, 1e9, 1e9]]), 3)[0] == 2


def test_errors_name_the_letter():
    train, labels = draw(0, 3, 5, 4, 1)
    with pytest.raises(InputError, match="letter 2: no test movement"):
        pairwise_accuracies(train, labels, train[labels < 2], labels[labels < 2])
    with pytest.raises(InputError, match="letter 7: 1 training movement"):
        pairwise_accuracies(train, np.append(labels[:-1], 7), train, labels)
    with pytest.raises(InputError, match="1 letter in the training movements"):
        pairwise_accuracies(train, np.zeros(15), train, labels)
    with pytest.raises(InputError, match="4 features to train on, but 3 to test"):
        pairwise_accuracies(train, labels, train[:, :3], labels)
    with pytest.raises(InputError, match=r"training inputs of shape \(15, 4\), 14 labels"):
        pairwise_accuracies(train, labels[1:], train, labels)
