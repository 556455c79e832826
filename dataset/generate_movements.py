"""Let the arm write letters: hand, joints and muscle lengths of every movement."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage

PIECE = {"fast": 4096, "exact": 64}  # movements in one resumable piece


@stage("arm", "movements", kind="movements")
@click.argument("letters", type=InputFile("letters"))
@click.argument("start_points", type=InputFile("start_points"))
def generate_movements(run: Run, letters: Path, start_points: Path) -> None:
    """Write LETTERS with the arm, somewhere among START_POINTS.

    Each movement is a letter varied in size, rotation, shear and speed, followed by inverse kinematics and by the
    muscle lengths: from tables made with OpenSim once, whose certificate says how well they agree with it, or from
    OpenSim itself (--engine exact). A draw that the arm cannot follow, that is jerky, or in which a muscle path jumps
    is rejected and drawn again; the counts are in the file. Killed at any moment, the same command goes on from what is
    whole. The result is the same for any number of --jobs, and so are the parts of --shard 1/N, 2/N ... together.

    Example: python dataset/generate_movements.py results/demo/letters.h5 results/demo/start_points.h5
    """

    from proprionet import store
    from proprionet.letters.strokes import ALPHABET, load
    from proprionet.movements import files, setup, writing

    options = run.settings
    arm = setup.choose_arm(options)
    with (
        store.read(letters, "letters", finite=True) as pen,
        store.read(start_points, "start_points", finite=True) as places,
    ):
        setup.check_start_points(places, arm.profile)
        muscles = setup.choose_muscles(options, arm, run.jobs, run.say, run.progress)
        settings = setup.choose_writer(options, arm, muscles, load(pen), places, run.seed)
    about = {**setup.about(arm, options), "alphabet": ALPHABET, "letters": store.sha256(letters)}

    def save(file, result):
        batch, rejections = result
        labels, source = settings.letters.labels[batch.letter], settings.letters.source[batch.letter]
        files.save(file, batch, labels, source, compact=settings.compact)
        file.set(**about, rejections=dict(rejections))

    pieces = writing.pieces(options.per_letter * len(settings.labels), PIECE[options.engine], options.shard)
    what = f"pieces of {PIECE[options.engine]} movements"
    parts = run.in_pieces(settings.load, writing.MovementWriter.write, pieces, save, what)
    with run.write() as out:
        rejected = files.join(out, store.read_each(parts, "movements"))
        if settings.compact:
            setup.keep_tables(out, muscles)
        out.set(**about, rejections=dict(rejected))
        for name, value, unit, more in files.quality(rejected, sum(map(len, pieces))):
            run.headline(name, value, unit, **more)
    run.done("python dataset/make_dataset.py MOVEMENTS")


if __name__ == "__main__":
    generate_movements()
