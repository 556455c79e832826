"""Settings of recurrent networks: their cells, how they are trained, and what is recorded of them."""

from typing import Any, Literal

from pydantic import Field

from proprionet.config.section import FileOrName, Section


class Cell(Section):
    """What every recurrent cell has.

    ``n_units``: numbers that the readout sees. ``initial_noise``: standard deviation, in training alone, of what is
    added to the learnt initial state.
    """

    cell: Any  # its name, a literal in each
    n_units: int = Field(default=64, ge=1, le=4096)
    initial_noise: float = Field(default=0.0, ge=0, le=10)

    @property
    def n_states(self) -> int:
        """Numbers that the state has."""
        return self.n_units


class Gru(Cell):
    """Gated recurrent unit in the form that applies the reset gate after the matrix product."""

    cell: Literal["gru"] = "gru"


class NoisyGru(Cell):
    """The same with noise (its standard deviation) on the state after each step in training; outputs come before it."""

    cell: Literal["noisy_gru"] = "noisy_gru"
    noise: float = Field(default=0.01, ge=0, le=10)


class Vanilla(Cell):
    """tanh(u K + h W + b)."""

    cell: Literal["vanilla"] = "vanilla"


class Lstm(Cell):
    """Long short-term memory; the state is (h, c), of which the readout sees h."""

    cell: Literal["lstm"] = "lstm"

    @property
    def n_states(self) -> int:
        return 2 * self.n_units


class Leaky(Cell):
    """(1 - leak) h + leak tanh(u K + h W + b + noise), with ``leak`` the time step over the time constant."""

    cell: Literal["leaky"] = "leaky"
    leak: float = Field(default=0.2, gt=0, le=1)
    noise: float = Field(default=0.0, ge=0, le=10)


class Node(Cell):
    """Neural ordinary differential equation dh/dt = f([h, u]), f of ``n_layers`` linear layers with ReLU between.

    Each time step of the task advances it by ``step``: once along f (Euler), or by Runge-Kutta of order 4.
    """

    cell: Literal["node"] = "node"
    n_units: int = Field(default=3, ge=1, le=4096)
    n_layers: int = Field(default=3, ge=2, le=20)
    layer_size: int = Field(default=64, ge=1, le=4096)
    solver: Literal["euler", "rk4"] = "euler"
    step: float = Field(default=0.1, gt=0, le=10)


class Linear(Cell):
    """h W + u K + b: a linear dynamical system."""

    cell: Literal["linear"] = "linear"


CELLS: dict[str, type[Cell]] = {
    "gru": Gru,
    "noisy_gru": NoisyGru,
    "vanilla": Vanilla,
    "lstm": Lstm,
    "leaky": Leaky,
    "node": Node,
    "linear": Linear,
}
DECODERS: dict[str, type[Cell]] = {name: CELLS[name] for name in ("gru", "vanilla", "node", "linear")}
"""Cells that generate the dynamics of a data-driven model."""


class RecurrentTraining(Section):
    """How a recurrent network is built and trained; what is not given is as the recipe of the task and cell has it."""

    task: FileOrName = Field(
        default="flip_flop",
        description="what it is trained on: a name, a name with changes (flip_flop,n_bits=2), or a YAML file",
    )
    cell: FileOrName = Field(
        default="gru", description="how it is built: a name, a name with changes (node,n_units=5), or a YAML file"
    )
    practice: FileOrName | None = Field(
        default=None, description="task that training trials are of, where they are shorter or easier than the task's"
    )
    untrained: bool = Field(default=False, description="keep the weights as they are drawn")
    n_updates: int | None = Field(default=None, ge=1, le=10_000_000, description="training steps, of new trials each")
    batch_size: int | None = Field(default=None, ge=1, le=100_000, description="trials in a training step")
    learning_rate: float | None = Field(default=None, gt=0, le=1, description="of Adam; the highest of one cycle")
    schedule: Literal["one_cycle", "constant"] | None = Field(
        default=None, description="the learning rate rises and falls once, or stays"
    )
    clip: float | None = Field(default=None, gt=0, description="longest gradient (norm over all weights)")
    latent_weight: float | None = Field(
        default=None, ge=0, description="weight in the loss of the norm of a trial's latents, averaged over trials"
    )
    n_validation: int = Field(default=200, ge=1, le=100_000, description="trials of the task for validation")
    interval: int = Field(default=250, ge=1, description="training steps between validations; the state is saved then")
    xla: bool | None = Field(default=None, description="compile training steps with XLA")


class RecurrentNetwork(Section):
    """One recurrent network of an experiment, beside the settings that all have."""

    task: FileOrName = Field(default="flip_flop", description="what it is trained on")
    cell: FileOrName = Field(default="gru", description="how it is built")
    seed: int | None = Field(
        default=None, ge=0, description="of its weights and training; the experiment's if not given"
    )
    n_updates: int | None = Field(default=None, ge=1, le=10_000_000, description="training steps")
    untrained: bool = Field(default=False, description="keep the weights as they are drawn")
    towards: str | None = Field(default=None, description="constant input to which its fixed points are followed")


