from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("opensim", reason="opensim is not installed")

import opensim
import tiny_arm

from proprionet.arm import patching, profiles, scan
from proprionet.arm.audit import audit, jump_rates
from proprionet.arm.muscles import EngineSettings, MuscleEngine
from proprionet.arm.patching import Bench
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.wraps import longest_arcs, wrap_geometry
from proprionet.errors import InputError

TINY = ArmProfile(
    name="tiny",
    muscles=tiny_arm.MUSCLES,
    patches=(("TRIlat", "elbow"),),
    points={"shoulder": "humerus", "elbow": "forearm", "hand": None},
    workspace={"spacing_cm": 6},
)


def elbow_sweep(first=0, last=130, step=1):
    postures = np.tile(np.array(TINY.start_posture_deg, dtype=float), (round((last - first) / step) + 1, 1))
    postures[:, 3] = np.linspace(first, last, len(postures))
    return postures


@pytest.fixture(scope="module")
def flipping_model(tmp_path_factory):
    """The tiny arm, whose BRA has to pass a cylinder at the elbow from behind, and a sphere where it never is."""
    model = tiny_arm.build()
    humerus = model.updBodySet().get("humerus")
    flipping, harmless = opensim.WrapCylinder(), opensim.WrapSphere()
    for wrap, name, size, place in (
        (harmless, "harmless", 0.01, (0, -0.1, 0.1)),
        (flipping, "flipping", 0.02, (0, -0.33, 0)),
    ):
        wrap.setName(name)
        wrap.set_radius(size)
        wrap.set_translation(opensim.Vec3(*place))
        humerus.addWrapObject(wrap)
    flipping.set_length(1)
    flipping.set_quadrant("-x")
    muscle = opensim.Muscle.safeDownCast(model.updForceSet().get("BRA"))
    for wrap in (harmless, flipping):
        opensim.GeometryPath.safeDownCast(muscle.updPath()).addPathWrap(wrap)
    model.finalizeConnections()
    path = tmp_path_factory.mktemp("flipping") / "flipping.osim"
    model.printToXML(str(path))
    return path


@pytest.fixture(scope="module", autouse=True)
def few():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patching, "MOVEMENTS", 10)
        patch.setattr(scan, "GRIDDED", 4)
        patch.setattr(scan, "RANDOM", 4)
        yield


@pytest.fixture(scope="module")
def found(flipping_model):
    return audit(flipping_model, TINY)


@pytest.fixture(scope="module")
def engine(flipping_model):
    return EngineSettings.of(TINY, flipping_model, "raw", "path").load()


def test_the_wrap_to_blame_is_found(found):
    assert found.patches == found.writing_patches == (("BRA", "flipping"),)
    assert found.cured_alone == {("BRA", "harmless"): 0, ("BRA", "flipping"): 1}
    assert (found.history_mm == 0).all()


def test_nothing_remains_without_it(found):
    rows = {(row["muscle"], row["geometry"]): row for row in found.rows()}
    assert rows["BRA", "raw"]["sweeps_largest_jump_mm"] > 100
    assert rows["BRA", "raw"]["sweeps_long_arc"] == 1
    for muscle in TINY.muscles:
        shares = [
            rows[muscle, "everywhere"][name] for name in rows[muscle, "raw"] if name.endswith(("jump", "arc", "length"))
        ]
        assert shares == [0] * 6
    assert rows["BRA", "profile"]["sweeps_jump"] == rows["BRA", "raw"]["sweeps_jump"]


def test_cost_is_the_change_of_good_lengths(found, flipping_model):
    row = next(row for row in found.rows() if row["muscle"] == "TRIlat" and row["geometry"] == "profile")
    writing = np.concatenate(found.found["TRIlat", (), "writing"].lengths)
    straight = np.concatenate(found.found["TRIlat", ("elbow",), "writing"].lengths)
    assert row["cost_median_mm"] == pytest.approx(np.median(writing - straight))
    assert row["cost_p95_mm"] > 1


def test_report_names_muscle_wrap_and_difference(found):
    report = found.report()
    assert "  - [BRA, flipping]" in report
    assert "In the profile, but not proposed: TRIlat elbow." in report
    assert "Proposed, but not in the profile: BRA flipping." in report


def test_model_without_faults(tiny_model):
    found = audit(tiny_model, TINY)
    assert found.patches == ()
    assert "Nothing is wrong with any muscle" in found.report()


