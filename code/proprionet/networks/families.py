"""The five families of networks as validated settings, with the layers that each describes; importing this is light."""

import math
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from proprionet.config import Section

Sizes = Annotated[tuple[Annotated[int, Field(ge=1, le=1024)], ...], Field(min_length=1, max_length=12)]
Kernel = Annotated[int, Field(ge=1, le=64)]
Strides = Annotated[
    tuple[Annotated[int, Field(ge=1, le=16)], ...],
    Field(min_length=1, max_length=12),
    BeforeValidator(lambda given: given if isinstance(given, list | tuple) else (given,)),
]
Dropout = Annotated[float, Field(ge=0, lt=1)]

PUBLISHED_DROPOUT = 0.3
MOST_WEIGHTS = 1 << 26  # in the kernels between layers; the largest published network has 675,792


class Layer(NamedTuple):
    """One layer of a backbone.

    ``size`` is the number of channels of a convolution, or of units of another layer. ``kernel`` and ``stride`` count
    (muscles, time steps) of the layer below; those of other layers are (1, 1).
    """

    name: str
    size: int
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)


class Architecture(Section):
    """What the settings of every family share.

    ``causal``: what a layer says at a time step depends on the input up to that step alone. Convolutions over time look
    back only, and the normaliser takes the steps so far. ``dropout``: fraction of units silenced before the decision of
    a classification task. Strides are one number for all layers, or one a layer.
    """

    family: Any  # its name, a literal in each family
    causal: bool = False
    dropout: Dropout = PUBLISHED_DROPOUT

    def layers(self) -> list[Layer]:
        """The layers between input and head, in network order."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """A name that tells the architecture and can name a file; networks that differ have different names."""
        marks = ["causal"] if self.causal else []
        if self.dropout != PUBLISHED_DROPOUT:
            marks.append(f"dropout{self.dropout}")
        return "_".join([self.family, *self._parts(), *marks])

    def _parts(self) -> list[str]:
        """The name's parts between family and marks."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _check_layers(self):
        layers = self.layers()
        for layer in layers:
            for axis, kernel, stride in zip(("spatial", "temporal"), layer.kernel, layer.stride, strict=True):
                if stride > kernel:
                    raise ValueError(
                        f"{axis}_stride {stride} exceeds {axis}_kernel {kernel}: inputs between kernels are lost"
                    )
        n_weights = sum(below.size * layer.size * math.prod(layer.kernel) for below, layer in pairwise(layers))
        if n_weights > MOST_WEIGHTS:
            raise ValueError(f"its kernels hold {n_weights:,} weights, more than the {MOST_WEIGHTS:,} allowed")
        return self


class _Spatial(Architecture):
    """Convolutions over muscles: channels of each layer, muscles in a kernel, strides."""

    spatial_filters: Sizes
    spatial_kernel: Kernel
    spatial_stride: Strides

    def _over_muscles(self) -> list[Layer]:
        return _convolutions("spatial", self.spatial_filters, (self.spatial_kernel, 1), (self.spatial_stride, (1,)))

    def _spatial_part(self) -> str:
        return f"{_joined(self.spatial_filters)}_k{self.spatial_kernel}_s{_shortest(self.spatial_stride)}"


class _Temporal(Architecture):
    """Convolutions over time: channels of each layer, time steps in a kernel, strides."""

    temporal_filters: Sizes
    temporal_kernel: Kernel
    temporal_stride: Strides

    def _over_time(self) -> list[Layer]:
        return _convolutions("temporal", self.temporal_filters, (1, self.temporal_kernel), ((1,), self.temporal_stride))

    def _temporal_part(self) -> str:
        return f"{_joined(self.temporal_filters)}_k{self.temporal_kernel}_s{_shortest(self.temporal_stride)}"


class SpatialTemporal(_Temporal, _Spatial):
    """Convolutions over muscles, then over time.

    Source: Sandbrink et al. 2023, Table 2; strides of each layer as in the deep networks of Marin Vargas et al. 2024.
    """

    family: Literal["spatial_temporal"] = "spatial_temporal"

    def layers(self) -> list[Layer]:
        return self._over_muscles() + self._over_time()

    def _parts(self) -> list[str]:
        return [self._spatial_part(), self._temporal_part()]


