"""MAT files of version 5."""

import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

from proprionet.errors import InputError


def load_version_5(path: Path, expected: str, **options: Any) -> dict[str, Any]:
    """Variables of a MAT file, as :func:`scipy.io.loadmat` gives them with the same options.

    Raises
    ------
    InputError
        If the file is missing, of version 7.3, or broken; ends with what is expected.
    """
    from scipy.io import loadmat, matlab

    if not path.is_file():
        raise InputError(f"{path}: no such file; {expected}")
    _refuse_what_crashes(path, expected)
    try:
        return loadmat(path, **options)
    except NotImplementedError:
        raise InputError(
            f"{path.name}: a MAT file of version 7.3; save it again in MATLAB with save(..., '-v7')"
        ) from None
    except (ValueError, TypeError, KeyError, IndexError, OSError, zlib.error, matlab.MatReadError) as error:
        raise InputError(f"{path.name}: not a readable MAT file ({error}); {expected}") from None


def _refuse_what_crashes(path: Path, expected: str) -> None:
    """SciPy's reader can bring the process down with it on a corrupt file: try it in another process first."""
    trial = "import sys, scipy.io, contextlib\nwith contextlib.suppress(Exception): scipy.io.loadmat(sys.argv[1])"
    if subprocess.run([sys.executable, "-c", trial, str(path)], capture_output=True, check=False).returncode < 0:
        raise InputError(f"{path.name}: not a readable MAT file (it is corrupt); {expected}")