class Latents(Section):
    """What is recorded of a recurrent network."""

    trials_of: FileOrName | None = Field(
        default=None,
        description="task that trials are drawn from; the one trained on if not given",
    )
    n_trials: int = Field(default=500, ge=2, le=1_000_000, description="trials")
    validation_fraction: float = Field(default=0.2, gt=0, lt=1, description="share of them for validation")
    noisy: bool = Field(default=True, description="inputs with the noise of the task; cells are always without theirs")
    name: str = Field(default="", max_length=80, description="what to call the network; its cell and size if not given")


class FixedPoints(Section):
    """The search for fixed points of a recurrent network, under a constant input."""

    n_starts: int = Field(default=1024, ge=2, le=1_000_000, description="starts of each of the two searches")
    n_iterations: int = Field(default=600, ge=1, le=100_000, description="steps of a start at most")
    merged_within: float = Field(default=1e-4, gt=0, le=1, description="distance of points that are one")
    constant_input: str = Field(
        default="zero",
        description="what is held constant: zero, mean (of all trials), numbers such as 0,1,0, or the mean in a "
        "phase of a condition such as DelayPro:stim1",
    )
    towards: str | None = Field(
        default=None, description="follow the points while the input goes over to this one, given in the same way"
    )
    n_places: int = Field(default=10, ge=2, le=10_000, description="steps of that way")


class DynamicsSimilarity(Section):
    """The comparison of the dynamics of networks."""

    components: int = Field(default=3, ge=1, le=1000, description="principal components of each network")
    n_delays: int = Field(default=10, ge=1, le=1000, description="moments that are seen together")
    interval: int = Field(default=1, ge=1, le=1000, description="steps between these moments")
    rank: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="dimensions of the dynamics; 0 takes the fewest that predict as well, without penalty and controls",
    )
    ridge: float = Field(default=0.0, ge=0, description="penalty of the regression, as a share of the variance")
    controls: bool = Field(default=False, description="do not count as dynamics what the inputs explain")
    n_splits: int = Field(default=5, ge=1, le=1000, description="halvings of the trials, for the floor")
    layers: str = Field(default="all", description="of networks that read letters: all, or names with commas")


class Simulation(Section):
    """How neurons are simulated that show the latents of a recurrent network."""

    n_held_in: int = Field(default=50, ge=1, le=10_000, description="neurons that models may see")
    n_held_out: int = Field(default=10, ge=0, le=10_000, description="neurons that models must predict unseen")
    fr_scaling: float = Field(default=2.0, gt=0, le=100, description="what the standardised drive is divided by")
    link: Literal["exp", "softplus", "sigmoid"] = Field(default="exp", description="from the drive to the rate")
    mean_rate: float | None = Field(
        default=None, gt=0, le=1000, description="spikes in a bin, mean over neurons; as the link gives it if not given"
    )
    dispersion: float = Field(default=1.0, gt=0, le=100, description="variance of spikes over their mean; 1: Poisson")
    trim_first: int = Field(default=0, ge=0, description="steps that are cut off at the beginning of trials")
    trim_last: int = Field(default=0, ge=0, description="and at their end")


class Autoencoder(Section):
    """How a sequential autoencoder is built and fitted."""

    decoder: FileOrName = Field(
        default="gru",
        description="what generates the dynamics: gru, vanilla, node or linear, with changes (node,n_units=5), or YAML",
    )
    encoder_units: int = Field(default=100, ge=1, le=4096, description="units of the encoder in each direction")
    dropout: float = Field(default=0.05, ge=0, lt=1, description="share of what the encoder says that is dropped")
    coordinated_dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of bins that are hidden from the encoder; the loss is of these"
    )
    variational: bool = Field(default=False, description="the encoder gives a distribution of initial states (LFADS)")
    n_inferred_inputs: int = Field(
        default=0, ge=0, le=1000, description="inputs that a controller infers (LFADS); 0: the true ones are given"
    )
    controller_units: int = Field(default=64, ge=1, le=4096, description="units of the controller and its encoder")
    initial_state_weight: float = Field(
        default=1e-5, ge=0, description="of the divergence of initial states from their prior, in the loss"
    )
    inputs_weight: float = Field(default=1e-5, ge=0, description="the same of inferred inputs")
    ramp: int = Field(default=80, ge=0, description="epochs over which these weights rise from 0")
    epochs: int = Field(default=500, ge=1, le=100_000, description="passes over the training trials")
    batch_size: int = Field(default=250, ge=1, le=100_000, description="trials in a training step")
    learning_rate: float | None = Field(
        default=None, gt=0, le=1, description="of Adam; as published for the decoder if not given"
    )
    clip: float = Field(default=1.0, gt=0, description="longest gradient (norm over all weights)")


class InferredModel(Section):
    """One data-driven model of an experiment, beside the settings that all have."""

    network: str = Field(description="recurrent network of the experiment whose simulated neurons it is fitted to")
    decoder: FileOrName = Field(default="gru", description="what generates the dynamics")
    variational: bool = Field(default=False, description="the encoder gives a distribution of initial states (LFADS)")
    n_inferred_inputs: int | None = Field(default=None, ge=0, le=1000, description="inputs that a controller infers")
    coordinated_dropout: float | None = Field(default=None, ge=0, lt=1, description="share of bins that are hidden")
    learning_rate: float | None = Field(default=None, gt=0, le=1, description="of Adam")
    seed: int | None = Field(default=None, ge=0, description="of its weights and fit; the experiment's if not given")
