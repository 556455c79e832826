"""Inverse kinematics of writing movements: swivel search, or the published SLSQP at every sample."""

import click
import numpy as np
from common import measure, report
from scipy.optimize import minimize

from proprionet.arm.inverse import joint_jerk, solve, tracing_error
from proprionet.arm.kinematics import hand_position
from proprionet.arm.profiles import HUMAN
from proprionet.arm.start_points import find_start_points


@click.command()
@click.option("--quick", is_flag=True, help="3 movements.")
def main(quick: bool) -> None:
    """Solve the same movements both ways, at places where the arm can write.

    The difference, in degrees, is the largest over the movements that SLSQP solved (traced to 0.01 cm, joint jerk
    below 1); the name says how many these are.
    """
    n_movements, time = 3 if quick else 12, 60
    paths = loops(n_movements, time)
    ours = solve(HUMAN, paths)
    published = [published_inverse(path) for path in paths]
    good = [
        i
        for i, (angles, path) in enumerate(zip(published, paths, strict=True))
        if tracing_error(HUMAN, angles, path) < 1e-2 and joint_jerk(angles) < 1
    ]
    difference = max((float(np.abs(ours[i] - published[i]).max()) for i in good), default=np.nan)
    n_samples = n_movements * time
    report(
        f"inverse kinematics vs published SLSQP, which solved {len(good)} of {n_movements} movements",
        unit="samples/s",
        ours=n_samples / measure(lambda: solve(HUMAN, paths)),
        reference=time / measure(lambda: published_inverse(paths[0]), repeats=1),
        max_difference=difference,
        n=n_samples,
        packages=["numba"],
    )


def loops(n_movements: int, time: int) -> list[np.ndarray]:
    """Closed curves, 8 cm wide, that start and end at rest at random horizontal start points."""
    random = np.random.default_rng(1)
    centres = random.choice(find_start_points(HUMAN)["horizontal"], n_movements)
    phase = np.pi * (1 - np.cos(np.linspace(0, np.pi, time)))
    shape = np.stack([np.sin(phase), np.sin(2 * phase), 0 * phase], axis=1)
    return [centre + 4 * shape * [*random.uniform(0.3, 1, 2), 0] for centre in centres]


def published_inverse(path: np.ndarray) -> np.ndarray:
    """As in the code of Sandbrink et al. 2023: always from the guess (10, 10, 10, 10), distances unsquared."""
    angles = [np.array(HUMAN.start_posture_deg)]
    for hand in path:
        result = minimize(
            lambda q: np.linalg.norm(q - angles[-1]),
            np.full(4, 10.0),
            method="SLSQP",
            bounds=list(zip(HUMAN.lower_limit_deg, HUMAN.upper_limit_deg, strict=True)),
            constraints={"type": "eq", "fun": lambda q, hand=hand: np.linalg.norm(hand_position(HUMAN, q) - hand)},
        )
        angles.append(result.x)
    return np.array(angles[1:])


if __name__ == "__main__":
    main()
