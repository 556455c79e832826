"""Draft of an arm profile for an OpenSim model that has none yet."""

import json
import textwrap
from pathlib import Path

import numpy as np
import yaml

from proprionet.arm.guess import ANGLES, Guess, Outline, guess, limits
from proprionet.arm.profiles import choose

_GOOD_FIT = 0.1  # RMS distance between them, in lengths of the arm
_WIDTH = 118


def draft(model_path: str | Path) -> str:
    """Text of an arm profile (YAML) for a model; comments say what was guessed, and what is to be filled in.

    Joint angles are guessed from the names of the free coordinates, and their signs from where the two-link arm agrees
    best with the model, however it is turned. Shoulder and elbow are the origins of the bodies that these angles move;
    the hand is guessed from names. The text can be read by :func:`proprionet.arm.profiles.read_profile`. If something
    is missing, the first line says so, and coordinates that are not known start with ``FILL_IN``.

    Raises
    ------
    InputError
        If the file is missing or is no OpenSim model, or the model has no muscles or cannot be used.
    """
    outline = Outline(Path(model_path))
    return "\n".join(_text(outline, guess(outline))) + "\n"


def _text(outline: Outline, found: Guess) -> list[str]:
    file = outline.path.name
    head = [f"Draft of an arm profile for {file}: look through it, and fill in what says FILL IN."]
    if found.missing:
        head.insert(0, f"NOT COMPLETE: {file} does not show the {', the '.join(found.missing)}.")
        if None in found.names:
            head.insert(
                1, f"A profile needs four free joint angles; this model has {', '.join(outline.angles) or 'none'}."
            )
    return [
        *(f"# {line}" for line in head),
        f"name: {json.dumps(outline.path.stem)}",
        f"based_on: {found.based_on}  # gives what is not said here, such as the time step and the size of letters",
        'licence: ""  # FILL IN the terms of the model',
        'citation: ""  # FILL IN the works to cite',
        *_comment(f"credits in the model: {outline.credits or 'none'}"),
        'model_source: ""  # FILL IN how others get the model',
        *_shape(outline, found),
        *_joints(outline, found),
        *_muscles(outline, found),
    ]


def _shape(outline: Outline, found: Guess) -> list[str]:
    """Lines about the two links."""
    points = {joint: outline.places[name] for joint, name in found.points.items() if name is not None}
    links = {"upper_arm_cm": ("shoulder", "elbow"), "forearm_cm": ("elbow", "hand")}
    lines = [f"shoulder: {choose(found.based_on).shoulder}  # {_agreement(found, points)}"]
    for link, ends in links.items():
        known = all(end in points for end in ends)
        length = f"{np.linalg.norm(points[ends[1]] - points[ends[0]]):.2f} now" if known else "FILL IN the point"
        lines.append(f"{link}: null  # measured in the model from {ends[0]} to {ends[1]}: {length}")
    lines.append(f"points: {_flow(found.points)}  # markers, or bodies (their origins)")
    if {"shoulder", "elbow"} <= points.keys():
        places = [
            f"{name} {np.linalg.norm(place - points['shoulder']):.1f} / {np.linalg.norm(place - points['elbow']):.1f}"
            for name, place in outline.places.items()
        ]
        lines += _comment(f"cm from that shoulder / elbow: {', '.join(places)}")
    return lines


def _agreement(found: Guess, points: dict[str, np.ndarray]) -> str:
    if found.error_cm is None:
        return "FILL IN: guessed from names alone; see proprionet.arm.kinematics"
    reach = np.linalg.norm(points["elbow"] - points["shoulder"]) + np.linalg.norm(points["hand"] - points["elbow"])
    error = f"elbow and hand of the two-link arm are {found.error_cm:.1f} cm (RMS) from those of the model"
    return error if found.error_cm < _GOOD_FIT * reach else f"FILL IN: does not fit; {error}"


def _joints(outline: Outline, found: Guess) -> list[str]:
    """Lines about joint angles."""
    base = choose(found.based_on)
    names = [name or f"FILL_IN_{joint}" for joint, name in enumerate(found.names, start=1)]
    lower, upper, start, doubts = [], [], [], []
    for joint, (name, sign) in enumerate(zip(names, found.signs, strict=True)):
        ends = limits(outline, found.based_on, joint, name, sign) if name in outline.angles else None
        if ends is None:
            ends = base.lower_limit_deg[joint], base.upper_limit_deg[joint]
            doubts.append(name)
        lower.append(round(ends[0], 2))
        upper.append(round(ends[1], 2))
        default = sign * outline.angles[name].default if name in outline.angles else base.start_posture_deg[joint]
        start.append(round(float(np.clip(default, lower[-1], upper[-1])), 2) + 0.0)  # no -0.0
    lines = [f"coordinates: {_flow(names)}  # {', '.join(ANGLES[found.based_on])}"]
    others = [name for name in outline.angles if name not in names]
    lines += _comment(f"other free angles, which keep their default: {', '.join(others) or 'none'}")
    lines += _comment(f"not free (locked, following others, or distances): {', '.join(outline.others) or 'none'}")
    checked = "FILL IN: not compared with the model" if found.error_cm is None else "as the two-link arm fits best"
    lines.append(f"model_signs: {_flow(list(found.signs))}  # {checked}")
    about = f"FILL IN those of {', '.join(doubts)}" if doubts else "ranges of the model, within what a profile can hold"
    return [
        *lines,
        f"lower_limit_deg: {_flow(lower)}  # {about}",
        f"upper_limit_deg: {_flow(upper)}",
        f"start_posture_deg: {_flow(start)}  # default of the model",
    ]


def _muscles(outline: Outline, found: Guess) -> list[str]:
    """Lines about muscles and their wrap objects."""
    moved = [muscle for muscle in outline.wraps if muscle not in found.idle]
    listed = textwrap.wrap(_flow(moved), _WIDTH, break_long_words=False, break_on_hyphens=False)
    lines = ["muscles:", *(f"  {line}" for line in listed)]
    if found.idle:
        lines += _comment(f"these joint angles do not move: {', '.join(found.idle)}")
    lines.append(f'patches: []  # FILL IN what "proprionet arm audit {outline.path.name}" proposes')
    lines.append("# wrap objects of the muscles:")
    return lines + [f"#   {muscle}: {', '.join(outline.wraps[muscle])}" for muscle in moved if outline.wraps[muscle]]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="#   ", break_long_words=False)


def _flow(value: object) -> str:
    """A value in one line of YAML."""
    return yaml.safe_dump(value, default_flow_style=True, width=float("inf"), sort_keys=False).strip()
