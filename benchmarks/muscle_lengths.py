"""Fibre lengths of the human arm: our engine, or the published loop over OpenSim."""

from pathlib import Path

import click
import numpy as np
import opensim
from common import measure, report

from proprionet.arm.fetch import default_model
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import HUMAN


@click.command()
@click.option("--quick", is_flag=True, help="100 postures.")
@click.option("--model", type=click.Path(path_type=Path), help="OpenSim model; the reference arm if not given.")
def main(quick: bool, model: Path | None) -> None:
    """Time both on the same random postures of the middle of the workspace; the difference is in mm."""
    n = 100 if quick else 1000
    postures = np.random.default_rng(0).uniform([0, 20, -60, 20], [90, 100, 20, 120], (n, 4))
    path = model or default_model()
    engine = EngineSettings.of(HUMAN, path, geometry="raw").load()
    published = PublishedLoop(path)
    report(
        "fibre lengths of 25 muscles vs published OpenSim loop",
        unit="postures/s",
        ours=n / measure(lambda: engine.fibre_lengths(postures)),
        reference=n / measure(lambda: published.fibre_lengths(postures), repeats=1),
        max_difference=float(np.abs(engine.fibre_lengths(postures) - published.fibre_lengths(postures)).max()),
        n=n,
        packages=["opensim"],
    )


class PublishedLoop:
    """As in the code of Sandbrink et al. 2023: four assemblies of the model a posture, all muscles equilibrated."""

    def __init__(self, model_path: Path):
        self.model = opensim.Model(str(model_path))
        self.state = self.model.initSystem()

    def fibre_lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Millimetres, shape (time, muscle)."""
        lengths = []
        for posture in np.radians(joint_angles):
            for name, angle in zip(HUMAN.coordinates, posture, strict=True):
                self.model.getCoordinateSet().get(name).setValue(self.state, float(angle))
            self.model.equilibrateMuscles(self.state)
            lengths.append([self.model.getMuscles().get(name).getFiberLength(self.state) for name in HUMAN.muscles])
        return 1e3 * np.array(lengths)


if __name__ == "__main__":
    main()
