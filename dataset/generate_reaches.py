"""Let the arm reach for targets: hand, joints and muscle lengths of every reach."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

PIECE = {"fast": 4096, "exact": 64}  # reaches in one resumable piece
ALPHABET = "r"  # all reaches are of one class


@stage("arm", "reaches", kind="movements")
@click.argument("start_points", type=InputFile("start_points"))
def generate_reaches(run: Run, start_points: Path) -> None:
    """Reach from one of START_POINTS to another, straight and with minimum jerk, and rest there.

    The places are those of both planes. The file is like that of written letters, with the target of each reach beside:
    make_dataset.py pads and splits it, and add_torques.py adds the torques at the joints.

    Example: python dataset/generate_reaches.py results/demo/start_points.h5 --out results/demo/reaches/movements.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.movements import files, setup, writing
    from proprionet.reaches import ReachSettings, ReachWriter

    options = run.settings
    arm = setup.choose_arm(options)
    with store.read(start_points, "start_points", finite=True) as places:
        setup.check_start_points(places, arm.profile)
        everywhere = np.concatenate([places["horizontal"], places["vertical"]])
    muscles = setup.choose_muscles(options, arm, run.jobs, run.say, run.progress)
    compact, random_posture = options.form == "compact", options.start_posture == "random"
    limits = setup.choose_limits(options)
    settings = ReachSettings(everywhere, arm.profile, muscles, limits, run.seed, random_posture, compact)
    about = {**setup.about(arm, options), "alphabet": ALPHABET, "letters": files.NO_LETTERS}

    def save(file, result):
        batch, target, rejections = result
        files.save(file, batch, np.zeros(len(batch), int), batch.index, compact=compact)
        file.write("target", target)
        file.set(**about, rejections=dict(rejections))

    pieces = writing.pieces(options.count, PIECE[options.engine], options.shard)
    parts = run.in_pieces(settings.load, ReachWriter.write, pieces, save, f"pieces of {PIECE[options.engine]} reaches")
    with run.write() as out:
        rejected = files.join(out, store.read_each(parts, "movements"))
        if compact:
            setup.keep_tables(out, muscles)
        out.set(**about, rejections=dict(rejected))
        for name, value, unit, more in files.quality(rejected, sum(map(len, pieces))):
            run.headline(name, value, unit, **more)
    run.done("python dataset/make_dataset.py MOVEMENTS, then dataset/add_torques.py DATASET")


if __name__ == "__main__":
    generate_reaches()