class TemporalSpatial(_Temporal, _Spatial):
    """Convolutions over time, then over muscles. Source: Marin Vargas et al. 2024."""

    family: Literal["temporal_spatial"] = "temporal_spatial"

    def layers(self) -> list[Layer]:
        return self._over_time() + self._over_muscles()

    def _parts(self) -> list[str]:
        return [self._temporal_part(), self._spatial_part()]


class Spatiotemporal(Architecture):
    """Convolutions over muscles and time at once; the published kernels are square. Source: both papers."""

    family: Literal["spatiotemporal"] = "spatiotemporal"
    spatiotemporal_filters: Sizes
    spatial_kernel: Kernel
    temporal_kernel: Kernel
    spatial_stride: Strides
    temporal_stride: Strides

    def layers(self) -> list[Layer]:
        kernel, strides = (self.spatial_kernel, self.temporal_kernel), (self.spatial_stride, self.temporal_stride)
        return _convolutions("spatiotemporal", self.spatiotemporal_filters, kernel, strides)

    def _parts(self) -> list[str]:
        kernel = f"k{self.spatial_kernel}x{self.temporal_kernel}"
        return [
            _joined(self.spatiotemporal_filters),
            f"{kernel}_s{_shortest(self.spatial_stride)}x{_shortest(self.temporal_stride)}",
        ]


class Recurrent(_Spatial):
    """Convolutions over muscles, then recurrent layers, in which nothing is normalised; decided at the last step.

    With ``memory`` gates start with time constants spread from 2 steps to this many (chrono initialisation), and what
    was seen long before the last step is learnt sooner.

    Source: Sandbrink et al. 2023, Methods; Marin Vargas et al. 2024; Tallec & Ollivier 2018.
    """

    family: Literal["recurrent"] = "recurrent"
    cell: Literal["lstm", "gru"] = "lstm"
    recurrent_units: Sizes
    memory: int | None = Field(default=None, ge=3, le=100_000)

    def layers(self) -> list[Layer]:
        return self._over_muscles() + [Layer(f"recurrent{i}", size) for i, size in enumerate(self.recurrent_units)]

    def _parts(self) -> list[str]:
        memory = "" if self.memory is None else f"_m{self.memory}"
        return [self._spatial_part(), f"{self.cell}{_joined(self.recurrent_units)}{memory}"]


class Affine(_Temporal):
    """Dense layers over all muscles of a time step, each with dropout, then convolutions over time.

    Source: an unfinished family in the published code of Sandbrink et al. 2023, here for any number of channels.
    """

    family: Literal["affine"] = "affine"
    spatial_units: Sizes
    spatial_dropout: Dropout = PUBLISHED_DROPOUT

    def layers(self) -> list[Layer]:
        return [Layer(f"spatial{i}", size) for i, size in enumerate(self.spatial_units)] + self._over_time()

    def _parts(self) -> list[str]:
        return [f"{_joined(self.spatial_units)}_d{self.spatial_dropout}", self._temporal_part()]


NetworkSettings = SpatialTemporal | TemporalSpatial | Spatiotemporal | Recurrent | Affine

FAMILIES: dict[str, type[NetworkSettings]] = {
    "spatial_temporal": SpatialTemporal,
    "temporal_spatial": TemporalSpatial,
    "spatiotemporal": Spatiotemporal,
    "recurrent": Recurrent,
    "affine": Affine,
}


def _convolutions(
    name: str, sizes: tuple[int, ...], kernel: tuple[int, int], strides: tuple[tuple[int, ...], tuple[int, ...]]
) -> list[Layer]:
    """Layers ``name0``, ``name1``, ... with one kernel; strides of muscles and of time steps, of all or of each."""
    for axis, given in zip(("spatial", "temporal"), strides, strict=True):
        if len(given) not in (1, len(sizes)):
            raise ValueError(
                f"{axis}_stride has {len(given)} numbers for {len(sizes)} layers: give one for all, or one a layer"
            )
    over_muscles, over_time = (given if len(given) == len(sizes) else given * len(sizes) for given in strides)
    return [Layer(f"{name}{i}", size, kernel, (over_muscles[i], over_time[i])) for i, size in enumerate(sizes)]


def _shortest(strides: tuple[int, ...]) -> str:
    return _joined(strides[:1] if len(set(strides)) == 1 else strides)


def _joined(numbers: tuple[int, ...]) -> str:
    return "-".join(map(str, numbers))
