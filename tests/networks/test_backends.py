"""Backends, precisions and XLA: what is trained under one answers alike under another."""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from small_networks import SMALL, TINY

from proprionet import networks
from proprionet.errors import InputError
from proprionet.networks import activations, backbones, evaluation, samples, storage, training
from proprionet.networks.settings import Recipe
from proprionet.networks.tasks import TASKS

RECOGNITION = TASKS["action_recognition"]
SHAPE = (6, 40, 2)
NETWORKS = [
    TINY,
    TINY.model_copy(update={"causal": True}),
    *(SMALL[name] for name in ("spatiotemporal", "lstm", "gru", "affine")),
]
OTHERS = [backend for backend in networks.BACKENDS if backend != os.environ["KERAS_BACKEND"]]

ANSWER_AGAIN = """
import json, sys
import numpy as np
from proprionet import networks
networks.prepare(1)
from proprionet.networks import backbones, storage
from proprionet.networks.settings import network_settings
from proprionet.networks.tasks import TASKS

folder, given = sys.argv[1], json.loads(sys.argv[2])
inputs = np.load(f"{folder}/inputs.npy")
for number, settings in enumerate(given):
    network = network_settings(settings, "test")
    model = backbones.build(network, TASKS["action_recognition"], 0, inputs.shape[1:], 20)
    storage.set_weights(model, np.load(f"{folder}/weights{number}.npz"))
    np.save(f"{folder}/answers{number}.npy", model.predict_on_batch(inputs))
"""


def movements(n, seed):
    """Sinusoids of two phases, which is the letter, about a muscle length of 300 mm; and their velocity."""
    random = np.random.default_rng(seed)
    letter = random.integers(0, 2, n)
    angle = np.linspace(0, 4 * np.pi, SHAPE[1]) + np.pi * letter[:, None] + random.normal(0, 0.3, (n, 1))
    gain = np.linspace(0.2, 2, SHAPE[0])[:, None]
    length = 300 + gain * np.sin(angle)[:, None] + random.normal(0, 0.05, (n, *SHAPE[:2]))
    inputs = np.stack([length, np.gradient(length, 0.015, axis=2)], axis=-1).astype(np.float32)
    return samples.of_arrays(inputs, letter.astype(np.int32))


def trained(**options):
    """A network that has learnt to tell the two phases apart, and its accuracy on new movements."""
    data = training.TrainingData(movements(192, 1), movements(48, 2))
    recipe = Recipe(learning_rate=5e-3, batch_size=16, epochs=4)
    model = backbones.build(TINY, RECOGNITION, 0, SHAPE, 20)
    training.fit_scaling(model, RECOGNITION, data.training, recipe)
    training.train(model, RECOGNITION, data, recipe, 7, **options)
    return model, evaluation.evaluate(model, RECOGNITION, movements(200, 3))["accuracy"]


@pytest.fixture(scope="module")
def plain():
    """Networks in float32: the first is trained, the weights of the others are drawn, biases and gains as well."""
    model, accuracy = trained()
    assert accuracy > 0.95
    others = [backbones.build(settings, RECOGNITION, 0, SHAPE, 20) for settings in NETWORKS[1:]]
    random = np.random.default_rng(5)
    for other in others:
        weights = {name: array + random.uniform(0, 0.2, array.shape) for name, array in storage.weights(other).items()}
        scaling = {name: array for name, array in storage.weights(model).items() if name.startswith("input_scaling")}
        storage.set_weights(other, weights | scaling)
    return [model, *others]


@pytest.fixture(scope="module")
def written(plain, tmp_path_factory):
    """Folder with the weights of the networks, inputs, and their answers here."""
    folder, inputs = tmp_path_factory.mktemp("networks"), movements(5, 4).read(np.arange(5)).inputs
    np.save(folder / "inputs.npy", inputs)
    for number, model in enumerate(plain):
        np.savez(folder / f"weights{number}.npz", **storage.weights(model))
        np.save(folder / f"expected{number}.npy", model.predict_on_batch(inputs))
    return folder


@pytest.mark.parametrize("other", OTHERS)
def test_weights_from_here_answer_alike_on_another_backend(other, written):
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed: pip install {other}")
    given = json.dumps([settings.model_dump(mode="json") for settings in NETWORKS])
    command = [sys.executable, "-c", ANSWER_AGAIN, str(written), given]
    subprocess.run(command, env=os.environ | {"KERAS_BACKEND": other}, check=True, timeout=300)
    for number, settings in enumerate(NETWORKS):
        answers, expected = np.load(written / f"answers{number}.npy"), np.load(written / f"expected{number}.npy")
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(answers, expected, atol=1e-4, err_msg=settings.name)


@pytest.fixture
def prepare():
    """``networks.prepare``, whose effect ends with the test."""
    yield lambda **options: networks.prepare(1, **options)
    networks.prepare(1)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_learns_and_resumes_in_mixed_precision(plain, prepare, precision):
    prepare(precision=precision)
    states = []
    model, accuracy = trained(checkpoint=states.append)
    assert accuracy > 0.95
    resumed, _ = trained(resume=states[1])
    for name, array in storage.weights(model).items():
        np.testing.assert_array_equal(storage.weights(resumed)[name], array, err_msg=name)
    halves = {layer.name for layer in model.layers if layer.compute_dtype == precision.removeprefix("mixed_")}
    assert {"spatial0_convolution", "temporal1_convolution"} <= halves
    exact = {layer.name for layer in model.layers if layer.compute_dtype == "float32"}
    assert {"input_scaling", "spatial0_normalisation", "temporal1_normalisation", "score"} <= exact
    assert {array.dtype for array in storage.weights(model).values()} == {np.dtype(np.float32)}
    storage.set_weights(plain[0], storage.weights(model))


@pytest.mark.parametrize("number", range(len(NETWORKS)), ids=[settings.name for settings in NETWORKS])
def test_mixed_precision_answers_as_float32_but_for_rounding(written, prepare, number):
    """300 mm with a signal of less than a millimetre: 16 bits would round it away."""
    inputs, expected = np.load(written / "inputs.npy"), np.load(written / f"expected{number}.npy")
    prepare(precision="mixed_bfloat16")
    mixed = backbones.build(NETWORKS[number], RECOGNITION, 0, SHAPE, 20)
    storage.set_weights(mixed, np.load(written / f"weights{number}.npz"))
    answers = mixed.predict_on_batch(inputs)
    assert answers.dtype == np.float32
    assert not np.array_equal(answers, expected)
    assert np.abs(answers - expected).max() < 0.05 * np.abs(expected).max()
    recorded = next(activations.record(mixed, inputs))
    assert {values.dtype for values in recorded.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(recorded["input"], inputs.swapaxes(1, 2))


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="JAX always compiles by XLA, torch never does")
def test_learns_with_xla(prepare):
    prepare(xla=True)
    assert backbones.uses_jit()
    model, accuracy = trained()
    assert model.jit_compile
    assert accuracy > 0.95
    inputs = movements(5, 4).read(np.arange(5)).inputs
    compiled = model.predict_on_batch(inputs)
    np.testing.assert_allclose(compiled, keras.ops.convert_to_numpy(model(inputs)), atol=1e-4)


def test_torch_has_no_xla(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(InputError, match="'torch', which has no XLA"):
        networks.prepare(1, xla=True)


def test_unknown_backend_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(InputError, match="KERAS_BACKEND is 'theano'; choose one of tensorflow, jax, torch"):
        networks.prepare(1)
