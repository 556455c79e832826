"""Downloads of recordings: checked, whole or not there, and plain about what is not known."""

import hashlib
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from proprionet.errors import InputError
from proprionet.main import main
from proprionet.neural.recordings import fetch

CONTENT = b"spikes of monkey Han" * 100_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:1"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    """A folder, and the address that it is served at."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "han.nwb").write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_recording_is_fetched_once_and_shown(web, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "AREA2_BUMP_SHA256", (DIGEST[:8], DIGEST[-5:]))
    seen = []

    def progress(blocks, total):
        for block in blocks:
            seen.append((len(block), total))
            yield block

    path = fetch.fetch_area2_bump(tmp_path / "new", url=f"{web[1]}/han.nwb", progress=progress)
    assert path.read_bytes() == CONTENT
    assert seen == [(1 << 20, 2), (len(CONTENT) - (1 << 20), 2)]
    assert fetch.fetch_area2_bump(tmp_path / "new", url=NOWHERE) == path
    assert fetch.fetch_area2_bump(tmp_path / "new", url=NOWHERE, sha256=DIGEST.upper()) == path
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(InputError, match=rf"SHA-256 is .*, expected {DIGEST[:8]}\.\.\.{DIGEST[-5:]}; remove the file"):
        fetch.fetch_area2_bump(tmp_path / "new", url=NOWHERE)


def test_another_file_is_refused_and_not_kept(web, tmp_path):
    for sha256, expected in ((None, r"639b1a03\.\.\.f5db2"), ("0" * 64, "0" * 64)):
        with pytest.raises(InputError, match=f"han.nwb: SHA-256 is {DIGEST}, expected {expected}"):
            fetch.fetch_area2_bump(tmp_path / "new", url=f"{web[1]}/han.nwb", sha256=sha256)
    assert list((tmp_path / "new").iterdir()) == []


def test_offline_says_what_to_do_by_hand(tmp_path):
    saying = (
        r"could not be fetched \(ConnectionError\): try again, or download DANDI 000127, version 0\.220113\.0359, .*"
    )
    with pytest.raises(InputError, match=saying + "by hand and put it at .*nwb"):
        fetch.fetch_area2_bump(tmp_path, url=NOWHERE)
    with pytest.raises(InputError, match=r"could not be fetched .* download Zenodo's record 10542311 by hand"):
        fetch.files_of_record("cell2024-recordings", url=NOWHERE)
    assert list(tmp_path.iterdir()) == []


def record_on(web, **changes):
    folder, address = web
    file = {"key": "han.nwb", "size": len(CONTENT), "checksum": f"md5:{hashlib.md5(CONTENT).hexdigest()}"}
    listed = {"files": [{**file, "links": {"self": f"{address}/han.nwb"}, **changes}]}
    (folder / "10542311").write_text(json.dumps(listed))
    return fetch.files_of_record("cell2024-recordings", url=address)[0]


def test_files_of_a_record_are_checked_by_what_it_states(web, tmp_path):
    file = record_on(web)
    assert (file.name, file.n_bytes) == ("han.nwb", len(CONTENT))
    path = fetch.fetch_of_record(file, tmp_path / "new")
    assert path.read_bytes() == CONTENT
    assert fetch.fetch_of_record(file, tmp_path / "new") == path
    with pytest.raises(InputError, match=r"md5 is .*, expected 00; remove the file and fetch it again"):
        fetch.fetch_of_record(record_on(web, checksum="md5:00"), tmp_path / "other")
    with pytest.raises(InputError, match="states no MD5 or SHA-256"):
        fetch.fetch_of_record(record_on(web, checksum=""), tmp_path)
    with pytest.raises(InputError, match="is no plain name of a file"):
        fetch.fetch_of_record(record_on(web, key="../evil"), tmp_path)
    (web[0] / "10542311").write_text("<html>")
    with pytest.raises(InputError, match="does not list its files as Zenodo does"):
        fetch.files_of_record("cell2024-recordings", url=web[1])
    with pytest.raises(InputError, match=r"no record is called 'mine' .known: cell2024-spindles, "):
        fetch.files_of_record("mine")


def test_commands_list_fetch_and_say_what_is_not_known(web, tmp_path, monkeypatch):
    def run(*arguments):
        return CliRunner().invoke(main, ["fetch", *map(str, arguments)])

    file = record_on(web)
    monkeypatch.setattr(fetch, "files_of_record", lambda record: [file])
    monkeypatch.setattr(fetch, "fetch_area2_bump", lambda folder, sha256, progress: folder / "han.nwb")
    assert run("zenodo", "cell2024-recordings").stdout == f"han.nwb  2.0 MB  {file.checksum}\n"
    assert run("zenodo", "cell2024-recordings", "han.nwb", "--folder", tmp_path).stdout == f"{tmp_path / 'han.nwb'}\n"
    assert (tmp_path / "han.nwb").read_bytes() == CONTENT
    refused = run("zenodo", "cell2024-recordings", "x")
    assert (refused.exit_code, "holds no file 'x' (known: han.nwb)" in refused.stderr) == (2, True)
    found = run("area2-bump", "--folder", tmp_path)
    assert found.stdout == f"{tmp_path / 'han.nwb'}\n"
    assert "begins with 639b1a03 and ends with f5db2; the rest is not known here" in found.stderr
