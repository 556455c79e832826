"""What must hold of movements and data sets beyond the shape of their files."""

import numpy as np

from proprionet import dataset
from proprionet.arm import guard
from proprionet.arm.profiles import Kinematics
from proprionet.config import check as check_settings
from proprionet.dataset.stimuli import check_stimuli
from proprionet.errors import InputError
from proprionet.inspection.blocks import Block, blocks
from proprionet.movements import files
from proprionet.movements.derived import derive
from proprionet.store import Reader

KINDS = ("movements", "dataset")
ANGLE_TOLERANCE_DEG = 1e-3
HAND_TOLERANCE_CM = 0.1
IMBALANCE = 0.2
SHORTEST_MM = 1.0
STATISTICS_OF = 200  # training movements whose lengths are held against the statistics
APART_SD = 0.5  # how far the mean of a muscle may be from that of the statistics, in its standard deviations
_RANGES = {
    "size": (0.01, 100),
    "speed": (0.01, 100),
    "noise": (0, 10),
    "rotation": (-180, 180),
    "shear_x": (-89, 89),
    "shear_y": (-89, 89),
}
_WRITTEN_FROM = ("source", "plane", "start_point", *files.LATENTS)


def check(file: Reader) -> None:
    """Make sure that movements, or a data set, can be what an arm did; other kinds of files pass.

    Letters, planes and parts are known ones, latents possible, and no part is empty. No movement is there twice. Each
    lies where the file says, and is held still before and after. Joints keep their limits, the hand is where the joints
    put it, no muscle has a length that the guard of the arm refuses, and lengths are those that the statistics of the
    set were taken of. No pen letter is in two parts where the set is split by pen letter. The file is read in blocks,
    so that a large one needs little memory; what a compact file does not hold is not checked in full. Of
    activations only the letters and the places of movements in their record are checked.

    Raises
    ------
    InputError
        At the first fault: one sentence with the file, the movement and what is wrong with it.
    """
    if file.kind == "activations":
        check_stimuli(file)
    if file.kind not in KINDS:
        return
    name = file.path.name
    dataset.check_codes(file)
    _check_latents(file)
    _check_repeats(file)
    if file.kind == "dataset":
        dataset.check_split(file)
    arm = check_settings(Kinematics, file.attribute("arm_kinematics"), f"{name}, arm_kinematics")
    for block in blocks(file):
        for find in (_joint_fault, _hand_fault, _muscle_fault):
            if fault := find(block, file, arm):
                movement, what = fault
                raise InputError(f"{name}: movement {block.rows[movement]}: {what}")
    if file.kind == "dataset":
        _check_statistics(file)


def warnings(file: Reader) -> list[str]:
    """What is unusual about movements or a data set, though not wrong; one sentence each.

    That is letters that are missing, or whose number of movements in a part differs by more than 20 % from the mean of
    the part, and movements that are written like an earlier one.
    """
    if file.kind not in KINDS:
        return []
    label, alphabet = file["label"], file.attribute("alphabet")
    letters = np.unique(label)
    parts = {part: file["split"] == code for code, part in enumerate(dataset.SPLITS)} if "split" in file else {"": ...}
    absent = "".join(letter for code, letter in enumerate(alphabet) if code not in letters)
    found = [f"there are no movements of the letters {', '.join(absent)}"] if absent else []
    for part, inside in parts.items():
        counts = np.bincount(label[inside], minlength=len(alphabet))[letters]
        mean = counts.mean()
        if (odd := np.abs(counts - mean) > IMBALANCE * mean).any():
            listed = ", ".join(f"{alphabet[letter]} {n}" for letter, n in zip(letters[odd], counts[odd], strict=True))
            where = f"in the {part} part, " if part else ""
            found.append(f"{where}letters have {mean:.4g} movements on average, but {listed}")
    if repeats := len(label) - len(_first_of_each(file)):
        found.append(f"{repeats} movements are written from the same letter, latents and place as an earlier one")
    return found


def _check_latents(file: Reader) -> None:
    for field, (low, high) in _RANGES.items():
        if (bad := np.flatnonzero(~((file[field] >= low) & (file[field] <= high)))).size:
            found = file[field][bad[0]]
            raise InputError(
                f"{file.path.name}: movement {bad[0]}: '{field}' is {found:g}, expected {low:g} to {high:g}"
            )


