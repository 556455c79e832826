"""Searches of architectures: networks drawn from the published spaces, and the jobs that train them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from proprionet import seeds
from proprionet.config import nearest
from proprionet.errors import InputError
from proprionet.networks.families import NetworkSettings, Recurrent, SpatialTemporal, Spatiotemporal, TemporalSpatial

Random = np.random.Generator

FILTERS = (8, 16, 32, 64)
KERNELS = (3, 5, 7, 9)
MOST_DRAWS = 1000  # of one network, until it differs from those before it


@dataclass(frozen=True)
class Job:
    """One network to train (or to keep as it is drawn) on one task from one seed; the seed gives its initial weights.

    A job that stays untrained has the task of another: its backbone is the same for all.
    """

    network: NetworkSettings
    task: str
    seed: int
    trained: bool = True

    @property
    def name(self) -> str:
        """Unique name of the job, of letters that a file may have in its name."""
        return f"{self.network.name}_{self.task if self.trained else 'untrained'}_seed{self.seed}"

    @property
    def options(self) -> list[str]:
        """Options of ``nn-training/train.py``, but for ``--network``."""
        return ["--task", self.task, "--seed", str(self.seed), *([] if self.trained else ["--untrained"])]


def draw(space: str, group: str, count: int, seed: int) -> list[NetworkSettings]:
    """Networks that all differ, drawn at random from a published search space.

    Each is drawn by the seed and its number alone, and only drawn again where an earlier one is the same: the first
    networks of a longer search are those of a shorter one.

    Parameters
    ----------
    space, group : str
        Keys of :data:`SPACES`, e.g. ``"elife2023", "spatiotemporal"``.
    count : int
        Number of networks; 50 as published.
    seed : int
        The experiment's seed.

    Raises
    ------
    InputError
        If the space or group is unknown, or holds fewer networks.

    Source: Sandbrink et al. 2023, Table 2; Marin Vargas et al. 2024.
    """
    for name, known in ((space, SPACES), (group, SPACES.get(space, {}))):
        if name not in known:
            raise InputError(f"search: '{name}' is unknown; {nearest(name, list(known))}")
    networks: dict[str, NetworkSettings] = {}
    for index in range(count):
        random = seeds.generator(seed, "architecture", space, group, index)
        draws = (SPACES[space][group](random) for _ in range(MOST_DRAWS))
        new = next((network for network in draws if network.name not in networks), None)
        if new is None:
            raise InputError(f"search: found {index} different networks of {group}, not {count}; ask for fewer")
        networks[new.name] = new
    return list(networks.values())


def jobs(
    networks: Iterable[NetworkSettings], tasks: Sequence[str], from_seeds: Iterable[int], untrained: bool
) -> list[Job]:
    """Every network on every task from every seed, and its untrained twins; what is there twice counts once.

    Networks of one architecture and seed start from the same weights whatever their task.
    """
    different, tasks = {network.name: network for network in networks}.values(), list(dict.fromkeys(tasks))
    return [
        Job(network, task, seed, trained)
        for network in different
        for seed in from_seeds
        for task, trained in [*((task, True) for task in tasks), *([(tasks[0], False)] if untrained else [])]
    ]


def _separable(kind: type[SpatialTemporal] | type[TemporalSpatial], deep: bool, random: Random) -> NetworkSettings:
    """As many layers over muscles as over time; channels never fall from one layer to the next, kernels over time are
    at least as long as those over muscles. Deep networks have a stride for each layer."""
    n_layers = int(random.integers(5, 7) if deep else random.integers(1, 5))
    filters = _ascending(random, FILTERS, 2 * n_layers)
    early, late = filters[:n_layers], filters[n_layers:]
    kernels = _ascending(random, KERNELS, 2)
    n_strides = n_layers if deep else 1
    return kind(
        spatial_filters=early if kind is SpatialTemporal else late,
        temporal_filters=late if kind is SpatialTemporal else early,
        spatial_kernel=kernels[0],
        temporal_kernel=kernels[1],
        spatial_stride=_choices(random, (1, 2), n_strides),
        temporal_stride=_choices(random, (1, 2) if deep else (1, 2, 3), n_strides),
    )


def _spatiotemporal(deep: bool, random: Random) -> Spatiotemporal:
    """Square kernels, the smaller of two draws; shallow networks have one stride for both axes."""
    n_layers = int(random.integers(5, 13) if deep else random.integers(1, 5))
    filters = _ascending(random, FILTERS, n_layers)
    kernel = _ascending(random, KERNELS, 2)[0]
    spatial_stride = _choices(random, (1, 2), n_layers if deep else 1)
    return Spatiotemporal(
        spatiotemporal_filters=filters,
        spatial_kernel=kernel,
        temporal_kernel=kernel,
        spatial_stride=spatial_stride,
        temporal_stride=_choices(random, (1, 2), n_layers) if deep else spatial_stride,
    )


def _lstm(most_layers: int, units: tuple[int, ...], random: Random) -> Recurrent:
    return Recurrent(
        spatial_filters=_ascending(random, (8, 16, 32), int(random.integers(1, most_layers + 1))),
        spatial_kernel=_choices(random, KERNELS, 1)[0],
        spatial_stride=_choices(random, (1, 2), 1),
        recurrent_units=_choices(random, units, 1),
    )


def _choices(random: Random, values: tuple[int, ...], count: int) -> tuple[int, ...]:
    return tuple(random.choice(values, count).tolist())


def _ascending(random: Random, values: tuple[int, ...], count: int) -> tuple[int, ...]:
    return tuple(sorted(_choices(random, values, count)))


_SHALLOW: dict[str, Callable[[Random], NetworkSettings]] = {
    "spatial_temporal": partial(_separable, SpatialTemporal, False),
    "temporal_spatial": partial(_separable, TemporalSpatial, False),
    "spatiotemporal": partial(_spatiotemporal, False),
}

SPACES: dict[str, dict[str, Callable[[Random], NetworkSettings]]] = {
    # The paper's recurrent networks; its code has those of 2024, though the published best has 256 units.
    "elife2023": {**_SHALLOW, "lstm": partial(_lstm, 4, (128, 256))},
    "cell2024": {
        **_SHALLOW,
        "spatial_temporal_deep": partial(_separable, SpatialTemporal, True),
        "temporal_spatial_deep": partial(_separable, TemporalSpatial, True),
        "spatiotemporal_deep": partial(_spatiotemporal, True),
        "lstm": partial(_lstm, 3, (32, 64, 128)),
    },
}
