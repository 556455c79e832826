"""Activations of layers in the bins of a session's windows."""

import numpy as np
import pytest
import small_networks

from proprionet.networks import activations, backbones
from proprionet.networks.tasks import TASKS
from proprionet.networks.timestamps import layer_times
from proprionet.neural.layers import layer_rows
from proprionet.neural.windows import Windows

SHAPE = (6, 48, 2)
N_BINS = np.array([9, 14, 5, 11, 14])
WINDOWS = Windows(np.arange(5), np.concatenate([[0], np.cumsum(N_BINS)[:-1]]), N_BINS)
STEPS = 12 + 1.5 * np.arange(14)  # bins are one and a half steps wide


@pytest.fixture(scope="module", params=["temporal_spatial", "lstm"])
def network(request):
    settings = small_networks.SMALL[request.param]
    return settings, backbones.build(settings, TASKS["action_recognition"], 1, SHAPE, 20)


@pytest.fixture(scope="module")
def seen():
    return np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)


def expected(model, seen, times):
    """Each layer at once, every unit of every window interpolated by NumPy."""
    (recorded,) = activations.record(model, seen)
    rows = {}
    for name, values in recorded.items():
        flat = values.reshape(5, values.shape[1], -1)
        pieces = [
            np.stack([np.interp(STEPS[:n], times[name], unit) for unit in window.T], axis=1)
            for window, n in zip(flat, N_BINS, strict=True)
        ]
        rows[name] = np.concatenate(pieces)
    return rows


@pytest.mark.parametrize("most_bytes", [20_000, 1 << 30])
def test_rows_are_activations_at_the_true_time_of_the_bins(network, seen, most_bytes):
    settings, model = network
    found = dict(layer_rows(settings, model, seen, WINDOWS, STEPS, most_bytes=most_bytes, batch_size=2))
    wanted = expected(model, seen, layer_times(settings, 48))
    assert list(found) == list(wanted) == activations.layer_names(model)
    for name, rows in found.items():
        assert (rows.dtype, rows.shape) == (np.float32, (N_BINS.sum(), wanted[name].shape[1]))
        np.testing.assert_allclose(rows, wanted[name], atol=1e-4)


def test_published_alignment_pins_both_ends(network, seen):
    settings, model = network
    found = dict(layer_rows(settings, model, seen, WINDOWS, STEPS, alignment="published"))
    times = {name: np.linspace(0, 47, len(stamps)) for name, stamps in layer_times(settings, 48).items()}
    for name, rows in expected(model, seen, times).items():
        np.testing.assert_allclose(found[name], rows, atol=1e-4)


def test_only_the_rows_of_one_layer_are_held_where_memory_is_short(network, seen, monkeypatch):
    settings, model = network
    asked = []
    plain = activations.record

    def record(model, inputs, batch_size, names):
        asked.append(list(names))
        return plain(model, inputs, batch_size, names)

    monkeypatch.setattr(activations, "record", record)
    names = [name for name, _ in layer_rows(settings, model, seen, WINDOWS, STEPS, most_bytes=1)]
    assert asked == [[name] for name in names]
    asked.clear()
    list(layer_rows(settings, model, seen, WINDOWS, STEPS))
    assert asked == [names]
