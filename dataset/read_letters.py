"""Read recorded pen letters."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("pen", kind="letters")
@click.argument("file", type=InputFile())
def read_letters(run: Run, file: Path) -> None:
    """Read pen letters from FILE and fit each to a box of 10 cm.

    FILE is the UCI set (mixoutALL_shifted.mat, see `proprionet fetch letters`), or your own letters as CSV
    (columns letter, stroke, x, y and, if you have it, time_s) or HDF5; dataset/README.md describes both.

    Example: python dataset/read_letters.py data/mixoutALL_shifted.mat --out results/uci/letters.h5
    """
    from proprionet.letters import pen_files
    from proprionet.letters.strokes import save

    letters = pen_files.read_letters(file, run.settings.slow_down, run.settings.keep_aspect)
    run.headline("letters", len(letters), "letters")
    with run.write() as out:
        save(out, letters, origin=file.name)
    run.done("python dataset/find_start_points.py")


if __name__ == "__main__":
    read_letters()
