"""Fibre lengths of an arm along handwriting: OpenSim as we use it, our tables, and the published loop over OpenSim."""

from pathlib import Path

import click
import numpy as np
import opensim
from common import measure, report

from proprionet.arm import profiles, tables
from proprionet.arm.fetch import default_model
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.practice import letter_movements
from proprionet.arm.profiles import ArmProfile

QUICK_SPACING_DEG = 15.0
MANY = 200_000  # postures to time the tables with


@click.command()
@click.option("--quick", is_flag=True, help="100 postures; tables every 15 degrees, made anew.")
@click.option("--profile", default="human", show_default=True, help="Arm: human, macaque, or a YAML file.")
@click.option("--model", type=click.Path(path_type=Path), help="OpenSim model; the reference arm if not given.")
def main(quick: bool, profile: str, model: Path | None) -> None:
    """Time all on postures of the same movements.

    The difference (mm) of our OpenSim engine is to the published loop; that of the tables, whose geometry is patched,
    to our OpenSim engine with the same patches.
    """
    n = 100 if quick else 500
    path = model or default_model()
    arm = profiles.fitted(profiles.choose(profile), path)
    joint_angles, _ = letter_movements(arm, 16, seed=1)
    random = np.random.default_rng(0)
    postures, many = random.choice(joint_angles, n), np.resize(joint_angles, (MANY, 4))
    raw, patched = (EngineSettings.of(arm, path, geometry) for geometry in ("raw", "patched"))
    exact, published = raw.load(), PublishedLoop(path, arm)
    reference = n / measure(lambda: published.fibre_lengths(postures), repeats=1)
    report(
        f"{arm.name}, fibre lengths of {len(arm.muscles)} muscles: OpenSim engine vs published OpenSim loop",
        unit="postures/s",
        ours=n / measure(lambda: exact.fibre_lengths(postures)),
        reference=reference,
        max_difference=float(np.nanmax(np.abs(exact.fibre_lengths(postures) - published.fibre_lengths(postures)))),
        n=n,
        packages=["opensim"],
    )
    if quick:
        fast = tables.build(patched, arm.lower_limit_deg, arm.upper_limit_deg, QUICK_SPACING_DEG)
    else:
        fast = tables.load(tables.ensure(patched, arm, say=lambda text: click.echo(text, err=True)))
    report(
        f"{arm.name}, fibre lengths of {len(arm.muscles)} muscles: tables vs published OpenSim loop",
        unit="postures/s",
        ours=MANY / measure(lambda: fast.lengths(many)),
        reference=reference,
        max_difference=float(np.abs(fast.lengths(postures) - patched.load().lengths(postures)).max()),
        n=MANY,
        packages=["opensim", "numba"],
    )


class PublishedLoop:
    """As in the code of Sandbrink et al. 2023: four assemblies of the model a posture, all muscles equilibrated."""

    def __init__(self, model_path: Path, arm: ArmProfile):
        self.arm = arm
        self.model = opensim.Model(str(model_path))
        self.state = self.model.initSystem()

    def fibre_lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Millimetres, shape (time, muscle)."""
        lengths = []
        for posture in np.array(self.arm.model_signs) * np.radians(joint_angles):
            for name, angle in zip(self.arm.coordinates, posture, strict=True):
                self.model.getCoordinateSet().get(name).setValue(self.state, float(angle))
            self.model.equilibrateMuscles(self.state)
            lengths.append([self.model.getMuscles().get(name).getFiberLength(self.state) for name in self.arm.muscles])
        return 1e3 * np.array(lengths)


if __name__ == "__main__":
    main()
