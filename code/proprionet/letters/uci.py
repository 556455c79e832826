"""Reader of the published letters: UCI Character Trajectories, ``mixoutALL_shifted.mat``."""

import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from proprionet.errors import InputError
from proprionet.letters.strokes import ALPHABET, Letters, fit_to_box, stroke_problem
from proprionet.matlab import load_version_5

MAT_NAME = "mixoutALL_shifted.mat"
UCI_URL = "https://archive.ics.uci.edu/static/public/175/character+trajectories.zip"
# Recordings of each letter, in the order of ALPHABET: 2,858 in all.
PUBLISHED_COUNTS = (171, 141, 142, 157, 186, 138, 127, 174, 125, 130, 141, 131, 124, 119, 133, 131, 155, 125, 137, 171)

_EXPECTED = f"expected the UCI file {MAT_NAME}"


def read_uci(path: str | Path, keep_aspect: bool = False) -> Letters:
    """Read pen velocities in the UCI layout and integrate them to letters in a 10 cm box.

    The 5 ms samples are reinterpreted as 15 ms, so that a movement takes three times as long as the writing did.

    Parameters
    ----------
    path : path
        A version-5 MAT file with the cell array ``mixout`` (each cell 3 x time: x velocity, y velocity, pen force)
        and the struct ``consts`` with ``charlabels`` (1..20) and, where present, ``key`` (the letters in label order).
    keep_aspect : bool
        Keep the proportions of a letter instead of stretching each axis onto the box, as published.

    Returns
    -------
    Letters
        One letter a cell, in the file's order; ``source`` is the index of the cell.

    Raises
    ------
    InputError
        If the file is missing, is not such a MAT file, or holds a stroke that is none; names the file and the letter.

    Source: Williams, Toussaint & Storkey 2006 (doi 10.24432/C58G7V); Sandbrink et al. 2023, Methods.
    """
    path = Path(path)
    variables = load_version_5(path, _EXPECTED)
    if "mixout" not in variables:
        found = ", ".join(f"'{name}'" for name in variables if not name.startswith("__")) or "none"
        raise InputError(f"{path.name}: cell 'mixout' is missing (found: {found}); {_EXPECTED}")
    cells = variables["mixout"]
    if cells.dtype != object:
        raise InputError(f"{path.name}: 'mixout' is an array of shape {cells.shape}, not a cell array; {_EXPECTED}")
    cells = cells.ravel()
    labels = _labels(variables, path.name)
    if len(labels) != len(cells):
        raise InputError(f"{path.name}: {len(cells)} letters in 'mixout' but {len(labels)} labels; {_EXPECTED}")
    paths = [_letter(cell, keep_aspect, f"{path.name}: letter {index}") for index, cell in enumerate(cells)]
    return Letters(paths, labels - 1, np.arange(len(paths)))


def path_from_velocity(velocity: np.ndarray, keep_aspect: bool = False) -> np.ndarray:
    """Pen path of a velocity record: its samples at rest dropped, summed, fitted to the 10 cm box.

    Parameters
    ----------
    velocity : array, shape (time, 2)
        Pen velocity in any unit, x right and y up; zero before and after the letter.
    keep_aspect : bool
        As in :func:`fit_to_box`.

    Returns
    -------
    array, shape (moving time, 2)
        cm.

    Raises
    ------
    InputError
        If what is left is not a stroke.
    """
    summed = np.cumsum(velocity[np.any(velocity != 0, axis=1)], axis=0)
    if problem := stroke_problem(summed):
        raise InputError(problem)
    return fit_to_box(summed, keep_aspect=keep_aspect)


def download_uci(folder: str | Path | None = None, url: str = UCI_URL, sha256: str | None = None) -> Path:
    """Fetch ``mixoutALL_shifted.mat`` unless it is there, and check that it holds the published letters.

    Parameters
    ----------
    folder : path, optional
        Where the file goes, by default the user's cache; made if needed. The file appears under its name only when it
        is whole and checked.
    url : str
        Address of the file, or of a zip archive that holds it.
    sha256 : str, optional
        SHA-256 of the .mat file. The content (2,858 letters, 20 class sizes) is checked in any case.

    Returns
    -------
    Path
        The .mat file.

    Raises
    ------
    InputError
        If the address cannot be reached (says what to fetch by hand, and where to put it), or the file is another.
    """
    if folder is None:
        import pooch

        folder = pooch.os_cache("proprionet")
    target = Path(folder) / MAT_NAME
    if target.exists():
        _check_published(target, sha256)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".uci-") as scratch:
        download = Path(scratch) / "download"
        _fetch(url, download, target)
        mat = _unpack(download, url)
        _check_published(mat, sha256)
        os.replace(mat, target)
    return target


