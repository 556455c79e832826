"""Tables say what the files say, one row an observation."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest

from proprionet import networks
from proprionet.errors import InputError
from proprionet.networks.settings import PRESETS
from proprionet.plotting import tables

BEST = {name: PRESETS[f"{name}_best"] for name in ("spatial_temporal", "spatiotemporal", "lstm")}


def test_a_row_for_each_network(tmp_path):
    table = tables.networks(fake.searched(tmp_path))
    assert len(table) == 3 * len(PRESETS)
    first = table.iloc[0].to_dict()
    metrics = {name: first.pop(name) for name in ("loss", "accuracy", "error", "trivial_accuracy", "trivial_error")}
    assert first == {
        "name": "spatial_temporal_8-16-16-32_k7_s2_32-32-64-64_k9_s3",
        "family": "spatial_temporal",
        "n_layers": 8,
        "n_parameters": 8 + 16 + 16 + 32 + 32 + 32 + 64 + 64,
        "input": "spindle",
        "task": "action_recognition",
        "seed": 7,
        "trained": True,
        "unit": "fraction",
    }
    assert (metrics["loss"], metrics["accuracy"]) == (0.2, 0.9)
    assert np.isnan(metrics["error"])
    assert table["unit"].tolist() == ["fraction", "cm", "fraction"] * len(PRESETS)
    assert table["trained"].tolist() == [True, True, False] * len(PRESETS)


def test_weights_of_the_layers_are_those_of_the_published_networks(tmp_path):
    """Kernels alone, as the published counts are; those of layers with more than ten are not mixed up."""
    best, many = BEST["spatial_temporal"], PRESETS["spatiotemporal_best"].model_copy(update={"dropout": 0.1})
    many = many.model_copy(update={"spatiotemporal_filters": (2,) * 12})
    for settings, expected in ((best, 80_112), (many, 12 * 7 * 7 * 4)):
        sizes = [2, *(layer.size for layer in settings.layers())]
        weights = {
            f"{layer.name}_convolution/kernel": np.zeros((*layer.kernel, below, layer.size))
            for below, layer in zip(sizes, settings.layers(), strict=False)
        }
        about = {"weights": {**weights, "input_scaling/scale": np.ones(3)}, "network": settings.model_dump(mode="json")}
        path = fake.network(tmp_path / f"{len(sizes)}.h5", "torque", True, **about, metrics={"error": 1})
        assert tables.networks([path])["n_parameters"].tolist() == [expected]


@pytest.mark.parametrize("metrics", [{"accuracy": "high"}, {"task": 1}, {"accuracy": None}])
def test_metrics_that_are_no_numbers(tmp_path, metrics):
    network = PRESETS["lstm_best"].model_dump(mode="json")
    path = fake.network(tmp_path / "odd.h5", "action_recognition", True, network=network, metrics=metrics)
    with pytest.raises(InputError, match=r"odd.h5: its metric '\w+' is no number with a name of its own; train it"):
        tables.networks([path])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answers": [["hand", "cm"]]}, "its answers are not names, units and sizes"),
        ({"answers": [3]}, "its answers are not names, units and sizes"),
        ({"metrics": {"loss": 1.0}}, "does not say the error of its network"),
        ({"task": "walking"}, "task 'walking' is unknown"),
    ],
)
def test_networks_that_do_not_say_how_well_they_do(tmp_path, changes, message):
    network = PRESETS["lstm_best"].model_dump(mode="json")
    about = {"task": "torque", "metrics": {"error": 1.0}, "network": network} | changes
    path = fake.network(tmp_path / "odd.h5", trained=True, **about)
    with pytest.raises(InputError, match=rf"odd.h5: {message}"):
        tables.networks([path])


@pytest.mark.parametrize("make", [tables.networks, tables.classifiers, tables.decoding_errors])
def test_nothing_makes_no_table(make):
    with pytest.raises(InputError, match="to make a table of; has the stage run that makes them"):
        make([])


def test_a_network_of_no_known_family(tmp_path):
    path = fake.network(tmp_path / "odd.h5", "action_recognition", True, network={"family": "transformer"})
    with pytest.raises(InputError, match=r"odd.h5: family 'transformer' is unknown"):
        tables.networks([path])


@pytest.mark.parametrize(
    ("subset", "held"),
    [("full", "none"), ("size=0.7", "size"), ("plane=vertical", "plane"), ("size=1,plane=vertical", "size × plane")],
)
def test_classifiers(tmp_path, subset, held):
    row = tables.classifiers([fake.svm(tmp_path / "svm.h5", subset=subset)]).iloc[0].to_dict()
    assert row == {
        "input": "muscle_length",
        "subset": subset,
        "held": held,
        "standardise": True,
        "validation": "grouped",
        "c_values": 8,
        "most_movements": 1000,
        "n_letters": 3,
        "n_test": 3,
        "pair_accuracy": 0.75,
        "vote_accuracy": 0.5,
        "hard_pairs": 1,
    }


def test_errors_of_every_movement(tmp_path):
    table = tables.decoding_errors(fake.linear_decoder(tmp_path / f"{name}.h5", name) for name in ("hand", "joints"))
    expected = {"input": ["hand"] * 2 + ["joints"] * 2, "movement": [0, 1] * 2, "error": 1.5, "exact_error": 1.5}
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected))


def test_hyperparameters_of_all_families_side_by_side():
    table = tables.hyperparameters(BEST).set_index("hyperparameter")
    assert list(table.columns) == list(BEST)
    assert table.loc["spatial filters"].tolist() == ["8, 16, 16, 32", "", "8, 16, 16"]
    assert table.loc["temporal stride"].tolist() == ["3", "2", ""]
    assert table.loc["recurrent units"].tolist() == ["", "", "256"]
    assert table.loc["layers"].tolist() == ["8", "4", "4"]


def test_sizes_of_layers_are_published():
    networks.prepare(1)
    from proprionet.networks import activations, backbones, tasks

    task = tasks.TASKS["action_recognition"]
    models = {name: backbones.build(of, task, 0, (25, 320, 2), tasks.N_LETTERS) for name, of in BEST.items()}
    table = tables.layer_sizes({name: activations.layer_shapes(model) for name, model in models.items()})
    sizes = table.set_index(["network", "layer"])
    assert sizes.loc[("spatial_temporal", "temporal3")].tolist() == [2, 4, 64, 128]
    assert sizes.loc[("spatiotemporal", "spatiotemporal0")].tolist() == [13, 160, 8, 104]
    assert sizes.loc[("lstm", "recurrent0")].tolist() == [256, 320, 1, 256]
    units = table.groupby("network")["units"].sum()
    assert units.to_dict() == {"spatial_temporal": 778, "spatiotemporal": 466, "lstm": 1306}


def test_a_table_for_documents():
    table = pd.DataFrame({"task": ["Torque", "Autoencoder"], "n": [2, 10_000], "best": [0.123456, np.nan]})
    rows = ["| task | n | best |", "| --- | --- | --- |", "| Torque | 2 | 0.123 |", "| Autoencoder | 10000 |  |"]
    assert tables.markdown(table).splitlines() == rows


def test_a_table_is_kept_as_csv(tmp_path):
    table = tables.hyperparameters(BEST)
    path = tables.save(table, tmp_path / "new", "table")
    assert path == tmp_path / "new" / "table.csv"
    pd.testing.assert_frame_equal(pd.read_csv(path, dtype=str, keep_default_na=False), table)
