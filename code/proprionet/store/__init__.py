"""The file contract: HDF5 files of declared kinds, written whole or not at all, read with suspicion."""

from proprionet.store.atomic import locked, replacing, write_text
from proprionet.store.checking import StoreError
from proprionet.store.kinds import ABOUT_NETWORK, KINDS, Array, Kind
from proprionet.store.provenance import fingerprint, input_hashes, sha256
from proprionet.store.reading import Reader, raw_datasets, read, read_each
from proprionet.store.writing import Writer, create

__all__ = [
    "ABOUT_NETWORK",
    "KINDS",
    "Array",
    "Kind",
    "Reader",
    "StoreError",
    "Writer",
    "create",
    "fingerprint",
    "input_hashes",
    "locked",
    "raw_datasets",
    "read",
    "read_each",
    "replacing",
    "sha256",
    "write_text",
]
