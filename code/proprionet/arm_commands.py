"""The commands ``proprionet arm ...``: what to know about an arm model before movements are made with it."""

import functools
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from proprionet.cli import InputFile, explained
from proprionet.progress import track

_PROGRESS = functools.partial(track, quiet=False)
_DEBUG = click.option("--debug", is_flag=True, help="Show the traceback of an error.")
_JOBS = click.option(
    "--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="cores", help="Processes to use."
)
_PROFILE = click.option("--profile", default="human", show_default=True, help="human, macaque, or a YAML file.")
_LIMITS = click.option(
    "--limits",
    type=click.Choice(["profile", "model"]),
    default="profile",
    show_default=True,
    help="Joint limits of the profile, or the ranges of the model.",
)
_CSV = click.option("--csv", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")


@click.group()
def arm() -> None:
    """Describe, audit and tabulate arm models."""


@arm.command()
@click.argument("name", default="human")
@_DEBUG
def show(name: str, debug: bool) -> None:
    """Print the profile of an arm: human, macaque, or a YAML file."""
    with explained(debug=debug):
        import yaml

        from proprionet.arm import profiles

        profile = profiles.choose(name).model_dump(mode="json")
        profile = {"name": profile.pop("name"), **profile}
        click.echo(yaml.safe_dump(profile, sort_keys=False, width=100, allow_unicode=True), nl=False)


@arm.command()
@click.argument("model", type=InputFile())
@_DEBUG
def describe(model: Path, debug: bool) -> None:
    """Draft a profile for a new MODEL (.osim); what it cannot know is marked.

    Example: proprionet arm describe my_arm.osim > my_arm.yaml
    """
    with explained(debug=debug):
        from proprionet.arm import describe as drafting

        click.echo(drafting.draft(model), nl=False)


@arm.command()
@click.argument("model", type=InputFile(), required=False)
@_PROFILE
@_LIMITS
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of postures and movements.")
@_CSV
@_JOBS
@_DEBUG
def audit(model: Path | None, csv: Path | None, jobs: int, debug: bool, seed: int, **options: Any) -> None:
    """Find muscle paths of MODEL that jump, and propose which wraps to leave out.

    Scans postures and smooth movements for jumps, arcs over 180 degrees, lengths that cannot be computed and lengths
    that depend on history; names the muscle and the wrap object, and says what leaving it out costs in mm. The
    reference arm is audited if MODEL is not given.

    Example: proprionet arm audit my_arm.osim --profile my_arm.yaml
    """
    with explained(debug=debug):
        from proprionet.arm import audit as auditing
        from proprionet.movements.setup import choose_arm

        chosen = choose_arm(SimpleNamespace(model=model, **options))
        found = auditing.audit(chosen.model, chosen.profile, jobs=jobs, seed=seed, progress=_PROGRESS)
        _show(found, csv)


@arm.command()
@click.argument("model", type=InputFile(), required=False)
@_PROFILE
@_LIMITS
@click.option(
    "--length-kind",
    type=click.Choice(["fibre", "path", "fibre_tendon"]),
    default="fibre",
    show_default=True,
    help="Fibre, muscle-tendon path, or fibre + tendon.",
)
@click.option("--grid-deg", type=click.FloatRange(1, 30), default=5.0, show_default=True, help="Spacing (degrees).")
@_CSV
@_JOBS
@_DEBUG
def tables(
    model: Path | None, csv: Path | None, jobs: int, debug: bool, length_kind: Any, grid_deg: float, **options: Any
) -> None:
    """Make the muscle tables of MODEL, from which the fast engine takes lengths; print their certificate.

    They are made once with OpenSim and kept in the user's cache. The certificate holds the errors of length and
    velocity of every muscle against OpenSim, on movements that were not used to make the tables.

    Example: proprionet arm tables --length-kind fibre
    """
    with explained(debug=debug):
        from proprionet.arm import tables as tabulating
        from proprionet.arm.muscles import EngineSettings
        from proprionet.movements.setup import choose_arm

        chosen = choose_arm(SimpleNamespace(model=model, **options))
        exact = EngineSettings.of(chosen.profile, chosen.model, length_kind=length_kind)
        path = tabulating.ensure(exact, chosen.profile, grid_deg, jobs=jobs, say=_say, progress=_PROGRESS)
        click.echo(path)
        _show(tabulating.load(path).certificate, csv)


@arm.command()
@click.argument("model", type=InputFile())
@click.argument("markers", type=InputFile())
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--segment",
    "segments",
    multiple=True,
    help="BODY,BODY=MARKER:MARKER, what is measured; upper arm and forearm of the macaque arm if not given.",
)
@click.option("--factor", "factors", multiple=True, help="BODY=FACTOR of a body that is not measured.")
@click.option("--marker-axes", default="x,y,z", show_default=True, help="Their axes forward, up and to the right.")
@_DEBUG
def scale(
    model: Path,
    markers: Path,
    out: Path,
    segments: tuple[str, ...],
    factors: tuple[str, ...],
    marker_axes: str,
    debug: bool,
) -> None:
    """Scale MODEL to an animal by its recorded MARKERS (a .trc file, or a session), and write it to OUT.

    The length of a segment is the distance between two markers, held against that in the model in the same posture. The
    scaled model has a new name in all files made with it, by its SHA-256.

    Example: proprionet arm scale Chips.osim session.h5 mine.osim --factor clavicle=1.2 --factor scapula=1.2
    """
    with explained(debug=debug):
        from proprionet.arm.axes import rotation

        turn = rotation(marker_axes)
        from proprionet.arm import markers as marker_kinematics
        from proprionet.arm import scaling

        recorded, names = _markers(markers)
        known = marker_kinematics.known(model, names)
        seen = recorded[:, known] @ turn.T
        wanted = [_segment(text) for text in segments] or scaling.MACAQUE
        found = scaling.measure(model, seen, [names[i] for i in known], wanted, dict(map(_factor, factors)))
        scaling.write_scaled(model, out, found)
        for body, factor in found.items():
            click.echo(f"{body}  {factor:.4f}")


def _markers(path: Path) -> tuple[Any, Any]:
    """Markers of a file, (time, marker, 3) in cm, and their names."""
    if path.suffix.lower() == ".trc":
        from proprionet.arm.trc import read_trc

        found = read_trc(path)
        return found.positions, found.names
    from proprionet import store
    from proprionet.errors import InputError

    with store.read(path, "session") as session:
        if "markers" not in session:
            raise InputError(f"{path.name}: holds no markers")
        return session["markers"].astype(float), session.attribute("marker_names")


def _segment(text: str) -> Any:
    from proprionet.arm.scaling import Segment
    from proprionet.errors import InputError

    bodies, _, markers = text.partition("=")
    first, _, second = markers.partition(":")
    if not (bodies and first and second):
        raise InputError(f"--segment {text}: expected BODY=MARKER:MARKER, or several bodies with commas")
    return Segment((first, second), tuple(bodies.split(",")))


def _factor(text: str) -> tuple[str, float]:
    from proprionet.errors import InputError

    body, _, factor = text.partition("=")
    try:
        return body, float(factor)
    except ValueError:
        raise InputError(f"--factor {text}: expected BODY=FACTOR, as clavicle=1.2") from None


def _say(text: str) -> None:
    click.echo(text, err=True)


def _show(found: Any, csv: Path | None) -> None:
    """Print a report, and write its table as CSV."""
    click.echo(found.report())
    if csv is not None:
        import pandas as pd

        from proprionet import store

        store.write_text(csv, pd.DataFrame(found.rows()).to_csv(index=False))
