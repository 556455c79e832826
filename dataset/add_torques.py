"""Add the torques at the joints to a data set."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

PIECE = 1024  # movements in one resumable piece


@stage("arm", "torques", kind="dataset")
@click.argument("dataset", type=InputFile("dataset"))
def add_torques(run: Run, dataset: Path) -> None:
    """Add to DATASET (letters or reaches) the torques that its arm needs, by inverse dynamics in OpenSim.

    Muscles are switched off, gravity is on, and joints that follow others pass their torque on to them. Where the arm
    is held, so is the torque at that end of the movement. A table of the torques beside what muscles can give is
    written next to the data set (CSV).

    Example: python dataset/add_torques.py results/demo/dataset.h5 --out results/demo/with_torques.h5
    """
    import numpy as np
    import pandas as pd

    from proprionet import store
    from proprionet.arm import dynamics
    from proprionet.dataset import torques
    from proprionet.movements import files, setup

    arm = setup.choose_arm(run.settings)
    profile = arm.profile
    with store.read(dataset, "dataset", finite=True) as data:
        setup.check_same_arm(data, arm)
        first, n_samples = data["first"], data["n_samples"]
        blocks = [slice(start, min(start + PIECE, len(first))) for start in range(0, len(first), PIECE)]
        work = [torques.Padded(rows, data.dataset("joints")[rows], first[rows], n_samples[rows]) for rows in blocks]
        step = data.attribute("time_step_s")
        settings = torques.TorqueSettings(
            arm.model, profile.coordinates, profile.model_signs, run.settings.arm_mass_kg or profile.arm_mass_kg, step
        )
        declared = {name: array.dims or () for name, array in store.KINDS["dataset"].arrays.items() if name != "torque"}
        of_movement = [name for name, dims in declared.items() if name in data and "movement" in dims]
        about = {name: data.attribute(name) for name in (*files.ABOUT_ARM, "spindle", "split_by")}

        def save(file, result):
            rows, torque = result
            for name in of_movement:
                file.write(name, data.dataset(name)[rows])
            file.write("torque", torque)
            file.set(**about)

        parts = run.in_pieces(settings.load, torques.TorqueFinder.find, work, save, f"pieces of {PIECE} movements")
        table = []
        with run.write() as out:
            for piece in store.read_each(parts, "dataset"):
                for name in (*of_movement, "torque"):
                    out.append(name, piece[name])
                table.append(piece["torque"])
            for family in ("statistics", "tables"):
                for name, values in data.family(family).items():
                    out.write(f"{family}/{name}", values)
            out.set(**about)
            found = np.concatenate(table).transpose(0, 2, 1).reshape(-1, len(profile.coordinates))
            peaks = dynamics.PHYSIOLOGICAL_PEAK_TORQUE_NM[profile.based_on]
            rows = dynamics.torque_ranges(found, profile.coordinates, peaks)
            for row in rows:
                run.headline(f"peak_torque_{row.joint}", row.peak, "N m", physiological=row.physiological_peak)
    named = {name: f"{name}_nm" for name in ("percentile_1", "median", "percentile_99", "peak", "physiological_peak")}
    store.write_text(run.out.with_suffix(".csv"), pd.DataFrame(rows).round(4).rename(columns=named).to_csv(index=False))
    run.done("python nn-training/train.py DATASET")


if __name__ == "__main__":
    add_torques()
