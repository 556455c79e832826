"""Settings, recipes and tasks: what is allowed, what is refused, and that looking at them costs nothing."""

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from proprionet.errors import InputError
from proprionet.networks.families import FAMILIES, Affine, Recurrent, SpatialTemporal, Spatiotemporal
from proprionet.networks.settings import PRESETS, Recipe, network_settings, recipe


@pytest.mark.parametrize(
    ("preset", "change", "message"),
    [
        ("spatial_temporal_best", {"spatial_stride": 9}, "spatial_stride 9 exceeds spatial_kernel 7"),
        ("spatial_temporal_best", {"temporal_stride": [3, 3, 3, 10]}, "temporal_stride 10 exceeds temporal_kernel 9"),
        ("spatial_temporal_best", {"spatial_stride": [2, 1]}, "spatial_stride has 2 numbers for 4 layers"),
        ("spatial_temporal_best", {"spatial_stride": []}, "'spatial_stride' is"),
        ("spatial_temporal_best", {"spatial_stride": "two"}, "'spatial_stride.0' is 'two'"),
        ("spatial_temporal_best", {"temporal_filters": ()}, "'temporal_filters' is"),
        ("spatial_temporal_best", {"temporal_filters": (32, 0)}, "'temporal_filters.1' is 0"),
        ("spatial_temporal_best", {"spatial_filters": (100_000,)}, "'spatial_filters.0' is 100000"),
        ("spatial_temporal_best", {"dropout": 1.0}, "'dropout' is 1.0"),
        ("spatial_temporal_best", {"temporal_kernel": -3}, "'temporal_kernel' is -3"),
        ("spatial_temporal_best", {"family": "transformer"}, "family 'transformer' is unknown; valid names: spatial_"),
        ("spatial_temporal_best", {"family": "spatio_temporal"}, "did you mean 'spatiotemporal'"),
        ("spatial_temporal_best", {"family": ["lstm"]}, r"family \['lstm'\] is unknown"),
        ("spatial_temporal_best", {"family": "recurrent"}, "unknown setting 'temporal_filters'"),
        ("spatial_temporal_best", {"kernel": 3}, "unknown setting 'kernel'; did you mean"),
        ("spatiotemporal_best", {"temporal_stride": 8}, "temporal_stride 8 exceeds temporal_kernel 7"),
        ("spatiotemporal_best", {"spatial_kernel": 64, "temporal_kernel": 64, "spatiotemporal_filters": [1024] * 2},
         "its kernels hold 4,294,967,296 weights"),
        ("lstm_best", {"cell": "transformer"}, "'cell' is 'transformer'"),
        ("lstm_best", {"recurrent_units": []}, "'recurrent_units' is"),
    ],
)  # fmt: skip
def test_absurd_architectures_are_refused(preset, change, message):
    with pytest.raises(InputError, match=f"^mine.yaml: .*{message}"):
        network_settings(PRESETS[preset].model_dump() | change, "mine.yaml")


def test_a_family_must_be_named():
    values = PRESETS["spatial_temporal_best"].model_dump()
    del values["family"]
    with pytest.raises(InputError, match=r"^mine\.yaml: 'family' is missing; choose from spatial_temporal, "):
        network_settings(values, "mine.yaml")


def test_all_settings_that_are_missing_are_named_at_once():
    with pytest.raises(InputError, match=r"^mine.yaml: 'spatial_filters' is missing, and so are 'spatial_kernel', "):
        network_settings({"family": "recurrent"}, "mine.yaml")


def test_one_stride_for_all_layers_or_one_a_layer():
    one = PRESETS["spatial_temporal_best"]
    each = SpatialTemporal(**one.model_dump() | {"spatial_stride": [2, 2, 2, 2], "temporal_stride": 3})
    assert each.layers() == one.layers()
    assert each.name == one.name
    alternating = SpatialTemporal(**one.model_dump() | {"spatial_stride": [1, 2, 1, 2]})
    assert [layer.stride for layer in alternating.layers()[:4]] == [(1, 1), (2, 1), (1, 1), (2, 1)]


def test_published_names_of_the_best_networks():
    """The papers' names: layers, channels, then kernel and stride over muscles and over time."""
    best = PRESETS["spatial_temporal_best"], PRESETS["spatial_temporal_preprint"]
    names = [
        f"{len(s.spatial_filters)}_{'-'.join(map(str, s.spatial_filters))}_{'-'.join(map(str, s.temporal_filters))}"
        f"_{s.spatial_kernel}{s.spatial_stride[0]}{s.temporal_kernel}{s.temporal_stride[0]}"
        for s in best
    ]
    assert names == ["4_8-16-16-32_32-32-64-64_7293", "4_8-16-16-32_64-64-64-64_5272"]
    assert [layer.size for layer in PRESETS["spatiotemporal_best"].layers()] == [8, 8, 32, 64]
    assert {layer[2:] for layer in PRESETS["spatiotemporal_best"].layers()} == {((7, 7), (2, 2))}
    assert [layer.size for layer in PRESETS["lstm_best"].layers()] == [8, 16, 16, 256]


