"""Settings, recipes and tasks: what is allowed, what is refused, and that looking at them costs nothing."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from proprionet.errors import InputError
from proprionet.networks.settings import PRESETS, RECIPES, NetworkSettings, Recipe
from proprionet.networks.tasks import TASKS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spatial_stride": 9}, "spatial_stride 9 exceeds spatial_kernel 7"),
        ({"temporal_filters": ()}, "temporal_filters"),
        ({"temporal_filters": (32, 0)}, "temporal_filters"),
        ({"spatial_filters": (100_000,)}, "spatial_filters"),
        ({"dropout": 1.0}, "dropout"),
        ({"temporal_kernel": -3}, "temporal_kernel"),
        ({"family": "transformer"}, "family"),
        ({"kernel": 3}, "Extra inputs are not permitted"),
    ],
)
def test_absurd_architectures_are_refused(change, message):
    settings = PRESETS["spatial_temporal_best"].model_dump() | change
    with pytest.raises(ValidationError, match=message):
        NetworkSettings(**settings)


@pytest.mark.parametrize("change", [{"learning_rate": 0}, {"patience": 0}, {"reduce_factor": 1}, {"speed": 2}])
def test_absurd_recipes_are_refused(change):
    with pytest.raises(ValidationError, match=next(iter(change))):
        Recipe(**change)


def test_settings_survive_json():
    for settings in PRESETS.values():
        assert NetworkSettings.model_validate_json(settings.model_dump_json()) == settings
    for recipe in RECIPES.values():
        assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_looking_at_settings_loads_no_keras():
    code = (
        "import sys, proprionet.networks.settings, proprionet.networks.timestamps, proprionet.networks.tasks;"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_letter_targets_name_the_bad_movement():
    task = TASKS["action_recognition"]
    np.testing.assert_array_equal(task.targets({"letter": np.array([0, 19, 3])}, np.arange(4)), [0, 19, 3])
    with pytest.raises(InputError, match="movement 1: letter 20"):
        task.targets({"letter": np.array([0, 20])}, np.arange(4))


def test_position_targets_are_linear_between_steps():
    corner = np.array([[[0, 0, 0], [1, 2, 4], [1, 0, 8]]], dtype=float)
    targets = TASKS["trajectory_decoding"].targets({"hand_position": corner}, np.array([0, 0.5, 1.25, 2]))
    np.testing.assert_allclose(targets, [[[0, 0, 0], [0.5, 1, 2], [1, 1.5, 5], [1, 0, 8]]])
