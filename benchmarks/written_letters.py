"""What becomes of real letters: rejections, tracing, jumps of raw and patched muscle paths, beside published ones."""

from pathlib import Path

import click
import numpy as np

from proprionet.arm import profiles
from proprionet.arm.audit import jump_rates
from proprionet.arm.fetch import default_model
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.start_points import find_start_points
from proprionet.letters import pen_files
from proprionet.letters.strokes import ALPHABET
from proprionet.movements.batch import Batch
from proprionet.movements.writing import Limits, WriterSettings

# Sandbrink et al. 2023: median samples of pen letters (a figure of their repository), share of horizontal planes in the
# 4,000 stimuli, fibre lengths (mm) at (50, 40, 20, 75) degrees with OpenSim 4.6.
PUBLISHED_SAMPLES = {"l": 73, "c": 86, "v": 104, "a": 132, "m": 141, "z": 146, "q": 150}
PUBLISHED_HORIZONTAL = 0.491
POSTURE = np.array([[50.0, 40.0, 20.0, 75.0]])
PUBLISHED_FIBRES = {
    "CORB": 72.09,
    "DELT1": 99.40,
    "LAT1": 180.97,
    "ANC": 18.63,
    "BIClong": 116.34,
    "BRD": 148.53,
    "TRIlong": 183.11,
    "TRImed": 94.58,
}
JOINT_JERK = {"human": 1.0, "macaque": 2.0}


@click.command()
@click.argument("letters", type=click.Path(path_type=Path, exists=True))
@click.option("--quick", is_flag=True, help="40 movements instead of 400.")
@click.option("--profile", type=click.Choice(list(JOINT_JERK)), default="human", show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="OpenSim model; the reference arm if not given.")
def main(letters: Path, quick: bool, profile: str, model: Path | None) -> None:
    """Write recorded LETTERS (as dataset/read_letters.py --file takes them) and print what happens to them."""
    path = model or default_model()
    arm = profiles.fitted(profiles.choose(profile), path)
    pen = pen_files.read_letters(letters)
    raw, patched = (EngineSettings.of(arm, path, geometry=geometry) for geometry in ("raw", "patched"))
    settings = WriterSettings(pen, find_start_points(arm), arm, patched, Limits(joint_jerk=JOINT_JERK[profile]), seed=1)
    count = 40 if quick else 400
    batch, rejections = settings.load().write(np.arange(count))
    click.echo(f"{len(pen)} letters, {len(batch)} movements of the {profile} arm ({path.name})")
    draws = len(batch) + sum(number for reason, number in rejections.items() if reason != "given_up")
    said = ", ".join(f"{reason} {number}" for reason, number in rejections.items()) or "none"
    click.echo(f"rejected draws: {draws - len(batch)} of {draws} ({said})")
    click.echo(f"summed tracing error: at most {batch.tracing_error.max():.1e} cm (limit 1e-2)")
    shares = [np.mean(batch.plane == plane) for plane in (0, 1)]
    click.echo(f"horizontal planes: {shares[0]:.3f} (published {PUBLISHED_HORIZONTAL})")
    for name, jerk, unit in (("joint", batch.joint_jerk, "degree"), ("muscle", batch.muscle_jerk, "mm")):
        low, middle, high = np.percentile(jerk, (5, 50, 95))
        click.echo(f"{name} jerk: median {middle:.3f}, 5 to 95 % {low:.3f} to {high:.3f} {unit}/sample^3")
    _samples(pen, batch)
    _jumps(raw, patched, batch)
    if profile == "human":
        _posture(raw)


def _samples(pen, batch: Batch) -> None:
    duration = np.diff(batch.offsets)
    click.echo(f"samples of a movement: {duration.min()} to {duration.max()}, median {np.median(duration):g}")
    click.echo("median samples of a pen letter, published in brackets:")
    for letter, published in PUBLISHED_SAMPLES.items():
        ours = [len(path) for path, label in zip(pen.paths, pen.labels, strict=True) if ALPHABET[label] == letter]
        click.echo(f"  {letter} {np.median(ours):g} ({published})")


def _jumps(raw: EngineSettings, patched: EngineSettings, batch: Batch) -> None:
    """Table of how many movements have a jump, muscle by muscle, before and after the patches."""
    joints = batch.joints.astype(float)
    found = {}
    for name, settings in (("raw", raw), ("patched", patched)):
        found[name] = jump_rates(settings.load().path_lengths(joints), joints, batch.offsets)
        click.echo(f"{name}: {float(found[name]['share_of_movements']):.1%} of movements jump")
    click.echo("muscle: share of movements that jump raw, largest jump (mm) | patched")
    for index, muscle in enumerate(raw.muscles):
        row = [f"{found[name]['share'][index]:.1%} {found[name]['largest_mm'][index]:.1f}" for name in found]
        if found["raw"]["share"][index] or found["patched"]["share"][index]:
            click.echo(f"  {muscle}: {row[0]} | {row[1]}")


def _posture(raw: EngineSettings) -> None:
    lengths = dict(zip(raw.muscles, raw.load().fibre_lengths(POSTURE)[0], strict=True))
    click.echo("fibre lengths (mm) at 50, 40, 20, 75 degrees, published in brackets:")
    for muscle, published in PUBLISHED_FIBRES.items():
        click.echo(f"  {muscle} {lengths[muscle]:.2f} ({published:.2f})")


if __name__ == "__main__":
    main()
