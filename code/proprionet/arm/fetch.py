"""Bring the reference arm model to this computer; it is not part of the project and must not be passed on with it."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from proprionet.errors import InputError

ARM_LICENCE = (
    "The MoBL-ARMS upper limb model is the work of its authors and has terms of its own: free for research, academic, "
    "evaluation and personal use, not for commercial use. Please cite Saul et al. 2015 (Computer Methods in "
    "Biomechanics and Biomedical Engineering 18:1445) and Holzbaur et al. 2005 (Annals of Biomedical Engineering "
    "33:829)."
)

_PACKAGE = "osim-rl==3.0.11"
_PACKAGE_SHA256 = "2b1875a311aae4c10b949b90feafa3b4081efc2cb19d9d88228abe1b67dffd22"
_MODEL_IN_PACKAGE = "osim-rl-3.0.11/osim/models/MoBL_ARMS_J.osim"
_MODEL_SHA256 = "a516d6ebe83964fa9d07e90d1edc6704bf1e0440cd3a7228cf402a048c3253d6"
_REMEDY = "or use a model of your own: --model PATH.osim"


def fetch_arm(cache_folder: str | Path | None = None, offline: bool = False) -> Path:
    """Fetch the reference arm, MoBL-ARMS, unless it is here already. Show :data:`ARM_LICENCE` to the user.

    pip downloads the package osim-rl 3.0.11, from wherever the user's pip is set to look, and refuses it if its
    SHA-256 is not the known one; nothing is installed. The one model file is taken out, checked and kept.

    Parameters
    ----------
    cache_folder : folder to keep the model in; the user's cache if not given.
    offline : do not use the network.

    Returns
    -------
    path of the .osim file

    Raises
    ------
    InputError
        If the model is not here and cannot be fetched, or is not the one expected.
    """
    path = cache_path(cache_folder)
    if is_reference_model(path):
        return path
    if offline:
        raise InputError(f"{path}: the reference arm is not here; fetch it once without --offline, {_REMEDY}")
    with tempfile.TemporaryDirectory() as folder:
        model = _take_out(_download(Path(folder)))
    _keep(path, model)
    return path


def default_model(cache_folder: str | Path | None = None) -> Path:
    """Path of the reference arm fetched before.

    Raises
    ------
    InputError
        If it is not in the cache, or is not whole.
    """
    path = cache_path(cache_folder)
    if not is_reference_model(path):
        state = "is not the file that was fetched" if path.exists() else "the reference arm is not here"
        raise InputError(f"{path}: {state}; run 'proprionet fetch arm', {_REMEDY}")
    return path


def is_reference_model(path: Path) -> bool:
    """Whether a file is the reference arm, byte for byte."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == _MODEL_SHA256


def cache_path(cache_folder: str | Path | None = None) -> Path:
    """Where the reference arm is kept: the given folder, or the user's cache."""
    name = Path(_MODEL_IN_PACKAGE).name
    if cache_folder is not None:
        return Path(cache_folder) / name
    import pooch

    return Path(pooch.os_cache("proprionet")) / name


def _download(folder: Path) -> Path:
    """The archive of the package, by the user's own pip: it knows the index, the proxy and the certificates."""
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{_PACKAGE} --hash=sha256:{_PACKAGE_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-binary", _PACKAGE.split("==")[0], "--require-hashes"]
    command += ["--requirement", str(requirement), "--dest", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tar.gz"))
    if result.returncode != 0 or not archives:
        said = result.stderr.strip().splitlines() or ["pip says nothing"]
        errors = [line for line in said if line.startswith("ERROR")] or said
        raise InputError(
            f"{_PACKAGE}, which holds the reference arm, cannot be had ({errors[-1]}); try again, {_REMEDY}"
        )
    return archives[0]


def _take_out(archive: Path) -> bytes:
    """The model file in the archive; nothing is written, so no path in the archive can do harm."""
    try:
        with tarfile.open(archive) as package:
            model = package.extractfile(_MODEL_IN_PACKAGE)
            content = model.read() if model else b""
    except (tarfile.TarError, KeyError, OSError, EOFError):
        raise InputError(f"{archive.name}: holds no {_MODEL_IN_PACKAGE}; try again, {_REMEDY}") from None
    if hashlib.sha256(content).hexdigest() != _MODEL_SHA256:
        raise InputError(f"{archive.name}: {_MODEL_IN_PACKAGE} is not the known file (SHA-256 differs); {_REMEDY[3:]}")
    return content


def _keep(path: Path, content: bytes) -> None:
    """Put the file in its place in one step, so that it is whole or not there."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        temporary.unlink(missing_ok=True)
