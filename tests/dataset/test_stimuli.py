import fake_results as fake
import numpy as np
import pytest

from proprionet import inspection, store
from proprionet.errors import InputError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": np.array([0, 99])}, "a.h5: movement 1 has letter 99, expected 0 to 2"),
        ({"label": np.array([-1, 0])}, "a.h5: movement 0 has letter -1, expected 0 to 2"),
        ({"first": np.array([5, 20])}, "a.h5: movement 1 does not lie within its 40 samples"),
        ({"n_samples": np.array([0, 30])}, "a.h5: movement 0 does not lie within its 40 samples"),
    ],
)
def test_letters_and_places_that_cannot_be_are_named(tmp_path, changes, message):
    path = fake.activations(tmp_path / "a.h5", "action_recognition", True, **changes)
    with store.read(path) as file, pytest.raises(InputError, match=message):
        inspection.check(file)
