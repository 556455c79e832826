"""Trials of every task are what the specification says, and a function of their seed."""

import numpy as np
import pytest
import stages

from proprionet import seeds
from proprionet.errors import InputError
from proprionet.rnn.tasks import Trials, known, task
from proprionet.rnn.tasks.random_target import hand_at
from proprionet.rnn.tasks.subtasks import LONGEST, PHASES, SUBTASKS


def made(text, n=200, seed=1):
    return task(text).trials(n, seeds.generator(seed, "trials"))


@pytest.mark.parametrize("name", known())
def test_trials_depend_on_their_seed_alone(name):
    one, same, other = made(name, 30), made(name, 30), made(name, 30, seed=2)
    for array in ("inputs", "targets", "weights", "conds", "extra", "ics", "inputs_to_env"):
        np.testing.assert_array_equal(getattr(one, array), getattr(same, array))
    assert (one.inputs != other.inputs).any()


@pytest.mark.parametrize("name", known())
def test_trials_have_the_shapes_that_the_task_says(name):
    of, trials = task(name), made(name, 31)
    n_context = len(of.input_labels) - (of.environment().n_observed if of.environment() else 0)
    assert trials.inputs.shape == trials.true_inputs.shape == (31, of.n_steps, n_context)
    assert trials.weights.shape == trials.targets.shape
    assert trials.extra.shape == (31, len(of.timings))
    assert set(np.unique(trials.conds)) <= set(range(len(of.conditions)))
    assert len(trials.select(np.arange(3))) == 3
    assert of.loss(trials.targets, trials) == 0
    assert of.loss(trials.targets + 1, trials) > 0


def test_pulses_come_at_twice_the_probability_and_not_at_the_start():
    trials = made("flip_flop", 400)
    pulses = trials.true_inputs[:, 3:]
    expected = 2 * 0.015
    assert (trials.true_inputs[:, :3] == 0).all()
    assert abs((pulses != 0).mean() - expected) < 3 * np.sqrt(expected * (1 - expected) / pulses.size)
    assert np.std(trials.inputs - trials.true_inputs) == pytest.approx(0.15, rel=0.01)


@pytest.mark.parametrize("n_bits", [1, 3, 5])
def test_bits_are_the_last_pulse(n_bits):
    trials = made(f"flip_flop,n_bits={n_bits},n_steps=80", 20)
    for trial in range(20):
        bits = np.zeros(n_bits)
        for step in range(80):
            pulse = trials.true_inputs[trial, step]
            bits[pulse == 1], bits[pulse == -1] = 1, 0
            np.testing.assert_array_equal(trials.targets[trial, step], bits)


@pytest.mark.parametrize(("name", "first"), [("flip_flop", 0), ("flip_flop,mask_first=false", 1)])
def test_mask_is_exact(name, first):
    trials = made(name, 50)
    expected = np.ones_like(trials.weights)
    expected[:, :5] = 0
    changes = np.argwhere(np.diff(trials.targets, axis=1, prepend=trials.targets[:, :1]))
    assert len(changes) > 100
    for trial, step, bit in changes:
        expected[trial, step + first : step + first + 4, bit] = 0
    np.testing.assert_array_equal(trials.weights, expected)
    wrong = trials.targets + 2 * (trials.weights > 0)
    assert task(name).loss(wrong, trials) == pytest.approx(4)  # divided by the sum of the mask


