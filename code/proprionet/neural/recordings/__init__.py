"""Recorded sessions in the formats of others: NWB, trial_data of the Miller lab, plain HDF5."""

from pathlib import Path

import h5py
import numpy as np

from proprionet.errors import InputError
from proprionet.neural.recordings.recording import Recording, Trial, to_session
from proprionet.neural.session import Session

__all__ = ["Recording", "Trial", "read_session", "to_session"]


def read_session(
    path: str | Path, *, array: str | None = None, session: str | None = None, bin_width_s: float | None = None
) -> Session:
    """Read a recording, whatever its format, which is told from the content of the file.

    NWB as in DANDI 000127 (Area2_Bump) and 001056 (NeuroTask), trial_data in MAT files of version 5 and 7.3, and the
    HDF5 that ``neural_prediction/README.md`` describes.

    Parameters
    ----------
    path : path
    array : str, optional
        Electrode array, where trial_data hold several.
    session : str, optional
        One of the sessions of a NeuroTask file.
    bin_width_s : float, optional
        Width of the bins (s): those of the file if not given, 10 ms for spike times. Bins of a file can be joined.

    Raises
    ------
    InputError
        One sentence that names the file or session, the trial and the field.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'does not exist'}, expected a recording")
    recording = _read(path, array, session, bin_width_s)
    found = to_session(recording)
    if bin_width_s is None or np.isclose(bin_width_s, found.bin_width_s):
        return found
    factor = round(bin_width_s / found.bin_width_s)
    if factor < 1 or not np.isclose(factor * found.bin_width_s, bin_width_s):
        raise InputError(
            f"{path.name}: has bins of {found.bin_width_s:g} s, which cannot be joined to bins of {bin_width_s:g} s"
        )
    return found.rebinned(factor)


def _read(path: Path, array: str | None, session: str | None, bin_width_s: float | None) -> Recording:
    from proprionet.neural.recordings import documented, matlab, neurotask, nwb, trial_data

    with path.open("rb") as file:
        header = file.read(len(matlab.VERSION_5))
    if header in (matlab.VERSION_5, matlab.VERSION_73) or path.suffix.lower() == ".mat":
        _not_among_several(path, session=session)
        return trial_data.read(path, array)
    _not_among_several(path, array=array)
    if not h5py.is_hdf5(path):
        raise InputError(f"{path.name}: is neither NWB, nor a MAT file of version 5 or 7.3, nor other HDF5")
    if not _is_nwb(path):
        _not_among_several(path, session=session)
        return documented.read(path)
    with nwb.opened(path) as file:
        if neurotask.is_neurotask(file):
            return neurotask.read(file, path, session)
        _not_among_several(path, session=session)
        return nwb.read(file, path, bin_width_s)


def _not_among_several(path: Path, **chosen: str | None) -> None:
    """Refuse to choose what files of this form hold one of."""
    for option, name in chosen.items():
        if name is not None:
            raise InputError(
                f"{path.name}: files of this form hold one {option} without a name, not '{name}'; leave out --{option}"
            )


def _is_nwb(path: Path) -> bool:
    try:
        with h5py.File(path, "r", locking=False) as file:
            return "nwb_version" in file.attrs
    except (OSError, RuntimeError) as error:
        raise InputError(f"{path.name}: cannot be read as HDF5, so it is corrupt or cut short") from error
