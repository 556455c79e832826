"""The figure page of a data set: what is in it, what was rejected on the way, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from proprionet import inspection
from proprionet.arm.inverse import jerks
from proprionet.arm.profiles import Kinematics
from proprionet.config import check
from proprionet.errors import InputError
from proprionet.inspection.blocks import Block, blocks
from proprionet.letters.latents import PLANES, VALUES
from proprionet.movements.derived import derive
from proprionet.movements.files import ABOUT_ARM, are_reaches
from proprionet.neural.hand import HandMovements
from proprionet.plotting import dataset, elife2023, movements, postures
from proprionet.plotting.movements import VIEWS
from proprionet.plotting.report import page
from proprionet.plotting.section import Drawing
from proprionet.store import Reader

SHOWN = 4096  # movements that distributions are drawn of, at most, spread evenly over the set
_ABOUT = ("arm", "length_kind", "geometry", "engine", "time_step_s", "spindle", "seed", "created", "package_version")


def problems(file: Reader) -> list[str]:
    """What is wrong with a data set, or with movements, and what is unusual: one sentence each."""
    try:
        inspection.check(file)
    except InputError as error:
        return [str(error), *inspection.warnings(file)]
    return inspection.warnings(file)


def check_origin(data: Reader, moves: Sequence[Reader]) -> None:
    """Refuse movements that cannot be those which a data set was made of.

    Raises
    ------
    InputError
        Naming the file and what differs.
    """
    for file in moves:
        for name in ABOUT_ARM:
            if file.attribute(name) != data.attribute(name):
                raise InputError(
                    f"{file.path.name}: its {name} is not that of {data.path.name}; give the movements that the data "
                    "set was made of"
                )


def drawings(
    data: Reader, moves: Sequence[Reader] = (), recorded: HandMovements | None = None, most: int = SHOWN
) -> Iterator[Drawing]:
    """Every figure of the page.

    Parameters
    ----------
    data : Reader
        Open data set, full or compact.
    moves : sequence of Reader
        The movements that it was made of, for what was rejected.
    recorded : HandMovements, optional
        Hand of a recorded session: positions (sample, 2), to the right and forward.
    most : int
        Distributions are of about so many movements, counts of all.

    Raises
    ------
    InputError
        If movements do not lie where the file says.
    """
    block, written = Block.join(list(blocks(data, most))), not are_reaches(data)
    values = {name: _quantity(data, block, name) for name in ("joints", "hand", "muscle_length")}
    duration_s, alphabet = data.attribute("time_step_s") * data["n_samples"], data.attribute("alphabet")
    label, plane = data["label"], data["plane"]
    yield Drawing(
        "classes",
        dataset.overview(label, data["split"], duration_s, alphabet),
        f"Movements{' of each letter' if written else ''} by part of the data set, and how long they last without "
        "padding.",
        "Stacked bars of the number of movements by part; stacked histogram of durations.",
    )
    if written:
        joint_jerk, muscle_jerk = (jerks(values[name], block.offsets) for name in ("joints", "muscle_length"))
        rows = block.rows
        yield Drawing(
            "durations_planes_jerks",
            elife2023.distributions(duration_s[rows], plane[rows], joint_jerk, muscle_jerk, label[rows], alphabet),
            "Duration of the movements of each letter; movements in each plane; jerk (norm of the third difference) of "
            "joint angles and muscle lengths, in the colours of the planes.",
            "Box plots of duration by letter, bars of planes, histograms of jerk.",
        )
        yield Drawing(
            "latents",
            elife2023.latents_drawn({name: data[name] for name in VALUES}),
            "Movements with each value of the latents; the dashed line is an even share.",
            "Bars of counts, one panel for each latent.",
        )
    yield from _kinematics(data, block, values, recorded)
    yield from _examples(data, block, values)
    if moves:
        rejected = _rejections(moves)
        kept = sum(len(file.dataset("label")) for file in moves)
        yield Drawing(
            "rejections",
            movements.rejections({reason: n for reason, n in rejected.items() if reason != "given_up"}, kept),
            f"{movements.DRAWS if written else movements.REACH_DRAWS} {rejected['given_up']} movements were given up.",
            "Bars: draws that were kept, and draws that were rejected, by reason.",
        )


def render(name: str, data: Reader, found: Sequence[str], shown: Sequence[Drawing], images: Mapping[str, bytes]) -> str:
    """One HTML page with everything inside it.

    Parameters
    ----------
    name : str
        Heads the page.
    found : sequence of str
        As :func:`problems` gives them.
    shown : sequence of Drawing
        As :func:`drawings` gives them.
    images : mapping of str to bytes
        PNG of every drawing, by its name.
    """
    description = inspection.describe(data, SHOWN)
    limits = _arm(data)
    bounds = zip(data.attribute("joint_names"), limits.lower_limit_deg, limits.upper_limit_deg, strict=True)
    return page(
        "dataset_page.html.j2",
        name=name,
        written=not are_reaches(data),
        about={key: value for key, value in data.attributes().items() if key in _ABOUT},
        description=description,
        spreads=list(_spreads(description)),
        limits={joint: (low, high) for joint, low, high in bounds},
        problems=found,
        drawings=shown,
        images=images,
    )


def _spreads(description: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Quantity, unit and spread of everything that is described by one."""
    yield "duration of a movement", "s", description["duration_s"]
    yield "highest speed of the hand in a movement", "cm/s", description["peak_hand_speed_cm_s"]
    groups = (("", "joint_angle_deg", "°"), ("length of ", "muscle_length_mm", "mm"))
    for before, key, unit in (*groups, ("velocity of ", "muscle_velocity_mm_s", "mm/s")):
        for part, spread in description[key].items():
            yield before + part.replace("_", " "), unit, spread


