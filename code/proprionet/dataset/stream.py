"""Movements that are written while a network trains on them: no disk, and never the same movement twice."""

from collections.abc import Iterator

import numpy as np

from proprionet.arm.kinematics import elbow_position
from proprionet.dataset.assembly import draw_first, pad
from proprionet.dataset.reading import Part
from proprionet.movements.writing import MovementWriter
from proprionet.spindles import Model

_TOGETHER = 512  # movements written at once


class MovementStream:
    """An endless training set, cut into epochs, each movement found by its number alone.

    Movement i of epoch e is the ``per_epoch * e + i``-th of the set that ``dataset/generate_movements.py`` would write
    with the same settings: the same whichever others are asked for, so that a training that is killed goes on as if it
    had not been. Letters take turns, so that every batch is balanced.

    Parameters
    ----------
    writer : MovementWriter
        Loaded from its settings; not compact.
    spindles : Model
        From :func:`proprionet.spindles.make`.
    per_epoch : int
        Movements in an epoch.
    n_steps : int
        Time steps of a padded movement; a longer movement is left out.
    noise : float or None
        Noise level of the spindles; None for each movement's own latent.
    """

    def __init__(
        self, writer: MovementWriter, spindles: Model, *, per_epoch: int, n_steps: int, noise: float | None = 0.0
    ):
        self._writer = writer
        self._spindles = spindles
        self._per_epoch = per_epoch
        self._n_steps = n_steps
        self._noise = noise

    def epoch(self, epoch: int, batch_size: int) -> Iterator[Part]:
        """Whole batches of one epoch, from 0; what does not fill a batch is dropped."""
        batch_size = min(batch_size, self._per_epoch)
        waiting: list[Part] = []
        numbers = np.arange(self._per_epoch * epoch, self._per_epoch * (epoch + 1))
        for start in range(0, len(numbers), _TOGETHER):
            waiting.append(self.movements(numbers[start : start + _TOGETHER]))
            part = _joined(waiting)
            whole = len(part.label) // batch_size * batch_size
            for first in range(0, whole, batch_size):
                yield part.rows(slice(first, first + batch_size))
            waiting = [part.rows(slice(whole, None))]

    def movements(self, index: np.ndarray) -> Part:
        """The movements of the given numbers, without those that the arm cannot write or that are too long."""
        settings = self._writer.settings
        batch, _ = self._writer.write(index)
        if (short := np.diff(batch.offsets) <= self._n_steps).sum() < len(batch):
            batch = batch.take(np.flatnonzero(short))
        first = draw_first(np.diff(batch.offsets), self._n_steps, settings.seed, rows=batch.index)
        level = batch.varied.noise if self._noise is None else np.full(len(batch), self._noise)
        inputs = self._spindles.respond(
            pad(batch.muscle_length, batch.offsets, first, self._n_steps),
            settings.profile.time_step_s,
            rows=batch.index,
            noise_level=level if level.any() else None,
        )
        elbow = elbow_position(settings.profile, batch.joints)
        positions = {
            name: pad(values.astype(np.float32), batch.offsets, first, self._n_steps)
            for name, values in (("hand", batch.hand), ("elbow", elbow), ("joints", batch.joints))
        }
        return Part(inputs, settings.letters.labels[batch.letter], positions, settings.profile.time_step_s)


def _joined(parts: list[Part]) -> Part:
    positions = {name: np.concatenate([part.positions[name] for part in parts]) for name in parts[0].positions}
    inputs, label = (np.concatenate([getattr(part, name) for part in parts]) for name in ("inputs", "label"))
    return Part(inputs, label, positions, parts[0].time_step_s)
