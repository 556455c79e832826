"""Arms and start points that do not fit."""

import re

import pytest
import stages
from spoiled_files import GENERATE, PLACES, refused, spoiled

BOMB = (
    "<!DOCTYPE x ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    + "]><OpenSimDocument><Model>&a11;</Model></OpenSimDocument>"
)


def with_arm(folder, good, model, profile="name: tiny\nmuscles: [BRA]\npatches: []\n"):
    """Command line that writes letters with a model (its text) and a profile (its text)."""
    (folder / "arm.osim").write_text(model)
    (folder / "arm.yaml").write_text(profile)
    arm = ("--model", folder / "arm.osim", "--profile", folder / "arm.yaml", "--engine", "exact", "--per-letter", 1)
    return (GENERATE, good.letters, good.places, *arm)


@pytest.mark.parametrize(
    ("model", "saying"),
    [
        ("solid arm\nendsolid", "arm.osim: is not an OpenSim model; it is not well-formed XML"),
        ("<html><body/></html>", "arm.osim: is not an OpenSim model; expected <OpenSimDocument>, found <html>"),
        (BOMB, "arm.osim: declares a document type"),
    ],
    ids=["no XML", "other XML", "entity expansion"],
)
def test_a_model_that_is_none(good, tmp_path, model, saying):
    refused(tmp_path, saying, *with_arm(tmp_path, good, model))


@pytest.mark.parametrize(
    ("profile", "saying"),
    [
        ("name: tiny\nmuscles: [BRAC]\n", r"arm.osim: has no muscle 'BRAC'; did you mean 'BRA'\?"),
        (
            "name: tiny\nmuscles: [BRA]\ncoordinates: [elv_angle, shoulder_elv, shoulder_rot, elbow]\n",
            "arm.osim: has no coordinate 'elbow'; did you mean 'elbow_flexion'",
        ),
        ("name: tiny\nmuscels: [BRA]\n", r"arm.yaml: unknown setting 'muscels'; did you mean 'muscles'\?"),
    ],
    ids=["muscle", "coordinate", "setting"],
)
def test_a_profile_that_does_not_fit_the_model(good, tmp_path, profile, saying):
    model = (good.folder / "tiny_arm.osim").read_text()
    refused(tmp_path, saying, *with_arm(tmp_path, good, model, profile))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_model_that_fails_only_when_it_is_loaded(good, tmp_path, jobs):
    """The error comes from within the workers."""
    model = (good.folder / "tiny_arm.osim").read_text()
    arguments = with_arm(tmp_path, good, model, "name: tiny\nmuscles: [NONE]\n")
    process = stages.start(*arguments, "--per-letter", 7, "--jobs", jobs, "--out", tmp_path / "out.h5")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert re.fullmatch(r"Error: [^\n]*arm.osim: has no muscle 'NONE'[^\n]*\n", errors)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arm.osim", "arm.yaml"]


def test_start_points_out_of_reach(good, tmp_path):
    def move(file):
        for plane in ("horizontal", "vertical"):
            file[plane][...] += 200

    away = spoiled(good.places, tmp_path, move)
    arguments = (GENERATE, good.letters, away, "--config", good.settings, "--per-letter", 2)
    saying = (
        r"none of 40 movements could be written \(out_of_reach 2000 times, given_up 40 times\): do the start points"
    )
    refused(tmp_path, saying, *arguments)


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        ("upper_arm_cm: 31", "whose upper_arm_cm is 33.0, not 31.0 as for 'other' now"),
        ("upper_limit_deg: [130, 180, 20, 120]", r"whose upper_limit_deg is \[130.0, 180.0, 20.0, 130.0\], not "),
    ],
)
def test_start_points_of_another_arm(good, tmp_path, change, saying):
    (tmp_path / "other.yaml").write_text(f"name: other\n{change}\n")
    arm = ("--config", good.settings, "--profile", tmp_path / "other.yaml")
    saying = f"start_points.h5: was found for the arm 'tiny', {saying}.*; find start points again with the same --prof"
    refused(tmp_path, saying, GENERATE, good.letters, good.places, *arm)


def test_an_arm_that_is_not_known_or_has_no_model(good, tmp_path):
    inputs = (GENERATE, good.letters, good.places)
    saying = "arm 'octopus' is not known; give one of human, macaque, or a YAML file"
    refused(tmp_path, saying, *inputs, "--profile", "octopus")
    saying = "arm 'macaque' has no model that could be fetched; give one: --model PATH.osim"
    refused(tmp_path, saying, *inputs, "--profile", "macaque")
    refused(tmp_path, saying, PLACES, "--profile", "macaque")


def test_start_points_of_other_limits(good, tmp_path):
    wide = stages.make(PLACES, tmp_path / "wide.h5", "--config", good.settings, "--limits", "model")
    saying = (
        r"wide.h5: was found for the arm 'tiny', whose lower_limit_deg is .*, not \[-90.0, 0.0, -90.0, 0.0\] as for"
    )
    refused(tmp_path, saying, GENERATE, good.letters, wide, "--config", good.settings)


@pytest.mark.parametrize(
    ("options", "saying"),
    [
        (
            ["--engine", "fast", "--geometry", "raw"],
            "raw geometry jumps, which no table can hold; choose the exact eng",
        ),
        (
            ["--form", "compact"],
            "form compact leaves the lengths to the tables of the fast engine; choose that or form",
        ),
        (["--shard", "1/61"], "shard 1/61 of 60 movements is empty; use fewer shards"),
    ],
)
def test_choices_that_do_not_go_together(good, tmp_path, options, saying):
    few = ("--config", good.settings, "--per-letter", 3)
    refused(tmp_path, saying, GENERATE, good.letters, good.places, *few, *options)


@pytest.mark.parametrize(
    ("links", "saying"),
    [
        (1, "arm 'stump': within its joint limits the hand reaches no place in front of the body"),
        (8, "there is no place in horizontal planes where this arm can write a letter of 10 cm"),
    ],
)
def test_an_arm_that_reaches_nowhere(tmp_path, links, saying):
    (tmp_path / "arm.yaml").write_text(f"name: stump\nupper_arm_cm: {links}\nforearm_cm: {links}\n")
    refused(tmp_path, saying, PLACES, "--profile", tmp_path / "arm.yaml")
