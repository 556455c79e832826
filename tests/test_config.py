import types
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from proprionet.config import Experiment, Section, load, nearest
from proprionet.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = {
    name: field.annotation
    for name, field in Experiment.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}


@pytest.fixture
def experiment(tmp_path):
    """Settings read from the given text or bytes of a YAML file."""

    def read(text):
        path = tmp_path / "mine.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path)

    return read


def refusal(call, *arguments):
    with pytest.raises(InputError) as problem:
        call(*arguments)
    message = str(problem.value)
    assert "\n" not in message
    assert len(message) < 700
    return message


@pytest.mark.parametrize("model", [Experiment, *SECTIONS.values()])
def test_the_defaults_are_valid_themselves(model: type[Section]):
    defaults = model()
    assert model.model_validate(defaults.model_dump()) == defaults


@pytest.mark.parametrize(("name", "model"), SECTIONS.items(), ids=SECTIONS)
def test_every_setting_says_what_it_is(name, model):
    assert model.__doc__
    for setting, field in model.model_fields.items():
        assert field.description, f"{name}.{setting}"
        assert not field.is_required(), f"{name}.{setting}"


def limits(field):
    """Smallest and largest value that a number may have, as far as it is limited."""
    return {
        kind: getattr(part, kind) for part in field.metadata for kind in ("gt", "ge", "lt", "le") if hasattr(part, kind)
    }


def is_number(annotation):
    parts = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return any(part in (int, float) for part in parts)


NUMBERS = [
    (section, name, field)
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if is_number(field.annotation)
]


@pytest.mark.parametrize(
    ("section", "name", "field"), NUMBERS, ids=[f"{section}.{name}" for section, name, _ in NUMBERS]
)
def test_every_number_has_limits_that_hold(experiment, section, name, field):
    bounds = limits(field)
    assert {"gt", "ge"} & set(bounds), "no lower limit"
    outside = bounds["gt"] if "gt" in bounds else bounds["ge"] - 1
    for bad in (outside, "-.inf", ".nan", "many", "[1]"):
        message = refusal(experiment, f"{section}: {{{name}: {bad}}}")
        assert f"mine.yaml: '{section}.{name}' is " in message
    if "le" in bounds:
        assert f"'{section}.{name}'" in refusal(experiment, f"{section}: {{{name}: {bounds['le'] + 1}}}")


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_every_experiment_of_the_repository_loads(path):
    assert load(path).name == path.stem


def test_without_a_file_the_defaults_hold():
    assert load(None) == Experiment()


def test_what_is_not_in_the_file_has_its_default(experiment):
    settings = experiment("seed: 3\nmovements:\n  per_letter: 7\n")
    assert (settings.seed, settings.movements.per_letter) == (3, 7)
    assert settings.movements.geometry == "patched"
    assert settings.dataset == Experiment().dataset


def test_numbers_may_be_written_as_people_write_them(experiment):
    assert experiment("movements: {tracing_error_limit: 1e-3}").movements.tracing_error_limit == 1e-3


