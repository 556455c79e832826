"""Draw networks from a published search space, and list the jobs that train them."""

import csv
import io
import json
import typing
from pathlib import Path
from typing import Any

import click

from proprionet import config as experiments
from proprionet.cli import explained, shared_options

TASKS = typing.get_args(experiments.Task)


@click.command(context_settings={"max_content_width": 120})
@click.option(
    "--space",
    type=click.Choice(["elife2023", "cell2024"]),
    help="Search space to draw from; that of 2024 has deep networks too  [default: elife2023]",
)
@click.option("--group", "groups", multiple=True, help="Part of the space (repeatable)  [default: all]")
@click.option("--count", type=int, help="Networks of each group  [default: 50]")
@click.option(
    "--network", "given", multiple=True, help="Take this preset or YAML file instead of drawing (repeatable)."
)
@click.option(
    "--task", "tasks", type=click.Choice(TASKS), multiple=True, help="Task (repeatable)  [default: the experiment's]"
)
@click.option("--instances", type=int, help="Seeds of each: S, S + 1, ...  [default: 1]")
@click.option("--untrained/--no-untrained", default=None, help="Add an untrained twin for each network and seed.")
@shared_options
def search(
    groups: tuple[str, ...], given: tuple[str, ...], tasks: tuple[str, ...], config: Path | None, out: Path | None,
    seed: int | None, quiet: bool, debug: bool, dry_run: bool, **options: Any,
) -> None:  # fmt: skip
    """Draw networks at random, each from its own stream of --seed, and write the manifest of the search.

    Makes OUT (JSON, by default results/EXPERIMENT/search.json) and beside it the same jobs as a table (.csv) and a
    folder with a YAML file for each network. A job is one network on one task from one seed; all jobs of a network and
    seed start from the same weights. Jobs are independent, so that they can run anywhere and in any order:

    \b
      tail -n +2 results/demo/search.csv | while IFS=, read -r job network options _; do
        python nn-training/train.py results/demo/dataset.h5 --network "$network" $options --out "networks/$job.h5"
      done

    Example: python nn-training/search.py --network lstm_best --instances 5 --untrained --out results/demo/lstm.json
    """
    with explained(debug=debug):
        from proprionet.errors import InputError
        from proprionet.networks import search as searching
        from proprionet.networks import zoo

        experiment = experiments.load(config)
        chosen = {
            "groups": groups or None,
            **{name: options[name] for name in ("space", "count", "instances", "untrained")},
        }
        section = experiment.search.model_dump() | {name: value for name, value in chosen.items() if value is not None}
        settings = experiments.check(experiments.Search, section, "options")
        seed = experiment.seed if seed is None else seed
        out = out or Path("results") / experiment.name / "search.json"
        if out.suffix != ".json":
            raise InputError(f"{out}: the manifest is a .json file, with a .csv and a folder of that name beside it")
        networks = [zoo.architecture(name) for name in given]
        for group in () if given else settings.groups or searching.SPACES[settings.space]:
            networks += searching.draw(settings.space, group, settings.count, seed)
        instances = range(seed, seed + settings.instances)
        jobs = searching.jobs(networks, tasks or experiment.tasks, instances, settings.untrained)
        about = {"space": None if given else settings.space, "seed": seed}
        message = f"{len({job.network.name for job in jobs})} networks, {len(jobs)} jobs"
        if dry_run:
            click.echo(f"would write {out}: {message}")
        else:
            _write(out, about, jobs)
            if not quiet:
                click.echo(f"{out}: {message}", err=True)
                click.echo(f"next: train the jobs of {out.with_suffix('.csv')}, see --help", err=True)


def _write(out: Path, about: dict[str, Any], jobs: list[Any]) -> None:
    """The networks first and the manifest last: where it is, everything is."""
    import yaml

    from proprionet import __version__, store
    from proprionet.errors import InputError

    folder = out.with_suffix("")
    rows = [_row(job, folder) for job in jobs]
    networks = {job.network.name: job.network.model_dump(mode="json") for job in jobs}
    manifest = {**about, "package_version": __version__, "networks": networks, "jobs": rows}
    text = json.dumps(manifest, indent=1) + "\n"
    with store.locked(out):
        if out.exists() and out.read_text(encoding="utf-8") != text:
            raise InputError(
                f"{out}: was made with other options or by another version; remove it or choose another --out"
            )
        for name, settings in networks.items():
            store.write_text(folder / f"{name}.yaml", yaml.safe_dump(settings, sort_keys=False))
        table = io.StringIO()
        writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        store.write_text(out.with_suffix(".csv"), table.getvalue())
        store.write_text(out, text)


def _row(job: Any, folder: Path) -> dict[str, Any]:
    return {
        "name": job.name,
        "network": str(folder / f"{job.network.name}.yaml"),
        "options": " ".join(job.options),
        "architecture": job.network.name,
        "family": job.network.family,
        "layers": len(job.network.layers()),
        "task": job.task,
        "seed": job.seed,
        "trained": job.trained,
    }


if __name__ == "__main__":
    search()
