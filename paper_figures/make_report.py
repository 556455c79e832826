"""Gather the results of an experiment into figures, headline numbers and one page of HTML."""

from pathlib import Path

import click

from proprionet.cli import InputFile, explained, shared_options


@click.command(context_settings={"max_content_width": 120})
@click.argument("results", nargs=-1, required=True, type=InputFile())
@shared_options
def make_report(
    results: tuple[Path, ...],
    config: Path | None,
    out: Path | None,
    seed: int | None,  # taken, like jobs, as by every script: nothing here is random, and one process is enough
    jobs: int,
    quiet: bool,
    debug: bool,
    dry_run: bool,
) -> None:
    """Draw every figure that RESULTS allow, and write the report of the experiment.

    Any result files may be given, in any order; stages without one are left out. Beside the page go summary.json
    (headline numbers and run times) and figures/ (PDF and PNG). What was there before is replaced.

    Example: python paper_figures/make_report.py results/demo/*.h5 results/demo/*/*.h5 --config config/demo.yaml
    """
    with explained(debug=debug):
        import json

        from proprionet import store
        from proprionet.config import load
        from proprionet.plotting import gather, report, sections, style
        from proprionet.progress import track

        experiment = load(config)
        out = out or Path("results") / experiment.name / "report.html"
        found = gather.gather(results)
        if dry_run:
            stages = ", ".join(result.stage for result in found)
            click.echo(f"would write {out}, summary.json and figures/ in {out.parent} from {stages}")
            return
        parts = sections.sections(found)
        images = {}
        drawings = [drawing for part in parts for drawing in part.drawings]
        for drawing in track(drawings, total=len(drawings), about="figures", quiet=quiet):
            images[drawing.name] = style.save(drawing.figure, out.parent / "figures", drawing.name).read_bytes()
        name = experiment.name if config else out.absolute().parent.name
        page = report.render(parts, images, name, experiment if config else None)
        summary = report.summarise(name, found)
        store.write_text(out.parent / "summary.json", json.dumps(summary, indent=2, allow_nan=False) + "\n")
        store.write_text(out, page)
        click.echo(out)


if __name__ == "__main__":
    make_report()
