import hashlib
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from proprionet.errors import InputError
from proprionet.letters.strokes import ALPHABET, fit_to_box
from proprionet.letters.uci import MAT_NAME, PUBLISHED_COUNTS, download_uci, read_uci

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from uci_layout import save_uci_mat, write_uci_mat


def cell(samples=40, rest=3):
    """Velocities (3, time) of an arc, at rest before and after."""
    moving = np.column_stack([np.cos(np.linspace(0, 4, samples)), np.sin(np.linspace(0, 4, samples)), np.ones(samples)])
    return np.pad(moving, [(rest, rest), (0, 0)]).T


@pytest.fixture
def mat(tmp_path):
    return tmp_path / "letters.mat"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A file with the published number of each letter."""
    path = tmp_path_factory.mktemp("published") / MAT_NAME
    labels = np.repeat(np.arange(1, 21), PUBLISHED_COUNTS)
    save_uci_mat(path, [cell(8 + label) for label in labels], labels)
    return path


def test_velocities_become_a_path_in_the_box(mat):
    save_uci_mat(mat, [cell(40), cell(50)], [20, 1])
    letters = read_uci(mat)
    assert letters.labels.tolist() == [19, 0]
    assert letters.source.tolist() == [0, 1]
    np.testing.assert_allclose(letters.paths[0], fit_to_box(cell(40, rest=0)[:2].T.cumsum(axis=0)))


def test_proportions_can_be_kept(mat):
    save_uci_mat(mat, [cell() * [[3], [1], [1]]], [1])
    extent = np.ptp(read_uci(mat, keep_aspect=True).paths[0], axis=0)
    assert extent[0] == pytest.approx(10)
    assert extent[1] < 5


def test_reads_the_recorded_letters(shared, mat):
    source = shared / "data/character_trajectories/character_trajectories_shared.h5"
    write_uci_mat(source, mat)
    letters = read_uci(mat)
    with h5py.File(source) as file:
        spans = np.diff(file["nonzero_span"][:], axis=1).ravel()
        names = file["letters"][:].astype(str)
    assert len(letters) == 2002
    assert "".join(ALPHABET[label] for label in letters.labels) == "".join(names)
    # 70 % of every published class; one recording has a sample at rest inside.
    np.testing.assert_allclose(np.bincount(letters.labels), 0.7 * np.array(PUBLISHED_COUNTS), atol=1)
    lengths = np.array([len(path) for path in letters.paths])
    assert np.count_nonzero(spans - lengths) == 1
    assert all(np.ptp(path, axis=0).tolist() == [10, 10] for path in letters.paths)


def test_not_a_mat_file(mat):
    with pytest.raises(InputError, match="no such file"):
        read_uci(mat)
    mat.write_bytes(b"<html>moved</html>" * 50)
    with pytest.raises(InputError, match=r"letters.mat: not a readable MAT file"):
        read_uci(mat)


@pytest.mark.parametrize("damage", ["cut short", "altered"])
def test_damaged_file(published, mat, damage):
    content, middle = published.read_bytes(), published.stat().st_size // 2
    mat.write_bytes(content[:middle] + (b"" if damage == "cut short" else bytes(9) + content[middle + 9 :]))
    with pytest.raises(InputError, match=r"letters.mat: not a readable MAT file"):
        read_uci(mat)


def test_version_7_3_file(mat):
    with h5py.File(mat, "w", userblock_size=512) as file:
        file["mixout"] = np.zeros(3)
    header = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    mat.write_bytes(header + mat.read_bytes()[len(header) :])
    with pytest.raises(InputError, match=r"letters.mat: a MAT file of version 7.3; save it again"):
        read_uci(mat)


def test_missing_and_wrong_variables(mat):
    savemat(mat, {"mix": np.zeros(3), "other": 1})
    with pytest.raises(InputError, match=r"letters.mat: cell 'mixout' is missing \(found: 'mix', 'other'\)"):
        read_uci(mat)
    savemat(mat, {"mixout": np.zeros((3, 4))})
    with pytest.raises(InputError, match="'mixout' is an array of shape"):
        read_uci(mat)
    cells = np.empty((1, 1), dtype=object)
    cells[0, 0] = cell()
    savemat(mat, {"mixout": cells})
    with pytest.raises(InputError, match=r"labels consts.charlabels are missing \(no such struct\)"):
        read_uci(mat)
    savemat(mat, {"mixout": cells, "consts": {"dt": 0.005}})
    with pytest.raises(InputError, match=r"labels consts.charlabels are missing \(its fields: dt\)"):
        read_uci(mat)
    savemat(mat, {"mixout": cells, "consts": {"charlabels": [1], "key": np.array(list("xyz"), dtype=object)}})
    with pytest.raises(InputError, match=f"consts.key lists the letters 'xyz', expected '{ALPHABET}'"):
        read_uci(mat)


def test_wrong_counts_labels_and_shapes(mat):
    save_uci_mat(mat, [cell(), cell()], [1])
    with pytest.raises(InputError, match="2 letters in 'mixout' but 1 labels"):
        read_uci(mat)
    save_uci_mat(mat, [cell()], [21])
    with pytest.raises(InputError, match=r"charlabels holds values other than 1..20"):
        read_uci(mat)
    save_uci_mat(mat, [cell()[:2]], [1])
    with pytest.raises(InputError, match=r"letters.mat: letter 0 has shape \(2, 46\), expected 3 rows"):
        read_uci(mat)


def test_bad_strokes(mat):
    broken = cell()
    broken[0, 10] = np.nan
    for bad, message in [
        (broken, "sample 7 is not a finite number"),
        (cell(1), "the stroke is a single point"),
        (cell(0), "the stroke has 0 different points"),
        (cell() * [[0], [1], [1]], "the stroke has no extent along x"),
    ]:
        save_uci_mat(mat, [cell(), bad], [1, 2])
        with pytest.raises(InputError, match=f"letters.mat: letter 1: {message}"):
            read_uci(mat)


@pytest.fixture
def web(tmp_path):
    """A folder served on this machine, and its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    folder = tmp_path / "web"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_downloads_the_file_or_its_archive(web, published, tmp_path):
    folder, address = web
    (folder / MAT_NAME).write_bytes(published.read_bytes())
    with zipfile.ZipFile(folder / "letters.zip", "w") as archive:
        archive.writestr("trajectories.names", "about")
        archive.write(published, f"inner/{MAT_NAME}")
    sha256 = hashlib.sha256(published.read_bytes()).hexdigest()
    for name in (MAT_NAME, "letters.zip"):
        target = download_uci(tmp_path / Path(name).stem, f"{address}/{name}", sha256)
        assert target.read_bytes() == published.read_bytes()
        assert [item.name for item in target.parent.iterdir()] == [MAT_NAME]
        assert download_uci(target.parent, "http://127.0.0.1:1/never-asked") == target


