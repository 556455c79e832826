import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, pearsonr, percentileofscore, rankdata, spearmanr

from proprionet.analysis.layers import gram, rdm
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


def test_spearman_equals_scipy(responses):
    tied = responses.round(1)
    np.testing.assert_allclose(
        rdm.spearman_rdm(tied), 1 - spearmanr(tied.T).statistic[np.triu_indices(40, 1)], atol=1e-12
    )
    np.testing.assert_allclose(rdm.spearman_rdm(tied), pdist(rankdata(tied, axis=1), "correlation"), atol=1e-12)


@pytest.mark.parametrize("compute", rdm.METRICS.values())
def test_blocks_files_and_threads_change_nothing(responses, compute, monkeypatch, tmp_path):
    whole = compute(responses)
    for name, size in (("STIMULI_AT_ONCE", 13), ("ROWS_AT_ONCE", 5), ("UNITS_AT_ONCE", 4)):
        monkeypatch.setattr(gram, name, size)
    with h5py.File(tmp_path / "layer.h5", "w") as file:
        layer = file.create_dataset("layer", data=responses.reshape(40, 17, 1))
        np.testing.assert_allclose(compute(layer), whole, atol=1e-12)
        np.testing.assert_array_equal(compute(layer), compute(layer, n_jobs=3))


@pytest.mark.parametrize("compute", rdm.METRICS.values())
def test_only_the_units_that_are_asked_for_count(responses, compute):
    units = np.arange(17) % 3 > 0
    np.testing.assert_allclose(compute(responses, units), compute(responses[:, units]), atol=1e-12)
    with pytest.raises(gram.UndefinedError, match="no unit varies over the stimuli"):
        compute(responses, np.zeros(17, bool))


def test_moments_of_units_equal_numpy(responses, monkeypatch):
    monkeypatch.setattr(gram, "ROWS_AT_ONCE", 7)
    mean, variance = gram.unit_moments(responses + 1e6)
    np.testing.assert_allclose(mean, responses.mean(axis=0) + 1e6, rtol=1e-15)
    np.testing.assert_allclose(variance, responses.var(axis=0), rtol=1e-9)


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
    with pytest.raises(InputError, match=r"shape \(4,\): expected \(stimulus, unit, ...\)"):
        rdm.correlation_rdm(np.zeros(4))


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