def test_settings_that_go_together(experiment):
    movements = experiment("movements: {geometry: raw, engine: exact, shard: 3/3}").movements
    assert (movements.geometry, movements.engine, movements.shard) == ("raw", "exact", "3/3")
    assert experiment("dataset: {spindle: firing, noise_kind: poisson, noise: 0.3}").dataset.noise == 0.3
    assert experiment("arm: {profile: mine.yaml}").arm.profile == Path("mine.yaml")
    assert experiment("arm: {profile: macaque}").arm.profile == "macaque"


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        load(None).seed = 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sead: 1", "mine.yaml: unknown setting 'sead'; did you mean 'seed'?"),
        ("svm: {imput: hand}", "mine.yaml: unknown setting 'svm.imput'; did you mean 'input'?"),
        ("svm: {colour: red}", "mine.yaml: unknown setting 'svm.colour'; valid names: input, subset, standardise"),
        ("svm: 3", "mine.yaml: 'svm' is 3: "),
        ("similarity: {measure: 'cka,cosine'}", "is 'cka,cosine': expected one or several of cka, cka_biased,"),
        ("tuning: {test_fraction: .nan}", "'tuning.test_fraction' is not a number"),
        ("svm:", "mine.yaml: 'svm' is None: "),
        ("svm: {input: ears}", "mine.yaml: 'svm.input' is 'ears': input should be 'hand', 'joints', 'muscle_length'"),
        ("1: 2", "mine.yaml: "),
        ("seed: 1.5", "mine.yaml: 'seed' is 1.5: input should be a valid integer"),
        ("seed: -1", "mine.yaml: 'seed' is -1: input should be greater than or equal to 0"),
        ("seed: 1\nname: a\nseed: 2", "mine.yaml, line 1: 'seed' is set twice; keep one of them"),
        ("name: a\nsvm:\n  input: hand\n  input: joints", "mine.yaml, line 3: 'input' is set twice"),
        ("name: ..", "mine.yaml: 'name' is '..': expected letters, digits and _ . -"),
        (f"seed: {1 << 63}", "input should be less than"),
        ("name: a/b", "mine.yaml: 'name' is 'a/b': expected letters, digits and _ . -"),
        (
            "movements: {shard: 4/3}",
            "mine.yaml: 'movements' is {'shard': '4/3'}: shard 4/3: expected part i of N, from 1/N to N/N",
        ),
        ("movements: {shard: 0/0}", "shard 0/0: expected part i of N"),
        (
            "movements: {shard: third}",
            "mine.yaml: 'movements' is {'shard': 'third'}: shard third: expected part i of N",
        ),
        ("movements: {geometry: raw}", "raw geometry jumps, which no table can hold; choose the exact engine with it"),
        ("dataset: {noise_kind: poisson}", "poisson noise counts spikes, but 'kinematic' has no rates of 0 or more"),
        ("dataset: {spindle: firing, noise_kind: poisson}", "poisson noise needs a level: give noise from 0.001"),
        ("dataset: {noise: 1.5}", "'dataset.noise' is 1.5: input should be less than or equal to 1"),
        ("dataset: {latent_noise: true, noise: 0.3}", "latent_noise takes the level drawn for each movement; leave"),
        ("tasks: []", "mine.yaml: 'tasks' is []: tuple should have at least 1 item"),
        ("tasks: [sleep]", "mine.yaml: 'tasks.0' is 'sleep': input should be 'action_recognition'"),
        (
            "recurrent_networks: {a: {}}\ninferred_models: {m: {network: b}}",
            "'m' is of network 'b', which is not among recurrent_networks",
        ),
        ("", "mine.yaml: expected keys and values such as 'seed: 1', found nothing"),
        ("- seed", "mine.yaml: expected keys and values such as 'seed: 1', found list"),
        ("seed: 1\nname: [a\nsvm: {}", "mine.yaml, line 3: is not valid YAML"),
        ("seed: 1\n\tname: a", "mine.yaml, line 2: is not valid YAML"),
        ("name: !!python/object/apply:os.system [ls]", "mine.yaml, line 1: is not valid YAML"),
        (b"name: \xff\xfe", "mine.yaml: is not valid YAML"),
        (b"\x00\x01", "mine.yaml: is not valid YAML"),
        ("[" * 5000, "mine.yaml: is not valid YAML"),
    ],
)
def test_a_bad_file_is_one_sentence(experiment, text, message):
    assert message in refusal(experiment, text)


def test_a_file_that_unfolds_without_end_is_shown_in_short(experiment):
    lines = ["svm:", "  input:", "    a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"    a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 30)]
    assert "'svm.input' is {" in refusal(experiment, "\n".join(lines))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert f"{tmp_path / 'no.yaml'}: cannot be read (No such file" in refusal(load, tmp_path / "no.yaml")
    assert f"{tmp_path}: cannot be read (Is a directory)" in refusal(load, tmp_path)


def test_the_nearest_name_is_offered_only_if_it_is_near():
    assert nearest("elbow_flexon", ["elbow_flexion", "wrist"]) == "did you mean 'elbow_flexion'?"
    assert nearest("xyz", ["elbow_flexion", "wrist"]) == "valid names: elbow_flexion, wrist"
