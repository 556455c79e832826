"""Results are told apart, ordered, and refused where they contradict themselves."""

import fake_results as fake
import h5py
import numpy as np
import pytest

from proprionet.arm.kinematics import elbow_position, hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError
from proprionet.plotting.gather import gather
from proprionet.store.checking import put_attribute


def test_stages_are_named_and_in_the_order_of_the_pipeline(tmp_path):
    found = gather(reversed(fake.write_all(tmp_path)))
    assert [result.stage for result in found[:9]] == [
        "letters",
        "start_points",
        "movements",
        "dataset",
        "svm",
        "linear_decoder",
        "training_action_recognition",
        "training_trajectory_decoding",
        "training_untrained",
    ]
    assert found[6].network == "action recognition"
    assert found[0].provenance.seed == 7


def test_large_arrays_are_left_on_the_disk(tmp_path):
    (movements,) = gather([fake.movements(tmp_path / "movements.h5")])
    assert movements.arrays["horizontal/hand"].shape == (15, 3)
    assert movements.arrays["vertical/hand"].shape == (25, 3)
    for plane in ("horizontal", "vertical"):
        joints, elbow = (movements.arrays[f"{plane}/{name}"] for name in ("joints", "elbow"))
        np.testing.assert_allclose(elbow, elbow_position(HUMAN, joints), atol=1e-4)
    (dataset,) = gather([fake.dataset(tmp_path / "dataset.h5")])
    assert set(dataset.arrays) == {"label", "split", "n_samples"}


def test_the_hand_of_a_compact_file_comes_from_its_joints(tmp_path):
    (full,) = gather([fake.movements(tmp_path / "full.h5")])
    (compact,) = gather([fake.movements(tmp_path / "compact.h5", hand=None)])
    assert compact.arrays.keys() == full.arrays.keys()
    joints = compact.arrays["vertical/joints"]
    np.testing.assert_allclose(compact.arrays["vertical/hand"], hand_position(HUMAN, joints), atol=1e-4)


def test_seeds_of_one_network_take_the_names_of_their_files(tmp_path):
    paths = [fake.rdm(tmp_path / f"seed_{seed}.h5", "action_recognition", True) for seed in (1, 2)]
    assert [result.stage for result in gather(paths)] == [
        "rdm_action_recognition_seed_1",
        "rdm_action_recognition_seed_2",
    ]
    assert gather(paths)[1].network == "action recognition (seed_2)"


def test_one_file_given_twice_counts_once(tmp_path):
    path = fake.letters(tmp_path / "letters.h5")
    assert len(gather([path, tmp_path / "." / "letters.h5"])) == 1


def shards(folder, *names):
    return [fake.movements(folder / f"{name.replace('/', '-of-')}.h5", shard=name) for name in names]


def test_shards_of_a_set_are_one_result_with_the_counts_of_all(tmp_path):
    (alone,) = gather([fake.movements(tmp_path / "movements.h5")])
    (result,) = gather(shards(tmp_path, "2/3", "1/3", "3/3"))
    assert (result.stage, result.path.name) == ("movements", "1-of-3 to 3-of-3.h5")
    np.testing.assert_array_equal(result.arrays["offsets"], [0, 15, 40, 55, 80, 95, 120])
    assert result.attributes["rejections"] == {"joint_jerk": 12, "given_up": 3}
    headline = {name: line.value for name, line in result.provenance.headline.items()}
    assert headline == {"movements": 6, "rejection_rate": pytest.approx(2 / 3), "wrap_jump_rate": 0}
    assert result.provenance.elapsed_s == 3 * alone.provenance.elapsed_s
    np.testing.assert_array_equal(result.arrays["vertical/hand"], alone.arrays["vertical/hand"])


def test_what_is_not_the_whole_set_says_so(tmp_path):
    for names, told in ((["3/3", "1/3"], "1/3, 3/3"), (["1/2", "2/2"], "1/1"), (["2/2"], "2/2")):
        (result,) = gather(shards(tmp_path / names[0], *names))
        assert result.attributes["shard"] == told


def test_one_shard_in_two_files_is_refused(tmp_path):
    twice = [*shards(tmp_path / "a", "1/2", "2/2"), *shards(tmp_path / "b", "2/2")]
    with pytest.raises(InputError, match=r"b/2-of-2.h5 are both shard 2/2 of one set"):
        gather(twice)


def test_two_files_that_cannot_be_told_apart(tmp_path):
    paths = [fake.letters(tmp_path / folder / "letters.h5") for folder in ("a", "b")]
    with pytest.raises(InputError, match=r"are both 'letters_letters': give only one of them"):
        gather(paths)


def test_checkpoints_and_tables_are_left_out(tmp_path):
    assert gather([fake.write(tmp_path / "checkpoint.h5", "checkpoint", {"state/step": np.ones(1)}, threads=1)]) == []


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda p: fake.letters(p, label=np.full(6, 3)), "a label lies outside the alphabet 'abc'"),
        (lambda p: fake.letters(p, offsets=np.arange(0, 120, 20)), "its offsets do not cut the samples into pieces"),
        (lambda p: fake.movements(p, rejections={"jerk": "many"}), "its rejections are not counts"),
        (lambda p: fake.rdm(p, "t", True, **{"rdm/input": np.ones(4)}), "an RDM does not fit the number of stimuli"),
        (
            lambda p: fake.rdm(p, "t", True, pearson=np.ones(2), kendall=np.ones(2)),
            "'pearson' does not fit the names in the attribute 'layers'",
        ),
    ],
)
def test_a_file_that_contradicts_itself(tmp_path, make, problem):
    with pytest.raises(InputError) as error:
        gather([make(tmp_path / "result.h5")])
    assert str(error.value).startswith(f"{tmp_path / 'result.h5'}: {problem}; make it again with ")


def test_a_number_that_is_not_finite(tmp_path):
    path = fake.letters(tmp_path / "letters.h5")
    with h5py.File(path, "a") as file:
        file["samples"][3] = np.nan
    with pytest.raises(InputError, match=r"its numbers are not all finite; make it again"):
        gather([path])


def test_a_headline_without_a_number(tmp_path):
    path = fake.letters(tmp_path / "letters.h5")
    with h5py.File(path, "a") as file:
        put_attribute(file, "headline", '{"letters": {"value": "many", "unit": "letters"}}')
    with pytest.raises(InputError, match=r"letters.h5: 'headline.letters.value' is 'many'"):
        gather([path])


def test_words_of_a_ranking_that_are_none_are_refused(tmp_path):
    bad = fake.predictivity(tmp_path / "predictivity.h5", **{"ranking/unit": np.array([7, 8])})
    with pytest.raises(InputError, match="a text of its ranking is none of its words"):
        gather([bad])
