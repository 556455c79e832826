"""Recurrent networks from the command line: trained, killed, recorded, and what is refused."""

import numpy as np
import pytest
import stages
import yaml

from proprionet import store

TRAIN, ANALYZE = "network_comparison/train.py", "network_comparison/analyze.py"
SMALL = ("--task", "flip_flop,n_bits=2,n_steps=40", "--practice", "flip_flop,n_bits=2,n_steps=30")
FEW = ("--n-updates", 9, "--interval", 3, "--batch-size", 4, "--n-validation", 8)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Networks on two tasks, and what they do."""
    folder = tmp_path_factory.mktemp("recurrent")
    flip_flop = stages.make(TRAIN, folder / "flip_flop.h5", *SMALL, *FEW, "--cell", "lstm,n_units=4")
    reach = stages.make(
        TRAIN, folder / "reach.h5", "--task", "random_target,n_steps=60", "--untrained", "--cell", "gru,n_units=6"
    )
    for network in (flip_flop, reach):
        stages.make(ANALYZE, network.with_suffix(".latents.h5"), network, "--n-trials", 20)
    return folder


def test_a_network_is_trained_and_recorded(made):
    with store.read(made / "flip_flop.h5", "recurrent", finite=True) as network:
        np.testing.assert_array_equal(network["update"], [3, 6, 9])
        assert network.attribute("trained") is True
        assert network.attribute("network") == {"cell": "lstm", "n_units": 4, "initial_noise": 0.0}
        assert network.attribute("task")["n_steps"] == 40
        assert network["weights/cell/kernel"].shape == (2, 16)
        assert network["weights/initial_state"].shape == (8,)
        readout = network["weights/readout/kernel"], network["weights/readout/bias"]
    with store.read(made / "flip_flop.latents.h5", "latents", finite=True) as file:
        assert file["latents"].shape == (20, 40, 8)
        np.testing.assert_allclose(file["latents"][..., :4] @ readout[0] + readout[1], file["outputs"], atol=1e-5)
        assert np.bincount(file["split"]).tolist() == [16, 4]
        assert np.std(file["inputs"] - file["true_inputs"]) == pytest.approx(0.15, rel=0.1)
        assert file.attribute("name") == "lstm4"


def test_an_arm_is_recorded_in_the_units_of_the_project(made):
    from proprionet.rnn.tasks.random_target import hand_at

    with store.read(made / "reach.latents.h5", "latents", finite=True) as file:
        hand, joints = file["controlled"], file["joints"]
        of_joints = hand_at(np.deg2rad(joints.reshape(-1, 2))).reshape(hand.shape)
        np.testing.assert_allclose(hand, 100 * of_joints, atol=1e-3)
        np.testing.assert_allclose(hand[:, 0], file["targets"][:, 0], atol=0.5)
        assert joints.min() >= 0
        assert joints.max() <= 155
        assert 100 < file["muscle_length"].min() < file["muscle_length"].max() < 500
        assert file["inputs"].shape == (20, 60, 17)
        felt = (file["inputs"] - file["true_inputs"])[..., :14]
        assert np.std(felt) == pytest.approx(0.005, rel=0.05)
        np.testing.assert_allclose(100 * file["true_inputs"][:, 6, :2], hand[:, 1], atol=1e-3)
        assert not file.attribute("trained")


def test_networks_are_seen_in_the_same_trials(made, tmp_path):
    other = stages.make(TRAIN, tmp_path / "other.h5", *SMALL, "--untrained", "--cell", "node", "--seed", 9)
    seen = stages.make(ANALYZE, tmp_path / "latents.h5", other, "--n-trials", 20)
    quiet = stages.make(ANALYZE, tmp_path / "quiet.h5", other, "--n-trials", 20, "--no-noisy", "--name", "mine")
    with (
        store.read(made / "flip_flop.latents.h5") as one,
        store.read(seen) as two,
        store.read(quiet) as three,
    ):
        for name in ("inputs", "targets", "split"):
            np.testing.assert_array_equal(one[name], two[name])
        np.testing.assert_array_equal(three["inputs"], one["true_inputs"])
        assert three.attribute("name") == "mine"


def test_settings_come_from_files_too(tmp_path):
    (tmp_path / "cell.yaml").write_text(yaml.safe_dump({"cell": "vanilla", "n_units": 3}))
    (tmp_path / "task.yaml").write_text(yaml.safe_dump({"task": "flip_flop", "n_bits": 1, "n_steps": 20}))
    options = ("--cell", tmp_path / "cell.yaml", "--task", tmp_path / "task.yaml", "--untrained")
    with store.read(stages.make(TRAIN, tmp_path / "network.h5", *options), "recurrent") as file:
        assert file["weights/cell/kernel"].shape == (1, 3)
        assert set(file.attribute("inputs")) == {"cell.yaml", "task.yaml"}


def test_killed_at_any_checkpoint_it_ends_with_the_same_bytes(made, tmp_path, monkeypatch):
    """A power cut after each save: the run that follows finds that state alone."""
    from proprionet.rnn import training

    out, whole = tmp_path / "killed.h5", made / "flip_flop.h5"
    validate, calls = training.evaluate, []

    def cut(*arguments):
        calls.append(None)
        if len(calls) in (2, 4):
            raise KeyboardInterrupt
        return validate(*arguments)

    monkeypatch.setattr(training, "evaluate", cut)
    arguments = (*SMALL, *FEW, "--cell", "lstm,n_units=4", "--out", out, "--jobs", 1)
    for code in (130, 130, 0):
        result = stages.run(TRAIN, *arguments)
        assert result.exit_code == code, result.output
        assert code == 0 or out.with_name("killed.h5.parts").exists()
    assert "going on from the last saved state, with 1 threads as before" in result.output
    stages.assert_same(out, whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--task", "flipflop"), "there is no task 'flipflop'; did you mean 'flip_flop'?"),
        (("--cell", "gru,units=2"), "unknown setting 'units'; did you mean 'n_units'?"),
        (("--task", "flip_flop,n_steps=9"), "'n_steps' is 9: input should be greater than or equal to 10"),
        (("--practice", "multi_task"), "practice 'multi_task': has other inputs or outputs than task 'flip_flop'"),
        (("--task", "mine.yaml"), "mine.yaml: does not exist"),
    ],
)
def test_bad_options_end_in_a_sentence(tmp_path, options, message):
    result = stages.run(TRAIN, *options, "--out", tmp_path / "a.h5")
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_bad_networks_end_in_a_sentence(made, tmp_path):
    def refused(network, *options):
        result = stages.run(ANALYZE, network, *options, "--out", tmp_path / "latents.h5")
        assert result.exit_code == 2
        assert not (tmp_path / "latents.h5").exists()
        return result.output

    assert "is a latents file, expected a recurrent file" in refused(made / "reach.latents.h5")
    assert "has other inputs or outputs than flip_flop.h5" in refused(
        made / "flip_flop.h5", "--trials-of", "flip_flop,n_bits=3"
    )
    broken = tmp_path / "broken.h5"
    broken.write_bytes((made / "flip_flop.h5").read_bytes())
    stages.change(broken, lambda file: file["weights/cell/kernel"].__setitem__((0, 0), np.nan))
    assert "weights/cell/kernel" in refused(broken)