def _labels(variables: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Labels 1..20, shape (letter,), after a look at the struct that holds them."""
    consts = variables.get("consts")
    fields = consts.dtype.names if consts is not None else None
    if consts is None or not fields or "charlabels" not in fields or not consts.size:
        found = f"its fields: {', '.join(fields)}" if fields else "no such struct"
        raise InputError(f"{name}: the labels consts.charlabels are missing ({found}); {_EXPECTED}")
    content = consts.flat[0]
    if "key" in fields:
        letters = [str(np.squeeze(letter)) for letter in np.ravel(content["key"])]
        if letters != list(ALPHABET):
            raise InputError(f"{name}: consts.key lists the letters '{''.join(letters)}', expected '{ALPHABET}'")
    labels = np.ravel(content["charlabels"])
    if not np.issubdtype(labels.dtype, np.number) or not np.isin(labels, np.arange(1, len(ALPHABET) + 1)).all():
        raise InputError(f"{name}: consts.charlabels holds values other than 1..{len(ALPHABET)}; {_EXPECTED}")
    return labels.astype(np.int64)


def _letter(cell: np.ndarray, keep_aspect: bool, name: str) -> np.ndarray:
    if cell.ndim != 2 or len(cell) != 3 or not np.issubdtype(cell.dtype, np.number):
        raise InputError(f"{name} has shape {cell.shape}, expected 3 rows of numbers (x velocity, y velocity, force)")
    try:
        return path_from_velocity(cell[:2].T.astype(np.float64), keep_aspect)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _fetch(url: str, download: Path, target: Path) -> None:
    import pooch
    from requests.exceptions import RequestException

    fetch: Callable = pooch.HTTPDownloader(progressbar=False, timeout=30)
    try:
        fetch(url, str(download), None)
    except (RequestException, OSError) as error:
        raise InputError(
            f"{url} could not be fetched ({type(error).__name__}): download 'Character Trajectories' from the UCI "
            f"Machine Learning Repository by hand and put {MAT_NAME} at {target}, or name it with --file"
        ) from None


def _unpack(download: Path, url: str) -> Path:
    """The .mat file in a download, which is the file itself or an archive that holds it."""
    mat = download.with_name(MAT_NAME)
    if not zipfile.is_zipfile(download):
        return download.rename(mat)
    with zipfile.ZipFile(download) as archive:
        members = [member for member in archive.namelist() if Path(member).name == MAT_NAME]
        if not members:
            raise InputError(
                f"{url}: the archive holds no {MAT_NAME} (found: {', '.join(archive.namelist()) or 'nothing'})"
            )
        mat.write_bytes(archive.read(members[0]))
    return mat


def _check_published(mat: Path, sha256: str | None) -> None:
    """Raise InputError unless a file holds the 2,858 published letters, and has the SHA-256 where one is given."""
    if sha256 is not None:
        import pooch

        if (found := pooch.file_hash(str(mat))) != sha256.lower():
            raise InputError(f"{mat.name}: SHA-256 is {found}, expected {sha256.lower()}; fetch the file again")
    counts = np.bincount(read_uci(mat).labels, minlength=len(ALPHABET))
    if tuple(counts) != PUBLISHED_COUNTS:
        raise InputError(
            f"{mat.name}: holds {counts.sum()} letters ({_by_letter(counts)}), but {sum(PUBLISHED_COUNTS)} "
            f"({_by_letter(PUBLISHED_COUNTS)}) were published; remove the file and fetch it again"
        )


def _by_letter(counts: Sequence[int] | np.ndarray) -> str:
    return " ".join(f"{letter}{count}" for letter, count in zip(ALPHABET, counts, strict=True))
