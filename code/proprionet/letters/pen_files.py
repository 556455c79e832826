"""Readers of recorded letters: the UCI file, and anyone's own pen data in two simple forms.

CSV: a header and one row a sample, with the columns

    letter,stroke,x,y          and, where known, time_s

where ``stroke`` (any text) tells one recording from another and rows are in the order of writing; x points right, y up,
in any unit. HDF5: the same content as flat datasets

    samples (sample, 2)        x, y
    offsets (letter + 1,)      letter i is samples[offsets[i]:offsets[i + 1]]
    letters (letter,)          the letters themselves as fixed-length text, or
    labels  (letter,)          their index in ALPHABET, from 0
    time_s  (sample,)          where known

Every stroke is fitted to the 10 cm box of the published letters and resampled to the 15 ms step. The published data
reinterpret samples of 5 ms as 15 ms: movements are three times slower than the writing was. ``slow_down`` does the same
to recorded times. Without times the points are taken as equally spaced in time and spread over ``UNTIMED_SAMPLES``.
"""

import csv
from pathlib import Path

import numpy as np

from proprionet.errors import InputError, brief
from proprionet.letters.strokes import ALPHABET, TIME_STEP_S, Letters, fit_to_box, stroke_problem
from proprionet.letters.uci import read_uci
from proprionet.store import raw_datasets

COLUMNS = ("letter", "stroke", "x", "y")
UNTIMED_SAMPLES = 120  # near the middle of the published lengths, 60 to 182
LONGEST_S = 15.0  # the longest published movement takes 2.73 s; more than this is a mistaken unit of time


def read_letters(path: str | Path, slow_down: float = 3.0, keep_aspect: bool = False) -> Letters:
    """Read recorded letters in any of the known forms, by the file's ending: .mat (UCI), .csv, .h5 or .hdf5.

    ``slow_down`` holds for recorded times; UCI samples have none, and count as 15 ms as published.

    Raises
    ------
    InputError
        For another ending, and as :func:`read_uci`, :func:`read_pen_csv` and :func:`read_pen_hdf5` do.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".mat":
            letters = read_uci(path, keep_aspect)
        case ".csv":
            letters = read_pen_csv(path, slow_down, keep_aspect)
        case ".h5" | ".hdf5":
            letters = read_pen_hdf5(path, slow_down, keep_aspect)
        case _:
            raise InputError(f"{path.name}: expected letters as .mat (UCI), .csv, .h5 or .hdf5")
    if not len(letters):
        raise InputError(f"{path.name}: holds no letters")
    return letters


def read_pen_csv(path: str | Path, slow_down: float = 3.0, keep_aspect: bool = False) -> Letters:
    """Read recordings from a CSV file (columns letter, stroke, x, y and optionally time_s; see the module's text).

    Parameters
    ----------
    path : path
        The file.
    slow_down : float
        Factor on the recorded times, as in the published data.
    keep_aspect : bool
        Keep the proportions of a stroke instead of stretching each axis onto the box.

    Returns
    -------
    Letters
        In the order in which the strokes first appear; ``source`` counts them from 0.

    Raises
    ------
    InputError
        One sentence with the file and the row (the header is row 1) or the stroke.
    """
    path = Path(path)
    strokes: dict[str, list[tuple[float, ...]]] = {}
    letters: dict[str, str] = {}
    for row, name, letter, numbers in _csv_samples(path):
        if letters.setdefault(name, letter) != letter:
            raise InputError(f"{path.name}: row {row}: stroke '{name}' is '{letters[name]}' above and '{letter}' here")
        strokes.setdefault(name, []).append(numbers)
    if not strokes:
        raise InputError(f"{path.name}: no samples below the header; expected one row a sample")
    paths = []
    for name, samples in strokes.items():
        table = np.array(samples)
        times = table[:, 2] if table.shape[1] == 3 else None
        paths.append(_stroke(table[:, :2], times, slow_down, keep_aspect, f"{path.name}: stroke '{name}'"))
    labels = np.array([ALPHABET.index(letter) for letter in letters.values()])
    return Letters(paths, labels, np.arange(len(paths)))


def read_pen_hdf5(path: str | Path, slow_down: float = 3.0, keep_aspect: bool = False) -> Letters:
    """Read recordings from an HDF5 file (datasets samples, offsets, letters or labels, optionally time_s).

    Parameters, result and errors are those of :func:`read_pen_csv`; letters are counted from 0 in messages.
    """
    path = Path(path)
    content = _hdf5_arrays(path)
    samples, offsets = content["samples"], content["offsets"]
    labels = _hdf5_labels(content, path.name)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise InputError(f"{path.name}: 'samples' has shape {samples.shape}, expected (sample, 2)")
    if (
        offsets.shape != (len(labels) + 1,)
        or offsets[0] != 0
        or offsets[-1] != len(samples)
        or (np.diff(offsets) < 0).any()
    ):
        raise InputError(
            f"{path.name}: 'offsets' must hold one number more than there are letters ({len(labels)}), "
            f"rising from 0 to the number of samples ({len(samples)})"
        )
    times = content.get("time_s")
    if times is not None and times.shape != (len(samples),):
        raise InputError(f"{path.name}: 'time_s' has shape {times.shape}, expected ({len(samples)},)")
    paths = []
    for index, span in enumerate(map(slice, offsets[:-1], offsets[1:])):
        time = None if times is None else times[span].astype(np.float64)
        name = f"{path.name}: letter {index}"
        paths.append(_stroke(samples[span].astype(np.float64), time, slow_down, keep_aspect, name))
    try:
        return Letters(paths, labels, np.arange(len(paths)))
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _csv_samples(path: Path):
    """Every row of a CSV file as (row, stroke, letter, (x, y) or (x, y, time_s)), checked."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            reader = csv.DictReader(file, skipinitialspace=True)
            header = reader.fieldnames
            if not header:
                raise InputError(f"{path.name}: the file is empty; expected a header {','.join(COLUMNS)}")
            if missing := [column for column in COLUMNS if column not in header]:
                raise InputError(f"{path.name}: column '{missing[0]}' is missing (found: {', '.join(header)})")
            if len(set(header)) < len(header):
                raise InputError(f"{path.name}: a column is there twice (found: {', '.join(header)})")
            numeric = ("x", "y", "time_s") if "time_s" in header else ("x", "y")
            for record in reader:
                where = f"{path.name}: row {reader.line_num}"
                if None in record:
                    raise InputError(
                        f"{where}: has more fields than the header; separate them by commas, decimals by points"
                    )
                if not (letter := record["letter"] or "") or letter not in ALPHABET or len(letter) != 1:
                    raise InputError(f"{where}: letter {brief(letter)} is not one of {ALPHABET}")
                yield reader.line_num, record["stroke"], letter, tuple(_number(record[c], c, where) for c in numeric)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path.name}: not a CSV text file ({error})") from None


