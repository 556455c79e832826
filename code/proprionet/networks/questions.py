"""What a task asks of the movements of a data set, of a stream of new ones, or of a recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from proprionet import dataset as movement_data
from proprionet import seeds
from proprionet.errors import InputError
from proprionet.networks.samples import Answer, Batch, Samples, ahead
from proprionet.networks.tasks import EMBEDDING, N_LETTERS, Task
from proprionet.store import Reader
from proprionet.timing import align


@dataclass(frozen=True)
class Question:
    """A task, put to a network that sees ``input`` and answers at ``times`` (input steps; shape (layer_time,)).

    ``input`` is ``spindle``, or a position that :func:`proprionet.dataset.quantity` knows, seen with its velocity.
    """

    task: Task
    times: np.ndarray
    input: str = "spindle"

    def of_dataset(self, data: Reader, rows: np.ndarray) -> Samples:
        """Rows (ascending) of an open data set.

        Raises
        ------
        InputError
            If the data set lacks what the task asks for.
        """
        if "torque" in self.task.quantities and "torque" not in data:
            raise InputError(f"{data.path.name}: holds no torques; add them with dataset/add_torques.py")
        has_target = self.task.head == "driven_step" and "target" in data

        def read(places: np.ndarray) -> Batch:
            chosen = rows[places]
            inputs = network_inputs(data, chosen, self.input)
            given = movement_data.read_rows(data, "target", chosen) if has_target else None
            label = movement_data.read_rows(data, "label", chosen)
            return Batch(inputs, given, self._targets(inputs, label, self._quantities(data, chosen)))

        return Samples(rows, read, self._answers(data))

    def of_trials(self, data: Reader, session: Reader, trials: np.ndarray) -> Samples:
        """Trials of a recording, with the firing rates (Hz) of its neurons as targets while spikes were counted.

        ``data`` is the open data set whose movements the session names.

        Raises
        ------
        InputError
            If the session names no movements, others than those, or has trials of several lengths.
        """
        if "movement" not in session or "bin_time" not in session:
            raise InputError(
                f"{session.path.name}: its trials are no movements of a data set; neurons of such a recording are "
                "fitted by neural_prediction/fit_network.py"
            )
        counts, bin_time, movement = _in_trials(session)
        if movement.max(initial=0) >= len(data.dataset("label")):
            raise InputError(f"{session.path.name}: names movements that {data.path.name} does not have")
        rates = (counts / session.attribute("bin_width_s")).astype(np.float32)
        half = np.diff(bin_time).mean() / 2 if len(bin_time) > 1 else 0
        outside = (self.times < bin_time[0] - half) | (self.times > bin_time[-1] + half)

        def read(places: np.ndarray) -> Batch:
            chosen = trials[places]
            targets = align(rates[chosen], bin_time, self.times)
            targets[:, outside] = np.nan
            return Batch(network_inputs(data, movement[chosen], self.input), None, targets)

        return Samples(trials, read, (Answer("rate", "Hz", rates.shape[2]),))

    def of_stream(self, stream: movement_data.MovementStream) -> Callable[[int, int], Iterator[Batch]]:
        """Batches of an epoch of new movements, as :class:`proprionet.networks.training.TrainingData` takes them."""
        for wanted in ({self.task.name} & {"torque", "neurons"}) | ({self.input} & {"muscle_length"}):
            raise InputError(f"--stream writes movements without {wanted}; train on a stored data set")

        def written(epoch: int, batch_size: int) -> Iterator[Batch]:
            for part in stream.epoch(epoch, batch_size):
                inputs = part.inputs if self.input == "spindle" else _with_velocity(part.quantity, self.input)
                quantities = [part.quantity(name) for name in self.task.quantities]
                yield Batch(inputs, None, self._targets(inputs, part.label, quantities))

        return lambda epoch, batch_size: ahead(written(epoch, batch_size))

    def _quantities(self, data: Reader, rows: np.ndarray) -> list[np.ndarray]:
        return [movement_data.quantity(data, rows, name) for name in self.task.quantities]

    def _answers(self, data: Reader) -> tuple[Answer, ...]:
        """What a regression answers; found by a look at the first movement."""
        first = np.arange(1)
        if self.task.head == "decoder":
            n_places = network_inputs(data, first, self.input).shape[1]
            return tuple(Answer(name, unit, n_places) for name, unit in self._channels(data))
        names = self.task.quantities
        sizes = [values.shape[1] for values in self._quantities(data, first)]
        return tuple(Answer(name, movement_data.unit_of(name), size) for name, size in zip(names, sizes, strict=True))

    def _channels(self, data: Reader) -> list[tuple[str, str]]:
        """Name and unit of each input channel."""
        if self.input == "spindle":
            model = movement_data.spindle_model(data)
            return list(zip(model.channels, model.units, strict=True))
        return [(name, movement_data.unit_of(name)) for name in (self.input, f"{self.input}_velocity")]

    def _targets(self, inputs: np.ndarray, label: np.ndarray, quantities: list[np.ndarray]) -> np.ndarray:
        """Letters (movement,); quantities (movement, layer_time, number); the inputs, one channel after another,
        (movement, step, channel * muscle); or zeros (movement, embedding) where nothing is asked."""
        if self.task.loss == "cross_entropy":
            if (bad := np.flatnonzero((label < 0) | (label >= N_LETTERS))).size:
                raise InputError(f"movement {bad[0]}: letter {label[bad[0]]} is not a whole number from 0 to 19")
            return label.astype(np.int32)
        if self.task.head == "decoder":
            movement, muscle, step, channel = inputs.shape
            return inputs.transpose(0, 2, 3, 1).reshape(movement, step, channel * muscle)
        if self.task.head == "projector":
            return np.zeros((len(inputs), EMBEDDING), np.float32)
        together = np.concatenate(quantities, axis=1).transpose(0, 2, 1)
        return align(together, np.arange(together.shape[1]), self.times)


def parts(
    question: Question, data: Reader, session: Reader | None, seed: int, *, most_movements: int | None = None
) -> list[Samples]:
    """Training, validation and test movements; of a recording, 80, 10 and 10 % of its trials, mixed.

    Of the training part there are ``most_movements`` at most.

    Raises
    ------
    InputError
        If a part is empty, a letter to be recognised is only in some of them, or a single movement shall correlate.
    """
    if question.task.name == "neurons":
        if session is None:
            raise InputError("task neurons needs the recording to train on; give it with --session")
        n = len(session.dataset("trial_id"))
        order = seeds.generator(seed, "trials").permutation(n)
        chosen = np.split(order, [round(0.8 * n), round(0.9 * n)])
        samples = [question.of_trials(data, session, np.sort(trials)) for trials in chosen]
    elif session is not None:
        raise InputError(f"a session is for --task neurons, not for {question.task.name}")
    else:
        split = data["split"]
        samples = [question.of_dataset(data, np.flatnonzero(split == part)) for part in range(3)]
    samples[0] = samples[0].first(most_movements)
    fewest = 2 if question.task.loss == "redundancy" else 1
    for part, name in zip(samples, movement_data.SPLITS, strict=True):
        if len(part) < fewest:
            has = f"has {len(part)} movement, too few to correlate" if len(part) else "is empty"
            raise InputError(f"{data.path.name}: the {name} part {has}")
    if question.task.loss == "cross_entropy":
        _check_letters(data, [part.numbers for part in samples])
    return samples


def _in_trials(session: Reader) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spike counts (trial, bin, neuron), times of the bins (bin,), and movement of each trial (trial,)."""
    counts, times, movement = session["spike_count"], session["bin_time"], session["movement"]
    shape = (len(movement), len(times) // len(movement))
    if (np.diff(session["offsets"]) != shape[1]).any() or (times.reshape(shape) != times[: shape[1]]).any():
        raise InputError(f"{session.path.name}: its trials differ in the times of their bins, expected the same")
    return counts.reshape(*shape, -1), times[: shape[1]], movement


def network_inputs(data: Reader, rows: np.ndarray, name: str) -> np.ndarray:
    """What a network sees of some rows: the spindles, or a quantity and its velocity as two channels.

    Returns
    -------
    array, shape (movement, place, step, channel), float32
        Places are muscles, joints, or axes of the hand.
    """
    if name == "spindle":
        return movement_data.spindle_inputs(data, rows)
    return _with_velocity(lambda quantity: movement_data.quantity(data, rows, quantity), name)


def unit_of(metric: str, answers: tuple[Answer, ...]) -> str:
    """Unit of a metric of :func:`proprionet.networks.evaluation.evaluate`, "mixed units" where parts have several."""
    units = {answer.unit for answer in answers if metric.endswith(("error", f"error_{answer.name}"))}
    if units:
        return units.pop() if len(units) == 1 else "mixed units"
    return {"accuracy": "fraction", "explained_variance": "of variance"}.get(metric, "1")


def _check_letters(data: Reader, parts: list[np.ndarray]) -> None:
    label = data["label"]
    letters = np.unique(label)
    if len(letters) < 2:
        raise InputError(
            f"{data.path.name}: holds one class only, so that there is nothing to tell apart; choose another --task"
        )
    for rows, name in zip(parts, movement_data.SPLITS, strict=True):
        if (absent := np.setdiff1d(letters, label[rows])).size:
            letter = data.attribute("alphabet")[absent[0]]
            raise InputError(f"{data.path.name}: the {name} part has no letter '{letter}', which other parts have")


def _with_velocity(quantity: Callable[[str], np.ndarray], name: str) -> np.ndarray:
    return np.stack([quantity(name), quantity(f"{name}_velocity")], axis=-1)