def test_subtasks_have_their_phases():
    trials = made("multi_task", 15 * 60)
    assert LONGEST == 314
    for index, subtask in enumerate(SUBTASKS):
        here = trials.conds == index
        assert here.sum() == 60
        end = np.zeros(60, int)
        for phase, (low, high) in PHASES[subtask.family].items():
            start, stop = trials.phases[phase][here].T
            np.testing.assert_array_equal(start, end)
            assert ((stop - start >= low // 20) & (stop - start < high // 20)).all()
            end = stop
        for phase in trials.phases.keys() - PHASES[subtask.family].keys():
            assert (trials.phases[phase][here] == -1).all()
        np.testing.assert_array_equal(trials.extra[here], trials.phases["response"][here])


def test_answers_are_directions_or_silence():
    trials = made("multi_task", 15 * 200)
    last = (np.arange(len(trials)), trials.extra[:, 1] - 1)
    length = np.linalg.norm(trials.targets[last][:, 1:], axis=1)
    assert np.isin(length.round(5), [0, 1]).all()
    withheld = [(length[trials.conds == index] < 0.5).mean() for index in range(15)]
    assert max(withheld[:11]) == 0
    np.testing.assert_allclose(withheld[11:], 0.5, atol=0.12)
    after = trials.true_inputs[np.arange(len(trials)), np.minimum(trials.extra[:, 1], 319)]
    assert (after[trials.extra[:, 1] < 320] == 0).all()


@pytest.mark.parametrize(("pro", "anti", "phase"), [(0, 1, "stim1"), (2, 3, "stim1"), (4, 5, "response")])
def test_anti_is_the_opposite_of_pro(pro, anti, phase):
    trials = made("multi_task", 15 * 40)
    for index, sign in ((pro, 1), (anti, -1)):
        here = np.flatnonzero(trials.conds == index)
        shown = trials.true_inputs[here, trials.phases[phase][here, 0]][:, 1:3]
        wanted = trials.targets[here, trials.extra[here, 1] - 1][:, 1:]
        np.testing.assert_allclose(wanted, sign * shown, atol=1e-6)


def test_decisions_are_for_the_stronger_stimulus():
    trials = made("multi_task", 15 * 60)
    for index, judged in ((6, [0]), (7, [1]), (8, [0]), (9, [1]), (10, [0, 1])):
        here = np.flatnonzero(trials.conds == index)
        wanted = trials.targets[here, trials.extra[here, 1] - 1][:, 1:]
        shown = [trials.true_inputs[here, trials.phases[phase][here, 0]][:, 1:5] for phase in ("stim1", "stim2")]
        strength = [sum(np.linalg.norm(one[:, 2 * m : 2 * m + 2], axis=1) for m in judged) for one in shown]
        stronger = np.where((strength[0] > strength[1])[:, None], *[one[:, 2 * judged[0] :][:, :2] for one in shown])
        np.testing.assert_allclose(wanted, stronger / np.linalg.norm(stronger, axis=1, keepdims=True), atol=1e-5)


def test_fixation_is_asked_for_everywhere_unless_published():
    right, published = made("multi_task", 150), made("multi_task,published_targets=true", 150)
    assert (right.targets[:, 10, 0] == 1).all()
    forgotten = np.isin(published.conds, [12, 13, 14])
    assert (published.targets[forgotten, :, 0] == 0).all()
    np.testing.assert_array_equal(published.targets[~forgotten], right.targets[~forgotten])


def test_success_of_perfect_silent_and_wrong_answers():
    of, trials = task("multi_task"), made("multi_task", 15 * 80)
    assert of.metrics(trials.targets, trials.targets, trials)["success"] == 1
    silent = of.metrics(0 * trials.targets, trials.targets, trials)
    assert silent["success_DelayPro"] == 0
    assert silent["success_Match2Sample"] == silent["chance_Match2Sample"] == pytest.approx(0.5, abs=0.15)
    opposite = of.metrics(-trials.targets, trials.targets, trials)
    assert opposite["success_ReactAnti"] == 0
    assert opposite["responded_when_wanted"] == 1


def test_reaches_are_timed_and_pushed_as_specified():
    trials = made("random_target", 4000)
    assert trials.conds.mean() == pytest.approx(0.2, abs=0.03)
    bumped = np.abs(trials.inputs_to_env).max(axis=(1, 2)) > 0
    assert bumped.mean() == pytest.approx(0.5, abs=0.03)
    force = np.linalg.norm(trials.inputs_to_env[bumped], axis=2)
    assert ((force.max(axis=1) >= 5) & (force.max(axis=1) <= 10)).all()
    assert ((force > 0).sum(axis=1) <= 29).all()
    target_on, go = trials.extra[trials.conds == 0].T
    assert (target_on.min(), target_on.max()) == (10, 29)
    assert (go >= target_on).all()
    assert (trials.extra[trials.conds == 1, 1] == -1).all()
    low, high = np.rad2deg([trials.ics[:, :2].min(axis=0), trials.ics[:, :2].max(axis=0)])
    np.testing.assert_allclose([low, high], [[30, 30], [105, 125]], atol=0.5)


def test_targets_are_the_start_until_go_and_on_catch_trials():
    trials = made("random_target", 300)
    start = hand_at(trials.ics[:, :2])
    for trial in range(300):
        go = trials.extra[trial, 1] if trials.conds[trial] == 0 else trials.n_steps
        np.testing.assert_allclose(trials.targets[trial, :go], np.tile(start[trial], (go, 1)), atol=1e-6)
        np.testing.assert_allclose(trials.targets[trial, go:], trials.inputs[trial, go:, :2], atol=1e-6)


def test_published_variants_show_the_target_differently():
    s, n, aligned = (made(f"random_target_{name}", 200) for name in ("s", "n", "aligned"))
    assert (n.true_inputs[:, -1, :2] != 0).all()
    reach, catch = s.conds == 0, s.conds == 1
    assert (s.true_inputs[:, -1, :2] == 0).all()
    assert (s.true_inputs[catch, -2, :2] != 0).all()
    np.testing.assert_allclose(s.true_inputs[reach, -1, 2], 0.15)
    assert (s.extra[reach, 1] - s.extra[reach, 0] >= 5).all()
    assert (aligned.extra == [30, 70]).all()
    assert np.std(s.inputs - s.true_inputs) == pytest.approx(0.05, rel=0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flipflop", "task 'flipflop': there is no task 'flipflop'; did you mean 'flip_flop'?"),
        ("flip_flop,n_bit=2", "unknown setting 'n_bit'; did you mean 'n_bits'?"),
        ("flip_flop,2", "expected changes such as n_steps=100 after the name, found '2'"),
        ("multi_task,n_steps=200", "'n_steps' is 200: input should be greater than or equal to 314"),
        ("multi_task,subtasks=[DelayPro,DelayUp]", "there is no subtask 'DelayUp'"),
        ("multi_task,subtasks=[DelayPro", "the value of 'subtasks' cannot be read"),
        ("random_target,aligned=true", "aligned trials need 110 steps or more, not 100"),
        ({"n_steps": 100}, "there is no task None"),
    ],
)
def test_bad_settings_are_explained(text, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?").replace("(", r"\(")):
        task(text)


def test_trials_that_do_not_fit_are_refused():
    one = made("flip_flop,n_steps=20", 4)
    with pytest.raises(InputError, match="trials of \\[20, 30\\] steps cannot be joined"):
        Trials.joined([one, made("flip_flop,n_steps=30", 4)])
    arrays = {name: getattr(one, name) for name in ("true_inputs", "targets", "weights", "conds", "extra", "ics")}
    with pytest.raises(InputError, match="inputs or targets hold NaN"):
        Trials(inputs=one.inputs * np.nan, inputs_to_env=one.inputs_to_env, **arrays)
    with pytest.raises(InputError, match="targets: \\(4, 20\\)"):
        Trials(
            inputs=one.inputs[:, :9],
            inputs_to_env=one.inputs_to_env[:, :9],
            **{**arrays, "true_inputs": one.inputs[:, :9]},
        )


OWN_TASK = """
from typing import Literal

import numpy as np

from proprionet.rnn.tasks import Task, Trials


class Echo(Task):
    metric = "error"
    task: Literal["echo"] = "echo"
    n_steps: int = 20

    @property
    def input_labels(self):
        return ["sound"]

    @property
    def output_labels(self):
        return ["answer"]

    def trials(self, n, random):
        sound = random.normal(size=(n, self.n_steps, 1)).astype(np.float32)
        none = {"ics": np.zeros((n, 0)), "inputs_to_env": np.zeros((n, self.n_steps, 0))}
        index = {"conds": np.zeros(n, int), "extra": np.zeros((n, 0), int)}
        return Trials(inputs=sound, true_inputs=sound, targets=sound, weights=np.ones_like(sound), **none, **index)

    def metrics(self, controlled, outputs, trials):
        return {"error": self.loss(controlled, trials)}
"""


def test_a_task_of_ones_own_is_one_file(tmp_path, monkeypatch):
    path = tmp_path / "echo.py"
    path.write_text(OWN_TASK, encoding="utf-8")
    with pytest.raises(InputError, match="there is no task 'echo'"):
        task("echo")
    monkeypatch.setenv("PROPRIONET_TASKS", str(path))
    assert made("echo,n_steps=30", 7).inputs.shape == (7, 30, 1)
    options = ("--task", "echo", "--cell", "gru,n_units=4", "--n-updates", 3)
    network = stages.make("network_comparison/train.py", tmp_path / "network.h5", *options)
    latents = stages.make("network_comparison/analyze.py", tmp_path / "latents.h5", network, "--n-trials", 5)
    assert stages.read(latents).latents.shape == (5, 20, 4)


@pytest.mark.parametrize(
    ("text", "said"), [(None, "is not a Python file"), ("x = 1", "holds no subclass"), ("1 / 0", "ZeroDivisionError")]
)
def test_a_file_without_a_task_is_named(text, said, tmp_path, monkeypatch):
    path = tmp_path / "own.py"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PROPRIONET_TASKS", str(path))
    with pytest.raises(InputError, match=f"PROPRIONET_TASKS: {path}.*{said}"):
        task("flip_flop")
