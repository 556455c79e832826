"""Bring published recordings to this computer; none of them is part of the project."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proprionet import store
from proprionet.errors import InputError

AREA2_BUMP = "sub-Han_desc-train_behavior+ecephys.nwb"
AREA2_BUMP_URL = "https://api.dandiarchive.org/api/assets/ded26b6c-418d-43f5-8a37-dfd072c2dbd4/download/"
AREA2_BUMP_SHA256 = ("639b1a03", "f5db2")
"""How the SHA-256 of the file begins and ends; more of it is not known to this project."""
AREA2_BUMP_BY_HAND = f"DANDI 000127, version 0.220113.0359, sub-Han/{AREA2_BUMP} (1.8 GB)"

RECORDS = {
    "cell2024-spindles": 10530013,
    "cell2024-networks": 10533584,
    "cell2024-recordings": 10542311,
    "elife2023": 14544688,
}
"""Records on Zenodo of Marin Vargas et al. 2024 and of Sandbrink, Mamidanna et al. 2023."""
ZENODO_URL = "https://zenodo.org/api/records"

_BLOCK_BYTES = 1 << 20
_TIMEOUT_S = 30

Progress = Callable[[Iterable[bytes], int | None], Iterable[bytes]]


@dataclass(frozen=True)
class RecordFile:
    """One file of a record: its size and its checksum (``algorithm:digest``) as the record states them."""

    name: str
    n_bytes: int
    checksum: str
    url: str


def fetch_area2_bump(
    folder: str | Path | None = None,
    *,
    sha256: str | None = None,
    url: str = AREA2_BUMP_URL,
    progress: Progress = lambda blocks, total: blocks,
) -> Path:
    """Fetch the session of monkey Han with its behaviour, unless it is here already, and check its SHA-256.

    Parameters
    ----------
    folder : path, optional
        Where the file goes, by default the user's cache. It appears under its name only when it is whole and checked.
    sha256 : str, optional
        The whole SHA-256, where you know it; else its beginning and end are checked, which is all that is known here.
    progress : function
        Goes through the blocks of the download, of which there are so many, and shows how far it is.

    Raises
    ------
    InputError
        If the archive cannot be reached (says what to fetch by hand, and where to put it), or the file is another.
    """
    target = _folder(folder) / AREA2_BUMP
    starts, ends = (sha256.lower(), "") if sha256 else AREA2_BUMP_SHA256

    def check(name: str, digest: str) -> None:
        if not (digest.startswith(starts) and digest.endswith(ends)):
            expected = starts if sha256 else f"{starts}...{ends}"
            raise InputError(f"{name}: SHA-256 is {digest}, expected {expected}; remove the file and fetch it again")

    if target.exists():
        check(str(target), store.sha256(target))
    else:
        _download(url, target, "sha256", check, progress, AREA2_BUMP_BY_HAND)
    return target


def files_of_record(record: str, url: str = ZENODO_URL) -> list[RecordFile]:
    """What a record of :data:`RECORDS` holds.

    Raises
    ------
    InputError
        If the record is unknown or cannot be reached.
    """
    if record not in RECORDS:
        raise InputError(f"no record is called '{record}' (known: {', '.join(RECORDS)})")
    address = f"{url}/{RECORDS[record]}"
    answer = _ask(address, f"Zenodo's record {RECORDS[record]}")
    with answer:
        try:
            listed = answer.json()["files"]
            return [RecordFile(f["key"], int(f["size"]), f["checksum"], f["links"]["self"]) for f in listed]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{address}: does not list its files as Zenodo does; download them by hand") from None


def fetch_of_record(
    file: RecordFile, folder: str | Path | None = None, progress: Progress = lambda blocks, total: blocks
) -> Path:
    """Fetch one file of a record unless it is here already, and check it against the checksum of the record.

    Raises
    ------
    InputError
        As :func:`fetch_area2_bump`.
    """
    if Path(file.name).name != file.name or file.name in ("", ".", ".."):
        raise InputError(f"{file.name}: is no plain name of a file; download it by hand")
    algorithm, _, expected = file.checksum.partition(":")
    if algorithm not in ("md5", "sha256"):
        raise InputError(f"{file.name}: its record states no MD5 or SHA-256, so it cannot be checked")
    target = _folder(folder) / file.name

    def check(name: str, digest: str) -> None:
        if digest != expected.lower():
            raise InputError(
                f"{name}: {algorithm} is {digest}, expected {expected}; remove the file and fetch it again"
            )

    if target.exists():
        with target.open("rb") as content:
            check(str(target), hashlib.file_digest(content, algorithm).hexdigest())
    else:
        _download(file.url, target, algorithm, check, progress, f"{file.name} from its record")
    return target


def _folder(folder: str | Path | None) -> Path:
    if folder is not None:
        return Path(folder)
    import pooch

    return Path(pooch.os_cache("proprionet"))


def _ask(url: str, by_hand: str, target: Path | None = None) -> Any:
    """An answer from the network, whose content is still to be read."""
    import requests

    try:
        answer = requests.get(url, stream=True, timeout=_TIMEOUT_S)
        answer.raise_for_status()
    except (requests.RequestException, OSError) as error:
        place = f" and put it at {target}" if target else ""
        raise InputError(
            f"{url} could not be fetched ({type(error).__name__}): try again, or download {by_hand} by hand{place}"
        ) from None
    return answer


def _download(
    url: str, target: Path, algorithm: str, check: Callable[[str, str], None], progress: Progress, by_hand: str
) -> None:
    import requests

    with _ask(url, by_hand, target) as answer:
        size = int(answer.headers.get("content-length", 0))
        digest = hashlib.new(algorithm)
        with store.replacing(target) as temporary:
            try:
                with temporary.open("wb") as file:
                    for block in progress(answer.iter_content(_BLOCK_BYTES), -(-size // _BLOCK_BYTES) or None):
                        file.write(block)
                        digest.update(block)
            except requests.RequestException as error:
                raise InputError(f"{url}: broke off ({type(error).__name__}); fetch it again") from None
            check(url, digest.hexdigest())
