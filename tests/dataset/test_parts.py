import numpy as np
import pytest
import stages
from hypothesis import given
from hypothesis import strategies as st

from proprionet import dataset, store
from proprionet.errors import InputError

FRACTIONS = {"validation_fraction": 0.08, "test_fraction": 0.20}


def many(n_letters=20, sources=25, each=4):
    """Labels and pen letters of movements in a mixed order."""
    source = np.random.default_rng(0).permutation(np.repeat(np.arange(n_letters * sources), each))
    return source // sources, source


def share(parts):
    return np.bincount(parts, minlength=3) / len(parts)


# ------------------------------------------------------------------------------------------------------------ split


@pytest.mark.parametrize("by", ["source_letter", "movement"])
def test_the_parts_have_their_shares(by):
    label, source = many()
    parts = dataset.split(label, source, by=by, seed=1, **FRACTIONS)
    assert parts.dtype == np.uint8
    np.testing.assert_allclose(share(parts), [0.72, 0.08, 0.20], atol=0.03)
    for letter in range(20):
        np.testing.assert_allclose(share(parts[label == letter]), [0.72, 0.08, 0.20], atol=0.05)


@given(
    sources=st.lists(st.integers(1, 5), min_size=3, max_size=9),
    validation=st.floats(0.01, 0.49),
    test=st.floats(0.01, 0.5),
    seed=st.integers(0, 50),
)
def test_no_pen_letter_lies_in_two_parts_and_no_part_is_empty(sources, validation, test, seed):
    source = np.repeat(np.arange(len(sources)), sources)
    parts = dataset.split(
        np.full(len(source), 7),
        source,
        validation_fraction=validation,
        test_fraction=test,
        by="source_letter",
        seed=seed,
    )
    for name in np.unique(source):
        assert len(np.unique(parts[source == name])) == 1
    assert set(parts) == {0, 1, 2}


def test_the_split_depends_on_the_seed_and_not_on_the_order_of_movements():
    label, source = many()
    parts = dataset.split(label, source, by="source_letter", seed=1, **FRACTIONS)
    order = np.random.default_rng(1).permutation(len(label))
    mixed = dataset.split(label[order], source[order], by="source_letter", seed=1, **FRACTIONS)
    np.testing.assert_array_equal(mixed, parts[order])
    assert (dataset.split(label, source, by="source_letter", seed=2, **FRACTIONS) != parts).any()


def test_a_letter_is_split_alike_whatever_other_letters_there_are():
    label, source = many()
    parts = dataset.split(label, source, by="source_letter", seed=1, **FRACTIONS)
    some = label < 5
    alone = dataset.split(label[some], source[some], by="source_letter", seed=1, **FRACTIONS)
    np.testing.assert_array_equal(alone, parts[some])


def test_the_published_split_parts_movements_of_one_pen_letter():
    label, source = many()
    parts = dataset.split(label, source, by="movement", seed=1, **FRACTIONS)
    torn = [name for name in np.unique(source) if len(np.unique(parts[source == name])) > 1]
    assert len(torn) > 100


@pytest.mark.parametrize(("by", "what"), [("source_letter", "2 pen letters"), ("movement", "2 movements")])
def test_too_few_for_three_parts(by, what):
    label, source = np.array([0, 0, 0, 5, 5]), np.array([0, 1, 2, 3, 4])
    with pytest.raises(InputError, match=f"letter 'g' has {what}, at least 3 are needed to split by {by}"):
        dataset.split(label, source, by=by, seed=1, **FRACTIONS)


def test_too_few_reaches_are_not_spoken_of_as_letters():
    with pytest.raises(InputError, match="there are 2 movements, at least 3 are needed to split by source_letter"):
        dataset.split(np.zeros(2, int), np.arange(2), by="source_letter", seed=1, alphabet="r", **FRACTIONS)


def test_parts_that_leave_nothing_to_train_on_are_refused():
    label, source = many()
    with pytest.raises(InputError, match=r"validation_fraction 0\.4 and test_fraction 0\.6 leave nothing to train on"):
        dataset.split(label, source, validation_fraction=0.4, test_fraction=0.6, by="source_letter", seed=1)


# ------------------------------------------------------------------------------------------------- leaks and stimuli


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return stages.write_dataset(tmp_path_factory.mktemp("dataset") / "dataset.h5")


def test_a_sound_split_passes_and_a_leak_is_named(path, tmp_path):
    with store.read(path, "dataset") as data:
        dataset.check_split(data)
        parts, source = data["split"], data["source"]
    torn = np.flatnonzero((source == source[50]) & (np.arange(len(source)) != 50))[0]
    parts[torn] = (parts[50] + 1) % 3
    leaky = stages.write_dataset(tmp_path / "leaky.h5", split=parts)
    with (
        store.read(leaky, "dataset") as data,
        pytest.raises(InputError, match=f"leaky.h5: pen letter {source[50]} has movements in more than one part"),
    ):
        dataset.check_split(data)


def test_the_published_split_is_no_leak_that_anyone_must_be_told_of(path, tmp_path):
    with store.read(path, "dataset") as data:
        label, source = data["label"], data["source"]
    parts = dataset.split(label, source, by="movement", seed=1, **FRACTIONS)
    published = stages.write_dataset(tmp_path / "published.h5", split_by="movement", split=parts)
    with store.read(published, "dataset") as data:
        dataset.check_split(data)


@given(per_letter=st.integers(1, 8), seed=st.integers(0, 20), part=st.sampled_from(dataset.SPLITS))
def test_stimuli_are_chosen_by_the_seed_alone(per_letter, seed, part):
    label, source = many(n_letters=4)
    parts = dataset.split(label, source, by="source_letter", seed=1, **FRACTIONS)
    rows = dataset.select(label, parts, part=part, per_letter=per_letter, seed=seed)
    np.testing.assert_array_equal(rows, dataset.select(label, parts, part=part, per_letter=per_letter, seed=seed))
    assert set(rows) <= set(dataset.select(label, parts, part=part, per_letter=per_letter + 3, seed=seed))
    assert (parts[rows] == dataset.SPLITS.index(part)).all()
    assert (np.diff(label[rows]) >= 0).all()
    assert len(set(rows)) == len(rows)
    there = np.bincount(label[parts == dataset.SPLITS.index(part)], minlength=4)
    np.testing.assert_array_equal(np.bincount(label[rows], minlength=4), np.minimum(there, per_letter))


def test_stimuli_with_replacement_repeat_movements():
    label, parts = np.repeat([0, 1], 10), np.zeros(20)
    rows = dataset.select(label, parts, part="train", per_letter=40, seed=1, replacement=True)
    np.testing.assert_array_equal(np.bincount(label[rows]), [40, 40])
    assert 10 < len(set(rows)) <= 20


def test_an_empty_part_is_named():
    with pytest.raises(InputError, match="the validation part of the data set is empty"):
        dataset.select(np.arange(4), np.zeros(4), part="validation", per_letter=2, seed=1)


def test_a_letter_is_named_by_the_alphabet_of_its_file():
    label, source = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 4])
    with pytest.raises(InputError, match="letter 'β' has 2 pen letters"):
        dataset.split(label, source, by="source_letter", seed=1, alphabet="αβ", **FRACTIONS)
