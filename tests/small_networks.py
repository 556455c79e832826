"""A small network of every family."""

from proprionet.networks.families import Affine, Recurrent, SpatialTemporal, Spatiotemporal, TemporalSpatial

TINY = SpatialTemporal(
    spatial_filters=(4,),
    temporal_filters=(8, 8),
    spatial_kernel=3,
    temporal_kernel=7,
    spatial_stride=2,
    temporal_stride=3,
)
SEPARABLE = {
    "spatial_filters": (3, 4),
    "temporal_filters": (4, 5),
    "spatial_kernel": 3,
    "spatial_stride": 2,
    "temporal_kernel": 5,
    "temporal_stride": (3, 2),
}
SMALL = {
    "spatial_temporal": SpatialTemporal(**SEPARABLE),
    "temporal_spatial": TemporalSpatial(**SEPARABLE),
    "spatiotemporal": Spatiotemporal(
        spatiotemporal_filters=(3, 4), spatial_kernel=4, temporal_kernel=5, spatial_stride=2, temporal_stride=3
    ),
    "lstm": Recurrent(spatial_filters=(3, 4), spatial_kernel=3, spatial_stride=2, recurrent_units=(6, 5)),
    "gru": Recurrent(spatial_filters=(3,), spatial_kernel=3, spatial_stride=2, recurrent_units=(6,), cell="gru"),
    "affine": Affine(spatial_units=(7, 6), temporal_filters=(3, 4), temporal_kernel=5, temporal_stride=2),
}
