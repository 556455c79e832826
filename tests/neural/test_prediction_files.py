"""Which layer a prediction shows."""

import numpy as np
import pytest

from proprionet.neural.prediction_files import best_layer

NAN = np.nan


@pytest.mark.parametrize(
    ("validation", "model", "best"),
    [
        ([[0.9, 0.9], [0.1, 0.2], [0.3, 0.2]], "network", 2),  # the input does not compete
        ([[0.9, 0.9], [0.1, 0.2], [0.3, 0.2]], "baseline", 0),
        ([[0.1, NAN], [0.2, NAN], [0.3, NAN]], "network", 2),
        ([[0.1, 0.2]], "network", 0),  # of a network trained on the neurons
    ],
)
def test_the_best_layer_is_that_of_the_mean_over_neurons(validation, model, best):
    assert best_layer(np.array(validation), model) == best
