"""Read recorded pen letters."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("pen", kind="letters")
@click.option("--file", type=InputFile(), help="Recorded letters; the UCI set is downloaded if not given.")
def read_letters(run: Run, file: Path | None) -> None:
    """Read recorded pen letters and fit each to a box of 10 cm.

    The file is the UCI set (mixoutALL_shifted.mat), or your own letters as CSV (columns letter, stroke, x, y and, if
    you have it, time_s) or HDF5; dataset/README.md describes both. Without a file the UCI set is taken from the user's
    cache, into which it is downloaded once.

    Example: python dataset/read_letters.py --file mixoutALL_shifted.mat --out results/uci/letters.h5
    """
    from proprionet.letters import pen_files, uci
    from proprionet.letters.strokes import save

    file = file or uci.download_uci()
    letters = pen_files.read_letters(file, run.settings.slow_down, run.settings.keep_aspect)
    run.headline("letters", len(letters), "letters")
    with run.write() as out:
        save(out, letters, origin=file.name)
    run.done("python dataset/find_start_points.py")


if __name__ == "__main__":
    read_letters()