def test_number_of_processes_does_not_matter(flipping_model):
    raw = EngineSettings.of(TINY, flipping_model, "raw", "path")
    results = []
    for jobs in (1, 2):
        bench = Bench(raw, TINY, jobs, seed=0)
        bench.scan({"BRA": (), "BIClong": ()}, ["sweeps"], "sweeps")
        results.append([*bench.found["BIClong", (), "sweeps"].lengths, bench.found["BRA", (), "sweeps"].jump_mm])
    assert all(np.array_equal(one, other) for one, other in zip(*results, strict=True))


def test_jump_is_found_where_it_is(engine):
    dense = elbow_sweep(0, 130, 0.01)
    column = tiny_arm.MUSCLES.index("BRA")
    steps = np.diff(engine.path_lengths(dense, [column])[:, 0])
    where = np.abs(steps).argmax()
    found = scan.examine(engine, [elbow_sweep(0, 130, 3)])[column]
    assert found.jump_mm[0] == pytest.approx(abs(steps[where]), abs=0.1)
    assert dense[where, 3] <= found.jump[0, 0, 3] < found.jump[0, 1, 3] <= dense[where + 1, 3]
    assert found.jump[0, 1, 3] - found.jump[0, 0, 3] < 1e-3


@pytest.mark.parametrize(
    ("length", "jumps", "lost"),
    [
        (lambda flexion: 50 * np.tanh(4 * (flexion - 71.3)), False, False),  # steep
        (lambda flexion: 50 * np.sign(flexion - 71.3), True, False),
        (lambda flexion: 0.3 * np.sign(flexion - 71.3), False, False),  # small
        (lambda flexion: np.where(abs(flexion - 60) < 2, np.nan, flexion), False, True),
        (lambda flexion: np.maximum(flexion, 60), False, False),  # a kink
    ],
)
def test_only_what_no_joint_motion_explains_is_a_jump(monkeypatch, length, jumps, lost):
    class Engine:
        def path_lengths(self, postures, columns=None):
            return length(postures[:, 3:])

    monkeypatch.setattr(scan, "longest_arcs", lambda engine, postures: np.zeros((len(postures), 1)))
    (found,) = scan.examine(Engine(), [elbow_sweep(0, 130, 2)])
    assert (found.jumps[0], found.lost[0]) == (jumps, lost)


def test_joints_that_act_apart_are_swept_apart(engine):
    apart = dict(zip(TINY.muscles, scan.joints_apart(engine, TINY), strict=True))
    assert apart == {"DELT2": ((0, 1, 2),), "BIClong": ((0, 1, 2), (3,)), "BRA": ((3,),), "TRIlat": ((3,),)}
    (line,) = scan.sweeps(TINY, apart["BRA"], seed=0)
    assert (line[0, 3], line[-1, 3]) == (TINY.lower_limit_deg[3], TINY.upper_limit_deg[3])
    lines = scan.sweeps(TINY, apart["DELT2"], seed=0)
    assert len(lines) == 3 * (scan.GRIDDED + scan.RANDOM)
    for line in lines:
        assert (np.ptp(line, axis=0) > 0).sum() == 1
        assert ((line >= TINY.lower_limit_deg) & (line <= TINY.upper_limit_deg)).all()


def test_arc_equals_geometry_by_hand(engine):
    """The triceps leaves the cylinder (radius 20 mm, at the elbow) along tangents from its two points."""
    postures = elbow_sweep(0, 130, 10)
    origin, insertion = np.array([-20, 180]), np.array([-20, -20])  # mm from the elbow, at 0 degrees
    behind = np.degrees(np.arctan2(insertion[1], insertion[0]) - np.arctan2(origin[1], origin[0])) % 360
    around = np.minimum(behind + postures[:, 3], 360 - behind - postures[:, 3])
    tangents = sum(np.degrees(np.arccos(20 / np.linalg.norm(point))) for point in (origin, insertion))
    arcs = longest_arcs(engine, postures)[:, tiny_arm.MUSCLES.index("TRIlat")]
    expected = np.where(around - tangents > 12, around - tangents, 0)  # shorter ones have one chord
    np.testing.assert_allclose(arcs, expected, atol=0.1)