def _number(text: str | None, column: str, where: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        raise InputError(f"{where}: {column} is '{text or ''}', expected a number") from None
    if not np.isfinite(number):
        raise InputError(f"{where}: {column} is {text}, expected a finite number")
    return number


def _hdf5_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    content = raw_datasets(path)
    for name in ("samples", "offsets"):
        if name not in content:
            raise InputError(f"{path.name}: dataset '{name}' is missing (found: {', '.join(content) or 'none'})")
    kinds = {"samples": np.number, "time_s": np.number, "offsets": np.integer, "labels": np.integer}
    for name, kind in kinds.items():
        if name in content and not np.issubdtype(content[name].dtype, kind):
            raise InputError(
                f"{path.name}: dataset '{name}' holds {content[name].dtype}, expected {kind.__name__} values"
            )
    return content


def _hdf5_labels(content: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Index in ALPHABET of every letter, from ``letters`` or else ``labels``."""
    if "letters" in content:
        letters = [item.decode() if isinstance(item, bytes) else str(item) for item in content["letters"].ravel()]
        for index, letter in enumerate(letters):
            if len(letter) != 1 or letter not in ALPHABET:
                raise InputError(f"{name}: letter {index}: '{letter}' is not one of {ALPHABET}")
        return np.array([ALPHABET.index(letter) for letter in letters], dtype=np.int64)
    if {"samples", "offsets", "label"} <= content.keys():
        raise InputError(f"{name}: is a letters file of this project already; hand it to the next stage as it is")
    if "labels" not in content:
        raise InputError(f"{name}: dataset 'letters' or 'labels' is missing (found: {', '.join(content)})")
    return content["labels"].ravel()


def _stroke(points: np.ndarray, times: np.ndarray | None, slow_down: float, keep_aspect: bool, name: str) -> np.ndarray:
    """One recording, checked, in the box and at the 15 ms step: (time, 2) in cm."""
    if problem := stroke_problem(points):
        raise InputError(f"{name}: {problem}")
    if times is None:
        moments, samples = np.linspace(0, 1, len(points)), np.linspace(0, 1, UNTIMED_SAMPLES)
    elif not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise InputError(f"{name}: time_s does not rise from sample to sample")
    elif (duration := times[-1] - times[0]) * slow_down > LONGEST_S:
        raise InputError(f"{name}: lasts {duration:g} s; is time_s in seconds?")
    else:
        moments = (times - times[0]) * slow_down
        samples = np.arange(0, moments[-1] + 1e-9, TIME_STEP_S)
    try:
        path = fit_to_box(points, keep_aspect=keep_aspect)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    path = np.column_stack([np.interp(samples, moments, axis) for axis in path.T])
    if problem := stroke_problem(path):
        raise InputError(f"{name}: at one sample every {TIME_STEP_S} s, {problem}; is time_s in seconds?")
    return path
