"""From letters to padded muscle lengths and velocities in memory: ours, and the published way, on the same letters."""

import json
import time
from pathlib import Path

import click
import numpy as np
from common import measure, report
from inverse_kinematics import published_human, published_macaque
from muscle_lengths import PublishedLoop

from proprionet import spindles
from proprionet.arm import profiles, tables
from proprionet.arm.fetch import default_model
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import ArmProfile
from proprionet.arm.start_points import find_start_points
from proprionet.dataset import MovementStream
from proprionet.letters import pen_files
from proprionet.letters.synthetic import write_letters
from proprionet.movements.batch import Batch
from proprionet.movements.writing import Limits, Loadable, WriterSettings

N_STEPS = {"human": 320, "macaque": 400}
JOINT_JERK = {"human": 1.0, "macaque": 2.0}
PUBLISHED = {"human": published_human, "macaque": published_macaque}


@click.command()
@click.option("--quick", is_flag=True, help="One movement of the published loop, 1,024 of ours.")
@click.option("--profile", type=click.Choice(list(N_STEPS)), default="human", show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="OpenSim model; the reference arm if not given.")
@click.option("--letters", type=click.Path(path_type=Path), help="Recorded letters; synthetic ones if not given.")
def main(quick: bool, profile: str, model: Path | None, letters: Path | None) -> None:
    """Time each way on one core, then the growth with the number of movements and the limit that memory sets.

    The difference of the tables (mm) is that to OpenSim's lengths along the same movements; that of our OpenSim engine
    is to the published loop, along the joint angles that this found.
    """
    path = model or default_model()
    arm = profiles.fitted(profiles.choose(profile), path)
    pen = pen_files.read_letters(letters) if letters else write_letters(20, seed=1)
    places = find_start_points(arm)
    exact = EngineSettings.of(arm, path)
    fast = tables.FastSettings(tables.ensure(exact, arm, 5.0, say=lambda text: click.echo(text, err=True)))

    def writer(engine: Loadable) -> WriterSettings:
        return WriterSettings(pen, places, arm, engine, Limits(joint_jerk=JOINT_JERK[profile]), seed=1)

    def stream(engine: Loadable) -> MovementStream:
        kinematic = spindles.make("kinematic", seed=1)
        return MovementStream(writer(engine).load(), kinematic, per_epoch=1, n_steps=N_STEPS[profile])

    by_tables, by_opensim = stream(fast), stream(exact)
    few, many = (1, 1024) if quick else (4, 8192)
    some, _ = writer(exact).load().write(np.arange(64))
    published_rate, published_difference = published_way(some, arm, path, few)
    rate = many / measure(lambda: by_tables.movements(np.arange(many)))
    report(
        f"{profile}, letters to padded lengths and velocities: tables vs published loop",
        unit="movements/s",
        ours=rate,
        reference=published_rate,
        max_difference=float(np.abs(fast.load().lengths(some.joints) - some.muscle_length).max()),
        n=many,
        packages=["opensim", "numba"],
    )
    report(
        f"{profile}, letters to padded lengths and velocities: OpenSim engine vs published loop",
        unit="movements/s",
        ours=16 / measure(lambda: by_opensim.movements(np.arange(16)), repeats=1),
        reference=published_rate,
        max_difference=published_difference,
        n=16,
        packages=["opensim", "numba"],
    )
    for count in (64, 512, many):
        seconds = measure(lambda count=count: by_tables.movements(np.arange(count)))
        click.echo(json.dumps({"name": f"growth, {profile}", "n": count, "movements/s": count / seconds}))
    click.echo(json.dumps(memory_limit(by_tables.movements(np.arange(64)).inputs, rate)))


def published_way(batch: Batch, arm: ArmProfile, model: Path, count: int) -> tuple[float, float]:
    """Movements/s of the published way, and the largest difference of our OpenSim engine to it (mm)."""
    loop = PublishedLoop(model, arm)
    paths = np.split(batch.hand.astype(float), batch.offsets[1:-1])[:count]
    joints, lengths = [], []
    start = time.perf_counter()
    for path in paths:
        joints.append(PUBLISHED[arm.based_on](path, np.array(arm.start_posture_deg), arm))
        lengths.append(loop.fibre_lengths(joints[-1]))
        np.gradient(lengths[-1], arm.time_step_s, axis=0)
    rate = count / (time.perf_counter() - start)
    ours = EngineSettings.of(arm, model, geometry="raw").load()
    found = [np.abs(ours.lengths(angles) - values) for angles, values in zip(joints, lengths, strict=True)]
    return rate, float(np.nanmax(np.concatenate(found)))


def memory_limit(inputs: np.ndarray, rate: float) -> dict[str, object]:
    """How fast the results could at best be written to memory, and how near to that we are."""
    bytes_each = inputs.nbytes / len(inputs)
    block = np.ones((1024, int(bytes_each) // 4), np.float32)
    target = np.empty_like(block)
    limit = len(block) / measure(lambda: np.copyto(target, block))
    return {"name": "memory limit", "bytes/movement": bytes_each, "movements/s": limit, "reached": rate / limit}


if __name__ == "__main__":
    main()
