"""Files that are whole, but contradict themselves or do not fit together."""

import json
import shutil
import zipfile

import h5py
import numpy as np
import pytest
import stages
from click.testing import CliRunner
from spoiled_files import (
    COMPARE,
    DECODE,
    EMBED,
    EVALUATE,
    MAKE,
    PREDICT,
    RDM,
    RECORD,
    SVM,
    TRAIN,
    TUNING,
    plant,
    refused,
    spoiled,
    write_activations,
    write_session,
)

from proprionet import store
from proprionet.main import main


@pytest.mark.parametrize("script", [SVM, TRAIN])
def test_a_split_with_a_leak(good, tmp_path, script):
    def leak(file):
        file["split"][0] = (file["split"][1] + 1) % 3  # both are movements of pen letter 0

    leaky = spoiled(good.dataset, tmp_path, leak)
    refused(tmp_path, "dataset.h5: pen letter 0 has movements in more than one part", script, leaky)


@pytest.mark.parametrize(
    ("name", "value", "saying"),
    [
        ("offsets", 10**6, "'offsets' must rise from 0 to the"),
        ("label", 20, "'label' holds other numbers than 0 to 19"),
    ],
)
def test_movements_that_contradict_themselves(good, tmp_path, name, value, saying):
    path = spoiled(good.movements, tmp_path, plant(name, value))
    refused(tmp_path, f"movements.h5: {saying}", MAKE, path)


def test_shards_that_are_no_whole_set(good, tmp_path):
    def part(name, **attributes):
        def rename(file):
            for key, value in attributes.items():
                file.attrs[key] = np.bytes_(value)

        return stages.change(shutil.copy(good.movements, tmp_path / name), rename)

    first, second = part("a.h5", shard="1/2"), part("b.h5", shard="2/2")
    saying = r"expected every shard of one set once and in order \(1/N, 2/N ... N/N\), found "
    refused(tmp_path, saying + "1/2", MAKE, first)
    refused(tmp_path, saying + "1/2, 1/2", MAKE, first, first)
    refused(tmp_path, saying + "2/2, 1/2", MAKE, second, first)
    raw = part("c.h5", shard="2/2", geometry="raw")
    refused(tmp_path, "c.h5: its geometry is 'raw', that of a.h5 'patched'; a data set is made", MAKE, first, raw)


def test_a_compact_data_set_of_full_movements(good, tmp_path):
    refused(tmp_path, "form compact needs movements in compact form", MAKE, good.movements, "--form", "compact")


def test_a_movement_longer_than_the_data_set(good, tmp_path):
    refused(
        tmp_path,
        r"movement \d+ has \d+ steps, more than n_steps = 40; raise n_steps",
        MAKE,
        good.movements,
        "--n-steps",
        40,
    )


def test_a_session_that_a_network_cannot_see(good, tmp_path):
    first, *others = stages.MUSCLES
    other = write_session(tmp_path / "other.h5", muscle_names=("heart", *others))
    refused(tmp_path, rf"'muscle_length' holds no muscle '{first}' \(its muscles: heart", PREDICT, other, good.network)
    slow = write_session(tmp_path / "slow.h5", bin_width_s=0.2)
    refused(tmp_path, "its shortest window takes 3.4 s, but network.h5 sees", PREDICT, slow, good.network)


def test_a_network_with_the_weights_of_another(good, network, tmp_path):
    def swap(file):
        settings = json.loads(file.attrs["network"])
        file.attrs["network"] = np.bytes_(json.dumps({**settings, "temporal_filters": [7]}))

    path = spoiled(network, tmp_path, swap)
    saying = "network.h5: attribute 'network' is not as nn-training/train.py wrote it, so the file was altered"
    refused(tmp_path, saying, RECORD, path, good.dataset)


