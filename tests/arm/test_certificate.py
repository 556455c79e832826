import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from curves import write

pytest.importorskip("opensim", reason="opensim is not installed")

import tiny_arm

from proprionet.arm import certificate, tables
from proprionet.arm.certificate import Bound, Certificate, certify
from proprionet.arm.inverse import solve
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import HUMAN
from proprionet.errors import InputError

MUSCLES = ("DELT2", "BRA")


class Off:
    """An engine that is wrong in a known way."""

    def __init__(self, exact, gain, offset):
        self.exact, self.gain, self.offset = exact, gain, offset

    def lengths(self, joint_angles):
        return self.gain * self.exact.lengths(joint_angles) + self.offset


@pytest.fixture
def moves(monkeypatch):
    """Two movements: joint angles and offsets."""
    joints = solve(HUMAN, [write(seed, (24, -8, -20), time=60) for seed in range(2)])
    found = np.concatenate(joints), np.array([0, 60, 120])
    split = {False: (joints[0], np.array([0, 60])), True: (joints[1], np.array([0, 60]))}
    monkeypatch.setattr(
        certificate, "letter_movements", lambda profile, count, seed, random_posture: split[random_posture]
    )
    return found


def test_errors_are_those_put_in(tiny_model, moves):
    settings = EngineSettings(tiny_model, tiny_arm.COORDINATES, MUSCLES)
    exact = settings.load()
    found = certify(settings, Off(exact, [1, 1.01], [0.3, 0]), HUMAN)
    assert (found.n_movements, found.n_samples, found.muscle_names) == (2, 120, MUSCLES)
    lengths = exact.lengths(moves[0])[:, 1]
    velocity = np.concatenate([np.gradient(part, 0.015) for part in np.split(lengths, 2)])
    np.testing.assert_allclose(found.length_rms, [0.3, 0.01 * np.sqrt((lengths**2).mean())])
    np.testing.assert_allclose(found.length_max, [0.3, 0.01 * lengths.max()])
    np.testing.assert_allclose(found.velocity_rms, [0, 0.01 * np.sqrt((velocity**2).mean())], atol=1e-9)
    np.testing.assert_allclose(found.velocity_max, [0, 0.01 * np.abs(velocity).max()], atol=1e-9)


def test_movements_without_lengths_are_left_out(tiny_model, moves):
    settings = EngineSettings(tiny_model, tiny_arm.COORDINATES, MUSCLES)
    exact = settings.load()

    def second_only(joint_angles):
        lengths = exact.lengths(joint_angles) + 0.1
        lengths[30, 1] = np.nan if np.array_equal(joint_angles, moves[0][:60]) else lengths[30, 1]
        return lengths

    found = certify(settings, SimpleNamespace(lengths=second_only), HUMAN)
    assert (found.n_movements, found.n_samples) == (1, 60)
    np.testing.assert_allclose(found.length_rms, 0.1)
    nowhere = SimpleNamespace(lengths=lambda joint_angles: np.full((len(joint_angles), 2), np.nan))
    with pytest.raises(InputError, match="hold for no movement that it could make"):
        certify(settings, nowhere, HUMAN)


def test_time_step_is_that_of_the_arm(tiny_model, moves):
    settings = EngineSettings(tiny_model, tiny_arm.COORDINATES, MUSCLES)
    engine = Off(settings.load(), 1.01, 0)
    faster = HUMAN.model_copy(update={"time_step_s": 0.005})
    ratio = certify(settings, engine, faster).velocity_rms / certify(settings, engine, HUMAN).velocity_rms
    np.testing.assert_allclose(ratio, 3)


@pytest.fixture
def some():
    errors = {"length_rms": [0.01, 0.03], "length_max": [0.1, 0.2], "velocity_rms": [0.6, 0.4], "velocity_max": [2, 3]}
    return Certificate(
        MUSCLES, **{name: np.array(values) for name, values in errors.items()}, n_movements=5, n_samples=9
    )


@pytest.mark.parametrize(
    ("bound", "shortfall"),
    [
        (Bound(0.03, 0.2, 0.6), None),
        (Bound(0.02, 0.2, 0.6), "BRA: RMS error of length 0.03 mm, bound 0.02 mm"),
        (Bound(0.03, 0.15, 0.6), "BRA: largest error of length 0.2 mm, bound 0.15 mm"),
        (Bound(0.02, 0.2, 0.1), "DELT2: RMS error of velocity 0.6 mm/s, bound 0.1 mm/s"),
        (Bound(0.001, 0.2, 0.1), "BRA: RMS error of length 0.03 mm, bound 0.001 mm"),
    ],
)
def test_the_farthest_miss_is_named(some, bound, shortfall):
    assert some.shortfall(bound) == shortfall


def test_unknown_errors_keep_no_bound(some):
    unknown = dataclasses.replace(some, length_max=np.array([np.nan, 0.2]))
    assert unknown.shortfall(Bound(1, 1, 1)) == "DELT2: largest error of length nan mm, bound 1 mm"


def test_report_and_rows_say_it_all(some):
    assert some.rows()[1] == {
        "muscle": "BRA",
        "length_rms_mm": 0.03,
        "length_max_mm": 0.2,
        "velocity_rms_mm_per_s": 0.4,
        "velocity_max_mm_per_s": 3.0,
    }
    lines = some.report().splitlines()
    assert "5 movements (9 samples)" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["muscle", "DELT2", "BRA", "worst"]
    assert [float(number) for number in lines[-1].split()[1:]] == [0.03, 0.2, 0.6, 3]


def test_published_arm_on_a_coarse_grid(mobl_model):
    settings = EngineSettings.of(HUMAN, mobl_model)
    built = tables.build(settings, HUMAN.lower_limit_deg, HUMAN.upper_limit_deg, 15)
    assert built.paths.axes.tolist() == [[0, 1, 2], [-1, -1, 3]]
    assert built.paths.spans.sum(axis=1).tolist() == [18, 10]
    assert 0.5 < built.paths.doubtful.mean() < 0.9
    found = certify(settings, built, HUMAN, movements=16)
    assert 5 < found.n_movements < 16
    assert found.length_rms.max() < 0.1
    assert np.median(found.length_rms) < 0.01
    assert found.shortfall(tables.bound_of(HUMAN)) is not None
    alone = tables.build(settings, HUMAN.lower_limit_deg, HUMAN.upper_limit_deg, 30)
    with pytest.raises(InputError, match="hold for no movement that it could make; choose a smaller --grid-deg"):
        certify(settings, alone, HUMAN, movements=4)
