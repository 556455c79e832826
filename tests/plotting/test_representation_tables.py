"""Tables and examples say what the files of networks and units say."""

import fake_results as fake
import numpy as np
import pytest

from proprionet.analysis.comparison import instances
from proprionet.errors import InputError
from proprionet.plotting import example_units
from proprionet.plotting import representation_tables as tables

WHO = {"network": "tiny", "family": "spatial_temporal", "instance": 7}
RNG = np.random.default_rng(0)


def test_similarity_of_every_pair_of_layers(tmp_path):
    about = {"a": fake.about_network("hand_position_velocity", True), "b": fake.about_network("torque", False)}
    about |= {"layers_a": ["input", "last"], "layers_b": fake.LAYERS, "n_stimuli": 9, "undefined": {}}
    values = {"cka": np.arange(6.0).reshape(2, 3), "svcca": np.full((2, 3), np.nan)}
    path = fake.write(tmp_path / "similarity.h5", "similarity", values, **about)
    table = tables.similarities([path])
    assert len(table) == 12
    row = table.loc[table["measure"] == "cka"].iloc[5].to_dict()
    assert row == WHO | {
        "condition": "position and velocity decoding",
        "layer": "last",
        "depth": 1,
        "condition_b": "untrained",
        "layer_b": "temporal0",
        "depth_b": 2,
        "measure": "cka",
        "value": 5.0,
    }


def test_what_every_unit_is_tuned_to(tmp_path):
    r2, areas = RNG.random((3, 5, 30)), np.full((2, 3, 30), 0.5)
    areas[1, 0] = 0.2
    changes = {"r2": r2, "selectivity": areas}
    paths = [fake.tuning(tmp_path / f"{task}.h5", task, True, **changes) for task in ("action_recognition", "torque")]
    table = tables.units(paths, "vertical")
    assert table["condition"].unique().tolist() == ["action recognition", "torque"]
    assert table["layer"].tolist() == fake.LAYERS * 20
    np.testing.assert_array_equal(table["depth"], [0, 1, 2] * 20)
    np.testing.assert_allclose(table["position"], np.tile(r2[1, 4], 2))
    np.testing.assert_allclose(table["label_max"], 0.6)
    np.testing.assert_allclose(table["label_mean"], 0.2)
    np.testing.assert_allclose(tables.units(paths)["label_max"], 0, atol=1e-12)


def test_directions_in_single_planes(tmp_path):
    planes = {"orientation": [0, 1, 0, 0, 1], "level": [np.nan, np.nan, -6.0, 0, 30], "n_movements": [9] * 5}
    r2, directions = np.full((5, 5, 30), 0.5), np.tile(np.arange(30.0), (5, 1))
    r2[:, 0, 5:] = 0.1
    directions[2] += 355
    shapes = {"intercept": np.ones((5, 5, 30)), "coefficients": np.ones((5, 6, 30))}
    changes = planes | shapes | {"r2": r2, "preferred_direction": directions}
    path = fake.tuning(tmp_path / "tuning.h5", "action_recognition", True, **changes)
    table = tables.directions_by_plane([path])
    assert table["unit"].tolist() == [0, 1, 2, 3, 4] * 2
    assert table["level"].tolist() == [-6] * 5 + [0] * 5
    np.testing.assert_allclose(table["difference"], [-5] * 5 + [0] * 5)
    assert table["layer"].tolist()[:5] == [*fake.LAYERS, *fake.LAYERS[:2]]
    one_plane = fake.tuning(tmp_path / "one.h5", "action_recognition", True)
    assert tables.directions_by_plane([one_plane], "vertical").empty


def test_kinematics_of_an_rdm_are_no_layers_of_the_network(tmp_path):
    paths = [make(tmp_path / f"{make.__name__}.h5", "torque", True) for make in (fake.rdm, fake.unit_summary)]
    table = instances.gather(paths)
    oracle = table.loc[table["statistic"] == "oracle_pearson"]
    assert dict(zip(oracle["layer"], oracle["depth"], strict=True)) == {name: at for at, name in enumerate(fake.LAYERS)}
    np.testing.assert_allclose(oracle["value"], np.linspace(0, 0.4, 6)[3:])


def test_the_first_seed_of_each(tmp_path):
    paths = []
    for instance, task in ((3, "torque"), (2, "torque"), (4, "redundancy")):
        about = {"trained": True, "instance": instance}
        path = tmp_path / f"{instance}_{task}.h5"
        paths.append(fake.unit_summary(path, task=task, **about))
    assert tables.first_instances(paths) == {("tiny", "torque"): paths[1], ("tiny", "redundancy"): paths[2]}


@pytest.mark.parametrize("make", [tables.similarities, tables.units, tables.directions_by_plane])
def test_no_files(make):
    with pytest.raises(InputError, match=r"no (similarity|tuning) files to make a table of; make them with \w+"):
        make([])


@pytest.fixture
def files(tmp_path):
    """Activations, and tuning of which the unit that follows the hand is the best in its layer."""
    activations = fake.followed_activations(tmp_path / "activations.h5")
    r2 = np.full((3, 5, 30), 0.1)
    r2[0, 0, [10, 22]] = 0.9, 0.8
    place = {"layer": np.repeat([0, 1, 2], 10), "space": np.full(30, 3), "channel": np.full(30, 1)}
    return activations, fake.tuning(tmp_path / "tuning.h5", "action_recognition", True, r2=r2, **place)


def test_examples_respond_as_the_layer_did(files):
    best, *others = example_units.examples(*files, "spatial0")
    assert (best.name, best.r2, len(others)) == ("row 3, channel 1", 0.9, 4)
    np.testing.assert_allclose(best.activity, best.velocity[:, 0], rtol=1e-4, atol=1e-4)
    assert best.velocity[:, 1].std() > 0.1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer": "temporal9"}, "has no layer 'temporal9' or no feature 'direction'"),
        ({"layer": "input", "feature": "torque"}, "has no layer 'input' or no feature 'torque'"),
        ({"layer": "input", "plane": "vertical"}, "the hand never moves"),
    ],
)
def test_examples_that_are_not_there(files, changes, message):
    with pytest.raises(InputError, match=message):
        example_units.examples(*files, **changes)


def test_examples_of_two_networks(files, tmp_path):
    other = fake.tuning(tmp_path / "other.h5", "torque", True)
    with pytest.raises(InputError, match="are of two networks"):
        example_units.examples(files[0], other, "input")
