"""Every kind of HDF5 file that passes between stages, declared once in the module of its subject.

A kind names its datasets with their dimensions, type and unit. Dimensions with the same name have the same length
throughout a file. A dataset whose name ends in ``*`` stands for a family, one member for each layer or weight; only
those dimensions that also occur in a plain dataset are held to one length there.
"""

from proprionet.store.kinds import analysis, data, networks, neural, recurrent
from proprionet.store.kinds.base import ABOUT_NETWORK, Array, Kind

__all__ = ["ABOUT_NETWORK", "KINDS", "Array", "Kind"]

KINDS: dict[str, Kind] = {
    kind.name: kind for subject in (data, networks, analysis, neural, recurrent) for kind in subject.KINDS
}
"""In the order of the pipeline."""
