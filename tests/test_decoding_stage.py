"""Decoding and dissection as stages: what is written, what the options do, and what is refused."""

import re
import shutil

import fake_results
import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.letters.strokes import ALPHABET

DECODE = "single_cell/decode_population.py"
DISSECT = "single_cell/dissect_network.py"
LAYERS = ["input", "spatial0", "temporal0", "silent"]
COUNT, N_TIMES, N_MUSCLES = 80, 120, 4


@pytest.fixture(scope="module")
def activations(tmp_path_factory):
    """Layers that say the hand's position and velocity, ever less exactly, and one that says nothing."""
    path, random = tmp_path_factory.mktemp("decoding") / "activations.h5", np.random.default_rng(0)
    plane = np.arange(COUNT) % 2
    waves = np.sin(
        np.linspace(0, 6, N_TIMES) * random.uniform(0.5, 2, (COUNT, 3, 1)) + random.uniform(0, 6, (COUNT, 3, 1))
    )
    hand = random.uniform(-20, 20, (COUNT, 3, 1)) + 5 * waves
    hand[np.arange(COUNT), np.where(plane == 0, 2, 0)] = 30
    muscle_length = 100 + np.einsum("ma,nat->nmt", random.normal(size=(N_MUSCLES, 3)), hand)
    says = np.concatenate([hand, np.gradient(hand, 0.015, axis=2)], axis=1).transpose(0, 2, 1)
    times = {"input": np.arange(N_TIMES), "spatial0": np.arange(N_TIMES), "temporal0": 2.0 + 5 * np.arange(24)}
    times["silent"] = times["temporal0"]
    with store.create(path, "activations", seed=1) as file:
        for index, layer in enumerate(LAYERS):
            seen = says[:, times[layer].astype(int)]
            values = seen @ random.normal(size=(6, 8)) + index**2 * random.normal(size=(*seen.shape[:2], 8))
            values = np.zeros_like(values) if layer == "silent" else values
            file.write(f"layers/{layer}", values.reshape(*values.shape[:2], 4, 2))
            file.write(f"times/{layer}", times[layer])
        arrays = {"hand": hand, "joints": np.zeros((COUNT, 4, N_TIMES)), "muscle_length": muscle_length, "plane": plane}
        arrays |= {"first": np.full(COUNT, 10), "n_samples": np.full(COUNT, 90), "label": np.arange(COUNT) // 4}
        for name, values in (arrays | {"movement": 3 * np.arange(COUNT), "source": np.arange(COUNT)}).items():
            file.write(name, values)
        file.set(**fake_results.about_network("action_recognition", True))
        file.set(alphabet=ALPHABET, time_step_s=0.015, layers=LAYERS)
    return path


def read(path):
    with store.read(path, finite=True) as file:
        return {**file.attributes(), **{name: file[name] for name in file.shapes()}}


@pytest.fixture(scope="module")
def decoded(activations):
    return stages.make(DECODE, activations.with_name("decoding.h5"), activations, "--shuffles", 2)


def test_layers_that_say_less_are_decoded_less(decoded):
    found = read(decoded)
    assert found["targets"] == ["direction_cos", "direction_sin", "speed", "acceleration", "x", "y"]
    assert found["units"] == ["1", "1", "cm/s", "cm/s^2", "cm", "cm"]
    assert found["layers"] == LAYERS
    assert found["distance"][0] < 0.1 < 2 * found["distance"][1] < found["distance"][2]
    assert found["angle_error"][0] < found["angle_error"][2] < 10
    assert found["r2"][0, -2:].min() > 0.99
    for name in ("r2", "rmse", "correlation"):
        assert np.isnan(found[name][-1]).all()
        assert np.isfinite(found[name][:-1]).all()
    assert np.isnan([found["distance"][-1], found["angle_error"][-1]]).all()
    assert found["undefined"] == {LAYERS[-1]: "no unit varies over the stimuli"}
    assert found["headline"]["smallest_distance_of_hidden_layers"]["layer"] == LAYERS[1]
    assert (found["n_fitted"], found["n_held_out"]) == (32, 8)


def test_the_file_says_which_network_it_is_of(decoded):
    found = read(decoded)
    about = fake_results.about_network("action_recognition", True)
    assert {name: found[name] for name in about} == about
    assert (found["plane"], found["alpha"], found["rules"]) == ("horizontal", 1.0, "corrected")


def test_shuffled_movements_are_decoded_by_chance(decoded):
    found = read(decoded)
    assert found["null_r2"].shape == (2, 4, 6)
    assert found["null_r2"][:, :-1, [0, 1, 4, 5]].max() < 0.3
    assert (found["null_distance"][:, :2] > 8).all()
    assert found["null_angle_error"][:, :-1].mean() == pytest.approx(90, abs=15)


def test_without_shuffles_there_is_no_null_and_the_rest_is_the_same(activations, decoded, tmp_path):
    plain, with_null = read(stages.make(DECODE, tmp_path / "decoding.h5", activations)), read(decoded)
    assert not [name for name in plain if name.startswith("null")]
    np.testing.assert_array_equal(plain["r2"], with_null["r2"])


def test_options_choose_plane_direction_and_rules(activations, tmp_path):
    options = ("--plane", "vertical", "--direction", "angle", "--rules", "published", "--alpha", 3)
    found = read(stages.make(DECODE, tmp_path / "decoding.h5", activations, *options))
    assert found["targets"] == ["direction_angle", "speed", "acceleration", "y", "z"]
    assert (found["plane"], found["rules"], found["alpha"]) == ("vertical", "published", 3.0)


def test_dissection_has_a_row_for_every_feature_map(activations, tmp_path):
    found = read(stages.make(DISSECT, tmp_path / "dissection.h5", activations, "--top", 2))
    assert found["layers"] == LAYERS[1:]
    np.testing.assert_array_equal(found["layer"], [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(found["channel"], [0, 1] * 3)
    assert found["movement"].shape == (6, 20, 2)
    alive = found["movement"][:4]
    assert (alive % 3 == 0).all()  # rows of the data set
    assert (alive // 12 == np.arange(20)[:, None]).all()  # four movements of each letter
    assert (found["movement"][4:] == -1).all()
    assert found["undefined"] == {LAYERS[-1]: "no unit varies over the stimuli"}
    assert np.isnan(found["overlap"][4:]).all()
    assert (found["inside"][:4] >= 0).all()
    assert (found["inside"][:4] <= 1).all()
    np.testing.assert_allclose(found["inside_chance"], 0.75)
    assert found["thresholds"] == [0.3, 0.5]


def spoiled(path, folder, action):
    return stages.change(shutil.copy(path, folder / path.name), action)


def refused(folder, saying, script, *arguments):
    result = stages.run(script, *arguments, "--out", folder / "new" / "out.h5", "--quiet", "--jobs", 1)
    assert result.exit_code == 2, result.output or result.exception
    assert re.fullmatch(rf"Error: [^\n]*{saying}[^\n]*\n", result.stderr), result.stderr
    assert not list((folder / "new").glob("*"))


@pytest.mark.parametrize("script", [DECODE, DISSECT])
def test_activations_that_are_not_finite(activations, tmp_path, script):
    def plant(file):
        file["layers/spatial0"][3, 2, 1, 0] = np.inf

    path = spoiled(activations, tmp_path, plant)
    refused(tmp_path, "activations.h5: 'layers/spatial0' holds NaN or infinity, first in row 3", script, path)


def test_no_movements_in_such_planes(activations, tmp_path):
    def lean(file):
        file["hand"][:, 0] = np.arange(N_TIMES)

    path = spoiled(activations, tmp_path, lean)
    refused(tmp_path, "0 of 80 movements lie in a vertical plane", DECODE, path, "--plane", "vertical")


def test_a_hand_that_never_moves(activations, tmp_path):
    def hold(file):
        file["hand"][:] = np.arange(COUNT)[:, None, None]

    saying = "the hand moves in none of the 16 held-out movements, so it has no direction there"
    refused(tmp_path, saying, DECODE, spoiled(activations, tmp_path, hold))


def test_a_label_that_is_no_letter(activations, tmp_path):
    def mislabel(file):
        file["label"][7] = 20

    path = spoiled(activations, tmp_path, mislabel)
    for script in (DISSECT, DECODE):
        refused(tmp_path, "activations.h5: movement 7 has letter 20, expected 0 to 19", script, path)


def test_activations_of_the_input_alone(activations, tmp_path):
    def empty(file):
        for layer in LAYERS[1:]:
            del file[f"layers/{layer}"], file[f"times/{layer}"]
        file.attrs["layers"] = np.bytes_('["input"]')

    path = spoiled(activations, tmp_path, empty)
    refused(tmp_path, "activations.h5: holds the input alone, no layer with feature maps", DISSECT, path)


@pytest.mark.parametrize(
    ("script", "option", "value"),
    [
        (DECODE, "--alpha", "0"),
        (DECODE, "--alpha", "nan"),
        (DECODE, "--test-fraction", "1"),
        (DECODE, "--shuffles", "-1"),
        (DISSECT, "--top", "0"),
    ],
)
def test_options_outside_their_limits(activations, tmp_path, script, option, value):
    refused(tmp_path, f"{option[2:].replace('-', '_')}", script, activations, option, value)


def test_a_layer_without_its_times(activations, tmp_path):
    def forget(file):
        del file["times/spatial0"]

    path = spoiled(activations, tmp_path, forget)
    for script in (DECODE, DISSECT):
        refused(tmp_path, "activations.h5: .*times/spatial0.* missing", script, path)
