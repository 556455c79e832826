import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA

from proprionet.analysis.layers import gram, similarity
from proprionet.analysis.layers.components import principal_components
from proprionet.errors import InputError


def layers(n_stimuli=30, seed=0):
    """Two layers that share some dimensions, in another shape and on another scale."""
    random = np.random.default_rng(seed)
    shared = random.normal(size=(n_stimuli, 3))
    a = shared @ random.normal(size=(3, 8)) + random.normal(size=(n_stimuli, 8))
    b = 50 + 7 * (shared @ random.normal(size=(3, 12)) + random.normal(size=(n_stimuli, 12)))
    return a, b.reshape(n_stimuli, 3, 4)


def align(a, b, debiased=True, **options):
    return similarity.cka(similarity.kernels([a, b], **options), debiased)[0, 1]


def hsic_of_loops(k, m):
    """The unbiased estimator, eq. 5 of Song et al. 2012, pair by pair."""
    n = len(k)
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    trace = sum(k[i, j] * m[j, i] for i in range(n) for j in range(n))
    middle = sum(k[i, j] * m[j, h] for i in range(n) for j in range(n) for h in range(n))
    return (trace + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * middle / (n - 2)) / (n * (n - 3))


def cka_of_loops(k, m, hsic):
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def biased_hsic(k, m):
    centre = np.eye(len(k)) - 1 / len(k)
    return np.trace(k @ centre @ m @ centre)


def gram_matrix(responses):
    flat = responses.reshape(len(responses), -1)
    return flat @ flat.T


def gaussian(responses, bandwidth):
    distance = pdist(responses.reshape(len(responses), -1))
    return np.exp(-(squareform(distance) ** 2) / (2 * (bandwidth * np.median(distance)) ** 2))


# -------------------------------------------------------------------------------------------------------------- CKA


def test_biased_cka_equals_rsatoolbox():
    a, b = layers()
    rdms = [calc_rdm(Dataset(one.reshape(30, -1)), method="euclidean") for one in (a, b)]
    assert align(a, b, debiased=False) == pytest.approx(compare(*rdms, method="cosine_cov").item(), abs=1e-10)


def test_cka_equals_explicit_loops():
    a, b = layers(12)
    k, m = gram_matrix(a), gram_matrix(b)
    assert align(a, b) == pytest.approx(cka_of_loops(k, m, hsic_of_loops), abs=1e-10)
    assert align(a, b, debiased=False) == pytest.approx(cka_of_loops(k, m, biased_hsic), abs=1e-10)


@pytest.mark.parametrize("bandwidth", [0.2, 1])
def test_cka_of_gaussian_kernels_equals_explicit_loops(bandwidth):
    a, b = layers(12)
    k, m = gaussian(a, bandwidth), gaussian(b, bandwidth)
    assert align(a, b, bandwidth=bandwidth) == pytest.approx(cka_of_loops(k, m, hsic_of_loops), abs=1e-10)
    assert align(a, b, False, bandwidth=bandwidth) == pytest.approx(cka_of_loops(k, m, biased_hsic), abs=1e-10)


@pytest.mark.parametrize("bandwidth", [None, 0.5])
def test_blocks_files_and_threads_change_nothing(bandwidth, monkeypatch, tmp_path):
    both = layers()
    whole = similarity.cka(similarity.kernels(both, bandwidth))
    for name, size in (("STIMULI_AT_ONCE", 11), ("ROWS_AT_ONCE", 4), ("UNITS_AT_ONCE", 5)):
        monkeypatch.setattr(gram, name, size)
    with h5py.File(tmp_path / "layers.h5", "w") as file:
        stored = [file.create_dataset(str(index), data=layer) for index, layer in enumerate(both)]
        found = similarity.cka(similarity.kernels(stored, bandwidth))
        np.testing.assert_allclose(found, whole, atol=1e-12)
        np.testing.assert_array_equal(similarity.cka(similarity.kernels(stored, bandwidth, n_jobs=3)), found)


def test_single_precision_changes_nothing_that_counts():
    a, b = (one.astype(np.float32) for one in layers(similarity.SINGLE_FROM))
    for debiased in (True, False):
        double = align(a.astype(float), b.astype(float), debiased)
        assert 0 < abs(align(a, b, debiased) - double) < 1e-8


