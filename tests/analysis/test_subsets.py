import numpy as np
import pytest

from proprionet.analysis.baselines import subsets
from proprionet.errors import InputError


@pytest.fixture
def latents():
    random = np.random.default_rng(0)
    drawn = {"size": [0.7, 1.0, 1.3], "speed": [0.8, 1.0, 1.2, 1.4], "rotation": [-30, 0, 30]}
    made = {name: random.choice(np.array(values, np.float32), 600) for name, values in drawn.items()}
    return {**made, "plane": random.integers(0, 2, 600).astype(np.uint8)}


def test_the_published_subsets_cut_the_set_into_its_values(latents):
    assert len(subsets.PUBLISHED) == len(set(subsets.PUBLISHED)) == 16
    count = {name: subsets.members(latents, name).sum() for name in subsets.PUBLISHED}
    assert count["full"] == 600
    for start, parts in (("plane=", 2), ("speed=", 4)):
        of_latent = [n for name, n in count.items() if name.startswith(start)]
        assert (len(of_latent), sum(of_latent)) == (parts, 600)
    assert sum(n for name, n in count.items() if name.startswith("size=") and "," not in name) == 600
    assert sum(n for name, n in count.items() if "," in name) == 600


def test_a_subset_has_one_value_only(latents):
    inside = subsets.members(latents, "size=1.3,plane=vertical")
    assert set(latents["size"][inside]) == {np.float32(1.3)}
    assert set(latents["plane"][inside]) == {1}
    assert subsets.members(latents, "rotation=-30").sum() == (latents["rotation"] == -30).sum()


@pytest.mark.parametrize(
    ("subset", "saying"),
    [
        ("colour=1", "subset 'colour=1': 'colour=1' is not LATENT=VALUE with one of plane, size"),
        ("size", "size is '', expected a number"),
        ("plane=1", "plane is '1', expected horizontal or vertical"),
        ("size=0.8", "no movement has size 0.8; the data set has 0.7, 1, 1.3"),
    ],
)
def test_what_is_wrong_is_named(latents, subset, saying):
    with pytest.raises(InputError, match=saying):
        subsets.members(latents, subset)