def test_a_network_for_movements_of_another_shape(good, network, tmp_path):
    steps = {"hand": np.zeros((6, 3, 80)), "joints": np.zeros((6, 4, 80)), "muscle_length": np.zeros((6, 4, 80))}
    with store.read(good.dataset) as file:
        rest = {name: file[name][:6] for name in file.shapes() if name not in steps}
    other = stages.write_dataset(tmp_path / "other.h5", **{**rest, **steps, "split": np.full(6, 2)})
    refused(
        tmp_path,
        r"network.h5 takes movements of shape \(4, 96, 2\) .*other.h5 have \(4, 80, 2\)",
        RECORD,
        network,
        other,
    )


def test_a_network_is_tested_on_movements_of_its_kind(good, network, tmp_path):
    with store.read(good.dataset, "dataset") as data:
        cut = {name: data[name][..., :80] for name in ("hand", "joints", "muscle_length")}
    other = stages.write_dataset(tmp_path / "other.h5", **cut)
    saying = r"network.h5 takes movements of shape \(4, 96, 2\) .*other.h5 have \(4, 80, 2\)"
    refused(tmp_path, saying, EVALUATE, network, other)
    refused(tmp_path, "a session is for --task neurons", EVALUATE, network, good.dataset, "--session", good.session)


@pytest.mark.parametrize(
    ("attribute", "value", "saying"),
    [
        (
            "muscle_names",
            ["lung", "liver", "spleen", "heart"],
            "its muscle 1 is 'lung', but network.h5",
        ),
        ("length_kind", "fibre_tendon", "its length_kind is 'fibre_tendon', but network.h5 was trained with 'fibre'"),
        ("time_step_s", 0.01, "its time_step_s is 0.01, but"),
        (
            "spindle",
            {"spindle": "firing"},
            "its spindle model is 'firing', but network.h5",
        ),
        ("spindle", {"spindle": "afferents_linear"}, "its spindle model is 'afferents_linear'"),
        ("spindle", {"noise": "loud"}, "dataset.h5, spindle: 'noise' is 'loud'"),
    ],
)
def test_a_network_sees_what_it_was_trained_to_see(good, network, tmp_path, attribute, value, saying):
    def change(file):
        if isinstance(value, dict):
            changed = json.dumps({**json.loads(file.attrs[attribute]), **value})
        else:
            changed = json.dumps(value) if isinstance(value, list) else value
        file.attrs[attribute] = changed if isinstance(changed, float) else np.bytes_(changed)

    path = spoiled(good.dataset, tmp_path, change)
    for script in (RECORD, EVALUATE):
        refused(tmp_path, saying, script, network, path)


@pytest.mark.parametrize("script", [SVM, DECODE, TRAIN])
def test_codes_and_parts_that_are_none(good, tmp_path, script):
    def of_no_letter(file):
        file["label"][3] = 77

    def in_no_part(file):
        file["split"][4] = 7

    def without_test(file):
        file["split"][:] = np.minimum(file["split"][:], 1)

    for spoil, saying in (
        (of_no_letter, "movement 3: 'label' is 77, expected 0 to 19"),
        (in_no_part, "movement 4: 'split' is 7, expected 0 to 2"),
        (without_test, "the test part is empty"),
    ):
        refused(tmp_path, saying, script, spoiled(good.dataset, tmp_path, spoil))


def test_the_unfinished_training_of_another_command(good, tmp_path, monkeypatch):
    from proprionet.networks import training

    def stop(*arguments, checkpoint, **more):
        checkpoint({"history/loss": np.ones(1)})
        raise KeyboardInterrupt

    out = tmp_path / "out.h5"
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", stop)
        assert stages.run(TRAIN, good.dataset, "--out", out, "--epochs", 2).exit_code == 130
    before = (tmp_path / "out.h5.parts" / "checkpoint.h5").read_bytes()
    result = stages.run(TRAIN, good.dataset, "--out", out, "--epochs", 3)
    assert result.exit_code == 2
    assert "out.h5.parts: is of a run that was stopped and had other inputs or settings (epochs)" in result.stderr
    assert (tmp_path / "out.h5.parts" / "checkpoint.h5").read_bytes() == before
    assert not out.exists()
    (tmp_path / "out.h5.parts" / "checkpoint.h5").write_bytes(before[:100])
    result = stages.run(TRAIN, good.dataset, "--out", out, "--epochs", 2)
    assert result.exit_code == 2
    assert "out.h5.parts: is of a run that was stopped; checkpoint.h5: cannot be read as HDF5" in result.stderr


