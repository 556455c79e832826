"""The stages that simulate recordings of a network and fit models to them, as a user runs them."""

import known_systems
import numpy as np
import pytest
import stages

from proprionet import store

SIMULATE, FIT = "network_comparison/simulate.py", "network_comparison/fit.py"
FIXED_POINTS = "network_comparison/fixed_points.py"
N_TRIALS, N_STEPS = 40, 20
POPULATION = ("--n-held-in", 12, "--n-held-out", 3, "--mean-rate", 2)
QUICK = ("--encoder-units", 4, "--epochs", 3, "--batch-size", 16, "--decoder", "linear,n_units=3")


def write_latents(path, states=None, inputs=None, **changes):
    """A file as a flip-flop network leaves it, whose trials end after 15 or 20 steps."""
    states, inputs = known_systems.flip_flop(N_TRIALS, N_STEPS) if states is None else (states, inputs)
    targets = np.repeat(states[..., :1], 3, axis=2)
    arrays = {
        "latents": states,
        "inputs": inputs,
        "true_inputs": inputs,
        "outputs": targets,
        "targets": targets,
        "weights": np.ones(targets.shape)
        * (np.arange(N_STEPS) < np.where(np.arange(N_TRIALS) % 2, 20, 15)[:, None])[..., None],
        "conds": np.zeros(N_TRIALS, int),
        "extra": np.tile([3, 17], (N_TRIALS, 1)),
        "split": np.arange(N_TRIALS) >= 32,
        "phases/trial": np.tile([0, N_STEPS], (N_TRIALS, 1)),
    }
    with store.create(path, "latents") as file:
        for name, values in {**arrays, **changes}.items():
            file.write(name, values)
        file.set(network={"cell": "gru", "n_units": 10}, task={"task": "flip_flop"}, name="gru 10", trained=True)
        file.set(conditions=["any"], timings=["first", "second"], input_labels=list("abc"), output_labels=list("abc"))
        file.set(metrics={"r2": 0.9})
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    latents = write_latents(folder / "latents.h5")
    return latents, stages.make(SIMULATE, folder / "neurons.h5", latents, *POPULATION)


@pytest.fixture(scope="module")
def fitted(files, tmp_path_factory):
    return stages.make(FIT, tmp_path_factory.mktemp("fitted") / "inferred.h5", files[1], *QUICK)


def read(path, kind):
    with store.read(path, kind, finite=True) as file:
        return file.attributes(), {name: file[name] for name in file.shapes()}


