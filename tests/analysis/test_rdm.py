import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, pearsonr, percentileofscore

from proprionet.analysis import rdm
from proprionet.errors import InputError


@pytest.fixture
def responses():
    return np.random.default_rng(0).normal(size=(40, 17))


def test_correlation_equals_scipy_and_rsatoolbox(responses):
    found = rdm.correlation_rdm(responses)
    np.testing.assert_allclose(found, pdist(responses, "correlation"), atol=1e-12)
    np.testing.assert_allclose(found, calc_rdm(Dataset(responses), method="correlation").dissimilarities[0], atol=1e-12)


def test_euclidean_equals_scipy(responses):
    np.testing.assert_allclose(rdm.euclidean_rdm(responses + 1e4), pdist(responses, "euclidean"), atol=1e-9)


@pytest.mark.parametrize("compute", [rdm.correlation_rdm, rdm.euclidean_rdm])
def test_blocks_of_rows_change_nothing(responses, compute, monkeypatch):
    whole = compute(responses)
    monkeypatch.setattr(rdm, "ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(compute(responses), whole, atol=1e-12)


@given(gain=st.floats(0.1, 100), offset=st.floats(-100, 100))
def test_correlation_ignores_gain_and_offset(gain, offset):
    responses = np.random.default_rng(1).normal(size=(8, 12))
    found = rdm.correlation_rdm(gain * responses + offset)
    np.testing.assert_allclose(found, rdm.correlation_rdm(responses), atol=1e-9)


@given(seed=st.integers(0, 1000))
def test_euclidean_ignores_rotation_and_shift(seed):
    random = np.random.default_rng(seed)
    responses = random.normal(size=(8, 5))
    rotation, _ = np.linalg.qr(random.normal(size=(5, 5)))
    moved = responses @ rotation + random.normal(size=5)
    np.testing.assert_allclose(rdm.euclidean_rdm(moved), rdm.euclidean_rdm(responses), atol=1e-9)


def test_limits():
    pattern = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(rdm.correlation_rdm(np.stack([pattern, -pattern, pattern])), [2, 0, 2], atol=1e-15)
    assert rdm.correlation_rdm(np.random.default_rng(0).normal(size=(1, 9)).repeat(50, axis=0)).min() >= 0


def test_float32_is_computed_in_double(responses):
    single = responses.astype(np.float32)
    np.testing.assert_array_equal(rdm.correlation_rdm(single), rdm.correlation_rdm(single.astype(float)))


def test_silent_stimulus_is_named():
    responses = np.eye(4, dtype=np.float32)
    responses[2] = 0.1  # its mean is not exactly 0.1
    with pytest.raises(rdm.ConstantPatternError, match="stimulus 2: all 4 units respond alike"):
        rdm.correlation_rdm(responses)


def test_bad_responses_are_named(responses):
    responses[3, 4] = np.nan
    with pytest.raises(InputError, match="stimulus 3: a response is not finite"):
        rdm.euclidean_rdm(responses)
    with pytest.raises(InputError, match=r"expected \(stimulus, unit\)"):
        rdm.correlation_rdm(np.zeros((4, 3, 2)))


def test_ideal_observer_sees_letters_only():
    labels = np.array(["a", "b", "a", "c"])
    expected = [labels[i] != labels[j] for i in range(4) for j in range(i + 1, 4)]
    np.testing.assert_array_equal(rdm.ideal_observer(labels), expected)


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([2, 3, 5, 100]))
def test_agreement_with_observer_equals_scipy(seed, levels):
    random = np.random.default_rng(seed)
    observer = rdm.ideal_observer(np.append([0, 0, 1], random.integers(0, 3, 9)))
    dissimilarity = np.append([0, 1], random.integers(0, levels, observer.size - 2)) / 7  # with many ties
    for first, second in ((dissimilarity, observer), (observer, dissimilarity)):
        found = rdm.compare(first, second)
        assert found["pearson"] == pytest.approx(pearsonr(first, second).statistic, abs=1e-12)
        assert found["kendall"] == pytest.approx(kendalltau(first, second).statistic, abs=1e-12)


def test_agreement_of_two_layers(responses):
    a, b = rdm.correlation_rdm(responses), rdm.correlation_rdm(responses[:, :9])
    assert rdm.compare(a, b)["kendall"] == pytest.approx(kendalltau(a, b).statistic, abs=1e-12)
    assert rdm.compare(a, a) == pytest.approx({"pearson": 1, "kendall": 1})
    assert rdm.compare(a, -a) == pytest.approx({"pearson": -1, "kendall": -1})


def test_nothing_agrees_with_an_observer_of_one_letter(responses):
    with pytest.raises(InputError, match="second RDM: all 780 pairs are equally dissimilar"):
        rdm.compare(rdm.correlation_rdm(responses), rdm.ideal_observer(np.zeros(40)))
    with pytest.raises(InputError, match="two condensed RDMs of one length"):
        rdm.compare(np.arange(3.0), np.arange(6.0))


def test_percentile_equals_scipy():
    values = np.random.default_rng(0).integers(0, 9, size=30).astype(float)
    np.testing.assert_allclose(rdm.percentile(values), [percentileofscore(values, v, kind="mean") for v in values])
