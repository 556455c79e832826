"""Simulated neurons, and networks that are fitted to them."""

import numpy as np
import pytest
import stages

from proprionet import networks

SIMULATE = "neural_prediction/simulate_session.py"
FIT_NETWORK = "neural_prediction/fit_network.py"
PREDICT = "neural_prediction/predict.py"


@pytest.mark.parametrize(
    ("options", "driven_by", "rank"),
    [
        (("--driven-by", "hand"), ["position and velocity of the hand"], 6),
        (("--driven-by", "both"), ["length and velocity of each muscle", "position and velocity of the hand"], 8 + 6),
        (("--layer", "spatial0"), ["spatial0 of recognition.h5"], 4),
    ],
)
def test_simulated_neurons_are_driven_by_what_is_asked(made, tmp_path, options, driven_by, rank):
    network = ("--network", made.files["recognition"]) if "--layer" in options else ()
    session = stages.read(stages.make(SIMULATE, tmp_path / "s.h5", made.files["dataset"], *options, *network))
    assert session.attributes["driven_by"] == driven_by
    log_rates = np.log(session.true_rate)
    assert np.linalg.matrix_rank(log_rates - log_rates.mean(axis=0), rtol=1e-4) == rank


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--layer", "spatial0"), "--layer and --network belong together"),
        (("--network", "recognition"), "--layer and --network belong together"),
        (("--layer", "spatial9", "--network", "recognition"), "has no layer 'spatial9'"),
    ],
)
def test_layers_that_drive_nothing_are_refused(made, tmp_path, options, message):
    options = [made.files.get(option, option) for option in options]
    result = stages.run(SIMULATE, made.files["dataset"], *options, "--out", tmp_path / "s.h5")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_networks_fitted_to_neurons_go_on_after_the_last_fold(made, tmp_path, monkeypatch):
    from proprionet.neural import data_driven

    fit, path, fitted = data_driven.fit_fold, tmp_path / "fit.h5", []

    def killed_in_the_second(*arguments, **options):
        if fitted:
            raise KeyboardInterrupt
        fitted.append(arguments[3])
        return fit(*arguments, **options)

    monkeypatch.setattr(data_driven, "fit_fold", killed_in_the_second)
    assert stages.run(*made.commands["data_driven"], "--out", path, "--jobs", 1).exit_code == 130
    assert not path.exists()
    monkeypatch.setattr(
        data_driven, "fit_fold", lambda *given, **options: fitted.append(given[3]) or fit(*given, **options)
    )
    stages.make(made.commands["data_driven"][0], path, *made.commands["data_driven"][1:])
    assert fitted == [0, 1]
    stages.assert_same(path, made.files["data_driven"])


@pytest.mark.parametrize("script", [FIT_NETWORK, PREDICT])
def test_more_folds_than_trials_are_refused_before_keras_is_loaded(made, tmp_path, monkeypatch, script):
    monkeypatch.setattr(networks, "prepare", lambda *_: pytest.fail("Keras was loaded"))
    command = (script, made.files["session"], made.files["untrained"], "--n-folds", 90)
    result = stages.run(*command, "--out", tmp_path / "fit.h5")
    assert result.exit_code == 2
    assert "Error: session.h5: " in result.stderr
    assert "trials cannot be dealt into 90 folds of two or more; choose a smaller --n-folds" in result.stderr
    assert not list(tmp_path.iterdir())
