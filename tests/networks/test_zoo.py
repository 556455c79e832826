import json
import subprocess
import sys

import numpy as np
import pytest

from proprionet import store
from proprionet.errors import InputError
from proprionet.networks import zoo
from proprionet.networks.families import SpatialTemporal
from proprionet.networks.settings import PRESETS, network_settings

SMALL = {
    "family": "spatial_temporal",
    "spatial_filters": [2, 3],
    "temporal_filters": [4],
    "spatial_kernel": 3,
    "spatial_stride": 2,
    "temporal_kernel": 5,
    "temporal_stride": 4,
}
OTHERS = [
    {**SMALL, "family": "temporal_spatial", "causal": True},
    {
        "family": "spatiotemporal",
        "spatiotemporal_filters": [2, 3],
        "spatial_kernel": 3,
        "temporal_kernel": 5,
        "spatial_stride": [2, 1],
        "temporal_stride": 3,
    },
    {"family": "recurrent", "spatial_filters": [2], "spatial_kernel": 3, "spatial_stride": 2, "recurrent_units": [3]},
    {"family": "affine", "spatial_units": [3], "temporal_filters": [2], "temporal_kernel": 5, "temporal_stride": 2},
]
SHAPE = (4, 32, 2)

# ------------------------------------------------------------------------------------- architectures and recipes


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_by_its_name(name):
    assert zoo.architecture(name) is PRESETS[name]


@pytest.mark.parametrize("suffix", ["yaml", "yml"])
def test_an_architecture_from_a_file(tmp_path, suffix):
    path = tmp_path / f"mine.{suffix}"
    path.write_text("\n".join(f"{name}: {value}" for name, value in SMALL.items()))
    assert zoo.architecture(str(path)) == SpatialTemporal(**SMALL)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("spatial_temporal_bset", None, "'spatial_temporal_bset' is no preset and no YAML file; did you mean 'spatial"),
        ("mlp", None, "'mlp' is no preset and no YAML file; valid names: spatial_temporal_best, spatial_temporal_sm"),
        ("lstm", None, "did you mean 'lstm_best'"),
        ("mine.yaml", None, r"mine\.yaml: cannot be read \(No such file"),
        ("mine.yaml", "spatial_filters: [", r"mine\.yaml, line 1: is not valid YAML"),
        ("mine.yaml", "[1, 2]", r"mine\.yaml: expected keys and values"),
        ("mine.yaml", "", r"mine\.yaml: expected keys and values"),
        ("mine.yaml", json.dumps({**SMALL, "temporal_kernal": 9}), "unknown setting 'temporal_kernal'; did you mean"),
        ("mine.yaml", json.dumps({**SMALL, "spatial_filters": []}), "'spatial_filters' is "),
        ("mine.yaml", json.dumps({**SMALL, "temporal_filters": [4, 10**9]}), "'temporal_filters.1' is 1000000000"),
        ("mine.yaml", json.dumps({**SMALL, "spatial_stride": 4}), "spatial_stride 4 exceeds spatial_kernel 3"),
    ],
)
def test_what_is_no_architecture_is_explained(tmp_path, monkeypatch, name, text, message):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        zoo.architecture(name)


def test_looking_for_a_network_loads_no_keras():
    program = "import sys; from proprionet.networks import zoo; print('keras' in sys.modules, 'h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "False"


# --------------------------------------------------------------------------------------------------- stored networks


def write_network(path, model, **changes):
    from proprionet.networks import storage

    attributes = {
        "network": SpatialTemporal(**SMALL).model_dump(mode="json"),
        "task": "action_recognition",
        "input_shape": list(SHAPE),
        "n_given": 0,
        "n_outputs": 20,
        "answers": [],
        "input": "spindle",
        "alignment": "centre",
        "augmentation": "time",
        "trained": False,
        "metrics": {},
        "time_step_s": 0.015,
        "muscle_names": ["a", "b", "c", "d"],
        "length_kind": "fibre",
        "spindle": {},
    }
    with store.create(path, "network") as file:
        for name, values in storage.weights(model).items():
            file.write(f"weights/{name}", values)
        file.set(**{**attributes, **changes})
    return path


