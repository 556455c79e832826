"""Where a file came from: versions, commit, settings, seed, and the SHA-256 of what it was made from."""

import contextlib
import functools
import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import proprionet

LIBRARIES = ("numpy", "h5py", "scipy", "numba", "opensim", "scikit-learn", "keras", "tensorflow")


def sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(*arrays: np.ndarray) -> str:
    """Twelve hexadecimal digits that tell these numbers, in this order, from others."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(values).tobytes() for values in arrays)).hexdigest()[:12]


def input_hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Name and SHA-256 of each input; two inputs of one name are told apart by their folder."""
    hashes: dict[str, str] = {}
    for path in map(Path, paths):
        name = path.name if path.name not in hashes else f"{path.parent.name}/{path.name}"
        hashes[name] = sha256(path)
    return hashes


def versions() -> dict[str, Any]:
    """Versions of this package, the libraries it stands on and Python, and the commit where it lies in a checkout."""
    commit, dirty = _commit()
    return {
        "package_version": proprionet.__version__,
        "git_commit": commit,
        "git_dirty": str(dirty).lower(),
        "libraries": _libraries(),
    }


@functools.cache
def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[library] = metadata.version(library)
    return found


@functools.cache
def _commit() -> tuple[str, bool]:
    folder = Path(proprionet.__file__).parent
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10, env=environment).stdout

    try:
        git("ls-files", "--error-unmatch", "__init__.py")
        return git("rev-parse", "HEAD").strip(), bool(git("status", "--porcelain", "--untracked-files=no").strip())
    except (OSError, subprocess.SubprocessError):
        return "unknown", False
