"""Decode where the hand is with straight lines: the linear baseline of trajectory decoding."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from proprionet.cli import InputFile, Run, stage

BLOCK = 256  # movements read at once


@stage("linear_decoder", kind="linear_decoder")
@click.argument("dataset", type=InputFile("dataset"))
def decode_trajectory(run: Run, dataset: Path) -> None:
    """Decode the hand's position at each time step of DATASET from the input at that step, by linear regression.

    By stochastic gradient descent on standardised inputs and positions until the loss on the validation part
    saturates, as published, and by the exact least squares beside it. Scored on the test part: mean distance in cm.

    Example: python svm-analysis/decode_trajectory.py results/demo/dataset.h5 --input muscle_length
    """
    import numpy as np

    from proprionet import dataset as movement_data
    from proprionet import store
    from proprionet.analysis.baselines import linear_decoder

    with store.read(dataset, "dataset", finite=True) as data:
        movement_data.check_split(data)
        rows = [np.flatnonzero(data["split"] == part) for part in range(3)]
        train, validation, test = (_Moments(data, part, run.settings.input) for part in rows)
        decoder = linear_decoder.fit(
            train,
            validation,
            tolerance=run.settings.tolerance,
            seed=run.seed,
            progress=lambda epochs: run.progress(epochs, about="epochs, at most"),
        )
        n_steps = data.dataset("joints").shape[2]
        errors = [
            [decoder.distance(*moments, exact=exact).reshape(-1, n_steps).mean(axis=1) for exact in (False, True)]
            for moments in run.progress(test, total=len(test), about=f"blocks of {BLOCK} movements")
        ]
    error, exact_error = (np.concatenate(parts) for parts in zip(*errors, strict=True))
    run.headline("error", error.mean(), "cm", n=len(error), over="mean over time and test movements")
    run.headline("exact_error", exact_error.mean(), "cm", n=len(error), over="mean over time and test movements")
    with run.write() as out:
        for name in ("weight", "exact_weight", "input_mean", "input_deviation", "hand_mean", "hand_deviation"):
            out.write(name, getattr(decoder, name))
        out.write("validation_loss", decoder.validation_loss)
        out.write("error", error)
        out.write("exact_error", exact_error)
        out.write("movement", rows[2])
        out.set(input=run.settings.input)
    run.done("python nn-training/train.py DATASET --task trajectory_decoding")


class _Moments(Sequence):
    """Blocks of movements, read when they are asked for, as moments: (sample, feature) and (sample, axis)."""

    def __init__(self, data: Any, rows: Any, name: str):
        self._data, self._rows, self._name = data, rows, name

    def __len__(self) -> int:
        return -(-len(self._rows) // BLOCK)

    def __getitem__(self, index: Any) -> Any:
        from proprionet import dataset

        if not 0 <= index < len(self):
            raise IndexError(index)
        rows = self._rows[index * BLOCK : (index + 1) * BLOCK]
        hand = dataset.read_rows(self._data, "hand", rows)
        spindle = self._name == "spindle"
        seen = dataset.spindle_inputs(self._data, rows) if spindle else dataset.read_rows(self._data, self._name, rows)
        n_samples = len(rows) * hand.shape[2]
        return tuple(values.swapaxes(1, 2).reshape(n_samples, -1) for values in (seen, hand))


if __name__ == "__main__":
    decode_trajectory()