def _kinematics(
    data: Reader, block: Block, values: Mapping[str, np.ndarray], recorded: HandMovements | None
) -> Iterator[Drawing]:
    """Postures, hand and muscles."""
    arm, step_s = _arm(data), data.attribute("time_step_s")
    lengths, groups = np.diff(block.offsets), _groups(data, block.rows)
    samples = {name: np.repeat(inside, lengths) for name, (inside, _) in groups.items()}
    yield Drawing(
        "postures",
        postures.joint_angles(
            {name: values["joints"][inside] for name, inside in samples.items()},
            data.attribute("joint_names"),
            arm.lower_limit_deg,
            arm.upper_limit_deg,
        ),
        "How often each joint is at which angle; grey is beyond its limits.",
        "Histograms of joint angles, one panel for each joint.",
    )
    hands = {
        name: HandMovements(
            values["hand"][samples[name]][:, [1, *axes]] * (-1, *[1] * len(axes)),
            np.concatenate([[0], np.cumsum(lengths[inside])]),
            step_s,
        )
        for name, (inside, axes) in groups.items()
        if recorded is None or name != "vertical planes"  # as reaches with a handle are not
    }
    compared = hands if recorded is None else {**hands, "recorded": recorded}
    yield Drawing(
        "hand",
        postures.hand_kinematics(compared),
        "Where the hand is from the median of the set, and how it moves; triangles are medians."
        + ("" if recorded is None else " Recorded are reaches, from movement onset to the end of the trial."),
        "Histograms of hand position, speed, acceleration, duration and length of path.",
    )
    velocity = np.concatenate(
        [np.gradient(one, step_s, axis=0) for one in np.split(values["muscle_length"], block.offsets[1:-1])]
    )
    yield Drawing(
        "muscle_ranges",
        postures.muscle_ranges(
            {"length (mm)": values["muscle_length"], "velocity (mm/s)": velocity}, data.attribute("muscle_names")
        ),
        "Lengths and velocities of every muscle: median, 25 to 75 % (thick) and 1 to 99 % (thin) of all samples.",
        "Horizontal bars of the range of length and velocity, one row for each muscle.",
    )


def _groups(data: Reader, rows: np.ndarray) -> dict[str, tuple[np.ndarray, list[int]]]:
    """The movements of ``rows`` by plane, and axes of the world to the front or up; reaches are in no plane."""
    if are_reaches(data):
        return {"reaches": (np.ones(len(rows), bool), [0, 2])}
    plane = data["plane"][rows]
    inside = {name: plane == code for code, name in enumerate(PLANES)}
    return {f"{name} planes": (inside[name], [VIEWS[name][1]]) for name in PLANES if inside[name].any()}


def _examples(data: Reader, block: Block, values: Mapping[str, np.ndarray]) -> Iterator[Drawing]:
    """The first movement in each plane, or of all from two sides, and the muscles of the first."""
    step_s, written = data.attribute("time_step_s"), not are_reaches(data)
    plane = data["plane"][block.rows]
    first = {name: np.flatnonzero(plane == code)[:1] if written else [0] for code, name in enumerate(PLANES)}
    where = {name: slice(*block.offsets[one[0] : one[0] + 2]) for name, one in first.items() if len(one)}
    own = next(iter(where.values()))
    yield Drawing(
        "arm",
        movements.arm_writing(
            {name: values["hand"][one] for name, one in where.items()},
            {name: derive(data, "elbow", values["joints"][one]) for name, one in where.items()},
            values["joints"][own],
            data.attribute("joint_names"),
            step_s,
        ),
        f"An example {'in each plane' if written else 'from two sides'}: the arm from early (light) to late (dark); "
        "joint angles of the first.",
        "Stick figures of the arm with the trace of the hand, and joint angles over time.",
    )
    yield Drawing(
        "muscles",
        movements.muscles(values["muscle_length"][own], data.attribute("muscle_names"), step_s),
        "What the muscles do in the first of these examples.",
        "Heat maps of the change of length and of the velocity of every muscle over time.",
    )


def _rejections(moves: Sequence[Reader]) -> Counter[str]:
    return sum((Counter(file.attribute("rejections")) for file in moves), Counter())


def _arm(data: Reader) -> Kinematics:
    return check(Kinematics, data.attribute("arm_kinematics"), f"{data.path.name}, arm_kinematics")


def _quantity(file: Reader, block: Block, name: str) -> np.ndarray:
    return block.samples[name] if name in block.samples else derive(file, name, block.samples["joints"])
