"""Where a file came from: versions, commit, settings, seed, and the SHA-256 of what it was made from."""

import functools
import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import proprionet


def sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def input_hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Name and SHA-256 of each input; two inputs of one name are told apart by their folder."""
    hashes: dict[str, str] = {}
    for path in map(Path, paths):
        name = path.name if path.name not in hashes else f"{path.parent.name}/{path.name}"
        hashes[name] = sha256(path)
    return hashes


def versions() -> dict[str, str]:
    """Version of this package, and the commit it was run from where it lies in a git checkout."""
    commit, dirty = _commit()
    return {"package_version": proprionet.__version__, "git_commit": commit, "git_dirty": str(dirty).lower()}


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