def test_neurons_show_the_latents(files):
    _, latents = read(files[0], "latents")
    about, made = read(files[1], "simulated_neurons")
    shown = latents["latents"] @ made["readout"]
    drive = (shown - shown.mean()) / (2 * shown.std())
    np.testing.assert_allclose(made["rates"], about["electrodes"]["gain"] * np.exp(drive), rtol=1e-4)
    assert made["rates"].mean() == pytest.approx(2)
    assert made["held_out"].tolist() == [0] * 12 + [1] * 3
    assert about["headline"]["dispersion"]["value"] == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(made["n_steps"], np.tile([15, 20], N_TRIALS // 2))
    for name in ("latents", "inputs", "targets", "split", "extra"):
        np.testing.assert_array_equal(made[name], latents[name])


def test_trials_are_trimmed(files, tmp_path):
    trimmed = stages.make(SIMULATE, tmp_path / "t.h5", files[0], "--trim-first", 5, "--trim-last", 1)
    _, latents = read(files[0], "latents")
    _, made = read(trimmed, "simulated_neurons")
    np.testing.assert_array_equal(made["latents"], latents["latents"][:, 5:-1])
    np.testing.assert_array_equal(made["inputs"], latents["inputs"][:, 5:-1])
    np.testing.assert_array_equal(made["extra"], np.tile([-1, 12], (N_TRIALS, 1)))
    np.testing.assert_array_equal(made["n_steps"], np.tile([10, 14], N_TRIALS // 2))


def test_the_same_electrodes_record_other_trials(files, tmp_path):
    states, inputs = known_systems.flip_flop(N_TRIALS, N_STEPS)
    later = write_latents(tmp_path / "later.h5", 3 * states, inputs)
    again = stages.make(SIMULATE, tmp_path / "again.h5", later, "--electrodes", files[1], "--seed", 9)
    (_, first), (_, second) = (read(path, "simulated_neurons") for path in (files[1], again))
    np.testing.assert_array_equal(first["readout"], second["readout"])
    slope = np.polyfit(np.log(first["rates"]).ravel(), np.log(second["rates"]).ravel(), 1)[0]
    assert slope == pytest.approx(3, rel=1e-4)


def test_what_a_fit_leaves(files, fitted):
    about, made = read(fitted, "inferred")
    _, neurons = read(files[1], "simulated_neurons")
    assert about["network"]["cell"] == "linear"
    assert about["name"] == "linear 3 of gru 10"
    assert made["log_rates"].shape == neurons["spikes"].shape
    assert made["latents"].shape == (N_TRIALS, N_STEPS, 3)
    np.testing.assert_array_equal(made["split"], neurons["split"])
    np.testing.assert_array_equal(made["epoch"], [1, 2, 3])
    from_readout = made["latents"] @ made["weights/readout/kernel"] + made["weights/readout/bias"]
    np.testing.assert_allclose(from_readout, made["log_rates"], atol=1e-4)
    step = made["latents"][:, 3] @ made["weights/cell/recurrent_kernel"] + made["weights/cell/bias"]
    step += neurons["inputs"][:, 4] @ made["weights/cell/kernel"]
    np.testing.assert_allclose(step, made["latents"][:, 4], atol=1e-5)
    wanted = {"rate_r2", "held_out_rate_r2", "state_r2", "state_r2_reverse", "co_bps", "co_bps_bound"}
    assert set(about["metrics"]) == wanted | {"cycle_consistency", "task_r2"}
    assert about["headline"]["co_bps"]["bound"] == about["metrics"]["co_bps_bound"]


def test_a_killed_fit_goes_on(files, fitted, tmp_path, monkeypatch):
    from proprionet.rnn import fitting

    whole, out, epochs = fitting.fit, tmp_path / "inferred.h5", []

    def killed(*arguments, on_epoch, **more):
        def watch(row):
            on_epoch(row)
            epochs.append(row["epoch"])
            if epochs == [1, 2]:
                raise KeyboardInterrupt

        return whole(*arguments, on_epoch=watch, **more)

    monkeypatch.setattr(fitting, "fit", killed)
    arguments = (files[1], *QUICK, "--out", out, "--jobs", 1)
    assert stages.run(FIT, *arguments).exit_code == 130
    result = stages.run(FIT, *arguments)
    assert "going on after epoch 2 of 3, with 1 threads as before" in result.output
    assert epochs == [1, 2, 3]
    stages.assert_same(out, fitted)


@pytest.mark.parametrize(
    ("script", "options", "sentence"),
    [
        (SIMULATE, ("--trim-first", 15, "--trim-last", 5), "latents.h5: trials have 20 steps, of which none is left"),
        (SIMULATE, ("--fr-scaling", 0), "options: 'fr_scaling' is 0.0: input should be greater than 0"),
        (SIMULATE, ("--fr-scaling", 0.05), "choose a larger fr_scaling"),
        (FIT, ("--decoder", "lstm"), "there is no cell 'lstm'"),
        (FIT, ("--decoder", "node,n_unit=3"), "n_unit"),
    ],
)
def test_bad_options_end_with_a_sentence(files, tmp_path, script, options, sentence):
    result = stages.run(script, files[script == FIT], *options, "--out", tmp_path / "out.h5")
    assert result.exit_code == 2
    assert sentence in result.output
    assert result.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_bad_files_end_with_a_sentence(files, tmp_path):
    states, inputs = known_systems.flip_flop(N_TRIALS, N_STEPS)
    constant = write_latents(tmp_path / "constant.h5", 0 * states, inputs)
    other = write_latents(tmp_path / "other.h5", states[..., :4], inputs)
    one_part = write_latents(tmp_path / "one_part.h5", split=np.zeros(N_TRIALS, int))
    neurons = stages.make(SIMULATE, tmp_path / "neurons.h5", one_part)

    def spoil(file):
        file["latents"][3, 4, 5] = np.nan

    broken = stages.change(write_latents(tmp_path / "broken.h5"), spoil)
    for arguments, sentence in (
        ((SIMULATE, constant), "constant.h5: none of the latents varies"),
        ((SIMULATE, other, "--electrodes", files[1]), "4 latents, but the electrodes were made for 10"),
        ((SIMULATE, broken), "broken.h5: 'latents'"),
        ((FIT, neurons, *QUICK), "neurons.h5: there are no training trials or no validation trials"),
        ((FIT, files[0]), "latents.h5: is a latents file, expected a simulated_neurons file"),
    ):
        result = stages.run(*arguments, "--out", tmp_path / "out.h5")
        assert result.exit_code == 2
        assert sentence in result.output, result.output


def test_fixed_points_of_a_model_are_those_of_its_decoder(files, fitted, tmp_path):
    """A linear decoder x W + b has one: b (1 - W)^-1."""
    found = stages.make(FIXED_POINTS, tmp_path / "points.h5", fitted, files[1], "--n-starts", 16)
    _, model = read(fitted, "inferred")
    about, points = read(found, "fixed_points")
    kernel, bias = (model[f"weights/cell/{name}"].astype(float) for name in ("recurrent_kernel", "bias"))
    np.testing.assert_allclose(points["states"], [np.linalg.solve((np.eye(3) - kernel).T, bias)], atol=1e-7)
    assert points["outputs"].shape == (1, 15)
    assert about["output_labels"][0] == "log rate of neuron 0"
    assert not about["lefschetz_expected"]


def test_fixed_points_want_the_neurons_that_the_model_was_fitted_to(files, fitted, tmp_path):
    other = stages.make(SIMULATE, tmp_path / "other.h5", files[0], *POPULATION, "--seed", 9)
    refused = stages.run(FIXED_POINTS, fitted, other, "--out", tmp_path / "no.h5")
    assert refused.exit_code == 2
    assert "was not fitted to" in refused.output
    refused = stages.run(FIXED_POINTS, fitted, files[0], "--out", tmp_path / "no.h5")
    assert "expected a simulated_neurons file" in refused.output