def test_letters_are_for_streams(good, tmp_path):
    refused(tmp_path, "letters and start points are for --stream", TRAIN, good.dataset, "--letters", good.letters)


@pytest.mark.parametrize(
    ("task", "saying"),
    [
        ("action_recognition", "the train part has no letter"),
        ("redundancy_reduction", "the train part has 1 movement, too few to correlate"),
    ],
)
def test_too_few_movements_to_train_on(good, tmp_path, task, saying):
    refused(tmp_path, saying, TRAIN, good.dataset, "--task", task, "--most-movements", 1)


@pytest.mark.parametrize(
    ("options", "saying"),
    [
        (("--task", "torque"), "dataset.h5: holds no torques; add them with dataset/add_torques.py"),
        (("--task", "neurons"), "give it with --session"),
        (("--session", "SESSION", "--task", "torque"), "a session is for --task neurons, not for torque"),
    ],
)
def test_a_task_that_the_data_do_not_hold(good, tmp_path, options, saying):
    options = [good.session if option == "SESSION" else option for option in options]
    refused(tmp_path, saying, TRAIN, good.dataset, *options)
    refused(tmp_path, saying, TRAIN, good.dataset, *options, "--dry-run")


def test_a_letter_that_is_missing_in_a_part(good, tmp_path):
    def lose(file):
        file["split"][:] = np.where((file["label"][:] == 4) & (file["split"][:] == 1), 0, file["split"][:])
        file.attrs["split_by"] = np.bytes_("movement")

    path = spoiled(good.dataset, tmp_path, lose)
    refused(tmp_path, "the validation part has no letter '.', which other parts have", TRAIN, path)


@pytest.mark.parametrize(
    ("spoil", "saying"),
    [
        (
            lambda file: file.__setitem__("weights/evil", h5py.ExternalLink("other.h5", "/weights")),
            "is a link to elsewhere",
        ),
        (lambda file: file.create_dataset("weights/bomb", (1 << 40,), "float32", chunks=(1 << 20,)), "."),
        (lambda file: file["weights/score/kernel"].__setitem__(0, np.nan), "score/kernel"),
        (lambda file: file.move("weights/score", "weights/scores"), "'weights/scores/bias' is not as"),
        (lambda file: file["weights/score/kernel"].__setitem__((0, 0), 0.25), "'weights/score/kernel' is not as"),
        (lambda file: file.attrs.__setitem__("alignment", np.bytes_("sideways")), "attribute 'alignment' is not as"),
        (lambda file: file.attrs.__delitem__("fingerprints"), "attribute 'fingerprints' is missing"),
    ],
    ids=["external link", "shape bomb", "NaN", "other weights", "changed weight", "changed alignment", "unsigned"],
)
def test_a_hostile_or_altered_network(good, network, tmp_path, spoil, saying):
    path = spoiled(network, tmp_path, spoil)
    for script in (RECORD, EVALUATE):
        refused(tmp_path, saying, script, path, good.dataset)
    assert saying in CliRunner().invoke(main, ["validate", str(path)]).stderr


