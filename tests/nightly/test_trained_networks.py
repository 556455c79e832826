"""Trainings of an hour, held against the bounds of the benchmark: figures and processor time are printed.

Run by ``make nightly``, one thread each; not collected otherwise. The time bounds were set on a quiet machine.
"""

import sys
import time

import numpy as np
import pytest

from proprionet import networks as backends
from proprionet import seeds

backends.prepare(1)

from proprionet.rnn import networks, training  # noqa: E402  (after the number of threads is set)
from proprionet.rnn.recipes import practice, recipe  # noqa: E402
from proprionet.rnn.tasks import task  # noqa: E402
from proprionet.rnn.tasks.subtasks import SUBTASKS  # noqa: E402


def trained(of, cell, **changes):
    """Metrics on unseen trials, and processor seconds."""
    of, cell = task(of), networks.cell(cell)
    how = recipe(of, cell, **changes)
    started = time.process_time()
    network = networks.build(cell, of, 1)
    training.train(network, of, practice(of, how), how, 1, n_validation=256, interval=500)
    seconds = time.process_time() - started
    _, metrics = training.evaluate(network, of, of.trials(500, seeds.generator(1, "test")))
    sys.stdout.write(f"\n{of.task} {cell.cell}: {seconds:.0f} CPU-s, {metrics}\n")
    return metrics, seconds


def test_a_node_learns_the_flip_flop():
    metrics, seconds = trained("flip_flop", "node")
    assert metrics["r2"] >= 0.97
    assert metrics["accuracy"] >= 0.995
    assert seconds <= 150


@pytest.mark.parametrize(("n_updates", "r2", "limit"), [(2000, 0.94, 150), (4000, 0.97, 320)])
def test_a_gru_learns_the_flip_flop(n_updates, r2, limit):
    metrics, seconds = trained("flip_flop", "gru", n_updates=n_updates)
    assert metrics["r2"] >= r2
    assert seconds <= limit


def test_a_gru_reaches_with_a_muscled_arm():
    metrics, seconds = trained("random_target", "gru")
    assert metrics["end_error_cm"] <= 2.5
    assert seconds <= 250


def test_a_gru_learns_fifteen_subtasks():
    metrics, _ = trained("multi_task", "gru,n_units=128")
    for family in dict.fromkeys(subtask.family for subtask in SUBTASKS):
        names = [subtask.name for subtask in SUBTASKS if subtask.family == family]
        assert np.mean([metrics[f"success_{name}"] for name in names]) >= 0.9, family
