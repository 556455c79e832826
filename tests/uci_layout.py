"""Write letters kept in HDF5 as pen velocities into the layout of the UCI file, so that its reader reads them.

Script: python tests/uci_layout.py SRC.h5 OUT.mat
"""

import sys
from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

from proprionet.letters.strokes import ALPHABET


def write_uci_mat(h5_path: str | Path, mat_path: str | Path) -> None:
    """Convert an HDF5 file (samples (n, 3): x velocity, y velocity, force; offsets; labels 1..20) to the UCI layout."""
    with h5py.File(h5_path) as file:
        cells = [rows.T for rows in np.split(file["samples"][:].astype(np.float64), file["offsets"][1:-1])]
        labels = file["labels"][:]
    save_uci_mat(mat_path, cells, labels)


def save_uci_mat(mat_path: str | Path, cells: list[np.ndarray], labels: np.ndarray) -> None:
    """Save velocity cells (3, time) and labels 1..20 as ``mixout`` and ``consts``, labels in the fifth field."""
    mixout = np.empty((1, len(cells)), dtype=object)
    mixout[0, :] = cells
    key = np.array(list(ALPHABET), dtype=object)[None]
    consts = {"dt": 0.005, "tol": 0.0, "order": 0, "key": key, "charlabels": np.asarray(labels, dtype=np.float64)[None]}
    savemat(mat_path, {"mixout": mixout, "consts": consts}, do_compression=True)


if __name__ == "__main__":
    write_uci_mat(*sys.argv[1:3])
