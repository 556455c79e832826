import numpy as np
import pytest
from sklearn.linear_model import Ridge

from proprionet.neural import ridge


@pytest.mark.parametrize("alpha", [0.01, 30.0, 1e5])
def test_equals_scikit_learn(alpha):
    random = np.random.default_rng(0)
    features, responses = random.normal(3, 2, size=(300, 20)), random.normal(50, 5, size=(300, 7))
    slopes, intercept = ridge.fit(features, responses, alpha)
    expected = Ridge(alpha=alpha).fit(features, responses)
    np.testing.assert_allclose(slopes, expected.coef_.T, atol=1e-8)
    np.testing.assert_allclose(intercept, expected.intercept_, atol=1e-8)


def test_takes_an_alpha_a_neuron():
    random = np.random.default_rng(0)
    features, responses, alpha = random.normal(size=(90, 5)), random.normal(size=(90, 3)), np.array([0.1, 10, 1000])
    slopes, _ = ridge.fit(features, responses, alpha)
    expected = [Ridge(alpha=a).fit(features, responses[:, i]).coef_ for i, a in enumerate(alpha)]
    np.testing.assert_allclose(slopes.T, expected, atol=1e-8)
