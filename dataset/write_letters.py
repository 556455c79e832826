"""Write synthetic pen letters."""

from proprionet.cli import Run, stage


@stage("letters", kind="letters")
def write_letters(run: Run) -> None:
    """Write the 20 single-stroke letters by the project's own synthetic writer.

    Each letter is a spline with human-like speed and variability, fitted to a box of 10 cm.

    Example: python dataset/write_letters.py --per-letter 40 --out results/demo/letters.h5
    """
    from proprionet.letters.strokes import save
    from proprionet.letters.synthetic import write_letters

    letters = write_letters(run.settings.per_letter, run.seed)
    run.headline("letters", len(letters), "letters")
    with run.write() as file:
        save(file, letters, origin="synthetic")
    run.done("python dataset/find_start_points.py")


if __name__ == "__main__":
    write_letters()