def test_geometry_to_draw(flipping_model, engine):
    posture = elbow_sweep(100, 101)[0]
    shape = wrap_geometry(flipping_model, TINY, posture, "TRIlat")
    length = np.linalg.norm(np.diff(shape["path"], axis=0), axis=1).sum()
    assert 10 * length == pytest.approx(
        engine.path_lengths(posture[None])[0, tiny_arm.MUSCLES.index("TRIlat")], abs=0.1
    )
    assert {*shape["path_wrap"]} == {"", "elbow"}
    assert [*shape["wrap_names"]] == ["elbow"]
    np.testing.assert_allclose(shape["wrap_centre"][0], shape["elbow"], atol=1e-9)
    assert np.linalg.norm(shape["elbow"] - shape["shoulder"]) == pytest.approx(33)
    assert np.isnan(shape["hand"]).all()
    np.testing.assert_allclose(shape["wrap_size"][0], [2, 100, np.nan])
    np.testing.assert_allclose(shape["wrap_axes"][0].T @ shape["wrap_axes"][0], np.eye(3), atol=1e-9)
    away = (shape["path"][shape["path_wrap"] == "elbow"] - shape["wrap_centre"][0]) @ shape["wrap_axes"][0]
    np.testing.assert_allclose(np.hypot(away[:, 0], away[:, 1]), 2, atol=0.01)


def test_unknown_muscle_is_named(flipping_model):
    with pytest.raises(InputError, match="no muscle 'TRIlong'"):
        wrap_geometry(flipping_model, TINY, np.zeros(4), "TRIlong")


def test_arm_out_of_reach_is_explained(flipping_model):
    stiff = TINY.model_copy(update={"lower_limit_deg": (50, 40, 20, 75), "upper_limit_deg": (51, 41, 21, 76)})
    stiff = ArmProfile.model_validate(stiff.model_dump() | {"start_posture_deg": (50, 40, 20, 75)})
    with pytest.raises(InputError, match="tiny"):
        audit(flipping_model, stiff)


def test_jump_rates():
    joints = np.zeros((30, 4))
    lengths = np.full((30, 3), 100.0)
    lengths[5:, 0] += 40  # in the first movement
    lengths[10:, 1] += 99  # between two movements
    lengths[25, 2] = np.nan
    rates = jump_rates(lengths, joints, np.array([0, 10, 20, 30]))
    np.testing.assert_array_equal(rates["jumps"], [[True, False, False], [False] * 3, [False, False, True]])
    np.testing.assert_allclose(rates["share"], [1 / 3, 0, 1 / 3])
    assert rates["share_of_movements"] == pytest.approx(2 / 3)
    np.testing.assert_array_equal(rates["largest_mm"], [40, 0, 0])


def test_sphere_of_the_published_arm_is_no_full_turn(mobl_model):
    """OpenSim's points on a sphere zigzag; the arc is short."""
    postures = np.array([[97, 72, -90, 75.0]])
    engine = MuscleEngine(mobl_model, profiles.HUMAN.coordinates, ["DELT3"], length_kind="path")
    assert longest_arcs(engine, postures)[0, 0] == pytest.approx(11.7, abs=0.3)
    shape = wrap_geometry(mobl_model, profiles.HUMAN, postures[0], "DELT3")
    on_sphere = shape["path"][shape["path_wrap"] == "DELT_TMAJ_LAT_PEC_CORBhh"]
    centre = shape["wrap_centre"][list(shape["wrap_names"]).index("DELT_TMAJ_LAT_PEC_CORBhh")]
    np.testing.assert_allclose(np.linalg.norm(on_sphere - centre, axis=1), 3, atol=0.01)
    assert all((after - before) @ (on_sphere[-1] - on_sphere[0]) > 0 for before, after in pairwise(on_sphere))


def test_known_culprits_of_published_arms(mobl_model, shared):
    butter = shared / "models" / "macaque" / "ButterScaledArm_ale.osim"
    arms = {
        ("BIClong", "BIClong"): (mobl_model, profiles.HUMAN),
        ("tricep_lat", "ELBOW_ULNA"): (butter, profiles.fitted(profiles.choose("macaque"), butter)),
    }
    for culprit, (model, profile) in arms.items():
        coarse = profile.workspace.model_copy(update={"spacing_cm": 6})
        one = profile.model_copy(update={"muscles": culprit[:1], "workspace": coarse})
        assert audit(model, one).patches == (culprit,)