@st.composite
def architectures(draw):
    """Any network, of values so few that two are often alike."""
    few = st.integers(1, 2)
    values = {
        "causal": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.3, 0.5])),
        "spatial_dropout": draw(st.sampled_from([0.3, 0.4])),
        "cell": draw(st.sampled_from(["lstm", "gru"])),
    }
    for name in ("spatial_filters", "temporal_filters", "spatiotemporal_filters", "spatial_units", "recurrent_units"):
        values[name] = draw(st.lists(few, min_size=1, max_size=2))
    family = FAMILIES[draw(st.sampled_from(list(FAMILIES)))]
    for axis in ("spatial", "temporal"):
        n_layers = len(values["spatiotemporal_filters" if family is Spatiotemporal else f"{axis}_filters"])
        values[f"{axis}_kernel"] = draw(st.integers(2, 3))
        values[f"{axis}_stride"] = draw(few | st.lists(few, min_size=n_layers, max_size=n_layers))
    return family(**{name: value for name, value in values.items() if name in family.model_fields})


@settings(max_examples=50)
@given(architectures(), architectures())
def test_names_are_the_same_only_for_the_same_network(one, other):
    def what(network):
        more = {name for name in network.model_fields_set if not name.endswith(("_stride", "_filters"))}
        return network.family, network.layers(), {name: getattr(network, name) for name in more}

    assert (one.name == other.name) == (what(one) == what(other))
    assert re.fullmatch(r"[a-z0-9_.-]+", one.name)
    assert network_settings(json.loads(one.model_dump_json()), "file") == one


def test_names_tell_the_architecture():
    assert [network.name for network in PRESETS.values()] == [
        "spatial_temporal_8-16-16-32_k7_s2_32-32-64-64_k9_s3",
        "spatial_temporal_4-8-8-16_k7_s2_16-16-32-32_k9_s3",
        "temporal_spatial_8-16-16_k9_s3_16-32-32_k7_s2",
        "spatiotemporal_8-16-32-32_k7x7_s2x2",
        "recurrent_4-8-8_k5_s1_lstm64_m300",
        "spatial_temporal_8-16-16-32_k5_s2_64-64-64-64_k7_s2",
        "spatiotemporal_8-8-32-64_k7x7_s2x2",
        "recurrent_8-16-16_k5_s1_lstm256",
    ]
    deep = {"spatial_filters": (8,) * 3, "spatial_kernel": 3, "spatial_stride": (1, 2, 1), "recurrent_units": (32, 16)}
    assert Recurrent(**deep, cell="gru", causal=True).name == "recurrent_8-8-8_k3_s1-2-1_gru32-16_causal"
    affine = Affine(spatial_units=(20,), temporal_filters=(8,), temporal_kernel=5, temporal_stride=2, dropout=0.5)
    assert affine.name == "affine_20_d0.3_8_k5_s2_dropout0.5"


@pytest.mark.parametrize("change", [{"learning_rate": 0}, {"patience": 0}, {"reduce_factor": 1}, {"speed": 2}])
def test_absurd_recipes_are_refused(change):
    with pytest.raises(ValidationError, match=next(iter(change))):
        Recipe(**change)


def test_settings_survive_json():
    for network in PRESETS.values():
        assert network_settings(json.loads(network.model_dump_json()), "file") == network


def test_recipes_are_those_of_network_and_task():
    best, lstm = PRESETS["spatial_temporal_best"], PRESETS["lstm_best"]
    assert recipe("described", best, "action_recognition") == Recipe()
    assert recipe("described", lstm, "action_recognition").batch_size == 128
    assert recipe("published", best, "trajectory_decoding").patience is None
    deep = recipe("cell2024", lstm, "joint_position")
    assert (deep.learning_rate, deep.batch_size, deep.epochs) == (1e-3, 512, 70)
    twins = recipe("cell2024", lstm, "redundancy_reduction")
    assert (twins.learning_rate, twins.batch_size, twins.epochs) == (5e-3, 256, 25)
    changed = recipe("published", best, "action_recognition", epochs=3, batch_size=None)
    quick = recipe("one_cycle", lstm, "joint_position")
    assert (quick.schedule, quick.patience, quick.learning_rate, quick.batch_size) == ("one_cycle", None, 2e-3, 128)
    assert changed == recipe("published", best, "action_recognition").model_copy(update={"epochs": 3})
    with pytest.raises(InputError, match="training: 'epochs' is 0"):
        recipe("described", best, "action_recognition", epochs=0)


def test_looking_at_settings_loads_no_keras():
    code = (
        "import sys, proprionet.networks.settings, proprionet.networks.timestamps, proprionet.networks.tasks;"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
