import dataclasses
import pickle
import threading
import time

import numpy as np
import pytest
from curves import write

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm

from proprionet import store
from proprionet.arm import building, certificate, tables
from proprionet.arm.certificate import Bound
from proprionet.arm.groups import find_groups
from proprionet.arm.inverse import solve
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError

LOWER, UPPER = np.array([-20.0, 10, -40, 10]), np.array([60.0, 80, 10, 100])
PROFILE = HUMAN.model_copy(
    update={
        "name": "tiny",
        "muscles": tiny_arm.MUSCLES,
        "patches": tiny_arm.PATCHES,
        "lower_limit_deg": tuple(LOWER),
        "upper_limit_deg": tuple(UPPER),
    }
)


def random_postures(n, seed=0):
    return np.random.default_rng(seed).uniform(LOWER, UPPER, (n, 4))


@pytest.fixture(scope="module")
def settings(tiny_model):
    return EngineSettings.of(PROFILE, tiny_model)


@pytest.fixture(scope="module")
def built(settings):
    return tables.build(settings, LOWER, UPPER, spacing_deg=15)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, and short movements to certify tables with."""
    hand = [write(seed, (24, -8, -20), time=40) for seed in range(3)]
    joints = solve(HUMAN, hand)
    offsets = np.cumsum([0, *map(len, joints)])
    inside = np.clip(np.concatenate(joints), LOWER, UPPER)
    monkeypatch.setattr(certificate, "letter_movements", lambda profile, count, seed, random_posture: (inside, offsets))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_groups_are_those_of_the_anatomy(settings):
    groups = find_groups(settings.load(), LOWER, UPPER)
    assert groups.joints == [(0, 1, 2), (3,)]
    spans = dict(zip(tiny_arm.MUSCLES, groups.spans.T.tolist(), strict=True))
    assert spans["BRA"] == spans["TRIlat"] == [False, False, False, True]
    assert spans["DELT2"] == [True, True, True, False]
    assert spans["BIClong"] == [True, True, True, True]


def test_lengths_are_exact_on_the_grid(settings, built):
    nodes = [np.linspace(low, high, n + 1) for low, high, n in zip(LOWER, UPPER, built.paths.intervals, strict=True)]
    random = np.random.default_rng(0)
    postures = np.stack([random.choice(node, 30) for node in nodes], axis=1)
    np.testing.assert_allclose(built.lengths(postures), settings.load().lengths(postures), atol=1e-3)


@pytest.mark.parametrize("kind", ["fibre", "path", "fibre_tendon"])
def test_lengths_between_converge(settings, kind):
    settings = dataclasses.replace(settings, length_kind=kind)
    exact = settings.load().lengths(random_postures(50))
    errors = [
        np.abs(tables.build(settings, LOWER, UPPER, spacing).lengths(random_postures(50)) - exact).max()
        for spacing in (20, 10)
    ]
    assert errors[0] < 0.5
    assert errors[1] < errors[0] / 6  # fourth order would be 16
    assert errors[1] < 0.02


def test_signs_are_those_of_the_profile(settings, built):
    turned = dataclasses.replace(settings, signs=(1, -1, 1, 1))
    lower, upper = LOWER.copy(), UPPER.copy()
    lower[1], upper[1] = -UPPER[1], -LOWER[1]
    postures = random_postures(10)
    found = tables.build(turned, lower, upper, 15).lengths(postures * [1, -1, 1, 1])
    np.testing.assert_allclose(found, built.lengths(postures), atol=1e-4)


def test_any_joints_may_be_given(tiny_model):
    settings = EngineSettings(tiny_model, ("elbow_flexion",), ("DELT2", "BRA"), signs=(1,))
    found = tables.build(settings, [0], [120], 5)
    flexion = np.linspace(0, 120, 50)[:, None]
    exact = settings.load().lengths(flexion)
    np.testing.assert_allclose(found.lengths(flexion), exact, atol=1e-3)
    assert np.ptp(found.lengths(flexion)[:, 0]) == 0  # DELT2 does not cross the elbow


def test_a_joint_that_moves_no_muscle_is_no_table(tiny_model):
    settings = EngineSettings(tiny_model, ("elbow_flexion",), ("DELT2",), signs=(1,))
    found = tables.build(settings, [0], [120], 40)
    assert found.paths.coefficients.size == 0
    np.testing.assert_allclose(found.lengths(np.zeros((2, 1))), settings.load().lengths(np.zeros((2, 1))), atol=1e-6)


def test_four_joints_at_once_are_too_many(tmp_path):
    model = tiny_arm.build()
    bodies = model.getBodySet()
    shortcut = opensim.Thelen2003Muscle("shortcut", 500, 0.3, 0.1, 0.1)
    for i, name in enumerate(["scapula", "forearm"]):
        shortcut.addNewPathPoint(f"P{i}", bodies.get(name), opensim.Vec3(0.03, -0.02, 0))
    model.addForce(shortcut)
    model.finalizeConnections()
    model.printToXML(str(tmp_path / "arm.osim"))
    settings = EngineSettings(tmp_path / "arm.osim", tiny_arm.COORDINATES, ("BRA", "shortcut"))
    names = "elv_angle, shoulder_elv, shoulder_rot, elbow_flexion"
    with pytest.raises(InputError, match=f"'shortcut' depend on {names} together, .* at most 3 .* --engine exact"):
        tables.build(settings, LOWER, UPPER, 20)


def test_outside_is_an_error_and_nan_is_not(built):
    postures = random_postures(4)
    whole = built.lengths(postures)
    postures[2, 1] = np.nan
    assert np.isnan(built.lengths(postures)[2]).all()
    np.testing.assert_array_equal(built.lengths(postures)[[0, 1, 3]], whole[[0, 1, 3]])
    postures[3, 3] = 101
    with pytest.raises(
        InputError, match=r"elbow_flexion is 101 degrees, outside the muscle tables \(10 to 100\); .*ex"
    ):
        built.lengths(postures)
    assert built.lengths(np.empty((0, 4))).shape == (0, 4)
    with pytest.raises(
        InputError, match=r"joint angles have the shape \(4, 3\); the muscle tables are for \(time, 4\)"
    ):
        built.lengths(postures[:, :3])


@pytest.mark.parametrize("spacing", [0, -5, float("nan")])
def test_spacing_must_be_one(settings, spacing):
    with pytest.raises(InputError, match=r"the spacing of muscle tables is .*; it must be above 0"):
        tables.build(settings, LOWER, UPPER, spacing)


def test_posture_without_a_path_is_named(settings, monkeypatch):
    def somewhere_none(engine, piece):
        lengths = engine.path_lengths(*piece)
        lengths[3, 0] = np.nan
        return lengths

    monkeypatch.setattr(building, "_path_lengths", somewhere_none)
    with pytest.raises(InputError, match="muscle 'DELT2' has no path at elv_angle -20, shoulder_elv 10, shoulder_rot"):
        tables.build(settings, LOWER, UPPER, 20)


def test_progress_sees_every_piece(settings):
    seen = []

    def progress(items, *, total, about):
        seen.append((total, about))
        yield from items

    tables.build(settings, LOWER, UPPER, 20, progress=progress)
    assert seen == [(2, "muscle tables")]  # one piece of the shoulder, one of the elbow


def test_made_once_kept_and_certified(settings, cache, monkeypatch):
    said = []
    path = tables.ensure(settings, PROFILE, 15, say=said.append)
    assert path.is_relative_to(cache)
    assert len(said) == 1
    assert "making muscle tables of 'tiny' every 15 degrees" in said[0]
    monkeypatch.setattr(tables, "build", None)
    assert tables.ensure(settings, PROFILE, 15, say=said.append) == path
    assert len(said) == 1

    kept = tables.load(path)
    assert kept.certificate.muscle_names == tiny_arm.MUSCLES
    assert (kept.certificate.n_movements, kept.certificate.n_samples) == (6, 240)
    assert (kept.certificate.length_rms < 0.05).all()
    postures = random_postures(20)
    lengths = kept.lengths(postures)
    np.testing.assert_allclose(lengths, settings.load().lengths(postures), atol=0.2)
    fast = pickle.loads(pickle.dumps(tables.FastSettings(path))).load()
    np.testing.assert_array_equal(fast.lengths(postures), lengths)
    np.testing.assert_array_equal(tables.engine_from(tables.arrays(path)).lengths(postures), lengths)


def test_processes_change_nothing(settings, built):
    shared = tables.build(settings, LOWER, UPPER, 15, jobs=2)
    for name, values in built.arrays().items():
        np.testing.assert_allclose(shared.arrays()[name], values, rtol=1e-9, atol=1e-9)


def test_name_depends_on_all_that_matters(settings, tmp_path):
    def name(settings=settings, lower=(0, 0, 0, 0), upper=(9, 9, 9, 9), spacing=5.0):
        return tables.path_for(settings, lower, upper, spacing)

    other = tmp_path / "tiny_arm.osim"
    other.write_text(settings.model_path.read_text() + "\n")
    same = tmp_path / "copy" / "tiny_arm.osim"
    same.parent.mkdir()
    same.write_bytes(settings.model_path.read_bytes())
    names = {
        name(),
        name(spacing=2.0),
        name(upper=(9, 9, 9, 8)),
        name(dataclasses.replace(settings, model_path=other)),
        *(
            name(dataclasses.replace(settings, **{field: value}))
            for field, value in {
                "patches": (),
                "length_kind": "path",
                "muscles": ("BRA",),
                "signs": (1, 1, 1, -1),
            }.items()
        ),
    }
    assert len(names) == 8
    assert name(dataclasses.replace(settings, model_path=same)) == name()


def test_inaccurate_tables_are_refused_each_time(settings, cache, monkeypatch):
    monkeypatch.setattr(tables, "BOUND", Bound(length_rms=1e-9, length_max=1.0, velocity_rms=1.0))
    for _ in range(2):
        with pytest.raises(
            InputError,
            match=r"muscle tables of 'tiny' every 20 degrees are not accurate enough \(\w+: RMS error of length .* mm, "
            r"bound 1e-09 mm\); .*smaller --grid-deg, or use --engine exact",
        ):
            tables.ensure(settings, PROFILE, 20)
        monkeypatch.setattr(tables, "build", None)


def test_spoilt_tables_are_made_again(settings, cache):
    path = tables.ensure(settings, PROFILE, 20)
    whole = tables.load(path).lengths(random_postures(5))
    path.write_bytes(path.read_bytes()[:5000])
    assert tables.ensure(settings, PROFILE, 20) == path
    np.testing.assert_array_equal(tables.load(path).lengths(random_postures(5)), whole)


def test_a_second_process_waits(settings, cache, built, monkeypatch):
    path = tables.path_for(settings, PROFILE.lower_limit_deg, PROFILE.upper_limit_deg, 15)
    certified = dataclasses.replace(built, certificate=certificate.certify(settings, built, PROFILE))
    taken, said = threading.Event(), []

    def make_slowly():
        with store.locked(path):
            taken.set()
            while not said:
                time.sleep(0.01)
            tables.save(path, certified, settings)

    other = threading.Thread(target=make_slowly)
    other.start()
    taken.wait()
    monkeypatch.setattr(tables, "build", None)
    monkeypatch.setattr(tables, "_WAIT_S", 0.01)
    assert tables.ensure(settings, PROFILE, 15, say=said.append) == path
    other.join()
    assert said == [f"waiting for another process that is making the same muscle tables: {path}"]


def test_numbers_of_a_spoilt_file_are_refused(built):
    arrays = built.arrays()
    with pytest.raises(store.StoreError, match="the muscle tables lack 'axes'"):
        tables.engine_from({name: values for name, values in arrays.items() if name != "axes"})
    with pytest.raises(store.StoreError, match="the muscle tables do not fit together"):
        tables.engine_from(arrays | {"coefficients": arrays["coefficients"][:-1]})
