"""The command ``proprionet``: look at files, fetch what is not shipped, check the machine."""

import sys
from pathlib import Path
from typing import Any

import click

import proprionet
from proprionet.arm_commands import arm
from proprionet.cli import explained


@click.group(context_settings={"max_content_width": 120})
@click.version_option(proprionet.__version__)
def main() -> None:
    """Task-driven models of proprioception, from handwriting to neurons."""


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def info(file: Path, debug: bool) -> None:
    """Say what FILE holds and where it came from.

    Example: proprionet info results/demo/movements.h5
    """
    with explained(debug=debug):
        from proprionet import store

        with store.read(file) as reader:
            attributes = reader.attributes()
            kind = store.KINDS[reader.kind]
            click.echo(f"{file}: {kind.name} (schema {attributes.pop('schema_version')}), {kind.about}")
            click.echo("\ndatasets")
            for name, (shape, dtype, units, dims) in reader.shapes().items():
                click.echo(f"  {name:28} {' x '.join(map(str, shape)) or 'one'} {dtype} [{units}]  ({dims})")
            click.echo("\nattributes")
            for name, value in attributes.items():
                if name not in ("kind", "fingerprints"):
                    _echo(name, value, indent=2)


def _echo(name: str, value: Any, indent: int) -> None:
    if isinstance(value, dict) and value:
        click.echo(f"{' ' * indent}{name}")
        for key, item in value.items():
            _echo(key, item, indent + 2)
    else:
        click.echo(f"{' ' * indent}{name}: {value}")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def validate(files: tuple[Path, ...], debug: bool) -> None:
    """Check that FILES are whole and good.

    Each must fit its kind, down to the last number. Movements and data sets must also make sense: lengths without
    jumps, joints within their limits, no movement twice, no pen letter in two parts. Exit code 2 if any does not.
    Example: proprionet validate results/demo/*.h5
    """
    from proprionet import inspection, store
    from proprionet.errors import InputError

    bad = 0
    for file in files:
        try:
            with store.read(file, finite=True) as reader:
                inspection.check(reader)
                click.echo(f"{file}: good ({reader.kind})")
                for warning in inspection.warnings(reader):
                    click.echo(f"  but {warning}")
        except InputError as error:
            if debug:
                raise
            bad += 1
            click.echo(f"Error: {error}", err=True)
    if bad:
        click.echo(f"{bad} of {len(files)} files are bad", err=True)
        sys.exit(2)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def experiment(file: Path, debug: bool) -> None:
    """Check an experiment (YAML); print its name.

    Example: proprionet experiment config/demo.yaml
    """
    with explained(debug=debug):
        from proprionet.config import load

        click.echo(load(file).name)


@main.group()
def fetch() -> None:
    """Fetch what the project may not ship."""


@fetch.command("arm")
@click.option("--offline", is_flag=True, help="Use only what is in the cache already.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def fetch_arm_command(offline: bool, debug: bool) -> None:
    """Fetch the reference human arm (MoBL-ARMS)."""
    with explained(debug=debug):
        from proprionet.arm import fetch as arm

        cached = arm.is_reference_model(arm.cache_path())
        path = arm.fetch_arm(offline=offline)
        if not cached:
            click.echo(arm.ARM_LICENCE, err=True)
        click.echo(path)


@fetch.command("letters")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to, if not the user's cache.")
@click.option("--sha256", help="Refuse any other file than the one with this SHA-256.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def fetch_letters_command(folder: Path | None, sha256: str | None, debug: bool) -> None:
    """Download the UCI Character Trajectories."""
    with explained(debug=debug):
        from proprionet.letters.uci import download_uci

        click.echo(download_uci(folder, sha256=sha256))


@fetch.command("area2-bump")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to, if not the user's cache.")
@click.option("--sha256", help="Refuse any other file than the one with this SHA-256.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def fetch_area2_bump_command(folder: Path | None, sha256: str | None, debug: bool) -> None:
    """Download monkey Han's area 2, active and passive (DANDI 000127, 1.8 GB, CC BY 4.0)."""
    with explained(debug=debug):
        from proprionet.neural.recordings import fetch as recordings

        path = recordings.fetch_area2_bump(folder, sha256=sha256, progress=_shown(recordings.AREA2_BUMP))
        if sha256 is None:
            starts, ends = recordings.AREA2_BUMP_SHA256
            click.echo(f"Its SHA-256 begins with {starts} and ends with {ends}; the rest is not known here", err=True)
        click.echo(path)


@fetch.command("zenodo")
@click.argument("record")
@click.argument("names", nargs=-1)
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to, if not the user's cache.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def fetch_zenodo_command(record: str, names: tuple[str, ...], folder: Path | None, debug: bool) -> None:
    """Download files NAMES of a published RECORD, or list what it holds.

    RECORD is cell2024-recordings, cell2024-networks, cell2024-spindles or elife2023. Files are checked against the
    checksums that the record itself states. Example: proprionet fetch zenodo cell2024-recordings
    """
    with explained(debug=debug):
        from proprionet.errors import InputError
        from proprionet.neural.recordings import fetch as recordings

        held = {file.name: file for file in recordings.files_of_record(record)}
        if unknown := [name for name in names if name not in held]:
            raise InputError(f"{record}: holds no file '{unknown[0]}' (known: {', '.join(held)})")
        for name in names:
            click.echo(recordings.fetch_of_record(held[name], folder, _shown(name)))
        for file in () if names else held.values():
            click.echo(f"{file.name}  {file.n_bytes / 1e6:.1f} MB  {file.checksum}")


def _shown(about: str) -> Any:
    """Progress of a download, in blocks of 1 MiB."""
    from proprionet.progress import track

    return lambda blocks, total: track(blocks, total=total, about=about, quiet=False)


main.add_command(arm)


@main.command()
def spindles() -> None:
    """Print every spindle model: what it computes, its parameters, their units and sources."""
    from proprionet.spindles import MODELS

    for model in MODELS.values():
        click.echo(f"{model.card.model}: {model.card.formula}")
        for row in model.card.rows():
            unit = "" if row["unit"] == "1" else f" [{row['unit']}]"
            click.echo(f"  {row['parameter']}: {row['value']}{unit} ({row['source']})")


@main.command()
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def doctor(debug: bool) -> None:
    """Say what works on this machine, and how to get the rest.

    Python, OpenSim, TensorFlow and GPU, disk, memory, the arm model, optional parts.
    """
    with explained(debug=debug):
        from proprionet.doctor import check

        findings = check()
        for finding in findings:
            mark = {True: "ok", False: "MISSING", None: "optional"}[finding.ok]
            remedy = f"  -> {finding.remedy}" if finding.ok is not True and finding.remedy else ""
            click.echo(f"{mark:9} {finding.name:16} {finding.detail}{remedy}")
        sys.exit(1 if any(finding.ok is False for finding in findings) else 0)