@pytest.fixture(scope="module")
def model():
    pytest.importorskip("keras", reason="keras is not installed")
    from proprionet.networks import backbones
    from proprionet.networks.tasks import TASKS

    model = backbones.build(SpatialTemporal(**SMALL), TASKS["action_recognition"], 3, SHAPE, 20)
    model.get_layer("input_scaling").set_statistics(np.full((4, 1, 2), 50.0), np.full((4, 1, 2), 2.0))
    return model


def test_a_stored_network_answers_as_before(tmp_path, model):
    inputs = np.random.default_rng(0).normal(50, 5, (6, *SHAPE)).astype(np.float32)
    with store.read(write_network(tmp_path / "network.h5", model), "network", finite=True) as file:
        settings, rebuilt = zoo.rebuild(file)
    assert settings == SpatialTemporal(**SMALL)
    np.testing.assert_array_equal(rebuilt.predict_on_batch(inputs), model.predict_on_batch(inputs))


@pytest.mark.parametrize("values", OTHERS, ids=lambda values: values["family"])
def test_every_family_is_stored_and_rebuilt(tmp_path, values):
    from proprionet.networks import backbones, storage
    from proprionet.networks.tasks import TASKS

    settings = network_settings(values, "test")
    model = backbones.build(settings, TASKS["action_recognition"], 3, SHAPE, 20)
    path = write_network(tmp_path / "network.h5", model, network=settings.model_dump(mode="json"))
    with store.read(path, "network", finite=True) as file:
        found, rebuilt = zoo.rebuild(file)
    assert found == settings
    before, after = storage.weights(model), storage.weights(rebuilt)
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *[
            ({"network": other}, "weights: .* they belong to another architecture or task|has shape")
            for other in OTHERS
        ],
        ({"network": {**SMALL, "family": "lstm"}}, "family 'lstm' is unknown"),
        ({"network": {**SMALL, "spatial_filters": [2, 4]}}, r"weights: spatial1_convolution/kernel has shape"),
        ({"network": {**SMALL, "spatial_filters": [2]}}, "weights: temporal0_convolution/kernel has shape"),
        ({"network": {**SMALL, "temporal_filters": [4, 4]}}, r"weights: temporal1_convolution/kernel is missing"),
        ({"network": {**SMALL, "kernel": 3}}, "unknown setting 'kernel'"),
        ({"network": {}}, "'family' is missing"),
        (
            {"task": "trajectory_decoding"},
            "weights: output_scaling/.* is missing; they belong to another architecture or task|has shape",
        ),
        ({"task": "action_recogniton"}, "task 'action_recogniton' is unknown; did you mean 'action_recognition'"),
        ({"input_shape": [25, 32, 2]}, "has shape"),
        ({"n_outputs": 21}, "weights: score/kernel has shape"),
        ({"n_outputs": 10**9}, "1000000000 outputs and 0 given values are absurd"),
        ({"n_outputs": 0}, "0 outputs and 0 given values are absurd"),
        ({"n_given": 10**9}, "20 outputs and 1000000000 given values are absurd"),
        ({"input_shape": [4, 32]}, r"input shape \[4, 32\] is absurd"),
        ({"input_shape": [4, 32.5, 2]}, "is absurd"),
        ({"input_shape": [4, 0, 2]}, "is absurd"),
        ({"input_shape": [10**9, 10**9, 2]}, "is absurd"),
        ({"input_shape": [4096, 4096, 1], "n_outputs": 4096}, "layer score would have a kernel of"),
        ({"input_shape": [99_999, 99_999, 2]}, "is absurd"),
    ],
)
def test_what_does_not_fit_its_weights_is_refused(tmp_path, model, changes, message):
    path = write_network(tmp_path / "network.h5", model, **changes)
    with store.read(path, "network") as file, pytest.raises(InputError, match=f"^network.h5: .*{message}"):
        zoo.rebuild(file)