def test_wrong_checksum_leaves_no_file(web, published, tmp_path):
    folder, address = web
    (folder / MAT_NAME).write_bytes(published.read_bytes())
    with pytest.raises(InputError, match=f"{MAT_NAME}: SHA-256 is [0-9a-f]{{64}}, expected {'0' * 64}"):
        download_uci(tmp_path / "data", f"{address}/{MAT_NAME}", "0" * 64)
    assert not list((tmp_path / "data").iterdir())


def test_wrong_content_leaves_no_file(web, tmp_path):
    folder, address = web
    save_uci_mat(folder / MAT_NAME, [cell()], [3])
    with pytest.raises(InputError, match=r"holds 1 letters \(a0 b0 c1 .* but 2858 \(a171 b141"):
        download_uci(tmp_path / "data", f"{address}/{MAT_NAME}")
    with zipfile.ZipFile(folder / "letters.zip", "w") as archive:
        archive.writestr("trajectories.names", "about")
    with pytest.raises(InputError, match=rf"the archive holds no {MAT_NAME} \(found: trajectories.names\)"):
        download_uci(tmp_path / "data", f"{address}/letters.zip")
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize("missing", ["offline", "not found"])
def test_offline_says_what_to_do_by_hand(web, tmp_path, missing):
    url = "http://127.0.0.1:1/letters.mat" if missing == "offline" else f"{web[1]}/letters.mat"
    with pytest.raises(
        InputError, match=rf"could not be fetched .* put {MAT_NAME} at .*{MAT_NAME}, or name it with --file"
    ):
        download_uci(tmp_path / "data", url)
