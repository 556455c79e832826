"""Files that are none, or of another kind: one sentence, exit code 2, and nothing half-written."""

import pytest
from spoiled_files import (
    COMPARE,
    DECODE_KINEMATICS,
    EMBED,
    FIT_BASELINES,
    FIT_NETWORK,
    GENERATE,
    MAKE,
    PREDICT,
    RDM,
    SIMULATE,
    SVM,
    TRAIN,
    TUNING,
    plant,
    reading,
    refused,
    spoiled,
)

READERS = [
    (GENERATE, "letters"),
    (MAKE, "movements"),
    (SVM, "dataset"),
    (TRAIN, "dataset"),
    (RDM, "activations"),
    (COMPARE, "activations"),
    (EMBED, "activations"),
    (TUNING, "activations"),
    ("single_cell/decode_population.py", "activations"),
    ("single_cell/dissect_network.py", "activations"),
    (SIMULATE, "dataset"),
    (PREDICT, "session"),
    (FIT_NETWORK, "session"),
    (FIT_BASELINES, "session"),
    (DECODE_KINEMATICS, "session"),
]


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_cut_short(good, tmp_path, script, kind):
    whole = getattr(good, kind)
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    refused(tmp_path, f"{cut.name}: .*corrupt or cut short.* Make it with ", *reading(script, cut, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
@pytest.mark.parametrize(
    "content", [b"", b"letter,stroke,x,y\n", bytes(range(256)) * 40], ids=["empty", "text", "noise"]
)
def test_a_file_that_is_no_hdf5(good, tmp_path, script, kind, content):
    path = tmp_path / "wrong.h5"
    path.write_bytes(content)
    refused(tmp_path, "wrong.h5: .*cannot be read as HDF5", *reading(script, path, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_of_another_kind(good, tmp_path, script, kind):
    other = good.places if kind != "start_points" else good.letters
    saying = f"start_points.h5: is a start_points file, expected an? {kind} file. Make it with "
    refused(tmp_path, saying, *reading(script, other, good))


@pytest.mark.parametrize(("script", "kind"), READERS)
def test_a_file_that_is_not_there(good, tmp_path, script, kind):
    refused(tmp_path, "none.h5: does not exist, expected an HDF5 file. Make it", *reading(script, "none.h5", good))


@pytest.mark.parametrize(
    ("script", "kind", "name"),
    [
        (GENERATE, "letters", "samples"),
        (MAKE, "movements", "muscle_length"),
        (SVM, "dataset", "muscle_length"),
        (TRAIN, "dataset", "hand"),
        (SIMULATE, "dataset", "muscle_length"),
    ],
)
def test_a_number_that_is_none(good, tmp_path, script, kind, name):
    path = spoiled(getattr(good, kind), tmp_path, plant(name))
    refused(tmp_path, f"{path.name}: '{name}' holds NaN or infinity, first in row ", *reading(script, path, good))


@pytest.mark.parametrize("script", [RDM, COMPARE, EMBED])
def test_an_activation_that_is_no_number(good, tmp_path, script):
    path = spoiled(good.activations, tmp_path, plant("layers/spatial0"))
    arguments = [good.activations, path] if script == COMPARE else [path]
    refused(tmp_path, "activations.h5: 'layers/spatial0' holds NaN or infinity, first in row 39", script, *arguments)
