"""What networks are trained to do; importing this is light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

N_LETTERS = 20
EMBEDDING = 256  # dimensions of the embedding whose redundancy is reduced, as published


@dataclass(frozen=True)
class Task:
    """One question to a network.

    Attributes
    ----------
    name, label : str
        Ours, and the paper's.
    head : str
        What turns features into answers, a key of :data:`proprionet.networks.heads.HEADS`: one answer a movement, one
        at every network time step (``driven_step``: from the target of the movement too), the input itself
        (``decoder``), or an embedding (``projector``).
    loss : {"cross_entropy", "squared_error", "redundancy"}
    metric : str
        What :func:`proprionet.networks.evaluation.evaluate` reports that is quoted first.
    quantities : tuple of str
        What is decoded, by the names that :func:`proprionet.dataset.quantity` knows; empty where it is no quantity of
        the movement.
    """

    name: str
    label: str
    head: Literal["movement", "step", "driven_step", "decoder", "projector"]
    loss: Literal["cross_entropy", "squared_error", "redundancy"]
    metric: Literal["accuracy", "error", "redundancy", "explained_variance"]
    quantities: tuple[str, ...] = ()

    def n_outputs(self, answers: Sequence[Any]) -> int:
        """Size of one answer; that of a regression is what its parts (:class:`proprionet.networks.samples.Answer`) have
        together."""
        return {"cross_entropy": N_LETTERS, "redundancy": EMBEDDING}.get(self.loss, sum(part.size for part in answers))


def without_learning(task: Task, metrics: Mapping[str, float]) -> float | None:
    """What the first metric of a task would be without anything learnt; None where ``metrics`` do not say.

    A letter by chance, the mean target of training, no variance, or the redundancy of the network as it is drawn.
    """
    return 0.0 if task.metric == "explained_variance" else metrics.get(f"trivial_{task.metric}")


def _decoding(name: str, label: str, *quantities: str) -> Task:
    return Task(name, label, "step", "squared_error", "error", quantities)


def _orders(name: str, label: str, *positions: str) -> list[Task]:
    """Velocity, position and velocity, and position, velocity and acceleration of some points or of the joints."""
    velocities, accelerations = ([f"{one}_{order}" for one in positions] for order in ("velocity", "acceleration"))
    return [
        _decoding(f"{name}_velocity", f"{label} movements", *velocities),
        _decoding(f"{name}_position_velocity", f"{label} localization & movements", *positions, *velocities),
        _decoding(
            f"{name}_position_velocity_acceleration",
            f"{label} localization, movements & acceleration",
            *positions,
            *velocities,
            *accelerations,
        ),
    ]


# The sixteen of Marin Vargas et al. 2024, of which the first two are those of Sandbrink et al. 2023 (whose control of
# the second decodes position and velocity), and the networks that are trained on recorded neurons.
TASKS = {
    task.name: task
    for task in (
        Task("action_recognition", "Action recognition", "movement", "cross_entropy", "accuracy"),
        _decoding("trajectory_decoding", "Hand localization", "hand"),
        *_orders("hand", "Hand", "hand"),
        _decoding("limb_position", "Limb localization", "hand", "elbow"),
        *_orders("limb", "Limb", "hand", "elbow"),
        _decoding("joint_position", "Joint localization", "joints"),
        *_orders("joint", "Joint", "joints"),
        Task("torque", "Torque", "driven_step", "squared_error", "error", ("torque",)),
        Task("autoencoder", "Autoencoder", "decoder", "squared_error", "error"),
        Task("redundancy_reduction", "Redundancy reduction", "projector", "redundancy", "redundancy"),
        Task("neurons", "Recorded neurons", "step", "squared_error", "explained_variance"),
    )
}
