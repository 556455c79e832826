import sys

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.neighbors import KNeighborsClassifier

from proprionet.analysis.layers import embedding, gram
from proprionet.errors import InputError

LETTER = np.repeat(np.arange(4), 40)


@pytest.fixture(scope="module")
def components():
    """Four letters, each a cloud of its own."""
    random = np.random.default_rng(0)
    return 6 * random.normal(size=(4, 10))[LETTER] + random.normal(size=(160, 10))


def near_their_own(points):
    """Share of stimuli whose five nearest neighbours are mostly of their letter."""
    return KNeighborsClassifier(6).fit(points, LETTER).score(points, LETTER)


def test_tsne_keeps_letters_together_and_depends_on_the_seed_alone(components):
    points = embedding.tsne(components, perplexity=15, seed=1)
    assert points.shape == (160, 2)
    assert near_their_own(points) == 1
    np.testing.assert_array_equal(embedding.tsne(components, perplexity=15, seed=1), points)


def test_umap_keeps_letters_together_and_depends_on_the_seed_alone(components):
    pytest.importorskip("umap", reason="umap-learn is an extra of its own")
    points = embedding.umap(components)
    assert near_their_own(points) == 1
    np.testing.assert_array_equal(embedding.umap(components), points)


def test_mds_keeps_distances(components):
    points = embedding.mds(components)
    assert near_their_own(points) == 1
    assert spearmanr(pdist(points), pdist(components)).statistic > 0.8
    np.testing.assert_array_equal(embedding.mds(components), points)


def test_mds_finds_a_map_that_is_flat():
    flat = np.random.default_rng(0).normal(size=(30, 2))
    np.testing.assert_allclose(pdist(embedding.mds(flat)), pdist(flat), rtol=1e-3)
    line = np.linspace(0, 1, 12)[:, None]
    np.testing.assert_allclose(pdist(embedding.mds(line)), pdist(line), rtol=1e-3)


@pytest.mark.parametrize(
    ("make", "module", "saying"),
    [
        (embedding.tsne, "openTSNE", r"t-SNE needs openTSNE: pip install 'proprionet\[analysis\]'"),
        (embedding.umap, "umap", r"UMAP needs umap-learn: pip install 'proprionet\[umap\]'"),
    ],
)
def test_a_package_that_is_not_installed(components, monkeypatch, make, module, saying):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=saying):
        make(components)


def test_too_few_stimuli_are_named(components):
    with pytest.raises(InputError, match="60 stimuli are too few for a perplexity of 40: choose one below 20"):
        embedding.tsne(components[:60])
    with pytest.raises(InputError, match="15 stimuli are too few for UMAP: at least 16"):
        embedding.umap(components[:15])


@pytest.mark.parametrize("make", embedding.METHODS.values())
def test_stimuli_at_one_place_and_numbers_that_are_none(make):
    with pytest.raises(gram.UndefinedError, match="all stimuli lie at one place"):
        make(np.ones((200, 3)))
    with pytest.raises(InputError, match="a component is not finite"):
        make(np.full((200, 3), np.nan))
