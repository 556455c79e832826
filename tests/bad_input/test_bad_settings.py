"""Settings and options that make no sense."""

import pytest
import stages
from spoiled_files import (
    COMPARE,
    DECODE_KINEMATICS,
    EMBED,
    FIT_BASELINES,
    GENERATE,
    MAKE,
    PLACES,
    PREDICT,
    READ,
    SIMULATE,
    TRAIN,
    TUNING,
    WRITE,
    reading,
    refused,
    tree,
)


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("movments: {per_letter: 3}", r"mine.yaml: unknown setting 'movments'; did you mean 'movements'\?"),
        ("letters: {per_leter: 3}", r"mine.yaml: unknown setting 'letters.per_leter'; did you mean 'per_letter'\?"),
        ("letters: {per_letter: -3}", "mine.yaml: 'letters.per_letter' is -3: input should be greater"),
        ("letters: {per_letter: many}", "mine.yaml: 'letters.per_letter' is 'many'"),
        ("name: ../../elsewhere", "mine.yaml: 'name' is"),
        ("seed: [1", "mine.yaml, line 1: is not valid YAML"),
        ("!!python/object/apply:os.getcwd []", "mine.yaml, line 1: is not valid YAML"),
    ],
)
def test_settings_that_are_wrong(tmp_path, text, saying):
    (tmp_path / "mine.yaml").write_text(text)
    refused(tmp_path, saying, WRITE, "--config", tmp_path / "mine.yaml")


ABSURD = [
    (WRITE, None, "--per-letter", ["0", "-1", "10000000000"]),
    (READ, None, "--slow-down", ["0", "nan", "inf", "-3"]),
    (PLACES, None, "--spacing-cm", ["0", "-2", "nan", "1e9"]),
    (GENERATE, "letters", "--max-attempts", ["0", "1000000000"]),
    (GENERATE, "letters", "--tracing-error-limit", ["0", "nan", "-1"]),
    (GENERATE, "letters", "--shard", ["0/3", "4/3", "3", "-1/3", "a/b"]),
    (GENERATE, "letters", "--grid-deg", ["0", "nan", "90"]),
    (MAKE, "movements", "--n-steps", ["0", "32", "1000000"]),
    (MAKE, "movements", "--smoothest", ["0", "1000"]),
    (MAKE, "movements", "--noise", ["-1", "nan", "inf"]),
    (MAKE, "movements", "--test-fraction", ["0", "1", "nan"]),
    (TRAIN, "dataset", "--epochs", ["0", "100000000"]),
    (TRAIN, "dataset", "--learning-rate", ["0", "nan", "5"]),
    (TRAIN, "dataset", "--network", ["transformer", "none.yaml"]),
    (COMPARE, "activations", "--measure", ["cosine", "cka,", "cka,cosine"]),
    (COMPARE, "activations", "--dimension", ["0", "5000"]),
    (COMPARE, "activations", "--bandwidth", ["0", "nan"]),
    (EMBED, "activations", "--perplexity", ["0", "40", "1000000"]),
    (EMBED, "activations", "--n-components", ["1"]),
    (TUNING, "activations", "--test-fraction", ["0", "1"]),
    (TUNING, "activations", "--min-movements", ["1", "1000000"]),
    (SIMULATE, "dataset", "--bin-width-s", ["0", "1e-9", "3", "nan"]),
    (SIMULATE, "dataset", "--mean-rate-hz", ["0", "nan", "1e9"]),
    (SIMULATE, "dataset", "--per-letter", ["1"]),
    (PREDICT, "session", "--n-folds", ["1", "60", "1000"]),
    (PREDICT, "session", "--n-components", ["0"]),
    (FIT_BASELINES, "session", "--latency-ms", ["-1", "nan"]),
    (DECODE_KINEMATICS, "session", "--first-lag-ms", ["200"]),
]


@pytest.mark.parametrize(
    ("script", "kind", "option", "value"),
    [(script, kind, option, value) for script, kind, option, values in ABSURD for value in values],
)
def test_values_that_make_no_sense(good, tmp_path, script, kind, option, value):
    command = reading(script, getattr(good, kind), good) if kind else [script]
    setting = option[2:].replace("-", "_")
    saying = {"--n-folds": "folds", "--network": value, "--bin-width-s": "bin"}.get(option, setting)
    refused(tmp_path, saying, *command, option, value)


def test_fractions_that_leave_nothing_to_train_on(good, tmp_path):
    options = ("--test-fraction", 0.8, "--validation-fraction", 0.3)
    refused(tmp_path, "leave nothing to train on", MAKE, good.movements, *options)


@pytest.mark.parametrize(
    "words", [["--jobs", "0"], ["--seed", "-1"], ["--per-letter", "x"], ["--nonsense"], ["extra"], ["--jobs", "1e99"]]
)
def test_what_the_command_line_itself_refuses(tmp_path, words):
    result = stages.run(WRITE, "--out", tmp_path / "out.h5", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert tree(tmp_path) == []
