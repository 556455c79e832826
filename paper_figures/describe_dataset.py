"""Describe a data set in figures and numbers, on one page of HTML."""

from pathlib import Path

import click

from proprionet.cli import InputFile, explained, shared_options


@click.command(context_settings={"max_content_width": 120})
@click.argument("dataset", type=InputFile("dataset"))
@click.option(
    "--movements", type=InputFile("movements"), multiple=True, help="Movements it was made of, for what was rejected."
)
@click.option("--session", type=InputFile(), help="Recorded reaches (HDF5) to compare the hand with.")
@click.option(
    "--session-step-s", type=click.FloatRange(min=0.0001), default=0.01, show_default=True, help="Its time step (s)."
)
@shared_options
def describe_dataset(
    dataset: Path,
    movements: tuple[Path, ...],
    session: Path | None,
    session_step_s: float,
    config: Path | None,
    out: Path | None,
    seed: int | None,  # taken, like jobs, as by every script: nothing here is random, and one process is enough
    jobs: int,
    quiet: bool,
    debug: bool,
    dry_run: bool,
) -> None:
    """Describe DATASET: classes, postures, hand, muscles, jerks, examples, and what is wrong with it.

    Beside the page go its figures (PDF and PNG), in a folder of the page's name. What was there before is replaced.

    Example: python paper_figures/describe_dataset.py results/demo/dataset.h5 --movements results/demo/movements.h5
    """
    with explained(debug=debug):
        from contextlib import ExitStack

        from proprionet import store
        from proprionet.config import load
        from proprionet.neural.hand import read_hand
        from proprionet.plotting import dataset_page, style
        from proprionet.progress import track

        out = out or Path("results") / load(config).name / "dataset.html"
        if dry_run:
            click.echo(f"would write {out} and figures beside it from {dataset.name}")
            return
        recorded = None if session is None else read_hand(session, session_step_s)
        with ExitStack() as stack:
            data = stack.enter_context(store.read(dataset, "dataset", finite=True))
            moves = [stack.enter_context(store.read(path, "movements")) for path in movements]
            dataset_page.check_origin(data, moves)
            found = dataset_page.problems(data)
            shown, images = [], {}
            for drawing in track(
                dataset_page.drawings(data, moves, recorded), total=None, about="figures", quiet=quiet
            ):
                images[drawing.name] = style.save(drawing.figure, out.with_suffix(""), drawing.name).read_bytes()
                shown.append(drawing)
            name = f"{out.absolute().parent.name}/{dataset.name}"
            store.write_text(out, dataset_page.render(name, data, found, shown, images))
        click.echo(out)


if __name__ == "__main__":
    describe_dataset()
