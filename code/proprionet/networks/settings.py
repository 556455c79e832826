"""What a network is and how it is trained, as small validated settings; importing this is light."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from proprionet.config import Section

Filters = Annotated[tuple[Annotated[int, Field(ge=1, le=1024)], ...], Field(min_length=1, max_length=12)]
Kernel = Annotated[int, Field(ge=1, le=64)]
Stride = Annotated[int, Field(ge=1, le=16)]
Scaling = Literal["standardise", "none"]


class NetworkSettings(Section):
    """Architecture of a backbone: convolutions over muscles, then convolutions over time.

    ``spatial_filters`` and ``temporal_filters`` hold the number of channels of each layer, ``spatial_kernel`` and
    ``spatial_stride`` count muscles, ``temporal_kernel`` and ``temporal_stride`` count time steps of the layer below.
    ``dropout`` is the fraction of units silenced before the decision of a classification task.

    Source: Sandbrink et al. 2023, Table 2.
    """

    family: Literal["spatial_temporal"] = "spatial_temporal"
    spatial_filters: Filters
    temporal_filters: Filters
    spatial_kernel: Kernel
    temporal_kernel: Kernel
    spatial_stride: Stride
    temporal_stride: Stride
    dropout: float = Field(default=0.3, ge=0, lt=1)

    @model_validator(mode="after")
    def _strides_skip_nothing(self):
        for axis in ("spatial", "temporal"):
            kernel, stride = getattr(self, f"{axis}_kernel"), getattr(self, f"{axis}_stride")
            if stride > kernel:
                raise ValueError(
                    f"{axis}_stride {stride} exceeds {axis}_kernel {kernel}: inputs between kernels are lost"
                )
        return self


PRESETS = {
    # Best of 50 architectures; Table 2 prints its kernel and stride rows swapped, the layer sizes of Table 3 decide.
    "spatial_temporal_best": NetworkSettings(
        spatial_filters=(8, 16, 16, 32),
        temporal_filters=(32, 32, 64, 64),
        spatial_kernel=7,
        temporal_kernel=9,
        spatial_stride=2,
        temporal_stride=3,
    ),
    # The same depth and time grid with fewer channels, for demonstrations on a few cores.
    "spatial_temporal_small": NetworkSettings(
        spatial_filters=(4, 8, 8, 16),
        temporal_filters=(16, 16, 32, 32),
        spatial_kernel=7,
        temporal_kernel=9,
        spatial_stride=2,
        temporal_stride=3,
    ),
}


class Recipe(Section):
    """How a network is trained: Adam, one validation an epoch, the weights of the best validation are kept.

    The learning rate is divided by ``reduce_factor`` when the validation loss has not improved for ``patience``
    validations, and training stops at the second such plateau; ``patience=None`` trains all ``epochs`` at one rate.
    """

    learning_rate: float = Field(default=5e-4, gt=0, le=1, description="step size of Adam")
    batch_size: int = Field(default=256, ge=1, le=4096, description="movements in a training step")
    epochs: int = Field(default=50, ge=1, le=10_000, description="passes over the training set at most")
    patience: int | None = Field(default=5, ge=1, description="validations without improvement that make a plateau")
    reduce_factor: float = Field(default=4, gt=1, description="what the learning rate is divided by at a plateau")
    input_scaling: Scaling = Field(default="standardise", description="scaling of every muscle and channel")
    target_scaling: Scaling = Field(default="standardise", description="scaling of every dimension of a regression")


RECIPES = {
    # The schedule of the paper's Methods.
    "described": Recipe(),
    # What the published code really did: its patience never ran out, and inputs and targets stayed in mm and cm.
    "published": Recipe(patience=None, input_scaling="none", target_scaling="none"),
}
