"""Files that are not what they should be, by accident or on purpose: always one sentence of ours, never a surprise."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from proprionet import store


def replace(file, name, **how):
    """Put another dataset in the place of ``name``, with the labels of the old one."""
    labels = dict(file[name].attrs)
    del file[name]
    dataset = file.create_dataset(name, **how)
    dataset.attrs.update(labels)


def put(attributes, name, value):
    """Set an attribute; text at fixed length, as the project does."""
    attributes[name] = np.bytes_(value.encode()) if isinstance(value, str) else value


def refused(path, kind=None, **how):
    """The sentence with which a file is refused."""
    with pytest.raises(store.StoreError) as problem, store.read(path, kind, **how):
        pass
    message = str(problem.value)
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 400
    return message


def test_missing_file_says_how_to_make_it(tmp_path):
    assert refused(tmp_path / "no.h5", "svm").endswith(
        "does not exist, expected an HDF5 file. Make it with svm-analysis/fit_pairwise.py."
    )


def test_folder(tmp_path):
    assert "is a folder, expected an HDF5 file" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89HDF\r\n\x1a\n", bytes(10_000)])
def test_not_hdf5(tmp_path, content):
    path = tmp_path / "file.h5"
    path.write_bytes(content)
    assert "cannot be read as HDF5, so it is corrupt or cut short" in refused(path)


def test_unreadable_file(make, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    path = make("letters")
    monkeypatch.setattr(h5py, "File", forbidden)
    assert "permission denied" in refused(path)


def test_other_kind(make):
    message = refused(make("letters"), "dataset")
    assert "is a letters file, expected a dataset file. Make it with dataset/make_dataset.py." in message


ATTRIBUTES = {
    "no kind": (lambda a: a.__delitem__("kind"), "attribute 'kind' is missing; is this a file of this project?"),
    "unknown kind": (
        lambda a: put(a, "kind", "poems"),
        "kind 'poems' is unknown; was the file made by a newer version",
    ),
    "long kind": (lambda a: put(a, "kind", "x" * 10_000), "is unknown"),
    "kind is a list": (lambda a: put(a, "kind", '["letters"]'), "kind ['letters'] is unknown"),
    "kind is bytes": (lambda a: put(a, "kind", np.bytes_(b"\xff")), "neither a number nor text"),
    "text of any length": (
        lambda a: a.create("kind", "letters"),
        "attribute 'kind' is neither a number nor text of fixed",
    ),
    "many kinds": (lambda a: put(a, "kind", ["letters"] * 1000), "neither a number nor text"),
    "empty kind": (lambda a: put(a, "kind", h5py.Empty("f")), "neither a number nor text"),
    "kind is compound": (lambda a: put(a, "kind", np.zeros((), "i4,i4")), "neither a number nor text"),
    "newer schema": (
        lambda a: (put(a, "schema_version", 99), put(a, "package_version", "7.0")),
        "schema 99 is newer than 1; made by proprionet '7.0', please update",
    ),
    "no schema": (lambda a: put(a, "schema_version", "x"), "schema version 'x' is no version"),
    "negative schema": (lambda a: put(a, "schema_version", -1), "schema version -1 is no version"),
    "missing": (lambda a: a.__delitem__("alphabet"), "attribute 'alphabet' is missing"),
    "text for number": (lambda a: put(a, "time_step_s", "fast"), "is 'fast', expected float"),
    "NaN": (lambda a: put(a, "time_step_s", np.nan), "attribute 'time_step_s' is nan, expected float"),
    "broken JSON": (lambda a: put(a, "alphabet", '{"a": '), "attribute 'alphabet' is not valid JSON"),
    "deep JSON": (lambda a: put(a, "alphabet", "[" * 100_000), "attribute 'alphabet' is not valid JSON"),
    "long number": (lambda a: put(a, "alphabet", f"[{'9' * 5000}]"), "attribute 'alphabet' is not valid JSON"),
    "huge JSON": (
        lambda a: put(a, "alphabet", f"[{'1,' * 3_000_000}1]"),
        "attribute 'alphabet' is longer than 4194304 characters",
    ),
}


@pytest.mark.parametrize(("change", "message"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_bad_attributes(changed, change, message):
    assert message in refused(changed(lambda file: change(file.attrs)))


def test_a_file_of_an_older_version_is_to_be_made_again(make):
    path = make("movements")
    with h5py.File(path, "r+") as file:
        put(file.attrs, "schema_version", 1)
    assert "schema 1 is older than 2; make it again with dataset/generate_movements.py" in refused(path)


def test_bad_attribute_that_no_kind_declares_is_refused_when_asked_for(changed):
    path = changed(lambda file: put(file.attrs, "settings", "{"))
    with store.read(path) as file, pytest.raises(store.StoreError, match=r"letters\.h5: attribute 'settings' is not"):
        file.attributes()


CONTENTS = {
    "missing dataset": (
        lambda file: file.__delitem__("label"),
        "dataset 'label' is missing; make the file again with dataset/write_letters.py or dataset/read_letters.py",
    ),
    "unknown dataset": (lambda file: file.create_dataset("x\ny", data=1.0), r"holds no dataset 'x\ny'"),
    "other type": (lambda file: replace(file, "label", data=np.zeros(4)), "'label' has type float64, expected int64"),
    "big-endian": (
        lambda file: replace(file, "label", data=np.zeros(4, ">i8")),
        "'label' has type >i8, expected int64",
    ),
    "other dimensions": (
        lambda file: replace(file, "label", data=np.zeros((4, 1), "int64")),
        "'label' has shape (4, 1), expected dimensions ('letter',)",
    ),
    "other length": (
        lambda file: replace(file, "source", data=np.zeros(9, "int64")),
        "'source' has 9 along 'letter', other datasets have 4",
    ),
    "scalar": (lambda file: replace(file, "label", data=np.int64(1)), "'label' has shape (), expected dimensions"),
    "null": (lambda file: replace(file, "label", data=h5py.Empty("int64")), "'label'"),
    "other units": (
        lambda file: put(file["samples"].attrs, "units", "mm"),
        "'samples' is in units 'mm', expected 'cm'",
    ),
    "no units": (lambda file: file["samples"].attrs.__delitem__("units"), "'samples' is in units None, expected 'cm'"),
    "other dimension names": (
        lambda file: put(file["samples"].attrs, "dims", '["a", "b"]'),
        "'samples' has no or other dimension names",
    ),
    "no dimension names": (
        lambda file: file["samples"].attrs.__delitem__("dims"),
        """'samples' has no or other dimension names, expected ["sample", "pen_axis"]""",
    ),
}


@pytest.mark.parametrize(("change", "message"), CONTENTS.values(), ids=CONTENTS)
def test_contents_that_do_not_fit_the_kind(changed, change, message):
    assert message in refused(changed(change))


def test_weights_of_any_shape_need_dimension_names_too(make):
    path = make("network")
    with h5py.File(path, "r+") as file:
        put(file["weights/first"].attrs, "dims", "{")
    assert "'weights/first' has no or other dimension names" in refused(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_found_by_a_full_check_only(changed, bad):
    def spoil(file):
        file["samples"][2, 1] = bad

    path = changed(spoil)
    with store.read(path) as file:
        assert not np.isfinite(file["samples"]).all()
    assert refused(path, finite=True).endswith("'samples' holds NaN or infinity, first in row 2")


def test_full_check_goes_through_large_data_in_blocks(make, monkeypatch):
    monkeypatch.setattr("proprionet.store.checking.BLOCK_BYTES", 32)
    path = make("letters")
    with h5py.File(path, "r+") as file:
        file["samples"][-1] = np.nan
        last = len(file["samples"]) - 1
    assert refused(path, finite=True).endswith(f"first in row {last}")


def virtual(file):
    layout = h5py.VirtualLayout((4,), "int64")
    layout[:] = h5py.VirtualSource("/etc/passwd", "label", shape=(4,))
    labels = dict(file["label"].attrs)
    del file["label"]
    file.create_virtual_dataset("label", layout).attrs.update(labels)


def links_in_a_ring(file):
    file["ring"] = file.create_group("a")
    file["a/back"] = file["/"]


def nested(file, depth=50):
    for _ in range(depth):
        file = file.create_group("deeper")


def many(file):
    for index in range(300):
        file.create_group(f"group{index}")


STRUCTURE = {
    "soft link": (lambda f: f.__setitem__("more", h5py.SoftLink("/label")), "'more' is a link to elsewhere"),
    "soft link to itself": (lambda f: f.__setitem__("more", h5py.SoftLink("/more")), "'more' is a link to elsewhere"),
    "external link": (
        lambda f: f.__setitem__("more", h5py.ExternalLink("/etc/passwd", "/")),
        "'more' is a link to elsewhere; copy the data into the file itself",
    ),
    "external storage": (
        lambda f: replace(f, "label", shape=(4,), dtype="int64", external=[("/etc/passwd", 0, 32)]),
        "'label' keeps its data outside the file",
    ),
    "virtual dataset": (virtual, "'label' is a view of other files"),
    "hard link": (lambda f: f.__setitem__("zz", f["label"]), "'zz' is linked twice"),
    "ring of hard links": (links_in_a_ring, "is linked twice"),
    "text of any length": (
        lambda f: replace(f, "label", data=["a"] * 4, dtype=h5py.string_dtype()),
        "'label' has type object, expected numbers or fixed-length text",
    ),
    "arrays of any length": (
        lambda f: replace(f, "label", shape=(4,), dtype=h5py.vlen_dtype("f8")),
        "'label' has type object",
    ),
    "references": (lambda f: replace(f, "label", data=[f.ref] * 4, dtype=h5py.ref_dtype), "'label' has type object"),
    "compound": (lambda f: replace(f, "label", data=np.zeros(4, "i4,i4")), "'label' has type"),
    "opaque": (lambda f: replace(f, "label", data=np.zeros(4, "V8")), "'label' has type"),
    "huge and empty": (
        lambda f: replace(f, "label", shape=(1 << 40,), dtype="int64"),
        "'label' declares shape (1099511627776,) but the file does not hold that much",
    ),
    "huge in chunks": (
        lambda f: replace(f, "label", shape=(1 << 40,), dtype="int64", chunks=(1 << 16,)),
        "'label' declares shape (1099511627776,)",
    ),
    "huge, compressed, one chunk of it": (
        lambda f: (
            replace(f, "label", shape=(1 << 34,), dtype="int64", chunks=(1 << 20,), compression="gzip"),
            f["label"].id.write_direct_chunk((0,), bytes(100)),
        ),
        "'label' declares shape (17179869184,)",
    ),
    "few numbers in a huge chunk": (
        lambda f: (
            replace(f, "label", shape=(4,), maxshape=(None,), dtype="int64", chunks=(1 << 28,), compression="gzip"),
            f["label"].id.write_direct_chunk((0,), bytes(100)),
        ),
        "'label' declares shape (4,) but the file does not hold that much",
    ),
    "deep": (nested, "groups are nested deeper than 6 levels"),
}


@pytest.mark.parametrize(("change", "message"), STRUCTURE.values(), ids=STRUCTURE)
def test_structure_that_reaches_outside_the_file_or_its_size(changed, change, message):
    path = changed(change)
    assert message in refused(path)
    with pytest.raises(store.StoreError, match=r"letters\.h5: "):
        store.raw_datasets(path)


def test_too_many_objects(changed, monkeypatch):
    monkeypatch.setattr("proprionet.store.checking.MAX_OBJECTS", 200)
    assert "holds more than 200 objects, so it is no file of this project" in refused(changed(many))


def test_broken_chunk_is_our_error_also_when_read_later(make):
    path = make("letters")
    with h5py.File(path, "r+") as file:
        n_samples = len(file["samples"])
        replace(file, "samples", shape=(n_samples, 2), dtype="f8", chunks=(n_samples, 2), compression="gzip")
        file["samples"].id.write_direct_chunk((0, 0), b"no zlib stream")
    message = r"letters\.h5: '/samples' cannot be read, so the file is corrupt or cut short"
    with store.read(path) as file:
        with pytest.raises(store.StoreError, match=message):
            file["samples"]
        with pytest.raises(store.StoreError, match=message):
            file.dataset("samples")[1:3]
    refused(path, finite=True)


def test_foreign_files_are_read_whole(tmp_path):
    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        file["group/numbers"] = np.arange(4)
        file["names"] = np.array([b"a", b"bc"])
    found = store.raw_datasets(tmp_path / "theirs.h5")
    assert set(found) == {"group/numbers", "names"}
    np.testing.assert_array_equal(found["group/numbers"], np.arange(4))


@pytest.mark.parametrize("name", ["no.h5", "", "text.h5"])
def test_foreign_files_that_are_none(tmp_path, name):
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(store.StoreError, match=r"expected an HDF5 file|cannot be read as HDF5"):
        store.raw_datasets(tmp_path / name)


FUZZ = '''
import random, resource, sys
from pathlib import Path
from proprionet import store

folder, kind = Path(sys.argv[1]), sys.argv[2]
good = (folder / f"{kind}.h5").read_bytes()
path = folder / "fuzzed.h5"
draw = random.Random(kind)


def spoil(index):
    if index < 40:
        return good[: len(good) * index // 40]
    if index < 60:
        return good[: draw.randrange(len(good))]
    data = bytearray(good)
    if index < 70:
        start = draw.randrange(len(good))
        return bytes(data[:start] + bytes(draw.randrange(1, 4096)) + data[start:])
    for _ in range(draw.choice([1, 1, 2, 8, 64])):
        place = draw.randrange(len(good))
        data[place] = draw.choice([data[place] ^ 1 << draw.randrange(8), 0, 255, draw.randrange(256)])
    return bytes(data)


def use():
    """All that a stage or ``proprionet info`` does with a file."""
    with store.read(path, kind, finite=True) as file:
        file.attributes(), file.shapes()
        for name in file.shapes():
            file[name]


counts = {"good": 0, "refused": 0}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for index in range(int(sys.argv[3])):
    path.write_bytes(spoil(index))
    for attempt in (use, lambda: store.raw_datasets(path)):
        try:
            attempt()
            counts["good"] += 1
        except store.StoreError as error:
            assert "fuzzed.h5" in str(error), error
            assert len(str(error)) < 1000, error
            counts["refused"] += 1
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
assert grown < 200, f"memory grew by {grown} MB"
assert counts["refused"] > 80, counts
'''


@pytest.mark.parametrize("kind", ["letters", "network", "activations"])
def test_spoiled_bytes_are_good_or_refused_but_never_a_surprise(make, kind):
    """In a process of its own, so that a crash of the HDF5 library is seen as one."""
    make(kind)
    command = [sys.executable, "-c", FUZZ, str(make.folder), kind, "150"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_that_this_process_has_open_is_not_called_corrupt(tmp_path):
    path = tmp_path / "open.h5"
    with store.create(path, "start_points") as file:
        for plane in ("horizontal", "vertical"):
            file.write(plane, np.zeros((1, 3)))
        file.set(arm="human", arm_kinematics={})
    with h5py.File(path), pytest.raises(store.StoreError, match=r"open\.h5: is open in this process"), store.read(path):
        pass
    with store.read(path) as file:
        assert file["vertical"].shape == (1, 3)
