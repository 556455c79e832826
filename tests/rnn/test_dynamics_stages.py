"""fixed_points.py and compare.py as a user runs them, on a network of which all fixed points are known."""

import csv

import bits
import numpy as np
import pytest
import stages

from proprionet import store
from proprionet.rnn import systems

FIXED_POINTS, COMPARE = "network_comparison/fixed_points.py", "network_comparison/compare.py"
FEW = ("--n-starts", 500)
QUICK = ("--n-delays", 2, "--rank", 4, "--n-splits", 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of a network and of three sets of latents: its own, turned ones, and others of the same trials."""
    folder = tmp_path_factory.mktemp("dynamics")
    network = bits.write_network(folder / "network.h5")
    bits.write_latents(folder / "own.h5", network)
    turn = systems.orthogonal(np.random.default_rng(0), 3)
    bits.write_latents(folder / "turned.h5", network, turn, name="turned bits")
    latents = bits.run()[1]
    lost = np.random.default_rng(1).permutation(latents.reshape(-1, 3)).reshape(latents.shape)
    bits.write_latents(folder / "lost.h5", network, name="lost bits", latents=lost)
    return folder


def refused(script, *arguments):
    """The one sentence that a stage ends with."""
    result = stages.run(script, *arguments)
    assert result.exit_code == 2, result.output
    return result.stderr


# ----------------------------------------------------------------------------------------------------- fixed_points.py


@pytest.fixture(scope="module")
def points(folder):
    return stages.make(FIXED_POINTS, folder / "points.h5", folder / "network.h5", folder / "own.h5", *FEW)


def test_all_fixed_points_are_found_with_what_happens_around_them(points):
    with store.read(points, "fixed_points", finite=True) as file:
        assert file["fixed"].tolist() == [1] * 27
        np.testing.assert_array_equal(np.bincount(file["n_unstable"]), [8, 12, 6, 1])
        np.testing.assert_array_equal((file["code"] == 0).sum(axis=1), file["n_unstable"])
        np.testing.assert_allclose(np.unique(np.round(file["outputs"], 6)), [0, 0.5, 1], atol=1e-9)
        assert file["q"].max() < 1e-16
        assert (file["merged"] > 0).all()
        assert file["ends"].tolist() == [[500, 0, 0, 0]] * 2
        assert file.attribute("fates") == ["fixed", "slow", "far", "failed"]
        complete = [file.attribute(name) for name in ("lefschetz_sum", "searches_agree", "complete")]
        assert complete == [1, True, True]
        headline = file.attribute("headline")
    assert headline["fixed_points"]["value"] == 27
    assert headline["with_1_unstable_directions"]["value"] == 12


def test_the_same_command_gives_the_same_bytes(points, folder):
    again = stages.make(FIXED_POINTS, folder / "again.h5", folder / "network.h5", folder / "own.h5", *FEW)
    stages.assert_same(points, again)


def test_points_move_with_the_input(folder):
    """Pushed by 0.6, the first bit cannot be held low: 18 points are gone at the end of the path."""
    files = (folder / "network.h5", folder / "own.h5")
    out = stages.make(FIXED_POINTS, folder / "path.h5", *files, *FEW, "--towards", "0.6,0,0", "--n-places", 6)
    with store.read(out, "fixed_points", finite=True) as file:
        np.testing.assert_allclose(file["path_inputs"][:, 0], np.linspace(0, 0.6, 6))
        high = file["code"][:, 0] == 1
        assert (file["path_q"][:, high] < 1e-16).all()
        assert (file["path_q"][0] < 1e-16).all()
        assert ((file["path_q"][-1] > 1e-16) | (file["path_outputs"][-1][:, 0] > 0.9)).all()
        assert file["path_n_unstable"].shape == (6, 27)


def test_too_little_searching_is_flagged(folder):
    """Two starts a search find some points only, and one step finds none: both are said, nothing is dropped."""
    files = (folder / "network.h5", folder / "own.h5")
    result = stages.run(FIXED_POINTS, *files, "--n-starts", 4, "--out", folder / "few.h5")
    assert result.exit_code == 0
    assert "points may be missing" in result.stderr
    with store.read(folder / "few.h5", "fixed_points") as file:
        assert not file.attribute("complete")
    result = stages.run(FIXED_POINTS, *files, "--n-iterations", 1, *FEW, "--out", folder / "none.h5")
    assert result.exit_code == 0
    assert "starts ended nowhere" in result.stderr
    with store.read(folder / "none.h5", "fixed_points") as file:
        assert file["ends"].sum() == 1000
        assert not file.attribute("complete")
        assert file["ends"][:, 3].min() > 0


def test_bad_input_of_the_search_is_named(folder, tmp_path):
    files = (folder / "network.h5", folder / "own.h5")
    other = bits.write_network(tmp_path / "other.h5", **{"cell/bias": np.ones(3)})
    assert "was not recorded from" in refused(FIXED_POINTS, other, files[1])
    assert "expected a recurrent file" in refused(FIXED_POINTS, files[1], files[1])
    for text in ("1,2", "a,b,c", "nan,0,0"):
        assert "nor 3 numbers with commas" in refused(FIXED_POINTS, *files, "--constant-input", text)
    assert "input all:go is unknown" in refused(FIXED_POINTS, *files, "--constant-input", "all:go")
    broken = bits.write_latents(tmp_path / "nan.h5", files[0])
    stages.change(broken, lambda file: file["latents"].__setitem__((5, 0, 0), np.nan))
    assert "'latents' holds NaN or infinity, first in row 5" in refused(FIXED_POINTS, files[0], broken)


# ---------------------------------------------------------------------------------------------------------- compare.py


@pytest.fixture(scope="module")
def compared(folder):
    files = [folder / f"{name}.h5" for name in ("own", "turned", "lost")]
    return stages.make(COMPARE, folder / "similarity.h5", *files, *QUICK)


def test_a_turned_network_is_the_same_and_one_out_of_order_is_not(compared):
    with store.read(compared, "dynamics_similarity", finite=True) as file:
        assert [about["name"] for about in file.attribute("networks")] == ["bits", "turned bits", "lost bits"]
        for name, same in (("affine_r2", 1), ("cka", 1), ("cca", 1), ("svcca", 1), ("procrustes", 0)):
            assert file[name][0, 1] == pytest.approx(same, abs=1e-5)
        assert file["affine_r2"][0, 2] < 0.1
        assert file["cka"][0, 2] < 0.1
        for name in ("dsa_wasserstein", "dsa_angular"):
            matrix, floor, ceiling = file[name], file[f"floor_{name}"], file[f"ceiling_{name}"]
            assert np.array_equal(matrix, matrix.T)
            assert matrix[0, 1] < 1e-5
            assert matrix[0, 2] > 10 * floor[0] > 0
            assert matrix[0, 2] == pytest.approx(ceiling[0], rel=0.3)
        assert file["ceiling_affine_r2"].max() < 0.1
        assert file["scree"].sum(axis=1) == pytest.approx(1)


def test_the_table_has_every_pair_both_ways(compared):
    with open(compared.with_suffix(".csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert {"one", "other", "affine_r2", "dsa_angular", "floor_dsa_angular", "ceiling_cka"} <= set(rows[0])


def test_rank_by_prediction_and_inputs_accounted_for(folder):
    files = (folder / "own.h5", folder / "turned.h5", "--n-splits", 1)
    out = stages.make(
        COMPARE, folder / "ranked.h5", *files, "--n-delays", 3, "--rank", 0, "--controls", "--n-splits", 1
    )
    with store.read(out, "dynamics_similarity") as file:
        assert file.attribute("rank") == min(file.attribute("ranks")) >= 3
        assert file["dsa_angular"][0, 1] < 0.01


def test_trials_end_with_their_last_phase(folder, tmp_path):
    """What follows the end of a trial is padding and does not count."""
    whole = np.tile([0, 50], (40, 1))
    latents = bits.run()[1]
    padded = latents.copy()
    padded[:, 50:] = 1e3
    one = bits.write_latents(tmp_path / "one.h5", folder / "network.h5", **{"phases/trial": whole})
    padding = {"latents": padded, "phases/trial": whole}
    other = bits.write_latents(tmp_path / "other.h5", folder / "network.h5", name="padded", **padding)
    out = stages.make(COMPARE, tmp_path / "out.h5", one, other, *QUICK)
    with store.read(out, "dynamics_similarity") as file:
        np.testing.assert_allclose(file["affine_r2"], 1, atol=1e-6)


def test_trials_without_phases_are_whole(folder, tmp_path):
    """As those of a flip-flop."""
    files = [
        bits.write_latents(tmp_path / f"{n}.h5", folder / "network.h5", name=n, **{"phases/trial": None}) for n in "ab"
    ]
    out = stages.make(COMPARE, tmp_path / "out.h5", *files, *QUICK)
    with store.read(out, "dynamics_similarity") as file:
        np.testing.assert_allclose(file["affine_r2"], 1, atol=1e-6)


def test_bad_input_of_the_comparison_is_named(folder, tmp_path):
    own, network = folder / "own.h5", folder / "network.h5"

    def other(**options):
        return bits.write_latents(tmp_path / f"{len(list(tmp_path.iterdir()))}.h5", network, **options)

    assert "40 trials" in (told := refused(COMPARE, own, other(trials=bits.run(n_trials=30))))
    assert "has 30" in told
    assert "have 80 time steps, those of" in refused(COMPARE, own, other(trials=bits.run(n_steps=70)))
    assert "different trials ('targets' differs)" in refused(COMPARE, own, other(trials=bits.run(seed=3)))
    assert "rank 7 is above the data" in refused(COMPARE, own, folder / "turned.h5", "--n-delays", 2, "--rank", 7)
    assert "choose fewer delays" in refused(COMPARE, own, folder / "turned.h5", "--n-delays", 100)
    assert "must all be latents, or all activations" in refused(COMPARE, own, network)
    assert "give two at least" in refused(COMPARE, own)
    still = other(latents=np.zeros((40, 80, 3)))
    assert "give two at least" in refused(COMPARE, own, still)
    nan = stages.change(other(), lambda file: file["latents"].__setitem__((7, 0, 0), np.nan))
    assert "'latents' holds NaN or infinity, first in row 7" in refused(COMPARE, own, nan)


# ------------------------------------------------------------------------------------------------ networks of letters


def write_activations(path, network, layers, seed=0, n_samples=None, n_movements=30):
    """Activations of layers, each by its spacing of steps in samples, that all show one pair of oscillations."""
    random = np.random.default_rng(0)
    n_times = 120
    phase = random.uniform(0, 6, (n_movements, 1, 2))
    with store.create(path, "activations") as file:
        for name, spacing in layers.items():
            times = np.arange(0, n_times, spacing, dtype=float)
            shown = np.sin(times[:, None] * [0.05, 0.11] + phase)
            mixed = shown @ np.random.default_rng(seed).normal(size=(2, 12))
            file.write(f"layers/{name}", mixed.reshape(n_movements, len(times), 3, 4))
            file.write(f"times/{name}", times)
        file.write("movement", np.arange(n_movements))
        file.write("hand", np.zeros((n_movements, 3, n_times)))
        file.write("joints", np.zeros((n_movements, 7, n_times)))
        file.write("muscle_length", np.zeros((n_movements, 4, n_times)))
        for name in ("label", "plane", "source", "first"):
            file.write(name, np.zeros(n_movements, int))
        file.write("n_samples", np.full(n_movements, 100) if n_samples is None else n_samples)
        file.set(alphabet="ab", time_step_s=0.015, layers=list(layers), network=network, family=network)
        file.set(instance=1, task="action_recognition", trained=True, stimuli="0" * 12)
    return path


def test_layers_of_letter_networks_are_compared_over_time(tmp_path):
    """Layers with other units and another time grid show the same oscillations, so states and dynamics agree."""
    one = write_activations(tmp_path / "one.h5", "spatial_temporal", {"spatial0": 1, "temporal0": 3})
    other = write_activations(tmp_path / "other.h5", "lstm", {"recurrent0": 2}, seed=5)
    out = stages.make(COMPARE, tmp_path / "out.h5", one, other, "--components", 2, "--n-delays", 3, "--rank", 4)
    with store.read(out, "dynamics_similarity", finite=True) as file:
        assert [about["layer"] for about in file.attribute("networks")] == ["spatial0", "temporal0", "recurrent0"]
        assert file.attribute("step") == 3
        assert file["affine_r2"].min() > 0.999
        assert file["dsa_wasserstein"].max() < 1e-3
        assert file["ceiling_dsa_wasserstein"].min() > 0.1
    chosen = stages.make(
        COMPARE, tmp_path / "chosen.h5", one, other, "--layers", "temporal0,recurrent0", "--components", 2, *QUICK
    )
    with store.read(chosen, "dynamics_similarity") as file:
        assert [about["layer"] for about in file.attribute("networks")] == ["temporal0", "recurrent0"]


def test_layers_that_cannot_be_compared_are_named(tmp_path):
    one = write_activations(tmp_path / "one.h5", "lstm", {"recurrent0": 1, "recurrent1": 90})
    assert "no network has 'recurent0'; did you mean 'recurrent0'?" in refused(COMPARE, one, "--layers", "recurent0")
    assert "one.h5 is given twice" in refused(COMPARE, one, one)
    assert "layers have no inputs of their own" in refused(COMPARE, one, "--controls")
    short = write_activations(tmp_path / "short.h5", "gru", {"recurrent0": 60}, n_samples=np.full(30, 40))
    assert "movements are too short for 11 moments of any layer" in refused(COMPARE, short)
    few = write_activations(tmp_path / "few.h5", "gru", {"recurrent0": 1}, n_movements=9)
    assert "9 movements have 11 moments 1 samples apart, 10 are needed" in refused(COMPARE, few)


def test_what_is_too_coarse_or_too_short_is_left_out_and_said(tmp_path):
    lengths = np.where(np.arange(30) < 12, 20, 100)
    layers = {"spatial0": 1, "temporal0": 3, "temporal1": 90, "temporal2": 200}
    path = write_activations(tmp_path / "one.h5", "spatial_temporal", layers, n_samples=lengths)
    options = ("--components", 2, "--n-delays", 8, "--rank", 4, "--n-splits", 1)
    found = stages.read(stages.make(COMPARE, tmp_path / "out.h5", path, *options))
    assert [about["layer"] for about in found.attributes["networks"]] == ["spatial0", "temporal0"]
    assert found.attributes["n_trials"] == 18
    said = " ".join(found.attributes["undefined"].values())
    assert "12 of 30 movements are too short for 9 moments" in said
    assert "temporal1 answers 2 times, too rarely for half of the movements" in said
    assert "temporal2 answers 1 times" in said
