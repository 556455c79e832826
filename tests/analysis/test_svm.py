from itertools import combinations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from proprionet.analysis.baselines import svm
from proprionet.analysis.baselines.hard_pairs import hard_pairs
from proprionet.analysis.baselines.svm import pairwise_accuracies, vote
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
    assert vote(np.array([[0.1, 0.1, 99.0]]), 3)[0] == 0  # pairs 01, 02, 12: letter 0 beats both


def test_circle_of_votes_is_broken_by_distance_within_the_movement():
    circle = np.array([1.0, -2.0, 1.5])  # 0 beats 1, 2 beats 0, 1 beats 2; sums -1, 0.5, 0.5
    assert vote(circle[None], 3)[0] == 1  # an equal sum: the first letter
    assert vote(np.array([circle - [0, 0.1, 0], [1e9, 1e9, 1e9]]), 3)[0][0] == 2


def test_the_published_rule_of_votes_gives_the_same_letters():
    distances = np.random.default_rng(0).normal(size=(2000, 10))
    winner, votes = vote(distances, 5)
    total = np.zeros((2000, 5))
    for pair, (a, b) in enumerate(combinations(range(5), 2)):
        total[:, a] += distances[:, pair]
        total[:, b] -= distances[:, pair]
    published = votes + total * (0.5 - np.finfo(float).eps) / np.abs(total).max()
    assert (np.sort(votes, axis=1)[:, -1] == np.sort(votes, axis=1)[:, -2]).mean() > 0.1  # there are ties
    np.testing.assert_array_equal(winner, published.argmax(axis=1))


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("grouped", [True, False])
def test_every_decision_value_is_that_of_a_converged_linear_svc(standardise, grouped):
    (train, labels), (test, _) = draw(0, 3, 40, 30, 0.3), draw(1, 3, 20, 30, 0.3)
    train, test = train + 2, test + 2  # the intercept is regularised, so that an offset of raw inputs matters
    sources = np.arange(120) // 3 if grouped else None
    labels_test = np.arange(60) % 3
    found = pairwise_accuracies(train, labels, test, labels_test, sources=sources, standardise=standardise)
    assert np.nanmax(found.gap) < 1e-5
    scaler = StandardScaler(with_mean=standardise, with_std=standardise).fit(train)
    for pair, (a, b) in enumerate(combinations(range(3), 2)):
        rows = [np.flatnonzero(labels == letter) for letter in (a, b)]
        rows = np.concatenate(rows if grouped else [own[:-4] for own in rows])
        machine = LinearSVC(C=found.regularisation[a, b], loss="hinge", tol=1e-9, max_iter=1_000_000, random_state=0)
        machine.fit(scaler.transform(train[rows]), labels[rows] == a)
        expected = machine.decision_function(scaler.transform(test))
        np.testing.assert_allclose(found.distances[:, pair], expected, atol=5e-3)


def test_single_precision_changes_next_to_nothing():
    train, labels, test, labels_test = *draw(0, 3, 40, 300, 0.15), *draw(1, 3, 50, 300, 0.15)
    for offset, standardise in ((0, True), (1000, False)):
        double = pairwise_accuracies(train + offset, labels, test + offset, labels_test, standardise=standardise)
        single = [(part + offset).astype(np.float32) for part in (train, test)]
        found = pairwise_accuracies(single[0], labels, single[1], labels_test, standardise=standardise)
        np.testing.assert_array_equal(found.regularisation, double.regularisation)
        np.testing.assert_allclose(found.distances, double.distances, atol=0.02)


def test_no_pen_letter_chooses_c_and_is_trained_on():
    train, labels = draw(0, 2, 30, 8, 0.5)
    sources = 100 * labels + np.arange(60) % 7
    rows = [np.flatnonzero(labels == letter) for letter in (0, 1)]
    folds = svm._by_source(rows, np.arange(2), sources, 5, seed=1)
    held = [np.concatenate(fold) for fold in zip(*folds, strict=True)]
    assert len(held) == 5
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), np.arange(60))
    for fold in held:
        assert not np.isin(sources[fold], np.delete(sources, fold)).any()
        assert len(np.unique(labels[fold])) == 2
    with pytest.raises(InputError, match="letter 1: movements of 1 pen letter; grouped validation needs two"):
        pairwise_accuracies(train, labels, train, labels, sources=np.where(labels == 1, 0, sources))


def test_hard_pairs_are_those_below_the_limit_hardest_first():
    accuracy = np.array([[np.nan, 0.65, 0.9], [0.65, np.nan, 0.55], [0.9, 0.55, np.nan]])
    assert hard_pairs(accuracy) == [(1, 2), (0, 1)]
    assert hard_pairs(accuracy, 0.6) == [(1, 2)]
    assert hard_pairs(accuracy, 0.5) == []


def test_pairs_are_counted():
    found = pairwise_accuracies(*draw(0, 3, 20, 5, 1), *draw(1, 3, 7, 5, 1))
    np.testing.assert_array_equal(found.n_test, 14 * (1 - np.eye(3)))
    np.testing.assert_array_equal(found.votes.sum(axis=1), np.full(21, 3))
    np.testing.assert_array_equal(found.predicted, found.letters[vote(found.distances, 3)[0]])


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