def test_noise_is_alike_only_in_the_biased_form():
    random = np.random.default_rng(0)
    found = [align(*random.normal(size=(2, 100, 1000))) for _ in range(20)]
    assert abs(np.mean(found)) < 0.01
    a, b = random.normal(size=(2, 4000, 50)).astype(np.float32)
    assert abs(align(a, b)) < 0.01
    assert align(*random.normal(size=(2, 100, 1000)), debiased=False) > 0.85


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), gain=st.floats(0.01, 100), offset=st.floats(-100, 100))
def test_no_measure_depends_on_rotation_gain_and_offset(seed, gain, offset):
    random = np.random.default_rng(seed)
    a, b = layers(20, seed)
    rotation, _ = np.linalg.qr(random.normal(size=(8, 8)))
    measures = similarity.MEASURES
    found, _ = similarity.compare([a, gain * a @ rotation + offset], [b], measures, dimension=4)
    for measure in measures:
        assert found[measure][1] == pytest.approx(found[measure][0], abs=1e-7), measure


def test_a_layer_is_like_itself():
    a, b = layers()
    found, alive = similarity.compare([a, b], [a, b], similarity.MEASURES, dimension=5)
    assert alive.all()
    for measure, matrix in found.items():
        same = 0 if measure == "procrustes" else 1
        np.testing.assert_allclose(np.diagonal(matrix), same, atol=1e-7)
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
        assert (abs(matrix[0, 1] - same)) > 0.01


def test_a_layer_without_variance_is_like_nothing():
    a, b = layers()
    constant = np.full((30, 4), 0.1, np.float32)
    found, alive = similarity.compare([a, constant], [constant, b], similarity.MEASURES, dimension=5)
    np.testing.assert_array_equal(alive, [True, False, False, True])
    for matrix in found.values():
        np.testing.assert_array_equal(np.isfinite(matrix), [[False, True], [False, False]])


def test_layers_of_different_stimuli_are_refused():
    a, b = layers()
    with pytest.raises(InputError, match="layers of 29 and 30 stimuli: all must answer to the same"):
        similarity.kernels([a, b[:29]])
    with pytest.raises(InputError, match="3 stimuli are too few to compare layers: at least 4"):
        similarity.kernels([a[:3], b[:3]])
    b[4, 1, 1] = np.nan
    with pytest.raises(InputError, match="stimulus 4: a response is not finite"):
        similarity.kernels([a, b])


# --------------------------------------------------------------------------------------------- principal components


@pytest.mark.parametrize("shape", [(30, 8), (30, 50), (300, 20)])
def test_components_equal_those_of_scikit_learn(shape):
    responses = np.random.default_rng(0).normal(size=shape) @ np.diag(np.linspace(3, 1, shape[1])) + 10
    found, explained = principal_components(responses, 5)
    pca = PCA(5).fit(responses)
    expected = pca.transform(responses)
    np.testing.assert_allclose(abs(found), abs(expected), atol=1e-8)
    assert explained == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-10)
    np.testing.assert_array_equal(principal_components(responses, 5, n_jobs=2)[0], found)


def test_a_layer_has_no_more_components_than_dimensions():
    random = np.random.default_rng(0)
    plane = random.normal(size=(40, 2)) @ random.normal(size=(2, 9))
    found, explained = principal_components(plane, 20)
    assert found.shape == (40, 2)
    assert explained == pytest.approx(1)
    np.testing.assert_allclose(pdist(found), pdist(plane))
    with pytest.raises(gram.UndefinedError, match="no unit varies over the stimuli"):
        principal_components(np.ones((40, 3)), 20)


def test_canonical_correlations_equal_scikit_learn():
    a, b = layers(200)
    components = [principal_components(one, 3)[0] for one in (a, b)]
    scores = CCA(3, scale=False, max_iter=5000, tol=1e-12).fit_transform(*components)
    expected = [np.corrcoef(one, other)[0, 1] for one, other in zip(*(score.T for score in scores), strict=True)]
    np.testing.assert_allclose(similarity.canonical_correlations(*components), expected, atol=1e-5)
    assert similarity.svcca(*components) == pytest.approx(np.mean(expected), abs=1e-5)
    assert similarity.mean_squared_cca(*components) == pytest.approx(np.mean(np.square(expected)), abs=1e-5)


def test_procrustes_distance_equals_scipy():
    a, b = (principal_components(one, 4)[0] for one in layers())
    _, _, disparity = procrustes(a, b)  # 1 - (sum of singular values)^2
    assert similarity.procrustes_distance(a, b) == pytest.approx(np.sqrt(2 - 2 * np.sqrt(1 - disparity)), abs=1e-10)


@given(seed=st.integers(0, 10_000))
def test_procrustes_distance_obeys_the_triangle_inequality(seed):
    a, b, c = np.random.default_rng(seed).normal(size=(3, 12, 4))
    distance = similarity.procrustes_distance
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-12


def test_too_many_components_are_refused():
    a, b = np.random.default_rng(0).normal(size=(2, 10, 5))
    with pytest.raises(InputError, match="10 stimuli are too few for 10 components of two layers: choose a smaller"):
        similarity.svcca(a, b)