def _check_statistics(file: Reader) -> None:
    """The lengths, stored or derived, are those that the statistics of the training part were taken of."""
    statistics = file.family("statistics")
    known = "muscle_length" in file or file.family("tables")
    if not known or not {"length_mean_mm", "length_sd_mm"} <= statistics.keys():
        return
    rows = np.flatnonzero(file["split"] == 0)[:STATISTICS_OF]
    mean = dataset.read_rows(file, "muscle_length", rows).mean(axis=(0, 2), dtype=float)
    expected, spread = statistics["length_mean_mm"], statistics["length_sd_mm"]
    names = file.attribute("muscle_names")
    if (bad := np.flatnonzero(~(spread >= 0))).size:
        raise InputError(f"{file.path.name}: the statistics of {names[bad[0]]} are not those of lengths")
    if (bad := np.flatnonzero(~(np.abs(mean - expected) <= APART_SD * spread + 0.01))).size:
        muscle = bad[0]
        raise InputError(
            f"{file.path.name}: {names[muscle]} is {mean[muscle]:.4g} mm long on average, but "
            f"{expected[muscle]:.4g} mm by the statistics of the set; were lengths or muscles changed?"
        )


def _check_repeats(file: Reader) -> None:
    """A movement has a number of its own; movements of a data set are all different."""
    numbers, counts = np.unique(file["index"], return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{file.path.name}: the movement with index {numbers[counts > 1][0]} is there twice")
    if file.kind == "dataset":
        repeated = np.setdiff1d(np.arange(len(file.dataset("label"))), _first_of_each(file))
        if repeated.size:
            raise InputError(
                f"{file.path.name}: movement {repeated[0]} is written from the same letter, latents and place as an "
                "earlier one"
            )


def _first_of_each(file: Reader) -> np.ndarray:
    return dataset.first_of_each({name: file[name] for name in _WRITTEN_FROM})


Fault = tuple[int, str] | None
"""Place of a movement in its block, and what is wrong with it."""


def _joint_fault(block: Block, file: Reader, arm: Kinematics) -> Fault:
    joints, lower, upper = block.samples["joints"], np.array(arm.lower_limit_deg), np.array(arm.upper_limit_deg)
    good = (joints >= lower - ANGLE_TOLERANCE_DEG) & (joints <= upper + ANGLE_TOLERANCE_DEG)
    if good.all():
        return None
    sample, joint = np.argwhere(~good)[0]
    angle, name = joints[sample, joint], file.attribute("joint_names")[joint]
    what = f"{name} is at {angle:.4g} degrees, outside {lower[joint]:g} to {upper[joint]:g}"
    return _movement_of(sample, block), what


def _hand_fault(block: Block, file: Reader, arm: Kinematics) -> Fault:
    if "hand" not in block.samples:
        return None
    apart = np.linalg.norm(block.samples["hand"] - derive(file, "hand", block.samples["joints"]), axis=1)
    if not (bad := np.flatnonzero(apart > HAND_TOLERANCE_CM)).size:
        return None
    what = f"the hand is {apart[bad[0]]:.3g} cm from where the joint angles put it"
    return _movement_of(bad[0], block), what


def _muscle_fault(block: Block, file: Reader, arm: Kinematics) -> Fault:
    if "muscle_length" not in block.samples:
        return None
    lengths, joints = block.samples["muscle_length"], block.samples["joints"]
    if (short := np.argwhere(lengths < SHORTEST_MM)).size:
        sample, muscle = short[0]
        what = f"{file.attribute('muscle_names')[muscle]} is shorter than {SHORTEST_MM:g} mm; are lengths in mm?"
        return _movement_of(sample, block), what
    reasons = guard.faults(lengths, joints, block.offsets)
    if not (bad := np.flatnonzero(reasons >= 0)).size:
        return None
    movement = int(bad[0])
    own = slice(*block.offsets[movement : movement + 2])
    wrong, what = {
        "not_finite": (~np.isfinite(lengths[own]), "has a length that is not a number"),
        "too_long": (lengths[own] > guard.LONGEST_MM, f"is longer than {guard.LONGEST_MM:g} mm"),
        "jump": (guard.find_jumps(lengths[own], joints[own]), "changes in one step by more than the joints explain"),
    }[guard.REASONS[reasons[movement]]]
    muscle = int(np.argmax(wrong.any(axis=0)))
    return movement, f"muscle {file.attribute('muscle_names')[muscle]} {what}"


def _movement_of(sample: int, block: Block) -> int:
    return int(np.searchsorted(block.offsets, sample, side="right")) - 1
