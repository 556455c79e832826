"""Let the arm write letters: hand, joints and muscle lengths of every movement."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

BLOCK = 20  # movements in one resumable piece


@stage("arm", "movements", kind="movements")
@click.argument("letters", type=InputFile("letters"))
@click.argument("start_points", type=InputFile("start_points"))
def generate_movements(run: Run, letters: Path, start_points: Path) -> None:
    """Write LETTERS with the arm, somewhere among START_POINTS.

    Each movement is a letter varied in size, rotation, shear and speed, followed by inverse kinematics and by OpenSim
    for the muscle lengths. A draw that the arm cannot follow, that is jerky, or in which a muscle path jumps is
    rejected and drawn again; the counts are in the file. Killed at any moment, the same command goes on from what is
    whole, with the same result for any number of --jobs.

    Example: python dataset/generate_movements.py results/demo/letters.h5 results/demo/start_points.h5
    """
    import numpy as np

    from proprionet import movements, store, workers
    from proprionet.arm import fetch, profiles
    from proprionet.arm.muscles import EngineSettings
    from proprionet.errors import InputError
    from proprionet.letters.strokes import ALPHABET, load

    options = run.settings
    profile = profiles.choose(options.profile)
    model = options.model or fetch.default_model()
    with (
        store.read(letters, "letters", finite=True) as pen,
        store.read(start_points, "start_points", finite=True) as places,
    ):
        found_with = set(places.attribute("inputs").values())
        profile_now = {store.sha256(options.profile)} if options.profile else set()
        if places.attribute("arm") != profile.name or (found_with and found_with != profile_now):
            raise InputError(
                f"{start_points}: was found for the arm '{places.attribute('arm')}', not for '{profile.name}' as its "
                "profile is now; find start points again with the same --profile"
            )
        settings = movements.WriterSettings(
            letters=load(pen),
            start_points={plane: places[plane] for plane in movements.PLANES},
            profile=profile,
            engine=EngineSettings.of(profile, model, geometry=options.geometry, length_kind=options.length_kind),
            limits=movements.Limits(options.tracing_error_limit, options.joint_jerk_limit, options.max_attempts),
            seed=run.seed,
        )
    blocks = movements.blocks(np.unique(settings.letters.labels), options.per_letter, BLOCK)
    parts = [run.parts / f"block-{index:06d}.h5" for index in range(len(blocks))]
    missing = [index for index, part in enumerate(parts) if not run.up_to_date(part)]
    if len(missing) < len(blocks):
        run.say(f"going on: {len(blocks) - len(missing)} of {len(blocks)} blocks are there")

    about = {
        "alphabet": ALPHABET,
        "arm": f"{profile.name} ({model.name}, SHA-256 {store.sha256(model)[:12]})",
        "joint_names": list(profile.coordinates),
        "muscle_names": list(profile.muscles),
        "length_kind": options.length_kind,
        "geometry": options.geometry,
    }
    work = [blocks[index] for index in missing]
    done = workers.run(settings.load, movements.MovementWriter.write, work, run.jobs)
    for index, (written, rejections) in run.progress(done, total=len(work), about=f"blocks of {BLOCK} movements"):
        with run.write(parts[missing[index]]) as file:
            movements.save(file, written, settings.letters, rejections)
            file.set(**about)

    with run.write() as out:
        rejected = movements.join(out, store.read_each(parts, "movements"))
        out.set(**about)
        n_movements = sum(map(len, blocks)) - rejected["given_up"]
        draws = n_movements + sum(count for reason, count in rejected.items() if reason != "given_up")
        run.headline("movements", n_movements, "movements")
        run.headline("rejection_rate", (draws - n_movements) / draws, "of draws", n=draws)
        run.headline("wrap_jump_rate", rejected["muscle_jump"] / draws, "of draws", n=draws)
    run.done("python dataset/make_dataset.py MOVEMENTS")


if __name__ == "__main__":
    generate_movements()
