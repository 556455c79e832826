import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from proprionet.analysis.single_units.selectivity import auroc, max_selectivity, mean_selectivity


@pytest.mark.parametrize("ties", [False, True])
def test_equals_scikit_learn(ties):
    random = np.random.default_rng(0)
    label = random.integers(0, 5, 400)
    responses = random.normal(size=(400, 6)) + np.outer(label == 2, np.arange(6))
    if ties:
        responses = np.maximum(np.round(responses), 0)
    area = auroc(responses.astype(np.float32), label, 5)
    for letter in range(5):
        expected = [roc_auc_score(label == letter, unit) for unit in responses.astype(np.float32).T]
        np.testing.assert_allclose(area[letter], expected, atol=1e-12)


def test_only_order_counts_and_its_reverse_mirrors():
    random = np.random.default_rng(1)
    label, responses = random.integers(0, 3, 200), random.normal(size=(200, 4))
    area = auroc(responses, label, 3)
    np.testing.assert_array_equal(auroc(np.exp(responses) * 7 - 2, label, 3), area)
    np.testing.assert_allclose(auroc(-responses, label, 3), 1 - area)


def test_known_answers():
    label = np.repeat([0, 1, 2], 10)
    responses = np.stack([label == 1, label, 2 - label], axis=1).astype(float)
    area = auroc(responses, label, 3)
    np.testing.assert_allclose(area, [[0.25, 0, 1], [1, 0.5, 0.5], [0.25, 1, 0]])
    np.testing.assert_allclose(mean_selectivity(area), [2 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(max_selectivity(area), [1, 1, 1])


def test_shuffled_letters_tell_nothing():
    random = np.random.default_rng(2)
    area = auroc(random.normal(size=(4000, 30)), random.integers(0, 20, 4000), 20)
    assert np.abs(area - 0.5).max() < 0.1
    assert max_selectivity(area).max() < 0.2


def test_undefined_is_nan():
    responses = np.stack([np.arange(6.0), np.ones(6)], axis=1)
    area = auroc(responses, np.array([0, 0, 0, 1, 1, 1]), 3)
    np.testing.assert_array_equal(area, [[0, np.nan], [1, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(mean_selectivity(area), [1, np.nan])
    np.testing.assert_array_equal(max_selectivity(area), [1, np.nan])
    assert np.isnan(auroc(responses, np.zeros(6, int), 2)).all()
    assert np.isnan(auroc(responses[:0], np.zeros(0, int), 2)).all()
