"""Inverse kinematics of writing movements: swivel search, or the published SLSQP at every sample."""

from collections.abc import Callable

import click
import numpy as np
from common import measure, report
from scipy.optimize import minimize

from proprionet.arm.inverse import joint_jerk, solve, tracing_error
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN, ArmProfile, choose
from proprionet.arm.start_points import find_start_points

BUTTER = choose("macaque").model_copy(update={"upper_arm_cm": 12.58, "forearm_cm": 16.0})  # published lengths

Inverse = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of a path (time, 3) and a start posture (4,)


@click.command()
@click.option("--quick", is_flag=True, help="3 movements of each arm.")
def main(quick: bool) -> None:
    """Solve the same movements both ways, at places where the arm can write.

    The difference, in degrees, is the largest over the movements that SLSQP solved (traced to 0.01 cm, joint jerk
    below 1); the name says how many these are.
    """
    n_movements = 3 if quick else 12
    compare(HUMAN, np.tile(HUMAN.start_posture_deg, (n_movements, 1)), published_human)
    start = np.random.default_rng(2).uniform(BUTTER.lower_limit_deg, BUTTER.upper_limit_deg, (n_movements, 4))
    compare(BUTTER, start, published_macaque)


def compare(profile: ArmProfile, start: np.ndarray, published_inverse: Inverse) -> None:
    """Print one comparison; ``start`` is the posture before each movement."""
    time = 60
    paths = loops(profile, len(start), time)
    ours = solve(profile, paths, start)
    published = [published_inverse(path, posture) for path, posture in zip(paths, start, strict=True)]
    good = [
        i
        for i, (angles, path) in enumerate(zip(published, paths, strict=True))
        if tracing_error(profile, angles, path) < 1e-2 and joint_jerk(angles) < 1
    ]
    report(
        f"inverse kinematics, {profile.name}, vs published SLSQP, which solved {len(good)} of {len(start)} movements",
        unit="samples/s",
        ours=len(start) * time / measure(lambda: solve(profile, paths, start)),
        reference=time / measure(lambda: published_inverse(paths[0], start[0]), repeats=1),
        max_difference=max((float(np.abs(ours[i] - published[i]).max()) for i in good), default=np.nan),
        n=len(start) * time,
        packages=["numba"],
    )


def loops(profile: ArmProfile, n_movements: int, time: int) -> list[np.ndarray]:
    """Closed curves, up to 0.8 times as wide as a letter, that start and end at rest at random horizontal points."""
    random = np.random.default_rng(1)
    centres = random.choice(find_start_points(profile)["horizontal"], n_movements)
    phase = np.pi * (1 - np.cos(np.linspace(0, np.pi, time)))
    shape = 0.4 * profile.letter_cm * np.stack([np.sin(phase), np.sin(2 * phase), 0 * phase], axis=1)
    return [centre + shape * [*random.uniform(0.3, 1, 2), 0] for centre in centres]


def published_human(path: np.ndarray, start: np.ndarray, arm: ArmProfile = HUMAN) -> np.ndarray:
    """As in the code of Sandbrink et al. 2023: always from the guess (10, 10, 10, 10), distances unsquared."""
    angles = [start]
    for hand in path:
        result = minimize(
            lambda q: np.linalg.norm(q - angles[-1]),
            np.full(4, 10.0),
            method="SLSQP",
            bounds=list(zip(arm.lower_limit_deg, arm.upper_limit_deg, strict=True)),
            constraints={"type": "eq", "fun": lambda q, hand=hand: np.linalg.norm(hand_position(arm, q) - hand)},
        )
        angles.append(result.x)
    return np.array(angles[1:])


def published_macaque(path: np.ndarray, start: np.ndarray, arm: ArmProfile = BUTTER) -> np.ndarray:
    """As in the code of Marin Vargas et al. 2024: always from the random start posture, distances unsquared."""
    angles = [start]
    for hand in path:
        result = minimize(
            lambda q: 5 * np.linalg.norm(q - angles[-1]),
            start,
            method="SLSQP",
            bounds=list(zip(arm.lower_limit_deg, arm.upper_limit_deg, strict=True)),
            constraints={"type": "eq", "fun": lambda q, hand=hand: hand_position(arm, q) - hand},
        )
        angles.append(result.x)
    return np.array(angles[1:])


if __name__ == "__main__":
    main()