def test_a_keras_archive_is_no_network(good, tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    refused(tmp_path, "model.keras", EVALUATE, path, good.dataset)


@pytest.mark.parametrize("position", [0, 1])
def test_activations_want_a_network_and_a_data_set(good, network, tmp_path, position):
    inputs = [network, good.dataset]
    inputs[position] = good.letters
    refused(tmp_path, "letters.h5: is a letters file, expected a", RECORD, *inputs)


def test_letters_that_cannot_be_compared(tmp_path):
    recorded = write_activations(tmp_path / "activations.h5", range(20))
    (tmp_path / "spoiled").mkdir()
    for labels in (np.zeros(20), np.arange(20)):

        def relabel(file, labels=labels):
            file["label"][:] = labels

        path = spoiled(recorded, tmp_path / "spoiled", relabel)
        refused(tmp_path, "needs movements of two letters, and two of one letter", RDM, path)


def test_networks_that_saw_other_movements(good, tmp_path):
    few = write_activations(tmp_path / "few.h5", range(39))
    refused(tmp_path, r"are of different movements \('movement' differs\): record both", COMPARE, good.activations, few)
    moved = spoiled(good.activations, tmp_path, plant("hand", 5.0))
    refused(tmp_path, r"are of different movements \('hand' differs\)", COMPARE, good.activations, moved)


def test_too_few_movements_for_a_map(good, tmp_path):
    refused(tmp_path, "40 stimuli are too few for a perplexity of 40: choose one below 13", EMBED, good.activations)

    def lay_down(file):
        file["plane"][2:] = 0

    path = spoiled(good.activations, tmp_path, lay_down)
    refused(tmp_path, r"1 movements \(vertical planes\) are too few for a map", EMBED, path, "--planes", "vertical")


def test_a_movement_beyond_its_record_has_no_place_on_a_map(good, tmp_path):
    path = spoiled(good.activations, tmp_path, plant("first", 90))
    refused(tmp_path, "activations.h5: movement 39 does not lie within its 96 samples", EMBED, path)


def test_a_layer_without_variance_is_left_undefined(good, tmp_path):
    def silence(file):
        file["layers/spatial0"][:] = 0.1

    path = spoiled(good.activations, tmp_path, silence)
    stages.make(RDM, tmp_path / "rdm.h5", path)
    stages.make(COMPARE, tmp_path / "similarity.h5", path, good.activations, "--measure", "cka,svcca", "--dimension", 5)
    stages.make(EMBED, tmp_path / "embedding.h5", path, "--perplexity", 5)
    made = [stages.content(tmp_path / f"{kind}.h5") for kind in ("rdm", "similarity", "embedding")]
    reasons = [file["attributes"]["undefined"] for file in made]
    assert reasons == [{name: "no unit varies over the stimuli"} for name in ("spatial0", "a/spatial0", "spatial0")]
    rdm, similarity, embedding = made
    assert "rdm/spatial0" not in rdm
    np.testing.assert_array_equal(np.isnan(rdm["pearson"]), [False] * 4 + [True])
    for measure in ("cka", "svcca"):
        np.testing.assert_array_equal(np.isnan(similarity[measure]), [[False, False], [True, True]])
    assert embedding["attributes"]["layers"] == ["hand", "input"]


def test_too_few_movements_for_the_components_of_two_layers(good, tmp_path):
    options = ("--measure", "cka,svcca", "--dimension", 20)
    saying = "40 movements are too few for --dimension 20: choose up to 19"
    refused(tmp_path, saying, COMPARE, good.activations, good.activations, *options)


def test_kernels_too_narrow_to_compare_are_explained(good, tmp_path):
    options = ("--measure", "cka_rbf,cka_rbf", "--bandwidth", 1e-9)
    made = stages.make(COMPARE, tmp_path / "similarity.h5", good.activations, good.activations, *options)
    saying = "similarity is not a number for some layers that vary; choose another --bandwidth"
    assert stages.content(made)["attributes"]["undefined"] == {"cka_rbf": saying}


def test_no_movement_in_a_plane(good, tmp_path):
    saying = "activations.h5: 0 in horizontal and 0 in vertical planes, of 40 movements: fitting needs 3 or more"
    refused(tmp_path, saying, TUNING, good.activations)


@pytest.mark.parametrize(
    ("name", "saying"),
    [
        ("layers/spatial0", "layer 'spatial0', unit 3: an activation is not finite, in movement 39"),
        ("hand", "hand of movement 39 holds NaN or infinity"),
        ("joints", "joints of movement 39 holds NaN or infinity"),
    ],
)
def test_tuning_to_what_is_no_number(good, tmp_path, name, saying):
    def spoil(file):
        file["hand"][:, 2] = 0
        plant(name)(file)

    path = spoiled(good.activations, tmp_path, spoil)
    refused(tmp_path, f"activations.h5: {saying}", TUNING, path)
