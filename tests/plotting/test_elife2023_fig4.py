"""The figures of eLife Fig. 4: similarity of networks, embeddings, and the ideal observer."""

import itertools

import networks_compared as compared
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from networks_compared import DECODING, RECOGNITION, RECURRENT, SPATIAL, UNTRAINED
from scipy.spatial.distance import pdist

from proprionet.errors import InputError
from proprionet.plotting import elife2023_fig4

PAIRS = ((RECOGNITION, DECODING), (DECODING, UNTRAINED), (RECOGNITION, UNTRAINED))
RNG = np.random.default_rng(0)


def similarities(kinds=(SPATIAL,), measure="cka"):
    """CKA of a layer with itself falls with depth and rises with the seed; off the diagonal it is 0."""
    rows = itertools.product(kinds, PAIRS, (1, 2), range(3), range(3))
    return pd.DataFrame(
        {
            "family": family,
            "network": network,
            "condition": one,
            "condition_b": other,
            "instance": seed,
            "depth": depth,
            "depth_b": depth_b,
            "measure": measure,
            "value": (1 - depth / 3 + seed / 100) * (depth == depth_b),
        }
        for (family, network), (one, other), seed, depth, depth_b in rows
    )


def test_heat_maps_of_seeds_and_layers():
    figure = elife2023_fig4.similarity_heatmaps(similarities((SPATIAL, RECURRENT)))
    figure.draw_without_rendering()
    maps = [axes for axes in figure.axes if axes.images]
    assert len(maps) == 6
    order = [f"{one} –\n{other}" for one, other in (PAIRS[2], PAIRS[1], PAIRS[0])]
    assert [axes.get_title() for axes in maps] == order * 2
    np.testing.assert_allclose(
        maps[0].images[0].get_array(), [[1.01, 1.01 - 1 / 3, 1.01 - 2 / 3], [1.02, 1.02 - 1 / 3, 1.02 - 2 / 3]]
    )
    assert [axes.get_ylabel() for axes in maps[::3]] == ["spatial-temporal\nseed", "recurrent\nseed"]
    assert figure.axes[-1].get_ylabel() == "CKA (linear, debiased)"


def test_similarity_by_depth_beside_the_published_range():
    figure = elife2023_fig4.similarity_by_depth(similarities((SPATIAL, RECURRENT)))
    figure.draw_without_rendering()
    first, *others = figure.axes
    assert first.get_title() == "action recognition –\nuntrained"
    np.testing.assert_allclose(compared.curves(first)[0], [[0, 0.5, 1], 1.015 - np.arange(3) / 3])
    assert len(first.collections) == 1 + len(others[0].collections)
    assert compared.legend(figure) == ["spatial-temporal", "recurrent", "published range (read off, biased)"]
    other = elife2023_fig4.similarity_by_depth(similarities(measure="procrustes"), "procrustes")
    assert compared.legend(other) == ["spatial-temporal"]


@pytest.mark.parametrize("draw", [elife2023_fig4.similarity_heatmaps, elife2023_fig4.similarity_by_depth])
def test_a_measure_that_was_not_taken(draw):
    with pytest.raises(InputError, match=r"no similarity was measured as 'cka_rbf' \(found: cka\)"):
        draw(similarities(), "cka_rbf")


@pytest.mark.parametrize(("measure", "symbol"), [("pearson", "r"), ("kendall", "τ")])
def test_oracle_by_relative_depth(measure, symbol):
    table = compared.statistics({f"oracle_{measure}": lambda condition, layer, seed: layer / 10})
    figure = elife2023_fig4.oracle_by_depth(table, measure)
    (axes,) = figure.axes
    np.testing.assert_allclose(compared.curves(axes)[0], [np.arange(4) / 3, np.arange(4) / 10])
    assert figure.get_supylabel().endswith(f"({symbol})")
    assert len(compared.curves(axes, dashed=True)) == (2 if measure == "pearson" else 0)


def test_part_of_an_rdm():
    points, label = RNG.normal(size=(12, 4)), np.array([2, 0, 1] * 4)
    chosen = elife2023_fig4.few_stimuli(label, n_letters=2, per_letter=3)
    assert chosen.tolist() == [1, 4, 7, 2, 5, 8]
    np.testing.assert_allclose(elife2023_fig4.part_of_rdm(pdist(points), 12, chosen), pdist(points[chosen]))


def test_embeddings_by_group_and_value():
    points = {f"layer {index}": RNG.normal(size=(30, 2)) for index in range(7)}
    names, group = list("abcdefghij"), np.arange(30) % 9
    figure = elife2023_fig4.embedding_by_group(points, group, names)
    figure.draw_without_rendering()
    assert compared.titles(figure) == list(points)
    np.testing.assert_allclose(figure.axes[3].collections[0].get_offsets(), points["layer 3"])
    assert compared.legend(figure) == names[:9]
    colours = [to_hex(colour) for colour in figure.axes[0].collections[0].get_facecolors()]
    assert colours[:9] == colours[9:18]
    assert len(set(colours)) == 9
    values = np.linspace(-20, 20, 30)
    figure = elife2023_fig4.embedding_by_value(points, values, "height (cm)")
    figure.draw_without_rendering()
    np.testing.assert_array_equal(figure.axes[0].collections[0].get_array(), values)
    assert figure.axes[-1].get_ylabel() == "height (cm)"
